//! What is around every answer: ids, languages, headers, cookies, tags, and the bounds of a request.

use jingwei_engine::body_hash;
use jingwei_store::{Db, sessions};
use jingwei_testkit::{Client, Engine, PASSWORD, TestNode};
use serde_json::json;

use crate::cast::{At, Cast};

#[test]
fn every_answer_has_its_id_and_its_headers() {
    let cast = Cast::new(Engine::Sqlite);
    let anybody = cast.node.anonymous();
    let mut ids = std::collections::BTreeSet::new();
    for path in [
        "/healthz",
        "/readyz",
        "/api",
        "/api/openapi.json",
        "/api/style.css",
        "/nothing",
        "/api/v1/cases",
        "/metrics",
    ] {
        let answer = anybody.get(path);
        assert!(
            ids.insert(answer.header("x-request-id").expect("an id").to_owned()),
            "{path}"
        );
        assert!(
            answer
                .header("jingwei-sequence")
                .expect("a sequence")
                .parse::<i64>()
                .is_ok(),
            "{path}"
        );
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("default-src 'self'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        assert!(answer.header("cache-control").is_some(), "{path}");
    }
    assert_eq!(anybody.get("/healthz").text, "ok");
}

#[test]
fn a_node_without_its_database_is_not_ready() {
    let mut node = TestNode::start(Engine::Postgres);
    let anybody = node.anonymous();
    assert_eq!(anybody.get("/readyz").text, "ok");
    // Drops the database, whoever is connected.
    drop(node.database.take());
    let answer = anybody.get("/readyz");
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(anybody.get("/healthz").status, 200, "the program runs");
}

#[test]
fn a_refusal_speaks_the_language_asked_for() {
    let node = TestNode::start(Engine::Sqlite);
    let anybody = node.anonymous();
    for (language, title) in [
        ("zh-CN,zh;q=0.9", "找不到"),
        ("en-GB,en;q=0.9,zh;q=0.1", "Not found"),
        ("fr", "找不到"),
    ] {
        let answer = anybody.send("GET", "/nothing", &[("accept-language", language)], None);
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        let body = answer.clone().expect(404);
        assert_eq!(body["title"], title);
        assert_eq!(
            (body["zh"]["title"].as_str(), body["en"]["title"].as_str()),
            (Some("找不到"), Some("Not found"))
        );
        assert_eq!(body["request_id"].as_str(), answer.header("x-request-id"));
    }
}

#[test]
fn what_the_machinery_refuses_is_a_problem_too() {
    let cast = Cast::new(Engine::Sqlite);
    let grid = cast.person("grid-hl1");
    let put = grid.send("PUT", "/api/v1/cases", &[], Some(b"{}"));
    assert_eq!(
        (put.status, put.header("allow")),
        (405, Some("GET,HEAD,POST"))
    );
    assert_eq!(put.json()["code"], "method_not_allowed");
    let typed = grid.send(
        "POST",
        "/api/v1/cases",
        &[("content-type", "text/plain")],
        Some(b"{}"),
    );
    assert_eq!(
        (typed.status, typed.json()["code"].as_str()),
        (415, Some("unsupported_media_type"))
    );
    let large = format!("{{\"description\":\"{}\"}}", "长".repeat(30_000));
    let large = grid.send("POST", "/api/v1/cases", &[], Some(large.as_bytes()));
    assert_eq!(
        (large.status, large.json()["code"].as_str()),
        (413, Some("too_large"))
    );
    let head = cast
        .person("officer-hlx")
        .send("HEAD", "/api/v1/cases", &[], None);
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    let path = grid.get("/api/v1/cases/17").expect(404);
    assert_eq!(path["code"], "not_found");
}

fn cookie_client(node: &TestNode) -> (Client, String, String) {
    let _ = node.sign_in("grid-hl1");
    let anybody = node.anonymous();
    let answer = anybody.post(
        "/api/v1/sessions",
        &json!({ "account": "grid-hl1", "password": PASSWORD }),
    );
    assert_eq!(answer.status, 201, "{}", answer.text);
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().expect("name and value").to_owned();
    let csrf = answer.json()["csrf"].as_str().expect("a token").to_owned();
    (anybody, cookie, csrf)
}

#[test]
fn a_cookie_alone_changes_nothing() {
    let node = TestNode::start(Engine::Sqlite);
    let (client, cookie, csrf) = cookie_client(&node);
    let me = client
        .send("GET", "/api/v1/me", &[("cookie", &cookie)], None)
        .expect(200);
    assert_eq!(me["csrf"].as_str(), Some(csrf.as_str()));
    let host = node.base.trim_start_matches("http://");
    let own = node.base.as_str();
    let sign_out =
        |headers: &[(&str, &str)]| client.send("DELETE", "/api/v1/sessions/current", headers, None);
    for headers in [
        &[("cookie", cookie.as_str())][..],
        &[("cookie", &cookie), ("x-csrf-token", "wrong")],
        &[
            ("cookie", &cookie),
            ("x-csrf-token", &csrf),
            ("origin", "http://elsewhere.example"),
        ],
        &[
            ("cookie", &cookie),
            ("x-csrf-token", &csrf),
            ("origin", "null"),
        ],
    ] {
        let answer = sign_out(headers);
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (403, Some("csrf")),
            "{headers:?}"
        );
    }
    let answer = sign_out(&[
        ("cookie", &cookie),
        ("x-csrf-token", &csrf),
        ("origin", own),
        ("host", host),
    ]);
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert!(
        answer
            .header("set-cookie")
            .is_some_and(|c| c.contains("Max-Age=0"))
    );
    assert_eq!(
        client
            .send("GET", "/api/v1/me", &[("cookie", &cookie)], None)
            .status,
        401,
        "the session has ended"
    );
}

/// The cookie outlives every idle span that the server allows: only the server says when a session is over.
#[test]
fn the_cookie_lives_as_long_as_the_session_slides() {
    let node = TestNode::start(Engine::Sqlite);
    let _ = node.sign_in("grid-hl1");
    let client = node.anonymous();
    let body = json!({ "account": "grid-hl1", "password": PASSWORD });
    let answer = client.post("/api/v1/sessions", &body);
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    let kept: i64 = cookie
        .split("; ")
        .find_map(|part| part.strip_prefix("Max-Age="))
        .and_then(|seconds| seconds.parse().ok())
        .expect("how long it is kept");
    let cookie = cookie.split(';').next().expect("name and value");
    let token = answer.json()["token"].as_str().expect("a token").to_owned();
    let readers = Db::open_readers(&node.database.url(), 1).expect("a reader");
    // The last use is written down beside the answer; a shift later it has long been.
    let written = || {
        let id = body_hash(&[b"session", token.as_bytes()]);
        let row = readers.blocking(move |tx| sessions::find(tx, &id));
        let row = row.expect("the sessions").expect("the session");
        row.seen_at == node.node.now().0
    };
    let me = || {
        client
            .send("GET", "/api/v1/me", &[("cookie", cookie)], None)
            .status
    };
    let hours = |count: i64| count * 3_600;
    // A week of shifts, never idle for long: the browser still has the cookie, and the server still takes it.
    for _ in 0..14 {
        node.clock.advance(hours(11));
        assert_eq!(me(), 200);
        node.wait_until("the use of the session is written down", written);
    }
    assert!(kept > hours(14 * 11), "{kept} s");
    node.clock.advance(hours(12) + 1);
    assert_eq!(me(), 401, "idle for too long, whatever the browser keeps");
}

/// A TLS proxy stands on the same machine: no option makes plain HTTP leave it.
#[test]
fn plain_http_stays_on_this_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.7:8080"] {
        for proxy in [&[][..], &["--behind-proxy"]] {
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_jingwei"))
                .args(["serve", "--listen", address, "--data"])
                .arg(&data)
                .args(proxy)
                .output()
                .expect("the program");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{address} {proxy:?}");
            assert!(
                said.contains("loopback")
                    && said.contains("本机")
                    && said.contains("--behind-proxy"),
                "{said}"
            );
        }
    }
    assert!(
        !data.exists(),
        "nothing is made for a start that is refused"
    );
}

#[test]
fn an_answer_held_is_not_sent_again() {
    let cast = Cast::new(Engine::Sqlite);
    let officer = cast.person("officer-hlx");
    let case = cast.case(At::Reported);
    let tagged = |path: &str| {
        let first = officer.get(path);
        assert_eq!(first.status, 200, "{path}: {}", first.text);
        assert_eq!(
            first.header("cache-control"),
            Some("private, no-cache"),
            "{path}"
        );
        let tag = first.header("etag").expect("a tag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 34, "{path} {tag}");
        let again = officer.send("GET", path, &[("if-none-match", &tag)], None);
        assert_eq!(
            (again.status, again.text.as_str(), again.header("etag")),
            (304, "", Some(tag.as_str())),
            "{path}"
        );
        tag
    };
    let path = format!("/api/v1/cases/{}", case.id);
    let before = tagged(&path);
    for path in [
        "/api/v1/cases",
        "/api/v1/classes",
        "/api/v1/plans",
        "/api/v1/stock?scope=510116111",
        &format!("{path}/timeline"),
    ] {
        tagged(path);
    }
    officer
        .post(&format!("{path}/accept"), &json!({}))
        .expect(200);
    let after = officer.send("GET", &path, &[("if-none-match", &before)], None);
    assert_eq!(after.status, 200, "the case has moved on");
    assert_eq!(after.json()["stage"], "accepted");
}

#[test]
fn a_read_waits_for_what_it_asks_for() {
    let cast = Cast::new(Engine::Sqlite);
    let officer = cast.person("officer-hlx");
    let case = cast.case(At::Reported);
    let act = officer.post(&format!("/api/v1/cases/{}/accept", case.id), &json!({}));
    let sequence = act.json()["sequence"].as_i64().expect("a sequence");
    assert_eq!(
        act.header("jingwei-sequence"),
        Some(sequence.to_string().as_str())
    );
    let read = |at_least: &str| {
        officer.send(
            "GET",
            "/api/v1/cases",
            &[("jingwei-at-least", at_least)],
            None,
        )
    };
    let there = read(&sequence.to_string());
    assert_eq!(there.status, 200);
    assert!(
        there
            .header("jingwei-sequence")
            .expect("a sequence")
            .parse::<i64>()
            .expect("a number")
            >= sequence
    );
    let ahead = read(&(sequence + 1_000).to_string());
    assert_eq!(
        (ahead.status, ahead.json()["code"].as_str()),
        (503, Some("busy"))
    );
    assert!(ahead.header("retry-after").is_some());
    let wrong = read("soon").expect(422);
    assert_eq!(wrong["errors"][0]["pointer"], "header:Jingwei-At-Least");
}

#[test]
fn load_is_told_on_this_machine_only() {
    let cast = Cast::new(Engine::Sqlite);
    cast.case(At::Reported);
    let here = cast.node.anonymous().get("/metrics");
    assert_eq!(here.status, 200);
    for name in [
        "jingwei_commands_total{outcome=\"ok\"}",
        "jingwei_http_requests_total{",
        "jingwei_sequence ",
        "jingwei_queue ",
        "jingwei_read_only 0",
    ] {
        assert!(here.text.contains(name), "{name} in {}", here.text);
    }
    assert!(!here.text.contains("grid-hl1"), "no names");
    for header in ["x-forwarded-for", "forwarded"] {
        let relayed = cast
            .node
            .anonymous()
            .send("GET", "/metrics", &[(header, "127.0.0.1")], None);
        assert_eq!(relayed.status, 404, "{header}");
    }
}

#[test]
fn the_api_can_be_read_in_both_languages() {
    let node = TestNode::start(Engine::Sqlite);
    let anybody = node.anonymous();
    let (zh, en) = (anybody.get("/api?lang=zh"), anybody.get("/api?lang=en"));
    assert_eq!((zh.status, en.status), (200, 200));
    assert!(zh.text.contains("<html lang=\"zh\">") && zh.text.contains("派遣"));
    assert!(en.text.contains("<html lang=\"en\">") && en.text.contains("Dispatch by a plan"));
    assert_eq!(anybody.get("/api?lang=fr").status, 422);
    let problem = anybody.get("/problems/stale_version");
    assert_eq!(
        (problem.status, problem.header("location")),
        (303, Some("/api#problem-stale_version"))
    );
    assert!(zh.text.contains("id=\"problem-stale_version\""));
}

#[test]
fn long_answers_are_pressed_together_and_the_page_is_kept() {
    let node = TestNode::start(Engine::Sqlite);
    let gzip = [("accept-encoding", "gzip")];
    for path in ["/api/openapi.json", "/api"] {
        let answer = node.anonymous().send("GET", path, &gzip, None);
        assert_eq!(
            (answer.status, answer.header("content-encoding")),
            (200, Some("gzip")),
            "{path}"
        );
    }
    let page = node.anonymous().get("/");
    if page.status == 503 {
        assert!(
            page.text.contains("make web") && page.header("retry-after").is_some(),
            "{}",
            page.text
        );
        return;
    }
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let asset = page
        .text
        .split('"')
        .find(|part| part.starts_with("/assets/"))
        .expect("an asset");
    let asset = node.anonymous().get(asset);
    assert_eq!(asset.status, 200);
    assert!(
        asset
            .header("cache-control")
            .is_some_and(|kept| kept.contains("immutable"))
    );
    assert_eq!(node.anonymous().get("/assets/../Cargo.toml").status, 404);
    assert_eq!(
        node.anonymous().get("/desk").status,
        404,
        "the page keeps its places behind #"
    );
}
