//! Files made to harm are refused with the reason, and no bytes whatever make the reader panic or go beyond its limits.

use std::io::{Cursor, Write as _};
use std::sync::LazyLock;

use jingwei_core::place::Datum;
use jingwei_mapfiles::{Format, Geometry, Limits, MapFile, read, write};
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{COLUMNS, rows, shapes};

fn code(format: Format, bytes: &[u8]) -> &'static str {
    code_within(format, bytes, &Limits::default())
}

fn code_within(format: Format, bytes: &[u8], limits: &Limits) -> &'static str {
    match read(format, bytes, limits) {
        Ok(_) => "taken",
        Err(fault) => {
            assert!(!fault.zh.is_empty() && !fault.en.is_empty());
            fault.code
        }
    }
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("entry");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("zip").into_inner()
}

/// The files of our Shapefile, to be put together again otherwise.
fn parts() -> Vec<(String, Vec<u8>)> {
    let shapes = shapes();
    let bytes = write(
        Format::Shapefile,
        "grids",
        &COLUMNS,
        &rows(&shapes),
        Datum::Wgs84,
    )
    .expect("written");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("zip");
    (0..zip.len())
        .map(|i| {
            let mut entry = zip.by_index(i).expect("entry");
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes).expect("bytes");
            (entry.name().expect("a name").into_owned(), bytes)
        })
        .collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    zipped(&entries)
}

/// A GeoJSON with one feature of this geometry.
fn geojson(geometry: &str) -> Vec<u8> {
    format!(r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{}},"geometry":{geometry}}}]}}"#)
        .into_bytes()
}

/// A GeoPackage of ours, changed by some SQL.
fn geopackage(sql: &str) -> Vec<u8> {
    let shapes = shapes();
    let bytes = write(
        Format::GeoPackage,
        "grids",
        &COLUMNS,
        &rows(&shapes),
        Datum::Wgs84,
    )
    .expect("written");
    let mut db = rusqlite::Connection::open_in_memory().expect("a database");
    db.deserialize_read_exact("main", Cursor::new(&bytes), bytes.len(), false)
        .expect("opened");
    db.pragma_update(None, "foreign_keys", false).expect("off");
    db.execute_batch(sql).expect("changed");
    db.serialize("main").expect("bytes").to_vec()
}

#[test]
fn bombs_are_counted_while_they_unpack() {
    // A mebibyte of zeros for each kibibyte of the file.
    let zeros = vec![0; 4 << 20];
    let bomb = zipped(&[("a.shp", &zeros), ("a.dbf", &zeros)]);
    assert!(bomb.len() < 10_000);
    let limits = Limits {
        bytes: 6 << 20,
        ..Limits::default()
    };
    assert_eq!(
        code_within(Format::Shapefile, &bomb, &limits),
        "too_big",
        "both together are too big"
    );
    let kmz = zipped(&[("doc.kml", &zeros)]);
    let limits = Limits {
        bytes: 1 << 20,
        ..limits
    };
    assert_eq!(code_within(Format::Kml, &kmz, &limits), "too_big");
    for format in Format::ALL {
        assert_eq!(
            code_within(format, &zeros, &limits),
            "too_big",
            "{format:?} as it is"
        );
    }
    let entries: Vec<String> = (0..2_000).map(|i| format!("{i}.shp")).collect();
    let entries: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|name| (name.as_str(), &b""[..]))
        .collect();
    assert_eq!(
        code(Format::Shapefile, &zipped(&entries)),
        "too_many_entries"
    );
}

#[test]
fn a_zip_in_a_zip_and_a_path_that_climbs_are_only_names() {
    let inner = packed(&parts());
    assert_eq!(
        code(Format::Shapefile, &zipped(&[("inner.zip", &inner)])),
        "no_layer"
    );
    let mut climbing = parts();
    for (name, _) in &mut climbing {
        *name = format!("../../../tmp/jingwei-{name}");
    }
    assert_eq!(code(Format::Shapefile, &packed(&climbing)), "taken");
    assert!(
        !std::path::Path::new("/tmp/jingwei-grids.shp").exists(),
        "nothing was written"
    );
}

/// Ten million vertices as fast as they can be written, never whole in memory as a tree.
#[test]
fn ten_million_vertices_are_refused_while_reading() {
    let limits = Limits {
        vertices_of_one: usize::MAX,
        ..Limits::default()
    };
    let many = "[104.1,30.1],".repeat(10_000_000);
    let polygon = format!(r#"{{"type":"Polygon","coordinates":[[{many}[104.1,30.1]]]}}"#);
    assert_eq!(
        code_within(Format::GeoJson, &geojson(&polygon), &limits),
        "too_many_vertices"
    );
    // What comes after the limit is never looked at: this one is not even closed.
    let unclosed = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":{{"coordinates":[[{many}"#
    );
    assert_eq!(
        code(Format::GeoJson, unclosed.as_bytes()),
        "too_many_vertices"
    );
    drop((polygon, unclosed, many));
    let wkt = format!("a,wkt\n1,\"POLYGON(({}", "104.1 30.1,".repeat(1_000_000));
    assert_eq!(code(Format::CsvWkt, wkt.as_bytes()), "too_many_vertices");
    let kml = format!(
        "<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>",
        "104.1,30.1 ".repeat(1_000_000)
    );
    assert_eq!(code(Format::Kml, kml.as_bytes()), "too_many_vertices");
}

#[test]
fn millions_of_empty_lists_are_refused_too() {
    let empty = format!(
        r#"{{"type":"MultiPolygon","coordinates":[{}[]]}}"#,
        "[],".repeat(1_000_000)
    );
    assert_eq!(code(Format::GeoJson, &geojson(&empty)), "too_many_vertices");
    let features = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        r#"{"type":"Feature"},"#.repeat(500_000)
    );
    assert_eq!(
        code(Format::GeoJson, features.as_bytes()),
        "too_many_features"
    );
    let rows = format!("wkt,a\n{}", ",1\n".repeat(500_000));
    assert_eq!(code(Format::CsvWkt, rows.as_bytes()), "too_many_features");
    let placemarks = format!("<kml>{}</kml>", "<Placemark/>".repeat(500_000));
    assert_eq!(
        code(Format::Kml, placemarks.as_bytes()),
        "too_many_features"
    );
}

#[test]
fn a_long_name_for_each_row_is_kept_once() {
    let limits = Limits {
        bytes: 2 << 20,
        ..Limits::default()
    };
    let head = "n".repeat(1 << 20);
    let table = format!("wkt,{head}\n{}", ",1\n".repeat(1_000));
    let file = read(Format::CsvWkt, table.as_bytes(), &limits).expect("read");
    assert_eq!(file.features.len(), 1_000);
    let wide = (0..1_000).map(|i| format!(",c{i}")).collect::<String>();
    let row = ",1".repeat(1_000);
    let table = format!("wkt{wide}\n{}", format!("{row}\n").repeat(900));
    assert_eq!(
        code_within(Format::CsvWkt, table.as_bytes(), &limits),
        "too_big",
        "what keeping the cells costs"
    );
}

#[test]
fn json_that_is_no_geojson() {
    for (text, expected) in [
        ("", "broken"),
        ("null", "broken"),
        ("[]", "broken"),
        ("{}", "geometry_kind"),
        (r#"{"type":"FeatureCollection"}"#, "geometry_kind"),
        (r#"{"type":"FeatureCollection","features":{}}"#, "broken"),
        (r#"{"type":"FeatureCollection","features":[{}]}"#, "broken"),
        (
            r#"{"type":"FeatureCollection","features":[null]}"#,
            "broken",
        ),
        (r#"{"type":"FeatureCollection","features":[]} x"#, "broken"),
        (r#"{"type":"FeatureCollection","features":[]"#, "broken"),
        (
            r#"{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:3857"}},"features":[]}"#,
            "unknown_datum",
        ),
        (
            r#"{"type":"FeatureCollection","crs":7,"features":[]}"#,
            "broken",
        ),
        (r#"{"type":"Topology","features":[]}"#, "geometry_kind"),
        (r#"{"type":"FeatureCollection","features":[]}"#, "taken"),
    ] {
        assert_eq!(code(Format::GeoJson, text.as_bytes()), expected, "{text}");
    }
    for (geometry, expected) in [
        ("null", "taken"),
        ("7", "broken"),
        ("{}", "geometry_kind"),
        (r#"{"type":"Point"}"#, "broken"),
        (r#"{"type":"Point","coordinates":7}"#, "broken"),
        (r#"{"type":"Point","coordinates":[]}"#, "taken"),
        (r#"{"type":"Point","coordinates":[104]}"#, "broken"),
        (r#"{"type":"Point","coordinates":[104,"30"]}"#, "broken"),
        (r#"{"type":"Point","coordinates":[104,null]}"#, "broken"),
        (r#"{"type":"Point","coordinates":[104,[30]]}"#, "broken"),
        (r#"{"type":"Point","coordinates":[104,NaN]}"#, "broken"),
        (r#"{"type":"Point","coordinates":[104,1e999]}"#, "broken"),
        (
            r#"{"type":"Point","coordinates":[30.6,104]}"#,
            "axes_reversed",
        ),
        (
            r#"{"type":"Point","coordinates":[1e300,30]}"#,
            "out_of_range",
        ),
        (r#"{"type":"Point","coordinates":[104,30,5,5,5]}"#, "taken"),
        (r#"{"type":"Polygon","coordinates":[104,30]}"#, "broken"),
        (r#"{"type":"Polygon","coordinates":[[104,30]]}"#, "broken"),
        (
            r#"{"type":"Polygon","coordinates":[[[[104,30]]]]}"#,
            "broken",
        ),
        (
            r#"{"type":"MultiPolygon","coordinates":[[[[[104,30]]]]]}"#,
            "nesting",
        ),
        (
            r#"{"type":"LineString","coordinates":[[104,30],[105,30]]}"#,
            "geometry_kind",
        ),
        (
            r#"{"type":"GeometryCollection","geometries":[]}"#,
            "geometry_kind",
        ),
    ] {
        assert_eq!(
            code(Format::GeoJson, &geojson(geometry)),
            expected,
            "{geometry}"
        );
    }
    let deep = geojson(&format!(
        r#"{{"type":"Polygon","coordinates":{}"#,
        "[".repeat(1_000_000)
    ));
    assert_eq!(code(Format::GeoJson, &deep), "nesting");
    let deep = format!(r#"{{"other":{}"#, "[".repeat(1_000_000));
    assert_eq!(
        code(Format::GeoJson, deep.as_bytes()),
        "broken",
        "deep where nobody looks"
    );
    let fault = read(
        Format::GeoJson,
        &geojson(r#"{"type":"LineString","coordinates":[]}"#),
        &Limits::default(),
    );
    let fault = fault.expect_err("lines are no grids");
    assert_eq!(
        fault.to_string(),
        format!("feature 1: {}", fault.en),
        "it says where"
    );
}

#[test]
fn properties_are_kept_as_they_were_written() {
    let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":9,"geometry":null,
        "properties":{"n":12345678901234567890.10,"t":" a ","e":"","b":true,"z":null,"o":{"a":[1]},"u":"\u7f51"}}]}"#;
    let file = read(Format::GeoJson, text.as_bytes(), &Limits::default()).expect("read");
    let one = &file.features[0];
    assert_eq!(one.geometry, Geometry::None);
    let expected = [
        ("n", "12345678901234567890.10"),
        ("t", " a "),
        ("b", "true"),
        ("o", r#"{"a":[1]}"#),
        ("u", "网"),
        ("id", "9"),
    ];
    let found: Vec<(&str, &str)> = one
        .properties
        .iter()
        .map(|(name, value)| (&**name, value.as_str()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn tables_that_are_no_map() {
    for (text, expected) in [
        ("", "no_geometry"),
        ("a,b\n1,2\n", "no_geometry"),
        ("wkt,a\nPOINT(104 30)\n", "broken"),
        ("wkt;a\nPOINT(104 30);1\n", "taken"),
        ("WKT\ta\nPOINT(104 30)\t1\n", "taken"),
        ("a,geom\n1,SRID=4490;POINT(104 30)\n", "taken"),
        (
            "a,wkt\n1,SRID=4490;POINT(104 30)\n2,SRID=4326;POINT(104 30)\n",
            "mixed_datum",
        ),
        ("a,wkt\n1,POINT(30 104)\n", "axes_reversed"),
        ("a,wkt\n1,LINESTRING(104 30)\n", "geometry_kind"),
    ] {
        assert_eq!(code(Format::CsvWkt, text.as_bytes()), expected, "{text}");
    }
    let gbk = b"\xcd\xf8\xb8\xf1,wkt\n\xcb\xab\xc1\xf7,POINT(104 30)\n";
    let file = read(Format::CsvWkt, gbk, &Limits::default()).expect("read");
    assert_eq!(
        file.features[0].property("网格"),
        Some("双流"),
        "as Excel saves it in China"
    );
    let fault = read(
        Format::CsvWkt,
        b"wkt,a\nPOINT(104 30),1\nPOINT(30 104),2\n",
        &Limits::default(),
    );
    assert!(
        fault
            .expect_err("reversed")
            .to_string()
            .starts_with("line 3: ")
    );
}

#[test]
fn shapefiles_that_lie() {
    let parts = parts();
    let without = |end: &str| {
        let left: Vec<_> = parts
            .iter()
            .filter(|(name, _)| !name.ends_with(end))
            .cloned()
            .collect();
        code(Format::Shapefile, &packed(&left))
    };
    assert_eq!(without(".dbf"), "missing_part");
    assert_eq!(without(".shp"), "no_layer");
    for optional in [".shx", ".prj", ".cpg"] {
        assert_eq!(without(optional), "taken", "{optional}");
    }
    let with = |end: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut parts = parts.clone();
        let part = parts
            .iter_mut()
            .find(|(name, _)| name.ends_with(end))
            .expect("the part");
        change(&mut part.1);
        code(Format::Shapefile, &packed(&parts))
    };
    let prj = |text: &'static str| with(".prj", &move |prj| *prj = text.as_bytes().to_vec());
    assert_eq!(
        prj(r#"PROJCS["CGCS2000_3_Degree_GK_Zone_35"]"#),
        "projected"
    );
    assert_eq!(prj(r#"GEOGCS["x",DATUM["D_Xian_1980"]]"#), "unknown_datum");
    // The first record begins at 100; its kind at 108, its box at 112, its counts at 144, its first point at 156.
    assert_eq!(with(".shp", &|shp| shp[108] = 3), "geometry_kind");
    assert_eq!(
        with(".shp", &|shp| shp[144..148].fill(0x7f)),
        "broken",
        "parts"
    );
    assert_eq!(
        with(".shp", &|shp| shp[148..152].fill(0x7f)),
        "broken",
        "points"
    );
    assert_eq!(
        with(".shp", &|shp| shp[156..164]
            .copy_from_slice(&f64::NAN.to_le_bytes())),
        "not_finite"
    );
    assert_eq!(with(".shp", &|shp| shp.truncate(200)), "broken");
    assert_eq!(with(".shx", &|shx| shx[100..104].fill(0xff)), "broken");
    assert_eq!(
        with(".shx", &|shx| shx.truncate(108)),
        "broken",
        "fewer shapes than rows"
    );
    assert_eq!(
        with(".dbf", &|dbf| dbf[4] = 2),
        "broken",
        "fewer rows than shapes"
    );
    assert_eq!(with(".dbf", &|dbf| dbf[4..8].fill(0xff)), "broken");
    let exchanged = with(".shp", &|shp| {
        let (lon, lat) = (shp[156..164].to_vec(), shp[164..172].to_vec());
        shp[156..164].copy_from_slice(&lat);
        shp[164..172].copy_from_slice(&lon);
    });
    assert_eq!(exchanged, "axes_reversed");
}

#[test]
fn geopackages_that_bite() {
    assert_eq!(code(Format::GeoPackage, &geopackage("")), "taken");
    for (sql, expected) in [
        // A view that never ends in the place of the table.
        (
            "ALTER TABLE grids RENAME TO old; CREATE VIEW grids AS
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, NULL AS geom FROM n;",
            "broken",
        ),
        (
            "DROP TABLE gpkg_contents; CREATE VIEW gpkg_contents AS
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
             SELECT 'grids' AS table_name, 'features' AS data_type FROM n;",
            "broken",
        ),
        ("ALTER TABLE grids RENAME TO old; CREATE VIRTUAL TABLE grids USING fts5(geom);", "broken"),
        // Columns reckoned anew for each row, by whatever the file likes.
        ("ALTER TABLE grids ADD COLUMN slow AS (length(hex(zeroblob(30000000))));", "broken"),
        ("ALTER TABLE gpkg_contents ADD COLUMN slow AS (hex(zeroblob(30000000)));", "broken"),
        // A value longer than any shape.
        ("UPDATE grids SET note = zeroblob(70000000) WHERE fid = 1;", "too_big"),
        ("DROP TABLE gpkg_geometry_columns;", "broken"),
        ("DELETE FROM gpkg_contents;", "no_layer"),
        ("DELETE FROM gpkg_geometry_columns;", "broken"),
        ("UPDATE gpkg_geometry_columns SET column_name = 'none';", "broken"),
        ("UPDATE grids SET geom = 'words';", "broken"),
        ("UPDATE grids SET geom = x'00';", "broken"),
        ("UPDATE grids SET geom = NULL;", "taken"),
        ("UPDATE gpkg_geometry_columns SET srs_id = 0;", "taken"),
        ("UPDATE gpkg_geometry_columns SET srs_id = -1;", "unknown_datum"),
        ("UPDATE gpkg_geometry_columns SET srs_id = 77;", "broken"),
        (
            "UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = 3857, definition = 'PROJCS[\"m\"]' WHERE srs_id = 4326;",
            "projected",
        ),
    ] {
        assert_eq!(code(Format::GeoPackage, &geopackage(sql)), expected, "{sql}");
    }
    let mut log_ahead = geopackage("");
    log_ahead[18..20].fill(2);
    assert_eq!(
        code(Format::GeoPackage, &log_ahead),
        "taken",
        "left in write-ahead mode"
    );
    let cut = &log_ahead[..log_ahead.len() / 2];
    assert_eq!(code(Format::GeoPackage, cut), "broken");
    assert_eq!(code(Format::GeoPackage, b"SQLite format 3\0"), "broken");
    assert_eq!(code(Format::GeoPackage, b""), "broken");
}

#[test]
fn a_billion_laughs_are_not_laughed() {
    let kml = br#"<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
        <kml><Placemark><name>&b;</name></Placemark></kml>"#;
    assert_eq!(code(Format::Kml, kml), "entity");
    let outside = br#"<!DOCTYPE kml SYSTEM "file:///etc/passwd"><kml/>"#;
    assert_eq!(code(Format::Kml, outside), "entity");
}

/// Small limits, so that what damaged files still cost shows.
const SMALL: Limits = Limits {
    bytes: 1 << 20,
    features: 50,
    vertices: 2_000,
    vertices_of_one: 1_000,
};

fn within_limits(file: &MapFile) -> bool {
    let vertices = |geometry: &Geometry| match geometry {
        Geometry::None => 0,
        Geometry::Point(_) => 1,
        Geometry::Polygons(polygons) => polygons.iter().flatten().map(Vec::len).sum::<usize>(),
    };
    let all: usize = file
        .features
        .iter()
        .map(|feature| vertices(&feature.geometry))
        .sum();
    let finite = |geometry: &Geometry| match geometry {
        Geometry::None => true,
        Geometry::Point(p) => p.iter().all(|axis| axis.is_finite()),
        Geometry::Polygons(polygons) => polygons
            .iter()
            .flatten()
            .flatten()
            .flatten()
            .all(|axis| axis.abs() <= 180.0),
    };
    file.features.len() <= SMALL.features
        && all <= SMALL.vertices
        && file
            .features
            .iter()
            .all(|feature| finite(&feature.geometry))
}

/// A valid file of each format, and the parts of the zipped ones, to be damaged.
fn valid() -> Vec<(Format, Vec<u8>)> {
    let shapes = shapes();
    Format::ALL
        .into_iter()
        .map(|format| {
            let bytes =
                write(format, "grids", &COLUMNS, &rows(&shapes), Datum::Wgs84).expect("written");
            (format, bytes)
        })
        .collect()
}

#[derive(Debug, Clone)]
enum Damage {
    Set(usize, u8),
    Fill(usize, usize, u8),
    Cut(usize),
    Double(usize, usize),
}

fn any_damage() -> impl Strategy<Value = Vec<Damage>> {
    let at = any::<proptest::sample::Index>().prop_map(|index| index.index(1 << 20));
    let byte = prop_oneof![
        any::<u8>(),
        Just(0xff),
        Just(0),
        Just(0x7f),
        Just(b'['),
        Just(b'<'),
        Just(b'9')
    ];
    let damage = prop_oneof![
        4 => (at.clone(), byte.clone()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        2 => (at.clone(), 1..16_usize, byte).prop_map(|(at, length, byte)| Damage::Fill(at, length, byte)),
        1 => at.clone().prop_map(Damage::Cut),
        1 => (at, 1..2_000_usize).prop_map(|(at, length)| Damage::Double(at, length)),
    ];
    proptest::collection::vec(damage, 1..6)
}

fn damaged(bytes: &[u8], all: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for damage in all {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match *damage {
            Damage::Set(at, byte) => bytes[at % length] = byte,
            Damage::Fill(at, n, byte) => {
                let at = at % length;
                bytes[at..(at + n).min(length)].fill(byte);
            }
            Damage::Cut(at) => bytes.truncate(at % length),
            Damage::Double(at, n) => {
                let at = at % length;
                let piece = bytes[at..(at + n).min(length)].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), start in 0..6_usize) {
        let starts: [&[u8]; 6] = [b"", b"{\"type\":\"FeatureCollection\",\"features\":[", b"wkt,a\n", b"PK\x03\x04", b"SQLite format 3\0", b"<kml><Placemark>"];
        let bytes = [starts[start], &bytes].concat();
        Format::sniff(&bytes);
        for format in Format::ALL {
            if let Ok(file) = read(format, &bytes, &SMALL) {
                prop_assert!(within_limits(&file));
            }
        }
    }

    #[test]
    fn damaged_files_never_panic(damage in any_damage()) {
        static VALID: LazyLock<Vec<(Format, Vec<u8>)>> = LazyLock::new(valid);
        static PARTS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(parts);
        for (format, bytes) in VALID.iter() {
            let bytes = damaged(bytes, &damage);
            if let Ok(file) = read(*format, &bytes, &SMALL) {
                prop_assert!(within_limits(&file));
            }
        }
        // In the zip file damage mostly breaks the packing: the parts are damaged too.
        for which in 0..PARTS.len() {
            let mut parts = PARTS.clone();
            parts[which].1 = damaged(&parts[which].1, &damage);
            if let Ok(file) = read(Format::Shapefile, &packed(&parts), &SMALL) {
                prop_assert!(within_limits(&file));
            }
        }
    }
}
