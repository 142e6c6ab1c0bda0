//! What can go wrong on this floor, with a stable code each. Words for people are made by the API's catalogue.

use jingwei_core::refusal::Refusal;
use jingwei_core::rules::table::Fault;
use jingwei_store::StoreError;

/// An error of the engine.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The rules refused the command.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// The key was used for another body.
    #[error("the idempotency key was used for another body")]
    KeyReused,
    /// No session, or it ended.
    #[error("no valid session")]
    Unauthenticated,
    /// Account or password is wrong: the same answer for both.
    #[error("account or password is wrong")]
    SignInRefused,
    /// Too many tries; come back later.
    #[error("too many tries, again in {0} s")]
    TooMany(u32),
    /// The queue is full or the writer is away for a moment; nothing is known to be lost, send again under the same key.
    #[error("busy, again in {0} s")]
    Busy(u32),
    /// The disk is full: the node only reads.
    #[error("the disk is full: the node only reads")]
    ReadOnly,
    /// Another writer took over: this process only reads.
    #[error("another writer took over")]
    Deposed,
    /// An import with faults; nothing of it was taken.
    #[error("{} fault(s) in the table", .0.len())]
    Import(Vec<Fault>),
    /// An import whose separations of roles the deployment has to relax expressly.
    #[error("{0} person(s) hold roles that are kept apart by default")]
    NeedsRelaxing(usize),
    /// Keys or sealed values could not be read.
    #[error("vault: {0}")]
    Vault(String),
    /// The machine's clock stands before the journal's last row.
    #[error(
        "the clock went back: it shows {now}, the journal ends at {journal}; set the clock, then start again"
    )]
    ClockWentBack {
        /// What the clock shows.
        now: String,
        /// Time of the last row.
        journal: String,
    },
    /// The journal holds what this program cannot read.
    #[error("journal: {0}")]
    Journal(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A fault of this program: logged, nothing half done.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl From<Refusal> for EngineError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl EngineError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::KeyReused => "key_reused",
            Self::Unauthenticated => "unauthenticated",
            Self::SignInRefused => "sign_in_refused",
            Self::TooMany(_) => "too_many",
            Self::Busy(_) => "busy",
            Self::ReadOnly => "read_only",
            Self::Deposed => "deposed",
            Self::Import(_) => "import",
            Self::NeedsRelaxing(_) => "needs_relaxing",
            Self::Vault(_) => "vault",
            Self::ClockWentBack { .. } => "clock_went_back",
            Self::Journal(_) => "journal",
            Self::Store(error) => error.code(),
            Self::Internal(_) => "internal",
        }
    }
}

/// Results of this floor.
pub type Result<T, E = EngineError> = std::result::Result<T, E>;
