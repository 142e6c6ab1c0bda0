//! The life of a writer: all or nothing, one at a time, durable, connecting again.
//!
//! Must not: end a server. Invariant: what a failed transaction wrote is looked for, not assumed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jingwei_store::{DatabaseUrl, Db, StoreError, Writer, journal};

use crate::fixture::{TestDb, event, head, on_server, write};

fn events(writer: &mut Writer) -> i64 {
    write(writer, journal::count).unwrap()
}

#[test]
fn an_error_leaves_nothing() {
    #[derive(Debug, PartialEq)]
    enum Mine {
        Refused,
        Store(StoreError),
    }
    impl From<StoreError> for Mine {
        fn from(error: StoreError) -> Self {
            Self::Store(error)
        }
    }
    for db in TestDb::both() {
        let mut writer = db.writer();
        let refused: Result<(), Mine> = writer.transaction(|tx| {
            journal::append(tx, vec![event(1)])?;
            Err(Mine::Refused)
        });
        assert_eq!(refused, Err(Mine::Refused));
        assert_eq!(events(&mut writer), 0);
        write(&mut writer, |tx| journal::append(tx, vec![event(1)])).unwrap();
        let twice: Result<(), Mine> = writer.transaction(|tx| {
            journal::append(tx, vec![event(2)])?;
            journal::append(tx, vec![event(1)])?;
            Ok(())
        });
        assert!(
            matches!(twice, Err(Mine::Store(StoreError::Constraint(_)))),
            "{twice:?}"
        );
        assert_eq!(events(&mut writer), 1);
    }
}

#[test]
fn a_panic_leaves_nothing_and_goes_on() {
    for db in TestDb::both() {
        let mut writer = db.writer();
        let panic = catch_unwind(AssertUnwindSafe(|| {
            write(&mut writer, |tx| {
                journal::append(tx, vec![event(1)])?;
                if tx.statements() > 0 {
                    panic!("on purpose");
                }
                Ok(())
            })
        }));
        assert_eq!(
            panic.unwrap_err().downcast_ref::<&str>(),
            Some(&"on purpose")
        );
        assert_eq!(events(&mut writer), 0);
        write(&mut writer, |tx| journal::append(tx, vec![event(1)])).unwrap();
        assert_eq!(events(&mut writer), 1);
    }
}

#[test]
fn a_failed_statement_dooms_the_transaction() {
    for db in TestDb::both() {
        let mut writer = db.writer();
        let result = write(&mut writer, |tx| {
            journal::append(tx, vec![event(1)])?;
            // Swallowed: the transaction must not commit all the same.
            let _ = journal::append(tx, vec![event(1)]);
            Ok(())
        });
        assert_eq!(result.unwrap_err().code(), "store.constraint");
        assert_eq!(events(&mut writer), 0);
    }
}

#[test]
fn one_writer_at_a_time() {
    for db in TestDb::both() {
        let mut writer = db.writer();
        let second = Db::open_writer(&db.url).unwrap_err();
        assert_eq!(second.code(), "store.writer_running");
        assert!(
            second.to_string().contains("another process is writing"),
            "{second}"
        );
        assert!(second.to_string().ends_with("stop it first"), "{second}");
        Db::open_readers(&db.url, 1).expect("readers need no lock");
        // The one that was refused has taken nothing from the first.
        write(&mut writer, |tx| journal::append(tx, vec![event(1)])).unwrap();
        drop(writer);
        assert_eq!(
            events(&mut Db::open_writer(&db.url).expect("free again")),
            1
        );
    }
}

#[test]
fn one_file_under_two_names_is_one_lock() {
    let db = TestDb::sqlite();
    let DatabaseUrl::Sqlite(path) = &db.url else {
        unreachable!("a SQLite store")
    };
    let _writer = db.writer();
    let link = path.with_file_name("link.db");
    std::os::unix::fs::symlink(path, &link).unwrap();
    assert_eq!(
        Db::open_writer(&DatabaseUrl::Sqlite(link))
            .unwrap_err()
            .code(),
        "store.writer_running"
    );
}

#[test]
fn commits_are_durable_by_setting() {
    let shown = |writer: &mut Writer, sql: &str| {
        let row = write(writer, |tx| tx.query_opt(sql, &[])).unwrap().unwrap();
        row.into_values().remove(0)
    };
    let sqlite = TestDb::sqlite();
    let mut writer = sqlite.writer();
    assert_eq!(shown(&mut writer, "PRAGMA synchronous"), 2i64.into());
    assert_eq!(shown(&mut writer, "PRAGMA journal_mode"), "wal".into());
    assert_eq!(shown(&mut writer, "PRAGMA foreign_keys"), 1i64.into());
    assert_eq!(shown(&mut writer, "PRAGMA secure_delete"), 1i64.into());
    assert_eq!(shown(&mut writer, "PRAGMA busy_timeout"), 5000i64.into());
    let postgres = TestDb::postgres();
    let mut writer = postgres.writer();
    for (name, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("TimeZone", "UTC"),
        ("lock_timeout", "5s"),
    ] {
        assert_eq!(
            shown(&mut writer, &format!("SHOW {name}")),
            value.into(),
            "{name}"
        );
    }
}

#[test]
fn statements_are_counted_with_begin_and_commit() {
    for db in TestDb::both() {
        let mut writer = db.writer();
        let before = writer.total_statements();
        let inside = write(&mut writer, |tx| {
            journal::set_head(tx, &head(0))?;
            journal::claim_head(tx)?;
            journal::append(tx, (1..=200).map(event).collect())?;
            journal::append(tx, vec![])?;
            Ok(tx.statements())
        });
        assert_eq!(inside, Ok(4));
        assert_eq!(writer.last_statements(), 5);
        assert_eq!(writer.total_statements(), before + 5);
    }
}

#[test]
fn a_lost_connection_is_told_and_mended() {
    let db = TestDb::postgres();
    let (server, name) = db.server().expect("a PostgreSQL store");
    let kill =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    let mut writer = db.writer();
    write(&mut writer, |tx| journal::append(tx, vec![event(1)])).unwrap();

    // Between two statements: nothing of it was written, and that is known.
    let lost = write(&mut writer, |tx| {
        journal::append(tx, vec![event(2)])?;
        on_server(server, &kill);
        journal::append(tx, vec![event(3)])
    });
    assert_eq!(lost.unwrap_err().code(), "store.lost");
    assert!(writer.is_lost());
    assert_eq!(
        write(&mut writer, journal::count).unwrap_err().code(),
        "store.lost"
    );
    reconnect(&mut writer);
    assert_eq!(events(&mut writer), 1);

    // At the commit: the outcome is unknown until one looks.
    let unknown = write(&mut writer, |tx| {
        journal::append(tx, vec![event(2)])?;
        on_server(server, &kill);
        Ok(())
    });
    assert_eq!(unknown.unwrap_err().code(), "store.commit_unknown");
    reconnect(&mut writer);
    assert_eq!(events(&mut writer), 1);
    write(&mut writer, |tx| journal::append(tx, vec![event(2)])).unwrap();
    assert_eq!(
        Db::open_writer(&db.url).unwrap_err().code(),
        "store.writer_running",
        "the lock came back too"
    );
}

/// The server may need a moment to notice that the old connection is gone.
fn reconnect(writer: &mut Writer) {
    for _ in 0..100 {
        match writer.reconnect() {
            Err(StoreError::WriterRunning(_)) => {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            result => return result.expect("the server is there"),
        }
    }
    panic!("the old connection's lock did not go");
}

#[test]
fn a_sqlite_writer_can_open_again() {
    let db = TestDb::sqlite();
    let mut writer = db.writer();
    write(&mut writer, |tx| journal::append(tx, vec![event(1)])).unwrap();
    writer.reconnect().unwrap();
    assert_eq!(events(&mut writer), 1);
    assert_eq!(
        Db::open_writer(&db.url).unwrap_err().code(),
        "store.writer_running"
    );
}

#[test]
fn opening_and_dropping_inside_a_runtime_does_not_panic() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    for db in TestDb::both() {
        let url = db.url.clone();
        runtime.block_on(async move {
            let writer = Writer::url;
            let opened = tokio::task::spawn_blocking(move || Db::open(&url, 2))
                .await
                .unwrap()
                .unwrap();
            assert!(!writer(&opened.0).to_string().is_empty());
            // Both are dropped here, on a thread of the runtime.
            drop(opened);
        });
    }
}

#[test]
fn addresses_are_read_and_shown_without_secrets() {
    let parse = |text: &str| text.parse::<DatabaseUrl>();
    assert_eq!(
        parse("sqlite:/data/x.db"),
        Ok(DatabaseUrl::Sqlite("/data/x.db".into()))
    );
    assert_eq!(
        parse("sqlite:///data/x.db"),
        Ok(DatabaseUrl::Sqlite("/data/x.db".into()))
    );
    assert_eq!(
        parse(" data/x.db "),
        Ok(DatabaseUrl::Sqlite("data/x.db".into()))
    );
    let url = parse("postgresql://anna:secret@db.example:5433/jw?password=other").unwrap();
    assert_eq!(
        format!("{url} {url:?}"),
        "postgres://db.example:5433/jw postgres://db.example:5433/jw"
    );
    for wrong in ["", "sqlite:", "sqlite::memory:", "mysql://x/y"] {
        assert_eq!(parse(wrong).unwrap_err().code(), "store.open", "{wrong}");
    }
    let nowhere = DatabaseUrl::Sqlite("/nowhere/at/all/x.db".into());
    assert_eq!(Db::open_writer(&nowhere).unwrap_err().code(), "store.open");
    assert_eq!(
        Db::open_readers(&nowhere, 1).unwrap_err().code(),
        "store.open"
    );
    let closed = DatabaseUrl::Postgres("postgres://x@127.0.0.1:1/x".into());
    assert_eq!(Db::open_writer(&closed).unwrap_err().code(), "store.open");
}
