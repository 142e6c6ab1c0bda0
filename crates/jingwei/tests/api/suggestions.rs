//! RU-e: suggestions over HTTP: dangers with their numbers, the right way for what belongs elsewhere, and nothing kept.

use jingwei_testkit::Engine;
use serde_json::json;

use crate::cast::Cast;

#[test]
fn staff_and_residents_are_told_numbers_ways_and_classes() {
    let cast = Cast::new(Engine::Sqlite);
    let officer = cast.person("officer-hlx");
    // Signing in writes too.
    let sequence = cast.node.node.sequence();
    let ask = |text: &str| {
        officer
            .post("/api/v1/suggestions", &json!({ "text": text }))
            .expect(200)
    };
    let gas = ask("单元楼道里有很重的煤气味，报警器在响");
    assert_eq!(gas["emergency"][0]["number"], "96777");
    assert_eq!(gas["dangers"][0]["danger"], "gas");
    let first = &gas["items"][0];
    assert_eq!(
        (
            &first["class"]["code"],
            &first["class"]["name_zh"],
            &first["plan"]["code"]
        ),
        (&json!("RQ01"), &json!("疑似燃气泄漏"), &json!("P_GAS"))
    );
    let reasons = first["reasons"].as_array().expect("reasons");
    assert!(
        reasons
            .iter()
            .filter_map(|reason| reason["zh"].as_str())
            .any(|zh| zh.contains("煤气味")),
        "{reasons:?}"
    );
    let petition = ask("我要上访，要求落实当年民办教师的待遇");
    assert_eq!(petition["out"]["hint"], "petition");
    assert_eq!(petition["emergency"], json!([]));
    assert!(
        petition["out"]["way_en"]
            .as_str()
            .is_some_and(|way| way.contains("petition office"))
    );

    let anybody = cast.node.anonymous();
    let resident =
        |text: &str| anybody.post("/api/v1/public/suggestions", &json!({ "text": text }));
    let gas = resident("单元楼道里有很重的煤气味，报警器在响").expect(200);
    assert_eq!(gas["emergency"][0]["number"], "96777");
    assert_eq!(gas["classes"][0]["code"], "RQ01");
    assert_eq!(gas["classes"].as_array().map(Vec::len), Some(3));
    let petition = resident("我要上访，要求落实当年民办教师的待遇").expect(200);
    assert!(
        petition["way_zh"]
            .as_str()
            .is_some_and(|way| way.contains("信访工作机构"))
    );
    // Counted by address, as reports are; after five minutes again.
    let statuses: Vec<u16> = (0..70).map(|_| resident("路灯不亮").status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 58);
    assert_eq!(statuses.last(), Some(&429));
    cast.node.clock.advance(301);
    assert_eq!(resident("路灯不亮").status, 200);
    assert_eq!(cast.node.node.sequence(), sequence, "nothing is written");
}
