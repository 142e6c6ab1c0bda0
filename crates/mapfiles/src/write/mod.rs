//! Writing: one module a format. The same input gives the same bytes: no clock, no random number, no order of a map.

mod csv_wkt;
mod geojson;
mod geopackage;
mod kml;
mod shapefile;

use jingwei_core::place::{Datum, Point, Polygon, Shape};

use crate::numbers::{bounds, real};
use crate::{Column, Format, Kind, Row, Value};

/// What a format cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteFault {
    /// Two columns have one name, capitals apart, or one has none.
    #[error("column {0:?} has no name of its own")]
    Column(String),
    /// A row does not have a value for each column, or one of another kind; rows count from 1.
    #[error("row {0} does not fit the columns")]
    Row(usize),
    /// A number is NaN or infinite.
    #[error("row {0} holds a number that is not finite")]
    NotFinite(usize),
    /// KML is WGS84 by its definition.
    #[error("KML is always WGS84, not {0}")]
    Datum(Datum),
    /// More columns or bytes than the format takes.
    #[error("too large for {0}")]
    TooLarge(&'static str),
    /// SQLite or the archive failed.
    #[error("could not be written: {0}")]
    Failed(String),
}

impl WriteFault {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What is written: the checked input of every format.
struct Layer<'a> {
    name: &'a str,
    columns: &'a [Column<'a>],
    rows: &'a [Row<'a>],
    datum: Datum,
}

pub(crate) fn write(
    format: Format,
    layer: &str,
    columns: &[Column<'_>],
    rows: &[Row<'_>],
    datum: Datum,
) -> Result<Vec<u8>, WriteFault> {
    check(columns, rows)?;
    let layer = Layer {
        name: layer,
        columns,
        rows,
        datum,
    };
    match format {
        Format::GeoJson => Ok(geojson::write(&layer)),
        Format::CsvWkt => csv_wkt::write(&layer),
        Format::Shapefile => shapefile::write(&layer),
        Format::GeoPackage => geopackage::write(&layer),
        Format::Kml => kml::write(&layer),
    }
}

fn check(columns: &[Column<'_>], rows: &[Row<'_>]) -> Result<(), WriteFault> {
    let mut names = std::collections::HashSet::new();
    for column in columns {
        if column.name.trim().is_empty() || !names.insert(column.name.to_lowercase()) {
            return Err(WriteFault::Column(column.name.to_owned()));
        }
    }
    for (i, row) in rows.iter().enumerate() {
        let fits = |(column, value): (&Column<'_>, &Value<'_>)| match value {
            Value::None => true,
            Value::Text(_) => column.kind == Kind::Text,
            Value::Integer(_) => column.kind != Kind::Text,
            Value::Real(_) => column.kind == Kind::Real,
        };
        if row.values.len() != columns.len() || !columns.iter().zip(&row.values).all(fits) {
            return Err(WriteFault::Row(i + 1));
        }
        if row
            .values
            .iter()
            .any(|value| matches!(value, Value::Real(real) if !real.is_finite()))
        {
            return Err(WriteFault::NotFinite(i + 1));
        }
    }
    Ok(())
}

impl Layer<'_> {
    /// A point in degrees of the layer's datum.
    fn position(&self, point: Point) -> [f64; 2] {
        match self.datum {
            // As they are: both are the nearest numbers to the whole units, and so come back as the same units.
            Datum::Wgs84 | Datum::Cgcs2000 => [point.lon(), point.lat()],
            Datum::Gcj02 | Datum::Bd09 => {
                let (lon, lat) = point.in_datum(self.datum);
                // A tenth of a millimetre: what is beyond differs between machines.
                let round = |degrees: f64| (degrees * 1e9).round() / 1e9;
                [round(lon), round(lat)]
            }
        }
    }

    /// The rings of a polygon, outer first, each closed by its first point; outer rings run against the clock.
    fn rings(&self, polygon: &Polygon) -> Vec<Vec<[f64; 2]>> {
        let rings = std::iter::once(&polygon.outer).chain(&polygon.holes);
        rings
            .map(|ring| {
                let closed = ring.iter().chain(ring.first());
                closed.map(|&point| self.position(point)).collect()
            })
            .collect()
    }

    fn polygons(&self, shape: &Shape) -> Vec<Vec<Vec<[f64; 2]>>> {
        shape
            .polygons()
            .iter()
            .map(|polygon| self.rings(polygon))
            .collect()
    }
}

/// A value as text; none when it says nothing.
fn text(value: &Value<'_>) -> Option<String> {
    match *value {
        Value::Text("") | Value::None => None,
        Value::Text(text) => Some(text.to_owned()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(real(number)),
    }
}

/// Writes things between two brackets, with commas between them.
fn list<T>(out: &mut String, [open, close]: [char; 2], items: &[T], one: impl Fn(&mut String, &T)) {
    out.push(open);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        one(out, item);
    }
    out.push(close);
}
