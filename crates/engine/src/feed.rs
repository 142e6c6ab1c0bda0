//! The live feed: which case has changed, to whom it may be said, and whether a desk rings.
//!
//! The feed says (thing, id, version), never words; screens fetch again. The last changes are kept for those who lost their
//! line; who asks for more than is kept is told to fetch everything anew.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jingwei_core::access::{self, Principal, Role};
use jingwei_core::cases::{CaseState, RingReason};
use jingwei_core::code::DivisionCode;
use jingwei_core::id::{CaseId, OrderId, PersonId, UnitId};
use tokio::sync::broadcast;

/// Changes kept for replay.
const KEPT: usize = 10_000;
/// Changes a slow screen may be behind before it is told to fetch everything anew.
const BEHIND: usize = 4_096;

/// The desk of the centre rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ring {
    /// Why.
    pub reason: RingReason,
    /// About which order.
    pub order: Option<OrderId>,
}

/// A case has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Journal sequence of the case's last event.
    pub sequence: i64,
    /// The case.
    pub case: CaseId,
    /// Its version now.
    pub version: u32,
    /// Rings of the desk.
    pub rings: Vec<Ring>,
    code: DivisionCode,
    units: Vec<UnitId>,
    reporter: Option<PersonId>,
}

impl Change {
    pub(crate) fn of(case: &CaseState, sequence: i64, rings: Vec<Ring>) -> Self {
        Self {
            sequence,
            case: case.id,
            version: case.version,
            rings,
            code: case.code.clone(),
            units: case
                .orders
                .iter()
                .map(|order| order.unit)
                .chain(case.relayed_to)
                .collect(),
            reporter: case.reporter,
        }
    }

    /// Whether the change may be said to `principal`: the same rule as for seeing the case.
    pub fn visible_to(&self, principal: &Principal) -> bool {
        access::area_posts(principal).any(|post| post.covers(&self.code))
            || access::own_units(principal).any(|unit| self.units.contains(&unit))
            || self.reporter.is_some() && self.reporter == principal.person()
    }

    /// Whether the desk of `principal` rings: the centre's own people.
    pub fn rings_for(&self, principal: &Principal) -> bool {
        !self.rings.is_empty()
            && access::area_posts(principal).any(|post| {
                matches!(
                    post.role,
                    Role::DutyOfficer | Role::Dispatcher | Role::DutyChief
                ) && post.covers(&self.code)
            })
    }
}

/// What a subscriber gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A case has changed.
    Change(Arc<Change>),
    /// Something was missed: fetch everything anew.
    Reset,
}

#[derive(Default)]
struct Kept {
    changes: VecDeque<Arc<Change>>,
    /// Changes after this sequence are kept, all of them.
    since: i64,
}

/// The feed of a node.
pub struct Feed {
    sender: broadcast::Sender<Arc<Change>>,
    kept: Mutex<Kept>,
}

impl Feed {
    /// A feed that knows nothing before `sequence`.
    pub(crate) fn starting_after(sequence: i64) -> Self {
        let kept = Mutex::new(Kept {
            changes: VecDeque::new(),
            since: sequence,
        });
        Self {
            sender: broadcast::channel(BEHIND).0,
            kept,
        }
    }

    pub(crate) fn publish(&self, changes: Vec<Change>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            let change = Arc::new(change);
            kept.changes.push_back(Arc::clone(&change));
            if kept.changes.len() > KEPT
                && let Some(dropped) = kept.changes.pop_front()
            {
                kept.since = dropped.sequence;
            }
            // Nobody listening is no fault.
            let _ = self.sender.send(change);
        }
    }

    /// Subscribes; with `since` the changes after that sequence come first, or a reset when they are no longer kept.
    pub fn subscribe(&self, since: Option<i64>) -> Subscription {
        // Under the lock nothing is published: what is kept and what will come fit without gap or overlap.
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let mut first = VecDeque::new();
        if let Some(since) = since {
            if since < kept.since {
                first.push_back(Notice::Reset);
            } else {
                let missed = kept.changes.iter().filter(|change| change.sequence > since);
                first.extend(missed.map(|change| Notice::Change(Arc::clone(change))));
            }
        }
        Subscription { first, receiver }
    }

    /// Subscriptions now.
    pub fn open(&self) -> usize {
        self.sender.receiver_count()
    }
}

/// A subscriber's end.
pub struct Subscription {
    first: VecDeque<Notice>,
    receiver: broadcast::Receiver<Arc<Change>>,
}

impl Subscription {
    /// The next notice; none when the node stops.
    pub async fn next(&mut self) -> Option<Notice> {
        if let Some(notice) = self.first.pop_front() {
            return Some(notice);
        }
        match self.receiver.recv().await {
            Ok(change) => Some(Notice::Change(change)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Notice::Reset),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
