//! The live feed: which case or other thing has changed, to whom it may be said, and whether a desk rings.
//!
//! The feed says (thing, id, version), never words; screens fetch again. The last changes are kept for those who lost their
//! line; who asks for more than is kept is told to fetch everything anew.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jingwei_core::access::{self, Principal, Role};
use jingwei_core::cases::{CaseEvent, CaseState, Receiver, RingReason, Rung};
use jingwei_core::code::DivisionCode;
use jingwei_core::id::{OrderId, PersonId, UnitId};
use jingwei_core::things::{self, Shape, Thing};
use tokio::sync::broadcast;
use uuid::Uuid;

/// Changes kept for replay.
const KEPT: usize = 10_000;
/// Changes a slow screen may be behind before it is told to fetch everything anew.
const BEHIND: usize = 4_096;

/// The desk of the centre rings, or whoever is told of a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ring {
    /// Why.
    pub reason: Why,
    /// About which order.
    pub order: Option<OrderId>,
}

/// Why something rings about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The desk has to know.
    Desk(RingReason),
    /// A clock reached a rung of its ladder.
    Rung(Rung),
}

impl Why {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desk(reason) => reason.as_str(),
            // The same word whoever hears it.
            Self::Rung(Rung::Red) => RingReason::Overdue.as_str(),
            Self::Rung(rung) => rung.as_str(),
        }
    }
}

/// A ring for those who are told of a rung: reminders, red to the leader, the two cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) ring: Ring,
    pub(crate) to: Vec<Receiver>,
}

impl Told {
    /// What an event of a ladder rings; none for other events.
    pub(crate) fn of(event: &CaseEvent) -> Option<Self> {
        let (rung, order, to) = match event {
            CaseEvent::Overdue(e) => (Rung::Red, e.order, &e.to),
            CaseEvent::Escalated(e) => (e.rung, e.order, &e.to),
            _ => return None,
        };
        Some(Self {
            ring: Ring {
                reason: Why::Rung(rung),
                order,
            },
            to: to.clone(),
        })
    }

    fn is_for(&self, principal: &Principal) -> bool {
        self.to.iter().any(|to| match (to.role, to.unit) {
            // The unit waited for: all who work for it, grid workers too, wherever their own post lies.
            (Role::UnitStaff, Some(unit)) => access::own_units(principal).any(|own| own == unit),
            (role, unit) => principal.posts().iter().any(|post| {
                post.role == role
                    && (post.division == to.division || post.codes.contains(&to.division))
                    && unit.is_none_or(|unit| post.unit == unit)
            }),
        })
    }
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
    rings: Vec<Ring>,
    /// Rings about a case for those who are told of a rung.
    told: Vec<Told>,
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
    pub(crate) fn of(case: &CaseState, sequence: i64, rings: Vec<Ring>, told: Vec<Told>) -> Self {
        Self {
            sequence,
            thing: "case",
            id: case.id.0,
            version: case.version,
            rings,
            told,
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
            told: Vec::new(),
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

    /// The rings about a case that are for `principal`: of the desk for the centre's own people, of a rung for those who are told
    /// of it. Whose desk rings about an order is not rung a second time about the same.
    pub fn rings_for(&self, principal: &Principal) -> Vec<Ring> {
        let Audience::Case { code, .. } = &self.audience else {
            return Vec::new();
        };
        let at_desk = access::area_posts(principal).any(|post| {
            matches!(
                post.role,
                Role::DutyOfficer | Role::Dispatcher | Role::DutyChief
            ) && post.covers(code)
        });
        let mut rings = if at_desk {
            self.rings.clone()
        } else {
            Vec::new()
        };
        let desk = rings.len();
        for told in self.told.iter().filter(|told| told.is_for(principal)) {
            let at_the_desk = rings[..desk]
                .iter()
                .any(|ring| ring.order == told.ring.order);
            if !at_the_desk && !rings.contains(&told.ring) {
                rings.push(told.ring);
            }
        }
        rings
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

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTY: &str = "510117";
    const TOWN: &str = "510117001";

    fn code(code: &str) -> DivisionCode {
        DivisionCode::parse(code).expect("a code")
    }

    fn unit(n: u128) -> UnitId {
        UnitId(Uuid::from_u128(n))
    }

    fn who(role: Role, at: UnitId, division: &str) -> Principal {
        let post = access::Post {
            role,
            unit: at,
            division: code(division),
            codes: vec![code(division)],
        };
        Principal::Person {
            id: PersonId(Uuid::from_u128(9)),
            posts: vec![post],
        }
    }

    fn ring(reason: Why, order: u128) -> Ring {
        Ring {
            reason,
            order: Some(OrderId(Uuid::from_u128(order))),
        }
    }

    fn told(rung: Rung, order: u128, to: &[(Role, &str, Option<UnitId>)]) -> Told {
        let receiver = |&(role, division, unit): &(Role, &str, Option<UnitId>)| Receiver {
            role,
            division: code(division),
            unit,
        };
        Told {
            ring: ring(Why::Rung(rung), order),
            to: to.iter().map(receiver).collect(),
        }
    }

    fn change(rings: Vec<Ring>, told: Vec<Told>) -> Change {
        Change {
            sequence: 1,
            thing: "case",
            id: Uuid::nil(),
            version: 1,
            rings,
            told,
            thing_rings: Vec::new(),
            audience: Audience::Case {
                code: code(TOWN),
                units: vec![unit(1)],
                reporter: None,
            },
        }
    }

    fn words(change: &Change, who: &Principal) -> Vec<&'static str> {
        let rings = change.rings_for(who);
        rings.iter().map(|ring| ring.reason.as_str()).collect()
    }

    #[test]
    fn a_rung_rings_at_its_receivers_alone() {
        let to = [
            (Role::UnitStaff, COUNTY, Some(unit(1))),
            (Role::Leader, TOWN, None),
        ];
        let yellow = change(Vec::new(), vec![told(Rung::Yellow, 7, &to)]);
        let hears = |who: &Principal| words(&yellow, who);
        assert_eq!(hears(&who(Role::UnitStaff, unit(1), TOWN)), ["yellow"]);
        assert_eq!(hears(&who(Role::GridWorker, unit(1), TOWN)), ["yellow"]);
        assert_eq!(hears(&who(Role::Leader, unit(2), TOWN)), ["yellow"]);
        let nobody: [&str; 0] = [];
        assert_eq!(hears(&who(Role::UnitStaff, unit(2), TOWN)), nobody);
        assert_eq!(hears(&who(Role::Leader, unit(2), COUNTY)), nobody);
        assert_eq!(hears(&who(Role::DutyOfficer, unit(2), TOWN)), nobody);
    }

    #[test]
    fn whose_desk_rings_hears_of_an_order_once() {
        let officer = who(Role::DutyOfficer, unit(2), TOWN);
        let to = [(Role::DutyOfficer, TOWN, None), (Role::Leader, TOWN, None)];
        let desk = ring(Why::Desk(RingReason::NotAcknowledged), 7);
        let red = change(
            vec![desk],
            vec![told(Rung::Red, 7, &to), told(Rung::YellowCard, 8, &to)],
        );
        assert_eq!(words(&red, &officer), ["not_acknowledged", "yellow_card"]);
        let leader = who(Role::Leader, unit(2), TOWN);
        assert_eq!(words(&red, &leader), ["overdue", "yellow_card"]);
    }
}
