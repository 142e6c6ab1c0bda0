//! The room `whistles`: what people ask of whistles and what they see of them.

mod body;
mod shown;
mod timeline;
pub mod view;

pub use body::*;
use jingwei_core::access::Principal;
use jingwei_core::whistles::Whistle;
use uuid::Uuid;
pub use view::*;

use crate::cases::{Meta, Timeline};
use crate::error::Result;
use crate::node::Node;
use crate::things::{Errand, ThingAnswer, ThingsQuery};
use crate::vault::Sealer;
use jingwei_core::refusal::Refusal;

impl Node {
    /// Blows a whistle.
    pub async fn blow(&self, by: &Principal, body: &BlowBody, meta: Meta) -> Result<ThingAnswer> {
        let id = body.thing_id()?;
        let key = self.shared.vault.fresh();
        let command = body.command(&self.shared.vault.sealer(id, key))?;
        let errand = Errand::<Whistle>::of(self, by, id, None, command, Some(key), meta);
        self.carry_out(errand).await
    }

    /// Does an act on a whistle.
    pub async fn whistle_act(
        &self,
        by: &Principal,
        id: Uuid,
        body: &WhistleActBody,
        meta: Meta,
    ) -> Result<ThingAnswer> {
        // Who may not see it hears the same as for one that does not exist, before any field is looked at.
        let (_, whistle, _) = self.thing::<Whistle>(by, id).await?;
        let sealer: Sealer<'_> = self.shared.vault.sealer_of(id)?.ok_or(Refusal::NotFound)?;
        let place = match &whistle.position {
            Some(sealed) if body.is_arrival() => self.shared.vault.open_sealed(id, sealed)?,
            _ => None,
        };
        let command = body.command(&sealer, place.map(|position| position.point))?;
        let errand = Errand::<Whistle>::of(self, by, id, body.version(), command, None, meta);
        self.carry_out(errand).await
    }

    /// One whistle.
    pub async fn whistle(&self, by: &Principal, id: Uuid) -> Result<WhistleView> {
        let (row, whistle, _) = self.thing::<Whistle>(by, id).await?;
        let world = self.shared.world();
        shown::whistle(&row, &whistle, by, &world, &self.shared.vault)
    }

    /// The whistles that `by` may see, newest first.
    pub async fn whistles(&self, by: &Principal, query: &ThingsQuery) -> Result<WhistlePage> {
        let page = self.things::<Whistle>(by, query).await?;
        let world = self.shared.world();
        Ok(WhistlePage {
            items: page
                .items
                .iter()
                .map(|(row, whistle)| shown::summary(row, whistle, &world))
                .collect(),
            next: page.next,
            sequence: page.sequence,
        })
    }

    /// What has happened to a whistle, oldest first, from the version after `after`.
    pub async fn whistle_timeline(
        &self,
        by: &Principal,
        id: Uuid,
        after: u32,
        limit: u32,
    ) -> Result<Timeline> {
        let vault = &self.shared.vault;
        self.thing_timeline::<Whistle>(by, id, after, limit, |event, whistle, id| {
            timeline::sentence(event, whistle, id, vault)
        })
        .await
    }
}
