//! Deciding a command: who may, at which stage, and what follows.
//!
//! The order of the checks is the order in which a person would want to hear of them: not yours to see, not your role, not
//! at this stage, this field.

use super::event::{
    Agreed, Appointed, ConsentNoted, CourtAnswered, CourtAsked, Extended, Failed, Opened,
    PartyAdded, PartyLeft, PerformanceChecked, SessionHeld, SessionSet,
};
use super::{
    AgreementForm, DisputeClass, Due, LEAST_PARTIES, MOST_PARTIES, MOST_SESSIONS, Mediation,
    MediationAct, MediationCommand, MediationEvent, MediationStage, Mediator, NewParty, Open,
    Party, PartyRole, Performance, SessionOutcome, Way,
};
use crate::access::{self, Acting, Principal, Role};
use crate::calendar::Hours;
use crate::cases::CaseState;
use crate::code::DivisionCode;
use crate::id::UnitId;
use crate::refusal::Refusal;
use crate::sealed::Sealed;
use crate::things::{
    Context, Decided, Thing as _, acting, callable, end_of, fault, for_unit, not_now,
};
use crate::time::{DAY_MS, Day, Timestamp};

type Decision = Result<Vec<Decided<MediationEvent>>, Refusal>;

/// The top class of disputes.
const DISPUTES: &str = "MD";
/// The longest time ahead for a session.
const LONGEST_AHEAD_MS: i64 = 366 * DAY_MS;
/// The longest time ahead for performance: agreements on instalments run for years.
const LONGEST_PERFORMANCE_MS: i64 = 20 * 366 * DAY_MS;

/// Decides `command` on the mediation as it stands (none before it is opened).
pub(super) fn decide(
    mediation: Option<&Mediation>,
    command: &MediationCommand,
    context: &Context<'_>,
) -> Decision {
    if let MediationCommand::Open(open) = command {
        return match mediation {
            Some(_) => Err(Refusal::Exists),
            None => decide_open(open, context),
        };
    }
    let mediation = mediation.ok_or(Refusal::NotFound)?;
    if let MediationCommand::Timer { due, generation } = command {
        return super::timers::fire(mediation, *due, *generation, context);
    }
    let act = act_of(command);
    let by = permitted(context.by, act, mediation)?;
    takes(mediation, act)?;
    Asked {
        mediation,
        context,
        by,
    }
    .carry_out(command)
}

fn act_of(command: &MediationCommand) -> MediationAct {
    match command {
        MediationCommand::Open(_) => MediationAct::Open,
        MediationCommand::AddParty(_) => MediationAct::AddParty,
        MediationCommand::Consent { .. } => MediationAct::Consent,
        MediationCommand::Withdraw { .. } => MediationAct::Withdraw,
        MediationCommand::Appoint { .. } => MediationAct::Appoint,
        MediationCommand::SetSession { .. } => MediationAct::SetSession,
        MediationCommand::HoldSession { .. } => MediationAct::HoldSession,
        MediationCommand::Extend { .. } => MediationAct::Extend,
        MediationCommand::Agree { .. } => MediationAct::Agree,
        MediationCommand::Fail { .. } => MediationAct::Fail,
        MediationCommand::CheckPerformance { .. } => MediationAct::CheckPerformance,
        MediationCommand::AskCourt { .. } => MediationAct::AskCourt,
        MediationCommand::AnswerCourt { .. } => MediationAct::AnswerCourt,
        // A deadline only reminds; it is decided apart.
        MediationCommand::Timer { .. } => MediationAct::CheckPerformance,
    }
}

fn desk(principal: &Principal, place: &DivisionCode) -> Option<Acting> {
    acting(principal, |post| {
        matches!(
            post.role,
            Role::DutyOfficer | Role::DutyChief | Role::Dispatcher
        ) && post.covers(place)
    })
}

/// May `principal` do `act`? The answer is the role in which it is done.
pub(super) fn permitted(
    principal: &Principal,
    act: MediationAct,
    mediation: &Mediation,
) -> Result<Acting, Refusal> {
    if mediation.sight(principal).is_none() {
        return Err(Refusal::NotFound);
    }
    // Whoever works for the mediating unit first: that is what they do it as.
    for_unit(principal, mediation.mediator)
        .or_else(|| desk(principal, &mediation.code))
        .filter(|_| act != MediationAct::Open)
        .ok_or(Refusal::NotYours {
            zh: act.zh(),
            en: act.en(),
        })
}

/// Whether the mediation takes the act as it stands.
pub(super) fn takes(mediation: &Mediation, act: MediationAct) -> Result<(), Refusal> {
    let stage = mediation.stage;
    let fits = match act {
        MediationAct::Open => false,
        MediationAct::CheckPerformance | MediationAct::AskCourt => stage == MediationStage::Agreed,
        // The court may take longer than the parties.
        MediationAct::AnswerCourt => mediation.agreement.is_some(),
        MediationAct::Appoint => stage.is_open(),
        _ => stage == MediationStage::Mediating,
    };
    if !fits {
        return Err(not_now(
            format!(
                "这起调解现在是“{}”，不能{}。请看最新情况再定。",
                stage.zh(),
                act.zh()
            ),
            format!(
                "The mediation is {}; one cannot {} now. Check, then decide.",
                stage.en(),
                act.en()
            ),
        ));
    }
    let court = mediation
        .agreement
        .as_ref()
        .and_then(|agreement| agreement.court.as_ref());
    match (act, court) {
        (MediationAct::AskCourt, Some(_)) => Err(not_now(
            "已经登记过司法确认申请。",
            "It is recorded already that the court was asked.",
        )),
        (MediationAct::AnswerCourt, None) => Err(not_now(
            "还没有登记司法确认申请。",
            "It is not recorded that the court was asked.",
        )),
        (MediationAct::AnswerCourt, Some(court)) if court.confirmed.is_some() => Err(not_now(
            "法院的结果已经登记。",
            "The court's answer is recorded already.",
        )),
        (MediationAct::Extend, _) if mediation.extended => Err(not_now(
            "期限只能延长一次，已经延长过。",
            "The limit can be extended once, and it was.",
        )),
        (MediationAct::Extend, _)
            if mediation
                .clock(Due::Limit)
                .is_none_or(|clock| clock.passed.is_some()) =>
        {
            Err(not_now(
                "期限已过，不能再延长。请登记协议，或者终止调解并告知其他途径。",
                "The limit has passed and cannot be extended: record an agreement, or end the mediation and name the other ways.",
            ))
        }
        _ => Ok(()),
    }
}

/// Who may open a mediation of this case, and as what.
fn opener(case: &CaseState, open: &Open, context: &Context<'_>) -> Result<Acting, Refusal> {
    let not_yours = Refusal::NotYours {
        zh: MediationAct::Open.zh(),
        en: MediationAct::Open.en(),
    };
    let of_order = || {
        acting(context.by, |post| {
            post.role == Role::UnitStaff && case.orders.iter().any(|o| o.unit == post.unit)
        })
    };
    let by = desk(context.by, &case.code)
        .or_else(of_order)
        .ok_or_else(|| not_yours.clone())?;
    let dispute = case
        .classified
        .as_ref()
        .is_some_and(|class| class.class.top().as_str() == DISPUTES);
    if dispute {
        return Ok(by);
    }
    if !open.other_class {
        return Err(fault(
            "/other_class",
            "not_a_dispute",
            "案件的类别不是矛盾纠纷（MD）；值班员或值班长认为确属纠纷的，请写 other_class=true",
            "the class of the case is no dispute (MD); a duty officer or duty chief who takes it for one says other_class=true",
        ));
    }
    acting(context.by, |post| {
        matches!(post.role, Role::DutyOfficer | Role::DutyChief) && post.covers(&case.code)
    })
    .ok_or(not_yours)
}

fn decide_open(open: &Open, context: &Context<'_>) -> Decision {
    // Somebody who could open none at all hears that first, whatever the case.
    let somewhere = |role| {
        matches!(
            role,
            Role::DutyOfficer | Role::DutyChief | Role::Dispatcher | Role::UnitStaff
        )
    };
    acting(context.by, |post| somewhere(post.role)).ok_or(Refusal::NotYours {
        zh: MediationAct::Open.zh(),
        en: MediationAct::Open.en(),
    })?;
    let case = context
        .case
        .filter(|case| case.id == open.case && access::sight(context.by, case).is_some())
        .ok_or_else(|| {
            fault(
                "/case",
                "unknown_case",
                "找不到这个案件，或你无权查看",
                "there is no such case, or it is not yours to see",
            )
        })?;
    let by = opener(case, open, context)?;
    if !case.stage.is_open() {
        return Err(fault(
            "/case",
            "ended",
            "案件已经结束，不能再发起调解",
            "the case has ended: no mediation can be opened",
        ));
    }
    let class = case.classified.as_ref().ok_or_else(|| {
        fault(
            "/case",
            "not_classed",
            "案件还没有定类，请先定类",
            "the case has no class yet: class it first",
        )
    })?;
    let parties = open
        .parties
        .iter()
        .filter(|party| party.role == PartyRole::Party)
        .count();
    if parties < LEAST_PARTIES || open.parties.len() > MOST_PARTIES {
        return Err(fault(
            "/parties",
            "out_of_range",
            format!("当事人至少 {LEAST_PARTIES} 方，连同代理人最多 {MOST_PARTIES} 人"),
            format!("at least {LEAST_PARTIES} parties, with their agents at most {MOST_PARTIES}"),
        ));
    }
    let mediator = mediator(
        open.mediator,
        open.person.as_ref(),
        "/mediator",
        &case.code,
        context,
    )?;
    Ok(vec![Decided {
        by,
        event: MediationEvent::Opened(Opened {
            case: case.id,
            class: DisputeClass {
                class: class.class.clone(),
                name_zh: class.name_zh.clone(),
                name_en: class.name_en.clone(),
            },
            division: case.division,
            code: case.code.clone(),
            parties: open
                .parties
                .iter()
                .zip(1..)
                .map(|(new, no)| party(new, no))
                .collect(),
            mediator,
            limit: context.term(context.rules.settings.mediation_limit, &Hours::Standard),
        }),
    }])
}

fn party(new: &NewParty, no: u32) -> Party {
    Party {
        no,
        role: new.role,
        consents: new.consents,
        words: new.words.clone(),
    }
}

fn mediator(
    unit: UnitId,
    person: Option<&Sealed<String>>,
    pointer: &str,
    place: &DivisionCode,
    context: &Context<'_>,
) -> Result<Mediator, Refusal> {
    let found = callable(context.directory, unit, place, pointer)?;
    Ok(Mediator {
        unit,
        name: found.row.name.clone(),
        person: person.cloned(),
    })
}

struct Asked<'a> {
    mediation: &'a Mediation,
    context: &'a Context<'a>,
    by: Acting,
}

impl Asked<'_> {
    fn by(&self, event: MediationEvent) -> Vec<Decided<MediationEvent>> {
        vec![Decided { by: self.by, event }]
    }

    fn carry_out(&self, command: &MediationCommand) -> Decision {
        match command {
            // Both are decided before they come here.
            MediationCommand::Open(_) | MediationCommand::Timer { .. } => Err(Refusal::NotFound),
            MediationCommand::AddParty(new) => self.add_party(new),
            MediationCommand::Consent { party } => self.consent(*party),
            MediationCommand::Withdraw { party, reason } => self.withdraw(*party, reason),
            MediationCommand::Appoint { unit, person } => {
                let place = &self.mediation.code;
                let mediator = mediator(*unit, person.as_ref(), "/unit", place, self.context)?;
                Ok(self.by(MediationEvent::Appointed(Appointed { mediator })))
            }
            MediationCommand::SetSession { at, place } => self.set_session(*at, place),
            MediationCommand::HoldSession {
                session,
                outcome,
                note,
            } => self.hold_session(*session, *outcome, note.as_ref()),
            MediationCommand::Extend { consented, reason } => self.extend(*consented, reason),
            MediationCommand::Agree {
                form,
                text,
                effect,
                perform_by,
            } => self.agree(*form, text, *effect, *perform_by),
            MediationCommand::Fail { reason } => Ok(self.by(MediationEvent::Failed(Failed {
                reason: reason.clone(),
                ways: Way::WITHOUT_AGREEMENT.to_vec(),
            }))),
            MediationCommand::CheckPerformance {
                result,
                note,
                perform_by,
            } => self.check_performance(*result, note.as_ref(), *perform_by),
            MediationCommand::AskCourt { jointly, on } => self.ask_court(*jointly, *on),
            MediationCommand::AnswerCourt { confirmed, note } => {
                Ok(self.by(MediationEvent::CourtAnswered(CourtAnswered {
                    confirmed: *confirmed,
                    note: note.clone(),
                })))
            }
        }
    }

    fn add_party(&self, new: &NewParty) -> Decision {
        let count = self.mediation.parties.len();
        if count >= MOST_PARTIES {
            return Err(not_now(
                format!("连同代理人最多 {MOST_PARTIES} 人。"),
                format!("With their agents the parties are at most {MOST_PARTIES}."),
            ));
        }
        let no = u32::try_from(count + 1).unwrap_or(u32::MAX);
        Ok(self.by(MediationEvent::PartyAdded(PartyAdded {
            party: party(new, no),
        })))
    }

    /// A party (not an agent) who has not left.
    fn present(&self, no: u32) -> Result<(), Refusal> {
        if self.mediation.present_parties().any(|party| party.no == no) {
            return Ok(());
        }
        Err(fault(
            "/party",
            "unknown_party",
            "没有这个序号的当事人，或已退出",
            "there is no party of this number, or it has left",
        ))
    }

    fn consent(&self, party: u32) -> Decision {
        self.present(party)?;
        if self.mediation.party(party).is_some_and(|p| p.consents) {
            return Err(not_now(
                "这一方的同意已经记录。",
                "The consent of this party is noted already.",
            ));
        }
        Ok(self.by(MediationEvent::ConsentNoted(ConsentNoted { party })))
    }

    fn withdraw(&self, party: u32, reason: &Sealed<String>) -> Decision {
        self.present(party)?;
        let ends = self.mediation.present_parties().count() <= LEAST_PARTIES;
        let ways = if ends {
            Way::WITHOUT_AGREEMENT.to_vec()
        } else {
            Vec::new()
        };
        Ok(self.by(MediationEvent::PartyLeft(PartyLeft {
            party,
            reason: reason.clone(),
            ends,
            ways,
        })))
    }

    fn set_session(&self, at: Timestamp, place: &Sealed<String>) -> Decision {
        let until = self.context.now.plus_ms(LONGEST_AHEAD_MS);
        if !(self.mediation.opened_at..=until).contains(&at) {
            return Err(fault(
                "/at",
                "out_of_range",
                "应在发起调解以后、一年以内",
                "after the mediation was opened and within a year from now",
            ));
        }
        if self.mediation.sessions.len() >= MOST_SESSIONS {
            return Err(not_now(
                format!("最多安排 {MOST_SESSIONS} 次调解。"),
                format!("A mediation has at most {MOST_SESSIONS} sessions."),
            ));
        }
        let session = u32::try_from(self.mediation.sessions.len() + 1).unwrap_or(u32::MAX);
        Ok(self.by(MediationEvent::SessionSet(SessionSet {
            session,
            at,
            place: place.clone(),
        })))
    }

    fn hold_session(
        &self,
        session: u32,
        outcome: SessionOutcome,
        note: Option<&Sealed<String>>,
    ) -> Decision {
        let set = self
            .mediation
            .sessions
            .iter()
            .find(|set| set.no == session)
            .ok_or_else(|| {
                fault(
                    "/session",
                    "unknown_session",
                    "没有这一次调解",
                    "there is no session of this number",
                )
            })?;
        if set.outcome.is_some() {
            return Err(not_now(
                "这一次调解的情况已经记录。",
                "What this session came to is noted already.",
            ));
        }
        if set.at > self.context.now {
            return Err(not_now(
                "这一次调解的时间还没有到。",
                "The time of this session has not come yet.",
            ));
        }
        Ok(self.by(MediationEvent::SessionHeld(SessionHeld {
            session,
            outcome,
            note: note.cloned(),
        })))
    }

    fn extend(&self, consented: bool, reason: &Sealed<String>) -> Decision {
        if !consented {
            return Err(fault(
                "/consented",
                "consent_needed",
                "延长期限须经各方当事人同意",
                "the parties have to consent to a longer time",
            ));
        }
        let limit = self.context.rules.settings.mediation_limit;
        let from = self
            .mediation
            .clock(Due::Limit)
            .map_or(self.context.now, |clock| clock.at);
        Ok(self.by(MediationEvent::Extended(Extended {
            limit: self.context.term_from(limit, from, &Hours::Standard),
            reason: reason.clone(),
        })))
    }

    fn agree(
        &self,
        form: AgreementForm,
        text: &Sealed<String>,
        effect: Day,
        perform_by: Day,
    ) -> Decision {
        let parties = self.mediation.present_parties().count();
        let consenting = self
            .mediation
            .present_parties()
            .filter(|party| party.consents)
            .count();
        if parties < LEAST_PARTIES || consenting < parties {
            return Err(not_now(
                "调解须各方当事人自愿：还有当事人的同意没有记录，不能登记协议。",
                "Mediation is voluntary: the consent of a party is not noted yet, so no agreement can be recorded.",
            ));
        }
        let now = self.context.now;
        if effect < self.mediation.opened_at.local_day() || effect > now.local_day() {
            return Err(fault(
                "/effect",
                "out_of_range",
                "生效日应在发起调解之日至今天之间",
                "the day of effect lies between the opening and today",
            ));
        }
        let perform_due = self
            .perform_due(perform_by, effect)
            .ok_or_else(perform_by_fault)?;
        Ok(self.by(MediationEvent::Agreed(Agreed {
            form,
            text: text.clone(),
            effect,
            perform_by,
            perform_due,
            court_until: self.court_until(effect),
        })))
    }

    /// When the time to ask the court is over. The day of effect itself does not count, and a last day on which nobody works
    /// moves to the next working day (民法典 art. 201, 203).
    fn court_until(&self, effect: Day) -> Timestamp {
        let limit = self.context.rules.settings.court_confirmation;
        let due = self
            .context
            .term_from(limit, end_of(effect), &Hours::Standard)
            .due;
        let calendar = &self.context.rules.calendar;
        let mut last = due.plus_ms(-1).local_day();
        while !calendar.is_workday(last) {
            last = last.next();
        }
        end_of(last)
    }

    /// When a last day to perform is over; none when it lies out of bounds.
    fn perform_due(&self, day: Day, from: Day) -> Option<Timestamp> {
        let due = end_of(day);
        (day >= from && due <= self.context.now.plus_ms(LONGEST_PERFORMANCE_MS)).then_some(due)
    }

    fn check_performance(
        &self,
        result: Performance,
        note: Option<&Sealed<String>>,
        perform_by: Option<Day>,
    ) -> Decision {
        let further = perform_by.filter(|_| result != Performance::Performed);
        if perform_by.is_some() && further.is_none() {
            return Err(fault(
                "/perform_by",
                "not_needed",
                "已经履行，不再需要期限",
                "it is performed: no further time is needed",
            ));
        }
        let perform_due = match further {
            None => None,
            Some(day) => {
                let today = self.context.now.local_day();
                Some(self.perform_due(day, today).ok_or_else(perform_by_fault)?)
            }
        };
        let confirmed = self
            .mediation
            .agreement
            .as_ref()
            .and_then(|agreement| agreement.court.as_ref())
            .is_some_and(|court| court.confirmed == Some(true));
        let ways = match (result, further) {
            (Performance::Performed, _) | (_, Some(_)) => Vec::new(),
            _ if confirmed => vec![Way::Enforcement],
            _ => vec![Way::Court],
        };
        Ok(
            self.by(MediationEvent::PerformanceChecked(PerformanceChecked {
                result,
                note: note.cloned(),
                perform_by: further,
                perform_due,
                ways,
            })),
        )
    }

    fn ask_court(&self, jointly: bool, on: Option<Day>) -> Decision {
        if !jointly {
            return Err(fault(
                "/jointly",
                "not_jointly",
                "司法确认须由双方当事人共同申请（人民调解法第三十三条）",
                "the parties ask the court together (People's Mediation Law, art. 33)",
            ));
        }
        let agreement = self.mediation.agreement.as_ref().ok_or(Refusal::NotFound)?;
        let today = self.context.now.local_day();
        let on = on.unwrap_or(today);
        if on < agreement.effect || on > today {
            return Err(fault(
                "/on",
                "out_of_range",
                "申请日应在协议生效之日至今天之间",
                "the day lies between the effect of the agreement and today",
            ));
        }
        if end_of(on) > agreement.court_until {
            return Err(not_now(
                format!(
                    "协议 {} 生效，已过三十日，不能再申请司法确认（人民调解法第三十三条）。不履行的，可以就协议向人民法院起诉。",
                    agreement.effect
                ),
                format!(
                    "The agreement took effect on {}: the 30 days in which the court may be asked to confirm it are over (People's Mediation Law, art. 33). When it is not performed, an action on the agreement may be brought.",
                    agreement.effect
                ),
            ));
        }
        Ok(self.by(MediationEvent::CourtAsked(CourtAsked { on })))
    }
}

fn perform_by_fault() -> Refusal {
    fault(
        "/perform_by",
        "out_of_range",
        "履行期限应在生效日（或今天）以后、20 年以内",
        "the last day to perform lies after the day of effect (or today) and within 20 years",
    )
}
