//! Folding events into the state. Nothing is looked up here and nothing is refused: the event happened.

use super::{
    AddedBy, CaseEvent, CaseState, Clock, ClockKind, Deadline, Order, OrderPlaced, OrderStage,
    Stage,
};
use crate::access::{Act, Acting};
use crate::id::{CaseId, OrderId};
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
                self.stage = Stage::Accepted;
                self.stop(ClockKind::Accept, None, at, true);
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
                self.stop_all(at);
            }
            CaseEvent::InfoSupplied(e) => {
                self.stage = Stage::Reported;
                self.supplied.push(e.text.clone());
                self.note(Act::SupplyInfo, by);
                self.start(ClockKind::Accept, None, &e.accept, at);
            }
            CaseEvent::Filed(e) => {
                self.stage = Stage::Filed;
                self.number = Some(e.number.clone());
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
            }
            CaseEvent::Arrived(e) => {
                self.stop(ClockKind::Arrive, Some(e.order), at, true);
                self.change(e.order, |order| {
                    order.stage = OrderStage::Arrived;
                    order.arrived_at = Some(at);
                    order.arrived_metres = e.metres;
                });
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
            CaseEvent::Verified(_) => {
                self.stage = Stage::Verified;
                self.stop(ClockKind::Verify, None, at, true);
                self.note(Act::Verify, by);
            }
            CaseEvent::CheckFailed(e) => {
                self.stage = Stage::Dispatched;
                self.stop(ClockKind::Verify, None, at, true);
                self.start(ClockKind::Handle, None, &e.handle, at);
                for &id in &e.orders {
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
                self.note(Act::Verify, by);
            }
            CaseEvent::Closed(e) => {
                self.stage = Stage::Closed;
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
                let clock = self.clocks.iter_mut().rev().find(|clock| {
                    clock.kind == e.clock && clock.order == e.order && clock.stopped.is_none()
                });
                if let Some(clock) = clock {
                    clock.fired = Some(at);
                }
                if let (ClockKind::Acknowledge, Some(order)) = (e.clock, e.order) {
                    self.change(order, |order| order.late = true);
                }
            }
        }
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

    /// The leg of an order is handed in: nobody waits any more for another unit of it to acknowledge or arrive. The unit
    /// itself stays called until the case ends.
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
