//! What handlers take from a request: who is signed in, the body, the query, ids, the address of the client.
//!
//! Must not decide anything about a case. Keeps: whatever is wrong with a request leaves as a problem that names the place.

mod base;
mod body;
mod client;
mod device;
mod files;
mod map_file;
mod path;
mod query;
mod signed;

pub(crate) use base::Base;
pub(crate) use body::{Plain, Sent};
pub(crate) use client::{Client, RequestId};
pub(crate) use device::{DEVICE, DEVICE_AT, Device};
pub(crate) use files::{Files, FilesBody, is_file_name};
pub(crate) use map_file::MapFile;
pub(crate) use path::{
    CasePath, FeaturePath, LayerPath, OrderPath, PartPath, ThingPath, TilePath, Word,
};
pub(crate) use query::Query;
pub(crate) use signed::Signed;

/// Most bytes of a body.
pub(crate) const MOST_BODY: usize = 64 * 1024;
/// Most bytes of a body of an import.
pub(crate) const MOST_IMPORT: usize = 8 * 1024 * 1024;

/// Most bytes of a body of this route, for the words of a refusal; beside axum's own limit, which cannot be asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MostBody(pub(crate) usize);
