//! What has to be on the disk before an answer, shown without trusting the page cache: a counting layer between the program
//! and the system sees every write and every sync of the two SQLite databases.
//!
//! Must not count anybody else's work: one client asks for one thing at a time and waits until the program is at rest before
//! the next. Linux only, as the layer is put in with `LD_PRELOAD`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use jingwei_engine::clock::{Clock as _, SystemClock};
use jingwei_engine::random::uuid_v7;
use jingwei_testkit::{COMMUNITY, Engine};
use serde_json::json;

use crate::harness::{Stage, say};
use crate::http::{Line, request};
use crate::ledger::Act;
use crate::prepare;
use crate::random::{Bytes, Dice};

/// Cases of a run; each has these acts.
const CASES: usize = 11;
const ACTS: [Act; 5] = [
    Act::Report,
    Act::Accept,
    Act::File,
    Act::Dispatch,
    Act::Remind,
];

/// Numbers of one file, as the layer counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counted {
    writes: u64,
    syncs: u64,
    last_write: u64,
    last_sync: u64,
}

/// The layer's counters: the database, its log, the keys, their log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counters([Counted; 4]);

const DATABASE_LOG: usize = 1;
const KEYS_LOG: usize = 3;
/// 8 bytes each: the common count, then five numbers for each of four files.
const NUMBERS: usize = 1 + 4 * 5;

impl Counters {
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).expect("the counters");
        let number = |i: usize| {
            let bytes = bytes[i * 8..][..8].try_into().expect("eight bytes");
            u64::from_ne_bytes(bytes)
        };
        Self(std::array::from_fn(|file| {
            let at = 1 + file * 5;
            Counted {
                writes: number(at),
                syncs: number(at + 1),
                last_write: number(at + 3),
                last_sync: number(at + 4),
            }
        }))
    }

    /// The counters once nothing has changed for as long as a mutant's pause and more.
    fn at_rest(path: &Path) -> Self {
        let mut seen = Self::read(path);
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(60));
            let now = Self::read(path);
            if now == seen {
                return now;
            }
            seen = now;
        }
        panic!("the program does not come to rest");
    }
}

/// Compiles the layer.
fn layer(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/sync_count.c");
    let library = folder.join("sync_count.so");
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&library)
        .arg(source)
        .output()
        .unwrap_or_else(|error| {
            panic!("a C compiler is needed to count syncs ({error}): Debian, Ubuntu: sudo apt-get install build-essential")
        });
    assert!(
        output.status.success(),
        "sync_count.c: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    library
}

/// What is wrong with one act: its answer came although not all of it was on the disk.
fn wrong(act: Act, before: &Counters, after: &Counters) -> Option<String> {
    let (was, is) = (before.0[DATABASE_LOG], after.0[DATABASE_LOG]);
    if is.writes == was.writes {
        return Some("nothing was written before the answer".to_owned());
    }
    if is.syncs == was.syncs {
        return Some("no sync of the database between the request and its answer".to_owned());
    }
    if is.last_write > is.last_sync {
        return Some("the database was written after its last sync before the answer".to_owned());
    }
    if act != Act::Report {
        return None;
    }
    let (keys_were, keys) = (before.0[KEYS_LOG], after.0[KEYS_LOG]);
    if keys.syncs == keys_were.syncs {
        return Some("no sync of the new key".to_owned());
    }
    if keys.last_write > keys.last_sync {
        return Some("keys were written after their last sync".to_owned());
    }
    // A case whose key is lost can never be read: the key is safe before the case is.
    (keys.last_sync > is.last_sync).then(|| "the case was synced before its key".to_owned())
}

/// A serial client's acts; answers how many there were and what was wrong.
fn serial_run(mutant: Option<&'static str>) -> (usize, Vec<String>) {
    let stage = Stage::set(Engine::Sqlite, mutant);
    let counters = stage.folder.path().join("counters");
    std::fs::write(&counters, [0; NUMBERS * 8]).expect("the counters");
    let library = layer(stage.folder.path());
    let path = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    let program = stage
        .program
        .clone()
        .with("LD_PRELOAD", &path(&library))
        .with("JINGWEI_SYNC_COUNT", &path(&counters));
    let _server = program.start();
    let tokens = prepare::sign_in(&program);
    let ids = Bytes::new(Dice::new(stage.seed, 1));
    let mut line = Line::new(program.address);
    let (mut acts, mut syncs, mut faults) = (0, 0, Vec::new());
    for _ in 0..CASES {
        let case = uuid_v7(&ids, SystemClock.now());
        for act in ACTS {
            let (path, token, body) = match act {
                Act::Report => {
                    let body = json!({ "id": case, "source": "desk", "class": "RQ01", "division": COMMUNITY,
                        "description": "有臭鸡蛋味" });
                    ("/api/v1/cases".to_owned(), &tokens.worker, body)
                }
                Act::Dispatch => (
                    format!("/api/v1/cases/{case}/dispatch"),
                    &tokens.officer,
                    json!({ "plan": "P_GAS" }),
                ),
                _ => (
                    format!("/api/v1/cases/{case}/{}", act.word()),
                    &tokens.officer,
                    json!({}),
                ),
            };
            let bytes = request("POST", &path, Some(token), None, &body.to_string());
            let before = Counters::at_rest(&counters);
            let answer = line.send(&bytes, || {}).expect("an answer");
            let after = Counters::read(&counters);
            assert!(
                [200, 201].contains(&answer.status),
                "{}: {}",
                act.word(),
                answer.json()
            );
            acts += 1;
            syncs += after.0[DATABASE_LOG].syncs - before.0[DATABASE_LOG].syncs;
            faults
                .extend(wrong(act, &before, &after).map(|text| format!("{}: {text}", act.word())));
        }
    }
    say(&format!(
        "sync: {acts} acts, {syncs} syncs of the database before their answers, {} faults{}",
        faults.len(),
        mutant.map(|m| format!(", with {m}")).unwrap_or_default()
    ));
    (acts, faults)
}

#[test]
fn sync_before_each_answer_sqlite() {
    let (acts, faults) = serial_run(None);
    assert!(acts >= 50);
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn sync_mutant_answer_before_commit() {
    let (acts, faults) = serial_run(Some("answer-before-commit"));
    // On a busy machine the answer may be looked at only after the mutant's pause: then the commit has come.
    assert!(
        faults.len() * 2 > acts,
        "answers that come before their commit are found: {} of {acts}: {faults:?}",
        faults.len()
    );
}
