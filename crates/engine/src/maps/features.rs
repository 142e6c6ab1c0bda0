//! Features of the public layers, page by page, as geographic information systems read them.
//!
//! Must not say who works in a grid or how many live there: of a grid only what is posted at its border.

use jingwei_core::code::Level;
use jingwei_core::grids::{Grid, Layer};
use jingwei_core::place::Bounds;
use jingwei_core::time::Day;
use jingwei_store::grids as store;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Reach;
use crate::error::{EngineError, Result};
use crate::grids::{BorderView, rows};
use crate::node::Node;
use crate::place::Place;
use crate::world::World;

/// Most features of a page.
pub const MOST_FEATURES: usize = 1_000;

/// A public layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// Outlines of the divisions of a level.
    Divisions(Level),
    /// Grids of a layer; micro-grids are buildings and are none.
    Grids(Layer),
}

/// Which features.
#[derive(Debug, Clone)]
pub struct FeatureQuery {
    /// Those that have a point in common with any of these; none: wherever they lie.
    pub boxes: Option<Vec<Bounds>>,
    /// The day on which grids stand; today when not said.
    pub day: Option<Day>,
    /// Only the one with this code.
    pub code: Option<String>,
    /// Only those after this code.
    pub after: Option<String>,
    /// 1 to [`MOST_FEATURES`].
    pub limit: usize,
}

/// What is said of a division.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DivisionProperties {
    /// Code.
    pub code: String,
    /// Name; none when the directory does not have it.
    pub name: Option<String>,
    /// `city`, `county`, `town` or `community`.
    pub level: &'static str,
    /// Code of the division above.
    pub parent: Option<String>,
    /// Area of the outline in square metres.
    pub area_m2: i64,
}

/// What is said of a grid.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GridProperties {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `base`, `dedicated` or `mobile`.
    pub layer: &'static str,
    /// Code of the division it lies in; of a mobile grid of the county that leads.
    pub host: String,
    /// Name of that division.
    pub host_name: String,
    /// Area in square metres.
    pub area_m2: i64,
    /// Supervision telephone: of an office.
    pub supervision_phone: Option<String>,
    /// First day of this version.
    pub valid_from: String,
    /// Season of a mobile grid, `MMDD-MMDD`.
    pub season: Option<String>,
    /// Where the border comes from, when it was not drawn here.
    pub source: Option<String>,
}

/// What is said of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum FeatureProperties {
    /// Of a division.
    Division(DivisionProperties),
    /// Of a grid.
    Grid(GridProperties),
}

/// A feature as GeoJSON (RFC 7946) has it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FeatureView {
    /// `Feature`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its code.
    pub id: String,
    /// Its border.
    pub geometry: BorderView,
    /// What is said of it.
    pub properties: FeatureProperties,
}

/// A page of features.
#[derive(Debug, Clone, PartialEq)]
pub struct FeaturePage {
    /// In the order of codes.
    pub features: Vec<FeatureView>,
    /// How many there are on all pages.
    pub matched: usize,
    /// Pass as `after` for the next page; none on the last.
    pub next: Option<String>,
}

impl Collection {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Divisions(Level::City),
        Self::Divisions(Level::County),
        Self::Divisions(Level::Town),
        Self::Divisions(Level::Community),
        Self::Grids(Layer::Base),
        Self::Grids(Layer::Dedicated),
        Self::Grids(Layer::Mobile),
    ];

    /// Its word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Divisions(Level::Community) => "divisions-community",
            Self::Divisions(Level::Town) => "divisions-town",
            Self::Divisions(Level::County) => "divisions-county",
            Self::Divisions(_) => "divisions-city",
            Self::Grids(Layer::Dedicated) => "grids-dedicated",
            Self::Grids(Layer::Mobile) => "grids-mobile",
            Self::Grids(_) => "grids-base",
        }
    }

    /// The layer of this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Its name in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Divisions(Level::Community) => "村（社区）界",
            Self::Divisions(Level::Town) => "乡镇（街道）界",
            Self::Divisions(Level::County) => "县（市、区）界",
            Self::Divisions(_) => "市（州）界",
            Self::Grids(layer) => layer.zh(),
        }
    }

    /// Its name in English.
    pub fn en(self) -> &'static str {
        match self {
            Self::Divisions(Level::Community) => "Communities",
            Self::Divisions(Level::Town) => "Towns",
            Self::Divisions(Level::County) => "Counties",
            Self::Divisions(_) => "Cities",
            Self::Grids(Layer::Dedicated) => "Dedicated grids",
            Self::Grids(Layer::Mobile) => "Mobile grids",
            Self::Grids(_) => "Base grids",
        }
    }
}

/// The page of `matching`, things in the order of their codes: what is on it, how many there are, and where the next begins.
fn page<T>(
    matching: Vec<T>,
    code: impl Fn(&T) -> &str,
    query: &FeatureQuery,
) -> (Vec<T>, usize, Option<String>) {
    let matched = matching.len();
    let after = query.after.as_deref();
    let mut rest = matching
        .into_iter()
        .skip_while(|one| after.is_some_and(|after| code(one) <= after));
    let items: Vec<T> = rest.by_ref().take(query.limit).collect();
    let next = items.last().map(|last| code(last).to_owned());
    let next = next.filter(|_| rest.next().is_some());
    (items, matched, next)
}

/// What has a point in common with any of the boxes, each once, in the order of slots.
fn in_boxes<T>(
    boxes: &[Bounds],
    meeting: impl Fn(Bounds) -> Vec<T>,
    meets: impl Fn(&T, Bounds) -> bool,
    slot: impl Fn(&T) -> u32,
) -> Vec<T> {
    let mut found: Vec<T> = boxes
        .iter()
        .flat_map(|bounds| {
            let near = meeting(*bounds).into_iter();
            near.filter(|one| meets(one, *bounds)).collect::<Vec<_>>()
        })
        .collect();
    if boxes.len() > 1 {
        found.sort_unstable_by_key(&slot);
        found.dedup_by_key(|one| slot(one));
    }
    found
}

fn divisions(
    place: &Place,
    world: &World,
    reach: &Reach,
    level: Level,
    query: &FeatureQuery,
) -> FeaturePage {
    let outlines = &place.outlines;
    let mut matching = match &query.boxes {
        None => outlines.list(level).collect(),
        Some(boxes) => in_boxes(
            boxes,
            |bounds| outlines.meeting(level, bounds),
            |outline, bounds| outline.meets(bounds),
            |outline| outline.slot,
        ),
    };
    matching.retain(|outline| {
        let code = outline.code();
        let wanted = query.code.as_deref();
        wanted.is_none_or(|wanted| code.as_str() == wanted) && reach.sees(code)
    });
    let (items, matched, next) = page(matching, |outline| outline.code().as_str(), query);
    let features = items.into_iter().map(|outline| {
        let (code, shape) = (outline.code(), outline.shape());
        let row = world.directory.division(code);
        FeatureView {
            kind: "Feature",
            id: code.as_str().to_owned(),
            geometry: BorderView::of(&shape),
            properties: FeatureProperties::Division(DivisionProperties {
                code: code.as_str().to_owned(),
                name: row.map(|row| row.name.as_str().to_owned()),
                level: level.as_str(),
                parent: code.parent().map(|parent| parent.as_str().to_owned()),
                area_m2: whole(shape.area_m2()),
            }),
        }
    });
    FeaturePage {
        features: features.collect(),
        matched,
        next,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "less than the area of the earth, 5.1e14 m²"
)]
fn whole(area_m2: f64) -> i64 {
    area_m2.round() as i64
}

/// The grids of a page, by id and version.
fn grids(
    place: &Place,
    reach: &Reach,
    (layer, day): (Layer, Day),
    query: &FeatureQuery,
) -> (Vec<(Uuid, i64)>, usize, Option<String>) {
    let all = &place.grids;
    let mut matching: Vec<Grid<'_>> = match (&query.code, &query.boxes) {
        (Some(code), boxes) => {
            // The grids of a code are found without walking the layer.
            let boxes = boxes.as_deref();
            all.coded(code)
                .filter(|grid| grid.layer == layer && all.stands(*grid, day))
                .filter(|grid| boxes.is_none_or(|boxes| boxes.iter().any(|one| grid.meets(*one))))
                .collect()
        }
        (None, None) => all.list(layer, day, None).collect(),
        (None, Some(boxes)) => in_boxes(
            boxes,
            |bounds| all.meeting(layer, bounds, day),
            |grid, bounds| grid.meets(bounds),
            |grid| grid.slot,
        ),
    };
    matching.retain(|grid| grid.divisions().any(|division| reach.sees(division)));
    let (items, matched, next) = page(matching, |grid| grid.code(), query);
    let keys = items
        .into_iter()
        .map(|grid| (grid.id().0, i64::from(grid.version())));
    (keys.collect(), matched, next)
}

impl Node {
    /// A page of a public layer within a reach.
    pub async fn features(
        &self,
        reach: &Reach,
        collection: Collection,
        query: FeatureQuery,
    ) -> Result<FeaturePage> {
        let (place, reach) = (self.place(), reach.clone());
        let layer = match collection {
            Collection::Divisions(level) => {
                let world = self.world();
                return self
                    .draw(move || divisions(&place, &world, &reach, level, &query))
                    .await;
            }
            Collection::Grids(layer) => layer,
        };
        let day = query.day.unwrap_or_else(|| self.now().local_day());
        let (keys, matched, next) = self
            .draw(move || grids(&place, &reach, (layer, day), &query))
            .await?;
        let rows = if keys.is_empty() {
            Vec::new()
        } else {
            self.read(move |tx| Ok(store::load(tx, keys)?)).await?
        };
        let world = self.world();
        let features = self
            .draw(move || {
                let views = rows.iter().map(|row| grid(row, &world));
                let mut features = views.collect::<Result<Vec<_>>>()?;
                features.sort_unstable_by(|a, b| a.id.cmp(&b.id));
                Ok::<_, EngineError>(features)
            })
            .await??;
        Ok(FeaturePage {
            features,
            matched,
            next,
        })
    }
}

fn grid(row: &store::GridRow, world: &World) -> Result<FeatureView> {
    let grid = rows::grid(row)?;
    let host = world.division_ref(&grid.host);
    let about = grid.about;
    Ok(FeatureView {
        kind: "Feature",
        id: grid.code.as_str().to_owned(),
        geometry: BorderView::of(&grid.shape),
        properties: FeatureProperties::Grid(GridProperties {
            code: grid.code.as_str().to_owned(),
            name: about.name.as_str().to_owned(),
            layer: grid.layer.as_str(),
            host: host.code,
            host_name: host.name,
            area_m2: row.area_m2,
            supervision_phone: about.supervision_phone,
            valid_from: grid.valid_from.to_string(),
            season: grid.season.map(|season| season.to_string()),
            source: about.source.map(|source| source.as_str().to_owned()),
        }),
    })
}
