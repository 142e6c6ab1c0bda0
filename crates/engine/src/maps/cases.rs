//! Tiles of open cases as points.
//!
//! Must not show a dispute, a matter of persons or whatever else the table of classes keeps off maps, a case without a class (it
//! may turn out to be one of these), or a confidential case. Keeps: the work for a tile is bounded, however many cases there are.

use std::collections::HashMap;

use jingwei_core::access::{self, Principal};
use jingwei_core::cases::CaseState;
use jingwei_core::place::Point;
use jingwei_mapfiles::Value;
use jingwei_mapfiles::tile::{TileId, TileLayer, encode};
use jingwei_store::cases::{self as store, MapQuery, MapRow};

use super::tiles::Bytes;
use crate::cases::scopes_of;
use crate::cases::shown::is_late;
use crate::error::Result;
use crate::node::Node;
use crate::projection;

/// First and last zoom of tiles of cases.
pub const CASE_ZOOMS: (u8, u8) = (0, 16);
/// From this zoom on every case is a point of its own; below it one point stands for all cases near it.
pub const SINGLE_FROM: u8 = 12;
/// Most cases that a tile looks at, the newest.
const MOST_CASES: i64 = 5_000;
/// Below [`SINGLE_FROM`] only the newest so many open cases of an area are looked at, wherever they lie.
const MOST_WALKED: i64 = 20_000;
/// Cells of a tile along each side, as a power of two, for what stands near each other.
const CELLS: u8 = 5;

/// A point of the map.
struct Spot {
    seq: i64,
    point: Point,
    /// The newest case of the spot.
    case: CaseState,
    cases: i64,
    late: i64,
}

impl Node {
    /// The same for the same tile as long as nothing happened.
    pub fn case_tile_mark(&self, by: &Principal, tile: TileId) -> String {
        let (run, sequence, reach) = (self.maps.run, self.sequence(), super::Reach::Of(by.clone()));
        let person = by.person().map(|person| person.0).unwrap_or_default();
        let (z, x, y) = (tile.z(), tile.x(), tile.y());
        format!(
            "{run} {sequence} cases {z}/{x}/{y} {person} {}",
            reach.key()
        )
    }

    /// The open cases of a tile that `by` may see, as points.
    pub async fn case_tile(&self, by: &Principal, tile: TileId) -> Result<Bytes> {
        let world = self.world();
        let shown = world.rules.classes.iter().filter(|class| class.public_map);
        let bounds = tile.bounds();
        let query = MapQuery {
            scopes: scopes_of(access::area_posts(by)),
            units: access::own_units(by).map(|unit| unit.0).collect(),
            reporter: by.person().map(|person| person.0),
            classes: shown.map(|class| class.code.as_str().to_owned()).collect(),
            bounds: [bounds.west, bounds.south, bounds.east, bounds.north].map(i64::from),
            newest: (tile.z() < SINGLE_FROM).then_some(MOST_WALKED),
            limit: MOST_CASES,
        };
        let rows = self.read(move |tx| Ok(store::on_map(tx, &query)?)).await?;
        self.draw(move || draw(tile, rows)).await?
    }
}

fn draw(tile: TileId, rows: Vec<MapRow>) -> Result<Bytes> {
    let mut spots: Vec<Spot> = Vec::new();
    let mut cells: HashMap<Option<TileId>, usize> = HashMap::new();
    for row in rows {
        let case = projection::read_state(&row.state, Some(row.lon_e7), Some(row.lat_e7))?;
        let Some(point) = case.point.filter(|_| !case.confidential) else {
            continue;
        };
        let late = i64::from(is_late(&case));
        if tile.z() < SINGLE_FROM {
            let cell = TileId::of(tile.z() + CELLS, point);
            if let Some(&at) = cells.get(&cell) {
                let spot: &mut Spot = &mut spots[at];
                spot.cases += 1;
                spot.late += late;
                continue;
            }
            cells.insert(cell, spots.len());
        }
        spots.push(Spot {
            seq: row.seq,
            point,
            case,
            cases: 1,
            late,
        });
    }
    let mut layer = TileLayer::new(tile, "cases");
    for spot in &spots {
        let case = &spot.case;
        let class = case.classified.as_ref().map(|c| c.class.as_str());
        let top = case.classified.as_ref().map(|c| c.class.top());
        let id = case.id.to_string();
        layer.add_point(
            spot.seq.cast_unsigned(),
            spot.point,
            &[
                ("id", Value::Text(&id)),
                (
                    "top_class",
                    top.as_ref()
                        .map_or(Value::None, |top| Value::Text(top.as_str())),
                ),
                ("class", class.map_or(Value::None, Value::Text)),
                ("severity", Value::Text(case.severity.as_str())),
                ("urgency", Value::Text(case.urgency.as_str())),
                ("stage", Value::Text(case.stage.as_str())),
                ("cases", Value::Integer(spot.cases)),
                ("late", Value::Integer(spot.late)),
            ],
        );
    }
    Ok(encode(&[layer]).into())
}
