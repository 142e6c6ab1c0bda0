//! A GeoPackage: a SQLite file, opened read-only in memory.
//!
//! The file is somebody else's database: its schema is not trusted, no view, trigger or virtual table of it is run, no
//! statement works longer than a set number of steps, no value is longer than a set length, and nothing touches the disk.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _};

use jingwei_core::place::Datum;

use super::{choose, text, wkb};
use crate::fault::FileFault;
use crate::meter::Meter;
use crate::{Feature, Geometry, MapFile, numbers, srs};

/// Steps of SQLite's machine between two looks at the counter, and looks until the reading is stopped: some seconds. A row costs
/// two steps a column and a few more.
const STEPS: i32 = 10_000;
const MOST_LOOKS: u32 = 20_000;
/// The longest value or row: a shape of the greatest allowed number of vertices is a tenth of it.
const LONGEST: i32 = 64 << 20;

pub(super) fn read(
    bytes: &[u8],
    layer: Option<&str>,
    meter: &mut Meter<'_>,
) -> Result<MapFile, FileFault> {
    let db = open(bytes).map_err(|error| refused(&error))?;
    for table in [
        "gpkg_contents",
        "gpkg_geometry_columns",
        "gpkg_spatial_ref_sys",
    ] {
        plain_table(&db, table)?;
    }
    let layers = layers(&db).map_err(|error| refused(&error))?;
    let table = &layers[choose(&layers, layer)?];
    plain_table(&db, table)?;
    let (column, srs_id) = geometry_column(&db, table)?;
    let declared = datum(&db, srs_id)?;
    let features = rows(&db, table, &column, meter)?;
    Ok(MapFile {
        features,
        declared,
        layers,
    })
}

fn open(bytes: &[u8]) -> rusqlite::Result<Connection> {
    let mut db = Connection::open_in_memory()?;
    // A file left by a program in write-ahead mode says so in two bytes and cannot be opened from memory: it is complete
    // without its log, or it is not complete at all.
    let (head, tail) = bytes.split_at(bytes.len().min(20));
    let mut head = head.to_vec();
    if let Some(modes) = head.get_mut(18..20) {
        modes.fill(1);
    }
    db.deserialize_read_exact("main", head.chain(tail), bytes.len(), true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    db.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    db.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let looks = Arc::new(AtomicU32::new(0));
    db.progress_handler(
        STEPS,
        Some(move || looks.fetch_add(1, Ordering::Relaxed) > MOST_LOOKS),
    )?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "cell_size_check", true)?;
    Ok(db)
}

/// What SQLite found wrong.
fn refused(error: &rusqlite::Error) -> FileFault {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => FileFault::new(
            "too_complex",
            "读取 GeoPackage 的时间过长：请重新导出后再导入",
            "reading the GeoPackage takes too long: export it again",
        ),
        Some(rusqlite::ErrorCode::TooBig) => FileFault::too_big(LONGEST as usize),
        _ => FileFault::broken("GeoPackage"),
    }
}

/// Only tables whose rows are stored are read: no views, no virtual tables, and no columns that would be reckoned for each row
/// by whatever expression the file likes.
fn plain_table(db: &Connection, table: &str) -> Result<(), FileFault> {
    let found: Option<bool> = db
        .query_row(
            "SELECT type = 'table' AND rootpage > 0 AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(?1) WHERE hidden <> 0)
             FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')",
            [table],
            |row| row.get(0),
        )
        .optional()
        .map_err(|error| refused(&error))?;
    if found == Some(true) {
        return Ok(());
    }
    let table: String = table.chars().take(80).collect();
    Err(FileFault::new(
        "broken",
        format!("GeoPackage 里没有数据表 {table}（视图、虚拟表和计算列不读取）：请重新导出"),
        format!(
            "the GeoPackage has no plain table {table} (views, virtual tables and generated columns are not read): export it again"
        ),
    ))
}

fn layers(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        db.prepare("SELECT table_name FROM gpkg_contents WHERE data_type = 'features' LIMIT 1000")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn geometry_column(db: &Connection, table: &str) -> Result<(String, i64), FileFault> {
    db.query_row(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?1 COLLATE NOCASE",
        [table],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .map_err(|error| refused(&error))
}

/// The datum of the layer's reference system; none when it says that it is not known.
fn datum(db: &Connection, srs_id: i64) -> Result<Option<Datum>, FileFault> {
    // The format keeps 0 for unknown degrees and -1 for unknown metres.
    if srs_id == 0 {
        return Ok(None);
    }
    let (authority, code, definition): (String, i64, String) = db
        .query_row(
            "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?1",
            [srs_id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(|error| refused(&error))?;
    if authority.eq_ignore_ascii_case("EPSG")
        && let Ok(datum) = srs::epsg(code)
    {
        return Ok(Some(datum));
    }
    srs::text(&definition).map(Some)
}

/// The names of a table's columns, and which is its primary key. The library's own list of names takes them for UTF-8 and
/// panics when a damaged file has others; here they are values, and such a name is an error.
fn columns(db: &Connection, table: &str) -> rusqlite::Result<Vec<(String, bool)>> {
    let mut statement = db.prepare("SELECT name, pk = 1 FROM pragma_table_info(?1)")?;
    statement
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn rows(
    db: &Connection,
    table: &str,
    column: &str,
    meter: &mut Meter<'_>,
) -> Result<Vec<Feature>, FileFault> {
    let quoted = table.replace('"', "\"\"");
    let sqlite = |error: rusqlite::Error| refused(&error);
    let columns = columns(db, table).map_err(sqlite)?;
    let mut statement = db
        .prepare(&format!("SELECT * FROM \"{quoted}\""))
        .map_err(sqlite)?;
    let names = columns
        .iter()
        .map(|(name, _)| meter.name(name))
        .collect::<Result<Vec<_>, _>>()?;
    if statement.column_count() != names.len() {
        return Err(FileFault::broken("GeoPackage"));
    }
    let geometry_at = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(column))
        .ok_or_else(|| FileFault::broken("GeoPackage"))?;
    // The number that programs give each row says nothing about the feature.
    let row_number = columns.iter().position(|(name, key)| {
        let lower = name.to_ascii_lowercase();
        *key && (lower.starts_with("fid") || lower == "ogc_fid")
    });
    let mut features = Vec::new();
    let mut rows = statement.query([]).map_err(sqlite)?;
    while let Some(row) = rows.next().map_err(sqlite)? {
        let at = meter.feature(None)?;
        let mut properties = Vec::new();
        let mut geometry = Geometry::None;
        for (i, name) in names.iter().enumerate() {
            if row_number == Some(i) {
                continue;
            }
            let value = row.get_ref(i).map_err(sqlite)?;
            if i == geometry_at {
                geometry = match value {
                    ValueRef::Null => Geometry::None,
                    ValueRef::Blob(bytes) => {
                        wkb::read(bytes, meter).map_err(|fault| meter.here(fault))?
                    }
                    _ => return Err(meter.here(FileFault::broken("WKB"))),
                };
                continue;
            }
            let value = match value {
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => numbers::real(number),
                ValueRef::Text(bytes) => {
                    text::decode_cell(bytes, None).map_err(|fault| meter.here(fault))?
                }
                // Pictures and such are no words.
                ValueRef::Null | ValueRef::Blob(_) => continue,
            };
            meter.property(&mut properties, name, value)?;
        }
        features.push(Feature {
            at,
            properties,
            geometry,
        });
    }
    Ok(features)
}
