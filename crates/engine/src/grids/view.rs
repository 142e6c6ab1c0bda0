//! What people see of grids: lists and one grid with its history, in the words of the API.

use std::collections::{BTreeMap, HashMap};

use jingwei_core::access::Principal;
use jingwei_core::code::DivisionCode;
use jingwei_core::grids::{GridRow, Layer, judge};
use jingwei_core::id::PersonId;
use jingwei_core::place::Shape;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::time::Day;
use jingwei_store::grids as store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{load_rules, rows, sees};
use crate::cases::{Ref, UnitRef};
use crate::error::Result;
use crate::node::Node;
use crate::vault::Vault;
use crate::world::World;

/// A border as GeoJSON has it: always a `MultiPolygon`, WGS84, outer rings against the clock (RFC 7946).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BorderView {
    /// `MultiPolygon`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Polygons, their rings (the first outside), positions (longitude, latitude); rings are closed.
    #[schema(value_type = Vec<Vec<Vec<Vec<f64>>>>)]
    pub coordinates: Vec<Vec<Vec<[f64; 2]>>>,
}

impl BorderView {
    pub(crate) fn of(shape: &Shape) -> Self {
        let ring = |ring: &Vec<jingwei_core::place::Point>| {
            let mut ring: Vec<[f64; 2]> = ring
                .iter()
                .map(|point| [point.lon(), point.lat()])
                .collect();
            ring.extend(ring.first().copied());
            ring
        };
        let polygons = shape.polygons().iter();
        Self {
            kind: "MultiPolygon".to_owned(),
            coordinates: polygons
                .map(|polygon| {
                    std::iter::once(&polygon.outer)
                        .chain(&polygon.holes)
                        .map(ring)
                        .collect()
                })
                .collect(),
        }
    }
}

/// The worker whose name is posted at a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkerView {
    /// Id.
    pub id: Uuid,
    /// Name, as it is posted at the grid; the telephone posted is that of supervision.
    pub name: Option<String>,
}

/// A grid in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GridView {
    /// Id, for ever.
    pub id: Uuid,
    /// Version.
    pub version: u32,
    /// Code.
    pub code: String,
    /// `base`, `dedicated`, `micro` or `mobile`.
    pub layer: String,
    /// Name.
    pub name: String,
    /// The community it lies in; of a mobile grid the county that leads.
    pub host: Ref,
    /// The divisions that a mobile grid goes through.
    pub hosts: Vec<Ref>,
    /// What a dedicated grid is.
    pub kind: Option<String>,
    /// Households, when known.
    pub households: Option<u32>,
    /// Households against the rule: `light`, `fits`, `heavy`, `not-judged`.
    pub load: String,
    /// Area in square metres.
    pub area_m2: i64,
    /// The unit that leads a mobile grid.
    pub lead_unit: Option<UnitRef>,
    /// The worker whose name is posted.
    pub worker: Option<WorkerView>,
    /// Supervision telephone.
    pub supervision_phone: Option<String>,
    /// Season of a mobile grid, `MMDD-MMDD`.
    pub season: Option<String>,
    /// First day of this version.
    pub valid_from: String,
    /// Last day; none while it stands.
    pub valid_to: Option<String>,
    /// The act that made this version.
    pub act: String,
    /// Where the border comes from, when it was not drawn here.
    pub source: Option<String>,
    /// West, south, east, north in degrees.
    #[schema(value_type = Vec<f64>)]
    pub bounds: [f64; 4],
    /// A point inside, for its label (longitude, latitude).
    #[schema(value_type = Vec<f64>)]
    pub at: [f64; 2],
}

/// A page of grids.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GridPage {
    /// By code.
    pub items: Vec<GridView>,
    /// Pass as `after` for the next page; none on the last.
    pub next: Option<String>,
}

/// One version of a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GridVersion {
    /// Version.
    pub version: u32,
    /// Code in it.
    pub code: String,
    /// First day.
    pub valid_from: String,
    /// Last day; none while it stands.
    pub valid_to: Option<String>,
    /// The act that made it.
    pub act: String,
    /// The border is another than in the version before.
    pub border_changed: bool,
    /// Area in square metres.
    pub area_m2: i64,
}

/// A grid with border and history.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GridDetail {
    /// The grid as it stands, or as it last stood.
    pub grid: GridView,
    /// Its border.
    pub shape: BorderView,
    /// Code of the base grid from which a micro-grid hangs.
    pub parent: Option<String>,
    /// Its versions, oldest first; those to come as well.
    pub versions: Vec<GridVersion>,
    /// Codes of the grids whose land it took over.
    pub before: Vec<String>,
    /// Codes of the grids that took over its land.
    pub after: Vec<String>,
}

/// Which grids a list shows.
#[derive(Debug, Clone)]
pub struct GridQuery {
    /// Layer.
    pub layer: Layer,
    /// Only those in this division.
    pub division: Option<String>,
    /// The day on which they stand; today when not said.
    pub day: Option<Day>,
    /// Only those after this code.
    pub after: Option<String>,
    /// 1 to 500.
    pub limit: usize,
}

/// Makes views of rows.
pub(super) struct Views<'a> {
    pub(super) world: &'a World,
    pub(super) vault: &'a Vault,
}

impl Views<'_> {
    pub(super) fn grid(&self, row: &GridRow, area_m2: i64) -> Result<GridView> {
        let (world, about) = (self.world, &row.about);
        let (bounds, at) = (row.shape.bounds(), row.shape.inside());
        let degrees = |e7: i32| f64::from(e7) / 1e7;
        let load = match row.layer {
            Layer::Base => judge(
                &row.host,
                about.households,
                load_rules(&world.rules.settings),
            )
            .as_str(),
            _ => "not-judged",
        };
        Ok(GridView {
            id: row.id.0,
            version: row.version,
            code: row.code.as_str().to_owned(),
            layer: row.layer.as_str().to_owned(),
            name: about.name.as_str().to_owned(),
            host: world.division_ref(&row.host),
            hosts: about
                .hosts
                .iter()
                .map(|code| world.division_ref(code))
                .collect(),
            kind: about.kind.as_ref().map(|kind| kind.as_str().to_owned()),
            households: about.households,
            load: load.to_owned(),
            area_m2,
            lead_unit: about.lead_unit.map(|unit| world.unit_ref(unit, None)),
            worker: about.worker.map(|person| self.worker(person)).transpose()?,
            supervision_phone: about.supervision_phone.clone(),
            season: row.season.map(|season| season.to_string()),
            valid_from: row.valid_from.to_string(),
            valid_to: row.valid_to.map(|day| day.to_string()),
            act: about.act.as_str().to_owned(),
            source: about
                .source
                .as_ref()
                .map(|source| source.as_str().to_owned()),
            bounds: [
                degrees(bounds.west),
                degrees(bounds.south),
                degrees(bounds.east),
                degrees(bounds.north),
            ],
            at: [at.lon(), at.lat()],
        })
    }

    fn worker(&self, person: PersonId) -> Result<WorkerView> {
        let row = self.world.people.get(&person);
        let open = |sealed: Option<&jingwei_core::sealed::Sealed<String>>| match sealed {
            Some(sealed) => self.vault.open_sealed(person.0, sealed),
            None => Ok(None),
        };
        Ok(WorkerView {
            id: person.0,
            name: open(row.map(|row| &row.name))?,
        })
    }
}

impl Node {
    /// Grids of a layer that stand on a day, within what somebody sees.
    pub async fn grids(&self, by: &Principal, query: &GridQuery) -> Result<GridPage> {
        if !(1..=500).contains(&query.limit) {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "?limit",
                "out_of_range",
                "每页 1 至 500 条",
                "a page has 1 to 500 rows",
            )])
            .into());
        }
        let world = self.world();
        let within = world.within(query.division.as_deref())?;
        let place = self.place();
        let day = query.day.unwrap_or_else(|| self.now().local_day());
        let inside = |division: &DivisionCode| {
            within
                .as_ref()
                .is_none_or(|codes| codes.iter().any(|code| code.covers(division)))
        };
        let mut found: Vec<(Uuid, i64, String)> = place
            .grids
            .list(query.layer, day, query.after.as_deref())
            .filter(|grid| {
                grid.divisions()
                    .any(|division| inside(division) && sees(by, division))
            })
            .map(|grid| {
                (
                    grid.id().0,
                    i64::from(grid.version()),
                    grid.code().to_owned(),
                )
            })
            .take(query.limit + 1)
            .collect();
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found
            .last()
            .filter(|_| more)
            .map(|(_, _, code)| code.clone());
        let keys = found
            .iter()
            .map(|(id, version, _)| (*id, *version))
            .collect();
        let read = self.read(move |tx| Ok(store::load(tx, keys)?)).await?;
        let mut rows_of: HashMap<(Uuid, i64), store::GridRow> = read
            .into_iter()
            .map(|row| ((row.id, row.version), row))
            .collect();
        let views = Views {
            world: &world,
            vault: &self.shared.vault,
        };
        let items = found
            .into_iter()
            .filter_map(|(id, version, _)| rows_of.remove(&(id, version)))
            .map(|row| views.grid(&rows::grid(&row)?, row.area_m2))
            .collect::<Result<_>>()?;
        Ok(GridPage { items, next })
    }

    /// One grid, by the code that it has or had.
    pub async fn grid(&self, by: &Principal, code: &str) -> Result<GridDetail> {
        let place = self.place();
        let grid = place
            .grids
            .coded(code)
            .last()
            .filter(|grid| grid.divisions().any(|division| sees(by, division)));
        let (id, host) = grid
            .map(|grid| (grid.id(), grid.host().as_str().to_owned()))
            .ok_or(Refusal::NotFound)?;
        let read = self
            .read(move |tx| {
                // Its versions may have lain in another community.
                let mut rows = store::of_hosts(tx, &[host])?;
                rows.retain(|row| row.id != id.0);
                rows.extend(store::versions_of(tx, &[id.0])?);
                Ok(rows)
            })
            .await?;
        let area: BTreeMap<(Uuid, i64), i64> = read
            .iter()
            .map(|row| ((row.id, row.version), row.area_m2))
            .collect();
        let all = read.iter().map(rows::grid).collect::<Result<Vec<_>>>()?;
        let area_of = |row: &GridRow| {
            area.get(&(row.id.0, i64::from(row.version)))
                .copied()
                .unwrap_or_default()
        };
        let versions: Vec<&GridRow> = all.iter().filter(|row| row.id == id).collect();
        let today = self.now().local_day();
        let shown = versions
            .iter()
            .rev()
            .find(|row| row.stands_on(today))
            .or(versions.last());
        let shown = *shown.ok_or(Refusal::NotFound)?;
        let code_of = |id| {
            all.iter()
                .rev()
                .find(|row| row.id == id)
                .map(|row| row.code.as_str().to_owned())
        };
        let after = all
            .iter()
            .filter(|row| row.version == 1 && row.about.before.contains(&id));
        let world = self.world();
        let views = Views {
            world: &world,
            vault: &self.shared.vault,
        };
        Ok(GridDetail {
            grid: views.grid(shown, area_of(shown))?,
            shape: BorderView::of(&shown.shape),
            parent: shown.about.parent.and_then(code_of),
            versions: versions
                .iter()
                .enumerate()
                .map(|(i, row)| GridVersion {
                    version: row.version,
                    code: row.code.as_str().to_owned(),
                    valid_from: row.valid_from.to_string(),
                    valid_to: row.valid_to.map(|day| day.to_string()),
                    act: row.about.act.as_str().to_owned(),
                    border_changed: i > 0 && versions[i - 1].shape != row.shape,
                    area_m2: area_of(row),
                })
                .collect(),
            before: sorted(shown.about.before.iter().filter_map(|id| code_of(*id))),
            after: sorted(after.map(|row| row.code.as_str().to_owned())),
        })
    }
}

fn sorted(codes: impl Iterator<Item = String>) -> Vec<String> {
    let mut codes: Vec<String> = codes.collect();
    codes.sort();
    codes
}
