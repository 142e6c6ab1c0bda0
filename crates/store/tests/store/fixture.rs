//! Fresh databases for tests and rows to put into them.
//!
//! Must not: share a database between tests. Invariant: a database is gone when its test ends.

use std::sync::atomic::{AtomicU32, Ordering};

use jingwei_store::cases::{CaseRow, OrderRow};
use jingwei_store::journal::{Head, JournalRow};
use jingwei_store::{DatabaseUrl, Db, Readers, Result, StoreError, Tx, Writer, schema};
use uuid::Uuid;

/// The instant the fixtures use.
pub(crate) const AT: i64 = 1_760_000_000_000;

/// A database of its own, empty.
pub(crate) struct TestDb {
    pub(crate) url: DatabaseUrl,
    _folder: Option<tempfile::TempDir>,
    server: Option<(String, String)>,
}

fn server_url() -> String {
    std::env::var("JINGWEI_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("no PostgreSQL for the tests: run \"make test\", which starts one, or set JINGWEI_TEST_POSTGRES")
    })
}

/// Runs one statement on the server's own database.
pub(crate) fn on_server(url: &str, sql: &str) {
    let mut client =
        postgres::Client::connect(url, postgres::NoTls).expect("the test server answers");
    client.batch_execute(sql).expect("the test server obeys");
}

impl TestDb {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("store.db"));
        Self {
            url,
            _folder: Some(folder),
            server: None,
        }
    }

    pub(crate) fn postgres() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = server_url();
        let name = format!(
            "jingwei_store_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        // A process that was killed may have left one under the same number.
        on_server(
            &server,
            &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        );
        on_server(&server, &format!("CREATE DATABASE {name}"));
        let (scheme, rest) = server.split_once("://").expect("an address with ://");
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let query = path
            .split_once('?')
            .map_or(String::new(), |(_, query)| format!("?{query}"));
        let url = DatabaseUrl::Postgres(format!("{scheme}://{host}/{name}{query}"));
        Self {
            url,
            _folder: None,
            server: Some((server, name)),
        }
    }

    /// One of each engine.
    pub(crate) fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    /// The address of the server and the database's name there, for PostgreSQL.
    pub(crate) fn server(&self) -> Option<(&str, &str)> {
        self.server
            .as_ref()
            .map(|(url, name)| (url.as_str(), name.as_str()))
    }

    /// Open, with the schema.
    pub(crate) fn open(&self, readers: usize) -> (Writer, Readers) {
        let (mut writer, readers) = Db::open(&self.url, readers).expect("the store opens");
        schema::migrate(&mut writer, AT).expect("the schema is made");
        (writer, readers)
    }

    /// The writer only, with the schema.
    pub(crate) fn writer(&self) -> Writer {
        let mut writer = Db::open_writer(&self.url).expect("the store opens");
        schema::migrate(&mut writer, AT).expect("the schema is made");
        writer
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server {
            on_server(
                server,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            );
        }
    }
}

/// A transaction whose error type is the store's own.
pub(crate) fn write<T>(
    writer: &mut Writer,
    f: impl FnOnce(&mut Tx<'_>) -> Result<T>,
) -> Result<T, StoreError> {
    writer.transaction(f)
}

/// An id from a number.
pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A head with this sequence.
pub(crate) fn head(seq: i64) -> Head {
    Head {
        node: id(1),
        epoch: 1,
        seq,
        at: AT + seq,
        writer: id(2),
        term: 1,
    }
}

/// An event with this sequence, version 1 of a thing of its own.
pub(crate) fn event(seq: i64) -> JournalRow {
    JournalRow {
        seq,
        node: id(1),
        epoch: 1,
        at: AT + seq,
        actor: (seq % 2 == 0).then(|| id(7)),
        role: (seq % 2 == 0).then(|| "dispatcher".to_owned()),
        unit: None,
        on_behalf: None,
        device: None,
        device_at: (seq % 2 == 0).then_some(AT - seq),
        received_at: AT,
        aggregate: "case".to_owned(),
        aggregate_id: id(1000 + seq.unsigned_abs() as u128),
        version: 1,
        kind: "reported".to_owned(),
        kind_v: 1,
        correlation: id(9),
        payload: vec![0, 255, (seq % 256) as u8],
    }
}

/// A case with this sequence; its codes, stage, class and people follow from the number.
pub(crate) fn case(seq: i64) -> CaseRow {
    let stages = [
        "reported",
        "accepted",
        "filed",
        "dispatched",
        "handled",
        "closed",
        "closed",
        "closed",
    ];
    let stage = stages[(seq % 8) as usize];
    let class = (stage != "reported").then(|| format!("c{}.{}", seq % 3, seq % 5));
    CaseRow {
        id: id(1000 + seq.unsigned_abs() as u128),
        seq,
        owner: id(1),
        version: 1 + seq % 4,
        stage: stage.to_owned(),
        open: stage != "closed",
        top_class: class.as_ref().map(|_| format!("c{}", seq % 3)),
        class,
        severity: "normal".to_owned(),
        urgency: "normal".to_owned(),
        source: if seq % 4 == 0 { "hotline" } else { "patrol" }.to_owned(),
        number: (stage != "reported").then(|| format!("N{seq}")),
        division: (seq % 9 != 0).then(|| id(5)),
        code: format!("513401{:03}{:03}", seq % 20, seq % 100),
        province: "51".to_owned(),
        city: (seq % 10 != 0).then(|| "5134".to_owned()),
        county: (seq % 10 != 0).then(|| format!("5134{:02}", seq % 5)),
        town: (seq % 10 != 0).then(|| format!("5134{:02}{:03}", seq % 5, seq % 20)),
        community: (seq % 10 != 0)
            .then(|| format!("5134{:02}{:03}{:03}", seq % 5, seq % 20, seq % 100)),
        centre: format!("5134{:02}", seq % 5),
        centre_unit: None,
        reporter: (seq % 4 != 0).then(|| id(20_000 + (seq % 1000).unsigned_abs() as u128)),
        receipt_hash: (seq % 4 == 0).then(|| seq.to_be_bytes().to_vec()),
        lon_e7: (seq % 2 == 0).then_some(1_022_500_000 + seq),
        lat_e7: (seq % 2 == 0).then_some(-278_900_000 - seq),
        reported_at: AT + seq,
        updated_at: AT + seq,
        updated_seq: seq,
        next_due: (stage != "closed").then_some(AT + 3_600_000),
        state: vec![1, 2, 3, 0, (seq % 256) as u8],
    }
}

/// An order of the case with this sequence; `n` tells several apart.
pub(crate) fn order(seq: i64, n: i64) -> OrderRow {
    OrderRow {
        id: id(5_000_000 + (seq * 10 + n).unsigned_abs() as u128),
        case_id: id(1000 + seq.unsigned_abs() as u128),
        case_seq: seq,
        unit: id(300 + (seq % 50).unsigned_abs() as u128),
        part: if n == 0 { "lead" } else { "assist" }.to_owned(),
        stage: "sent".to_owned(),
        sent_at: AT + n,
        ack_due: (n == 0).then_some(AT + 1000),
    }
}
