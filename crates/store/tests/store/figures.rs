//! Bodies for the room `figures`.
//!
//! Must not: depend on another body (each is rolled back). Invariant: values are asserted, not only success.

use jingwei_store::figures::{FlowRow, SerialRow, StockRow};
use jingwei_store::{Tx, cases, figures};

use crate::conformance::{Entry, entry};
use crate::fixture::case;

pub(crate) fn entries() -> Vec<Entry> {
    vec![
        entry!(figures::add_stock, |tx| {
            figures::add_stock(tx, vec![stock("51", "a", 1, 2), stock("51", "", 1, 0)]).unwrap();
            let before = tx.statements();
            // The same key twice in one batch is summed, on both engines.
            figures::add_stock(tx, vec![stock("51", "a", 5, -1), stock("51", "a", 1, 0)]).unwrap();
            assert_eq!(tx.statements(), before + 1);
            let rows = figures::stock_of(tx, &["51".to_owned()]).unwrap();
            assert_eq!(rows, [stock("51", "", 1, 0), stock("51", "a", 7, 1)]);
        }),
        entry!(figures::add_flow, |tx| {
            figures::add_flow(tx, vec![flow("51", 20_260_101, 1)]).unwrap();
            figures::add_flow(
                tx,
                vec![flow("51", 20_260_101, 2), flow("51", 20_260_102, 4)],
            )
            .unwrap();
            let rows = figures::flow_of(tx, "51", 20_260_101, 20_260_102).unwrap();
            assert_eq!(rows, [flow("51", 20_260_101, 3), flow("51", 20_260_102, 4)]);
        }),
        entry!(figures::stock_of, |tx| {
            figures::add_stock(
                tx,
                vec![
                    stock("51", "a", 1, 2),
                    stock("52", "a", 3, 4),
                    stock("53", "a", 5, 6),
                ],
            )
            .unwrap();
            let rows = figures::stock_of(tx, &["53".to_owned(), "51".to_owned(), "99".to_owned()])
                .unwrap();
            assert_eq!(rows, [stock("51", "a", 1, 2), stock("53", "a", 5, 6)]);
            assert_eq!(figures::stock_of(tx, &[]).unwrap(), []);
        }),
        entry!(figures::flow_of, |tx| {
            figures::add_flow(
                tx,
                (1..=9)
                    .map(|day| flow("51", 20_260_100 + day, day))
                    .collect(),
            )
            .unwrap();
            figures::add_flow(tx, vec![flow("52", 20_260_103, 50)]).unwrap();
            let rows = figures::flow_of(tx, "51", 20_260_103, 20_260_104).unwrap();
            assert_eq!(rows, [flow("51", 20_260_103, 3), flow("51", 20_260_104, 4)]);
        }),
        entry!(figures::all_flow, |tx| {
            let rows = vec![
                flow("51", 20_261_120, 1),
                flow("51", 20_261_121, 2),
                flow("5101", 20_261_120, 3),
            ];
            figures::add_flow(tx, rows.clone()).unwrap();
            assert_eq!(figures::all_flow(tx, None, 2).unwrap(), rows[..2]);
            let after = Some(("51".to_owned(), 20_261_121));
            assert_eq!(figures::all_flow(tx, after, 2).unwrap(), rows[2..]);
        }),
        entry!(figures::all_serials, |tx| {
            let rows = vec![
                serial("510116", 20_261_120, 7),
                serial("510116111", 20_261_120, 9),
            ];
            figures::set_serials(tx, rows.clone()).unwrap();
            assert_eq!(figures::all_serials(tx, None, 1).unwrap(), rows[..1]);
            let after = Some(("510116".to_owned(), 20_261_120));
            assert_eq!(figures::all_serials(tx, after, 5).unwrap(), rows[1..]);
        }),
        entry!(figures::all_stock, |tx| {
            figures::add_stock(
                tx,
                vec![
                    stock("51", "a", 1, 2),
                    stock("51", "", 3, 4),
                    stock("50", "b", 5, 6),
                ],
            )
            .unwrap();
            assert_eq!(
                figures::all_stock(tx, None, 2).unwrap(),
                [stock("50", "b", 5, 6), stock("51", "", 3, 4)]
            );
            let after = Some(("51".to_owned(), String::new()));
            assert_eq!(
                figures::all_stock(tx, after, 2).unwrap(),
                [stock("51", "a", 1, 2)]
            );
        }),
        entry!(figures::recount_stock, recount_stock),
        entry!(figures::serials, |tx| {
            figures::set_serials(
                tx,
                vec![serial("51", 1, 7), serial("51", 2, 8), serial("52", 1, 9)],
            )
            .unwrap();
            let mut rows = figures::serials(
                tx,
                &[
                    ("52".to_owned(), 1),
                    ("51".to_owned(), 2),
                    ("52".to_owned(), 2),
                ],
            )
            .unwrap();
            rows.sort_by_key(|row| row.last);
            assert_eq!(rows, [serial("51", 2, 8), serial("52", 1, 9)]);
            assert_eq!(figures::serials(tx, &[]).unwrap(), []);
        }),
        entry!(figures::set_serials, |tx| {
            figures::set_serials(tx, vec![serial("51", 1, 7)]).unwrap();
            figures::set_serials(tx, vec![serial("51", 1, 8)]).unwrap();
            assert_eq!(
                figures::serials(tx, &[("51".to_owned(), 1)]).unwrap(),
                [serial("51", 1, 8)]
            );
        }),
    ]
}

fn stock(scope: &str, class: &str, reported: i64, closed: i64) -> StockRow {
    StockRow {
        scope: scope.to_owned(),
        class: class.to_owned(),
        reported,
        accepted: 0,
        returned: 0,
        filed: reported * 2,
        dispatched: 0,
        handled: 0,
        verified: 0,
        closed,
        refused: 0,
        voided: 0,
        suspended: 0,
        merged: 0,
    }
}

fn flow(scope: &str, day: i64, n: i64) -> FlowRow {
    FlowRow {
        scope: scope.to_owned(),
        day,
        reported: n,
        accepted: 0,
        filed: 0,
        dispatched: 0,
        handled: 0,
        verified: 0,
        closed: -n,
        refused: 0,
        voided: 0,
        orders: n * 10,
        late: 0,
        solved: 0,
        reopened: 0,
    }
}

fn recount_stock(tx: &mut Tx<'_>) {
    cases::upsert(tx, (1..=200).map(case).collect()).unwrap();
    let rows = figures::recount_stock(tx).unwrap();
    let total = |scope: &str| -> i64 {
        rows.iter()
            .filter(|row| row.scope == scope)
            .map(|row| {
                row.reported + row.accepted + row.filed + row.dispatched + row.handled + row.closed
            })
            .sum()
    };
    // Every tenth case has no code below the province.
    assert_eq!((total("51"), total("5134")), (200, 180));
    let unclassified = rows
        .iter()
        .find(|row| row.scope == "51" && row.class.is_empty())
        .unwrap();
    assert_eq!((unclassified.reported, unclassified.closed), (25, 0));
    let one = rows.iter().find(|row| row.scope == "513401001001").unwrap();
    assert_eq!((one.class.as_str(), one.accepted + one.handled), ("c1", 1));
    assert!(rows.is_sorted_by_key(|row| (row.scope.clone(), row.class.clone())));
}

fn serial(centre: &str, day: i64, last: i64) -> SerialRow {
    SerialRow {
        centre: centre.to_owned(),
        day,
        last,
    }
}
