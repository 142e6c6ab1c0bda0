//! Positions: WGS84 degrees with the datum they came in and their accuracy.
//!
//! Inside Jingwei everything is WGS84 (EPSG:4326). CGCS2000 (EPSG:4490) differs by less than the accuracy of a phone and is
//! taken as it stands; GCJ-02 and BD-09 are converted at the edge, once, when something comes in ([`datum`]).
//!
//! Geometry is in whole units of 1e-7 degrees (about 1 cm): sums and crossings are exact, and every node answers the same.

pub mod datum;
mod exact;
mod index;
mod measure;
mod nearby;
pub mod overlay;
mod partition;
pub mod quality;
mod shape;
pub mod snap;
mod sweep;
pub mod valid;

pub use index::{Index, IndexBuilder};
pub use partition::{Undivided, partition};
pub use shape::{Bounds, Polygon, Ring, Shape, Unpacked};

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// The datum in which a position was given.
    pub enum Datum {
        /// WGS84, EPSG:4326: phones' satellite positions.
        Wgs84 = "WGS84",
        /// CGCS2000, EPSG:4490: the legal national datum.
        Cgcs2000 = "CGCS2000",
        /// GCJ-02: what maps in China show after the shift asked for by law.
        Gcj02 = "GCJ-02",
        /// BD-09: a second shift on top of GCJ-02, used by one provider.
        Bd09 = "BD-09",
    }
}

/// A point in 1e-7 degrees, WGS84.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    /// Longitude in 1e-7 degrees, east positive.
    pub lon_e7: i32,
    /// Latitude in 1e-7 degrees, north positive.
    pub lat_e7: i32,
}

impl Point {
    /// A point from degrees; none when not finite or outside ±180, ±90.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked before"
    )]
    pub fn from_degrees(lon: f64, lat: f64) -> Option<Self> {
        ((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)).then(|| Self {
            lon_e7: (lon * 1e7).round() as i32,
            lat_e7: (lat * 1e7).round() as i32,
        })
    }

    /// Longitude in degrees.
    pub fn lon(self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }

    /// Latitude in degrees.
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// Great-circle distance in whole metres (haversine on the mean radius 6,371,008.8 m).
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 20,015,115 m"
    )]
    pub fn metres_to(self, other: Self) -> u32 {
        let (lat1, lat2) = (self.lat().to_radians(), other.lat().to_radians());
        let half_lat = (lat2 - lat1) / 2.0;
        let half_lon = (other.lon() - self.lon()).to_radians() / 2.0;
        let a = half_lat.sin().powi(2) + lat1.cos() * lat2.cos() * half_lon.sin().powi(2);
        (2.0 * 6_371_008.8 * a.sqrt().min(1.0).asin()).round() as u32
    }
}

/// A position as it was reported: sealed in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The point, WGS84.
    pub point: Point,
    /// Radius in metres within which the reporter probably was; none when not said.
    pub accuracy_m: Option<u32>,
    /// The datum it came in.
    pub datum: Datum,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_of_known_points() {
        let a = Point::from_degrees(103.97, 30.32).expect("point");
        let b = Point::from_degrees(103.97, 30.33).expect("point");
        assert!(
            (1_111..=1_113).contains(&a.metres_to(b)),
            "a hundredth of a degree of latitude is about 1,112 m"
        );
        assert_eq!(a.metres_to(a), 0);
        assert_eq!(Point::from_degrees(f64::NAN, 0.0), None);
        assert_eq!(Point::from_degrees(181.0, 0.0), None);
    }
}
