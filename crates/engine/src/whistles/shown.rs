//! From the state of a whistle to what somebody sees of it.

use jingwei_core::access::Principal;
use jingwei_core::sealed::Sealed;
use jingwei_core::time::Timestamp;
use jingwei_core::whistles::{Call, CallStage, Whistle, WhistleAct, WhistleStage, acts_open_to};
use jingwei_store::things::ThingRow;
use uuid::Uuid;

use super::view::{
    RaisedView, WhistleCallView, WhistleRatingView, WhistleSummary, WhistleTaskView, WhistleView,
};
use crate::cases::PositionView;
use crate::error::Result;
use crate::things::opened;
use crate::vault::Vault;
use crate::world::World;

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

/// A whistle in a list.
pub(super) fn summary(row: &ThingRow, whistle: &Whistle, world: &World) -> WhistleSummary {
    let division = world.division_ref(&whistle.code);
    let raised = whistle.calls.iter().filter_map(|call| call.raised);
    WhistleSummary {
        id: whistle.id.0,
        version: whistle.version,
        sequence: row.updated_seq,
        kind: whistle.kind.as_str().to_owned(),
        stage: whistle.stage.as_str().to_owned(),
        open: whistle.stage == WhistleStage::Blown,
        title_zh: format!("{} · {}", division.name, whistle.kind.zh()),
        title_en: format!("{} · {}", division.name, whistle.kind.en()),
        division,
        town: world.unit_ref(whistle.town, Some(&whistle.town_name)),
        case: whistle.case.map(|case| case.0),
        called: count(whistle.calls.iter()),
        arrived: count(
            whistle
                .calls
                .iter()
                .filter(|call| matches!(call.stage, CallStage::Present | CallStage::Done)),
        ),
        raised_to: raised
            .map(|(level, _)| level)
            .max()
            .map(|level| level.as_str().to_owned()),
        blown_at: whistle.blown_at.rfc3339(),
        updated_at: whistle.updated_at.rfc3339(),
        next_due: row.next_due.map(|due| Timestamp(due).rfc3339()),
    }
}

/// One whistle.
pub(super) fn whistle(
    row: &ThingRow,
    whistle: &Whistle,
    by: &Principal,
    world: &World,
    vault: &Vault,
) -> Result<WhistleView> {
    let id = whistle.id.0;
    let position = match &whistle.position {
        Some(sealed) => vault.open_sealed(id, sealed)?.map(|p| PositionView {
            lon: p.point.lon(),
            lat: p.point.lat(),
            accuracy_m: p.accuracy_m,
        }),
        None => None,
    };
    let ratings = whistle.ratings.iter().map(|rated| WhistleRatingView {
        by: world.unit_ref(rated.by, None),
        unit: world.unit_ref(rated.unit, None),
        level: rated.level.as_str().to_owned(),
    });
    let may = acts_open_to(by, whistle).into_iter().map(|(act, unit)| {
        let word = act.as_str();
        match (act, unit) {
            (WhistleAct::Task, _) => "tasks".to_owned(),
            (WhistleAct::Rate, Some(unit)) => format!("{word} {unit}"),
            (_, Some(unit)) => format!("calls/{unit}/{word}"),
            (_, None) => word.to_owned(),
        }
    });
    Ok(WhistleView {
        summary: summary(row, whistle, world),
        path: whistle
            .code
            .path()
            .iter()
            .map(|code| world.division_ref(code))
            .collect(),
        position,
        reason: opened(vault, id, &whistle.reason)?,
        calls: whistle
            .calls
            .iter()
            .map(|call| call_view(call, id, world, vault))
            .collect::<Result<_>>()?,
        copies: whistle
            .copies
            .iter()
            .map(|copy| world.unit_ref(copy.unit, Some(&copy.name)))
            .collect(),
        outcome: whistle.outcome.map(|outcome| outcome.as_str().to_owned()),
        note: some(vault, id, whistle.note.as_ref())?,
        ratings: ratings.collect(),
        rate_until: whistle.rating.map(|clock| clock.due.rfc3339()),
        may: may.collect(),
    })
}

fn some(vault: &Vault, id: Uuid, sealed: Option<&Sealed<String>>) -> Result<Option<String>> {
    sealed.map(|sealed| opened(vault, id, sealed)).transpose()
}

fn call_view(call: &Call, id: Uuid, world: &World, vault: &Vault) -> Result<WhistleCallView> {
    let tasks = call.tasks.iter().map(|task| {
        Ok(WhistleTaskView {
            text: opened(vault, id, &task.text)?,
            given_at: task.at.rfc3339(),
            done_at: task.done_at.map(Timestamp::rfc3339),
            outcome: task.outcome.map(|outcome| outcome.as_str().to_owned()),
            result: some(vault, id, task.result.as_ref())?,
        })
    });
    let raised = match call.raised {
        None => None,
        Some((level, because)) => Some(RaisedView {
            level: level.as_str().to_owned(),
            centre: call
                .raised_to
                .as_ref()
                .map(|centre| world.unit_ref(centre.unit, Some(&centre.name))),
            because: because.as_str().to_owned(),
            because_zh: because.zh().to_owned(),
            because_en: because.en().to_owned(),
            reason: some(vault, id, call.raised_reason.as_ref())?,
            times: call.raises,
            instruction: some(vault, id, call.instruction.as_ref())?,
        }),
    };
    Ok(WhistleCallView {
        unit: world.unit_ref(call.unit, Some(&call.name)),
        stage: call.stage.as_str().to_owned(),
        stage_zh: call.stage.zh().to_owned(),
        stage_en: call.stage.en().to_owned(),
        waiting_for: call.clock.map(|clock| clock.waiting.as_str().to_owned()),
        due_at: call.clock.map(|clock| clock.due.rfc3339()),
        late: call.late,
        answered_at: call.answered_at.map(Timestamp::rfc3339),
        coming_by: call.coming_by.map(Timestamp::rfc3339),
        arrived_at: call.arrived_at.map(Timestamp::rfc3339),
        arrived_metres: call.metres,
        reason: some(vault, id, call.reason.as_ref())?,
        tasks: tasks.collect::<Result<_>>()?,
        raised,
    })
}
