//! Maps: vector tiles, and features for geographic information systems (OGC API – Features).
//!
//! Must not show anything to somebody without an account as long as no map review number (审图号) is set: maps that are shown to
//! the public need one (地图管理条例, article 15).

mod features;
mod ogc;
mod tiles;

use jingwei_engine::maps::Reach;

use crate::extract::{Client, Signed};
use crate::operation::Operation;
use crate::problem::Problem;
use crate::state::ApiState;

const GROUP: &str = "maps";

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    let rooms = [
        tiles::operations(),
        ogc::operations(),
        features::operations(),
    ];
    rooms.into_iter().flatten().collect()
}

/// For whom a public map is made: for everybody where the public layers are on, else for who is signed in. None: for nobody.
fn reach(api: &ApiState, signed: Option<&Signed>) -> Option<Reach> {
    match (api.node().map_review_number(), signed) {
        (Some(_), _) => Some(Reach::Everybody),
        (None, Some(signed)) => Some(Reach::Of(signed.by().clone())),
        (None, None) => None,
    }
}

/// The same; who is not known is counted by address, and hears why there is nothing.
fn opened(api: &ApiState, client: Client, signed: Option<&Signed>) -> Result<Reach, Problem> {
    if signed.is_none() {
        api.node().map_try(client.address)?;
    }
    reach(api, signed).ok_or_else(Problem::layers_off)
}

/// What has to stand beside every map: the review number, where the borders come from, and their cautions.
fn attribution(api: &ApiState) -> String {
    let review = match api.node().map_review_number() {
        Some(number) => format!("审图号：{number} · Map review number {number}"),
        None => "未经地图审核，仅供内部使用 · Not reviewed as a public map: for internal use only"
            .to_owned(),
    };
    let sources = api.node().map_sources();
    std::iter::once(review)
        .chain(sources)
        .collect::<Vec<_>>()
        .join("; ")
}
