//! Reader threads: snapshots, no writing, surviving panics and lost connections.
//!
//! Must not: wait by time. Invariant: every order of events is made by channels.

use std::sync::mpsc;

use jingwei_store::{StoreError, journal};

use crate::fixture::{TestDb, event, on_server, write};

#[test]
fn a_read_is_one_snapshot() {
    for db in TestDb::both() {
        let (mut writer, readers) = db.open(2);
        write(&mut writer, |tx| journal::append(tx, vec![event(1)])).unwrap();
        let (first, seen) = mpsc::channel();
        let (go, wait) = mpsc::channel::<()>();
        let (second, seen_again) = mpsc::channel();
        readers.submit(Box::new(move |tx| {
            first.send(journal::count(tx)).unwrap();
            wait.recv().unwrap();
            second.send(journal::count(tx)).unwrap();
        }));
        assert_eq!(seen.recv().unwrap(), Ok(1));
        write(&mut writer, |tx| journal::append(tx, vec![event(2)])).unwrap();
        // The other thread sees the commit at once; the running read does not.
        assert_eq!(readers.blocking(journal::count), Ok(2));
        go.send(()).unwrap();
        assert_eq!(seen_again.recv().unwrap(), Ok(1));
        assert_eq!(readers.blocking(journal::count), Ok(2));
    }
}

#[test]
fn a_read_cannot_write() {
    for db in TestDb::both() {
        let (_writer, readers) = db.open(1);
        let refused = readers.blocking(|tx| journal::append(tx, vec![event(1)]));
        assert_eq!(refused.unwrap_err().code(), "store.sql");
        assert_eq!(readers.blocking(journal::count), Ok(0));
    }
}

#[test]
fn a_panicking_read_costs_only_itself() {
    for db in TestDb::both() {
        let (_writer, readers) = db.open(1);
        for _ in 0..3 {
            let gone: Result<i64, StoreError> = readers.blocking(|tx| {
                journal::count(tx)?;
                panic!("on purpose")
            });
            assert_eq!(gone.unwrap_err().code(), "store.lost");
        }
        assert_eq!(readers.blocking(journal::count), Ok(0));
        // A failed statement does not stay in the connection either.
        let bad = readers.blocking(|tx| tx.query("SELECT nothing FROM nowhere", &[]));
        assert_eq!(bad.unwrap_err().code(), "store.sql");
        assert_eq!(readers.blocking(journal::count), Ok(0));
    }
}

#[test]
fn many_reads_share_the_threads() {
    for db in TestDb::both() {
        let (_writer, readers) = db.open(3);
        let (done, results) = mpsc::channel();
        for n in 0..200i64 {
            let done = done.clone();
            readers.submit(Box::new(move |tx| {
                done.send(journal::count(tx).map(|count| count + n))
                    .unwrap();
            }));
        }
        drop(done);
        let mut numbers: Vec<i64> = results.iter().map(Result::unwrap).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..200).collect::<Vec<_>>());
        assert_eq!(readers.waiting(), 0);
    }
}

#[test]
fn a_lost_connection_is_made_again() {
    let db = TestDb::postgres();
    let (_writer, readers) = db.open(1);
    assert_eq!(readers.blocking(journal::count), Ok(0));
    let (server, name) = db.server().expect("a PostgreSQL store");
    on_server(
        server,
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    );
    assert_eq!(readers.blocking(journal::count), Ok(0));
    // Without a server every read is called and told why.
    on_server(
        server,
        &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
    );
    on_server(
        server,
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    );
    assert_eq!(
        readers.blocking(journal::count).unwrap_err().code(),
        "store.lost"
    );
    on_server(
        server,
        &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"),
    );
    assert_eq!(readers.blocking(journal::count), Ok(0));
}

#[test]
fn closing_drops_what_waits() {
    let db = TestDb::sqlite();
    let (_writer, readers) = db.open(1);
    let (go, wait) = mpsc::channel::<()>();
    let (started, running) = mpsc::channel();
    let (done, results) = mpsc::channel();
    let first = done.clone();
    readers.submit(Box::new(move |_| {
        started.send(()).unwrap();
        wait.recv().unwrap();
        first.send("ran").unwrap();
    }));
    readers.submit(Box::new(move |_| done.send("never").unwrap()));
    running.recv().unwrap();
    let closing = std::thread::spawn(move || drop(readers));
    // The waiting one is dropped at once, and with it the last sender but one.
    go.send(()).unwrap();
    closing.join().unwrap();
    let ran: Vec<_> = results.iter().collect();
    assert!(ran == ["ran"] || ran == ["ran", "never"], "{ran:?}");
}
