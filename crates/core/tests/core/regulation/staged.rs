//! The people of the rows, and the story that comes to the state of a row.
//!
//! Everything before the act of the row is done by people of their own, one for each role, so that the actor of the row has
//! done nothing but what the staffing says.

use jingwei_core::access::{Post, Principal, Role};
use jingwei_core::cases::{
    CaseCommand, Classing, NewOrder, Part, Report, Satisfaction, Source, Stage,
};
use jingwei_core::code::Level;
use jingwei_core::directory::{Directory, PostRow};
use jingwei_core::id::PersonId;
use jingwei_core::rules::{Severity, Urgency};
use jingwei_core::time::Limit;

use super::{Row, Staged};
use crate::support::{
    Story, by_the_bridge, class, demo, division, divisions, person_id, sealed, unit,
};

pub(super) const COMMUNITY: &str = "510116111001";
const TOWN: &str = "510116111";
const COUNTY: &str = "510116";

/// Everybody, by account: role, unit, division.
const PEOPLE: [(&str, &[Role], &str, &str); 18] = [
    ("officer", &[Role::DutyOfficer], "HLX-CGC", TOWN),
    ("chief", &[Role::DutyChief], "HLX-CGC", TOWN),
    ("dispatcher", &[Role::Dispatcher], "HLX-CGC", TOWN),
    ("verifier", &[Role::Verifier], "HLX-CGC", TOWN),
    ("worker", &[Role::GridWorker], "HLX-GRID-001", COMMUNITY),
    ("county-officer", &[Role::DutyOfficer], "SL-CGC", COUNTY),
    ("county-chief", &[Role::DutyChief], "SL-CGC", COUNTY),
    ("county-dispatcher", &[Role::Dispatcher], "SL-CGC", COUNTY),
    ("county-verifier", &[Role::Verifier], "SL-CGC", COUNTY),
    ("gas", &[Role::UnitStaff], "SL-GAS-1", COUNTY),
    ("gas-2", &[Role::UnitStaff], "SL-GAS-2", COUNTY),
    ("umb", &[Role::UnitStaff], "SL-UMB", COUNTY),
    ("rescue", &[Role::UnitStaff], "SL-RESCUE", COUNTY),
    ("fire", &[Role::UnitStaff], "SL-FIRE-HLX", COUNTY),
    ("city-officer", &[Role::DutyOfficer], "CD-CGC", "5101"),
    ("city-chief", &[Role::DutyChief], "CD-CGC", "5101"),
    (
        "alone",
        &[
            Role::DutyOfficer,
            Role::DutyChief,
            Role::Dispatcher,
            Role::Verifier,
        ],
        "HLX-CGC",
        TOWN,
    ),
    ("elsewhere", &[Role::DutyOfficer], "LD-CGC", "513322"),
];

/// Whether somebody is there in the staffing of a row.
fn is_there(account: &str, staffing: &str) -> bool {
    let unit = matches!(account, "gas" | "gas-2" | "umb" | "rescue" | "fire");
    let county = account.starts_with("county") || account.starts_with("city");
    match staffing {
        _ if account == "elsewhere" => true,
        _ if account == "alone" => staffing == "one_person_village",
        "no_officer_in_town" => account != "officer",
        "level_above_empty" | "closes_above_empty" => !county,
        "one_person_village" => unit || county,
        "nobody_checks" | "nobody_checks_dissatisfied" => {
            !matches!(account, "verifier" | "worker" | "county-verifier")
        }
        "nobody_closes" => !account.ends_with("chief"),
        "nobody_at_all" => unit,
        _ if staffing.contains("_alone") => unit,
        _ => true,
    }
}

/// The directory of a row.
pub(super) struct Stage0 {
    row: Row,
    directory: Directory,
}

impl Stage0 {
    pub(super) fn of(row: &Row) -> Self {
        let posts = PEOPLE
            .iter()
            .filter(|(account, ..)| is_there(account, row.staffing))
            .map(|(account, roles, at, place)| {
                let post = |role: &Role| PostRow {
                    role: *role,
                    unit: unit(at),
                    division: division(place),
                };
                (person_id(account), roles.iter().map(post).collect())
            });
        let units = demo().units().map(|unit| unit.row.clone());
        Self {
            row: *row,
            directory: Directory::new(divisions(), units, posts),
        }
    }

    /// The case, told to the state of the row.
    pub(super) fn story(&self) -> Staged<'_> {
        let mut told = Told {
            row: self.row,
            story: Story::new(&self.directory, 1),
        };
        told.story();
        Staged {
            case: told.story,
            other: None,
        }
    }
}

/// Who does something in the story: the account's own person, or the actor of the row with that account's post.
pub(super) fn who(account: &str, row: &Row) -> Principal {
    let does = match account {
        "officer" => "accepted_by_self",
        "chief" => "filed_by_self",
        "dispatcher" => "dispatched_by_self",
        "verifier" => "verified_by_self",
        "gas" => "handled_by_self",
        _ => "",
    };
    let by_self = !does.is_empty() && row.staffing.contains(does)
        || row.staffing == "urgent_plan" && matches!(account, "officer" | "chief");
    let one_person = row.staffing == "one_person_village" && TOWNS.contains(&account);
    let holds = if one_person { "alone" } else { account };
    let id = person_id(if by_self { "actor" } else { holds });
    let posts = PEOPLE.iter().find(|(name, ..)| *name == holds);
    let (_, roles, at, place) = posts.unwrap_or_else(|| panic!("nobody is called {holds}"));
    person(id, roles, at, place)
}

const TOWNS: [&str; 4] = ["officer", "chief", "dispatcher", "verifier"];

pub(super) fn person(id: PersonId, roles: &[Role], at: &str, place: &str) -> Principal {
    let post = |role: &Role| Post {
        role: *role,
        unit: unit(at),
        codes: vec![division(place)],
        division: division(place),
    };
    Principal::Person {
        id,
        posts: roles.iter().map(post).collect(),
    }
}

pub(super) fn reason<T>() -> jingwei_core::sealed::Sealed<T> {
    sealed("the row says so")
}

pub(super) fn limit(text: &str) -> Limit {
    Limit::parse(text).expect("a limit")
}

/// The report of a row.
pub(super) fn report(row: &Row, solved: bool) -> CaseCommand {
    let class_code = match row.staffing {
        "unclassed" => None,
        "urgent_plan" | "closes_above" | "closes_above_empty" => Some("RQ01"),
        "not_urgent" => Some("CG18"),
        _ if solved || row.act == "solve_on_spot" => Some("CG09"),
        _ => Some("RQ04"),
    };
    let contact = matches!(
        row.staffing,
        "call_back_due" | "called_back" | "called_in_vain"
    );
    let large = row.staffing == "large";
    CaseCommand::Report(Box::new(Report {
        source: Source::Phone,
        classing: Classing {
            class: class_code.map(class),
            severity: large.then_some(Severity::Larger),
            urgency: (row.staffing == "urgent_plan").then_some(Urgency::High),
        },
        place: division(COMMUNITY),
        words: sealed("a smell by the bridge"),
        contact: contact.then(|| sealed("a phone")),
        position: Some((sealed("a position"), by_the_bridge())),
        receipt: None,
        solved: solved.then(|| sealed("swept")),
    }))
}

pub(super) fn verify(passed: bool) -> CaseCommand {
    CaseCommand::Verify {
        passed,
        note: None,
        orders: Vec::new(),
    }
}

struct Told<'d> {
    row: Row,
    story: Story<'d>,
}

impl Told<'_> {
    fn does(&mut self, account: &str, command: &CaseCommand) {
        let by = who(account, &self.row);
        self.story.does(&by, command);
    }

    fn story(&mut self) {
        let row = self.row;
        if row.state == "none" {
            return;
        }
        let light = matches!(
            row.staffing,
            "light_lane" | "light_lane_failed" | "solved_by_self"
        );
        let reporter = match row.role {
            "reporter" => Principal::Resident,
            _ if row.staffing == "own_report" || row.staffing == "solved_by_self" => person(
                person_id("actor"),
                &[Role::GridWorker],
                "HLX-GRID-001",
                COMMUNITY,
            ),
            _ => who("worker", &row),
        };
        self.story.does(&reporter, &report(&row, light));
        if light {
            return;
        }
        let to = Stage::parse(row.state).expect("a stage");
        match to {
            Stage::Reported => return self.reported(),
            Stage::Returned => {
                return self.does("officer", &CaseCommand::ReturnForInfo(reason()));
            }
            Stage::Refused => return self.does("officer", &CaseCommand::Refuse(reason())),
            Stage::Voided if row.act == "feed_back" => {}
            Stage::Voided => return self.voids(),
            Stage::Merged => return self.merges(),
            _ => {}
        }
        if row.staffing == "level_above" || row.staffing == "level_above_empty" {
            self.does("dispatcher", &CaseCommand::PassUp(reason()));
        }
        let above = if row.staffing == "level_above" {
            "county-"
        } else {
            ""
        };
        self.does(
            &format!("{above}officer"),
            &CaseCommand::Accept(Classing::default()),
        );
        if to == Stage::Accepted {
            return;
        }
        self.does(&format!("{above}chief"), &CaseCommand::File(None));
        if to == Stage::Filed {
            return;
        }
        self.dispatches();
        match to {
            Stage::Dispatched => return,
            Stage::Voided => return self.voids(),
            Stage::Suspended => {
                let suspend = CaseCommand::Suspend {
                    order: None,
                    granted: true,
                    limit: Some(limit("3d")),
                    reason: reason(),
                };
                return self.does("dispatcher", &suspend);
            }
            _ => {}
        }
        self.hands_in("gas", "SL-GAS-1");
        self.hands_in("umb", "SL-UMB");
        if to == Stage::Handled {
            return;
        }
        // Checking rises: the town's one person dispatched.
        let rises = if self.row.staffing == "one_person_village" {
            "county-"
        } else {
            ""
        };
        self.does(&format!("{rises}verifier"), &verify(true));
        if to == Stage::Verified {
            return self.verified();
        }
        self.closes();
    }

    fn reported(&mut self) {
        match self.row.staffing {
            "level_above" | "level_above_empty" => {
                self.does("dispatcher", &CaseCommand::PassUp(reason()));
            }
            "top_level" => {
                self.does("dispatcher", &CaseCommand::PassUp(reason()));
                self.does("county-dispatcher", &CaseCommand::PassUp(reason()));
            }
            "pending" => self.does("officer", &CaseCommand::RequestVoid(reason())),
            "asked_by_self" => {
                let by = person(person_id("actor"), &[Role::DutyOfficer], "HLX-CGC", TOWN);
                self.story.does(&by, &CaseCommand::RequestVoid(reason()));
            }
            "absorbing" => {
                let mut other = Story::new(self.story.directory, 2);
                other.does(&who("worker", &self.row), &report(&self.row, false));
                let merge = CaseCommand::Merge {
                    into: self.story.id,
                    reason: reason(),
                };
                other.with(&mut self.story, &who("officer", &self.row), &merge);
            }
            _ => {}
        }
    }

    fn voids(&mut self) {
        let granted = true;
        let reason = reason();
        self.does("chief", &CaseCommand::Void { granted, reason });
    }

    fn merges(&mut self) {
        let mut other = Story::new(self.story.directory, 2);
        other.does(&who("worker", &self.row), &report(&self.row, false));
        let merge = CaseCommand::Merge {
            into: other.id,
            reason: reason(),
        };
        self.story
            .with(&mut other, &who("officer", &self.row), &merge);
    }

    fn dispatches(&mut self) {
        let lead = match self.row.staffing {
            "order_to_own_post" => "HLX-GRID-001",
            _ => "SL-GAS-1",
        };
        let new = |code: &str, part| NewOrder {
            unit: unit(code),
            part,
        };
        let by_hand = CaseCommand::Dispatch {
            plan: None,
            orders: vec![
                new(lead, Part::Lead),
                new("SL-UMB", Part::Assist),
                new("SL-EMB", Part::Cc),
            ],
            under: None,
        };
        self.does("dispatcher", &by_hand);
        if self.row.staffing == "redispatched_by_self" {
            let by = person(person_id("actor"), &[Role::Dispatcher], "HLX-CGC", TOWN);
            let order = self.story.order_id("SL-UMB");
            let again = CaseCommand::Redispatch {
                order,
                unit: unit("SL-RESCUE"),
                reason: reason(),
            };
            self.story.does(&by, &again);
        }
    }

    fn hands_in(&mut self, account: &str, code: &str) {
        let code = match (account, self.row.staffing) {
            ("umb", "redispatched_by_self") => "SL-RESCUE",
            _ => code,
        };
        let account = if code == "SL-RESCUE" {
            "rescue"
        } else {
            account
        };
        let order = self.story.order_id(code);
        let result = sealed("done");
        self.does(account, &CaseCommand::FeedBack { order, result });
    }

    fn verified(&mut self) {
        let call = |reached: bool| CaseCommand::CallBack {
            reached,
            solved: reached.then_some(true),
            satisfaction: None,
            note: None,
        };
        let calls: &[bool] = match self.row.staffing {
            "called_back" => &[true],
            "called_in_vain" => &[false, false, false],
            _ => &[],
        };
        for reached in calls {
            self.does("officer", &call(*reached));
        }
    }

    fn closes(&mut self) {
        self.does("chief", &CaseCommand::Close);
        let holder = Principal::Holder(self.story.id);
        let bad = CaseCommand::Rate {
            solved: false,
            satisfaction: Satisfaction::Dissatisfied,
            note: None,
        };
        match self.row.staffing {
            "dissatisfied_again" => {
                self.story.does(&holder, &bad);
                self.hands_in("gas", "SL-GAS-1");
                self.hands_in("umb", "SL-UMB");
                self.does("verifier", &verify(true));
                self.does("chief", &CaseCommand::Close);
            }
            "dissatisfied_late" => {
                self.story.now = self.story.now.plus_ms(16 * 86_400_000);
            }
            _ => {}
        }
    }
}

/// The level at which the role of a row is held.
pub(super) fn level_of(row: &Row) -> (Role, Level) {
    let (role, level) = row.role.split_once('@').unwrap_or((row.role, "town"));
    let role = Role::parse(role).unwrap_or_else(|| panic!("{row:?}"));
    let level = Level::parse(level).unwrap_or_else(|| panic!("{row:?}"));
    (role, level)
}
