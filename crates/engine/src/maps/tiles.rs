//! Tiles of divisions and of grids, drawn once for all who see the same.

use std::collections::HashMap;
use std::sync::Arc;

use jingwei_core::code::Level;
use jingwei_core::grids::Layer;
use jingwei_core::id::GridId;
use jingwei_core::time::Day;
use jingwei_mapfiles::Value;
use jingwei_mapfiles::tile::{TileId, TileLayer, encode};
use jingwei_store::grids as store;
use quick_cache::Weighter;
use uuid::Uuid;

use super::Reach;
use crate::error::Result;
use crate::grids::rows;
use crate::node::Node;
use crate::place::Place;
use crate::world::World;

/// An encoded tile; empty when nothing lies in it.
pub type Bytes = Arc<[u8]>;

/// From this zoom on grids carry their names: a tile holds few enough to read them.
pub const NAMES_FROM: u8 = 13;
/// Ids of features are numbers that JavaScript holds exactly: of a grid the last 52 random bits of its id.
const ID_BITS: u128 = (1 << 52) - 1;

/// What tiles show. Cases are not among these: they change with every act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TileSet {
    /// Outlines of divisions.
    Divisions,
    /// Grids of a layer.
    Grids(Layer),
}

/// What a tile is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    set: TileSet,
    tile: TileId,
    /// Outlines have no days.
    day: Option<Day>,
    reach: String,
    generation: u64,
}

/// A tile that is asked for, of the land as it stood then.
pub struct TileAsked {
    place: Arc<Place>,
    reach: Reach,
    key: Key,
    run: Uuid,
}

/// What an entry takes of the bound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weight;

impl Weighter<Key, Bytes> for Weight {
    fn weight(&self, key: &Key, tile: &Bytes) -> u64 {
        (size_of::<Key>() + 64 + key.reach.len() + tile.len()) as u64
    }
}

impl TileSet {
    /// First and last zoom at which there are tiles; beyond the last the same tile is drawn larger.
    pub fn zooms(self) -> (u8, u8) {
        match self {
            Self::Divisions => (0, 14),
            Self::Grids(Layer::Micro) => (14, 16),
            Self::Grids(Layer::Mobile) => (6, 16),
            Self::Grids(Layer::Base | Layer::Dedicated) => (11, 16),
        }
    }
}

/// The levels whose outlines are drawn at a zoom, the larger first.
fn levels(zoom: u8) -> &'static [Level] {
    match zoom {
        0..=5 => &[Level::Province, Level::City],
        6 => &[Level::Province, Level::City, Level::County],
        7..=8 => &[Level::County],
        9..=10 => &[Level::County, Level::Town],
        _ => &[Level::County, Level::Town, Level::Community],
    }
}

impl TileAsked {
    /// The same for the same tile of the same land and for nothing else.
    pub fn mark(&self) -> String {
        let Key {
            set,
            tile,
            day,
            reach,
            generation,
        } = &self.key;
        let day = day.map_or(0, |day| day.0);
        let (run, z, x, y) = (self.run, tile.z(), tile.x(), tile.y());
        format!("{run} {generation} {set:?} {day} {z}/{x}/{y} {reach}")
    }
}

impl Node {
    /// Asks for a tile; `day` is today when not said.
    pub fn ask_tile(
        &self,
        reach: Reach,
        set: TileSet,
        tile: TileId,
        day: Option<Day>,
    ) -> TileAsked {
        let place = self.place();
        let day = match set {
            TileSet::Divisions => None,
            TileSet::Grids(_) => Some(day.unwrap_or_else(|| self.now().local_day())),
        };
        TileAsked {
            key: Key {
                set,
                tile,
                day,
                reach: reach.key(),
                generation: place.generation,
            },
            place,
            reach,
            run: self.maps.run,
        }
    }

    /// The tile; drawn once however many ask for it at the same time.
    pub async fn tile(&self, asked: TileAsked) -> Result<Bytes> {
        let key = asked.key.clone();
        self.maps
            .tiles
            .get_or_insert_async(&key, self.draw_tile(asked))
            .await
    }

    async fn draw_tile(&self, asked: TileAsked) -> Result<Bytes> {
        let Key { set, tile, day, .. } = asked.key;
        let (first, _) = set.zooms();
        let day = day.unwrap_or(Day(0));
        match set {
            _ if tile.z() < first => Ok(Bytes::default()),
            TileSet::Divisions => {
                // Taken after the land: names are never older than borders.
                let world = self.world();
                self.draw(move || divisions(&asked, &world)).await
            }
            TileSet::Grids(layer) => {
                let names = self.names(&asked, layer, day).await?;
                self.draw(move || grids(&asked, layer, day, &names)).await
            }
        }
    }

    /// Names of the grids of a tile, by id and version.
    async fn names(
        &self,
        asked: &TileAsked,
        layer: Layer,
        day: Day,
    ) -> Result<HashMap<(Uuid, i64), String>> {
        let tile = asked.key.tile;
        if tile.z() < NAMES_FROM {
            return Ok(HashMap::new());
        }
        let grids = asked.place.grids.meeting(layer, tile.bounds(), day);
        let seen = grids
            .into_iter()
            .filter(|grid| grid.divisions().any(|division| asked.reach.sees(division)));
        let keys: Vec<_> = seen
            .map(|grid| (grid.id().0, i64::from(grid.version())))
            .collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let named = |row: store::GridRow| {
            let about = rows::about(&row.about)?;
            Ok(((row.id, row.version), about.name.as_str().to_owned()))
        };
        self.read(move |tx| store::load(tx, keys)?.into_iter().map(named).collect())
            .await
    }
}

fn divisions(asked: &TileAsked, world: &World) -> Bytes {
    let tile = asked.key.tile;
    let mut layer = TileLayer::new(tile, "divisions");
    for level in levels(tile.z()) {
        for outline in asked.place.outlines.meeting(*level, tile.bounds()) {
            let code = outline.code();
            if !asked.reach.sees(code) {
                continue;
            }
            let name = world.directory.division(code).map(|row| row.name.as_str());
            layer.add_shape(
                code.as_str().parse().unwrap_or_default(),
                &outline.shape(),
                &[
                    ("code", Value::Text(code.as_str())),
                    ("name", name.map_or(Value::None, Value::Text)),
                    ("level", Value::Text(level.as_str())),
                ],
            );
        }
    }
    encode(&[layer]).into()
}

fn grids(asked: &TileAsked, layer: Layer, day: Day, names: &HashMap<(Uuid, i64), String>) -> Bytes {
    let tile = asked.key.tile;
    let mut drawn = TileLayer::new(tile, "grids");
    for grid in asked.place.grids.meeting(layer, tile.bounds(), day) {
        if !grid.divisions().any(|division| asked.reach.sees(division)) {
            continue;
        }
        let name = names.get(&(grid.id().0, i64::from(grid.version())));
        drawn.add_shape(
            number(grid.id()),
            &grid.shape(),
            &[
                ("code", Value::Text(grid.code())),
                ("name", name.map_or(Value::None, |name| Value::Text(name))),
                ("layer", Value::Text(layer.as_str())),
                ("host", Value::Text(grid.host().as_str())),
            ],
        );
    }
    encode(&[drawn]).into()
}

#[expect(clippy::cast_possible_truncation, reason = "52 bits are kept")]
fn number(id: GridId) -> u64 {
    (id.0.as_u128() & ID_BITS) as u64
}
