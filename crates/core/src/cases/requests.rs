//! What a unit asks of the centre, and what the centre decides: objections, extensions, suspensions, voiding.
//!
//! Who asks never decides (role_separation.csv). A request that is not decided in its time climbs the ladder like any clock.

use super::clocks::{self, Reckoner};
use super::decide::{Asked, Decided, Decision, fault};
use super::event::{
    ExtensionDecided, ExtensionRequested, ObjectionDecided, OrderObjected, OrderWithdrawn,
    Redispatched, Restarted, Resumed, Suspended, SuspensionRefused, SuspensionRequested,
    VoidRefused, VoidRequested, Voided,
};
use super::procedure::ring;
use super::{CaseEvent, ClockKind, Deadline, OrderStage, Part, RequestKind, RingReason};
use crate::calendar::Hours;
use crate::id::{OrderId, UnitId};
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::time::Limit;

impl Asked<'_> {
    fn to_decide(&self) -> Deadline {
        self.deadline(ClockKind::Decide, self.context.rules.settings.decide_limit)
    }

    fn requested(&self, event: CaseEvent, order: Option<OrderId>) -> Vec<Decided> {
        let mut events = self.by(event);
        events.push(ring(RingReason::Request, order));
        events
    }

    pub(super) fn object(&self, order: OrderId, reason: &Sealed<String>) -> Decision {
        let event = CaseEvent::OrderObjected(OrderObjected {
            order,
            reason: reason.clone(),
            decide: self.to_decide(),
        });
        Ok(self.requested(event, Some(order)))
    }

    pub(super) fn decide_objection(
        &self,
        id: OrderId,
        upheld: bool,
        unit: Option<UnitId>,
        reason: &Sealed<String>,
    ) -> Decision {
        let order = self.case.order(id).ok_or(Refusal::NotFound)?;
        let replacement = match (upheld, unit) {
            (true, Some(unit)) => Some(super::orders::replacement(
                self.case,
                order,
                unit,
                "/unit",
                self.classified()?,
                self.context,
            )?),
            (true, None) if order.part == Part::Lead => {
                return Err(fault(
                    "/unit",
                    "required",
                    "主办单位的异议成立时要同时改派，请给出接手的单位",
                    "a lead whose objection is upheld is replaced at once: name the unit that takes over",
                ));
            }
            (false, Some(_)) => {
                return Err(fault(
                    "/unit",
                    "not_wanted",
                    "异议不成立时原单位继续办理，不要填接手单位",
                    "an objection that is turned down leaves the order where it is: name no unit",
                ));
            }
            _ => None,
        };
        let gone = (upheld && replacement.is_none()).then_some(order.leg);
        let mut events = self.by(CaseEvent::ObjectionDecided(ObjectionDecided {
            order: id,
            upheld,
            reason: reason.clone(),
            replacement,
        }));
        if let Some(leg) = gone.filter(|leg| !self.leg_stays(*leg, id)) {
            events.extend(self.handled_but_for(None, Some(leg))?);
        }
        Ok(events)
    }

    /// Whether a leg is still worked on, or handed in, without `order`.
    fn leg_stays(&self, leg: OrderId, order: OrderId) -> bool {
        self.case.orders.iter().any(|other| {
            other.leg == leg && other.id != order && other.stage != OrderStage::Withdrawn
        })
    }

    pub(super) fn withdraw(&self, id: OrderId, reason: &Sealed<String>) -> Decision {
        let leg = self.case.order(id).ok_or(Refusal::NotFound)?.leg;
        let mut events = self.by(CaseEvent::OrderWithdrawn(OrderWithdrawn {
            order: id,
            reason: reason.clone(),
        }));
        if !self.leg_stays(leg, id) {
            events.extend(self.handled_but_for(None, Some(leg))?);
        }
        Ok(events)
    }

    /// Another unit in the place of one; `designated` takes no objection, and may name the same unit again.
    pub(super) fn redispatch(
        &self,
        id: OrderId,
        unit: UnitId,
        reason: &Sealed<String>,
        designated: bool,
    ) -> Decision {
        let order = self.case.order(id).ok_or(Refusal::NotFound)?;
        if unit == order.unit && !designated {
            return Err(fault(
                "/unit",
                "same_unit",
                "改派要换单位；要原单位承办请用指定承办",
                "re-dispatching names another unit; to hold the same unit to it, designate",
            ));
        }
        let placed = super::orders::replacement(
            self.case,
            order,
            unit,
            "/unit",
            self.classified()?,
            self.context,
        )?;
        Ok(self.by(CaseEvent::Redispatched(Redispatched {
            order: id,
            placed,
            reason: reason.clone(),
            designated,
        })))
    }

    fn handle_clock(&self) -> Result<&super::Clock, Refusal> {
        self.case
            .running(ClockKind::Handle, None)
            .ok_or(Refusal::NotFound)
    }

    /// An extension is asked for before the limit is over, in the limit's own kind of time, and is bounded in number and
    /// length.
    pub(super) fn request_extension(
        &self,
        order: OrderId,
        limit: Limit,
        reason: &Sealed<String>,
    ) -> Decision {
        let handle = self.handle_clock()?;
        if handle.due <= self.context.now {
            return Err(fault(
                "",
                "too_late",
                "处置时限已过，不能再申请延期",
                "the limit to handle has passed: an extension is asked for before",
            ));
        }
        self.bounded(limit, handle.limit)?;
        let event = CaseEvent::ExtensionRequested(ExtensionRequested {
            order,
            limit,
            reason: reason.clone(),
            decide: self.to_decide(),
        });
        Ok(self.requested(event, Some(order)))
    }

    fn bounded(&self, more: Limit, handle: Limit) -> Result<(), Refusal> {
        let settings = &self.context.rules.settings;
        let (times, ms) = self.case.extended.unwrap_or((0, 0));
        if more.is_work() != handle.is_work() {
            let (zh, en) = if handle.is_work() {
                ("wh、wd", "wh or wd")
            } else {
                ("min、h、d", "min, h or d")
            };
            return Err(fault(
                "/limit",
                "other_time",
                format!("处置时限是 {handle}，延期要用同一种时间：{zh}"),
                format!(
                    "the limit to handle is {handle}: extend it in the same kind of time, {en}"
                ),
            ));
        }
        if times >= settings.extension_times {
            return Err(fault(
                "",
                "too_often",
                format!("最多延期 {} 次", settings.extension_times),
                format!(
                    "a case is extended {} times at most",
                    settings.extension_times
                ),
            ));
        }
        let most = handle.milliseconds() * i64::from(settings.extension_percent) / 100;
        if ms + more.milliseconds() > most {
            return Err(fault(
                "/limit",
                "too_long",
                format!(
                    "延期合计不超过处置时限 {handle} 的 {}%",
                    settings.extension_percent
                ),
                format!(
                    "all extensions together are at most {} % of the limit to handle, {handle}",
                    settings.extension_percent
                ),
            ));
        }
        Ok(())
    }

    pub(super) fn decide_extension(
        &self,
        order: OrderId,
        granted: bool,
        limit: Option<Limit>,
        reason: &Sealed<String>,
    ) -> Decision {
        let asked = self
            .case
            .request(RequestKind::Extension, Some(order))
            .and_then(|request| request.limit)
            .ok_or(Refusal::NotFound)?;
        let (granted, handle) = if granted {
            let more = limit.unwrap_or(asked);
            let clock = self.handle_clock()?;
            self.bounded(more, clock.limit)?;
            if more.milliseconds() > asked.milliseconds() {
                return Err(fault(
                    "/limit",
                    "more_than_asked",
                    format!("申请的是 {asked}，批准的不能更多"),
                    format!("{asked} was asked for; not more than that is granted"),
                ));
            }
            let reckoner =
                Reckoner::of(clock, self.case, self.context.rules, self.context.directory);
            // From the old end: what was left, and the more. An end that has passed meanwhile counts from itself.
            let passed = clock.due < self.context.now;
            let left = reckoner.left(clock, self.context.now) + more.milliseconds();
            let deadline = if passed {
                reckoner.rest(more.milliseconds(), clock.due)
            } else {
                reckoner.rest(left, self.context.now)
            };
            let restarted = Restarted {
                kind: ClockKind::Handle,
                order: None,
                left: if passed {
                    reckoner.left_until(deadline.due, self.context.now)
                } else {
                    left
                },
                deadline,
            };
            (Some(more), Some(restarted))
        } else {
            (None, None)
        };
        Ok(self.by(CaseEvent::ExtensionDecided(ExtensionDecided {
            order,
            granted,
            reason: reason.clone(),
            handle,
        })))
    }

    /// A suspension is bounded: at its end the case goes on by itself.
    fn bounded_suspension(&self, limit: Limit) -> Result<(), Refusal> {
        let most = self.context.rules.settings.suspend_most;
        let calendar = &self.context.rules.calendar;
        let end = |limit| calendar.due(limit, self.context.now, &Hours::Standard).at;
        if end(limit) <= end(most) {
            return Ok(());
        }
        Err(fault(
            "/limit",
            "too_long",
            format!("挂账一次最长 {most}，到时自动恢复"),
            format!("a case is suspended for {most} at most; then it goes on by itself"),
        ))
    }

    pub(super) fn request_suspend(
        &self,
        order: OrderId,
        limit: Limit,
        reason: &Sealed<String>,
    ) -> Decision {
        self.bounded_suspension(limit)?;
        let event = CaseEvent::SuspensionRequested(SuspensionRequested {
            order,
            limit,
            reason: reason.clone(),
            decide: self.to_decide(),
        });
        Ok(self.requested(event, Some(order)))
    }

    pub(super) fn suspend(
        &self,
        order: Option<OrderId>,
        granted: bool,
        limit: Option<Limit>,
        reason: &Sealed<String>,
    ) -> Decision {
        let asked = match order {
            None => None,
            Some(id) => Some(
                self.case
                    .request(RequestKind::Suspension, Some(id))
                    .ok_or_else(|| {
                        fault(
                            "/order",
                            "not_asked",
                            "这张派单没有申请挂账",
                            "nobody asked for a suspension by this order",
                        )
                    })?,
            ),
        };
        match (granted, asked, order) {
            (false, Some(_), Some(order)) => {
                return Ok(self.by(CaseEvent::SuspensionRefused(SuspensionRefused {
                    order,
                    reason: reason.clone(),
                })));
            }
            (false, ..) => {
                return Err(fault(
                    "/order",
                    "required",
                    "要驳回哪张派单的挂账申请",
                    "say whose request for suspension is turned down",
                ));
            }
            _ => {}
        }
        let limit = limit
            .or(asked.and_then(|request| request.limit))
            .ok_or_else(|| {
                fault(
                    "/limit",
                    "required",
                    "请写明挂账多久，到时自动恢复",
                    "say for how long; then the case goes on by itself",
                )
            })?;
        self.bounded_suspension(limit)?;
        Ok(self.by(CaseEvent::Suspended(Suspended {
            reason: reason.clone(),
            resume: self.deadline(ClockKind::Resume, limit),
        })))
    }

    pub(super) fn resume(&self, reason: &Sealed<String>) -> Vec<Decided> {
        self.by(resumed(self, Some(reason)))
    }

    pub(super) fn request_void(&self, reason: &Sealed<String>) -> Vec<Decided> {
        let event = CaseEvent::VoidRequested(VoidRequested {
            reason: reason.clone(),
            decide: self.to_decide(),
        });
        self.requested(event, None)
    }

    pub(super) fn void(&self, granted: bool, reason: &Sealed<String>) -> Decision {
        if !granted {
            if self.case.request(RequestKind::Voiding, None).is_none() {
                return Err(fault(
                    "/granted",
                    "not_asked",
                    "没有作废申请可以驳回",
                    "nobody asked for voiding",
                ));
            }
            return Ok(self.by(CaseEvent::VoidRefused(VoidRefused {
                reason: reason.clone(),
            })));
        }
        self.nobody_goes_on_here()?;
        Ok(self.by(CaseEvent::Voided(Voided {
            reason: reason.clone(),
            stood_down: self.still_open(),
        })))
    }
}

/// The case goes on: every clock that stood still with what was left of it.
fn resumed(asked: &Asked<'_>, reason: Option<&Sealed<String>>) -> CaseEvent {
    CaseEvent::Resumed(Resumed {
        reason: reason.cloned(),
        clocks: clocks::restart(
            asked.case,
            asked.context.now,
            asked.context.rules,
            asked.context.directory,
        ),
    })
}
