//! Grids, outlines and places from their stored rows and back.

use jingwei_core::code::{DivisionCode, GridCode, PlaceCode};
use jingwei_core::directory::{PlaceKind, PlaceRow};
use jingwei_core::grids::{About, Entry, GridRow, Layer, OutlineRow, Season};
use jingwei_core::id::{DivisionId, GridId};
use jingwei_core::label::Label;
use jingwei_core::place::{Point, Shape};
use jingwei_core::time::Day;
use jingwei_store::grids as store;

use crate::error::{EngineError, Result};

fn bad(what: &str, value: &str) -> EngineError {
    EngineError::Journal(format!("a row of the grids holds {what} \"{value}\""))
}

fn day(number: i64) -> Result<Day> {
    i32::try_from(number)
        .map(Day)
        .map_err(|_| bad("the day", &number.to_string()))
}

fn code(text: &str) -> Result<GridCode> {
    GridCode::parse(text).ok_or_else(|| bad("the code", text))
}

fn host(text: &str) -> Result<DivisionCode> {
    DivisionCode::parse(text).ok_or_else(|| bad("the division", text))
}

fn layer(text: &str) -> Result<Layer> {
    Layer::parse(text).ok_or_else(|| bad("the layer", text))
}

fn season(number: Option<i64>) -> Result<Option<Season>> {
    let read =
        |number| Season::from_number(number).ok_or_else(|| bad("the season", &number.to_string()));
    number.map(read).transpose()
}

/// What is said of a grid, from its stored bytes.
pub(crate) fn about(bytes: &[u8]) -> Result<About> {
    serde_json::from_slice(bytes)
        .map_err(|e| EngineError::Journal(format!("what is said of a grid cannot be read: {e}")))
}

/// A version of a grid as it is stored.
#[expect(
    clippy::cast_possible_truncation,
    reason = "less than the area of the earth, 5.1e14 m²"
)]
pub(crate) fn grid_row(row: &GridRow) -> Result<store::GridRow> {
    Ok(store::GridRow {
        id: row.id.0,
        version: i64::from(row.version),
        code: row.code.as_str().to_owned(),
        layer: row.layer.as_str().to_owned(),
        host: row.host.as_str().to_owned(),
        valid_from: i64::from(row.valid_from.0),
        valid_to: row.valid_to.map(|day| i64::from(day.0)),
        season: row.season.map(Season::number),
        area_m2: row.shape.area_m2().round() as i64,
        about: serde_json::to_vec(&row.about).map_err(|e| EngineError::Internal(e.to_string()))?,
        shape: row.shape.pack(),
    })
}

/// A version of a grid from its stored row.
pub(crate) fn grid(row: &store::GridRow) -> Result<GridRow> {
    Ok(GridRow {
        id: GridId(row.id),
        version: u32::try_from(row.version)
            .map_err(|_| bad("the version", &row.version.to_string()))?,
        code: code(&row.code)?,
        layer: layer(&row.layer)?,
        host: host(&row.host)?,
        valid_from: day(row.valid_from)?,
        valid_to: row.valid_to.map(day).transpose()?,
        season: season(row.season)?,
        about: about(&row.about)?,
        shape: Shape::unpack(&row.shape).map_err(|_| bad("the border of", &row.code))?,
    })
}

/// What a look-up needs of a version, from its stored row.
pub(crate) fn entry(row: store::LookUpRow) -> Result<Entry> {
    let hosts = match &row.about {
        None => Vec::new(),
        Some(bytes) => about(bytes)?.hosts,
    };
    Ok(Entry {
        layer: layer(&row.layer)?,
        id: GridId(row.id),
        version: u32::try_from(row.version)
            .map_err(|_| bad("the version", &row.version.to_string()))?,
        code: code(&row.code)?,
        host: host(&row.host)?,
        hosts,
        from: day(row.valid_from)?,
        to: row.valid_to.map(day).transpose()?,
        season: season(row.season)?,
        shape: row.shape,
    })
}

/// An outline as it is stored.
pub(crate) fn outline_row(row: &OutlineRow) -> store::OutlineRow {
    store::OutlineRow {
        division: row.division.0,
        code: row.code.as_str().to_owned(),
        source: row.source.as_str().to_owned(),
        shape: row.shape.pack(),
    }
}

/// An outline from its stored row.
pub(crate) fn outline(row: &store::OutlineRow) -> Result<OutlineRow> {
    Ok(OutlineRow {
        division: DivisionId(row.division),
        code: host(&row.code)?,
        source: Label::new(&row.source).ok_or_else(|| bad("the source", &row.source))?,
        shape: Shape::unpack(&row.shape).map_err(|_| bad("the outline of", &row.code))?,
    })
}

/// A place as it is stored.
pub(crate) fn place_row(row: &PlaceRow) -> store::PlaceRow {
    let aliases: Vec<&str> = row.aliases.iter().map(Label::as_str).collect();
    store::PlaceRow {
        code: row.code.as_str().to_owned(),
        name: row.name.as_str().to_owned(),
        aliases: aliases.join("|"),
        kind: row.kind.as_str().to_owned(),
        division: row.division.as_str().to_owned(),
        lon_e7: i64::from(row.point.lon_e7),
        lat_e7: i64::from(row.point.lat_e7),
    }
}

/// A place from its stored row.
pub(crate) fn place(row: store::PlaceRow) -> Result<PlaceRow> {
    let degrees =
        |number: i64| i32::try_from(number).map_err(|_| bad("the position", &number.to_string()));
    Ok(PlaceRow {
        code: PlaceCode::parse(&row.code).ok_or_else(|| bad("the code", &row.code))?,
        name: Label::new(&row.name).ok_or_else(|| bad("the name", &row.name))?,
        aliases: row.aliases.split('|').filter_map(Label::new).collect(),
        kind: PlaceKind::parse(&row.kind).ok_or_else(|| bad("the kind", &row.kind))?,
        division: host(&row.division)?,
        point: Point {
            lon_e7: degrees(row.lon_e7)?,
            lat_e7: degrees(row.lat_e7)?,
        },
    })
}
