//! How well the grids of a division fit together, and what each carries.

use std::collections::{BTreeMap, HashSet};

use jingwei_core::access::Principal;
use jingwei_core::code::DivisionCode;
use jingwei_core::grids::{Change, GridRow, Layer, Outline, judge};
use jingwei_core::id::GridId;
use jingwei_core::place::quality::{self, Problem, QualityRules};
use jingwei_core::place::{Bounds, Point, Shape, overlay};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::Settings;
use jingwei_core::time::{Day, Timestamp};
use jingwei_store::grids as store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::administers;
use super::view::BorderView;
use super::{load_rules, rows, sees};
use crate::cases::Ref;
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::place::Place;
use crate::world::World;

/// Most problems that an answer shows.
pub(super) const MOST_PROBLEMS: usize = 200;
/// Most grids that are looked at in one answer: those of a county.
const MOST_GRIDS: usize = 5_000;
/// Smaller than this is a rounding of corners, not a gap: square metres.
const LEAST_M2: f64 = 1.0;
/// Grids whose cases are counted one by one in an answer.
const MOST_COUNTED: usize = 60;
/// Days over which the cases of a grid are counted.
const LOAD_DAYS: i64 = 365;

/// A place where grids of one layer do not fit together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProblemView {
    /// `gap`, `overlap`, `sliver` or `outside`.
    pub kind: String,
    /// Codes of the grids concerned; empty for a gap.
    pub grids: Vec<String>,
    /// Area in square metres.
    pub area_m2: f64,
    /// Mean width in metres.
    pub width_m: f64,
    /// A point in it (longitude, latitude).
    #[schema(value_type = Vec<f64>)]
    pub at: [f64; 2],
    /// What is wrong, Chinese.
    pub text_zh: String,
    /// What is wrong, English.
    pub text_en: String,
    /// Where exactly.
    pub shape: BorderView,
}

/// What one grid carries.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LoadView {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Households, when known.
    pub households: Option<u32>,
    /// Area in square metres.
    pub area_m2: i64,
    /// Cases reported in the last 365 days; of at most 60 grids.
    pub cases: Option<i64>,
    /// Against the rule: `light`, `fits`, `heavy`; `not-judged` when households are not known or in the country.
    pub load: String,
}

/// How well the grids of a layer fit together inside a division.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QualityView {
    /// The division.
    pub division: Ref,
    /// The layer.
    pub layer: String,
    /// The day looked at.
    pub day: String,
    /// Grids that stand then.
    pub grids: usize,
    /// Their area together, square metres.
    pub area_m2: f64,
    /// Area of the division's outline; none when nobody gave one, and then gaps at its border are not seen.
    pub outline_m2: Option<f64>,
    /// Where they do not fit, at most 200, largest first.
    pub problems: Vec<ProblemView>,
    /// There are more than are shown.
    pub more_problems: bool,
    /// Households that a grid in town should have: least and most.
    #[schema(value_type = Vec<u32>)]
    pub households: [u32; 2],
    /// What each carries, at most 500, in the order of codes.
    pub loads: Vec<LoadView>,
}

pub(super) fn rules(settings: &Settings) -> QualityRules {
    QualityRules {
        sliver_m: f64::from(settings.grid_sliver_metres),
        least_m2: LEAST_M2,
    }
}

/// Problems of pieces with their codes, largest first.
pub(super) fn problems(
    outline: Option<&Shape>,
    pieces: &[(&str, &Shape)],
    rules: &QualityRules,
) -> Vec<ProblemView> {
    let shapes: Vec<&Shape> = pieces.iter().map(|(_, shape)| *shape).collect();
    let mut found = quality::problems(outline, &shapes, rules);
    found.sort_by(|a, b| b.area_m2.total_cmp(&a.area_m2));
    found.iter().map(|problem| view(problem, pieces)).collect()
}

/// Problems once a change holds: community by community (with its outline, where one is known), and overlaps with the grids
/// of other communities beside them. At most [`MOST_PROBLEMS`], largest first.
pub(super) fn after(
    before: &[GridRow],
    change: &Change,
    place: &Place,
    world: &World,
) -> Vec<ProblemView> {
    let rules = rules(&world.rules.settings);
    let written: HashSet<(GridId, u32)> = change
        .rows
        .iter()
        .map(|row| (row.id, row.version))
        .collect();
    let changed: HashSet<GridId> = change.rows.iter().map(|row| row.id).collect();
    let mut standing: BTreeMap<(Layer, &DivisionCode), Vec<&GridRow>> = BTreeMap::new();
    let concerned: HashSet<(Layer, &DivisionCode)> = change
        .rows
        .iter()
        .map(|row| (row.layer, &row.host))
        .collect();
    let left = before
        .iter()
        .filter(|row| !written.contains(&(row.id, row.version)));
    for row in left
        .chain(&change.rows)
        .filter(|row| row.stands_on(change.from))
    {
        let key = (row.layer, &row.host);
        if concerned.contains(&key) {
            standing.entry(key).or_default().push(row);
        }
    }
    let mut found = Vec::new();
    for ((layer, host), mut rows) in standing {
        if found.len() > 10 * MOST_PROBLEMS {
            break;
        }
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        let outline = (layer == Layer::Base)
            .then(|| place.outlines.of(host).map(Outline::shape))
            .flatten();
        let own: Vec<(&str, &Shape)> = rows
            .iter()
            .map(|row| (row.code.as_str(), &row.shape))
            .collect();
        found.extend(problems(outline.as_ref(), &own, &rules));
        found.extend(across(&changed, layer, host, &own, change, place, &rules));
    }
    found.sort_by(|a, b| b.area_m2.total_cmp(&a.area_m2));
    found.truncate(MOST_PROBLEMS);
    found
}

/// Overlaps of the grids of one host with those of others.
fn across(
    changed: &HashSet<GridId>,
    layer: Layer,
    host: &DivisionCode,
    own: &[(&str, &Shape)],
    change: &Change,
    place: &Place,
    rules: &QualityRules,
) -> Vec<ProblemView> {
    let Some(bounds) = own
        .iter()
        .map(|(_, shape)| shape.bounds())
        .reduce(Bounds::and)
    else {
        return Vec::new();
    };
    let others: Vec<_> = place
        .grids
        .meeting(layer, bounds, change.from)
        .into_iter()
        .filter(|grid| grid.host() != host)
        .filter(|grid| !changed.contains(&grid.id()))
        .map(|grid| (grid.code(), grid.shape()))
        .collect();
    if others.is_empty() {
        return Vec::new();
    }
    let beside: Vec<(&str, &Shape)> = own
        .iter()
        .copied()
        .chain(others.iter().map(|(code, shape)| (*code, shape)))
        .collect();
    let of_own = |code: &String| own.iter().any(|(own, _)| own == code);
    problems(None, &beside, rules)
        .into_iter()
        .filter(|problem| {
            problem.grids.iter().any(&of_own) && problem.grids.iter().any(|code| !of_own(code))
        })
        .collect()
}

/// Land smaller than this is a rounding of corners and is not taken from anybody: square metres.
const TAKEN_M2: f64 = 100.0;

/// Refuses new borders that take land: today's from a grid that has it today, and that of divisions which `by` does not
/// administer.
pub(super) fn taken(
    change: &Change,
    today: Day,
    by: Option<&Principal>,
    place: &Place,
) -> Result<()> {
    let closed: HashSet<GridId> = change
        .rows
        .iter()
        .filter(|row| !row.lasts_to(change.from))
        .map(|row| row.id)
        .collect();
    for row in change.rows.iter().filter(|row| row.stands_on(change.from)) {
        let begins_today = change.from <= today && row.version == 1;
        let others = place
            .grids
            .meeting(row.layer, row.shape.bounds(), change.from);
        for other in others
            .into_iter()
            .filter(|other| other.id() != row.id && !closed.contains(&other.id()))
        {
            let strange =
                by.is_some_and(|by| !other.divisions().all(|division| administers(by, division)));
            if !begins_today && !strange {
                continue;
            }
            let common = overlay::intersection(&row.shape, &other.shape());
            let least = if begins_today { LEAST_M2 } else { TAKEN_M2 };
            if common.is_none_or(|common| common.area_m2() < least) {
                continue;
            }
            let (code, held) = (&row.code, other.code());
            return Err(if strange {
                invalid(
                    "/shape",
                    "land_of_others",
                    &format!(
                        "网格 {code} 的边界压到了你管理范围以外的网格，请缩回或请上级管理员调整"
                    ),
                    &format!(
                        "the border of {code} takes land of grids outside your area: draw it back, or ask an administrator above"
                    ),
                )
            } else {
                invalid(
                    "/from",
                    "too_early",
                    &format!("网格 {code} 与今天已有的网格 {held} 重叠：今天已经开始，请从明天起"),
                    &format!(
                        "{code} overlaps {held}, which has this land today: a day that has begun stays, so begin tomorrow"
                    ),
                )
            });
        }
    }
    Ok(())
}

fn view(problem: &Problem, pieces: &[(&str, &Shape)]) -> ProblemView {
    let codes: Vec<String> = problem
        .pieces
        .iter()
        .map(|i| pieces[*i].0.to_owned())
        .collect();
    let at: Point = problem.shape.inside();
    let (area, width, named) = (problem.area_m2, problem.width_m, codes.join("、"));
    let between = codes.join(", ");
    let size_zh = format!("{area:.0} 平方米，平均宽 {width:.1} 米");
    let size_en = format!("{area:.0} m², {width:.1} m wide on average");
    let (zh, en) = match problem.kind.as_str() {
        "gap" => (
            format!("空白：{size_zh}，没有网格"),
            format!("gap: {size_en}, no grid"),
        ),
        "overlap" => (
            format!("重叠：{named}，{size_zh}"),
            format!("overlap of {between}: {size_en}"),
        ),
        "outside" => (
            format!("越界：{named} 超出所在区划，{size_zh}"),
            format!("outside: {between} reaches out of its division, {size_en}"),
        ),
        _ => (
            format!("碎缝：{named} {size_zh}"),
            format!("sliver {between}: {size_en}"),
        ),
    };
    ProblemView {
        kind: problem.kind.as_str().to_owned(),
        grids: codes,
        area_m2: (problem.area_m2 * 10.0).round() / 10.0,
        width_m: (problem.width_m * 100.0).round() / 100.0,
        at: [at.lon(), at.lat()],
        text_zh: zh,
        text_en: en,
        shape: BorderView::of(&problem.shape),
    }
}

fn invalid(pointer: &str, code: &'static str, zh: &str, en: &str) -> EngineError {
    Refusal::Invalid(vec![FieldFault::new(pointer, code, zh, en)]).into()
}

impl Node {
    /// How well the grids of a layer fit together inside a division on a day (today when none is given).
    pub async fn grid_quality(
        &self,
        by: &Principal,
        division: &str,
        layer: Layer,
        day: Option<Day>,
    ) -> Result<QualityView> {
        let world = self.world();
        let code = DivisionCode::parse(division)
            .filter(|code| world.directory.division(code).is_some() && sees(by, code));
        let code = code.ok_or(Refusal::NotFound)?;
        let day = day.unwrap_or_else(|| self.now().local_day());
        let place = self.place();
        let codes = world.directory.codes_of(&code);
        let keys: Vec<(Uuid, i64)> = place
            .grids
            .list(layer, day, None)
            .filter(|grid| {
                grid.divisions()
                    .any(|division| codes.iter().any(|code| code.covers(division)))
            })
            .map(|grid| (grid.id().0, i64::from(grid.version())))
            .take(MOST_GRIDS + 1)
            .collect();
        if keys.len() > MOST_GRIDS {
            return Err(invalid(
                "?division",
                "too_large",
                "这个区划的网格太多，请选县（市、区）或以下",
                "there are too many grids in this division: choose a county or less",
            ));
        }
        let mut grids = self
            .read(move |tx| {
                store::load(tx, keys)?
                    .iter()
                    .map(|row| Ok((row.area_m2, rows::grid(row)?)))
                    .collect::<Result<Vec<_>>>()
            })
            .await?;
        grids.sort_by(|a, b| a.1.code.cmp(&b.1.code));
        let cases = self
            .cases_of_a_year(&grids.iter().map(|(_, grid)| grid.id.0).collect::<Vec<_>>())
            .await?;
        let outline = (layer == Layer::Base)
            .then(|| place.outlines.of(&code).map(Outline::shape))
            .flatten();
        let quality_rules = rules(&world.rules.settings);
        let load = load_rules(&world.rules.settings);
        let division = world.division_ref(&code);
        let work = move || {
            let pieces: Vec<(&str, &Shape)> = grids
                .iter()
                .map(|(_, grid)| (grid.code.as_str(), &grid.shape))
                .collect();
            let mut problems = problems(outline.as_ref(), &pieces, &quality_rules);
            let more_problems = problems.len() > MOST_PROBLEMS;
            problems.truncate(MOST_PROBLEMS);
            let loads = grids
                .iter()
                .enumerate()
                .take(500)
                .map(|(i, (area, grid))| LoadView {
                    code: grid.code.as_str().to_owned(),
                    name: grid.about.name.as_str().to_owned(),
                    households: grid.about.households,
                    area_m2: *area,
                    cases: cases.get(i).copied(),
                    load: match layer {
                        Layer::Base => judge(&grid.host, grid.about.households, load).as_str(),
                        _ => "not-judged",
                    }
                    .to_owned(),
                });
            QualityView {
                division,
                layer: layer.as_str().to_owned(),
                day: day.to_string(),
                grids: grids.len(),
                area_m2: grids.iter().map(|(_, grid)| grid.shape.area_m2()).sum(),
                outline_m2: outline.as_ref().map(Shape::area_m2),
                problems,
                more_problems,
                households: [load.least, load.most],
                loads: loads.collect(),
            }
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))
    }

    /// Cases of the first grids in the last year.
    async fn cases_of_a_year(&self, grids: &[Uuid]) -> Result<Vec<i64>> {
        let grids: Vec<Uuid> = grids.iter().take(MOST_COUNTED).copied().collect();
        let now: Timestamp = self.now();
        let span = (now.plus_ms(-LOAD_DAYS * 86_400_000).0, i64::MAX);
        self.read(move |tx| {
            let count = |grid: &Uuid| -> Result<i64> {
                let counts = store::count_cases(tx, *grid, span)?;
                Ok(counts.iter().map(|count| count.cases).sum())
            };
            grids.iter().map(count).collect()
        })
        .await
    }
}
