//! Why a command was refused, in words that say what to do.
//!
//! A refusal changes nothing. It never says whether a thing that the person may not see exists.

use crate::access::Act;
use crate::cases::Stage;

/// A fault in one field of a command or in one cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// JSON pointer of the field (`/position/lon`), or the column of a table.
    pub pointer: String,
    /// Stable code: `required`, `too_long`, `unknown_division`, …
    pub code: &'static str,
    /// What is wrong and what to do, Chinese.
    pub zh: String,
    /// What is wrong and what to do, English.
    pub en: String,
}

impl FieldFault {
    /// A fault of the field at `pointer`.
    pub fn new(
        pointer: &str,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.to_owned(),
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// The outcome of a command that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such thing within what the person may see.
    NotFound,
    /// The person may see the thing, but none of their roles allows the act.
    Forbidden(Act),
    /// Imports are for administrators.
    NotAdministrator,
    /// The act does not fit the stage of the case.
    WrongState {
        /// What was asked for.
        act: Act,
        /// Where the case stands.
        stage: Stage,
    },
    /// The order does not take this act now (already acknowledged, handed in, stood down).
    OrderDone(Act),
    /// One person may not do both acts on one case.
    Separation {
        /// What the person did before.
        did: Act,
        /// What the person asks to do.
        act: Act,
        /// Reason from the table, Chinese.
        zh: String,
        /// Reason from the table, English.
        en: String,
    },
    /// The case closes at a higher level.
    ClosesAbove(crate::code::Level),
    /// The case went to a higher level, which does the act now.
    HandledAbove(Act, crate::code::Level),
    /// The command was made for another version than the present one.
    Stale {
        /// The version of the command.
        expected: u32,
        /// The version that stands.
        present: u32,
    },
    /// The thing exists already under this id.
    Exists,
    /// Fields are missing, unknown or out of bounds.
    Invalid(Vec<FieldFault>),
    /// A timer fired that was cancelled or set again since: nothing to do.
    TimerGone,
    /// The person may see the thing (other than a case), but none of their roles allows the act.
    NotYours {
        /// The act, Chinese.
        zh: &'static str,
        /// The act, English.
        en: &'static str,
    },
    /// The thing (other than a case) does not take the act as it stands.
    NotNow {
        /// Why and what to do, Chinese.
        zh: String,
        /// Why and what to do, English.
        en: String,
    },
}

impl Refusal {
    /// Stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden(_)
            | Self::NotAdministrator
            | Self::HandledAbove(..)
            | Self::NotYours { .. } => "forbidden",
            Self::WrongState { .. } | Self::OrderDone(_) | Self::NotNow { .. } => "wrong_state",
            Self::Separation { .. } | Self::ClosesAbove(_) => "separation",
            Self::Stale { .. } => "stale_version",
            Self::Exists => "exists",
            Self::Invalid(_) => "invalid",
            Self::TimerGone => "timer_gone",
        }
    }

    /// What is wrong and what to do, Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::NotFound => "找不到，或你无权查看。".to_owned(),
            Self::Forbidden(act) => format!("你的岗位不能{}，请由有此职责的人办理。", act.zh()),
            Self::NotAdministrator => "只有系统管理员可以导入表格，请由管理员办理。".to_owned(),
            Self::WrongState { act, stage } => {
                format!(
                    "案件现在是“{}”，不能{}。请看最新情况再定。",
                    stage.zh(),
                    act.zh()
                )
            }
            Self::OrderDone(act) => format!("这张派单已经不能{}了。请看最新情况再定。", act.zh()),
            Self::Separation { did, act, zh, .. } => {
                format!(
                    "你在本案中已经{}，不能再{}：{zh}。请换一人办理。",
                    did.zh(),
                    act.zh()
                )
            }
            Self::ClosesAbove(level) => format!("本案须由{}或以上结案。", level_zh(*level)),
            Self::HandledAbove(act, level) => format!(
                "本案已由{}办理，{}由上级中心的人做。",
                level_zh(*level),
                act.zh()
            ),
            Self::Stale { expected, present } => {
                format!("你看到的是第 {expected} 版，现在已是第 {present} 版。请看最新情况再定。")
            }
            Self::Exists => "这个编号已经存在。同一件事不要换内容重发。".to_owned(),
            Self::Invalid(faults) => format!("有 {} 处填写不对，见 errors。", faults.len()),
            Self::TimerGone => "计时已经取消。".to_owned(),
            Self::NotYours { zh, .. } => format!("你的岗位不能{zh}，请由有此职责的人办理。"),
            Self::NotNow { zh, .. } => zh.clone(),
        }
    }

    /// What is wrong and what to do, English.
    pub fn en(&self) -> String {
        match self {
            Self::NotFound => "Not found, or not yours to see.".to_owned(),
            Self::Forbidden(act) => format!(
                "None of your roles may {}; ask somebody whose role it is.",
                act.en()
            ),
            Self::NotAdministrator => "Only administrators import tables; ask one.".to_owned(),
            Self::WrongState { act, stage } => {
                format!(
                    "The case is {}; it does not take \"{}\" now. Check, then decide.",
                    stage.as_str(),
                    act.en()
                )
            }
            Self::OrderDone(act) => {
                format!(
                    "This order does not take \"{}\" any more. Check, then decide.",
                    act.en()
                )
            }
            Self::Separation { did, act, en, .. } => {
                format!(
                    "On this case you did \"{}\", so you may not \"{}\": {en}. Somebody else has to.",
                    did.en(),
                    act.en()
                )
            }
            Self::ClosesAbove(level) => {
                format!("This case closes at the level of the {level} or above.")
            }
            Self::HandledAbove(act, level) => format!(
                "The case is with the {level} now; its centre does \"{}\".",
                act.en()
            ),
            Self::Stale { expected, present } => {
                format!(
                    "You saw version {expected}; the present one is {present}. Check, then decide."
                )
            }
            Self::Exists => {
                "Something with this id exists. Do not send other content under the same id."
                    .to_owned()
            }
            Self::Invalid(faults) => {
                format!("{} field(s) need another value, see errors.", faults.len())
            }
            Self::TimerGone => "The timer was cancelled.".to_owned(),
            Self::NotYours { en, .. } => {
                format!("None of your roles may {en}; ask somebody whose role it is.")
            }
            Self::NotNow { en, .. } => en.clone(),
        }
    }
}

fn level_zh(level: crate::code::Level) -> &'static str {
    use crate::code::Level;
    match level {
        Level::Grid => "网格",
        Level::Community => "村（社区）",
        Level::Town => "乡镇（街道）",
        Level::County => "县（市、区）",
        Level::City => "市（州）",
        Level::Province => "省",
    }
}
