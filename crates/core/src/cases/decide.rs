//! Deciding a command: who may, in which stage, kept apart from what, and what follows.
//!
//! The order of the checks is the order in which a person would want to hear of them: not yours to see, not your role, not
//! in this stage, not you again, this field.

use uuid::Uuid;

use super::command::{CaseCommand, Classing, Report};
use super::event::{
    Accepted, Acknowledged, Arrived, CheckFailed, Classified, Closed, Deadline, DeskRung, FedBack,
    Filed, Handled, InfoSupplied, Refused, Reminded, Reported, ReturnedForInfo, Verified, Voided,
};
use super::{AcknowledgedHow, CaseEvent, CaseState, Order, OrderStage, RingReason, Source, Stage};
use crate::access::{self, Act, Acting, Principal, Role, RoleActs};
use crate::code::{CaseNumber, ClassCode, Level};
use crate::directory::Directory;
use crate::id::OrderId;
use crate::refusal::{FieldFault, Refusal};
use crate::rules::{Class, RuleSet, Urgency};
use crate::sealed::Sealed;
use crate::time::Timestamp;

/// What a decision may look at.
pub struct Context<'a> {
    /// The journal time of what happens now.
    pub now: Timestamp,
    /// Who asks.
    pub by: &'a Principal,
    /// The rules in force.
    pub rules: &'a RuleSet,
    /// Divisions, units and posts.
    pub directory: &'a Directory,
    /// The next serial of the case's centre on today's day.
    pub serial: u32,
    /// Ids for new orders (UUIDv7).
    pub fresh: &'a dyn Fn() -> Uuid,
}

/// An event with the role in which it was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// By whom.
    pub by: Acting,
    /// What.
    pub event: CaseEvent,
}

impl Decided {
    pub(super) fn system(event: CaseEvent) -> Self {
        Self {
            by: Acting::SYSTEM,
            event,
        }
    }
}

type Decision = Result<Vec<Decided>, Refusal>;

/// Decides `command` on the case as it stands (none before the report).
pub fn decide(case: Option<&CaseState>, command: &CaseCommand, context: &Context<'_>) -> Decision {
    if let CaseCommand::Report(report) = command {
        return match case {
            Some(_) => Err(Refusal::Exists),
            None => decide_report(report, context),
        };
    }
    let case = case.ok_or(Refusal::NotFound)?;
    if let CaseCommand::Timer {
        clock,
        order,
        generation,
    } = command
    {
        return super::timers::fire(case, *clock, *order, *generation, context);
    }
    let asked = Asked {
        case,
        context,
        by: permitted(case, command, context)?,
    };
    asked.in_stage(command)?;
    asked.kept_apart(command)?;
    asked.carry_out(command)
}

/// The act that a command is, and the order it is about.
pub(super) fn act_of(command: &CaseCommand) -> (Act, Option<OrderId>) {
    match command {
        CaseCommand::Report(_) => (Act::Report, None),
        CaseCommand::Accept(_) => (Act::Accept, None),
        CaseCommand::Refuse(_) => (Act::Refuse, None),
        CaseCommand::ReturnForInfo(_) => (Act::ReturnForInfo, None),
        CaseCommand::SupplyInfo(_) => (Act::SupplyInfo, None),
        CaseCommand::File => (Act::File, None),
        CaseCommand::DispatchByPlan(_) | CaseCommand::Dispatch { .. } => (Act::Dispatch, None),
        CaseCommand::AddUnit { .. } => (Act::AddUnit, None),
        CaseCommand::Acknowledge(order) => (Act::Acknowledge, Some(*order)),
        CaseCommand::AcknowledgeFor { order, .. } => (Act::AcknowledgeFor, Some(*order)),
        CaseCommand::Arrive { order, .. } => (Act::Arrive, Some(*order)),
        CaseCommand::FeedBack { order, .. } => (Act::FeedBack, Some(*order)),
        CaseCommand::Verify { .. } => (Act::Verify, None),
        CaseCommand::Close => (Act::Close, None),
        CaseCommand::Void(_) => (Act::Void, None),
        CaseCommand::Remind(order) => (Act::Remind, *order),
        // A timer is the system's reminder; it is decided apart.
        CaseCommand::Timer { order, .. } => (Act::Remind, *order),
    }
}

fn permitted(
    case: &CaseState,
    command: &CaseCommand,
    context: &Context<'_>,
) -> Result<Acting, Refusal> {
    let (act, order) = act_of(command);
    let table = &context.rules.role_acts;
    if order.is_some() {
        return access::may(context.by, act, case, order, table);
    }
    let by = allowed(context.by, act, case, table)?;
    match command {
        CaseCommand::Accept(classing) if !classing.is_empty() => {
            access::may(context.by, Act::SetClass, case, None, table)?;
            Ok(by)
        }
        _ => Ok(by),
    }
}

/// Whether `principal` may do an act that is not of one order. A case closes at the level of its class or above.
pub(super) fn allowed(
    principal: &Principal,
    act: Act,
    case: &CaseState,
    table: &RoleActs,
) -> Result<Acting, Refusal> {
    let by = access::may(principal, act, case, None, table)?;
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
    access::may(
        &Principal::Person { id: *id, posts },
        act,
        case,
        None,
        table,
    )
    .map_err(|_| Refusal::ClosesAbove(least))
}

/// The stages in which a case takes an act.
pub(super) fn stages_of(act: Act) -> &'static [Stage] {
    use Stage::{Accepted, Dispatched, Filed, Handled, Reported, Returned, Verified};
    match act {
        Act::Accept | Act::Refuse | Act::ReturnForInfo => &[Reported],
        Act::SupplyInfo => &[Returned],
        Act::File => &[Accepted],
        Act::Dispatch => &[Filed],
        // A unit added after the results would be a leg that nobody waits for: a failed check opens the work again.
        Act::AddUnit => &[Dispatched],
        Act::Acknowledge | Act::AcknowledgeFor | Act::Arrive | Act::FeedBack | Act::Handle => {
            &[Dispatched, Handled]
        }
        Act::Verify => &[Handled],
        Act::Close => &[Verified],
        Act::Void => &[Reported, Returned, Accepted, Filed, Dispatched, Handled],
        Act::Remind => &[Reported, Accepted, Filed, Dispatched, Handled, Verified],
        Act::Report | Act::SetClass => &[],
    }
}

/// Whether an order takes an act at its stage.
pub(super) fn order_takes(order: &Order, act: Act) -> bool {
    use OrderStage::{Acknowledged, Arrived, FedBack, Sent, StoodDown};
    match act {
        Act::Acknowledge | Act::AcknowledgeFor => order.stage == Sent,
        Act::Arrive => matches!(order.stage, Sent | Acknowledged),
        Act::FeedBack => matches!(order.stage, Sent | Acknowledged | Arrived),
        _ => !matches!(order.stage, FedBack | StoodDown),
    }
}

/// Why `principal`, acting as `by`, may not do `act` on this case after what they (or their unit) did on it; none when they
/// may.
///
/// Accept, file and dispatch come together in one person by an urgent plan, and where the deployment let one person hold
/// duty chief and dispatcher: an import takes such a person only when the separation is relaxed expressly, and the journal
/// keeps that.
pub(super) fn apart_from(
    principal: &Principal,
    by: Acting,
    act: Act,
    by_plan: bool,
    case: &CaseState,
    rules: &RuleSet,
) -> Option<Refusal> {
    let person = by.person?;
    let relaxed = principal.holds(Role::DutyChief) && principal.holds(Role::Dispatcher);
    let joined = relaxed || by_plan && case.urgency == Urgency::High;
    let handles = matches!(act, Act::Arrive | Act::FeedBack).then_some(Act::Handle);
    for &(did, _) in case.did.iter().filter(|(_, who)| *who == person) {
        for act in std::iter::once(act).chain(handles) {
            if let Some((zh, en)) = rules.apart(did, act, joined) {
                return Some(Refusal::Separation {
                    did,
                    act,
                    zh: zh.to_owned(),
                    en: en.to_owned(),
                });
            }
        }
    }
    let own_work = |order: &Order| order.part.is_mandatory() && Some(order.unit) == by.unit;
    (act == Act::Verify && case.orders.iter().any(own_work)).then(|| Refusal::Separation {
        did: Act::Handle,
        act,
        zh: "本单位承办的，由别的单位核查".to_owned(),
        en: "what one's own unit handled is checked by another unit".to_owned(),
    })
}

struct Asked<'a> {
    case: &'a CaseState,
    context: &'a Context<'a>,
    by: Acting,
}

impl Asked<'_> {
    fn in_stage(&self, command: &CaseCommand) -> Result<(), Refusal> {
        let (act, order) = act_of(command);
        if !stages_of(act).contains(&self.case.stage) {
            return Err(Refusal::WrongState {
                act,
                stage: self.case.stage,
            });
        }
        match order.and_then(|id| self.case.order(id)) {
            Some(order) if !order_takes(order, act) => Err(Refusal::OrderDone(act)),
            _ => Ok(()),
        }
    }

    fn kept_apart(&self, command: &CaseCommand) -> Result<(), Refusal> {
        let (act, _) = act_of(command);
        let by_plan = matches!(
            command,
            CaseCommand::DispatchByPlan(_) | CaseCommand::Dispatch { plan: Some(_), .. }
        );
        apart_from(
            self.context.by,
            self.by,
            act,
            by_plan,
            self.case,
            self.context.rules,
        )
        .map_or(Ok(()), Err)
    }

    fn by(&self, event: CaseEvent) -> Vec<Decided> {
        vec![Decided { by: self.by, event }]
    }

    fn carry_out(&self, command: &CaseCommand) -> Decision {
        let now = self.context.now;
        match command {
            // Both are decided before they come here.
            CaseCommand::Report(_) | CaseCommand::Timer { .. } => Err(Refusal::NotFound),
            CaseCommand::Accept(classing) => self.accept(classing),
            CaseCommand::Refuse(reason) => Ok(self.by(CaseEvent::Refused(Refused {
                reason: reason.clone(),
            }))),
            CaseCommand::ReturnForInfo(reason) => {
                Ok(self.by(CaseEvent::ReturnedForInfo(ReturnedForInfo {
                    reason: reason.clone(),
                })))
            }
            CaseCommand::SupplyInfo(text) => {
                let accept = accept_deadline(self.case.classified.as_ref(), self.context)?;
                Ok(self.by(CaseEvent::InfoSupplied(InfoSupplied {
                    text: text.clone(),
                    accept,
                })))
            }
            CaseCommand::File => {
                let class = self.classified()?;
                let (day, serial) = (now.local_day(), self.context.serial);
                let number = CaseNumber::build(&class.class, day, &self.case.centre, serial);
                Ok(self.by(CaseEvent::Filed(Filed {
                    number,
                    day,
                    serial,
                })))
            }
            CaseCommand::DispatchByPlan(_)
            | CaseCommand::Dispatch { .. }
            | CaseCommand::AddUnit { .. } => super::orders::place(
                self.case,
                command,
                self.classified()?,
                self.by,
                self.context,
            ),
            CaseCommand::Acknowledge(order) => Ok(self.by(CaseEvent::Acknowledged(Acknowledged {
                order: *order,
                how: AcknowledgedHow::Unit,
                told_at: None,
                whom: None,
                reason: None,
            }))),
            CaseCommand::AcknowledgeFor {
                order,
                told_at,
                whom,
                reason,
            } => self.acknowledge_for(*order, *told_at, whom, reason),
            CaseCommand::Arrive { order, at } => {
                let metres = at
                    .zip(self.case.point)
                    .map(|(unit, case)| unit.metres_to(case));
                let mut events = self.first_acknowledge(*order);
                events.extend(self.by(CaseEvent::Arrived(Arrived {
                    order: *order,
                    metres,
                })));
                Ok(events)
            }
            CaseCommand::FeedBack { order, result } => self.feed_back(*order, result),
            CaseCommand::Verify {
                passed: true, note, ..
            } => Ok(self.by(CaseEvent::Verified(Verified { note: note.clone() }))),
            CaseCommand::Verify {
                passed: false,
                note,
                orders,
            } => {
                let handle = Deadline::new(self.classified()?.limits.handle, now);
                let orders = self.to_be_redone(orders)?;
                Ok(self.by(CaseEvent::CheckFailed(CheckFailed {
                    orders,
                    note: note.clone(),
                    handle,
                })))
            }
            CaseCommand::Close => Ok(self.by(CaseEvent::Closed(Closed {
                stood_down: self.still_open(),
            }))),
            CaseCommand::Void(reason) => Ok(self.by(CaseEvent::Voided(Voided {
                reason: reason.clone(),
                stood_down: self.still_open(),
            }))),
            CaseCommand::Remind(order) => {
                let orders =
                    order.map_or_else(|| super::timers::waited_for(self.case), |order| vec![order]);
                Ok(self.by(CaseEvent::Reminded(Reminded { orders })))
            }
        }
    }

    fn classified(&self) -> Result<&Classified, Refusal> {
        self.case.classified.as_ref().ok_or_else(class_required)
    }

    fn accept(&self, classing: &Classing) -> Decision {
        let class = match &classing.class {
            Some(code) => Some(known_class(code, self.context.rules)?),
            None => None,
        };
        let classified = class.map(|class| classify(class, self.context.rules));
        let limits = match (&classified, &self.case.classified) {
            (Some(class), _) | (None, Some(class)) => &class.limits,
            (None, None) => return Err(class_required()),
        };
        // A report without a class had no severity of its own: the class's then counts, unless something else is said.
        let own = class.filter(|_| self.case.classified.is_none());
        let severity = classing
            .severity
            .or(own.map(|class| class.severity))
            .unwrap_or(self.case.severity);
        let urgency = classing
            .urgency
            .or(own.map(|class| class.urgency))
            .unwrap_or(self.case.urgency);
        Ok(self.by(CaseEvent::Accepted(Accepted {
            dispatch: Deadline::new(limits.dispatch, self.context.now),
            severity,
            urgency,
            classified,
        })))
    }

    fn acknowledge_for(
        &self,
        order: OrderId,
        told_at: Timestamp,
        whom: &Sealed<String>,
        reason: &Sealed<String>,
    ) -> Decision {
        let sent = self.case.order(order).ok_or(Refusal::NotFound)?.sent_at;
        if told_at < sent || told_at > self.context.now {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "/told_at",
                "out_of_range",
                format!("告知时间应在派出（{}）与现在之间", sent.local_clock()),
                format!(
                    "the unit was told between the sending ({}) and now",
                    sent.rfc3339()
                ),
            )]));
        }
        Ok(self.by(CaseEvent::Acknowledged(Acknowledged {
            order,
            how: AcknowledgedHow::Telephone,
            told_at: Some(told_at),
            whom: Some(whom.clone()),
            reason: Some(reason.clone()),
        })))
    }

    /// Whoever arrives or hands in has the order, even when nobody tapped "acknowledge".
    fn first_acknowledge(&self, order: OrderId) -> Vec<Decided> {
        match self.case.order(order) {
            Some(found) if found.stage == OrderStage::Sent => {
                self.by(CaseEvent::Acknowledged(Acknowledged {
                    order,
                    how: AcknowledgedHow::Unit,
                    told_at: None,
                    whom: None,
                    reason: None,
                }))
            }
            _ => Vec::new(),
        }
    }

    fn feed_back(&self, order: OrderId, result: &Sealed<String>) -> Decision {
        let leg = self.case.order(order).ok_or(Refusal::NotFound)?.leg;
        let mut events = self.first_acknowledge(order);
        events.extend(self.by(CaseEvent::FedBack(FedBack {
            order,
            result: result.clone(),
        })));
        let all_done = self
            .case
            .mandatory_legs()
            .all(|other| other == leg || self.case.leg_is_done(other));
        if self.case.stage == Stage::Dispatched && all_done {
            let verify = Deadline::new(self.classified()?.limits.verify, self.context.now);
            events.push(Decided::system(CaseEvent::Handled(Handled { verify })));
        }
        Ok(events)
    }

    fn to_be_redone(&self, asked: &[OrderId]) -> Result<Vec<OrderId>, Refusal> {
        let done: Vec<OrderId> = self
            .case
            .orders
            .iter()
            .filter(|order| order.part.is_mandatory() && order.stage == OrderStage::FedBack)
            .map(|order| order.id)
            .collect();
        if asked.is_empty() {
            return Ok(done);
        }
        match asked.iter().find(|id| !done.contains(id)) {
            Some(id) => Err(Refusal::Invalid(vec![FieldFault::new(
                "/orders",
                "not_handed_in",
                format!("派单 {id} 没有反馈结果，不能退回重办"),
                format!("the order {id} has handed in nothing to be done again"),
            )])),
            None => Ok(asked.to_vec()),
        }
    }

    fn still_open(&self) -> Vec<OrderId> {
        self.case
            .orders
            .iter()
            .filter(|order| !matches!(order.stage, OrderStage::FedBack | OrderStage::StoodDown))
            .map(|order| order.id)
            .collect()
    }
}

fn class_required() -> Refusal {
    Refusal::Invalid(vec![FieldFault::new(
        "/class",
        "required",
        "这件报告还没有类别，请先定类",
        "the report has no class yet: give one",
    )])
}

fn known_class<'r>(code: &ClassCode, rules: &'r RuleSet) -> Result<&'r Class, Refusal> {
    rules.classes.get(code).ok_or_else(|| {
        Refusal::Invalid(vec![FieldFault::new(
            "/class",
            "unknown_class",
            format!("没有类别 {code}，可用的类别见 /api/v1/classes"),
            format!("there is no class {code}; see /api/v1/classes"),
        )])
    })
}

fn classify(class: &Class, rules: &RuleSet) -> Classified {
    Classified {
        class: class.code.clone(),
        name_zh: class.name_zh.clone(),
        name_en: class.name_en.clone(),
        limits: class.limits.clone(),
        close_level: class.close_level,
        rules: rules.digest,
    }
}

fn accept_deadline(class: Option<&Classified>, context: &Context<'_>) -> Result<Deadline, Refusal> {
    let limit = match class {
        Some(class) => Some(class.limits.accept),
        None => context.rules.classes.unclassed_accept(),
    };
    limit
        .map(|limit| Deadline::new(limit, context.now))
        .ok_or_else(class_required)
}

fn decide_report(report: &Report, context: &Context<'_>) -> Decision {
    let by = access::may_report(context.by, &context.rules.role_acts)?;
    let mut faults = Vec::new();
    let division = context.directory.division(&report.place);
    match division {
        None => faults.push(FieldFault::new(
            "/division",
            "unknown_division",
            format!("行政区划 {} 不存在", report.place),
            format!("there is no division {}", report.place),
        )),
        Some(row) if !Directory::valid_on(row, context.now.local_day()) => {
            let now = row
                .successor
                .and_then(|id| context.directory.division_by_id(id));
            let (zh, en) = now.map_or_else(Default::default, |d| {
                (
                    format!("，现为 {} {}", d.code, d.name),
                    format!("; it is {} {} now", d.code, d.name),
                )
            });
            faults.push(FieldFault::new(
                "/division",
                "former_division",
                format!("行政区划 {} 已不再使用{zh}", report.place),
                format!("the division {} is no longer in use{en}", report.place),
            ));
        }
        Some(_) if report.place.level() > Level::Town => faults.push(FieldFault::new(
            "/division",
            "too_large",
            "地点要具体到镇街或社区（村），即 9 位或 12 位代码",
            "the place has to be a town or a community: a code of 9 or 12 digits",
        )),
        Some(_) => {}
    }
    let class = match report
        .classing
        .class
        .as_ref()
        .map(|code| known_class(code, context.rules))
        .transpose()
    {
        Ok(class) => class,
        Err(Refusal::Invalid(more)) => {
            faults.extend(more);
            None
        }
        Err(other) => return Err(other),
    };
    let Some(division) = division.filter(|_| faults.is_empty()) else {
        return Err(Refusal::Invalid(faults));
    };
    let classified = class.map(|class| classify(class, context.rules));
    let (centre, centre_unit) = context.directory.centre_of(&division.code);
    let urgency = report
        .classing
        .urgency
        .or(class.map(|c| c.urgency))
        .unwrap_or(Urgency::Medium);
    let severity = report
        .classing
        .severity
        .or(class.map(|c| c.severity))
        .unwrap_or(crate::rules::Severity::Ordinary);
    let accept = accept_deadline(classified.as_ref(), context)?;
    let mut events = vec![Decided {
        by,
        event: CaseEvent::Reported(Reported {
            source: if *context.by == Principal::Resident {
                Source::Resident
            } else {
                report.source
            },
            classified,
            severity,
            urgency,
            division: division.id,
            code: division.code.clone(),
            centre,
            centre_unit,
            reporter: by.person,
            words: report.words.clone(),
            contact: report.contact.clone(),
            position: report.position.as_ref().map(|(sealed, _)| sealed.clone()),
            receipt: report.receipt,
            accept,
        }),
    }];
    if urgency == Urgency::High {
        events.push(Decided::system(CaseEvent::DeskRung(DeskRung {
            reason: RingReason::NewUrgent,
            order: None,
        })));
    }
    Ok(events)
}
