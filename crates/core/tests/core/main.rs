//! The tests of the rules, in one binary: properties of the state machine, the procedure by example, access, tables, the
//! work calendar, the things beside cases, the hand-written table of rules, and the golden journals.
//!
//! Nothing here reads a clock or opens a database. The shipped tables and the demo's units and people are read as they are,
//! so that a change of a table that changes what happens is seen here first.

mod access;
mod acts;
mod calendar;
mod gazetteer;
mod golden;
mod place;
mod place_index;
mod place_partition;
mod rules_by_hand;
mod rules_document;
mod rules_staging;
mod state_machine;
mod suggest;
mod support;
mod tables;
mod things;
