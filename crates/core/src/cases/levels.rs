//! Between levels and between cases: up with reasons, down with a deadline, and two reports of one thing in one case.

use super::clocks;
use super::decide::{Asked, Context, Decided, Decision, fault};
use super::event::{Merged, PassedDown, PassedUp, Unmerged};
use super::procedure::ring;
use super::staffing::centre_above;
use super::{CaseEvent, CaseState, ClockKind, RingReason, Stage, UpBecause};
use crate::access;
use crate::code::{DivisionCode, Level};
use crate::id::CaseId;
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::time::Limit;

/// The case at the centre of the next level above; none at the top.
pub(super) fn up(
    case: &CaseState,
    because: UpBecause,
    reason: Option<&Sealed<String>>,
    context: &Context<'_>,
) -> Option<CaseEvent> {
    let (centre, unit) = centre_above(&case.code, case.centre.level(), context.directory)?;
    let limit = accept_limit(case, context)?;
    Some(CaseEvent::PassedUp(PassedUp {
        centre,
        centre_unit: Some(unit),
        because,
        reason: reason.cloned(),
        accept: context.deadline(Some(case), ClockKind::Accept, limit),
    }))
}

fn accept_limit(case: &CaseState, context: &Context<'_>) -> Option<Limit> {
    case.classified
        .as_ref()
        .map(|class| class.limits.accept)
        .or_else(|| context.rules.classes.unclassed_accept())
}

impl Asked<'_> {
    pub(super) fn pass_up(&self, reason: &Sealed<String>) -> Decision {
        let event =
            up(self.case, UpBecause::Person, Some(reason), self.context).ok_or_else(|| {
                fault(
                    "",
                    "no_level_above",
                    "上面没有综治中心了，只能在本级办理",
                    "there is no centre above this one: it is decided here",
                )
            })?;
        let mut events = self.by(event);
        events.push(ring(RingReason::Passed, None));
        Ok(events)
    }

    /// By itself to the level above; nothing at the top.
    pub(super) fn goes_up(&self, because: UpBecause) -> Option<Decided> {
        up(self.case, because, None, self.context).map(Decided::system)
    }

    pub(super) fn pass_down(
        &self,
        to: &DivisionCode,
        limit: Limit,
        reason: &Sealed<String>,
    ) -> Decision {
        let below = self
            .context
            .directory
            .centres_over(&self.case.code)
            .into_iter()
            .find(|(code, _)| code == to && code.level() < self.case.centre.level());
        let Some((centre, unit)) = below else {
            return Err(fault(
                "/to",
                "no_such_centre_below",
                format!("{to} 不是本案所在地下级的综治中心"),
                format!("{to} is no centre below this one in the path of the case's place"),
            ));
        };
        let accept = accept_limit(self.case, self.context).ok_or(Refusal::NotFound)?;
        let mut events = self.by(CaseEvent::PassedDown(PassedDown {
            centre,
            centre_unit: Some(unit),
            reason: reason.clone(),
            accept: self.deadline(ClockKind::Accept, accept),
            finish: self.deadline(ClockKind::Finish, limit),
        }));
        events.push(ring(RingReason::Passed, None));
        Ok(events)
    }

    /// Two reports of one thing: this one goes on in the other. A chain cannot close into a ring, because a case that went into
    /// another takes none.
    pub(super) fn merge(&self, into: CaseId, reason: &Sealed<String>) -> Decision {
        let unknown = || {
            fault(
                "/into",
                "unknown_case",
                "没有这件案件，或你无权查看",
                "there is no such case, or it is not yours to see",
            )
        };
        let other = self
            .context
            .other
            .filter(|other| other.id == into)
            .filter(|other| access::sight(self.context.by, other).is_some())
            .ok_or_else(unknown)?;
        if into == self.case.id {
            return Err(fault(
                "/into",
                "itself",
                "不能并到自己里",
                "a case is not merged into itself",
            ));
        }
        if !other.stage.is_open() {
            return Err(fault(
                "/into",
                "ended",
                "那件案件已经结束或已并走，请并到仍在办的一件",
                "that case has ended or went into another: merge into one that is still worked on",
            ));
        }
        let county = |case: &CaseState| case.code.at_level(Level::County);
        if county(self.case) != county(other) {
            return Err(fault(
                "/into",
                "elsewhere",
                "不在同一个县（市、区），不能并单",
                "the two do not lie in one county",
            ));
        }
        Ok(self.by(CaseEvent::Merged(Merged {
            into,
            reason: reason.clone(),
        })))
    }

    pub(super) fn unmerge(&self, reason: &Sealed<String>) -> Decision {
        let (from, _) = self.case.merged_into.ok_or(Refusal::WrongState {
            act: access::Act::Unmerge,
            stage: Stage::Merged,
        })?;
        Ok(self.by(CaseEvent::Unmerged(Unmerged {
            from,
            reason: reason.clone(),
            clocks: clocks::restart(
                self.case,
                self.context.now,
                self.context.rules,
                self.context.directory,
            ),
        })))
    }
}
