//! Bodies for the rooms `node`, `journal`, `timers` and `receipts`.
//!
//! Must not: depend on another body (each is rolled back). Invariant: values are asserted, not only success.

use jingwei_store::journal::JournalRow;
use jingwei_store::node::NodeRow;
use jingwei_store::receipts::ReceiptRow;
use jingwei_store::timers::TimerRow;
use jingwei_store::{Tx, journal, node, receipts, timers};

use crate::conformance::{Entry, entry};
use crate::fixture::{AT, event, head, id};

pub(crate) fn entries() -> Vec<Entry> {
    vec![
        entry!(node::read, node_read),
        entry!(node::create, node_create),
        entry!(journal::head, |tx| {
            assert_eq!(journal::head(tx).unwrap(), None);
            journal::set_head(tx, &head(3)).unwrap();
            assert_eq!(journal::head(tx).unwrap(), Some(head(3)));
        }),
        entry!(journal::claim_head, |tx| {
            assert_eq!(journal::claim_head(tx).unwrap_err().code(), "store.open");
            journal::set_head(tx, &head(4)).unwrap();
            assert_eq!(journal::claim_head(tx).unwrap(), head(4));
        }),
        entry!(journal::set_head, |tx| {
            journal::set_head(tx, &head(4)).unwrap();
            journal::set_head(tx, &head(9)).unwrap();
            assert_eq!(journal::head(tx).unwrap(), Some(head(9)));
        }),
        entry!(journal::append, journal_append),
        entry!(journal::of_aggregate, journal_of_aggregate),
        entry!(journal::newest_of_kinds, |tx| {
            let of = |seq, version, kind: &str| JournalRow {
                aggregate_id: id(5),
                version,
                kind: kind.to_owned(),
                ..event(seq)
            };
            let rows = vec![of(1, 1, "a"), of(2, 2, "b"), of(3, 3, "c"), of(4, 4, "a")];
            journal::append(tx, rows).unwrap();
            let kinds = ["a".to_owned(), "c".to_owned()];
            assert_eq!(
                journal::newest_of_kinds(tx, id(5), &kinds, 9).unwrap(),
                [of(4, 4, "a"), of(3, 3, "c"), of(1, 1, "a")]
            );
            assert_eq!(
                journal::newest_of_kinds(tx, id(5), &kinds, 1).unwrap(),
                [of(4, 4, "a")]
            );
            assert_eq!(journal::newest_of_kinds(tx, id(6), &kinds, 9).unwrap(), []);
        }),
        entry!(journal::begun, |tx| {
            let of = |seq, thing, version| JournalRow {
                aggregate_id: id(thing),
                version,
                ..event(seq)
            };
            journal::append(tx, vec![of(1, 5, 1), of(2, 5, 2), of(3, 6, 1)]).unwrap();
            assert_eq!(journal::begun(tx, &[id(5), id(7)]).unwrap(), [id(5)]);
            assert!(journal::begun(tx, &[]).unwrap().is_empty());
        }),
        entry!(journal::range, |tx| {
            journal::append(tx, (1..=5).map(event).collect()).unwrap();
            assert_eq!(journal::range(tx, 2, 2).unwrap(), [event(3), event(4)]);
            assert_eq!(journal::range(tx, 5, 2).unwrap(), []);
        }),
        entry!(journal::count, |tx| {
            assert_eq!(journal::count(tx).unwrap(), 0);
            journal::append(tx, (1..=5).map(event).collect()).unwrap();
            assert_eq!(journal::count(tx).unwrap(), 5);
        }),
        entry!(timers::upsert, timers_upsert),
        entry!(timers::delete, timers_delete),
        entry!(timers::due, |tx| {
            timers::upsert(
                tx,
                vec![
                    timer(1, "b", 9),
                    timer(1, "a", 5),
                    timer(2, "a", 5),
                    timer(2, "b", 10),
                ],
            )
            .unwrap();
            assert_eq!(
                timers::due(tx, 9, 10).unwrap(),
                [timer(1, "a", 5), timer(2, "a", 5), timer(1, "b", 9)]
            );
            assert_eq!(timers::due(tx, 9, 1).unwrap(), [timer(1, "a", 5)]);
            assert_eq!(timers::due(tx, 4, 10).unwrap(), []);
        }),
        entry!(timers::next_due, |tx| {
            assert_eq!(timers::next_due(tx).unwrap(), None);
            timers::upsert(tx, vec![timer(1, "b", 9), timer(1, "a", 5)]).unwrap();
            assert_eq!(timers::next_due(tx).unwrap(), Some(5));
        }),
        entry!(timers::of_thing, |tx| {
            timers::upsert(
                tx,
                vec![timer(1, "b", 9), timer(2, "a", 4), timer(1, "c", 5)],
            )
            .unwrap();
            assert_eq!(
                timers::of_thing(tx, id(1)).unwrap(),
                [timer(1, "c", 5), timer(1, "b", 9)]
            );
        }),
        entry!(timers::all, |tx| {
            timers::upsert(
                tx,
                vec![timer(1, "b", 9), timer(2, "a", 4), timer(1, "a", 5)],
            )
            .unwrap();
            assert_eq!(
                timers::all(tx, None, 2).unwrap(),
                [timer(1, "a", 5), timer(1, "b", 9)]
            );
            let after = (id(1), "b".to_owned(), id(1));
            assert_eq!(timers::all(tx, Some(after), 2).unwrap(), [timer(2, "a", 4)]);
        }),
        entry!(receipts::find, receipts_find),
        entry!(receipts::insert, |tx| {
            receipts::insert(tx, vec![receipt(1, "a", 1), receipt(1, "b", 2)]).unwrap();
            assert_eq!(
                receipts::find(tx, &[(id(1), "b".to_owned())]).unwrap(),
                [receipt(1, "b", 2)]
            );
            assert_eq!(
                receipts::insert(tx, vec![receipt(1, "a", 9)])
                    .unwrap_err()
                    .code(),
                "store.constraint"
            );
        }),
        entry!(receipts::sweep, |tx| {
            receipts::insert(tx, (1..=9).map(|n| receipt(1, &n.to_string(), n)).collect()).unwrap();
            assert_eq!(receipts::sweep(tx, 6, 2).unwrap(), 2);
            assert_eq!(receipts::sweep(tx, 6, 10).unwrap(), 3);
            let left: Vec<_> = (1..=9).map(|n| (id(1), n.to_string())).collect();
            assert_eq!(receipts::find(tx, &left).unwrap().len(), 4);
        }),
    ]
}

fn node_row() -> NodeRow {
    NodeRow {
        id: id(1),
        name: "西昌市 '1'".to_owned(),
        epoch: 1,
        created_at: AT,
    }
}

fn node_read(tx: &mut Tx<'_>) {
    assert_eq!(node::read(tx).unwrap(), None);
    node::create(tx, node_row()).unwrap();
    assert_eq!(node::read(tx).unwrap(), Some(node_row()));
}

fn node_create(tx: &mut Tx<'_>) {
    node::create(tx, node_row()).unwrap();
    let second = NodeRow {
        id: id(2),
        ..node_row()
    };
    assert_eq!(
        node::create(tx, second).unwrap_err().code(),
        "store.constraint"
    );
    assert_eq!(node::read(tx).unwrap(), Some(node_row()));
}

fn journal_append(tx: &mut Tx<'_>) {
    let before = tx.statements();
    journal::append(tx, (1..=1000).map(event).collect()).unwrap();
    assert_eq!(tx.statements(), before + 1);
    assert_eq!(
        journal::range(tx, 0, 2000).unwrap(),
        (1..=1000).map(event).collect::<Vec<_>>()
    );
    let same_version = JournalRow {
        seq: 1001,
        ..event(5)
    };
    assert_eq!(
        journal::append(tx, vec![same_version]).unwrap_err().code(),
        "store.constraint"
    );
}

fn journal_of_aggregate(tx: &mut Tx<'_>) {
    let of = |seq, version| JournalRow {
        aggregate_id: id(5),
        version,
        ..event(seq)
    };
    journal::append(tx, vec![event(1), of(2, 1), event(3), of(4, 2), of(5, 3)]).unwrap();
    assert_eq!(
        journal::of_aggregate(tx, id(5), 0, 10).unwrap(),
        [of(2, 1), of(4, 2), of(5, 3)]
    );
    assert_eq!(journal::of_aggregate(tx, id(5), 1, 1).unwrap(), [of(4, 2)]);
    assert_eq!(journal::of_aggregate(tx, id(6), 0, 10).unwrap(), []);
}

fn timer(thing: u128, kind: &str, due: i64) -> TimerRow {
    TimerRow {
        thing: id(thing),
        kind: kind.to_owned(),
        sub: id(thing),
        generation: 1,
        due,
    }
}

fn timers_upsert(tx: &mut Tx<'_>) {
    timers::upsert(tx, vec![timer(1, "a", 5)]).unwrap();
    let again = TimerRow {
        generation: 2,
        due: 7,
        ..timer(1, "a", 5)
    };
    timers::upsert(tx, vec![again.clone(), timer(1, "b", 1)]).unwrap();
    assert_eq!(
        timers::of_thing(tx, id(1)).unwrap(),
        [timer(1, "b", 1), again]
    );
}

fn timers_delete(tx: &mut Tx<'_>) {
    timers::upsert(
        tx,
        vec![
            timer(1, "a", 1),
            timer(1, "b", 2),
            timer(2, "a", 3),
            timer(2, "b", 4),
        ],
    )
    .unwrap();
    let before = tx.statements();
    let keys = vec![
        (id(1), "a".to_owned(), id(1)),
        (id(2), "b".to_owned(), id(2)),
        (id(2), "a".to_owned(), id(1)),
    ];
    assert_eq!(timers::delete(tx, keys).unwrap(), 2);
    assert_eq!(tx.statements(), before + 1);
    assert_eq!(
        timers::all(tx, None, 9).unwrap(),
        [timer(1, "b", 2), timer(2, "a", 3)]
    );
    assert_eq!(timers::delete(tx, vec![]).unwrap(), 0);
}

fn receipt(sender: u128, key: &str, at: i64) -> ReceiptRow {
    ReceiptRow {
        sender: id(sender),
        key: key.to_owned(),
        body_hash: vec![7; 32],
        answer: vec![1, 0],
        seq: at,
        at,
    }
}

fn receipts_find(tx: &mut Tx<'_>) {
    receipts::insert(
        tx,
        vec![receipt(1, "a", 1), receipt(1, "b", 2), receipt(2, "a", 3)],
    )
    .unwrap();
    let before = tx.statements();
    let keys = [
        (id(2), "a".to_owned()),
        (id(1), "b".to_owned()),
        (id(2), "b".to_owned()),
    ];
    let mut found = receipts::find(tx, &keys).unwrap();
    assert_eq!(tx.statements(), before + 1);
    found.sort_by_key(|row| row.at);
    assert_eq!(found, [receipt(1, "b", 2), receipt(2, "a", 3)]);
    assert_eq!(receipts::find(tx, &[]).unwrap(), []);
    assert_eq!(tx.statements(), before + 1);
}
