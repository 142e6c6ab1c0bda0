//! Things beside cases (whistles, mediations): the path of their commands through the one writer, their rows, and what all
//! their lists and timelines have in common. A room brings its rules ([`Thing`]), its bodies and its views, and one line in
//! `of_kind`.
//!
//! They come in small numbers, so each command is a transaction of its own, a job of the writer between its batches. It
//! keeps the same promises as a batch: claimed head, one answer for a key, new keys durable before the commit, told to the
//! feed after it, and a commit whose outcome is unknown is looked up before anybody is answered.

mod command;
mod read;
mod rows;

pub(crate) use command::{Errand, fire};
pub(crate) use read::Sentence;
pub use read::ThingsQuery;
pub(crate) use rows::{read_state, thing_row, timer_rows, unit_rows};

use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::sealed::Sealed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::Result;
use crate::vault::Vault;

/// The short answer to an act on a thing; kept for 90 days under the sender's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThingAnswer {
    /// The thing.
    pub id: Uuid,
    /// Its version after the act.
    pub version: u32,
    /// Journal sequence of the act's last event.
    pub sequence: i64,
    /// Where it stands after the act.
    pub stage: String,
}

/// Does `$work` with the type of the kind that the journal calls `$kind`; none for a kind that nobody knows.
macro_rules! of_kind {
    ($kind:expr, |$thing:ident| $work:expr) => {
        match $kind {
            <jingwei_core::whistles::Whistle as jingwei_core::things::Thing>::AGGREGATE => {
                type $thing = jingwei_core::whistles::Whistle;
                Some($work)
            }
            <jingwei_core::mediation::Mediation as jingwei_core::things::Thing>::AGGREGATE => {
                type $thing = jingwei_core::mediation::Mediation;
                Some($work)
            }
            _ => None,
        }
    };
}
pub(crate) use of_kind;

/// The words under a seal; where the key was destroyed that is said instead.
pub(crate) fn opened(vault: &Vault, id: Uuid, sealed: &Sealed<String>) -> Result<String> {
    Ok(vault
        .open_sealed(id, sealed)?
        .unwrap_or_else(|| "（已销毁 / erased）".to_owned()))
}

/// The id of a new thing.
pub(crate) fn new_id(text: &str) -> Result<Uuid> {
    match Uuid::parse_str(text) {
        Ok(id) if id.get_version_num() == 7 => Ok(id),
        _ => Err(Refusal::Invalid(vec![FieldFault::new(
            "/id",
            "not_understood",
            "id 应为发送方生成的 UUIDv7",
            "id is a UUIDv7 made by the sender",
        )])
        .into()),
    }
}
