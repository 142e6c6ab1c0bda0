//! Reading things: one, a list, what happened to it. Who may see what is the rooms' rule; here it is only asked.

use jingwei_core::access::Principal;
use jingwei_core::refusal::Refusal;
use jingwei_core::things::{self, Sight, Thing, ThingEvent as _};
use jingwei_core::time::Timestamp;
use jingwei_store::journal::{self, JournalRow};
use jingwei_store::things::{self as store, ThingQuery, ThingRow};
use uuid::Uuid;

use super::read_state;
use crate::cases::timeline::actor_view;
use crate::cases::{Entry, MOST_ENTRIES, MOST_LISTED, Timeline, before_seq, fault, scopes_of};
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::world::World;

/// A list of things of one kind.
#[derive(Debug, Clone, Default)]
pub struct ThingsQuery {
    /// Only those with something still to be done, or only those without.
    pub open: Option<bool>,
    /// Only those of this case.
    pub case: Option<Uuid>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 100.
    pub limit: u32,
}

/// A page of things with their states.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<(ThingRow, T)>,
    pub(crate) next: Option<String>,
    pub(crate) sequence: i64,
}

/// What an event says in a timeline: about which unit, and the sentence in both languages.
pub(crate) type Sentence = (Option<jingwei_core::id::UnitId>, String, String);

impl Node {
    /// A thing and how `by` sees it; not found when they do not.
    pub(crate) async fn thing<T: Thing>(
        &self,
        by: &Principal,
        id: Uuid,
    ) -> Result<(ThingRow, T, Sight)> {
        let row = self
            .read(move |tx| Ok(store::load(tx, &[id])?.pop()))
            .await?
            .filter(|row| row.aggregate == T::AGGREGATE)
            .ok_or(Refusal::NotFound)?;
        let thing: T = read_state(&row)?;
        let sight = thing.sight(by).ok_or(Refusal::NotFound)?;
        Ok((row, thing, sight))
    }

    /// The things of one kind that `by` may see, newest first.
    pub(crate) async fn things<T: Thing>(
        &self,
        by: &Principal,
        query: &ThingsQuery,
    ) -> Result<Page<T>> {
        if !(1..=MOST_LISTED).contains(&query.limit) {
            return Err(fault(
                "?limit",
                "out_of_range",
                "每页 1 至 100 件",
                "a page has 1 to 100 items",
            ));
        }
        let before_seq = before_seq(query.after.as_deref())?;
        let asked = ThingQuery {
            aggregate: T::AGGREGATE.to_owned(),
            scopes: scopes_of(things::area_posts(by, T::AREA_ROLES)),
            units: things::own_units(by).map(|unit| unit.0).collect(),
            person: by.person().map(|person| person.0),
            open: query.open,
            case_id: query.case,
            before_seq,
            limit: i64::from(query.limit) + 1,
        };
        let sequence = self.sequence();
        let mut rows = self.read(move |tx| Ok(store::list(tx, &asked)?)).await?;
        let more = rows.len() > query.limit as usize;
        rows.truncate(query.limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.seq.to_string());
        let items = rows
            .into_iter()
            .map(|row| read_state(&row).map(|thing| (row, thing)))
            .collect::<Result<_>>()?;
        Ok(Page {
            items,
            next,
            sequence,
        })
    }

    /// What has happened to a thing, oldest first, from the version after `after`; `say` makes the sentences.
    pub(crate) async fn thing_timeline<T: Thing>(
        &self,
        by: &Principal,
        id: Uuid,
        after: u32,
        limit: u32,
        say: impl Fn(&T::Event, &T, Uuid) -> Result<Sentence>,
    ) -> Result<Timeline> {
        if !(1..=MOST_ENTRIES).contains(&limit) {
            return Err(fault(
                "?limit",
                "out_of_range",
                "每页 1 至 500 条",
                "a page has 1 to 500 entries",
            ));
        }
        let (row, thing, _) = self.thing::<T>(by, id).await?;
        let wanted = i64::from(limit) + 1;
        let mut rows = self
            .read(move |tx| Ok(journal::of_aggregate(tx, id, i64::from(after), wanted)?))
            .await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let world = self.shared.world();
        let items = rows
            .iter()
            .map(|journal| {
                let version = u32::try_from(journal.kind_v).unwrap_or(0);
                let event = T::Event::read(&journal.kind, version, &journal.payload)
                    .map_err(|e| EngineError::Journal(format!("row {}: {e}", journal.seq)))?;
                self.entry(journal, say(&event, &thing, id)?, &world)
            })
            .collect::<Result<Vec<_>>>()?;
        let next = items.last().filter(|_| more).map(|entry| entry.version);
        Ok(Timeline {
            items,
            next,
            sequence: row.updated_seq.max(self.sequence()),
        })
    }

    fn entry(&self, row: &JournalRow, sentence: Sentence, world: &World) -> Result<Entry> {
        let (unit, text_zh, text_en) = sentence;
        Ok(Entry {
            version: u32::try_from(row.version).unwrap_or(0),
            sequence: row.seq,
            at: Timestamp(row.at).rfc3339(),
            kind: row.kind.clone(),
            actor: actor_view(row, false, world, &self.shared.vault)?,
            order: None,
            unit: unit.map(|unit| world.unit_ref(unit, None)),
            text_zh,
            text_en,
        })
    }
}
