//! The live feed: who hears what, from where it resumes, and when it ends.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use jingwei_testkit::{Client, Engine, TestNode};
use serde_json::{Value, json};

use crate::cast::{At, Cast, STRANGER};

/// An open line.
struct Line(BufReader<TcpStream>);

#[derive(Debug, Clone)]
struct Event {
    name: String,
    id: Option<i64>,
    data: Value,
}

impl Line {
    fn open(node: &TestNode, client: &Client, query: &str, header: &str) -> Self {
        let host = node.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the server");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a timeout");
        let token = client.token().expect("signed in");
        write!(stream, "GET /api/v1/feed{query} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n{header}\r\n").expect("a request");
        let mut line = Self(BufReader::new(stream));
        assert!(line.text().contains("200"));
        while !line.text().is_empty() {}
        line
    }

    /// A line of the stream, without its end; chunk sizes are skipped by who reads events.
    fn text(&mut self) -> String {
        let mut text = String::new();
        let read = self.0.read_line(&mut text).expect("the stream goes on");
        assert!(read > 0, "the stream has ended");
        text.trim_end().to_owned()
    }

    fn next(&mut self) -> Event {
        let (mut name, mut id) = (String::new(), None);
        loop {
            let text = self.text();
            if let Some(value) = text.strip_prefix("event: ") {
                name = value.to_owned();
            } else if let Some(value) = text.strip_prefix("id: ") {
                id = value.parse().ok();
            } else if let Some(value) = text.strip_prefix("data: ") {
                let data = serde_json::from_str(value).expect("JSON");
                // The id stands after the data.
                let after = self.text();
                if let Some(value) = after.strip_prefix("id: ") {
                    id = value.parse().ok();
                }
                return Event { name, id, data };
            }
        }
    }

    /// The next event that is not the clock.
    fn next_of(&mut self, name: &str) -> Event {
        loop {
            let event = self.next();
            if event.name == name {
                return event;
            }
        }
    }
}

#[test]
fn a_change_is_heard_in_its_scope_only_and_the_desk_rings() {
    let cast = Cast::new(Engine::Sqlite);
    let mut officer = Line::open(&cast.node, &cast.person("officer-hlx"), "", "");
    let mut worker = Line::open(&cast.node, &cast.person("grid-gf1"), "", "");
    let mut stranger = Line::open(&cast.node, &cast.person(STRANGER), "", "");
    for line in [&mut officer, &mut worker, &mut stranger] {
        let first = line.next();
        assert_eq!(first.name, "now", "at once");
        assert_eq!(
            first.data["at"].as_str(),
            Some(cast.node.node.now().rfc3339().as_str())
        );
    }
    let here = cast.case(At::Reported);
    let mut body = cast.report_body();
    body["division"] = json!(Cast::elsewhere());
    cast.person("grid-hl1")
        .post("/api/v1/cases", &body)
        .expect(201);
    let ring = officer.next_of("ring");
    assert_eq!(
        (ring.data["id"].as_str(), ring.data["reason"].as_str()),
        (Some(here.id.as_str()), Some("new_urgent"))
    );
    let change = officer.next_of("change");
    assert_eq!(
        change.data,
        json!({ "thing": "case", "id": here.id, "version": change.data["version"] })
    );
    assert!(change.id.is_some_and(|id| id > 0));
    let theirs = stranger.next_of("change");
    assert_eq!(
        theirs.data["id"], body["id"],
        "the other county hears of its own case first"
    );
}

#[test]
fn a_whistle_rings_at_the_called_unit_and_is_heard_in_its_area() {
    let cast = Cast::new(Engine::Sqlite);
    let mut called = Line::open(&cast.node, &cast.person("gas-1"), "", "");
    let mut worker = Line::open(&cast.node, &cast.person("grid-hl1"), "", "");
    let mut stranger = Line::open(&cast.node, &cast.person(STRANGER), "", "");
    let (mine, theirs) = cast.things_of_both();
    let ring = called.next_of("ring");
    assert_eq!(
        ring.data,
        json!({ "thing": "whistle", "id": mine[0], "reason": "whistle_blown", "part": null })
    );
    let change = called.next_of("change");
    assert_eq!(
        change.data,
        json!({ "thing": "whistle", "id": mine[0], "version": 1 })
    );
    assert!(change.id.is_some_and(|id| id > 0));
    // In the area it is heard without a ring; a mediation is not heard by a grid worker.
    let heard = |line: &mut Line, until: &str| {
        let mut things = Vec::new();
        for _ in 0..100 {
            let event = line.next();
            assert!(
                event.name != "ring" || event.data["thing"].is_null(),
                "{}",
                event.data
            );
            if event.name == "change" {
                if event.data["id"] == until {
                    return things;
                }
                things.push(event.data["thing"].clone());
            }
        }
        panic!("{until} was not heard: {things:?}");
    };
    let last = cast.case(At::Reported).id;
    let things = heard(&mut worker, &last);
    assert!(
        things.contains(&json!("whistle")) && !things.contains(&json!("mediation")),
        "{things:?}"
    );
    let things = heard(&mut stranger, &theirs[1]);
    assert!(
        !things.contains(&json!("mediation")),
        "its own comes first: {things:?}"
    );
}

#[test]
fn a_lost_line_resumes_where_it_broke() {
    let cast = Cast::new(Engine::Sqlite);
    let officer = cast.person("officer-hlx");
    let before = cast.node.node.sequence();
    let first = cast.case(At::Reported);
    let second = cast.case(At::Reported);
    let mut line = Line::open(&cast.node, &officer, &format!("?since={before}"), "");
    let one = line.next_of("change");
    let two = line.next_of("change");
    assert_eq!(
        (one.data["id"].as_str(), two.data["id"].as_str()),
        (Some(first.id.as_str()), Some(second.id.as_str()))
    );
    let id = one.id.expect("a sequence");
    let mut line = Line::open(
        &cast.node,
        &officer,
        "",
        &format!("last-event-id: {id}\r\n"),
    );
    assert_eq!(
        line.next_of("change").id,
        two.id,
        "after the last one heard"
    );
    let mut line = Line::open(
        &cast.node,
        &officer,
        &format!("?since={}", id + 1_000_000),
        "",
    );
    let reset = line.next_of("reset");
    assert_eq!(
        reset.id,
        Some(cast.node.node.sequence()),
        "from before a restore"
    );
}

#[test]
fn feeds_end_with_the_node() {
    let cast = Cast::new(Engine::Sqlite);
    let mut line = Line::open(&cast.node, &cast.person("officer-hlx"), "", "");
    assert_eq!(line.next().name, "now");
    let since = std::thread::spawn(move || {
        let mut text = String::new();
        // Reads until the stream ends.
        while line.0.read_line(&mut text).is_ok_and(|read| read > 0) {}
        text
    });
    drop(cast);
    assert!(since.join().is_ok(), "the stream ends instead of hanging");
}
