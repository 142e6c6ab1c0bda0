//! The timeline of a mediation: each event as a sentence, in both languages. Who does not see the parties does not read
//! what was said either.

use jingwei_core::mediation::{
    AgreementForm, Mediation, MediationEvent, PartyRole, Performance, SessionOutcome, Way,
};
use jingwei_core::sealed::Sealed;
use uuid::Uuid;

use crate::error::Result;
use crate::things::{Sentence, opened};
use crate::vault::Vault;

fn ways(ways: &[Way]) -> (String, String) {
    if ways.is_empty() {
        return Default::default();
    }
    let zh: Vec<&str> = ways.iter().map(|way| way.zh()).collect();
    let en: Vec<&str> = ways.iter().map(|way| way.en()).collect();
    (
        format!("。已告知：{}", zh.join("；")),
        format!(". The parties were told: {}", en.join("; ")),
    )
}

/// The sentence of an event.
pub(super) fn sentence(
    event: &MediationEvent,
    mediation: &Mediation,
    id: Uuid,
    shown: bool,
    vault: &Vault,
) -> Result<Sentence> {
    let more = |sealed: Option<&Sealed<String>>| -> Result<String> {
        Ok(match sealed.filter(|_| shown) {
            Some(sealed) => format!("：{}", opened(vault, id, sealed)?),
            None => String::new(),
        })
    };
    let plain = |zh: &str, en: &str| (None, zh.to_owned(), en.to_owned());
    Ok(match event {
        MediationEvent::Opened(e) => {
            let parties = e
                .parties
                .iter()
                .filter(|party| party.role == PartyRole::Party)
                .count();
            (
                Some(e.mediator.unit),
                format!(
                    "发起调解（{}），当事人 {parties} 方，由 {} 调解",
                    e.class.name_zh, e.mediator.name
                ),
                format!(
                    "mediation opened ({}), {parties} parties, by {}",
                    e.class.name_en, e.mediator.name
                ),
            )
        }
        MediationEvent::PartyAdded(e) => {
            let (zh, en) = match e.party.role {
                PartyRole::Party => ("当事人", "party"),
                PartyRole::Agent => ("代理人", "agent"),
            };
            (
                None,
                format!("登记第 {} 位{zh}", e.party.no),
                format!("{en} {} added", e.party.no),
            )
        }
        MediationEvent::ConsentNoted(e) => (
            None,
            format!("第 {} 位当事人同意调解", e.party),
            format!("party {} consents to the mediation", e.party),
        ),
        MediationEvent::PartyLeft(e) => {
            let (ways_zh, ways_en) = ways(&e.ways);
            let (end_zh, end_en) = if e.ends {
                ("，调解终止", ", the mediation ends")
            } else {
                ("", "")
            };
            let reason = more(Some(&e.reason))?;
            (
                None,
                format!("第 {} 位当事人退出{end_zh}{reason}{ways_zh}", e.party),
                format!("party {} leaves{end_en}{reason}{ways_en}", e.party),
            )
        }
        MediationEvent::Appointed(e) => (
            Some(e.mediator.unit),
            format!("改由 {} 调解", e.mediator.name),
            format!("{} mediates from now on", e.mediator.name),
        ),
        MediationEvent::SessionSet(e) => {
            let (at, place) = (e.at.rfc3339(), more(Some(&e.place))?);
            (
                None,
                format!("安排第 {} 次调解，{at}{place}", e.session),
                format!("session {} set for {at}{place}", e.session),
            )
        }
        MediationEvent::SessionHeld(e) => {
            let (zh, en) = match e.outcome {
                SessionOutcome::Continues => ("继续调解", "it goes on"),
                SessionOutcome::Nearer => ("意见趋于一致", "the parties came nearer"),
                SessionOutcome::Absent => ("有一方未到", "somebody did not come"),
                SessionOutcome::NoResult => ("未谈成", "without result"),
            };
            let note = more(e.note.as_ref())?;
            (
                None,
                format!("第 {} 次调解：{zh}{note}", e.session),
                format!("session {}: {en}{note}", e.session),
            )
        }
        MediationEvent::Extended(e) => {
            let reason = more(Some(&e.reason))?;
            (
                None,
                format!("经各方同意延长 {}{reason}", e.limit.limit),
                format!(
                    "extended by {} with everybody's consent{reason}",
                    e.limit.limit
                ),
            )
        }
        MediationEvent::LimitPassed(_) => plain(
            "调解期限已过，提醒调解人：请登记协议，或终止调解并告知其他途径",
            "the limit has passed; the mediator is reminded to record an agreement, or to end it and name the other ways",
        ),
        MediationEvent::Agreed(e) => {
            let (zh, en) = match e.form {
                AgreementForm::Written => ("书面协议", "in writing"),
                AgreementForm::Oral => ("口头协议，已记录", "by oral record"),
            };
            let text = more(Some(&e.text))?;
            (
                None,
                format!("达成{zh}，{} 生效，履行至 {}{text}", e.effect, e.perform_by),
                format!(
                    "agreed {en}, effective {}, to be performed by {}{text}",
                    e.effect, e.perform_by
                ),
            )
        }
        MediationEvent::Failed(e) => {
            let (ways_zh, ways_en) = ways(&e.ways);
            let reason = more(Some(&e.reason))?;
            (
                None,
                format!("调解不成，终止调解{reason}{ways_zh}"),
                format!("the mediation failed and ends{reason}{ways_en}"),
            )
        }
        MediationEvent::PerformanceDue(_) => plain(
            "履行期限已到，提醒调解人回访",
            "the time to perform is over; the mediator is reminded to check",
        ),
        MediationEvent::PerformanceChecked(e) => {
            let (zh, en) = match e.result {
                Performance::Performed => ("已履行", "performed"),
                Performance::Partly => ("部分履行", "partly performed"),
                Performance::Not => ("未履行", "not performed"),
            };
            let (ways_zh, ways_en) = ways(&e.ways);
            let (until_zh, until_en) = e.perform_by.map_or_else(Default::default, |day| {
                (
                    format!("，宽限至 {day}"),
                    format!(", further time until {day}"),
                )
            });
            let note = more(e.note.as_ref())?;
            (
                None,
                format!("回访：{zh}{until_zh}{note}{ways_zh}"),
                format!("checked: {en}{until_en}{note}{ways_en}"),
            )
        }
        MediationEvent::CourtAsked(e) => (
            None,
            format!("双方于 {} 共同申请司法确认", e.on),
            format!(
                "the parties asked the court together on {} to confirm it",
                e.on
            ),
        ),
        MediationEvent::CourtAnswered(e) => {
            let (zh, en) = if e.confirmed {
                ("法院确认协议有效", "the court confirmed the agreement")
            } else {
                ("法院未予确认", "the court did not confirm the agreement")
            };
            let note = more(e.note.as_ref())?;
            (None, format!("{zh}{note}"), format!("{en}{note}"))
        }
        MediationEvent::CourtPeriodEnded(_) => {
            let effect = mediation
                .agreement
                .as_ref()
                .map(|agreement| agreement.effect.to_string())
                .unwrap_or_default();
            (
                None,
                format!("申请司法确认的期限已过（协议 {effect} 生效）"),
                format!("the time to ask the court is over (effective {effect})"),
            )
        }
    })
}
