//! A node with its people and, for each operation of the document, a call that is allowed: who, on which case, with what.
//!
//! Keeps: every operation has its call; a new operation without one makes the walks fail.

use std::cell::RefCell;
use std::collections::HashMap;

use jingwei_testkit::{Answer, COMMUNITY, Client, Engine, OTHER_COUNTY_TOWN, TOWN, TestNode};
use serde_json::{Value, json};

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum At {
    Reported,
    Accepted,
    Filed,
    Dispatched,
    Acknowledged,
    Handled,
    Verified,
}

/// A case with the order of its one unit, once dispatched.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) order: String,
}

/// A call that is allowed.
pub(crate) struct Call {
    /// Who may make it; nobody for what is public.
    pub(crate) who: Option<&'static str>,
    /// Somebody who sees the thing but holds no role for the act.
    pub(crate) wrong_role: Option<&'static str>,
    /// Path with query.
    pub(crate) path: String,
    /// Body.
    pub(crate) body: Option<Value>,
}

/// An operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) access: String,
    pub(crate) value: Value,
}

/// The node and its people.
pub(crate) struct Cast {
    pub(crate) node: TestNode,
    pub(crate) document: Value,
    people: RefCell<HashMap<&'static str, Client>>,
}

/// Somebody whose scope lies elsewhere.
pub(crate) const STRANGER: &str = "officer-ld";

impl Cast {
    pub(crate) fn new(engine: Engine) -> Self {
        let node = TestNode::start(engine);
        let document = node.anonymous().get("/api/openapi.json").expect(200);
        Self {
            node,
            document,
            people: RefCell::default(),
        }
    }

    /// Somebody, signed in once.
    pub(crate) fn person(&self, account: &'static str) -> Client {
        self.people
            .borrow_mut()
            .entry(account)
            .or_insert_with(|| self.node.sign_in(account))
            .clone()
    }

    /// Every operation of the document.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let paths = self.document["paths"].as_object().expect("paths");
        let all = paths.iter().flat_map(|(path, item)| {
            item.as_object()
                .expect("an item")
                .iter()
                .map(|(method, value)| Operation {
                    id: value["operationId"].as_str().expect("an id").to_owned(),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    access: value["x-access"].as_str().unwrap_or_default().to_owned(),
                    value: value.clone(),
                })
        });
        all.collect()
    }

    pub(crate) fn report_body(&self) -> Value {
        json!({
            "id": self.node.node.fresh_id().to_string(), "source": "phone", "class": "RQ01", "severity": "ordinary",
            "urgency": "high", "division": COMMUNITY, "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8, "datum": "WGS84" },
            "address": "古镇大桥东侧工地", "description": "有臭鸡蛋味", "reporter": { "name": "张某", "phone": "13800000000" },
            "device": self.node.node.fresh_id().to_string(), "device_at": "2026-11-20T09:59:58+08:00",
        })
    }

    pub(crate) fn unit(&self, code: &str) -> String {
        self.unit_of("chief-sl", code)
    }

    /// The unit with a code, as somebody sees it.
    pub(crate) fn unit_of(&self, who: &'static str, code: &str) -> String {
        let units = self.person(who).get("/api/v1/units?limit=500").expect(200);
        let units = units["items"].as_array().expect("units");
        let unit = units
            .iter()
            .find(|unit| unit["code"] == code)
            .expect("the unit");
        unit["id"].as_str().expect("an id").to_owned()
    }

    /// A case of Huanglongxi that has come so far.
    pub(crate) fn case(&self, at: At) -> Case {
        let body = self.report_body();
        let id = body["id"].as_str().expect("an id").to_owned();
        self.person("grid-hl1")
            .post("/api/v1/cases", &body)
            .expect(201);
        let mut case = Case {
            id,
            order: String::new(),
        };
        let act = |who, act: String, body: &Value| {
            self.person(who)
                .post(&format!("/api/v1/cases/{}/{act}", case.id), body)
                .expect(200)
        };
        if at >= At::Accepted {
            act("officer-hlx", "accept".to_owned(), &json!({}));
        }
        if at >= At::Filed {
            act("officer-hlx", "file".to_owned(), &json!({}));
        }
        if at >= At::Dispatched {
            let orders = json!([{ "unit": self.unit("SL-GAS-1"), "part": "lead" }]);
            let sent = act(
                "officer-hlx",
                "dispatch".to_owned(),
                &json!({ "plan": "P_GAS", "orders": orders }),
            );
            case.order = sent["orders"][0].as_str().expect("an order").to_owned();
        }
        let act = |who, act: &str, body: &Value| {
            self.person(who)
                .post(&format!("/api/v1/cases/{}/{act}", case.id), body)
                .expect(200)
        };
        let of_order = |act: &str| format!("orders/{}/{act}", case.order);
        if at >= At::Acknowledged {
            act("gas-1", &of_order("acknowledge"), &json!({}));
        }
        if at >= At::Handled {
            act(
                "gas-1",
                &of_order("feed-back"),
                &json!({ "result": "已关阀" }),
            );
        }
        if at >= At::Verified {
            act("verifier-hlx", "verify", &json!({ "passed": true }));
        }
        case
    }

    /// The allowed call of an operation. Every field of a body is given, so that each can be spoilt.
    pub(crate) fn call(&self, operation: &Operation) -> Call {
        let auditor = Some("auditor-sl");
        let public = |path: &str| Call {
            who: None,
            wrong_role: None,
            path: path.to_owned(),
            body: None,
        };
        let read = |who, path: String| Call {
            who: Some(who),
            wrong_role: None,
            path,
            body: None,
        };
        let of_case = |who, at, body: Value| {
            let case = self.case(at);
            let path = operation
                .path
                .replace("{id}", &case.id)
                .replace("{order}", &case.order);
            Call {
                who: Some(who),
                wrong_role: auditor,
                path,
                body: Some(body),
            }
        };
        match operation.id.as_str() {
            "page" | "readable" | "readable_style" | "openapi" | "healthz" | "readyz" | "metrics" => public(&operation.path),
            "problem" => public("/problems/not_found"),
            "sign_in" => {
                self.person("grid-hl2");
                let body = json!({ "account": "grid-hl2", "password": jingwei_testkit::PASSWORD });
                Call { body: Some(body), ..public(&operation.path) }
            }
            "resident_report" => {
                let body = json!({
                    "id": self.node.node.fresh_id().to_string(), "class": "RQ01", "division": COMMUNITY,
                    "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8, "datum": "WGS84" }, "address": "桥头",
                    "description": "有臭味", "name": "李某", "phone": "13900000000",
                });
                Call { body: Some(body), ..public(&operation.path) }
            }
            "follow" => {
                let body = json!({ "id": self.node.node.fresh_id().to_string(), "division": COMMUNITY, "description": "有臭味" });
                let receipt = self.node.anonymous().post("/api/v1/public/reports", &body).expect(201);
                public(&format!("/api/v1/public/reports/{}", receipt["receipt"].as_str().expect("a receipt")))
            }
            "sign_out" => Call { body: None, ..read("grid-gf1", operation.path.clone()) },
            "me" | "cases" | "divisions" | "units" | "classes" | "feed" => read("officer-hlx", operation.path.clone()),
            "division" => read("officer-hlx", format!("/api/v1/divisions/{TOWN}")),
            "stock" => read("officer-hlx", format!("/api/v1/stock?scope={TOWN}")),
            "case" | "timeline" => {
                let case = self.case(At::Reported);
                read("officer-hlx", operation.path.replace("{id}", &case.id))
            }
            "plan" => {
                let case = self.case(At::Filed);
                Call { wrong_role: auditor, ..read("officer-hlx", operation.path.replace("{id}", &case.id)) }
            }
            "report" => Call {
                wrong_role: auditor,
                body: Some(self.report_body()),
                ..read("grid-hl1", operation.path.clone())
            },
            "import" => Call {
                wrong_role: Some("officer-hlx"),
                body: Some(json!({ "files": { "units.csv": own_units() } })),
                ..read("admin-sl", "/api/v1/imports/units?dry_run=true".to_owned())
            },
            "accept" => self.versioned(of_case(
                "officer-hlx",
                At::Reported,
                json!({ "class": "RQ01", "severity": "ordinary", "urgency": "high" }),
            )),
            "refuse" | "return_for_info" => {
                self.versioned(of_case("officer-hlx", At::Reported, json!({ "reason": "不清楚" })))
            }
            "supply_info" => {
                let call = of_case("grid-hl1", At::Reported, json!({ "text": "在桥的东边" }));
                let case = call.path.trim_end_matches("/supply-info");
                self.person("officer-hlx").post(&format!("{case}/return-for-info"), &json!({ "reason": "在哪边" })).expect(200);
                self.versioned(call)
            }
            "file" => self.versioned(of_case("officer-hlx", At::Accepted, json!({}))),
            "dispatch" => {
                let orders = json!([{ "unit": self.unit("SL-GAS-1"), "part": "lead" }]);
                self.versioned(of_case("officer-hlx", At::Filed, json!({ "plan": "P_GAS", "orders": orders })))
            }
            "add_unit" => {
                let unit = self.unit("SL-GAS-2");
                self.versioned(of_case("officer-hlx", At::Dispatched, json!({ "unit": unit, "part": "assist", "reason": "人手不够" })))
            }
            "remind" => {
                let call = of_case("officer-hlx", At::Dispatched, json!({}));
                let case = self.person("officer-hlx").get(call.path.trim_end_matches("/remind")).expect(200);
                let body = json!({ "order": case["orders"][0]["id"] });
                self.versioned(Call { body: Some(body), ..call })
            }
            "void" => self.versioned(of_case("chief-sl", At::Filed, json!({ "reason": "重复" }))),
            "verify" => {
                let call = of_case("verifier-hlx", At::Handled, json!({}));
                let case = self.person("officer-hlx").get(call.path.trim_end_matches("/verify")).expect(200);
                let body = json!({
                    "passed": false, "note": "还有气味", "orders": [case["orders"][0]["id"]],
                });
                self.versioned(Call { body: Some(body), ..call })
            }
            "close" => self.versioned(of_case("chief-sl", At::Verified, json!({}))),
            "acknowledge" => self.versioned(of_case("gas-1", At::Dispatched, json!({}))),
            "acknowledge_for" => self.versioned(of_case(
                "officer-hlx",
                At::Dispatched,
                json!({ "told_at": self.node.node.now().rfc3339(), "whom": "值班电话", "reason": "现场没有网络" }),
            )),
            "arrive" => self.versioned(of_case(
                "gas-1",
                At::Acknowledged,
                json!({ "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8, "datum": "WGS84" } }),
            )),
            "feed_back" => self.versioned(of_case("gas-1", At::Acknowledged, json!({ "result": "已关阀" }))),
            other => self
                .call_of_whistle(operation, other)
                .or_else(|| self.call_of_mediation(operation, other))
                .unwrap_or_else(|| {
                    panic!("{other} has no call here: say who may make it, on which case, with what")
                }),
        }
    }

    /// The call with the version that the case has now.
    pub(crate) fn versioned(&self, mut call: Call) -> Call {
        let case = call.path.split('/').take(5).collect::<Vec<_>>().join("/");
        let version = self.person("officer-hlx").get(&case).expect(200)["version"].clone();
        if let Some(body) = &mut call.body {
            body["version"] = version;
        }
        call
    }

    /// The call of an operation to the like of it that lies in another county.
    pub(crate) fn elsewhere() -> &'static str {
        OTHER_COUNTY_TOWN
    }
}

/// The demo's units of the district that its administrator may import.
pub(crate) fn own_units() -> String {
    let (_, text) = jingwei_testkit::units().remove(0);
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    let own = lines.filter(|line| line.contains(",510116"));
    [header]
        .into_iter()
        .chain(own)
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Makes a call.
pub(crate) fn send(client: &Client, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let text = body.map(ToString::to_string);
    client.send(method, path, &[], text.as_deref().map(str::as_bytes))
}
