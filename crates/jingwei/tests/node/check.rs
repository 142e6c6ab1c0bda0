//! `check` finds what was changed behind the journal's back, and only reads.

use std::path::Path;

use jingwei_engine::check::{CheckReport, check_data};
use jingwei_testkit::{Engine, TestNode};
use serde_json::json;

use crate::story::Story;

fn checked(node: &TestNode) -> CheckReport {
    check_data(&node.data(), &node.database.url(), |_| {}).expect("a check beside the running node")
}

/// A copy of a node's data that nobody has open.
fn copy(node: &TestNode) -> tempfile::TempDir {
    let path = node.database.address();
    let path = path.strip_prefix("sqlite:").expect("a file").to_owned();
    let file = rusqlite::Connection::open(&path).expect("the file");
    file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("a checkpoint");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(path, folder.path().join("jingwei.db")).expect("copied");
    for entry in std::fs::read_dir(node.data()).expect("the folder") {
        let entry = entry.expect("a file");
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("copied");
    }
    folder
}

/// The faults found after somebody with the file changed it.
fn faults_after(folder: &Path, sql: &str) -> Vec<String> {
    let path = folder.join("jingwei.db");
    let file = rusqlite::Connection::open(&path).expect("the file");
    let changed = file.execute(sql, []).expect("the statement");
    assert!(changed > 0, "{sql} changed nothing");
    drop(file);
    let url = format!("sqlite:{}", path.display())
        .parse()
        .expect("an address");
    check_data(folder, &url, |_| {}).expect("a check").faults
}

fn told() -> TestNode {
    let node = TestNode::start(Engine::Sqlite);
    let story = Story::begin(&node);
    story.dispatched();
    story.acknowledged();
    story.handled();
    story
        .act(
            "verifier-hlx",
            "verify",
            &json!({ "passed": true, "note": "无气味" }),
        )
        .expect(200);
    drop(story);
    node
}

#[test]
fn check_reads_beside_a_running_node() {
    let node = told();
    let report = checked(&node);
    assert_eq!(report.faults, Vec::<String>::new());
    assert!(
        report.cases == 1 && report.imports == 4 && report.rows > 20,
        "{report:?}"
    );
    let nothing = tempfile::tempdir().expect("a folder");
    assert!(
        check_data(nothing.path(), &node.database.url(), |_| {}).is_err(),
        "without keys there is nothing to check"
    );
}

#[test]
fn check_finds_what_was_changed() {
    // A copy for each: a fault must be found by itself.
    let tampered = [
        ("UPDATE cases SET stage = 'closed'", "the row is not what"),
        (
            "UPDATE cases SET lon_e7 = lon_e7 + 1",
            "the row is not what",
        ),
        (
            "UPDATE orders SET stage = 'fed_back' WHERE stage = 'sent'",
            "the rows of its orders differ",
        ),
        (
            "INSERT INTO timer SELECT id, 'verify', id, 1, 1 FROM cases",
            "its timers differ",
        ),
        (
            "UPDATE stock SET dispatched = dispatched + 1 WHERE scope = '51'",
            "stock of 51",
        ),
        (
            "UPDATE flow SET closed = closed + 5 WHERE scope = '5101'",
            "flow of 5101",
        ),
        (
            "UPDATE serial SET last = last - 1",
            "the last serial of 510116111",
        ),
        (
            "UPDATE unit SET name = '别的名字' WHERE code = 'HLX-CGC'",
            "units: the row",
        ),
        (
            "UPDATE post SET role = 'auditor' WHERE role = 'verifier'",
            "people: the row",
        ),
        (
            "UPDATE journal SET at = at - 100000000 WHERE seq = 20",
            "is earlier than the row before",
        ),
        (
            "UPDATE journal SET role = 'mayor' WHERE kind = 'verified'",
            "does not say who did it",
        ),
        (
            "UPDATE journal SET actor = NULL WHERE kind = 'verified'",
            "does not say who did it",
        ),
        (
            "UPDATE journal SET on_behalf = NULL WHERE on_behalf IS NOT NULL",
            "on behalf of another",
        ),
        (
            "UPDATE journal SET epoch = 7 WHERE seq = 5",
            "another node or epoch",
        ),
        (
            "UPDATE journal SET payload = CAST(replace(CAST(payload AS TEXT), '\"metres\":22', '\"metres\":2') AS BLOB) WHERE kind = 'arrived' AND CAST(payload AS TEXT) LIKE '%\"metres\":22%'",
            "the row is not what",
        ),
        (
            "UPDATE journal SET payload = CAST('{}' AS BLOB) WHERE kind = 'verified'",
            "is not as its event is written",
        ),
        (
            "UPDATE journal SET payload = CAST('[1]' AS BLOB) WHERE kind = 'filed'",
            "payload does not fit",
        ),
        (
            "UPDATE staged SET content = CAST('x' AS BLOB) WHERE part = 0",
            "its content is not what the journal says",
        ),
        (
            "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
            "the head names row",
        ),
    ];
    let node = told();
    for (sql, fault) in tampered {
        let folder = copy(&node);
        let faults = faults_after(folder.path(), sql);
        assert!(
            faults.iter().any(|found| found.contains(fault)),
            "{sql}: {faults:?}"
        );
    }
}

/// Nobody but the owner can read the keys, from the first start on.
#[cfg(unix)]
#[test]
fn keys_are_private_from_the_first_moment() {
    use std::os::unix::fs::PermissionsExt as _;
    let node = told();
    for entry in std::fs::read_dir(node.data()).expect("the folder") {
        let entry = entry.expect("a file");
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("keys.db") || name == "node.key" {
            let mode = entry.metadata().expect("its mode").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name} is readable by others: {mode:o}");
        }
    }
    let mode = std::fs::metadata(node.data())
        .expect("the folder")
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "the folder is the owner's alone");
}

#[test]
fn check_finds_what_was_changed_of_a_thing() {
    let node = TestNode::start(Engine::Sqlite);
    let officer = node.sign_in("officer-hlx");
    let units = officer.get("/api/v1/units?kind=GAS&limit=500").expect(200);
    let gas = units["items"][0]["id"].clone();
    let whistle = json!({
        "id": node.node.fresh_id().to_string(), "kind": "emergency", "division": jingwei_testkit::COMMUNITY,
        "reason": "阀门漏气", "units": [gas],
    });
    officer.post("/api/v1/whistles", &whistle).expect(201);
    let report = checked(&node);
    assert_eq!((report.faults, report.things), (Vec::new(), 1));
    let tampered = [
        ("UPDATE thing SET stage = 'rated'", "the row is not what"),
        ("UPDATE thing SET next_due = 1", "the row is not what"),
        (
            "UPDATE thing SET state = CAST(replace(CAST(state AS TEXT), 'emergency', 'request') AS BLOB)",
            "the row is not what",
        ),
        (
            "UPDATE thing SET aggregate = 'picnic'",
            "nobody knows the kind",
        ),
        ("DELETE FROM thing", "events of things, the things have 0"),
        ("DELETE FROM thing_unit", "its units differ"),
        ("DELETE FROM timer", "its timers differ"),
        (
            "INSERT INTO timer VALUES (randomblob(16), 'whistle.answer', zeroblob(16), 1, 1)",
            "which is not there",
        ),
        (
            "UPDATE journal SET payload = CAST('[1]' AS BLOB) WHERE aggregate = 'whistle'",
            "payload does not fit",
        ),
        (
            "UPDATE journal SET kind = 'hummed' WHERE aggregate = 'whistle'",
            "unknown event kind",
        ),
        (
            "UPDATE journal SET payload = CAST(replace(CAST(payload AS TEXT), '\"reason\":\"A', '\"reason\":\"B') AS BLOB) WHERE aggregate = 'whistle'",
            "does not open",
        ),
    ];
    for (sql, fault) in tampered {
        let folder = copy(&node);
        let faults = faults_after(folder.path(), sql);
        assert!(
            faults.iter().any(|found| found.contains(fault)),
            "{sql}: {faults:?}"
        );
    }
}
