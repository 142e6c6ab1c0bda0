//! The phone that an act was done on: its id and its clock reach the journal, from reports and from every other act.

use std::collections::BTreeMap;

use jingwei_core::time::Timestamp;
use jingwei_store::Db;
use jingwei_store::journal::{self, JournalRow};
use jingwei_testkit::{Answer, Client, Engine};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cast::{At, Cast, Operation};

const AT: &str = "2026-11-20T09:58:07.250+08:00";

/// The rows of the journal after a sequence.
fn rows_after(cast: &Cast, after: i64) -> Vec<JournalRow> {
    let readers = Db::open_readers(&cast.node.database.url(), 1).expect("a reader");
    readers
        .blocking(move |tx| journal::range(tx, after, 1_000))
        .expect("the journal")
}

fn send(client: &Client, path: &str, body: &Value, device: &str, at: &str) -> Answer {
    let headers = [("jingwei-device", device), ("jingwei-device-at", at)];
    client.send("POST", path, &headers, Some(body.to_string().as_bytes()))
}

/// Operations that say in the document that they take the two headers.
fn by_device(cast: &Cast) -> Vec<Operation> {
    let takes = |operation: &Operation, header: &str| {
        let parameters = operation.value["parameters"].as_array();
        parameters.is_some_and(|all| {
            all.iter()
                .any(|p| p["in"] == "header" && p["name"] == header)
        })
    };
    let mut all = cast.operations();
    all.retain(|o| takes(o, "Jingwei-Device") && takes(o, "Jingwei-Device-At"));
    all
}

fn acts(engine: Engine) {
    let cast = Cast::new(engine);
    let operations = by_device(&cast);
    let rooms = ["/api/v1/cases", "/api/v1/whistles", "/api/v1/mediations"];
    let acts = cast
        .operations()
        .into_iter()
        .filter(|o| o.method == "POST" && rooms.iter().any(|room| o.path.starts_with(room)));
    assert_eq!(
        operations.len(),
        acts.count(),
        "every act on a case or another thing, and nothing else"
    );
    assert!(operations.len() >= 16, "{}", operations.len());
    for operation in &operations {
        let mut call = cast.call(operation);
        let client = cast.person(call.who.expect("somebody"));
        let mut body = call.body.take().expect("a body");
        let device = cast.node.node.fresh_id();
        if operation.id == "report" {
            let own = body.as_object_mut().expect("an object");
            own.remove("device");
            own.remove("device_at");
        }
        let before = cast.node.node.sequence();
        for (device, at, named) in [
            ("phone-1", AT, vec!["header:Jingwei-Device"]),
            (
                device.to_string().as_str(),
                "yesterday",
                vec!["header:Jingwei-Device-At"],
            ),
            (
                "",
                "",
                vec!["header:Jingwei-Device", "header:Jingwei-Device-At"],
            ),
        ] {
            let refused = send(&client, &call.path, &body, device, at).expect(422);
            let errors = refused["errors"].as_array().expect("faults");
            let found: Vec<_> = errors
                .iter()
                .filter_map(|e| e["pointer"].as_str())
                .collect();
            assert_eq!(found, named, "{}", operation.id);
        }
        assert_eq!(
            cast.node.node.sequence(),
            before,
            "{}: nothing is left behind",
            operation.id
        );
        let answer = send(&client, &call.path, &body, &device.to_string(), AT);
        assert!(
            (200..300).contains(&answer.status),
            "{}: {}",
            operation.id,
            answer.text
        );
        let rows = rows_after(&cast, before);
        assert!(!rows.is_empty(), "{}", operation.id);
        for row in rows.iter().filter(|row| row.actor.is_some()) {
            assert_eq!(
                (row.device, row.device_at),
                (Some(device), Timestamp::parse(AT).map(|at| at.0)),
                "{}: {}",
                operation.id,
                row.kind
            );
        }
    }
    cast.node.check();
}

#[test]
fn every_act_tells_its_phone_and_its_time_sqlite() {
    acts(Engine::Sqlite);
}

#[test]
fn every_act_tells_its_phone_and_its_time_postgres() {
    acts(Engine::Postgres);
}

#[test]
fn of_a_report_the_body_counts_and_a_resident_leaves_no_mark_of_their_phone() {
    let cast = Cast::new(Engine::Sqlite);
    let (other, before) = (
        cast.node.node.fresh_id().to_string(),
        cast.node.node.sequence(),
    );
    let body = cast.report_body();
    send(&cast.person("grid-hl1"), "/api/v1/cases", &body, &other, AT).expect(201);
    let resident = json!({
        "id": cast.node.node.fresh_id().to_string(), "division": jingwei_testkit::COMMUNITY, "description": "有臭味",
    });
    send(
        &cast.node.anonymous(),
        "/api/v1/public/reports",
        &resident,
        &other,
        AT,
    )
    .expect(201);
    let said: BTreeMap<String, _> = rows_after(&cast, before)
        .into_iter()
        .map(|row| (row.aggregate_id.to_string(), (row.device, row.device_at)))
        .collect();
    let text = |body: &Value, field: &str| body[field].as_str().expect("a text").to_owned();
    assert_eq!(
        said[&text(&body, "id")],
        (
            Uuid::try_parse(&text(&body, "device")).ok(),
            Timestamp::parse(&text(&body, "device_at")).map(|at| at.0)
        )
    );
    assert_eq!(said[&text(&resident, "id")], (None, None));
}

#[test]
fn an_act_sent_again_with_another_time_is_the_same_act() {
    let cast = Cast::new(Engine::Sqlite);
    let case = cast.case(At::Reported);
    let officer = cast.person("officer-hlx");
    let path = format!("/api/v1/cases/{}/accept", case.id);
    let once = |at: &str| {
        let headers = [("idempotency-key", "accept-1"), ("jingwei-device-at", at)];
        officer.send("POST", &path, &headers, Some(b"{}"))
    };
    let (first, again) = (once(AT), once("2026-11-20T10:05:00+08:00"));
    assert_eq!((first.status, again.status), (200, 200), "{}", again.text);
    assert_eq!(first.text, again.text);
}
