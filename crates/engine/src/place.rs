//! The land in memory: grids, outlines of divisions and the gazetteer, each replaced whole when something of it changes.
//!
//! Must not be asked inside a transaction for anything but a look-up. Keeps: what a request took does not change under it;
//! a change is answered after the memory knows it.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use jingwei_core::code::DivisionCode;
use jingwei_core::directory::gazetteer::Gazetteer;
use jingwei_core::grids::{Grids, GridsBuilder, Outlines};
use jingwei_core::time::Day;
use jingwei_store::{Tx, grids as store};

use crate::error::{EngineError, Result};
use crate::grids::rows;
use crate::node::Node;
use crate::world::World;
use crate::writer::Shared;

/// What is looked up about places.
#[derive(Clone)]
pub struct Place {
    /// All grids of all days.
    pub grids: Arc<Grids>,
    /// Outlines of divisions.
    pub outlines: Arc<Outlines>,
    /// Where the outlines come from, with their cautions; each once.
    pub sources: Arc<BTreeSet<String>>,
    /// Names of divisions and places.
    pub gazetteer: Arc<Gazetteer>,
    /// Goes up with every change: what was made from an older one is stale.
    pub generation: u64,
}

/// A part of the land.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Grids,
    Outlines,
    Gazetteer,
}

/// Rows that are read at once.
const PAGE: i64 = 8_192;

fn unpacked() -> EngineError {
    EngineError::Journal("a stored border cannot be read".to_owned())
}

/// All grids, from their rows.
///
/// Errors: a row that cannot be read.
pub fn grids(tx: &mut Tx<'_>) -> Result<Grids> {
    let mut builder = GridsBuilder::default();
    let mut after = None;
    loop {
        let page = store::look_up_rows(tx, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some((last.id, last.version));
        for row in page {
            builder.add(rows::entry(row)?);
        }
    }
    builder.build().map_err(|_| unpacked())
}

/// All outlines, and where they come from.
fn outlines(tx: &mut Tx<'_>, world: &World) -> Result<(Arc<Outlines>, Arc<BTreeSet<String>>)> {
    let mut sources = BTreeSet::new();
    let rows = store::all_outlines(tx)?.into_iter().map(|row| {
        // A division that was recoded is known by the code it has now.
        let now = world
            .directory
            .division_by_id(jingwei_core::id::DivisionId(row.division))
            .map(|division| division.code.clone())
            .or_else(|| DivisionCode::parse(&row.code));
        sources.insert(row.source);
        now.map(|code| (code, row.shape)).ok_or_else(unpacked)
    });
    let outlines = Outlines::new(rows.collect::<Result<_>>()?).map_err(|_| unpacked())?;
    Ok((Arc::new(outlines), Arc::new(sources)))
}

fn gazetteer(tx: &mut Tx<'_>, world: &World, today: Day) -> Result<Gazetteer> {
    let places = store::all_places(tx)?.into_iter().map(rows::place);
    let places = places.collect::<Result<_>>()?;
    Ok(Gazetteer::new(world.directory.divisions(), places, today))
}

impl Place {
    /// Loads everything.
    pub(crate) fn load(tx: &mut Tx<'_>, world: &World, today: Day) -> Result<Self> {
        let (outlines, sources) = outlines(tx, world)?;
        Ok(Self {
            grids: Arc::new(grids(tx)?),
            outlines,
            sources,
            gazetteer: Arc::new(gazetteer(tx, world, today)?),
            generation: 0,
        })
    }
}

impl Shared {
    /// The land as it stands.
    pub(crate) fn place(&self) -> Arc<Place> {
        Arc::clone(&self.place.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a changed part in the place of the old one.
    fn change_place(&self, change: impl FnOnce(&mut Place)) {
        let mut held = self.place.write().unwrap_or_else(PoisonError::into_inner);
        let mut place = Place::clone(&held);
        change(&mut place);
        place.generation += 1;
        *held = Arc::new(place);
    }

    /// Takes the land again, whole: after a commit whose answer was lost.
    pub(crate) fn set_place(&self, new: Place) {
        self.change_place(|place| {
            let generation = place.generation;
            *place = Place { generation, ..new };
        });
    }
}

impl Node {
    /// The land as it stands.
    pub fn place(&self) -> Arc<Place> {
        self.shared.place()
    }

    /// Reads a part again after it changed. What cannot be read now stays as it was, with an alarm: it is durable, and the
    /// next change or start reads it.
    pub(crate) async fn reload_place(&self, part: Part) {
        let shared = Arc::clone(&self.shared);
        let today = self.now().local_day();
        let read = self
            .read_aside(move |tx| {
                let world = shared.world();
                match part {
                    Part::Grids => {
                        let grids = Arc::new(grids(tx)?);
                        shared.change_place(|place| place.grids = grids);
                    }
                    Part::Outlines => {
                        let (outlines, sources) = outlines(tx, &world)?;
                        shared.change_place(|place| {
                            place.outlines = outlines;
                            place.sources = sources;
                        });
                    }
                    Part::Gazetteer => {
                        let gazetteer = Arc::new(gazetteer(tx, &world, today)?);
                        let (outlines, sources) = outlines(tx, &world)?;
                        shared.change_place(|place| {
                            place.gazetteer = gazetteer;
                            place.outlines = outlines;
                            place.sources = sources;
                        });
                    }
                }
                Ok(())
            })
            .await;
        if let Err(error) = read {
            tracing::error!(code = error.code(), %error, "the land in memory is older than its rows");
        }
    }
}
