//! Folding events into the state. Nothing is looked up here and nothing is refused: the event happened.

use uuid::Uuid;

use super::{
    Agreement, Checked, Court, Due, Mediation, MediationClock, MediationEvent, MediationStage,
    Mediator, Party, PartyState, Performance, Session,
};
use crate::access::Acting;
use crate::id::MediationId;
use crate::time::Timestamp;

/// Folds `event`, done by `by` at `at`. The first event makes the mediation.
pub(super) fn apply(
    thing: &mut Option<Mediation>,
    id: Uuid,
    event: &MediationEvent,
    by: Acting,
    at: Timestamp,
) {
    match (thing.as_mut(), event) {
        (None, MediationEvent::Opened(e)) => {
            let mut mediation = Mediation {
                id: MediationId(id),
                version: 1,
                stage: MediationStage::Mediating,
                case: e.case,
                class: e.class.clone(),
                division: e.division,
                code: e.code.clone(),
                opener: by.person,
                mediator: e.mediator.unit,
                mediator_name: e.mediator.name.clone(),
                mediator_person: e.mediator.person.clone(),
                parties: e.parties.iter().map(party).collect(),
                sessions: Vec::new(),
                extended: false,
                agreement: None,
                reason: None,
                ways: Vec::new(),
                clocks: Vec::new(),
                opened_at: at,
                updated_at: at,
            };
            mediation.set(Due::Limit, e.limit.due);
            *thing = Some(mediation);
        }
        (Some(mediation), event) => {
            mediation.version += 1;
            mediation.updated_at = at;
            mediation.fold(event, at);
        }
        // A journal that begins with anything else is found by `check`; here there is nothing to change.
        (None, _) => {}
    }
}

fn party(party: &Party) -> PartyState {
    PartyState {
        no: party.no,
        role: party.role,
        consents: party.consents,
        left_at: None,
        words: party.words.clone(),
    }
}

impl Mediation {
    fn set(&mut self, due: Due, at: Timestamp) {
        self.clocks.retain(|clock| clock.due != due);
        self.clocks.push(MediationClock {
            due,
            at,
            generation: self.version,
            passed: None,
        });
    }

    fn drop_clock(&mut self, due: Due) {
        self.clocks.retain(|clock| clock.due != due);
    }

    fn pass(&mut self, due: Due, at: Timestamp) {
        for clock in self.clocks.iter_mut().filter(|clock| clock.due == due) {
            clock.passed = Some(at);
        }
    }

    fn end(&mut self, stage: MediationStage) {
        self.stage = stage;
        self.clocks.clear();
    }

    fn appoint(&mut self, mediator: &Mediator) {
        self.mediator = mediator.unit;
        self.mediator_name = mediator.name.clone();
        self.mediator_person.clone_from(&mediator.person);
    }

    fn fold(&mut self, event: &MediationEvent, at: Timestamp) {
        match event {
            MediationEvent::Opened(_) => {}
            MediationEvent::PartyAdded(e) => self.parties.push(party(&e.party)),
            MediationEvent::ConsentNoted(e) => {
                for party in self.parties.iter_mut().filter(|p| p.no == e.party) {
                    party.consents = true;
                }
            }
            MediationEvent::PartyLeft(e) => {
                for party in self.parties.iter_mut().filter(|p| p.no == e.party) {
                    party.left_at = Some(at);
                    party.consents = false;
                }
                self.reason = Some(e.reason.clone());
                if e.ends {
                    self.ways.clone_from(&e.ways);
                    self.end(MediationStage::Withdrawn);
                }
            }
            MediationEvent::Appointed(e) => self.appoint(&e.mediator),
            MediationEvent::SessionSet(e) => self.sessions.push(Session {
                no: e.session,
                at: e.at,
                place: e.place.clone(),
                outcome: None,
                note: None,
            }),
            MediationEvent::SessionHeld(e) => {
                for session in self.sessions.iter_mut().filter(|s| s.no == e.session) {
                    session.outcome = Some(e.outcome);
                    session.note.clone_from(&e.note);
                }
            }
            MediationEvent::Extended(e) => {
                self.extended = true;
                self.reason = Some(e.reason.clone());
                self.set(Due::Limit, e.limit.due);
            }
            MediationEvent::LimitPassed(_) => self.pass(Due::Limit, at),
            MediationEvent::Agreed(e) => {
                self.stage = MediationStage::Agreed;
                self.agreement = Some(Agreement {
                    form: e.form,
                    text: e.text.clone(),
                    effect: e.effect,
                    perform_by: e.perform_by,
                    court_until: e.court_until,
                    checks: Vec::new(),
                    court: None,
                });
                self.drop_clock(Due::Limit);
                self.set(Due::Performance, e.perform_due);
                self.set(Due::Court, e.court_until);
            }
            MediationEvent::Failed(e) => {
                self.reason = Some(e.reason.clone());
                self.ways.clone_from(&e.ways);
                self.end(MediationStage::Failed);
            }
            MediationEvent::PerformanceDue(_) => self.pass(Due::Performance, at),
            MediationEvent::PerformanceChecked(e) => {
                if let Some(agreement) = &mut self.agreement {
                    agreement.checks.push(Checked {
                        at,
                        result: e.result,
                        note: e.note.clone(),
                    });
                    agreement.perform_by = e.perform_by.unwrap_or(agreement.perform_by);
                }
                match (e.result, e.perform_due) {
                    (Performance::Performed, _) => self.end(MediationStage::Concluded),
                    (_, Some(due)) => self.set(Due::Performance, due),
                    (_, None) => {
                        self.ways.clone_from(&e.ways);
                        self.end(MediationStage::Unperformed);
                    }
                }
            }
            MediationEvent::CourtAsked(e) => {
                if let Some(agreement) = &mut self.agreement {
                    agreement.court = Some(Court {
                        asked_on: e.on,
                        confirmed: None,
                        note: None,
                    });
                }
                self.drop_clock(Due::Court);
            }
            MediationEvent::CourtAnswered(e) => {
                let asked = self.agreement.as_mut().and_then(|a| a.court.as_mut());
                if let Some(court) = asked {
                    court.confirmed = Some(e.confirmed);
                    court.note.clone_from(&e.note);
                }
            }
            MediationEvent::CourtPeriodEnded(_) => self.pass(Due::Court, at),
        }
    }
}
