//! SK-f: whatever is wrong with a request is named, precisely and in both languages, and nothing is left behind.
//!
//! What can be wrong with a body or a query is read from the document: each field is left out, given another type, made too
//! long, too short, too small, too large, or unreadable, one at a time, in a call that is otherwise allowed.

use jingwei_testkit::{Answer, Client, Engine, TOWN};
use serde_json::{Value, json};

use crate::cast::{At, Call, Cast, Operation, own_units};

/// A value that spoils the field at a pointer.
struct Spoilt {
    pointer: String,
    what: &'static str,
    body: Value,
}

/// Follows references and the `oneOf` of what may be null.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolved(
            document,
            document.pointer(&reference[1..]).expect("a shape"),
        );
    }
    if let Some(options) = schema["oneOf"].as_array() {
        let real = options
            .iter()
            .find(|option| option["type"] != "null")
            .expect("a shape");
        return resolved(document, real);
    }
    schema
}

fn is(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind
        || schema["type"]
            .as_array()
            .is_some_and(|kinds| kinds.contains(&json!(kind)))
}

/// Values that the schema of one field does not allow.
fn wrong_values(schema: &Value) -> Vec<(&'static str, Value)> {
    let mut wrong = Vec::new();
    if is(schema, "string") {
        wrong.extend([("another type", json!(["x"])), ("a number", json!(17))]);
        match schema["maxLength"].as_u64() {
            Some(most) => {
                let most = usize::try_from(most).expect("a length");
                wrong.extend([
                    ("too long", json!("1".repeat(most + 1))),
                    ("a control character", json!("1\u{0}1")),
                ]);
                wrong.push(("too long, not ASCII", json!("长".repeat(most + 1))));
            }
            // A word of a list, a code, an id or an instant.
            None => wrong.extend([
                ("unreadable", json!("§ no such word")),
                ("empty", json!("")),
            ]),
        }
        if schema["minLength"].as_u64().is_some_and(|least| least > 0) {
            wrong.push(("empty", json!("")));
        }
    } else if is(schema, "integer") || is(schema, "number") {
        wrong.extend([("another type", json!("x")), ("a list", json!([1]))]);
        if let Some(least) = schema["minimum"].as_f64() {
            wrong.push((
                "too small",
                if is(schema, "integer") {
                    json!(-1)
                } else {
                    json!(least - 1.0)
                },
            ));
        }
        if let Some(most) = schema["maximum"].as_f64() {
            wrong.push(("too large", json!(most + 1.0)));
        }
    } else if is(schema, "boolean") {
        wrong.extend([("another type", json!("true")), ("a number", json!(1))]);
    } else {
        wrong.extend([("another type", json!("x")), ("a number", json!(17))]);
    }
    wrong
}

/// Every way to spoil the part of `body` at `place`, whose shape is `schema`.
fn spoil(document: &Value, schema: &Value, body: &Value, place: &str, all: &mut Vec<Spoilt>) {
    let schema = resolved(document, schema);
    let with = |pointer: &str, value: Value| {
        let mut spoilt = body.clone();
        let (above, name) = pointer.rsplit_once('/').expect("a pointer");
        match spoilt.pointer_mut(above).expect("what holds it") {
            Value::Array(items) => items[name.parse::<usize>().expect("a number")] = value,
            // A field that the call leaves out because it does not go with the others is spoilt all the same.
            object => object[name] = value,
        }
        spoilt
    };
    let mut strange = body.clone();
    strange.pointer_mut(place).expect("an object")["colour"] = json!("red");
    all.push(Spoilt {
        pointer: format!("{place}/colour"),
        what: "unknown",
        body: strange,
    });
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{place}/{name}");
        let field = resolved(document, field);
        if required.contains(&json!(name)) {
            let mut without = body.clone();
            without
                .pointer_mut(place)
                .and_then(Value::as_object_mut)
                .expect("an object")
                .remove(name);
            all.push(Spoilt {
                pointer: pointer.clone(),
                what: "missing",
                body: without,
            });
        }
        for (what, value) in wrong_values(field) {
            all.push(Spoilt {
                pointer: pointer.clone(),
                what,
                body: with(&pointer, value),
            });
        }
        if field["properties"].is_object() && body.pointer(&pointer).is_some() {
            spoil(document, field, body, &pointer, all);
        }
        if is(field, "array") {
            let Some(given) = body.pointer(&pointer).and_then(Value::as_array) else {
                continue;
            };
            let first = given.first().cloned().expect("an item");
            if let Some(most) = field["maxItems"].as_u64() {
                let many = vec![first; usize::try_from(most + 1).expect("a length")];
                all.push(Spoilt {
                    pointer: pointer.clone(),
                    what: "too many",
                    body: with(&pointer, json!(many)),
                });
            }
            let items = resolved(document, &field["items"]);
            if items["properties"].is_object() {
                spoil(document, items, body, &format!("{pointer}/0"), all);
            } else {
                for (what, value) in wrong_values(items) {
                    let pointer = format!("{pointer}/0");
                    all.push(Spoilt {
                        body: with(&pointer, value),
                        pointer,
                        what,
                    });
                }
            }
        }
    }
}

/// The pointers of a refusal; each fault has to be said in both languages.
fn pointers(answer: &Answer) -> Vec<String> {
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{}",
        answer.text
    );
    let body = answer.json();
    // Addresses that a standard lays down answer as it says.
    let code = if answer.status == 400 {
        "bad_query"
    } else {
        "invalid"
    };
    assert_eq!(body["code"], code, "{}", answer.text);
    let errors = body["errors"].as_array().expect("faults").clone();
    let said = |error: &Value, key: &str| error[key].as_str().is_some_and(|text| !text.is_empty());
    assert!(
        errors
            .iter()
            .all(|e| said(e, "zh") && said(e, "en") && said(e, "code")),
        "{}",
        answer.text
    );
    errors
        .iter()
        .map(|error| error["pointer"].as_str().expect("a pointer").to_owned())
        .collect()
}

fn client(cast: &Cast, call: &Call) -> Client {
    call.who
        .map_or_else(|| cast.node.anonymous(), |who| cast.person(who))
}

fn post(client: &Client, path: &str, body: &Value) -> Answer {
    client.post(path, body)
}

/// Whether residents are held to a number of tries at it, by address; what is asked here is not how many, and the clock moves on
/// between two tries. There is no case then whose timers could fire.
fn moves_the_clock(operation: &Operation) -> bool {
    operation.id.starts_with("resident_")
}

/// Whether the body is a file: its faults are those of the file, and have tests of their own.
fn takes_a_file(operation: &Operation) -> bool {
    operation.value["requestBody"]["content"]["application/geo+json"].is_object()
}

fn spoil_bodies(cast: &Cast, operation: &Operation, call: &Call) -> usize {
    let Some(body) = &call.body else { return 0 };
    if takes_a_file(operation) {
        return 0;
    }
    let schema = &operation.value["requestBody"]["content"]["application/json"]["schema"];
    let mut all = Vec::new();
    spoil(&cast.document, schema, body, "", &mut all);
    // Signing in comes first: it writes too.
    let client = client(cast, call);
    let sequence = cast.node.node.sequence();
    for spoilt in &all {
        if moves_the_clock(operation) {
            cast.node.clock.advance(301);
        }
        let answer = post(&client, &call.path, &spoilt.body);
        let at = format!("{} {}: {}", operation.id, spoilt.pointer, spoilt.what);
        assert_eq!(answer.status, 422, "{at}: {}", answer.text);
        let (found, above) = (
            pointers(&answer),
            spoilt
                .pointer
                .rsplit_once('/')
                .map_or("", |(above, _)| above),
        );
        // A longitude out of range makes the position wrong.
        let named = found.contains(&spoilt.pointer)
            || spoilt.pointer.starts_with("/position/") && found.iter().any(|p| p == above);
        assert!(named, "{at} names {found:?}");
    }
    assert_eq!(
        cast.node.node.sequence(),
        sequence,
        "{}: nothing is left behind",
        operation.id
    );
    all.len()
}

fn spoil_requests(cast: &Cast, operation: &Operation, call: &Call) {
    let Some(body) = &call.body else { return };
    if takes_a_file(operation) {
        return;
    }
    let (client, text) = (client(cast, call), body.to_string());
    let sequence = cast.node.node.sequence();
    let send = |headers: &[(&str, &str)], body: &[u8]| {
        if moves_the_clock(operation) {
            cast.node.clock.advance(301);
        }
        client.send("POST", &call.path, headers, Some(body))
    };
    let code = |answer: &Answer| {
        answer.json()["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    for broken in [&text[..text.len() - 1], "{", "nonsense", "{\"a\" 1}"] {
        let answer = send(&[], broken.as_bytes());
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (400, "malformed"),
            "{} {broken}",
            operation.id
        );
    }
    let answer = send(&[], b"[]");
    assert_eq!(answer.status, 422, "{}: {}", operation.id, answer.text);
    let typed = send(&[("content-type", "application/xml")], text.as_bytes());
    assert_eq!(
        (typed.status, code(&typed).as_str()),
        (415, "unsupported_media_type"),
        "{}",
        operation.id
    );
    let limit = operation.value["x-most-bytes"].as_u64();
    let limit = limit.map_or(64 * 1024, |most| usize::try_from(most).expect("bytes"));
    let large = format!("{text}{}", " ".repeat(limit + 1 - text.len()));
    let large = send(&[], large.as_bytes());
    assert_eq!(
        (large.status, code(&large).as_str()),
        (413, "too_large"),
        "{}",
        operation.id
    );
    let takes_key = operation.value["parameters"]
        .as_array()
        .is_some_and(|p| p.iter().any(|p| p["name"] == "Idempotency-Key"));
    if takes_key {
        let long = "k".repeat(65);
        let answer = send(&[("idempotency-key", &long)], text.as_bytes());
        assert_eq!(
            (answer.status, pointers(&answer)),
            (422, vec!["header:Idempotency-Key".to_owned()]),
            "{}",
            operation.id
        );
    }
    assert_eq!(
        cast.node.node.sequence(),
        sequence,
        "{}: nothing is left behind",
        operation.id
    );
}

/// A version that is not the present one, then the same key with the same and with another body.
fn repeat(cast: &Cast, operation: &Operation, call: &Call) {
    let Some(body) = &call.body else { return };
    let client = client(cast, call);
    let sequence = cast.node.node.sequence();
    if let Some(version) = body["version"].as_u64() {
        for other in [version - 1, version + 1] {
            let mut stale = body.clone();
            stale["version"] = json!(other);
            let answer = post(&client, &call.path, &stale);
            assert_eq!(
                (answer.status, &answer.json()["code"]),
                (409, &json!("stale_version")),
                "{}: {}",
                operation.id,
                answer.text
            );
        }
        assert_eq!(
            cast.node.node.sequence(),
            sequence,
            "{}: nothing is left behind",
            operation.id
        );
    }
    if [
        "sign_in",
        "import",
        "confirm_clock",
        "suggest",
        "resident_suggest",
        "grids_at",
    ]
    .contains(&operation.id.as_str())
        || call.path.contains("dry_run=true")
    {
        return;
    }
    let key = cast.node.node.fresh_id().to_string();
    let first = client.post_as(&call.path, &key, body);
    assert!(
        (200..300).contains(&first.status),
        "{}: {}",
        operation.id,
        first.text
    );
    let after = cast.node.node.sequence();
    assert!(after > sequence, "{}: carried out", operation.id);
    let again = client.post_as(&call.path, &key, body);
    assert_eq!(
        (again.status, &again.text),
        (first.status, &first.text),
        "{}: the same answer",
        operation.id
    );
    let other = format!("{body} ");
    let other = client.send(
        "POST",
        &call.path,
        &[("idempotency-key", &key)],
        Some(other.as_bytes()),
    );
    assert_eq!(
        (other.status, &other.json()["code"]),
        (409, &json!("key_reused")),
        "{}: {}",
        operation.id,
        other.text
    );
    assert_eq!(cast.node.node.sequence(), after, "{}: once", operation.id);
}

fn every_field(engine: Engine) {
    let cast = Cast::new(engine);
    let operations: Vec<_> = cast
        .operations()
        .into_iter()
        .filter(|o| o.method == "POST")
        .collect();
    let mut spoilt = 0;
    for operation in &operations {
        // What residents do has a node of its own: their tries are counted together.
        let own = (moves_the_clock(operation) || operation.id.starts_with("reporter_"))
            .then(|| Cast::new(engine));
        let cast = own.as_ref().unwrap_or(&cast);
        let call = cast.call(operation);
        spoilt += spoil_bodies(cast, operation, &call);
        spoil_requests(cast, operation, &call);
        repeat(cast, operation, &call);
    }
    assert!(spoilt > 300, "{spoilt} fields were spoilt");
    cast.node.check();
}

#[test]
fn every_field_of_every_body_sqlite() {
    every_field(Engine::Sqlite);
}

#[test]
fn every_field_of_every_body_postgres() {
    every_field(Engine::Postgres);
}

#[test]
fn every_parameter_of_every_query() {
    let cast = Cast::new(Engine::Sqlite);
    let mut count = 0;
    for operation in cast.operations() {
        let parameters = operation.value["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let queried: Vec<_> = parameters.iter().filter(|p| p["in"] == "query").collect();
        if queried.is_empty() {
            continue;
        }
        let call = cast.call(&operation);
        let client = client(&cast, &call);
        let (path, _) = call.path.split_once('?').unwrap_or((&call.path, ""));
        let ask = |name: &str, value: &str| {
            let answer = crate::cast::send(
                &client,
                &operation.method,
                &format!("{path}?{name}={value}"),
                call.body.as_ref(),
            );
            let status = if operation.path.starts_with("/ogc/") {
                400
            } else {
                422
            };
            assert_eq!(
                answer.status, status,
                "{} ?{name}={value}: {}",
                operation.id, answer.text
            );
            let found = pointers(&answer);
            let named = name.split('=').next().unwrap_or_default();
            assert!(
                found.contains(&format!("?{named}")),
                "{} ?{name}={value} names {found:?}",
                operation.id
            );
        };
        ask("colour", "red");
        for parameter in queried {
            let (name, schema) = (
                parameter["name"].as_str().expect("a name"),
                &parameter["schema"],
            );
            let long = "1".repeat(301);
            ask(name, &long);
            ask(name, "1%001");
            ask(&format!("{name}=1&{name}"), "2");
            if is(schema, "integer") {
                let (least, most) = (
                    schema["minimum"].as_i64().expect("a bound"),
                    schema["maximum"].as_i64().expect("a bound"),
                );
                for wrong in [i128::from(least) - 1, i128::from(most) + 1] {
                    ask(name, &wrong.to_string());
                }
                ask(name, "1.5");
            }
            if is(schema, "boolean") || schema["enum"].is_array() {
                ask(name, "perhaps");
            }
            count += 1;
        }
    }
    assert!(count >= 15, "{count} parameters");
    let officer = cast.person("officer-hlx");
    for wrong in [
        "cases?class=rq",
        "cases?after=%C2%A7",
        "units?kind=gas%20team",
        "divisions?parent=5",
        "stock",
    ] {
        let answer = officer.get(&format!("/api/v1/{wrong}"));
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.text);
        assert_eq!(pointers(&answer).len(), 1, "{wrong}");
    }
}

#[test]
fn what_is_well_formed_but_not_so() {
    let cast = Cast::new(Engine::Sqlite);
    let worker = cast.person("grid-hl1");
    let officer = cast.person("officer-hlx");
    let refused = |client: &Client, path: &str, body: &Value, pointer: &str| {
        let answer = client.post(path, body);
        assert_eq!(answer.status, 422, "{path} {body}: {}", answer.text);
        assert!(
            pointers(&answer).iter().any(|p| p == pointer),
            "{path} {body}: {}",
            answer.text
        );
    };
    let reported = cast.case(At::Reported);
    let filed = cast.case(At::Filed);
    let sent = cast.case(At::Dispatched);
    let sequence = cast.node.node.sequence();
    let report = |field: &str, value: Value| {
        let mut body = cast.report_body();
        body[field] = value;
        body
    };
    for (field, value) in [
        ("class", json!("ZZ99")),
        ("division", json!("510199999")),
        ("division", json!("513425")),
        ("division", json!("51")),
        ("id", json!("0f8fad5b-d9cb-469f-a165-70867728950e")),
        ("source", json!("resident")),
    ] {
        refused(
            &worker,
            "/api/v1/cases",
            &report(field, value),
            &format!("/{field}"),
        );
    }
    let taken = worker.post("/api/v1/cases", &report("id", json!(reported.id)));
    assert_eq!(
        taken.status, 409,
        "the id exists, the content is other: {}",
        taken.text
    );
    let dispatch = format!("/api/v1/cases/{}/dispatch", filed.id);
    let nothing = cast.node.node.fresh_id().to_string();
    refused(
        &officer,
        &dispatch,
        &json!({ "plan": "P_GAS", "orders": [{ "unit": nothing, "part": "lead" }] }),
        "/orders/0/unit",
    );
    refused(&officer, &dispatch, &json!({ "plan": "P_NONE" }), "/plan");
    refused(&officer, &dispatch, &json!({}), "/plan");
    let told = format!(
        "/api/v1/cases/{}/orders/{}/acknowledge-for",
        sent.id, sent.order
    );
    for at in ["2026-11-20T10:00:01+09:00", "2027-01-01T00:00:00Z"] {
        refused(
            &officer,
            &told,
            &json!({ "told_at": at, "whom": "值班电话", "reason": "现场没有网络" }),
            "/told_at",
        );
    }
    let verify = cast.case(At::Handled);
    let verifier = cast.person("verifier-hlx");
    let before = cast.node.node.sequence();
    refused(
        &verifier,
        &format!("/api/v1/cases/{}/verify", verify.id),
        &json!({ "passed": false }),
        "/note",
    );
    assert_eq!(cast.node.node.sequence(), before);
    assert!(before > sequence, "only the new case was written");
    cast.node.check();
}

#[test]
fn every_bad_row_of_an_import_is_named() {
    let cast = Cast::new(Engine::Sqlite);
    let admin = cast.person("admin-sl");
    let send = |table: &str, query: &str, body: &[u8]| {
        admin.send(
            "POST",
            &format!("/api/v1/imports/{table}{query}"),
            &[("content-type", "text/csv; charset=utf-8")],
            Some(body),
        )
    };
    let sequence = cast.node.node.sequence();
    let rows = format!("code,name\n{TOWN},黄龙溪镇\n5101161,七位\n510116999,\n");
    for query in ["?file=towns.csv", "?file=towns.csv&dry_run=true"] {
        let answer = send("divisions", query, rows.as_bytes());
        assert_eq!(answer.status, 422, "{}", answer.text);
        let found = pointers(&answer);
        for line in [3, 4] {
            assert!(
                found
                    .iter()
                    .any(|p| p.starts_with(&format!("towns.csv:{line}:"))),
                "line {line} in {found:?}"
            );
        }
    }
    let gbk = send("divisions", "", b"code,name\n510116111,\xbb\xc6\xc1\xfa\n");
    assert_eq!(
        (gbk.status, pointers(&gbk)),
        (422, vec!["/".to_owned()]),
        "not UTF-8"
    );
    assert_eq!(send("nothing", "", b"code,name\n").status, 404);
    let file = send("divisions", "?file=..%2Fa", b"code,name\n");
    assert_eq!(
        (file.status, pointers(&file)),
        (422, vec!["?file".to_owned()])
    );
    let large = vec![b'a'; 8 * 1024 * 1024 + 1];
    assert_eq!(send("divisions", "", &large).status, 413);
    assert_eq!(cast.node.node.sequence(), sequence, "not one row was taken");
    let fine = send("units", "?dry_run=true", own_units().as_bytes());
    assert_eq!(fine.status, 200, "{}", fine.text);
    assert_eq!(
        cast.node.node.sequence(),
        sequence,
        "a dry run writes nothing"
    );
    cast.node.check();
}
