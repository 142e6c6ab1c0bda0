//! Scene S18 over HTTP on both engines: a town blows, departments answer, come, work, and both sides rate; what nobody
//! answers goes up by itself, across a restart, exactly once for each limit.

use std::collections::BTreeMap;

use jingwei_testkit::{COMMUNITY, Client, Engine, TestNode};
use serde_json::{Value, json};

/// People signed in, and the ids of units by code.
struct Scene {
    people: BTreeMap<&'static str, Client>,
    units: BTreeMap<String, String>,
    id: String,
}

impl Scene {
    fn begin(node: &TestNode) -> Self {
        let people: BTreeMap<_, _> = [
            "officer-hlx",
            "chief-sl",
            "gas-1",
            "fire-ya",
            "hcb-sl",
            "officer-ld",
        ]
        .into_iter()
        .map(|account| (account, node.sign_in(account)))
        .collect();
        let units = people["chief-sl"]
            .get("/api/v1/units?limit=500")
            .expect(200);
        let units = units["items"].as_array().expect("units").iter().map(|u| {
            let text = |key: &str| u[key].as_str().expect("text").to_owned();
            (text("code"), text("id"))
        });
        Self {
            units: units.collect(),
            people,
            id: node.node.fresh_id().to_string(),
        }
    }

    fn unit(&self, code: &str) -> &str {
        &self.units[code]
    }

    fn blow(&self, kind: &str) -> Value {
        json!({
            "id": self.id, "kind": kind, "division": COMMUNITY, "reason": "古镇码头占道经营反复出现",
            "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8 },
            "units": [self.unit("SL-GAS-1"), self.unit("SL-FIRE-YA")], "copies": [self.unit("SL-HCB")],
        })
    }

    fn act(&self, who: &str, act: &str, body: &Value) -> jingwei_testkit::Answer {
        self.people[who].post(&format!("/api/v1/whistles/{}/{act}", self.id), body)
    }

    fn of_unit(&self, who: &str, code: &str, act: &str, body: &Value) -> jingwei_testkit::Answer {
        self.act(who, &format!("calls/{}/{act}", self.unit(code)), body)
    }

    fn seen(&self, who: &str) -> Value {
        self.people[who]
            .get(&format!("/api/v1/whistles/{}", self.id))
            .expect(200)
    }

    fn call(&self, code: &str) -> Value {
        let seen = self.seen("officer-hlx");
        let calls = seen["calls"].as_array().expect("calls").clone();
        calls
            .into_iter()
            .find(|call| call["unit"]["code"] == code)
            .expect("called")
    }

    fn kinds(&self) -> Vec<String> {
        let path = format!("/api/v1/whistles/{}/timeline?limit=500", self.id);
        let page = self.people["officer-hlx"].get(&path).expect(200);
        let items = page["items"].as_array().expect("entries");
        items
            .iter()
            .map(|entry| {
                let said = |key: &str| entry[key].as_str().is_some_and(|text| !text.is_empty());
                assert!(said("text_zh") && said("text_en"), "{entry}");
                entry["kind"].as_str().expect("a kind").to_owned()
            })
            .collect()
    }
}

fn report_at_the_whistle(engine: Engine) {
    let node = TestNode::start(engine);
    let scene = Scene::begin(&node);
    let blown = scene.people["officer-hlx"]
        .post("/api/v1/whistles", &scene.blow("enforcement"))
        .expect(201);
    assert_eq!(
        blown["id"].as_str(),
        Some(scene.id.as_str()),
        "the sender's id stays"
    );
    // The same whistle sent again by a phone without a key is the same one; another under its id is none.
    let again = scene.people["officer-hlx"].post("/api/v1/whistles", &scene.blow("enforcement"));
    assert_eq!((again.status, again.json()), (201, blown));
    let other = scene.people["officer-hlx"].post("/api/v1/whistles", &scene.blow("emergency"));
    assert_eq!(other.json()["code"], "key_reused", "{}", other.text);
    let taken = scene.people["officer-hlx"].post_as(
        "/api/v1/whistles",
        &node.node.fresh_id().to_string(),
        &scene.blow("emergency"),
    );
    assert_eq!(taken.json()["code"], "exists", "{}", taken.text);
    // Who is called and who is told by copy sees it in the list; another county does not.
    for (who, count) in [
        ("gas-1", 1),
        ("hcb-sl", 1),
        ("officer-ld", 0),
        ("officer-hlx", 1),
    ] {
        let list = scene.people[who]
            .get("/api/v1/whistles?open=true")
            .expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(count), "{who}");
    }
    scene
        .of_unit(
            "gas-1",
            "SL-GAS-1",
            "answer",
            &json!({ "by": "2026-11-20T10:40:00+08:00" }),
        )
        .expect(200);
    scene
        .of_unit(
            "fire-ya",
            "SL-FIRE-YA",
            "refuse",
            &json!({ "reason": "正在另一处灭火" }),
        )
        .expect(200);
    let refused = scene.call("SL-FIRE-YA");
    assert_eq!(refused["raised"]["level"], "county");
    assert_eq!(refused["raised"]["centre"]["code"], "SL-CGC");
    assert_eq!(refused["waiting_for"], "decide");
    let there = json!({ "position": { "lon": 103.9712, "lat": 30.3225 } });
    scene
        .of_unit("gas-1", "SL-GAS-1", "arrive", &there)
        .expect(200);
    let metres = scene.call("SL-GAS-1")["arrived_metres"].as_u64();
    assert!(
        metres.is_some_and(|m| (105..=117).contains(&m)),
        "{metres:?}"
    );
    // Metres are kept, the position is not.
    let journal = scene.seen("officer-hlx").to_string();
    assert!(!journal.contains("30.3225"));
    let gas = scene.unit("SL-GAS-1");
    let tasks = json!({ "tasks": [{ "unit": gas, "text": "检查管线" }] });
    scene.act("officer-hlx", "tasks", &tasks).expect(200);
    let early = scene.act("officer-hlx", "close", &json!({ "outcome": "resolved" }));
    assert_eq!(
        (early.status, &early.json()["code"]),
        (409, &json!("wrong_state"))
    );
    assert!(early.text.contains("事不完、人不撤"), "{}", early.text);
    scene
        .of_unit(
            "gas-1",
            "SL-GAS-1",
            "finish",
            &json!({ "outcome": "done", "result": "管线完好" }),
        )
        .expect(200);
    scene
        .of_unit(
            "chief-sl",
            "SL-FIRE-YA",
            "release",
            &json!({ "reason": "改由镇上自行处置" }),
        )
        .expect(200);
    scene
        .act(
            "officer-hlx",
            "close",
            &json!({ "outcome": "resolved", "note": "已清理" }),
        )
        .expect(200);
    let rate = |who: &str, code: &str, level: &str| {
        scene.act(
            who,
            "rate",
            &json!({ "unit": scene.unit(code), "level": level }),
        )
    };
    rate("officer-hlx", "SL-GAS-1", "satisfied").expect(200);
    rate("officer-hlx", "SL-FIRE-YA", "dissatisfied").expect(200);
    rate("gas-1", "HLX-CGC", "satisfied").expect(200);
    let twice = rate("gas-1", "HLX-CGC", "basic");
    assert_eq!(twice.status, 409, "{}", twice.text);
    let last = rate("fire-ya", "HLX-CGC", "basic").expect(200);
    assert_eq!(last["stage"], "rated");
    let seen = scene.seen("gas-1");
    assert_eq!(seen["ratings"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        (&seen["open"], &seen["next_due"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        scene.kinds(),
        [
            "blown",
            "answered",
            "refused-to-come",
            "raised",
            "arrived",
            "tasks-given",
            "finished",
            "released",
            "closed",
            "rating-given",
            "rating-given",
            "rating-given",
            "rating-given",
        ]
    );
    let report = node.node.check(|_| {}).expect("a check");
    assert_eq!((report.faults, report.things), (Vec::new(), 1));
}

#[test]
fn s18_sqlite() {
    report_at_the_whistle(Engine::Sqlite);
}

#[test]
fn s18_postgres() {
    report_at_the_whistle(Engine::Postgres);
}

fn goes_up(engine: Engine) {
    let node = TestNode::start(engine);
    let scene = Scene::begin(&node);
    scene.people["officer-hlx"]
        .post("/api/v1/whistles", &scene.blow("emergency"))
        .expect(201);
    scene
        .of_unit("gas-1", "SL-GAS-1", "arrive", &json!({}))
        .expect(200);
    let raises = |scene: &Scene, count: usize| {
        node_waits(&node, scene, count);
        scene
            .kinds()
            .iter()
            .filter(|kind| *kind == "raised")
            .count()
    };
    node.clock.advance(30 * 60);
    assert_eq!(raises(&scene, 1), 1);
    node.clock.advance(30 * 60);
    assert_eq!(
        raises(&scene, 2),
        2,
        "the county again: the city has nobody at its desk"
    );
    let call = scene.call("SL-FIRE-YA");
    assert_eq!(
        (&call["late"], &call["raised"]["times"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(call["raised"]["level"], "county");
    // The limit passes while the node is down; after the start it goes up, once.
    let Scene { id, .. } = scene;
    node.clock.advance(10 * 60);
    let node = node.restart(jingwei_testkit::rules());
    let scene = Scene {
        id,
        ..Scene::begin(&node)
    };
    node.clock.advance(20 * 60);
    node_waits(&node, &scene, 3);
    node.clock.advance(1);
    std::thread::sleep(std::time::Duration::from_millis(200));
    let raised = scene
        .kinds()
        .iter()
        .filter(|kind| *kind == "raised")
        .count();
    assert_eq!(raised, 3, "exactly once");
    let order = json!({ "by": "2026-11-20T13:00:00+08:00", "words": "立即到场" });
    scene
        .of_unit("chief-sl", "SL-FIRE-YA", "instruct", &order)
        .expect(200);
    assert_eq!(
        scene.call("SL-FIRE-YA")["due_at"],
        "2026-11-20T05:00:00.000Z"
    );
    node.check();
}

fn node_waits(node: &TestNode, scene: &Scene, count: usize) {
    node.wait_until("the call goes up", || {
        scene
            .kinds()
            .iter()
            .filter(|kind| *kind == "raised")
            .count()
            >= count
    });
}

#[test]
fn an_unanswered_whistle_goes_up_once_for_each_limit_sqlite() {
    goes_up(Engine::Sqlite);
}

#[test]
fn an_unanswered_whistle_goes_up_once_for_each_limit_postgres() {
    goes_up(Engine::Postgres);
}

/// A command of a thing takes the same few statements, whatever stands beside it.
fn statements(engine: Engine) {
    let node = TestNode::start(engine);
    let mut scene = Scene::begin(&node);
    let mut took = Vec::new();
    for _ in 0..3 {
        scene.id = node.node.fresh_id().to_string();
        let before = node.node.metrics();
        scene.people["officer-hlx"]
            .post("/api/v1/whistles", &scene.blow("emergency"))
            .expect(201);
        scene
            .of_unit("gas-1", "SL-GAS-1", "answer", &json!({}))
            .expect(200);
        let after = node.node.metrics();
        assert_eq!(after.batches - before.batches, 2, "a transaction for each");
        took.push(after.statements - before.statements);
    }
    // BEGIN, head, receipt, thing, journal of that id, journal, thing, units, timers, receipt, head, COMMIT; and less for an act.
    assert!(
        took[0] <= 26 && took.iter().all(|n| *n == took[0]),
        "{engine:?}: {took:?}"
    );
    let before = node.node.metrics().read_statements;
    let list = scene.people["officer-hlx"]
        .get("/api/v1/whistles?limit=100")
        .expect(200);
    let reads = node.node.metrics().read_statements - before;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3));
    assert!((1..=5).contains(&reads), "a list took {reads} statements");
}

#[test]
fn a_command_of_a_whistle_takes_few_statements_sqlite() {
    statements(Engine::Sqlite);
}

#[test]
fn a_command_of_a_whistle_takes_few_statements_postgres() {
    statements(Engine::Postgres);
}

/// The database is lost between two commands: the next one finds it again, and nothing is done twice.
#[test]
fn a_command_survives_a_lost_database() {
    let node = TestNode::start(Engine::Postgres);
    let scene = Scene::begin(&node);
    scene.people["officer-hlx"]
        .post("/api/v1/whistles", &scene.blow("emergency"))
        .expect(201);
    node.database.cut();
    let (path, key) = (
        format!(
            "/api/v1/whistles/{}/calls/{}/answer",
            scene.id,
            scene.unit("SL-GAS-1")
        ),
        node.node.fresh_id().to_string(),
    );
    // A reader may be told to come back before it has its connection again; the writer is not.
    let answer = (0..50)
        .map(|_| scene.people["gas-1"].post_as(&path, &key, &json!({})))
        .find(|answer| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            answer.status != 503
        })
        .expect("an answer");
    let answer = answer.expect(200);
    assert_eq!(answer["version"], 2);
    let again = scene.people["gas-1"]
        .post_as(&path, &key, &json!({}))
        .expect(200);
    assert_eq!(again, answer, "the same answer under the same key");
    assert_eq!(scene.kinds(), ["blown", "answered"]);
    node.check();
}

/// The id of something else is no id for a new whistle: its key would be lost with everything sealed under it.
#[test]
fn the_id_of_something_else_is_refused() {
    let node = TestNode::start(Engine::Sqlite);
    let scene = Scene::begin(&node);
    let officer = &scene.people["officer-hlx"];
    let me = officer.get("/api/v1/me").expect(200);
    let case = json!({
        "id": node.node.fresh_id().to_string(), "source": "desk", "division": COMMUNITY, "description": "有臭味",
    });
    officer.post("/api/v1/cases", &case).expect(201);
    for id in [&me["person"], &case["id"]] {
        assert!(id.is_string(), "{me}");
        let mut body = scene.blow("request");
        body["id"] = id.clone();
        let refused = officer.post("/api/v1/whistles", &body);
        assert_eq!(refused.json()["code"], "exists", "{}", refused.text);
    }
    let now = officer.get("/api/v1/me").expect(200);
    assert_eq!(now["name"], me["name"], "the name still opens");
    node.check();
}
