//! RU-d: the real binary with `--clock-rate 600` and a table of limits in minutes plays the whole ladder from a Friday afternoon
//! over the weekend to Monday morning, with a kill in between; each rung of each clock has its effect exactly once.
//!
//! The story begins on the last Friday whose Monday has passed, so that the played clock never meets the wall before the end.
//! 66 hours at 600 times the wall's speed are less than seven minutes; both engines run beside each other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jingwei_core::time::{Day, Timestamp};
use jingwei_engine::clock::{Clock as _, SystemClock};
use jingwei_engine::random::{OsRandom, uuid_v7};
use jingwei_testkit::{COMMUNITY, Database, Engine, ManualClock, rules};
use serde_json::{Value, json};

use crate::http::{Line, request};
use crate::prepare::{Tokens, prepare_with, sign_in};
use crate::random::Dice;
use crate::server::{Program, program};

/// How many times faster than the wall.
const RATE: i64 = 600;
const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * HOUR;

/// The last Friday, 16:30 in China, of which the Monday after is over by noon.
fn friday_afternoon() -> Timestamp {
    let now = SystemClock.now();
    let mut day = now.local_day();
    loop {
        let friday = Timestamp::local_midnight(day).plus_ms(16 * HOUR + 30 * MINUTE);
        if day.weekday() == 4 && friday.0 + 3 * DAY < now.0 {
            return friday;
        }
        day = day.prev();
    }
}

/// A table of limits in minutes, a ladder in minutes, and a calendar in which this weekend is one.
fn minutes(friday: Day) -> Vec<(String, String)> {
    let mut files = rules();
    for (name, text) in &mut files {
        match name.as_str() {
            // To accept, dispatch, acknowledge, arrive in an hour; to handle in two working hours; to check in two hours.
            "classes.csv" => {
                let from = "SANIT,PM|GRID,UMB,30min,30min,1wh,2wh,4wh,4wh";
                assert!(text.contains(from), "the row of CG02");
                *text = text.replace(from, "SANIT,PM|GRID,UMB,60min,60min,60min,60min,2wh,120min");
            }
            "ladder.csv" => {
                let header = text.lines().next().expect("a header").to_owned();
                let clocks = [
                    "accept",
                    "acknowledge",
                    "arrive",
                    "call_back",
                    "confirm",
                    "decide",
                    "dispatch",
                    "finish",
                    "handle",
                    "resume",
                    "supply",
                    "verify",
                ];
                let rows = clocks.map(|clock| {
                    format!(",{clock},50%,+60min,+120min,24h,handler|officer,leader|officer,chief|leader,inspector|level_above\n")
                });
                *text = format!("{header}\n{}", rows.concat());
            }
            // Of this weekend no day is a make-up day, and neither Friday nor Monday is a holiday.
            "calendar.csv" => {
                let (saturday, sunday) = (friday.next(), friday.next().next());
                let days = [friday, saturday, sunday, sunday.next()];
                let lines = text
                    .lines()
                    .filter(|line| !days.iter().any(|day| line.starts_with(&day.to_string())));
                *text = lines.map(|line| format!("{line}\n")).collect();
                let year = friday.year();
                if !text.contains(&format!("\n{year}-")) {
                    text.push_str(&format!("{year}-12-31,holiday,A day of the test\n"));
                }
            }
            _ => {}
        }
    }
    files
}

/// `serve` with a clock that shows `at` now and plays on at the rate.
fn playing_from(at: Timestamp) -> Vec<String> {
    let behind = SystemClock.now().0 - at.0;
    let span = behind * RATE / (RATE - 1) / MINUTE;
    [
        "--clock-rate",
        &RATE.to_string(),
        "--clock-span",
        &span.to_string(),
    ]
    .map(ToOwned::to_owned)
    .to_vec()
}

struct Told<'p> {
    program: &'p Program,
    tokens: Tokens,
}

impl Told<'_> {
    fn call(&self, method: &str, path: &str, body: &str) -> Value {
        let bytes = request(method, path, Some(&self.tokens.officer), None, body);
        let answer = Line::new(self.program.address)
            .send(&bytes, || {})
            .expect("an answer");
        assert!(
            (200..300).contains(&answer.status),
            "{method} {path}: {} {}\n{}",
            answer.status,
            answer.json(),
            self.program.log_tail()
        );
        answer.json()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.call("POST", path, &body.to_string())
    }

    fn now(&self) -> Timestamp {
        let clock = self.call("GET", "/api/v1/clock", "");
        Timestamp::parse(clock["now"].as_str().expect("a time")).expect("an instant")
    }

    /// Waits, by the story's clock.
    fn until(&self, at: Timestamp) {
        loop {
            let left = at.0 - self.now().0;
            if left <= 0 {
                return;
            }
            let wall = u64::try_from(left / RATE + 20).expect("ahead");
            std::thread::sleep(Duration::from_millis(wall.min(2_000)));
        }
    }

    fn report(&self) -> String {
        let id = uuid_v7(&OsRandom, SystemClock.now()).to_string();
        let body = json!({
            "id": id, "source": "desk", "class": "CG02", "urgency": "medium", "division": COMMUNITY,
            "description": "路口垃圾成堆",
        });
        self.post("/api/v1/cases", &body);
        id
    }

    /// What the system did to a case: (what, which clock, of which unit) and when, in order.
    fn effects(&self, case: &str) -> Vec<(String, Timestamp)> {
        let page = self.call(
            "GET",
            &format!("/api/v1/cases/{case}/timeline?limit=500"),
            "",
        );
        let entries = page["items"].as_array().expect("entries").clone();
        entries
            .iter()
            .filter(|entry| entry["actor"]["automatic"] == true)
            .map(|entry| {
                let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                let told = text("text_en");
                // `Unit accept: due soon; told: …` without whom it was told.
                let what = told.split("; told:").next().unwrap_or_default().to_owned();
                let at = Timestamp::parse(&text("at")).expect("an instant");
                (format!("{} {what}", text("kind")), at)
            })
            .collect()
    }
}

fn weekend(engine: Engine) {
    let friday = friday_afternoon();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = Database::create(engine, folder.path());
    let clock = Arc::new(ManualClock::at(&friday.plus_ms(-2 * HOUR).rfc3339()));
    prepare_with(
        folder.path(),
        &database.url(),
        minutes(friday.local_day()),
        clock,
    );
    let stream = match engine {
        Engine::Sqlite => 1,
        Engine::Postgres => 2,
    };
    let mut dice = Dice::new(u64::from(std::process::id()), stream);
    let program = Program::new(program(), folder.path(), database.address(), &mut dice);
    play(&program, friday);
}

fn play(program: &Program, friday: Timestamp) {
    let first = program.clone().serving(&playing_from(friday));
    let mut server = first.start();
    let story = Told {
        program: &first,
        tokens: sign_in(&first),
    };
    // One case that nobody takes, and one that goes to a unit that does not answer.
    let (alone, sent) = (story.report(), story.report());
    let act = |act: &str, body: &Value| story.post(&format!("/api/v1/cases/{sent}/{act}"), body);
    act("accept", &json!({}));
    act("file", &json!({}));
    let units = story.call("GET", "/api/v1/units?limit=500", "");
    let unit = units["items"]
        .as_array()
        .expect("units")
        .iter()
        .find(|unit| unit["code"] == "HLX-GRID-205")
        .expect("the post")["id"]
        .clone();
    act(
        "dispatch",
        &json!({ "orders": [{ "unit": unit, "part": "lead" }] }),
    );
    let dispatched = story.now();
    assert!(
        dispatched.0 - friday.0 < 80 * MINUTE,
        "the story began at once: {}",
        dispatched.rfc3339()
    );
    let reported = story.call("GET", &format!("/api/v1/cases/{alone}"), "");
    let reported =
        Timestamp::parse(reported["reported_at"].as_str().expect("a time")).expect("an instant");
    // Three centres of three hours each, and a day: then the top is reminded again. The power fails five minutes before that and
    // comes back ten minutes after.
    let again = reported.plus_ms(9 * HOUR + DAY);
    story.until(again.plus_ms(-5 * MINUTE));
    server.kill();
    let second = program
        .clone()
        .serving(&playing_from(again.plus_ms(10 * MINUTE)));
    let running = second.start();
    let story = Told {
        program: &second,
        tokens: story.tokens,
    };
    let monday = Timestamp::local_midnight(friday.local_day().next().next().next());
    story.until(monday.plus_ms(10 * HOUR + 15 * MINUTE));

    let effects = story.effects(&alone);
    let passed: Vec<Timestamp> = effects
        .iter()
        .filter(|(what, _)| what.starts_with("passed-up"))
        .map(|(_, at)| *at)
        .collect();
    assert_eq!(
        passed.len(),
        2,
        "from the town to the county, to the city: {effects:?}"
    );
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for (what, _) in &effects {
        *counted.entry(what).or_default() += 1;
    }
    // Three centres one after the other: each rung of each of their clocks once.
    for (what, times) in [
        ("escalated accept: due soon", 3),
        ("overdue the limit to accept has passed", 3),
        ("escalated accept: yellow card", 3),
        ("escalated accept: red card", 3),
    ] {
        assert_eq!(counted.get(what), Some(&times), "{what}: {counted:?}");
    }
    // At the top nobody is above: it is repeated once a day.
    let again: Vec<Timestamp> = effects
        .iter()
        .filter(|(what, _)| what.contains("reminded again"))
        .map(|(_, at)| *at)
        .collect();
    assert_eq!(again.len(), 2, "Saturday night, Sunday night: {effects:?}");
    assert_in_order(&effects, friday);

    // The order: acknowledged by nobody. Yellow, red, cards, each once; the handle clock stood over the weekend.
    let effects = story.effects(&sent);
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for (what, _) in &effects {
        *counted.entry(what).or_default() += 1;
    }
    let named = |rung: &str| -> usize {
        counted
            .iter()
            .filter(|(what, _)| what.contains("acknowledge") && what.contains(rung))
            .map(|(_, times)| *times)
            .max()
            .unwrap_or(0)
    };
    for rung in ["due soon", "has passed", "yellow card", "red card"] {
        assert_eq!(named(rung), 1, "{rung}: {counted:?}");
    }
    let handle: Vec<&(String, Timestamp)> = effects
        .iter()
        .filter(|(what, _)| what.contains(" handle"))
        .collect();
    let at = |word: &str| -> Timestamp {
        let found: Vec<_> = handle
            .iter()
            .filter(|(what, _)| what.contains(word))
            .collect();
        assert_eq!(found.len(), 1, "{word}, once: {handle:?}");
        found[0].1
    };
    // What was left of Friday until 18:00 counts, the weekend does not, and Monday begins at 08:30.
    let (yellow, red) = (at("due soon"), at("has passed"));
    let friday_part = Timestamp::local_midnight(friday.local_day()).0 + 18 * HOUR - dispatched.0;
    let morning = monday.0 + 8 * HOUR + 30 * MINUTE;
    let after = |worked: i64| {
        if worked <= friday_part {
            dispatched.0 + worked
        } else {
            morning + worked - friday_part
        }
    };
    for (rung, found, worked) in [("yellow", yellow, HOUR), ("red", red, 2 * HOUR)] {
        let due = Timestamp(after(worked));
        assert!(
            (-MINUTE..20 * MINUTE).contains(&(found.0 - due.0)),
            "{rung} after {worked} ms of working time: due {}, found {}",
            due.rfc3339(),
            found.rfc3339()
        );
    }
    assert!(red.0 > morning, "not in the weekend: {}", red.rfc3339());
    drop(running);
    second.check().unwrap_or_else(|faults| panic!("{faults}"));
}

/// Rungs come in the order of time, none before its time.
fn assert_in_order(effects: &[(String, Timestamp)], friday: Timestamp) {
    assert!(effects.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    assert!(effects.iter().all(|(_, at)| *at >= friday));
}

#[test]
fn the_whole_ladder_over_a_weekend_sqlite() {
    weekend(Engine::Sqlite);
}

#[test]
fn the_whole_ladder_over_a_weekend_postgres() {
    weekend(Engine::Postgres);
}
