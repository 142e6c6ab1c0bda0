//! Bodies for the room `cases`.
//!
//! Must not: depend on another body (each is rolled back). Invariant: values are asserted, not only success.

use jingwei_store::Tx;
use jingwei_store::cases::{
    self, CaseRow, CaseStateRow, Filter, Level, ListQuery, MapQuery, OrderRow, Scope,
};

use crate::conformance::{Entry, entry};
use crate::fixture::{case, id, order};

pub(crate) fn entries() -> Vec<Entry> {
    vec![
        entry!(cases::load_states, load_states),
        entry!(cases::upsert, upsert),
        entry!(cases::upsert_orders, upsert_orders),
        entry!(cases::get, get),
        entry!(cases::by_receipt, by_receipt),
        entry!(cases::by_number, by_number),
        entry!(cases::all_after, all_after),
        entry!(cases::open_after, open_after),
        entry!(cases::orders_of, orders_of),
        entry!(cases::all_orders, all_orders),
        entry!(cases::list, list),
        entry!(cases::on_map, on_map),
    ]
}

fn load_states(tx: &mut Tx<'_>) {
    cases::upsert(tx, (1..=5).map(case).collect()).unwrap();
    let before = tx.statements();
    let mut states = cases::load_states(tx, &[id(1004), id(1002), id(77)]).unwrap();
    assert_eq!(tx.statements(), before + 1);
    states.sort_by_key(|state| state.seq);
    let expected: Vec<CaseStateRow> = [2, 4]
        .map(|seq| {
            let CaseRow {
                id,
                seq,
                version,
                owner,
                lon_e7,
                lat_e7,
                state,
                ..
            } = case(seq);
            CaseStateRow {
                id,
                seq,
                version,
                owner,
                lon_e7,
                lat_e7,
                state,
            }
        })
        .into();
    assert_eq!(states, expected);
    assert_eq!(cases::load_states(tx, &[]).unwrap(), []);
    assert_eq!(tx.statements(), before + 1, "an empty list is no statement");
}

fn upsert(tx: &mut Tx<'_>) {
    let before = tx.statements();
    cases::upsert(tx, (1..=300).map(case).collect()).unwrap();
    assert_eq!(tx.statements(), before + 1);
    let mut changed = case(7);
    changed.stage = "closed".to_owned();
    changed.open = false;
    changed.lon_e7 = None;
    changed.state = vec![9];
    // Twice in one batch: the last stays, on both engines.
    cases::upsert(tx, vec![case(7), case(301), changed.clone()]).unwrap();
    assert_eq!(cases::get(tx, id(1007)).unwrap(), Some(changed));
    assert_eq!(cases::get(tx, id(1301)).unwrap(), Some(case(301)));
    assert_eq!(cases::get(tx, id(1300)).unwrap(), Some(case(300)));
    cases::upsert(tx, vec![]).unwrap();
    let mut same_seq = case(8);
    same_seq.id = id(99);
    assert_eq!(
        cases::upsert(tx, vec![same_seq]).unwrap_err().code(),
        "store.constraint"
    );
}

fn upsert_orders(tx: &mut Tx<'_>) {
    cases::upsert_orders(tx, vec![order(1, 0), order(1, 1)]).unwrap();
    let done = OrderRow {
        stage: "done".to_owned(),
        ack_due: None,
        ..order(1, 0)
    };
    cases::upsert_orders(tx, vec![done.clone()]).unwrap();
    assert_eq!(
        cases::orders_of(tx, &[id(1001)]).unwrap(),
        [done, order(1, 1)]
    );
}

fn get(tx: &mut Tx<'_>) {
    cases::upsert(tx, vec![case(10), case(11)]).unwrap();
    assert_eq!(cases::get(tx, id(1010)).unwrap(), Some(case(10)));
    assert_eq!(cases::get(tx, id(1)).unwrap(), None);
}

fn by_receipt(tx: &mut Tx<'_>) {
    cases::upsert(tx, vec![case(4), case(5)]).unwrap();
    assert_eq!(
        cases::by_receipt(tx, &4i64.to_be_bytes()).unwrap(),
        Some(case(4))
    );
    assert_eq!(cases::by_receipt(tx, &[1]).unwrap(), None);
}

fn by_number(tx: &mut Tx<'_>) {
    cases::upsert(tx, vec![case(4), case(5)]).unwrap();
    assert_eq!(cases::by_number(tx, "N5").unwrap(), Some(case(5)));
    assert_eq!(cases::by_number(tx, "n5").unwrap(), None);
}

fn open_after(tx: &mut Tx<'_>) {
    let rows = |open: &[(i64, bool)]| {
        open.iter()
            .map(|(seq, open)| CaseRow {
                open: *open,
                ..case(*seq)
            })
            .collect::<Vec<_>>()
    };
    cases::upsert(tx, rows(&[(3, true), (5, false), (9, true), (12, true)])).unwrap();
    let seqs = |after, limit, tx: &mut Tx<'_>| -> Vec<i64> {
        let found = cases::open_after(tx, after, limit).unwrap();
        found.into_iter().map(|row| row.seq).collect()
    };
    assert_eq!(seqs(0, 2, tx), [3, 9], "an ended case is left out");
    assert_eq!(seqs(9, 2, tx), [12]);
    assert_eq!(seqs(12, 2, tx), [0; 0]);
}

fn all_after(tx: &mut Tx<'_>) {
    cases::upsert(tx, [5, 3, 9].map(case).into()).unwrap();
    assert_eq!(cases::all_after(tx, 0, 2).unwrap(), [case(3), case(5)]);
    assert_eq!(cases::all_after(tx, 5, 2).unwrap(), [case(9)]);
    assert_eq!(cases::all_after(tx, 9, 2).unwrap(), []);
}

fn orders_of(tx: &mut Tx<'_>) {
    cases::upsert_orders(tx, vec![order(2, 1), order(1, 0), order(2, 0), order(3, 0)]).unwrap();
    let orders = cases::orders_of(tx, &[id(1002), id(1001)]).unwrap();
    assert_eq!(orders, [order(1, 0), order(2, 0), order(2, 1)]);
    assert_eq!(cases::orders_of(tx, &[]).unwrap(), []);
}

fn all_orders(tx: &mut Tx<'_>) {
    cases::upsert_orders(tx, vec![order(2, 1), order(1, 0), order(2, 0)]).unwrap();
    assert_eq!(
        cases::all_orders(tx, None, 2).unwrap(),
        [order(1, 0), order(2, 0)]
    );
    assert_eq!(
        cases::all_orders(tx, Some(order(2, 0).id), 2).unwrap(),
        [order(2, 1)]
    );
}

/// What a list must show, by looking at every case.
fn expected(all: &[CaseRow], orders: &[OrderRow], query: &ListQuery) -> Vec<i64> {
    let in_scope = |case: &CaseRow| {
        query.scopes.iter().any(|scope| {
            let value = match scope.level {
                Level::Province => Some(&case.province),
                Level::City => case.city.as_ref(),
                Level::County => case.county.as_ref(),
                Level::Town => case.town.as_ref(),
                Level::Community => case.community.as_ref(),
            };
            value == Some(&scope.code)
        }) || orders
            .iter()
            .any(|order| order.case_id == case.id && query.units.contains(&order.unit))
            || (query.reporter.is_some() && case.reporter == query.reporter)
    };
    let Filter {
        open,
        stage,
        class,
        centre,
        source,
    } = &query.filter;
    let mut seqs: Vec<i64> = all
        .iter()
        .filter(|case| in_scope(case))
        .filter(|case| open.is_none_or(|open| case.open == open))
        .filter(|case| stage.as_ref().is_none_or(|stage| case.stage == *stage))
        .filter(|case| class.is_none() || case.class == *class || case.top_class == *class)
        .filter(|case| centre.as_ref().is_none_or(|centre| case.centre == *centre))
        .filter(|case| source.as_ref().is_none_or(|source| case.source == *source))
        .filter(|case| query.before_seq.is_none_or(|before| case.seq < before))
        .map(|case| case.seq)
        .collect();
    seqs.sort_unstable_by(|a, b| b.cmp(a));
    seqs.truncate(query.limit as usize);
    seqs
}

fn list(tx: &mut Tx<'_>) {
    let all: Vec<CaseRow> = (1..=240).map(case).collect();
    let orders: Vec<OrderRow> = (1..=240)
        .filter(|seq| seq % 3 == 0)
        .flat_map(|seq| [order(seq, 0), order(seq, 1)])
        .collect();
    cases::upsert(tx, all.clone()).unwrap();
    cases::upsert_orders(tx, orders.clone()).unwrap();

    let scope = |level, code: &str| Scope {
        level,
        code: code.to_owned(),
    };
    let who = [
        ListQuery::default(),
        ListQuery {
            scopes: vec![scope(Level::Province, "51")],
            ..Default::default()
        },
        ListQuery {
            scopes: vec![scope(Level::City, "5134")],
            ..Default::default()
        },
        ListQuery {
            scopes: vec![scope(Level::County, "513403")],
            ..Default::default()
        },
        ListQuery {
            scopes: vec![scope(Level::Town, "513401001")],
            ..Default::default()
        },
        ListQuery {
            scopes: vec![scope(Level::Community, "513401001001")],
            ..Default::default()
        },
        ListQuery {
            scopes: vec![
                scope(Level::County, "513403"),
                scope(Level::County, "513402"),
            ],
            ..Default::default()
        },
        ListQuery {
            units: vec![id(303)],
            ..Default::default()
        },
        ListQuery {
            units: vec![id(303), id(306), id(999)],
            ..Default::default()
        },
        ListQuery {
            reporter: Some(id(20_001)),
            ..Default::default()
        },
        ListQuery {
            scopes: vec![
                scope(Level::Town, "513401001"),
                scope(Level::County, "513401"),
            ],
            units: vec![id(303)],
            reporter: Some(id(20_003)),
            ..Default::default()
        },
    ];
    let text = |s: &str| Some(s.to_owned());
    let filters = [
        Filter::default(),
        Filter {
            open: Some(true),
            ..Default::default()
        },
        Filter {
            open: Some(false),
            ..Default::default()
        },
        Filter {
            stage: text("filed"),
            ..Default::default()
        },
        Filter {
            class: text("c1"),
            ..Default::default()
        },
        Filter {
            class: text("c1.1"),
            ..Default::default()
        },
        Filter {
            centre: text("513401"),
            open: Some(true),
            ..Default::default()
        },
        Filter {
            source: text("hotline"),
            ..Default::default()
        },
        Filter {
            stage: text("nothing of the kind"),
            ..Default::default()
        },
    ];
    let mut shown = 0;
    for who in &who {
        for filter in &filters {
            for (before_seq, limit) in [
                (None, 10),
                (None, 1000),
                (Some(100), 7),
                (Some(1), 7),
                (None, 0),
            ] {
                let query = ListQuery {
                    filter: filter.clone(),
                    before_seq,
                    limit,
                    ..who.clone()
                };
                let statements = tx.statements();
                let rows = cases::list(tx, &query).unwrap();
                assert!(tx.statements() <= statements + 1, "a list is one statement");
                let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
                assert_eq!(seqs, expected(&all, &orders, &query), "{query:?}");
                assert!(rows.iter().all(|row| *row == case(row.seq)));
                shown += seqs.len();
            }
        }
    }
    assert!(shown > 1000, "the queries show something: {shown}");
}

fn on_map(tx: &mut Tx<'_>) {
    let all: Vec<CaseRow> = (1..=240).map(case).collect();
    let orders: Vec<OrderRow> = (1..=240)
        .filter(|seq| seq % 3 == 0)
        .map(|seq| order(seq, 0))
        .collect();
    cases::upsert(tx, all.clone()).unwrap();
    cases::upsert_orders(tx, orders.clone()).unwrap();
    let scope = |level, code: &str| Scope {
        level,
        code: code.to_owned(),
    };
    // The fixture lays case n at 102.25° + n, 27.89° south - n: the box holds those from 41 to 200.
    let bounds = [1_022_500_041, -278_900_200, 1_022_500_999, -278_900_041];
    let some = MapQuery {
        bounds,
        classes: ["c0.0", "c1.1", "c1.4", "c2.2", "c2.3"]
            .map(str::to_owned)
            .into(),
        limit: 1000,
        ..Default::default()
    };
    let who = [
        some.clone(),
        MapQuery {
            scopes: vec![scope(Level::Province, "51")],
            ..some.clone()
        },
        MapQuery {
            scopes: vec![
                scope(Level::County, "513403"),
                scope(Level::Town, "513402002"),
            ],
            ..some.clone()
        },
        MapQuery {
            units: vec![id(312), id(318), id(999)],
            ..some.clone()
        },
        MapQuery {
            reporter: Some(id(20_058)),
            ..some.clone()
        },
        MapQuery {
            scopes: vec![
                scope(Level::Community, "513401001001"),
                scope(Level::City, "5134"),
            ],
            units: vec![id(312)],
            reporter: Some(id(20_058)),
            ..some
        },
    ];
    let whose = |query: &MapQuery, row: &CaseRow| {
        let list = ListQuery {
            scopes: query.scopes.clone(),
            units: query.units.clone(),
            reporter: query.reporter,
            limit: 1,
            ..Default::default()
        };
        expected(std::slice::from_ref(row), &orders, &list) == [row.seq]
    };
    let mut shown = 0;
    for who in &who {
        for (newest, limit) in [
            (None, 1000),
            (None, 3),
            (Some(1000), 1000),
            (Some(1000), 3),
            (Some(0), 9),
        ] {
            let query = MapQuery {
                newest,
                limit,
                ..who.clone()
            };
            let statements = tx.statements();
            let rows = cases::on_map(tx, &query).unwrap();
            assert!(tx.statements() <= statements + 1, "a map is one statement");
            let mut wanted: Vec<i64> = all
                .iter()
                .filter(|row| newest != Some(0) && row.open && row.lon_e7.is_some())
                .filter(|row| (41..=200).contains(&row.seq))
                .filter(|row| {
                    row.class
                        .as_ref()
                        .is_some_and(|class| query.classes.contains(class))
                })
                .filter(|row| whose(&query, row))
                .map(|row| row.seq)
                .collect();
            wanted.reverse();
            wanted.truncate(limit as usize);
            let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
            assert_eq!(seqs, wanted, "{query:?}");
            assert!(rows.iter().all(|row| {
                let whole = case(row.seq);
                (Some(row.lon_e7), Some(row.lat_e7)) == (whole.lon_e7, whole.lat_e7)
                    && row.state == whole.state
            }));
            shown += seqs.len();
        }
    }
    assert!(shown > 60, "the queries show something: {shown}");
    // Of the newest ten of a county only those in the box: the others are not looked for further back.
    let county = |newest| MapQuery {
        scopes: vec![scope(Level::County, "513404")],
        newest,
        ..who[1].clone()
    };
    let all_of_it = cases::on_map(tx, &county(None)).unwrap().len();
    let of_the_newest = cases::on_map(tx, &county(Some(10))).unwrap().len();
    assert!(of_the_newest < all_of_it, "{of_the_newest} of {all_of_it}");
}
