//! The live feed: which case or other thing has changed, to whom it may be said, and whether a desk rings.
//!
//! The feed says (thing, id, version), never words; screens fetch again. The last changes are kept for those who lost their
//! line; who asks for more than is kept is told to fetch everything anew.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jingwei_core::access::{self, Principal, Role};
use jingwei_core::cases::{CaseState, RingReason};
use jingwei_core::code::DivisionCode;
use jingwei_core::id::{OrderId, PersonId, UnitId};
use jingwei_core::things::{self, Shape, Thing};
use tokio::sync::broadcast;
use uuid::Uuid;

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

/// Something has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Journal sequence of its last event.
    pub sequence: i64,
    /// What it is: `case`, or the kind of another thing.
    pub thing: &'static str,
    /// Its id.
    pub id: Uuid,
    /// Its version now.
    pub version: u32,
    /// Rings of the desk about a case.
    pub rings: Vec<Ring>,
    /// Rings about another thing.
    thing_rings: Vec<things::Ring>,
    audience: Audience,
}

/// To whom a change may be said.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Audience {
    Case {
        code: DivisionCode,
        units: Vec<UnitId>,
        reporter: Option<PersonId>,
    },
    Thing {
        shape: Shape,
        roles: Option<&'static [Role]>,
    },
}

impl Change {
    pub(crate) fn of(case: &CaseState, sequence: i64, rings: Vec<Ring>) -> Self {
        Self {
            sequence,
            thing: "case",
            id: case.id.0,
            version: case.version,
            rings,
            thing_rings: Vec::new(),
            audience: Audience::Case {
                code: case.code.clone(),
                units: case
                    .orders
                    .iter()
                    .map(|order| order.unit)
                    .chain(case.relayed_to)
                    .collect(),
                reporter: case.reporter,
            },
        }
    }

    pub(crate) fn of_thing<T: Thing>(
        id: Uuid,
        thing: &T,
        sequence: i64,
        rings: Vec<things::Ring>,
    ) -> Self {
        let shape = thing.shape();
        Self {
            sequence,
            thing: T::AGGREGATE,
            id,
            version: shape.version,
            rings: Vec::new(),
            thing_rings: rings,
            audience: Audience::Thing {
                shape,
                roles: T::AREA_ROLES,
            },
        }
    }

    /// Whether the change may be said to `principal`: the same rule as for seeing the thing.
    pub fn visible_to(&self, principal: &Principal) -> bool {
        match &self.audience {
            Audience::Case {
                code,
                units,
                reporter,
            } => {
                access::area_posts(principal).any(|post| post.covers(code))
                    || access::own_units(principal).any(|unit| units.contains(&unit))
                    || reporter.is_some() && *reporter == principal.person()
            }
            Audience::Thing { shape, roles } => things::sight(principal, shape, *roles).is_some(),
        }
    }

    /// Whether the desk of `principal` rings about a case: the centre's own people.
    pub fn rings_for(&self, principal: &Principal) -> bool {
        let Audience::Case { code, .. } = &self.audience else {
            return false;
        };
        !self.rings.is_empty()
            && access::area_posts(principal).any(|post| {
                matches!(
                    post.role,
                    Role::DutyOfficer | Role::Dispatcher | Role::DutyChief
                ) && post.covers(code)
            })
    }

    /// The rings about another thing that are for `principal`.
    pub fn thing_rings_for<'c>(
        &'c self,
        principal: &Principal,
    ) -> impl Iterator<Item = &'c things::Ring> {
        self.thing_rings.iter().filter(|ring| match &self.audience {
            Audience::Thing { shape, .. } => things::rings_for(principal, ring, shape),
            Audience::Case { .. } => false,
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
