//! A node whose rule set was stored by the first release: eight files, classes without a subject.

use jingwei_testkit::{Engine, TestNode, data_folder};
use serde_json::json;

use crate::story::Story;

const FILES: [&str; 8] = [
    "roles.csv",
    "acts.csv",
    "role_acts.csv",
    "role_separation.csv",
    "unit_kinds.csv",
    "classes.csv",
    "plans.csv",
    "plan_units.csv",
];

/// Puts the rules of release 0.1.0 in the place of those in force, as its node left them.
fn put_old_rules(node: &TestNode) {
    let folder = data_folder().join("../crates/core/tests/core/tables/release_0_1_0");
    let files: Vec<(&str, String)> = FILES
        .iter()
        .map(|name| {
            let text = std::fs::read_to_string(folder.join(name)).expect("a table");
            (*name, text)
        })
        .collect();
    let content = serde_json::to_vec(&files).expect("JSON");
    let path = node.database.address();
    let path = path.strip_prefix("sqlite:").expect("a file").to_owned();
    let file = rusqlite::Connection::open(path).expect("the file");
    file.busy_timeout(std::time::Duration::from_secs(10))
        .expect("a time");
    let digest = [1u8; 32];
    file.execute(
        "INSERT INTO ruleset (digest, content, at) VALUES (?1, ?2, 0)",
        (&digest[..], content),
    )
    .expect("put");
    let changed = file
        .execute("UPDATE ruleset_present SET digest = ?1", [&digest[..]])
        .expect("in force");
    assert_eq!(changed, 1);
}

#[test]
fn a_node_of_the_first_release_starts_and_works_until_new_rules_are_imported() {
    let node = TestNode::start(Engine::Sqlite);
    put_old_rules(&node);
    let node = node.restart(jingwei_testkit::rules());
    let list = node
        .sign_in("officer-hlx")
        .get("/api/v1/classes")
        .expect(200);
    let classes = list["items"].as_array().expect("classes");
    assert_eq!(classes.len(), 25);
    assert_eq!(list["rules"], json!("01".repeat(32)));
    assert!(
        classes
            .iter()
            .all(|class| class["subject"].is_null() && class["conditions"] == json!([]))
    );
    {
        let story = Story::begin(&node);
        story.dispatched();
        assert_eq!(story.case()["orders"].as_array().map(Vec::len), Some(6));
    }
    let folder = data_folder().join("rules");
    let files = jingwei_core::rules::FILES.map(|name| {
        let text = std::fs::read_to_string(folder.join(name)).expect("a table");
        (name.to_owned(), text)
    });
    let how = jingwei_engine::ImportOptions::default();
    let table = jingwei_core::directory::TableName::Rules;
    let report = node
        .block_on(node.node.import_locally(table, files.to_vec(), how))
        .expect("the shipped rules");
    assert_eq!((report.rows, report.changed), (files.len(), 1));
    let list = node
        .sign_in("officer-hlx")
        .get("/api/v1/classes")
        .expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(198));
}
