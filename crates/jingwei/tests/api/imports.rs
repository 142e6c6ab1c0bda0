//! Imports over HTTP: by administrators only, within their area only, and once under one key.

use jingwei_testkit::{Answer, Client, Engine};
use serde_json::{Value, json};

use crate::cast::{Cast, STRANGER, own_units};

const PEOPLE: &str = "account,name,phone,role,unit,division";
const UNITS: &str = "code,name_zh,name_en,kind,division,capabilities,duty_hours,phone,lon,lat";

fn import(client: &Client, table: &str, key: Option<&str>, text: &str) -> Answer {
    let mut headers = vec![("content-type", "text/csv; charset=utf-8")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    let path = format!("/api/v1/imports/{table}");
    client.send("POST", &path, &headers, Some(text.as_bytes()))
}

/// What the people of the other county see of themselves and of their units.
fn of_the_others(cast: &Cast) -> Vec<Value> {
    let officer = cast.person(STRANGER);
    let mut all = vec![officer.get("/api/v1/units?limit=100").expect(200)];
    for person in [officer, cast.person("gas-ld")] {
        let mut me = person.get("/api/v1/me").expect(200);
        // The session goes on; that is no matter of the tables.
        me["expires_at"] = Value::Null;
        all.push(me);
    }
    all
}

fn area(engine: Engine) {
    let cast = Cast::new(engine);
    let admin = cast.person("admin-sl");
    let (before, sequence) = (of_the_others(&cast), cast.node.node.sequence());
    for (table, header, row, why) in [
        (
            "people",
            PEOPLE,
            "officer-ld,泸定值班员甲,10000000301,duty_officer,HLX-CGC,510116111",
            "a person whose present posts lie elsewhere",
        ),
        (
            "people",
            PEOPLE,
            "gas-ld,泸定抢修员甲,10000000302,unit_staff,SL-GAS-1,510116",
            "a person of a unit elsewhere",
        ),
        (
            "people",
            PEOPLE,
            "guest-sl,外来员甲,10000000901,unit_staff,LD-GAS,510116",
            "a post at a unit that lies elsewhere",
        ),
        (
            "people",
            PEOPLE,
            "guest-sl,外来员甲,10000000901,duty_officer,HLX-CGC,513322",
            "a post for an area elsewhere",
        ),
        (
            "units",
            UNITS,
            "LD-GAS,泸定燃气抢修队,Luding gas team,GAS,510116,关阀,24h,028-0000-4040,103.9,30.5",
            "a unit that now lies elsewhere",
        ),
        (
            "units",
            UNITS,
            "SL-GAS-1,双流燃气抢修一队,Shuangliu gas team 1,GAS,513322,关阀,24h,028-0000-2041,103.9,30.3",
            "a unit that would lie elsewhere",
        ),
        (
            "units",
            UNITS,
            "CD-CGC,成都市综治中心,Chengdu city governance centre,CGC_S,5101,督办,24h,028-0000-1000,104.0,30.5",
            "a unit above the area",
        ),
    ] {
        let dry = format!("{table}?dry_run=true");
        for path in [dry.as_str(), table] {
            let answer = import(&admin, path, None, &format!("{header}\n{row}\n"));
            assert_eq!(answer.status, 422, "{why}: {}", answer.text);
            let errors = answer.json()["errors"].clone();
            assert_eq!(errors[0]["code"], "outside_area", "{why}: {errors}");
        }
        assert_eq!(
            cast.node.node.sequence(),
            sequence,
            "{why}: nothing is left behind"
        );
    }
    assert_eq!(
        of_the_others(&cast),
        before,
        "and nothing of theirs is changed"
    );
    // A row of one's own beside a strange one is not taken either: all or nothing.
    let mixed = format!(
        "{PEOPLE}\nnew-sl,新人甲,10000000902,unit_staff,SL-GAS-1,510116\nofficer-ld,泸定值班员甲,10000000301,duty_officer,HLX-CGC,510116111\n"
    );
    assert_eq!(import(&admin, "people", None, &mixed).status, 422);
    let own = format!("{PEOPLE}\nnew-sl,新人甲,10000000902,unit_staff,SL-GAS-1,510116\n");
    let report = import(&admin, "people", None, &own).expect(200);
    assert_eq!(
        (&report["new"], &report["changed"]),
        (&json!(1), &json!(0)),
        "it was not there yet"
    );
    cast.node.check();
}

#[test]
fn an_import_stays_within_the_area_sqlite() {
    area(Engine::Sqlite);
}

#[test]
fn an_import_stays_within_the_area_postgres() {
    area(Engine::Postgres);
}

fn once(engine: Engine) {
    let cast = Cast::new(engine);
    let admin = cast.person("admin-sl");
    let units = own_units().replace("028-0000-2041", "028-0000-9041");
    let sequence = cast.node.node.sequence();
    let first = import(&admin, "units", Some("units-1"), &units);
    assert_eq!(first.status, 200, "{}", first.text);
    let after = cast.node.node.sequence();
    assert!(after > sequence);
    let again = import(&admin, "units", Some("units-1"), &units);
    assert_eq!(
        (again.status, &again.text),
        (200, &first.text),
        "the same answer"
    );
    let other = import(&admin, "units", Some("units-1"), &own_units());
    assert_eq!(
        (other.status, &other.json()["code"]),
        (409, &json!("key_reused")),
        "{}",
        other.text
    );
    let elsewhere = import(&admin, "people", Some("units-1"), &units);
    assert_eq!(
        elsewhere.status, 409,
        "another table is other content: {}",
        elsewhere.text
    );
    assert_eq!(cast.node.node.sequence(), after, "once");
    let next = import(&admin, "units", Some("units-2"), &units);
    assert_eq!(
        (next.status, &next.json()["new"]),
        (200, &json!(0)),
        "{}",
        next.text
    );
    assert!(
        cast.node.node.sequence() > after,
        "another key is another act"
    );
    cast.node.check();
}

#[test]
fn an_import_is_done_once_under_its_key_sqlite() {
    once(Engine::Sqlite);
}

#[test]
fn an_import_is_done_once_under_its_key_postgres() {
    once(Engine::Postgres);
}

#[test]
fn who_is_no_administrator_is_told_so() {
    let cast = Cast::new(Engine::Sqlite);
    let answer = import(&cast.person("officer-hlx"), "units", None, &own_units());
    let refused = answer.expect(403);
    assert_eq!(refused["code"], "forbidden");
    let detail = |language: &str| {
        refused[language]["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(detail("zh").contains("管理员"), "{refused}");
    assert!(
        detail("en").contains("dministrator") && !detail("en").contains("severity"),
        "{refused}"
    );
}
