//! What is written is read back the same, in every format, and the same input gives the same bytes.

use std::io::Read as _;

use jingwei_core::place::{Datum, Polygon, Shape};
use jingwei_mapfiles::{
    Column, Format, Kind, Limits, Row, Value, WriteFault, read, read_layer, write,
};
use proptest::prelude::*;

use crate::support::{COLUMNS, area, area_read, rectangle, rows, same_area, shape_read, shapes};

#[test]
fn every_format_gives_back_what_it_was_given() {
    let shapes = shapes();
    for format in Format::ALL {
        let bytes =
            write(format, "网格 grids", &COLUMNS, &rows(&shapes), Datum::Wgs84).expect("written");
        assert_eq!(Format::sniff(&bytes), Some(format));
        let file = read(format, &bytes, &Limits::default()).expect("read");
        assert_eq!(file.features.len(), shapes.len(), "{format:?}");
        for (feature, shape) in file.features.iter().zip(&shapes) {
            assert_eq!(
                &shape_read(&feature.geometry),
                shape,
                "{format:?} {}",
                feature.at
            );
            assert!(
                same_area(area_read(&feature.geometry), area(shape)),
                "{format:?} {}",
                feature.at
            );
        }
        let first = &file.features[0];
        assert_eq!(first.property("code"), Some("510116001001001"));
        assert_eq!(first.property("name"), Some("双流区东升街道第一网格"));
        assert_eq!(first.property("households"), Some("312"));
        assert_eq!(
            first.property("serial"),
            Some("9007199254740993"),
            "{format:?}: no digit lost"
        );
        let real: f64 = first
            .property("area_km2")
            .expect("area")
            .parse()
            .expect("a number");
        assert_eq!(real, 0.1 + 0.2, "{format:?}");
        assert_eq!(
            first.property("note"),
            Some("\"quoted\", <b>&amp;</b>; 'ä' 𠮷")
        );
        let second = &file.features[1];
        assert_eq!(second.property("code"), Some("007"));
        assert_eq!(second.property("name"), Some("two\nlines"), "{format:?}");
        assert_eq!(
            second.property("serial"),
            None,
            "{format:?}: empty is left out"
        );
        let names = file.features[2].properties.len();
        assert_eq!(names, 4, "{format:?}: {:?}", file.features[2].properties);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let shapes = shapes();
    for format in Format::ALL {
        let once = write(format, "grids", &COLUMNS, &rows(&shapes), Datum::Wgs84);
        let again = write(format, "grids", &COLUMNS, &rows(&shapes), Datum::Wgs84);
        assert!(once.is_ok() && once == again, "{format:?}");
    }
}

#[test]
fn the_datum_is_declared_where_the_format_can() {
    let shapes = shapes();
    for format in Format::ALL {
        for &datum in Datum::ALL {
            let written = write(format, "grids", &COLUMNS, &rows(&shapes), datum);
            if format == Format::Kml && datum != Datum::Wgs84 {
                assert_eq!(written, Err(WriteFault::Datum(datum)), "KML is WGS84");
                continue;
            }
            let file = read(format, &written.expect("written"), &Limits::default()).expect("read");
            let expected = match (format, datum) {
                (Format::CsvWkt, _) | (Format::GeoJson, Datum::Wgs84) => None,
                _ => Some(datum),
            };
            assert_eq!(file.declared, expected, "{format:?}");
            // Coordinates are those of the datum: the shifted ones lie some hundred metres off, and come back.
            let moved = &file.features[0].geometry;
            let there = shape_read(moved).bounds().middle();
            let back = shapes[0].bounds().middle();
            let metres = there.metres_to(back);
            match datum {
                Datum::Wgs84 | Datum::Cgcs2000 => assert_eq!(metres, 0),
                Datum::Gcj02 | Datum::Bd09 => assert!((100..2_000).contains(&metres), "{metres} m"),
            }
        }
    }
}

#[test]
fn a_layer_of_several_is_chosen_by_name() {
    let shapes = shapes();
    let one = |name: &str| {
        write(
            Format::Shapefile,
            name,
            &COLUMNS,
            &rows(&shapes),
            Datum::Wgs84,
        )
        .expect("written")
    };
    let mut all = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, drop) in [("b", 0), ("a", 1)] {
        let bytes = write(
            Format::Shapefile,
            name,
            &COLUMNS,
            &rows(&shapes[drop..]),
            Datum::Wgs84,
        )
        .expect("written");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("zip");
        for i in 0..archive.len() {
            all.raw_copy_file(archive.by_index_raw(i).expect("entry"))
                .expect("copied");
        }
    }
    let bytes = all.finish().expect("zip").into_inner();
    let limits = Limits::default();
    let first = read(Format::Shapefile, &bytes, &limits).expect("read");
    assert_eq!(first.layers, ["a", "b"]);
    assert_eq!(first.features.len(), 2);
    assert_eq!(
        read_layer(Format::Shapefile, &bytes, "b", &limits)
            .expect("read")
            .features
            .len(),
        3
    );
    let fault = read_layer(Format::Shapefile, &bytes, "c", &limits).expect_err("no such layer");
    assert_eq!((fault.code, fault.en.ends_with("a, b")), ("no_layer", true));
    assert_eq!(
        read(Format::Shapefile, &one("x"), &limits)
            .expect("read")
            .layers,
        ["x"]
    );
}

#[test]
fn names_in_gbk_are_read_as_chinese() {
    let shapes = shapes();
    let mut bytes = write(
        Format::Shapefile,
        "wang",
        &COLUMNS,
        &rows(&shapes),
        Datum::Wgs84,
    )
    .expect("written");
    // What Windows in China writes, without a word about it.
    let gbk = b"\xcd\xf8\xb8\xf1";
    for at in 0..bytes.len() - 4 {
        if &bytes[at..at + 4] == b"wang" {
            bytes[at..at + 4].copy_from_slice(gbk);
        }
    }
    let file = read(Format::Shapefile, &bytes, &Limits::default()).expect("read");
    assert_eq!(
        (file.layers.as_slice(), file.features.len()),
        (&["网格".to_owned()][..], 3)
    );
    assert_eq!(file.declared, Some(Datum::Wgs84), "all parts were found");
}

#[test]
fn a_kmz_is_read_as_its_kml() {
    let shapes = shapes();
    let kml = write(Format::Kml, "grids", &COLUMNS, &rows(&shapes), Datum::Wgs84).expect("written");
    let mut kmz = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    kmz.start_file("files/pin.png", options).expect("entry");
    kmz.start_file("doc.kml", options).expect("entry");
    std::io::Write::write_all(&mut kmz, &kml).expect("written");
    let kmz = kmz.finish().expect("zip").into_inner();
    assert_eq!(Format::sniff(&kmz), Some(Format::Kml));
    let limits = Limits::default();
    assert_eq!(
        read(Format::Kml, &kmz, &limits),
        read(Format::Kml, &kml, &limits)
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    let shapes = shapes();
    let column = |name, kind| Column { name, kind };
    let row = |value| {
        vec![Row {
            shape: &shapes[0],
            values: vec![value],
        }]
    };
    let real = [column("n", Kind::Real)];
    for format in Format::ALL {
        let fault = |columns: &[Column<'_>], rows: &[Row<'_>]| {
            write(format, "x", columns, rows, Datum::Wgs84).err()
        };
        assert_eq!(
            fault(&real, &row(Value::Real(f64::NAN))),
            Some(WriteFault::NotFinite(1))
        );
        assert_eq!(
            fault(&real, &row(Value::Text("1"))),
            Some(WriteFault::Row(1))
        );
        assert_eq!(fault(&[], &row(Value::None)), Some(WriteFault::Row(1)));
        let twice = [column("Code", Kind::Text), column("code", Kind::Text)];
        assert_eq!(fault(&twice, &[]), Some(WriteFault::Column("code".into())));
        assert_eq!(
            fault(&real, &row(Value::Integer(7))),
            None,
            "a whole number is a number"
        );
        assert_eq!(fault(&[], &[]), None, "an empty layer");
    }
    let wkt = [column("WKT", Kind::Text)];
    let taken = write(Format::CsvWkt, "x", &wkt, &[], Datum::Wgs84);
    assert_eq!(taken, Err(WriteFault::Column("WKT".into())));
}

#[test]
fn columns_of_the_formats_own_names_are_kept() {
    let shapes = shapes();
    let columns = ["geom", "fid", "Geometry"].map(|name| Column {
        name,
        kind: Kind::Text,
    });
    let rows = [Row {
        shape: &shapes[0],
        values: vec![Value::Text("a"), Value::Text("b"), Value::Text("c")],
    }];
    for format in [
        Format::GeoPackage,
        Format::GeoJson,
        Format::Shapefile,
        Format::Kml,
    ] {
        for layer in ["gpkg_contents", "sqlite_x", "select", "a\"b'c", ""] {
            let bytes = write(format, layer, &columns, &rows, Datum::Wgs84).expect("written");
            let file = read(format, &bytes, &Limits::default()).expect("read");
            let values: Vec<&str> = file.features[0]
                .properties
                .iter()
                .map(|(_, value)| value.as_str())
                .collect();
            assert_eq!(values, ["a", "b", "c"], "{format:?}");
            assert_eq!(shape_read(&file.features[0].geometry), shapes[0]);
        }
    }
}

#[test]
fn the_parts_of_a_shapefile_say_what_they_are() {
    let shapes = shapes();
    let bytes = write(
        Format::Shapefile,
        "grids",
        &COLUMNS,
        &rows(&shapes),
        Datum::Cgcs2000,
    )
    .expect("written");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("zip");
    let mut part = |end: &str| {
        let mut bytes = Vec::new();
        zip.by_name(&format!("grids.{end}"))
            .expect("the part")
            .read_to_end(&mut bytes)
            .expect("bytes");
        bytes
    };
    assert_eq!(part("cpg"), b"UTF-8");
    assert!(part("prj").starts_with(b"GEOGCS[\"GCS_China_Geodetic_Coordinate_System_2000\""));
    let (shp, shx) = (part("shp"), part("shx"));
    assert_eq!(shx.len(), 100 + 8 * shapes.len());
    let words = u32::from_be_bytes([shp[24], shp[25], shp[26], shp[27]]);
    assert_eq!(words as usize * 2, shp.len());
}

/// Squares with or without a hole, on a grid so that they never touch, grouped into shapes.
fn any_shapes() -> impl Strategy<Value = Vec<Shape>> {
    let square = (1..9_000_i32, 1..9_000_i32, any::<bool>());
    let shape = proptest::collection::vec(square, 1..5);
    proptest::collection::vec(shape, 1..6).prop_map(|all| {
        let mut place = 0;
        all.into_iter()
            .map(|squares| {
                let polygons = squares.into_iter().map(|(width, height, hole)| {
                    place += 1;
                    let (west, south) = (100.0 + f64::from(place) * 0.01, 30.0);
                    let (width, height) = (
                        f64::from(width) * 1e-6 + 3e-6,
                        f64::from(height) * 1e-6 + 3e-6,
                    );
                    let inner = rectangle(west + 1e-6, south + 1e-6, width - 2e-6, height - 2e-6);
                    Polygon {
                        outer: rectangle(west, south, width, height),
                        holes: if hole { vec![inner] } else { vec![] },
                    }
                });
                Shape::new(polygons).expect("a shape")
            })
            .collect()
    })
}

/// Words that no format loses: no signs that XML cannot hold, no blanks at the ends.
fn any_words() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ -~一-龥äß𠮷\n]{0,40}")
        .expect("a pattern")
        .prop_map(|words| words.trim().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_layer_comes_back(shapes in any_shapes(), words in any_words(), whole in any::<i64>(), real in proptest::num::f64::NORMAL) {
        let columns = [("words", Kind::Text), ("whole", Kind::Integer), ("real", Kind::Real)].map(|(name, kind)| Column { name, kind });
        let values = vec![Value::Text(&words), Value::Integer(whole), Value::Real(real)];
        let rows: Vec<Row<'_>> = shapes.iter().map(|shape| Row { shape, values: values.clone() }).collect();
        for format in Format::ALL {
            let bytes = write(format, "layer", &columns, &rows, Datum::Wgs84).expect("written");
            let file = read(format, &bytes, &Limits::default()).expect("read");
            prop_assert_eq!(file.features.len(), shapes.len());
            for (feature, shape) in file.features.iter().zip(&shapes) {
                prop_assert_eq!(&shape_read(&feature.geometry), shape);
                prop_assert_eq!(feature.property("words").unwrap_or_default(), words.as_str(), "{:?}", format);
                prop_assert_eq!(feature.property("whole").unwrap_or_default(), whole.to_string());
                let back: f64 = feature.property("real").expect("real").parse().expect("a number");
                prop_assert_eq!(back, real, "{:?}", format);
            }
        }
    }
}
