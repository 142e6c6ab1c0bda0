//! Grids with all their versions, outlines of divisions, named places, and which cases lay in which grid.
//!
//! Must not: look into borders or into what is said of a grid. Invariant: a version is written whole; a case's grids are
//! written once, with its report.

use uuid::Uuid;

use crate::dialect::Conflict;
use crate::error::Result;
use crate::rows::{TableRow, read_all, table, values_of};
use crate::tx::Tx;
use crate::value::Value;

table! {
    /// One version of a grid.
    pub struct GridRow {
        /// Id.
        id: Uuid,
        /// Version.
        version: i64,
        /// Code.
        code: String,
        /// Layer.
        layer: String,
        /// Code of the division it lies in.
        host: String,
        /// First day (yyyymmdd).
        valid_from: i64,
        /// Last day (yyyymmdd).
        valid_to: Option<i64>,
        /// Season: first × 10,000 + last, each mmdd.
        season: Option<i64>,
        /// Area in square metres.
        area_m2: i64,
        /// What is said of it, as core writes it.
        about: Vec<u8>,
        /// Packed border.
        shape: Vec<u8>,
    }
}

table! {
    /// What a look-up needs of a version.
    pub struct LookUpRow {
        /// Id.
        id: Uuid,
        /// Version.
        version: i64,
        /// Code.
        code: String,
        /// Layer.
        layer: String,
        /// Code of the division it lies in.
        host: String,
        /// First day (yyyymmdd).
        valid_from: i64,
        /// Last day (yyyymmdd).
        valid_to: Option<i64>,
        /// Season.
        season: Option<i64>,
        /// Packed border.
        shape: Vec<u8>,
        /// What is said of it: of a mobile grid only, for the divisions it goes through.
        about: Option<Vec<u8>>,
    }
}

table! {
    /// The outline of a division.
    pub struct OutlineRow {
        /// Id of the division.
        division: Uuid,
        /// Its code in the file.
        code: String,
        /// Where it comes from.
        source: String,
        /// Packed border.
        shape: Vec<u8>,
    }
}

table! {
    /// A named place.
    pub struct PlaceRow {
        /// Code, by which imports match.
        code: String,
        /// Name.
        name: String,
        /// Other names, with `|` between.
        aliases: String,
        /// Kind of place.
        kind: String,
        /// Code of the division it lies in.
        division: String,
        /// Longitude, degrees × 10^7.
        lon_e7: i64,
        /// Latitude, degrees × 10^7.
        lat_e7: i64,
    }
}

table! {
    /// A case in a grid.
    pub struct CaseGridRow {
        /// The grid.
        grid: Uuid,
        /// `seq` of the case.
        seq: i64,
        /// Layer of the grid.
        layer: String,
    }
}

table! {
    /// How many cases of a grid stand at a stage.
    pub struct StageCount {
        /// The stage.
        stage: String,
        /// Whether something is still to be done.
        open: bool,
        /// Cases.
        cases: i64,
    }
}

/// Writes whole versions, new or replaced, in one statement.
pub fn upsert(tx: &mut Tx<'_>, rows: Vec<GridRow>) -> Result<()> {
    tx.bulk_insert(
        "grid",
        GridRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["id", "version"]),
    )?;
    Ok(())
}

/// What look-ups need of the versions after one (id, version), by grid and version, at most `limit`: pages over all, so that
/// reading a province takes the memory of a page.
pub fn look_up_rows(
    tx: &mut Tx<'_>,
    after: Option<(Uuid, i64)>,
    limit: i64,
) -> Result<Vec<LookUpRow>> {
    let (id, version) = after.unwrap_or((Uuid::nil(), 0));
    read_all(tx.query(
        "SELECT id, version, code, layer, host, valid_from, valid_to, season, shape, \
         CASE WHEN layer = 'mobile' THEN about END AS about FROM grid \
         WHERE (id, version) > ($1, $2) ORDER BY id, version LIMIT $3",
        &[id.into(), version.into(), limit.into()],
    )?)
}

/// These versions (id, version), in no order; those that do not exist are left out.
pub fn load(tx: &mut Tx<'_>, keys: Vec<(Uuid, i64)>) -> Result<Vec<GridRow>> {
    let keys = keys
        .into_iter()
        .map(|(id, version)| vec![id.into(), version.into()])
        .collect();
    let select = format!("SELECT {} FROM grid", GridRow::NAMES);
    read_all(tx.query_keys(&select, &GridRow::COLUMNS[..2], keys)?)
}

/// Every version of these grids, by grid and version.
pub fn versions_of(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<GridRow>> {
    let sql = format!(
        "SELECT {} FROM grid WHERE id = ANY($1) ORDER BY id, version",
        GridRow::NAMES
    );
    read_all(tx.query(&sql, &[Value::ids(ids)])?)
}

/// Every version of every grid of these hosts, in all layers, by grid and version.
pub fn of_hosts(tx: &mut Tx<'_>, hosts: &[String]) -> Result<Vec<GridRow>> {
    let sql = format!(
        "SELECT {} FROM grid WHERE host = ANY($1) ORDER BY id, version",
        GridRow::NAMES
    );
    read_all(tx.query(&sql, &[Value::texts(hosts)])?)
}

/// All versions after one (id, version), by grid and version, at most `limit`: pages over all, for `check`.
pub fn all_after(tx: &mut Tx<'_>, after: Option<(Uuid, i64)>, limit: i64) -> Result<Vec<GridRow>> {
    let (id, version) = after.unwrap_or((Uuid::nil(), 0));
    let sql = format!(
        "SELECT {} FROM grid WHERE (id, version) > ($1, $2) ORDER BY id, version LIMIT $3",
        GridRow::NAMES
    );
    read_all(tx.query(&sql, &[id.into(), version.into(), limit.into()])?)
}

/// Writes whole outlines, new or replaced, in one statement.
pub fn upsert_outlines(tx: &mut Tx<'_>, rows: Vec<OutlineRow>) -> Result<()> {
    tx.bulk_insert(
        "outline",
        OutlineRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["division"]),
    )?;
    Ok(())
}

/// All outlines, by code and division.
pub fn all_outlines(tx: &mut Tx<'_>) -> Result<Vec<OutlineRow>> {
    let sql = format!(
        "SELECT {} FROM outline ORDER BY code, division",
        OutlineRow::NAMES
    );
    read_all(tx.query(&sql, &[])?)
}

/// Writes whole places, new or replaced, in one statement.
pub fn upsert_places(tx: &mut Tx<'_>, rows: Vec<PlaceRow>) -> Result<()> {
    tx.bulk_insert(
        "place",
        PlaceRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["code"]),
    )?;
    Ok(())
}

/// All places, by code.
pub fn all_places(tx: &mut Tx<'_>) -> Result<Vec<PlaceRow>> {
    let sql = format!("SELECT {} FROM place ORDER BY code", PlaceRow::NAMES);
    read_all(tx.query(&sql, &[])?)
}

/// Writes in which grids cases lie, in one statement; what is there stays.
pub fn insert_cases(tx: &mut Tx<'_>, rows: Vec<CaseGridRow>) -> Result<()> {
    tx.bulk_insert(
        "case_grid",
        CaseGridRow::COLUMNS,
        values_of(rows),
        Conflict::Ignore(&["grid", "seq"]),
    )?;
    Ok(())
}

/// The grids of these cases (by `seq`), by case and layer.
pub fn of_cases(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<Vec<CaseGridRow>> {
    let seqs = Value::List(crate::value::List::Ints(
        seqs.iter().copied().map(Some).collect(),
    ));
    let sql = format!(
        "SELECT {} FROM case_grid WHERE seq = ANY($1) ORDER BY seq, layer, grid",
        CaseGridRow::NAMES
    );
    read_all(tx.query(&sql, &[seqs])?)
}

/// Cases of a grid that were reported from an instant up to before another, counted by stage; by stage.
///
/// One grid a statement: for several PostgreSQL would rather walk all cases in step with them.
pub fn count_cases(
    tx: &mut Tx<'_>,
    grid: Uuid,
    (from, before): (i64, i64),
) -> Result<Vec<StageCount>> {
    let sql = "SELECT c.stage AS stage, c.open AS open, count(*) AS cases \
               FROM case_grid g JOIN cases c ON c.seq = g.seq \
               WHERE g.grid = $1 AND c.reported_at >= $2 AND c.reported_at < $3 \
               GROUP BY c.stage, c.open ORDER BY c.stage, c.open";
    read_all(tx.query(sql, &[grid.into(), from.into(), before.into()])?)
}
