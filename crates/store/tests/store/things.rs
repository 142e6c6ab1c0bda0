//! Bodies for the room `things`.
//!
//! Must not: depend on another body (each is rolled back). Invariant: values are asserted, not only success.

use jingwei_store::Tx;
use jingwei_store::cases::{Level, Scope};
use jingwei_store::things::{self, ThingQuery, ThingRow, ThingUnitRow};

use crate::conformance::{Entry, entry};
use crate::fixture::{AT, id};

pub(crate) fn entries() -> Vec<Entry> {
    vec![
        entry!(things::load, load),
        entry!(things::upsert, upsert),
        entry!(things::upsert_units, upsert_units),
        entry!(things::delete_units, delete_units),
        entry!(things::units_of, units_of),
        entry!(things::all_after, all_after),
        entry!(things::list, list),
    ]
}

/// A thing with this sequence; every third is a mediation, its codes and people follow from the number.
pub(crate) fn thing(seq: i64) -> ThingRow {
    let n = seq.unsigned_abs() as u128;
    ThingRow {
        id: id(8_000_000 + n),
        aggregate: if seq % 3 == 0 { "mediation" } else { "whistle" }.to_owned(),
        seq,
        owner: id(1),
        version: 1 + seq % 4,
        stage: if seq % 2 == 0 { "blown" } else { "closed" }.to_owned(),
        open: seq % 2 == 0,
        division: id(5),
        code: format!("5134{:02}{:03}{:03}", seq % 5, seq % 20, seq % 100),
        province: "51".to_owned(),
        city: (seq % 10 != 0).then(|| "5134".to_owned()),
        county: (seq % 10 != 0).then(|| format!("5134{:02}", seq % 5)),
        town: (seq % 10 != 0).then(|| format!("5134{:02}{:03}", seq % 5, seq % 20)),
        community: (seq % 10 != 0)
            .then(|| format!("5134{:02}{:03}{:03}", seq % 5, seq % 20, seq % 100)),
        case_id: (seq % 2 == 0).then(|| id(1000 + n)),
        person: (seq % 4 != 0).then(|| id(20_000 + n % 500)),
        next_due: (seq % 2 == 0).then_some(AT + seq),
        updated_at: AT + seq,
        updated_seq: seq,
        state: vec![1, 0, (seq % 256) as u8],
    }
}

/// A unit of the thing with this sequence; `n` tells several apart.
pub(crate) fn thing_unit(seq: i64, n: i64) -> ThingUnitRow {
    ThingUnitRow {
        thing: id(8_000_000 + seq.unsigned_abs() as u128),
        unit: id(300 + ((seq + n) % 50).unsigned_abs() as u128),
        seq,
    }
}

fn load(tx: &mut Tx<'_>) {
    things::upsert(tx, (1..=5).map(thing).collect()).unwrap();
    let before = tx.statements();
    let mut rows = things::load(tx, &[id(8_000_004), id(8_000_002), id(77)]).unwrap();
    assert_eq!(tx.statements(), before + 1);
    rows.sort_by_key(|row| row.seq);
    assert_eq!(rows, [thing(2), thing(4)]);
    assert_eq!(things::load(tx, &[]).unwrap(), []);
    assert_eq!(tx.statements(), before + 1, "an empty list is no statement");
}

fn upsert(tx: &mut Tx<'_>) {
    let before = tx.statements();
    things::upsert(tx, (1..=300).map(thing).collect()).unwrap();
    assert_eq!(tx.statements(), before + 1);
    let mut changed = thing(7);
    changed.stage = "rated".to_owned();
    changed.open = true;
    changed.case_id = Some(id(3));
    changed.next_due = None;
    changed.state = vec![9];
    // Twice in one statement: the last stays, on both engines.
    things::upsert(tx, vec![thing(7), thing(301), changed.clone()]).unwrap();
    assert_eq!(things::load(tx, &[changed.id]).unwrap(), [changed]);
    assert_eq!(things::load(tx, &[thing(301).id]).unwrap(), [thing(301)]);
    things::upsert(tx, vec![]).unwrap();
    let mut same_seq = thing(8);
    same_seq.id = id(99);
    assert_eq!(
        things::upsert(tx, vec![same_seq]).unwrap_err().code(),
        "store.constraint"
    );
}

fn upsert_units(tx: &mut Tx<'_>) {
    let before = tx.statements();
    things::upsert_units(tx, (0..5).map(|n| thing_unit(1, n)).collect()).unwrap();
    things::upsert_units(tx, vec![thing_unit(1, 0)]).unwrap();
    assert_eq!(tx.statements(), before + 2);
    let units = things::units_of(tx, &[id(8_000_001)]).unwrap();
    assert_eq!(units, (0..5).map(|n| thing_unit(1, n)).collect::<Vec<_>>());
}

fn delete_units(tx: &mut Tx<'_>) {
    things::upsert_units(tx, (0..3).map(|n| thing_unit(1, n)).collect()).unwrap();
    let key = |row: ThingUnitRow| (row.thing, row.unit);
    let keys = vec![key(thing_unit(1, 0)), key(thing_unit(1, 2)), (id(1), id(2))];
    assert_eq!(things::delete_units(tx, keys), Ok(2));
    assert_eq!(things::delete_units(tx, vec![]), Ok(0));
    let left = things::units_of(tx, &[id(8_000_001)]).unwrap();
    assert_eq!(left, [thing_unit(1, 1)]);
}

fn units_of(tx: &mut Tx<'_>) {
    let rows = vec![
        thing_unit(2, 1),
        thing_unit(1, 0),
        thing_unit(3, 0),
        thing_unit(2, 0),
    ];
    things::upsert_units(tx, rows).unwrap();
    let units = things::units_of(tx, &[id(8_000_002), id(8_000_001)]).unwrap();
    assert_eq!(
        units,
        [thing_unit(1, 0), thing_unit(2, 0), thing_unit(2, 1)]
    );
    assert_eq!(things::units_of(tx, &[]).unwrap(), []);
}

fn all_after(tx: &mut Tx<'_>) {
    things::upsert(tx, [5, 3, 9].map(thing).into()).unwrap();
    assert_eq!(things::all_after(tx, 0, 2).unwrap(), [thing(3), thing(5)]);
    assert_eq!(things::all_after(tx, 5, 2).unwrap(), [thing(9)]);
    assert_eq!(things::all_after(tx, 9, 2).unwrap(), []);
}

fn scope(level: Level, code: &str) -> Scope {
    let code = code.to_owned();
    Scope { level, code }
}

fn seqs(tx: &mut Tx<'_>, query: &ThingQuery) -> Vec<i64> {
    let before = tx.statements();
    let rows = things::list(tx, query).unwrap();
    assert!(tx.statements() <= before + 1, "one statement");
    rows.into_iter().map(|row| row.seq).collect()
}

fn list(tx: &mut Tx<'_>) {
    things::upsert(tx, (1..=60).map(thing).collect()).unwrap();
    things::upsert_units(tx, (1..=60).map(|seq| thing_unit(seq, 0)).collect()).unwrap();
    let nothing = ThingQuery {
        aggregate: "whistle".to_owned(),
        limit: 100,
        ..ThingQuery::default()
    };
    assert_eq!(seqs(tx, &nothing), [] as [i64; 0], "no scope, nothing");
    let county = ThingQuery {
        scopes: vec![scope(Level::County, "513401")],
        ..nothing.clone()
    };
    let of = |seq: &i64| seq % 5 == 1 && seq % 10 != 0;
    let whistles: Vec<i64> = (1..=60).rev().filter(|s| of(s) && s % 3 != 0).collect();
    assert_eq!(seqs(tx, &county), whistles);
    let mediations = ThingQuery {
        aggregate: "mediation".to_owned(),
        ..county.clone()
    };
    let expected: Vec<i64> = (1..=60).rev().filter(|s| of(s) && s % 3 == 0).collect();
    assert_eq!(seqs(tx, &mediations), expected, "one kind at a time");
    let open = ThingQuery {
        open: Some(true),
        ..county.clone()
    };
    let expected: Vec<i64> = whistles.iter().copied().filter(|s| s % 2 == 0).collect();
    assert_eq!(seqs(tx, &open), expected);
    let page = ThingQuery {
        before_seq: Some(41),
        limit: 2,
        ..county.clone()
    };
    assert_eq!(seqs(tx, &page), [31, 26]);
    let unit = ThingQuery {
        units: vec![thing_unit(2, 0).unit],
        ..nothing.clone()
    };
    assert_eq!(seqs(tx, &unit), [52, 2]);
    let person = ThingQuery {
        person: thing(7).person,
        ..nothing.clone()
    };
    assert_eq!(seqs(tx, &person), [7]);
    let case = ThingQuery {
        case_id: Some(id(1026)),
        ..county.clone()
    };
    assert_eq!(seqs(tx, &case), [26]);
    let levels = [
        (Level::Province, "51"),
        (Level::City, "5134"),
        (Level::Town, "513401001"),
        (Level::Community, "513401001001"),
    ];
    for (level, code) in levels {
        let query = ThingQuery {
            scopes: vec![scope(level, code)],
            ..nothing.clone()
        };
        assert!(seqs(tx, &query).contains(&1), "{code}");
    }
    // A thing that is in scope in three ways is there once.
    let all = ThingQuery {
        scopes: vec![scope(Level::Province, "51"), scope(Level::County, "513402")],
        units: vec![thing_unit(2, 0).unit],
        person: thing(2).person,
        ..nothing
    };
    let expected: Vec<i64> = (1..=60).rev().filter(|s| s % 3 != 0).collect();
    assert_eq!(seqs(tx, &all), expected);
}
