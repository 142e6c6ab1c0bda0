//! PL-c: there and back again is the same place, anywhere over the province, as points are stored (1e-7 degrees).

use jingwei_core::place::{Datum, Point};
use proptest::prelude::*;

/// Metres between two points as stored, by the sphere; good to a millimetre over a few metres.
fn metres(a: Point, b: Point) -> f64 {
    let north = f64::from(a.lat_e7 - b.lat_e7) * 0.011_13;
    let east = f64::from(a.lon_e7 - b.lon_e7) * 0.011_13 * a.lat().to_radians().cos();
    north.hypot(east)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn there_and_back_is_the_same_place(lon in 97.3_f64..108.6, lat in 26.0_f64..34.4) {
        let point = Point::from_degrees(lon, lat).expect("a point");
        for datum in Datum::ALL {
            let (lon, lat) = point.in_datum(*datum);
            // As a file would carry it: rounded to 1e-7 degrees.
            let round = |v: f64| (v * 1e7).round() / 1e7;
            let back = Point::from_datum(round(lon), round(lat), *datum).expect("a point");
            prop_assert!(metres(point, back) < 0.1, "{datum}: {point:?} came back as {back:?}");
            let back = Point::from_datum(lon, lat, *datum).expect("a point");
            prop_assert!(metres(point, back) < 0.02, "{datum}, not rounded: {point:?} came back as {back:?}");
        }
    }

    /// What came in shifted goes out as it came in.
    #[test]
    fn back_and_there_is_the_same_degrees(lon in 97.3_f64..108.6, lat in 26.0_f64..34.4) {
        use jingwei_core::place::datum::{from_wgs84, to_wgs84};
        for datum in Datum::ALL {
            let wgs = to_wgs84(lon, lat, *datum);
            let there = from_wgs84(wgs.0, wgs.1, *datum);
            prop_assert!((there.0 - lon).abs() < 1e-9 && (there.1 - lat).abs() < 1e-9, "{datum} {there:?}");
            let metres = ((wgs.0 - lon) * 96_000.0).hypot((wgs.1 - lat) * 111_000.0);
            match datum {
                Datum::Gcj02 => prop_assert!((100.0..700.0).contains(&metres), "GCJ-02 shifts by {metres} m"),
                Datum::Bd09 => prop_assert!((300.0..1_700.0).contains(&metres), "BD-09 shifts by {metres} m"),
                Datum::Wgs84 | Datum::Cgcs2000 => prop_assert!(metres == 0.0),
            }
        }
    }
}
