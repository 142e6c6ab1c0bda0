//! What a client knows to be acknowledged: a file of its own, on the disk before the client's next request.
//!
//! Must not hold anything the server did not say. Invariant: an entry is written once, after its answer came and before
//! anything else is sent.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use uuid::Uuid;

/// What the clients do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Act {
    Report,
    Accept,
    File,
    Dispatch,
    Remind,
}

impl Act {
    const ALL: [Self; 5] = [
        Self::Report,
        Self::Accept,
        Self::File,
        Self::Dispatch,
        Self::Remind,
    ];

    /// Last part of the path, and the name in the ledger.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Accept => "accept",
            Self::File => "file",
            Self::Dispatch => "dispatch",
            Self::Remind => "remind",
        }
    }

    /// The kind of the one event that it leaves in the journal.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Report => "reported",
            Self::Accept => "accepted",
            Self::File => "filed",
            Self::Dispatch => "dispatched",
            Self::Remind => "reminded",
        }
    }
}

/// One acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    pub(crate) case: Uuid,
    pub(crate) act: Act,
    pub(crate) version: i64,
    pub(crate) sequence: i64,
    pub(crate) number: Option<String>,
    pub(crate) orders: Vec<Uuid>,
}

impl Acknowledged {
    /// From the answer's body; none when it is not one.
    pub(crate) fn of(act: Act, answer: &serde_json::Value) -> Option<Self> {
        Some(Self {
            case: answer["id"].as_str()?.parse().ok()?,
            act,
            version: answer["version"].as_i64()?,
            sequence: answer["sequence"].as_i64()?,
            number: answer["number"].as_str().map(str::to_owned),
            orders: answer["orders"]
                .as_array()?
                .iter()
                .map(|id| id.as_str()?.parse().ok())
                .collect::<Option<_>>()?,
        })
    }

    fn line(&self) -> String {
        let orders: Vec<String> = self.orders.iter().map(Uuid::to_string).collect();
        format!(
            "{} {} {} {} {} {}.\n",
            self.case,
            self.act.word(),
            self.version,
            self.sequence,
            self.number.as_deref().unwrap_or("-"),
            orders.join(","),
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_suffix('.')?.split(' ');
        let case = words.next()?.parse().ok()?;
        let word = words.next()?;
        let act = Act::ALL.into_iter().find(|act| act.word() == word)?;
        let (version, sequence) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let number = Some(words.next()?).filter(|n| *n != "-").map(str::to_owned);
        let orders = words
            .next()?
            .split(',')
            .filter(|id| !id.is_empty())
            .map(|id| id.parse().ok())
            .collect::<Option<_>>()?;
        Some(Self {
            case,
            act,
            version,
            sequence,
            number,
            orders,
        })
    }
}

/// A client's file.
pub(crate) struct Ledger(File);

impl Ledger {
    pub(crate) fn create(path: &Path) -> Self {
        Self(File::create_new(path).expect("a new ledger"))
    }

    /// On the disk when this returns.
    pub(crate) fn append(&mut self, entry: &Acknowledged) {
        self.0
            .write_all(entry.line().as_bytes())
            .and_then(|()| self.0.sync_data())
            .expect("the ledger is written");
    }

    /// Everything a client wrote, from its file.
    pub(crate) fn read(path: &Path) -> Vec<Acknowledged> {
        let text = std::fs::read_to_string(path).expect("a ledger");
        text.lines()
            .map(|line| {
                Acknowledged::parse(line).unwrap_or_else(|| panic!("a line of a ledger: {line}"))
            })
            .collect()
    }
}

#[test]
fn a_ledger_gives_back_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let entry = |act, number: Option<&str>, orders| Acknowledged {
        case: Uuid::from_u128(7),
        act,
        version: 3,
        sequence: 41,
        number: number.map(str::to_owned),
        orders,
    };
    let all = [
        entry(Act::Report, None, vec![]),
        entry(
            Act::Dispatch,
            Some("RQ-20261120-510116111-0017"),
            vec![Uuid::from_u128(8), Uuid::from_u128(9)],
        ),
    ];
    let mut ledger = Ledger::create(&path);
    for entry in &all {
        ledger.append(entry);
    }
    assert_eq!(Ledger::read(&path), all);
}
