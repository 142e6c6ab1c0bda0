//! docs/rules.md, made from the code and the shipped tables: what a case and an order take, who may do it, what is kept apart,
//! who hears when. `JINGWEI_UPDATE_RULES=1` writes it anew; otherwise it is compared.
//!
//! It is not docs/rules.csv, which is written by hand from the regulation and compared with the code by rules_by_hand.rs.

use std::fmt::Write as _;
use std::path::Path;

use jingwei_core::access::{Act, Role, Scope, Strength};
use jingwei_core::cases::{Stage, order_takes, stages_of};
use jingwei_core::code::Level;

use crate::rules_staging::{Scene, Staffing};
use crate::support::{SHIPPED, rules};

/// How far the lead's order is, in the words of docs/rules.csv, and who is looked at instead of the lead.
const ORDERS: [&str; 12] = [
    "sent",
    "acknowledged",
    "arrived",
    "fed_back",
    "nested",
    "objected",
    "turned_down",
    "designated",
    "extension_asked",
    "suspend_asked",
    "assist",
    "told",
];

/// The acts that are about one order.
const OF_ORDER: [Act; 13] = [
    Act::Acknowledge,
    Act::AcknowledgeFor,
    Act::Arrive,
    Act::Handle,
    Act::FeedBack,
    Act::ObjectOrder,
    Act::DecideObjection,
    Act::RequestExtension,
    Act::DecideExtension,
    Act::RequestSuspend,
    Act::WithdrawOrder,
    Act::Redispatch,
    Act::Designate,
];

fn mark(taken: bool) -> &'static str {
    if taken { "×" } else { "" }
}

/// A table of Markdown.
fn table<'a>(
    text: &mut String,
    head: impl IntoIterator<Item = String>,
    rows: impl IntoIterator<Item = Vec<String>> + 'a,
) {
    let head: Vec<String> = head.into_iter().collect();
    let _ = writeln!(text, "| {} |", head.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', ", ")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn named(act: Act) -> String {
    format!("{act} {}", act.zh())
}

fn stages(text: &mut String) {
    text.push_str("## Stages × acts\n\n× the case takes the act in this stage. `report` makes the case: there is none before it.\n\n");
    let head = ["act".to_owned()].into_iter();
    table(
        text,
        head.chain(Stage::ALL.iter().map(|s| format!("{s} {}", s.zh()))),
        Act::ALL.iter().map(|&act| {
            let marks = Stage::ALL.iter().map(|s| mark(stages_of(act).contains(s)));
            [named(act)]
                .into_iter()
                .chain(marks.map(str::to_owned))
                .collect()
        }),
    );
}

fn orders(text: &mut String) {
    text.push_str(
        "## Stages of an order × acts\n\n\
        × the order takes the act, in a case that is dispatched. The order is the lead's, how far it is stands above; `assist` and\n\
        `told` (cc) are orders that were sent beside it. What is not about one order is not here.\n\n",
    );
    let full = Staffing::parse("full").expect("a word");
    let scenes: Vec<Scene> = ORDERS
        .iter()
        .map(|how| Scene::bring(&format!("dispatched/{how}"), &full))
        .collect();
    table(
        text,
        ["act".to_owned()]
            .into_iter()
            .chain(ORDERS.map(str::to_owned)),
        OF_ORDER.iter().map(|&act| {
            let marks = scenes.iter().map(|scene| {
                let case = scene.story.case();
                let order = case.order(scene.target()).expect("an order");
                mark(order_takes(case, order, act)).to_owned()
            });
            [named(act)].into_iter().chain(marks).collect()
        }),
    );
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Grid => "grid",
        Level::Community => "community",
        Level::Town => "town",
        Level::County => "county",
        Level::City => "city",
        Level::Province => "province",
    }
}

fn roles(text: &mut String) {
    text.push_str(
        "## Roles × acts\n\n\
        Scope (`own` report, `order` to one's own unit, `area` of the role) and the levels at which the post stands. An empty cell\n\
        is not allowed. A role without a line (administrator, auditor) acts on no case.\n\n",
    );
    for role in Role::ALL {
        let entry = rules().role_acts.role(*role).expect("a role of the table");
        let allowed: Vec<Vec<String>> = Act::ALL
            .iter()
            .filter_map(|&act| {
                let rule = rules().role_acts.rule(*role, act)?;
                let scope = match rule.scope {
                    Scope::Own => "own",
                    Scope::Order => "order",
                    Scope::Area => "area",
                };
                let levels = format!("{}–{}", level(rule.level_min), level(rule.level_max));
                Some(vec![named(act), scope.to_owned(), levels])
            })
            .collect();
        let _ = writeln!(text, "### {role} {}\n", entry.name_zh);
        if allowed.is_empty() {
            text.push_str("No act on a case.\n\n");
            continue;
        }
        table(text, ["act", "scope", "levels"].map(str::to_owned), allowed);
    }
}

fn separations(text: &mut String) {
    text.push_str(
        "## Kept apart\n\n\
        One person does not do both on one case, nor hold both roles. `hard` holds always; `default` gives way where nobody else in\n\
        the path of the place could, and the journal says so.\n\n",
    );
    let strength = |strength: Strength| match strength {
        Strength::Hard => "hard",
        Strength::Default => "default",
    };
    let acts = rules().role_acts.acts_apart.iter().map(|pair| {
        vec![
            named(pair.a),
            named(pair.b),
            strength(pair.strength).to_owned(),
            pair.reason_en.clone(),
        ]
    });
    let roles = rules().role_acts.roles_apart.iter().map(|pair| {
        vec![
            pair.a.to_string(),
            pair.b.to_string(),
            strength(pair.strength).to_owned(),
            pair.reason_en.clone(),
        ]
    });
    let all: Vec<Vec<String>> = acts.chain(roles).collect();
    table(
        text,
        ["one", "the other", "strength", "why"].map(str::to_owned),
        all,
    );
}

/// The rows of a shipped file that `keep`s them, as they stand.
fn shipped(text: &mut String, name: &str, keep: impl Fn(&[&str]) -> bool) {
    let (_, file) = SHIPPED
        .iter()
        .find(|(file, _)| *file == name)
        .expect("a shipped file");
    let mut lines = file.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let owned = |fields: Vec<&str>| fields.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let head = owned(lines.next().expect("a header"));
    table(text, head, lines.filter(|row| keep(row)).map(owned));
}

fn document() -> String {
    let mut text = "# Rules, as the program carries them out\n\n\
        Made from the code and the shipped tables by a test of `crates/core` (`JINGWEI_UPDATE_RULES=1 cargo nextest run -p jingwei-core\n\
        rules_document`); do not edit it. What the regulation asks for stands, by hand, in [rules.csv](rules.csv).\n\n"
        .to_owned();
    stages(&mut text);
    orders(&mut text);
    roles(&mut text);
    separations(&mut text);
    text.push_str(
        "## Ladder\n\nFor all classes; a row of a class goes before (`data/rules/ladder.csv`).\n\n",
    );
    shipped(&mut text, "ladder.csv", |row| row.first() == Some(&""));
    text.push_str("## Settings\n\n");
    let settings = rules().settings.lines.iter().map(|line| {
        vec![
            line.name.clone(),
            line.value.clone(),
            line.text_zh.clone(),
            line.text_en.clone(),
        ]
    });
    let head = ["name", "value", "中文", "English"].map(str::to_owned);
    table(&mut text, head, settings.collect::<Vec<_>>());
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[test]
fn the_document_of_rules_in_docs_is_what_the_code_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let document = document();
    if std::env::var_os("JINGWEI_UPDATE_RULES").is_some() {
        std::fs::write(&path, &document).expect("docs can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("docs/rules.md is there");
    assert!(
        kept == document,
        "docs/rules.md is not what the code does: run the test with JINGWEI_UPDATE_RULES=1 and look at the difference"
    );
}
