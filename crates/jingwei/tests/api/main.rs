//! Tests of the HTTP floor over a running node: access (SK-e), bad input (SK-f), the shell around every answer, the feed.

mod access;
mod bad_input;
mod cast;
mod feed;
mod log;
mod shell;
