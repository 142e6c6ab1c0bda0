//! The actor of a row, and the command of its act: what a sensible person would ask, but for what the row says is odd.

use jingwei_core::access::{Act, Principal, Role};
use jingwei_core::cases::{CaseCommand, Classing, NewOrder, Part, Satisfaction, Supervision};
use jingwei_core::code::{ConditionCode, Level};
use jingwei_core::id::OrderId;
use jingwei_core::time::Timestamp;

use super::staged::{COMMUNITY, level_of, limit, person, reason, report, verify, who};
use super::{Row, Staged};
use crate::support::{Story, class, division, p_gas, person_id, sealed, unit};

/// Who asks.
pub(super) fn actor(row: &Row, story: &Staged<'_>) -> Principal {
    match row.role {
        "resident" => return Principal::Resident,
        "reporter" => return Principal::Holder(story.case.id),
        _ => {}
    }
    let (role, level) = level_of(row);
    let id = match row.staffing {
        "one_person_village" if level == Level::Town => person_id("alone"),
        _ => person_id("actor"),
    };
    let (at, place) = match (role, level) {
        _ if row.staffing == "other_county" && role == Role::GridWorker => {
            ("LD-CGC", "513322100001")
        }
        _ if row.staffing == "other_county" => ("LD-CGC", "513322"),
        (Role::UnitStaff, _) if row.staffing == "not_called" => ("SL-GAS-2", "510116"),
        (Role::UnitStaff, _) => ("SL-GAS-1", "510116"),
        (Role::GridWorker, _) => ("HLX-GRID-001", COMMUNITY),
        (Role::HeadGridWorker, _) => ("HLX-HEADGRID", "510116111"),
        (Role::Verifier, _) if row.staffing.starts_with("unit_handled") => ("SL-GAS-1", "510116"),
        (_, Level::County) => ("SL-CGC", "510116"),
        (_, Level::City) => ("CD-CGC", "5101"),
        _ => ("HLX-CGC", "510116111"),
    };
    let roles = match row.staffing {
        "relaxed" => vec![Role::DutyChief, Role::Dispatcher],
        _ => vec![role],
    };
    person(id, &roles, at, place)
}

/// Something that the unit of the lead asked before: by the unit's person, or by the actor of the row.
fn asked(row: &Row, story: &mut Story<'_>, command: &CaseCommand) {
    let by =
        match row.staffing.contains("asked_by_self") || row.staffing.contains("handled_by_self") {
            true => person(person_id("actor"), &[Role::UnitStaff], "SL-GAS-1", "510116"),
            false => who("gas", row),
        };
    story.does(&by, command);
}

/// What is done before the act, in the state of the row.
fn prepare(row: &Row, act: Act, story: &mut Staged<'_>) {
    let case = &mut story.case;
    let lead = match row.state {
        "dispatched" => case.case().orders.first().map(|order| order.id),
        _ => None,
    };
    let Some(order) = lead else { return };
    let (pending, by_self) = (
        row.staffing.contains("pending"),
        row.staffing == "asked_by_self",
    );
    let more = row.staffing == "more_than_asked";
    match act {
        Act::DecideObjection if pending || by_self || row.staffing == "lead_without_unit" => {
            asked(
                row,
                case,
                &CaseCommand::ObjectOrder {
                    order,
                    reason: reason(),
                },
            );
        }
        Act::DecideExtension if pending || by_self || more => {
            let limit = limit("2h");
            asked(
                row,
                case,
                &CaseCommand::RequestExtension {
                    order,
                    limit,
                    reason: reason(),
                },
            );
        }
        Act::Suspend if pending || by_self => {
            let limit = limit("3d");
            asked(
                row,
                case,
                &CaseCommand::RequestSuspend {
                    order,
                    limit,
                    reason: reason(),
                },
            );
        }
        _ => {}
    }
    match row.staffing {
        "turned_down" => {
            asked(
                row,
                case,
                &CaseCommand::ObjectOrder {
                    order,
                    reason: reason(),
                },
            );
            let decide = CaseCommand::DecideObjection {
                order,
                upheld: false,
                unit: None,
                reason: reason(),
            };
            case.does(&who("dispatcher", row), &decide);
        }
        "designated" => {
            let unit = unit("SL-GAS-1");
            let designate = CaseCommand::Designate {
                order,
                unit,
                reason: reason(),
            };
            case.does(&who_at_county(Role::Dispatcher), &designate);
        }
        "arrived" => {
            asked(row, case, &CaseCommand::Arrive { order, at: None });
        }
        "others_handed_in" => {
            let umb = case.order_id("SL-UMB");
            let result = sealed("done");
            case.does(
                &who("umb", row),
                &CaseCommand::FeedBack { order: umb, result },
            );
        }
        "with_nested" => nest(row, case, order, "SL-RESCUE"),
        "circle" => nest(row, case, order, "SL-RESCUE"),
        "too_deep" => {
            let mut under = order;
            for code in [
                "SL-RESCUE",
                "SL-FIRE-HLX",
                "SL-FIRE-YA",
                "SL-FIRE-DS",
                "SL-EMS",
            ] {
                nest(row, case, under, code);
                under = case.order_id(code);
            }
        }
        "after_expiry" => case.now = Timestamp(case.now.0 + 25 * 3_600_000),
        "third_time" => {
            for _ in 0..2 {
                let limit = limit("1h");
                asked(
                    row,
                    case,
                    &CaseCommand::RequestExtension {
                        order,
                        limit,
                        reason: reason(),
                    },
                );
                let grant = CaseCommand::DecideExtension {
                    order,
                    granted: true,
                    limit: None,
                    reason: reason(),
                };
                case.does(&who("dispatcher", row), &grant);
            }
        }
        "verified_by_self" => {
            for (account, code) in [("gas", "SL-GAS-1"), ("umb", "SL-UMB")] {
                let order = case.order_id(code);
                let result = sealed("done");
                case.does(&who(account, row), &CaseCommand::FeedBack { order, result });
            }
            let by = person(
                person_id("actor"),
                &[Role::Verifier],
                "HLX-CGC",
                "510116111",
            );
            case.does(&by, &verify(false));
        }
        _ => {}
    }
}

fn who_at_county(role: Role) -> Principal {
    person(person_id("county-dispatcher"), &[role], "SL-CGC", "510116")
}

fn nest(row: &Row, case: &mut Story<'_>, under: OrderId, code: &str) {
    let orders = vec![NewOrder {
        unit: unit(code),
        part: Part::Assist,
    }];
    let nested = CaseCommand::Dispatch {
        plan: None,
        orders,
        under: Some(under),
    };
    case.does(&who("dispatcher", row), &nested);
}

/// The command of a row's act.
pub(super) fn command(row: &Row, story: &mut Staged<'_>) -> CaseCommand {
    let act = Act::parse(row.act).unwrap_or_else(|| panic!("{row:?}"));
    prepare(row, act, story);
    other_case(row, act, story);
    let case = &story.case;
    let orders: &[_] = case.state.as_ref().map_or(&[], |case| &case.orders);
    let first = orders
        .iter()
        .rev()
        .find(|order| order.part == Part::Lead && order.stage.is_live())
        .or(orders.first());
    let assist = orders.iter().find(|order| order.part == Part::Assist);
    let order = match row.staffing {
        "assist" | "second_unit" => assist,
        "circle" | "too_deep" => orders.last(),
        _ => first,
    };
    let order = order.map_or(OrderId(uuid::Uuid::nil()), |order| order.id);
    match act {
        Act::Report => report(row, false),
        Act::Accept => CaseCommand::Accept(Classing::default()),
        Act::Refuse => CaseCommand::Refuse(reason()),
        Act::ReturnForInfo => CaseCommand::ReturnForInfo(reason()),
        Act::SupplyInfo => CaseCommand::SupplyInfo(reason()),
        Act::Confirm => CaseCommand::Confirm {
            found: true,
            note: None,
            at: None,
        },
        Act::Relay => CaseCommand::Relay(unit(match row.staffing {
            "unit_elsewhere" => "HLX-GRID-002",
            _ => "HLX-GRID-001",
        })),
        Act::SetClass => CaseCommand::SetClass(Classing {
            class: Some(class("XF09")),
            ..Classing::default()
        }),
        Act::SolveOnSpot if row.state == "none" => report(row, true),
        Act::SolveOnSpot => CaseCommand::SolveOnSpot(reason()),
        Act::File => CaseCommand::File(match row.staffing {
            "unknown_condition" => ConditionCode::parse("CG01-1"),
            _ => None,
        }),
        Act::Dispatch => dispatch(row, order),
        Act::AddUnit => {
            let (code, part) = match row.staffing {
                "second_lead" => ("SL-RESCUE", Part::Lead),
                "called_already" => ("SL-UMB", Part::Assist),
                _ => ("SL-RESCUE", Part::Assist),
            };
            let order = NewOrder {
                unit: unit(code),
                part,
            };
            CaseCommand::AddUnit {
                order,
                reason: reason(),
            }
        }
        Act::PassUp => CaseCommand::PassUp(reason()),
        Act::PassDown => CaseCommand::PassDown {
            to: division("510116111"),
            limit: limit("5d"),
            reason: reason(),
        },
        Act::Merge => CaseCommand::Merge {
            into: match (&story.other, row.staffing) {
                (Some(other), _) => other.id,
                (None, _) => case.id,
            },
            reason: reason(),
        },
        Act::Unmerge => CaseCommand::Unmerge(reason()),
        Act::MarkUrgent => CaseCommand::MarkUrgent(reason()),
        Act::MarkConfidential => CaseCommand::MarkConfidential(reason()),
        Act::Verify => CaseCommand::Verify {
            passed: !matches!(
                row.staffing,
                "failed" | "light_lane_failed" | "not_handed_in"
            ),
            note: None,
            orders: match row.staffing {
                "not_handed_in" => orders.last().map(|order| order.id).into_iter().collect(),
                _ => Vec::new(),
            },
        },
        Act::CallBack => CaseCommand::CallBack {
            reached: true,
            solved: Some(row.staffing != "not_solved"),
            satisfaction: None,
            note: None,
        },
        Act::Close => CaseCommand::Close,
        Act::Rate => {
            let bad = row.staffing.contains("dissatisfied");
            CaseCommand::Rate {
                solved: !bad,
                satisfaction: match bad {
                    true => Satisfaction::Dissatisfied,
                    false => Satisfaction::Satisfied,
                },
                note: None,
            }
        }
        Act::Reopen => CaseCommand::Reopen(reason()),
        Act::RequestVoid => CaseCommand::RequestVoid(reason()),
        Act::Void => CaseCommand::Void {
            granted: true,
            reason: reason(),
        },
        Act::Remind => CaseCommand::Remind(None),
        Act::Supervise => supervise(Supervision::Normal),
        Act::YellowCard => supervise(Supervision::YellowCard),
        Act::RedCard => supervise(Supervision::RedCard),
        Act::Instruct => CaseCommand::Instruct(reason()),
        _ => of_order(row, act, order, case.now),
    }
}

fn supervise(level: Supervision) -> CaseCommand {
    CaseCommand::Supervise {
        level,
        order: None,
        reason: reason(),
    }
}

fn dispatch(row: &Row, order: OrderId) -> CaseCommand {
    let new = |code: &str, part| NewOrder {
        unit: unit(code),
        part,
    };
    let lead = new("SL-GAS-1", Part::Lead);
    let (orders, under) = match row.staffing {
        "urgent_plan" => return CaseCommand::DispatchByPlan(p_gas()),
        "two_leads" => (vec![lead, new("SL-GAS-2", Part::Lead)], None),
        "unit_twice" => (
            vec![
                lead.clone(),
                NewOrder {
                    part: Part::Cc,
                    ..lead
                },
            ],
            None,
        ),
        "beneath" => (vec![new("SL-RESCUE", Part::Assist)], Some(order)),
        "circle" => (vec![new("SL-GAS-1", Part::Assist)], Some(order)),
        "too_deep" => (vec![new("SL-TRAFPOL", Part::Assist)], Some(order)),
        _ => (vec![lead], None),
    };
    CaseCommand::Dispatch {
        plan: None,
        orders,
        under,
    }
}

/// The other case of a merger.
fn other_case(row: &Row, act: Act, story: &mut Staged<'_>) {
    if act != Act::Merge {
        return;
    }
    let mut other = match row.staffing {
        "into_itself" => {
            story.case.other = story.case.state.clone();
            return;
        }
        _ => Story::new(story.case.directory, 2),
    };
    other.does(&who("worker", row), &report(row, false));
    match row.staffing {
        "into_ended" => {
            other.does(&who("officer", row), &CaseCommand::Refuse(reason()));
        }
        "into_unseen" => {
            if let Some(case) = other.state.as_mut() {
                case.code = division("513322100");
                case.centre = division("513322");
            }
        }
        _ => {}
    }
    story.other = other.state.clone();
    story.case.other = other.state;
}

fn of_order(row: &Row, act: Act, order: OrderId, now: Timestamp) -> CaseCommand {
    match act {
        Act::Acknowledge => CaseCommand::Acknowledge(order),
        Act::AcknowledgeFor => CaseCommand::AcknowledgeFor {
            order,
            told_at: now,
            whom: reason(),
            reason: reason(),
        },
        Act::Arrive => CaseCommand::Arrive { order, at: None },
        Act::Handle => CaseCommand::Handle {
            order,
            note: reason(),
        },
        Act::FeedBack => CaseCommand::FeedBack {
            order,
            result: reason(),
        },
        Act::ObjectOrder => CaseCommand::ObjectOrder {
            order,
            reason: reason(),
        },
        Act::DecideObjection => CaseCommand::DecideObjection {
            order,
            upheld: true,
            unit: (row.staffing != "lead_without_unit").then(|| unit("SL-GAS-2")),
            reason: reason(),
        },
        Act::RequestExtension => CaseCommand::RequestExtension {
            order,
            limit: limit(match row.staffing {
                "too_long" => "25h",
                "other_time" => "2wh",
                _ => "2h",
            }),
            reason: reason(),
        },
        Act::DecideExtension => CaseCommand::DecideExtension {
            order,
            granted: true,
            limit: (row.staffing == "more_than_asked").then(|| limit("3h")),
            reason: reason(),
        },
        Act::RequestSuspend => CaseCommand::RequestSuspend {
            order,
            limit: limit(match row.staffing {
                "too_long" => "91d",
                _ => "3d",
            }),
            reason: reason(),
        },
        Act::Suspend => {
            let asked = matches!(row.staffing, "pending" | "asked_by_self");
            CaseCommand::Suspend {
                order: asked.then_some(order),
                granted: true,
                limit: (!asked).then(|| {
                    limit(match row.staffing {
                        "too_long" => "91d",
                        _ => "3d",
                    })
                }),
                reason: reason(),
            }
        }
        Act::Resume => CaseCommand::Resume(reason()),
        Act::WithdrawOrder => CaseCommand::WithdrawOrder {
            order,
            reason: reason(),
        },
        Act::Redispatch => CaseCommand::Redispatch {
            order,
            unit: unit(match row.staffing {
                "same_unit" => "SL-GAS-1",
                _ => "SL-GAS-2",
            }),
            reason: reason(),
        },
        Act::Designate => CaseCommand::Designate {
            order,
            unit: unit("SL-GAS-1"),
            reason: reason(),
        },
        other => panic!("{other} is no act of an order"),
    }
}
