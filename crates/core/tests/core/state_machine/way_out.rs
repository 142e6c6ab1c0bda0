//! Is there a way out? From the state that was reached, the people that there are play on to the end, timers included.
//!
//! The least staffing with which a case closes, anywhere in the path of its place ([`enough`]): somebody who accepts and
//! somebody who files (they may be one), a duty chief who has neither dispatched nor handled this case, another person who
//! dispatches, a unit with somebody who hands in, and somebody else who checks (the chief may) or the reporter's word. That
//! is two people: one who accepts, files, checks and closes, and one who dispatches and carries out. With less, a duty chief
//! alone still ends a case that is not yet checked, by voiding it with a reason.

use std::cell::Cell;

use jingwei_core::access::{Act, Principal, Role};
use jingwei_core::cases::{
    CaseCommand, CaseState, Classing, NewOrder, Part, Rung, Satisfaction, Stage,
};
use jingwei_core::directory::{Directory, UnitRow};
use jingwei_core::id::{OrderId, PersonId, UnitId};
use jingwei_core::refusal::Refusal;
use jingwei_core::rules::RuleSet;
use jingwei_core::time::{Limit, Timestamp};

use crate::support::{Story, class, sealed};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Found {
    /// It has ended already, or goes on in another case.
    Over,
    /// They can close it.
    Closed,
    /// They can only void it.
    Voided,
    /// They can do nothing: too few hold a post.
    Nothing,
}

/// Commands and timers after which the people are taken to walk in a circle.
const MOST: usize = 240;

/// Plays on from `case`; fails when the people are enough and it does not close.
pub(super) fn look(
    case: &CaseState,
    people: &[Principal],
    rules: &RuleSet,
    directory: &Directory,
    now: Timestamp,
) -> Found {
    if !case.stage.is_open() {
        return Found::Over;
    }
    // Whoever holds least acts first: the others are kept for what nobody else can do.
    let mut people: Vec<Principal> = people.to_vec();
    people.sort_by_key(|person| person.posts().len());
    let people = &people[..];
    let play = |closer| {
        let mut play = Play {
            story: story(case, rules, directory, now),
            people,
            closer,
            refused: Vec::new(),
            last: None,
            tells: false,
        };
        match play.closes() {
            true => Ok(()),
            false => {
                let orders: Vec<String> = (play.story.case().orders.iter())
                    .map(|order| format!("{} {} {}", order.unit, order.part, order.stage))
                    .collect();
                Err((closer, play.story.case().stage, play.refused, orders))
            }
        }
    };
    let mut closers: Vec<Option<PersonId>> = people
        .iter()
        .filter(|person| person.holds(Role::DutyChief) && is_clean(case, person, &COMMANDS))
        .map(Principal::person)
        .collect();
    closers.push(None);
    let mut stuck = Vec::new();
    for closer in closers {
        match play(closer) {
            Ok(()) => return Found::Closed,
            Err(left) => stuck.push(left),
        }
    }
    assert!(
        !enough(case, people, directory),
        "the people are enough, and from {} at {} it gets no further than {stuck:#?}; they did {:?}",
        case.stage,
        case.centre,
        case.did
    );
    let story = story(case, rules, directory, now);
    let void = CaseCommand::Void {
        granted: true,
        reason: sealed("nobody is left to do it"),
    };
    let voided = people.iter().any(|person| story.ask(person, &void).is_ok());
    let chief = people.iter().any(|person| {
        holds_here(person, &[Role::DutyChief], case) && is_clean(case, person, &[Act::RequestVoid])
    });
    let voidable = case.stage != Stage::Verified && case.absorbed.is_empty();
    assert!(
        voided || !chief || !voidable,
        "a duty chief voids: {}",
        case.stage
    );
    if voided {
        Found::Voided
    } else {
        Found::Nothing
    }
}

/// Who could do what next on the way to `to`, and which act that is.
pub(super) fn next(
    case: &CaseState,
    to: Stage,
    people: &[Principal],
    rules: &RuleSet,
    directory: &Directory,
    now: Timestamp,
) -> Option<(Principal, CaseCommand, Act)> {
    let mut people = people.to_vec();
    people.sort_by_key(|person| person.posts().len());
    let closer = people
        .iter()
        .find(|person| person.holds(Role::DutyChief) && is_clean(case, person, &COMMANDS))
        .and_then(Principal::person);
    let mut play = Play {
        story: story(case, rules, directory, now),
        people: &people,
        closer,
        refused: Vec::new(),
        last: None,
        tells: true,
    };
    let reason = || sealed("on the way");
    let aside = match (case.stage, to) {
        (Stage::Reported, Stage::Returned) => {
            Some((CaseCommand::ReturnForInfo(reason()), Act::ReturnForInfo))
        }
        (Stage::Reported, Stage::Refused) => Some((CaseCommand::Refuse(reason()), Act::Refuse)),
        (Stage::Filed, Stage::Voided) => {
            let granted = true;
            let reason = reason();
            Some((CaseCommand::Void { granted, reason }, Act::Void))
        }
        (Stage::Dispatched, Stage::Suspended) => {
            let suspend = CaseCommand::Suspend {
                order: None,
                granted: true,
                limit: Limit::parse("3d").ok(),
                reason: reason(),
            };
            Some((suspend, Act::Suspend))
        }
        _ => None,
    };
    let moved = match &aside {
        Some((command, _)) => play.somebody(command, true),
        None => play.moves_on(),
    };
    let (by, command) = play.last.filter(|_| moved)?;
    let act = match (&command, aside) {
        (_, Some((_, act))) => act,
        (CaseCommand::Accept(_), _) => Act::Accept,
        (CaseCommand::File(_), _) => Act::File,
        (CaseCommand::Dispatch { .. }, _) => Act::Dispatch,
        (CaseCommand::FeedBack { .. }, _) => Act::FeedBack,
        (CaseCommand::Verify { .. }, _) => Act::Verify,
        (CaseCommand::CallBack { .. }, _) => Act::CallBack,
        (CaseCommand::Close, _) => Act::Close,
        _ => return None,
    };
    Some((by, command, act))
}

/// What stands hard against closing.
const COMMANDS: [Act; 4] = [Act::Dispatch, Act::Redispatch, Act::Handle, Act::FeedBack];
/// What stands hard against handling.
const JUDGES: [Act; 4] = [Act::Verify, Act::Close, Act::CallBack, Act::DecideExtension];
/// What stands hard against checking.
const HANDLES: [Act; 3] = [Act::Handle, Act::FeedBack, Act::SolveOnSpot];

fn is_clean(case: &CaseState, person: &Principal, acts: &[Act]) -> bool {
    let did = |act: &Act| {
        case.did
            .iter()
            .any(|(done, who)| done == act && Some(*who) == person.person())
    };
    !acts.iter().any(did)
}

fn holds_here(person: &Principal, roles: &[Role], case: &CaseState) -> bool {
    person
        .posts()
        .iter()
        .any(|post| roles.contains(&post.role) && post.covers(&case.code) && at_its_level(post))
}

/// Whether a post of the role counts at the level at which it is held.
fn at_its_level(post: &jingwei_core::access::Post) -> bool {
    use jingwei_core::code::Level;
    let level = post.division.level();
    match post.role {
        Role::DutyOfficer | Role::DutyChief | Role::Dispatcher => level >= Level::Town,
        Role::GridWorker => level <= Level::Community,
        Role::HeadGridWorker => matches!(level, Level::Community | Level::Town),
        _ => true,
    }
}

/// Whether the people are the least staffing for this case as it stands.
fn enough(case: &CaseState, people: &[Principal], directory: &Directory) -> bool {
    let with = |roles: &'static [Role], clean: &'static [Act]| {
        people
            .iter()
            .filter(move |p| holds_here(p, roles, case) && is_clean(case, p, clean))
    };
    let officer = with(&[Role::DutyOfficer], &[]).next().is_some();
    let reporter = case.reporter.is_none();
    let closes = |chief: &Principal| {
        let dispatches = with(&[Role::Dispatcher], &[Act::Close]).any(|other| other != chief);
        let hands_in = people.iter().any(|hand| {
            let staff = hand.posts().iter().any(|post| {
                let unit = directory.unit(post.unit).filter(|unit| unit.row.active);
                post.role == Role::UnitStaff && unit.is_some()
            });
            let checks = || {
                let roles = &[Role::Verifier, Role::GridWorker, Role::HeadGridWorker];
                reporter || with(roles, &HANDLES).any(|other| other != hand)
            };
            hand != chief && staff && is_clean(case, hand, &JUDGES) && checks()
        });
        dispatches && hands_in
    };
    officer && with(&[Role::DutyChief], &COMMANDS).any(closes)
}

fn story<'d>(
    case: &CaseState,
    rules: &'d RuleSet,
    directory: &'d Directory,
    now: Timestamp,
) -> Story<'d> {
    Story {
        directory,
        rules,
        state: Some(case.clone()),
        log: Vec::new(),
        now,
        serial: 99,
        id: case.id,
        next: Cell::new(1 << 100),
        other: None,
    }
}

struct Play<'p> {
    story: Story<'p>,
    people: &'p [Principal],
    /// Who is kept for closing.
    closer: Option<PersonId>,
    /// Who was refused what the last time: for the reader of a failure.
    refused: Vec<String>,
    /// Who did what last.
    last: Option<(Principal, CaseCommand)>,
    /// Whether another unit is told when the lead is sent.
    tells: bool,
}

impl Play<'_> {
    fn closes(&mut self) -> bool {
        for _ in 0..MOST {
            if self.story.case().stage == Stage::Closed {
                return true;
            }
            if !self.moves_on() && !self.waits() {
                return false;
            }
        }
        false
    }

    /// One act of somebody that leads on.
    fn moves_on(&mut self) -> bool {
        match self.story.case().stage {
            Stage::Reported | Stage::Returned => {
                let classed = self.story.case().classified.is_some();
                let command = CaseCommand::Accept(Classing {
                    class: (!classed).then(|| class("XF09")),
                    ..Classing::default()
                });
                self.somebody(&command, true)
            }
            Stage::Accepted => self.somebody(&CaseCommand::File(None), true),
            Stage::Filed => self.dispatches(),
            Stage::Dispatched => self.hands_in(),
            Stage::Handled => {
                let check = CaseCommand::Verify {
                    passed: true,
                    note: None,
                    orders: Vec::new(),
                };
                self.somebody(&check, true) || self.reporter_is_content()
            }
            Stage::Verified => {
                let call = |reached: bool| CaseCommand::CallBack {
                    reached,
                    solved: reached.then_some(true),
                    satisfaction: None,
                    note: None,
                };
                let tries = self.story.case().called_back.map_or(0, |(tries, _)| tries);
                self.somebody(&CaseCommand::Close, true)
                    || self.reporter_is_content()
                    || tries < 6 && self.somebody(&call(tries > 3), true)
            }
            Stage::Suspended => self.somebody(&CaseCommand::Resume(sealed("on")), true),
            Stage::Closed | Stage::Refused | Stage::Voided | Stage::Merged => false,
        }
    }

    /// The first who may does it: whoever is kept for closing last, and not at all where it would stand against closing.
    fn somebody(&mut self, command: &CaseCommand, closer_too: bool) -> bool {
        let (kept, others): (Vec<&Principal>, Vec<&Principal>) = self
            .people
            .iter()
            .partition(|person| person.person() == self.closer && self.closer.is_some());
        let kept = kept.into_iter().filter(|_| closer_too);
        self.refused.clear();
        for person in others.into_iter().chain(kept) {
            match self.story.ask(person, command) {
                Ok(decided) => {
                    self.story.fold(&decided, None);
                    self.last = Some((person.clone(), command.clone()));
                    return true;
                }
                Err(Refusal::Forbidden(_) | Refusal::NotFound) => {}
                Err(refusal) => {
                    let text = format!("{:?}: {refusal:?}", person.person());
                    self.refused.push(text);
                }
            }
        }
        false
    }

    fn reporter_is_content(&mut self) -> bool {
        let case = self.story.case();
        if case.reporter.is_some() {
            return false;
        }
        let (id, stage) = (case.id, case.stage);
        let content = CaseCommand::Rate {
            solved: true,
            satisfaction: Satisfaction::Satisfied,
            note: None,
        };
        let Ok(decided) = self.story.ask(&Principal::Holder(id), &content) else {
            return false;
        };
        self.story.fold(&decided, None);
        self.story.case().stage != stage
    }

    /// Units with somebody who can hand in and is not kept for closing; best those that leave somebody else to check.
    fn staffed(&self) -> Vec<UnitId> {
        let case = self.story.case();
        let mut units: Vec<(bool, &UnitRow)> = Vec::new();
        for unit in self.story.directory.units().filter(|unit| unit.row.active) {
            let hands = self.people.iter().filter(|person| {
                person.person() != self.closer
                    && is_clean(case, person, &JUDGES)
                    && person
                        .posts()
                        .iter()
                        .any(|post| post.role == Role::UnitStaff && post.unit == unit.row.id)
            });
            let roles = [Role::Verifier, Role::GridWorker, Role::HeadGridWorker];
            for hand in hands {
                let checked = self.people.iter().any(|other| {
                    other != hand
                        && holds_here(other, &roles, case)
                        && is_clean(case, other, &HANDLES)
                });
                units.push((!checked, &unit.row));
            }
        }
        units.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.code.cmp(&other.code)));
        units.dedup_by_key(|(_, unit)| unit.id);
        units.into_iter().map(|(_, unit)| unit.id).collect()
    }

    fn dispatches(&mut self) -> bool {
        let staffed = self.staffed();
        let told = staffed.last().copied().filter(|_| self.tells);
        staffed.into_iter().any(|unit| {
            let command = CaseCommand::Dispatch {
                plan: None,
                orders: std::iter::once((unit, Part::Lead))
                    .chain(
                        told.filter(|told| *told != unit)
                            .map(|told| (told, Part::Cc)),
                    )
                    .map(|(unit, part)| NewOrder { unit, part })
                    .collect(),
                under: None,
            };
            self.somebody(&command, false)
        })
    }

    /// Hands in the deepest orders first; an order whose unit has nobody is withdrawn or goes to another unit.
    fn hands_in(&mut self) -> bool {
        let case = self.story.case();
        let mut open: Vec<_> = case
            .orders
            .iter()
            .filter(|order| {
                order.stage.is_live() && order.part.is_mandatory() && !case.leg_is_done(order.leg)
            })
            .map(|order| (case.chain(order.id).len(), order.id))
            .collect();
        open.sort_by(|a, b| b.cmp(a));
        for &(_, order) in &open {
            let command = CaseCommand::FeedBack {
                order,
                result: sealed("done"),
            };
            if self.somebody(&command, false) {
                return true;
            }
        }
        let reason = || sealed("nobody there");
        // A unit that is only told can take over when it is not called any more.
        let staffed = self.staffed();
        let told: Vec<OrderId> = self
            .story
            .case()
            .orders
            .iter()
            .filter(|order| {
                order.part == Part::Cc && order.stage.is_live() && staffed.contains(&order.unit)
            })
            .map(|order| order.id)
            .collect();
        for order in told {
            let withdraw = CaseCommand::WithdrawOrder {
                order,
                reason: reason(),
            };
            if self.somebody(&withdraw, true) {
                return true;
            }
        }
        for &(_, order) in &open {
            let withdraw = CaseCommand::WithdrawOrder {
                order,
                reason: reason(),
            };
            if self.somebody(&withdraw, true) {
                return true;
            }
            for unit in self.staffed() {
                let command = CaseCommand::Redispatch {
                    order,
                    unit,
                    reason: reason(),
                };
                if self.somebody(&command, false) {
                    return true;
                }
            }
        }
        false
    }

    /// Nobody can do anything: the next timer is waited for.
    fn waits(&mut self) -> bool {
        let case = self.story.case();
        // A repeated reminder changes nothing.
        let next = case
            .clocks
            .iter()
            .filter_map(|clock| Some((clock.next()?, clock)))
            .filter(|((rung, _), _)| *rung != Rung::Again)
            .map(|((_, at), clock)| (at, clock))
            .min_by_key(|(at, _)| *at);
        let Some((at, clock)) = next else {
            return false;
        };
        let timer = Story::timer_of(clock);
        self.story.now = self.story.now.max(at);
        self.story.does(&Principal::System, &timer);
        true
    }
}
