//! `jingwei whatif`: what would have been late, escalated or sent elsewhere under other rules. Only reads.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use jingwei_core::rules::FILES;
use jingwei_core::time::{Day, Timestamp};
use jingwei_engine::clock::{Clock as _, SystemClock};
use jingwei_engine::whatif::{CaseChange, WhatIf, whatif};
use jingwei_store::DatabaseUrl;

use crate::cli::{self, WhatifOptions};
use crate::data::{self, Named};
use crate::open;

/// Cases that are told one by one on the terminal; `--json` has them all.
const TOLD: usize = 20;

/// Replays and tells.
pub(crate) fn run(options: &WhatifOptions) -> Result<ExitCode> {
    let store = &options.store;
    let database = open::database(&store.data, store.database.as_deref())?;
    if let DatabaseUrl::Sqlite(file) = &database
        && !file.exists()
    {
        bail!(
            "{} 不存在 / there is no database there: check --data and --database",
            file.display()
        );
    }
    let from = match &options.from {
        Some(text) => day(text)?.0,
        None => Timestamp(0),
    };
    let to = match &options.to {
        Some(text) => day(text)?.1,
        None => SystemClock.now(),
    };
    if from > to {
        bail!("--from 晚于 --to / --from is later than --to");
    }
    let files = other_rules(&options.with)?;
    let found = whatif(&store.data, &database, &files, (from, to), |cases| {
        cli::progress("whatif", cases);
    })
    .map_err(|error| open::explain(&error))?;
    if options.json {
        cli::say(&serde_json::to_string_pretty(&found)?);
    } else {
        tell(&found);
    }
    Ok(ExitCode::SUCCESS)
}

/// The first and the last instant of a day in China's time.
fn day(text: &str) -> Result<(Timestamp, Timestamp)> {
    let day = Day::parse(text).with_context(|| {
        format!("“{text}”不是日期，应如 2026-10-01 / is no day such as 2026-10-01")
    })?;
    let first = Timestamp::local_midnight(day);
    let next = Timestamp::local_midnight(day.next());
    Ok((first, next.plus_ms(-1)))
}

/// The tables of the folder, the built-in ones for those that are not in it: who changes a limit need not copy all.
fn other_rules(folder: &Path) -> Result<Vec<Named>> {
    if !folder.is_dir() {
        bail!(
            "{} 不是文件夹 / is not a folder of rule tables",
            folder.display()
        );
    }
    let there: Vec<&str> = FILES
        .into_iter()
        .filter(|name| folder.join(name).is_file())
        .collect();
    if there.is_empty() {
        bail!(
            "{} 里没有规则表（{} 等）/ holds none of the rule tables",
            folder.display(),
            FILES[5]
        );
    }
    data::rules(None)?
        .into_iter()
        .map(|(name, text)| {
            if there.contains(&name.as_str()) {
                data::read(&folder.join(&name))
            } else {
                Ok((name, text))
            }
        })
        .collect()
}

fn tell(found: &WhatIf) {
    cli::say(&format!(
        "{} 件案件，其中 {} 件会不同 / {} cases, {} of them would have been otherwise",
        found.cases, found.otherwise, found.cases, found.otherwise
    ));
    cli::say("类别 class  时限 clock       件 clocks  逾期 late  → 新 new   亮牌 cards → 新 new");
    for (class, kinds) in &found.sums {
        for (kind, sum) in kinds {
            cli::say(&format!(
                "{:<11} {:<14} {:>9} {:>10} {:>8} {:>10} {:>8}",
                if class.is_empty() { "—" } else { class },
                kind,
                sum.clocks,
                sum.late,
                sum.late_new,
                sum.cards,
                sum.cards_new
            ));
        }
    }
    cli::say(&format!(
        "会多叫 {} 个单位，少叫 {} 个；{} 次派遣会派给别的单位 / {} further units would have been called, {} fewer; {} dispatches would have gone elsewhere",
        found.called,
        found.not_called,
        found.elsewhere,
        found.called,
        found.not_called,
        found.elsewhere
    ));
    for change in found.changes.iter().take(TOLD) {
        tell_case(change);
    }
    if found.changes.len() > TOLD {
        cli::say(&format!(
            "……另有 {} 件，用 --json 看全部 / and {} more: --json has them all",
            found.changes.len() - TOLD,
            found.changes.len() - TOLD
        ));
    }
}

fn tell_case(change: &CaseChange) {
    cli::say(&format!(
        "{} {} {}",
        change.case,
        change.class.as_deref().unwrap_or("—"),
        change.reported_at
    ));
    if change.unknown_class {
        cli::say("  新规则里没有这个类别 / the other rules have no such class");
    }
    for clock in &change.clocks {
        let rung = |rung: &Option<String>| rung.clone().unwrap_or_else(|| "—".to_owned());
        cli::say(&format!(
            "  {} {}: {} → {}，{} → {}",
            clock.clock,
            clock.unit.as_deref().unwrap_or(""),
            clock.limit,
            clock.limit_new,
            rung(&clock.rung),
            rung(&clock.rung_new)
        ));
        match (&clock.called, &clock.not_called) {
            (Some(unit), _) if unit.is_empty() => {
                cli::say("    没有别的单位可叫 / nobody would have been left to call");
            }
            (Some(unit), _) => cli::say(&format!("    会加派 would have been called: {unit}")),
            (_, Some(unit)) => {
                cli::say(&format!("    不会加派 would not have been called: {unit}"));
            }
            _ => {}
        }
    }
    for sent in &change.elsewhere {
        cli::say(&format!(
            "  派遣 dispatch {}: 不再派 no more {}；改派 instead {}",
            sent.at,
            sent.only_then.join("、"),
            sent.only_new.join("、")
        ));
    }
}
