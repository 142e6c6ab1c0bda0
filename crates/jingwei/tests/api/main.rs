//! Tests of the HTTP floor over a running node: access (SK-e), bad input (SK-f), imports, phones, the shell around every
//! answer, the feed, maps, and the things beside cases.

mod access;
mod bad_input;
mod cast;
mod catalog;
mod device;
mod feed;
mod follow;
mod grid_files;
mod imports;
mod log;
mod maps;
mod shell;
mod suggestions;
mod things;
