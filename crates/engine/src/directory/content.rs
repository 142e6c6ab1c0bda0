//! What an import brings, in parts that are staged, and how it becomes live rows.
//!
//! Must not check anything: that is done before. Keeps: the digest is over the parts as they are stored.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jingwei_core::directory::{DivisionRow, PersonRow, PlaceRow, TableName, UnitRow};
use jingwei_core::grids::{GridRow, OutlineRow};
use jingwei_core::sealed::Digest;
use jingwei_core::time::Timestamp;
use jingwei_store::timers::TimerRow;
use jingwei_store::{Tx, directory as store, grids as grid_store, rules as rule_store};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::{EngineError, Result};
use crate::grids::rows as grid_rows;
use crate::place::Part;
use crate::vault::body_hash;
use crate::world;

/// Rows of one staged part, and of one statement when they become valid.
const PART: usize = 4_000;

/// The content of an import, checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Content {
    /// Divisions.
    Divisions(Vec<DivisionRow>),
    /// Units.
    Units(Vec<UnitRow>),
    /// People.
    People(Vec<PersonRow>),
    /// Grids: versions that are closed or new.
    Grids(Vec<GridRow>),
    /// Outlines of divisions.
    Outlines(Vec<OutlineRow>),
    /// Named places.
    Places(Vec<PlaceRow>),
    /// The files of a rule set.
    Rules(Vec<(String, String)>),
}

impl Content {
    /// The table of an import; none for grids, which have acts.
    pub(super) fn table(&self) -> Option<TableName> {
        Some(match self {
            Self::Divisions(_) => TableName::Divisions,
            Self::Units(_) => TableName::Units,
            Self::People(_) => TableName::People,
            Self::Grids(_) => return None,
            Self::Outlines(_) => TableName::Outlines,
            Self::Places(_) => TableName::Places,
            Self::Rules(_) => TableName::Rules,
        })
    }

    /// Whether rules or directory in memory are other ones after it.
    pub(super) fn changes_world(&self) -> bool {
        matches!(
            self,
            Self::Divisions(_) | Self::Units(_) | Self::People(_) | Self::Rules(_)
        )
    }

    /// Which parts of the land in memory are other ones after it.
    pub(super) fn changes_place(&self) -> Option<Part> {
        match self {
            Self::Grids(_) => Some(Part::Grids),
            Self::Outlines(_) => Some(Part::Outlines),
            Self::Divisions(_) | Self::Places(_) => Some(Part::Gazetteer),
            Self::Units(_) | Self::People(_) | Self::Rules(_) => None,
        }
    }

    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Divisions(rows) => rows.len(),
            Self::Units(rows) => rows.len(),
            Self::People(rows) => rows.len(),
            Self::Grids(rows) => rows.len(),
            Self::Outlines(rows) => rows.len(),
            Self::Places(rows) => rows.len(),
            Self::Rules(files) => files.len(),
        }
    }

    /// Parts of at most [`PART`] rows, packed.
    pub(crate) fn parts(&self) -> Result<Vec<Vec<u8>>> {
        fn chunks<T: Clone>(rows: &[T], of: impl Fn(Vec<T>) -> Content) -> Result<Vec<Vec<u8>>> {
            rows.chunks(PART)
                .map(|rows| pack(&of(rows.to_vec())))
                .collect()
        }
        match self {
            Self::Divisions(rows) => chunks(rows, Self::Divisions),
            Self::Units(rows) => chunks(rows, Self::Units),
            Self::People(rows) => chunks(rows, Self::People),
            Self::Grids(rows) => chunks(rows, Self::Grids),
            Self::Outlines(rows) => chunks(rows, Self::Outlines),
            Self::Places(rows) => chunks(rows, Self::Places),
            Self::Rules(_) => Ok(vec![pack(self)?]),
        }
    }

    /// Writes a part into the live rows.
    pub(super) fn apply(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
        match self {
            Self::Divisions(rows) => {
                store::upsert_divisions(tx, rows.iter().map(world::division_row).collect())?;
            }
            Self::Units(rows) => {
                store::upsert_units(tx, rows.iter().map(world::unit_row).collect())?;
            }
            Self::People(rows) => {
                let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
                store::upsert_people(tx, rows.iter().map(world::person_row).collect())?;
                store::set_posts(tx, &ids, rows.iter().flat_map(world::post_rows).collect())?;
            }
            Self::Grids(rows) => {
                let rows = rows.iter().map(grid_rows::grid_row);
                grid_store::upsert(tx, rows.collect::<Result<_>>()?)?;
            }
            Self::Outlines(rows) => {
                let rows = rows.iter().map(grid_rows::outline_row);
                grid_store::upsert_outlines(tx, rows.collect())?;
            }
            Self::Places(rows) => {
                let rows = rows.iter().map(grid_rows::place_row);
                grid_store::upsert_places(tx, rows.collect())?;
            }
            Self::Rules(files) => {
                let content =
                    serde_json::to_vec(files).map_err(|e| EngineError::Internal(e.to_string()))?;
                let digest = digest_of_rules(files);
                rule_store::put(tx, &digest.0, &content, now.0)?;
                rule_store::set_present(tx, &digest.0)?;
                // Deadlines that a new calendar moves are reckoned again by the timer loop, whatever happens to this process.
                let timer = TimerRow {
                    thing: Uuid::nil(),
                    kind: crate::timers::RECOMPUTE.to_owned(),
                    sub: Uuid::nil(),
                    generation: now.0,
                    due: now.0,
                };
                jingwei_store::timers::upsert(tx, vec![timer])?;
            }
        }
        Ok(())
    }
}

fn pack(content: &Content) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(content).map_err(|e| EngineError::Internal(e.to_string()))?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&text)
        .and_then(|()| gzip.finish())
        .map_err(|e| EngineError::Internal(e.to_string()))
}

/// Reads a staged part.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Content> {
    let mut text = Vec::new();
    GzDecoder::new(bytes)
        .read_to_end(&mut text)
        .map_err(|e| EngineError::Journal(format!("a staged part: {e}")))?;
    serde_json::from_slice(&text).map_err(|e| EngineError::Journal(format!("a staged part: {e}")))
}

/// Digest of the parts of an import, in order: what its event carries.
pub(crate) fn digest_of_parts<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Digest {
    Digest(body_hash(&parts.collect::<Vec<_>>()))
}

/// Digest of the text of a rule set: names the version of rules in the events of cases.
pub(crate) fn digest_of_rules(files: &[(String, String)]) -> Digest {
    let mut hash = Sha256::new();
    for name in jingwei_core::rules::FILES {
        for (_, text) in files.iter().filter(|(file, _)| file == name) {
            hash.update(name.as_bytes());
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
    }
    Digest(hash.finalize().into())
}
