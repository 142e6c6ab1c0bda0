//! The rules at the head of the crate, each by value on both engines.
//!
//! Must not: use the rooms. Invariant: a rule without a test here is not in the list there.

use jingwei_store::dialect::render;
use jingwei_store::{Column, Conflict, Engine, Kind, List, Result, Row, StoreError, Tx, Value};

use crate::conformance::sources;
use crate::fixture::{TestDb, id, write};

/// Runs a body in a transaction on each engine, each on an open store.
fn on_both<T>(body: impl Fn(&mut Tx<'_>) -> T) -> Vec<T> {
    TestDb::both()
        .iter()
        .map(|db| write(&mut db.writer(), |tx| Ok(body(tx))).expect("the body leaves no failure"))
        .collect()
}

fn values(rows: Vec<Row>) -> Vec<Vec<Value>> {
    rows.into_iter().map(Row::into_values).collect()
}

#[test]
fn parameters_belong_to_their_number() {
    on_both(|tx| {
        let sql = "SELECT CAST($2 AS BIGINT), CAST($1 AS TEXT), CAST($2 AS BIGINT), '$1 it''s $2'";
        let rows = tx.query(sql, &["a".into(), 7i64.into()]).unwrap();
        assert_eq!(
            values(rows),
            [[7i64.into(), "a".into(), 7i64.into(), "$1 it's $2".into()]]
        );
        let eleven: Vec<Value> = (1..=11i64).map(Value::from).collect();
        let all: Vec<String> = (1..=11)
            .rev()
            .map(|n| format!("CAST(${n} AS BIGINT)"))
            .collect();
        let mut row = tx
            .query_opt(&format!("SELECT {}", all.join(", ")), &eleven)
            .unwrap()
            .unwrap();
        assert_eq!(
            (
                row.int(0).unwrap(),
                row.int(9).unwrap(),
                row.int(10).unwrap()
            ),
            (11, 2, 1)
        );
    });
}

#[test]
fn casting_to_json_means_a_number_in_sqlite() {
    let db = TestDb::sqlite();
    let mut row = write(&mut db.writer(), |tx| {
        tx.query_opt("SELECT CAST('7 men' AS JSON)", &[])
    })
    .unwrap()
    .unwrap();
    assert_eq!(row.int(0).unwrap(), 7, "why rule 2 is there");
}

#[test]
fn the_rooms_keep_the_rules_that_can_be_read() {
    for (room, text) in sources() {
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        for word in [
            "AS JSON", "lower(", "upper(", "LOWER(", "UPPER(", " LIKE ", "jsonb",
        ] {
            assert!(!code.contains(word), "{room} uses {word}");
        }
        let sums = code.matches("SUM(").count();
        assert_eq!(
            sums,
            code.matches("CAST(SUM(").count(),
            "{room} has a SUM without its cast"
        );
    }
}

#[test]
fn text_is_ordered_and_compared_by_bytes() {
    let answers = on_both(|tx| {
        for (i, text) in ["ä", "a", "B", "中", "Z", "z", "Ä", "一"]
            .iter()
            .enumerate()
        {
            let sql = "INSERT INTO serial (centre, day, last) VALUES ($1, $2, 0)";
            tx.execute(sql, &[(*text).into(), (i as i64).into()])
                .unwrap();
        }
        let rows = tx
            .query("SELECT centre FROM serial ORDER BY centre", &[])
            .unwrap();
        assert_eq!(
            tx.query("SELECT day FROM serial WHERE centre = $1", &["A".into()])
                .unwrap(),
            []
        );
        values(rows)
    });
    let expected: Vec<Vec<Value>> = ["B", "Z", "a", "z", "Ä", "ä", "一", "中"]
        .iter()
        .map(|text| vec![(*text).into()])
        .collect();
    assert_eq!(answers, [expected.clone(), expected]);
}

#[test]
fn sums_need_their_cast() {
    let of = "FROM (VALUES (CAST(1 AS BIGINT)), (CAST(2 AS BIGINT))) AS v WHERE column1 > $1";
    on_both(|tx| {
        let sql = format!("SELECT CAST(SUM(column1) AS BIGINT) {of}");
        assert_eq!(
            tx.query_opt(&sql, &[0i64.into()])
                .unwrap()
                .unwrap()
                .int(0)
                .unwrap(),
            3
        );
        assert_eq!(
            tx.query_opt(&sql, &[9i64.into()])
                .unwrap()
                .unwrap()
                .opt_int(0)
                .unwrap(),
            None,
            "nothing sums to null"
        );
    });
    let db = TestDb::postgres();
    let bare = write(&mut db.writer(), |tx| {
        tx.query(&format!("SELECT SUM(column1) {of}"), &[0i64.into()])
    });
    assert_eq!(
        bare.unwrap_err().code(),
        "store.decode",
        "why rule 4 is there"
    );
}

#[test]
fn a_null_parameter_needs_its_cast() {
    on_both(|tx| {
        let sql = "SELECT CASE WHEN CAST($1 AS BIGINT) IS NULL THEN 'none' ELSE 'some' END";
        for (value, word) in [(None, "none"), (Some(0i64), "some")] {
            assert_eq!(
                tx.query_opt(sql, &[value.into()])
                    .unwrap()
                    .unwrap()
                    .text(0)
                    .unwrap(),
                word
            );
        }
        let sql = "SELECT CASE WHEN CAST($1 AS BYTEA) IS NULL THEN 1 ELSE 0 END";
        assert_eq!(
            tx.query_opt(sql, &[Value::Null])
                .unwrap()
                .unwrap()
                .int(0)
                .unwrap(),
            1
        );
        assert_eq!(
            tx.query_opt(sql, &[id(1).into()])
                .unwrap()
                .unwrap()
                .int(0)
                .unwrap(),
            0
        );
    });
}

#[test]
fn lists_are_one_parameter() {
    on_both(|tx| {
        for n in 1..=5i64 {
            let sql = "INSERT INTO credential (person, hash, set_at) VALUES ($1, $2, $3)";
            tx.execute(
                sql,
                &[id(n as u128).into(), format!("h{n}").into(), n.into()],
            )
            .unwrap();
        }
        let mut count = |column: &str, list: Value| {
            let sql = format!("SELECT count(*) FROM credential WHERE {column} = ANY($1)");
            tx.query_opt(&sql, &[list])
                .unwrap()
                .unwrap()
                .int(0)
                .unwrap()
        };
        assert_eq!(
            count("person", Value::ids(&[id(1), id(5), id(9), id(1)])),
            2
        );
        assert_eq!(count("hash", Value::texts(&["h2".to_owned()])), 1);
        assert_eq!(
            count("set_at", List::Ints(vec![Some(3), None, Some(4)]).into()),
            2
        );
        assert_eq!(count("person", Value::ids(&[])), 0);
        assert_eq!(count("hash", Value::texts(&[])), 0);
        assert_eq!(count("set_at", List::Ints(vec![]).into()), 0);
        let many: Vec<_> = (3..=40_000u128).map(id).collect();
        assert_eq!(count("person", Value::ids(&many)), 3);
    });
}

#[test]
fn nulls_are_ordered_by_word() {
    let answers = on_both(|tx| {
        let from = "SELECT column1 FROM (VALUES (2), (NULL), (1)) AS v ORDER BY column1";
        [
            "NULLS FIRST",
            "NULLS LAST",
            "DESC NULLS FIRST",
            "DESC NULLS LAST",
        ]
        .map(|order| values(tx.query(&format!("{from} {order}"), &[]).unwrap()).concat())
    });
    let (one, two, none) = (Value::Int(1), Value::Int(2), Value::Null);
    let expected = [
        vec![none.clone(), one.clone(), two.clone()],
        vec![one.clone(), two.clone(), none.clone()],
        vec![none.clone(), two.clone(), one.clone()],
        vec![two, one, none],
    ];
    assert_eq!(answers, [expected.clone(), expected]);
}

#[test]
fn a_text_never_holds_nul() {
    for db in TestDb::both() {
        let mut writer = db.writer();
        let codes = [
            "INSERT INTO serial (centre, day, last) VALUES ($1, 1, 1)",
            "SELECT day FROM serial WHERE centre = $1",
        ]
        .map(|sql| {
            write(&mut writer, |tx| tx.query(sql, &["a\0b".into()]))
                .unwrap_err()
                .code()
        });
        assert_eq!(codes, ["store.constraint"; 2]);
    }
}

#[test]
fn what_is_bound_comes_back() {
    on_both(|tx| {
        let columns = [
            Column {
                name: "digest",
                kind: Kind::Blob,
            },
            Column {
                name: "content",
                kind: Kind::Blob,
            },
            Column {
                name: "at",
                kind: Kind::Int,
            },
        ];
        let rows: Vec<Vec<Value>> = [i64::MIN, -1, 0, 1, i64::MAX]
            .iter()
            .map(|n| {
                vec![
                    n.to_be_bytes().to_vec().into(),
                    vec![0u8; 3].into(),
                    (*n).into(),
                ]
            })
            .collect();
        tx.bulk_insert("ruleset", &columns, rows.clone(), Conflict::Fail)
            .unwrap();
        let read = tx
            .query("SELECT digest, content, at FROM ruleset ORDER BY at", &[])
            .unwrap();
        assert_eq!(values(read), rows);
        for text in [
            "",
            "'; DROP TABLE node; --",
            "𠮷 ཁམས ꆈꌠ",
            "\u{feff}\r\n\t",
        ] {
            let mut row = tx
                .query_opt("SELECT CAST($1 AS TEXT)", &[text.into()])
                .unwrap()
                .unwrap();
            assert_eq!(row.text(0).unwrap(), text);
        }
    });
}

#[test]
fn a_column_of_another_kind_is_named() {
    on_both(|tx| {
        let mut row = tx
            .query_opt("SELECT 'x', CAST(5 AS BIGINT)", &[])
            .unwrap()
            .unwrap();
        let wrong = StoreError::Decode {
            column: 0,
            wanted: "int",
            found: "text",
        };
        assert_eq!(row.clone().int(0), Err(wrong));
        assert_eq!(
            row.clone().flag(1).unwrap_err().to_string(),
            "column 1 holds another number where flag was wanted"
        );
        assert_eq!(
            row.clone().uuid(7),
            Err(StoreError::Decode {
                column: 7,
                wanted: "id",
                found: "null"
            })
        );
        assert_eq!(row.int(1), Ok(5));
        let mut row = tx
            .query_opt(
                "SELECT content FROM (SELECT CAST(NULL AS TEXT) AS content) AS v",
                &[],
            )
            .unwrap()
            .unwrap();
        assert_eq!(row.opt_text(0), Ok(None));
    });
}

#[test]
fn bulk_is_one_statement_whatever_the_number() {
    on_both(|tx| {
        let columns = ["centre", "day", "last"].map(|name| Column {
            name,
            kind: if name == "centre" {
                Kind::Text
            } else {
                Kind::Int
            },
        });
        let rows = |from: i64, to: i64| -> Vec<Vec<Value>> {
            (from..to)
                .map(|n| vec!["c".into(), n.into(), n.into()])
                .collect()
        };
        let mut run = |rows, conflict| -> Result<(u64, u64)> {
            let before = tx.statements();
            let written = tx.bulk_insert("serial", &columns, rows, conflict)?;
            Ok((written, tx.statements() - before))
        };
        assert_eq!(run(vec![], Conflict::Fail), Ok((0, 0)));
        // Needs 240,000 variables on SQLite, more than its default of 32,766.
        assert_eq!(run(rows(0, 80_000), Conflict::Fail), Ok((80_000, 1)));
        assert_eq!(
            run(rows(79_999, 80_002), Conflict::Ignore(&["centre", "day"])),
            Ok((2, 1))
        );
        assert_eq!(
            run(
                vec![vec!["c".into(), 5i64.into(), 1i64.into()]],
                Conflict::Replace(&["centre", "day"])
            ),
            Ok((1, 1))
        );
        let twice = vec![
            vec!["c".into(), 6i64.into(), 1i64.into()],
            vec!["c".into(), 6i64.into(), 2i64.into()],
        ];
        assert_eq!(run(twice, Conflict::Add(&["centre", "day"])), Ok((1, 1)));
        let mut at = |day: i64| {
            let row = tx.query_opt(
                "SELECT last FROM serial WHERE centre = 'c' AND day = $1",
                &[day.into()],
            );
            row.unwrap().unwrap().int(0).unwrap()
        };
        assert_eq!((at(5), at(6), at(80_001)), (1, 9, 80_001));
    });
}

#[test]
fn render_changes_only_what_differs() {
    let sql = "SELECT 'it''s = ANY($1)', '$2' FROM t WHERE a = ANY($12) AND b = $3 FOR UPDATE";
    assert_eq!(render(Engine::Postgres, sql), sql);
    assert_eq!(
        render(Engine::Sqlite, sql),
        "SELECT 'it''s = ANY($1)', '$2' FROM t WHERE a IN (SELECT value FROM rarray(?12)) AND b = ?3"
    );
}
