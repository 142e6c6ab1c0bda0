//! What the tests share: the shipped tables, the demo's directory, and a story that is told step by step.
//!
//! A [`Story`] decides and folds exactly as the engine does, without the engine: its time is set by hand and its ids are
//! counted, so that a story told twice is the same story.

use std::cell::Cell;
use std::sync::OnceLock;

use jingwei_core::access::Principal;
use jingwei_core::cases::{
    CaseCommand, CaseEvent, CaseState, Classing, Clock, ClockKind, Context, Decided, Order, Report,
    Source, apply, decide,
};
use jingwei_core::code::{ClassCode, DivisionCode, PlanCode, UnitCode};
use jingwei_core::directory::{
    Directory, DivisionRow, PersonDraft, UnitRow, read_divisions, read_people, read_units,
};
use jingwei_core::grids::Grids;
use jingwei_core::id::{CaseId, OrderId, PersonId, UnitId};
use jingwei_core::place::Point;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::RuleSet;
use jingwei_core::sealed::{Digest, Sealed};
use jingwei_core::time::Timestamp;
use uuid::Uuid;

/// The rule files as shipped.
pub(crate) const SHIPPED: [(&str, &str); 20] = [
    (
        "roles.csv",
        include_str!("../../../../data/rules/roles.csv"),
    ),
    ("acts.csv", include_str!("../../../../data/rules/acts.csv")),
    (
        "role_acts.csv",
        include_str!("../../../../data/rules/role_acts.csv"),
    ),
    (
        "role_separation.csv",
        include_str!("../../../../data/rules/role_separation.csv"),
    ),
    (
        "unit_kinds.csv",
        include_str!("../../../../data/rules/unit_kinds.csv"),
    ),
    (
        "classes.csv",
        include_str!("../../../../data/rules/classes.csv"),
    ),
    (
        "limits_by_severity.csv",
        include_str!("../../../../data/rules/limits_by_severity.csv"),
    ),
    (
        "filing_conditions.csv",
        include_str!("../../../../data/rules/filing_conditions.csv"),
    ),
    (
        "plans.csv",
        include_str!("../../../../data/rules/plans.csv"),
    ),
    (
        "plan_units.csv",
        include_str!("../../../../data/rules/plan_units.csv"),
    ),
    (
        "plan_steps.csv",
        include_str!("../../../../data/rules/plan_steps.csv"),
    ),
    (
        "settings.csv",
        include_str!("../../../../data/rules/settings.csv"),
    ),
    (
        "ladder.csv",
        include_str!("../../../../data/rules/ladder.csv"),
    ),
    (
        "calendar.csv",
        include_str!("../../../../data/rules/calendar.csv"),
    ),
    (
        "class_words.csv",
        include_str!("../../../../data/rules/class_words.csv"),
    ),
    (
        "synonyms.csv",
        include_str!("../../../../data/rules/synonyms.csv"),
    ),
    (
        "out_words.csv",
        include_str!("../../../../data/rules/out_words.csv"),
    ),
    (
        "danger_words.csv",
        include_str!("../../../../data/rules/danger_words.csv"),
    ),
    (
        "severity_words.csv",
        include_str!("../../../../data/rules/severity_words.csv"),
    ),
    (
        "suggestion.csv",
        include_str!("../../../../data/rules/suggestion.csv"),
    ),
];

/// Divisions of the stories, as rows of the shipped tables (which core cannot unpack).
pub(crate) const DIVISIONS: &str = "code,name,valid_from,valid_to,successor
5101,成都市,,,
510116,双流区,,,
510116111,黄龙溪镇,,,
510116111001,黄龙社区居委会,,,
510116111002,古佛社区居委会,,,
510116111003,白马社区居委会,,,
510116111004,嘉禾社区居委会,,,
510116111005,大河社区居委会,,,
510116111205,响水村村委会,,,
510116111206,川江村村委会,,,
5133,甘孜藏族自治州,,,
513322,泸定县,,,
513322100,泸桥镇,,,
5134,凉山彝族自治州,,,
513425,会理县,,2021-01-20,513402
513402,会理市,,,
513402001,城北街道,,,
";

/// The demo's units as shipped.
pub(crate) const UNITS: &str = include_str!("../../../../data/demo/units.csv");

/// The demo's people as shipped.
pub(crate) const PEOPLE: &str = include_str!("../../../../data/demo/people.csv");

/// The shipped rule files, owned, to be changed by a test.
pub(crate) fn rule_files() -> Vec<(String, String)> {
    SHIPPED
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// One file for an import.
pub(crate) fn file(name: &str, text: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), text.to_owned())]
}

/// The shipped rules.
pub(crate) fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        RuleSet::read(&rule_files(), Digest([7; 32])).expect("the shipped rules are sound")
    })
}

/// The divisions of the stories.
pub(crate) fn divisions() -> Vec<DivisionRow> {
    read_divisions(
        &file("divisions.csv", DIVISIONS),
        &Directory::new([], [], []),
    )
    .expect("divisions are sound")
}

/// The demo's units and the divisions of the stories, after `change` of the unit rows; nobody holds a post.
pub(crate) fn directory_with(change: impl Fn(&mut UnitRow)) -> Directory {
    let before = Directory::new(divisions(), [], []);
    let units =
        read_units(&file("units.csv", UNITS), &before, &rules().plans).expect("units are sound");
    let rows = units.into_iter().map(|draft| {
        let mut row = draft.row;
        change(&mut row);
        row
    });
    Directory::new(divisions(), rows, [])
}

/// The id of the person with an account.
pub(crate) fn person_id(account: &str) -> PersonId {
    PersonId(Uuid::new_v5(&Uuid::NAMESPACE_OID, account.as_bytes()))
}

/// The demo's people.
pub(crate) fn people() -> Vec<PersonDraft> {
    read_people(
        &file("people.csv", PEOPLE),
        &directory_with(|_| {}),
        &rules().role_acts,
    )
    .expect("people are sound")
}

/// The whole demo directory, with posts.
pub(crate) fn demo() -> &'static Directory {
    static DEMO: OnceLock<Directory> = OnceLock::new();
    DEMO.get_or_init(|| {
        let plain = directory_with(|_| {});
        let posts = people()
            .into_iter()
            .map(|draft| (person_id(&draft.account), draft.posts));
        Directory::new(
            divisions(),
            plain.units().map(|unit| unit.row.clone()),
            posts,
        )
    })
}

/// The demo with some of its people only; the posts of the others are empty.
pub(crate) fn demo_with(kept: impl Fn(&str) -> bool) -> Directory {
    let posts = people()
        .into_iter()
        .filter(|draft| kept(&draft.account))
        .map(|draft| (person_id(&draft.account), draft.posts));
    Directory::new(
        divisions(),
        demo().units().map(|unit| unit.row.clone()),
        posts,
    )
}

/// The shipped rules after a change of one of their files.
pub(crate) fn changed_rules(file: &str, change: impl Fn(&str) -> String) -> RuleSet {
    let mut files = rule_files();
    for (name, text) in &mut files {
        if name == file {
            let new = change(text);
            assert_ne!(new, *text, "the change changes {file}");
            *text = new;
        }
    }
    RuleSet::read(&files, Digest([8; 32])).expect("the changed rules are sound")
}

/// The shipped rules after the notice of the next year was imported: New Year's Day and the Spring Festival of 2027.
pub(crate) fn next_year() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        changed_rules("calendar.csv", |text| {
            let days = (5..=11).map(|day| format!("2027-02-{day:02},holiday,Spring Festival\n"));
            format!(
                "{text}2027-01-01,holiday,New Year's Day\n{}",
                days.collect::<String>()
            )
        })
    })
}

/// A person of the demo, by account.
pub(crate) fn who(account: &str) -> Principal {
    let posts = demo().posts_of(person_id(account));
    assert!(!posts.is_empty(), "{account} holds nothing in the demo");
    Principal::Person {
        id: person_id(account),
        posts,
    }
}

/// The unit with a code.
pub(crate) fn unit(code: &str) -> UnitId {
    let code = UnitCode::parse(code).expect("a unit code");
    demo().unit_by_code(&code).expect("a demo unit").row.id
}

/// A division code.
pub(crate) fn division(code: &str) -> DivisionCode {
    DivisionCode::parse(code).expect("a division code")
}

/// A class code.
pub(crate) fn class(code: &str) -> ClassCode {
    ClassCode::parse(code).expect("a class code")
}

/// The plan of the gas leak.
pub(crate) fn p_gas() -> PlanCode {
    PlanCode::parse("P_GAS").expect("a plan code")
}

/// An instant of the day of the stories, 20 November 2026, in China's time.
pub(crate) fn clock(time: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-11-20T{time}+08:00")).expect("a time")
}

/// Sealed words: here only bytes.
pub(crate) fn sealed<T>(text: &str) -> Sealed<T> {
    Sealed::from_bytes(text.as_bytes().to_vec())
}

/// The reporter's point beside the bridge of Huanglongxi.
pub(crate) fn by_the_bridge() -> Point {
    Point::from_degrees(103.9700, 30.3180).expect("a point")
}

/// A report by phone from a place, with a class when given.
pub(crate) fn report(place: &str, class_code: Option<&str>) -> CaseCommand {
    CaseCommand::Report(Box::new(Report {
        source: Source::Phone,
        classing: Classing {
            class: class_code.map(class),
            ..Classing::default()
        },
        place: division(place),
        words: sealed("smoke by the bridge"),
        contact: None,
        position: Some((sealed("position"), by_the_bridge())),
        receipt: None,
        solved: None,
    }))
}

/// The one fault of a field that a refusal names: pointer, code and both texts.
pub(crate) fn only_fault(refusal: &Refusal) -> &FieldFault {
    match refusal {
        Refusal::Invalid(faults) if faults.len() == 1 => &faults[0],
        other => panic!("one field fault was due, not {other:?}"),
    }
}

/// A case that is told step by step.
pub(crate) struct Story<'d> {
    /// The directory.
    pub(crate) directory: &'d Directory,
    /// The rules.
    pub(crate) rules: &'d RuleSet,
    /// The case so far.
    pub(crate) state: Option<CaseState>,
    /// Everything that happened.
    pub(crate) log: Vec<(Timestamp, Decided)>,
    /// The time.
    pub(crate) now: Timestamp,
    /// The next serial of the centre.
    pub(crate) serial: u32,
    /// The id of the case.
    pub(crate) id: CaseId,
    /// The last id given to an order.
    pub(crate) next: Cell<u128>,
    /// The other case of a merger.
    pub(crate) other: Option<CaseState>,
}

impl<'d> Story<'d> {
    /// A story that has not begun, at 10:00:00. `seed` keeps the ids of two stories apart.
    pub(crate) fn new(directory: &'d Directory, seed: u64) -> Self {
        let first = (u128::from(seed) + 1) << 64;
        Self {
            directory,
            rules: rules(),
            state: None,
            log: Vec::new(),
            now: clock("10:00:00"),
            serial: 17,
            id: CaseId(Uuid::from_u128(first)),
            next: Cell::new(first + 1),
            other: None,
        }
    }

    /// The case; the story has begun.
    pub(crate) fn case(&self) -> &CaseState {
        self.state.as_ref().expect("the story has begun")
    }

    /// It is now `time` on the day of the stories.
    pub(crate) fn at(&mut self, time: &str) -> &mut Self {
        self.now = clock(time);
        self
    }

    /// Decides without folding: what would happen.
    pub(crate) fn ask(
        &self,
        by: &Principal,
        command: &CaseCommand,
    ) -> Result<Vec<Decided>, Refusal> {
        self.ask_at(self.now, by, command, self.other.as_ref())
    }

    /// The same at another time, beside another case.
    pub(crate) fn ask_at(
        &self,
        now: Timestamp,
        by: &Principal,
        command: &CaseCommand,
        other: Option<&CaseState>,
    ) -> Result<Vec<Decided>, Refusal> {
        let fresh = || {
            self.next.set(self.next.get() + 1);
            Uuid::from_u128(self.next.get())
        };
        let context = Context {
            now,
            by,
            rules: self.rules,
            directory: self.directory,
            grids: &Grids::default(),
            serial: self.serial,
            fresh: &fresh,
            other,
        };
        decide(self.state.as_ref(), command, &context)
    }

    /// Folds what was decided, as the engine does: the point in the open is set beside the fold of a report.
    pub(crate) fn fold(&mut self, decided: &[Decided], point: Option<Point>) {
        for step in decided {
            apply(&mut self.state, self.id, &step.event, step.by, self.now);
            if let (CaseEvent::Reported(_), Some(case)) = (&step.event, self.state.as_mut()) {
                case.point = point;
            }
            self.log.push((self.now, step.clone()));
        }
    }

    /// Carries a command out; it has to be taken. The answer is what happened.
    pub(crate) fn does(&mut self, by: &Principal, command: &CaseCommand) -> Vec<CaseEvent> {
        let decided = self
            .ask(by, command)
            .unwrap_or_else(|refusal| panic!("{command:?} was refused: {}", refusal.en()));
        let point = match command {
            CaseCommand::Report(report) => report.position.as_ref().map(|(_, point)| *point),
            _ => None,
        };
        self.fold(&decided, point);
        decided.into_iter().map(|step| step.event).collect()
    }

    /// Fires a timer, rung by rung, until its limit is found passed; the answer is what happened then.
    pub(crate) fn reds(&mut self, timer: &CaseCommand) -> Vec<CaseEvent> {
        loop {
            let events = self.does(&Principal::System, timer);
            if events.iter().any(|event| event.kind() == "overdue") {
                return events;
            }
        }
    }

    /// Merges into `other` (or parts from it): what the event means for the other case is folded there, as the engine does.
    pub(crate) fn with(
        &mut self,
        other: &mut Self,
        by: &Principal,
        command: &CaseCommand,
    ) -> Vec<CaseEvent> {
        self.other = other.state.clone();
        other.now = self.now;
        let events = self.does(by, command);
        for (_, step) in &self.log[self.log.len() - events.len()..] {
            if let Some((id, event)) = step.event.counterpart(self.id) {
                assert_eq!(id, other.id);
                other.fold(&[Decided { by: step.by, event }], None);
            }
        }
        events
    }

    /// Asks for a command that has to be refused.
    pub(crate) fn refused(&self, by: &Principal, command: &CaseCommand) -> Refusal {
        match self.ask(by, command) {
            Err(refusal) => refusal,
            Ok(events) => panic!("{command:?} was to be refused and led to {events:?}"),
        }
    }

    /// The order to the unit with a code.
    pub(crate) fn order(&self, code: &str) -> &Order {
        let id = unit(code);
        self.case()
            .orders
            .iter()
            .find(|order| order.unit == id)
            .unwrap_or_else(|| panic!("{code} has no order"))
    }

    /// The id of the order to the unit with a code.
    pub(crate) fn order_id(&self, code: &str) -> OrderId {
        self.order(code).id
    }

    /// The running clock of a kind (and order).
    pub(crate) fn running(&self, kind: ClockKind, order: Option<OrderId>) -> Clock {
        self.case()
            .running(kind, order)
            .unwrap_or_else(|| panic!("no clock {kind} of {order:?} is running"))
            .clone()
    }

    /// The firing of a clock.
    pub(crate) fn timer_of(clock: &Clock) -> CaseCommand {
        CaseCommand::Timer {
            clock: clock.kind,
            order: clock.order,
            generation: clock.generation,
            caught_up: false,
        }
    }

    /// The codes of the units with orders, in the order in which they were sent.
    pub(crate) fn called(&self) -> Vec<String> {
        self.case()
            .orders
            .iter()
            .map(|order| {
                let unit = self.directory.unit(order.unit).expect("a unit");
                unit.row.code.as_str().to_owned()
            })
            .collect()
    }
}
