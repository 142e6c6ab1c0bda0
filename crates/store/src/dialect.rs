//! Everything in which the two engines differ, side by side.
//!
//! SQL is written once, in PostgreSQL's form, and `render` gives SQLite its own:
//!
//! | written | SQLite | PostgreSQL |
//! |---|---|---|
//! | `$N` | `?N` | as written |
//! | `= ANY($N)` (list parameter) | `IN (SELECT value FROM rarray(?N))` | as written |
//! | ` FOR UPDATE` (claim of the journal head) | nothing: `BEGIN IMMEDIATE` has the lock | as written |
//! | rows as parameters | `VALUES (?1,?2),(?3,?4)` | `SELECT * FROM unnest($1::bigint[], $2::text[])` |
//!
//! Must not: know a table. Invariant: a bulk statement has one meaning on both engines, also when a key comes twice
//! in one batch (SQLite alone would take it, PostgreSQL alone would refuse it).

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::error::{Result, StoreError};
use crate::rows::Column;
use crate::value::{Kind, List, Value};

/// Which engine a transaction runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// SQLite, bundled.
    Sqlite,
    /// PostgreSQL, 15 or later.
    Postgres,
}

/// What a bulk insert does with a row whose key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// The statement fails.
    Fail,
    /// The row is left out; of two equal keys in one batch the first stays.
    Ignore(&'static [&'static str]),
    /// All columns outside the key are replaced; of two equal keys in one batch the last stays.
    Replace(&'static [&'static str]),
    /// Every column outside the key is added to what is there (whole numbers); equal keys in one batch are summed.
    Add(&'static [&'static str]),
}

/// The text of a statement for an engine.
#[must_use]
pub fn render(engine: Engine, sql: &str) -> String {
    match engine {
        Engine::Postgres => sql.to_owned(),
        Engine::Sqlite => render_sqlite(sql),
    }
}

fn render_sqlite(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 32);
    let mut rest = sql;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        if !quoted {
            if let Some((number, tail)) = rest.strip_prefix("= ANY($").and_then(number)
                && let Some(tail) = tail.strip_prefix(')')
            {
                let _ = write!(out, "IN (SELECT value FROM rarray(?{number}))");
                rest = tail;
                continue;
            }
            if let Some((number, tail)) = rest.strip_prefix('$').and_then(number) {
                let _ = write!(out, "?{number}");
                rest = tail;
                continue;
            }
            if let Some(tail) = rest.strip_prefix(" FOR UPDATE") {
                rest = tail;
                continue;
            }
        }
        if c == '\'' {
            quoted = !quoted;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Leading digits and what follows them.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Rows as a table expression: the text that yields them and its parameters, numbered from `$1`.
/// For `(a, b) IN ({text})`. `rows` must not be empty.
pub(crate) fn rows_source(
    engine: Engine,
    columns: &[Column],
    rows: Vec<Vec<Value>>,
) -> Result<(String, Vec<Value>)> {
    match engine {
        Engine::Sqlite => {
            let text = values_text(columns.len(), rows.len());
            check_kinds(columns, &rows)?;
            Ok((text, rows.into_iter().flatten().collect()))
        }
        Engine::Postgres => {
            let text = format!("SELECT * FROM {}", unnest_text(columns));
            Ok((text, transpose(columns, rows)?))
        }
    }
}

/// A bulk insert: the statement and its parameters. `rows` must not be empty and must fit the engine's limit.
pub(crate) fn bulk_text(
    engine: Engine,
    table: &str,
    columns: &[Column],
    rows: Vec<Vec<Value>>,
    conflict: Conflict,
) -> Result<(String, Vec<Value>)> {
    let names = columns
        .iter()
        .map(|c| c.name)
        .collect::<Vec<_>>()
        .join(", ");
    let (source, params) = rows_source(engine, columns, rows)?;
    let tail = conflict_text(table, columns, conflict);
    Ok((
        format!("INSERT INTO {table} ({names}) {source}{tail}"),
        params,
    ))
}

fn values_text(columns: usize, rows: usize) -> String {
    // Unnumbered marks: SQLite numbers them itself, and the text is half as long.
    let row = format!("({})", vec!["?"; columns].join(","));
    let mut text = String::with_capacity(8 + rows * (row.len() + 1));
    text.push_str("VALUES ");
    for i in 0..rows {
        if i > 0 {
            text.push(',');
        }
        text.push_str(&row);
    }
    text
}

fn unnest_text(columns: &[Column]) -> String {
    let arrays = columns.iter().enumerate().map(|(i, column)| {
        let word = match column.kind {
            Kind::Int => "bigint",
            Kind::Text => "text",
            Kind::Blob => "bytea",
        };
        format!("${}::{word}[]", i + 1)
    });
    format!("unnest({})", arrays.collect::<Vec<_>>().join(", "))
}

fn conflict_text(table: &str, columns: &[Column], conflict: Conflict) -> String {
    let (keys, add) = match conflict {
        Conflict::Fail => return String::new(),
        Conflict::Ignore(keys) => return format!(" ON CONFLICT ({}) DO NOTHING", keys.join(", ")),
        Conflict::Replace(keys) => (keys, false),
        Conflict::Add(keys) => (keys, true),
    };
    let sets: Vec<String> = columns
        .iter()
        .filter(|column| !keys.contains(&column.name))
        .map(|Column { name, .. }| {
            if add {
                format!("{name} = {table}.{name} + excluded.{name}")
            } else {
                format!("{name} = excluded.{name}")
            }
        })
        .collect();
    if sets.is_empty() {
        format!(" ON CONFLICT ({}) DO NOTHING", keys.join(", "))
    } else {
        format!(
            " ON CONFLICT ({}) DO UPDATE SET {}",
            keys.join(", "),
            sets.join(", ")
        )
    }
}

fn mismatch(column: &Column, value: &Value) -> StoreError {
    StoreError::Sql(format!(
        "column {} takes {:?}, got {}",
        column.name,
        column.kind,
        value.word()
    ))
}

fn check_kinds(columns: &[Column], rows: &[Vec<Value>]) -> Result<()> {
    for row in rows {
        check_width(columns, row)?;
        for (column, value) in columns.iter().zip(row) {
            match (column.kind, value) {
                (_, Value::Null)
                | (Kind::Int, Value::Int(_))
                | (Kind::Text, Value::Text(_))
                | (Kind::Blob, Value::Blob(_)) => {}
                _ => return Err(mismatch(column, value)),
            }
        }
    }
    Ok(())
}

fn check_width(columns: &[Column], row: &[Value]) -> Result<()> {
    if row.len() == columns.len() {
        return Ok(());
    }
    Err(StoreError::Sql(format!(
        "a row of {} values for {} columns",
        row.len(),
        columns.len()
    )))
}

/// Rows to one list per column.
fn transpose(columns: &[Column], rows: Vec<Vec<Value>>) -> Result<Vec<Value>> {
    let count = rows.len();
    let mut lists: Vec<List> = columns
        .iter()
        .map(|column| match column.kind {
            Kind::Int => List::Ints(Vec::with_capacity(count)),
            Kind::Text => List::Texts(Vec::with_capacity(count)),
            Kind::Blob => List::Blobs(Vec::with_capacity(count)),
        })
        .collect();
    for row in rows {
        check_width(columns, &row)?;
        for ((column, list), value) in columns.iter().zip(&mut lists).zip(row) {
            match (list, value) {
                (List::Ints(list), Value::Null) => list.push(None),
                (List::Texts(list), Value::Null) => list.push(None),
                (List::Blobs(list), Value::Null) => list.push(None),
                (List::Ints(list), Value::Int(v)) => list.push(Some(v)),
                (List::Texts(list), Value::Text(v)) => list.push(Some(v)),
                (List::Blobs(list), Value::Blob(v)) => list.push(Some(v)),
                (_, value) => return Err(mismatch(column, &value)),
            }
        }
    }
    Ok(lists.into_iter().map(Value::List).collect())
}

/// Folds rows with equal keys into one, as `conflict` says, so that a key comes at most once in a statement.
pub(crate) fn fold_rows(
    columns: &[Column],
    rows: Vec<Vec<Value>>,
    conflict: Conflict,
) -> Result<Vec<Vec<Value>>> {
    let keys = match conflict {
        Conflict::Fail | Conflict::Ignore(_) => return Ok(rows),
        Conflict::Replace(keys) | Conflict::Add(keys) => keys,
    };
    let is_key: Vec<bool> = columns
        .iter()
        .map(|column| keys.contains(&column.name))
        .collect();
    let mut place: HashMap<Vec<Value>, usize> = HashMap::with_capacity(rows.len());
    let mut folded: Vec<Vec<Value>> = Vec::with_capacity(rows.len());
    for row in rows {
        check_width(columns, &row)?;
        let key = row
            .iter()
            .zip(&is_key)
            .filter(|(_, is)| **is)
            .map(|(value, _)| value.clone())
            .collect();
        let Some(&at) = place.get(&key) else {
            place.insert(key, folded.len());
            folded.push(row);
            continue;
        };
        if matches!(conflict, Conflict::Replace(_)) {
            folded[at] = row;
            continue;
        }
        for (i, value) in row.into_iter().enumerate().filter(|(i, _)| !is_key[*i]) {
            match (&mut folded[at][i], value) {
                (Value::Int(sum), Value::Int(more)) => *sum += more,
                (_, value) => return Err(mismatch(&columns[i], &value)),
            }
        }
    }
    Ok(folded)
}
