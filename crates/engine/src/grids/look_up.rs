//! From points to grids, many at once: in memory, without a statement.

use jingwei_core::access::Principal;
use jingwei_core::code::Level;
use jingwei_core::grids::{Grid, Layer};
use jingwei_core::place::{Datum, Point};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::time::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sees;
use crate::error::Result;
use crate::node::Node;

/// Most points of one request.
pub const MOST_LOOK_UPS: usize = 10_000;
/// Farthest grid that is looked for when a point lies in none.
const MOST_METRES: u32 = 50_000;

/// Points to look up.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsBody {
    /// Positions: longitude, latitude.
    #[schema(min_items = 1, max_items = 10000)]
    pub points: Vec<Vec<f64>>,
    /// Layers: `base` (when not said), `dedicated`, `micro`, `mobile`.
    pub layers: Option<Vec<String>>,
    /// The day (`2026-11-20`); today when not said.
    pub day: Option<String>,
    /// Datum of the positions: `WGS84` (when not said), `CGCS2000`, `GCJ-02` or `BD-09`.
    pub datum: Option<String>,
    /// When a point lies in no grid of a layer: the nearest within so many metres, 0 (when not said) to 50,000.
    #[schema(minimum = 0, maximum = 50000)]
    pub nearest_m: Option<u32>,
}

/// The grid nearest to a point that lies in none.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NearestView {
    /// Number of the point, from 0.
    pub point: usize,
    /// Layer.
    pub layer: &'static str,
    /// Code of the grid.
    pub code: String,
    /// Metres to its border.
    pub metres: f64,
}

/// The grids of one layer, point by point.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LayerView {
    /// The layer.
    pub layer: &'static str,
    /// Code of the grid of each point; null where there is none.
    pub codes: Vec<Option<String>>,
}

/// What the points lie in.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PointsView {
    /// The day.
    pub day: String,
    /// Layer by layer.
    pub layers: Vec<LayerView>,
    /// Code of the community of each point: by its base grid, else by the outlines; null where neither says it.
    pub communities: Vec<Option<String>>,
    /// For points that lie in no grid.
    pub nearest: Vec<NearestView>,
}

fn fault(pointer: &str, zh: &str, en: &str) -> FieldFault {
    FieldFault::new(pointer, "not_understood", zh, en)
}

impl Node {
    /// The grids of some points. A micro-grid is a building: only where one sees it.
    pub fn grids_at(&self, by: &Principal, body: &PointsBody) -> Result<PointsView> {
        let mut faults = Vec::new();
        if !(1..=MOST_LOOK_UPS).contains(&body.points.len()) {
            faults.push(FieldFault::new(
                "/points",
                "out_of_range",
                "一次 1 至 10000 个点",
                "1 to 10,000 points at once",
            ));
        }
        let datum = match body.datum.as_deref().map(Datum::parse) {
            None => Datum::Wgs84,
            Some(Some(datum)) => datum,
            Some(None) => {
                faults.push(fault(
                    "/datum",
                    "坐标系：WGS84、CGCS2000、GCJ-02 或 BD-09",
                    "the datum is WGS84, CGCS2000, GCJ-02 or BD-09",
                ));
                Datum::Wgs84
            }
        };
        let today = self.now().local_day();
        let day = match body.day.as_deref().map(Day::parse) {
            None => today,
            Some(Some(day)) => day,
            Some(None) => {
                faults.push(fault(
                    "/day",
                    "日期写作 2026-11-20",
                    "a day is written 2026-11-20",
                ));
                today
            }
        };
        let mut layers: Vec<Layer> = Vec::new();
        for (i, word) in body.layers.iter().flatten().enumerate() {
            match Layer::parse(word) {
                Some(layer) if !layers.contains(&layer) => layers.push(layer),
                Some(_) => {}
                None => faults.push(fault(
                    &format!("/layers/{i}"),
                    "网格层：base、dedicated、micro 或 mobile",
                    "a layer is base, dedicated, micro or mobile",
                )),
            }
        }
        if layers.is_empty() {
            layers.push(Layer::Base);
        }
        let most = body.nearest_m.unwrap_or(0);
        if most > MOST_METRES {
            faults.push(FieldFault::new(
                "/nearest_m",
                "out_of_range",
                "最远 50000 米",
                "50,000 m at most",
            ));
        }
        let mut points = Vec::with_capacity(body.points.len());
        for (i, position) in body.points.iter().enumerate() {
            let point = match position.as_slice() {
                [lon, lat] => Point::from_datum(*lon, *lat, datum),
                _ => None,
            };
            match point {
                Some(point) => points.push(point),
                None if faults.len() < 100 => faults.push(FieldFault::new(
                    &format!("/points/{i}"),
                    "out_of_range",
                    "坐标写作 [经度, 纬度]，经度 -180 至 180，纬度 -90 至 90",
                    "a position is [longitude, latitude], -180 to 180 and -90 to 90",
                )),
                None => {}
            }
        }
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults).into());
        }
        Ok(self.look_up(by, &points, &layers, day, most))
    }

    fn look_up(
        &self,
        by: &Principal,
        points: &[Point],
        layers: &[Layer],
        day: Day,
        most: u32,
    ) -> PointsView {
        let place = self.place();
        let mut nearest = Vec::new();
        let mut found = Vec::with_capacity(layers.len());
        let base = place.grids.at_each(Layer::Base, points, day);
        for layer in layers {
            let other;
            let grids = if *layer == Layer::Base {
                &base
            } else {
                other = place.grids.at_each(*layer, points, day);
                &other
            };
            let mut codes = Vec::with_capacity(points.len());
            let shown = |grid: Grid<'_>| {
                *layer != Layer::Micro || grid.divisions().any(|division| sees(by, division))
            };
            for (i, (point, grid)) in points.iter().zip(grids).enumerate() {
                let grid = grid.filter(|grid| shown(*grid));
                if grid.is_none()
                    && most > 0
                    && let Some((grid, metres)) = place.grids.nearest(*layer, *point, day, most)
                    && shown(grid)
                {
                    nearest.push(NearestView {
                        point: i,
                        layer: layer.as_str(),
                        code: grid.code().to_owned(),
                        metres: (metres * 10.0).round() / 10.0,
                    });
                }
                codes.push(grid.map(|grid| grid.code().to_owned()));
            }
            found.push(LayerView {
                layer: layer.as_str(),
                codes,
            });
        }
        let community = |(point, grid): (&Point, &Option<Grid<'_>>)| {
            let by_grid = grid.map(Grid::host);
            let code = by_grid.or_else(|| place.outlines.at(Level::Community, *point));
            code.map(|code| code.as_str().to_owned())
        };
        PointsView {
            day: day.to_string(),
            layers: found,
            communities: points.iter().zip(&base).map(community).collect(),
            nearest,
        }
    }
}
