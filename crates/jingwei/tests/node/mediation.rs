//! A dispute mediated over HTTP on both engines: from the case to the court's confirmation, and what is left when it fails.

use jingwei_testkit::{Answer, COMMUNITY, Client, Engine, TestNode};
use serde_json::{Value, json};

struct Scene<'n> {
    node: &'n TestNode,
    id: String,
}

impl<'n> Scene<'n> {
    fn person(&self, account: &str) -> Client {
        self.node.sign_in(account)
    }

    /// A dispute between neighbours, with a mediation by the police station.
    fn opened(node: &'n TestNode) -> Self {
        let scene = Self {
            node,
            id: node.node.fresh_id().to_string(),
        };
        let case = node.node.fresh_id().to_string();
        let report = json!({
            "id": case, "source": "phone", "class": "MD02", "division": COMMUNITY, "description": "两家为巷道起争执",
        });
        scene
            .person("grid-hl1")
            .post("/api/v1/cases", &report)
            .expect(201);
        let units = scene
            .person("chief-sl")
            .get("/api/v1/units?limit=500")
            .expect(200);
        let police = units["items"]
            .as_array()
            .expect("units")
            .iter()
            .find(|unit| unit["code"] == "HLX-POLST")
            .expect("the station")["id"]
            .clone();
        let party = |name: &str, consents: bool| json!({ "role": "party", "name": name, "phone": "13800001234", "consents": consents });
        let body = json!({
            "id": scene.id, "case": case, "mediator": police, "person": "调解员丁",
            "parties": [party("甲先生", true), party("乙女士", false)],
        });
        scene
            .person("officer-hlx")
            .post("/api/v1/mediations", &body)
            .expect(201);
        scene
    }

    fn act(&self, who: &str, act: &str, body: &Value) -> Answer {
        self.person(who)
            .post(&format!("/api/v1/mediations/{}/{act}", self.id), body)
    }

    fn seen(&self, who: &str) -> Value {
        self.person(who)
            .get(&format!("/api/v1/mediations/{}", self.id))
            .expect(200)
    }

    fn timeline(&self, who: &str) -> Vec<(String, String)> {
        let path = format!("/api/v1/mediations/{}/timeline?limit=500", self.id);
        let page = self.person(who).get(&path).expect(200);
        let items = page["items"].as_array().expect("entries");
        items
            .iter()
            .map(|entry| {
                let text = |key: &str| entry[key].as_str().expect("text").to_owned();
                assert!(!text("text_en").is_empty());
                (text("kind"), text("text_zh"))
            })
            .collect()
    }
}

fn mediated(engine: Engine) {
    let node = TestNode::start(engine);
    let scene = Scene::opened(&node);
    // The title is the class; the parties are masked, and only for who judges or mediates.
    let seen = scene.seen("police-hlx");
    assert_eq!(seen["title_zh"], "邻里纠纷");
    assert_eq!(seen["people"][0]["name_masked"], "甲**");
    assert_eq!(seen["people"][0]["phone_masked"], "138****1234");
    assert_eq!(seen["mediator_person"], "调解员丁");
    let leader = scene.seen("leader-sl");
    assert_eq!(
        (&leader["people"], &leader["mediator_person"]),
        (&Value::Null, &Value::Null)
    );
    for who in ["grid-hl1", "gas-1", "officer-ld"] {
        let path = format!("/api/v1/mediations/{}", scene.id);
        assert_eq!(scene.person(who).get(&path).status, 404, "{who}");
    }
    // Nobody reads a party in a list, and names stand nowhere in the open.
    let list = scene
        .person("officer-hlx")
        .get("/api/v1/mediations")
        .expect(200);
    let list = list.to_string();
    assert!(list.contains("邻里纠纷") && !list.contains("甲") && !list.contains("138"));
    let agreement = json!({
        "form": "written", "text": "巷道共用，甲方先修后墙", "effect": "2026-11-20", "perform_by": "2026-12-31",
    });
    let early = scene.act("police-hlx", "agree", &agreement);
    assert_eq!(
        early.json()["code"],
        "wrong_state",
        "a party has not consented: {}",
        early.text
    );
    scene
        .act("police-hlx", "consent", &json!({ "party": 2 }))
        .expect(200);
    let session = json!({ "at": "2026-11-20T10:00:00+08:00", "place": "派出所调解室" });
    scene.act("police-hlx", "sessions", &session).expect(200);
    let held = json!({ "session": 1, "outcome": "nearer", "note": "愿意共用" });
    scene.act("police-hlx", "session-held", &held).expect(200);
    scene.act("police-hlx", "agree", &agreement).expect(200);
    scene
        .act("officer-hlx", "ask-court", &json!({ "jointly": true }))
        .expect(200);
    scene
        .act(
            "officer-hlx",
            "court",
            &json!({ "confirmed": true, "note": "裁定有效" }),
        )
        .expect(200);
    let done = scene
        .act(
            "police-hlx",
            "performance",
            &json!({ "result": "performed", "note": "已修好" }),
        )
        .expect(200);
    assert_eq!(done["stage"], "concluded");
    let agreed = scene.seen("officer-hlx")["agreement"].clone();
    assert_eq!(agreed["court"]["confirmed"], true);
    assert_eq!(agreed["text"], "巷道共用，甲方先修后墙");
    assert_eq!(scene.seen("leader-sl")["agreement"]["text"], Value::Null);
    // Who does not see the parties does not read in the timeline what was said.
    let full = scene.timeline("officer-hlx");
    assert!(full.iter().any(|(_, text)| text.contains("派出所调解室")));
    let short = scene.timeline("leader-sl");
    assert_eq!(full.len(), short.len());
    assert!(
        short
            .iter()
            .all(|(_, text)| !text.contains("派出所调解室") && !text.contains("后墙"))
    );
    node.check();
}

#[test]
fn a_dispute_is_mediated_sqlite() {
    mediated(Engine::Sqlite);
}

#[test]
fn a_dispute_is_mediated_postgres() {
    mediated(Engine::Postgres);
}

fn fails(engine: Engine) {
    let node = TestNode::start(engine);
    let scene = Scene::opened(&node);
    // Thirty days pass: those who mediate are reminded, once, and nothing ends by itself.
    let limit = |scene: &Scene<'_>| {
        let kinds = scene.timeline("officer-hlx");
        kinds
            .iter()
            .filter(|(kind, _)| kind == "limit-passed")
            .count()
    };
    node.clock.advance(30 * 86_400);
    node.wait_until("the limit passes", || limit(&scene) == 1);
    assert_eq!(scene.seen("officer-hlx")["stage"], "mediating");
    let late = scene.act(
        "police-hlx",
        "extend",
        &json!({ "consented": true, "reason": "再谈一次" }),
    );
    assert_eq!(late.json()["code"], "wrong_state", "{}", late.text);
    scene
        .act("police-hlx", "fail", &json!({ "reason": "分歧太大" }))
        .expect(200);
    let seen = scene.seen("police-hlx");
    let ways: Vec<&str> = seen["ways"]
        .as_array()
        .expect("ways")
        .iter()
        .map(|way| way["way"].as_str().expect("a word"))
        .collect();
    assert_eq!(ways, ["arbitration", "administrative", "court"]);
    let (_, said) = scene.timeline("leader-sl").pop().expect("the end");
    assert!(
        said.contains("仲裁") && said.contains("起诉") && !said.contains("分歧"),
        "{said}"
    );
    assert_eq!(limit(&scene), 1, "exactly once");
    node.check();
}

#[test]
fn a_mediation_that_fails_names_the_other_ways_sqlite() {
    fails(Engine::Sqlite);
}

#[test]
fn a_mediation_that_fails_names_the_other_ways_postgres() {
    fails(Engine::Postgres);
}
