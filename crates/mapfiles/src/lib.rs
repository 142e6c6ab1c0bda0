//! Map files in and out, and vector tiles.
//!
//! Reads and writes GeoJSON, CSV with a column of WKT, zipped Shapefile, GeoPackage and KML, and encodes [`tile`]s. This floor
//! knows nothing of grids, rules, database or HTTP: what comes out of a file is features with texts and coordinates as they
//! stand in it, and what goes in is shapes and values.
//!
//! A file may come from anybody. Reading believes no count further than there are bytes, counts what it unpacks and what it
//! keeps while it does so, and refuses with the place and the reason; it never writes to the disk.

mod fault;
mod format;
mod meter;
mod numbers;
mod read;
mod srs;
pub mod tile;
mod write;

use std::sync::Arc;

use jingwei_core::place::{Datum, Shape};

pub use fault::{At, FileFault};
pub use format::Format;
pub use meter::Limits;
pub use write::WriteFault;

/// One thing of a map file.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Where it stands in the file.
    pub at: At,
    /// Names as in the file and values as text: numbers as they were written, empty values left out.
    pub properties: Vec<(Arc<str>, String)>,
    /// Where it is on the map.
    pub geometry: Geometry,
}

impl Feature {
    /// The value of a property; none when it is empty or missing.
    pub fn property(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(key, _)| &**key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A geometry as it stands in a file: longitude and latitude in degrees of the file's datum, finite and within ±180, ±90.
#[derive(Debug, Clone, PartialEq)]
pub enum Geometry {
    /// The feature has none, or an empty one.
    None,
    /// One point.
    Point([f64; 2]),
    /// Polygons of rings, the outer ring first. Rings may be closed by their first point or not, may run either way and may
    /// have too few points: whether they make a shape is for others to say.
    Polygons(Vec<Vec<Vec<[f64; 2]>>>),
}

/// What was read from a map file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MapFile {
    /// Its features, in the order of the file.
    pub features: Vec<Feature>,
    /// The datum that the file declares; KML always is WGS84; none when the file does not say.
    pub declared: Option<Datum>,
    /// All layers of a file that may have several (GeoPackage, Shapefile); one of them was read.
    pub layers: Vec<String>,
}

/// A value of a feature that is written to a file or a tile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Words.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number; must be finite in a file.
    Real(f64),
    /// Nothing: the field is left empty or out.
    None,
}

/// What kind of values a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Value::Text`].
    Text,
    /// [`Value::Integer`].
    Integer,
    /// [`Value::Real`], and whole numbers too.
    Real,
}

/// A column of the table that goes with a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name; different from the others, capitals apart.
    pub name: &'a str,
    /// What its values are.
    pub kind: Kind,
}

/// One feature to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// Its shape, WGS84.
    pub shape: &'a Shape,
    /// A value for each column.
    pub values: Vec<Value<'a>>,
}

/// Reads a map file; of a file with several layers the first.
///
/// # Errors
/// The first thing that is not as it must be, with where and what to do.
pub fn read(format: Format, bytes: &[u8], limits: &Limits) -> Result<MapFile, FileFault> {
    read::read(format, bytes, None, limits)
}

/// Reads one layer of a map file that may have several, by its name.
///
/// # Errors
/// As [`read`], and `no_layer` with the names there are.
pub fn read_layer(
    format: Format,
    bytes: &[u8],
    layer: &str,
    limits: &Limits,
) -> Result<MapFile, FileFault> {
    read::read(format, bytes, Some(layer), limits)
}

/// Writes a map file with one layer, converted from WGS84 to `datum`. The same input gives the same bytes.
///
/// # Errors
/// What the format cannot hold, see [`WriteFault`].
pub fn write(
    format: Format,
    layer: &str,
    columns: &[Column<'_>],
    rows: &[Row<'_>],
    datum: Datum,
) -> Result<Vec<u8>, WriteFault> {
    write::write(format, layer, columns, rows, datum)
}
