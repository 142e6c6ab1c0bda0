//! SK-a: scenes S1 and S2 over HTTP on both engines, to the second.

use jingwei_core::time::Timestamp;
use jingwei_testkit::{Engine, TestNode};
use serde_json::json;

use crate::story::Story;

/// One line for each entry, without what differs from run to run.
fn lines(story: &Story<'_>) -> Vec<String> {
    let mut lines = told(story);
    // Rungs that are reached in one second are reached by orders in the order of their random ids.
    for i in 1..lines.len() {
        let rung = |line: &str| line.contains(" escalated ");
        let second = |line: &str| line[..8].to_owned();
        let mut j = i;
        while j > 0
            && rung(&lines[j])
            && rung(&lines[j - 1])
            && second(&lines[j]) == second(&lines[j - 1])
            && lines[j] < lines[j - 1]
        {
            lines.swap(j, j - 1);
            j -= 1;
        }
    }
    lines
}

/// The timeline, a line for each entry.
fn told(story: &Story<'_>) -> Vec<String> {
    story
        .timeline()
        .iter()
        .map(|entry| {
            let text = |at: &str| {
                entry
                    .pointer(at)
                    .and_then(|v| v.as_str())
                    .unwrap_or("")
                    .to_owned()
            };
            let at = Timestamp::parse(&text("/at"))
                .expect("a time")
                .local_clock();
            let who = if entry["actor"]["automatic"] == true {
                "系统".to_owned()
            } else {
                text("/actor/role")
            };
            format!("{at} {who} {} | {}", text("/kind"), text("/text_zh"))
        })
        .collect()
}

fn gas_leak(engine: Engine) -> Vec<String> {
    let node = TestNode::start(engine);
    let story = Story::begin(&node);
    let answer = story.report().expect(201);
    assert_eq!(answer["stage"], "reported");
    assert_eq!(
        answer["id"].as_str(),
        Some(story.case.as_str()),
        "the sender's id stays"
    );
    // S1: the centre has it at once, with the desk ringing in the timeline; other centres do not see it.
    let list = story
        .person("officer-hlx")
        .get("/api/v1/cases?open=true")
        .expect(200);
    assert_eq!(list["items"][0]["id"].as_str(), Some(story.case.as_str()));
    assert_eq!(
        story
            .person("officer-ld")
            .get("/api/v1/cases?open=true")
            .expect(200)["items"],
        json!([])
    );
    story
        .after(14)
        .act("officer-hlx", "accept", &json!({}))
        .expect(200);
    story.after(6);
    let filed = story.act("officer-hlx", "file", &json!({})).expect(200);
    assert_eq!(filed["number"], "RQ-20261120-510116111-0001");
    story.after(7);
    let sent = story
        .act("officer-hlx", "dispatch", &json!({ "plan": "P_GAS" }))
        .expect(200);
    assert_eq!(
        sent["orders"].as_array().map(Vec::len),
        Some(6),
        "one decision sends all six"
    );
    story.acknowledged();
    let case = story.case();
    let order = |unit: &str| {
        case["orders"]
            .as_array()
            .expect("orders")
            .iter()
            .find(|o| o["unit"]["code"] == unit)
            .cloned()
            .expect("the unit")
    };
    assert_eq!(order("SL-GAS-1")["acknowledged_how"], "telephone");
    assert_eq!(
        order("SL-FIRE-HLX")["stage"],
        "sent",
        "the first stays called"
    );
    assert_eq!(order("SL-FIRE-HLX")["late"], true);
    assert_eq!(
        order("SL-FIRE-YA")["because"]["order"],
        order("SL-FIRE-HLX")["id"],
        "the next was added because of it"
    );
    assert_eq!(order("SL-FIRE-YA")["leg"], order("SL-FIRE-HLX")["id"]);
    // Late is late, but heard: nobody is turned away.
    story.handled();
    assert_eq!(story.case()["stage"], "handled");
    // Checked by another, closed by the district.
    let refused = story
        .after(60)
        .act("officer-hlx", "verify", &json!({ "passed": true }));
    assert_eq!(
        refused.status, 403,
        "an officer holds no verifying role: {}",
        refused.text
    );
    story
        .act(
            "verifier-hlx",
            "verify",
            &json!({ "passed": true, "note": "无气味" }),
        )
        .expect(200);
    let refused = story.after(30).act("officer-hlx", "close", &json!({}));
    assert!(
        [403, 409].contains(&refused.status),
        "who dispatched does not close: {}",
        refused.text
    );
    story.act("chief-sl", "close", &json!({})).expect(200);
    let case = story.case();
    assert_eq!(
        (case["stage"].as_str(), case["open"].as_bool()),
        (Some("closed"), Some(false))
    );
    assert_eq!(
        case["number"], "RQ-20261120-510116111-0001",
        "the number stays"
    );
    node.check();
    lines(&story)
}

#[test]
fn s1_s2_sqlite() {
    insta::assert_snapshot!("gas_leak", gas_leak(Engine::Sqlite).join("\n"));
}

#[test]
fn s1_s2_postgres() {
    insta::assert_snapshot!("gas_leak", gas_leak(Engine::Postgres).join("\n"));
}

fn survives_restart(engine: Engine) {
    let node = TestNode::start(engine);
    let case = {
        let story = Story::begin(&node);
        story.dispatched();
        story.case.clone()
    };
    // The node is down while the limit passes; after the start the timer fires, once.
    node.clock.advance(30);
    let node = node.restart(jingwei_testkit::rules());
    let mut story = Story::begin(&node);
    story.case = case;
    node.clock.advance(31);
    node.wait_until("the next fire station is added", || {
        story.order("SL-FIRE-YA").is_some()
    });
    node.clock.advance(1);
    std::thread::sleep(std::time::Duration::from_millis(200));
    let added = |unit: &str| {
        let orders = story.case()["orders"].as_array().expect("orders").clone();
        orders.iter().filter(|o| o["unit"]["code"] == unit).count()
    };
    assert_eq!(added("SL-FIRE-YA"), 1, "exactly once");
    node.check();
}

#[test]
fn timers_survive_a_restart_sqlite() {
    survives_restart(Engine::Sqlite);
}

#[test]
fn timers_survive_a_restart_postgres() {
    survives_restart(Engine::Postgres);
}
