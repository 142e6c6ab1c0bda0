//! The room `mediation`: what people ask of mediations and what they see of them.

mod body;
mod shown;
mod timeline;
pub mod view;

pub use body::*;
use jingwei_core::access::Principal;
use jingwei_core::mediation::{Mediation, parties_shown_to};
use jingwei_core::refusal::Refusal;
use uuid::Uuid;
pub use view::*;

use crate::cases::{Meta, Timeline};
use crate::error::Result;
use crate::node::Node;
use crate::things::{Errand, ThingAnswer, ThingsQuery};

impl Node {
    /// Opens a mediation.
    pub async fn open_mediation(
        &self,
        by: &Principal,
        body: &OpenMediationBody,
        meta: Meta,
    ) -> Result<ThingAnswer> {
        let id = body.thing_id()?;
        let key = self.shared.vault.fresh();
        let command = body.command(&self.shared.vault.sealer(id, key))?;
        let errand = Errand::<Mediation>::of(self, by, id, None, command, Some(key), meta);
        self.carry_out(errand).await
    }

    /// Does an act on a mediation.
    pub async fn mediation_act(
        &self,
        by: &Principal,
        id: Uuid,
        body: &MediationActBody,
        meta: Meta,
    ) -> Result<ThingAnswer> {
        // Who may not see it hears the same as for one that does not exist, before any field is looked at.
        self.thing::<Mediation>(by, id).await?;
        let sealer = self.shared.vault.sealer_of(id)?.ok_or(Refusal::NotFound)?;
        let command = body.command(&sealer)?;
        let errand = Errand::<Mediation>::of(self, by, id, body.version(), command, None, meta);
        self.carry_out(errand).await
    }

    /// One mediation.
    pub async fn mediation(&self, by: &Principal, id: Uuid) -> Result<MediationView> {
        let (row, mediation, _) = self.thing::<Mediation>(by, id).await?;
        let world = self.shared.world();
        shown::mediation(&row, &mediation, by, &world, &self.shared.vault)
    }

    /// The mediations that `by` may see, newest first. No party is in it.
    pub async fn mediations(&self, by: &Principal, query: &ThingsQuery) -> Result<MediationPage> {
        let page = self.things::<Mediation>(by, query).await?;
        let world = self.shared.world();
        Ok(MediationPage {
            items: page
                .items
                .iter()
                .map(|(row, mediation)| shown::summary(row, mediation, &world))
                .collect(),
            next: page.next,
            sequence: page.sequence,
        })
    }

    /// What has happened to a mediation, oldest first, from the version after `after`.
    pub async fn mediation_timeline(
        &self,
        by: &Principal,
        id: Uuid,
        after: u32,
        limit: u32,
    ) -> Result<Timeline> {
        let vault = &self.shared.vault;
        self.thing_timeline::<Mediation>(by, id, after, limit, |event, mediation, id| {
            let shown = parties_shown_to(by, mediation);
            timeline::sentence(event, mediation, id, shown, vault)
        })
        .await
    }
}
