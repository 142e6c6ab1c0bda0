//! Deciding a command: who may, in which stage, kept apart from what, and what follows.
//!
//! The order of the checks is the order in which a person would want to hear of them: not yours to see, not your role, not
//! in this stage, not you again, this field.

use uuid::Uuid;

use super::clocks;
use super::command::CaseCommand;
use super::event::{Deadline, SeparationYielded};
use super::staffing::{self, Asking};
use super::stages::{order_takes, takes};
use super::{CaseEvent, CaseState, ClockKind, Part, Supervision};
use crate::access::{Act, Acting, Principal};
use crate::calendar::Hours;
use crate::directory::{Directory, Unit};
use crate::grids::Grids;
use crate::id::OrderId;
use crate::refusal::{FieldFault, Refusal};
use crate::rules::RuleSet;
use crate::time::{Limit, Timestamp};

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
    /// The grids of every day.
    pub grids: &'a Grids,
    /// The next serial of the case's centre on today's day.
    pub serial: u32,
    /// Ids for new orders (UUIDv7); their random part also draws the cases for the audit.
    pub fresh: &'a dyn Fn() -> Uuid,
    /// The other case of a merger, when there is one.
    pub other: Option<&'a CaseState>,
}

impl Context<'_> {
    /// The deadline of a limit of the office that starts now.
    pub(super) fn deadline(
        &self,
        case: Option<&CaseState>,
        kind: ClockKind,
        limit: Limit,
    ) -> Deadline {
        let class = case
            .and_then(|case| case.classified.as_ref())
            .map(|class| &class.class);
        clocks::deadline(self.rules, class, kind, limit, self.now, Hours::Standard)
    }

    /// The deadline of a limit of a unit that starts now. A unit that is only told is reminded, and no more.
    pub(super) fn deadline_of(
        &self,
        unit: &Unit,
        part: Part,
        class: &super::Classified,
        kind: ClockKind,
        limit: Limit,
    ) -> Deadline {
        let hours = Hours::Unit(&unit.duty);
        let full = clocks::deadline(self.rules, Some(&class.class), kind, limit, self.now, hours);
        if part.is_mandatory() {
            return full;
        }
        Deadline {
            yellow: None,
            yellow_card: None,
            red_card: None,
            again: None,
            ..full
        }
    }
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

pub(super) type Decision = Result<Vec<Decided>, Refusal>;

/// Decides `command` on the case as it stands (none before the report).
pub fn decide(case: Option<&CaseState>, command: &CaseCommand, context: &Context<'_>) -> Decision {
    if let CaseCommand::Report(report) = command {
        return match case {
            Some(_) => Err(Refusal::Exists),
            None => super::procedure::decide_report(report, context),
        };
    }
    let case = case.ok_or(Refusal::NotFound)?;
    match command {
        CaseCommand::Timer {
            clock,
            order,
            generation,
            caught_up,
        } => {
            let timer = (*clock, *order, *generation);
            return super::timers::fire(case, timer, *caught_up, context);
        }
        CaseCommand::Recompute => {
            let clocks = clocks::recompute(case, context.rules, context.directory);
            if clocks.is_empty() || *context.by != Principal::System {
                return Err(Refusal::TimerGone);
            }
            let event = CaseEvent::Recomputed(super::Recomputed { clocks });
            return Ok(vec![Decided::system(event)]);
        }
        _ => {}
    }
    let asked = Asked {
        case,
        context,
        by: permitted(case, command, context)?,
    };
    asked.in_stage(command)?;
    let mut decided = asked.kept_apart(command)?;
    decided.extend(asked.carry_out(command)?);
    Ok(decided)
}

/// The act that a command is, and the order it is about.
pub(super) fn act_of(command: &CaseCommand) -> (Act, Option<OrderId>) {
    use CaseCommand as C;
    match command {
        C::Report(report) if report.solved.is_some() => (Act::SolveOnSpot, None),
        C::Report(_) => (Act::Report, None),
        C::Accept(_) => (Act::Accept, None),
        C::Refuse(_) => (Act::Refuse, None),
        C::ReturnForInfo(_) => (Act::ReturnForInfo, None),
        C::SupplyInfo(_) => (Act::SupplyInfo, None),
        C::Confirm { .. } => (Act::Confirm, None),
        C::Relay(_) => (Act::Relay, None),
        C::SetClass(_) => (Act::SetClass, None),
        C::SolveOnSpot(_) => (Act::SolveOnSpot, None),
        C::File(_) => (Act::File, None),
        C::DispatchByPlan(_) | C::Dispatch { .. } => (Act::Dispatch, None),
        C::AddUnit { .. } => (Act::AddUnit, None),
        C::Acknowledge(order) => (Act::Acknowledge, Some(*order)),
        C::AcknowledgeFor { order, .. } => (Act::AcknowledgeFor, Some(*order)),
        C::Arrive { order, .. } => (Act::Arrive, Some(*order)),
        C::Handle { order, .. } => (Act::Handle, Some(*order)),
        C::FeedBack { order, .. } => (Act::FeedBack, Some(*order)),
        C::ObjectOrder { order, .. } => (Act::ObjectOrder, Some(*order)),
        C::DecideObjection { order, .. } => (Act::DecideObjection, Some(*order)),
        C::RequestExtension { order, .. } => (Act::RequestExtension, Some(*order)),
        C::DecideExtension { order, .. } => (Act::DecideExtension, Some(*order)),
        C::RequestSuspend { order, .. } => (Act::RequestSuspend, Some(*order)),
        C::Suspend { .. } => (Act::Suspend, None),
        C::Resume(_) => (Act::Resume, None),
        C::WithdrawOrder { order, .. } => (Act::WithdrawOrder, Some(*order)),
        C::Redispatch { order, .. } => (Act::Redispatch, Some(*order)),
        C::Designate { order, .. } => (Act::Designate, Some(*order)),
        C::PassUp(_) => (Act::PassUp, None),
        C::PassDown { .. } => (Act::PassDown, None),
        C::Merge { .. } => (Act::Merge, None),
        C::Unmerge(_) => (Act::Unmerge, None),
        C::MarkUrgent(_) => (Act::MarkUrgent, None),
        C::MarkConfidential(_) => (Act::MarkConfidential, None),
        C::Verify { .. } => (Act::Verify, None),
        C::CallBack { .. } => (Act::CallBack, None),
        C::Close => (Act::Close, None),
        C::Rate { .. } => (Act::Rate, None),
        C::Reopen(_) => (Act::Reopen, None),
        C::RequestVoid(_) => (Act::RequestVoid, None),
        C::Void { .. } => (Act::Void, None),
        C::Supervise { level, .. } => match level {
            Supervision::Normal => (Act::Supervise, None),
            Supervision::YellowCard => (Act::YellowCard, None),
            Supervision::RedCard => (Act::RedCard, None),
        },
        C::Instruct(_) => (Act::Instruct, None),
        C::Remind(order) => (Act::Remind, *order),
        // A timer is the system's reminder, and a new calendar is read by the system; both are decided apart.
        C::Timer { order, .. } => (Act::Remind, *order),
        C::Recompute => (Act::Resume, None),
    }
}

fn permitted(
    case: &CaseState,
    command: &CaseCommand,
    context: &Context<'_>,
) -> Result<Acting, Refusal> {
    let (act, order) = act_of(command);
    let may = |act, order| {
        staffing::permitted(
            context.by,
            act,
            case,
            order,
            context.rules,
            context.directory,
        )
    };
    let by = may(act, order)?;
    // Whoever accepts in a role that may set the class sets it with the same right.
    let table = &context.rules.role_acts;
    match command {
        CaseCommand::Accept(classing)
            if !classing.is_empty() && table.rule(by.role, Act::SetClass).is_none() =>
        {
            may(Act::SetClass, None)?;
            Ok(by)
        }
        _ => Ok(by),
    }
}

/// One command on one case.
pub(super) struct Asked<'a> {
    pub(super) case: &'a CaseState,
    pub(super) context: &'a Context<'a>,
    pub(super) by: Acting,
}

impl Asked<'_> {
    fn in_stage(&self, command: &CaseCommand) -> Result<(), Refusal> {
        let (act, order) = act_of(command);
        if !takes(self.case, act, self.context.by) {
            return Err(Refusal::WrongState {
                act,
                stage: self.case.stage,
            });
        }
        match order.and_then(|id| self.case.order(id)) {
            Some(order) if !order_takes(self.case, order, act) => Err(Refusal::OrderDone(act)),
            _ => Ok(()),
        }
    }

    /// The separations that give way, each written down.
    fn kept_apart(&self, command: &CaseCommand) -> Decision {
        let (act, _) = act_of(command);
        let by_plan = matches!(
            command,
            CaseCommand::DispatchByPlan(_) | CaseCommand::Dispatch { plan: Some(_), .. }
        );
        let yielding = staffing::kept_apart(Asking {
            principal: self.context.by,
            by: self.by,
            act,
            by_plan,
            case: self.case,
            rules: self.context.rules,
            directory: self.context.directory,
        })?;
        let mut written: Vec<Decided> = Vec::new();
        for conflict in yielding {
            let Some(person) = self.by.person else { break };
            let event = CaseEvent::SeparationYielded(SeparationYielded {
                did: conflict.did,
                act: conflict.act,
                person,
            });
            if !written.iter().any(|before| before.event == event) {
                written.push(Decided::system(event));
            }
        }
        Ok(written)
    }

    pub(super) fn by(&self, event: CaseEvent) -> Vec<Decided> {
        vec![Decided { by: self.by, event }]
    }

    pub(super) fn deadline(&self, kind: ClockKind, limit: Limit) -> Deadline {
        self.context.deadline(Some(self.case), kind, limit)
    }

    fn carry_out(&self, command: &CaseCommand) -> Decision {
        use CaseCommand as C;
        match command {
            // Decided before they come here.
            C::Report(_) | C::Timer { .. } | C::Recompute => Err(Refusal::NotFound),
            C::Accept(classing) => self.accept(classing),
            C::Refuse(reason) => self.refuse(reason),
            C::ReturnForInfo(reason) => self.return_for_info(reason),
            C::SupplyInfo(text) => self.supply_info(text),
            C::Confirm { found, note, at } => self.confirm(*found, note.as_ref(), *at),
            C::Relay(unit) => self.relay(*unit),
            C::SetClass(classing) => self.set_class(classing),
            C::SolveOnSpot(result) => self.solve_on_spot(result),
            C::File(condition) => self.file(condition.as_ref()),
            C::DispatchByPlan(_) | C::Dispatch { .. } | C::AddUnit { .. } => super::orders::place(
                self.case,
                command,
                self.classified()?,
                self.by,
                self.context,
            ),
            C::Acknowledge(order) => Ok(self.acknowledge(*order)),
            C::AcknowledgeFor {
                order,
                told_at,
                whom,
                reason,
            } => self.acknowledge_for(*order, *told_at, whom, reason),
            C::Arrive { order, at } => Ok(self.arrive(*order, *at)),
            C::Handle { order, note } => Ok(self.handle(*order, note)),
            C::FeedBack { order, result } => self.feed_back(*order, result),
            C::ObjectOrder { order, reason } => self.object(*order, reason),
            C::DecideObjection {
                order,
                upheld,
                unit,
                reason,
            } => self.decide_objection(*order, *upheld, *unit, reason),
            C::RequestExtension {
                order,
                limit,
                reason,
            } => self.request_extension(*order, *limit, reason),
            C::DecideExtension {
                order,
                granted,
                limit,
                reason,
            } => self.decide_extension(*order, *granted, *limit, reason),
            C::RequestSuspend {
                order,
                limit,
                reason,
            } => self.request_suspend(*order, *limit, reason),
            C::Suspend {
                order,
                granted,
                limit,
                reason,
            } => self.suspend(*order, *granted, *limit, reason),
            C::Resume(reason) => Ok(self.resume(reason)),
            C::WithdrawOrder { order, reason } => self.withdraw(*order, reason),
            C::Redispatch {
                order,
                unit,
                reason,
            } => self.redispatch(*order, *unit, reason, false),
            C::Designate {
                order,
                unit,
                reason,
            } => self.redispatch(*order, *unit, reason, true),
            C::PassUp(reason) => self.pass_up(reason),
            C::PassDown { to, limit, reason } => self.pass_down(to, *limit, reason),
            C::Merge { into, reason } => self.merge(*into, reason),
            C::Unmerge(reason) => self.unmerge(reason),
            C::MarkUrgent(reason) => self.mark_urgent(reason),
            C::MarkConfidential(reason) => self.mark_confidential(reason),
            C::Verify {
                passed: true, note, ..
            } => Ok(self.verify(note.as_ref())),
            C::Verify {
                passed: false,
                note,
                orders,
            } => self.check_failed(note.as_ref(), orders),
            C::CallBack {
                reached,
                solved,
                satisfaction,
                note,
            } => self.call_back(*reached, *solved, *satisfaction, note.as_ref()),
            C::Close => self.close(),
            C::Rate {
                solved,
                satisfaction,
                note,
            } => self.rate(*solved, *satisfaction, note.as_ref()),
            C::Reopen(reason) => self.reopen(reason),
            C::RequestVoid(reason) => Ok(self.request_void(reason)),
            C::Void { granted, reason } => self.void(*granted, reason),
            C::Supervise {
                level,
                order,
                reason,
            } => self.supervise(*level, *order, reason),
            C::Instruct(text) => Ok(self.instruct(text)),
            C::Remind(order) => Ok(self.remind(*order)),
        }
    }

    pub(super) fn classified(&self) -> Result<&super::Classified, Refusal> {
        self.case.classified.as_ref().ok_or_else(class_required)
    }
}

/// The refusal of one field.
pub(super) fn fault(
    pointer: &str,
    code: &'static str,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> Refusal {
    Refusal::Invalid(vec![FieldFault::new(pointer, code, zh, en)])
}

pub(super) fn class_required() -> Refusal {
    fault(
        "/class",
        "required",
        "这件报告还没有类别，请先定类",
        "the report has no class yet: give one",
    )
}
