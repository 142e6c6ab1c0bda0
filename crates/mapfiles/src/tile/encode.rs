//! Layers of a tile and their bytes: the few messages of the Mapbox Vector Tile specification, written by hand.
//!
//! The specification has four messages with a dozen fields; a library would bring a compiler for protocol buffers and its own
//! tree of values to fill. Keeps: ids and names of fields come out as they went in, every ring is closed, has an area and
//! runs the way its place asks for (outer rings with the clock on the screen, holes against it).

use std::collections::HashMap;

use jingwei_core::place::{Point, Shape};

use super::outline::{Ring, TWICE_THE_BOX, clip, tidy, twice_area, within};
use super::{EXTENT, Spot, TileId};
use crate::Value;

/// One layer of a tile while it is filled.
#[derive(Debug)]
pub struct TileLayer {
    tile: TileId,
    name: String,
    features: Vec<u8>,
    keys: Vec<String>,
    key_at: HashMap<String, u64>,
    values: Vec<Vec<u8>>,
    value_at: HashMap<Vec<u8>, u64>,
}

impl TileLayer {
    /// An empty layer of a tile; `name` is what the page's style calls it.
    pub fn new(tile: TileId, name: &str) -> Self {
        Self {
            tile,
            name: name.to_owned(),
            features: Vec::new(),
            keys: Vec::new(),
            key_at: HashMap::new(),
            values: Vec::new(),
            value_at: HashMap::new(),
        }
    }

    /// Whether nothing has been put into it.
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// Adds what the tile shows of a shape, WGS84. False, and nothing added, when that is nothing: it lies elsewhere or is
    /// smaller than the tile's grid.
    pub fn add_shape(&mut self, id: u64, shape: &Shape, properties: &[(&str, Value<'_>)]) -> bool {
        let tile = self.tile;
        let ring = |points: &[Point]| clip(tidy(points.iter().map(|&point| tile.spot(point))));
        let mut geometry = Geometry::default();
        for polygon in shape.polygons() {
            // Rows are counted downwards: what runs against the clock has a negative area here. A ring thinner than the grid
            // may fold over and come out with the other sign; its neighbours then meet without it.
            let outer = ring(&polygon.outer);
            if twice_area(&outer) >= 0 {
                continue;
            }
            let mut holes: Vec<Ring> = polygon.holes.iter().map(|hole| ring(hole)).collect();
            holes.retain(|hole| twice_area(hole) > 0);
            // The whole tile lies in a hole.
            if holes.iter().any(|hole| twice_area(hole) == TWICE_THE_BOX) {
                continue;
            }
            geometry.ring(outer);
            for hole in holes {
                geometry.ring(hole);
            }
        }
        self.add(id, 3, &geometry, properties)
    }

    /// Adds a point, WGS84; false when the tile and its buffer do not hold it.
    pub fn add_point(&mut self, id: u64, point: Point, properties: &[(&str, Value<'_>)]) -> bool {
        let spot = self.tile.spot(point);
        let mut geometry = Geometry::default();
        if within(spot) {
            geometry.command(MOVE_TO, 1);
            geometry.go(spot);
        }
        self.add(id, 1, &geometry, properties)
    }

    fn add(
        &mut self,
        id: u64,
        kind: u64,
        geometry: &Geometry,
        properties: &[(&str, Value<'_>)],
    ) -> bool {
        if geometry.words.is_empty() {
            return false;
        }
        let mut tags = Vec::new();
        for (key, value) in properties {
            // A field that says nothing is left out.
            if let Some(value) = value_bytes(value) {
                put(
                    &mut tags,
                    place_of(&mut self.keys, &mut self.key_at, (*key).to_owned()),
                );
                put(
                    &mut tags,
                    place_of(&mut self.values, &mut self.value_at, value),
                );
            }
        }
        let mut feature = Vec::new();
        number_field(&mut feature, 1, id);
        bytes_field(&mut feature, 2, &tags);
        number_field(&mut feature, 3, kind);
        bytes_field(&mut feature, 4, &geometry.words);
        bytes_field(&mut self.features, 2, &feature);
        true
    }
}

/// The bytes of a tile; layers without features are left out, as the specification asks. No bytes at all is an empty tile.
pub fn encode(layers: &[TileLayer]) -> Vec<u8> {
    let mut tile = Vec::new();
    for layer in layers.iter().filter(|layer| !layer.is_empty()) {
        let mut bytes = Vec::new();
        number_field(&mut bytes, 15, 2);
        bytes_field(&mut bytes, 1, layer.name.as_bytes());
        bytes.extend_from_slice(&layer.features);
        for key in &layer.keys {
            bytes_field(&mut bytes, 3, key.as_bytes());
        }
        for value in &layer.values {
            bytes_field(&mut bytes, 4, value);
        }
        number_field(&mut bytes, 5, EXTENT.cast_unsigned());
        bytes_field(&mut tile, 3, &bytes);
    }
    tile
}

const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// Drawing commands; each place is told as the way from the one before.
#[derive(Default)]
struct Geometry {
    words: Vec<u8>,
    at: Spot,
}

impl Geometry {
    fn command(&mut self, command: u64, times: usize) {
        put(&mut self.words, command | (times as u64) << 3);
    }

    fn go(&mut self, spot: Spot) {
        for way in [spot.0 - self.at.0, spot.1 - self.at.1] {
            put(&mut self.words, ((way << 1) ^ (way >> 63)).cast_unsigned());
        }
        self.at = spot;
    }

    /// A closed line, turned around: a shape's rings run the other way than the specification's.
    fn ring(&mut self, mut ring: Ring) {
        ring.reverse();
        self.command(MOVE_TO, 1);
        self.go(ring[0]);
        self.command(LINE_TO, ring.len() - 1);
        for &spot in &ring[1..] {
            self.go(spot);
        }
        self.command(CLOSE_PATH, 1);
    }
}

/// Where a key or value stands in the layer's list, added at the end when it is new.
fn place_of<T: Clone + Eq + std::hash::Hash>(
    list: &mut Vec<T>,
    at: &mut HashMap<T, u64>,
    one: T,
) -> u64 {
    if let Some(&at) = at.get(&one) {
        return at;
    }
    let place = list.len() as u64;
    list.push(one.clone());
    at.insert(one, place);
    place
}

/// The message of a value; none when there is nothing to say.
fn value_bytes(value: &Value<'_>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    match *value {
        Value::Text(text) => bytes_field(&mut bytes, 1, text.as_bytes()),
        Value::Real(real) => {
            // Field 3, eight bytes.
            put(&mut bytes, 3 << 3 | 1);
            bytes.extend_from_slice(&real.to_le_bytes());
        }
        Value::Integer(number) => match u64::try_from(number) {
            Ok(number) => number_field(&mut bytes, 5, number),
            Err(_) => number_field(
                &mut bytes,
                6,
                ((number << 1) ^ (number >> 63)).cast_unsigned(),
            ),
        },
        Value::None => return None,
    }
    Some(bytes)
}

fn number_field(out: &mut Vec<u8>, field: u64, number: u64) {
    put(out, field << 3);
    put(out, number);
}

fn bytes_field(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put(out, field << 3 | 2);
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A number in groups of seven bits, the low ones first.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
