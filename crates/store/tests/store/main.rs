//! Tests of the storage floor, on SQLite and PostgreSQL alike.
//!
//! Must not: run on one engine only without saying why. Invariant: without a PostgreSQL the tests fail; they never
//! skip it silently.

mod cases;
mod conformance;
mod directory;
mod explain;
mod figures;
mod fixture;
mod grids;
mod journal;
mod life;
mod readers;
mod schema;
mod things;
mod values;
