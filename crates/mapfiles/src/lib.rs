//! Map files in and out, and vector tiles.
//!
//! Reads and writes GeoJSON, CSV with a column of WKT, zipped Shapefile, GeoPackage and KML, and encodes [`tile`]s. This floor
//! knows nothing of grids, rules, database or HTTP: what comes out of a file is features with texts and coordinates as they
//! stand in it, and what goes in is shapes and values.
//!
//! A file may come from anybody. Reading believes no count further than there are bytes, counts what it unpacks and what it
//! keeps while it does so, and refuses with the place and the reason; it never writes to the disk.

pub mod tile;

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
