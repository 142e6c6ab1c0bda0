//! The files of a rule set: their columns, and what stands for one that an older rule set does not have.

use super::table::{Fault, Faults, Table};
use crate::suggest;

/// One file.
pub(super) struct FileSpec {
    pub(super) name: &'static str,
    /// Columns of the first version; without them nothing can be read.
    columns: &'static [&'static str],
    /// Columns asked for since; a rule set from before them is read without.
    since: &'static [&'static str],
    /// Text that stands for the file in a rule set from before it; none for a file that was always there.
    stands_for: Option<&'static str>,
}

/// What the rules of a deployment are when it has not said anything: the shipped tables. They stand in the binary because a
/// rule set that was stored by an older version has no such file, and its cases go on under some value.
pub(super) const SETTINGS: &str = include_str!("../../../../data/rules/settings.csv");
pub(super) const LADDER: &str = include_str!("../../../../data/rules/ladder.csv");
const CALENDAR: &str = include_str!("../../../../data/rules/calendar.csv");

/// In the order in which the files are joined for the digest of a rule set. The order of the first eight is fixed: stored
/// rule sets have their digest from it. A new file may stand anywhere between them.
pub(super) const SPECS: &[FileSpec] = &[
    FileSpec {
        name: "roles.csv",
        columns: &["code", "name_zh", "name_en", "level_min", "level_max"],
        since: &[],
        stands_for: None,
    },
    FileSpec {
        name: "acts.csv",
        columns: &["code"],
        since: &[],
        stands_for: None,
    },
    FileSpec {
        name: "role_acts.csv",
        columns: &["role", "act", "allow", "scope", "level_min", "level_max"],
        since: &[],
        stands_for: None,
    },
    FileSpec {
        name: "role_separation.csv",
        columns: &["kind", "a", "b", "strength", "reason_zh", "reason_en"],
        since: &[],
        stands_for: None,
    },
    FileSpec {
        name: "unit_kinds.csv",
        columns: &["code", "name_zh", "name_en", "level"],
        since: &["acts", "emergency"],
        stands_for: None,
    },
    FileSpec {
        name: "classes.csv",
        columns: &[
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
        since: &[
            "subject",
            "description_zh",
            "assist_unit_kinds",
            "cc_unit_kinds",
            "needs_photo",
            "needs_position",
            "call_back",
            "skip_level",
            "public_map",
            "map_gbt30428",
            "map_dispute17",
            "open311_group",
            "keywords_zh",
        ],
        stands_for: None,
    },
    FileSpec {
        name: "limits_by_severity.csv",
        columns: &[
            "class",
            "severity",
            "accept_limit",
            "dispatch_limit",
            "acknowledge_limit",
            "arrive_limit",
            "handle_limit",
            "verify_limit",
        ],
        since: &[],
        // Nothing: the shipped rows name types that an older rule set need not have.
        stands_for: Some(
            "class,severity,accept_limit,dispatch_limit,acknowledge_limit,arrive_limit,handle_limit,verify_limit\n",
        ),
    },
    FileSpec {
        name: "filing_conditions.csv",
        columns: &[
            "code",
            "class",
            "filing_zh",
            "filing_en",
            "handle_limit",
            "closing_zh",
            "closing_en",
        ],
        since: &[],
        stands_for: Some("code,class,filing_zh,filing_en,handle_limit,closing_zh,closing_en\n"),
    },
    FileSpec {
        name: "plans.csv",
        columns: &[
            "code",
            "name_zh",
            "name_en",
            "trigger_types",
            "min_severity",
        ],
        since: &[
            "commander_kind",
            "warn_radius_m",
            "needs_consent",
            "message_zh",
            "message_en",
        ],
        stands_for: None,
    },
    FileSpec {
        name: "plan_units.csv",
        columns: &[
            "plan",
            "no",
            "unit_kind",
            "role",
            "acknowledge_limit",
            "fallback_kind",
            "task_zh",
            "task_en",
        ],
        since: &[],
        stands_for: None,
    },
    FileSpec {
        name: "plan_steps.csv",
        columns: &[
            "plan",
            "no",
            "actor_kind",
            "target",
            "mandatory",
            "proof",
            "step_zh",
            "step_en",
        ],
        since: &[],
        stands_for: Some("plan,no,actor_kind,target,mandatory,proof,step_zh,step_en\n"),
    },
    FileSpec {
        name: "settings.csv",
        columns: &["name", "value", "text_zh", "text_en"],
        since: &[],
        stands_for: Some(SETTINGS),
    },
    FileSpec {
        name: "ladder.csv",
        columns: &[
            "class",
            "clock",
            "yellow",
            "yellow_card",
            "red_card",
            "again",
            "yellow_to",
            "red_to",
            "yellow_card_to",
            "red_card_to",
        ],
        since: &[],
        stands_for: Some(LADDER),
    },
    FileSpec {
        name: "calendar.csv",
        columns: &["date", "kind"],
        since: &[],
        stands_for: Some(CALENDAR),
    },
    FileSpec {
        name: suggest::Tables::COLUMNS[0].0,
        columns: suggest::Tables::COLUMNS[0].1,
        since: &[],
        stands_for: Some(include_str!("../../../../data/rules/class_words.csv")),
    },
    FileSpec {
        name: suggest::Tables::COLUMNS[1].0,
        columns: suggest::Tables::COLUMNS[1].1,
        since: &[],
        stands_for: Some(include_str!("../../../../data/rules/synonyms.csv")),
    },
    FileSpec {
        name: suggest::Tables::COLUMNS[2].0,
        columns: suggest::Tables::COLUMNS[2].1,
        since: &[],
        stands_for: Some(include_str!("../../../../data/rules/out_words.csv")),
    },
    FileSpec {
        name: suggest::Tables::COLUMNS[3].0,
        columns: suggest::Tables::COLUMNS[3].1,
        since: &[],
        stands_for: Some(include_str!("../../../../data/rules/danger_words.csv")),
    },
    FileSpec {
        name: suggest::Tables::COLUMNS[4].0,
        columns: suggest::Tables::COLUMNS[4].1,
        since: &[],
        stands_for: Some(include_str!("../../../../data/rules/severity_words.csv")),
    },
    FileSpec {
        name: suggest::Tables::COLUMNS[5].0,
        columns: suggest::Tables::COLUMNS[5].1,
        since: &[],
        stands_for: Some(include_str!("../../../../data/rules/suggestion.csv")),
    },
];

/// The names, as one array for those who hold a text for each.
pub(super) const NAMES: [&str; SPECS.len()] = {
    let mut names = [""; SPECS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = SPECS[i].name;
        i += 1;
    }
    names
};

/// The tables of a rule set, by the name of their file.
pub(super) struct Tables(Vec<Table>);

impl Tables {
    /// Reads all files. A table that is not there is empty and has its fault.
    pub(super) fn read(files: &[(String, String)], faults: &mut Faults) -> Self {
        let read = |spec: &FileSpec| {
            let given = files.iter().find(|(file, _)| file == spec.name);
            if given.is_none() {
                let fault = missing(spec.name);
                match spec.stands_for {
                    None => faults.broken.push(fault),
                    Some(_) => faults.holes.push(fault),
                }
            }
            let text = given.map(|(_, text)| text.as_str()).or(spec.stands_for);
            let table = Table::read(spec.name, text?, &mut faults.broken);
            table.needs(spec.columns, &mut faults.broken);
            table.needs(spec.since, &mut faults.holes);
            Some(table)
        };
        Self(SPECS.iter().filter_map(read).collect())
    }

    /// A table; none when its file is missing.
    pub(super) fn of(&self, name: &str) -> Option<&Table> {
        self.0.iter().find(|table| table.file() == name)
    }
}

fn missing(name: &str) -> Fault {
    Fault {
        file: name.to_owned(),
        line: 0,
        column: String::new(),
        code: "missing_file",
        zh: format!("缺少文件 {name}"),
        en: format!("the file {name} is missing"),
    }
}

/// The built-in text of a file, as a table.
pub(super) fn built_in(name: &str, text: &str) -> Table {
    Table::read(name, text, &mut Vec::new())
}
