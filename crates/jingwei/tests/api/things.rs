//! The allowed calls of whistles, for the walks over the document.

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
        mine.sort();
        (mine, vec![theirs])
    }
}
