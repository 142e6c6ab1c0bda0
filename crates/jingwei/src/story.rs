//! Scenes S1 and S2 of the mission: a suspected gas leak by the bridge of Huanglongxi, told through the public HTTP API.
//!
//! Nothing here is a shortcut: every step is a request that a person or unit would make, and what the system does by itself
//! (the further fire station) is waited for, not made. Change a limit in the tables and the timeline changes.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use jingwei_core::time::Timestamp;
use jingwei_engine::clock::Clock;
use serde_json::{Value, json};

use crate::cli;
use crate::demo::PASSWORD;
use crate::http::Account;

/// The people of the story.
const PEOPLE: [&str; 10] = [
    "grid-hl1",
    "officer-hlx",
    "gas-1",
    "fire-hlx",
    "fire-ya",
    "police-hlx",
    "emb-sl",
    "hcb-sl",
    "verifier-hlx",
    "chief-sl",
];

struct Stage<'a> {
    clock: &'a dyn Clock,
    began: Timestamp,
    people: HashMap<&'static str, Account>,
    case: String,
}

impl Stage<'_> {
    fn person(&self, name: &str) -> Result<&Account> {
        self.people
            .get(name)
            .with_context(|| format!("{name} is not in the story"))
    }

    /// Waits until the story's clock shows this second.
    fn at(&self, second: i64) {
        std::thread::sleep(self.clock.until(self.began.plus_ms(second * 1_000)));
    }

    fn act(&self, who: &str, act: &str, body: &Value) -> Result<Value> {
        let path = format!("/api/v1/cases/{}/{act}", self.case);
        self.person(who)?
            .post(&path, body)
            .with_context(|| format!("{who}: {act}"))
    }

    fn case(&self) -> Result<Value> {
        self.person("officer-hlx")?
            .get(&format!("/api/v1/cases/{}", self.case))
    }

    /// The order of a unit, if it has one.
    fn order(&self, unit: &str) -> Result<Option<String>> {
        let case = self.case()?;
        let orders = case["orders"].as_array().context("no orders")?;
        let found = orders.iter().find(|order| order["unit"]["code"] == unit);
        Ok(found
            .and_then(|order| order["id"].as_str())
            .map(str::to_owned))
    }

    fn of_order(&self, who: &str, unit: &str, act: &str, body: &Value) -> Result<Value> {
        let order = self
            .order(unit)?
            .with_context(|| format!("{unit} has no order"))?;
        self.act(who, &format!("orders/{order}/{act}"), body)
    }
}

/// Plays the story and prints the timeline as the API returns it. `begin` starts the story's clock once all are signed in.
pub(crate) fn play(base: &str, clock: &dyn Clock, begin: impl FnOnce()) -> Result<()> {
    cli::say("演示 S1、S2：黄龙溪镇桥边工地疑似燃气泄漏（按故事时钟快放，计时器是真的）…");
    cli::say(
        "Playing S1 and S2: a suspected gas leak in Huanglongxi, at the story's own speed, through the real timers …",
    );
    let mut people = HashMap::new();
    for name in PEOPLE {
        people.insert(name, Account::sign_in(base, name, PASSWORD)?);
    }
    begin();
    let began = clock.now();
    let mut stage = Stage {
        clock,
        began,
        people,
        case: String::new(),
    };
    report(&mut stage)?;
    dispatch(&stage)?;
    on_the_spot(&stage)?;
    finish(&stage)?;
    print(&stage)
}

/// S1: the grid worker reports; the centre takes it.
fn report(stage: &mut Stage<'_>) -> Result<()> {
    // A phone makes the id of what it sends: UUIDv7 of its own clock.
    let id = jingwei_engine::random::uuid_v7(&jingwei_engine::random::OsRandom, stage.clock.now());
    let body = json!({
        "id": id, "source": "phone", "class": "RQ01", "division": "510116111001",
        "position": { "lon": 103.9712, "lat": 30.3215, "accuracy_m": 8 },
        "address": "古镇大桥东侧工地", "description": "工地冒白烟，有臭鸡蛋味，怀疑挖断了燃气管",
    });
    let answer = stage.person("grid-hl1")?.post("/api/v1/cases", &body)?;
    answer["id"]
        .as_str()
        .context("no id")?
        .clone_into(&mut stage.case);
    stage.at(14);
    stage.act("officer-hlx", "accept", &json!({}))?;
    stage.at(20);
    stage.act("officer-hlx", "file", &json!({}))?;
    Ok(())
}

/// S2: one decision sends all; the nearest fire station does not answer.
fn dispatch(stage: &Stage<'_>) -> Result<()> {
    stage.at(27);
    stage.act("officer-hlx", "dispatch", &json!({ "plan": "P_GAS" }))?;
    stage.at(34);
    stage.of_order("grid-hl1", "HLX-GRID-001", "acknowledge", &json!({}))?;
    stage.at(41);
    stage.of_order("police-hlx", "HLX-POLST", "acknowledge", &json!({}))?;
    stage.at(55);
    stage.of_order("emb-sl", "SL-EMB", "acknowledge", &json!({}))?;
    stage.at(62);
    stage.of_order("hcb-sl", "SL-HCB", "acknowledge", &json!({}))?;
    stage.at(80);
    let told_at = stage.clock.now().plus_ms(-2_000).rfc3339();
    let body = json!({ "told_at": told_at, "whom": "燃气抢修值班电话，接话人复述了地址", "reason": "出车途中，来不及点签收" });
    stage.of_order("officer-hlx", "SL-GAS-1", "acknowledge-for", &body)?;
    Ok(())
}

/// Who works on the fire leg: the station that was added when the first did not answer, or the first after all.
fn fire(stage: &Stage<'_>, until: i64) -> Result<(&'static str, &'static str)> {
    for second in (84..until).step_by(3) {
        stage.at(second);
        if stage.order("SL-FIRE-YA")?.is_some() {
            return Ok(("fire-ya", "SL-FIRE-YA"));
        }
    }
    if stage.order("SL-FIRE-HLX")?.is_none() {
        bail!("no fire station has an order");
    }
    Ok(("fire-hlx", "SL-FIRE-HLX"))
}

fn on_the_spot(stage: &Stage<'_>) -> Result<()> {
    let (fireman, station) = fire(stage, 240)?;
    stage.of_order(fireman, station, "acknowledge", &json!({}))?;
    let near = json!({ "position": { "lon": 103.9714, "lat": 30.3216 } });
    stage.at(245);
    stage.of_order("grid-hl1", "HLX-GRID-001", "arrive", &near)?;
    stage.at(262);
    stage.of_order("gas-1", "SL-GAS-1", "arrive", &near)?;
    stage.at(275);
    stage.of_order(
        "police-hlx",
        "HLX-POLST",
        "arrive",
        &json!({ "position": { "lon": 103.9720, "lat": 30.3221 } }),
    )?;
    stage.at(298);
    stage.of_order(fireman, station, "arrive", &near)?;
    stage.at(327);
    stage.of_order(
        "gas-1",
        "SL-GAS-1",
        "feed-back",
        &json!({ "result": "上游阀门已关，两次复测浓度低于限值" }),
    )?;
    stage.at(420);
    stage.of_order(
        "grid-hl1",
        "HLX-GRID-001",
        "feed-back",
        &json!({ "result": "警戒区内 31 户全部通知" }),
    )?;
    stage.at(480);
    stage.of_order(
        "police-hlx",
        "HLX-POLST",
        "feed-back",
        &json!({ "result": "外围警戒解除，道路恢复" }),
    )?;
    stage.at(540);
    stage.of_order(
        fireman,
        station,
        "feed-back",
        &json!({ "result": "稀释驱散完毕，无人受伤" }),
    )?;
    Ok(())
}

/// Somebody else checks, the district closes.
fn finish(stage: &Stage<'_>) -> Result<()> {
    stage.at(700);
    stage.act(
        "verifier-hlx",
        "verify",
        &json!({ "passed": true, "note": "现场无气味，阀门井已封" }),
    )?;
    stage.at(760);
    stage.act("chief-sl", "close", &json!({}))?;
    Ok(())
}

fn text<'v>(value: &'v Value, at: &str) -> &'v str {
    value.pointer(at).and_then(Value::as_str).unwrap_or("")
}

fn print(stage: &Stage<'_>) -> Result<()> {
    let case = stage.case()?;
    let limits = &case["limits"];
    cli::say("");
    cli::say(&format!(
        "{}  {}",
        text(&case, "/number"),
        text(&case, "/title_zh")
    ));
    cli::say(&format!(
        "时限 limits: 受理 accept {}, 派遣 dispatch {}, 签收 acknowledge {}, 到场 arrive {}, 处置 handle {}, 核查 verify {}",
        text(limits, "/accept"),
        text(limits, "/dispatch"),
        text(limits, "/acknowledge"),
        text(limits, "/arrive"),
        text(limits, "/handle"),
        text(limits, "/verify"),
    ));
    let mut after = 0;
    loop {
        let page = stage.person("officer-hlx")?.get(&format!(
            "/api/v1/cases/{}/timeline?after={after}&limit=100",
            stage.case
        ))?;
        for entry in page["items"].as_array().context("no entries")? {
            cli::say(&line(entry));
        }
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}

/// One entry of the timeline: the time in China, who, what.
fn line(entry: &Value) -> String {
    let at = Timestamp::parse(text(entry, "/at"))
        .map(Timestamp::local_clock)
        .unwrap_or_default();
    let who = if entry["actor"]["automatic"] == true {
        "系统".to_owned()
    } else {
        format!(
            "{}·{}",
            text(entry, "/actor/unit/name"),
            text(entry, "/actor/role_zh")
        )
    };
    format!(
        "{at}  {who}  {}\n          {}",
        text(entry, "/text_zh"),
        text(entry, "/text_en")
    )
}

/// A start on data that is there already: says what is there.
pub(crate) fn take_up(base: &str) -> Result<()> {
    let officer = Account::sign_in(base, "officer-hlx", PASSWORD)?;
    let page = officer.get("/api/v1/cases?limit=100")?;
    let cases = page["items"].as_array().context("no list")?;
    cli::say(&format!(
        "接着用已有的数据：本镇 {n} 件案件 / data taken up again: {n} case(s) of the town",
        n = cases.len()
    ));
    for case in cases {
        cli::say(&format!(
            "  {}  {}  {}",
            text(case, "/number"),
            text(case, "/title_zh"),
            text(case, "/stage")
        ));
    }
    Ok(())
}
