//! What has to hold after every step, read from the events themselves and not from what the state says of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use jingwei_core::access::{Act, Role};
use jingwei_core::calendar::Calendar;
use jingwei_core::cases::{
    AcknowledgedHow, AddedBy, CaseEvent, CaseState, Clock, ClockKind, Decided, Order, OrderStage,
    Part, RingReason, Rung, Stage,
};
use jingwei_core::code::CaseNumber;
use jingwei_core::directory::Directory;
use jingwei_core::id::{OrderId, PersonId, UnitId};

use super::acts::{acts_of, kept_apart};
use super::working_time::Used;

/// What was seen so far, by the events.
#[derive(Debug, Default)]
pub(super) struct Watch {
    events: u32,
    number: Option<CaseNumber>,
    /// Who did what, by the events.
    did: BTreeSet<(Act, PersonId)>,
    handlers: HashSet<PersonId>,
    /// Who checked last: a person, or none for the reporter.
    checked_by: Option<Option<PersonId>>,
    /// Orders handed in, with the unit of the person who did.
    handed_in: HashMap<OrderId, Option<UnitId>>,
    /// Legs that were handed in and are worked on again.
    again: HashSet<OrderId>,
    /// The last rung of each clock by kind, order and generation.
    rungs: HashMap<(ClockKind, Option<OrderId>, u32), Rung>,
    used: Used,
}

impl Watch {
    /// Checks one command's events and the state they led to.
    pub(super) fn step(
        &mut self,
        (before, case): (Option<&CaseState>, &CaseState),
        decided: &[Decided],
        calendar: &Calendar,
        directory: &Directory,
    ) {
        self.separations(decided);
        for step in decided {
            self.note(step, case);
        }
        self.events += u32::try_from(decided.len()).expect("few events");
        assert_eq!(case.version, self.events, "one version for each event");
        assert_eq!(case.number, self.number, "the number never changes");
        self.orders(case);
        clocks(case);
        self.used.step(case, decided, calendar, directory);
        if let Some(before) = before {
            assert_eq!(
                (case.code.as_str(), case.division, case.reporter),
                (before.code.as_str(), before.division, before.reporter)
            );
            assert_eq!(case.reported_at, before.reported_at);
            assert!(case.updated_at >= before.updated_at);
            stays(before, case, decided);
        }
        match case.stage {
            Stage::Merged => assert!(case.clocks.iter().all(|clock| !clock.is_armed())),
            stage if stage.is_open() => {
                assert!(
                    case.clocks.iter().any(Clock::is_armed),
                    "an open case has a next timer: {stage}"
                );
                assert!(
                    case.centre.covers(&case.code) || case.code.covers(&case.centre),
                    "an open case has its owner in its own path"
                );
            }
            _ => ended(case),
        }
        if matches!(case.stage, Stage::Handled | Stage::Verified) {
            self.every_leg_is_handed_in(case);
        }
        let closed = |step: &Decided| matches!(step.event, CaseEvent::Closed(_));
        if decided.iter().any(closed) {
            self.every_leg_is_handed_in(case);
            self.checked_by_another();
        }
    }

    /// Hard separations hold for every person; a default one that did not hold is written down with the act.
    fn separations(&mut self, decided: &[Decided]) {
        let yielded: Vec<(Act, Act, PersonId)> = decided
            .iter()
            .filter_map(|step| match &step.event {
                CaseEvent::SeparationYielded(e) => Some((e.did, e.act, e.person)),
                _ => None,
            })
            .collect();
        for step in decided {
            let Some(person) = step.by.person else {
                continue;
            };
            let new = acts_of(&step.event);
            for &act in &new {
                for pair in kept_apart() {
                    let Some(other) = pair.other(act) else {
                        continue;
                    };
                    if new.contains(&other) || !self.did.contains(&(other, person)) {
                        continue;
                    }
                    assert!(!pair.hard, "{person:?} did {other} and {act}: hard");
                    // Accepting or filing, and dispatching: an urgent plan or a relaxed pair of posts may join them.
                    let may_join = act == Act::Dispatch || other == Act::Dispatch;
                    let joins = may_join
                        && [act, other]
                            .iter()
                            .any(|a| matches!(a, Act::Accept | Act::File));
                    assert!(
                        joins || yielded.contains(&(other, act, person)),
                        "{person:?} did {other} and {act}, and nothing says that it gave way"
                    );
                }
            }
            self.did.extend(new.into_iter().map(|act| (act, person)));
        }
    }

    /// Checks what a timer did: a rung once, at most one further unit, nothing taken away.
    pub(super) fn timer(
        &mut self,
        (before, case): (&CaseState, &CaseState),
        clock: &Clock,
        caught_up: bool,
        decided: &[Decided],
        directory: &Directory,
    ) {
        let count = |kind: &str| decided.iter().filter(|s| s.event.kind() == kind).count();
        let rung = decided
            .iter()
            .filter_map(|step| match &step.event {
                CaseEvent::Overdue(_) => Some(Rung::Red),
                CaseEvent::Escalated(e) => Some(e.rung),
                _ => None,
            })
            .max()
            .expect("a timer reaches a rung");
        let key = (clock.kind, clock.order, clock.generation);
        if let Some(last) = self.rungs.insert(key, rung) {
            assert!(
                rung > last || (rung, last) == (Rung::Again, Rung::Again),
                "a rung is reached once: {rung} after {last}"
            );
        }
        assert!(decided.iter().all(|step| step.by.person.is_none()));
        let moved = count("passed-up") + count("resumed");
        assert!(moved <= 1);
        assert!(
            moved > 0 || case.stage == before.stage,
            "a timer moves no case but up, or on after a suspension"
        );
        let rings = count("desk-rung");
        assert!(!caught_up || rings == 0, "one digest says it instead");
        if count("overdue") == 0 {
            assert_eq!(count("order-added"), 0, "only red calls a unit");
            return;
        }
        let only_told = clock
            .order
            .and_then(|id| before.order(id))
            .is_some_and(|order| order.part == Part::Cc);
        let calls =
            clock.kind == ClockKind::Acknowledge && before.stage == Stage::Dispatched && !only_told;
        let due = usize::from(!only_told) + count("passed-up");
        assert!(caught_up || rings == due, "the desk rings: {decided:?}");
        let added: Vec<&Order> = case.orders[before.orders.len()..].iter().collect();
        assert_eq!(count("order-added"), added.len());
        assert!(
            added.len() <= usize::from(calls),
            "at most one further unit"
        );
        if !calls {
            return;
        }
        let late = clock
            .order
            .and_then(|id| case.order(id))
            .expect("its order");
        assert!(late.late);
        assert_eq!(late.stage, OrderStage::Sent, "the first stays called");
        assert!(
            !before.leg_is_done(late.leg),
            "nobody waits for a leg that is handed in"
        );
        let reason = decided.iter().find_map(|step| match &step.event {
            CaseEvent::DeskRung(rung) => Some(rung.reason),
            _ => None,
        });
        let Some(new) = added.first() else {
            assert!(caught_up || reason == Some(RingReason::NoFurtherUnit));
            return;
        };
        assert!(caught_up || reason == Some(RingReason::NotAcknowledged));
        assert_eq!(
            (new.leg, new.part, new.parent),
            (late.leg, late.part, late.parent)
        );
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
            CaseEvent::Dispatched(dispatched) => assert!(!dispatched.orders.is_empty()),
            CaseEvent::Acknowledged(done) if done.how == AcknowledgedHow::Unit => {
                of_its_unit(done.order);
            }
            CaseEvent::Arrived(done) => {
                of_its_unit(done.order);
                self.handlers.extend(person);
            }
            CaseEvent::Worked(done) => {
                of_its_unit(done.order);
                self.handlers.extend(person);
            }
            CaseEvent::FedBack(done) => {
                of_its_unit(done.order);
                self.handlers.extend(person);
                self.handed_in.insert(done.order, step.by.unit);
            }
            CaseEvent::SolvedOnSpot(_) => {
                assert!(person.is_some(), "a person solves it");
                self.handlers.extend(person);
                self.checked_by = None;
            }
            CaseEvent::CheckFailed(failed) => {
                assert!(!failed.orders.is_empty(), "something is to be done again");
                self.worked_again(&failed.orders, case);
            }
            CaseEvent::Reopened(again) => self.worked_again(&again.orders, case),
            CaseEvent::Verified(_) => {
                let reporter = step.by.role == Role::Reporter;
                assert_eq!(
                    reporter,
                    person.is_none(),
                    "a person checks, or the reporter"
                );
                self.checked_by = Some(person);
            }
            _ => {}
        }
    }

    fn worked_again(&mut self, orders: &[OrderId], case: &CaseState) {
        for order in orders {
            self.again.extend(case.order(*order).map(|order| order.leg));
            assert!(self.handed_in.remove(order).is_some());
        }
        self.checked_by = None;
    }

    fn checked_by_another(&self) {
        let checked = self.checked_by.expect("checked before it is closed");
        if let Some(person) = checked {
            assert!(
                !self.handlers.contains(&person),
                "who handled does not check"
            );
        }
    }

    fn orders(&self, case: &CaseState) {
        let mut live = HashSet::new();
        for order in &case.orders {
            assert!(
                !order.stage.is_live() || live.insert((order.unit, order.leg)),
                "a unit is called once for a leg"
            );
            let first = case.order(order.leg).expect("a leg begins with an order");
            assert_eq!(
                (first.leg, first.part, first.round),
                (order.leg, order.part, order.round)
            );
            let handed_in = self.handed_in.get(&order.id) == Some(&Some(order.unit));
            assert_eq!(order.stage == OrderStage::FedBack, handed_in);
            assert_eq!(order.result.is_some(), handed_in);
            let chain = case.chain(order.id);
            assert!(chain.len() <= 6, "nested no deeper than the settings say");
            let waited_for = order.stage.is_live() && !case.leg_is_done(order.leg);
            if waited_for && order.part.is_mandatory() {
                let units: HashSet<UnitId> = chain.iter().map(|order| order.unit).collect();
                assert_eq!(units.len(), chain.len(), "no circle");
                let stands = |above: &&Order| above.stage != OrderStage::Withdrawn;
                assert!(
                    chain.iter().all(stands) || self.again.contains(&order.leg),
                    "no order hangs from one that was withdrawn, unless it is worked on again"
                );
            }
        }
        let at_work = matches!(
            case.stage,
            Stage::Dispatched | Stage::Handled | Stage::Verified
        );
        if !at_work || case.solved.is_some() {
            return;
        }
        let leads: Vec<&Order> = case
            .orders
            .iter()
            .filter(|order| {
                order.part == Part::Lead
                    && order.round == case.round
                    && order.stage != OrderStage::Withdrawn
            })
            .collect();
        let legs: HashSet<OrderId> = leads.iter().map(|order| order.leg).collect();
        assert_eq!(legs.len(), 1, "one lead, and never none");
    }

    fn every_leg_is_handed_in(&self, case: &CaseState) {
        if case.solved.is_some() {
            assert!(case.orders.iter().all(|order| !order.stage.is_live()));
            return;
        }
        let of_round = |order: &&Order| {
            order.part != Part::Cc
                && order.round == case.round
                && order.stage != OrderStage::Withdrawn
        };
        let legs: HashSet<OrderId> = case.orders.iter().filter(of_round).map(|o| o.leg).collect();
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

/// Orders keep their place, unit and leg; they go forward, but when they are worked on again; an ended case is opened again
/// by few events only.
fn stays(before: &CaseState, case: &CaseState, decided: &[Decided]) {
    assert!(case.orders.len() >= before.orders.len());
    for (old, new) in before.orders.iter().zip(&case.orders) {
        assert_eq!(
            (
                old.id,
                old.leg,
                old.unit,
                old.part,
                old.sent_at,
                old.parent,
                old.round
            ),
            (
                new.id,
                new.leg,
                new.unit,
                new.part,
                new.sent_at,
                new.parent,
                new.round
            ),
            "an order never changes"
        );
        let again = decided.iter().any(|step| match &step.event {
            CaseEvent::CheckFailed(failed) => failed.orders.contains(&old.id),
            CaseEvent::Reopened(reopened) => reopened.orders.contains(&old.id),
            _ => false,
        });
        let goes_up = decided
            .iter()
            .any(|step| matches!(step.event, CaseEvent::PassedUp(_)));
        if again && !goes_up {
            assert!(matches!(
                new.stage,
                OrderStage::Acknowledged | OrderStage::Arrived
            ));
        } else if !again {
            assert!(new.stage >= old.stage, "{} after {}", new.stage, old.stage);
            assert!(new.late >= old.late);
        }
    }
    let opens = |step: &Decided| {
        matches!(
            step.event,
            CaseEvent::Reopened(_) | CaseEvent::PassedUp(_) | CaseEvent::Unmerged(_)
        )
    };
    if !before.stage.is_open() && case.stage.is_open() {
        assert!(
            decided.iter().any(opens),
            "an ended case stays ended: {decided:?}"
        );
    }
}

/// The clocks that run are those of the stage and of the orders, one of each.
fn clocks(case: &CaseState) {
    let mut seen = HashSet::new();
    let mut running = HashSet::new();
    let still = matches!(case.stage, Stage::Suspended | Stage::Merged);
    for clock in &case.clocks {
        assert!(seen.insert((clock.kind, clock.order, clock.generation)));
        assert!(clock.generation <= case.version);
        assert!(clock.yellow.is_none_or(|at| at < clock.due));
        assert!(clock.yellow_card.is_none_or(|at| at > clock.due));
        assert!(clock.red_card.is_none_or(|at| Some(at) > clock.yellow_card));
        if clock.stopped.is_none() {
            assert!(
                running.insert((clock.kind, clock.order)),
                "one of a kind: {} {:?}",
                clock.kind,
                clock.order
            );
            // Voiding may be asked for while the case is suspended: that is decided meanwhile.
            let goes_on = clock.kind == ClockKind::Resume
                || (clock.kind, clock.order) == (ClockKind::Decide, None)
                    && case.stage == Stage::Suspended;
            let stands = clock.paused.is_some();
            assert!(stands == still || goes_on, "{} stands still", clock.kind);
        }
        if clock.fired.is_some() && clock.stopped.is_none() {
            assert!(clock.due <= case.updated_at, "never before its time");
        }
    }
    let due: Option<ClockKind> = match case.stage {
        Stage::Reported => Some(ClockKind::Accept),
        Stage::Returned => Some(ClockKind::Supply),
        Stage::Accepted | Stage::Filed => Some(ClockKind::Dispatch),
        Stage::Dispatched => Some(ClockKind::Handle),
        Stage::Handled => Some(ClockKind::Verify),
        Stage::Verified => Some(ClockKind::CallBack),
        Stage::Suspended => Some(ClockKind::Resume),
        Stage::Closed | Stage::Refused | Stage::Voided | Stage::Merged => None,
    };
    let steps = [
        ClockKind::Accept,
        ClockKind::Supply,
        ClockKind::Dispatch,
        ClockKind::Handle,
        ClockKind::Verify,
        ClockKind::CallBack,
        ClockKind::Resume,
    ];
    assert!(
        still
            || !running.contains(&(ClockKind::Confirm, None))
            || matches!(case.stage, Stage::Reported | Stage::Accepted),
        "nobody is asked to confirm what is {}",
        case.stage
    );
    if !still {
        for kind in steps {
            assert_eq!(
                running.contains(&(kind, None)),
                Some(kind) == due,
                "the clock {kind} in the stage {}",
                case.stage
            );
        }
    }
    for request in &case.requests {
        assert!(
            running.contains(&(ClockKind::Decide, request.order)),
            "a request has its time: {request:?}"
        );
    }
    for order in &case.orders {
        let of = |kind| running.contains(&(kind, Some(order.id)));
        if !order.stage.is_live() || case.leg_is_done(order.leg) {
            assert!(
                !of(ClockKind::Acknowledge) && !of(ClockKind::Arrive),
                "nobody waits for {} of a leg that is done or an order that ended",
                order.stage
            );
        }
        if order.stage != OrderStage::Sent {
            assert!(!of(ClockKind::Acknowledge));
        }
        if !order.stage.is_live() {
            assert!(
                !of(ClockKind::Decide),
                "what was asked about it is void with it"
            );
        }
    }
    let ahead = case
        .clocks
        .iter()
        .filter(|clock| clock.is_armed() && clock.fired.is_none());
    assert_eq!(case.next_due(), ahead.map(|clock| clock.due).min());
}

fn ended(case: &CaseState) {
    assert!(case.clocks.iter().all(|clock| clock.stopped.is_some()));
    assert_eq!(case.next_due(), None);
    assert_eq!(case.point, None, "the position in the open is let go");
    assert!(case.requests.is_empty());
    assert!(
        case.orders.iter().all(|order| !order.stage.is_live()),
        "orders still open end with the case"
    );
}
