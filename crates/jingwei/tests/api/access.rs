//! SK-e: for each operation of the document, the calls that its `x-access` asks for.

use jingwei_testkit::{Answer, Client, Engine, TOWN};
use serde_json::{Value, json};

use crate::cast::{At, Call, Cast, Operation, STRANGER, send};

/// A refusal without what differs from request to request.
fn refusal(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json();
    assert!(body["request_id"].is_string(), "{}", answer.text);
    body["request_id"] = Value::Null;
    (answer.status, body)
}

/// The like of `path` with an id that nothing has.
fn of_nothing(cast: &Cast, path: &str) -> String {
    let nothing = cast.node.node.fresh_id().to_string();
    let parts: Vec<_> = path.split('/').collect();
    match path.split_once("?scope=") {
        Some((before, _)) => format!("{before}?scope=999999999"),
        None => parts
            .iter()
            .enumerate()
            .map(|(i, part)| if i == 4 { &nothing } else { *part })
            .collect::<Vec<_>>()
            .join("/"),
    }
}

fn calls_of_one(cast: &Cast, operation: &Operation, call: &Call) {
    let at = |who: &str| format!("{} {} as {who}", operation.method, call.path);
    let make =
        |client: &Client, path: &str| send(client, &operation.method, path, call.body.as_ref());
    if operation.access == "public" {
        let answer = make(&cast.node.anonymous(), &call.path);
        assert!(
            (200..400).contains(&answer.status),
            "{}: {} {}",
            at("anybody"),
            answer.status,
            answer.text
        );
        return;
    }
    let anonymous = make(&cast.node.anonymous(), &call.path);
    assert_eq!(
        (anonymous.status, &anonymous.json()["code"]),
        (401, &json!("unauthenticated")),
        "{}",
        at("nobody")
    );
    let forged = cast.node.anonymous().send(
        &operation.method,
        &call.path,
        &[("authorization", "Bearer bm90LWEtdG9rZW4")],
        call.body
            .as_ref()
            .map(ToString::to_string)
            .as_deref()
            .map(str::as_bytes),
    );
    assert_eq!(forged.status, 401, "{}", at("a forged token"));
    if operation.access == "scoped-thing" {
        let unseen = make(&cast.person(STRANGER), &call.path);
        assert_eq!(unseen.status, 404, "{}: {}", at(STRANGER), unseen.text);
        let nothing = make(&cast.person(STRANGER), &of_nothing(cast, &call.path));
        assert_eq!(
            refusal(&unseen),
            refusal(&nothing),
            "{}: what one may not see is as if it were not there",
            at(STRANGER)
        );
    }
    if let Some(who) = call.wrong_role {
        let answer = make(&cast.person(who), &call.path);
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (403, &json!("forbidden")),
            "{}: {}",
            at(who),
            answer.text
        );
    }
    if operation.id != "feed" {
        let who = call.who.expect("somebody");
        let answer = make(&cast.person(who), &call.path);
        assert!(
            (200..300).contains(&answer.status),
            "{}: {} {}",
            at(who),
            answer.status,
            answer.text
        );
    }
}

fn walk(engine: Engine) {
    let cast = Cast::new(engine);
    let operations = cast.operations();
    assert!(
        operations.len() >= 39,
        "the document is whole: {}",
        operations.len()
    );
    for operation in &operations {
        assert!(
            ["public", "session", "scoped-thing", "scoped-list"]
                .contains(&operation.access.as_str()),
            "{} {} does not say who may ask",
            operation.method,
            operation.path
        );
        let call = cast.call(operation);
        let needs_role = operation.value["x-roles"].is_array()
            || operation.access == "scoped-thing" && call.body.is_some();
        assert!(
            !needs_role || call.wrong_role.is_some(),
            "{} has no call of a wrong role",
            operation.id
        );
        calls_of_one(&cast, operation, &call);
    }
    lists(&cast, &operations);
    cast.node.check();
}

/// A list holds only what lies in one's own scope.
fn lists(cast: &Cast, operations: &[Operation]) {
    let mine = cast.case(At::Reported).id;
    let mut body = cast.report_body();
    body["division"] = json!(Cast::elsewhere());
    let theirs = body["id"].as_str().expect("an id").to_owned();
    cast.person("grid-hl1")
        .post("/api/v1/cases", &body)
        .expect(201);
    let (my_things, their_things) = cast.things_of_both();
    cast.land();
    let lists = operations
        .iter()
        // What the feed and tiles hold is looked at elsewhere.
        .filter(|operation| operation.access == "scoped-list")
        .filter(|operation| !["feed", "tile"].contains(&operation.id.as_str()));
    let mut walked = Vec::new();
    for list in lists {
        let codes = |who, under: &str| -> Vec<String> {
            let page = cast
                .person(who)
                .get(&format!("{}?limit=100", list.path))
                .expect(200);
            let items = page["items"].as_array().expect("items");
            items
                .iter()
                .map(|item| {
                    item.pointer(under)
                        .and_then(Value::as_str)
                        .expect("a value")
                        .to_owned()
                })
                .collect()
        };
        let (ours, strange) = (codes("officer-hlx", "/id"), codes(STRANGER, "/id"));
        assert!(!ours.is_empty() && !strange.is_empty(), "{}", list.path);
        match list.id.as_str() {
            "cases" => {
                assert!(
                    ours.contains(&mine) && !ours.contains(&theirs),
                    "the town sees its own"
                );
                assert!(
                    strange.contains(&theirs) && !strange.contains(&mine),
                    "the other county sees its own"
                );
                let inside = |code: &String| code.starts_with("513322");
                assert!(
                    codes(STRANGER, "/division/code").iter().all(inside),
                    "and nothing else"
                );
            }
            "grids" => {
                let codes = |who| codes(who, "/host/code");
                let inside = |within: &'static str| move |code: &String| code.starts_with(within);
                assert!(
                    codes("officer-hlx").iter().all(inside(TOWN)),
                    "the town sees its own"
                );
                assert!(
                    codes(STRANGER).iter().all(inside("513322")),
                    "and the other county its own"
                );
            }
            "units" => {
                let related = |code: &String| {
                    code.starts_with("513322") || "513322".starts_with(code.as_str())
                };
                assert!(
                    codes(STRANGER, "/division/code").iter().all(related),
                    "units of the county or above it"
                );
                assert!(
                    ours.iter().all(|id| !strange.contains(id)),
                    "no unit of the other"
                );
            }
            "whistles" | "mediations" => {
                let of = |things: &[String]| things.iter().any(|id| ours.contains(id));
                assert!(
                    of(&my_things) && !of(&their_things),
                    "the town sees its own"
                );
                let of = |things: &[String]| things.iter().any(|id| strange.contains(id));
                assert!(
                    of(&their_things) && !of(&my_things),
                    "and the other county its own"
                );
            }
            other => panic!("{other}: say what of it lies in whose scope"),
        }
        walked.push(list.id.clone());
    }
    assert_eq!(
        walked,
        ["cases", "grids", "mediations", "units", "whistles"]
    );
    // A unit sees its orders' cases only, and nothing of who reported.
    let sent = cast.case(At::Dispatched);
    let page = cast
        .person("gas-1")
        .get("/api/v1/cases?open=true")
        .expect(200);
    let seen: Vec<_> = page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["id"].clone())
        .collect();
    assert!(
        seen.contains(&json!(sent.id)) && !seen.contains(&json!(mine)),
        "{seen:?}"
    );
    let case = cast
        .person("gas-1")
        .get(&format!("/api/v1/cases/{}", sent.id))
        .expect(200);
    assert_eq!(case["reporter"], Value::Null, "hidden from the units");
    // The duty phone of a unit is for those who may have to call it.
    let phone = |who| {
        let case = cast
            .person(who)
            .get(&format!("/api/v1/cases/{}", sent.id))
            .expect(200);
        case["orders"][0]["phone"].clone()
    };
    assert_eq!(phone("officer-hlx"), json!("028-0000-2041"));
    assert_eq!(phone("gas-1"), Value::Null);
}

#[test]
fn access_sqlite() {
    walk(Engine::Sqlite);
}

#[test]
fn access_postgres() {
    walk(Engine::Postgres);
}
