//! Faults on purpose, for tests only: the crash test has to find each of them. Built with the feature `mutants`, chosen at
//! run time by `JINGWEI_MUTANT`. Each holds a pause in its window, so that a kill lands in it.

use std::time::Duration;

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Answers before the commit.
    AnswerBeforeCommit,
    /// Does not look for receipts.
    IdempotencyOff,
    /// Writes the stock after the commit, in a transaction of its own.
    StockOutside,
}

/// The fault chosen; none when nothing (or nothing known) was chosen.
pub(crate) fn chosen() -> Option<Mutant> {
    match std::env::var("JINGWEI_MUTANT").ok()?.as_str() {
        "answer-before-commit" => Some(Mutant::AnswerBeforeCommit),
        "idempotency-off" => Some(Mutant::IdempotencyOff),
        "stock-outside" => Some(Mutant::StockOutside),
        _ => None,
    }
}

/// The window of the fault.
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(40));
}
