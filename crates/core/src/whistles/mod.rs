//! The room `whistles` (吹哨报到): a town calls departments to a place, each answers within the limit of the kind of
//! whistle, comes, does its task; when all is done the town closes it and both sides rate each other.
//!
//! Invariants: a call that nobody answers goes up by itself, one level for each limit, past every centre without anybody at
//! its desk, and at the top it goes on; nobody leaves before the work is done (事不完、人不撤): a whistle closes when every
//! unit that was called has done its task or was released with a reason; only units are rated, never persons.
//!
//! Who may do what (these acts belong to whistles alone and stand in no table):
//!
//! | act | who |
//! |---|---|
//! | blow | dispatcher, duty chief, head grid worker or leader of the town, or of the county where nobody takes reports in the town's centre |
//! | answer, refuse, arrive, finish | whoever works for the called unit |
//! | give a task, raise, close | the same roles as for blowing, at that level, or the one who blew |
//! | release | these, and the desk to which the call was raised |
//! | instruct | dispatcher, duty chief or leader of the level to which the call was raised |
//! | rate | the town rates each unit it called, each called unit rates the town, once |
//!
//! Everybody whose area holds the place, the called units and those told by copy see it.

mod apply;
mod command;
mod decide;
mod event;
mod state;
mod timers;

pub use command::{Blow, Task, WhistleCommand};
pub use event::*;
pub use state::{Call, CallClock, Given, RateClock, Rated, Whistle, acts_open_to};

use uuid::Uuid;

use crate::access::{Acting, Role};
use crate::id::CaseId;
use crate::refusal::Refusal;
use crate::rules::RuleSet;
use crate::things::{Alarm, Context, Decided, Ring, Shape, Thing};
use crate::time::{Limit, Timestamp};
use crate::words;

/// Most units of one whistle, called or told by copy.
pub const MOST_UNITS: usize = 20;

words! {
    /// What a whistle is blown for.
    pub enum WhistleKind {
        /// 群众诉求哨（日常哨）
        Request = "request",
        /// 综合执法哨
        Enforcement = "enforcement",
        /// 应急哨
        Emergency = "emergency",
    }
}

impl WhistleKind {
    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Request => "群众诉求哨",
            Self::Enforcement => "综合执法哨",
            Self::Emergency => "应急哨",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Request => "whistle for a request",
            Self::Enforcement => "whistle for joint enforcement",
            Self::Emergency => "emergency whistle",
        }
    }
}

words! {
    /// Where a whistle stands.
    pub enum WhistleStage {
        /// 已吹哨
        Blown = "blown",
        /// 已收哨，待互评
        Closed = "closed",
        /// 互评结束
        Rated = "rated",
    }
}

impl WhistleStage {
    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Blown => "已吹哨",
            Self::Closed => "已收哨，待互评",
            Self::Rated => "互评结束",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Blown => "blown",
            Self::Closed => "closed, to be rated",
            Self::Rated => "rated",
        }
    }
}

words! {
    /// How far a called unit is.
    pub enum CallStage {
        /// 待应答
        Called = "called",
        /// 已应答，在途
        Coming = "coming",
        /// 已到场
        Present = "present",
        /// 答复不来，待上级定
        Refused = "refused",
        /// 任务已完成
        Done = "done",
        /// 经同意撤回
        Released = "released",
    }
}

impl CallStage {
    /// Whether nothing is expected of the unit any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Released)
    }

    /// Whether the unit is still waited for at the place.
    pub fn is_awaited(self) -> bool {
        matches!(self, Self::Called | Self::Coming | Self::Refused)
    }

    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Called => "待应答",
            Self::Coming => "已应答，在途",
            Self::Present => "已到场",
            Self::Refused => "答复不来，待上级定",
            Self::Done => "任务已完成",
            Self::Released => "经同意撤回",
        }
    }

    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Called => "called",
            Self::Coming => "coming",
            Self::Present => "present",
            Self::Refused => "will not come, for the level above to decide",
            Self::Done => "task done",
            Self::Released => "released",
        }
    }
}

words! {
    /// Why a call went up.
    pub enum Because {
        /// 到时未应答
        NotAnswered = "not_answered",
        /// 到时未到场
        NotArrived = "not_arrived",
        /// 单位答复不来
        Refused = "refused",
        /// 上级到时未定
        NotDecided = "not_decided",
        /// 人工上报
        Asked = "asked",
    }
}

impl Because {
    /// Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::NotAnswered => "到时未应答",
            Self::NotArrived => "到时未到场",
            Self::Refused => "单位答复不来",
            Self::NotDecided => "上级到时未定",
            Self::Asked => "人工上报",
        }
    }

    /// English.
    pub fn en(self) -> &'static str {
        match self {
            Self::NotAnswered => "not answered in time",
            Self::NotArrived => "not arrived in time",
            Self::Refused => "the unit will not come",
            Self::NotDecided => "not decided in time by the level above",
            Self::Asked => "raised by a person",
        }
    }
}

words! {
    /// What a whistle came to.
    pub enum WhistleOutcome {
        /// 已解决
        Resolved = "resolved",
        /// 部分解决
        Partly = "partly",
        /// 未解决
        Unresolved = "unresolved",
        /// 误吹，撤哨
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What a unit's task came to.
    pub enum TaskOutcome {
        /// 已完成
        Done = "done",
        /// 部分完成
        Partly = "partly",
        /// 无法完成
        NotDone = "not_done",
    }
}

words! {
    /// How one side rates the other.
    pub enum Rating {
        /// 满意
        Satisfied = "satisfied",
        /// 基本满意
        Basic = "basic",
        /// 不满意
        Dissatisfied = "dissatisfied",
    }
}

macro_rules! acts {
    ($($act:ident = $word:literal, $zh:literal, $en:literal;)*) => {
        words! {
            /// Acts on a whistle.
            pub enum WhistleAct { $(#[doc = $zh] $act = $word,)* }
        }
        impl WhistleAct {
            /// Chinese.
            pub fn zh(self) -> &'static str {
                match self { $(Self::$act => $zh,)* }
            }
            /// English.
            pub fn en(self) -> &'static str {
                match self { $(Self::$act => $en,)* }
            }
        }
    };
}

acts! {
    Blow = "blow", "吹哨", "blow a whistle";
    Answer = "answer", "应哨", "answer the whistle";
    Refuse = "refuse", "答复不来", "refuse to come";
    Arrive = "arrive", "到场签到", "check in";
    Task = "task", "分派任务", "give tasks";
    Finish = "finish", "办结任务", "finish a task";
    Release = "release", "同意撤回", "release a unit";
    Raise = "raise", "上报上级", "raise it to the level above";
    Instruct = "instruct", "限期交办", "instruct with a deadline";
    Close = "close", "收哨", "close the whistle";
    Rate = "rate", "互评", "rate the other side";
}

/// The limit within which a called unit answers (and comes, when it names no time).
pub fn answer_limit(kind: WhistleKind, rules: &RuleSet) -> Limit {
    match kind {
        WhistleKind::Request => rules.settings.whistle_daily,
        WhistleKind::Enforcement => rules.settings.whistle_enforcement,
        WhistleKind::Emergency => rules.settings.whistle_emergency,
    }
}

impl Thing for Whistle {
    const AGGREGATE: &'static str = "whistle";
    const AREA_ROLES: Option<&'static [Role]> = None;
    type Command = WhistleCommand;
    type Event = WhistleEvent;

    fn decide(
        thing: Option<&Self>,
        command: &WhistleCommand,
        context: &Context<'_>,
    ) -> Result<Vec<Decided<WhistleEvent>>, Refusal> {
        decide::decide(thing, command, context)
    }

    fn apply(thing: &mut Option<Self>, id: Uuid, event: &WhistleEvent, by: Acting, at: Timestamp) {
        apply::apply(thing, id, event, by, at);
    }

    fn shape(&self) -> Shape {
        let mut units: Vec<_> = std::iter::once(self.town)
            .chain(self.calls.iter().map(|call| call.unit))
            .chain(self.copies.iter().map(|copy| copy.unit))
            .collect();
        units.sort();
        units.dedup();
        Shape {
            version: self.version,
            stage: self.stage.as_str(),
            open: self.stage == WhistleStage::Blown,
            division: self.division,
            code: self.code.clone(),
            case: self.case,
            person: self.blower,
            updated_at: self.updated_at,
            units,
        }
    }

    fn alarms(&self) -> Vec<Alarm> {
        timers::alarms(self)
    }

    fn ring(event: &WhistleEvent) -> Option<Ring> {
        timers::ring(event)
    }

    fn case_of(command: &WhistleCommand) -> Option<CaseId> {
        match command {
            WhistleCommand::Blow(blow) => blow.case,
            _ => None,
        }
    }

    fn fired(kind: &str, part: Option<Uuid>, generation: u32) -> Option<WhistleCommand> {
        timers::fired(kind, part, generation)
    }
}
