//! Divisions, units, people, their posts, and the staged contents of imports.
//!
//! Must not: unseal anything. Invariant: posts are replaced as a set per person.

use uuid::Uuid;

use crate::dialect::Conflict;
use crate::error::Result;
use crate::rows::{TableRow, read_all, table, values_of};
use crate::tx::Tx;
use crate::value::Value;

table! {
    /// An administrative division.
    pub struct DivisionRow {
        /// Stable id.
        id: Uuid,
        /// Code.
        code: String,
        /// Name.
        name: String,
        /// 1 province to 6 grid.
        level: i64,
        /// First day of the code (yyyymmdd), none for always.
        valid_from: Option<i64>,
        /// Last day of the code (yyyymmdd).
        valid_to: Option<i64>,
        /// The division that took over.
        successor: Option<Uuid>,
    }
}

table! {
    /// A unit.
    pub struct UnitRow {
        /// Id.
        id: Uuid,
        /// Code, by which imports match.
        code: String,
        /// Name.
        name: String,
        /// English name.
        name_en: Option<String>,
        /// Kind.
        kind: String,
        /// Division code of its scope.
        division: String,
        /// Classes it can handle, as core writes them.
        capabilities: String,
        /// Duty hours, as core writes them.
        duty: String,
        /// Sealed contact.
        contact: Option<Vec<u8>>,
        /// Longitude, degrees × 10^7.
        lon_e7: Option<i64>,
        /// Latitude, degrees × 10^7.
        lat_e7: Option<i64>,
        /// In use.
        active: bool,
    }
}

table! {
    /// A person who signs in.
    pub struct PersonRow {
        /// Id.
        id: Uuid,
        /// Keyed hash of the account name.
        account_index: Vec<u8>,
        /// Sealed account name.
        account: Vec<u8>,
        /// Sealed name.
        name: Vec<u8>,
        /// Sealed phone number.
        phone: Option<Vec<u8>>,
        /// May sign in.
        active: bool,
    }
}

table! {
    /// A role held at a unit in a scope.
    pub struct PostRow {
        /// Person.
        person: Uuid,
        /// Role.
        role: String,
        /// Unit.
        unit: Uuid,
        /// Division code of the scope.
        division: String,
    }
}

table! {
    /// A part of an import's content.
    pub struct StagedRow {
        /// Id of the import.
        import: Uuid,
        /// Number of the part, from 0.
        part: i64,
        /// Its bytes.
        content: Vec<u8>,
    }
}

/// Writes whole divisions, new or replaced, in one statement.
pub fn upsert_divisions(tx: &mut Tx<'_>, rows: Vec<DivisionRow>) -> Result<()> {
    tx.bulk_insert(
        "division",
        DivisionRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["id"]),
    )?;
    Ok(())
}

/// Writes whole units, new or replaced, in one statement; `StoreError::Constraint` when another has the code.
pub fn upsert_units(tx: &mut Tx<'_>, rows: Vec<UnitRow>) -> Result<()> {
    tx.bulk_insert(
        "unit",
        UnitRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["id"]),
    )?;
    Ok(())
}

/// Writes whole people, new or replaced, in one statement; `StoreError::Constraint` when another has the account.
pub fn upsert_people(tx: &mut Tx<'_>, rows: Vec<PersonRow>) -> Result<()> {
    tx.bulk_insert(
        "person",
        PersonRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["id"]),
    )?;
    Ok(())
}

/// Replaces all posts of these people by `posts` (two statements). A person without a post in `posts` has none after.
pub fn set_posts(tx: &mut Tx<'_>, people: &[Uuid], posts: Vec<PostRow>) -> Result<()> {
    if !people.is_empty() {
        tx.execute(
            "DELETE FROM post WHERE person = ANY($1)",
            &[Value::ids(people)],
        )?;
    }
    let keys = &["person", "role", "unit", "division"];
    tx.bulk_insert(
        "post",
        PostRow::COLUMNS,
        values_of(posts),
        Conflict::Ignore(keys),
    )?;
    Ok(())
}

/// All divisions, by code.
pub fn all_divisions(tx: &mut Tx<'_>) -> Result<Vec<DivisionRow>> {
    read_all(tx.query(
        &format!(
            "SELECT {} FROM division ORDER BY code, id",
            DivisionRow::NAMES
        ),
        &[],
    )?)
}

/// All units, by code.
pub fn all_units(tx: &mut Tx<'_>) -> Result<Vec<UnitRow>> {
    read_all(tx.query(
        &format!("SELECT {} FROM unit ORDER BY code", UnitRow::NAMES),
        &[],
    )?)
}

/// All people, by id.
pub fn all_people(tx: &mut Tx<'_>) -> Result<Vec<PersonRow>> {
    read_all(tx.query(
        &format!("SELECT {} FROM person ORDER BY id", PersonRow::NAMES),
        &[],
    )?)
}

/// All posts, by person, role, unit and division.
pub fn all_posts(tx: &mut Tx<'_>) -> Result<Vec<PostRow>> {
    let sql = format!(
        "SELECT {} FROM post ORDER BY person, role, unit, division",
        PostRow::NAMES
    );
    read_all(tx.query(&sql, &[])?)
}

/// Keeps a part of an import's content; the same part again replaces it.
pub fn stage(tx: &mut Tx<'_>, import: Uuid, part: i64, content: Vec<u8>) -> Result<()> {
    let row = StagedRow {
        import,
        part,
        content,
    };
    tx.bulk_insert(
        "staged",
        StagedRow::COLUMNS,
        vec![row.values()],
        Conflict::Replace(&["import", "part"]),
    )?;
    Ok(())
}

/// The parts of an import, in order.
pub fn staged_parts(tx: &mut Tx<'_>, import: Uuid) -> Result<Vec<StagedRow>> {
    let sql = format!(
        "SELECT {} FROM staged WHERE import = $1 ORDER BY part",
        StagedRow::NAMES
    );
    read_all(tx.query(&sql, &[import.into()])?)
}

/// Drops an import's content; answers how many parts there were.
pub fn drop_staged(tx: &mut Tx<'_>, import: Uuid) -> Result<u64> {
    tx.execute("DELETE FROM staged WHERE import = $1", &[import.into()])
}
