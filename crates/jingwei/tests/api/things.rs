//! The allowed calls of whistles and mediations, for the walks over the document.

use serde_json::{Value, json};

use crate::cast::{Call, Cast, Operation};
use jingwei_testkit::{COMMUNITY, OTHER_COUNTY_TOWN};

/// How far a whistle has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Blown {
    Called,
    Raised,
    Arrived,
    Tasked,
    Done,
    Closed,
}

impl Cast {
    fn blow_body(&self) -> Value {
        json!({
            "id": self.node.node.fresh_id().to_string(), "kind": "enforcement", "case": self.case(crate::cast::At::Reported).id,
            "division": COMMUNITY, "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8, "datum": "WGS84" },
            "reason": "占道经营反复出现，需要一起处置", "units": [self.unit("SL-UMB")], "copies": [self.unit("SL-HCB")],
        })
    }

    /// A whistle of Huanglongxi that has come so far, with the unit it called.
    fn whistle(&self, at: Blown) -> (String, String) {
        let unit = self.unit("SL-GAS-1");
        let mut body = self.blow_body();
        body["units"] = json!([unit]);
        let id = body["id"].as_str().expect("an id").to_owned();
        self.person("officer-hlx")
            .post("/api/v1/whistles", &body)
            .expect(201);
        let act = |who, act: &str, body: &Value| {
            self.person(who)
                .post(&format!("/api/v1/whistles/{id}/{act}"), body)
                .expect(200);
        };
        let of_unit = |act: &str| format!("calls/{unit}/{act}");
        if at == Blown::Raised {
            act(
                "officer-hlx",
                &of_unit("raise"),
                &json!({ "reason": "等不及" }),
            );
        }
        if at >= Blown::Arrived {
            act("gas-1", &of_unit("arrive"), &json!({}));
        }
        if at >= Blown::Tasked {
            let tasks = json!({ "tasks": [{ "unit": unit, "text": "关阀" }] });
            act("officer-hlx", "tasks", &tasks);
        }
        if at >= Blown::Done {
            let done = json!({ "outcome": "done", "result": "已关阀" });
            act("gas-1", &of_unit("finish"), &done);
        }
        if at >= Blown::Closed {
            act("officer-hlx", "close", &json!({ "outcome": "resolved" }));
        }
        (id, unit)
    }

    /// The allowed call of an operation on whistles; none when it is none.
    pub(crate) fn call_of_whistle(&self, operation: &Operation, name: &str) -> Option<Call> {
        let of = |who, at, body: &dyn Fn(&str) -> Value| {
            let (id, unit) = self.whistle(at);
            let path = operation.path.replace("{id}", &id).replace("{unit}", &unit);
            self.versioned(Call {
                who: Some(who),
                wrong_role: Some("auditor-sl"),
                path,
                body: Some(body(&unit)),
            })
        };
        let read = |path| Call {
            who: Some("officer-hlx"),
            wrong_role: None,
            path,
            body: None,
        };
        let later = || json!("2026-11-21T10:00:00+08:00");
        let position =
            || json!({ "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8, "datum": "WGS84" });
        Some(match name {
            "whistles" => {
                self.whistle(Blown::Called);
                read(operation.path.clone())
            }
            "whistle" | "whistle_timeline" => read(
                operation
                    .path
                    .replace("{id}", &self.whistle(Blown::Called).0),
            ),
            "blow" => Call {
                wrong_role: Some("auditor-sl"),
                body: Some(self.blow_body()),
                ..read(operation.path.clone())
            },
            "answer_whistle" => of("gas-1", Blown::Called, &|_| json!({ "by": later() })),
            "refuse_whistle" => of("gas-1", Blown::Called, &|_| json!({ "reason": "人在外地" })),
            "arrive_whistle" => of(
                "gas-1",
                Blown::Called,
                &|_| json!({ "position": position() }),
            ),
            "give_tasks" => of(
                "officer-hlx",
                Blown::Arrived,
                &|unit| json!({ "tasks": [{ "unit": unit, "text": "关阀" }] }),
            ),
            "finish_whistle_task" => of(
                "gas-1",
                Blown::Tasked,
                &|_| json!({ "outcome": "done", "result": "已关阀" }),
            ),
            "release_unit" => of(
                "officer-hlx",
                Blown::Tasked,
                &|_| json!({ "reason": "不再需要" }),
            ),
            "raise_whistle" => of(
                "officer-hlx",
                Blown::Called,
                &|_| json!({ "reason": "等不及" }),
            ),
            "instruct_unit" => of(
                "chief-sl",
                Blown::Raised,
                &|_| json!({ "by": later(), "words": "明天上午以前到场" }),
            ),
            "close_whistle" => of(
                "officer-hlx",
                Blown::Done,
                &|_| json!({ "outcome": "resolved", "note": "已办完" }),
            ),
            "rate_whistle" => of(
                "officer-hlx",
                Blown::Closed,
                &|unit| json!({ "unit": unit, "level": "satisfied" }),
            ),
            _ => return None,
        })
    }

    fn open_body(&self, case: &str) -> Value {
        let party = |name, phone| json!({ "role": "party", "name": name, "phone": phone, "consents": true });
        json!({
            "id": self.node.node.fresh_id().to_string(), "case": case, "other_class": false,
            "parties": [party("甲某", "13800000001"), party("乙某", "13800000002")],
            "mediator": self.unit("HLX-POLST"), "person": "调解员丁",
        })
    }

    /// A dispute between neighbours of a place.
    fn dispute(&self, division: &str) -> String {
        let mut body = self.report_body();
        body["class"] = json!("MD02");
        body["urgency"] = json!("low");
        body["division"] = json!(division);
        body["position"] = Value::Null;
        self.person("grid-hl1")
            .post("/api/v1/cases", &body)
            .expect(201);
        body["id"].as_str().expect("an id").to_owned()
    }

    /// A mediation of Huanglongxi after these acts.
    fn mediation(&self, acts: &[(&str, Value)]) -> String {
        let body = self.open_body(&self.dispute(COMMUNITY));
        let id = body["id"].as_str().expect("an id").to_owned();
        let officer = self.person("officer-hlx");
        officer.post("/api/v1/mediations", &body).expect(201);
        for (act, body) in acts {
            let path = format!("/api/v1/mediations/{id}/{act}");
            officer.post(&path, body).expect(200);
        }
        id
    }

    /// The allowed call of an operation on mediations; none when it is none.
    pub(crate) fn call_of_mediation(&self, operation: &Operation, name: &str) -> Option<Call> {
        let of = |acts: &[(&str, Value)], body: Value| {
            let path = operation.path.replace("{id}", &self.mediation(acts));
            self.versioned(Call {
                who: Some("officer-hlx"),
                wrong_role: Some("auditor-sl"),
                path,
                body: Some(body),
            })
        };
        let read = |path| Call {
            who: Some("officer-hlx"),
            wrong_role: None,
            path,
            body: None,
        };
        let day = || self.node.node.now().local_day().to_string();
        let agree = || json!({ "form": "written", "text": "各退一步，下月付清", "effect": day(), "perform_by": "2027-06-30" });
        let agreed = || ("agree", agree());
        let party = |consents: bool| json!({ "role": "party", "name": "丙某", "phone": "13800000003", "consents": consents });
        Some(match name {
            "mediations" => {
                self.mediation(&[]);
                read(operation.path.clone())
            }
            "mediation" | "mediation_timeline" => {
                read(operation.path.replace("{id}", &self.mediation(&[])))
            }
            "open_mediation" => Call {
                wrong_role: Some("auditor-sl"),
                body: Some(self.open_body(&self.dispute(COMMUNITY))),
                ..read(operation.path.clone())
            },
            "add_party" => of(&[], json!({ "party": party(true) })),
            "note_consent" => of(
                &[("parties", json!({ "party": party(false) }))],
                json!({ "party": 3 }),
            ),
            "withdraw_party" => of(&[], json!({ "party": 1, "reason": "不愿再谈" })),
            "appoint_mediator" => {
                let unit = self.unit("HLX-GRID-001");
                of(&[], json!({ "unit": unit, "person": "调解员戊" }))
            }
            "set_session" => of(
                &[],
                json!({ "at": "2026-12-20T15:00:00+08:00", "place": "村委会调解室" }),
            ),
            "hold_session" => {
                let at = self.node.node.now().rfc3339();
                let session = json!({ "at": at, "place": "村委会调解室" });
                of(
                    &[("sessions", session)],
                    json!({ "session": 1, "outcome": "nearer", "note": "差价只剩两百" }),
                )
            }
            "extend_mediation" => of(&[], json!({ "consented": true, "reason": "等鉴定结果" })),
            "record_agreement" => of(&[], agree()),
            "fail_mediation" => of(&[], json!({ "reason": "分歧太大" })),
            "check_performance" => of(
                &[agreed()],
                json!({ "result": "partly", "note": "还差一半", "perform_by": "2027-07-31" }),
            ),
            "ask_court" => of(&[agreed()], json!({ "jointly": true, "on": day() })),
            "answer_of_court" => of(
                &[agreed(), ("ask-court", json!({ "jointly": true }))],
                json!({ "confirmed": true, "note": "裁定有效" }),
            ),
            _ => return None,
        })
    }

    /// Things of Huanglongxi, and things of another county: one of each kind.
    pub(crate) fn things_of_both(&self) -> (Vec<String>, Vec<String>) {
        let mut mine = vec![self.whistle(Blown::Called).0];
        let mut body = self.blow_body();
        body["division"] = json!(OTHER_COUNTY_TOWN);
        body["units"] = json!([self.unit_of("officer-ld", "LD-GAS")]);
        body["copies"] = json!([]);
        body["case"] = Value::Null;
        let theirs = body["id"].as_str().expect("an id").to_owned();
        self.person("officer-ld")
            .post("/api/v1/whistles", &body)
            .expect(201);
        mine.push(self.mediation(&[]));
        let mut body = self.open_body(&self.dispute(OTHER_COUNTY_TOWN));
        body["mediator"] = json!(self.unit_of("officer-ld", "LD-CGC"));
        self.person("officer-ld")
            .post("/api/v1/mediations", &body)
            .expect(201);
        let dispute = body["id"].as_str().expect("an id").to_owned();
        (mine, vec![theirs, dispute])
    }
}
