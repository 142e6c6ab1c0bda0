//! The peer of B1: pgbench, committing the rows of a report in a transaction of its own, on the tables and indexes of the
//! schema.
//!
//! The rows are those that the node itself wrote for one report, byte for byte; only keys, sequences and instants differ
//! from transaction to transaction, in ascending order as ours do. What the peer is spared: HTTP, sign-in, sealing, the
//! durable key of each case, the rules, the look-ups before the writes. Invariant: nothing of a transaction is left out
//! that the node writes, unless the way is called [`Way::Unshared`], which is told as such.

use std::path::Path;
use std::process::Command;

use jingwei_testkit::{Database, Engine};
use postgres::{Client, NoTls};

use crate::Result;
use crate::server;
use crate::table::Run;

/// How the transaction is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `BEGIN`, a statement for each table, `COMMIT`: a round trip each.
    Statements,
    /// One statement that does it all: one round trip.
    One,
    /// One statement, without the rows that all reports share (head of the journal, figures): what group commit can give.
    Unshared,
}

/// The rows of one report, as SQL literals, and where they stand.
pub(crate) struct Rows {
    tables: Vec<Table>,
}

struct Table {
    name: &'static str,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Tables that a report writes to, and which of their rows are the report's.
const TABLES: [(&str, &str); 6] = [
    ("journal", "aggregate = 'case'"),
    ("cases", "true"),
    ("timer", "true"),
    ("stock", "true"),
    ("flow", "true"),
    ("receipt", "true"),
];

fn connect(database: &Database) -> Result<Client> {
    Ok(Client::connect(&database.address(), NoTls)?)
}

impl Rows {
    /// Reads what one report wrote into a database that holds no other.
    pub(crate) fn read(database: &Database) -> Result<Self> {
        let mut client = connect(database)?;
        let mut tables = Vec::new();
        for (name, which) in TABLES {
            let columns: Vec<String> = client
                .query(
                    "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position",
                    &[&name],
                )?
                .iter()
                .map(|row| row.get(0))
                .collect();
            let literals: Vec<String> = columns
                .iter()
                .map(|c| format!("quote_nullable({c}::text)"))
                .collect();
            let order = if name == "journal" { "seq" } else { "1" };
            let sql = format!(
                "SELECT ARRAY[{}] FROM {name} WHERE {which} ORDER BY {order}",
                literals.join(", ")
            );
            let rows: Vec<Vec<String>> = client
                .query(&sql, &[])?
                .iter()
                .map(|row| row.get(0))
                .collect();
            if rows.is_empty() {
                return Err(format!("a report wrote nothing into {name}").into());
            }
            tables.push(Table {
                name,
                columns,
                rows,
            });
        }
        Ok(Self { tables })
    }

    fn of(&self, name: &str) -> Result<&Table> {
        self.tables
            .iter()
            .find(|t| t.name == name)
            .ok_or_else(|| format!("no rows of {name}").into())
    }

    /// How many rows a report writes to a table.
    pub(crate) fn count(&self, name: &str) -> Result<i64> {
        Ok(i64::try_from(self.of(name)?.rows.len())?)
    }

    /// What a report writes, in words.
    pub(crate) fn words(&self) -> String {
        let words: Vec<String> = self
            .tables
            .iter()
            .map(|t| format!("{} {}", t.name, t.rows.len()))
            .collect();
        format!("{}, head 1", words.join(", "))
    }

    /// The statements that write everything but the head, each as an `INSERT … SELECT` from `h(seq)`: the head after it.
    fn inserts(&self, way: Way) -> Vec<String> {
        let mut out = Vec::new();
        for table in &self.tables {
            let shared = matches!(table.name, "stock" | "flow");
            if shared && way == Way::Unshared {
                continue;
            }
            let events = self.of("journal").map_or(1, |t| t.rows.len());
            let rows: Vec<String> = (0..)
                .zip(&table.rows)
                .map(|(i, row)| {
                    let cells: Vec<String> = table
                        .columns
                        .iter()
                        .zip(row)
                        .map(|(column, cell)| value(table.name, column, cell, i, events))
                        .collect();
                    format!("SELECT {} FROM h", cells.join(", "))
                })
                .collect();
            let add = if shared { adding(table) } else { String::new() };
            out.push(format!(
                "INSERT INTO {} ({}) {}{add}",
                table.name,
                table.columns.join(", "),
                rows.join(" UNION ALL ")
            ));
        }
        out
    }

    /// The script for pgbench.
    fn script(&self, way: Way) -> Result<String> {
        let events = self.of("journal")?.rows.len();
        // Ascending, and of no two transactions alike: as the node's are.
        let mut text =
            "\\set n :n + 1\n\\set k :n * 64 + :client_id\n\\set at 1790000000000 + :k\n"
                .to_owned();
        let head = format!(
            "UPDATE journal_head SET seq = seq + {events}, at = :at WHERE one = 1 RETURNING seq"
        );
        let inserts = self.inserts(way);
        match way {
            Way::Statements => {
                text.push_str(&format!("BEGIN;\n{head} \\gset\n"));
                for insert in inserts {
                    text.push_str(&format!(
                        "WITH h AS (SELECT :seq::bigint AS seq) {insert};\n"
                    ));
                }
                text.push_str("COMMIT;\n");
            }
            Way::One | Way::Unshared => {
                let head = if way == Way::One {
                    head
                } else {
                    format!("SELECT {events} * (:k::bigint + 1) AS seq")
                };
                let mut parts = vec![format!("h AS ({head})")];
                let (last, others) = inserts.split_last().ok_or("nothing to write")?;
                parts.extend(
                    (0..)
                        .zip(others)
                        .map(|(i, insert): (usize, _)| format!("w{i} AS ({insert})")),
                );
                text.push_str(&format!("WITH {} {last};\n", parts.join(", ")));
            }
        }
        Ok(text)
    }
}

/// Adds figures to what is there.
fn adding(table: &Table) -> String {
    let keys = if table.name == "stock" {
        ["scope", "class"]
    } else {
        ["scope", "day"]
    };
    let sets: Vec<String> = table
        .columns
        .iter()
        .filter(|column| !keys.contains(&column.as_str()))
        .map(|c| format!("{c} = {}.{c} + excluded.{c}", table.name))
        .collect();
    format!(
        " ON CONFLICT ({}) DO UPDATE SET {}",
        keys.join(", "),
        sets.join(", ")
    )
}

/// What stands in a cell: the node's own bytes, or what has to differ. `i` is the number of the row in its table.
fn value(table: &str, column: &str, cell: &str, i: usize, events: usize) -> String {
    // 16 bytes that ascend, as UUIDv7 do.
    let id = "int8send(:at::bigint) || int8send(:k::bigint)";
    match (table, column) {
        ("journal", "seq") => format!("h.seq - {} + {i}", events - 1),
        ("cases", "seq") => format!("h.seq - {}", events - 1),
        ("cases", "updated_seq") | ("receipt", "seq") => "h.seq".to_owned(),
        ("journal", "aggregate_id" | "correlation") | ("cases", "id") | ("timer", "thing") => {
            id.to_owned()
        }
        ("receipt", "key") => {
            "'report 01900000-0000-7000-8000-' || lpad((:k::bigint)::text, 12, '0')".to_owned()
        }
        (_, "at" | "received_at" | "reported_at" | "updated_at") => ":at::bigint".to_owned(),
        (_, "due" | "next_due") => ":at::bigint + 120000".to_owned(),
        _ if cell == "NULL" => format!("NULL::{}", kind(column)),
        // Text that quote_nullable gave; bytes are written as text of bytes.
        _ => format!("{cell}::{}", kind(column)),
    }
}

/// The type of a column of these tables.
fn kind(column: &str) -> &'static str {
    match column {
        "node" | "actor" | "unit" | "on_behalf" | "device" | "payload" | "owner" | "division"
        | "centre_unit" | "reporter" | "receipt_hash" | "state" | "sender" | "body_hash"
        | "answer" | "sub" | "id" => "bytea",
        "role" | "aggregate" | "kind" | "stage" | "class" | "top_class" | "severity"
        | "urgency" | "source" | "number" | "code" | "province" | "city" | "county" | "town"
        | "community" | "centre" | "scope" | "key" => "text",
        _ => "bigint",
    }
}

/// What a run of pgbench came to.
pub(crate) struct Told {
    /// Its figures.
    pub(crate) run: Run,
    /// Transactions that it says it committed.
    pub(crate) transactions: i64,
}

/// A database for the peer, with the node's schema and a head of the journal.
pub(crate) struct Peer {
    database: Database,
    folder: tempfile::TempDir,
}

impl Peer {
    /// An empty database with the schema.
    pub(crate) fn create() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = Database::create(Engine::Postgres, folder.path());
        server::run(
            &["migrate"],
            &folder.path().join("data"),
            &database.address(),
            "",
        )?;
        connect(&database)?.execute(
            "INSERT INTO journal_head VALUES (1, $1, 1, 0, 0, $1, 1) ON CONFLICT (one) DO NOTHING",
            &[&[1_u8; 16].as_slice()],
        )?;
        Ok(Self { database, folder })
    }

    /// Runs pgbench, and again from where an earlier run ended when `from` says so.
    pub(crate) fn run(
        &self,
        rows: &Rows,
        way: Way,
        clients: usize,
        seconds: u64,
        from: i64,
    ) -> Result<Told> {
        let script = self.folder.path().join("script.sql");
        std::fs::write(&script, rows.script(way)?)?;
        let logs = tempfile::tempdir_in(self.folder.path())?;
        let output = Command::new("pgbench")
            .args(["--no-vacuum", "--protocol=prepared", "--log"])
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={}", crate::machine::cores().min(clients)))
            .arg(format!("--time={seconds}"))
            .arg(format!("--define=n={from}"))
            .arg(format!("--log-prefix={}", logs.path().join("tx").display()))
            .arg(format!("--file={}", script.display()))
            .arg(self.database.address())
            .output()
            .map_err(|error| {
                format!("pgbench: {error}: it comes with PostgreSQL; run \"make bench\"")
            })?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let after = |words: &str| {
            said.lines()
                .find_map(|line| line.strip_prefix(words)?.split_whitespace().next())
                .ok_or_else(|| format!("pgbench did not say \"{words}\": {said}"))
        };
        let transactions: i64 = after("number of transactions actually processed:")?.parse()?;
        let failed: i64 = after("number of failed transactions:")?.parse()?;
        if failed > 0 {
            return Err(format!("{failed} transactions of pgbench failed").into());
        }
        let rate: f64 = after("tps =")?.parse()?;
        let micros = times(logs.path())?;
        if i64::try_from(micros.len())? != transactions {
            return Err(format!("{} times of {transactions} transactions", micros.len()).into());
        }
        Ok(Told {
            run: Run::of(rate, &micros),
            transactions,
        })
    }

    /// A number from the peer's database.
    pub(crate) fn count(&self, sql: &str) -> Result<i64> {
        Ok(connect(&self.database)?.query_one(sql, &[])?.get(0))
    }

    /// Where the peer's data lies, for a checkpoint before a run.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }
}

/// Writes everything that waits in the server's memory to the disk, so that no run pays for the one before.
pub(crate) fn checkpoint(database: &Database) -> Result<()> {
    Ok(connect(database)?.batch_execute("CHECKPOINT")?)
}

/// The settings of the server that durability rests on, and its version.
pub(crate) fn settings(database: &Database) -> Result<String> {
    let mut client = connect(database)?;
    let mut show = |name: &str| -> Result<String> {
        Ok(client.query_one(&format!("SHOW {name}"), &[])?.get(0))
    };
    let mut text = format!(
        "PostgreSQL {}",
        show("server_version")?
            .split(' ')
            .next()
            .unwrap_or_default()
    );
    for name in [
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "shared_buffers",
        "max_wal_size",
    ] {
        text.push_str(&format!(", {name} {}", show(name)?));
    }
    Ok(text)
}

/// Microseconds of every transaction, from pgbench's logs.
fn times(folder: &Path) -> Result<Vec<u32>> {
    let mut micros = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        for line in std::fs::read_to_string(entry?.path())?.lines() {
            // client, transaction, microseconds, …
            let time = line
                .split(' ')
                .nth(2)
                .ok_or("a short line in pgbench's log")?;
            micros.push(time.parse()?);
        }
    }
    Ok(micros)
}
