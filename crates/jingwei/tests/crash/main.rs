//! SK-b: the real binary killed while it works, and what has to be on the disk before it answers.
//!
//! `JINGWEI_KILLS` sets the kills on each engine (30), `JINGWEI_SEED` repeats a run's choices, `JINGWEI_BIN` and
//! `JINGWEI_MUTANT_BIN` name the programs. A kill leaves the page cache, so `sync` shows apart what reaches the disk.

mod clients;
mod compare;
mod fault;
mod harness;
mod http;
mod killed;
mod ledger;
mod postgres;
mod prepare;
mod random;
mod server;
mod sync;
