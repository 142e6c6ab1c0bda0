//! Brings a case to a state of docs/rules.csv through a real story, with a town in which every role is somebody else.
//!
//! The case is a gas leak (RQ01: urgent, closed by the county) at the Huanglong community, reported by a resident; its lead is
//! the gas team, the police assist, the emergency bureau is told. What differs is said by the words of the state and of the
//! staffing; rules_by_hand.rs explains them.

use jingwei_core::access::{Post, Principal, Role};
use jingwei_core::cases::{
    CaseCommand, Classing, NewOrder, Part, Report, Satisfaction, Source, Supervision,
};
use jingwei_core::directory::{Directory, read_people};
use jingwei_core::id::{CaseId, OrderId};
use jingwei_core::rules::Severity;
use jingwei_core::time::{Limit, Timestamp};
use uuid::Uuid;

use crate::support::{
    Story, class, clock, demo, directory_with, division, divisions, file, p_gas, person_id, report,
    rules, sealed, unit,
};

pub(crate) const HOME: &str = "510116111001";
const TOWN: &str = "510116111";
const COUNTY: &str = "510116";

/// Everybody of the town and of the county above it, one role each.
const TEAM: &str = "account,name,phone,role,unit,division
town-duty_officer,a,,duty_officer,HLX-CGC,510116111
town-duty_chief,b,,duty_chief,HLX-CGC,510116111
town-dispatcher,c,,dispatcher,HLX-CGC,510116111
town-verifier,d,,verifier,HLX-CGC,510116111
town-leader,e,,leader,HLX-CGC,510116111
town-head_grid_worker,f,,head_grid_worker,HLX-HEADGRID,510116111
town-grid_worker,g,,grid_worker,HLX-GRID-001,510116111001
county-duty_officer,h,,duty_officer,SL-CGC,510116
county-duty_chief,i,,duty_chief,SL-CGC,510116
county-dispatcher,j,,dispatcher,SL-CGC,510116
county-verifier,k,,verifier,SL-CGC,510116
county-leader,l,,leader,SL-CGC,510116
county-inspector,m,,inspector,SL-CGC,510116
unit-gas,n,,unit_staff,SL-GAS-1,510116
unit-police,o,,unit_staff,HLX-POLST,510116111
unit-emergency,p,,unit_staff,SL-EMB,510116
";

/// What one person alone at the place holds.
const ALONE: [Role; 5] = [
    Role::DutyOfficer,
    Role::DutyChief,
    Role::Dispatcher,
    Role::Verifier,
    Role::HeadGridWorker,
];

/// The words of the column `staffing`.
#[derive(Debug, Clone)]
pub(crate) struct Staffing(Vec<String>);

impl Staffing {
    /// All the words that there are.
    pub(crate) const WORDS: [&'static str; 23] = [
        "full",
        "level_above",
        "passed_up",
        "elsewhere",
        "own_report",
        "accepted_by_self",
        "filed_by_self",
        "dispatched_by_self",
        "redispatched_by_self",
        "handled_by_self",
        "verified_by_self",
        "solved_by_self",
        "asked_by_self",
        "of_the_unit",
        "other_unit",
        "told_unit",
        "other_receipt",
        "no_receipt",
        "urgent_plan",
        "alone",
        "nobody_above",
        "nobody_checks",
        "no_officer_in_town",
    ];

    /// Reads words joined by `+`; none when one of them is unknown.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split('+').map(str::to_owned).collect();
        words
            .iter()
            .all(|word| Self::WORDS.contains(&word.as_str()))
            .then_some(Self(words))
    }

    /// Whether a word was said.
    pub(crate) fn says(&self, word: &str) -> bool {
        self.0.iter().any(|said| said == word)
    }

    /// The centre at which the case is worked on.
    fn centre(&self) -> &'static str {
        if self.says("passed_up") || self.says("no_officer_in_town") {
            "county"
        } else {
            "town"
        }
    }

    fn directory(&self, acting: bool) -> &'static Directory {
        let gone = |account: &str| {
            self.says("alone") && !account.starts_with("unit-")
                || acting && self.says("nobody_above") && account.starts_with("county-")
                || self.says("nobody_checks")
                    && ["verifier", "grid_worker"]
                        .iter()
                        .any(|role| account.ends_with(role))
                || self.says("no_officer_in_town")
                    && ["duty_officer", "duty_chief", "dispatcher"]
                        .iter()
                        .any(|role| account == format!("town-{role}"))
        };
        let plain = directory_with(|_| {});
        let people =
            read_people(&file("people.csv", TEAM), &plain, &rules().role_acts).expect("a team");
        let mut posts: Vec<_> = people
            .into_iter()
            .filter(|draft| !gone(&draft.account))
            .map(|draft| (person_id(&draft.account), draft.posts))
            .collect();
        if self.says("alone") {
            let rows = ALONE.iter().map(|role| {
                let at = post(*role, false);
                format!(
                    "actor,a,,{role},{},{}\n",
                    if *role == Role::HeadGridWorker {
                        "HLX-HEADGRID"
                    } else {
                        "HLX-CGC"
                    },
                    at.division
                )
            });
            let text = format!(
                "account,name,phone,role,unit,division\n{}",
                rows.collect::<String>()
            );
            let alone = read_people(&file("people.csv", &text), &plain, &rules().role_acts)
                .expect("one person");
            posts.extend(
                alone
                    .into_iter()
                    .map(|draft| (person_id("actor"), draft.posts)),
            );
        }
        // The stories borrow their directory; a few hundred small ones live as long as the test.
        Box::leak(Box::new(Directory::new(
            divisions(),
            plain.units().map(|unit| unit.row.clone()),
            posts,
        )))
    }
}

/// The post of a role, in the town or in the county; roles that stand at one level only stand there.
fn post(role: Role, county: bool) -> Post {
    let (unit_code, place) = match role {
        Role::HeadGridWorker => ("HLX-HEADGRID", TOWN),
        Role::GridWorker => ("HLX-GRID-001", HOME),
        Role::UnitStaff => ("SL-GAS-1", COUNTY),
        Role::Inspector | Role::Auditor | Role::Administrator => ("SL-CGC", COUNTY),
        _ if county => ("SL-CGC", COUNTY),
        _ => ("HLX-CGC", TOWN),
    };
    Post {
        role,
        unit: unit(unit_code),
        division: division(place),
        codes: vec![division(place)],
    }
}

fn person(account: &str, posts: Vec<Post>) -> Principal {
    Principal::Person {
        id: person_id(account),
        posts,
    }
}

/// A case brought to a state, and who asks what of it.
pub(crate) struct Scene {
    /// The story so far.
    pub(crate) story: Story<'static>,
    staffing: Staffing,
    variant: String,
    seconds: u32,
}

impl Scene {
    /// All the words that may stand after the `/` of a state.
    pub(crate) const VARIANTS: [&'static str; 28] = [
        "",
        "small",
        "unclassed",
        "reachable",
        "confidential",
        "absorbed",
        "void_asked",
        "solved",
        "late",
        "again",
        "sent",
        "acknowledged",
        "arrived",
        "fed_back",
        "last",
        "assist",
        "told",
        "grid",
        "nested",
        "objected",
        "turned_down",
        "designated",
        "extension_asked",
        "extended_twice",
        "suspend_asked",
        "check_failed",
        "failed_once",
        "tried_twice",
    ];

    /// Brings a case to `state`.
    pub(crate) fn bring(state: &str, staffing: &Staffing) -> Self {
        let (stage, variant) = state.split_once('/').unwrap_or((state, ""));
        let mut scene = Self {
            story: Story::new(staffing.directory(false), 1),
            staffing: staffing.clone(),
            variant: variant.to_owned(),
            seconds: 0,
        };
        if stage != "none" {
            scene.begin(stage);
        }
        if staffing.says("nobody_above") {
            scene.story.directory = staffing.directory(true);
        }
        scene.tick();
        match (stage, variant) {
            (_, "late") if stage == "closed" => {
                scene.story.now = Timestamp::parse("2026-12-20T10:00:00+08:00").expect("a time");
            }
            (_, "late") => scene.story.now = clock("13:00:00"),
            _ => {}
        }
        scene
    }

    fn is(&self, variant: &str) -> bool {
        self.variant == variant
    }

    fn tick(&mut self) {
        self.seconds += 10;
        let (minutes, seconds) = (self.seconds / 60, self.seconds % 60);
        self.story.at(&format!("10:{minutes:02}:{seconds:02}"));
    }

    fn does(&mut self, by: &Principal, command: &CaseCommand) {
        self.tick();
        self.story.does(by, command);
    }

    /// Whoever does a step of the story in a role: somebody of the centre, or the actor when the staffing says so.
    fn hand(&self, role: Role, step: &str) -> Principal {
        if self.staffing.says("alone") && ALONE.contains(&role) {
            return self.alone();
        }
        let county = self.staffing.centre() == "county";
        if self.staffing.says(&format!("{step}_by_self")) {
            return person("actor", vec![post(role, county)]);
        }
        let place = match role {
            Role::UnitStaff => "unit-gas".to_owned(),
            Role::GridWorker | Role::HeadGridWorker => format!("town-{role}"),
            _ => format!("{}-{role}", self.staffing.centre()),
        };
        person(&place, vec![post(role, county)])
    }

    fn alone(&self) -> Principal {
        person("actor", ALONE.map(|role| post(role, false)).to_vec())
    }

    fn crew(code: &str, account: &str) -> Principal {
        let mut at = post(Role::UnitStaff, true);
        at.unit = unit(code);
        person(account, vec![at])
    }

    /// Who asks, in `role`.
    pub(crate) fn actor(&self, role: Role) -> Principal {
        match role {
            Role::System => return Principal::System,
            Role::Reporter if self.story.state.is_none() || self.staffing.says("no_receipt") => {
                return Principal::Resident;
            }
            Role::Reporter if self.staffing.says("other_receipt") => {
                return Principal::Holder(CaseId(Uuid::from_u128(5)));
            }
            Role::Reporter => return Principal::Holder(self.story.id),
            _ if self.staffing.says("alone") && ALONE.contains(&role) => return self.alone(),
            _ => {}
        }
        let mut at = post(role, self.staffing.says("level_above"));
        if self.staffing.says("elsewhere") {
            at.unit = unit("LD-CGC");
            at.division = division("513322");
            at.codes = vec![at.division.clone()];
        }
        let words = [
            ("of_the_unit", "SL-GAS-1"),
            ("other_unit", "SL-RESCUE"),
            ("told_unit", "SL-EMB"),
        ];
        if let Some((_, code)) = words.iter().find(|(word, _)| self.staffing.says(word)) {
            at.unit = unit(code);
        }
        person("actor", vec![at])
    }

    fn class(&self) -> Option<&'static str> {
        match self.variant.as_str() {
            "unclassed" => None,
            "small" | "solved" => Some("CG04"),
            _ => Some("RQ01"),
        }
    }

    fn report(&self, solved: bool) -> CaseCommand {
        CaseCommand::Report(Box::new(Report {
            source: Source::Phone,
            classing: Classing {
                class: self.class().map(class),
                ..Classing::default()
            },
            place: division(HOME),
            words: sealed("what was seen"),
            contact: self.is("reachable").then(|| sealed("how to reach them")),
            position: None,
            receipt: None,
            solved: solved.then(|| sealed("swept up")),
        }))
    }

    /// Another report beside this one.
    fn another(&self) -> Story<'static> {
        let mut other = Story::new(self.story.directory, 2);
        other.does(&Principal::Resident, &report(HOME, Some("RQ01")));
        other
    }

    fn begin(&mut self, stage: &str) {
        if self.is("solved") {
            // An id that is drawn for the audit, or one that is not.
            let drawn = stage == "handled";
            self.story
                .next
                .set(self.story.next.get() + if drawn { 0 } else { 50 });
            let by = self.hand(Role::GridWorker, "solved");
            return self.does(&by, &self.report(true));
        }
        let by = if self.staffing.says("own_report") {
            person("actor", vec![post(Role::GridWorker, false)])
        } else {
            Principal::Resident
        };
        self.does(&by, &self.report(false));
        if self.staffing.says("passed_up") {
            let below = person("town-dispatcher", vec![post(Role::Dispatcher, false)]);
            self.does(
                &below,
                &CaseCommand::PassUp(sealed("too much for the town")),
            );
        }
        let officer = self.hand(Role::DutyOfficer, "accepted");
        let chief = self.hand(Role::DutyChief, "filed");
        match stage {
            "returned" => {
                return self.does(&officer, &CaseCommand::ReturnForInfo(sealed("where?")));
            }
            "refused" => return self.does(&officer, &CaseCommand::Refuse(sealed("a test"))),
            "voided" => return self.does(&chief, &void(true)),
            "merged" => {
                let mut other = self.another();
                let merge = CaseCommand::Merge {
                    into: other.id,
                    reason: sealed("the same leak"),
                };
                self.tick();
                self.story.with(&mut other, &officer, &merge);
                return;
            }
            "reported" => return self.asides(),
            _ => {}
        }
        self.does(&officer, &CaseCommand::Accept(Classing::default()));
        if stage == "accepted" {
            return self.asides();
        }
        self.does(&chief, &CaseCommand::File(None));
        if stage == "filed" {
            return;
        }
        self.dispatch();
        match stage {
            "dispatched" if !self.is("check_failed") => return self.order_variant(),
            "suspended" => {
                let by = self.hand(Role::Dispatcher, "suspended");
                let command = self.command("suspend", "").expect("an act");
                return self.does(&by, &command);
            }
            _ => {}
        }
        self.work_done();
        let verifier = self.hand(Role::Verifier, "verified");
        if self.is("check_failed") {
            return self.does(&verifier, &verify(false));
        }
        if self.is("failed_once") {
            self.does(&verifier, &verify(false));
            self.work_done();
        }
        if stage == "handled" {
            return;
        }
        self.does(&verifier, &verify(true));
        if self.is("tried_twice") {
            let calls = self.hand(Role::DutyOfficer, "called");
            for _ in 0..2 {
                let command = self.command("call_back", "no_answer").expect("an act");
                self.does(&calls, &command);
            }
        }
        if stage == "closed" {
            self.close();
            if self.is("again") {
                let unhappy = self.command("rate", "dissatisfied").expect("an act");
                self.does(&Principal::Holder(self.story.id), &unhappy);
                self.work_done();
                self.does(&verifier, &verify(true));
                self.close();
            }
        }
    }

    /// What stands beside the state before the dispatch.
    fn asides(&mut self) {
        if self.is("confidential") {
            let by = self.hand(Role::DutyOfficer, "marked");
            self.does(&by, &CaseCommand::MarkConfidential(sealed("a witness")));
        }
        if self.is("void_asked") {
            let by = self.hand(Role::DutyOfficer, "asked");
            self.does(&by, &CaseCommand::RequestVoid(sealed("twice")));
        }
        if self.is("absorbed") {
            let mut other = self.another();
            let by = self.hand(Role::DutyOfficer, "merged");
            let merge = CaseCommand::Merge {
                into: self.story.id,
                reason: sealed("the same leak"),
            };
            self.tick();
            other.with(&mut self.story, &by, &merge);
        }
    }

    fn dispatch(&mut self) {
        let assist = if self.is("grid") {
            "HLX-GRID-001"
        } else {
            "HLX-POLST"
        };
        let by = self.hand(Role::Dispatcher, "dispatched");
        let orders = [
            ("SL-GAS-1", Part::Lead),
            (assist, Part::Assist),
            ("SL-EMB", Part::Cc),
        ];
        let command = CaseCommand::Dispatch {
            plan: None,
            orders: orders.map(|(code, part)| new_order(code, part)).to_vec(),
            under: None,
        };
        self.does(&by, &command);
        if self.staffing.says("redispatched_by_self") {
            let by = self.hand(Role::Dispatcher, "redispatched");
            let command = CaseCommand::Redispatch {
                order: self.order_of("HLX-POLST"),
                unit: unit("SL-TRAFPOL"),
                reason: sealed("nearer"),
            };
            self.does(&by, &command);
        }
        if self.staffing.says("handled_by_self") {
            let by = self.hand(Role::UnitStaff, "handled");
            let command = self.command("handle", "").expect("an act");
            self.does(&by, &command);
        }
    }

    /// How far the order is that the act is about.
    fn order_variant(&mut self) {
        let crew = self.hand(Role::UnitStaff, "handled");
        let asks = self.hand(Role::UnitStaff, "asked");
        let dispatcher = self.hand(Role::Dispatcher, "decided");
        let steps: &[(&Principal, &str, &str)] = match self.variant.as_str() {
            "acknowledged" => &[(&crew, "acknowledge", "")],
            "arrived" => &[(&crew, "arrive", "")],
            "fed_back" => &[(&crew, "feed_back", "")],
            "nested" => &[(&dispatcher, "dispatch", "")],
            "objected" => &[(&asks, "object_order", "")],
            "turned_down" => &[
                (&asks, "object_order", ""),
                (&dispatcher, "decide_objection", "turned_down"),
            ],
            "extension_asked" => &[(&asks, "request_extension", "")],
            "extended_twice" => &[
                (&asks, "request_extension", ""),
                (&dispatcher, "decide_extension", ""),
                (&asks, "request_extension", ""),
                (&dispatcher, "decide_extension", ""),
            ],
            "suspend_asked" => &[(&asks, "request_suspend", "")],
            "last" => {
                let by = Self::crew("HLX-POLST", "unit-police");
                return self.does(&by, &feed_back(self.order_of("HLX-POLST")));
            }
            "designated" => {
                let leader = self.hand(Role::Leader, "designated");
                let command = CaseCommand::Designate {
                    order: self.target(),
                    unit: unit("SL-GAS-1"),
                    reason: sealed("it is theirs"),
                };
                return self.does(&leader, &command);
            }
            _ => &[],
        };
        for (by, act, how) in steps {
            let command = self.command(act, how).expect("an act");
            self.does(by, &command);
        }
    }

    /// Everybody whose part is mandatory hands in.
    fn work_done(&mut self) {
        let gas = self.hand(Role::UnitStaff, "handled");
        self.does(&gas, &feed_back(self.order_of("SL-GAS-1")));
        let code = if self.staffing.says("redispatched_by_self") {
            "SL-TRAFPOL"
        } else {
            "HLX-POLST"
        };
        let by = Self::crew(code, "unit-police");
        self.does(&by, &feed_back(self.order_of(code)));
    }

    fn close(&mut self) {
        let small = self.is("small");
        let by = person("closer", vec![post(Role::DutyChief, !small)]);
        self.does(&by, &CaseCommand::Close);
    }

    /// The last order to a unit.
    fn order_of(&self, code: &str) -> OrderId {
        let id = unit(code);
        let orders = self.story.state.iter().flat_map(|case| &case.orders);
        orders
            .rev()
            .find(|order| order.unit == id)
            .map_or(OrderId(Uuid::nil()), |order| order.id)
    }

    /// The order that the act is about: the lead's, unless the state names another.
    pub(crate) fn target(&self) -> OrderId {
        self.order_of(match self.variant.as_str() {
            "assist" => "HLX-POLST",
            "told" => "SL-EMB",
            "grid" => "HLX-GRID-001",
            _ => "SL-GAS-1",
        })
    }

    /// Sets the stage for an act that needs something beside the case: the other case of a merger, an id for the draw.
    pub(crate) fn prepare(&mut self, act: &str, how: &str) {
        if act == "merge" && how != "unknown" {
            let mut other = self.another();
            if how == "ended" {
                let chief = person("closer", vec![post(Role::DutyChief, false)]);
                other.does(&chief, &void(true));
            }
            self.story.other = other.state;
        }
        if act == "solve_on_spot" {
            self.story.next.set(self.story.next.get() + 50);
        }
    }

    /// The command of an act, done in some way; none for an act or a way that nobody knows.
    pub(crate) fn command(&self, act: &str, how: &str) -> Option<CaseCommand> {
        use CaseCommand as C;
        let order = self.target();
        let reason = sealed("because");
        let limit = |text: &str| Limit::parse(text).expect("a limit");
        let other = Story::new(demo(), 2).id;
        Some(match (act, how) {
            ("report", "") => self.report(false),
            ("solve_on_spot", "") if self.story.state.is_none() => self.report(true),
            ("solve_on_spot", "") => C::SolveOnSpot(sealed("swept up")),
            ("accept", "") => C::Accept(Classing::default()),
            ("refuse", "") => C::Refuse(reason),
            ("return_for_info", "") => C::ReturnForInfo(reason),
            ("supply_info", "") => C::SupplyInfo(sealed("the northern side")),
            ("confirm", "") => C::Confirm {
                found: true,
                note: None,
                at: None,
            },
            ("relay", "") => C::Relay(unit("HLX-GRID-001")),
            ("set_class", "") => C::SetClass(Classing {
                severity: Some(Severity::Larger),
                ..Classing::default()
            }),
            ("file", "") => C::File(None),
            ("dispatch", "") if self.staffing.says("urgent_plan") => C::DispatchByPlan(p_gas()),
            ("dispatch", "") => {
                let under = self.story.state.as_ref().filter(|c| !c.orders.is_empty());
                let part = match under {
                    Some(_) => new_order("SL-TRAFPOL", Part::Assist),
                    None => new_order("SL-GAS-1", Part::Lead),
                };
                C::Dispatch {
                    plan: None,
                    orders: vec![part],
                    under: under.map(|_| order),
                }
            }
            ("add_unit", "") => C::AddUnit {
                order: new_order("SL-RESCUE", Part::Assist),
                reason,
            },
            ("acknowledge", "") => C::Acknowledge(order),
            ("acknowledge_for", "") => C::AcknowledgeFor {
                order,
                told_at: self.story.now,
                whom: sealed("the shift leader"),
                reason,
            },
            ("arrive", "") => C::Arrive { order, at: None },
            ("handle", "") => C::Handle {
                order,
                note: sealed("half done"),
            },
            ("feed_back", "") => feed_back(order),
            ("object_order", "") => C::ObjectOrder { order, reason },
            ("decide_objection", "" | "turned_down") => C::DecideObjection {
                order,
                upheld: how.is_empty(),
                unit: how.is_empty().then(|| unit("SL-GAS-2")),
                reason,
            },
            ("request_extension", "") => C::RequestExtension {
                order,
                limit: limit("1h"),
                reason,
            },
            ("decide_extension", "" | "turned_down") => C::DecideExtension {
                order,
                granted: how.is_empty(),
                limit: None,
                reason,
            },
            ("request_suspend", "") => C::RequestSuspend {
                order,
                limit: limit("5d"),
                reason,
            },
            ("suspend", "" | "turned_down" | "too_long") => C::Suspend {
                order: self.is("suspend_asked").then_some(order),
                granted: how != "turned_down",
                limit: Some(limit(if how == "too_long" { "200d" } else { "5d" })),
                reason,
            },
            ("resume", "") => C::Resume(reason),
            ("withdraw_order", "") => C::WithdrawOrder { order, reason },
            ("redispatch", "" | "same_unit") => C::Redispatch {
                order,
                unit: unit(if how.is_empty() {
                    "SL-GAS-2"
                } else {
                    "SL-GAS-1"
                }),
                reason,
            },
            ("designate", "") => C::Designate {
                order,
                unit: unit("SL-GAS-2"),
                reason,
            },
            ("pass_up", "") => C::PassUp(reason),
            ("pass_down", "") => C::PassDown {
                to: division(TOWN),
                limit: limit("3d"),
                reason,
            },
            ("merge", "" | "ended" | "unknown") => C::Merge {
                into: other,
                reason,
            },
            ("unmerge", "") => C::Unmerge(reason),
            ("mark_urgent", "") => C::MarkUrgent(reason),
            ("mark_confidential", "") => C::MarkConfidential(reason),
            ("verify", "" | "failed") => verify(how.is_empty()),
            ("call_back", "" | "no_answer" | "dissatisfied") => C::CallBack {
                reached: how != "no_answer",
                solved: (how != "no_answer").then_some(how.is_empty()),
                satisfaction: None,
                note: None,
            },
            ("close", "") => C::Close,
            ("rate", "" | "dissatisfied") => C::Rate {
                solved: how.is_empty(),
                satisfaction: if how.is_empty() {
                    Satisfaction::Satisfied
                } else {
                    Satisfaction::Dissatisfied
                },
                note: None,
            },
            ("reopen", "") => C::Reopen(reason),
            ("request_void", "") => C::RequestVoid(reason),
            ("void", "" | "turned_down") => void(how.is_empty()),
            ("remind", "") => C::Remind(None),
            ("supervise" | "yellow_card" | "red_card", "") => C::Supervise {
                level: match act {
                    "supervise" => Supervision::Normal,
                    "yellow_card" => Supervision::YellowCard,
                    _ => Supervision::RedCard,
                },
                order: None,
                reason,
            },
            ("instruct", "") => C::Instruct(sealed("see to the old people first")),
            _ => return None,
        })
    }
}

fn new_order(code: &str, part: Part) -> NewOrder {
    NewOrder {
        unit: unit(code),
        part,
    }
}

fn feed_back(order: OrderId) -> CaseCommand {
    CaseCommand::FeedBack {
        order,
        result: sealed("done"),
    }
}

fn verify(passed: bool) -> CaseCommand {
    CaseCommand::Verify {
        passed,
        note: None,
        orders: Vec::new(),
    }
}

fn void(granted: bool) -> CaseCommand {
    CaseCommand::Void {
        granted,
        reason: sealed("nothing there"),
    }
}
