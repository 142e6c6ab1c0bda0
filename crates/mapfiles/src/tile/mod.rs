//! Vector tiles: shapes and points of one square of the map, in the form that map pages and QGIS read (Mapbox Vector Tile
//! specification 2.1).
//!
//! A tile is simplified for its zoom and nothing else: vertices go to the tile's own grid, and what then lies twice or
//! exactly on a line is left out. Where a vertex goes depends on the vertex alone, and leaving out a point of a straight line
//! moves no border, so two neighbours keep one border without a gap or an overlap, whichever of them is drawn.
//!
//! Must not decide what a person may see: whoever builds a layer puts into it only what may be seen.

mod encode;
mod outline;

use jingwei_core::place::{Bounds, Point};

pub use encode::{TileLayer, encode};

/// Units along one side of a tile.
pub const EXTENT: i64 = 4096;
/// Units around a tile that are drawn too, so that strokes meet across tiles.
pub const BUFFER: i64 = 64;

/// One square of the web map (XYZ: x from the west, y from the north).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileId {
    z: u8,
    x: u32,
    y: u32,
}

/// A vertex in tile units, x from the tile's western edge and y from its northern edge down.
pub(crate) type Spot = (i64, i64);

impl TileId {
    /// The greatest zoom.
    pub const MAX_ZOOM: u8 = 22;

    /// The tile of a zoom, column and row; none when there is no such tile.
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        let within = |n: u32| z <= Self::MAX_ZOOM && n < 1 << z;
        (within(x) && within(y)).then_some(Self { z, x, y })
    }

    /// The tile that holds a point; the rows end at 85.05° north and south, points beyond are in the last row.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the columns of the zoom"
    )]
    pub fn of(z: u8, point: Point) -> Option<Self> {
        let last = f64::from((1_u32 << z.min(Self::MAX_ZOOM)) - 1);
        let (x, y) = world(point);
        let at = |part: f64| (part * (last + 1.0)).floor().clamp(0.0, last) as u32;
        Self::new(z, at(x), at(y))
    }

    /// Zoom: 0 is the whole earth.
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column from the west.
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row from the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// The box of the tile with its buffer, in 1e-7 degrees: what does not meet it need not be put into the tile.
    pub fn bounds(self) -> Bounds {
        let tiles = f64::from(1_u32 << self.z);
        let over = BUFFER as f64 / EXTENT as f64;
        let lon = |column: f64| (column / tiles * 360.0 - 180.0).clamp(-180.0, 180.0);
        let lat = |row: f64| {
            let up = std::f64::consts::PI * (1.0 - 2.0 * row / tiles);
            // The world ends at 85.05°, yet what lies beyond is drawn on its edge.
            if row < 0.0 {
                90.0
            } else if row > tiles {
                -90.0
            } else {
                up.sinh().atan().to_degrees()
            }
        };
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        // One unit outwards, so that rounding never leaves out what touches the edge.
        let (down, up) = (
            |degrees: f64| units((degrees * 1e7).floor() - 1.0),
            |degrees: f64| units((degrees * 1e7).ceil() + 1.0),
        );
        Bounds {
            west: down(lon(x - over)),
            south: down(lat(y + 1.0 + over)),
            east: up(lon(x + 1.0 + over)),
            north: up(lat(y - over)),
        }
    }

    /// How many units of the tile are one step of the grid that vertices go to. A page shows a tile on 512 dots or so: half a
    /// dot where whole provinces are seen, a quarter where counties are, and the tile's own unit where grids are drawn.
    fn step(self) -> i64 {
        match self.z {
            0..=8 => 4,
            9..=12 => 2,
            _ => 1,
        }
    }

    /// The vertex of the tile's grid next to a point. The grid is that of the whole zoom, so that a vertex in two tiles is the
    /// same vertex.
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^34 units a zoom")]
    fn spot(self, point: Point) -> Spot {
        let step = self.step();
        let steps = ((EXTENT << self.z) / step) as f64;
        let (x, y) = world(point);
        let at = |part: f64| (part * steps).round() as i64 * step;
        (
            at(x) - i64::from(self.x) * EXTENT,
            at(y) - i64::from(self.y) * EXTENT,
        )
    }
}

/// Where a point lies in the square of the web Mercator map, from 0 to 1, from the west and from the north.
fn world(point: Point) -> (f64, f64) {
    // 85.0511…° is where the square ends.
    let lat = point
        .lat()
        .clamp(-85.051_128_779_806_6, 85.051_128_779_806_6);
    let up = lat.to_radians().tan().asinh();
    (
        (point.lon() + 180.0) / 360.0,
        (1.0 - up / std::f64::consts::PI) / 2.0,
    )
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what a position can be"
)]
fn units(e7: f64) -> i32 {
    e7.clamp(-1_800_000_000.0, 1_800_000_000.0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_knows_its_place() {
        assert_eq!(TileId::new(23, 0, 0), None);
        assert_eq!(TileId::new(3, 8, 0), None);
        // Chengdu, Tianfu Square: the tile any web map asks for there.
        let square = Point::from_degrees(104.0657, 30.6574).expect("point");
        let tile = TileId::of(12, square).expect("tile");
        assert_eq!((tile.x(), tile.y()), (3232, 1681));
        assert!(tile.bounds().holds(square));
        let whole = TileId::new(0, 0, 0).expect("tile").bounds();
        assert!(whole.west == -1_800_000_000 && whole.east == 1_800_000_000);
        assert!(whole.north >= 900_000_000 && whole.south <= -900_000_000);
    }

    #[test]
    fn a_vertex_is_the_same_in_both_tiles() {
        let point = Point::from_degrees(104.062_5, 30.651_2).expect("point");
        for z in 1..=TileId::MAX_ZOOM {
            let tile = TileId::of(z, point).expect("tile");
            let Some(next) = TileId::new(z, tile.x() + 1, tile.y()) else {
                continue;
            };
            let (here, there) = (tile.spot(point), next.spot(point));
            assert_eq!((here.0 - EXTENT, here.1), there, "zoom {z}");
        }
    }
}
