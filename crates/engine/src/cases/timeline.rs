//! The timeline of a case: each event of the journal as a sentence, to the second, in both languages.
//!
//! Acts of the system say so and name their rule. A unit that only has an order does not see who reported.

use jingwei_core::access::{Role, Sight};
use jingwei_core::cases::{
    AcknowledgedHow, AddedBy, CaseEvent, CaseState, ClockKind, OrderPlaced, Part, RingReason,
};
use jingwei_core::code::DivisionCode;
use jingwei_core::id::{OrderId, PersonId, UnitId};
use jingwei_core::sealed::Sealed;
use jingwei_core::time::Timestamp;
use jingwei_store::journal::JournalRow;

use super::shown::rule_of;
use super::view::{ActorView, Entry};
use crate::error::{EngineError, Result};
use crate::vault::Vault;
use crate::world::World;

/// The entry of a journal row.
pub(super) fn entry(
    row: &JournalRow,
    case: &CaseState,
    sight: Sight,
    world: &World,
    vault: &Vault,
) -> Result<Entry> {
    let version = u32::try_from(row.kind_v).unwrap_or(0);
    let event = CaseEvent::read(&row.kind, version, &row.payload)
        .map_err(|e| EngineError::Journal(format!("row {}: {e}", row.seq)))?;
    let words = Words {
        case,
        sight,
        vault,
        world,
    };
    let (text_zh, text_en) = words.of(&event)?;
    let order = order_of(&event);
    Ok(Entry {
        version: u32::try_from(row.version).unwrap_or(0),
        sequence: row.seq,
        at: Timestamp(row.at).rfc3339(),
        kind: row.kind.clone(),
        actor: actor(row, &event, (case, sight), world, vault)?,
        order: order.map(|o| o.0),
        unit: order
            .and_then(|id| case.order(id))
            .map(|o| world.unit_ref(o.unit, Some(&o.unit_name))),
        text_zh,
        text_en,
    })
}

fn actor(
    row: &JournalRow,
    event: &CaseEvent,
    (case, sight): (&CaseState, Sight),
    world: &World,
    vault: &Vault,
) -> Result<ActorView> {
    // Who reported is not shown to the units that act on it.
    let hidden = (sight == Sight::Order || case.confidential && sight != Sight::Own)
        && matches!(
            event,
            CaseEvent::Reported(_) | CaseEvent::InfoSupplied(_) | CaseEvent::SolvedOnSpot(_)
        );
    actor_view(row, hidden, world, vault)
}

/// Who did what a row tells; `hidden`: only in which role.
pub(crate) fn actor_view(
    row: &JournalRow,
    hidden: bool,
    world: &World,
    vault: &Vault,
) -> Result<ActorView> {
    let role = row
        .role
        .as_deref()
        .and_then(Role::parse)
        .unwrap_or(Role::System);
    let entry = world.rules.role_acts.role(role);
    let person = row
        .actor
        .filter(|_| !hidden)
        .map(PersonId)
        .and_then(|id| world.people.get(&id));
    let name = match person {
        Some(person) => vault.open_sealed(person.id.0, &person.name)?,
        None => None,
    };
    Ok(ActorView {
        role: role.as_str().to_owned(),
        role_zh: entry.map(|e| e.name_zh.clone()).unwrap_or_default(),
        role_en: entry.map(|e| e.name_en.clone()).unwrap_or_default(),
        name,
        unit: row
            .unit
            .filter(|_| !hidden)
            .map(|unit| world.unit_ref(UnitId(unit), None)),
        automatic: role == Role::System,
    })
}

fn order_of(event: &CaseEvent) -> Option<OrderId> {
    match event {
        CaseEvent::OrderAdded(e) => Some(e.order.id),
        CaseEvent::Acknowledged(e) => Some(e.order),
        CaseEvent::Arrived(e) => Some(e.order),
        CaseEvent::FedBack(e) => Some(e.order),
        CaseEvent::Overdue(e) => e.order,
        CaseEvent::DeskRung(e) => e.order,
        CaseEvent::OrdersNested(e) => Some(e.under),
        CaseEvent::Worked(e) => Some(e.order),
        CaseEvent::OrderObjected(e) => Some(e.order),
        CaseEvent::ObjectionDecided(e) => Some(e.order),
        CaseEvent::OrderWithdrawn(e) => Some(e.order),
        CaseEvent::Redispatched(e) => Some(e.placed.id),
        CaseEvent::ExtensionRequested(e) => Some(e.order),
        CaseEvent::ExtensionDecided(e) => Some(e.order),
        CaseEvent::SuspensionRequested(e) => Some(e.order),
        CaseEvent::SuspensionRefused(e) => Some(e.order),
        CaseEvent::Supervised(e) => e.order,
        CaseEvent::Escalated(e) => e.order,
        _ => None,
    }
}

fn part(part: Part) -> (&'static str, &'static str) {
    match part {
        Part::Lead => ("主办", "lead"),
        Part::Assist => ("协办", "assist"),
        Part::Cc => ("抄告", "cc"),
    }
}

pub(super) fn clock_name(kind: ClockKind) -> (&'static str, &'static str) {
    match kind {
        ClockKind::Accept => ("受理", "accept"),
        ClockKind::Dispatch => ("派遣", "dispatch"),
        ClockKind::Acknowledge => ("签收", "acknowledge"),
        ClockKind::Arrive => ("到场", "arrive"),
        ClockKind::Handle => ("处置", "handle"),
        ClockKind::Verify => ("核查", "verify"),
        ClockKind::Confirm => ("核实", "confirm"),
        ClockKind::Decide => ("审批", "decide"),
        ClockKind::Resume => ("恢复", "resume"),
        ClockKind::Finish => ("交办", "finish"),
        ClockKind::CallBack => ("回访结案", "call back and close"),
        ClockKind::Supply => ("补充", "supply information"),
    }
}

pub(super) fn placed(order: &OrderPlaced) -> (String, String) {
    let (zh, en) = part(order.part);
    let arrive = order.arrive.as_ref().map(|d| d.limit);
    (
        format!(
            "{}（{zh}，{} 内签收{}）",
            order.unit_name,
            order.acknowledge.limit,
            arrive.map(|l| format!("，{l} 内到场")).unwrap_or_default()
        ),
        format!(
            "{} ({en}, acknowledge in {}{})",
            order.unit_name,
            order.acknowledge.limit,
            arrive
                .map(|l| format!(", arrive in {l}"))
                .unwrap_or_default()
        ),
    )
}

/// `（unit）`, or nothing.
fn after(unit: &str) -> String {
    if unit.is_empty() {
        String::new()
    } else {
        format!("（{unit}）")
    }
}

/// ` (unit)`, or nothing.
fn after_en(unit: &str) -> String {
    if unit.is_empty() {
        String::new()
    } else {
        format!(" ({unit})")
    }
}

/// Makes sentences of events of one case.
pub(super) struct Words<'a> {
    case: &'a CaseState,
    sight: Sight,
    vault: &'a Vault,
    world: &'a World,
}

impl Words<'_> {
    pub(super) fn open(&self, sealed: &Sealed<String>) -> Result<String> {
        Ok(self
            .vault
            .open_sealed(self.case.id.0, sealed)?
            .unwrap_or_else(|| "（已销毁 / erased）".to_owned()))
    }

    /// The name of a division.
    pub(super) fn division(&self, code: &DivisionCode) -> String {
        self.world.division_ref(code).name
    }

    /// The name of a role, Chinese and English.
    pub(super) fn role(&self, role: Role) -> (String, String) {
        let entry = self.world.rules.role_acts.role(role);
        entry.map_or_else(Default::default, |e| (e.name_zh.clone(), e.name_en.clone()))
    }

    /// Whether the viewer has an order only: then who reported, and what the reporter said, stays hidden.
    pub(super) fn hides_reporter(&self) -> bool {
        self.sight == Sight::Order || self.case.confidential && self.sight != Sight::Own
    }

    pub(super) fn unit(&self, order: OrderId) -> String {
        self.case
            .order(order)
            .map(|order| order.unit_name.as_str().to_owned())
            .unwrap_or_default()
    }

    pub(super) fn units(&self, orders: &[OrderId]) -> String {
        orders
            .iter()
            .map(|order| self.unit(*order))
            .collect::<Vec<_>>()
            .join("、")
    }

    fn of(&self, event: &CaseEvent) -> Result<(String, String)> {
        Ok(match event {
            CaseEvent::Reported(e) => {
                let class = e.classified.as_ref();
                let (zh, en) = match class {
                    Some(class) => (class.name_zh.as_str(), class.name_en.as_str()),
                    None => ("未定类", "not yet classed"),
                };
                (
                    format!("上报：{zh}，{} 内受理", e.accept.limit),
                    format!("reported: {en}, to be accepted in {}", e.accept.limit),
                )
            }
            CaseEvent::Accepted(e) => {
                let class = e.classified.as_ref().map(|c| {
                    (
                        format!("，定类 {}", c.name_zh),
                        format!(", class {}", c.name_en),
                    )
                });
                let (zh, en) = class.unwrap_or_default();
                (
                    format!("受理{zh}，{} 内派遣", e.dispatch.limit),
                    format!("accepted{en}, to be dispatched in {}", e.dispatch.limit),
                )
            }
            CaseEvent::Refused(e) => {
                let reason = self.open(&e.reason)?;
                (
                    format!("不予受理：{reason}"),
                    format!("not accepted: {reason}"),
                )
            }
            CaseEvent::ReturnedForInfo(e) => {
                let reason = self.open(&e.reason)?;
                (
                    format!("退回补充：{reason}"),
                    format!("returned for information: {reason}"),
                )
            }
            CaseEvent::InfoSupplied(e) => (
                format!("补充了材料，{} 内受理", e.accept.limit),
                format!("information supplied, to be accepted in {}", e.accept.limit),
            ),
            CaseEvent::Filed(e) => (
                format!("立案，编号 {}", e.number),
                format!("filed as {}", e.number),
            ),
            CaseEvent::Dispatched(e) => {
                let (zh, en): (Vec<_>, Vec<_>) = e.orders.iter().map(placed).unzip();
                let plan = e
                    .plan
                    .as_ref()
                    .map(|p| (format!("按预案 {p} "), format!(" by plan {p}")))
                    .unwrap_or_default();
                (
                    format!(
                        "{}同时派出 {} 个单位，{} 内办完：{}",
                        plan.0,
                        zh.len(),
                        e.handle.limit,
                        zh.join("；")
                    ),
                    format!(
                        "{} units sent at once{}, to be handled in {}: {}",
                        en.len(),
                        plan.1,
                        e.handle.limit,
                        en.join("; ")
                    ),
                )
            }
            CaseEvent::OrderAdded(e) => {
                let (zh, en) = placed(&e.order);
                let (rule_zh, rule_en) = rule_of(e.by);
                match (e.by, e.because, &e.reason) {
                    (AddedBy::Person, _, Some(reason)) => {
                        let reason = self.open(reason)?;
                        (
                            format!("加派 {zh}：{reason}"),
                            format!("added {en}: {reason}"),
                        )
                    }
                    (_, Some(late), _) => (
                        format!("加派 {zh}。{} {rule_zh}", self.unit(late)),
                        format!("added {en}. {}: {rule_en}", self.unit(late)),
                    ),
                    _ => (format!("加派 {zh}"), format!("added {en}")),
                }
            }
            CaseEvent::Acknowledged(e) => self.acknowledged(e)?,
            CaseEvent::Arrived(e) => {
                let unit = self.unit(e.order);
                let metres = e
                    .metres
                    .map(|m| (format!("，距现场 {m} 米"), format!(", {m} m from the spot")))
                    .unwrap_or_default();
                (
                    format!("{unit} 到场{}", metres.0),
                    format!("{unit} arrived{}", metres.1),
                )
            }
            CaseEvent::FedBack(e) => {
                let (unit, result) = (self.unit(e.order), self.open(&e.result)?);
                (
                    format!("{unit} 反馈结果：{result}"),
                    format!("{unit} handed in: {result}"),
                )
            }
            CaseEvent::Handled(e) => (
                format!(
                    "各主办、协办单位都已反馈，等待他人核查，时限 {}",
                    e.verify.limit
                ),
                format!(
                    "all units have handed in; to be checked by somebody else in {}",
                    e.verify.limit
                ),
            ),
            CaseEvent::Verified(e) => {
                let note = e
                    .note
                    .as_ref()
                    .map(|n| self.open(n))
                    .transpose()?
                    .map(|n| format!("：{n}"))
                    .unwrap_or_default();
                (
                    format!("核查通过{note}"),
                    format!("checked and found done{}", note.replace('：', ": ")),
                )
            }
            CaseEvent::CheckFailed(e) => {
                let note = e
                    .note
                    .as_ref()
                    .map(|n| self.open(n))
                    .transpose()?
                    .unwrap_or_default();
                let units = self.units(&e.orders);
                (
                    format!(
                        "核查未通过，{units} 重办，{} 内办完：{note}",
                        e.handle.limit
                    ),
                    format!(
                        "checked and found not done; {units} again, in {}: {note}",
                        e.handle.limit
                    ),
                )
            }
            CaseEvent::Closed(e) => ended("结案", "closed", &self.units(&e.stood_down)),
            CaseEvent::Voided(e) => {
                let reason = self.open(&e.reason)?;
                let (zh, en) = ended("作废", "voided", &self.units(&e.stood_down));
                (format!("{zh}：{reason}"), format!("{en}: {reason}"))
            }
            CaseEvent::Reminded(e) if e.orders.is_empty() => (
                "催办综治中心".to_owned(),
                "the centre was reminded".to_owned(),
            ),
            CaseEvent::Reminded(e) => {
                let units = self.units(&e.orders);
                (format!("催办 {units}"), format!("{units} reminded"))
            }
            CaseEvent::Overdue(e) => {
                let (zh, en) = clock_name(e.clock);
                let unit = e
                    .order
                    .map(|order| format!("{} ", self.unit(order)))
                    .unwrap_or_default();
                (
                    format!("{unit}{zh}时限已过"),
                    format!("{unit}the limit to {en} has passed"),
                )
            }
            CaseEvent::DeskRung(e) => {
                let unit = e.order.map(|order| self.unit(order)).unwrap_or_default();
                match e.reason {
                    RingReason::NewUrgent => (
                        "值班台响铃：新的紧急案件".to_owned(),
                        "the desk rings: a new urgent case".to_owned(),
                    ),
                    RingReason::NotAcknowledged => (
                        format!("值班台响铃：{unit} 未签收"),
                        format!("the desk rings: {unit} has not acknowledged"),
                    ),
                    RingReason::NoFurtherUnit => (
                        format!("值班台响铃：{unit} 未签收，也没有可加派的单位，请打电话"),
                        format!(
                            "the desk rings: {unit} has not acknowledged and no further unit is left; telephone"
                        ),
                    ),
                    RingReason::Overdue => (
                        "值班台响铃：时限已过".to_owned(),
                        "the desk rings: a limit has passed".to_owned(),
                    ),
                    RingReason::Request => (
                        format!("值班台响铃：有申请待审批{}", after(&unit)),
                        format!(
                            "the desk rings: a request waits for a decision{}",
                            after_en(&unit)
                        ),
                    ),
                    RingReason::Passed => (
                        "值班台响铃：案件转到本级".to_owned(),
                        "the desk rings: the case came from another level".to_owned(),
                    ),
                    RingReason::Dissatisfied => (
                        "值班台响铃：报告人不满意".to_owned(),
                        "the desk rings: the reporter is not content".to_owned(),
                    ),
                    RingReason::Alerted => (
                        "值班台响铃：按越级规则告知上级中心".to_owned(),
                        "the desk rings: a rule tells a higher centre at once".to_owned(),
                    ),
                    RingReason::CaughtUp => (
                        "值班台响铃：停机期间到时的事项汇总".to_owned(),
                        "the desk rings: a digest of what ran out while the node stood still"
                            .to_owned(),
                    ),
                }
            }
            _ => super::sentences::further(self, event)?,
        })
    }

    fn acknowledged(&self, e: &jingwei_core::cases::Acknowledged) -> Result<(String, String)> {
        let unit = self.unit(e.order);
        Ok(match (e.how, e.told_at, &e.whom) {
            // Whom the centre reached at another unit is not a unit's business.
            (AcknowledgedHow::Telephone, Some(told_at), Some(whom))
                if self.sight != Sight::Order =>
            {
                let (whom, at) = (self.open(whom)?, told_at.local_clock());
                let reason = e.reason.as_ref().map(|r| self.open(r)).transpose()?;
                let reason = reason.map(|r| format!(" ({r})")).unwrap_or_default();
                (
                    format!("{unit} 代签收：{at} 电话告知 {whom}{reason}"),
                    format!(
                        "{unit} acknowledged on its behalf: told by telephone at {at}, {whom}{reason}"
                    ),
                )
            }
            _ => (format!("{unit} 签收"), format!("{unit} acknowledged")),
        })
    }
}

fn ended(zh: &str, en: &str, units: &str) -> (String, String) {
    if units.is_empty() {
        (zh.to_owned(), en.to_owned())
    } else {
        (
            format!("{zh}，{units} 随案结束"),
            format!("{en}; {units} stood down with it"),
        )
    }
}
