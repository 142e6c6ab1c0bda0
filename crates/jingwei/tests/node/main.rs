//! Tests of a whole node over HTTP, on both engines.

mod check;
mod demo;
mod directions;
mod scenes;
mod statements;
mod story;
