//! A node with its people and, for each operation of the document, a call that is allowed: who, on which case, with what.
//!
//! Keeps: every operation has its call; a new operation without one makes the walks fail.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use jingwei_testkit::{
    Answer, COMMUNITY, Client, Engine, OTHER_COUNTY_TOWN, TOWN, TestNode, rules_with,
};
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
    /// Whether grids were drawn.
    drawn: Cell<bool>,
}

/// The map review number of the cast's node: its public layers are on.
pub(crate) const REVIEW: &str = "川S〔2026〕00001号";

/// Somebody whose scope lies elsewhere.
pub(crate) const STRANGER: &str = "officer-ld";

impl Cast {
    pub(crate) fn new(engine: Engine) -> Self {
        let node = TestNode::start_with(engine, rules_with("map_review_number", REVIEW));
        let document = node.anonymous().get("/api/openapi.json").expect(200);
        Self {
            node,
            document,
            people: RefCell::default(),
            drawn: Cell::new(false),
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

    /// A report of a small thing.
    fn small_report(&self) -> Value {
        let mut body = self.report_body();
        body["class"] = json!("CG02");
        body["urgency"] = json!("medium");
        body
    }

    /// A case of Huanglongxi that has come so far.
    pub(crate) fn case(&self, at: At) -> Case {
        self.case_of(at, self.report_body())
    }

    /// A case of Huanglongxi, reported so, that has come so far.
    fn case_of(&self, at: At, body: Value) -> Case {
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

    /// An act on a case that has to be taken.
    fn act(&self, who: &'static str, case: &Case, act: &str, body: &Value) {
        let act = act.replace("{order}", &case.order);
        self.person(who)
            .post(&format!("/api/v1/cases/{}/{act}", case.id), body)
            .expect(200);
    }

    /// A report of a resident that has come so far, with its receipt.
    pub(crate) fn of_receipt(&self, at: At) -> String {
        let body = json!({
            "id": self.node.node.fresh_id().to_string(), "class": "RQ01", "division": COMMUNITY, "description": "有臭味",
        });
        let receipt = self
            .node
            .anonymous()
            .post("/api/v1/public/reports", &body)
            .expect(201);
        let case = Case {
            id: receipt["id"].as_str().expect("an id").to_owned(),
            order: String::new(),
        };
        if at == At::Verified {
            self.act("officer-hlx", &case, "accept", &json!({}));
            self.act("officer-hlx", &case, "file", &json!({}));
            let orders = json!([{ "unit": self.unit("SL-GAS-1"), "part": "lead" }]);
            let sent = self
                .person("officer-hlx")
                .post(
                    &format!("/api/v1/cases/{}/dispatch", case.id),
                    &json!({ "plan": "P_GAS", "orders": orders }),
                )
                .expect(200);
            let order = sent["orders"][0].as_str().expect("an order").to_owned();
            let case = Case { order, ..case };
            self.act(
                "gas-1",
                &case,
                "orders/{order}/feed-back",
                &json!({ "result": "已关阀" }),
            );
            self.act("verifier-hlx", &case, "verify", &json!({ "passed": true }));
        }
        receipt["receipt"].as_str().expect("a receipt").to_owned()
    }

    /// The reporter was called back and is content.
    fn called_back(&self, case: &Case) {
        let said = json!({ "reached": true, "solved": true, "satisfaction": "satisfied" });
        self.act("officer-hlx", case, "call-back", &said);
    }

    /// Grids in two counties, once.
    pub(crate) fn land(&self) {
        if !self.drawn.replace(true) {
            self.node.draw_land();
        }
    }

    /// The grids of a community, by code, with their borders.
    pub(crate) fn grids_of(&self, community: &str) -> Vec<Value> {
        self.land();
        let page = self
            .person("admin-sl")
            .get(&format!("/api/v1/grids?division={community}&limit=500"));
        let page = page.expect(200);
        let codes = page["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|grid| grid["code"].as_str().expect("a code").to_owned());
        codes
            .map(|code| {
                self.person("admin-sl")
                    .get(&format!("/api/v1/grids/{code}"))
                    .expect(200)
            })
            .collect()
    }

    /// The allowed call of an operation on grids and places.
    fn call_of_land(&self, operation: &Operation) -> Call {
        let grids = self.grids_of(COMMUNITY);
        let code = grids[0]["grid"]["code"].as_str().expect("a code");
        let path = operation.path.replace("{code}", code);
        let officer = Some("officer-hlx");
        let read = |path: String| Call {
            who: officer,
            wrong_role: None,
            path,
            body: None,
        };
        let act = |body: Value| Call {
            who: Some("admin-sl"),
            wrong_role: officer,
            path: format!("{path}?dry_run=true"),
            body: Some(body),
        };
        let about = json!({ "name": "古镇一网格", "households": 320, "worker": "grid-hl1", "supervision_phone": "028-0000-2000", "source": "实测" });
        let (bounds, shape) = (&grids[0]["grid"]["bounds"], &grids[0]["shape"]);
        let edge = |i: usize| bounds[i].as_f64().expect("degrees");
        let middle = f64::midpoint(edge(0), edge(2));
        match operation.id.as_str() {
            "grids" => read("/api/v1/grids".to_owned()),
            "grid" | "grid_figures" => read(path),
            "grid_quality" => read(operation.path.replace("{code}", TOWN)),
            "export_grids" => read(format!("{}?division={TOWN}", operation.path)),
            "places" => read("/api/v1/places?q=%E9%BB%84%E9%BE%99%E6%BA%AA%E9%95%87".to_owned()),
            "near" => read("/api/v1/places/near?lon=103.97&lat=30.32".to_owned()),
            "grids_at" => Call {
                body: Some(
                    json!({ "points": [[103.97, 30.32]], "layers": ["base"], "day": "2026-11-20", "datum": "WGS84", "nearest_m": 100 }),
                ),
                ..read(path)
            },
            "draw_grid" => {
                let mut about = about;
                about["hosts"] = json!(["510116111", "510116112"]);
                about["lead_unit"] = json!("SL-GAS-1");
                about["season"] = json!("0601-0930");
                act(json!({
                    "layer": "mobile", "code": "510116L001", "host": "510116", "shape": shape, "datum": "WGS84", "from": "2026-11-20",
                    "about": about,
                }))
            }
            "split_grid" => act(json!({
                "line": [[middle, edge(1) - 0.001], [middle, edge(3) + 0.001]], "names": ["古镇北", "古镇南"], "datum": "WGS84", "from": "2026-11-21",
            })),
            "join_grids" => {
                let codes: Vec<_> = grids
                    .iter()
                    .map(|grid| grid["grid"]["code"].clone())
                    .collect();
                act(json!({ "codes": codes, "name": "古镇网格", "from": "2026-11-21" }))
            }
            "move_grids" => act(
                json!({ "borders": [{ "code": code, "shape": shape }], "datum": "WGS84", "from": "2026-11-21" }),
            ),
            "describe_grid" => act(json!({ "from": "2026-11-20", "about": about })),
            "withdraw_grid" => act(json!({ "from": "2026-11-21" })),
            "import_grids" | "import_outlines" => {
                let properties = match operation.id.as_str() {
                    "import_grids" => json!({ "code": code, "name": "古镇一网格" }),
                    _ => json!({ "code": TOWN }),
                };
                let feature =
                    json!({ "type": "Feature", "properties": properties, "geometry": shape });
                let call = act(json!({ "type": "FeatureCollection", "features": [feature] }));
                Call {
                    path: format!("{}&source=test", call.path).replace(
                        "&source=test",
                        if operation.id == "import_outlines" {
                            "&source=test"
                        } else {
                            ""
                        },
                    ),
                    ..call
                }
            }
            other => panic!("{other}: say how it is called"),
        }
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
        let on = |who, case: &Case, body: Value| {
            self.versioned(Call {
                who: Some(who),
                wrong_role: auditor,
                path: operation
                    .path
                    .replace("{id}", &case.id)
                    .replace("{order}", &case.order),
                body: Some(body),
            })
        };
        let by_receipt = |at, body: Value| {
            let path = operation.path.replace("{receipt}", &self.of_receipt(at));
            Call {
                body: Some(body),
                ..public(&path)
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
            "suggest" => Call {
                body: Some(json!({ "text": "楼道里闻到煤气味" })),
                ..read("gas-1", operation.path.clone())
            },
            "resident_suggest" => Call {
                body: Some(json!({ "text": "楼道里闻到煤气味" })),
                ..public(&operation.path)
            },
            "sign_out" => Call { body: None, ..read("grid-gf1", operation.path.clone()) },
            "me" | "cases" | "divisions" | "units" | "classes" | "plans" | "feed" => read("officer-hlx", operation.path.clone()),
            "tile" => read("officer-hlx", "/api/v1/tiles/cases/12/3231/1684.mvt".to_owned()),
            "tile_set" => read("officer-hlx", "/api/v1/tiles/grids".to_owned()),
            "public_tile" => public("/ogc/tiles/grids/12/3231/1684"),
            "public_tile_set" => public("/ogc/tiles/divisions"),
            "ogc_landing" | "ogc_conformance" | "ogc_collections" => public(&operation.path),
            "ogc_collection" => public("/ogc/collections/divisions-city"),
            "ogc_items" => public("/ogc/collections/grids-base/items"),
            "ogc_item" => {
                if self.node.node.place().grids.is_empty() {
                    self.node.draw_land();
                }
                public("/ogc/collections/divisions-county/items/510116")
            }
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
            "report" => {
                let mut body = self.small_report();
                body["solved"] = json!("已清走");
                Call {
                    wrong_role: auditor,
                    body: Some(body),
                    ..read("grid-hl1", operation.path.clone())
                }
            }
            "digests" | "clock" => read("officer-hlx", operation.path.clone()),
            "confirm_clock" => Call {
                wrong_role: Some("officer-hlx"),
                body: Some(json!({ "set_by_s": 0 })),
                ..read("admin-sl", operation.path.clone())
            },
            "reporter_supplies" => {
                let call = by_receipt(At::Reported, json!({ "text": "在桥的东边" }));
                let id = self.person("officer-hlx").get("/api/v1/cases?source=resident&limit=1").expect(200);
                let id = id["items"][0]["id"].as_str().expect("an id").to_owned();
                let case = Case { id, order: String::new() };
                self.act("officer-hlx", &case, "return-for-info", &json!({ "reason": "在哪边" }));
                call
            }
            "reporter_reminds" => Call {
                body: None,
                ..by_receipt(At::Reported, json!({}))
            },
            "reporter_rates" => by_receipt(
                At::Verified,
                json!({ "solved": true, "satisfaction": "satisfied", "note": "来得快" }),
            ),
            "reporter_reopens" => {
                let call = by_receipt(At::Verified, json!({ "text": "还有气味" }));
                let id = self.person("officer-hlx").get("/api/v1/cases?source=resident&limit=1").expect(200);
                let id = id["items"][0]["id"].as_str().expect("an id").to_owned();
                self.act("chief-sl", &Case { id, order: String::new() }, "close", &json!({}));
                call
            }
            id if id.contains("grid") || id == "import_outlines" || id == "near" || id == "places" => {
                self.land();
                self.call_of_land(operation)
            }
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
            "file" => {
                let case = self.case_of(At::Accepted, self.small_report());
                on("officer-hlx", &case, json!({ "condition": "CG02-1" }))
            }
            "dispatch" => {
                let case = self.case(At::Dispatched);
                let orders = json!([{ "unit": self.unit("SL-GAS-2"), "part": "assist" }]);
                on("officer-hlx", &case, json!({ "plan": "P_GAS", "orders": orders, "under": case.order }))
            }
            "confirm" => on(
                "grid-hl1",
                &self.case(At::Reported),
                json!({
                    "found": false, "note": "没有闻到",
                    "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8, "datum": "WGS84" },
                }),
            ),
            "relay" => on("headgrid-hlx", &self.case(At::Reported), json!({ "unit": self.unit("HLX-GRID-001") })),
            "set_class" => on(
                "officer-hlx",
                &self.case(At::Reported),
                json!({ "class": "RQ01", "severity": "ordinary", "urgency": "high" }),
            ),
            "solve_on_spot" => on(
                "grid-hl1",
                &self.case_of(At::Reported, self.small_report()),
                json!({ "result": "已清走" }),
            ),
            "call_back" => on(
                "officer-hlx",
                &self.case(At::Verified),
                json!({ "reached": true, "solved": true, "satisfaction": "satisfied", "note": "来得快" }),
            ),
            "reopen" => {
                let case = self.case(At::Verified);
                self.called_back(&case);
                self.act("chief-sl", &case, "close", &json!({}));
                on("chief-sl", &case, json!({ "reason": "又漏了" }))
            }
            "request_void" => on("officer-hlx", &self.case(At::Filed), json!({ "reason": "重复" })),
            "suspend" => {
                let case = self.case(At::Dispatched);
                let asked = json!({ "limit": "3d", "reason": "等配件" });
                self.act("gas-1", &case, "orders/{order}/request-suspend", &asked);
                let body = json!({ "order": case.order, "granted": true, "limit": "2d", "reason": "同意" });
                on("officer-hlx", &case, body)
            }
            "resume" => {
                let case = self.case(At::Dispatched);
                self.act("officer-hlx", &case, "suspend", &json!({ "limit": "2d", "reason": "等配件" }));
                on("officer-hlx", &case, json!({ "reason": "配件到了" }))
            }
            "pass_up" => on("officer-hlx", &self.case(At::Filed), json!({ "reason": "镇上办不了" })),
            "pass_down" => {
                let case = self.case(At::Reported);
                self.act("officer-hlx", &case, "pass-up", &json!({ "reason": "镇上办不了" }));
                on("dispatcher-sl", &case, json!({ "to": TOWN, "limit": "5wd", "reason": "镇上可以办" }))
            }
            "merge" => {
                let (case, into) = (self.case(At::Reported), self.case(At::Reported));
                on("officer-hlx", &case, json!({ "into": into.id, "reason": "同一件事" }))
            }
            "unmerge" => {
                let (case, into) = (self.case(At::Reported), self.case(At::Reported));
                self.act("officer-hlx", &case, "merge", &json!({ "into": into.id, "reason": "同一件事" }));
                on("officer-hlx", &case, json!({ "reason": "不是一件事" }))
            }
            "mark_urgent" => on(
                "officer-hlx",
                &self.case_of(At::Reported, self.small_report()),
                json!({ "reason": "挡住了消防通道" }),
            ),
            "mark_confidential" => on("officer-hlx", &self.case(At::Reported), json!({ "reason": "报告人要求" })),
            "supervise" | "yellow_card" | "red_card" => {
                let case = self.case(At::Dispatched);
                on("leader-sl", &case, json!({ "order": case.order, "reason": "拖得太久" }))
            }
            "instruct" => on("leader-sl", &self.case(At::Dispatched), json!({ "text": "今天办完" })),
            "handle" => on("gas-1", &self.case(At::Acknowledged), json!({ "note": "正在关阀" })),
            "object_order" => on("gas-1", &self.case(At::Dispatched), json!({ "reason": "不是我们的管线" })),
            "decide_objection" => {
                let case = self.case(At::Dispatched);
                let object = json!({ "reason": "不是我们的管线" });
                self.act("gas-1", &case, "orders/{order}/object-order", &object);
                let body = json!({ "upheld": true, "unit": self.unit("SL-GAS-2"), "reason": "属实" });
                on("officer-hlx", &case, body)
            }
            "request_extension" => on(
                "gas-1",
                &self.case(At::Dispatched),
                json!({ "limit": "30min", "reason": "要开挖" }),
            ),
            "decide_extension" => {
                let case = self.case(At::Dispatched);
                let asked = json!({ "limit": "30min", "reason": "要开挖" });
                self.act("gas-1", &case, "orders/{order}/request-extension", &asked);
                on("dispatcher-sl", &case, json!({ "granted": true, "limit": "20min", "reason": "同意" }))
            }
            "request_suspend" => on(
                "gas-1",
                &self.case(At::Dispatched),
                json!({ "limit": "3d", "reason": "等配件" }),
            ),
            "withdraw_order" => {
                let case = self.case(At::Dispatched);
                let body = json!({ "unit": self.unit("SL-GAS-2"), "part": "assist", "reason": "人手不够" });
                let sent = self
                    .person("officer-hlx")
                    .post(&format!("/api/v1/cases/{}/add-unit", case.id), &body)
                    .expect(200);
                let order = sent["orders"][0].as_str().expect("an order").to_owned();
                on("officer-hlx", &Case { order, ..case }, json!({ "reason": "不用了" }))
            }
            "redispatch" => {
                let unit = self.unit("SL-GAS-2");
                on("officer-hlx", &self.case(At::Dispatched), json!({ "unit": unit, "reason": "一队有事" }))
            }
            "designate" => {
                let unit = self.unit("SL-GAS-2");
                on("dispatcher-sl", &self.case(At::Dispatched), json!({ "unit": unit, "reason": "由二队办" }))
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
            "void" => self.versioned(of_case(
                "chief-sl",
                At::Filed,
                json!({ "granted": true, "reason": "重复" }),
            )),
            "verify" => {
                let call = of_case("verifier-hlx", At::Handled, json!({}));
                let case = self.person("officer-hlx").get(call.path.trim_end_matches("/verify")).expect(200);
                let body = json!({
                    "passed": false, "note": "还有气味", "orders": [case["orders"][0]["id"]],
                });
                self.versioned(Call { body: Some(body), ..call })
            }
            "close" => {
                let case = self.case(At::Verified);
                self.called_back(&case);
                on("chief-sl", &case, json!({}))
            }
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
