//! From the state of a case to what somebody sees of it.

use jingwei_core::access::{self, Principal, Sight};
use jingwei_core::cases::{
    self, AddedBy, CaseEvent, CaseState, Clock, Contact, Order, OrderStage, Proposal, Stage,
};
use jingwei_core::sealed::Sealed;
use jingwei_core::time::Timestamp;
use jingwei_store::cases::CaseRow;
use jingwei_store::journal::JournalRow;

use super::emergency_numbers;
use super::view::{
    BecauseView, CallBackView, CaseGrid, CaseView, ClassRef, ClockView, ConditionView, FollowStep,
    FollowView, LimitsView, NextView, OrderView, PositionView, ProposalView, ProposedOrderView,
    ProposedUnit, ReporterView, RequestView, Summary, Waiting,
};
use crate::error::{EngineError, Result};
use crate::vault::Vault;
use crate::world::World;

/// A case in a list.
pub(super) fn summary(row: &CaseRow, case: &CaseState, world: &World) -> Summary {
    let division = world.division_ref(&case.code);
    let (title_zh, title_en) = cases::title(case, &division.name);
    let called = case
        .orders
        .iter()
        .filter(|order| order.stage != OrderStage::StoodDown);
    let waiting = (!case.orders.is_empty()).then(|| Waiting {
        acknowledged: count(
            called
                .clone()
                .filter(|order| order.acknowledged_at.is_some()),
        ),
        called: count(called),
    });
    Summary {
        id: case.id.0,
        version: case.version,
        sequence: row.updated_seq,
        number: case.number.as_ref().map(|n| n.as_str().to_owned()),
        stage: case.stage.as_str().to_owned(),
        open: case.stage.is_open(),
        class: case.classified.as_ref().map(|c| ClassRef {
            code: c.class.as_str().to_owned(),
            name_zh: c.name_zh.as_str().to_owned(),
            name_en: c.name_en.as_str().to_owned(),
        }),
        severity: case.severity.as_str().to_owned(),
        urgency: case.urgency.as_str().to_owned(),
        source: case.source.as_str().to_owned(),
        centre: world.division_ref(&case.centre),
        division,
        title_zh,
        title_en,
        reported_at: case.reported_at.rfc3339(),
        updated_at: case.updated_at.rfc3339(),
        next_due: case.next_due().map(Timestamp::rfc3339),
        waiting,
        overdue: is_late(case),
        supervision: case.supervision.map(|level| level.as_str().to_owned()),
        confidential: case.confidential,
        merged_into: case.merged_into.map(|(case, _)| case.0),
        solved_on_spot: case.solved.is_some(),
    }
}

/// Whether a limit has passed and what it measures is still to be done.
pub(crate) fn is_late(case: &CaseState) -> bool {
    case.clocks
        .iter()
        .any(|clock| clock.stopped.is_none() && clock.paused.is_none() && clock.fired.is_some())
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

/// One case.
pub(super) fn case(
    row: &CaseRow,
    case: &CaseState,
    sight: Sight,
    by: &Principal,
    world: &World,
    vault: &Vault,
    now: Timestamp,
) -> Result<CaseView> {
    let id = case.id.0;
    let words = vault.open_sealed(id, &case.words)?;
    let erased = || "（已销毁 / erased）".to_owned();
    let open = |sealed: &jingwei_core::sealed::Sealed<String>| {
        Ok::<_, EngineError>(vault.open_sealed(id, sealed)?.unwrap_or_else(erased))
    };
    let position = match &case.position {
        Some(sealed) => vault.open_sealed(id, sealed)?.map(|p| PositionView {
            lon: p.point.lon(),
            lat: p.point.lat(),
            accuracy_m: p.accuracy_m,
        }),
        None => None,
    };
    let reporter = match &case.contact {
        Some(contact) if access::sees_reporter(by, case) => {
            vault.open_sealed(id, contact)?.map(|c| masked(&c))
        }
        _ => None,
    };
    let orders = case
        .orders
        .iter()
        .map(|order| order_view(order, case, sight, world, vault))
        .collect::<Result<Vec<_>>>()?;
    let may = cases::acts_open_to(by, case, &world.rules, &world.directory)
        .into_iter()
        .map(|(act, order)| {
            let act = act.as_str().replace('_', "-");
            order.map_or_else(|| act.clone(), |order| format!("orders/{order}/{act}"))
        })
        .collect();
    Ok(CaseView {
        summary: summary(row, case, world),
        path: case
            .code
            .path()
            .iter()
            .map(|code| world.division_ref(code))
            .collect(),
        position,
        grids: case
            .grids
            .iter()
            .map(|grid| CaseGrid {
                layer: grid.layer.as_str().to_owned(),
                code: grid.code.as_str().to_owned(),
            })
            .collect(),
        address: words.as_ref().and_then(|w| w.address.clone()),
        description: words.map_or_else(erased, |w| w.description),
        supplied: case.supplied.iter().map(open).collect::<Result<Vec<_>>>()?,
        reason: case.reason.as_ref().map(open).transpose()?,
        reporter,
        next: next(case, world),
        limits: case.classified.as_ref().map(|c| LimitsView::of(&c.limits)),
        plan: case.plan.as_ref().map(|p| p.as_str().to_owned()),
        clocks: case
            .clocks
            .iter()
            .map(|clock| clock_view(clock, case, world, now))
            .collect(),
        orders,
        requests: case
            .requests
            .iter()
            .map(|request| {
                let order = request.order.and_then(|id| case.order(id));
                Ok(RequestView {
                    kind: request.kind.as_str().to_owned(),
                    order: request.order.map(|order| order.0),
                    unit: order.map(|o| world.unit_ref(o.unit, Some(&o.unit_name))),
                    limit: request.limit.map(|limit| limit.to_string()),
                    reason: open(&request.reason)?,
                    at: request.at.rfc3339(),
                    due_at: case
                        .running(cases::ClockKind::Decide, request.order)
                        .map(|clock| clock.due.rfc3339()),
                })
            })
            .collect::<Result<Vec<_>>>()?,
        condition: condition(case, world),
        suspended_s: (case.suspended_ms.unwrap_or(0)
            + case
                .suspension
                .as_ref()
                .map_or(0, |suspension| now.0 - suspension.since.0))
            / 1_000,
        suspended_because: case
            .suspension
            .as_ref()
            .map(|suspension| open(&suspension.reason))
            .transpose()?,
        extensions: case.extended.map_or(0, |(times, _)| times),
        absorbed: case.absorbed.iter().map(|case| case.0).collect(),
        instruction: case.instruction.as_ref().map(open).transpose()?,
        solved: case.solved.as_ref().map(open).transpose()?,
        relayed_to: case.relayed_to.map(|unit| world.unit_ref(unit, None)),
        confirmed: case.confirmed,
        alerted: case
            .alerted
            .iter()
            .map(|code| world.division_ref(code))
            .collect(),
        called_back: case
            .called_back
            .map(|(tries, reached)| CallBackView { tries, reached }),
        reporter_says: case.reporter_says,
        reopened: case.reopened,
        rate_until: case.rate_until.map(Timestamp::rfc3339),
        may,
    })
}

/// The filing condition that is met, by the rules in force: its words may have been changed since.
fn condition(case: &CaseState, world: &World) -> Option<ConditionView> {
    let (class, code) = case.classified.as_ref().zip(case.condition.as_ref())?;
    let condition = world.rules.classes.get(&class.class)?.condition(code)?;
    Some(ConditionView {
        code: code.as_str().to_owned(),
        filing_zh: condition.filing_zh.clone(),
        filing_en: condition.filing_en.clone(),
        closing_zh: condition.closing_zh.clone(),
        closing_en: condition.closing_en.clone(),
    })
}

fn next(case: &CaseState, world: &World) -> Option<NextView> {
    let step = cases::next_step(case)?;
    let mut who: Vec<String> = step
        .orders
        .iter()
        .filter_map(|id| case.order(*id))
        .map(|order| order.unit_name.as_str().to_owned())
        .collect();
    if who.is_empty() {
        let centre = case.centre_unit.map(|unit| world.unit_ref(unit, None).name);
        who.push(centre.unwrap_or_else(|| world.division_ref(&case.centre).name));
    }
    Some(NextView {
        what_zh: step.what_zh,
        what_en: step.what_en,
        who,
        due_at: step.due.map(Timestamp::rfc3339),
    })
}

fn clock_view(clock: &Clock, case: &CaseState, world: &World, now: Timestamp) -> ClockView {
    let order = clock.order.and_then(|id| case.order(id));
    let state = match clock.stopped {
        None if clock.paused.is_some() => "paused",
        None if now > clock.due => "late",
        None if clock.yellow.is_some_and(|yellow| now >= yellow) => "soon",
        None => "running",
        Some(_) if !clock.done => "ended",
        Some(at) if at > clock.due => "done_late",
        Some(_) => "done",
    };
    ClockView {
        kind: clock.kind.as_str().to_owned(),
        order: clock.order.map(|o| o.0),
        unit: order.map(|order| world.unit_ref(order.unit, Some(&order.unit_name))),
        limit: clock.limit.to_string(),
        started_at: clock.started.rfc3339(),
        due_at: clock.due.rfc3339(),
        stopped_at: clock.stopped.map(Timestamp::rfc3339),
        state: state.to_owned(),
        yellow_at: clock.yellow.map(Timestamp::rfc3339),
        yellow_card_at: clock.yellow_card.map(Timestamp::rfc3339),
        red_card_at: clock.red_card.map(Timestamp::rfc3339),
        rung: clock.reached.map(|(rung, _)| rung.as_str().to_owned()),
        paused_at: clock.paused.map(Timestamp::rfc3339),
        provisional: clock.provisional,
    }
}

fn order_view(
    order: &Order,
    case: &CaseState,
    sight: Sight,
    world: &World,
    vault: &Vault,
) -> Result<OrderView> {
    let clock = case
        .clocks
        .iter()
        .find(|clock| clock.order == Some(order.id) && clock.kind == cases::ClockKind::Acknowledge);
    let result = match &order.result {
        Some(sealed) => vault.open_sealed(case.id.0, sealed)?,
        None => None,
    };
    let contact = world
        .directory
        .unit(order.unit)
        .and_then(|unit| unit.row.contact.as_ref());
    let phone = match contact {
        Some(contact) if sight == Sight::Area => vault.open_sealed(order.unit.0, contact)?,
        _ => None,
    };
    Ok(OrderView {
        phone,
        id: order.id.0,
        leg: order.leg.0,
        unit: world.unit_ref(order.unit, Some(&order.unit_name)),
        part: order.part.as_str().to_owned(),
        stage: order.stage.as_str().to_owned(),
        sent_at: order.sent_at.rfc3339(),
        because: order.added.map(|(by, because)| {
            let (rule_zh, rule_en) = rule_of(by);
            BecauseView {
                order: because.map(|o| o.0),
                rule_zh: rule_zh.to_owned(),
                rule_en: rule_en.to_owned(),
            }
        }),
        acknowledge_due: clock.map(|clock| clock.due.rfc3339()),
        acknowledged_at: order.acknowledged_at.map(Timestamp::rfc3339),
        acknowledged_how: order.acknowledged_how.map(|how| how.as_str().to_owned()),
        late: order.late,
        arrived_at: order.arrived_at.map(Timestamp::rfc3339),
        arrived_metres: order.arrived_metres,
        fed_back_at: order.fed_back_at.map(Timestamp::rfc3339),
        result,
        parent: order.parent.map(|order| order.0),
        designated: order.designated,
        round: order.round,
    })
}

/// The rule by which an order was sent beside the dispatch.
pub(super) fn rule_of(by: AddedBy) -> (&'static str, &'static str) {
    match by {
        AddedBy::Person => ("人工加派", "added by a person"),
        AddedBy::SameKind => (
            "到时未签收，自动加派同类在岗最近的单位；原单位仍在待命",
            "not acknowledged in time: the nearest unit of the same kind on duty was added; the first stays called",
        ),
        AddedBy::FallbackKind => (
            "到时未签收且无同类单位，自动加派后备单位；原单位仍在待命",
            "not acknowledged in time and none of its kind left: a unit of the fallback kind was added; the first stays called",
        ),
    }
}

pub(crate) fn masked(contact: &Contact) -> ReporterView {
    let name_masked = contact.name.as_ref().map(|name| {
        let mut letters = name.chars();
        let first = letters.next().unwrap_or('*');
        format!("{first}{}", "*".repeat(letters.count().max(1)))
    });
    let phone_masked = contact.phone.as_ref().map(|phone| {
        let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
        if digits.len() < 8 {
            return "*".repeat(digits.len());
        }
        let (head, tail) = (&digits[..3], &digits[digits.len() - 4..]);
        format!(
            "{}****{}",
            head.iter().collect::<String>(),
            tail.iter().collect::<String>()
        )
    });
    ReporterView {
        name_masked,
        phone_masked,
    }
}

/// A plan with its units.
pub(super) fn proposal(proposal: &Proposal<'_>, case: &CaseState, world: &World) -> ProposalView {
    let plan = proposal.plan;
    ProposalView {
        plan: ClassRef {
            code: plan.code.as_str().to_owned(),
            name_zh: plan.name_zh.as_str().to_owned(),
            name_en: plan.name_en.as_str().to_owned(),
        },
        version: case.version,
        orders: proposal
            .orders
            .iter()
            .map(|proposed| {
                let kind = world.rules.plans.kind(&proposed.place.kind);
                ProposedOrderView {
                    no: proposed.place.no.clone(),
                    part: proposed.place.part.as_str().to_owned(),
                    unit_kind: proposed.place.kind.as_str().to_owned(),
                    kind_zh: kind
                        .map(|k| k.name_zh.as_str().to_owned())
                        .unwrap_or_default(),
                    kind_en: kind
                        .map(|k| k.name_en.as_str().to_owned())
                        .unwrap_or_default(),
                    unit: proposed.unit.map(|candidate| ProposedUnit {
                        unit: world.unit_ref(candidate.unit.row.id, None),
                        distance_m: candidate.metres,
                        on_duty: candidate.on_duty,
                        fallback: proposed.by_fallback,
                    }),
                    fallback_kind: proposed.place.fallback.as_str().to_owned(),
                    acknowledge_limit: proposed.place.acknowledge.to_string(),
                    task_zh: proposed.place.task_zh.clone(),
                    task_en: proposed.place.task_en.clone(),
                }
            })
            .collect(),
    }
}

/// The kinds of events that a reporter sees something of.
pub(super) const FOLLOWED: [&str; 12] = [
    "accepted",
    "dispatched",
    "handled",
    "verified",
    "closed",
    "suspended",
    "refused",
    "voided",
    "returned-for-info",
    "extension-decided",
    "check-failed",
    "reopened",
];

/// How far along the way of a case a stage lies.
fn way(stage: Stage) -> u8 {
    match stage {
        Stage::Reported | Stage::Returned | Stage::Refused | Stage::Voided => 0,
        Stage::Accepted | Stage::Filed | Stage::Merged => 1,
        Stage::Dispatched | Stage::Suspended => 2,
        Stage::Handled => 3,
        Stage::Verified => 4,
        Stage::Closed => 5,
    }
}

/// The last time that more time was granted for the work that goes on now, with the reason.
fn extension(
    case: &CaseState,
    newest: &[JournalRow],
) -> Result<Option<(Timestamp, Sealed<String>)>> {
    if case.stage != Stage::Dispatched {
        return Ok(None);
    }
    for row in newest {
        match row.kind.as_str() {
            // The work began (again) after whatever was granted before.
            "dispatched" | "check-failed" | "reopened" => break,
            "extension-decided" => {
                let version = u32::try_from(row.kind_v).unwrap_or(0);
                let event = CaseEvent::read(&row.kind, version, &row.payload)
                    .map_err(|e| EngineError::Journal(format!("row {}: {e}", row.seq)))?;
                if let CaseEvent::ExtensionDecided(e) = event
                    && e.granted.is_some()
                {
                    return Ok(Some((Timestamp(row.at), e.reason)));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// A resident's report in plain words: no office terms, no words of the report, nobody's name. `newest` are the events of
/// [`FOLLOWED`] kinds, newest first.
pub(super) fn follow(
    case: &CaseState,
    newest: &[JournalRow],
    world: &World,
    vault: &Vault,
) -> Result<FollowView> {
    let when = |kind: &str| {
        newest
            .iter()
            .find(|r| r.kind == kind)
            .map(|r| Timestamp(r.at).rfc3339())
    };
    // A case that is worked on again has its later steps ahead of it, whatever was done the first time.
    let reached = |stage: Stage, kind: &str| when(kind).filter(|_| way(case.stage) >= way(stage));
    let extension = extension(case, newest)?;
    // What is asked for or told goes to the reporter; every other text is for those who work on it.
    let told = match case.stage {
        Stage::Returned | Stage::Refused | Stage::Voided => case.reason.as_ref(),
        _ => extension.as_ref().map(|(_, reason)| reason),
    };
    let reason = match told {
        Some(sealed) => vault.open_sealed(case.id.0, sealed)?,
        None => None,
    };
    // Where the reason was destroyed somebody has to be asked.
    let with_reason = |told: &str, ask: &str| {
        if reason.is_some() {
            told.to_owned()
        } else {
            ask.to_owned()
        }
    };
    let step = |step: &str, zh: &str, en: &str, at: Option<String>| FollowStep {
        step: step.to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
        at,
    };
    let mut steps = vec![step(
        "received",
        "我们收到了你的报告",
        "We have your report",
        Some(case.reported_at.rfc3339()),
    )];
    match case.stage {
        Stage::Suspended => {
            steps.push(step(
                "accepted",
                "我们接下了这件事",
                "We have taken it up",
                when("accepted"),
            ));
            steps.push(step(
                "suspended",
                "要等一等才能接着做",
                "It has to wait for a while",
                when("suspended"),
            ));
        }
        Stage::Refused => steps.push(step(
            "refused",
            &with_reason("这件事我们管不了", "这件事我们管不了，请打电话问我们原因"),
            &with_reason(
                "This is not ours to solve",
                "This is not ours to solve; call us for the reason",
            ),
            when("refused"),
        )),
        Stage::Voided => steps.push(step(
            "voided",
            &with_reason("这件报告已作废", "这件报告已作废，请打电话问我们原因"),
            &with_reason(
                "The report was set aside",
                "The report was set aside; call us for the reason",
            ),
            when("voided"),
        )),
        Stage::Returned => steps.push(step(
            "returned",
            "我们还需要你补充一些情况",
            "We need a little more from you",
            when("returned-for-info"),
        )),
        _ => {
            steps.push(step(
                "accepted",
                "我们接下了这件事",
                "We have taken it up",
                reached(Stage::Accepted, "accepted"),
            ));
            steps.push(step(
                "dispatched",
                "已派人处理",
                "People have been sent",
                reached(Stage::Dispatched, "dispatched"),
            ));
            if let Some((at, _)) = &extension {
                steps.push(step(
                    "extended",
                    "还需要多一些时间",
                    "More time is needed",
                    Some(at.rfc3339()),
                ));
            }
            steps.push(step(
                "handled",
                "处理的人说已做完",
                "Those sent say it is done",
                reached(Stage::Handled, "handled").filter(|_| case.all_legs_done()),
            ));
            steps.push(step(
                "checked",
                "另一位工作人员检查过了",
                "Somebody else has checked it",
                reached(Stage::Verified, "verified"),
            ));
            steps.push(step(
                "closed",
                "已办完",
                "Done",
                reached(Stage::Closed, "closed"),
            ));
        }
    }
    let expected_by = case
        .running(cases::ClockKind::Handle, None)
        .filter(|clock| clock.paused.is_none())
        .map(|clock| clock.due.rfc3339());
    let holder = Principal::Holder(case.id);
    let may = cases::acts_open_to(&holder, case, &world.rules, &world.directory)
        .into_iter()
        .map(|(act, _)| act.as_str().replace('_', "-"))
        .collect();
    Ok(FollowView {
        number: case.number.as_ref().map(|n| n.as_str().to_owned()),
        steps,
        reason,
        expected_by,
        may,
        emergency: emergency_numbers(),
    })
}
