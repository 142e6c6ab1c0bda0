//! Grids that are made up: partitions of counties into towns, communities and grids, for the demo, tests and measures.
//!
//! No outlines below the county are published. Keeps: everything generated says so in its source; the same outline, divisions
//! and options give the same grids.

use std::collections::{BTreeMap, HashSet};

use jingwei_core::code::{DivisionCode, GridCode, Level};
use jingwei_core::grids::{
    Attributes, Draft, Layer, Outline, OutlineRow, Patterns, Present, is_rural, next_codes,
    serial_order, take_in,
};
use jingwei_core::label::Label;
use jingwei_core::place::{Point, Shape, overlay, partition};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::time::Day;

use super::change::{GridAnswer, present_rows};
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::place::Place;
use crate::world::World;

/// What generated borders say of themselves.
pub const SOURCE: &str = "生成的划分，仅供演示和测试 generated, for demo and tests only";

/// What is generated.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// Counties; all whose outline is known when empty.
    pub counties: Vec<DivisionCode>,
    /// Grids of a community on average, 1 to 50.
    pub per_community: u32,
    /// First day; today when not said.
    pub from: Option<Day>,
}

/// What was generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Generated {
    /// Counties.
    pub counties: usize,
    /// Communities.
    pub communities: usize,
    /// Grids.
    pub grids: usize,
    /// Outlines of towns and communities.
    pub outlines: usize,
}

/// One county's part.
#[derive(Default)]
struct Part {
    drafts: Vec<Draft>,
    outlines: Vec<OutlineRow>,
    communities: usize,
}

/// Numbers that look random and depend on a code only (FNV-1a, then the finaliser of splitmix64).
fn scattered(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// `mean` give or take a fifth.
fn about(mean: u32, code: &str) -> u32 {
    let spread = mean / 5;
    let part = u32::try_from(scattered(code) % u64::from(2 * spread + 1)).unwrap_or(0);
    (mean - spread + part).max(1)
}

/// Households of a made-up grid: some too few, some too many, as in life.
fn households(community: &DivisionCode, code: &GridCode) -> u32 {
    let part = |most: u64| u32::try_from(scattered(code.as_str()) % most).unwrap_or(0);
    if is_rural(community) {
        30 + part(150)
    } else {
        260 + part(280)
    }
}

fn label(text: &str) -> Label {
    Label::new(text).expect("short enough for a label")
}

fn county(code: &DivisionCode, per_community: u32, world: &World, place: &Place) -> Result<Part> {
    let outline = place.outlines.of(code).map(Outline::shape);
    let outline = outline.ok_or_else(|| {
        EngineError::from(Refusal::Invalid(vec![FieldFault::new(
            "/counties",
            "no_outline",
            format!("没有 {code} 的边界，请先导入"),
            format!("the outline of {code} is not known: import it first"),
        )]))
    })?;
    let mut towns: BTreeMap<DivisionCode, Vec<DivisionCode>> = BTreeMap::new();
    for division in world.directory.divisions() {
        if division.code.level() == Level::Community
            && division.valid_to.is_none()
            && code.covers(&division.code)
            && let Some(town) = division.code.parent()
        {
            towns.entry(town).or_default().push(division.code.clone());
        }
    }
    towns
        .values_mut()
        .for_each(|communities| communities.sort());
    let counts: Vec<Vec<u32>> = towns
        .values()
        .map(|communities| {
            communities
                .iter()
                .map(|community| about(per_community, community.as_str()))
                .collect()
        })
        .collect();
    if counts.is_empty() {
        return Ok(Part::default());
    }
    let mut shapes =
        partition(&outline, &counts, scattered(code.as_str())).map_err(|undivided| {
            EngineError::from(Refusal::Invalid(vec![FieldFault::new(
                "/counties",
                "undivided",
                undivided.to_string(),
                undivided.to_string(),
            )]))
        })?;
    settle(&mut shapes, &towns, world);
    let pattern = Patterns::of_settings(&world.rules.settings);
    let pattern = pattern.of(Layer::Base);
    let mut part = Part::default();
    let name_of = |code: &DivisionCode| {
        world
            .directory
            .division(code)
            .map(|division| division.name.as_str())
            .unwrap_or_default()
    };
    for ((town, communities), of_town) in towns.iter().zip(shapes) {
        let mut all = Vec::new();
        for (community, shapes) in communities.iter().zip(of_town) {
            part.communities += 1;
            let codes = pattern
                .beginning(community, None)
                .and_then(|beginning| {
                    next_codes(pattern, &beginning, &HashSet::new(), shapes.len())
                })
                .ok_or_else(|| {
                    EngineError::Internal(
                        "generated grids do not fit the pattern of codes".to_owned(),
                    )
                })?;
            let order = serial_order(&shapes.iter().collect::<Vec<_>>());
            part.outlines.extend(outline_row(
                community,
                &shapes.iter().collect::<Vec<_>>(),
                world,
            ));
            let short = name_of(community)
                .trim_end_matches("村民委员会")
                .trim_end_matches("居民委员会")
                .trim_end_matches("居委会")
                .trim_end_matches("村委会");
            for (n, (grid, i)) in codes.into_iter().zip(order).enumerate() {
                let attributes = Attributes {
                    name: Some(label(&format!("{short}第{}网格", n + 1))),
                    households: Some(households(community, &grid)),
                    source: Some(label(SOURCE)),
                    ..Attributes::default()
                };
                part.drafts.push(Draft {
                    at: String::new(),
                    layer: Layer::Base,
                    code: Some(grid),
                    host: community.clone(),
                    parent: None,
                    attributes,
                    shape: shapes[i].clone(),
                });
            }
            all.extend(shapes);
        }
        part.outlines
            .extend(outline_row(town, &all.iter().collect::<Vec<_>>(), world));
    }
    Ok(part)
}

/// Gives communities whose units have a known base the part in which these lie: the made-up land then fits the posts. Who had that
/// part takes theirs.
fn settle(
    shapes: &mut [Vec<Vec<Shape>>],
    towns: &BTreeMap<DivisionCode, Vec<DivisionCode>>,
    world: &World,
) {
    let mut bases: BTreeMap<&DivisionCode, Vec<Point>> = BTreeMap::new();
    for unit in world.directory.units() {
        if let Some(base) = unit.row.base {
            bases.entry(&unit.row.division).or_default().push(base);
        }
    }
    let all: Vec<(usize, usize, &DivisionCode)> = towns
        .values()
        .enumerate()
        .flat_map(|(t, communities)| {
            let numbered = communities.iter().enumerate();
            numbered.map(move |(c, community)| (t, c, community))
        })
        .collect();
    let mut settled: Vec<(usize, usize)> = Vec::new();
    for &(t, c, community) in &all {
        let Some(base) = bases.get(community).and_then(|bases| bases.first()) else {
            continue;
        };
        let away = |(t, c): (usize, usize)| {
            let grids = shapes[t][c].iter();
            let metres = grids.map(|grid| grid.metres_to(*base));
            metres.fold(f64::INFINITY, f64::min)
        };
        let free = all
            .iter()
            .map(|&(t, c, _)| (t, c))
            .filter(|at| !settled.contains(at));
        let nearest = free.min_by(|a, b| away(*a).total_cmp(&away(*b)));
        let Some((to_town, to)) = nearest else { return };
        if (to_town, to) != (t, c) {
            let theirs = std::mem::take(&mut shapes[to_town][to]);
            shapes[to_town][to] = std::mem::replace(&mut shapes[t][c], theirs);
        }
        settled.push((t, c));
    }
}

fn outline_row(code: &DivisionCode, shapes: &[&Shape], world: &World) -> Option<OutlineRow> {
    Some(OutlineRow {
        division: world.directory.division(code)?.id,
        code: code.clone(),
        source: label(SOURCE),
        shape: overlay::union(shapes)?,
    })
}

impl Node {
    /// Generates base grids of counties, with the outlines of their towns and communities; `progress` hears of counties done.
    pub async fn generate_grids(
        &self,
        options: GenerateOptions,
        progress: impl Fn(u64) + Send + Sync + 'static,
    ) -> Result<Generated> {
        if !(1..=50).contains(&options.per_community) {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "/per_community",
                "out_of_range",
                "每个社区平均 1 至 50 个网格",
                "1 to 50 grids of a community on average",
            )])
            .into());
        }
        let shared = std::sync::Arc::clone(&self.shared);
        let per_community = options.per_community;
        let made = tokio::task::spawn_blocking(move || {
            let (place, world) = (shared.place(), shared.world());
            let counties = if options.counties.is_empty() {
                place
                    .outlines
                    .list(Level::County)
                    .map(|outline| outline.code().clone())
                    .collect()
            } else {
                options.counties
            };
            let mut made = Vec::with_capacity(counties.len());
            for (done, code) in (1..).zip(&counties) {
                made.push(county(code, per_community, &world, &place)?);
                progress(done);
            }
            Ok::<_, EngineError>(made)
        });
        let made = made
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))??;
        let mut generated = Generated {
            counties: made.len(),
            ..Generated::default()
        };
        let (mut drafts, mut outlines) = (Vec::new(), Vec::new());
        for part in made {
            generated.communities += part.communities;
            drafts.extend(part.drafts);
            outlines.extend(part.outlines);
        }
        generated.grids = drafts.len();
        generated.outlines = outlines.len();
        self.bring_generated(drafts, options.from).await?;
        if !outlines.is_empty() {
            let answer = GridAnswer::of_nothing(self.now().local_day(), self.sequence());
            self.bring_outlines(outlines, self.asking_locally(false), answer)
                .await?;
        }
        Ok(generated)
    }

    async fn bring_generated(&self, drafts: Vec<Draft>, from: Option<Day>) -> Result<()> {
        let _one_after_the_other = self.changing_grids.lock().await;
        let rows = present_rows(
            self,
            drafts.iter().map(|draft| draft.host.clone()).collect(),
        )
        .await?;
        let (world, today) = (self.world(), self.now().local_day());
        let taken = tokio::task::spawn_blocking(move || {
            let patterns = Patterns::of_settings(&world.rules.settings);
            take_in(
                &drafts,
                from,
                &Present {
                    rows: &rows,
                    patterns: &patterns,
                    directory: &world.directory,
                    today,
                },
            )
        });
        let taken = taken
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))?;
        let change = taken.map_err(|mut faults| {
            faults.truncate(20);
            EngineError::from(Refusal::Invalid(faults))
        })?;
        let asking = self.asking_locally(false);
        // A partition has no problems: that is its property, tested where it is made.
        let answer: GridAnswer = self
            .make_change(change.change, Vec::new(), asking, |answer| answer)
            .await?;
        tracing::info!(
            grids = answer.grids.len(),
            from = answer.from,
            "grids were generated"
        );
        Ok(())
    }
}
