//! The timeline of a whistle: each event as a sentence, in both languages.

use jingwei_core::code::Level;
use jingwei_core::id::UnitId;
use jingwei_core::whistles::{
    Rating, TaskOutcome, UnitNamed, Whistle, WhistleEvent, WhistleOutcome,
};
use uuid::Uuid;

use crate::error::Result;
use crate::things::{Sentence, opened};
use crate::vault::Vault;

/// The sentence of an event.
pub(super) fn sentence(
    event: &WhistleEvent,
    whistle: &Whistle,
    id: Uuid,
    vault: &Vault,
) -> Result<Sentence> {
    let name = |unit: UnitId| {
        if unit == whistle.town {
            return whistle.town_name.as_str().to_owned();
        }
        whistle
            .call(unit)
            .map(|call| call.name.as_str().to_owned())
            .unwrap_or_default()
    };
    let open = |sealed| opened(vault, id, sealed);
    Ok(match event {
        WhistleEvent::Blown(e) => {
            let all = |units: Vec<&UnitNamed>, by: &str| {
                let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
                names.join(by)
            };
            let called = |by| all(e.calls.iter().map(|call| &call.unit).collect(), by);
            let copied = |by| all(e.copies.iter().collect(), by);
            let (mut zh, mut en) = (
                format!("吹{}，叫 {}", e.kind.zh(), called("、")),
                format!("{}: called {}", e.kind.en(), called(", ")),
            );
            if !e.copies.is_empty() {
                zh.push_str(&format!("；抄告 {}", copied("、")));
                en.push_str(&format!("; told by copy: {}", copied(", ")));
            }
            let reason = open(&e.reason)?;
            (None, format!("{zh}：{reason}"), format!("{en}: {reason}"))
        }
        WhistleEvent::Answered(e) => (
            Some(e.unit),
            format!("{} 应哨，{} 前到场", name(e.unit), e.by.local_clock()),
            format!("{} comes, by {}", name(e.unit), e.by.local_clock()),
        ),
        WhistleEvent::RefusedToCome(e) => {
            let reason = open(&e.reason)?;
            (
                Some(e.unit),
                format!("{} 答复不来：{reason}", name(e.unit)),
                format!("{} will not come: {reason}", name(e.unit)),
            )
        }
        WhistleEvent::Arrived(e) => {
            let (zh, en) = e.metres.map_or_else(Default::default, |metres| {
                (
                    format!("，距现场 {metres} 米"),
                    format!(", {metres} m from the place"),
                )
            });
            (
                Some(e.unit),
                format!("{} 到场签到{zh}", name(e.unit)),
                format!("{} checked in{en}", name(e.unit)),
            )
        }
        WhistleEvent::TasksGiven(e) => {
            let tasks = e
                .tasks
                .iter()
                .map(|task| Ok(format!("{}：{}", name(task.unit), open(&task.text)?)))
                .collect::<Result<Vec<_>>>()?
                .join("；");
            (
                None,
                format!("分派任务：{tasks}"),
                format!("tasks given: {tasks}"),
            )
        }
        WhistleEvent::Finished(e) => {
            let (zh, en) = match e.outcome {
                TaskOutcome::Done => ("办完任务", "has done its task"),
                TaskOutcome::Partly => ("部分办完任务", "has done part of its task"),
                TaskOutcome::NotDone => ("无法办完任务", "could not do its task"),
            };
            let result = open(&e.result)?;
            (
                Some(e.unit),
                format!("{} {zh}：{result}", name(e.unit)),
                format!("{} {en}: {result}", name(e.unit)),
            )
        }
        WhistleEvent::Released(e) => {
            let reason = open(&e.reason)?;
            (
                Some(e.unit),
                format!("同意 {} 撤回：{reason}", name(e.unit)),
                format!("{} was released: {reason}", name(e.unit)),
            )
        }
        WhistleEvent::Raised(e) => {
            let (level_zh, level_en) = level(e.level);
            let centre = e.centre.as_ref().map_or("", |centre| centre.name.as_str());
            let (again_zh, again_en) = if e.again {
                ("再次", " again; nobody is above")
            } else {
                ("", "")
            };
            let reason = e.reason.as_ref().map(open).transpose()?;
            let more = reason
                .map(|reason| format!("：{reason}"))
                .unwrap_or_default();
            (
                Some(e.unit),
                format!(
                    "{}{}，{again_zh}升级到{level_zh}（{centre}）{more}",
                    name(e.unit),
                    e.because.zh()
                ),
                format!(
                    "{}: {}, raised to the {level_en} ({centre}){again_en}{more}",
                    name(e.unit),
                    e.because.en()
                ),
            )
        }
        WhistleEvent::Instructed(e) => {
            let words = open(&e.words)?;
            let by = e.by.rfc3339();
            (
                Some(e.unit),
                format!("上级限期交办 {}（至 {by}）：{words}", name(e.unit)),
                format!(
                    "the level above instructed {} (until {by}): {words}",
                    name(e.unit)
                ),
            )
        }
        WhistleEvent::Closed(e) => {
            let (zh, en) = match e.outcome {
                WhistleOutcome::Resolved => ("已解决", "resolved"),
                WhistleOutcome::Partly => ("部分解决", "partly resolved"),
                WhistleOutcome::Unresolved => ("未解决", "not resolved"),
                WhistleOutcome::Withdrawn => ("误吹，撤哨", "a mistake, withdrawn"),
            };
            let note = e.note.as_ref().map(open).transpose()?;
            let more = note.map(|note| format!("：{note}")).unwrap_or_default();
            (
                None,
                format!("收哨（{zh}）{more}"),
                format!("closed ({en}){more}"),
            )
        }
        WhistleEvent::RatingGiven(e) => {
            let (zh, en) = match e.level {
                Rating::Satisfied => ("满意", "satisfied"),
                Rating::Basic => ("基本满意", "basically satisfied"),
                Rating::Dissatisfied => ("不满意", "dissatisfied"),
            };
            (
                Some(e.unit),
                format!("{} 评价 {}：{zh}", name(e.by), name(e.unit)),
                format!("{} rated {}: {en}", name(e.by), name(e.unit)),
            )
        }
        WhistleEvent::RatingEnded(e) => (
            None,
            format!("互评到期，还有 {} 项未评", e.missing),
            format!(
                "the time to rate is over; {} ratings are missing",
                e.missing
            ),
        ),
    })
}

fn level(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Grid => ("网格", "grid"),
        Level::Community => ("村（社区）", "community"),
        Level::Town => ("乡镇（街道）", "town"),
        Level::County => ("县（市、区）", "county"),
        Level::City => ("市（州）", "city"),
        Level::Province => ("省", "province"),
    }
}
