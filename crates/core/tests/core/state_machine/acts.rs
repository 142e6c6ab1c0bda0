//! Which acts an event stands for, and which acts are kept apart: read from role_separation.csv by this file's own lines.

use std::sync::OnceLock;

use jingwei_core::access::Act;
use jingwei_core::cases::{CaseEvent, Supervision};

use crate::support::SHIPPED;

/// A row of role_separation.csv about acts.
pub(super) struct Pair {
    a: Act,
    b: Act,
    /// Whether it never gives way.
    pub(super) hard: bool,
}

impl Pair {
    /// The other act of the pair.
    pub(super) fn other(&self, act: Act) -> Option<Act> {
        match () {
            () if self.a == act => Some(self.b),
            () if self.b == act => Some(self.a),
            () => None,
        }
    }
}

/// The acts kept apart.
pub(super) fn kept_apart() -> &'static [Pair] {
    static PAIRS: OnceLock<Vec<Pair>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let text = SHIPPED
            .iter()
            .find(|(name, _)| *name == "role_separation.csv")
            .map_or("", |(_, text)| *text);
        let pairs: Vec<Pair> = text
            .lines()
            .filter_map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                (cells[0] == "act").then(|| Pair {
                    a: Act::parse(cells[1]).expect("an act"),
                    b: Act::parse(cells[2]).expect("an act"),
                    hard: cells[3] == "hard",
                })
            })
            .collect();
        assert_eq!(pairs.len(), 17);
        pairs
    })
}

/// What a person did by an event. Whoever arrives, hands in or solves on the spot handles.
pub(super) fn acts_of(event: &CaseEvent) -> Vec<Act> {
    match event {
        CaseEvent::Reported(_) => vec![Act::Report],
        CaseEvent::Accepted(e) if e.classified.is_some() => vec![Act::Accept, Act::SetClass],
        CaseEvent::Accepted(_) => vec![Act::Accept],
        CaseEvent::Filed(_) => vec![Act::File],
        CaseEvent::Dispatched(_) | CaseEvent::OrdersNested(_) => vec![Act::Dispatch],
        CaseEvent::Arrived(_) | CaseEvent::Worked(_) => vec![Act::Handle],
        CaseEvent::FedBack(_) => vec![Act::FeedBack, Act::Handle],
        CaseEvent::SolvedOnSpot(_) => vec![Act::SolveOnSpot, Act::Handle],
        CaseEvent::Verified(_) | CaseEvent::CheckFailed(_) | CaseEvent::AuditFailed(_) => {
            vec![Act::Verify]
        }
        CaseEvent::CalledBack(_) => vec![Act::CallBack],
        CaseEvent::Closed(_) => vec![Act::Close],
        CaseEvent::OrderObjected(_) => vec![Act::ObjectOrder],
        CaseEvent::ObjectionDecided(_) => vec![Act::DecideObjection],
        CaseEvent::ExtensionRequested(_) => vec![Act::RequestExtension],
        CaseEvent::ExtensionDecided(_) => vec![Act::DecideExtension],
        CaseEvent::SuspensionRequested(_) => vec![Act::RequestSuspend],
        CaseEvent::Suspended(_) | CaseEvent::SuspensionRefused(_) => vec![Act::Suspend],
        CaseEvent::VoidRequested(_) => vec![Act::RequestVoid],
        CaseEvent::Voided(_) | CaseEvent::VoidRefused(_) => vec![Act::Void],
        CaseEvent::Redispatched(e) if !e.designated => vec![Act::Redispatch],
        CaseEvent::Supervised(e) if e.level == Supervision::RedCard => vec![Act::RedCard],
        _ => Vec::new(),
    }
}
