//! All grids in memory: from a point and a day to the grid of each layer.
//!
//! Holds what a look-up needs and nothing else (ids, codes, hosts, days, borders); what is said of a grid is read from the
//! database. Keeps: within a layer slots are in the order of codes, so that on a border the lowest code answers.

use std::collections::HashMap;

use crate::code::{DivisionCode, GridCode};
use crate::id::GridId;
use crate::place::{Bounds, Index, IndexBuilder, Point, Shape, Unpacked};
use crate::time::Day;

use super::{InGrid, Layer, Season};

/// One version of a grid on its way into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Layer.
    pub layer: Layer,
    /// Id.
    pub id: GridId,
    /// Version.
    pub version: u32,
    /// Code, checked.
    pub code: GridCode,
    /// The division it lies in.
    pub host: DivisionCode,
    /// The others it goes through.
    pub hosts: Vec<DivisionCode>,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Option<Day>,
    /// Season.
    pub season: Option<Season>,
    /// Packed border.
    pub shape: Vec<u8>,
}

/// Gathers grids in any order.
#[derive(Debug, Default)]
pub struct GridsBuilder {
    entries: Vec<Entry>,
}

/// One version of a grid in memory.
#[derive(Clone, Copy)]
pub struct Grid<'a> {
    of: &'a OfLayer,
    /// Its layer.
    pub layer: Layer,
    /// Its place in the layer, in the order of codes.
    pub slot: u32,
}

/// The grids of one layer, slot by slot.
struct OfLayer {
    index: Index,
    ids: Vec<GridId>,
    versions: Vec<u32>,
    /// All codes one after the other, and where each ends.
    codes: String,
    code_ends: Vec<u32>,
    /// Which of `divisions` each lies in.
    hosts: Vec<u32>,
    divisions: Vec<DivisionCode>,
    /// Those that go through other divisions as well.
    through: HashMap<u32, Vec<DivisionCode>>,
    from: Vec<Day>,
    to: Vec<Day>,
    seasons: HashMap<u32, Season>,
}

/// All grids.
pub struct Grids {
    layers: [OfLayer; Layer::ALL.len()],
}

/// The day after all days: a grid that does not end.
const NEVER: Day = Day(i32::MAX);

impl GridsBuilder {
    /// One more.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The grids. Fails when a packed border is none.
    pub fn build(mut self) -> Result<Grids, Unpacked> {
        self.entries.sort_unstable_by(|a, b| {
            (a.layer, &a.code, a.version, a.id).cmp(&(b.layer, &b.code, b.version, b.id))
        });
        let mut layers = Vec::with_capacity(Layer::ALL.len());
        let mut rest = self.entries.as_slice();
        for layer in Layer::ALL {
            let end = rest.partition_point(|entry| entry.layer <= *layer);
            let (of, after) = rest.split_at(end);
            layers.push(OfLayer::new(of)?);
            rest = after;
        }
        let layers = layers.try_into().map_err(|_| Unpacked)?;
        Ok(Grids { layers })
    }
}

impl OfLayer {
    fn new(entries: &[Entry]) -> Result<Self, Unpacked> {
        let bytes: usize = entries.iter().map(|entry| entry.shape.len()).sum();
        let n = entries.len();
        let mut index = IndexBuilder::with_capacity(n, bytes / 4);
        let mut known: HashMap<&DivisionCode, u32> = HashMap::new();
        let mut of = Self {
            index: IndexBuilder::with_capacity(0, 0).build(),
            ids: Vec::with_capacity(n),
            versions: Vec::with_capacity(n),
            codes: String::with_capacity(
                entries.iter().map(|entry| entry.code.as_str().len()).sum(),
            ),
            code_ends: Vec::with_capacity(n),
            hosts: Vec::with_capacity(n),
            divisions: Vec::new(),
            through: HashMap::new(),
            from: Vec::with_capacity(n),
            to: Vec::with_capacity(n),
            seasons: HashMap::new(),
        };
        for entry in entries {
            let slot = index.add_packed(&entry.shape)?;
            let host = *known.entry(&entry.host).or_insert_with(|| {
                of.divisions.push(entry.host.clone());
                u32::try_from(of.divisions.len() - 1).unwrap_or(u32::MAX)
            });
            of.ids.push(entry.id);
            of.versions.push(entry.version);
            of.codes.push_str(entry.code.as_str());
            of.code_ends
                .push(u32::try_from(of.codes.len()).unwrap_or(u32::MAX));
            of.hosts.push(host);
            of.from.push(entry.from);
            of.to.push(entry.to.unwrap_or(NEVER));
            if !entry.hosts.is_empty() {
                of.through.insert(slot, entry.hosts.clone());
            }
            if let Some(season) = entry.season {
                of.seasons.insert(slot, season);
            }
        }
        of.index = index.build();
        Ok(of)
    }

    fn valid(&self, slot: u32, day: Day) -> bool {
        let i = slot as usize;
        (self.from[i]..=self.to[i]).contains(&day)
            && (self.seasons.is_empty()
                || self
                    .seasons
                    .get(&slot)
                    .is_none_or(|season| season.holds(day)))
    }

    fn code(&self, slot: u32) -> &str {
        let i = slot as usize;
        let start = i.checked_sub(1).map_or(0, |before| self.code_ends[before]);
        &self.codes[start as usize..self.code_ends[i] as usize]
    }

    fn bytes(&self) -> usize {
        let n = self.ids.len();
        self.index.bytes()
            + self.codes.len()
            + n * (16 + 4 + 4 + 4 + 4 + 4)
            + self.divisions.len() * 48
    }
}

impl<'a> Grid<'a> {
    /// Id.
    pub fn id(self) -> GridId {
        self.of.ids[self.slot as usize]
    }

    /// Version.
    pub fn version(self) -> u32 {
        self.of.versions[self.slot as usize]
    }

    /// Code in this version.
    pub fn code(self) -> &'a str {
        self.of.code(self.slot)
    }

    /// The division it lies in.
    pub fn host(self) -> &'a DivisionCode {
        &self.of.divisions[self.of.hosts[self.slot as usize] as usize]
    }

    /// The division it lies in and those it goes through.
    pub fn divisions(self) -> impl Iterator<Item = &'a DivisionCode> {
        std::iter::once(self.host()).chain(self.of.through.get(&self.slot).into_iter().flatten())
    }

    /// The border.
    pub fn shape(self) -> Shape {
        self.of.index.shape(self.slot)
    }

    /// The rings of the border, and whether each is a hole.
    pub fn rings(self) -> impl Iterator<Item = (&'a [Point], bool)> {
        self.of.index.rings(self.slot)
    }

    /// The box around it.
    pub fn bounds(self) -> Bounds {
        self.of.index.bounds(self.slot)
    }

    /// Whether it and the box have a point in common.
    pub fn meets(self, bounds: Bounds) -> bool {
        self.of.index.meets(self.slot, bounds)
    }

    /// As a case keeps it.
    pub fn of_case(self) -> Option<InGrid> {
        Some(InGrid {
            layer: self.layer,
            grid: self.id(),
            code: GridCode::parse(self.code())?,
        })
    }
}

impl std::fmt::Debug for Grids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(Layer::ALL.iter().map(|layer| (layer, self.len(*layer))))
            .finish()
    }
}

impl Default for Grids {
    fn default() -> Self {
        GridsBuilder::default()
            .build()
            .expect("no border is packed wrongly where there is none")
    }
}

impl Grids {
    fn of(&self, layer: Layer) -> &OfLayer {
        &self.layers[layer as usize]
    }

    fn grid(&self, layer: Layer, slot: u32) -> Grid<'_> {
        Grid {
            of: self.of(layer),
            layer,
            slot,
        }
    }

    /// How many versions of grids there are in a layer.
    pub fn len(&self, layer: Layer) -> usize {
        self.of(layer).ids.len()
    }

    /// Whether there is no grid at all.
    pub fn is_empty(&self) -> bool {
        Layer::ALL.iter().all(|layer| self.len(*layer) == 0)
    }

    /// Memory that it holds, in bytes.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(OfLayer::bytes).sum()
    }

    /// The grid of a layer in which a point lies on a day; on a border the one with the lowest code.
    pub fn at(&self, layer: Layer, point: Point, day: Day) -> Option<Grid<'_>> {
        let of = self.of(layer);
        let slot = of.index.covering(point, |slot| of.valid(slot, day))?;
        Some(self.grid(layer, slot))
    }

    /// The grids of a layer in which many points lie on a day, in the order of the points; faster together than one by one.
    pub fn at_each(&self, layer: Layer, points: &[Point], day: Day) -> Vec<Option<Grid<'_>>> {
        let of = self.of(layer);
        let slots = of.index.covering_each(points, |slot| of.valid(slot, day));
        slots
            .into_iter()
            .map(|slot| Some(self.grid(layer, slot?)))
            .collect()
    }

    /// The grids of a point on a day as a case keeps them, layer by layer, without the micro-grid: that is a building.
    pub fn of_case(&self, point: Point, day: Day) -> Vec<InGrid> {
        let layers = Layer::ALL.iter().filter(|layer| **layer != Layer::Micro);
        layers
            .filter_map(|layer| self.at(*layer, point, day)?.of_case())
            .collect()
    }

    /// The nearest grid of a layer within `most_m` metres, with the distance to its border (0 inside).
    pub fn nearest(
        &self,
        layer: Layer,
        point: Point,
        day: Day,
        most_m: u32,
    ) -> Option<(Grid<'_>, f64)> {
        let of = self.of(layer);
        let (slot, metres) = of
            .index
            .nearest(point, most_m, |slot| of.valid(slot, day))?;
        Some((self.grid(layer, slot), metres))
    }

    /// The grids of a layer that stand on a day and come near a box, in the order of codes.
    pub fn meeting(&self, layer: Layer, bounds: Bounds, day: Day) -> Vec<Grid<'_>> {
        let of = self.of(layer);
        let mut slots = Vec::new();
        of.index.meeting(bounds, |slot| {
            if of.valid(slot, day) {
                slots.push(slot);
            }
        });
        slots.sort_unstable();
        slots
            .into_iter()
            .map(|slot| self.grid(layer, slot))
            .collect()
    }

    /// Whether a version stands on a day, in its season.
    pub fn stands(&self, grid: Grid<'_>, day: Day) -> bool {
        self.of(grid.layer).valid(grid.slot, day)
    }

    /// The grids of a layer that stand on a day, after a code, in the order of codes.
    pub fn list<'a>(
        &'a self,
        layer: Layer,
        day: Day,
        after: Option<&str>,
    ) -> impl Iterator<Item = Grid<'a>> + use<'a> {
        let of = self.of(layer);
        let n = u32::try_from(of.ids.len()).unwrap_or(u32::MAX);
        let first = after.map_or(0, |after| {
            let (mut low, mut high) = (0, n);
            while low < high {
                let middle = u32::midpoint(low, high);
                if of.code(middle) <= after {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        });
        (first..n)
            .filter(move |slot| of.valid(*slot, day))
            .map(move |slot| self.grid(layer, slot))
    }

    /// All versions that were ever known under a code, in whatever layer.
    pub fn coded<'a>(&'a self, code: &'a str) -> impl Iterator<Item = Grid<'a>> + use<'a> {
        Layer::ALL.iter().flat_map(move |layer| {
            let of = self.of(*layer);
            let n = u32::try_from(of.ids.len()).unwrap_or(u32::MAX);
            let (mut low, mut high) = (0, n);
            while low < high {
                let middle = u32::midpoint(low, high);
                if of.code(middle) < code {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            (low..n)
                .take_while(move |slot| of.code(*slot) == code)
                .map(move |slot| self.grid(*layer, slot))
        })
    }
}
