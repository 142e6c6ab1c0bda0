//! From the datum something came in to WGS84 and back.
//!
//! Degrees in, degrees out; nothing is rounded here and nothing is stored. The formulas of GCJ-02 and BD-09 are public
//! and have no published inverse: the way back is found by iteration, so that there and back again is the same point.
//! The shift of GCJ-02 is made inside the box around China only; outside of it both ways leave a point as it is.
//! CGCS2000 differs from WGS84 by less than half a metre and is taken as it stands.

use std::f64::consts::PI;

use super::{Datum, Point};

/// Half the longer axis of the Krasovsky ellipsoid in metres, which the shift is reckoned on.
const KRASOVSKY_A: f64 = 6_378_245.0;
/// Square of its eccentricity.
const KRASOVSKY_EE: f64 = 0.006_693_421_622_965_943;
/// The factor of BD-09: a turn in 3000ths of a half circle a degree.
const BD_TURN: f64 = PI * 3000.0 / 180.0;
/// The way back stops when a step is smaller than this, in degrees (0.1 µm).
const CLOSE_ENOUGH: f64 = 1e-12;
/// Each step makes the error a hundred times smaller; two or three do.
const MOST_STEPS: usize = 30;

/// The same point in WGS84: degrees of longitude and latitude in the datum `from`.
pub fn to_wgs84(lon: f64, lat: f64, from: Datum) -> (f64, f64) {
    match from {
        Datum::Wgs84 | Datum::Cgcs2000 => (lon, lat),
        Datum::Gcj02 => gcj02_to_wgs84(lon, lat),
        Datum::Bd09 => {
            let (lon, lat) = back(lon, lat, gcj02_to_bd09);
            gcj02_to_wgs84(lon, lat)
        }
    }
}

/// The same point in the datum `to`: degrees of longitude and latitude in WGS84.
pub fn from_wgs84(lon: f64, lat: f64, to: Datum) -> (f64, f64) {
    match to {
        Datum::Wgs84 | Datum::Cgcs2000 => (lon, lat),
        Datum::Gcj02 => wgs84_to_gcj02(lon, lat),
        Datum::Bd09 => {
            let (lon, lat) = wgs84_to_gcj02(lon, lat);
            gcj02_to_bd09(lon, lat)
        }
    }
}

impl Point {
    /// A point from degrees of another datum; none when they are not finite or lie outside ±180, ±90.
    pub fn from_datum(lon: f64, lat: f64, datum: Datum) -> Option<Self> {
        Self::from_degrees(lon, lat)?;
        let (lon, lat) = to_wgs84(lon, lat, datum);
        Self::from_degrees(lon, lat)
    }

    /// Its longitude and latitude in degrees of another datum.
    pub fn in_datum(self, datum: Datum) -> (f64, f64) {
        from_wgs84(self.lon(), self.lat(), datum)
    }
}

/// The box in which the shift is made, as the public formula has it.
fn shifted(lon: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

fn wgs84_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    if shifted(lon, lat) {
        shift(lon, lat)
    } else {
        (lon, lat)
    }
}

/// A point whose way there lies outside the box was never shifted.
fn gcj02_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    let (there_lon, there_lat) = back(lon, lat, shift);
    if shifted(there_lon, there_lat) {
        (there_lon, there_lat)
    } else {
        (lon, lat)
    }
}

/// The shift from WGS84 to GCJ-02, whatever the place.
fn shift(lon: f64, lat: f64) -> (f64, f64) {
    let (x, y) = (lon - 105.0, lat - 35.0);
    let root = 0.1 * x.abs().sqrt();
    let short = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let waves = |v: f64, long: f64, longest: f64| {
        (20.0 * (v * PI).sin() + 40.0 * (v / 3.0 * PI).sin()) * 2.0 / 3.0
            + (long * (v / 12.0 * PI).sin() + longest * (v / 30.0 * PI).sin()) * 2.0 / 3.0
    };
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 2.0 * root
        + short
        + waves(y, 160.0, 320.0);
    let east =
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root + short + waves(x, 150.0, 300.0);
    let radians = lat.to_radians();
    let w = 1.0 - KRASOVSKY_EE * radians.sin().powi(2);
    // Metres along the meridian and the parallel, by the two radii of curvature.
    let north = north * 180.0 / (KRASOVSKY_A * (1.0 - KRASOVSKY_EE) / (w * w.sqrt()) * PI);
    let east = east * 180.0 / (KRASOVSKY_A / w.sqrt() * radians.cos() * PI);
    (lon + east, lat + north)
}

/// The second shift, from GCJ-02 to BD-09: a small turn and stretch about the origin, then a fixed step.
fn gcj02_to_bd09(lon: f64, lat: f64) -> (f64, f64) {
    let far = lon.hypot(lat) + 0.000_02 * (lat * BD_TURN).sin();
    let angle = lat.atan2(lon) + 0.000_003 * (lon * BD_TURN).cos();
    (far * angle.cos() + 0.0065, far * angle.sin() + 0.006)
}

/// The point that `there` takes to (`lon`, `lat`): guesses, and takes the miss off the guess until it is nothing.
fn back(lon: f64, lat: f64, there: fn(f64, f64) -> (f64, f64)) -> (f64, f64) {
    let mut guess = (lon, lat);
    for _ in 0..MOST_STEPS {
        let (to_lon, to_lat) = there(guess.0, guess.1);
        let miss = (to_lon - lon, to_lat - lat);
        guess = (guess.0 - miss.0, guess.1 - miss.1);
        if miss.0.abs().max(miss.1.abs()) < CLOSE_ENOUGH {
            break;
        }
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Degrees as published, all in the datum of their column.
    struct Published {
        from: Datum,
        at: (f64, f64),
        to: Datum,
        is: (f64, f64),
        /// Half of the last published digit; both ends are rounded where there are five of them.
        within: f64,
    }

    #[test]
    fn published_points() {
        use Datum::{Bd09, Cgcs2000, Gcj02, Wgs84};
        let p = |from, at, to, is, within| Published {
            from,
            at,
            to,
            is,
            within,
        };
        let table = [
            p(
                Wgs84,
                (120.0, 40.0),
                Gcj02,
                (120.005_675_683_554_86, 40.001_304_789_601_9),
                1e-12,
            ),
            // Beijing railway station, in all three.
            p(
                Wgs84,
                (116.42079, 39.90105),
                Gcj02,
                (116.42703, 39.90245),
                1e-5,
            ),
            p(
                Gcj02,
                (116.42703, 39.90245),
                Bd09,
                (116.43351, 39.90851),
                1e-5,
            ),
            p(
                Wgs84,
                (116.42079, 39.90105),
                Bd09,
                (116.43351, 39.90851),
                1.5e-5,
            ),
            p(
                Bd09,
                (116.43351, 39.90851),
                Wgs84,
                (116.42079, 39.90105),
                1.5e-5,
            ),
            // The point most libraries test with.
            p(
                Wgs84,
                (116.404, 39.915),
                Gcj02,
                (116.410_244_499_169_38, 39.916_404_281_501_64),
                1e-12,
            ),
            p(
                Gcj02,
                (116.404, 39.915),
                Bd09,
                (116.410_369_493_710_29, 39.921_336_993_510_21),
                1e-12,
            ),
            p(
                Wgs84,
                (116.404, 39.915),
                Bd09,
                (116.416_627_243_787_33, 39.922_699_552_216_216),
                1e-12,
            ),
            p(
                Gcj02,
                (116.410_244_499_169_38, 39.916_404_281_501_64),
                Wgs84,
                (116.404, 39.915),
                1e-9,
            ),
            p(
                Bd09,
                (116.410_369_493_710_29, 39.921_336_993_510_21),
                Gcj02,
                (116.404, 39.915),
                1e-9,
            ),
            // Taken as they stand: the national datum, and what lies outside China.
            p(Cgcs2000, (104.06, 30.67), Wgs84, (104.06, 30.67), 0.0),
            p(Wgs84, (104.06, 30.67), Cgcs2000, (104.06, 30.67), 0.0),
            p(Wgs84, (-0.1276, 51.5072), Gcj02, (-0.1276, 51.5072), 0.0),
            p(Gcj02, (-0.1276, 51.5072), Wgs84, (-0.1276, 51.5072), 0.0),
            p(Gcj02, (71.9, 30.0), Wgs84, (71.9, 30.0), 0.0),
        ];
        for row in table {
            let wgs = to_wgs84(row.at.0, row.at.1, row.from);
            let is = from_wgs84(wgs.0, wgs.1, row.to);
            assert!(
                (is.0 - row.is.0).abs() <= row.within && (is.1 - row.is.1).abs() <= row.within,
                "{} {:?} in {} is {is:?}, published {:?}",
                row.from,
                row.at,
                row.to,
                row.is
            );
        }
    }

    #[test]
    fn the_shift_at_guangan_in_metres() {
        let (lon, lat) = from_wgs84(106.63, 30.46, Datum::Gcj02);
        let east = (lon - 106.63) * 111_320.0 * 30.46_f64.to_radians().cos();
        let north = (lat - 30.46) * 110_850.0;
        assert!(
            (east - 363.0).abs() < 2.0 && (north + 308.0).abs() < 2.0,
            "{east} {north}"
        );
    }

    #[test]
    fn what_is_no_place_is_no_point() {
        for datum in Datum::ALL {
            for (lon, lat) in [
                (f64::NAN, 30.0),
                (104.0, f64::INFINITY),
                (181.0, 0.0),
                (104.0, 91.0),
            ] {
                assert_eq!(Point::from_datum(lon, lat, *datum), None);
            }
        }
    }
}
