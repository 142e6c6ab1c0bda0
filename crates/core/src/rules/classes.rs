//! Classes (two levels), the six limits of each, and the conditions of filing and closing.

use std::collections::BTreeMap;

use crate::cases::ClockKind;
use crate::code::{ClassCode, ConditionCode, Level, UnitKind};
use crate::label::Label;
use crate::time::Limit;
use crate::{plain_struct, words};

words! {
    /// Severity of an event (突发事件应对法 art. 3). Not a warning colour.
    pub enum Severity {
        /// 一般
        Ordinary = "ordinary",
        /// 较大
        Larger = "larger",
        /// 重大
        Major = "major",
        /// 特别重大
        Extraordinary = "extraordinary",
    }
}

words! {
    /// Urgency, set apart from severity.
    pub enum Urgency {
        /// 低
        Low = "low",
        /// 中
        Medium = "medium",
        /// 高
        High = "high",
    }
}

words! {
    /// What a report of a class is about. There is no other subject: none for opinions, and none for a person.
    pub enum Subject {
        /// 地点
        Place = "place",
        /// 物件设施
        Thing = "thing",
        /// 事件
        Event = "event",
        /// 报告人自己的需要
        OwnNeed = "own_need",
    }
}

words! {
    /// Which pictures a type cannot do without.
    pub enum NeedsPhoto {
        /// 处置前
        Before = "before",
        /// 处置后
        After = "after",
        /// 处置前后
        Both = "both",
        /// 不要求: one may be given, nobody waits for it
        None = "none",
    }
}

words! {
    /// Whether the reporter is called back after closing.
    pub enum CallBack {
        /// 必须回访
        Required = "required",
        /// 抽样回访
        Sample = "sample",
        /// 不回访
        None = "none",
    }
}

plain_struct! {
    /// The six limits of a class.
    pub struct StageLimits {
        /// Report to acceptance.
        accept: Limit,
        /// Acceptance to dispatch.
        dispatch: Limit,
        /// Order sent to acknowledgement.
        acknowledge: Limit,
        /// Order sent to arrival on the spot, or first contact.
        arrive: Limit,
        /// Dispatch to all results handed in.
        handle: Limit,
        /// Results handed in to checked by another.
        verify: Limit,
    }
}

impl StageLimits {
    /// The limit of a clock; none for clocks whose limit is a setting.
    pub fn of(&self, clock: ClockKind) -> Option<Limit> {
        match clock {
            ClockKind::Accept => Some(self.accept),
            ClockKind::Dispatch => Some(self.dispatch),
            ClockKind::Acknowledge => Some(self.acknowledge),
            ClockKind::Arrive => Some(self.arrive),
            ClockKind::Handle => Some(self.handle),
            ClockKind::Verify => Some(self.verify),
            _ => None,
        }
    }
}

/// When a report goes to a higher centre at once, beside the normal way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipWhen {
    /// At exactly this urgency.
    Urgency(Urgency),
    /// At this severity or above.
    Severity(Severity),
}

impl SkipWhen {
    /// Whether it applies to a report.
    pub fn holds(self, severity: Severity, urgency: Urgency) -> bool {
        match self {
            Self::Urgency(at) => urgency == at,
            Self::Severity(least) => severity >= least,
        }
    }
}

impl std::fmt::Display for SkipWhen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Urgency(urgency) => write!(f, "urgency={urgency}"),
            Self::Severity(severity) => write!(f, "severity>={severity}"),
        }
    }
}

/// A rule by which levels are skipped upward: `urgency=high:county`, `severity>=major:province`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkipRule {
    /// When.
    pub when: SkipWhen,
    /// Level of the centre that hears at once.
    pub level: Level,
}

impl SkipRule {
    /// Reads one rule; none when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (when, level) = text.split_once(':')?;
        let when = match when.split_once(">=") {
            Some(("severity", word)) => SkipWhen::Severity(Severity::parse(word)?),
            Some(_) => return None,
            None => SkipWhen::Urgency(Urgency::parse(when.strip_prefix("urgency=")?)?),
        };
        let level = Level::parse(level)?;
        Some(Self { when, level })
    }
}

/// A condition under which a report of a type is filed: it has its own limit, and says what has to be so at closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingCondition {
    /// `CG01-1`.
    pub code: ConditionCode,
    /// What is found, Chinese.
    pub filing_zh: String,
    /// What is found, English.
    pub filing_en: String,
    /// Goes before the handle limit of the type.
    pub handle: Limit,
    /// What has to be so at closing, Chinese.
    pub closing_zh: String,
    /// What has to be so at closing, English.
    pub closing_en: String,
}

/// A class or a type below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// `RQ` or `RQ01`.
    pub code: ClassCode,
    /// Chinese name.
    pub name_zh: Label,
    /// English name.
    pub name_en: Label,
    /// What it covers, Chinese; empty only in a rule set from before this was asked for.
    pub description_zh: String,
    /// What a report of it is about; none only in a rule set from before this was asked for.
    pub subject: Option<Subject>,
    /// When the reporter says nothing.
    pub severity: Severity,
    /// When the reporter says nothing.
    pub urgency: Urgency,
    /// Kind of unit that is responsible.
    pub responsible: UnitKind,
    /// Kinds of units that help.
    pub assists: Vec<UnitKind>,
    /// Kinds of units that are told.
    pub ccs: Vec<UnitKind>,
    /// The six limits at the default severity.
    pub limits: StageLimits,
    /// Those of other severities that have their own.
    pub(super) by_severity: BTreeMap<Severity, StageLimits>,
    /// Which pictures it needs.
    pub needs_photo: NeedsPhoto,
    /// Whether it needs a position.
    pub needs_position: bool,
    /// Whether the reporter is called back.
    pub call_back: CallBack,
    /// The least level at which a case of this class is closed.
    pub close_level: Level,
    /// When a higher centre hears at once.
    pub skip: Vec<SkipRule>,
    /// Whether its cases stand on the public map.
    pub public_map: bool,
    /// Its places in GB/T 30428 (`E0101`, `P03`).
    pub gbt30428: Vec<String>,
    /// Its names in the list of 17 kinds of disputes.
    pub dispute17: Vec<String>,
    /// The Open311 group it is offered in.
    pub open311_group: Option<String>,
    /// Words by which a reporter finds it.
    pub keywords: Vec<String>,
    /// Conditions of filing and closing, by code.
    pub conditions: Vec<FilingCondition>,
}

impl Class {
    /// The six limits at a severity: its own row, else those of the class.
    pub fn limits_at(&self, severity: Severity) -> &StageLimits {
        self.by_severity.get(&severity).unwrap_or(&self.limits)
    }

    /// The severities that have limits of their own.
    pub fn limits_by_severity(&self) -> impl Iterator<Item = (Severity, &StageLimits)> {
        self.by_severity
            .iter()
            .map(|(severity, limits)| (*severity, limits))
    }

    /// A condition of filing.
    pub fn condition(&self, code: &ConditionCode) -> Option<&FilingCondition> {
        self.conditions
            .iter()
            .find(|condition| condition.code == *code)
    }

    /// The highest level that hears of a report at once, beside the normal way; none when no rule applies.
    pub fn skips_to(&self, severity: Severity, urgency: Urgency) -> Option<Level> {
        let rules = self.skip.iter();
        rules
            .filter(|rule| rule.when.holds(severity, urgency))
            .map(|rule| rule.level)
            .max()
    }
}

/// All classes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes(pub(super) BTreeMap<ClassCode, Class>);

impl Classes {
    /// A class by its code.
    pub fn get(&self, code: &ClassCode) -> Option<&Class> {
        self.0.get(code)
    }

    /// All of them, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Class> {
        self.0.values()
    }

    /// Limits of a report that nobody has classed yet: the shortest acceptance any class asks for, so that an emergency
    /// without a class does not wait longer than one with it.
    pub fn unclassed_accept(&self) -> Option<Limit> {
        self.0
            .values()
            .map(|class| class.limits.accept)
            .min_by_key(|limit| limit.milliseconds())
    }
}
