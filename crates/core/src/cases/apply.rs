//! Folding events into the state. Nothing is looked up here and nothing is refused: the event happened.

use super::{
    AddedBy, CaseEvent, CaseState, Clock, ClockKind, Deadline, Order, OrderPlaced, OrderStage,
    Request, RequestKind, Restarted, Rung, Stage, Supervision, Suspension, UpBecause,
};
use crate::access::{Act, Acting};
use crate::id::{CaseId, OrderId};
use crate::rules::Urgency;
use crate::sealed::Sealed;
use crate::time::Limit;
use crate::time::Timestamp;

/// Folds `event`, done by `by` at `at`, into `state`. The first event of a case makes the state.
pub fn apply(
    state: &mut Option<CaseState>,
    id: CaseId,
    event: &CaseEvent,
    by: Acting,
    at: Timestamp,
) {
    match (state.as_mut(), event) {
        (None, CaseEvent::Reported(reported)) => {
            let mut case = CaseState {
                id,
                version: 1,
                stage: Stage::Reported,
                source: reported.source,
                classified: reported.classified.clone(),
                severity: reported.severity,
                urgency: reported.urgency,
                division: reported.division,
                code: reported.code.clone(),
                centre: reported.centre.clone(),
                centre_unit: reported.centre_unit,
                reporter: reported.reporter,
                words: reported.words.clone(),
                contact: reported.contact.clone(),
                position: reported.position.clone(),
                point: None,
                grids: reported.grids.clone(),
                receipt: reported.receipt,
                number: None,
                plan: None,
                reported_at: at,
                updated_at: at,
                orders: Vec::new(),
                clocks: Vec::new(),
                did: Vec::new(),
                reason: None,
                supplied: Vec::new(),
                condition: None,
                round: 0,
                requests: Vec::new(),
                extended: None,
                suspension: None,
                suspended_ms: None,
                merged_into: None,
                absorbed: Vec::new(),
                confidential: false,
                supervision: None,
                instruction: None,
                solved: None,
                relayed_to: None,
                confirmed: None,
                alerted: Vec::new(),
                called_back: None,
                reporter_says: None,
                reopened: 0,
                rate_until: None,
                checks_failed: 0,
            };
            case.start(ClockKind::Accept, None, &reported.accept, at);
            case.note(Act::Report, by);
            *state = Some(case);
        }
        (Some(case), event) => {
            case.version += 1;
            case.updated_at = at;
            case.fold(event, by, at);
        }
        // A journal that begins with anything else than a report is found by `check`; here there is nothing to change.
        (None, _) => {}
    }
}

impl CaseState {
    fn fold(&mut self, event: &CaseEvent, by: Acting, at: Timestamp) {
        match event {
            CaseEvent::Reported(_) => {}
            CaseEvent::Accepted(e) => {
                if e.classified.is_some() {
                    self.classified.clone_from(&e.classified);
                    self.note(Act::SetClass, by);
                }
                self.severity = e.severity;
                self.urgency = e.urgency;
                // A case that has its number from a level below or from before is not filed again.
                self.stage = match self.number {
                    Some(_) => Stage::Filed,
                    None => Stage::Accepted,
                };
                self.stop(ClockKind::Accept, None, at, true);
                self.stop(ClockKind::Supply, None, at, false);
                if self.stage == Stage::Filed {
                    self.stop(ClockKind::Confirm, None, at, false);
                }
                self.start(ClockKind::Dispatch, None, &e.dispatch, at);
                self.note(Act::Accept, by);
            }
            CaseEvent::Refused(e) => {
                self.stage = Stage::Refused;
                self.reason = Some(e.reason.clone());
                self.note(Act::Refuse, by);
                self.stop(ClockKind::Accept, None, at, true);
                self.end(&[], at);
            }
            CaseEvent::ReturnedForInfo(e) => {
                self.stage = Stage::Returned;
                self.reason = Some(e.reason.clone());
                self.note(Act::ReturnForInfo, by);
                self.stop(ClockKind::Accept, None, at, false);
                self.stop(ClockKind::Confirm, None, at, false);
                if let Some(supply) = &e.supply {
                    self.start(ClockKind::Supply, None, supply, at);
                }
            }
            CaseEvent::InfoSupplied(e) => {
                self.stage = Stage::Reported;
                self.supplied.push(e.text.clone());
                self.stop(ClockKind::Supply, None, at, true);
                self.note(Act::SupplyInfo, by);
                self.start(ClockKind::Accept, None, &e.accept, at);
            }
            CaseEvent::Filed(e) => {
                self.stage = Stage::Filed;
                self.number = Some(e.number.clone());
                self.condition.clone_from(&e.condition);
                if let (Some(class), Some(handle)) = (self.classified.as_mut(), e.handle) {
                    class.limits.handle = handle;
                }
                // From here on nobody is asked to confirm the report any more.
                self.stop(ClockKind::Confirm, None, at, false);
                self.note(Act::File, by);
            }
            CaseEvent::Dispatched(e) => {
                self.stage = Stage::Dispatched;
                self.plan.clone_from(&e.plan);
                self.stop(ClockKind::Dispatch, None, at, true);
                self.start(ClockKind::Handle, None, &e.handle, at);
                for order in &e.orders {
                    self.place(order, None, at);
                }
                self.note(Act::Dispatch, by);
            }
            CaseEvent::OrderAdded(e) => {
                self.place(&e.order, Some((e.by, e.because)), at);
                if e.by == AddedBy::Person {
                    self.note(Act::AddUnit, by);
                }
            }
            CaseEvent::Acknowledged(e) => {
                self.stop(ClockKind::Acknowledge, Some(e.order), at, true);
                self.change(e.order, |order| {
                    order.stage = OrderStage::Acknowledged;
                    order.acknowledged_at = Some(at);
                    order.acknowledged_how = Some(e.how);
                });
                self.leg_has_somebody(e.order, at);
            }
            CaseEvent::Arrived(e) => {
                self.stop(ClockKind::Arrive, Some(e.order), at, true);
                self.change(e.order, |order| {
                    order.stage = OrderStage::Arrived;
                    order.arrived_at = Some(at);
                    order.arrived_metres = e.metres;
                });
                self.leg_has_arrived(e.order, at);
                self.note(Act::Handle, by);
            }
            CaseEvent::FedBack(e) => {
                self.stop_clocks_of_leg(e.order, at);
                self.change(e.order, |order| {
                    order.stage = OrderStage::FedBack;
                    order.fed_back_at = Some(at);
                    order.result = Some(e.result.clone());
                });
                self.note(Act::FeedBack, by);
                self.note(Act::Handle, by);
            }
            CaseEvent::Handled(e) => {
                self.stage = Stage::Handled;
                self.stop(ClockKind::Handle, None, at, true);
                self.start(ClockKind::Verify, None, &e.verify, at);
            }
            CaseEvent::Verified(e) => {
                self.stage = Stage::Verified;
                self.stop(ClockKind::Verify, None, at, true);
                // What was checked is closed, not voided: nobody is asked to decide that any more.
                self.requests
                    .retain(|request| request.kind != RequestKind::Voiding);
                self.stop(ClockKind::Decide, None, at, false);
                self.called_back = None;
                if let Some(call_back) = &e.call_back {
                    self.start(ClockKind::CallBack, None, call_back, at);
                }
                self.note(Act::Verify, by);
            }
            CaseEvent::CheckFailed(e) => {
                self.stage = Stage::Dispatched;
                self.stop(ClockKind::Verify, None, at, true);
                self.start(ClockKind::Handle, None, &e.handle, at);
                self.work_again(&e.orders);
                // What the reporter said before was about work that is done again.
                self.reporter_says = None;
                if let Some(times) = e.times {
                    self.checks_failed = times;
                }
                self.note(Act::Verify, by);
            }
            CaseEvent::Closed(e) => {
                self.stage = Stage::Closed;
                self.stop(ClockKind::CallBack, None, at, true);
                self.stop(ClockKind::Finish, None, at, true);
                self.rate_until = e.rate_until;
                self.note(Act::Close, by);
                self.end(&e.stood_down, at);
            }
            CaseEvent::Voided(e) => {
                self.stage = Stage::Voided;
                self.reason = Some(e.reason.clone());
                self.note(Act::Void, by);
                self.end(&e.stood_down, at);
            }
            CaseEvent::Reminded(_) | CaseEvent::DeskRung(_) => {}
            CaseEvent::Overdue(e) => {
                self.reach(e.clock, e.order, Rung::Red, at);
                if let (ClockKind::Acknowledge, Some(order)) = (e.clock, e.order) {
                    self.change(order, |order| order.late = true);
                }
            }
            CaseEvent::Escalated(e) => {
                self.reach(e.clock, e.order, e.rung, at);
                // The case gets no card because its reporter is silent, or because time that was granted has run out.
                let staff = !matches!(e.clock, ClockKind::Supply | ClockKind::Resume);
                match e.rung {
                    Rung::YellowCard if staff => self.supervise(Supervision::YellowCard),
                    Rung::RedCard if staff => self.supervise(Supervision::RedCard),
                    _ => {}
                }
            }
            _ => self.fold_further(event, by, at),
        }
    }

    /// What came after the first release: side states, requests, levels, and the reporter's word.
    fn fold_further(&mut self, event: &CaseEvent, by: Acting, at: Timestamp) {
        match event {
            CaseEvent::Confirmed(e) => {
                self.confirmed = Some(e.found);
                self.stop(ClockKind::Confirm, None, at, true);
                self.note(Act::Confirm, by);
            }
            CaseEvent::Relayed(e) => {
                self.relayed_to = Some(e.unit);
                self.stop(ClockKind::Confirm, None, at, false);
                self.start(ClockKind::Confirm, None, &e.confirm, at);
                self.note(Act::Relay, by);
            }
            CaseEvent::Classed(e) => {
                self.classified = Some(e.classified.clone());
                self.severity = e.severity;
                self.urgency = e.urgency;
                if let (Some(clock), Some(kind)) = (&e.clock, self.clock_of_stage()) {
                    let went_on = self.running(kind, None).and_then(|clock| clock.rest);
                    let rest = went_on.zip(e.left).map(|((from, _), left)| (from, left));
                    self.reckon_again(kind, None, clock, rest, at);
                }
                self.note(Act::SetClass, by);
            }
            CaseEvent::SolvedOnSpot(e) => {
                self.solved = Some(e.result.clone());
                self.rate_until = e.rate_until;
                self.stop(ClockKind::Accept, None, at, true);
                self.stop(ClockKind::Confirm, None, at, false);
                self.note(Act::SolveOnSpot, by);
                self.note(Act::Handle, by);
                match &e.audit {
                    Some(audit) => {
                        self.stage = Stage::Handled;
                        self.start(ClockKind::Verify, None, audit, at);
                    }
                    None => {
                        self.stage = Stage::Closed;
                        self.end(&[], at);
                    }
                }
            }
            CaseEvent::AuditFailed(e) => {
                self.stage = Stage::Reported;
                self.solved = None;
                self.stop(ClockKind::Verify, None, at, true);
                self.start(ClockKind::Accept, None, &e.accept, at);
                self.note(Act::Verify, by);
            }
            CaseEvent::PassedUp(e) => {
                match e.because {
                    UpBecause::Dissatisfied => {
                        self.reopened += 1;
                        self.begin_anew();
                        self.end_orders(at);
                    }
                    UpBecause::CheckFailed => {
                        self.begin_anew();
                        self.end_orders(at);
                    }
                    UpBecause::Person | UpBecause::Unanswered => {}
                }
                // A deadline that a level above gave is not the one of the level that now has the case.
                self.stop(ClockKind::Finish, None, at, false);
                self.note(Act::PassUp, by);
                self.go_to(&e.centre, e.centre_unit, &e.accept, at);
            }
            CaseEvent::PassedDown(e) => {
                self.note(Act::PassDown, by);
                self.stop(ClockKind::Finish, None, at, false);
                self.go_to(&e.centre, e.centre_unit, &e.accept, at);
                self.start(ClockKind::Finish, None, &e.finish, at);
            }
            CaseEvent::Alerted(e) => self.alerted.push(e.centre.clone()),
            CaseEvent::OrdersNested(e) => {
                for order in &e.orders {
                    self.place(order, None, at);
                }
                self.note(Act::Dispatch, by);
            }
            CaseEvent::Worked(_) => self.note(Act::Handle, by),
            CaseEvent::OrderObjected(e) => {
                // The unit has answered: nobody waits for its acknowledgement while the objection is looked at.
                self.stop(ClockKind::Acknowledge, Some(e.order), at, false);
                self.ask(
                    RequestKind::Objection,
                    Some(e.order),
                    by,
                    None,
                    &e.reason,
                    at,
                );
                self.start_to_decide(Some(e.order), &e.decide, at);
                self.note(Act::ObjectOrder, by);
            }
            CaseEvent::ObjectionDecided(e) => {
                self.answered(RequestKind::Objection, Some(e.order), at);
                self.note(Act::DecideObjection, by);
                if e.upheld {
                    self.withdraw(e.order, at);
                    if let Some(placed) = &e.replacement {
                        self.place(placed, None, at);
                    }
                } else {
                    self.change(e.order, |order| {
                        order.designated = true;
                        if order.stage == OrderStage::Sent {
                            order.stage = OrderStage::Acknowledged;
                            order.acknowledged_at = Some(at);
                        }
                    });
                }
            }
            CaseEvent::OrderWithdrawn(e) => {
                self.withdraw(e.order, at);
                self.note(Act::WithdrawOrder, by);
            }
            CaseEvent::Redispatched(e) => {
                self.withdraw(e.order, at);
                self.place(&e.placed, None, at);
                self.change(e.placed.id, |order| order.designated = e.designated);
                let act = if e.designated {
                    Act::Designate
                } else {
                    Act::Redispatch
                };
                self.note(act, by);
            }
            CaseEvent::ExtensionRequested(e) => {
                self.ask(
                    RequestKind::Extension,
                    Some(e.order),
                    by,
                    Some(e.limit),
                    &e.reason,
                    at,
                );
                self.start_to_decide(Some(e.order), &e.decide, at);
                self.note(Act::RequestExtension, by);
            }
            CaseEvent::ExtensionDecided(e) => {
                self.answered(RequestKind::Extension, Some(e.order), at);
                if let (Some(granted), Some(handle)) = (e.granted, &e.handle) {
                    let (times, ms) = self.extended.unwrap_or((0, 0));
                    self.extended = Some((times + 1, ms + granted.milliseconds()));
                    self.go_on(handle, at);
                }
                self.note(Act::DecideExtension, by);
            }
            CaseEvent::SuspensionRequested(e) => {
                self.ask(
                    RequestKind::Suspension,
                    Some(e.order),
                    by,
                    Some(e.limit),
                    &e.reason,
                    at,
                );
                self.start_to_decide(Some(e.order), &e.decide, at);
                self.note(Act::RequestSuspend, by);
            }
            CaseEvent::SuspensionRefused(e) => {
                self.answered(RequestKind::Suspension, Some(e.order), at);
                self.note(Act::Suspend, by);
            }
            CaseEvent::Suspended(e) => {
                let asked: Vec<OrderId> = self
                    .requests
                    .iter()
                    .filter(|request| request.kind == RequestKind::Suspension)
                    .filter_map(|request| request.order)
                    .collect();
                for order in asked {
                    self.answered(RequestKind::Suspension, Some(order), at);
                }
                self.stage = Stage::Suspended;
                self.suspension = Some(Suspension {
                    since: at,
                    reason: e.reason.clone(),
                });
                self.pause(at);
                self.start(ClockKind::Resume, None, &e.resume, at);
                self.note(Act::Suspend, by);
            }
            CaseEvent::Resumed(e) => {
                self.stage = Stage::Dispatched;
                if let Some(suspension) = self.suspension.take() {
                    let before = self.suspended_ms.unwrap_or(0);
                    self.suspended_ms = Some(before + (at.0 - suspension.since.0));
                }
                self.stop(ClockKind::Resume, None, at, true);
                for clock in &e.clocks {
                    self.go_on(clock, at);
                }
                self.note(Act::Resume, by);
            }
            CaseEvent::VoidRequested(e) => {
                self.ask(RequestKind::Voiding, None, by, None, &e.reason, at);
                self.start_to_decide(None, &e.decide, at);
                self.note(Act::RequestVoid, by);
            }
            CaseEvent::VoidRefused(_) => {
                self.answered(RequestKind::Voiding, None, at);
                self.note(Act::Void, by);
            }
            CaseEvent::Merged(e) => {
                self.merged_into = Some((e.into, self.stage));
                self.stage = Stage::Merged;
                self.point = None;
                self.pause(at);
                self.note(Act::Merge, by);
            }
            CaseEvent::Absorbed(e) => self.absorbed.push(e.case),
            CaseEvent::Unmerged(e) => {
                if let Some((_, stage)) = self.merged_into.take() {
                    self.stage = stage;
                }
                for clock in &e.clocks {
                    self.go_on(clock, at);
                }
                self.note(Act::Unmerge, by);
            }
            CaseEvent::Parted(e) => self.absorbed.retain(|case| *case != e.case),
            CaseEvent::MarkedUrgent(_) => {
                self.urgency = Urgency::High;
                self.note(Act::MarkUrgent, by);
            }
            CaseEvent::MarkedConfidential(_) => {
                self.confidential = true;
                self.note(Act::MarkConfidential, by);
            }
            CaseEvent::Instructed(e) => {
                self.instruction = Some(e.text.clone());
                self.note(Act::Instruct, by);
            }
            CaseEvent::Supervised(e) => {
                self.supervise(e.level);
                self.note(
                    match e.level {
                        Supervision::Normal => Act::Supervise,
                        Supervision::YellowCard => Act::YellowCard,
                        Supervision::RedCard => Act::RedCard,
                    },
                    by,
                );
            }
            CaseEvent::CalledBack(e) => {
                let (times, reached) = self.called_back.unwrap_or((0, false));
                self.called_back = Some((times + 1, reached || e.reached));
                if e.solved.is_some() {
                    self.reporter_says = e.solved;
                }
                self.note(Act::CallBack, by);
            }
            CaseEvent::Rated(e) => {
                self.reporter_says = Some(e.solved);
                self.note(Act::Rate, by);
            }
            CaseEvent::Reopened(e) => {
                if e.because != super::AgainBecause::Person {
                    self.reopened += 1;
                }
                self.stop(ClockKind::CallBack, None, at, true);
                self.reporter_says = None;
                self.rate_until = None;
                if let Some(handle) = &e.handle {
                    self.stage = Stage::Dispatched;
                    self.start(ClockKind::Handle, None, handle, at);
                    self.work_again(&e.orders);
                } else if let Some(accept) = &e.accept {
                    self.begin_anew();
                    self.stage = Stage::Reported;
                    self.start(ClockKind::Accept, None, accept, at);
                }
                self.note(Act::Reopen, by);
            }
            CaseEvent::Recomputed(e) => {
                for clock in &e.clocks {
                    self.reckon_again(clock.kind, clock.order, &clock.deadline, None, at);
                }
            }
            // A remark in the journal that changes nothing here; the others are folded before they come here.
            _ => {}
        }
    }

    /// The clock that measures the present step.
    pub(super) fn clock_of_stage(&self) -> Option<ClockKind> {
        match self.stage {
            Stage::Reported => Some(ClockKind::Accept),
            Stage::Accepted | Stage::Filed => Some(ClockKind::Dispatch),
            Stage::Dispatched => Some(ClockKind::Handle),
            Stage::Handled => Some(ClockKind::Verify),
            Stage::Verified => Some(ClockKind::CallBack),
            Stage::Suspended => Some(ClockKind::Resume),
            Stage::Returned => Some(ClockKind::Supply),
            Stage::Closed | Stage::Refused | Stage::Voided | Stage::Merged => None,
        }
    }

    fn supervise(&mut self, level: Supervision) {
        self.supervision = Some(self.supervision.map_or(level, |before| before.max(level)));
    }

    /// A clock reached a rung.
    fn reach(&mut self, kind: ClockKind, order: Option<OrderId>, rung: Rung, at: Timestamp) {
        let clock =
            self.clocks.iter_mut().rev().find(|clock| {
                clock.kind == kind && clock.order == order && clock.stopped.is_none()
            });
        if let Some(clock) = clock {
            if rung == Rung::Red {
                clock.fired = Some(at);
            }
            // The rungs that a journal of the first release knew were red alone: its clocks repeat nothing.
            if clock.again.is_some() {
                clock.reached = Some((rung, at));
            }
        }
    }

    /// Every running clock stands still.
    fn pause(&mut self, at: Timestamp) {
        for clock in &mut self.clocks {
            if clock.stopped.is_none() {
                clock.paused = Some(at);
            }
        }
    }

    /// A clock goes on with what was left of it.
    fn go_on(&mut self, clock: &Restarted, at: Timestamp) {
        let rest = Some((at, clock.left));
        self.reckon_again(clock.kind, clock.order, &clock.deadline, rest, at);
    }

    /// A running clock gets new ends. A rung that now lies ahead again has not been reached.
    fn reckon_again(
        &mut self,
        kind: ClockKind,
        order: Option<OrderId>,
        deadline: &Deadline,
        rest: Option<(Timestamp, i64)>,
        at: Timestamp,
    ) {
        let version = self.version;
        let clock =
            self.clocks.iter_mut().rev().find(|clock| {
                clock.kind == kind && clock.order == order && clock.stopped.is_none()
            });
        let Some(clock) = clock else { return };
        clock.limit = deadline.limit;
        clock.set(deadline);
        clock.generation = version;
        clock.paused = None;
        clock.rest = rest.or(clock.rest);
        if deadline.due > at {
            clock.fired = None;
            clock.reached = clock
                .reached
                .filter(|(rung, _)| *rung == Rung::Yellow && deadline.yellow.is_none());
        }
    }

    /// These orders are worked on again.
    fn work_again(&mut self, orders: &[OrderId]) {
        for &id in orders {
            self.change(id, |order| {
                order.stage = if order.arrived_at.is_some() {
                    OrderStage::Arrived
                } else {
                    OrderStage::Acknowledged
                };
                order.fed_back_at = None;
                order.result = None;
            });
        }
    }

    /// An ended case starts from acceptance: what was dispatched before is history.
    fn begin_anew(&mut self) {
        if !self.orders.is_empty() {
            self.round += 1;
        }
        self.plan = None;
        self.solved = None;
        self.rate_until = None;
        self.reporter_says = None;
    }

    /// Orders still open end with the dispatch that placed them.
    fn end_orders(&mut self, at: Timestamp) {
        for order in self.orders.iter_mut().filter(|order| order.stage.is_live()) {
            order.stage = OrderStage::StoodDown;
        }
        for clock in self.clocks.iter_mut().filter(|clock| clock.order.is_some()) {
            clock.stopped.get_or_insert(at);
        }
    }

    /// Another centre takes the case, from acceptance on.
    fn go_to(
        &mut self,
        centre: &crate::code::DivisionCode,
        unit: Option<crate::id::UnitId>,
        accept: &Deadline,
        at: Timestamp,
    ) {
        self.centre = centre.clone();
        self.centre_unit = unit;
        self.stage = Stage::Reported;
        for clock in &mut self.clocks {
            if clock.kind.of_step() && clock.stopped.is_none() {
                clock.stopped = Some(at);
            }
        }
        self.requests.clear();
        self.start(ClockKind::Accept, None, accept, at);
    }

    /// A request gets its clock; what is asked about the same order meanwhile waits with it.
    fn start_to_decide(&mut self, order: Option<OrderId>, decide: &Deadline, at: Timestamp) {
        if self.running(ClockKind::Decide, order).is_none() {
            self.start(ClockKind::Decide, order, decide, at);
        }
    }

    fn ask(
        &mut self,
        kind: RequestKind,
        order: Option<OrderId>,
        by: Acting,
        limit: Option<Limit>,
        reason: &Sealed<String>,
        at: Timestamp,
    ) {
        self.requests.push(Request {
            kind,
            order,
            by: by.person,
            limit,
            reason: reason.clone(),
            at,
        });
    }

    /// A request is decided; its clock stops when nothing else is asked about the same order.
    fn answered(&mut self, kind: RequestKind, order: Option<OrderId>, at: Timestamp) {
        self.requests
            .retain(|request| (request.kind, request.order) != (kind, order));
        if !self.requests.iter().any(|request| request.order == order) {
            self.stop(ClockKind::Decide, order, at, true);
        }
    }

    /// What was asked about an order is void with it.
    fn drop_requests_of(&mut self, order: OrderId, at: Timestamp) {
        self.requests.retain(|request| request.order != Some(order));
        self.stop(ClockKind::Decide, Some(order), at, false);
    }

    /// An order ends by a person's decision.
    fn withdraw(&mut self, id: OrderId, at: Timestamp) {
        self.stop(ClockKind::Acknowledge, Some(id), at, false);
        self.stop(ClockKind::Arrive, Some(id), at, false);
        self.drop_requests_of(id, at);
        self.change(id, |order| order.stage = OrderStage::Withdrawn);
    }

    fn note(&mut self, act: Act, by: Acting) {
        if let Some(person) = by.person
            && !self.did.contains(&(act, person))
        {
            self.did.push((act, person));
        }
    }

    fn change(&mut self, id: OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.iter_mut().find(|order| order.id == id) {
            change(order);
        }
    }

    fn start(
        &mut self,
        kind: ClockKind,
        order: Option<OrderId>,
        deadline: &Deadline,
        at: Timestamp,
    ) {
        self.clocks.push(Clock {
            kind,
            order,
            limit: deadline.limit,
            started: at,
            due: deadline.due,
            generation: self.version,
            stopped: None,
            done: false,
            fired: None,
            yellow: deadline.yellow,
            yellow_card: deadline.yellow_card,
            red_card: deadline.red_card,
            again: deadline.again,
            reached: None,
            paused: None,
            rest: None,
            provisional: deadline.provisional,
        });
    }

    fn stop(&mut self, kind: ClockKind, order: Option<OrderId>, at: Timestamp, done: bool) {
        for clock in &mut self.clocks {
            if clock.kind == kind && clock.order == order && clock.stopped.is_none() {
                clock.stopped = Some(at);
                clock.done = done;
            }
        }
    }

    /// The leg of an order is handed in: nobody waits any more for another unit of it to acknowledge or arrive, nor for an
    /// answer to what it asked. The unit itself stays called until the case ends.
    fn stop_clocks_of_leg(&mut self, handed_in: OrderId, at: Timestamp) {
        let Some(leg) = self.order(handed_in).map(|order| order.leg) else {
            return;
        };
        let of_leg: Vec<OrderId> = self
            .orders
            .iter()
            .filter(|order| order.leg == leg)
            .map(|order| order.id)
            .collect();
        for id in of_leg {
            self.stop(ClockKind::Acknowledge, Some(id), at, false);
            self.stop(ClockKind::Arrive, Some(id), at, false);
            self.drop_requests_of(id, at);
        }
    }

    /// A unit of the leg has acknowledged: the others that have not stay called, and nobody waits for them, neither to
    /// acknowledge nor to arrive.
    fn leg_has_somebody(&mut self, acknowledged: OrderId, at: Timestamp) {
        let silent = |order: &Order| order.stage == OrderStage::Sent;
        let kinds = [ClockKind::Acknowledge, ClockKind::Arrive];
        self.others_of_leg_wait_no_more(acknowledged, silent, &kinds, at);
    }

    /// A unit of the leg is there: nobody waits for another of it to arrive.
    fn leg_has_arrived(&mut self, arrived: OrderId, at: Timestamp) {
        self.others_of_leg_wait_no_more(arrived, |_| true, &[ClockKind::Arrive], at);
    }

    /// (A clock of the first release has no further rungs: it runs on as it did.)
    fn others_of_leg_wait_no_more(
        &mut self,
        first: OrderId,
        which: impl Fn(&Order) -> bool,
        kinds: &[ClockKind],
        at: Timestamp,
    ) {
        let Some(leg) = self.order(first).map(|order| order.leg) else {
            return;
        };
        let others: Vec<OrderId> = self
            .orders
            .iter()
            .filter(|order| order.leg == leg && order.id != first && which(order))
            .map(|order| order.id)
            .collect();
        for clock in &mut self.clocks {
            let climbs = kinds.contains(&clock.kind) && clock.again.is_some();
            let other = clock.order.is_some_and(|id| others.contains(&id));
            if climbs && other && clock.stopped.is_none() {
                clock.stopped = Some(at);
            }
        }
    }

    fn stop_all(&mut self, at: Timestamp) {
        for clock in &mut self.clocks {
            clock.stopped.get_or_insert(at);
        }
    }

    /// The case ends: every clock stops, orders still open end with it, the position in the open is let go.
    fn end(&mut self, stood_down: &[OrderId], at: Timestamp) {
        self.stop_all(at);
        for &id in stood_down {
            self.change(id, |order| order.stage = OrderStage::StoodDown);
        }
        if let Some(suspension) = self.suspension.take() {
            let before = self.suspended_ms.unwrap_or(0);
            self.suspended_ms = Some(before + (at.0 - suspension.since.0));
        }
        self.requests.clear();
        self.point = None;
    }

    fn place(
        &mut self,
        placed: &OrderPlaced,
        added: Option<(AddedBy, Option<OrderId>)>,
        at: Timestamp,
    ) {
        self.orders.push(Order {
            id: placed.id,
            leg: placed.leg,
            unit: placed.unit,
            unit_name: placed.unit_name.clone(),
            kind: placed.kind.clone(),
            part: placed.part,
            stage: OrderStage::Sent,
            sent_at: at,
            acknowledge_limit: placed.acknowledge.limit,
            fallback: placed.fallback.clone(),
            added,
            acknowledged_at: None,
            acknowledged_how: None,
            late: false,
            arrived_at: None,
            arrived_metres: None,
            fed_back_at: None,
            result: None,
            parent: placed.parent,
            round: self.round,
            designated: false,
        });
        self.start(
            ClockKind::Acknowledge,
            Some(placed.id),
            &placed.acknowledge,
            at,
        );
        if let Some(arrive) = &placed.arrive {
            self.start(ClockKind::Arrive, Some(placed.id), arrive, at);
        }
    }
}
