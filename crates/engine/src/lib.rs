//! The engine: the one writer, sealing and keys, timers, sessions, imports, and what people see of cases.
//!
//! Commands come in, pure rules decide ([`jingwei_core`]), the journal and its rows are written in one transaction
//! ([`jingwei_store`]), and everything else follows from the journal. No SQL and no HTTP here.

pub mod cases;
pub mod catalog;
pub mod check;
mod check_things;
pub mod clock;
pub mod directory;
mod error;
pub mod feed;
pub mod figures;
pub mod grids;
pub mod maps;
pub mod mediation;
mod metrics;
#[cfg(feature = "mutants")]
mod mutants;
mod node;
pub mod notices;
pub mod place;
pub mod places;
mod projection;
pub mod random;
mod sessions;
mod suggest;
pub mod things;
mod timers;
mod vault;
pub mod whatif;
pub mod whistles;
mod world;
mod writer;

pub use cases::{CaseQuery, Meta};
pub use catalog::{ClassList, PlanList};
pub use directory::{DivisionPage, DivisionView, ImportOptions, ImportReport, UnitPage};
pub use error::{EngineError, Result};
pub use metrics::Metrics;
pub use node::{Hold, Node, NodeConfig};
pub use sessions::{LEAST_PASSWORD, Me, RoleView, Session, SignedIn};
pub use suggest::{
    DangerView, OutView, ReasonView, ResidentSuggestionsView, SuggestBody, SuggestionView,
    SuggestionsView,
};
pub use vault::body_hash;
pub use world::World;
