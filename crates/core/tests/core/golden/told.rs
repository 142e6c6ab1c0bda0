//! The stories of the golden journal of this release. They are told once, when the journal is written; what a later release
//! changes in the procedure changes nothing in the file.

use jingwei_core::access::{Principal, Role};
use jingwei_core::cases::{
    CaseCommand, Classing, ClockKind, NewOrder, Part, Report, Satisfaction, Source, Supervision,
};
use jingwei_core::directory::{
    CaughtUp, ClockConfirmed, Directory, DirectoryEvent, GridsChanged, Imported, PasswordSet,
    Relaxed, TableName,
};
use jingwei_core::grids::GridAct;
use jingwei_core::id::ImportId;
use jingwei_core::rules::Urgency;
use jingwei_core::sealed::{Digest, Sealed, XCHACHA20_POLY1305};
use jingwei_core::time::{Day, Limit};
use uuid::Uuid;

use super::{By, GoldenRow};
use crate::support::{
    Story, by_the_bridge, class, clock, demo, demo_with, division, next_year, p_gas, person_id,
    unit, who,
};

/// Sealed bytes as the vault makes them, but that the key is not one.
fn sealed<T>(text: &str) -> Sealed<T> {
    let mut bytes = vec![XCHACHA20_POLY1305];
    bytes.extend([0x5a; 24]);
    bytes.extend(text.bytes().map(|byte| byte ^ 0xa5));
    Sealed::from_bytes(bytes)
}

fn report(source: Source, class_code: Option<&str>, full: bool) -> CaseCommand {
    CaseCommand::Report(Box::new(Report {
        source,
        classing: Classing {
            class: class_code.map(class),
            ..Classing::default()
        },
        place: division("510116111001"),
        words: sealed("smoke by the bridge"),
        contact: full.then(|| sealed("a telephone number")),
        position: full.then(|| (sealed("a position"), by_the_bridge())),
        receipt: full.then_some(Digest([0xab; 32])),
        solved: None,
    }))
}

fn limit(text: &str) -> Limit {
    Limit::parse(text).expect("a limit")
}

/// The stories of the golden journal, and an import: every kind of event that this release writes.
pub(super) fn told() -> Vec<GoldenRow> {
    let alone = demo_with(|account| account != "dispatcher-sl");
    let mut rows = beside();
    let stories = [
        refused(),
        voided(),
        closed(),
        light(),
        worked(),
        alone_at_night(&alone),
    ];
    for story in stories.iter().chain(&merged()) {
        rows.extend(story.log.iter().map(|(at, step)| GoldenRow {
            case: Some(story.id),
            kind: step.event.kind().to_owned(),
            v: step.event.kind_version(),
            at: *at,
            by: By {
                person: step.by.person,
                role: step.by.role,
                unit: step.by.unit,
            },
            payload: String::from_utf8(step.event.payload()).expect("JSON is text"),
        }));
    }
    rows.sort_by_key(|row| row.at);
    rows
}

/// What happens to the node beside its cases.
fn beside() -> Vec<GoldenRow> {
    let imported = DirectoryEvent::Imported(Imported {
        import: ImportId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001)),
        table: TableName::People,
        digest: Digest([0xcd; 32]),
        rows: 29,
        relaxed: vec![Relaxed {
            person: person_id("officer-hlx"),
            a: Role::DutyChief,
            b: Role::Dispatcher,
        }],
    });
    let administrator = By {
        person: Some(person_id("admin-sl")),
        role: Role::Administrator,
        unit: Some(unit("SL-CGC")),
    };
    let system = || By {
        person: None,
        role: Role::System,
        unit: None,
    };
    let password_set = DirectoryEvent::PasswordSet(PasswordSet {
        person: person_id("officer-hlx"),
    });
    let clock_confirmed = DirectoryEvent::ClockConfirmed(ClockConfirmed { set_by: 3_600_000 });
    let caught_up = DirectoryEvent::CaughtUp(CaughtUp {
        centre: division("510116111"),
        since: clock("06:00:00"),
        cases: 3,
        red: 2,
        cards: 1,
    });
    let grids_changed = DirectoryEvent::GridsChanged(GridsChanged {
        change: ImportId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_00a1)),
        act: GridAct::Split,
        from: Day(20_261_121),
        digest: Digest([7; 32]),
        rows: 3,
    });
    [
        ("08:00:00", imported, administrator.clone()),
        ("08:01:00", password_set, system()),
        ("08:02:00", clock_confirmed, system()),
        ("08:03:00", caught_up, system()),
        ("08:04:00", grids_changed, administrator),
    ]
    .map(|(time, event, by)| GoldenRow {
        case: None,
        kind: event.kind().to_owned(),
        v: event.kind_version(),
        at: clock(time),
        by,
        payload: String::from_utf8(event.payload()).expect("JSON is text"),
    })
    .into()
}

fn refused() -> Story<'static> {
    let mut story = Story::new(demo(), 101);
    story.at("09:00:00");
    story.does(&Principal::Resident, &report(Source::Resident, None, true));
    story
        .at("09:01:00")
        .does(&who("officer-hlx"), &CaseCommand::Refuse(sealed("a test")));
    story
}

fn voided() -> Story<'static> {
    let mut story = Story::new(demo(), 102);
    let officer = who("officer-hlx");
    story.at("09:10:00");
    story.does(&officer, &report(Source::Desk, Some("RQ04"), false));
    story.at("09:11:00").does(
        &officer,
        &CaseCommand::Accept(Classing {
            urgency: Some(Urgency::Low),
            ..Classing::default()
        }),
    );
    story
        .at("09:12:00")
        .does(&officer, &CaseCommand::File(None));
    let orders = vec![
        NewOrder {
            unit: unit("SL-GAS-2"),
            part: Part::Lead,
        },
        NewOrder {
            unit: unit("SL-UMB"),
            part: Part::Cc,
        },
    ];
    story.at("09:13:00").does(
        &who("dispatcher-sl"),
        &CaseCommand::Dispatch {
            plan: None,
            orders,
            under: None,
        },
    );
    story.at("09:20:00").does(
        &officer,
        &CaseCommand::Void {
            granted: true,
            reason: sealed("reported twice"),
        },
    );
    story
}

fn closed() -> Story<'static> {
    let mut story = Story::new(demo(), 103);
    let (officer, reporter) = (who("officer-hlx"), who("grid-hl1"));
    story.does(&reporter, &report(Source::Phone, Some("RQ"), true));
    story
        .at("10:00:30")
        .does(&officer, &CaseCommand::ReturnForInfo(sealed("where?")));
    story
        .at("10:00:50")
        .does(&reporter, &CaseCommand::SupplyInfo(sealed("north side")));
    story.at("10:01:00").does(
        &officer,
        &CaseCommand::Accept(Classing {
            class: Some(class("RQ01")),
            urgency: Some(Urgency::High),
            ..Classing::default()
        }),
    );
    story
        .at("10:01:10")
        .does(&officer, &CaseCommand::File(None));
    story
        .at("10:01:20")
        .does(&officer, &CaseCommand::DispatchByPlan(p_gas()));
    let (gas, fire) = (story.order_id("SL-GAS-1"), story.order_id("SL-FIRE-HLX"));
    story
        .at("10:01:40")
        .does(&who("gas-1"), &CaseCommand::Acknowledge(gas));
    let late = Story::timer_of(&story.running(ClockKind::Acknowledge, Some(fire)));
    story.at("10:02:20").reds(&late);
    story
        .at("10:02:30")
        .does(&who("inspector-sl"), &CaseCommand::Remind(None));
    story.at("10:02:50").does(
        &officer,
        &CaseCommand::AcknowledgeFor {
            order: fire,
            told_at: clock("10:02:40"),
            whom: sealed("the shift leader"),
            reason: sealed("the unit has no phone of ours"),
        },
    );
    story.at("10:03:00").does(
        &officer,
        &CaseCommand::AddUnit {
            order: NewOrder {
                unit: unit("SL-GAS-2"),
                part: Part::Cc,
            },
            reason: sealed("to stand by"),
        },
    );
    let there = CaseCommand::Arrive {
        order: gas,
        at: Some(by_the_bridge()),
    };
    story.at("10:05:00").does(&who("gas-1"), &there);
    let hand_in = |story: &mut Story<'_>, account: &str, code: &str| {
        let order = story.order_id(code);
        let result = sealed("done");
        story.does(&who(account), &CaseCommand::FeedBack { order, result });
    };
    story.at("10:06:00");
    for (account, code) in [
        ("gas-1", "SL-GAS-1"),
        ("fire-ya", "SL-FIRE-YA"),
        ("grid-hl1", "HLX-GRID-001"),
        ("police-hlx", "HLX-POLST"),
    ] {
        hand_in(&mut story, account, code);
    }
    let check = |passed, note: &str, orders| CaseCommand::Verify {
        passed,
        note: Some(sealed(note)),
        orders,
    };
    let verifier = who("verifier-hlx");
    story
        .at("10:20:00")
        .does(&verifier, &check(false, "it still smells", vec![gas]));
    hand_in(story.at("10:40:00"), "gas-1", "SL-GAS-1");
    story
        .at("10:50:00")
        .does(&verifier, &check(true, "nothing smelled", Vec::new()));
    let nobody_answers = CaseCommand::CallBack {
        reached: false,
        solved: None,
        satisfaction: None,
        note: None,
    };
    for time in ["10:52:00", "10:54:00", "10:56:00"] {
        story.at(time).does(&officer, &nobody_answers);
    }
    story
        .at("11:00:00")
        .does(&who("chief-sl"), &CaseCommand::Close);
    story
}

/// The light lane whose audit fails, then up and down between the levels under a provisional deadline.
fn light() -> Story<'static> {
    let mut story = Story::new(demo(), 104);
    let CaseCommand::Report(mut solved) = report(Source::Phone, Some("CG09"), true) else {
        unreachable!("a report");
    };
    solved.solved = Some(sealed("scraped off"));
    story
        .at("12:00:00")
        .does(&who("grid-hl1"), &CaseCommand::Report(solved));
    story.at("12:10:00").does(
        &who("verifier-hlx"),
        &CaseCommand::Verify {
            passed: false,
            note: Some(sealed("it still sticks")),
            orders: Vec::new(),
        },
    );
    let steps = [
        (
            "12:20:00",
            "officer-hlx",
            CaseCommand::Relay(unit("HLX-GRID-001")),
        ),
        (
            "12:25:00",
            "grid-hl2",
            CaseCommand::Confirm {
                found: true,
                note: Some(sealed("on the wall")),
                at: Some(by_the_bridge()),
            },
        ),
        (
            "12:30:00",
            "officer-hlx",
            CaseCommand::SetClass(Classing {
                class: Some(class("CG18")),
                ..Classing::default()
            }),
        ),
        (
            "12:31:00",
            "officer-hlx",
            CaseCommand::MarkConfidential(sealed("asked for")),
        ),
        (
            "12:32:00",
            "officer-hlx",
            CaseCommand::RequestVoid(sealed("gone?")),
        ),
        (
            "12:33:00",
            "chief-sl",
            CaseCommand::Void {
                granted: false,
                reason: sealed("it is there"),
            },
        ),
        (
            "12:34:00",
            "officer-hlx",
            CaseCommand::MarkUrgent(sealed("a school")),
        ),
        (
            "12:40:00",
            "leader-sl",
            CaseCommand::Instruct(sealed("see to it")),
        ),
        (
            "12:41:00",
            "inspector-sl",
            CaseCommand::Supervise {
                level: Supervision::Normal,
                order: None,
                reason: sealed("asked twice"),
            },
        ),
        (
            "12:50:00",
            "officer-hlx",
            CaseCommand::PassUp(sealed("beyond us")),
        ),
        (
            "13:00:00",
            "dispatcher-sl",
            CaseCommand::PassDown {
                to: division("510116111"),
                limit: limit("60wd"),
                reason: sealed("yours to do"),
            },
        ),
    ];
    for (time, account, command) in steps {
        story.at(time).does(&who(account), &command);
    }
    story.rules = next_year();
    story
        .at("13:10:00")
        .does(&Principal::System, &CaseCommand::Recompute);
    story
}

/// Objected, extended, suspended, nested, withdrawn; closed after a call back, and the reporter is not content.
fn worked() -> Story<'static> {
    let mut story = Story::new(demo(), 105);
    let (officer, dispatcher) = (who("officer-hlx"), who("dispatcher-sl"));
    story.at("14:00:00");
    story.does(
        &Principal::Resident,
        &report(Source::Resident, Some("RQ04"), true),
    );
    story
        .at("14:01:00")
        .does(&officer, &CaseCommand::Accept(Classing::default()));
    story
        .at("14:02:00")
        .does(&officer, &CaseCommand::File(None));
    let new = |code: &str, part| NewOrder {
        unit: unit(code),
        part,
    };
    story.at("14:03:00").does(
        &dispatcher,
        &CaseCommand::Dispatch {
            plan: None,
            orders: vec![new("SL-GAS-2", Part::Lead), new("SL-UMB", Part::Assist)],
            under: None,
        },
    );
    let order = story.order_id("SL-GAS-2");
    story.at("14:05:00").does(
        &who("gas-2"),
        &CaseCommand::ObjectOrder {
            order,
            reason: sealed("not our side"),
        },
    );
    story.at("14:06:00").does(
        &dispatcher,
        &CaseCommand::DecideObjection {
            order,
            upheld: true,
            unit: Some(unit("SL-GAS-1")),
            reason: sealed("true"),
        },
    );
    let order = story.order_id("SL-GAS-1");
    let gas = who("gas-1");
    let ask_suspension = CaseCommand::RequestSuspend {
        order,
        limit: limit("3d"),
        reason: sealed("a part is on its way"),
    };
    let decide_suspension = |granted| CaseCommand::Suspend {
        order: Some(order),
        granted,
        limit: None,
        reason: sealed("looked at"),
    };
    let umb = story.order_id("SL-UMB");
    let steps = [
        (
            "14:10:00",
            &gas,
            CaseCommand::RequestExtension {
                order,
                limit: limit("2h"),
                reason: sealed("rain"),
            },
        ),
        (
            "14:12:00",
            &dispatcher,
            CaseCommand::DecideExtension {
                order,
                granted: true,
                limit: Some(limit("1h")),
                reason: sealed("one is enough"),
            },
        ),
        ("14:20:00", &gas, ask_suspension.clone()),
        ("14:21:00", &dispatcher, decide_suspension(false)),
        ("14:22:00", &gas, ask_suspension),
        ("14:23:00", &dispatcher, decide_suspension(true)),
        (
            "14:40:00",
            &dispatcher,
            CaseCommand::Resume(sealed("it is here")),
        ),
        (
            "14:41:00",
            &dispatcher,
            CaseCommand::Dispatch {
                plan: None,
                orders: vec![new("SL-RESCUE", Part::Assist)],
                under: Some(order),
            },
        ),
        (
            "14:45:00",
            &dispatcher,
            CaseCommand::Redispatch {
                order: umb,
                unit: unit("SL-EMB"),
                reason: sealed("closed today"),
            },
        ),
        (
            "14:50:00",
            &gas,
            CaseCommand::Handle {
                order,
                note: sealed("half way"),
            },
        ),
    ];
    for (time, by, command) in steps {
        story.at(time).does(by, &command);
    }
    let (emb, rescue) = (story.order_id("SL-EMB"), story.order_id("SL-RESCUE"));
    story.at("14:51:00").does(
        &dispatcher,
        &CaseCommand::WithdrawOrder {
            order: emb,
            reason: sealed("not needed"),
        },
    );
    let result = || sealed("done");
    let hand_in = |order| CaseCommand::FeedBack {
        order,
        result: result(),
    };
    story
        .at("14:55:00")
        .does(&who("rescue-sl"), &hand_in(rescue));
    story.at("14:56:00").does(&gas, &hand_in(order));
    let check = CaseCommand::Verify {
        passed: true,
        note: None,
        orders: Vec::new(),
    };
    story.at("14:57:00").does(&who("verifier-hlx"), &check);
    let call = CaseCommand::CallBack {
        reached: true,
        solved: Some(true),
        satisfaction: Some(Satisfaction::Basic),
        note: Some(sealed("thanks")),
    };
    story.at("14:58:00").does(&officer, &call);
    story.at("14:59:00").does(&officer, &CaseCommand::Close);
    let again = CaseCommand::Rate {
        solved: false,
        satisfaction: Satisfaction::Dissatisfied,
        note: Some(sealed("it smells again")),
    };
    let holder = Principal::Holder(story.id);
    story.at("15:10:00").does(&holder, &again);
    story
}

/// Two reports of one thing, merged and parted again.
fn merged() -> [Story<'static>; 2] {
    let (mut first, mut second) = (Story::new(demo(), 106), Story::new(demo(), 107));
    let officer = who("officer-hlx");
    first.at("16:00:00");
    first.does(
        &Principal::Resident,
        &report(Source::Resident, Some("XF09"), true),
    );
    second.at("16:01:00");
    second.does(
        &who("grid-hl1"),
        &report(Source::Phone, Some("XF09"), false),
    );
    let merge = CaseCommand::Merge {
        into: first.id,
        reason: sealed("the same wire"),
    };
    second.at("16:05:00").with(&mut first, &officer, &merge);
    let apart = CaseCommand::Unmerge(sealed("two wires"));
    second.at("16:30:00").with(&mut first, &officer, &apart);
    [first, second]
}

/// Nobody else could decide the extension: the separation gives way, in writing.
fn alone_at_night(directory: &Directory) -> Story<'_> {
    let mut story = Story::new(directory, 108);
    let officer = who("officer-hlx");
    story.at("17:00:00");
    story.does(
        &who("grid-hl1"),
        &report(Source::Phone, Some("RQ01"), false),
    );
    story
        .at("17:00:20")
        .does(&officer, &CaseCommand::Accept(Classing::default()));
    story
        .at("17:00:30")
        .does(&officer, &CaseCommand::File(None));
    story
        .at("17:00:40")
        .does(&officer, &CaseCommand::DispatchByPlan(p_gas()));
    let order = story.order_id("SL-GAS-1");
    story.at("17:02:00").does(
        &who("gas-1"),
        &CaseCommand::RequestExtension {
            order,
            limit: limit("30min"),
            reason: sealed("rain"),
        },
    );
    story.at("17:05:00").does(
        &officer,
        &CaseCommand::DecideExtension {
            order,
            granted: true,
            limit: None,
            reason: sealed("yes"),
        },
    );
    story
}
