//! The HTTP floor of Jingwei: one router over a node, its OpenAPI document, and the page built into the program.
//!
//! Must not: decide anything, speak SQL, or log what a person wrote. Every operation stands once, in [`routes`], with its
//! path, its access and its shapes; router and document are both made from that list, so neither can lack what the other
//! has. Every refusal leaves as `application/problem+json` in both languages.

mod cases;
mod catalogue;
mod directory;
mod document;
mod etag;
mod extract;
mod feed;
mod figures;
mod grids;
mod guard;
mod imports;
mod language;
mod maps;
mod mediation;
mod meta;
mod metrics;
mod notices;
mod operation;
mod pages;
mod places;
mod problem;
mod readable;
mod residents;
mod routes;
mod serve;
mod sessions;
mod shell;
mod state;
mod suggestions;
mod things;
mod whistles;

pub use document::openapi;
pub use routes::router;
pub use serve::serve;
pub use state::{ApiConfig, ApiState};
