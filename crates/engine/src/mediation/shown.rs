//! From the state of a mediation to what somebody sees of it.

use jingwei_core::access::Principal;
use jingwei_core::mediation::{
    Agreement, Due, Mediation, MediationAct, PartyState, acts_open_to, parties_shown_to,
};
use jingwei_core::sealed::Sealed;
use jingwei_core::time::Timestamp;
use jingwei_store::things::ThingRow;
use uuid::Uuid;

use super::view::{
    AgreementView, CourtView, MediationSessionView, MediationSummary, MediationView, PartyView,
    PerformanceView, WayView,
};
use crate::cases::ClassRef;
use crate::cases::shown::masked;
use crate::error::Result;
use crate::things::opened;
use crate::vault::Vault;
use crate::world::World;

/// A mediation in a list.
pub(super) fn summary(row: &ThingRow, mediation: &Mediation, world: &World) -> MediationSummary {
    let class = &mediation.class;
    MediationSummary {
        id: mediation.id.0,
        version: mediation.version,
        sequence: row.updated_seq,
        stage: mediation.stage.as_str().to_owned(),
        stage_zh: mediation.stage.zh().to_owned(),
        stage_en: mediation.stage.en().to_owned(),
        open: mediation.stage.is_open(),
        title_zh: class.name_zh.as_str().to_owned(),
        title_en: class.name_en.as_str().to_owned(),
        class: ClassRef {
            code: class.class.as_str().to_owned(),
            name_zh: class.name_zh.as_str().to_owned(),
            name_en: class.name_en.as_str().to_owned(),
        },
        division: world.division_ref(&mediation.code),
        case: mediation.case.0,
        mediator: world.unit_ref(mediation.mediator, Some(&mediation.mediator_name)),
        parties: u32::try_from(mediation.parties.len()).unwrap_or(u32::MAX),
        opened_at: mediation.opened_at.rfc3339(),
        updated_at: mediation.updated_at.rfc3339(),
        next_due: row.next_due.map(|due| Timestamp(due).rfc3339()),
    }
}

/// Words that are shown to who sees the parties.
struct Words<'a> {
    id: Uuid,
    shown: bool,
    vault: &'a Vault,
}

impl Words<'_> {
    fn of(&self, sealed: Option<&Sealed<String>>) -> Result<Option<String>> {
        sealed
            .filter(|_| self.shown)
            .map(|sealed| opened(self.vault, self.id, sealed))
            .transpose()
    }
}

/// One mediation.
pub(super) fn mediation(
    row: &ThingRow,
    mediation: &Mediation,
    by: &Principal,
    world: &World,
    vault: &Vault,
) -> Result<MediationView> {
    let words = Words {
        id: mediation.id.0,
        shown: parties_shown_to(by, mediation),
        vault,
    };
    let people = if words.shown {
        let people = mediation.parties.iter().map(|p| party(p, &words));
        Some(people.collect::<Result<_>>()?)
    } else {
        None
    };
    let sessions = mediation.sessions.iter().map(|session| {
        Ok(MediationSessionView {
            no: session.no,
            at: session.at.rfc3339(),
            place: words.of(Some(&session.place))?,
            outcome: session.outcome.map(|outcome| outcome.as_str().to_owned()),
            note: words.of(session.note.as_ref())?,
        })
    });
    let ways = mediation.ways.iter().map(|way| WayView {
        way: way.as_str().to_owned(),
        zh: way.zh().to_owned(),
        en: way.en().to_owned(),
    });
    Ok(MediationView {
        summary: summary(row, mediation, world),
        people,
        mediator_person: words.of(mediation.mediator_person.as_ref())?,
        sessions: sessions.collect::<Result<_>>()?,
        limit_until: mediation.clock(Due::Limit).map(|clock| clock.at.rfc3339()),
        extended: mediation.extended,
        agreement: mediation
            .agreement
            .as_ref()
            .map(|agreed| agreement(agreed, &words))
            .transpose()?,
        reason: words.of(mediation.reason.as_ref())?,
        ways: ways.collect(),
        may: acts_open_to(by, mediation)
            .into_iter()
            .map(address)
            .collect(),
    })
}

/// The rest of the address of an act.
fn address(act: MediationAct) -> String {
    match act {
        MediationAct::AddParty => "parties",
        MediationAct::SetSession => "sessions",
        MediationAct::HoldSession => "session-held",
        MediationAct::CheckPerformance => "performance",
        MediationAct::AskCourt => "ask-court",
        MediationAct::AnswerCourt => "court",
        other => other.as_str(),
    }
    .to_owned()
}

fn party(party: &PartyState, words: &Words<'_>) -> Result<PartyView> {
    let contact = words.vault.open_sealed(words.id, &party.words)?;
    let masked = contact.as_ref().map(masked);
    let (name_masked, phone_masked) = masked.map_or((None, None), |masked| {
        (masked.name_masked, masked.phone_masked)
    });
    Ok(PartyView {
        no: party.no,
        role: party.role.as_str().to_owned(),
        consents: party.consents,
        left_at: party.left_at.map(Timestamp::rfc3339),
        name_masked,
        phone_masked,
    })
}

fn agreement(agreement: &Agreement, words: &Words<'_>) -> Result<AgreementView> {
    let checks = agreement.checks.iter().map(|check| {
        Ok(PerformanceView {
            at: check.at.rfc3339(),
            result: check.result.as_str().to_owned(),
            note: words.of(check.note.as_ref())?,
        })
    });
    let court = match &agreement.court {
        None => None,
        Some(court) => Some(CourtView {
            asked_on: court.asked_on.to_string(),
            confirmed: court.confirmed,
            note: words.of(court.note.as_ref())?,
        }),
    };
    Ok(AgreementView {
        form: agreement.form.as_str().to_owned(),
        text: words.of(Some(&agreement.text))?,
        effect: agreement.effect.to_string(),
        perform_by: agreement.perform_by.to_string(),
        court_until: agreement.court_until.rfc3339(),
        checks: checks.collect::<Result<_>>()?,
        court,
    })
}
