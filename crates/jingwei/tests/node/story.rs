//! The gas leak of scenes S1 and S2, step by step on a clock that stands still in between.

use jingwei_testkit::{Answer, COMMUNITY, Client, TestNode};
use serde_json::{Value, json};
use uuid::Uuid;

/// The parties, signed in, and the case.
pub(crate) struct Story<'n> {
    pub(crate) node: &'n TestNode,
    pub(crate) case: String,
    people: Vec<(&'static str, Client)>,
}

pub(crate) fn report_body(id: Uuid) -> Value {
    json!({
        "id": id.to_string(), "source": "phone", "class": "RQ01", "division": COMMUNITY,
        "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8 },
        "address": "古镇大桥东侧工地", "description": "工地冒白烟，有臭鸡蛋味",
    })
}

impl<'n> Story<'n> {
    pub(crate) fn begin(node: &'n TestNode) -> Self {
        let accounts = [
            "grid-hl1",
            "officer-hlx",
            "gas-1",
            "fire-hlx",
            "fire-ya",
            "police-hlx",
            "emb-sl",
            "hcb-sl",
            "verifier-hlx",
            "chief-sl",
            "officer-ld",
            "auditor-sl",
        ];
        let people = accounts
            .map(|account| (account, node.sign_in(account)))
            .to_vec();
        Self {
            node,
            case: node.node.fresh_id().to_string(),
            people,
        }
    }

    pub(crate) fn person(&self, account: &str) -> &Client {
        &self
            .people
            .iter()
            .find(|(name, _)| *name == account)
            .expect("in the story")
            .1
    }

    pub(crate) fn report(&self) -> Answer {
        let id = Uuid::parse_str(&self.case).expect("an id");
        self.person("grid-hl1")
            .post("/api/v1/cases", &report_body(id))
    }

    pub(crate) fn act(&self, who: &str, act: &str, body: &Value) -> Answer {
        self.person(who)
            .post(&format!("/api/v1/cases/{}/{act}", self.case), body)
    }

    pub(crate) fn case(&self) -> Value {
        self.person("officer-hlx")
            .get(&format!("/api/v1/cases/{}", self.case))
            .expect(200)
    }

    /// The order of a unit.
    pub(crate) fn order(&self, unit: &str) -> Option<Value> {
        self.case()["orders"]
            .as_array()
            .expect("orders")
            .iter()
            .find(|o| o["unit"]["code"] == unit)
            .cloned()
    }

    pub(crate) fn of_order(&self, who: &str, unit: &str, act: &str, body: &Value) -> Answer {
        let order = self.order(unit).expect("an order to the unit");
        self.act(
            who,
            &format!("orders/{}/{act}", order["id"].as_str().expect("an id")),
            body,
        )
    }

    /// Time goes on, and what is due by then has fired before the story does.
    pub(crate) fn after(&self, seconds: i64) -> &Self {
        self.node.clock.advance(seconds);
        if !self.case.is_empty() {
            let now = self.node.node.now().rfc3339();
            self.node.wait_until("the rungs of the clocks", || {
                let case = self.case();
                let clocks = case["clocks"].as_array().expect("clocks");
                clocks.iter().all(|clock| {
                    let running = clock["stopped_at"].is_null() && clock["paused_at"].is_null();
                    let passed = |at: &str| clock[at].as_str().is_some_and(|at| *at <= *now);
                    let rung = clock["rung"].as_str();
                    !running
                        || !(passed("yellow_at") && rung.is_none())
                            && !(passed("due_at") && rung == Some("yellow"))
                })
            });
        }
        self
    }

    pub(crate) fn timeline(&self) -> Vec<Value> {
        let mut after = 0;
        let mut all = Vec::new();
        loop {
            let path = format!("/api/v1/cases/{}/timeline?after={after}&limit=7", self.case);
            let page = self.person("officer-hlx").get(&path).expect(200);
            all.extend(page["items"].as_array().expect("entries").iter().cloned());
            match page["next"].as_i64() {
                Some(next) => after = next,
                None => return all,
            }
        }
    }

    /// Report, accept, file and dispatch by plan, at 10:00:00, :14, :20 and :27.
    pub(crate) fn dispatched(&self) {
        self.report().expect(201);
        self.after(14)
            .act("officer-hlx", "accept", &json!({}))
            .expect(200);
        self.after(6)
            .act("officer-hlx", "file", &json!({}))
            .expect(200);
        self.after(7)
            .act("officer-hlx", "dispatch", &json!({ "plan": "P_GAS" }))
            .expect(200);
    }

    /// From 10:00:27 on: all acknowledge but the nearest fire station; the next one is added by itself.
    pub(crate) fn acknowledged(&self) {
        self.after(7)
            .of_order("grid-hl1", "HLX-GRID-001", "acknowledge", &json!({}))
            .expect(200);
        self.after(6)
            .of_order("police-hlx", "HLX-POLST", "acknowledge", &json!({}))
            .expect(200);
        self.after(15)
            .of_order("emb-sl", "SL-EMB", "acknowledge", &json!({}))
            .expect(200);
        self.after(5)
            .of_order("hcb-sl", "SL-HCB", "acknowledge", &json!({}))
            .expect(200);
        self.after(20);
        let told = json!({ "told_at": "2026-11-20T10:01:18+08:00", "whom": "值班电话", "reason": "没有用我们的系统" });
        self.of_order("officer-hlx", "SL-GAS-1", "acknowledge-for", &told)
            .expect(200);
        self.after(7);
        self.node.wait_until("the next fire station is added", || {
            self.order("SL-FIRE-YA").is_some()
        });
        self.after(6)
            .of_order("fire-ya", "SL-FIRE-YA", "acknowledge", &json!({}))
            .expect(200);
    }

    /// All arrive and hand in.
    pub(crate) fn handled(&self) {
        let near = json!({ "position": { "lon": 103.9714, "lat": 30.3216 } });
        self.after(57);
        for (who, unit) in [
            ("grid-hl1", "HLX-GRID-001"),
            ("gas-1", "SL-GAS-1"),
            ("police-hlx", "HLX-POLST"),
            ("fire-ya", "SL-FIRE-YA"),
        ] {
            self.after(30)
                .of_order(who, unit, "arrive", &near)
                .expect(200);
        }
        for (who, unit) in [
            ("gas-1", "SL-GAS-1"),
            ("grid-hl1", "HLX-GRID-001"),
            ("police-hlx", "HLX-POLST"),
            ("fire-ya", "SL-FIRE-YA"),
        ] {
            self.after(40)
                .of_order(who, unit, "feed-back", &json!({ "result": "办完" }))
                .expect(200);
        }
    }
}
