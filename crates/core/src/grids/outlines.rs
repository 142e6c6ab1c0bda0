//! Outlines of divisions in memory, level by level: for maps, and for the community of a place where grids are not drawn.
//!
//! Keeps: of two outlines of one level that cover a point the lower code answers, as with grids.

use crate::code::{DivisionCode, Level};
use crate::place::{Bounds, Index, IndexBuilder, Point, Shape, Unpacked};

/// The outline of a division in memory.
#[derive(Clone, Copy)]
pub struct Outline<'a> {
    of: &'a OfLevel,
    /// Its place in the level, in the order of codes.
    pub slot: u32,
}

struct OfLevel {
    index: Index,
    codes: Vec<DivisionCode>,
}

/// All outlines.
pub struct Outlines {
    levels: Vec<OfLevel>,
}

impl<'a> Outline<'a> {
    /// Code of the division.
    pub fn code(self) -> &'a DivisionCode {
        &self.of.codes[self.slot as usize]
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
}

impl Outlines {
    /// Outlines of packed borders, in any order. Fails when one is none.
    pub fn new(mut rows: Vec<(DivisionCode, Vec<u8>)>) -> Result<Self, Unpacked> {
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut levels = Vec::with_capacity(Level::ALL.len());
        for level in Level::ALL {
            let of: Vec<_> = rows
                .iter()
                .filter(|(code, _)| code.level() == *level)
                .collect();
            let bytes: usize = of.iter().map(|(_, shape)| shape.len()).sum();
            let mut index = IndexBuilder::with_capacity(of.len(), bytes / 4);
            for (_, shape) in &of {
                index.add_packed(shape)?;
            }
            let codes = of.into_iter().map(|(code, _)| code.clone()).collect();
            levels.push(OfLevel {
                index: index.build(),
                codes,
            });
        }
        Ok(Self { levels })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.levels.iter().all(|of| of.codes.is_empty())
    }

    /// The division of a level in which a point lies, by the outlines.
    pub fn at(&self, level: Level, point: Point) -> Option<&DivisionCode> {
        let of = &self.levels[level as usize];
        of.index
            .covering(point, |_| true)
            .map(|slot| &of.codes[slot as usize])
    }

    /// The outline of a division.
    pub fn of(&self, code: &DivisionCode) -> Option<Outline<'_>> {
        let of = &self.levels[code.level() as usize];
        let slot = of.codes.binary_search(code).ok()?;
        Some(Outline {
            of,
            slot: u32::try_from(slot).ok()?,
        })
    }

    /// The outlines of a level that come near a box, in the order of codes.
    pub fn meeting(&self, level: Level, bounds: Bounds) -> Vec<Outline<'_>> {
        let of = &self.levels[level as usize];
        let mut slots = Vec::new();
        of.index.meeting(bounds, |slot| slots.push(slot));
        slots.sort_unstable();
        slots.into_iter().map(|slot| Outline { of, slot }).collect()
    }

    /// The outlines of a level, in the order of codes.
    pub fn list(&self, level: Level) -> impl Iterator<Item = Outline<'_>> {
        let of = &self.levels[level as usize];
        let n = u32::try_from(of.codes.len()).unwrap_or(u32::MAX);
        (0..n).map(move |slot| Outline { of, slot })
    }
}

impl Default for Outlines {
    fn default() -> Self {
        Self::new(Vec::new()).expect("no border is packed wrongly where there is none")
    }
}
