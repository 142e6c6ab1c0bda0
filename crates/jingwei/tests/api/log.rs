//! The log has every request with its id, and nothing of a person.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use jingwei_testkit::{COMMUNITY, Engine};
use serde_json::{Value, json};

use crate::cast::{At, Cast};

/// What was logged.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        )
        .expect("UTF-8")
    }
}

#[test]
fn requests_are_logged_with_their_ids_and_without_a_person() {
    let kept = Kept::default();
    let writer = kept.clone();
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .init();
    let cast = Cast::new(Engine::Sqlite);
    let anybody = cast.node.anonymous();
    let refused = anybody
        .post(
            "/api/v1/sessions",
            &json!({ "account": "zhang-san", "password": "geheimnis-1" }),
        )
        .status;
    assert_eq!(refused, 401);
    let body = json!({
        "id": cast.node.node.fresh_id().to_string(), "division": COMMUNITY, "description": "楼道堆满纸箱",
        "name": "李四", "phone": "13912345678", "address": "桥头第三家",
    });
    let receipt = anybody.post("/api/v1/public/reports", &body).expect(201)["receipt"]
        .as_str()
        .expect("a receipt")
        .to_owned();
    let followed = anybody.get(&format!("/api/v1/public/reports/{receipt}"));
    assert_eq!(followed.status, 200);
    let case = cast.case(At::Handled);
    let officer = cast.person("officer-hlx");
    let list = officer.get("/api/v1/cases?after=wang-wu");
    assert_eq!(list.status, 422);
    let text = kept.text();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let answered: Vec<_> = lines
        .iter()
        .filter(|line| line["fields"]["message"] == "answered")
        .collect();
    assert!(answered.len() > 10, "{text}");
    let of = |answer: &jingwei_testkit::Answer| {
        let id = answer.header("x-request-id").expect("an id").to_owned();
        (*answered
            .iter()
            .find(|line| line["span"]["id"] == id.as_str())
            .expect("its line"))
        .clone()
    };
    let line = of(&followed);
    assert_eq!(
        line["span"]["route"], "/api/v1/public/reports/{receipt}",
        "the pattern, not the path"
    );
    assert_eq!(
        (&line["span"]["method"], &line["fields"]["status"]),
        (&json!("GET"), &json!(200))
    );
    assert!(line["fields"]["milliseconds"].is_u64(), "{line}");
    assert_eq!(of(&list)["fields"]["status"], 422);
    let token = officer.token().expect("signed in");
    for word in [
        "zhang-san",
        "geheimnis",
        "李四",
        "13912345678",
        "桥头",
        "纸箱",
        "wang-wu",
        "officer-hlx",
        "gas-1",
        "臭鸡蛋",
        "张某",
        "13800000000",
        jingwei_testkit::PASSWORD,
        &receipt,
        token,
        &case.id,
    ] {
        assert!(!text.contains(word), "the log holds {word}");
    }
}
