//! The tables a deployment brings: classes with their limits, response plans, roles and acts, settings, the ladder.
//!
//! A [`RuleSet`] is read from CSV text as a whole and checked as a whole: one fault anywhere and nothing of it is taken. It
//! is versioned by the digest of its text; a case keeps, in its events, what was decided under the version of its day. A
//! rule set that was taken once stays readable: [`RuleSet::stored`] asks only for what its first version asked for.

mod class_details;
mod class_table;
mod classes;
mod files;
mod kinds;
pub mod ladder;
mod message;
mod plan_table;
mod plans;
mod refused;
pub mod settings;
pub mod table;

pub use classes::{
    CallBack, Class, Classes, FilingCondition, NeedsPhoto, Severity, SkipRule, SkipWhen,
    StageLimits, Subject, Urgency,
};
pub use kinds::{KindAct, KindEntry};
pub use ladder::{After, Ladder, Receiver, Rungs, YellowAt};
pub use plans::{Plan, PlanStep, PlanUnit, Plans, Proof};
pub use settings::{SettingLine, Settings};

use crate::access::RoleActs;
use crate::calendar::Calendar;
use crate::sealed::Digest;
use crate::suggest::{self, Suggester};
use files::{SPECS, Tables, built_in};
use plan_table::Known;
use table::{Fault, Faults};

/// The files a rule set is made of, in the order in which they are joined for its digest.
pub const FILES: [&str; SPECS.len()] = files::NAMES;

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
    /// Numbers of the procedure.
    pub settings: Settings,
    /// Who hears when a clock runs out.
    pub ladder: Ladder,
    /// Working time.
    pub calendar: Calendar,
    /// Suggests class and plan from the words of a report.
    pub suggester: Suggester,
}

impl RuleSet {
    /// Reads all [`FILES`] (name and text) as an import brings them. Every fault is listed, with file, line and column, in
    /// the order of the files and their lines.
    pub fn read(files: &[(String, String)], digest: Digest) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let tables = Tables::read(files, &mut faults);
        // Without a table or a column every row would be a fault of its own.
        if lacking(&faults.broken) || lacking(&faults.holes) {
            return Err(in_order(faults));
        }
        match Self::read_tables(&tables, digest, &mut faults) {
            Some(rules) if faults.broken.is_empty() && faults.holes.is_empty() => Ok(rules),
            _ => Err(in_order(faults)),
        }
    }

    /// Reads a rule set that was imported once, perhaps by an older version: files, columns and checks that came later are
    /// not asked of it. What it cannot say is taken from the built-in settings and ladder, or is simply not there.
    pub fn stored(files: &[(String, String)], digest: Digest) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let tables = Tables::read(files, &mut faults);
        if lacking(&faults.broken) {
            return Err(in_order(faults));
        }
        match Self::read_tables(&tables, digest, &mut faults) {
            Some(rules) if faults.broken.is_empty() => Ok(rules),
            _ => Err(in_order(faults)),
        }
    }

    fn read_tables(tables: &Tables, digest: Digest, faults: &mut Faults) -> Option<Self> {
        let of = |name| tables.of(name);
        let role_acts = RoleActs::read(
            of("roles.csv")?,
            of("acts.csv")?,
            of("role_acts.csv")?,
            of("role_separation.csv")?,
            &mut faults.broken,
        );
        let (kind_table, class_table) = (of("unit_kinds.csv")?, of("classes.csv")?);
        let (all_kinds, listed_kinds) =
            (kinds::read(kind_table, faults), kind_table.listed("code"));
        let listed = class_table.listed("code");
        let mut classes = Classes::read(class_table, (&all_kinds, &listed_kinds), faults);
        classes.read_severities(of("limits_by_severity.csv")?, &listed, &mut faults.holes);
        classes.read_conditions(of("filing_conditions.csv")?, &listed, &mut faults.holes);
        let plans = plan_table::read_plans(
            [
                of("plans.csv")?,
                of("plan_units.csv")?,
                of("plan_steps.csv")?,
            ],
            all_kinds,
            Known {
                classes: &classes,
                listed_classes: &listed,
                listed_kinds: &listed_kinds,
            },
            faults,
        );
        let settings = built_in("settings.csv", files::SETTINGS);
        let settings = Settings::read(of("settings.csv")?, &settings, faults)?;
        let ladder = built_in("ladder.csv", files::LADDER);
        let ladder = Ladder::read(of("ladder.csv")?, &ladder, (&classes, &listed), faults)?;
        let calendar = of("calendar.csv")?;
        let calendar = Calendar::read(calendar, &settings.work_hours, &mut faults.broken);
        // Words of a class that an older rule set does not have are holes: the others still find theirs. A class with a fault of
        // its own makes none here.
        let of_classes = |fault: &Fault| fault.file == "classes.csv";
        let sound = !faults.broken.iter().chain(&faults.holes).any(of_classes);
        let mut of_words = Vec::new();
        let suggester = Suggester::read(
            suggest::Tables {
                classes: of("classes.csv")?,
                class_words: of("class_words.csv")?,
                synonyms: of("synonyms.csv")?,
                out_words: of("out_words.csv")?,
                danger_words: of("danger_words.csv")?,
                severity_words: of("severity_words.csv")?,
                weights: of("suggestion.csv")?,
            },
            &mut of_words,
        );
        of_words.retain(|fault| sound || fault.code != "unknown_class");
        faults.holes.extend(of_words);
        Some(Self {
            digest,
            role_acts,
            classes,
            plans,
            settings,
            ladder,
            calendar,
            suggester,
        })
    }
}

fn lacking(faults: &[Fault]) -> bool {
    let lacks = |fault: &Fault| matches!(fault.code, "missing_column" | "missing_file");
    faults.iter().any(lacks)
}

/// All faults by file and line, those of a whole file last in it.
fn in_order(faults: Faults) -> Vec<Fault> {
    let Faults {
        broken: mut all,
        holes,
    } = faults;
    all.extend(holes);
    all.sort_by_cached_key(|fault| {
        let file = FILES.iter().position(|name| *name == fault.file);
        (file, fault.line == 0, fault.line)
    });
    all
}
