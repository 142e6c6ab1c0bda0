//! Grids as a map file, in any of the formats and datums.
//!
//! Must not write anything about a person: the posted worker stays out.

use jingwei_core::access::Principal;
use jingwei_core::code::DivisionCode;
use jingwei_core::grids::{GridRow, Layer};
use jingwei_core::label::Label;
use jingwei_core::place::Datum;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::time::Day;
use jingwei_mapfiles::{Column, Format, Kind, Row, Value};
use jingwei_store::grids as store;
use uuid::Uuid;

use super::{rows, sees};
use crate::error::{EngineError, Result};
use crate::node::Node;

/// Most grids of an export over HTTP: those of a large city.
const MOST_GRIDS: usize = 50_000;

/// What is exported.
#[derive(Debug, Clone)]
pub struct ExportQuery {
    /// Format.
    pub format: Format,
    /// Layer.
    pub layer: Layer,
    /// Only those in this division; everything that one sees when not said.
    pub division: Option<String>,
    /// The day on which they stand; today when not said.
    pub day: Option<Day>,
    /// Datum of the positions; WGS84 when not said.
    pub datum: Option<Datum>,
}

/// A map file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFileOut {
    /// Its name.
    pub name: String,
    /// Its type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

const COLUMNS: [Column<'static>; 14] = [
    text("code"),
    text("name"),
    text("layer"),
    text("host"),
    text("hosts"),
    text("parent"),
    text("kind"),
    Column {
        name: "households",
        kind: Kind::Integer,
    },
    Column {
        name: "area_m2",
        kind: Kind::Integer,
    },
    text("supervision_phone"),
    text("season"),
    text("valid_from"),
    text("valid_to"),
    text("source"),
];

const fn text(name: &'static str) -> Column<'static> {
    Column {
        name,
        kind: Kind::Text,
    }
}

/// The texts of a grid that are made for the file.
struct Texts {
    hosts: String,
    parent: Option<String>,
    season: Option<String>,
    from: String,
    to: Option<String>,
}

impl Node {
    /// The grids that somebody sees (all, for the one who runs the machine) as a map file.
    pub async fn export_grids(
        &self,
        by: Option<&Principal>,
        query: &ExportQuery,
    ) -> Result<MapFileOut> {
        let world = self.world();
        let within = world.within(query.division.as_deref())?;
        let place = self.place();
        let day = query.day.unwrap_or_else(|| self.now().local_day());
        let shown = |division: &DivisionCode| {
            within
                .as_ref()
                .is_none_or(|codes| codes.iter().any(|code| code.covers(division)))
                && by.is_none_or(|by| sees(by, division))
        };
        let most = if by.is_some() {
            MOST_GRIDS
        } else {
            usize::MAX - 1
        };
        let keys: Vec<(Uuid, i64)> = place
            .grids
            .list(query.layer, day, None)
            .filter(|grid| grid.divisions().any(shown))
            .map(|grid| (grid.id().0, i64::from(grid.version())))
            .take(most + 1)
            .collect();
        if keys.len() > most {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "?division",
                "too_large",
                "一次最多导出 50000 个网格，请选小一些的区划",
                "at most 50,000 grids at once: choose a smaller division",
            )])
            .into());
        }
        let mut grids: Vec<(i64, GridRow)> = Vec::with_capacity(keys.len());
        for keys in keys.chunks(5_000) {
            let keys = keys.to_vec();
            let read = self.read(move |tx| {
                store::load(tx, keys)?
                    .iter()
                    .map(|row| Ok((row.area_m2, rows::grid(row)?)))
                    .collect::<Result<Vec<_>>>()
            });
            grids.extend(read.await?);
        }
        grids.sort_by(|a, b| a.1.code.cmp(&b.1.code));
        let parents = parents(self, &grids).await?;
        let (format, datum) = (query.format, query.datum.unwrap_or(Datum::Wgs84));
        let layer = query.layer;
        let write = move || {
            let texts: Vec<Texts> = grids
                .iter()
                .map(|(_, grid)| Texts {
                    hosts: grid
                        .about
                        .hosts
                        .iter()
                        .map(DivisionCode::as_str)
                        .collect::<Vec<_>>()
                        .join("|"),
                    parent: grid.about.parent.and_then(|id| parents.get(&id.0).cloned()),
                    season: grid.season.map(|season| season.to_string()),
                    from: grid.valid_from.to_string(),
                    to: grid.valid_to.map(|day| day.to_string()),
                })
                .collect();
            let rows: Vec<Row<'_>> = grids
                .iter()
                .zip(&texts)
                .map(|((area, grid), texts)| Row {
                    shape: &grid.shape,
                    values: values(*area, grid, texts),
                })
                .collect();
            jingwei_mapfiles::write(format, "grids", &COLUMNS, &rows, datum)
        };
        let written = tokio::task::spawn_blocking(write)
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))?;
        let bytes = written.map_err(|fault| {
            Refusal::Invalid(vec![FieldFault::new(
                "?format",
                "cannot_hold",
                format!("这个格式放不下：{fault}"),
                format!("the format cannot hold it: {fault}"),
            )])
        })?;
        let of = query.division.as_deref().unwrap_or("all");
        Ok(MapFileOut {
            name: format!("grids-{layer}-{of}-{}.{}", day.0, format.extension()),
            content_type: format.content_type(),
            bytes,
        })
    }
}

fn values<'a>(area: i64, grid: &'a GridRow, texts: &'a Texts) -> Vec<Value<'a>> {
    let about = &grid.about;
    let text = |text: Option<&'a str>| {
        text.filter(|text| !text.is_empty())
            .map_or(Value::None, Value::Text)
    };
    vec![
        Value::Text(grid.code.as_str()),
        Value::Text(about.name.as_str()),
        Value::Text(grid.layer.as_str()),
        Value::Text(grid.host.as_str()),
        text(Some(&texts.hosts)),
        text(texts.parent.as_deref()),
        text(about.kind.as_ref().map(Label::as_str)),
        about
            .households
            .map_or(Value::None, |n| Value::Integer(i64::from(n))),
        Value::Integer(area),
        text(about.supervision_phone.as_deref()),
        text(texts.season.as_deref()),
        Value::Text(&texts.from),
        text(texts.to.as_deref()),
        text(about.source.as_ref().map(Label::as_str)),
    ]
}

/// Codes of the base grids from which micro-grids hang.
async fn parents(
    node: &Node,
    grids: &[(i64, GridRow)],
) -> Result<std::collections::HashMap<Uuid, String>> {
    let mut ids: Vec<Uuid> = grids
        .iter()
        .filter_map(|(_, grid)| grid.about.parent)
        .map(|id| id.0)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(std::collections::HashMap::new());
    }
    let versions = node
        .read(move |tx| Ok(store::versions_of(tx, &ids)?))
        .await?;
    Ok(versions.into_iter().map(|row| (row.id, row.code)).collect())
}
