//! Maps: tiles and features show what one may see and nothing else; the public layers are off until a review number is set;
//! GDAL reads both.

mod gdal;
mod layers;
mod mvt;
mod tiles;

use std::collections::BTreeSet;

use jingwei_core::code::DivisionCode;
use jingwei_core::directory::TableName;
use jingwei_core::grids::Layer;
use jingwei_core::place::Point;
use jingwei_engine::ImportOptions;
use jingwei_engine::maps::TileId;
use jingwei_testkit::{Answer, Engine, rules};

use crate::cast::Cast;
use mvt::Feature;

const TILE: &str = "application/vnd.mapbox-vector-tile";

/// Where the cast's cases lie.
const PLACE: (f64, f64) = (103.9712, 30.3215);

fn point((lon, lat): (f64, f64)) -> Point {
    Point::from_degrees(lon, lat).expect("a point")
}

/// The path of the tile of a zoom that holds a point.
fn square(set: &str, zoom: u8, at: Point) -> String {
    let tile = TileId::of(zoom, at).expect("a tile");
    format!("{set}/{zoom}/{}/{}", tile.x(), tile.y())
}

/// The features of the one layer of a tile; none of an empty tile.
fn features(answer: &Answer, layer: &str) -> Vec<Feature> {
    if answer.status == 204 {
        assert_eq!(answer.bytes, [0; 0]);
        return Vec::new();
    }
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some(TILE)),
        "{}",
        answer.text
    );
    let mut layers = mvt::layers(&answer.bytes);
    let features = layers.remove(layer).expect("the layer");
    assert!(layers.is_empty(), "one layer");
    features
}

fn values(features: &[Feature], key: &str) -> BTreeSet<String> {
    features
        .iter()
        .map(|feature| feature[key].clone())
        .collect()
}

fn texts(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A cast with land, the public layers off.
fn cast_with_land(engine: Engine) -> Cast {
    let cast = Cast::new(engine);
    cast.land();
    set_rules(&cast, rules());
    cast
}

fn set_rules(cast: &Cast, rules: Vec<(String, String)>) {
    let how = ImportOptions {
        dry_run: false,
        relax: true,
    };
    cast.node
        .block_on(cast.node.node.import_locally(TableName::Rules, rules, how))
        .expect("rules");
}

/// Codes and a point inside of the base grids of a division.
fn grids_of(cast: &Cast, division: &str) -> Vec<(String, Point)> {
    let place = cast.node.node.place();
    let division = DivisionCode::parse(division).expect("a code");
    let today = cast.node.node.now().local_day();
    let grids = place.grids.list(Layer::Base, today, None);
    grids
        .filter(|grid| division.covers(grid.host()))
        .map(|grid| (grid.code().to_owned(), grid.shape().inside()))
        .collect()
}
