//! What people send about mediations, checked field by field.

use jingwei_core::cases::Contact;
use jingwei_core::id::{CaseId, UnitId};
use jingwei_core::mediation::{
    AgreementForm, MediationCommand, NewParty, Open, PartyRole, Performance, SessionOutcome,
};
use jingwei_core::sealed::Sealed;
use jingwei_core::time::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::fields::Check;
use crate::cases::{MOST_NAME, MOST_TEXT, ReasonBody};
use crate::error::Result;
use crate::things::new_id;
use crate::vault::Sealer;

/// Most characters of an agreement.
pub const MOST_AGREEMENT: usize = 10_000;

/// Somebody in the dispute.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyBody {
    /// `party` (当事人) or `agent` (代理人).
    pub role: String,
    /// Name of the person or institution, 1 to 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    pub name: String,
    /// Phone: 3 to 20 digits.
    #[schema(max_length = 30)]
    pub phone: Option<String>,
    /// Whether they consent to the mediation.
    pub consents: bool,
}

/// 发起调解
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenMediationBody {
    /// Id of the mediation: a UUIDv7 made by the sender.
    #[schema(format = "uuid")]
    pub id: String,
    /// Id of the case.
    #[schema(format = "uuid")]
    pub case: String,
    /// A duty officer or duty chief says that a case of another class than MD is a dispute.
    pub other_class: Option<bool>,
    /// The parties and their agents: at least two parties, at most 50 in all.
    #[schema(max_items = 50)]
    pub parties: Vec<PartyBody>,
    /// Id of the unit that mediates.
    #[schema(format = "uuid")]
    pub mediator: String,
    /// The mediator's name, at most 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    pub person: Option<String>,
}

/// 登记当事人
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationPartyBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// Who.
    pub party: PartyBody,
}

/// 记录当事人同意
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationConsentBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// Number of the party.
    pub party: u32,
}

/// 记录当事人退出
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationWithdrawBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// Number of the party.
    pub party: u32,
    /// Why, as they say it, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 指定调解人
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationAppointBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// Id of the unit.
    #[schema(format = "uuid")]
    pub unit: String,
    /// The mediator's name, at most 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    pub person: Option<String>,
}

/// 安排调解
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationSessionBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// Where, and what to bring, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub place: String,
}

/// 记录调解情况
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationHeldBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// Number of the session.
    pub session: u32,
    /// `continues`, `nearer`, `absent` or `no_result`.
    pub outcome: String,
    /// In words, at most 2,000 characters.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

/// 延长期限
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationExtendBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// All parties consent: without it the limit stays.
    pub consented: bool,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 登记协议
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationAgreeBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// `written` (书面协议) or `oral` (口头协议，由调解员记录).
    pub form: String,
    /// Its text, or the record of what was said, 1 to 10,000 characters.
    #[schema(min_length = 1, max_length = 10_000)]
    pub text: String,
    /// The day from which it binds.
    #[schema(format = "date")]
    pub effect: String,
    /// The last day to perform it.
    #[schema(format = "date")]
    pub perform_by: String,
}

/// 回访履行情况
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationPerformanceBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// `performed`, `partly` or `not`.
    pub result: String,
    /// In words, at most 2,000 characters.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// The last day of a further time to perform; left out when it is not performed, the mediation ends and the ways that are
    /// left are named.
    #[schema(format = "date")]
    pub perform_by: Option<String>,
}

/// 登记司法确认申请
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationAskCourtBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// The parties ask together.
    pub jointly: bool,
    /// The day they asked; left out: today.
    #[schema(format = "date")]
    pub on: Option<String>,
}

/// 登记司法确认结果
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationCourtBody {
    /// Refused when the mediation has another version by now.
    pub version: Option<u32>,
    /// Whether the court confirmed the agreement.
    pub confirmed: bool,
    /// In words, at most 2,000 characters.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

/// An act with its body.
#[derive(Debug, Clone)]
pub enum MediationActBody {
    /// 登记当事人
    AddParty(MediationPartyBody),
    /// 记录当事人同意
    Consent(MediationConsentBody),
    /// 记录当事人退出
    Withdraw(MediationWithdrawBody),
    /// 指定调解人
    Appoint(MediationAppointBody),
    /// 安排调解
    SetSession(MediationSessionBody),
    /// 记录调解情况
    HoldSession(MediationHeldBody),
    /// 延长期限
    Extend(MediationExtendBody),
    /// 登记协议
    Agree(MediationAgreeBody),
    /// 终止调解
    Fail(ReasonBody),
    /// 回访履行情况
    CheckPerformance(MediationPerformanceBody),
    /// 登记司法确认申请
    AskCourt(MediationAskCourtBody),
    /// 登记司法确认结果
    AnswerCourt(MediationCourtBody),
}

/// Checks fields and seals words.
struct Fields<'s> {
    check: Check,
    sealer: &'s Sealer<'s>,
}

impl Fields<'_> {
    fn sealed(&mut self, pointer: &str, text: &str, most: usize) -> Result<Option<Sealed<String>>> {
        self.check
            .text(pointer, text, most)
            .map(|text| self.sealer.seal(&text))
            .transpose()
    }

    fn line(&mut self, pointer: &str, text: &str) -> Result<Option<Sealed<String>>> {
        self.sealed(pointer, text, crate::cases::MOST_LINE)
    }

    fn optional(
        &mut self,
        pointer: &str,
        text: Option<&String>,
        most: usize,
    ) -> Result<Option<Sealed<String>>> {
        match text {
            Some(text) => self.sealed(pointer, text, most),
            None => Ok(None),
        }
    }

    fn unit(&mut self, pointer: &str, id: &str) -> Option<UnitId> {
        self.check.id(pointer, id).map(UnitId)
    }

    fn day(&mut self, pointer: &str, text: &str) -> Option<Day> {
        self.check
            .word(pointer, Some(text), Day::parse, "2026-11-20")
    }

    fn party(&mut self, at: &str, body: &PartyBody) -> Result<Option<NewParty>> {
        let role = self.check.word(
            &format!("{at}/role"),
            Some(&body.role),
            PartyRole::parse,
            "party, agent",
        );
        let name = self
            .check
            .text(&format!("{at}/name"), &body.name, MOST_NAME);
        let phone = body.phone.as_ref().map(|phone| {
            self.check.word(
                &format!("{at}/phone"),
                Some(phone),
                |p| jingwei_core::directory::is_phone(p).then(|| p.to_owned()),
                "3–20 位数字 / 3 to 20 digits",
            )
        });
        let Some((role, name)) = role.zip(name) else {
            return Ok(None);
        };
        let words = self.sealer.seal(&Contact {
            name: Some(name),
            phone: phone.flatten(),
        })?;
        Ok(Some(NewParty {
            role,
            consents: body.consents,
            words,
        }))
    }
}

impl OpenMediationBody {
    /// The id, if it is one.
    pub(crate) fn thing_id(&self) -> Result<Uuid> {
        new_id(&self.id)
    }

    pub(crate) fn command(&self, sealer: &Sealer<'_>) -> Result<MediationCommand> {
        let mut fields = Fields {
            check: Check::default(),
            sealer,
        };
        let case = fields.check.id("/case", &self.case).map(CaseId);
        let mut parties = Vec::with_capacity(self.parties.len());
        for (i, party) in self.parties.iter().enumerate() {
            parties.extend(fields.party(&format!("/parties/{i}"), party)?);
        }
        let mediator = fields.unit("/mediator", &self.mediator);
        let person = fields.optional("/person", self.person.as_ref(), MOST_NAME)?;
        let (case, mediator) = fields.check.finish(case.zip(mediator))?;
        Ok(MediationCommand::Open(Box::new(Open {
            case,
            other_class: self.other_class.unwrap_or(false),
            parties,
            mediator,
            person,
        })))
    }
}

impl MediationActBody {
    /// The version the sender saw.
    pub fn version(&self) -> Option<u32> {
        match self {
            Self::AddParty(b) => b.version,
            Self::Consent(b) => b.version,
            Self::Withdraw(b) => b.version,
            Self::Appoint(b) => b.version,
            Self::SetSession(b) => b.version,
            Self::HoldSession(b) => b.version,
            Self::Extend(b) => b.version,
            Self::Agree(b) => b.version,
            Self::Fail(b) => b.version,
            Self::CheckPerformance(b) => b.version,
            Self::AskCourt(b) => b.version,
            Self::AnswerCourt(b) => b.version,
        }
    }

    /// Checks the fields and seals the words.
    pub(crate) fn command(&self, sealer: &Sealer<'_>) -> Result<MediationCommand> {
        let mut fields = Fields {
            check: Check::default(),
            sealer,
        };
        let command = self.read(&mut fields)?;
        fields.check.finish(command)
    }

    fn read(&self, fields: &mut Fields<'_>) -> Result<Option<MediationCommand>> {
        Ok(match self {
            Self::AddParty(b) => fields
                .party("/party", &b.party)?
                .map(MediationCommand::AddParty),
            Self::Consent(b) => Some(MediationCommand::Consent { party: b.party }),
            Self::Withdraw(b) => {
                fields
                    .line("/reason", &b.reason)?
                    .map(|reason| MediationCommand::Withdraw {
                        party: b.party,
                        reason,
                    })
            }
            Self::Appoint(b) => {
                let unit = fields.unit("/unit", &b.unit);
                let person = fields.optional("/person", b.person.as_ref(), MOST_NAME)?;
                unit.map(|unit| MediationCommand::Appoint { unit, person })
            }
            Self::SetSession(b) => {
                let at = fields.check.instant("/at", &b.at);
                let place = fields.line("/place", &b.place)?;
                at.zip(place)
                    .map(|(at, place)| MediationCommand::SetSession { at, place })
            }
            Self::HoldSession(b) => {
                let outcome = fields.check.word(
                    "/outcome",
                    Some(&b.outcome),
                    SessionOutcome::parse,
                    "continues, nearer, absent, no_result",
                );
                let note = fields.optional("/note", b.note.as_ref(), MOST_TEXT)?;
                outcome.map(|outcome| MediationCommand::HoldSession {
                    session: b.session,
                    outcome,
                    note,
                })
            }
            Self::Extend(b) => {
                fields
                    .line("/reason", &b.reason)?
                    .map(|reason| MediationCommand::Extend {
                        consented: b.consented,
                        reason,
                    })
            }
            Self::Agree(b) => read_agreement(b, fields)?,
            Self::Fail(b) => fields
                .line("/reason", &b.reason)?
                .map(|reason| MediationCommand::Fail { reason }),
            Self::CheckPerformance(b) => {
                let result = fields.check.word(
                    "/result",
                    Some(&b.result),
                    Performance::parse,
                    "performed, partly, not",
                );
                let note = fields.optional("/note", b.note.as_ref(), MOST_TEXT)?;
                let perform_by = b
                    .perform_by
                    .as_ref()
                    .and_then(|day| fields.day("/perform_by", day));
                result.map(|result| MediationCommand::CheckPerformance {
                    result,
                    note,
                    perform_by,
                })
            }
            Self::AskCourt(b) => {
                let on = b.on.as_ref().and_then(|day| fields.day("/on", day));
                Some(MediationCommand::AskCourt {
                    jointly: b.jointly,
                    on,
                })
            }
            Self::AnswerCourt(b) => {
                let note = fields.optional("/note", b.note.as_ref(), MOST_TEXT)?;
                Some(MediationCommand::AnswerCourt {
                    confirmed: b.confirmed,
                    note,
                })
            }
        })
    }
}

fn read_agreement(
    body: &MediationAgreeBody,
    fields: &mut Fields<'_>,
) -> Result<Option<MediationCommand>> {
    let form = fields.check.word(
        "/form",
        Some(&body.form),
        AgreementForm::parse,
        "written, oral",
    );
    let text = fields.sealed("/text", &body.text, MOST_AGREEMENT)?;
    let effect = fields.day("/effect", &body.effect);
    let perform_by = fields.day("/perform_by", &body.perform_by);
    Ok(form
        .zip(text)
        .zip(effect.zip(perform_by))
        .map(
            |((form, text), (effect, perform_by))| MediationCommand::Agree {
                form,
                text,
                effect,
                perform_by,
            },
        ))
}
