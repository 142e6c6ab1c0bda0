//! Every public function of every room, on both engines, by the same body.
//!
//! Must not: let a function in without a body. Invariant: the names in the registry are the `pub fn`s found in the
//! rooms' sources, and as many ran on SQLite as on PostgreSQL.

use std::collections::BTreeSet;

use jingwei_store::{StoreError, Tx, Writer};

use crate::fixture::TestDb;
use crate::{cases, directory, figures, grids, journal, things};

/// One function with the body that exercises it, inside a transaction that is rolled back.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) body: fn(&mut Tx<'_>),
}

/// An entry of the registry. The path is used, so a name that is not in the crate does not compile.
macro_rules! entry {
    ($room:ident::$function:ident, $body:expr) => {{
        let _ = jingwei_store::$room::$function;
        $crate::conformance::Entry {
            name: concat!(stringify!($room), "::", stringify!($function)),
            body: $body,
        }
    }};
}
pub(crate) use entry;

fn registry() -> Vec<Entry> {
    let mut entries = cases::entries();
    entries.extend(directory::entries());
    entries.extend(figures::entries());
    entries.extend(grids::entries());
    entries.extend(journal::entries());
    entries.extend(things::entries());
    entries
}

const SOURCES: &[(&str, &str)] = &[
    ("cases", include_str!("../../src/cases.rs")),
    ("directory", include_str!("../../src/directory.rs")),
    ("figures", include_str!("../../src/figures.rs")),
    ("grids", include_str!("../../src/grids.rs")),
    ("journal", include_str!("../../src/journal.rs")),
    ("node", include_str!("../../src/node.rs")),
    ("receipts", include_str!("../../src/receipts.rs")),
    ("rules", include_str!("../../src/rules.rs")),
    ("sessions", include_str!("../../src/sessions.rs")),
    ("things", include_str!("../../src/things.rs")),
    ("timers", include_str!("../../src/timers.rs")),
];

/// `room::function` of every free public function in the rooms' sources.
fn written() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (room, text) in SOURCES {
        for line in text.lines() {
            // Methods are indented; free functions are not.
            if let Some(rest) = line.strip_prefix("pub fn ") {
                let name = rest
                    .split(['(', '<'])
                    .next()
                    .expect("a split has a first part");
                names.insert(format!("{room}::{name}"));
            }
        }
    }
    names
}

enum Undo {
    Done,
    Store(StoreError),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Runs all bodies, each in a transaction of its own that leaves nothing; answers how many ran.
fn run_all(writer: &mut Writer) -> usize {
    let mut ran = 0;
    for entry in registry() {
        let result: Result<(), Undo> = writer.transaction(|tx| {
            (entry.body)(tx);
            Err(Undo::Done)
        });
        match result {
            Err(Undo::Done) => ran += 1,
            Err(Undo::Store(error)) => panic!("{}: {error}", entry.name),
            Ok(()) => unreachable!("every body is rolled back"),
        }
    }
    ran
}

/// The texts of all statements the rooms send to this engine.
pub(crate) fn texts(writer: &mut Writer) -> BTreeSet<String> {
    writer.record_texts();
    run_all(writer);
    writer.take_texts()
}

/// The rooms whose source is searched, by name and text.
pub(crate) fn sources() -> &'static [(&'static str, &'static str)] {
    SOURCES
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the count is the result other tools read"
)]
fn conformance() {
    let registered: Vec<String> = registry()
        .iter()
        .map(|entry| entry.name.to_owned())
        .collect();
    let names: BTreeSet<String> = registered.iter().cloned().collect();
    assert_eq!(
        names.len(),
        registered.len(),
        "a function is registered twice"
    );
    assert_eq!(names, written(), "registry and sources differ");

    let [sqlite, postgres] = TestDb::both().map(|db| run_all(&mut db.writer()));
    println!(
        "store: {} functions, sqlite {sqlite}, postgres {postgres}",
        names.len()
    );
    assert_eq!((sqlite, postgres), (names.len(), names.len()));
}
