//! Deciding a command: who may, in which stage, and what follows.
//!
//! The order of the checks is the order in which a person would want to hear of them: not yours to see, not your role, not
//! at this stage, this field.

use super::event::{
    Answered, Arrived, Blown, Closed, Finished, Instructed, Raised, RatingGiven, RefusedToCome,
    Released, TaskGiven, TasksGiven,
};
use super::{
    Because, Blow, Call, CallStage, MOST_UNITS, Rating, Task, UnitCalled, UnitNamed, Whistle,
    WhistleAct, WhistleCommand, WhistleEvent, WhistleOutcome, WhistleStage, answer_limit,
};
use crate::access::{self, Acting, Post, Principal, Role};
use crate::calendar::Hours;
use crate::code::{DivisionCode, Level};
use crate::directory::Unit;
use crate::id::UnitId;
use crate::label::Label;
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::things::{
    Context, Decided, Thing as _, acting, callable, desk_above, fault, for_unit, not_now,
};
use crate::time::{DAY_MS, Timestamp};

type Decision = Result<Vec<Decided<WhistleEvent>>, Refusal>;

/// The longest time that a unit may take to come, or that the level above may set.
const LONGEST_MS: i64 = 30 * DAY_MS;

/// Decides `command` on the whistle as it stands (none before it is blown).
pub(super) fn decide(
    whistle: Option<&Whistle>,
    command: &WhistleCommand,
    context: &Context<'_>,
) -> Decision {
    if let WhistleCommand::Blow(blow) = command {
        return match whistle {
            Some(_) => Err(Refusal::Exists),
            None => decide_blow(blow, context),
        };
    }
    let whistle = whistle.ok_or(Refusal::NotFound)?;
    if let WhistleCommand::Timer {
        waiting,
        unit,
        generation,
    } = command
    {
        return super::timers::fire(whistle, *waiting, *unit, *generation, context);
    }
    let (act, unit) = act_of(command);
    let by = permitted(context.by, act, unit, whistle)?;
    takes(whistle, act, unit, by)?;
    Asked {
        whistle,
        context,
        by,
    }
    .carry_out(command)
}

/// The act that a command is, and the unit it is about.
fn act_of(command: &WhistleCommand) -> (WhistleAct, Option<UnitId>) {
    match command {
        WhistleCommand::Blow(_) => (WhistleAct::Blow, None),
        WhistleCommand::Answer { unit, .. } => (WhistleAct::Answer, Some(*unit)),
        WhistleCommand::Refuse { unit, .. } => (WhistleAct::Refuse, Some(*unit)),
        WhistleCommand::Arrive { unit, .. } => (WhistleAct::Arrive, Some(*unit)),
        WhistleCommand::Tasks(_) => (WhistleAct::Task, None),
        WhistleCommand::Finish { unit, .. } => (WhistleAct::Finish, Some(*unit)),
        WhistleCommand::Release { unit, .. } => (WhistleAct::Release, Some(*unit)),
        WhistleCommand::Raise { unit, .. } => (WhistleAct::Raise, Some(*unit)),
        WhistleCommand::Instruct { unit, .. } => (WhistleAct::Instruct, Some(*unit)),
        WhistleCommand::Close { .. } => (WhistleAct::Close, None),
        WhistleCommand::Rate { unit, .. } => (WhistleAct::Rate, Some(*unit)),
        // A timer raises by itself; it is decided apart.
        WhistleCommand::Timer { unit, .. } => (WhistleAct::Raise, *unit),
    }
}

/// Who blows at a place whose centre stands at `level`: the town's people, and where the town has no staffed centre those
/// of the levels up to the one that has.
fn blows(post: &Post, level: Level, place: &DivisionCode) -> bool {
    matches!(
        post.role,
        Role::Dispatcher | Role::DutyChief | Role::HeadGridWorker | Role::Leader
    ) && (Level::Town..=level).contains(&post.division.level())
        && post.covers(place)
}

/// The town's side: who could have blown it, and who did.
fn of_town(principal: &Principal, whistle: &Whistle) -> Option<Acting> {
    acting(principal, |post| {
        blows(post, whistle.level, &whistle.code)
            || whistle.blower == principal.person() && post.unit == whistle.town
    })
}

/// The desk of the level to which a call was raised.
fn of_level_above(principal: &Principal, call: &Call, whistle: &Whistle) -> Option<Acting> {
    let (level, _) = call.raised?;
    acting(principal, |post| {
        matches!(post.role, Role::Dispatcher | Role::DutyChief | Role::Leader)
            && post.division.level() == level
            && post.covers(&whistle.code)
    })
}

/// May `principal` do `act` (about `unit`)? The answer is the role in which it is done.
pub(super) fn permitted(
    principal: &Principal,
    act: WhistleAct,
    unit: Option<UnitId>,
    whistle: &Whistle,
) -> Result<Acting, Refusal> {
    if whistle.sight(principal).is_none() {
        return Err(Refusal::NotFound);
    }
    let call = unit.and_then(|unit| whistle.call(unit));
    if unit.is_some() && call.is_none() && act != WhistleAct::Rate {
        return Err(Refusal::NotFound);
    }
    let by = match (act, unit, call) {
        (
            WhistleAct::Answer | WhistleAct::Refuse | WhistleAct::Arrive | WhistleAct::Finish,
            Some(unit),
            _,
        ) => for_unit(principal, unit),
        (WhistleAct::Release, _, Some(call)) => {
            of_town(principal, whistle).or_else(|| of_level_above(principal, call, whistle))
        }
        (WhistleAct::Instruct, _, Some(call)) => of_level_above(principal, call, whistle),
        (WhistleAct::Task | WhistleAct::Raise | WhistleAct::Close, _, _) => {
            of_town(principal, whistle)
        }
        (WhistleAct::Rate, Some(unit), _) if unit == whistle.town => {
            // Who works for two of the called units rates for the one that has not rated yet.
            let mut calls: Vec<&Call> = whistle.calls.iter().collect();
            calls.sort_by_key(|call| whistle.has_rated(call.unit, unit));
            calls.iter().find_map(|call| for_unit(principal, call.unit))
        }
        (WhistleAct::Rate, Some(_), Some(_)) => of_town(principal, whistle),
        _ => None,
    };
    by.ok_or(Refusal::NotYours {
        zh: act.zh(),
        en: act.en(),
    })
}

/// Whether the whistle takes the act as it stands, done by `by`.
pub(super) fn takes(
    whistle: &Whistle,
    act: WhistleAct,
    unit: Option<UnitId>,
    by: Acting,
) -> Result<(), Refusal> {
    let wanted = if act == WhistleAct::Rate {
        WhistleStage::Closed
    } else {
        WhistleStage::Blown
    };
    if whistle.stage != wanted {
        return Err(not_now(
            format!(
                "这次吹哨现在是“{}”，不能{}。请看最新情况再定。",
                whistle.stage.zh(),
                act.zh()
            ),
            format!(
                "The whistle is {}; one cannot {} now. Check, then decide.",
                whistle.stage.en(),
                act.en()
            ),
        ));
    }
    match (act, unit) {
        (WhistleAct::Rate, Some(unit)) => takes_rating(whistle, unit, by),
        (WhistleAct::Close, _) => takes_close(whistle),
        (_, Some(unit)) => match whistle.call(unit) {
            Some(call) if !call_takes(call, act) => Err(call_not_now(call, act)),
            Some(_) => Ok(()),
            None => Err(Refusal::NotFound),
        },
        _ => Ok(()),
    }
}

fn call_takes(call: &Call, act: WhistleAct) -> bool {
    match act {
        WhistleAct::Answer => matches!(call.stage, CallStage::Called | CallStage::Refused),
        WhistleAct::Refuse => matches!(call.stage, CallStage::Called | CallStage::Coming),
        WhistleAct::Finish => call.stage == CallStage::Present && call.has_open_task(),
        WhistleAct::Release => !call.stage.is_over(),
        WhistleAct::Task => {
            matches!(call.stage, CallStage::Present | CallStage::Done) && !call.has_open_task()
        }
        WhistleAct::Instruct => call.stage.is_awaited() && call.raised.is_some(),
        _ => call.stage.is_awaited(),
    }
}

fn call_not_now(call: &Call, act: WhistleAct) -> Refusal {
    let task = call.stage == CallStage::Present && act == WhistleAct::Finish;
    let (more_zh, more_en) = if task {
        ("，还没有任务", ", without a task")
    } else {
        ("", "")
    };
    not_now(
        format!(
            "“{}”现在是“{}”{more_zh}，不能{}。请看最新情况再定。",
            call.name,
            call.stage.zh(),
            act.zh()
        ),
        format!(
            "\"{}\" is {}{more_en}; one cannot {} now. Check, then decide.",
            call.name,
            call.stage.en(),
            act.en()
        ),
    )
}

fn takes_close(whistle: &Whistle) -> Result<(), Refusal> {
    let open: Vec<&str> = whistle
        .calls
        .iter()
        .filter(|call| !call.stage.is_over())
        .map(|call| call.name.as_str())
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(not_now(
        format!(
            "事不完、人不撤：{} 还没有办完任务，也没有经同意撤回，不能收哨。",
            open.join("、")
        ),
        format!(
            "Nobody leaves before the work is done: {} has neither finished its task nor been released, so the whistle cannot be closed.",
            open.join(", ")
        ),
    ))
}

/// The unit that rates: the town, or the called unit of whoever rates the town.
fn rater(whistle: &Whistle, unit: UnitId, by: Acting) -> Option<UnitId> {
    if unit == whistle.town {
        by.unit
    } else {
        Some(whistle.town)
    }
}

fn takes_rating(whistle: &Whistle, unit: UnitId, by: Acting) -> Result<(), Refusal> {
    match rater(whistle, unit, by) {
        Some(rater) if !whistle.has_rated(rater, unit) => Ok(()),
        _ => Err(not_now(
            "已经评过了，每一方只评一次。",
            "This has been rated already: each side rates once.",
        )),
    }
}

/// The event by which a call goes up: to the next centre above with somebody at its desk; at the top it stays there.
pub(super) fn raise(
    whistle: &Whistle,
    call: &Call,
    because: Because,
    reason: Option<Sealed<String>>,
    context: &Context<'_>,
) -> WhistleEvent {
    let at = call.raised.map_or(whistle.level, |(level, _)| level);
    let above = Level::ALL.iter().copied().find(|level| *level > at);
    let next = above.and_then(|level| desk_above(context.directory, &whistle.code, level));
    let (level, again, centre) = match next {
        Some((level, unit)) => {
            let name = context.directory.unit(unit).map(|unit| &unit.row.name);
            let named = |name: &Label| UnitNamed {
                unit,
                name: name.clone(),
            };
            (level, false, name.map(named))
        }
        None => {
            let town = UnitNamed {
                unit: whistle.town,
                name: whistle.town_name.clone(),
            };
            (at, true, Some(call.raised_to.clone().unwrap_or(town)))
        }
    };
    let limit = answer_limit(whistle.kind, context.rules);
    WhistleEvent::Raised(Raised {
        unit: call.unit,
        because,
        reason,
        level,
        again,
        centre,
        next: context.term(limit, &context.hours_of(call.unit)),
    })
}

/// Who blows where: at the level of the centre that the place has.
fn decide_blow(blow: &Blow, context: &Context<'_>) -> Decision {
    let directory = context.directory;
    let not_yours = Refusal::NotYours {
        zh: WhistleAct::Blow.zh(),
        en: WhistleAct::Blow.en(),
    };
    let may_somewhere = |post: &Post| blows(post, post.division.level(), &post.division);
    acting(context.by, may_somewhere).ok_or(not_yours)?;
    let division = directory
        .division(&blow.place)
        .filter(|row| {
            row.successor.is_none() && matches!(row.code.level(), Level::Town | Level::Community)
        })
        .ok_or_else(|| {
            fault(
                "/division",
                "unknown_division",
                "应为现行的乡镇（街道）或村（社区）代码",
                "a present town or community is wanted",
            )
        })?;
    let (centre, centre_unit) = directory.centre_of(&blow.place);
    let level = centre.level();
    let by = acting(context.by, |post| blows(post, level, &blow.place)).ok_or_else(|| {
        fault(
            "/division",
            "not_your_level",
            "吹哨的是这个地方的中心（乡镇；没有乡镇中心的由县级），你的岗位不在那里",
            "the centre of that place blows (the town's; the county's where the town has none), and your post is not there",
        )
    })?;
    if let Some(id) = blow.case {
        let seen = context
            .case
            .is_some_and(|case| case.id == id && access::sight(context.by, case).is_some());
        if !seen {
            return Err(fault(
                "/case",
                "unknown_case",
                "找不到这个案件，或你无权查看",
                "there is no such case, or it is not yours to see",
            ));
        }
    }
    let town = centre_unit
        .or(by.unit)
        .and_then(|unit| directory.unit(unit))
        .ok_or(Refusal::NotFound)?;
    let calls = units("/units", &blow.units, &[], blow, town, by, context)?;
    let copies = units(
        "/copies",
        &blow.copies,
        &blow.units,
        blow,
        town,
        by,
        context,
    )?;
    let limit = answer_limit(blow.kind, context.rules);
    let calls = calls
        .into_iter()
        .map(|unit| UnitCalled {
            answer: context.term(limit, &context.hours_of(unit.unit)),
            unit,
        })
        .collect();
    Ok(vec![Decided {
        by,
        event: WhistleEvent::Blown(Blown {
            kind: blow.kind,
            case: blow.case,
            division: division.id,
            code: blow.place.clone(),
            town: UnitNamed {
                unit: town.row.id,
                name: town.row.name.clone(),
            },
            level,
            calls,
            copies,
            position: blow.position.clone(),
            reason: blow.reason.clone(),
        }),
    }])
}

fn units(
    pointer: &str,
    wanted: &[UnitId],
    elsewhere: &[UnitId],
    blow: &Blow,
    town: &Unit,
    by: Acting,
    context: &Context<'_>,
) -> Result<Vec<UnitNamed>, Refusal> {
    if pointer == "/units" && wanted.is_empty() || wanted.len() > MOST_UNITS {
        return Err(fault(
            pointer,
            "out_of_range",
            format!("一次吹哨叫 1 至 {MOST_UNITS} 个单位"),
            format!("a whistle calls 1 to {MOST_UNITS} units"),
        ));
    }
    let mut named = Vec::with_capacity(wanted.len());
    for (i, &id) in wanted.iter().enumerate() {
        let at = format!("{pointer}/{i}");
        if wanted[..i].contains(&id) || elsewhere.contains(&id) {
            return Err(fault(
                &at,
                "twice",
                "同一单位写了两次",
                "the unit is named twice",
            ));
        }
        if id == town.row.id || Some(id) == by.unit {
            return Err(fault(
                &at,
                "own_unit",
                "不能叫自己的单位",
                "one does not call one's own unit",
            ));
        }
        let unit = callable(context.directory, id, &blow.place, &at)?;
        named.push(UnitNamed {
            unit: id,
            name: unit.row.name.clone(),
        });
    }
    Ok(named)
}

struct Asked<'a> {
    whistle: &'a Whistle,
    context: &'a Context<'a>,
    by: Acting,
}

impl Asked<'_> {
    fn by(&self, event: WhistleEvent) -> Vec<Decided<WhistleEvent>> {
        vec![Decided { by: self.by, event }]
    }

    fn call(&self, unit: UnitId) -> Result<&Call, Refusal> {
        self.whistle.call(unit).ok_or(Refusal::NotFound)
    }

    /// An instant that somebody sets: after now and within bounds.
    fn set_for(&self, at: Timestamp) -> Result<Timestamp, Refusal> {
        let now = self.context.now;
        if at > now && at <= now.plus_ms(LONGEST_MS) {
            return Ok(at);
        }
        Err(fault(
            "/by",
            "out_of_range",
            "应在现在以后、30 天以内",
            "after now and within 30 days",
        ))
    }

    fn carry_out(&self, command: &WhistleCommand) -> Decision {
        match command {
            // Both are decided before they come here.
            WhistleCommand::Blow(_) | WhistleCommand::Timer { .. } => Err(Refusal::NotFound),
            WhistleCommand::Answer { unit, by } => {
                let by = match by {
                    Some(at) => self.set_for(*at)?,
                    None => {
                        let limit = answer_limit(self.whistle.kind, self.context.rules);
                        let hours = self.context.hours_of(*unit);
                        self.context.term(limit, &hours).due
                    }
                };
                Ok(self.by(WhistleEvent::Answered(Answered { unit: *unit, by })))
            }
            WhistleCommand::Refuse { unit, reason } => {
                let mut events = self.by(WhistleEvent::RefusedToCome(RefusedToCome {
                    unit: *unit,
                    reason: reason.clone(),
                }));
                let call = self.call(*unit)?;
                events.push(Decided {
                    by: Acting::SYSTEM,
                    event: raise(self.whistle, call, Because::Refused, None, self.context),
                });
                Ok(events)
            }
            WhistleCommand::Arrive { unit, metres } => {
                Ok(self.by(WhistleEvent::Arrived(Arrived {
                    unit: *unit,
                    metres: *metres,
                })))
            }
            WhistleCommand::Tasks(tasks) => self.tasks(tasks),
            WhistleCommand::Finish {
                unit,
                outcome,
                result,
            } => Ok(self.by(WhistleEvent::Finished(Finished {
                unit: *unit,
                outcome: *outcome,
                result: result.clone(),
            }))),
            WhistleCommand::Release { unit, reason } => {
                Ok(self.by(WhistleEvent::Released(Released {
                    unit: *unit,
                    reason: reason.clone(),
                })))
            }
            WhistleCommand::Raise { unit, reason } => {
                let call = self.call(*unit)?;
                let reason = Some(reason.clone());
                let event = raise(self.whistle, call, Because::Asked, reason, self.context);
                Ok(self.by(event))
            }
            WhistleCommand::Instruct { unit, by, words } => {
                Ok(self.by(WhistleEvent::Instructed(Instructed {
                    unit: *unit,
                    by: self.set_for(*by)?,
                    words: words.clone(),
                })))
            }
            WhistleCommand::Close { outcome, note } => self.close(*outcome, note.as_ref()),
            WhistleCommand::Rate { unit, level } => self.rate(*unit, *level),
        }
    }

    fn tasks(&self, tasks: &[Task]) -> Decision {
        if tasks.is_empty() || tasks.len() > MOST_UNITS {
            return Err(fault(
                "/tasks",
                "out_of_range",
                format!("一次分派 1 至 {MOST_UNITS} 项任务"),
                format!("1 to {MOST_UNITS} tasks at once"),
            ));
        }
        for (i, task) in tasks.iter().enumerate() {
            let at = format!("/tasks/{i}/unit");
            let call = self.whistle.call(task.unit).ok_or_else(|| {
                fault(
                    &at,
                    "not_called",
                    "没有叫过这个单位",
                    "the unit was not called",
                )
            })?;
            if tasks[..i].iter().any(|other| other.unit == task.unit) {
                return Err(fault(
                    &at,
                    "twice",
                    "同一单位写了两次",
                    "the unit is named twice",
                ));
            }
            if !call_takes(call, WhistleAct::Task) {
                return Err(call_not_now(call, WhistleAct::Task));
            }
        }
        let tasks = tasks.iter().map(|task| TaskGiven {
            unit: task.unit,
            text: task.text.clone(),
        });
        Ok(self.by(WhistleEvent::TasksGiven(TasksGiven {
            tasks: tasks.collect(),
        })))
    }

    fn close(&self, outcome: WhistleOutcome, note: Option<&Sealed<String>>) -> Decision {
        let worked = self
            .whistle
            .calls
            .iter()
            .any(|call| call.stage == CallStage::Done);
        if outcome == WhistleOutcome::Withdrawn && worked {
            return Err(fault(
                "/outcome",
                "work_was_done",
                "已有单位办完任务，不能算误吹",
                "a unit has done its task: that is no mistaken whistle",
            ));
        }
        Ok(self.by(WhistleEvent::Closed(Closed {
            outcome,
            note: note.cloned(),
            rate: self.context.term(
                self.context.rules.settings.whistle_rate_limit,
                &Hours::Standard,
            ),
        })))
    }

    fn rate(&self, unit: UnitId, level: Rating) -> Decision {
        let by = rater(self.whistle, unit, self.by).ok_or(Refusal::NotFound)?;
        Ok(self.by(WhistleEvent::RatingGiven(RatingGiven { by, unit, level })))
    }
}
