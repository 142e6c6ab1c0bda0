//! Reading: one module a format, and the small parsers that several formats share.
//!
//! Every vertex, ring, property and feature goes through the [`Meter`]; nothing here takes memory or time on the word of the
//! file. Libraries that build a whole tree, or that reserve what a header promises, are not used for that reason (`geojson`,
//! `wkt`, `shapefile`, `dbase`): the readers here are small because they keep only polygons and single points.

mod csv_wkt;
mod dbf;
mod geojson;
mod geopackage;
mod kml;
mod rings;
mod shapefile;
mod shp;
mod text;
mod unzip;
mod wkb;
mod wkt;

use crate::fault::FileFault;
use crate::meter::{Limits, Meter};
use crate::{Format, Geometry, MapFile};

pub(crate) use unzip::names as names_in_zip;

pub(crate) fn read(
    format: Format,
    bytes: &[u8],
    layer: Option<&str>,
    limits: &Limits,
) -> Result<MapFile, FileFault> {
    if bytes.len() > limits.bytes {
        return Err(FileFault::too_big(limits.bytes));
    }
    let mut meter = Meter::new(limits);
    match format {
        Format::GeoJson => geojson::read(bytes, &mut meter),
        Format::CsvWkt => csv_wkt::read(bytes, &mut meter),
        Format::Shapefile => shapefile::read(bytes, layer, &mut meter),
        Format::GeoPackage => geopackage::read(bytes, layer, &mut meter),
        Format::Kml => kml::read(bytes, &mut meter),
    }
}

/// Polygons, or nothing when there are none.
fn polygons(polygons: Vec<Vec<Vec<[f64; 2]>>>) -> Geometry {
    if polygons.iter().all(Vec::is_empty) {
        Geometry::None
    } else {
        Geometry::Polygons(polygons)
    }
}

/// The layer to read of those a file has: the one asked for, or the first.
fn choose(layers: &[String], asked: Option<&str>) -> Result<usize, FileFault> {
    let found = match asked {
        None => (!layers.is_empty()).then_some(0),
        Some(asked) => layers.iter().position(|layer| layer == asked),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = layers.iter().take(20).map(String::as_str).collect();
        FileFault::new(
            "no_layer",
            format!("文件里没有要读的图层；已有图层：{}", names.join("、")),
            format!(
                "the file does not have the layer; it has: {}",
                names.join(", ")
            ),
        )
    })
}
