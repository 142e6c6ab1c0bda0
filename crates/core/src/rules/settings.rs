//! The numbers of the procedure that are no limits of a class: settings.csv.

use std::collections::HashMap;

use super::table::{Fault, Faults, Row, Table};
use crate::duty::DutyHours;
use crate::grids::{CodePattern, Prefix};
use crate::label::Label;
use crate::time::Limit;

/// What is wrong with a value, Chinese and English.
type Wrong = (String, String);

/// Most characters of a value or of its explanation.
const MOST: usize = 200;

/// One line of settings.csv, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingLine {
    /// Name.
    pub name: String,
    /// Value as written.
    pub value: String,
    /// What it is, Chinese.
    pub text_zh: String,
    /// What it is, English.
    pub text_en: String,
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $ty:ty = $read:expr;)*) => {
        /// The settings in force.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Settings {
            $($(#[$doc])* pub $name: $ty,)*
            /// The lines they were read from, by name.
            pub lines: Vec<SettingLine>,
        }

        impl Settings {
            /// The names of all settings.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// Reads the table. A setting that is missing or has no usable value is a hole, and the value of `shipped`
            /// stands for it: a rule set from before the setting does not know it. None only when `shipped` fails too.
            pub(super) fn read(table: &Table, shipped: &Table, faults: &mut Faults) -> Option<Self> {
                let rows = by_name(table, &mut faults.holes);
                let defaults = by_name(shipped, &mut Vec::new());
                let mut lines = Vec::new();
                $(let $name: $ty = setting(stringify!($name), $read, table, (&rows, &defaults), &mut lines, faults)?;)*
                Some(Self { $($name,)* lines })
            }
        }
    };
}

settings! {
    /// Working hours of the work calendar.
    work_hours: DutyHours = hours;
    /// Share of the cases solved on the spot that are audited, per cent.
    audit_percent: u32 = |text| number(text, 0, 100);
    /// How often a case is extended at most.
    extension_times: u32 = |text| number(text, 0, 100);
    /// All extensions together are at most this share of the handle limit, per cent.
    extension_percent: u32 = |text| number(text, 0, 1_000);
    /// How long a case is suspended at most.
    suspend_most: Limit = Limit::parse;
    /// Limit for deciding an extension, a suspension, a voiding or an objection.
    decide_limit: Limit = Limit::parse;
    /// Depth to which orders are nested at most.
    nested_most: u32 = |text| number(text, 4, 16);
    /// How often a call back is tried at most.
    call_back_tries: u32 = |text| number(text, 1, 100);
    /// Limit of the call back.
    call_back_limit: Limit = Limit::parse;
    /// How long after closing the reporter may be dissatisfied.
    rate_limit: Limit = Limit::parse;
    /// Whether a first dissatisfaction or failed check reopens the case by itself.
    reopen_by_itself: bool = flag;
    /// Within this distance two reports may be of one thing.
    duplicate_metres: u32 = |text| number(text, 0, 100_000);
    /// Within this time two reports may be of one thing.
    duplicate_minutes: u32 = |text| number(text, 0, 100_000);
    /// Limit to report in after a daily whistle.
    whistle_daily: Limit = Limit::parse;
    /// Limit to report in after a whistle for enforcement.
    whistle_enforcement: Limit = Limit::parse;
    /// Limit to report in after an emergency whistle.
    whistle_emergency: Limit = Limit::parse;
    /// Limit for the two sides of a whistle to rate each other.
    whistle_rate_limit: Limit = Limit::parse;
    /// Limit of a mediation.
    mediation_limit: Limit = Limit::parse;
    /// Time in which an agreement may be brought to the court for confirmation.
    court_confirmation: Limit = Limit::parse;
    /// Limit in which the reporter supplies what was asked for.
    supply_limit: Limit = Limit::parse;
    /// Limit in which a report passed on is confirmed.
    confirm_limit: Limit = Limit::parse;
    /// A jump of the clock of more than this stops the timers.
    clock_jump: Limit = by_the_clock;
    /// After standing still for longer than this a start sends one digest.
    catch_up_after: Limit = by_the_clock;
    /// How the codes of base grids are made.
    grid_base_code: CodePattern = |text| pattern(text, &[Prefix::Community]);
    /// How the codes of dedicated grids are made.
    grid_dedicated_code: CodePattern = |text| pattern(text, &[Prefix::Community]);
    /// How the codes of micro-grids are made.
    grid_micro_code: CodePattern = |text| pattern(text, &[Prefix::Parent]);
    /// How the codes of mobile grids are made.
    grid_mobile_code: CodePattern = |text| pattern(text, &[Prefix::County]);
    /// A grid in town has at least so many households.
    grid_households_least: u32 = |text| number(text, 1, 100_000);
    /// A grid in town has at most so many households.
    grid_households_most: u32 = |text| number(text, 1, 100_000);
    /// A gap or an overlap narrower than this is a sliver, in metres.
    grid_sliver_metres: u32 = |text| number(text, 0, 100);
    /// The review number (审图号) under which maps may be shown to the public; none: they are not.
    map_review_number: Option<Label> = optional_label;
}

/// The rows by name; a name that is not known or comes twice is a fault.
fn by_name<'t>(table: &'t Table, faults: &mut Vec<Fault>) -> HashMap<&'t str, Row<'t>> {
    let mut rows = HashMap::new();
    for row in table.rows() {
        let name = row.text("name");
        if !Settings::NAMES.contains(&name) {
            faults.push(row.fault(
                "name",
                "unknown_setting",
                format!("没有名为“{name}”的设置"),
                format!("there is no setting \"{name}\""),
            ));
        } else if rows.insert(name, row).is_some() {
            faults.push(row.fault(
                "name",
                "duplicate",
                "设置出现两次",
                "the setting appears twice",
            ));
        }
    }
    rows
}

type Rows<'t> = HashMap<&'t str, Row<'t>>;

fn setting<T>(
    name: &str,
    read: impl Fn(&str) -> Result<T, Wrong>,
    table: &Table,
    (rows, defaults): (&Rows<'_>, &Rows<'_>),
    lines: &mut Vec<SettingLine>,
    faults: &mut Faults,
) -> Option<T> {
    let holes = &mut faults.holes;
    let own = match rows.get(name) {
        None => {
            holes.push(table.fault(
                "missing",
                format!("缺少设置 {name}"),
                format!("the setting {name} is missing"),
            ));
            None
        }
        Some(row) => {
            for column in ["text_zh", "text_en"] {
                row.short(column, MOST, holes);
            }
            match read(row.text("value")) {
                Ok(value) => Some((row, value)),
                Err((zh, en)) => {
                    holes.push(row.fault("value", "setting", zh, en));
                    None
                }
            }
        }
    };
    let (row, value) = match own {
        Some(own) => own,
        None => {
            let row = defaults.get(name)?;
            (row, read(row.text("value")).ok()?)
        }
    };
    let text = |column| row.text(column).to_owned();
    lines.push(SettingLine {
        name: name.to_owned(),
        value: text("value"),
        text_zh: text("text_zh"),
        text_en: text("text_en"),
    });
    Some(value)
}

fn number(text: &str, least: u32, most: u32) -> Result<u32, Wrong> {
    let value = text
        .parse::<u32>()
        .ok()
        .filter(|value| (least..=most).contains(value));
    value.ok_or_else(|| {
        (
            format!("“{text}”应为 {least} 到 {most} 的整数"),
            format!("\"{text}\" should be a whole number from {least} to {most}"),
        )
    })
}

fn flag(text: &str) -> Result<bool, Wrong> {
    match text {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err((
            format!("“{text}”应为 0 或 1"),
            format!("\"{text}\" should be 0 or 1"),
        )),
    }
}

fn pattern(text: &str, prefixes: &[Prefix]) -> Result<CodePattern, Wrong> {
    let pattern = CodePattern::parse(text).filter(|pattern| prefixes.contains(&pattern.prefix));
    pattern.ok_or_else(|| {
        (
            format!("“{text}”不是这一层网格的编号规则，应如 {{community}}{{serial:3}}、{{parent}}{{serial:2}}、{{county}}L{{serial:3}}"),
            format!(
                "\"{text}\" is no pattern for the codes of this layer, which are written {{community}}{{serial:3}}, {{parent}}{{serial:2}} or {{county}}L{{serial:3}}"
            ),
        )
    })
}

fn optional_label(text: &str) -> Result<Option<Label>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    Label::new(text).map(Some).ok_or_else(|| {
        (
            format!("最多 {} 个字", Label::MOST),
            format!("at most {} characters", Label::MOST),
        )
    })
}

fn hours(text: &str) -> Result<DutyHours, Wrong> {
    DutyHours::parse(text).ok_or_else(|| {
        (
            format!("“{text}”不是工作时间，应如 Mon-Fri 08:30-12:00; Mon-Fri 13:30-18:00"),
            format!(
                "\"{text}\" is not hours, which are written Mon-Fri 08:30-12:00; Mon-Fri 13:30-18:00"
            ),
        )
    })
}

/// A limit that does not run on the work calendar: machines are watched day and night.
pub(super) fn by_the_clock(text: &str) -> Result<Limit, Wrong> {
    let limit = Limit::parse(text)?;
    if limit.is_work() {
        return Err((
            format!("“{text}”按工作日历计算，这里要用 s、min、h 或 d"),
            format!("\"{text}\" runs on the work calendar; here s, min, h or d is due"),
        ));
    }
    Ok(limit)
}
