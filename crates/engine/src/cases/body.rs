//! What people send about cases: shapes only. They are checked field by field in [`super::fields`] and become commands in
//! [`super::command`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most characters of a description, a result or a supplement.
pub const MOST_TEXT: usize = 2_000;
/// Most characters of an address or a reason.
pub const MOST_LINE: usize = 200;
/// Most characters of a name.
pub const MOST_NAME: usize = 40;
/// Most orders of one dispatch.
pub const MOST_ORDERS: usize = 50;

/// A position as sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionBody {
    /// Longitude in degrees, -180 to 180.
    #[schema(minimum = -180, maximum = 180)]
    pub lon: f64,
    /// Latitude in degrees, -90 to 90.
    #[schema(minimum = -90, maximum = 90)]
    pub lat: f64,
    /// Radius in metres within which the reporter probably is, 0 to 100,000.
    #[schema(minimum = 0, maximum = 100_000)]
    pub accuracy_m: Option<f64>,
    /// `WGS84` (when nothing is said), `CGCS2000`, `GCJ-02` or `BD-09`: converted once, the datum is kept.
    pub datum: Option<String>,
}

/// Who reported by telephone, or a resident who wants to be called back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// Name, at most 40 characters.
    #[schema(max_length = 40)]
    pub name: Option<String>,
    /// Phone: 3 to 20 digits.
    #[schema(max_length = 30)]
    pub phone: Option<String>,
}

/// A report by a member of staff.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// Id of the case: a UUIDv7 made by the sender.
    #[schema(format = "uuid")]
    pub id: String,
    /// `phone` or `desk`.
    pub source: String,
    /// Class or type; may be left to the centre.
    pub class: Option<String>,
    /// `ordinary`, `larger`, `major`, `extraordinary`; the class's own when not said.
    pub severity: Option<String>,
    /// `low`, `medium`, `high`; the class's own when not said.
    pub urgency: Option<String>,
    /// Code of the town or community where the thing is.
    pub division: String,
    /// Where exactly.
    pub position: Option<PositionBody>,
    /// Where in words, at most 200 characters.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// What was seen, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub description: String,
    /// Who called, when somebody else reports through the sender.
    pub reporter: Option<ContactBody>,
    /// What the worker did about it on the spot, 1 to 2,000 characters: then nothing else is to be done (当场处置). Small things
    /// only: neither urgent nor larger than ordinary.
    #[schema(min_length = 1, max_length = 2000)]
    pub solved: Option<String>,
    /// Id of the phone.
    #[schema(format = "uuid")]
    pub device: Option<String>,
    /// Time by the phone's clock.
    #[schema(format = "date-time")]
    pub device_at: Option<String>,
}

/// A report by a resident without an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentReportBody {
    /// Id of the case: a UUIDv7 made by the sender.
    #[schema(format = "uuid")]
    pub id: String,
    /// Class or type; may be left to the centre.
    pub class: Option<String>,
    /// Code of the town or community where the thing is.
    pub division: String,
    /// Where exactly.
    pub position: Option<PositionBody>,
    /// Where in words, at most 200 characters.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// What was seen, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub description: String,
    /// Name, when the resident wants to be called back.
    #[schema(max_length = 40)]
    pub name: Option<String>,
    /// Phone, when the resident wants to be called back.
    #[schema(max_length = 30)]
    pub phone: Option<String>,
}

/// 受理
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Class or type, when the report has none or a wrong one.
    pub class: Option<String>,
    /// Severity, when it is another.
    pub severity: Option<String>,
    /// Urgency, when it is another.
    pub urgency: Option<String>,
}

/// An act that needs no more than itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlainBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
}

/// An act that needs a reason: refuse, return for information, pass up, resume, reopen, unmerge, mark urgent or confidential,
/// ask for voiding, object, withdraw an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 补充材料
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplyBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// What is added, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// One unit of a dispatch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBody {
    /// Id of the unit.
    #[schema(format = "uuid")]
    pub unit: String,
    /// `lead`, `assist` or `cc`; exactly one leads.
    pub part: String,
}

/// 派遣: by a plan, or to chosen units (then `plan` says whose limits apply).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispatchBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// The plan.
    pub plan: Option<String>,
    /// The units; left out: those the plan proposes now.
    #[schema(max_items = 50)]
    pub orders: Option<Vec<OrderBody>>,
    /// The order beneath which they are sent, once the case is dispatched: orders nest.
    #[schema(format = "uuid")]
    pub under: Option<String>,
}

/// 加派
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddUnitBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Id of the unit.
    #[schema(format = "uuid")]
    pub unit: String,
    /// `assist` or `cc`.
    pub part: String,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 代签收: told by telephone
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeForBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// When the unit was told, between the sending and now.
    #[schema(format = "date-time")]
    pub told_at: String,
    /// Who was told, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub whom: String,
    /// Why the unit did not acknowledge itself, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 到场
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArriveBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Where the unit is; only the distance to the case is kept.
    pub position: Option<PositionBody>,
}

/// 反馈结果
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedBackBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// The result, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub result: String,
}

/// 核查
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Whether it is done.
    pub passed: bool,
    /// What was found, at most 200 characters; needed when it is not done.
    #[schema(max_length = 200)]
    pub note: Option<String>,
    /// Orders to be worked on again when it is not done; left out: all that were handed in.
    #[schema(max_items = 50)]
    pub orders: Option<Vec<String>>,
}

/// 催办
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemindBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// One order; left out: all that are waited for.
    #[schema(format = "uuid")]
    pub order: Option<String>,
}

/// 核实
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Whether it is as reported.
    pub found: bool,
    /// What was found, at most 200 characters; needed when it is not as reported.
    #[schema(max_length = 200)]
    pub note: Option<String>,
    /// Where the worker is; only the distance to the case is kept.
    pub position: Option<PositionBody>,
}

/// 转办来报
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelayBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Id of the worker's post, which lies where the report does.
    #[schema(format = "uuid")]
    pub unit: String,
}

/// 定类定级
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetClassBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Class or type.
    pub class: Option<String>,
    /// Severity.
    pub severity: Option<String>,
    /// Urgency.
    pub urgency: Option<String>,
}

/// 立案
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// The filing condition of the class that is met; its limit to handle goes before that of the class.
    #[schema(max_length = 16)]
    pub condition: Option<String>,
}

/// 当场处置, of one's own report
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SolveBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// What was done, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub result: String,
}

/// 办理: how far it is
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandleBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// How far, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub note: String,
}

/// 审核异议
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideObjectionBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Whether the unit is right.
    pub upheld: bool,
    /// Id of the unit that takes over when it is; a lead is never left without one.
    #[schema(format = "uuid")]
    pub unit: Option<String>,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 申请延期、申请挂账
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskTimeBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// How much more, or for how long: a number and a unit (`2d`, `3wd`).
    #[schema(max_length = 12)]
    pub limit: String,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 审批延期
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideExtensionBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Whether more time is granted.
    pub granted: bool,
    /// How much, when it is less than asked for.
    #[schema(max_length = 12)]
    pub limit: Option<String>,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 挂账, on request or of one's own accord
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// The order whose unit asked.
    #[schema(format = "uuid")]
    pub order: Option<String>,
    /// Whether the clocks stand still; `false` turns the request down. `true` when not said.
    pub granted: Option<bool>,
    /// For how long; what was asked for when not said.
    #[schema(max_length = 12)]
    pub limit: Option<String>,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 改派、指定承办
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Id of the unit that takes over.
    #[schema(format = "uuid")]
    pub unit: String,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 交办下级
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassDownBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Code of the division whose centre takes it.
    #[schema(max_length = 12)]
    pub to: String,
    /// To have it closed: a number and a unit (`5wd`).
    #[schema(max_length = 12)]
    pub limit: String,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 并单
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Id of the case in which this one goes on.
    #[schema(format = "uuid")]
    pub into: String,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 作废
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Whether it is voided; `false` turns the request down. `true` when not said.
    pub granted: Option<bool>,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 回访
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallBackBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Whether somebody answered.
    pub reached: bool,
    /// Whether it is solved, in the reporter's words; needed when somebody answered.
    pub solved: Option<bool>,
    /// `satisfied`, `basic` or `dissatisfied`.
    pub satisfaction: Option<String>,
    /// What was said, at most 200 characters.
    #[schema(max_length = 200)]
    pub note: Option<String>,
}

/// 督办、黄牌督办、红牌督办
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuperviseBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// About one order; left out: the whole case.
    #[schema(format = "uuid")]
    pub order: Option<String>,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 批示
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstructBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// What, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// What the reporter thinks of the outcome (评价).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateBody {
    /// Whether it is solved.
    pub solved: bool,
    /// `satisfied`, `basic` or `dissatisfied`.
    pub satisfaction: String,
    /// What is to be said, at most 200 characters.
    #[schema(max_length = 200)]
    pub note: Option<String>,
}

/// A reporter's words: what was asked for, or why it is to be done again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReporterTextBody {
    /// 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub text: String,
}

/// An act with its body.
#[derive(Debug, Clone)]
pub enum ActBody {
    /// 受理
    Accept(AcceptBody),
    /// 不予受理
    Refuse(ReasonBody),
    /// 退回补充
    ReturnForInfo(ReasonBody),
    /// 补充材料
    SupplyInfo(SupplyBody),
    /// 立案
    File(FileBody),
    /// 派遣
    Dispatch(DispatchBody),
    /// 加派
    AddUnit(AddUnitBody),
    /// 签收
    Acknowledge(Uuid, PlainBody),
    /// 代签收
    AcknowledgeFor(Uuid, AcknowledgeForBody),
    /// 到场
    Arrive(Uuid, ArriveBody),
    /// 反馈结果
    FeedBack(Uuid, FeedBackBody),
    /// 核查
    Verify(VerifyBody),
    /// 结案
    Close(PlainBody),
    /// 作废
    Void(VoidBody),
    /// 催办
    Remind(RemindBody),
    /// 核实
    Confirm(ConfirmBody),
    /// 转办来报
    Relay(RelayBody),
    /// 定类定级
    SetClass(SetClassBody),
    /// 当场处置
    SolveOnSpot(SolveBody),
    /// 办理
    Handle(Uuid, HandleBody),
    /// 派单异议
    ObjectOrder(Uuid, ReasonBody),
    /// 审核异议
    DecideObjection(Uuid, DecideObjectionBody),
    /// 申请延期
    RequestExtension(Uuid, AskTimeBody),
    /// 审批延期
    DecideExtension(Uuid, DecideExtensionBody),
    /// 申请挂账
    RequestSuspend(Uuid, AskTimeBody),
    /// 挂账
    Suspend(SuspendBody),
    /// 恢复
    Resume(ReasonBody),
    /// 撤单
    WithdrawOrder(Uuid, ReasonBody),
    /// 改派
    Redispatch(Uuid, ReplaceBody),
    /// 指定承办
    Designate(Uuid, ReplaceBody),
    /// 上报上级
    PassUp(ReasonBody),
    /// 交办下级
    PassDown(PassDownBody),
    /// 并单
    Merge(MergeBody),
    /// 拆单
    Unmerge(ReasonBody),
    /// 加急
    MarkUrgent(ReasonBody),
    /// 设为保密
    MarkConfidential(ReasonBody),
    /// 回访
    CallBack(CallBackBody),
    /// 重办
    Reopen(ReasonBody),
    /// 申请作废
    RequestVoid(ReasonBody),
    /// 普通督办
    Supervise(SuperviseBody),
    /// 黄牌督办
    YellowCard(SuperviseBody),
    /// 红牌督办
    RedCard(SuperviseBody),
    /// 批示
    Instruct(InstructBody),
}

impl ActBody {
    /// The version the sender saw.
    pub fn version(&self) -> Option<u32> {
        match self {
            Self::Accept(b) => b.version,
            Self::Refuse(b)
            | Self::ReturnForInfo(b)
            | Self::ObjectOrder(_, b)
            | Self::Resume(b)
            | Self::WithdrawOrder(_, b)
            | Self::PassUp(b)
            | Self::Unmerge(b)
            | Self::MarkUrgent(b)
            | Self::MarkConfidential(b)
            | Self::Reopen(b)
            | Self::RequestVoid(b) => b.version,
            Self::Void(b) => b.version,
            Self::SupplyInfo(b) => b.version,
            Self::File(b) => b.version,
            Self::Close(b) | Self::Acknowledge(_, b) => b.version,
            Self::Dispatch(b) => b.version,
            Self::AddUnit(b) => b.version,
            Self::AcknowledgeFor(_, b) => b.version,
            Self::Arrive(_, b) => b.version,
            Self::FeedBack(_, b) => b.version,
            Self::Verify(b) => b.version,
            Self::Remind(b) => b.version,
            Self::Confirm(b) => b.version,
            Self::Relay(b) => b.version,
            Self::SetClass(b) => b.version,
            Self::SolveOnSpot(b) => b.version,
            Self::Handle(_, b) => b.version,
            Self::DecideObjection(_, b) => b.version,
            Self::RequestExtension(_, b) | Self::RequestSuspend(_, b) => b.version,
            Self::DecideExtension(_, b) => b.version,
            Self::Suspend(b) => b.version,
            Self::Redispatch(_, b) | Self::Designate(_, b) => b.version,
            Self::PassDown(b) => b.version,
            Self::Merge(b) => b.version,
            Self::CallBack(b) => b.version,
            Self::Supervise(b) | Self::YellowCard(b) | Self::RedCard(b) => b.version,
            Self::Instruct(b) => b.version,
        }
    }
}
