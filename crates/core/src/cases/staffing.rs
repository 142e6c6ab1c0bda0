//! Who else could: small places, empty posts, and separations that give way.
//!
//! A separation that is `hard` never gives way. One that is `default` gives way when nobody else in the path of the place
//! could do the act, and the journal says so ([`SeparationYielded`](super::SeparationYielded)). A post that is empty is
//! skipped upward, and what is left to a level where nobody holds it falls back to the levels below.

use super::{CaseState, Order};
use crate::access::{self, Act, Acting, Principal, Role, Strength};
use crate::code::{DivisionCode, Level};
use crate::directory::Directory;
use crate::id::{OrderId, PersonId, UnitId};
use crate::refusal::Refusal;
use crate::rules::{RuleSet, Urgency};

/// An earlier act of a person that stands against another one.
#[derive(Debug, Clone)]
pub(super) struct Conflict {
    /// What the person did.
    pub(super) did: Act,
    /// What it stands against.
    pub(super) act: Act,
    strength: Strength,
    zh: String,
    en: String,
}

impl Conflict {
    fn refusal(self) -> Refusal {
        Refusal::Separation {
            did: self.did,
            act: self.act,
            zh: self.zh,
            en: self.en,
        }
    }
}

/// What stands against `principal`, acting as `by`, doing `act` on this case after what they (or their unit) did on it.
///
/// Accept, file and dispatch come together in one person by an urgent plan, and where the deployment let one person hold
/// duty chief and dispatcher: an import takes such a person only when the separation is relaxed expressly, and the journal
/// keeps that.
fn conflicts(
    principal: &Principal,
    by: Acting,
    act: Act,
    by_plan: bool,
    case: &CaseState,
    rules: &RuleSet,
) -> Vec<Conflict> {
    let Some(person) = by.person else {
        return Vec::new();
    };
    let relaxed = principal.holds(Role::DutyChief) && principal.holds(Role::Dispatcher);
    let joined = relaxed || by_plan && case.urgency == Urgency::High;
    // Whoever arrives or hands in handles; whoever solves on the spot has handled.
    let handles = matches!(act, Act::Arrive | Act::FeedBack).then_some(Act::Handle);
    let mut found = Vec::new();
    for &(did, _) in case.did.iter().filter(|(_, who)| *who == person) {
        for act in std::iter::once(act).chain(handles) {
            let pairs = rules.role_acts.acts_apart.iter().filter(|pair| {
                ((pair.a, pair.b) == (did, act) || (pair.b, pair.a) == (did, act))
                    && !(joined
                        && pair.strength == Strength::Default
                        && pair.b == Act::Dispatch
                        && matches!(pair.a, Act::Accept | Act::File))
            });
            found.extend(pairs.map(|pair| Conflict {
                did,
                act,
                strength: pair.strength,
                zh: pair.reason_zh.clone(),
                en: pair.reason_en.clone(),
            }));
        }
    }
    let own_work = |order: &Order| order.part.is_mandatory() && Some(order.unit) == by.unit;
    if act == Act::Verify && case.orders.iter().any(own_work) {
        found.push(Conflict {
            did: Act::Handle,
            act,
            strength: Strength::Default,
            zh: "本单位承办的，由别的单位核查".to_owned(),
            en: "what one's own unit handled is checked by another unit".to_owned(),
        });
    }
    found
}

/// What is asked, by whom, of which case.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) principal: &'a Principal,
    pub(super) by: Acting,
    pub(super) act: Act,
    pub(super) by_plan: bool,
    pub(super) case: &'a CaseState,
    pub(super) rules: &'a RuleSet,
    pub(super) directory: &'a Directory,
}

/// May `principal` do `act` on the case, by role and level? What the level above took over, or closes, falls back to the
/// levels below where nobody there could do it, the nearest first: no case waits for a post that is empty.
pub(super) fn permitted(
    principal: &Principal,
    act: Act,
    case: &CaseState,
    order: Option<OrderId>,
    rules: &RuleSet,
    directory: &Directory,
) -> Result<Acting, Refusal> {
    let refusal = match access::allowed(principal, act, case, order, &rules.role_acts) {
        Err(refusal @ (Refusal::HandledAbove(..) | Refusal::ClosesAbove(_))) => refusal,
        answer => return answer,
    };
    let Principal::Person { id, .. } = principal else {
        return Err(refusal);
    };
    if somebody_could(act, case, Some(*id), rules, directory) {
        return Err(refusal);
    }
    for &least in Level::ALL.iter().rev() {
        let from = |principal: &Principal| {
            let principal = at_least(principal, least);
            access::may_from(&principal, act, case, order, &rules.role_acts, least)
                .and_then(Result::ok)
        };
        if let Some(by) = from(principal) {
            return Ok(by);
        }
        if anybody(act, case, Some(*id), rules, directory, from) {
            break;
        }
    }
    Err(refusal)
}

/// The same person with the posts from a level up.
fn at_least(principal: &Principal, least: Level) -> Principal {
    match principal {
        Principal::Person { id, posts } => Principal::Person {
            id: *id,
            posts: posts
                .iter()
                .filter(|post| post.division.level() >= least)
                .cloned()
                .collect(),
        },
        other => other.clone(),
    }
}

/// The separations that give way to the act; a refusal when one does not.
pub(super) fn kept_apart(asking: Asking<'_>) -> Result<Vec<Conflict>, Refusal> {
    let Asking {
        principal,
        by,
        act,
        by_plan,
        case,
        rules,
        directory,
    } = asking;
    let mut found = conflicts(principal, by, act, by_plan, case, rules);
    if found.is_empty() {
        return Ok(found);
    }
    let hard = found.iter().position(|c| c.strength == Strength::Hard);
    if let Some(hard) = hard {
        return Err(found.swap_remove(hard).refusal());
    }
    if somebody_could(act, case, by.person, rules, directory) {
        return Err(found.swap_remove(0).refusal());
    }
    Ok(found)
}

/// Whether somebody other than `except` could do `act` on the case now, without any separation giving way.
pub(super) fn somebody_could(
    act: Act,
    case: &CaseState,
    except: Option<PersonId>,
    rules: &RuleSet,
    directory: &Directory,
) -> bool {
    anybody(act, case, except, rules, directory, |principal| {
        access::allowed(principal, act, case, None, &rules.role_acts).ok()
    })
}

/// Whether somebody other than `except`, whom `may` lets, could do `act` without any separation giving way.
fn anybody(
    act: Act,
    case: &CaseState,
    except: Option<PersonId>,
    rules: &RuleSet,
    directory: &Directory,
    may: impl Fn(&Principal) -> Option<Acting>,
) -> bool {
    let mut seen: Vec<PersonId> = Vec::new();
    for (person, post) in directory.posts_over(&case.code) {
        if Some(person) == except
            || seen.contains(&person)
            || rules.role_acts.rule(post.role, act).is_none()
        {
            continue;
        }
        seen.push(person);
        let principal = Principal::Person {
            id: person,
            posts: directory.posts_of(person),
        };
        if may(&principal)
            .is_some_and(|by| conflicts(&principal, by, act, false, case, rules).is_empty())
        {
            return true;
        }
    }
    false
}

/// The centre of the next level above `from` in the path of `place`: the first with somebody to take the case, else the first
/// that has a unit at all. None at the top.
pub(super) fn centre_above(
    place: &DivisionCode,
    from: Level,
    directory: &Directory,
) -> Option<(DivisionCode, UnitId)> {
    let mut above = directory
        .centres_over(place)
        .into_iter()
        .filter(|(code, _)| code.level() > from);
    let mut first = None;
    let staffed = above.find(|centre| {
        first.get_or_insert_with(|| centre.clone());
        directory.is_staffed(&centre.0)
    });
    staffed.or(first)
}
