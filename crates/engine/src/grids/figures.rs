//! The cases of one grid, counted from the rows; days on which the grid was changed are marked, because a figure before such a
//! day is about other land than one after it.

use jingwei_core::access::Principal;
use jingwei_core::grids::GridAct;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::time::{Day, Timestamp};
use jingwei_store::grids as store;
use serde::Serialize;
use utoipa::ToSchema;

use super::{rows, sees};
use crate::error::Result;
use crate::node::Node;

/// Cases at one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GridStage {
    /// The stage.
    pub stage: String,
    /// Something is still to be done.
    pub open: bool,
    /// Cases.
    pub cases: i64,
}

/// A day on which the grid became another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GridChangeOn {
    /// The day.
    pub on: String,
    /// `draw`, `import`, `split`, `join`, `move` or `withdraw`.
    pub act: String,
}

/// The cases of a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GridFigures {
    /// Code of the grid.
    pub code: String,
    /// First day of the reports counted.
    pub from: String,
    /// Last day.
    pub to: String,
    /// By stage as they stand now.
    pub stages: Vec<GridStage>,
    /// All of them.
    pub cases: i64,
    /// Days within the span on which the border changed: figures before and after are not of the same land.
    pub changed: Vec<GridChangeOn>,
}

impl Node {
    /// Cases of the grid known under `code`, reported from one day to another (the last 30 days when not said). Of a grid
    /// that ended its own cases are counted, not those of the grids that took over.
    pub async fn grid_figures(
        &self,
        by: &Principal,
        code: &str,
        from: Option<Day>,
        to: Option<Day>,
    ) -> Result<GridFigures> {
        let place = self.place();
        let grid = place
            .grids
            .coded(code)
            .last()
            .filter(|grid| grid.divisions().any(|division| sees(by, division)));
        let (id, code) = grid
            .map(|grid| (grid.id().0, grid.code().to_owned()))
            .ok_or(Refusal::NotFound)?;
        let to = to.unwrap_or_else(|| self.now().local_day());
        let from = from.unwrap_or_else(|| (0..29).fold(to, |day, _| day.prev()));
        if from > to {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "?from",
                "before_start",
                "起始日晚于截止日",
                "the first day is after the last",
            )])
            .into());
        }
        let span = (
            Timestamp::local_midnight(from).0,
            Timestamp::local_midnight(to.next()).0,
        );
        let (counts, versions) = self
            .read(move |tx| {
                Ok((
                    store::count_cases(tx, id, span)?,
                    store::versions_of(tx, &[id])?,
                ))
            })
            .await?;
        let versions = versions
            .iter()
            .map(rows::grid)
            .collect::<Result<Vec<_>>>()?;
        let mut changed = Vec::new();
        for (i, version) in versions.iter().enumerate() {
            let other = i == 0
                || versions[i - 1].shape != version.shape
                || versions[i - 1].season != version.season;
            if other {
                changed.push((version.valid_from, version.about.act));
            }
        }
        if let Some(end) = versions.last().and_then(|version| version.valid_to) {
            changed.push((end.next(), GridAct::Withdraw));
        }
        Ok(GridFigures {
            code,
            from: from.to_string(),
            to: to.to_string(),
            cases: counts.iter().map(|count| count.cases).sum(),
            stages: counts
                .into_iter()
                .map(|count| GridStage {
                    stage: count.stage,
                    open: count.open,
                    cases: count.cases,
                })
                .collect(),
            changed: changed
                .into_iter()
                .filter(|(day, _)| (from..=to).contains(day))
                .map(|(day, act)| GridChangeOn {
                    on: day.to_string(),
                    act: act.as_str().to_owned(),
                })
                .collect(),
        })
    }
}
