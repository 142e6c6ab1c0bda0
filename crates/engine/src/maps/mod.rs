//! The room `maps`: vector tiles of divisions, grids and cases, and features of the public layers.
//!
//! Everything is made from the land in memory; statements are for names of grids and for cases alone. What somebody may not see
//! is left out before anything is drawn. Drawing goes on blocking threads, few at a time, and what was drawn of divisions and
//! grids is kept, bounded by its bytes, until the land changes.

mod cases;
mod features;
mod tiles;

use std::net::IpAddr;
use std::sync::Arc;

use jingwei_core::access::Principal;
use jingwei_core::code::{DivisionCode, Level};
use jingwei_core::grids::Layer;
use jingwei_core::place::Bounds;
use quick_cache::sync::Cache;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub use cases::{CASE_ZOOMS, SINGLE_FROM};
pub use features::{
    Collection, DivisionProperties, FeaturePage, FeatureProperties, FeatureQuery, FeatureView,
    GridProperties, MOST_FEATURES,
};
pub use jingwei_mapfiles::tile::TileId;
pub use tiles::{Bytes, NAMES_FROM, TileAsked, TileSet};

use crate::error::{EngineError, Result};
use crate::grids::sees;
use crate::node::Node;
use crate::place::Place;

/// Pieces of maps asked for without an account from one address in five minutes: a page that is moved about asks for some
/// twenty at once, and several people may share an address.
const PUBLIC_TRIES: u32 = 3_000;
/// Most bytes of tiles that are kept.
const MOST_KEPT: u64 = 64 * 1024 * 1024;
/// What a tile usually takes: only for the first size of the tables.
const USUAL_TILE: u64 = 16 * 1024;

/// For whom a map is made.
#[derive(Debug, Clone)]
pub enum Reach {
    /// Anybody: only where the public layers are on.
    Everybody,
    /// A signed-in person, within what they see of grids.
    Of(Principal),
}

/// What maps keep while the node runs.
pub(crate) struct Maps {
    tiles: Cache<tiles::Key, Bytes, tiles::Weight>,
    /// As many drawings at once as there are cores: others wait instead of slowing those in work.
    drawing: Arc<Semaphore>,
    /// Marks of tiles of another run of the node never fit: its land began at generation 0 too.
    run: Uuid,
}

impl Maps {
    /// Nothing drawn yet; `run` is told apart from all other runs.
    pub(crate) fn new(run: Uuid) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let usual = usize::try_from(MOST_KEPT / USUAL_TILE).unwrap_or(usize::MAX);
        Self {
            tiles: Cache::with_weighter(usual, MOST_KEPT, tiles::Weight),
            drawing: Arc::new(Semaphore::new(cores)),
            run,
        }
    }
}

impl Reach {
    /// Whether what lies in a division is shown.
    fn sees(&self, division: &DivisionCode) -> bool {
        match self {
            Self::Everybody => true,
            Self::Of(by) => sees(by, division),
        }
    }

    /// Whether all of a division is within it.
    fn holds(&self, division: &DivisionCode) -> bool {
        match self {
            Self::Everybody => true,
            Self::Of(by) => by.posts().iter().any(|post| post.covers(division)),
        }
    }

    /// The same for all who see the same.
    fn key(&self) -> String {
        match self {
            Self::Everybody => "*".to_owned(),
            Self::Of(by) => {
                let posts = by.posts().iter();
                let mut codes: Vec<&str> = posts
                    .flat_map(|post| post.codes.iter().map(DivisionCode::as_str))
                    .collect();
                codes.sort_unstable();
                codes.dedup();
                codes.join(",")
            }
        }
    }
}

/// The box around what a reach holds: by the outlines of the highest level there are, else by the grids.
fn extent(place: &Place, reach: &Reach, day: jingwei_core::time::Day) -> Option<Bounds> {
    let of_outlines = |level: &Level| {
        let outlines = place.outlines.list(*level);
        outlines
            .filter(|outline| reach.holds(outline.code()))
            .map(jingwei_core::grids::Outline::bounds)
            .reduce(Bounds::and)
    };
    let of_grids = |layer: &Layer| {
        let grids = place.grids.list(*layer, day, None);
        grids
            .filter(|grid| grid.divisions().any(|division| reach.holds(division)))
            .map(jingwei_core::grids::Grid::bounds)
            .reduce(Bounds::and)
    };
    let of_outlines = Level::ALL.iter().rev().find_map(of_outlines);
    of_outlines.or_else(|| Layer::ALL.iter().find_map(of_grids))
}

impl Node {
    /// The review number (审图号) under which maps are shown to the public; none: they are not.
    pub fn map_review_number(&self) -> Option<String> {
        let world = self.world();
        let number = world.rules.settings.map_review_number.as_ref();
        number.map(|number| number.as_str().to_owned())
    }

    /// Where the outlines come from, with their cautions.
    pub fn map_sources(&self) -> Vec<String> {
        self.place().sources.iter().cloned().collect()
    }

    /// West, south, east, north of what a reach holds, in degrees; none where nothing is drawn yet.
    pub async fn map_extent(&self, reach: &Reach) -> Result<Option<[f64; 4]>> {
        let (place, reach, day) = (self.place(), reach.clone(), self.now().local_day());
        let bounds = self.draw(move || extent(&place, &reach, day)).await?;
        let degrees = |e7: i32| f64::from(e7) / 1e7;
        Ok(bounds.map(|bounds| {
            [
                degrees(bounds.west),
                degrees(bounds.south),
                degrees(bounds.east),
                degrees(bounds.north),
            ]
        }))
    }

    /// Counts what somebody without an account asks of maps.
    pub fn map_try(&self, from: IpAddr) -> Result<()> {
        self.resident_try("map", from, PUBLIC_TRIES)
    }

    /// Draws on a blocking thread.
    async fn draw<T: Send + 'static>(
        &self,
        draw: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        // Closed never; who waits here and goes away leaves the line.
        let permit = Arc::clone(&self.maps.drawing).acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            let drawn = draw();
            drop(permit);
            drawn
        })
        .await
        .map_err(|error| EngineError::Internal(error.to_string()))
    }
}
