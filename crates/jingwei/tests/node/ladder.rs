//! The ladder on a whole node: days off, a clock that was set, a new calendar, and what would have been.

use jingwei_core::directory::TableName;
use jingwei_engine::ImportOptions;
use jingwei_testkit::{COMMUNITY, Client, Engine, TestNode, rules};
use serde_json::{Value, json};

/// The shipped rules with `from` replaced by `to` in one file; it has to be there.
fn rules_with(file: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut files = rules();
    let (_, text) = files
        .iter_mut()
        .find(|(name, _)| name == file)
        .expect("a file");
    for (from, to) in changes {
        assert!(text.contains(from), "{file} holds {from}");
        *text = text.replace(from, to);
    }
    files
}

fn report(node: &TestNode, by: &Client, class: &str) -> String {
    let id = node.node.fresh_id().to_string();
    let body = json!({
        "id": id, "source": "desk", "class": class, "urgency": "medium", "division": COMMUNITY,
        "description": "路口垃圾成堆",
    });
    by.post("/api/v1/cases", &body).expect(201);
    id
}

fn kinds_of(officer: &Client, case: &str) -> Vec<String> {
    let path = format!("/api/v1/cases/{case}/timeline?limit=500");
    let page = officer.get(&path).expect(200);
    let entries = page["items"].as_array().expect("entries").clone();
    entries
        .iter()
        .map(|entry| entry["kind"].as_str().expect("a kind").to_owned())
        .collect()
}

fn times(kinds: &[String], kind: &str) -> usize {
    kinds.iter().filter(|found| *found == kind).count()
}

fn clock_of(officer: &Client, case: &str, kind: &str) -> Value {
    let case = officer.get(&format!("/api/v1/cases/{case}")).expect(200);
    let clocks = case["clocks"].as_array().expect("clocks").clone();
    clocks
        .into_iter()
        .rev()
        .find(|clock| clock["kind"] == kind)
        .expect("the clock")
}

/// Two cases run out while the node stands still over a weekend: each goes straight to its highest rung, once; the desk hears
/// one digest of its centre and no ring for each.
fn days_off(engine: Engine) {
    let node = TestNode::start(engine);
    let officer = node.sign_in("officer-hlx");
    let cases = [
        report(&node, &officer, "CG02"),
        report(&node, &officer, "CG02"),
    ];
    // The passwords outlast the restart, the sessions too.
    node.clock.advance(10);
    let node = node.restart_after(rules(), 3 * 86_400);
    let officer = node.sign_in("officer-hlx");
    node.wait_until("both are caught up with", || {
        cases
            .iter()
            .all(|case| kinds_of(&officer, case).contains(&"escalated".to_owned()))
    });
    for case in &cases {
        let kinds = kinds_of(&officer, case);
        assert_eq!(times(&kinds, "overdue"), 1, "{kinds:?}");
        assert_eq!(
            times(&kinds, "escalated"),
            1,
            "straight to the highest rung: {kinds:?}"
        );
        assert_eq!(
            times(&kinds, "desk-rung"),
            0,
            "one digest instead: {kinds:?}"
        );
    }
    let mut digests = Vec::new();
    node.wait_until("the digest is written", || {
        let list = officer.get("/api/v1/digests").expect(200);
        digests = list["items"].as_array().expect("digests").clone();
        !digests.is_empty()
    });
    // The people of the town had no chance to take them: they still have them, and hear one digest for both.
    assert_eq!(digests.len(), 1, "{digests:?}");
    let centre = &officer
        .get(&format!("/api/v1/cases/{}", cases[0]))
        .expect(200)["centre"];
    assert_eq!(digests[0]["centre"]["code"], centre["code"]);
    assert_eq!(digests[0]["cases"], 2);
    let elsewhere = node
        .sign_in("officer-ld")
        .get("/api/v1/digests")
        .expect(200);
    assert_eq!(elsewhere["items"], json!([]), "each sees its own centre's");
    node.clock.advance(60);
    std::thread::sleep(std::time::Duration::from_millis(100));
    for case in &cases {
        assert_eq!(times(&kinds_of(&officer, case), "escalated"), 1, "once");
    }
    node.clock.advance(86_400);
    // The session has ended meanwhile.
    let officer = node.sign_in("officer-hlx");
    node.wait_until("a day later the level above has them", || {
        cases
            .iter()
            .all(|case| times(&kinds_of(&officer, case), "passed-up") == 1)
    });
    node.check();
}

#[test]
fn after_days_off_the_highest_rung_and_one_digest_sqlite() {
    days_off(Engine::Sqlite);
}

#[test]
fn after_days_off_the_highest_rung_and_one_digest_postgres() {
    days_off(Engine::Postgres);
}

/// The wall clock jumps ahead by an hour: nothing escalates until an administrator says that it is right.
fn clock_set(engine: Engine) {
    let node = TestNode::start(engine);
    let officer = node.sign_in("officer-hlx");
    let case = report(&node, &officer, "CG02");
    node.clock.set_forward(3_600);
    std::thread::sleep(std::time::Duration::from_millis(300));
    let clock = officer.get("/api/v1/clock").expect(200);
    assert_eq!(
        (&clock["held"], &clock["set_by_s"]),
        (&json!(true), &json!(3_600))
    );
    assert_eq!(
        kinds_of(&officer, &case),
        ["reported"],
        "escalations are held"
    );
    let stale = node
        .sign_in("admin-sl")
        .post("/api/v1/clock/confirm", &json!({ "set_by_s": 60 }));
    assert_eq!(
        stale.status, 422,
        "another jump than was shown: {}",
        stale.text
    );
    let confirmed = node
        .sign_in("admin-sl")
        .post("/api/v1/clock/confirm", &json!({ "set_by_s": 3_600 }))
        .expect(200);
    assert_eq!(confirmed["held"], json!(false));
    node.wait_until("what was held goes on", || {
        times(&kinds_of(&officer, &case), "overdue") == 1
    });
    node.check();
}

#[test]
fn a_clock_that_was_set_holds_escalations_until_it_is_confirmed_sqlite() {
    clock_set(Engine::Sqlite);
}

#[test]
fn a_clock_that_was_set_holds_escalations_until_it_is_confirmed_postgres() {
    clock_set(Engine::Postgres);
}

/// A deadline beyond the calendar's last year is provisional, and an event reckons it again when the year's notice is imported.
fn new_notice(engine: Engine) {
    // A calendar that ends with 2025: today's deadlines are beyond it.
    let shipped = rules();
    let (_, days) = shipped
        .iter()
        .find(|(name, _)| name == "calendar.csv")
        .expect("the calendar");
    let until_2025: String = days
        .lines()
        .filter(|line| !line.starts_with("2026"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut old = rules();
    for (name, text) in &mut old {
        if name == "calendar.csv" {
            text.clone_from(&until_2025);
        }
    }
    let node = TestNode::start_with(engine, old);
    let officer = node.sign_in("officer-hlx");
    // AQ: 4 working hours to accept.
    let case = report(&node, &officer, "AQ");
    let before = clock_of(&officer, &case, "accept");
    assert_eq!(before["provisional"], json!(true));
    // The notice makes this very Friday a holiday.
    let mut notice = rules();
    for (name, text) in &mut notice {
        if name == "calendar.csv" {
            text.push_str("2026-11-20,holiday,A day of the test\n");
        }
    }
    let how = ImportOptions {
        dry_run: false,
        relax: false,
    };
    node.block_on(node.node.import_locally(TableName::Rules, notice, how))
        .expect("the notice is imported");
    node.wait_until("the deadline is reckoned again", || {
        kinds_of(&officer, &case).contains(&"recomputed".to_owned())
    });
    let after = clock_of(&officer, &case, "accept");
    assert_eq!(after["provisional"], json!(false));
    assert!(
        after["due_at"].as_str() > before["due_at"].as_str(),
        "from Friday to Monday: {after}"
    );
    // Monday 08:30 and four working hours, over the noon break: 14:00.
    assert_eq!(after["due_at"], "2026-11-23T06:00:00.000Z");
    node.clock.advance(1);
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert_eq!(times(&kinds_of(&officer, &case), "recomputed"), 1, "once");
    node.check();
}

#[test]
fn a_provisional_deadline_is_reckoned_again_when_the_notice_comes_sqlite() {
    new_notice(Engine::Sqlite);
}

#[test]
fn a_provisional_deadline_is_reckoned_again_when_the_notice_comes_postgres() {
    new_notice(Engine::Postgres);
}

/// A running case keeps the version of its rules: limits imported later are for later cases.
#[test]
fn a_running_case_keeps_its_limits() {
    let node = TestNode::start(Engine::Sqlite);
    let officer = node.sign_in("officer-hlx");
    let before = report(&node, &officer, "CG02");
    let halved = rules_with(
        "classes.csv",
        &[(
            "SANIT,PM|GRID,UMB,30min,30min",
            "SANIT,PM|GRID,UMB,10min,10min",
        )],
    );
    let how = ImportOptions {
        dry_run: false,
        relax: false,
    };
    node.block_on(node.node.import_locally(TableName::Rules, halved, how))
        .expect("an import");
    let after = report(&node, &officer, "CG02");
    assert_eq!(clock_of(&officer, &before, "accept")["limit"], "30min");
    assert_eq!(clock_of(&officer, &after, "accept")["limit"], "10min");
    officer
        .post(&format!("/api/v1/cases/{before}/accept"), &json!({}))
        .expect(200);
    assert_eq!(clock_of(&officer, &before, "dispatch")["limit"], "30min");
    node.check();
}
