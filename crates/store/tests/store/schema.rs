//! The schema: whole text and migrations are the same, newer versions are refused.
//!
//! Must not: compare texts where the catalogue can be asked. Invariant: both engines are asked.

use jingwei_store::schema::{KNOWN, Report, WHOLE, apply, migrate, version};
use jingwei_store::{Db, Engine, Value, Writer};

use crate::fixture::{AT, TestDb, write};

/// Everything the catalogue says about tables, columns, keys and indexes.
fn catalogue(writer: &mut Writer) -> Vec<Vec<Value>> {
    let queries: &[&str] = match writer.engine() {
        Engine::Sqlite => &[
            "SELECT name, type, ncol, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' ORDER BY name",
            "SELECT t.name, c.cid, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk FROM sqlite_master t, pragma_table_xinfo(t.name) c \
             WHERE t.type = 'table' ORDER BY t.name, c.cid",
            "SELECT t.name, i.\"unique\", i.origin, i.partial, x.seqno, x.name, x.\"desc\" \
             FROM sqlite_master t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) x \
             WHERE t.type = 'table' ORDER BY t.name, i.name, x.seqno",
            "SELECT t.name, f.\"table\", f.\"from\", f.\"to\" FROM sqlite_master t, pragma_foreign_key_list(t.name) f \
             WHERE t.type = 'table' ORDER BY 1, 2, 3",
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
        ],
        Engine::Postgres => &[
            "SELECT table_name::text, ordinal_position, column_name::text, data_type::text, is_nullable::text, column_default::text, \
             collation_name::text FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
            "SELECT indexdef::text FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            "SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2, 3",
        ],
    };
    let mut all = Vec::new();
    for query in queries {
        let rows = write(writer, |tx| tx.query(query, &[])).unwrap();
        assert!(!rows.is_empty(), "{query}");
        all.extend(rows.into_iter().map(jingwei_store::Row::into_values));
    }
    all
}

#[test]
fn the_whole_text_is_what_the_migrations_make() {
    for (migrated, whole) in TestDb::both().into_iter().zip(TestDb::both()) {
        let mut migrated = migrated.writer();
        let mut writer = Db::open_writer(&whole.url).unwrap();
        write(&mut writer, |tx| apply(tx, WHOLE)).unwrap();
        let found = catalogue(&mut migrated);
        assert!(found.len() > 150, "{}", found.len());
        assert_eq!(found, catalogue(&mut writer));
    }
}

#[test]
fn every_column_has_its_comment() {
    for line in WHOLE
        .lines()
        .filter(|line| line.starts_with("  ") && line.contains('{'))
    {
        // The counters after the first of their kind share its comment.
        let counter = line.trim_end().ends_with("{int} NOT NULL,");
        assert!(line.contains("--") || counter, "no comment: {line}");
    }
}

#[test]
fn migrating_twice_changes_nothing() {
    for db in TestDb::both() {
        let mut writer = Db::open_writer(&db.url).unwrap();
        assert_eq!(write(&mut writer, version), Ok(0));
        assert_eq!(migrate(&mut writer, AT), Ok(Report { from: 0, to: KNOWN }));
        let first = catalogue(&mut writer);
        assert_eq!(
            migrate(&mut writer, AT + 1),
            Ok(Report {
                from: KNOWN,
                to: KNOWN
            })
        );
        assert_eq!(catalogue(&mut writer), first);
        let mut row = write(&mut writer, |tx| {
            tx.query_opt("SELECT min(at) FROM schema_version", &[])
        })
        .unwrap()
        .unwrap();
        assert_eq!(row.int(0), Ok(AT));
    }
}

#[test]
fn a_newer_schema_is_refused() {
    for db in TestDb::both() {
        let mut writer = db.writer();
        let newer = KNOWN + 1;
        let sql = "INSERT INTO schema_version (version, at) VALUES ($1, 0)";
        write(&mut writer, |tx| tx.execute(sql, &[newer.into()])).unwrap();
        let refused = migrate(&mut writer, AT).unwrap_err();
        assert_eq!(refused.code(), "store.schema");
        assert_eq!(
            refused.to_string(),
            format!(
                "the schema has version {newer}, this program knows {KNOWN}; run the newer program"
            )
        );
        drop(writer);
        assert_eq!(Db::open_writer(&db.url).unwrap_err().code(), "store.schema");
        assert_eq!(
            Db::open_readers(&db.url, 1).unwrap_err().code(),
            "store.schema"
        );
    }
}
