//! docs/rules.md: what the code and the tables say, printed. It is written by `JINGWEI_UPDATE_RULES=1` and has to be up to
//! date otherwise.

use std::fmt::Write as _;
use std::path::Path;

use jingwei_core::access::{Act, Role, Scope, Strength};
use jingwei_core::cases::{Stage, stages_of};
use jingwei_core::rules::{After, Receiver, Rungs, YellowAt};

use crate::support::rules;

#[test]
fn the_document_of_the_rules_is_what_the_code_and_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let printed = printed();
    if std::env::var_os("JINGWEI_UPDATE_RULES").is_some() {
        std::fs::write(&path, &printed).expect("docs/rules.md is written");
    }
    let text = std::fs::read_to_string(&path).expect("docs/rules.md is there");
    assert!(
        text == printed,
        "docs/rules.md is not what the code says: run the test with JINGWEI_UPDATE_RULES=1 and look at the difference"
    );
}

fn printed() -> String {
    let mut text = String::from(
        "# The rules as the code has them\n\n\
         Printed from the code and the tables in `data/rules` by a test; do not edit. What the regulation says, written by \
         hand, is in [rules.csv](rules.csv); another test compares the two.\n\n",
    );
    states(&mut text);
    roles(&mut text);
    separations(&mut text);
    ladder(&mut text);
    text
}

fn states(text: &mut String) {
    text.push_str("## States × acts\n\nAn `x`: the case takes the act there. `report` makes the case.\n\n| act | |");
    for stage in Stage::ALL {
        let _ = write!(text, " {stage} |");
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(Stage::ALL.len()));
    text.push('\n');
    for &act in Act::ALL {
        let _ = write!(text, "| {act} | {} |", act.zh());
        for stage in Stage::ALL {
            let taken = stages_of(act).contains(stage);
            text.push_str(if taken { " x |" } else { " |" });
        }
        text.push('\n');
    }
    text.push_str("\n| state | |\n|---|---|\n");
    for stage in Stage::ALL {
        let _ = writeln!(text, "| {stage} | {} |", stage.zh());
    }
}

fn roles(text: &mut String) {
    text.push_str(
        "\n## Roles × acts\n\n`area`: the cases in the area of the post, `order`: an order to one's own unit, `own`: one's own \
         report; then the levels at which the post counts.\n\n| role | | act | | scope | from | to |\n|---|---|---|---|---|---|---|\n",
    );
    let table = &rules().role_acts;
    for &role in Role::ALL {
        let name = table.role(role).map_or("", |entry| entry.name_zh.as_str());
        for &act in Act::ALL {
            let Some(rule) = table.rule(role, act) else {
                continue;
            };
            let scope = match rule.scope {
                Scope::Own => "own",
                Scope::Order => "order",
                Scope::Area => "area",
            };
            let (least, most) = (rule.level_min, rule.level_max);
            let zh = act.zh();
            let _ = writeln!(
                text,
                "| {role} | {name} | {act} | {zh} | {scope} | {least} | {most} |"
            );
        }
    }
}

fn separations(text: &mut String) {
    text.push_str(
        "\n## Kept apart\n\n`hard` never gives way. `default` gives way when nobody else in the path of the place could, and \
         the journal says so. Acts are kept apart on one case, roles in one person.\n\n| | one | the other | strength | why | |\n|---|---|---|---|---|---|\n",
    );
    let table = &rules().role_acts;
    let strength = |strength| match strength {
        Strength::Hard => "hard",
        Strength::Default => "default",
    };
    for pair in &table.acts_apart {
        let _ = writeln!(
            text,
            "| act | {} | {} | {} | {} | {} |",
            pair.a,
            pair.b,
            strength(pair.strength),
            pair.reason_zh,
            pair.reason_en
        );
    }
    for pair in &table.roles_apart {
        let _ = writeln!(
            text,
            "| role | {} | {} | {} | {} | {} |",
            pair.a,
            pair.b,
            strength(pair.strength),
            pair.reason_zh,
            pair.reason_en
        );
    }
}

fn ladder(text: &mut String) {
    text.push_str(
        "\n## Ladder\n\nRed is the limit itself. A share is of the limit, `+` is after red. Classes without rows of their own \
         have those of all.\n\n| class | clock | yellow | yellow card | red card | again | yellow to | red to | yellow card to | red card to |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (class, clock, rungs) in rules().ladder.iter() {
        let class = class.map_or("all", |class| class.as_str());
        let _ = writeln!(text, "| {class} | {clock} | {} |", rungs_of(rungs));
    }
}

fn rungs_of(rungs: &Rungs) -> String {
    let yellow = match rungs.yellow {
        YellowAt::Share(percent) => format!("{percent}%"),
        YellowAt::Limit(limit) => limit.to_string(),
    };
    let after = |after| match after {
        After::Share(percent) => format!("{percent}%"),
        After::Limit(limit) => format!("+{limit}"),
    };
    let to = |receivers: &[Receiver]| {
        let words: Vec<&str> = receivers.iter().map(|word| word.as_str()).collect();
        words.join(", ")
    };
    [
        yellow,
        after(rungs.yellow_card),
        after(rungs.red_card),
        rungs.again.to_string(),
        to(&rungs.yellow_to),
        to(&rungs.red_to),
        to(&rungs.yellow_card_to),
        to(&rungs.red_card_to),
    ]
    .join(" | ")
}
