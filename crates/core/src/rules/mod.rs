//! The tables a deployment brings: classes with their limits, response plans, roles and acts.
//!
//! A [`RuleSet`] is read from CSV text as a whole and checked as a whole: one fault anywhere and nothing of it is taken. It
//! is versioned by the digest of its text; a case keeps, in its events, what was decided under the version of its day.

mod classes;
mod plans;
pub mod table;

pub use classes::{Class, Classes, Severity, StageLimits, Urgency};
pub use plans::{KindEntry, Plan, PlanUnit, Plans};

use crate::access::{Act, RoleActs, Strength};
use crate::sealed::Digest;
use crate::suggest::{self, Suggester};
use table::{Fault, Table};

/// The columns of each file of [`FILES`] that the rules read. Others may stand beside them.
const COLUMNS: [&[&str]; 14] = [
    &["code", "name_zh", "name_en", "level_min", "level_max"],
    &["code"],
    &["role", "act", "allow", "scope", "level_min", "level_max"],
    &["kind", "a", "b", "strength", "reason_zh", "reason_en"],
    &["code", "name_zh", "name_en", "level"],
    &[
        "code",
        "parent",
        "name_zh",
        "name_en",
        "default_severity",
        "default_urgency",
        "responsible_unit_kind",
        "accept_limit",
        "dispatch_limit",
        "acknowledge_limit",
        "arrive_limit",
        "handle_limit",
        "verify_limit",
        "lowest_close_level",
    ],
    &[
        "code",
        "name_zh",
        "name_en",
        "trigger_types",
        "min_severity",
    ],
    &[
        "plan",
        "no",
        "unit_kind",
        "role",
        "acknowledge_limit",
        "fallback_kind",
        "task_zh",
        "task_en",
    ],
    suggest::Tables::COLUMNS[0].1,
    suggest::Tables::COLUMNS[1].1,
    suggest::Tables::COLUMNS[2].1,
    suggest::Tables::COLUMNS[3].1,
    suggest::Tables::COLUMNS[4].1,
    suggest::Tables::COLUMNS[5].1,
];

/// The files a rule set is made of, in the order in which they are joined for its digest.
pub const FILES: [&str; 14] = [
    "roles.csv",
    "acts.csv",
    "role_acts.csv",
    "role_separation.csv",
    "unit_kinds.csv",
    "classes.csv",
    "plans.csv",
    "plan_units.csv",
    suggest::Tables::COLUMNS[0].0,
    suggest::Tables::COLUMNS[1].0,
    suggest::Tables::COLUMNS[2].0,
    suggest::Tables::COLUMNS[3].0,
    suggest::Tables::COLUMNS[4].0,
    suggest::Tables::COLUMNS[5].0,
];

/// The rules in force.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// Digest of the text this was read from.
    pub digest: Digest,
    /// Roles and acts.
    pub role_acts: RoleActs,
    /// Classes and limits.
    pub classes: Classes,
    /// Plans and kinds of unit.
    pub plans: Plans,
    /// Suggests class and plan from the words of a report.
    pub suggester: Suggester,
}

impl RuleSet {
    /// Reads all [`FILES`] (name and text). Every fault is listed, with file, line and column.
    pub fn read(files: &[(String, String)], digest: Digest) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut tables = Vec::new();
        for (name, columns) in FILES.into_iter().zip(COLUMNS) {
            match files.iter().find(|(file, _)| file == name) {
                Some((_, text)) => {
                    let table = Table::read(name, text, &mut faults);
                    table.needs(columns, &mut faults);
                    tables.push(table);
                }
                None => faults.push(Fault {
                    file: name.to_owned(),
                    line: 0,
                    column: String::new(),
                    code: "missing_file",
                    zh: format!("缺少文件 {name}"),
                    en: format!("the file {name} is missing"),
                }),
            }
        }
        let Ok(
            [
                roles,
                acts,
                role_acts,
                apart,
                kinds,
                classes,
                plans,
                plan_units,
                class_words,
                synonyms,
                out_words,
                danger_words,
                severity_words,
                weights,
            ],
        ) = <[Table; 14]>::try_from(tables)
        else {
            return Err(faults);
        };
        // Without its columns every row of a table would be a fault of its own.
        if faults.iter().any(|fault| fault.code == "missing_column") {
            return Err(faults);
        }
        let role_acts = RoleActs::read(&roles, &acts, &role_acts, &apart, &mut faults);
        let classes_read = Classes::read(&classes, &kinds, &mut faults);
        let plans = Plans::read(&plans, &plan_units, &kinds, &classes_read, &mut faults);
        let suggester = Suggester::read(
            suggest::Tables {
                classes: &classes,
                class_words: &class_words,
                synonyms: &synonyms,
                out_words: &out_words,
                danger_words: &danger_words,
                severity_words: &severity_words,
                weights: &weights,
            },
            &mut faults,
        );
        if faults.is_empty() {
            Ok(Self {
                digest,
                role_acts,
                classes: classes_read,
                plans,
                suggester,
            })
        } else {
            Err(faults)
        }
    }

    /// Why one person may not do both `did` and `act` on one case, Chinese and English; none when they may.
    ///
    /// `joined`: accept, file and dispatch may come together in one person here.
    pub fn apart(&self, did: Act, act: Act, joined: bool) -> Option<(&str, &str)> {
        self.role_acts
            .acts_apart
            .iter()
            .find(|pair| (pair.a, pair.b) == (did, act) || (pair.b, pair.a) == (did, act))
            .filter(|pair| {
                let one_decision = pair.strength == Strength::Default
                    && pair.b == Act::Dispatch
                    && matches!(pair.a, Act::Accept | Act::File);
                !(joined && one_decision)
            })
            .map(|pair| (pair.reason_zh.as_str(), pair.reason_en.as_str()))
    }
}
