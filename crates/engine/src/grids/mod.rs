//! The room `grids`: acts on grids, what people see of them, the grid of a point.
//!
//! A change is decided on the rows that stand, staged as an import is, and becomes valid by one event. Grids are seen by whoever
//! holds a post whose area holds one of their divisions or lies in one; others get the answer of a grid that does not exist.

mod body;
mod change;
mod datum_guess;
mod export;
mod figures;
mod generate;
mod import;
mod look_up;
mod quality;
pub(crate) mod rows;
mod view;

pub use body::{
    AboutBody, BorderBody, DescribeBody, DrawBody, JoinBody, MoveBody, MovedBody, NameBody,
    SiteBody, SplitBody, WithdrawBody,
};
pub use change::{GridAnswer, GridChanged};
pub use export::{ExportQuery, MapFileOut};
pub use figures::{GridChangeOn, GridFigures, GridStage};
pub use generate::{GenerateOptions, Generated, SOURCE as GENERATED};
pub use import::{ImportNote, MapImportOptions, MapImportReport};
pub use jingwei_mapfiles::Format;
pub use look_up::{MOST_LOOK_UPS, PointsBody, PointsView};
pub use quality::{ProblemView, QualityView};
pub use view::{BorderView, GridDetail, GridPage, GridQuery, GridVersion, GridView, WorkerView};

use jingwei_core::access::Principal;
use jingwei_core::code::DivisionCode;
use jingwei_core::grids::LoadRules;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::Settings;

use crate::error::Result;
use crate::world::World;

/// Whether somebody sees the grids of a division.
pub(crate) fn sees(by: &Principal, division: &DivisionCode) -> bool {
    by.posts()
        .iter()
        .any(|post| post.covers(division) || post.codes.iter().any(|code| division.covers(code)))
}

pub(crate) fn load_rules(settings: &Settings) -> LoadRules {
    LoadRules {
        least: settings.grid_households_least,
        most: settings.grid_households_most,
    }
}

impl World {
    /// The codes of all days of the division to which a list is narrowed; none: it is not.
    ///
    /// Errors: `?division` when there is no such division.
    fn within(&self, division: Option<&str>) -> Result<Option<Vec<DivisionCode>>> {
        let Some(text) = division else {
            return Ok(None);
        };
        let code = DivisionCode::parse(text).filter(|code| self.directory.division(code).is_some());
        let code = code.ok_or_else(|| {
            Refusal::Invalid(vec![FieldFault::new(
                "?division",
                "unknown_division",
                "没有这个行政区划",
                "there is no such division",
            )])
        })?;
        Ok(Some(self.directory.codes_of(&code)))
    }
}
