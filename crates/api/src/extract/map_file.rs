//! A map file as the body of an import.
//!
//! Must not look into it: that is the engine's.

use axum::extract::{FromRequest, Request};
use jingwei_engine::Meta;

use super::body;
use crate::operation::MAP_TYPES;
use crate::problem::Problem;
use crate::state::ApiState;

/// A map file with what goes with the command.
pub(crate) struct MapFile {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// What goes with the command.
    pub(crate) meta: Meta,
}

impl FromRequest<ApiState> for MapFile {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, Problem> {
        let (head, bytes) = body::read(request, api).await?;
        let meta = body::meta(&head, &bytes)?;
        if !MAP_TYPES
            .iter()
            .any(|kind| body::is_type(&head.headers, kind))
        {
            return Err(Problem::media_type(&MAP_TYPES.join(", ")));
        }
        Ok(Self {
            bytes: bytes.into(),
            meta,
        })
    }
}
