//! What the crash test can find wrong.

/// Kinds of faults; a mutant has to be found by the kind that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something acknowledged is not there.
    Missing,
    /// Something is there more often than it was asked for, or was never asked for.
    Doubled,
    /// Something acknowledged is there, but changed.
    Changed,
    /// A request was refused although it was right: above all one that was sent again under its key.
    Refused,
    /// `jingwei check` found the rows to differ from the journal.
    Check,
}

/// A fault.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

impl Fault {
    pub(crate) fn new(kind: Kind, text: String) -> Self {
        Self { kind, text }
    }
}
