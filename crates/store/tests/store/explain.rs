//! No statement of the rooms walks a whole big table.
//!
//! Must not: pass over a text in silence. Invariant: every text the conformance run sends is explained by the engine
//! itself on 100,000 cases; what scans stands in `ALLOWED` with its reason, and an entry there that is no longer
//! needed fails the test.

use std::collections::BTreeSet;

use jingwei_store::receipts::ReceiptRow;
use jingwei_store::sessions::SessionRow;
use jingwei_store::timers::TimerRow;
use jingwei_store::{
    Engine, Value, Writer, cases, grids, journal, receipts, sessions, things, timers,
};

use crate::conformance;
use crate::fixture::{AT, TestDb, case, event, id, order, write};
use crate::grids::{case_grid, grid};
use crate::things::{thing, thing_unit};

const BIG: [&str; 10] = [
    "cases",
    "journal",
    "orders",
    "timer",
    "receipt",
    "session",
    "thing",
    "thing_unit",
    "grid",
    "case_grid",
];

/// Beginnings of texts that may walk a table, with the reason.
const ALLOWED: &[(&str, &str)] = &[
    (
        "SELECT count(*) FROM journal",
        "`journal::count`, only for `check`",
    ),
    (
        "SELECT * FROM (SELECT province AS scope",
        "`figures::recount_stock`, only for `check`",
    ),
    (
        "SELECT due FROM timer ORDER BY due LIMIT 1",
        "walks the index on due and stops at its first entry",
    ),
];

fn fill(writer: &mut Writer) {
    for from in (1..=100_000i64).step_by(5_000) {
        let seqs = from..from + 5_000;
        write(writer, |tx| {
            journal::append(tx, seqs.clone().map(event).collect())?;
            cases::upsert(tx, seqs.clone().map(sparse).collect())?;
            cases::upsert_orders(tx, seqs.clone().map(|seq| order(seq, 0)).collect())?;
            let some = || seqs.clone().filter(|seq| seq % 4 == 0);
            things::upsert(tx, some().map(thing).collect())?;
            things::upsert_units(tx, some().map(|seq| thing_unit(seq, 0)).collect())?;
            grids::upsert(tx, some().map(|seq| grid(seq, 1)).collect())?;
            grids::insert_cases(tx, seqs.clone().map(case_grid).collect())?;
            let timer = |seq: i64| TimerRow {
                thing: id(1000 + seq as u128),
                kind: "handle".to_owned(),
                sub: id(1000 + seq as u128),
                generation: 1,
                due: AT + seq,
            };
            timers::upsert(
                tx,
                seqs.clone().filter(|seq| seq % 4 == 0).map(timer).collect(),
            )?;
            let receipt = |seq: i64| ReceiptRow {
                sender: id(20_000 + (seq % 500) as u128),
                key: seq.to_string(),
                body_hash: vec![1; 32],
                answer: vec![2; 32],
                seq,
                at: AT + seq,
            };
            receipts::insert(
                tx,
                seqs.clone()
                    .filter(|seq| seq % 4 == 0)
                    .map(receipt)
                    .collect(),
            )
        })
        .unwrap();
    }
    write(writer, |tx| {
        for n in 0..3_000i64 {
            let (created_at, expires_at) = (AT, AT + n);
            let (person, csrf) = (id(n as u128 % 700), vec![3; 32]);
            sessions::insert(
                tx,
                SessionRow {
                    id: n.to_be_bytes().to_vec(),
                    person,
                    csrf,
                    created_at,
                    seen_at: AT,
                    expires_at,
                },
            )?;
        }
        Ok(())
    })
    .unwrap();
}

/// A case as a full node has them: one in fifty open.
fn sparse(seq: i64) -> cases::CaseRow {
    let mut row = case(seq);
    if seq % 50 != 0 {
        row.stage = "closed".to_owned();
        row.open = false;
    }
    row
}

/// The plan's lines that read a big table from end to end.
fn walks(writer: &mut Writer, text: &str) -> Vec<String> {
    match writer.engine() {
        Engine::Sqlite => walks_sqlite(writer, text),
        Engine::Postgres => walks_postgres(writer, text),
    }
}

fn marks(text: &str, mark: char) -> usize {
    let numbers = text.split(mark).skip(1).filter_map(|tail| {
        tail.split(|c: char| !c.is_ascii_digit())
            .next()
            .and_then(|digits| digits.parse::<usize>().ok())
    });
    numbers.max().unwrap_or_else(|| text.matches(mark).count())
}

fn walks_sqlite(writer: &mut Writer, text: &str) -> Vec<String> {
    let params = vec![Value::Null; marks(text, '?')];
    let rows = write(writer, |tx| {
        tx.query(&format!("EXPLAIN QUERY PLAN {text}"), &params)
    })
    .unwrap();
    let lines = rows.into_iter().map(|mut row| row.text(3).unwrap());
    lines
        .filter(|line| {
            let Some(rest) = line.strip_prefix("SCAN ") else {
                return false;
            };
            let table = match rest.split(' ').next() {
                // The short names of `cases::list` and `things::list`.
                Some("c") => "cases",
                Some("o") => "orders",
                Some("t") => "thing",
                Some("u") => "thing_unit",
                // That of `grids::count_cases`.
                Some("g") => "case_grid",
                Some(other) => other,
                None => return false,
            };
            BIG.contains(&table)
        })
        .collect()
}

fn walks_postgres(writer: &mut Writer, text: &str) -> Vec<String> {
    let nulls = vec!["NULL"; marks(text, '$')].join(", ");
    let execute = if nulls.is_empty() {
        "EXECUTE explained".to_owned()
    } else {
        format!("EXECUTE explained({nulls})")
    };
    let rows = write(writer, |tx| {
        tx.execute("SET LOCAL plan_cache_mode = force_generic_plan", &[])?;
        tx.execute(&format!("PREPARE explained AS {text}"), &[])?;
        let rows = tx.query(&format!("EXPLAIN (COSTS OFF) {execute}"), &[])?;
        tx.execute("DEALLOCATE explained", &[])?;
        Ok(rows)
    })
    .unwrap();
    let lines: Vec<String> = rows
        .into_iter()
        .map(|mut row| row.text(0).unwrap())
        .collect();
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let Some((node, rest)) = line.split_once(" on ") else {
            continue;
        };
        let table = rest.split(' ').next().unwrap_or_default();
        let next = lines.get(i + 1).map_or("", |line| line.trim());
        let whole = node.ends_with("Seq Scan")
            || ((node.contains("Index Scan using") || node.contains("Index Only Scan"))
                && !next.starts_with("Index Cond"));
        if whole && BIG.contains(&table) {
            found.push(line.trim().to_owned());
        }
    }
    found
}

#[test]
fn no_statement_walks_a_big_table() {
    for db in TestDb::both() {
        let mut writer = db.writer();
        let texts = conformance::texts(&mut writer);
        assert!(texts.len() > 80, "{} texts", texts.len());
        fill(&mut writer);
        // PostgreSQL does this by itself after some minutes; SQLite never does and must do without.
        if writer.engine() == Engine::Postgres {
            write(&mut writer, |tx| tx.execute("ANALYZE", &[])).unwrap();
        }
        let mut wrong = Vec::new();
        let mut used = BTreeSet::new();
        for text in &texts {
            let found = walks(&mut writer, text);
            if found.is_empty() {
                continue;
            }
            match ALLOWED.iter().find(|(start, _)| text.starts_with(start)) {
                Some((start, _)) => {
                    used.insert(*start);
                }
                None => wrong.push(format!("{found:?}\n  {text}")),
            }
        }
        assert!(
            wrong.is_empty(),
            "{:?}:\n{}",
            writer.engine(),
            wrong.join("\n")
        );
        for (start, reason) in ALLOWED {
            assert!(
                used.contains(start),
                "{:?} no longer walks: {start} ({reason})",
                writer.engine()
            );
        }
    }
}

/// SQLite has no statistics to learn from: that it takes the small index of open cases is asked for by name.
#[test]
fn lists_of_open_cases_use_the_indexes_of_open_cases() {
    let mut writer = TestDb::sqlite().writer();
    for column in ["county", "town", "community"] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT c.seq FROM cases c WHERE c.{column} = $1 AND c.seq < $2 AND c.open = 1 \
             ORDER BY c.seq DESC LIMIT $3"
        );
        let rows = write(&mut writer, |tx| {
            tx.query(&sql, &["x".into(), 9i64.into(), 9i64.into()])
        })
        .unwrap();
        let plan: Vec<String> = rows
            .into_iter()
            .map(|mut row| row.text(3).unwrap())
            .collect();
        let index = format!("INDEX cases_{column}_open ({column}=? AND seq<?)");
        assert!(plan.len() == 1 && plan[0].ends_with(&index), "{plan:?}");
    }
}

/// A map of a small box looks at what is open between its parallels, however large the area of whoever asks.
#[test]
fn a_map_of_a_small_box_uses_the_index_by_place() {
    let mut writer = TestDb::sqlite().writer();
    let texts = conformance::texts(&mut writer);
    let maps: Vec<_> = texts
        .iter()
        .filter(|text| text.starts_with("SELECT c.seq, c.lon_e7"))
        .filter(|text| !text.contains("SELECT seq FROM"))
        .collect();
    assert!(maps.len() > 3, "{} texts", maps.len());
    for text in maps {
        let params = vec![Value::Null; marks(text, '?')];
        let rows = write(&mut writer, |tx| {
            tx.query(&format!("EXPLAIN QUERY PLAN {text}"), &params)
        })
        .unwrap();
        let plan: Vec<String> = rows
            .into_iter()
            .map(|mut row| row.text(3).unwrap())
            .collect();
        let index = "SEARCH c USING INDEX cases_place_open (lat_e7>? AND lat_e7<?)";
        assert_eq!(plan[0], index, "{text}: {plan:?}");
    }
}
