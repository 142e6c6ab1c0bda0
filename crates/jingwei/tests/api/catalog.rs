//! What the API says of classes and plans.

use jingwei_testkit::{Engine, TestNode};
use serde_json::{Value, json};

fn item<'v>(list: &'v Value, code: &str) -> &'v Value {
    let mut items = list["items"].as_array().expect("items").iter();
    items
        .find(|item| item["code"] == code)
        .expect("an item with the code")
}

#[test]
fn classes_and_plans_are_shown_as_the_tables_have_them() {
    let node = TestNode::start(Engine::Sqlite);
    let officer = node.sign_in("officer-hlx");
    let classes = officer.get("/api/v1/classes").expect(200);
    assert_eq!(classes["items"].as_array().map(Vec::len), Some(198));
    let spill = item(&classes, "AQ01");
    assert_eq!(
        [
            &spill["parent"],
            &spill["subject"],
            &spill["needs_photo"],
            &spill["call_back"],
            &spill["severity"],
            &spill["plan"],
        ],
        ["AQ", "event", "none", "required", "major", "P_HAZMAT"]
    );
    assert_eq!(
        (&spill["needs_position"], &spill["public"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        spill["description_zh"],
        "储罐、车辆、管道等处危险化学品外泄"
    );
    assert_eq!(
        spill["responsible"],
        json!({ "code": "FIRE", "name_zh": "消防救援站", "name_en": "fire and rescue station" })
    );
    assert_eq!(
        spill["skip"],
        json!([
            { "when": "urgency=high", "level": "county" },
            { "when": "severity>=larger", "level": "city" },
            { "when": "severity>=major", "level": "province" },
        ])
    );
    let by_severity = spill["limits_by_severity"].as_array().expect("limits");
    let shown: Vec<_> = by_severity
        .iter()
        .map(|row| (row["severity"].as_str(), row["limits"]["handle"].as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (Some("ordinary"), Some("4h")),
            (Some("larger"), Some("6h")),
            (Some("extraordinary"), Some("24h")),
        ]
    );
    let building = item(&classes, "CG01");
    assert_eq!(
        building["conditions"][0],
        json!({
            "code": "CG01-1", "filing_zh": "正在搭建、尚未完工", "filing_en": "still being built", "handle": "4wh",
            "closing_zh": "现场已停工并有记录", "closing_en": "work stopped and recorded",
        })
    );
    assert_eq!(item(&classes, "MD01")["public"], json!(false));

    let plans = officer.get("/api/v1/plans").expect(200);
    assert_eq!(plans["rules"], classes["rules"]);
    assert_eq!(plans["items"].as_array().map(Vec::len), Some(17));
    let fire = item(&plans, "P_FIRE");
    assert_eq!(fire["triggers"][0]["code"], "XF01");
    assert_eq!(fire["commander"]["code"], "CGC_C");
    assert_eq!(
        (&fire["warn_radius_m"], &fire["needs_consent"]),
        (&json!(150), &json!(false))
    );
    assert!(
        fire["message_en"]
            .as_str()
            .is_some_and(|text| text.starts_with("[Safety] Fire at {place}"))
    );
    assert_eq!(
        fire["units"][0],
        json!({
            "no": "01",
            "kind": { "code": "FIRE", "name_zh": "消防救援站", "name_en": "fire and rescue station" },
            "part": "lead",
            "acknowledge": "60s",
            "fallback": { "code": "RESCUE", "name_zh": "社会应急救援队", "name_en": "volunteer rescue team" },
            "task_zh": "灭火救人",
            "task_en": "fight the fire, rescue",
        })
    );
    let step = &fire["steps"][1];
    assert_eq!(
        [
            &step["no"],
            &step["target"],
            &step["proof"],
            &step["actor"]["code"]
        ],
        ["02", "3min", "photo", "FIREMIN"]
    );
    assert_eq!(step["mandatory"], json!(true));
    assert_eq!(node.anonymous().get("/api/v1/plans").status, 401);
}
