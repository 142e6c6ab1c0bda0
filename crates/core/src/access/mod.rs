//! May this person do this here? One pure function answers for every act and every view.
//!
//! What a person may not see does not exist for them ([`Refusal::NotFound`]); what they see but may not do is
//! [`Refusal::Forbidden`]. The tables of roles and acts are data ([`RoleActs`]); the words for roles and acts are fixed here
//! because code refers to them.

mod role_acts;

pub use role_acts::{RoleActs, Scope, Strength};

use crate::cases::CaseState;
use crate::code::{DivisionCode, Level};
use crate::id::{CaseId, OrderId, PersonId, UnitId};
use crate::refusal::Refusal;
use crate::words;

words! {
    /// Roles of roles.csv.
    pub enum Role {
        /// 系统管理员
        Administrator = "administrator",
        /// 审计员
        Auditor = "auditor",
        /// 派遣员
        Dispatcher = "dispatcher",
        /// 值班长
        DutyChief = "duty_chief",
        /// 值班员（受理）
        DutyOfficer = "duty_officer",
        /// 网格员
        GridWorker = "grid_worker",
        /// 总网格员
        HeadGridWorker = "head_grid_worker",
        /// 督查员
        Inspector = "inspector",
        /// 领导
        Leader = "leader",
        /// 报告人, without an account
        Reporter = "reporter",
        /// 系统定时器
        System = "system",
        /// 承办单位人员
        UnitStaff = "unit_staff",
        /// 核查员
        Verifier = "verifier",
    }
}

impl Role {
    /// Whether a person may hold the role: the reporter and the system are no posts.
    pub fn is_post(self) -> bool {
        !matches!(self, Self::Reporter | Self::System)
    }
}

macro_rules! acts {
    ($($act:ident = $word:literal, $zh:literal, $en:literal;)*) => {
        words! {
            /// Acts of acts.csv that a case takes today.
            pub enum Act { $(#[doc = $zh] $act = $word,)* }
        }
        impl Act {
            /// The act in Chinese, as acts.csv names it.
            pub fn zh(self) -> &'static str {
                match self { $(Self::$act => $zh,)* }
            }
            /// The act in English, as acts.csv names it.
            pub fn en(self) -> &'static str {
                match self { $(Self::$act => $en,)* }
            }
        }
    };
}

acts! {
    Accept = "accept", "受理", "accept";
    Acknowledge = "acknowledge", "签收", "acknowledge";
    AcknowledgeFor = "acknowledge_for", "代签收", "acknowledge on behalf";
    AddUnit = "add_unit", "加派", "add a unit";
    Arrive = "arrive", "到场", "arrive";
    CallBack = "call_back", "回访", "call back";
    Close = "close", "结案", "close";
    Confirm = "confirm", "核实", "confirm on the spot";
    DecideExtension = "decide_extension", "审批延期", "decide an extension";
    DecideObjection = "decide_objection", "审核异议", "decide an objection";
    Designate = "designate", "指定承办", "designate";
    Dispatch = "dispatch", "派遣", "dispatch";
    FeedBack = "feed_back", "反馈结果", "feed back";
    File = "file", "立案", "file";
    Handle = "handle", "办理", "handle";
    Instruct = "instruct", "批示", "instruct";
    MarkConfidential = "mark_confidential", "设为保密", "mark confidential";
    MarkUrgent = "mark_urgent", "加急", "mark urgent";
    Merge = "merge", "并单", "merge";
    ObjectOrder = "object_order", "派单异议", "object to an order";
    PassDown = "pass_down", "交办下级", "pass down";
    PassUp = "pass_up", "上报上级", "pass up";
    Rate = "rate", "评价", "rate";
    RedCard = "red_card", "红牌督办", "red card";
    Redispatch = "redispatch", "改派", "re-dispatch";
    Refuse = "refuse", "不予受理", "refuse";
    Relay = "relay", "转办来报", "relay a report";
    Remind = "remind", "催办", "remind";
    Reopen = "reopen", "重办", "reopen";
    Report = "report", "上报", "report";
    RequestExtension = "request_extension", "申请延期", "request an extension";
    RequestSuspend = "request_suspend", "申请挂账", "request suspension";
    RequestVoid = "request_void", "申请作废", "request voiding";
    Resume = "resume", "恢复", "resume";
    ReturnForInfo = "return_for_info", "退回补充", "return for information";
    SetClass = "set_class", "定类定级", "set class and severity";
    SolveOnSpot = "solve_on_spot", "当场处置", "solve on the spot";
    Supervise = "supervise", "普通督办", "supervise";
    SupplyInfo = "supply_info", "补充材料", "supply information";
    Suspend = "suspend", "挂账", "suspend";
    Unmerge = "unmerge", "拆单", "unmerge";
    Verify = "verify", "核查", "verify";
    Void = "void", "作废", "void";
    WithdrawOrder = "withdraw_order", "撤单", "withdraw an order";
    YellowCard = "yellow_card", "黄牌督办", "yellow card";
}

/// A role that a person holds at a unit, in a division and all that lies inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The role.
    pub role: Role,
    /// The unit at which it is held.
    pub unit: UnitId,
    /// The division of the post.
    pub division: DivisionCode,
    /// `division` and the codes it had before or has had since: history stays in scope when a division is recoded.
    pub codes: Vec<DivisionCode>,
}

impl Post {
    /// Whether `place` lies in the post's division, by today's codes or by those of its day.
    pub fn covers(&self, place: &DivisionCode) -> bool {
        self.codes.iter().any(|code| code.covers(place))
    }

    /// Level at which the post stands. A grid worker's post lies in a community until grids are drawn, and counts as grid.
    fn level_fits(&self, least: Level, most: Level) -> bool {
        let level = self.division.level();
        (least..=most).contains(&level) || most == Level::Grid && level == Level::Community
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A signed-in person with their posts.
    Person {
        /// The person.
        id: PersonId,
        /// What they hold now.
        posts: Vec<Post>,
    },
    /// A resident without an account, at the one door that is open to all.
    Resident,
    /// Whoever holds the receipt of this report: the resident who made it.
    Holder(CaseId),
    /// A timer of this node.
    System,
}

/// In which role an act is done: goes into the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acting {
    /// The person; none for residents and timers.
    pub person: Option<PersonId>,
    /// The role that allows the act.
    pub role: Role,
    /// The unit at which the role is held.
    pub unit: Option<UnitId>,
}

impl Acting {
    /// The timers of this node.
    pub const SYSTEM: Self = Self {
        person: None,
        role: Role::System,
        unit: None,
    };
    /// A resident without an account.
    pub const RESIDENT: Self = Self {
        person: None,
        role: Role::Reporter,
        unit: None,
    };
}

impl Principal {
    /// The person, when it is one.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id, .. } => Some(*id),
            Self::Resident | Self::Holder(_) | Self::System => None,
        }
    }

    /// The posts held; none for residents and timers.
    pub fn posts(&self) -> &[Post] {
        match self {
            Self::Person { posts, .. } => posts,
            Self::Resident | Self::Holder(_) | Self::System => &[],
        }
    }

    /// Whether the person holds `role` anywhere.
    pub fn holds(&self, role: Role) -> bool {
        self.posts().iter().any(|post| post.role == role)
    }
}

/// Roles whose post opens the cases of its whole area. Others see the cases of their orders and their own reports.
fn sees_area(role: Role) -> bool {
    !matches!(
        role,
        Role::UnitStaff | Role::Administrator | Role::Reporter | Role::System
    )
}

/// The posts by which `principal` sees whole areas.
pub fn area_posts(principal: &Principal) -> impl Iterator<Item = &Post> {
    principal.posts().iter().filter(|post| sees_area(post.role))
}

/// The units whose orders `principal` sees.
pub fn own_units(principal: &Principal) -> impl Iterator<Item = UnitId> + '_ {
    principal
        .posts()
        .iter()
        .filter(|post| {
            matches!(
                post.role,
                Role::UnitStaff | Role::GridWorker | Role::HeadGridWorker
            )
        })
        .map(|post| post.unit)
}

/// How a person comes to see a case: decides what is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The case lies in the area of one of their roles.
    Area,
    /// They reported it.
    Own,
    /// Their unit has an order: the reporter stays hidden.
    Order,
}

/// Whether and how `principal` may see the case.
pub fn sight(principal: &Principal, case: &CaseState) -> Option<Sight> {
    if matches!(principal, Principal::System)
        || area_posts(principal).any(|post| post.covers(&case.code))
    {
        return Some(Sight::Area);
    }
    if case.reporter.is_some() && case.reporter == principal.person()
        || *principal == Principal::Holder(case.id)
    {
        return Some(Sight::Own);
    }
    own_units(principal)
        .any(|unit| {
            case.relayed_to == Some(unit) || case.orders.iter().any(|order| order.unit == unit)
        })
        .then_some(Sight::Order)
}

/// Whether `principal` may see how to reach the reporter (masked): those who judge and command in the area, and the reporter.
/// The units and grid workers who handle the case do not. Of a confidential case only those who receive reports do.
pub fn sees_reporter(principal: &Principal, case: &CaseState) -> bool {
    let judges = |role| match role {
        Role::DutyOfficer | Role::DutyChief => true,
        Role::Dispatcher | Role::Verifier | Role::Auditor => !case.confidential,
        _ => false,
    };
    case.reporter.is_some() && case.reporter == principal.person()
        || area_posts(principal).any(|post| judges(post.role) && post.covers(&case.code))
}

/// May `principal` do `act` on `case` (on its order `order`)? The answer is the role in which it is done.
///
/// Errors: [`Refusal::NotFound`] when the case (or the order) is not theirs to see, [`Refusal::Forbidden`] when no role of
/// theirs allows the act here.
pub fn may(
    principal: &Principal,
    act: Act,
    case: &CaseState,
    order: Option<OrderId>,
    table: &RoleActs,
) -> Result<Acting, Refusal> {
    may_from(principal, act, case, order, table, case.centre.level())
        .unwrap_or_else(|| Err(Refusal::HandledAbove(act, case.centre.level())))
}

/// The same, where those who speak for a centre do so from `least` up; none when only the level is missing.
pub(crate) fn may_from(
    principal: &Principal,
    act: Act,
    case: &CaseState,
    order: Option<OrderId>,
    table: &RoleActs,
    least: Level,
) -> Option<Result<Acting, Refusal>> {
    match principal {
        Principal::System => {
            return Some(
                table
                    .rule(Role::System, act)
                    .map(|_| Acting::SYSTEM)
                    .ok_or(Refusal::Forbidden(act)),
            );
        }
        Principal::Holder(id) if *id == case.id => {
            return Some(
                table
                    .rule(Role::Reporter, act)
                    .map(|_| Acting::RESIDENT)
                    .ok_or(Refusal::Forbidden(act)),
            );
        }
        _ => {}
    }
    let order = match order.map(|id| case.order(id)) {
        Some(None) => return Some(Err(Refusal::NotFound)),
        Some(found) => found,
        None => None,
    };
    if sight(principal, case).is_none() {
        return Some(Err(Refusal::NotFound));
    }
    let fits = |post: &&Post| {
        table.rule(post.role, act).is_some_and(|rule| {
            post.level_fits(rule.level_min, rule.level_max)
                && match rule.scope {
                    Scope::Area => post.covers(&case.code),
                    Scope::Own => case.reporter.is_some() && case.reporter == principal.person(),
                    Scope::Order => match order {
                        Some(order) => order.unit == post.unit,
                        None => case.orders.iter().any(|order| order.unit == post.unit),
                    },
                }
        })
    };
    let mut fitting = principal.posts().iter().filter(fits).peekable();
    if fitting.peek().is_none() {
        return Some(Err(Refusal::Forbidden(act)));
    }
    fitting
        .find(|post| !is_of_centre(post.role) || post.division.level() >= least)
        .map(|post| {
            Ok(Acting {
                person: principal.person(),
                role: post.role,
                unit: Some(post.unit),
            })
        })
}

/// Roles that speak for a centre: once a case went to a level above, those below leave it to that level.
fn is_of_centre(role: Role) -> bool {
    matches!(role, Role::DutyOfficer | Role::DutyChief | Role::Dispatcher)
}

/// May `principal` do `act`, closing included: a case closes at the level of its class or above.
pub fn allowed(
    principal: &Principal,
    act: Act,
    case: &CaseState,
    order: Option<OrderId>,
    table: &RoleActs,
) -> Result<Acting, Refusal> {
    let by = may(principal, act, case, order, table)?;
    let Principal::Person { id, posts } = principal else {
        return Ok(by);
    };
    if act != Act::Close {
        return Ok(by);
    }
    let least = case
        .classified
        .as_ref()
        .map_or(Level::Grid, |c| c.close_level);
    let posts = posts
        .iter()
        .filter(|post| post.division.level() >= least)
        .cloned()
        .collect();
    may(
        &Principal::Person { id: *id, posts },
        act,
        case,
        None,
        table,
    )
    .map_err(|_| Refusal::ClosesAbove(least))
}

/// May `principal` report, or report what they solved on the spot? A report is taken wherever the thing lies: the area of a
/// role does not limit it.
pub fn may_report(principal: &Principal, act: Act, table: &RoleActs) -> Result<Acting, Refusal> {
    match principal {
        Principal::Resident if act == Act::Report => Ok(Acting::RESIDENT),
        Principal::Resident | Principal::Holder(_) | Principal::System => {
            Err(Refusal::Forbidden(act))
        }
        Principal::Person { id, posts } => posts
            .iter()
            .find(|post| {
                table
                    .rule(post.role, act)
                    .is_some_and(|rule| post.level_fits(rule.level_min, rule.level_max))
            })
            .map(|post| Acting {
                person: Some(*id),
                role: post.role,
                unit: Some(post.unit),
            })
            .ok_or(Refusal::Forbidden(act)),
    }
}
