//! What has to hold after every step, read from the events themselves and not from what the state says of them.

use std::collections::{HashMap, HashSet};

use jingwei_core::cases::{
    AcknowledgedHow, AddedBy, CaseEvent, CaseState, Clock, ClockKind, Decided, Order, OrderStage,
    Part, RingReason, Stage,
};
use jingwei_core::code::CaseNumber;
use jingwei_core::directory::Directory;
use jingwei_core::id::{OrderId, PersonId, UnitId};

/// What was seen so far, by the events.
#[derive(Debug, Default)]
pub(super) struct Watch {
    events: u32,
    number: Option<CaseNumber>,
    dispatchers: HashSet<PersonId>,
    handlers: HashSet<PersonId>,
    checkers: HashSet<PersonId>,
    verified_by: Option<PersonId>,
    /// Orders handed in, with the unit of the person who did.
    handed_in: HashMap<OrderId, Option<UnitId>>,
    ended: bool,
}

impl Watch {
    /// Checks one command's events and the state they led to.
    pub(super) fn step(
        &mut self,
        before: Option<&CaseState>,
        case: &CaseState,
        decided: &[Decided],
    ) {
        for step in decided {
            self.note(step, case);
        }
        self.events += u32::try_from(decided.len()).expect("few events");
        assert_eq!(case.version, self.events, "one version for each event");
        assert_eq!(case.number, self.number, "the number never changes");
        self.orders(case);
        clocks(case);
        if let Some(before) = before {
            assert!(
                before.stage.is_open(),
                "an ended case takes nothing: {decided:?}"
            );
            assert_eq!(
                (case.code.as_str(), case.division, case.reporter),
                (before.code.as_str(), before.division, before.reporter)
            );
            assert_eq!(case.reported_at, before.reported_at);
            assert!(case.updated_at >= before.updated_at);
            orders_stay(before, case, decided);
        }
        if case.stage.is_open() {
            assert!(!self.ended);
        } else {
            self.ended = true;
            ended(case);
        }
        if matches!(case.stage, Stage::Handled | Stage::Verified | Stage::Closed) {
            self.every_leg_is_handed_in(case);
        }
    }

    /// Checks what a timer did: one word that it is over, at most one further unit, nothing taken away.
    pub(super) fn timer(
        &self,
        before: &CaseState,
        case: &CaseState,
        clock: &Clock,
        decided: &[Decided],
        directory: &Directory,
    ) {
        let count = |kind: &str| decided.iter().filter(|s| s.event.kind() == kind).count();
        assert_eq!(count("overdue"), 1);
        let only_told = clock
            .order
            .and_then(|id| before.order(id))
            .is_some_and(|order| order.part == Part::Cc);
        let quiet = only_told && before.stage != Stage::Dispatched;
        assert_eq!(count("desk-rung"), usize::from(!quiet));
        assert_eq!(case.stage, before.stage, "a timer moves no case");
        assert!(decided.iter().all(|step| step.by.person.is_none()));
        let added: Vec<&Order> = case.orders[before.orders.len()..].iter().collect();
        assert_eq!(count("order-added"), added.len());
        assert!(added.len() <= 1, "at most one further unit");
        let reason = decided.iter().find_map(|step| match &step.event {
            CaseEvent::DeskRung(rung) => Some(rung.reason),
            _ => None,
        });
        if clock.kind != ClockKind::Acknowledge {
            assert_eq!(added.len(), 0, "only a missing acknowledgement adds a unit");
            assert_eq!(reason, Some(RingReason::Overdue));
            return;
        }
        let late = clock
            .order
            .and_then(|id| case.order(id))
            .expect("its order");
        if before.stage != Stage::Dispatched {
            assert_eq!(
                added.len(),
                0,
                "after the results nobody is called any more"
            );
            return;
        }
        assert!(late.late);
        assert_eq!(late.stage, OrderStage::Sent, "the first stays called");
        assert!(
            !before.leg_is_done(late.leg),
            "nobody waits for a leg that is handed in"
        );
        let Some(new) = added.first() else {
            assert_eq!(reason, Some(RingReason::NoFurtherUnit));
            return;
        };
        assert_eq!(reason, Some(RingReason::NotAcknowledged));
        assert_eq!((new.leg, new.part), (late.leg, late.part));
        let unit = directory.unit(new.unit).expect("a unit");
        assert!(unit.on_duty(case.updated_at), "on duty");
        match new.added {
            Some((AddedBy::SameKind, Some(because))) => {
                assert_eq!((because, &new.kind), (late.id, &late.kind));
            }
            Some((AddedBy::FallbackKind, Some(because))) => {
                assert_eq!(
                    (because, Some(&new.kind)),
                    (late.id, late.fallback.as_ref())
                );
            }
            other => panic!("a unit added by a timer says because of what: {other:?}"),
        }
    }

    fn note(&mut self, step: &Decided, case: &CaseState) {
        let person = step.by.person;
        let of_its_unit = |id: OrderId| {
            let order = case
                .order(id)
                .expect("an event is about an order of the case");
            assert_eq!(step.by.unit, Some(order.unit), "by the unit of the order");
        };
        match &step.event {
            CaseEvent::Filed(filed) => {
                assert_eq!(self.number, None, "filed once");
                self.number = Some(filed.number.clone());
            }
            CaseEvent::Dispatched(dispatched) => {
                assert!(!dispatched.orders.is_empty());
                self.dispatchers.extend(person);
            }
            CaseEvent::Acknowledged(done) if done.how == AcknowledgedHow::Unit => {
                of_its_unit(done.order);
            }
            CaseEvent::Arrived(done) => {
                of_its_unit(done.order);
                self.not_a_checker(person);
                self.handlers.extend(person);
            }
            CaseEvent::FedBack(done) => {
                of_its_unit(done.order);
                self.not_a_checker(person);
                self.handlers.extend(person);
                self.handed_in.insert(done.order, step.by.unit);
            }
            CaseEvent::CheckFailed(failed) => {
                assert!(!failed.orders.is_empty(), "something is to be done again");
                self.not_a_handler(person);
                self.checkers.extend(person);
                for order in &failed.orders {
                    assert!(self.handed_in.remove(order).is_some());
                }
            }
            CaseEvent::Verified(_) => {
                self.not_a_handler(person);
                self.checkers.extend(person);
                self.verified_by = person;
            }
            CaseEvent::Closed(_) => {
                let closer = person.expect("a person closes");
                assert!(
                    !self.dispatchers.contains(&closer),
                    "who dispatched never closes"
                );
                assert!(!self.handlers.contains(&closer), "who handled never closes");
                let verifier = self.verified_by.expect("checked before it is closed");
                assert_ne!(verifier, closer, "who checked does not close");
                self.not_a_handler(Some(verifier));
                let least = case.classified.as_ref().map(|class| class.close_level);
                assert!(least.is_some(), "a closed case has a class");
            }
            _ => {}
        }
    }

    fn not_a_checker(&self, person: Option<PersonId>) {
        let person = person.expect("a person handles");
        assert!(
            !self.checkers.contains(&person),
            "who checked does not take over the work"
        );
    }

    fn not_a_handler(&self, person: Option<PersonId>) {
        let person = person.expect("a person checks");
        assert!(
            !self.handlers.contains(&person),
            "who handled does not check"
        );
        assert!(
            !self.dispatchers.contains(&person),
            "who dispatched does not check"
        );
    }

    fn orders(&self, case: &CaseState) {
        let mut units = HashSet::new();
        for order in &case.orders {
            assert!(units.insert(order.unit), "a unit is ordered once");
            let first = case.order(order.leg).expect("a leg begins with an order");
            assert_eq!((first.leg, first.part), (order.leg, order.part));
            let handed_in = self.handed_in.get(&order.id) == Some(&Some(order.unit));
            assert_eq!(order.stage == OrderStage::FedBack, handed_in);
            assert_eq!(order.result.is_some(), handed_in);
        }
        let leads = case
            .orders
            .iter()
            .filter(|order| order.id == order.leg && order.part == Part::Lead)
            .count();
        assert_eq!(leads, usize::from(!case.orders.is_empty()), "one lead leg");
    }

    fn every_leg_is_handed_in(&self, case: &CaseState) {
        let legs: HashSet<OrderId> = case
            .orders
            .iter()
            .filter(|order| order.part != Part::Cc)
            .map(|order| order.leg)
            .collect();
        assert!(!legs.is_empty());
        for leg in legs {
            let mut of_leg = case.orders.iter().filter(|order| order.leg == leg);
            assert!(
                of_leg.any(|order| self.handed_in.contains_key(&order.id)),
                "{}: the leg {leg} has handed in nothing",
                case.stage
            );
        }
    }
}

/// Orders keep their place, unit and leg; they go forward, but for a failed check; they end only with the case.
fn orders_stay(before: &CaseState, case: &CaseState, decided: &[Decided]) {
    assert!(case.orders.len() >= before.orders.len());
    for (old, new) in before.orders.iter().zip(&case.orders) {
        assert_eq!(
            (old.id, old.leg, old.unit, old.part, old.sent_at),
            (new.id, new.leg, new.unit, new.part, new.sent_at),
            "an order is never withdrawn or changed"
        );
        let again = decided.iter().any(|step| {
            matches!(&step.event, CaseEvent::CheckFailed(failed) if failed.orders.contains(&old.id))
        });
        if again {
            assert!(matches!(
                new.stage,
                OrderStage::Acknowledged | OrderStage::Arrived
            ));
        } else {
            assert!(new.stage >= old.stage, "{} after {}", new.stage, old.stage);
            assert!(new.late >= old.late);
        }
        if new.stage == OrderStage::StoodDown {
            assert!(!case.stage.is_open(), "an order ends only with the case");
        }
    }
}

/// The clocks that run are those of the stage and of the orders, one of each.
fn clocks(case: &CaseState) {
    let mut seen = HashSet::new();
    let mut running = HashSet::new();
    for clock in &case.clocks {
        assert!(seen.insert((clock.kind, clock.order, clock.generation)));
        assert!(clock.generation <= case.version);
        assert_eq!(clock.limit.due_from(clock.started), Some(clock.due));
        if clock.stopped.is_none() {
            assert!(running.insert((clock.kind, clock.order)), "one of a kind");
        }
        if let Some(fired) = clock.fired {
            assert!(fired >= clock.due, "never before its time");
        }
    }
    let of_case: Vec<ClockKind> = running
        .iter()
        .filter(|(_, order)| order.is_none())
        .map(|(kind, _)| *kind)
        .collect();
    let due: &[ClockKind] = match case.stage {
        Stage::Reported => &[ClockKind::Accept],
        Stage::Accepted | Stage::Filed => &[ClockKind::Dispatch],
        Stage::Dispatched => &[ClockKind::Handle],
        Stage::Handled => &[ClockKind::Verify],
        _ => &[],
    };
    assert_eq!(of_case, due, "the clock of the stage {}", case.stage);
    for order in case.orders.iter().filter(|_| case.stage.is_open()) {
        let runs = running.contains(&(ClockKind::Acknowledge, Some(order.id)));
        if case.leg_is_done(order.leg) {
            assert!(!runs, "nobody waits for a leg that is handed in");
            assert!(!running.contains(&(ClockKind::Arrive, Some(order.id))));
        } else if !was_handed_in(case, order) {
            assert_eq!(runs, order.stage == OrderStage::Sent);
        }
        if matches!(order.stage, OrderStage::Arrived | OrderStage::FedBack) {
            assert!(!running.contains(&(ClockKind::Arrive, Some(order.id))));
        }
    }
    let next = case.clocks.iter().filter(|clock| clock.is_armed());
    assert_eq!(case.next_due(), next.map(|clock| clock.due).min());
}

/// Whether the leg was handed in before and is worked on again: its other units are no longer waited for.
fn was_handed_in(case: &CaseState, order: &Order) -> bool {
    case.clocks.iter().any(|clock| {
        clock.order == Some(order.id)
            && clock.kind == ClockKind::Acknowledge
            && clock.stopped.is_some()
            && !clock.done
    })
}

fn ended(case: &CaseState) {
    assert!(case.clocks.iter().all(|clock| clock.stopped.is_some()));
    assert_eq!(case.next_due(), None);
    assert_eq!(case.point, None, "the position in the open is let go");
    assert!(
        case.orders
            .iter()
            .all(|order| matches!(order.stage, OrderStage::FedBack | OrderStage::StoodDown)),
        "orders still open end with the case"
    );
}
