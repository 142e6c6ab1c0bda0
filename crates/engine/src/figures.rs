//! The room `figures`: how many cases stand where, now.

use jingwei_core::access::{self, Principal};
use jingwei_core::code::DivisionCode;
use jingwei_core::refusal::Refusal;
use jingwei_store::figures as store;

use crate::cases::view::{Stock, StockView};
use crate::error::Result;
use crate::node::Node;

impl Node {
    /// Cases of a division by class and stage. Not found when the division is not within an area of `by`.
    pub async fn stock(&self, by: &Principal, scope: &str) -> Result<Stock> {
        let code = DivisionCode::parse(scope).ok_or(Refusal::NotFound)?;
        let world = self.shared.world();
        world.directory.division(&code).ok_or(Refusal::NotFound)?;
        if !access::area_posts(by).any(|post| post.covers(&code)) {
            return Err(Refusal::NotFound.into());
        }
        // History stays in scope when a division is recoded: former codes are added up with today's.
        let codes: Vec<String> = world
            .directory
            .codes_of(&code)
            .iter()
            .map(|c| c.as_str().to_owned())
            .collect();
        let sequence = self.sequence();
        let rows = self
            .read(move |tx| Ok(store::stock_of(tx, &codes)?))
            .await?;
        let mut items: Vec<StockView> = Vec::new();
        for row in rows {
            let at = items
                .iter()
                .position(|item| item.class == row.class)
                .unwrap_or_else(|| {
                    items.push(StockView {
                        class: row.class.clone(),
                        ..StockView::default()
                    });
                    items.len() - 1
                });
            let item = &mut items[at];
            item.reported += row.reported;
            item.returned += row.returned;
            item.accepted += row.accepted;
            item.filed += row.filed;
            item.dispatched += row.dispatched;
            item.handled += row.handled;
            item.verified += row.verified;
            item.closed += row.closed;
            item.refused += row.refused;
            item.voided += row.voided;
            item.suspended += row.suspended;
            item.merged += row.merged;
        }
        items.sort_by(|a, b| a.class.cmp(&b.class));
        Ok(Stock {
            scope: world.division_ref(&code),
            items,
            sequence,
        })
    }
}
