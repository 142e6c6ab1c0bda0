//! Bodies for the room `grids`.
//!
//! Must not: depend on another body (each is rolled back). Invariant: values are asserted, not only success.

use jingwei_store::grids::{CaseGridRow, GridRow, LookUpRow, OutlineRow, PlaceRow, StageCount};
use jingwei_store::{Tx, cases, grids};

use crate::conformance::{Entry, entry};
use crate::fixture::{AT, case, id};

pub(crate) fn entries() -> Vec<Entry> {
    vec![
        entry!(grids::upsert, upsert),
        entry!(grids::look_up_rows, look_up_rows),
        entry!(grids::load, load),
        entry!(grids::versions_of, versions_of),
        entry!(grids::of_hosts, of_hosts),
        entry!(grids::all_after, all_after),
        entry!(grids::upsert_outlines, outlines),
        entry!(grids::all_outlines, outlines),
        entry!(grids::upsert_places, places),
        entry!(grids::all_places, places),
        entry!(grids::insert_cases, insert_cases),
        entry!(grids::of_cases, of_cases),
        entry!(grids::count_cases, count_cases),
    ]
}

/// A version of the grid with this number; every fiftieth grid is mobile.
pub(crate) fn grid(n: i64, version: i64) -> GridRow {
    let mobile = n % 50 == 0;
    GridRow {
        id: id(9_000_000 + n.unsigned_abs() as u128),
        version,
        code: format!("{:012}{:03}", 510_100_000_000 + n / 10, n % 10 + 1),
        layer: if mobile { "mobile" } else { "base" }.to_owned(),
        host: format!("{:012}", 510_100_000_000 + n / 10),
        valid_from: 20_260_101 + version,
        valid_to: (version % 2 == 0).then_some(20_261_231),
        season: mobile.then_some(6_010_930),
        area_m2: 1_000 + n,
        about: vec![b'{', (n % 256) as u8],
        shape: vec![1, 0, 3, (n % 256) as u8],
    }
}

/// The case with this sequence in its grid.
pub(crate) fn case_grid(seq: i64) -> CaseGridRow {
    CaseGridRow {
        grid: id(9_000_000 + (seq % 500).unsigned_abs() as u128),
        seq,
        layer: "base".to_owned(),
    }
}

fn look_up(row: GridRow) -> LookUpRow {
    LookUpRow {
        about: (row.layer == "mobile").then_some(row.about),
        id: row.id,
        version: row.version,
        code: row.code,
        layer: row.layer,
        host: row.host,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        season: row.season,
        shape: row.shape,
    }
}

fn upsert(tx: &mut Tx<'_>) {
    let before = tx.statements();
    grids::upsert(tx, (0..300).map(|n| grid(n, 1)).collect()).unwrap();
    assert_eq!(tx.statements(), before + 1);
    let closed = GridRow {
        valid_to: Some(20_260_630),
        ..grid(7, 1)
    };
    // Twice in one statement: the last stays, on both engines.
    grids::upsert(tx, vec![grid(7, 1), closed.clone(), grid(7, 2)]).unwrap();
    assert_eq!(
        grids::versions_of(tx, &[closed.id]).unwrap(),
        [closed, grid(7, 2)]
    );
    grids::upsert(tx, vec![]).unwrap();
}

fn look_up_rows(tx: &mut Tx<'_>) {
    assert_eq!(grids::look_up_rows(tx, None, 100).unwrap(), []);
    grids::upsert(tx, (0..120).map(|n| grid(n, 1)).collect()).unwrap();
    let mut rows = grids::look_up_rows(tx, None, 100).unwrap();
    let last = rows.last().map(|row| (row.id, row.version));
    rows.extend(grids::look_up_rows(tx, last, 100).unwrap());
    let due: Vec<LookUpRow> = (0..120).map(|n| look_up(grid(n, 1))).collect();
    assert_eq!(rows, due);
    assert_eq!(
        rows.iter().filter(|row| row.about.is_some()).count(),
        3,
        "what is said is read of mobile grids only"
    );
}

fn load(tx: &mut Tx<'_>) {
    grids::upsert(tx, vec![grid(1, 1), grid(1, 2), grid(2, 1)]).unwrap();
    let before = tx.statements();
    let key = |row: GridRow| (row.id, row.version);
    let mut rows =
        grids::load(tx, vec![key(grid(1, 2)), key(grid(2, 1)), key(grid(2, 2))]).unwrap();
    assert_eq!(tx.statements(), before + 1);
    rows.sort_by_key(|row| row.id);
    assert_eq!(rows, [grid(1, 2), grid(2, 1)]);
    assert_eq!(grids::load(tx, vec![]).unwrap(), []);
}

fn versions_of(tx: &mut Tx<'_>) {
    grids::upsert(tx, vec![grid(2, 1), grid(1, 2), grid(1, 1), grid(3, 1)]).unwrap();
    let rows = grids::versions_of(tx, &[grid(1, 1).id, grid(2, 1).id, id(5)]).unwrap();
    assert_eq!(rows, [grid(1, 1), grid(1, 2), grid(2, 1)]);
    assert_eq!(grids::versions_of(tx, &[]).unwrap(), []);
}

fn of_hosts(tx: &mut Tx<'_>) {
    grids::upsert(tx, (0..40).map(|n| grid(n, 1)).collect()).unwrap();
    let hosts = [grid(10, 1).host, grid(30, 1).host, "51".to_owned()];
    let rows = grids::of_hosts(tx, &hosts).unwrap();
    let due: Vec<GridRow> = (10..20).chain(30..40).map(|n| grid(n, 1)).collect();
    assert_eq!(rows, due);
    assert_eq!(grids::of_hosts(tx, &[]).unwrap(), []);
}

fn all_after(tx: &mut Tx<'_>) {
    grids::upsert(tx, vec![grid(1, 1), grid(1, 2), grid(2, 1)]).unwrap();
    let first = grids::all_after(tx, None, 2).unwrap();
    assert_eq!(first, [grid(1, 1), grid(1, 2)]);
    let rest = grids::all_after(tx, Some((first[1].id, first[1].version)), 2).unwrap();
    assert_eq!(rest, [grid(2, 1)]);
}

fn outlines(tx: &mut Tx<'_>) {
    let outline = |n: u128, code: &str, shape: u8| OutlineRow {
        division: id(n),
        code: code.to_owned(),
        source: "演示用".to_owned(),
        shape: vec![shape],
    };
    assert_eq!(grids::all_outlines(tx).unwrap(), []);
    grids::upsert_outlines(tx, vec![outline(1, "510116", 1), outline(2, "5101", 2)]).unwrap();
    grids::upsert_outlines(tx, vec![outline(1, "510116", 3)]).unwrap();
    assert_eq!(
        grids::all_outlines(tx).unwrap(),
        [outline(2, "5101", 2), outline(1, "510116", 3)]
    );
}

fn places(tx: &mut Tx<'_>) {
    let place = |n: u128, name: &str| PlaceRow {
        code: format!("P{n}"),
        name: name.to_owned(),
        aliases: "别名|又名".to_owned(),
        kind: "bridge".to_owned(),
        division: "510116111205".to_owned(),
        lon_e7: 1_039_700_000,
        lat_e7: -303_200_000,
    };
    assert_eq!(grids::all_places(tx).unwrap(), []);
    grids::upsert_places(tx, vec![place(2, "大桥"), place(1, "码头")]).unwrap();
    grids::upsert_places(tx, vec![place(2, "新大桥")]).unwrap();
    assert_eq!(
        grids::all_places(tx).unwrap(),
        [place(1, "码头"), place(2, "新大桥")]
    );
}

fn insert_cases(tx: &mut Tx<'_>) {
    let before = tx.statements();
    grids::insert_cases(tx, (1..=300).map(case_grid).collect()).unwrap();
    grids::insert_cases(tx, vec![case_grid(1), case_grid(301)]).unwrap();
    assert_eq!(tx.statements(), before + 2);
    assert_eq!(
        grids::of_cases(tx, &[1, 301]).unwrap(),
        [case_grid(1), case_grid(301)]
    );
}

fn of_cases(tx: &mut Tx<'_>) {
    let second = CaseGridRow {
        grid: id(7),
        layer: "dedicated".to_owned(),
        ..case_grid(2)
    };
    grids::insert_cases(
        tx,
        vec![case_grid(1), second.clone(), case_grid(2), case_grid(3)],
    )
    .unwrap();
    assert_eq!(
        grids::of_cases(tx, &[2, 3, 99]).unwrap(),
        [case_grid(2), second, case_grid(3)]
    );
    assert_eq!(grids::of_cases(tx, &[]).unwrap(), []);
}

fn count_cases(tx: &mut Tx<'_>) {
    cases::upsert(tx, (1..=20).map(case).collect()).unwrap();
    let all_in_one = |seq: i64| CaseGridRow {
        grid: id(9_000_001),
        ..case_grid(seq)
    };
    grids::insert_cases(tx, (1..=20).map(all_in_one).collect()).unwrap();
    let counted = grids::count_cases(tx, id(9_000_001), (AT, i64::MAX)).unwrap();
    let mut due: Vec<StageCount> = Vec::new();
    for row in (1..=20).map(case).filter(|row| row.reported_at >= AT) {
        let same = |count: &&mut StageCount| count.stage == row.stage && count.open == row.open;
        match due.iter_mut().find(same) {
            Some(count) => count.cases += 1,
            None => due.push(StageCount {
                stage: row.stage,
                open: row.open,
                cases: 1,
            }),
        }
    }
    due.sort_by(|a, b| (&a.stage, a.open).cmp(&(&b.stage, b.open)));
    assert!(!due.is_empty());
    assert_eq!(counted, due);
    let none = grids::count_cases(tx, id(9_000_001), (i64::MAX - 1, i64::MAX)).unwrap();
    assert_eq!(none, []);
}
