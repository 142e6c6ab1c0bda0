//! Tests of a whole node over HTTP, on both engines.

mod check;
mod demo;
mod directions;
mod grids;
mod ladder;
mod mediation;
mod old_rules;
mod scenes;
mod statements;
mod story;
mod whistles;
