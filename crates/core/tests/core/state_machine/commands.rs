//! Builds the command of an act from a step's numbers: mostly sensible, sometimes not, so that refusals are met too.

use jingwei_core::access::{Act, Principal, Role};
use jingwei_core::cases::{
    CaseCommand, Classing, NewOrder, OrderStage, Part, Report, Satisfaction, Source, Stage,
    Supervision,
};
use jingwei_core::id::{OrderId, UnitId};
use jingwei_core::rules::{Severity, Urgency};
use jingwei_core::time::Limit;
use uuid::Uuid;

use super::run::Run;
use super::scenario::{PLACES, Step};
use crate::support::{class, division, p_gas, sealed};

/// Classes of the reports: urgent and not, closing at county, at town and at grid, on the clock and on the work calendar.
pub(super) const CLASSES: [&str; 5] = ["RQ01", "RQ04", "XF09", "CG09", "RQ01"];

impl Run<'_> {
    pub(super) fn build(
        &self,
        act: Act,
        order: Option<OrderId>,
        step: &Step,
        by: &Principal,
    ) -> CaseCommand {
        let (which, how) = (step.which, step.how);
        let id = order.unwrap_or(OrderId(Uuid::nil()));
        match act {
            Act::Report => some_report(which, how, false),
            Act::Accept => self.accept(which, how, by),
            Act::Refuse => CaseCommand::Refuse(sealed("no")),
            Act::ReturnForInfo => CaseCommand::ReturnForInfo(sealed("more")),
            Act::SupplyInfo => CaseCommand::SupplyInfo(sealed("more")),
            Act::Confirm => CaseCommand::Confirm {
                found: !how.is_multiple_of(3),
                note: None,
                at: None,
            },
            Act::Relay => CaseCommand::Relay(self.some_unit(which)),
            Act::SetClass => CaseCommand::SetClass(some_classing(which, how)),
            Act::SolveOnSpot if self.state().is_none() => some_report(which, how, true),
            Act::SolveOnSpot => CaseCommand::SolveOnSpot(sealed("swept")),
            Act::File => CaseCommand::File(None),
            Act::Dispatch => self.dispatch(which, how),
            Act::AddUnit => CaseCommand::AddUnit {
                order: self.some_order(which, [Part::Assist, Part::Cc, Part::Lead][how % 3]),
                reason: sealed("more hands"),
            },
            Act::Acknowledge => CaseCommand::Acknowledge(id),
            Act::AcknowledgeFor => CaseCommand::AcknowledgeFor {
                order: id,
                told_at: self
                    .now
                    .plus_ms(10_000 - i64::try_from(how % 30_000).unwrap_or(0)),
                whom: sealed("the shift leader"),
                reason: sealed("the unit has no phone of ours"),
            },
            Act::Arrive => CaseCommand::Arrive {
                order: id,
                at: (how.is_multiple_of(2)).then(crate::support::by_the_bridge),
            },
            Act::Handle => CaseCommand::Handle {
                order: id,
                note: sealed("half way"),
            },
            Act::FeedBack => CaseCommand::FeedBack {
                order: id,
                result: sealed("done"),
            },
            Act::ObjectOrder => CaseCommand::ObjectOrder {
                order: id,
                reason: sealed("not ours"),
            },
            Act::DecideObjection => CaseCommand::DecideObjection {
                order: id,
                upheld: !how.is_multiple_of(3),
                unit: (!how.is_multiple_of(3) && which.is_multiple_of(2))
                    .then(|| self.some_unit(which)),
                reason: sealed("looked at"),
            },
            Act::RequestExtension => CaseCommand::RequestExtension {
                order: id,
                limit: some_limit(how),
                reason: sealed("rain"),
            },
            Act::DecideExtension => CaseCommand::DecideExtension {
                order: id,
                granted: !how.is_multiple_of(3),
                limit: (how.is_multiple_of(4)).then(|| some_limit(which)),
                reason: sealed("looked at"),
            },
            Act::RequestSuspend => CaseCommand::RequestSuspend {
                order: id,
                limit: some_limit(how),
                reason: sealed("waiting for a part"),
            },
            Act::Suspend => CaseCommand::Suspend {
                order: (how.is_multiple_of(2)).then_some(id),
                granted: !how.is_multiple_of(5),
                limit: (!how.is_multiple_of(3)).then(|| some_limit(which)),
                reason: sealed("looked at"),
            },
            Act::Resume => CaseCommand::Resume(sealed("the part is here")),
            Act::WithdrawOrder => CaseCommand::WithdrawOrder {
                order: id,
                reason: sealed("not needed"),
            },
            Act::Redispatch => CaseCommand::Redispatch {
                order: id,
                unit: self.some_unit(which),
                reason: sealed("another one"),
            },
            Act::Designate => CaseCommand::Designate {
                order: id,
                unit: match self.state().and_then(|case| case.order(id)) {
                    Some(order) if how.is_multiple_of(2) => order.unit,
                    _ => self.some_unit(which),
                },
                reason: sealed("it is yours"),
            },
            Act::PassUp => CaseCommand::PassUp(sealed("beyond us")),
            Act::PassDown => CaseCommand::PassDown {
                to: division(PLACES[1 + which % 3]),
                limit: some_limit(how),
                reason: sealed("yours to do"),
            },
            Act::Merge => CaseCommand::Merge {
                into: self.sides[1 - self.at].story.id,
                reason: sealed("the same thing"),
            },
            Act::Unmerge => CaseCommand::Unmerge(sealed("not the same thing")),
            Act::MarkUrgent => CaseCommand::MarkUrgent(sealed("it spreads")),
            Act::MarkConfidential => CaseCommand::MarkConfidential(sealed("asked for")),
            Act::Verify => CaseCommand::Verify {
                passed: !how.is_multiple_of(3),
                note: (how.is_multiple_of(2)).then(|| sealed("seen")),
                orders: self.some_done(which),
            },
            Act::CallBack => {
                let reached = !how.is_multiple_of(3);
                CaseCommand::CallBack {
                    reached,
                    solved: reached.then_some(!which.is_multiple_of(3)),
                    satisfaction: (reached && how.is_multiple_of(2)).then_some(some_word(which)),
                    note: None,
                }
            }
            Act::Close => CaseCommand::Close,
            Act::Rate => CaseCommand::Rate {
                solved: !which.is_multiple_of(3),
                satisfaction: some_word(how),
                note: None,
            },
            Act::Reopen => CaseCommand::Reopen(sealed("it is there again")),
            Act::RequestVoid => CaseCommand::RequestVoid(sealed("a mistake")),
            Act::Void => CaseCommand::Void {
                granted: !how.is_multiple_of(4),
                reason: sealed("a mistake"),
            },
            Act::Remind => CaseCommand::Remind(order.filter(|_| how.is_multiple_of(2))),
            Act::Supervise | Act::YellowCard | Act::RedCard => CaseCommand::Supervise {
                level: match act {
                    Act::Supervise => Supervision::Normal,
                    Act::YellowCard => Supervision::YellowCard,
                    _ => Supervision::RedCard,
                },
                order: order.filter(|_| how.is_multiple_of(3)),
                reason: sealed("it drags on"),
            },
            Act::Instruct => CaseCommand::Instruct(sealed("see to it")),
        }
    }

    fn accept(&self, which: usize, how: usize, by: &Principal) -> CaseCommand {
        let classed = self.state().is_some_and(|case| case.classified.is_some());
        let sets = by.holds(Role::DutyOfficer) && (!classed || how.is_multiple_of(3));
        CaseCommand::Accept(Classing {
            class: sets.then(|| class(CLASSES[which % CLASSES.len()])),
            severity: (how.is_multiple_of(7)).then_some(Severity::Major),
            urgency: (how.is_multiple_of(5)).then_some(Urgency::Low),
        })
    }

    /// The first time by plan or by hand, after that beneath one of the orders (and sometimes the other way round).
    fn dispatch(&self, which: usize, how: usize) -> CaseCommand {
        let orders = self.state().map(|case| &case.orders);
        let beneath = self
            .state()
            .is_some_and(|case| case.stage == Stage::Dispatched)
            != how.is_multiple_of(11);
        let under = orders
            .filter(|orders| beneath && !orders.is_empty())
            .map(|orders| orders[orders.len() - 1 - which % orders.len()].id);
        if under.is_some() {
            let parts = [Part::Assist, Part::Cc, Part::Assist, Part::Lead];
            let orders = (0..1 + how % 2)
                .map(|i| self.some_order(which / 5 + i, parts[(how / 2 + i) % parts.len()]))
                .collect();
            return CaseCommand::Dispatch {
                plan: None,
                orders,
                under,
            };
        }
        match how % 4 {
            0 | 1 => CaseCommand::DispatchByPlan(p_gas()),
            rest => CaseCommand::Dispatch {
                plan: (rest == 2).then(p_gas),
                orders: self.some_orders(which, how / 4),
                under,
            },
        }
    }

    fn some_unit(&self, which: usize) -> UnitId {
        let mut units: Vec<_> = self.directory.units().map(|unit| &unit.row).collect();
        units.sort_by(|a, b| a.code.cmp(&b.code));
        units[which % units.len()].id
    }

    fn some_order(&self, which: usize, part: Part) -> NewOrder {
        NewOrder {
            unit: self.some_unit(which),
            part,
        }
    }

    /// A lead and up to three more, sometimes with a unit twice or a second lead.
    fn some_orders(&self, which: usize, how: usize) -> Vec<NewOrder> {
        let parts = [Part::Assist, Part::Cc, Part::Assist, Part::Cc, Part::Lead];
        (0..1 + how % 4)
            .map(|i| {
                let part = if i == 0 {
                    Part::Lead
                } else {
                    parts[(how + i) % parts.len()]
                };
                self.some_order(which + i * (1 + how % 5), part)
            })
            .collect()
    }

    /// None, or one that handed in, or one that may not have.
    fn some_done(&self, which: usize) -> Vec<OrderId> {
        let orders = self.state().map(|case| &case.orders);
        let Some(orders) = orders.filter(|orders| !orders.is_empty()) else {
            return Vec::new();
        };
        let done: Vec<OrderId> = orders
            .iter()
            .filter(|order| order.stage == OrderStage::FedBack)
            .map(|order| order.id)
            .collect();
        match which % 4 {
            0 if !done.is_empty() => vec![done[which / 4 % done.len()]],
            1 => vec![orders[which / 4 % orders.len()].id],
            _ => Vec::new(),
        }
    }
}

/// Short and long, by the clock and on the work calendar: some are refused as too long or of the other kind of time.
fn some_limit(how: usize) -> Limit {
    let limits = ["20min", "1h", "90min", "2wh", "1wd", "3d", "120d"];
    Limit::parse(limits[how % limits.len()]).expect("a limit")
}

fn some_word(how: usize) -> Satisfaction {
    Satisfaction::ALL[how % Satisfaction::ALL.len()]
}

fn some_classing(which: usize, how: usize) -> Classing {
    Classing {
        class: (!how.is_multiple_of(4)).then(|| class(CLASSES[which % CLASSES.len()])),
        severity: (how.is_multiple_of(3)).then_some(Severity::Larger),
        urgency: (how.is_multiple_of(5)).then_some(Urgency::Medium),
    }
}

fn some_report(which: usize, how: usize, solved: bool) -> CaseCommand {
    let places = [
        "510116111001",
        "510116111001",
        "510116111002",
        "510116111",
        "513322100",
        "513425",
        "510116",
        "510116999",
    ];
    // Small things for the light lane, and now and then one that is none.
    let small = !how.is_multiple_of(6);
    let classed = if solved && small {
        CLASSES[3]
    } else {
        CLASSES[how % CLASSES.len()]
    };
    CaseCommand::Report(Box::new(Report {
        source: [Source::Phone, Source::Desk, Source::Resident][how % 3],
        classing: Classing {
            class: (solved || !how.is_multiple_of(5)).then(|| class(classed)),
            severity: (how.is_multiple_of(7) && !solved).then_some(Severity::Larger),
            urgency: (how.is_multiple_of(11) && !solved).then_some(Urgency::High),
        },
        place: division(places[which % places.len()]),
        words: sealed("smoke by the bridge"),
        contact: (how.is_multiple_of(2)).then(|| sealed("a phone")),
        position: (!how.is_multiple_of(3))
            .then(|| (sealed("a position"), crate::support::by_the_bridge())),
        receipt: None,
        solved: solved.then(|| sealed("swept")),
    }))
}
