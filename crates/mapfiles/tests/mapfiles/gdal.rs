//! GDAL, which half of the world's map programs read with, opens what we write and finds the same; and we read what it writes.

use std::path::{Path, PathBuf};
use std::process::Command;

use jingwei_core::place::{Datum, Shape};
use jingwei_mapfiles::tile::{TileId, TileLayer, encode};
use jingwei_mapfiles::{Format, Limits, MapFile, Value, read, write};
use serde_json::Value as Json;

use crate::support::{COLUMNS, area, area_read, planar, rows, same_area, shape_read, shapes};

/// Runs one of GDAL's programs: what it printed, and what it warned of.
fn run(program: &str, arguments: &[&str]) -> (String, String) {
    let run = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| {
            panic!("{program} cannot be run ({error}): install GDAL (Debian, Ubuntu: apt-get install gdal-bin)")
        });
    let warned = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{program} {arguments:?}: {warned}");
    (String::from_utf8(run.stdout).expect("UTF-8"), warned)
}

/// The same on a file of ours. A word of warning is a failure: what GDAL only tolerates is not right.
fn gdal(program: &str, arguments: &[&str]) -> String {
    let (printed, warned) = run(program, arguments);
    assert_eq!(warned, "", "{program} {arguments:?}");
    printed
}

/// GDAL's name for a format, and the end of a file's name by which it knows it.
fn driver(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::GeoJson => ("GeoJSON", "geojson"),
        Format::CsvWkt => ("CSV", "csv"),
        Format::Shapefile => ("ESRI Shapefile", "shp.zip"),
        Format::GeoPackage => ("GPKG", "gpkg"),
        Format::Kml => ("KML", "kml"),
    }
}

struct Written {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Written {
    fn new(format: Format, shapes: &[Shape], datum: Datum) -> Self {
        let bytes = write(format, "grids", &COLUMNS, &rows(shapes), datum).expect("written");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(format!("grids.{}", driver(format).1));
        std::fs::write(&path, bytes).expect("a file");
        Self { folder, path }
    }

    fn path(&self) -> &str {
        self.path.to_str().expect("UTF-8")
    }
}

/// The file as GDAL understands it.
fn as_geojson(path: &str) -> Vec<Json> {
    let text = gdal(
        "ogr2ogr",
        &[
            "-f",
            "GeoJSON",
            "-lco",
            "COORDINATE_PRECISION=16",
            "/vsistdout/",
            path,
        ],
    );
    let json: Json = serde_json::from_str(&text).expect("JSON");
    json["features"].as_array().expect("features").clone()
}

/// The area of a GeoJSON geometry, by our own hand.
fn area_of(geometry: &Json) -> f64 {
    let ring = |ring: &Json| {
        let number = |json: &Json| json.as_f64().expect("a number");
        let positions = ring.as_array().expect("a ring").iter();
        planar(
            &positions
                .map(|at| [number(&at[0]), number(&at[1])])
                .collect::<Vec<_>>(),
        )
    };
    let polygon = |rings: &Json| {
        let rings = rings.as_array().expect("rings");
        ring(&rings[0]) - rings[1..].iter().map(ring).sum::<f64>()
    };
    let coordinates = &geometry["coordinates"];
    match geometry["type"].as_str() {
        Some("Polygon") => polygon(coordinates),
        Some("MultiPolygon") => coordinates
            .as_array()
            .expect("polygons")
            .iter()
            .map(polygon)
            .sum(),
        other => panic!("{other:?}"),
    }
}

/// A property as text, whatever type GDAL gave it.
fn text(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn gdal_reads_what_we_write() {
    let shapes = shapes();
    for format in Format::ALL {
        let written = Written::new(format, &shapes, Datum::Wgs84);
        let told = gdal("ogrinfo", &["-al", "-so", written.path()]);
        assert!(told.contains("Feature Count: 3"), "{format:?}: {told}");
        let features = as_geojson(written.path());
        assert_eq!(features.len(), shapes.len(), "{format:?}");
        for (feature, shape) in features.iter().zip(&shapes) {
            assert!(
                same_area(area_of(&feature["geometry"]), area(shape)),
                "{format:?}: {feature}"
            );
        }
        let first = &features[0]["properties"];
        assert_eq!(text(&first["code"]), "510116001001001", "{format:?}");
        assert_eq!(text(&first["households"]), "312", "{format:?}");
        assert_eq!(
            text(&first["note"]),
            "\"quoted\", <b>&amp;</b>; 'ä' 𠮷",
            "{format:?}"
        );
        let real: f64 = text(&first["area_km2"]).parse().expect("a number");
        assert!((real - 0.3).abs() < 1e-15, "{format:?}: {real}");
        // KML has a name of its own, which its reader sets apart.
        let name = first
            .get("name")
            .or_else(|| first.get("Name"))
            .expect("a name");
        assert_eq!(text(name), "双流区东升街道第一网格", "{format:?}");
        if ![Format::CsvWkt, Format::Kml].contains(&format) {
            assert_eq!(text(&first["serial"]), "9007199254740993", "{format:?}");
            assert_eq!(
                features[1]["properties"]["serial"],
                Json::Null,
                "{format:?}"
            );
        }
        assert_eq!(
            text(&features[1]["properties"]["code"]),
            "007",
            "{format:?}"
        );
    }
}

#[test]
fn gdal_reckons_the_same_area_and_finds_the_shapes_sound() {
    let shapes = shapes();
    let ours: f64 = shapes.iter().map(area).sum();
    for format in Format::ALL {
        let written = Written::new(format, &shapes, Datum::Wgs84);
        let sql =
            "SELECT SUM(ST_Area(geometry)) AS area, MIN(ST_IsValid(geometry)) AS valid FROM grids";
        let sql = match format {
            Format::GeoPackage => sql.replace("geometry", "geom"),
            _ => sql.to_owned(),
        };
        let told = gdal(
            "ogrinfo",
            &["-dialect", "SQLITE", "-sql", &sql, written.path()],
        );
        let field = |name: &str| {
            let line = told
                .lines()
                .find(|line| line.trim_start().starts_with(name) && line.contains(" = "));
            let value = line
                .and_then(|line| line.rsplit(" = ").next())
                .expect("the field");
            value.trim().parse::<f64>().expect("a number")
        };
        assert_eq!(field("valid"), 1.0, "{format:?}: {told}");
        // ogrinfo prints fifteen digits.
        assert!(same_area(field("area"), ours), "{format:?}: {told}");
    }
}

#[test]
fn gdal_is_told_the_datum() {
    let shapes = shapes();
    for format in [Format::GeoJson, Format::Shapefile, Format::GeoPackage] {
        for (datum, words) in [
            (Datum::Wgs84, ["WGS 84", "4326"]),
            (Datum::Cgcs2000, ["China", "4490"]),
        ] {
            let written = Written::new(format, &shapes, datum);
            let told = gdal("ogrinfo", &["-al", "-so", written.path()]);
            assert!(
                words.iter().all(|word| told.contains(word)),
                "{format:?} {datum}: {told}"
            );
            assert!(
                told.contains("Extent: (102.1"),
                "{format:?} {datum}: longitude first: {told}"
            );
        }
    }
    for format in [Format::Shapefile, Format::GeoPackage] {
        let told = gdal(
            "ogrinfo",
            &[
                "-al",
                "-so",
                Written::new(format, &shapes, Datum::Gcj02).path(),
            ],
        );
        assert!(told.contains("GCJ-02"), "{format:?}: {told}");
    }
}

/// GDAL's copy of what we wrote, read by us.
fn copied(written: &Written, format: Format, options: &[&str]) -> MapFile {
    let (name, end) = driver(format);
    let copy = written.folder.path().join(format!("copy.{end}"));
    let mut arguments = vec!["-f", name];
    arguments.extend(options);
    let copy_path = copy.to_str().expect("UTF-8").to_owned();
    arguments.extend([copy_path.as_str(), written.path()]);
    // Its formats hold less than ours (KML no long numbers, GBK no rare signs): it warns of that.
    run("ogr2ogr", &arguments);
    let bytes = std::fs::read(Path::new(&copy)).expect("the copy");
    assert_eq!(Format::sniff(&bytes), Some(format));
    read(format, &bytes, &Limits::default()).unwrap_or_else(|fault| panic!("{format:?}: {fault}"))
}

#[test]
fn we_read_what_gdal_writes() {
    let shapes = shapes();
    for (from, to) in Format::ALL
        .into_iter()
        .flat_map(|from| Format::ALL.map(|to| (from, to)))
    {
        let written = Written::new(from, &shapes, Datum::Wgs84);
        let options: &[&str] = match to {
            Format::CsvWkt => &["-lco", "GEOMETRY=AS_WKT"],
            Format::GeoJson => &["-lco", "COORDINATE_PRECISION=9"],
            Format::Shapefile => &["-lco", "ENCODING=UTF-8"],
            _ => &[],
        };
        let file = copied(&written, to, options);
        let what = format!("{from:?} to {to:?}");
        assert_eq!(file.features.len(), shapes.len(), "{what}");
        for (feature, shape) in file.features.iter().zip(&shapes) {
            assert!(
                same_area(area_read(&feature.geometry), area(shape)),
                "{what}"
            );
            assert_eq!(&shape_read(&feature.geometry), shape, "{what}");
        }
        assert_eq!(
            file.features[0].property("code"),
            Some("510116001001001"),
            "{what}"
        );
        assert_eq!(
            file.features[0].property("households"),
            Some("312"),
            "{what}"
        );
    }
}

#[test]
fn we_read_what_gdal_writes_in_gbk_and_in_another_datum() {
    let shapes = shapes();
    let written = Written::new(Format::GeoPackage, &shapes, Datum::Cgcs2000);
    let gbk = copied(&written, Format::Shapefile, &["-lco", "ENCODING=CP936"]);
    assert_eq!(gbk.declared, Some(Datum::Cgcs2000));
    assert_eq!(
        gbk.features[0].property("name"),
        Some("双流区东升街道第一网格")
    );
    for format in [Format::GeoJson, Format::GeoPackage] {
        let file = copied(&written, format, &[]);
        assert_eq!(file.declared, Some(Datum::Cgcs2000), "{format:?}");
    }
}

#[test]
fn projected_files_of_gdal_are_refused() {
    let shapes = shapes();
    let written = Written::new(Format::GeoJson, &shapes, Datum::Wgs84);
    for format in [Format::Shapefile, Format::GeoPackage, Format::GeoJson] {
        let (name, end) = driver(format);
        let copy = written.folder.path().join(format!("metres.{end}"));
        let copy_path = copy.to_str().expect("UTF-8");
        run(
            "ogr2ogr",
            &["-f", name, "-t_srs", "EPSG:4544", copy_path, written.path()],
        );
        let bytes = std::fs::read(&copy).expect("the copy");
        let fault = read(format, &bytes, &Limits::default()).expect_err("refused");
        let expected = if format == Format::GeoJson {
            "unknown_datum"
        } else {
            "projected"
        };
        assert_eq!(fault.code, expected, "{format:?}: {fault}");
    }
}

#[test]
fn gdal_reads_a_tile() {
    let shapes = shapes();
    let z = 12;
    let tile = TileId::of(z, shapes[0].bounds().middle()).expect("a tile");
    let mut grids = TileLayer::new(tile, "grids");
    for (id, shape) in (1..).zip(&shapes) {
        let properties = [
            ("code", Value::Text("510116001001001")),
            ("households", Value::Integer(-312)),
        ];
        grids.add_shape(id, shape, &properties);
    }
    let mut points = TileLayer::new(tile, "points");
    assert!(points.add_point(
        7,
        shapes[0].bounds().middle(),
        &[("share", Value::Real(0.5))]
    ));
    let folder = tempfile::tempdir().expect("a folder");
    // GDAL takes zoom, column and row from the path.
    let path = folder
        .path()
        .join(format!("{z}/{}/{}.mvt", tile.x(), tile.y()));
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, encode(&[grids, points])).expect("a file");
    let told = gdal("ogrinfo", &["-al", path.to_str().expect("UTF-8")]);
    for words in [
        "Layer name: grids",
        "Layer name: points",
        "510116001001001",
        "-312",
        "share (Real) = 0.5",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}
