//! GDAL, with which half of the world reads maps, opens features and tiles by their addresses and finds what we have.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use jingwei_core::code::DivisionCode;
use jingwei_core::grids::Layer;
use jingwei_core::place::{Point, Polygon, Shape};
use jingwei_engine::maps::TileId;
use serde_json::Value;

use super::point;
use crate::cast::Cast;

/// Runs one of GDAL's programs; a warning is a failure.
pub(super) fn gdal(program: &str, arguments: &[&str]) -> String {
    let run = Command::new(program)
        .args(arguments)
        .env("NO_PROXY", "*")
        .output()
        .unwrap_or_else(|error| {
            panic!("{program} cannot be run ({error}): install GDAL (Debian, Ubuntu: apt-get install gdal-bin)")
        });
    let warned = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(
        run.status.success() && warned.is_empty(),
        "{program} {arguments:?}: {warned}"
    );
    String::from_utf8(run.stdout).expect("UTF-8")
}

/// What GDAL makes of a source: area in square metres by code. Of tiles the pieces add up.
fn areas(source: &str, layer: &str, options: &[&str]) -> BTreeMap<String, f64> {
    let mut arguments = vec!["-f", "GeoJSON", "-t_srs", "EPSG:4326"];
    arguments.extend(["-lco", "COORDINATE_PRECISION=9", "/vsistdout/"]);
    arguments.extend([source, layer]);
    arguments.extend(options);
    let json: Value = serde_json::from_str(&gdal("ogr2ogr", &arguments)).expect("JSON");
    let mut areas = BTreeMap::new();
    for feature in json["features"].as_array().expect("features") {
        let code = feature["properties"]["code"].as_str().expect("a code");
        *areas.entry(code.to_owned()).or_default() += shape(&feature["geometry"]).area_m2();
    }
    areas
}

fn shape(geometry: &Value) -> Shape {
    let ring = |ring: &Value| -> Vec<Point> {
        let points = ring.as_array().expect("a ring").iter();
        points
            .map(|at| {
                point((
                    at[0].as_f64().expect("a longitude"),
                    at[1].as_f64().expect("a latitude"),
                ))
            })
            .collect()
    };
    let polygon = |rings: &Value| {
        let mut rings = rings.as_array().expect("rings").iter().map(ring);
        Polygon {
            outer: rings.next().expect("an outer ring"),
            holes: rings.collect(),
        }
    };
    let coordinates = &geometry["coordinates"];
    let polygons: Vec<Polygon> = match geometry["type"].as_str() {
        Some("Polygon") => vec![polygon(coordinates)],
        _ => coordinates
            .as_array()
            .expect("polygons")
            .iter()
            .map(polygon)
            .collect(),
    };
    Shape::new(polygons).expect("a shape")
}

/// GDAL reads the features page by page, and the tiles from the same addresses that a map page asks.
pub(super) fn gdal_reads(cast: &Cast) {
    let (base, place) = (cast.node.base.as_str(), cast.node.node.place());
    let today = cast.node.node.now().local_day();
    let ours: BTreeMap<String, f64> = place
        .grids
        .list(Layer::Base, today, None)
        .map(|grid| (grid.code().to_owned(), grid.shape().area_m2()))
        .collect();
    let source = format!("OAPIF:{base}/ogc");
    let listed = gdal("ogrinfo", &["-ro", &source]);
    for layer in ["divisions-county", "grids-base", "grids-mobile"] {
        assert!(listed.contains(layer), "{listed}");
    }
    let told = gdal("ogrinfo", &["-ro", "-so", &source, "grids-base"]);
    assert!(
        told.contains(&format!("Feature Count: {}", ours.len())),
        "{told}"
    );
    for field in ["supervision_phone", "valid_from", "host_name"] {
        assert!(told.contains(field), "{told}");
    }
    let theirs = areas(&source, "grids-base", &["-oo", "PAGE_SIZE=10"]);
    same_areas(&ours, &theirs, 1e-9);
    let county = DivisionCode::parse("510116").expect("a code");
    let outline = place.outlines.of(&county).expect("an outline").shape();
    let counties = areas(&source, "divisions-county", &["-where", "code = '510116'"]);
    same_areas(
        &BTreeMap::from([("510116".to_owned(), outline.area_m2())]),
        &counties,
        1e-9,
    );
    gdal_reads_tiles(cast, &outline);
}

fn same_areas(ours: &BTreeMap<String, f64>, theirs: &BTreeMap<String, f64>, off: f64) {
    let keys = |areas: &BTreeMap<String, f64>| areas.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(ours), keys(theirs));
    for (code, ours) in ours {
        let theirs = theirs[code];
        assert!(
            (ours - theirs).abs() <= off * ours,
            "{code}: {ours} and {theirs}"
        );
    }
}

fn gdal_reads_tiles(cast: &Cast, outline: &Shape) {
    let base = cast.node.base.as_str();
    // A saved tile: GDAL takes the place from the folders.
    let folder = tempfile::tempdir().expect("a folder");
    let at = TileId::of(8, outline.inside()).expect("a tile");
    let saved = folder.path().join("8").join(at.x().to_string());
    std::fs::create_dir_all(&saved).expect("a folder");
    let file = saved.join(format!("{}.pbf", at.y()));
    let path = format!("/ogc/tiles/divisions/8/{}/{}.pbf", at.x(), at.y());
    std::fs::write(&file, cast.node.anonymous().get(&path).bytes).expect("a file");
    let name = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let told = gdal("ogrinfo", &["-ro", "-al", &format!("MVT:{}", name(&file))]);
    assert!(told.contains("双流区") && told.contains("510116"), "{told}");
    // All tiles of a zoom by their address, put together by GDAL.
    let tiles = format!("MVT:{base}/ogc/tiles/divisions/8");
    let metadata = format!("METADATA_FILE={base}/ogc/tiles/divisions");
    let drawn = areas(&tiles, "divisions", &["-oo", &metadata]);
    let whole = outline.area_m2();
    assert!(
        (drawn["510116"] - whole).abs() < 0.002 * whole,
        "{drawn:?}, {whole}"
    );
}
