//! What a resident sees with the receipt: the office's words to them, and only steps that the case has reached.

use jingwei_testkit::{COMMUNITY, Engine};
use serde_json::{Value, json};

use crate::cast::{At, Cast};

/// A report of a resident: its case and its receipt.
fn reported(cast: &Cast) -> (String, String) {
    let body = json!({
        "id": cast.node.node.fresh_id().to_string(), "division": COMMUNITY, "description": "有臭味",
    });
    let receipt = cast
        .node
        .anonymous()
        .post("/api/v1/public/reports", &body)
        .expect(201);
    let word = |name: &str| receipt[name].as_str().expect("a word").to_owned();
    (word("id"), word("receipt"))
}

fn followed(cast: &Cast, receipt: &str) -> Value {
    cast.node
        .anonymous()
        .get(&format!("/api/v1/public/reports/{receipt}"))
        .expect(200)
}

#[test]
fn a_reporter_reads_what_is_asked_for_and_why_it_was_refused() {
    let cast = Cast::new(Engine::Sqlite);
    for (act, step, words) in [
        ("return-for-info", "returned", "在桥的哪一边"),
        ("refuse", "refused", "这是邻县的路段"),
    ] {
        let (case, receipt) = reported(&cast);
        assert_eq!(followed(&cast, &receipt)["reason"], Value::Null);
        cast.person("officer-hlx")
            .post(
                &format!("/api/v1/cases/{case}/{act}"),
                &json!({ "reason": words }),
            )
            .expect(200);
        let seen = followed(&cast, &receipt);
        assert_eq!(seen["reason"], words);
        assert_eq!(seen["steps"][1]["step"], step, "{seen}");
        assert!(seen["steps"][1]["at"].is_string(), "{seen}");
    }
}

#[test]
fn a_case_that_is_worked_on_again_is_not_done() {
    let cast = Cast::new(Engine::Sqlite);
    let receipt = cast.of_receipt(At::Verified);
    let list = cast
        .person("officer-hlx")
        .get("/api/v1/cases?source=resident&limit=1")
        .expect(200);
    let case = list["items"][0]["id"].as_str().expect("an id").to_owned();
    cast.person("chief-sl")
        .post(&format!("/api/v1/cases/{case}/close"), &json!({}))
        .expect(200);
    let at = |seen: &Value, step: &str| {
        let steps = seen["steps"].as_array().expect("steps");
        let found = steps.iter().find(|s| s["step"] == step).expect("the step");
        found["at"].clone()
    };
    let seen = followed(&cast, &receipt);
    assert!(at(&seen, "closed").is_string(), "{seen}");
    let seen = cast
        .node
        .anonymous()
        .post(
            &format!("/api/v1/public/reports/{receipt}/reopen"),
            &json!({ "text": "还有气味" }),
        )
        .expect(200);
    for step in ["handled", "checked", "closed"] {
        assert_eq!(at(&seen, step), Value::Null, "{step}: {seen}");
    }
}

#[test]
fn a_report_with_the_id_of_another_thing_is_refused_alone() {
    let cast = Cast::new(Engine::Sqlite);
    let (mine, _) = cast.things_of_both();
    let worker = cast.person("grid-hl1");
    let mut body = cast.report_body();
    body["id"] = json!(mine[0]);
    let refused = worker.post("/api/v1/cases", &body);
    assert_eq!(refused.json()["code"], "exists", "{}", refused.text);
    let body = cast.report_body();
    let first = worker.post("/api/v1/cases", &body).expect(201);
    let again = worker.post("/api/v1/cases", &body).expect(201);
    assert_eq!(first, again, "a report sent twice has one answer");
}
