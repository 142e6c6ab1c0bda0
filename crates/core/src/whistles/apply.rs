//! Folding events into the state. Nothing is looked up here and nothing is refused: the event happened.

use uuid::Uuid;

use super::{
    Because, Call, CallClock, CallStage, Given, RateClock, Rated, UnitCalled, Waiting, Whistle,
    WhistleEvent, WhistleStage,
};
use crate::access::Acting;
use crate::id::{UnitId, WhistleId};
use crate::time::Timestamp;

/// Folds `event`, done by `by` at `at`. The first event makes the whistle.
pub(super) fn apply(
    thing: &mut Option<Whistle>,
    id: Uuid,
    event: &WhistleEvent,
    by: Acting,
    at: Timestamp,
) {
    match (thing.as_mut(), event) {
        (None, WhistleEvent::Blown(e)) => {
            *thing = Some(Whistle {
                id: WhistleId(id),
                version: 1,
                stage: WhistleStage::Blown,
                kind: e.kind,
                case: e.case,
                division: e.division,
                code: e.code.clone(),
                level: e.level,
                town: e.town.unit,
                town_name: e.town.name.clone(),
                blower: by.person,
                reason: e.reason.clone(),
                position: e.position.clone(),
                calls: e.calls.iter().map(called).collect(),
                copies: e.copies.clone(),
                outcome: None,
                note: None,
                ratings: Vec::new(),
                rating: None,
                blown_at: at,
                updated_at: at,
            });
        }
        (Some(whistle), event) => {
            whistle.version += 1;
            whistle.updated_at = at;
            whistle.fold(event, at);
        }
        // A journal that begins with anything else is found by `check`; here there is nothing to change.
        (None, _) => {}
    }
}

fn called(call: &UnitCalled) -> Call {
    Call {
        unit: call.unit.unit,
        name: call.unit.name.clone(),
        stage: CallStage::Called,
        clock: Some(CallClock {
            waiting: Waiting::Answer,
            due: call.answer.due,
            generation: 1,
        }),
        late: false,
        answered_at: None,
        coming_by: None,
        arrived_at: None,
        metres: None,
        tasks: Vec::new(),
        reason: None,
        raised: None,
        raised_to: None,
        raised_reason: None,
        raises: 0,
        instruction: None,
    }
}

/// What is waited for of a unit that is so far.
fn waiting(stage: CallStage) -> Option<Waiting> {
    match stage {
        CallStage::Called => Some(Waiting::Answer),
        CallStage::Coming => Some(Waiting::Arrive),
        CallStage::Refused => Some(Waiting::Decide),
        CallStage::Present | CallStage::Done | CallStage::Released => None,
    }
}

impl Whistle {
    fn with(&mut self, unit: UnitId, change: impl FnOnce(&mut Call, u32)) {
        let version = self.version;
        if let Some(call) = self.calls.iter_mut().find(|call| call.unit == unit) {
            change(call, version);
        }
    }

    fn fold(&mut self, event: &WhistleEvent, at: Timestamp) {
        match event {
            WhistleEvent::Blown(_) => {}
            WhistleEvent::Answered(e) => self.with(e.unit, |call, generation| {
                call.stage = CallStage::Coming;
                call.answered_at = Some(at);
                call.coming_by = Some(e.by);
                call.wait_until(e.by, generation);
            }),
            WhistleEvent::RefusedToCome(e) => self.with(e.unit, |call, _| {
                call.stage = CallStage::Refused;
                call.answered_at = Some(at);
                call.coming_by = None;
                call.reason = Some(e.reason.clone());
                // The event that raises it follows and sets the clock.
                call.clock = None;
            }),
            WhistleEvent::Arrived(e) => self.with(e.unit, |call, _| {
                call.stage = CallStage::Present;
                call.arrived_at = Some(at);
                call.metres = e.metres;
                call.clock = None;
            }),
            WhistleEvent::TasksGiven(e) => {
                for task in &e.tasks {
                    self.with(task.unit, |call, _| {
                        call.stage = CallStage::Present;
                        call.tasks.push(Given {
                            text: task.text.clone(),
                            at,
                            done_at: None,
                            outcome: None,
                            result: None,
                        });
                    });
                }
            }
            WhistleEvent::Finished(e) => self.with(e.unit, |call, _| {
                call.stage = CallStage::Done;
                if let Some(task) = call.tasks.last_mut() {
                    task.done_at = Some(at);
                    task.outcome = Some(e.outcome);
                    task.result = Some(e.result.clone());
                }
            }),
            WhistleEvent::Released(e) => self.with(e.unit, |call, _| {
                call.stage = CallStage::Released;
                call.reason = Some(e.reason.clone());
                call.clock = None;
            }),
            WhistleEvent::Raised(e) => self.with(e.unit, |call, generation| {
                call.raised = Some((e.level, e.because));
                call.raised_to.clone_from(&e.centre);
                call.raised_reason.clone_from(&e.reason);
                call.raises += 1;
                call.late |= matches!(e.because, Because::NotAnswered | Because::NotArrived);
                call.wait_until(e.next.due, generation);
            }),
            WhistleEvent::Instructed(e) => self.with(e.unit, |call, generation| {
                if call.stage == CallStage::Refused {
                    call.stage = CallStage::Called;
                }
                call.instruction = Some(e.words.clone());
                call.wait_until(e.by, generation);
            }),
            WhistleEvent::Closed(e) => {
                self.stage = WhistleStage::Closed;
                self.outcome = Some(e.outcome);
                self.note.clone_from(&e.note);
                self.rating = Some(RateClock {
                    due: e.rate.due,
                    generation: self.version,
                });
            }
            WhistleEvent::RatingGiven(e) => {
                self.ratings.push(Rated {
                    by: e.by,
                    unit: e.unit,
                    level: e.level,
                });
                if self.ratings_missing() == 0 {
                    self.end_rating();
                }
            }
            WhistleEvent::RatingEnded(_) => self.end_rating(),
        }
    }

    fn end_rating(&mut self) {
        self.stage = WhistleStage::Rated;
        self.rating = None;
    }
}

impl Call {
    fn wait_until(&mut self, due: Timestamp, generation: u32) {
        self.clock = waiting(self.stage).map(|waiting| CallClock {
            waiting,
            due,
            generation,
        });
    }
}
