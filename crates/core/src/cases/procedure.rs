//! The acts of the procedure, from the report to the reporter's word on the outcome.

use super::clocks::Reckoner;
use super::command::{Classing, Report};
use super::decide::{Asked, Context, Decided, Decision, class_required, fault};
use super::event::{
    Accepted, Acknowledged, Alerted, Arrived, AuditFailed, CalledBack, CheckFailed, Classed,
    Classified, Closed, Confirmed, Deadline, DeskRung, FedBack, Filed, Handled, InfoSupplied,
    Instructed, MarkedConfidential, MarkedUrgent, Rated, Refused, Relayed, Reminded, Reopened,
    Reported, ReturnedForInfo, SolvedOnSpot, Supervised, Verified, Worked,
};
use super::staffing::somebody_could;
use super::{
    AcknowledgedHow, AgainBecause, CaseEvent, ClockKind, OrderStage, RingReason, Satisfaction,
    Source, Stage, Supervision, UpBecause,
};
use crate::access::{self, Act, Acting, Principal};
use crate::calendar::Hours;
use crate::code::{CaseNumber, ClassCode, ConditionCode, Level};
use crate::directory::{Directory, DivisionRow};
use crate::id::{OrderId, UnitId};
use crate::place::Point;
use crate::refusal::{FieldFault, Refusal};
use crate::rules::{CallBack, Class, Severity, SkipWhen, Urgency};
use crate::sealed::Sealed;
use crate::time::{Limit, Timestamp};

/// The class, severity and urgency that a report or a decision comes to.
struct Settled {
    classified: Option<Classified>,
    severity: Severity,
    urgency: Urgency,
}

fn known_class<'r>(code: &ClassCode, context: &Context<'r>) -> Result<&'r Class, Refusal> {
    context.rules.classes.get(code).ok_or_else(|| {
        fault(
            "/class",
            "unknown_class",
            format!("没有类别 {code}，可用的类别见 /api/v1/classes"),
            format!("there is no class {code}; see /api/v1/classes"),
        )
    })
}

fn classify(class: &Class, severity: Severity, context: &Context<'_>) -> Classified {
    Classified {
        class: class.code.clone(),
        name_zh: class.name_zh.clone(),
        name_en: class.name_en.clone(),
        limits: class.limits_at(severity).clone(),
        close_level: class.close_level,
        rules: context.rules.digest,
        call_back: class.call_back == CallBack::Required,
    }
}

/// The centres that a skip rule of the class tells at once, beside the normal way, and that were not told yet.
fn alerts(
    class: &Class,
    severity: Severity,
    urgency: Urgency,
    place: &crate::code::DivisionCode,
    centre: &crate::code::DivisionCode,
    told: &[crate::code::DivisionCode],
    directory: &Directory,
) -> Vec<Decided> {
    let mut events = Vec::new();
    let mut told = told.to_vec();
    for rule in &class.skip {
        let applies = match rule.when {
            SkipWhen::Urgency(at) => urgency == at,
            SkipWhen::Severity(least) => severity >= least,
        };
        let above = directory.centres_over(place).into_iter().find(|(code, _)| {
            code.level() >= rule.level && code.level() > centre.level() && !told.contains(code)
        });
        let Some((code, unit)) = above.filter(|(code, _)| applies && code.level() == rule.level)
        else {
            continue;
        };
        told.push(code.clone());
        events.push(Decided::system(CaseEvent::Alerted(Alerted {
            centre: code,
            centre_unit: Some(unit),
        })));
    }
    if !events.is_empty() {
        events.push(ring(RingReason::Alerted, None));
    }
    events
}

pub(super) fn ring(reason: RingReason, order: Option<OrderId>) -> Decided {
    Decided::system(CaseEvent::DeskRung(DeskRung { reason, order }))
}

fn accept_limit(class: Option<&Classified>, context: &Context<'_>) -> Result<Limit, Refusal> {
    match class {
        Some(class) => Some(class.limits.accept),
        None => context.rules.classes.unclassed_accept(),
    }
    .ok_or_else(class_required)
}

/// Where a report lies; a fault when it cannot lie there.
fn place_of<'d>(report: &Report, context: &Context<'d>) -> Result<&'d DivisionRow, FieldFault> {
    match context.directory.division(&report.place) {
        None => Err(FieldFault::new(
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
            Err(FieldFault::new(
                "/division",
                "former_division",
                format!("行政区划 {} 已不再使用{zh}", report.place),
                format!("the division {} is no longer in use{en}", report.place),
            ))
        }
        Some(_) if report.place.level() > Level::Town => Err(FieldFault::new(
            "/division",
            "too_large",
            "地点要具体到镇街或社区（村），即 9 位或 12 位代码",
            "the place has to be a town or a community: a code of 9 or 12 digits",
        )),
        Some(row) => Ok(row),
    }
}

pub(super) fn decide_report(report: &Report, context: &Context<'_>) -> Decision {
    let act = if report.solved.is_some() {
        Act::SolveOnSpot
    } else {
        Act::Report
    };
    let by = access::may_report(context.by, act, &context.rules.role_acts)?;
    let mut faults = Vec::new();
    let division = place_of(report, context)
        .map_err(|fault| faults.push(fault))
        .ok();
    let class = match report
        .classing
        .class
        .as_ref()
        .map(|code| known_class(code, context))
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
    let urgency = report
        .classing
        .urgency
        .or(class.map(|c| c.urgency))
        .unwrap_or(Urgency::Medium);
    let severity = report
        .classing
        .severity
        .or(class.map(|c| c.severity))
        .unwrap_or(Severity::Ordinary);
    let classified = class.map(|class| classify(class, severity, context));
    let (centre, centre_unit) = context.directory.centre_of(&division.code);
    let limit = accept_limit(classified.as_ref(), context)?;
    let class_code = classified.as_ref().map(|c| c.class.clone());
    let accept = super::clocks::deadline(
        context.rules,
        class_code.as_ref(),
        ClockKind::Accept,
        limit,
        context.now,
        Hours::Standard,
    );
    let mut events = vec![Decided {
        by,
        event: CaseEvent::Reported(Reported {
            source: if *context.by == Principal::Resident {
                Source::Resident
            } else {
                report.source
            },
            classified: classified.clone(),
            severity,
            urgency,
            division: division.id,
            code: division.code.clone(),
            centre: centre.clone(),
            centre_unit,
            reporter: by.person,
            words: report.words.clone(),
            contact: report.contact.clone(),
            position: report.position.as_ref().map(|(sealed, _)| sealed.clone()),
            receipt: report.receipt,
            accept,
            grids: report
                .position
                .as_ref()
                .map(|(_, point)| context.grids.of_case(*point, context.now.local_day()))
                .unwrap_or_default(),
        }),
    }];
    if let Some(result) = &report.solved {
        let classified = classified.as_ref().ok_or_else(class_required)?;
        let event = solved_on_spot(result, classified, severity, urgency, context)?;
        events.push(Decided { by, event });
        return Ok(events);
    }
    if urgency == Urgency::High {
        events.push(ring(RingReason::NewUrgent, None));
    }
    if let Some(class) = class {
        events.extend(alerts(
            class,
            severity,
            urgency,
            &division.code,
            &centre,
            &[],
            context.directory,
        ));
    }
    Ok(events)
}

/// The light lane: small things only, and one in so many is drawn for the audit.
fn solved_on_spot(
    result: &Sealed<String>,
    class: &Classified,
    severity: Severity,
    urgency: Urgency,
    context: &Context<'_>,
) -> Result<CaseEvent, Refusal> {
    if urgency == Urgency::High || severity > Severity::Ordinary {
        return Err(fault(
            "/solved",
            "not_a_small_thing",
            "紧急的或较大以上的事项不走当场处置，请按一般程序上报",
            "what is urgent or larger than ordinary goes the whole way: report it",
        ));
    }
    let settings = &context.rules.settings;
    let [.., high, low] = (context.fresh)().into_bytes();
    let drawn = u32::from(u16::from_be_bytes([high, low])) % 100 < settings.audit_percent;
    let deadline = |kind, limit| {
        super::clocks::deadline(
            context.rules,
            Some(&class.class),
            kind,
            limit,
            context.now,
            Hours::Standard,
        )
    };
    Ok(CaseEvent::SolvedOnSpot(SolvedOnSpot {
        result: result.clone(),
        audit: drawn.then(|| deadline(ClockKind::Verify, class.limits.verify)),
        rate_until: Some(rate_until(context)),
    }))
}

/// What is left of a step with the limit `new`, when `left` was left of it with the limit `old`: the difference of the two
/// more or less, and in proportion where the two are of different kinds of time.
fn left_of(new: Limit, old: Limit, left: i64) -> i64 {
    let (new_ms, old_ms) = (new.milliseconds(), old.milliseconds());
    let left = if new.is_work() == old.is_work() {
        left.saturating_add(new_ms - old_ms)
    } else {
        let share = i128::from(left) * i128::from(new_ms) / i128::from(old_ms.max(1));
        i64::try_from(share).unwrap_or(new_ms)
    };
    left.max(0)
}

/// Until when the reporter of a case that is closed now may be dissatisfied.
fn rate_until(context: &Context<'_>) -> Timestamp {
    let limit = context.rules.settings.rate_limit;
    context
        .rules
        .calendar
        .due(limit, context.now, &Hours::Standard)
        .at
}

impl Asked<'_> {
    /// The class, severity and urgency after `classing`. A report without a class had no severity of its own: the class's
    /// then counts, unless something else is said. A running case keeps its limits until its class or severity is decided
    /// anew.
    fn settle(&self, classing: &Classing) -> Result<Settled, Refusal> {
        let class = match &classing.class {
            Some(code) => Some(known_class(code, self.context)?),
            None => None,
        };
        let own = class.filter(|_| self.case.classified.is_none());
        let severity = classing
            .severity
            .or(own.map(|class| class.severity))
            .unwrap_or(self.case.severity);
        let urgency = classing
            .urgency
            .or(own.map(|class| class.urgency))
            .unwrap_or(self.case.urgency);
        let same = self.case.classified.as_ref().map(|c| &c.class);
        let class = class.or_else(|| {
            let changed = severity != self.case.severity;
            same.filter(|_| changed)
                .and_then(|code| self.context.rules.classes.get(code))
        });
        Ok(Settled {
            classified: class.map(|class| classify(class, severity, self.context)),
            severity,
            urgency,
        })
    }

    fn alerts_of(&self, settled: &Settled) -> Vec<Decided> {
        let classified = settled
            .classified
            .as_ref()
            .or(self.case.classified.as_ref());
        let class = classified.and_then(|c| self.context.rules.classes.get(&c.class));
        class.map_or_else(Vec::new, |class| {
            alerts(
                class,
                settled.severity,
                settled.urgency,
                &self.case.code,
                &self.case.centre,
                &self.case.alerted,
                self.context.directory,
            )
        })
    }

    pub(super) fn accept(&self, classing: &Classing) -> Decision {
        let settled = self.settle(classing)?;
        let class = settled
            .classified
            .as_ref()
            .or(self.case.classified.as_ref())
            .ok_or_else(class_required)?;
        let dispatch = super::clocks::deadline(
            self.context.rules,
            Some(&class.class),
            ClockKind::Dispatch,
            class.limits.dispatch,
            self.context.now,
            Hours::Standard,
        );
        let alerts = self.alerts_of(&settled);
        let mut events = self.by(CaseEvent::Accepted(Accepted {
            classified: settled.classified,
            severity: settled.severity,
            urgency: settled.urgency,
            dispatch,
        }));
        events.extend(alerts);
        Ok(events)
    }

    pub(super) fn set_class(&self, classing: &Classing) -> Decision {
        if classing.is_empty() {
            return Err(class_required());
        }
        let settled = self.settle(classing)?;
        let classified = match (&settled.classified, &self.case.classified) {
            (Some(class), _) | (None, Some(class)) => class.clone(),
            (None, None) => return Err(class_required()),
        };
        let kind = self.case.clock_of_stage();
        let clock = kind.and_then(|kind| self.case.running(kind, None));
        let clock = clock.and_then(|clock| {
            let limits = &classified.limits;
            let limit = match clock.kind {
                ClockKind::Accept => limits.accept,
                ClockKind::Dispatch => limits.dispatch,
                ClockKind::Handle => limits.handle,
                ClockKind::Verify => limits.verify,
                _ => return None,
            };
            // From where the step began: a change of class neither gives nor takes time.
            let reckoner = Reckoner::new(
                self.context.rules,
                Some(&classified.class),
                clock.kind,
                limit,
                Hours::Standard,
            );
            Some(match clock.rest {
                None => (reckoner.whole(clock.started), None),
                Some((from, left)) => {
                    let left = left_of(limit, clock.limit, left);
                    (reckoner.rest(left, from), Some(left))
                }
            })
        });
        let (clock, left) = clock.map_or((None, None), |(clock, left)| (Some(clock), left));
        let alerts = self.alerts_of(&settled);
        let mut events = self.by(CaseEvent::Classed(Classed {
            classified,
            severity: settled.severity,
            urgency: settled.urgency,
            clock,
            left,
        }));
        events.extend(alerts);
        Ok(events)
    }

    pub(super) fn refuse(&self, reason: &Sealed<String>) -> Decision {
        self.nobody_goes_on_here()?;
        Ok(self.by(CaseEvent::Refused(Refused {
            reason: reason.clone(),
        })))
    }

    /// Other reports go on in this case: ending it would end them unheard.
    pub(super) fn nobody_goes_on_here(&self) -> Result<(), Refusal> {
        if self.case.absorbed.is_empty() {
            return Ok(());
        }
        Err(fault(
            "",
            "others_go_on_here",
            format!("有 {} 件案件并在本案里，请先拆单", self.case.absorbed.len()),
            format!(
                "{} case(s) go on in this one: unmerge them first",
                self.case.absorbed.len()
            ),
        ))
    }

    pub(super) fn return_for_info(&self, reason: &Sealed<String>) -> Decision {
        let limit = self.context.rules.settings.supply_limit;
        Ok(self.by(CaseEvent::ReturnedForInfo(ReturnedForInfo {
            reason: reason.clone(),
            supply: Some(self.deadline(ClockKind::Supply, limit)),
        })))
    }

    fn accept_deadline(&self) -> Result<Deadline, Refusal> {
        let limit = accept_limit(self.case.classified.as_ref(), self.context)?;
        Ok(self.deadline(ClockKind::Accept, limit))
    }

    pub(super) fn supply_info(&self, text: &Sealed<String>) -> Decision {
        let accept = self.accept_deadline()?;
        Ok(self.by(CaseEvent::InfoSupplied(InfoSupplied {
            text: text.clone(),
            accept,
        })))
    }

    pub(super) fn confirm(
        &self,
        found: bool,
        note: Option<&Sealed<String>>,
        at: Option<Point>,
    ) -> Decision {
        Ok(self.by(CaseEvent::Confirmed(Confirmed {
            found,
            note: note.cloned(),
            metres: self.metres(at),
        })))
    }

    fn metres(&self, at: Option<Point>) -> Option<u32> {
        at.zip(self.case.point)
            .map(|(unit, case)| unit.metres_to(case))
    }

    pub(super) fn relay(&self, unit: UnitId) -> Decision {
        let found = self
            .context
            .directory
            .unit(unit)
            .filter(|unit| unit.row.active)
            .ok_or_else(|| {
                fault(
                    "/unit",
                    "unknown_unit",
                    "没有这个单位，或它已停用",
                    "there is no such unit, or it takes no orders any more",
                )
            })?;
        if !found.row.division.covers(&self.case.code)
            && !self.case.code.covers(&found.row.division)
        {
            return Err(fault(
                "/unit",
                "elsewhere",
                "这个岗位不在报告的地点，请转给当地的网格员",
                "the post is not where the report lies: relay it to a worker of the place",
            ));
        }
        let limit = self.context.rules.settings.confirm_limit;
        Ok(self.by(CaseEvent::Relayed(Relayed {
            unit,
            unit_name: found.row.name.clone(),
            confirm: self.deadline(ClockKind::Confirm, limit),
        })))
    }

    pub(super) fn solve_on_spot(&self, result: &Sealed<String>) -> Decision {
        let class = self.classified()?;
        let (severity, urgency) = (self.case.severity, self.case.urgency);
        let event = solved_on_spot(result, class, severity, urgency, self.context)?;
        Ok(self.by(event))
    }

    pub(super) fn file(&self, condition: Option<&ConditionCode>) -> Decision {
        let class = self.classified()?;
        let met = match condition {
            None => None,
            Some(code) => Some(
                self.context
                    .rules
                    .classes
                    .get(&class.class)
                    .and_then(|class| class.condition(code))
                    .ok_or_else(|| {
                        fault(
                            "/condition",
                            "unknown_condition",
                            format!("“{}”没有立案条件 {code}", class.name_zh),
                            format!("\"{}\" has no filing condition {code}", class.name_en),
                        )
                    })?,
            ),
        };
        let (day, serial) = (self.context.now.local_day(), self.context.serial);
        let number = CaseNumber::build(&class.class, day, &self.case.centre, serial);
        Ok(self.by(CaseEvent::Filed(Filed {
            number,
            day,
            serial,
            condition: met.map(|condition| condition.code.clone()),
            handle: met.map(|condition| condition.handle),
        })))
    }

    pub(super) fn acknowledge(&self, order: OrderId) -> Vec<Decided> {
        self.by(CaseEvent::Acknowledged(Acknowledged {
            order,
            how: AcknowledgedHow::Unit,
            told_at: None,
            whom: None,
            reason: None,
        }))
    }

    pub(super) fn acknowledge_for(
        &self,
        order: OrderId,
        told_at: Timestamp,
        whom: &Sealed<String>,
        reason: &Sealed<String>,
    ) -> Decision {
        let sent = self.case.order(order).ok_or(Refusal::NotFound)?.sent_at;
        if told_at < sent || told_at > self.context.now {
            return Err(fault(
                "/told_at",
                "out_of_range",
                format!("告知时间应在派出（{}）与现在之间", sent.local_clock()),
                format!(
                    "the unit was told between the sending ({}) and now",
                    sent.rfc3339()
                ),
            ));
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
            Some(found) if found.stage == OrderStage::Sent => self.acknowledge(order),
            _ => Vec::new(),
        }
    }

    pub(super) fn arrive(&self, order: OrderId, at: Option<Point>) -> Vec<Decided> {
        let mut events = self.first_acknowledge(order);
        events.extend(self.by(CaseEvent::Arrived(Arrived {
            order,
            metres: self.metres(at),
        })));
        events
    }

    pub(super) fn handle(&self, order: OrderId, note: &Sealed<String>) -> Vec<Decided> {
        let mut events = self.first_acknowledge(order);
        events.extend(self.by(CaseEvent::Worked(Worked {
            order,
            note: note.clone(),
        })));
        events
    }

    pub(super) fn feed_back(&self, order: OrderId, result: &Sealed<String>) -> Decision {
        let leg = self.case.order(order).ok_or(Refusal::NotFound)?.leg;
        let mut events = self.first_acknowledge(order);
        events.extend(self.by(CaseEvent::FedBack(FedBack {
            order,
            result: result.clone(),
        })));
        events.extend(self.handled_but_for(Some(leg), None)?);
        Ok(events)
    }

    /// "All handed in", when every mandatory leg is: `done` counts as handed in, `gone` as no leg any more.
    pub(super) fn handled_but_for(&self, done: Option<OrderId>, gone: Option<OrderId>) -> Decision {
        let mut legs = self
            .case
            .mandatory_legs()
            .filter(|leg| Some(*leg) != gone)
            .peekable();
        let all_done = legs.peek().is_some()
            && legs.all(|leg| Some(leg) == done || self.case.leg_is_done(leg));
        if self.case.stage != Stage::Dispatched || !all_done {
            return Ok(Vec::new());
        }
        let verify = self.deadline(ClockKind::Verify, self.classified()?.limits.verify);
        Ok(vec![Decided::system(CaseEvent::Handled(Handled {
            verify,
        }))])
    }

    pub(super) fn verify(&self, note: Option<&Sealed<String>>) -> Vec<Decided> {
        let light = self.case.solved.is_some();
        let limit = self.context.rules.settings.call_back_limit;
        let mut events = self.by(CaseEvent::Verified(Verified {
            note: note.cloned(),
            call_back: (!light).then(|| self.deadline(ClockKind::CallBack, limit)),
        }));
        // The light lane ends with its audit: never the full procedure.
        if light {
            events.push(Decided::system(self.closed()));
        }
        events
    }

    fn closed(&self) -> CaseEvent {
        CaseEvent::Closed(Closed {
            stood_down: self.still_open(),
            rate_until: Some(rate_until(self.context)),
        })
    }

    pub(super) fn check_failed(
        &self,
        note: Option<&Sealed<String>>,
        orders: &[OrderId],
    ) -> Decision {
        if self.case.solved.is_some() {
            return Ok(self.by(CaseEvent::AuditFailed(AuditFailed {
                note: note.cloned(),
                accept: self.accept_deadline()?,
            })));
        }
        let handle = self.deadline(ClockKind::Handle, self.classified()?.limits.handle);
        let orders = self.to_be_redone(orders)?;
        let mut events = self.by(CaseEvent::CheckFailed(CheckFailed {
            orders,
            note: note.cloned(),
            handle,
            times: Some(self.case.checks_failed + 1),
        }));
        // Once the units do it again by themselves, then the level above looks at it; at the top they do it again.
        let by_itself =
            self.context.rules.settings.reopen_by_itself && self.case.checks_failed == 0;
        if !by_itself && let Some(up) = self.goes_up(UpBecause::CheckFailed) {
            events.extend([up, ring(RingReason::Passed, None)]);
        }
        Ok(events)
    }

    /// The mandatory orders of the present dispatch that were handed in.
    fn handed_in(&self) -> Vec<OrderId> {
        self.case
            .orders
            .iter()
            .filter(|order| {
                order.part.is_mandatory()
                    && order.round == self.case.round
                    && order.stage == OrderStage::FedBack
            })
            .map(|order| order.id)
            .collect()
    }

    fn to_be_redone(&self, asked: &[OrderId]) -> Result<Vec<OrderId>, Refusal> {
        let done = self.handed_in();
        if asked.is_empty() {
            return Ok(done);
        }
        match asked.iter().find(|id| !done.contains(id)) {
            Some(id) => Err(fault(
                "/orders",
                "not_handed_in",
                format!("派单 {id} 没有反馈结果，不能退回重办"),
                format!("the order {id} has handed in nothing to be done again"),
            )),
            // Another result of the same leg would count as its result: the whole leg is done again.
            None => {
                let leg = |id: &OrderId| self.case.order(*id).map(|order| order.leg);
                let again = |id: &OrderId| asked.iter().any(|one| leg(one) == leg(id));
                Ok(done.into_iter().filter(again).collect())
            }
        }
    }

    pub(super) fn still_open(&self) -> Vec<OrderId> {
        self.case
            .orders
            .iter()
            .filter(|order| order.stage.is_live())
            .map(|order| order.id)
            .collect()
    }

    /// Closing waits for the call back where the class asks for it and the reporter can be reached; a number of tries in
    /// vain is enough.
    pub(super) fn close(&self) -> Decision {
        let (tries, reached) = self.case.called_back.unwrap_or((0, false));
        let most = self.context.rules.settings.call_back_tries;
        let wanted = self.classified()?.call_back
            && self.case.contact.is_some()
            && self.case.reporter_says != Some(true);
        if wanted && !reached && tries < most {
            return Err(fault(
                "",
                "call_back_first",
                format!("本类要先回访报告人（已试 {tries} 次，未接通满 {most} 次可结案）"),
                format!(
                    "this class asks for a call back first ({tries} tried; {most} in vain are enough)"
                ),
            ));
        }
        Ok(self.by(self.closed()))
    }

    pub(super) fn call_back(
        &self,
        reached: bool,
        solved: Option<bool>,
        satisfaction: Option<Satisfaction>,
        note: Option<&Sealed<String>>,
    ) -> Decision {
        if reached != solved.is_some() || !reached && satisfaction.is_some() {
            return Err(fault(
                "/solved",
                "required",
                "接通了要写明是否解决；没有接通就不填",
                "say whether it is solved when somebody answered, and only then",
            ));
        }
        let mut events = self.by(CaseEvent::CalledBack(CalledBack {
            reached,
            solved,
            satisfaction,
            note: note.cloned(),
        }));
        let unhappy = satisfaction == Some(Satisfaction::Dissatisfied) || solved == Some(false);
        if unhappy {
            events.extend(self.worked_on_again(AgainBecause::CallBack)?);
        } else if self.case.stage == Stage::Verified && !self.could(Act::Close) {
            // Nobody is left who could. The reporter's word closes it, not whoever wrote it down; where the reporter was not
            // reached in as many tries as are wanted, it closes by itself: no case waits for ever.
            let (tries, _) = self.case.called_back.unwrap_or((0, false));
            let by = match reached {
                true => Some(Acting::RESIDENT),
                false => (tries + 1 >= self.context.rules.settings.call_back_tries)
                    .then_some(Acting::SYSTEM),
            };
            events.extend(by.map(|by| Decided {
                by,
                event: self.closed(),
            }));
        }
        Ok(events)
    }

    /// Whether somebody could do an act on the case without any separation giving way.
    fn could(&self, act: Act) -> bool {
        somebody_could(
            act,
            self.case,
            None,
            self.context.rules,
            self.context.directory,
        )
    }

    /// The reporter judges. Where nobody else could check, the reporter's confirmation counts as the check; where nobody could
    /// close either, it closes.
    pub(super) fn rate(
        &self,
        solved: bool,
        satisfaction: Satisfaction,
        note: Option<&Sealed<String>>,
    ) -> Decision {
        if self.case.stage == Stage::Closed
            && self
                .case
                .rate_until
                .is_some_and(|until| self.context.now > until)
        {
            return Err(fault(
                "",
                "too_late",
                "评价期限已过；事情又发生了请重新上报",
                "the time to judge is over; if it happens again, report it anew",
            ));
        }
        let mut events = self.by(CaseEvent::Rated(Rated {
            solved,
            satisfaction,
            note: note.cloned(),
        }));
        let content = solved && satisfaction != Satisfaction::Dissatisfied;
        match (self.case.stage, content) {
            (Stage::Verified | Stage::Closed, false) => {
                events.extend(self.worked_on_again(AgainBecause::Reporter)?);
            }
            (Stage::Handled, true) if !self.could(Act::Verify) => {
                events.extend(self.verify(None));
                if self.case.solved.is_none() && !self.could(Act::Close) {
                    events.extend(self.by(self.closed()));
                }
            }
            (Stage::Verified, true) if !self.could(Act::Close) => {
                events.extend(self.by(self.closed()));
            }
            // Whoever checks hears it; said again, it rings no more.
            (Stage::Handled, false) if self.case.reporter_says != Some(false) => {
                events.push(ring(RingReason::Dissatisfied, None));
            }
            _ => {}
        }
        Ok(events)
    }

    /// Not solved in the reporter's eyes: once it is worked on again by itself, then it goes to the level above; at the top it
    /// is worked on again.
    fn worked_on_again(&self, because: AgainBecause) -> Decision {
        let by_itself = self.context.rules.settings.reopen_by_itself && self.case.reopened == 0;
        let mut events = match self.goes_up(UpBecause::Dissatisfied).filter(|_| !by_itself) {
            Some(up) => vec![up],
            None => vec![Decided::system(self.reopened(because, None)?)],
        };
        events.push(ring(RingReason::Dissatisfied, None));
        Ok(events)
    }

    fn reopened(
        &self,
        because: AgainBecause,
        reason: Option<&Sealed<String>>,
    ) -> Result<CaseEvent, Refusal> {
        let orders = match self.case.stage {
            Stage::Closed | Stage::Verified => self.handed_in(),
            _ => Vec::new(),
        };
        let again = !orders.is_empty();
        let handle = again
            .then(|| self.classified())
            .transpose()?
            .map(|class| self.deadline(ClockKind::Handle, class.limits.handle));
        let accept = (!again).then(|| self.accept_deadline()).transpose()?;
        Ok(CaseEvent::Reopened(Reopened {
            because,
            reason: reason.cloned(),
            orders,
            handle,
            accept,
        }))
    }

    /// The reporter's word takes the same way as a bad judgement; the duty chief's decision reopens it here.
    pub(super) fn reopen(&self, reason: &Sealed<String>) -> Decision {
        if self.by == Acting::RESIDENT {
            return self.rate(false, Satisfaction::Dissatisfied, Some(reason));
        }
        Ok(self.by(self.reopened(AgainBecause::Person, Some(reason))?))
    }

    pub(super) fn mark_urgent(&self, reason: &Sealed<String>) -> Decision {
        if self.case.urgency == Urgency::High {
            return Err(fault(
                "",
                "urgent_already",
                "本案已经加急",
                "the case is urgent already",
            ));
        }
        let mut events = self.by(CaseEvent::MarkedUrgent(MarkedUrgent {
            reason: reason.clone(),
        }));
        events.push(ring(RingReason::NewUrgent, None));
        events.extend(self.alerts_of(&Settled {
            classified: None,
            severity: self.case.severity,
            urgency: Urgency::High,
        }));
        Ok(events)
    }

    pub(super) fn mark_confidential(&self, reason: &Sealed<String>) -> Decision {
        if self.case.confidential {
            return Err(fault(
                "",
                "confidential_already",
                "本案已经保密",
                "the case is confidential already",
            ));
        }
        Ok(self.by(CaseEvent::MarkedConfidential(MarkedConfidential {
            reason: reason.clone(),
        })))
    }

    pub(super) fn instruct(&self, text: &Sealed<String>) -> Vec<Decided> {
        self.by(CaseEvent::Instructed(Instructed { text: text.clone() }))
    }

    pub(super) fn supervise(
        &self,
        level: Supervision,
        order: Option<OrderId>,
        reason: &Sealed<String>,
    ) -> Decision {
        if let Some(id) = order {
            let live = self.case.order(id).filter(|order| order.stage.is_live());
            if live.is_none() {
                return Err(fault(
                    "/order",
                    "unknown_order",
                    "没有这张派单，或它已经结束",
                    "there is no such order, or it has ended",
                ));
            }
        }
        Ok(self.by(CaseEvent::Supervised(Supervised {
            level,
            order,
            reason: reason.clone(),
        })))
    }

    pub(super) fn remind(&self, order: Option<OrderId>) -> Vec<Decided> {
        let orders =
            order.map_or_else(|| super::timers::waited_for(self.case), |order| vec![order]);
        self.by(CaseEvent::Reminded(Reminded { orders }))
    }
}
