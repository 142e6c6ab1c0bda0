//! A GeoPackage 1.3 (OGC 12-128r17) with one table of features, made by SQLite in memory.

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, params, params_from_iter};

use super::{Layer, WriteFault, bounds};
use crate::{Kind, Value, srs};

/// `GPKG` and the version 1.3.0, where SQLite keeps them for the format.
const APPLICATION: i32 = 0x4750_4b47;
const VERSION: i32 = 10_300;
/// Reference systems of our own are numbered from here: those below are EPSG's.
const OWN: i32 = 990_001;

const SCHEMA: &str = "
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system');
";

pub(super) fn write(layer: &Layer<'_>) -> Result<Vec<u8>, WriteFault> {
    filled(layer).map_err(WriteFault::failed)
}

fn filled(layer: &Layer<'_>) -> rusqlite::Result<Vec<u8>> {
    let mut db = Connection::open_in_memory()?;
    db.pragma_update(None, "application_id", APPLICATION)?;
    db.pragma_update(None, "user_version", VERSION)?;
    let tx = db.transaction()?;
    tx.execute_batch(SCHEMA)?;
    // WGS84 has to be there whatever the table uses.
    let own = if layer.datum == jingwei_core::place::Datum::Gcj02 {
        OWN
    } else {
        OWN + 1
    };
    let mut used = 4326;
    for datum in [jingwei_core::place::Datum::Wgs84, layer.datum] {
        let srs = srs::of(datum);
        used = srs.epsg.unwrap_or(own);
        let authority = if srs.epsg.is_some() {
            "EPSG"
        } else {
            "JINGWEI"
        };
        tx.execute(
            "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?1, ?2, ?3, ?2, ?4, 'longitude and latitude in degrees')",
            params![srs.name, used, authority, srs.prj],
        )?;
    }
    let table = table_name(layer.name);
    let (pk, geometry) = (free("fid", layer), free("geom", layer));
    let columns: String = layer
        .columns
        .iter()
        .map(|column| {
            let kind = match column.kind {
                Kind::Text => "TEXT",
                Kind::Integer => "INTEGER",
                Kind::Real => "REAL",
            };
            format!(", {} {kind}", quoted(column.name))
        })
        .collect();
    tx.execute_batch(&format!(
        "CREATE TABLE {} ({} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {} MULTIPOLYGON{columns})",
        quoted(&table),
        quoted(&pk),
        quoted(&geometry)
    ))?;
    let whole = bounds(layer.rows.iter().flat_map(|row| {
        let rings = layer.polygons(row.shape).into_iter().flatten();
        let all: Vec<[f64; 2]> = rings.flatten().collect();
        all
    }));
    let whole = whole.map(|axis| axis.is_finite().then_some(axis));
    // A fixed day: there is no clock here, and the same input gives the same bytes.
    tx.execute(
        "INSERT INTO gpkg_contents VALUES (?1, 'features', ?1, '', '2000-01-01T00:00:00.000Z', ?2, ?3, ?4, ?5, ?6)",
        params![table, whole[0], whole[1], whole[2], whole[3], used],
    )?;
    tx.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, 'MULTIPOLYGON', ?3, 0, 0)",
        params![table, geometry, used],
    )?;
    {
        let marks = ", ?".repeat(layer.columns.len());
        let mut insert = tx.prepare(&format!(
            "INSERT INTO {} VALUES (NULL, ?{marks})",
            quoted(&table)
        ))?;
        for row in layer.rows {
            let shape = ToSqlOutput::Owned(SqlValue::Blob(blob(layer, row.shape, used)));
            let values = row.values.iter().map(|value| {
                ToSqlOutput::Borrowed(match value {
                    Value::Text(text) => ValueRef::Text(text.as_bytes()),
                    Value::Integer(number) => ValueRef::Integer(*number),
                    Value::Real(number) => ValueRef::Real(*number),
                    Value::None => ValueRef::Null,
                })
            });
            insert.execute(params_from_iter(std::iter::once(shape).chain(values)))?;
        }
    }
    tx.commit()?;
    Ok(db.serialize("main")?.to_vec())
}

/// The layer's name, unless the format keeps it for itself.
fn table_name(name: &str) -> String {
    let name = name.replace('\0', "");
    let lower = name.to_lowercase();
    let kept = ["gpkg_", "sqlite_", "rtree_"]
        .iter()
        .any(|start| lower.starts_with(start));
    if name.trim().is_empty() || kept {
        format!("layer_{name}")
    } else {
        name
    }
}

/// A name for a column of the format that none of the layer's has.
fn free(name: &str, layer: &Layer<'_>) -> String {
    let taken = |name: &str| {
        layer
            .columns
            .iter()
            .any(|column| column.name.eq_ignore_ascii_case(name))
    };
    let mut free = name.to_owned();
    while taken(&free) {
        free.push('_');
    }
    free
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The geometry: header with its box, then a multipolygon as well-known binary, the low byte first.
fn blob(layer: &Layer<'_>, shape: &jingwei_core::place::Shape, srs_id: i32) -> Vec<u8> {
    let polygons = layer.polygons(shape);
    let [west, south, east, north] = bounds(polygons.iter().flatten().flatten().copied());
    let mut out = vec![b'G', b'P', 0, 0b0000_0011];
    out.extend(srs_id.to_le_bytes());
    out.extend(
        [west, east, south, north]
            .iter()
            .flat_map(|axis| axis.to_le_bytes()),
    );
    let count = |out: &mut Vec<u8>, n: usize| out.extend((n as u32).to_le_bytes());
    out.extend([1, 6, 0, 0, 0]);
    count(&mut out, polygons.len());
    for rings in &polygons {
        out.extend([1, 3, 0, 0, 0]);
        count(&mut out, rings.len());
        for ring in rings {
            count(&mut out, ring.len());
            out.extend(ring.iter().flatten().flat_map(|axis| axis.to_le_bytes()));
        }
    }
    out
}
