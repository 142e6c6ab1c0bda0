//! What people send about whistles, checked field by field.

use jingwei_core::code::DivisionCode;
use jingwei_core::id::{CaseId, UnitId};
use jingwei_core::place::Point;
use jingwei_core::whistles::{
    Blow, Rating, Task, TaskOutcome, WhistleCommand, WhistleKind, WhistleOutcome,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::fields::Check;
use crate::cases::{ArriveBody, MOST_TEXT, PositionBody, ReasonBody};
use crate::error::Result;
use crate::things::new_id;
use crate::vault::Sealer;

/// 吹哨
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlowBody {
    /// Id of the whistle: a UUIDv7 made by the sender.
    #[schema(format = "uuid")]
    pub id: String,
    /// `request` (群众诉求哨), `enforcement` (综合执法哨) or `emergency` (应急哨).
    pub kind: String,
    /// The case it is about.
    #[schema(format = "uuid")]
    pub case: Option<String>,
    /// Code of the town or community where the units have to come.
    pub division: String,
    /// Where exactly.
    pub position: Option<PositionBody>,
    /// Why, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// Ids of the units called, 1 to 20.
    #[schema(max_items = 20)]
    pub units: Vec<String>,
    /// Ids of units that are told and not called (抄告), at most 20.
    #[schema(max_items = 20)]
    pub copies: Option<Vec<String>>,
}

/// 应哨
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhistleAnswerBody {
    /// Refused when the whistle has another version by now.
    pub version: Option<u32>,
    /// By when the unit is there; left out: within the limit of the kind of whistle.
    #[schema(format = "date-time")]
    pub by: Option<String>,
}

/// A task for one unit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhistleTaskBody {
    /// Id of the unit; it is there.
    #[schema(format = "uuid")]
    pub unit: String,
    /// What it has to do, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// 分派任务
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhistleTasksBody {
    /// Refused when the whistle has another version by now.
    pub version: Option<u32>,
    /// Whose is what, 1 to 20.
    #[schema(max_items = 20)]
    pub tasks: Vec<WhistleTaskBody>,
}

/// 办结任务
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhistleFinishBody {
    /// Refused when the whistle has another version by now.
    pub version: Option<u32>,
    /// `done`, `partly` or `not_done`.
    pub outcome: String,
    /// What was done, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub result: String,
}

/// 限期交办
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhistleInstructBody {
    /// Refused when the whistle has another version by now.
    pub version: Option<u32>,
    /// Until when, within 30 days.
    #[schema(format = "date-time")]
    pub by: String,
    /// What is said to the unit, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub words: String,
}

/// 收哨
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhistleCloseBody {
    /// Refused when the whistle has another version by now.
    pub version: Option<u32>,
    /// `resolved`, `partly`, `unresolved` or `withdrawn`.
    pub outcome: String,
    /// In words, at most 2,000 characters.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}

/// 互评
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhistleRateBody {
    /// Refused when the whistle has another version by now.
    pub version: Option<u32>,
    /// Id of the unit that is rated: a called unit, or the unit that blew.
    #[schema(format = "uuid")]
    pub unit: String,
    /// `satisfied`, `basic` or `dissatisfied`.
    pub level: String,
}

/// An act with its body, and the unit it is about.
#[derive(Debug, Clone)]
pub enum WhistleActBody {
    /// 应哨
    Answer(Uuid, WhistleAnswerBody),
    /// 答复不来
    Refuse(Uuid, ReasonBody),
    /// 到场签到
    Arrive(Uuid, ArriveBody),
    /// 分派任务
    Tasks(WhistleTasksBody),
    /// 办结任务
    Finish(Uuid, WhistleFinishBody),
    /// 同意撤回
    Release(Uuid, ReasonBody),
    /// 上报上级
    Raise(Uuid, ReasonBody),
    /// 限期交办
    Instruct(Uuid, WhistleInstructBody),
    /// 收哨
    Close(WhistleCloseBody),
    /// 互评
    Rate(WhistleRateBody),
}

impl BlowBody {
    /// The id, if it is one.
    pub(crate) fn thing_id(&self) -> Result<Uuid> {
        new_id(&self.id)
    }

    pub(crate) fn command(&self, sealer: &Sealer<'_>) -> Result<WhistleCommand> {
        let mut check = Check::default();
        let kind = check.word(
            "/kind",
            Some(&self.kind),
            WhistleKind::parse,
            "request, enforcement, emergency",
        );
        let place = check.word(
            "/division",
            Some(&self.division),
            DivisionCode::parse,
            "行政区划代码 9 或 12 位 / a division code of 9 or 12 digits",
        );
        let case = self.case.as_ref().map(|id| check.id("/case", id));
        let position = self.position.as_ref().map(|p| check.position(p));
        let reason = check.text("/reason", &self.reason, MOST_TEXT);
        let units = ids(&mut check, "/units", &self.units);
        let copies = ids(
            &mut check,
            "/copies",
            self.copies.as_deref().unwrap_or_default(),
        );
        let (kind, place, reason) = check.finish(kind.zip(place).zip(reason).map(flat))?;
        let position = position
            .flatten()
            .map(|position| sealer.seal(&position))
            .transpose()?;
        Ok(WhistleCommand::Blow(Box::new(Blow {
            kind,
            case: case.flatten().map(CaseId),
            place,
            position,
            reason: sealer.seal(&reason)?,
            units,
            copies,
        })))
    }
}

fn flat<A, B, C>(((a, b), c): ((A, B), C)) -> (A, B, C) {
    (a, b, c)
}

fn ids(check: &mut Check, pointer: &str, ids: &[String]) -> Vec<UnitId> {
    ids.iter()
        .enumerate()
        .filter_map(|(i, id)| check.id(&format!("{pointer}/{i}"), id))
        .map(UnitId)
        .collect()
}

impl WhistleActBody {
    /// The version the sender saw.
    pub fn version(&self) -> Option<u32> {
        match self {
            Self::Answer(_, b) => b.version,
            Self::Refuse(_, b) | Self::Release(_, b) | Self::Raise(_, b) => b.version,
            Self::Arrive(_, b) => b.version,
            Self::Tasks(b) => b.version,
            Self::Finish(_, b) => b.version,
            Self::Instruct(_, b) => b.version,
            Self::Close(b) => b.version,
            Self::Rate(b) => b.version,
        }
    }

    /// Whether it says where a unit is: only the distance to the place is kept.
    pub(crate) fn is_arrival(&self) -> bool {
        matches!(self, Self::Arrive(..))
    }

    /// Checks the fields and seals the words; `place` is where the units have to come.
    pub(crate) fn command(
        &self,
        sealer: &Sealer<'_>,
        place: Option<Point>,
    ) -> Result<WhistleCommand> {
        let mut check = Check::default();
        let command = match self {
            Self::Answer(unit, b) => {
                let by = b.by.as_ref().map(|at| check.instant("/by", at));
                Some(WhistleCommand::Answer {
                    unit: UnitId(*unit),
                    by: by.flatten(),
                })
            }
            Self::Refuse(unit, b) => check
                .line("/reason", &b.reason)
                .map(|text| sealer.seal(&text))
                .transpose()?
                .map(|reason| WhistleCommand::Refuse {
                    unit: UnitId(*unit),
                    reason,
                }),
            Self::Arrive(unit, b) => {
                let at = b.position.as_ref().and_then(|p| check.position(p));
                Some(WhistleCommand::Arrive {
                    unit: UnitId(*unit),
                    metres: at.zip(place).map(|(at, place)| at.point.metres_to(place)),
                })
            }
            Self::Tasks(b) => tasks(&mut check, &b.tasks, sealer)?.map(WhistleCommand::Tasks),
            Self::Finish(unit, b) => {
                let outcome = check.word(
                    "/outcome",
                    Some(&b.outcome),
                    TaskOutcome::parse,
                    "done, partly, not_done",
                );
                let result = check
                    .text("/result", &b.result, MOST_TEXT)
                    .map(|text| sealer.seal(&text))
                    .transpose()?;
                outcome
                    .zip(result)
                    .map(|(outcome, result)| WhistleCommand::Finish {
                        unit: UnitId(*unit),
                        outcome,
                        result,
                    })
            }
            Self::Release(unit, b) => check
                .line("/reason", &b.reason)
                .map(|text| sealer.seal(&text))
                .transpose()?
                .map(|reason| WhistleCommand::Release {
                    unit: UnitId(*unit),
                    reason,
                }),
            Self::Raise(unit, b) => check
                .line("/reason", &b.reason)
                .map(|text| sealer.seal(&text))
                .transpose()?
                .map(|reason| WhistleCommand::Raise {
                    unit: UnitId(*unit),
                    reason,
                }),
            Self::Instruct(unit, b) => {
                let by = check.instant("/by", &b.by);
                let words = check
                    .line("/words", &b.words)
                    .map(|text| sealer.seal(&text))
                    .transpose()?;
                by.zip(words).map(|(by, words)| WhistleCommand::Instruct {
                    unit: UnitId(*unit),
                    by,
                    words,
                })
            }
            Self::Close(b) => {
                let outcome = check.word(
                    "/outcome",
                    Some(&b.outcome),
                    WhistleOutcome::parse,
                    "resolved, partly, unresolved, withdrawn",
                );
                let note = b
                    .note
                    .as_ref()
                    .and_then(|note| check.text("/note", note, MOST_TEXT))
                    .map(|text| sealer.seal(&text))
                    .transpose()?;
                outcome.map(|outcome| WhistleCommand::Close { outcome, note })
            }
            Self::Rate(b) => {
                let unit = check.id("/unit", &b.unit).map(UnitId);
                let level = check.word(
                    "/level",
                    Some(&b.level),
                    Rating::parse,
                    "satisfied, basic, dissatisfied",
                );
                unit.zip(level)
                    .map(|(unit, level)| WhistleCommand::Rate { unit, level })
            }
        };
        check.finish(command)
    }
}

fn tasks(
    check: &mut Check,
    tasks: &[WhistleTaskBody],
    sealer: &Sealer<'_>,
) -> Result<Option<Vec<Task>>> {
    let mut all = Vec::with_capacity(tasks.len());
    let mut whole = true;
    for (i, task) in tasks.iter().enumerate() {
        let unit = check.id(&format!("/tasks/{i}/unit"), &task.unit);
        let text = check.text(&format!("/tasks/{i}/text"), &task.text, MOST_TEXT);
        match unit.zip(text) {
            Some((unit, text)) => all.push(Task {
                unit: UnitId(unit),
                text: sealer.seal(&text)?,
            }),
            None => whole = false,
        }
    }
    Ok(whole.then_some(all))
}
