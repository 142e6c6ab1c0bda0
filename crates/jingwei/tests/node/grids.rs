//! Grids on a whole node: cases keep the grid of their day, changes are dated, figures of changed grids are marked, and how
//! many statements each operation takes, on both engines.

use jingwei_core::access::Principal;
use jingwei_core::grids::Layer;
use jingwei_core::place::Point;
use jingwei_core::time::Day;
use jingwei_engine::cases::{PositionBody, ReportBody};
use jingwei_engine::grids::{
    AboutBody, DescribeBody, DrawBody, GridQuery, JoinBody, SplitBody, WithdrawBody,
};
use jingwei_engine::{EngineError, Meta, Node, body_hash};
use jingwei_testkit::{COMMUNITY, Engine, TestNode};

fn principal(node: &TestNode, account: &str) -> Principal {
    let client = node.sign_in(account);
    let session = node
        .block_on(node.node.session(client.token().expect("signed in")))
        .expect("a session");
    session.principal
}

fn meta(node: &Node) -> Meta {
    let id = node.fresh_id();
    Meta {
        correlation: id,
        key: Some(id.to_string()),
        body_hash: body_hash(&[id.as_bytes()]),
        device: None,
        device_at: None,
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// A report at a point of the map.
fn report(node: &Node, at: Point) -> ReportBody {
    ReportBody {
        id: node.fresh_id().to_string(),
        source: "desk".to_owned(),
        class: Some("CG02".to_owned()),
        severity: None,
        urgency: None,
        division: COMMUNITY.to_owned(),
        position: Some(PositionBody {
            lon: at.lon(),
            lat: at.lat(),
            accuracy_m: Some(5.0),
            datum: None,
        }),
        address: None,
        description: "路边堆了垃圾".to_owned(),
        reporter: None,
        solved: None,
        device: None,
        device_at: None,
    }
}

/// A grid of the community, by its number, with a point inside.
fn a_grid(node: &TestNode, number: usize) -> (String, Point) {
    let place = node.node.place();
    let grids: Vec<_> = place
        .grids
        .list(Layer::Base, day("2026-11-20"), None)
        .filter(|grid| grid.host().as_str() == COMMUNITY)
        .collect();
    let grid = grids[number];
    (grid.code().to_owned(), grid.shape().inside())
}

fn code_at(node: &TestNode, at: Point, on: &str) -> Option<String> {
    let place = node.node.place();
    place
        .grids
        .at(Layer::Base, at, day(on))
        .map(|grid| grid.code().to_owned())
}

/// A line from south to north through the middle of a grid.
fn through(node: &TestNode, code: &str) -> Vec<Vec<f64>> {
    let place = node.node.place();
    let bounds = place.grids.coded(code).last().expect("the grid").bounds();
    let middle = bounds.middle().lon();
    let degrees = |e7: i32| f64::from(e7) / 1e7;
    vec![
        vec![middle, degrees(bounds.south) - 0.001],
        vec![middle, degrees(bounds.north) + 0.001],
    ]
}

fn split(
    node: &TestNode,
    by: &Principal,
    code: &str,
    from: &str,
) -> Result<Vec<String>, EngineError> {
    let body = SplitBody {
        line: through(node, code),
        names: vec![],
        datum: None,
        from: Some(from.to_owned()),
    };
    let meta = meta(&node.node);
    let answer = node.block_on(node.node.split_grid(by, code, &body, false, meta))?;
    let new = answer
        .grids
        .into_iter()
        .filter(|grid| grid.valid_to.is_none());
    Ok(new.map(|grid| grid.code).collect())
}

fn a_case_keeps_the_grid_of_its_day(engine: Engine) {
    let node = TestNode::start(engine);
    node.draw_land();
    let (worker, admin) = (principal(&node, "grid-hl1"), principal(&node, "admin-sl"));
    let (code, at) = a_grid(&node, 0);
    let send = |at| {
        let body = report(&node.node, at);
        let meta = meta(&node.node);
        node.block_on(node.node.report(&worker, &body, meta))
            .expect("a report")
            .id
    };
    let first = send(at);
    let parts = split(&node, &admin, &code, "2026-11-21").expect("a split");
    assert_eq!(parts.len(), 2, "{parts:?}");
    // The day has begun: it stays as it was, also for what comes in after the split was decided.
    assert_eq!(
        code_at(&node, at, "2026-11-20").as_deref(),
        Some(code.as_str())
    );
    let tomorrow = code_at(&node, at, "2026-11-21").expect("a grid");
    assert!(parts.contains(&tomorrow), "{tomorrow} is one of {parts:?}");
    let second = send(at);
    node.clock.advance(86_400);
    let third = send(at);
    let grid_of = |id| {
        let case = node
            .block_on(node.node.case(&worker, jingwei_core::id::CaseId(id)))
            .expect("the case");
        case.grids
            .into_iter()
            .map(|grid| grid.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(grid_of(first), std::slice::from_ref(&code));
    assert_eq!(grid_of(second), std::slice::from_ref(&code));
    assert_eq!(grid_of(third), std::slice::from_ref(&tomorrow));
    // Figures: two cases under the old grid, one under the new; the day of the change is marked on both.
    let figures = |code: &str| {
        node.block_on(
            node.node
                .grid_figures(&admin, code, None, Some(day("2026-11-22"))),
        )
        .expect("figures")
    };
    let (old, new) = (figures(&code), figures(&tomorrow));
    assert_eq!((old.cases, new.cases), (2, 1));
    assert!(
        old.changed
            .iter()
            .any(|change| change.on == "2026-11-21" && change.act == "withdraw"),
        "{:?}",
        old.changed
    );
    assert!(
        new.changed
            .iter()
            .any(|change| change.on == "2026-11-21" && change.act == "split"),
        "{:?}",
        new.changed
    );
    node.check();
    // After a restart the memory says the same.
    let node = node.restart(jingwei_testkit::rules());
    assert_eq!(code_at(&node, at, "2026-11-20"), Some(code));
    assert_eq!(code_at(&node, at, "2026-11-21"), Some(tomorrow));
    node.check();
}

#[test]
fn a_case_keeps_the_grid_of_its_day_sqlite() {
    a_case_keeps_the_grid_of_its_day(Engine::Sqlite);
}

#[test]
fn a_case_keeps_the_grid_of_its_day_postgres() {
    a_case_keeps_the_grid_of_its_day(Engine::Postgres);
}

fn refused_with(outcome: Result<impl Sized, EngineError>, code: &str) {
    match outcome {
        Err(EngineError::Refused(jingwei_core::refusal::Refusal::Invalid(faults))) => {
            assert!(
                faults.iter().any(|fault| fault.code == code),
                "{code}: {faults:?}"
            );
        }
        Err(other) => panic!("{code} was wanted: {other}"),
        Ok(_) => panic!("{code} was wanted, and it was carried out"),
    }
}

/// Splitting and joining again leaves the same land; a day that has begun, a grid that ended and a change to come are refused.
#[test]
fn acts_have_dates() {
    let node = TestNode::start(Engine::Sqlite);
    node.draw_land();
    let admin = principal(&node, "admin-sl");
    let (code, at) = a_grid(&node, 0);
    let area = |code: &str| {
        let place = node.node.place();
        place
            .grids
            .coded(code)
            .last()
            .expect("a grid")
            .shape()
            .area_m2()
    };
    let before = area(&code);
    refused_with(split(&node, &admin, &code, "2026-11-20"), "too_early");
    let parts = split(&node, &admin, &code, "2026-11-25").expect("a split");
    refused_with(split(&node, &admin, &code, "2026-11-26"), "grid_ended");
    refused_with(
        split(&node, &admin, &parts[0], "2026-11-22"),
        "changed_later",
    );
    let join = JoinBody {
        codes: parts.clone(),
        name: None,
        from: Some("2026-12-01".to_owned()),
    };
    let joined = node
        .block_on(node.node.join_grids(&admin, &join, false, meta(&node.node)))
        .expect("joined");
    // The cut has its ends on whole units: less than a hand's breadth along the border.
    let whole = joined
        .grids
        .iter()
        .find(|grid| grid.valid_to.is_none())
        .expect("the new grid");
    assert!(
        (area(&whole.code) - before).abs() < before * 1e-7,
        "{} and {before} m²",
        area(&whole.code)
    );
    assert!(
        ![&code, &parts[0], &parts[1]].contains(&&whole.code),
        "codes are given once"
    );
    for (on, wanted) in [("2026-11-24", &code), ("2026-12-01", &whole.code)] {
        assert_eq!(code_at(&node, at, on).as_ref(), Some(wanted), "{on}");
    }
    let detail = node
        .block_on(node.node.grid(&admin, &whole.code))
        .expect("the grid");
    let mut came_from = detail.before.clone();
    came_from.sort();
    assert_eq!(came_from, parts);
    let detail = node
        .block_on(node.node.grid(&admin, &code))
        .expect("the first");
    assert_eq!(detail.after, parts);
    node.check();
}

/// Micro-grids go with the land on which they lie.
#[test]
fn a_micro_grid_follows_its_land() {
    let node = TestNode::start(Engine::Sqlite);
    node.draw_land();
    let admin = principal(&node, "admin-sl");
    let (code, at) = a_grid(&node, 0);
    let place = node.node.place();
    let square = jingwei_engine::grids::SiteBody {
        lon: at.lon(),
        lat: at.lat(),
        radius_m: 10,
    };
    let body = |about: AboutBody, layer: &str, parent: Option<&String>| DrawBody {
        layer: layer.to_owned(),
        code: None,
        host: parent.is_none().then(|| COMMUNITY.to_owned()),
        parent: parent.cloned(),
        shape: None,
        datum: None,
        from: None,
        about,
    };
    // A site is a dedicated grid; of a micro-grid the border is drawn.
    let site = AboutBody {
        name: Some("古镇小学".to_owned()),
        kind: Some("学校".to_owned()),
        site: Some(square),
        ..AboutBody::default()
    };
    let drawn = node
        .block_on(node.node.draw_grid(
            &admin,
            &body(site.clone(), "dedicated", None),
            false,
            meta(&node.node),
        ))
        .expect("a site");
    let school = drawn.grids[0].code.clone();
    refused_with(
        node.block_on(node.node.draw_grid(
            &admin,
            &body(site, "micro", Some(&code)),
            false,
            meta(&node.node),
        )),
        "only_dedicated",
    );
    drop(place);
    let border = node
        .block_on(node.node.grid(&admin, &school))
        .expect("the site")
        .shape;
    let shape =
        serde_json::from_value(serde_json::to_value(border).expect("JSON")).expect("a border");
    let mut micro = body(
        AboutBody {
            name: Some("一号楼".to_owned()),
            ..AboutBody::default()
        },
        "micro",
        Some(&code),
    );
    micro.shape = Some(shape);
    let drawn = node
        .block_on(node.node.draw_grid(&admin, &micro, false, meta(&node.node)))
        .expect("a micro-grid");
    assert_eq!(drawn.grids[0].code, format!("{code}01"));
    let parts = split(&node, &admin, &code, "2026-11-21").expect("a split");
    let now_in = code_at(&node, at, "2026-11-21").expect("a base grid");
    assert!(parts.contains(&now_in));
    let place = node.node.place();
    let micro = place
        .grids
        .at(Layer::Micro, at, day("2026-11-21"))
        .expect("still there");
    assert_eq!(
        micro.code(),
        format!("{now_in}01"),
        "it hangs from the part it lies on"
    );
    assert_eq!(
        place
            .grids
            .at(Layer::Micro, at, day("2026-11-20"))
            .expect("then")
            .code(),
        format!("{code}01")
    );
    // What is withdrawn takes its micro-grids with it.
    let body = WithdrawBody {
        from: Some("2026-12-01".to_owned()),
    };
    node.block_on(
        node.node
            .withdraw_grid(&admin, &now_in, &body, false, meta(&node.node)),
    )
    .expect("withdrawn");
    let place = node.node.place();
    assert!(
        place
            .grids
            .at(Layer::Micro, at, day("2026-12-01"))
            .is_none()
    );
    assert!(
        place
            .grids
            .at(Layer::Dedicated, at, day("2026-12-01"))
            .is_some(),
        "the school stays"
    );
    node.check();
}

/// What each operation takes, whatever the size of the land.
fn statements(engine: Engine) {
    let node = TestNode::start(engine);
    node.draw_land();
    let (worker, admin) = (principal(&node, "grid-hl1"), principal(&node, "admin-sl"));
    let (code, at) = a_grid(&node, 0);
    let of_writer = |what: &str, most: u64, run: &dyn Fn()| {
        let before = node.node.metrics().read_statements;
        run();
        let reads = node.node.metrics().read_statements - before;
        assert!(
            reads <= most,
            "{what}: {reads} reading statements, at most {most}"
        );
    };
    let query = GridQuery {
        layer: Layer::Base,
        division: None,
        day: None,
        after: None,
        limit: 500,
    };
    // BEGIN and one SELECT each; a count for each grid that is counted.
    of_writer("a list", 2, &|| {
        node.block_on(node.node.grids(&admin, &query))
            .expect("a list");
    });
    of_writer("one grid", 2, &|| {
        node.block_on(node.node.grid(&admin, &code))
            .expect("a grid");
    });
    of_writer("figures", 3, &|| {
        node.block_on(node.node.grid_figures(&admin, &code, None, None))
            .expect("figures");
    });
    of_writer("quality", 3 + 60, &|| {
        drop(
            node.block_on(node.node.grid_quality(&admin, COMMUNITY, Layer::Base, None))
                .expect("quality"),
        );
    });
    let points = jingwei_engine::grids::PointsBody {
        points: vec![vec![at.lon(), at.lat()]; 1_000],
        layers: None,
        day: None,
        datum: None,
        nearest_m: Some(1_000),
    };
    of_writer("a thousand points", 0, &|| {
        node.node.grids_at(&admin, &points).expect("grids");
    });
    of_writer("places", 0, &|| {
        node.node
            .find_places(&admin, "黄龙溪镇", None, 10)
            .expect("places");
    });
    let describe = DescribeBody {
        from: None,
        about: AboutBody {
            name: Some("古镇网格".to_owned()),
            households: Some(300),
            ..AboutBody::default()
        },
    };
    // The key's receipt and the grids of the community, each with its BEGIN.
    of_writer("a change", 4, &|| {
        drop(
            node.block_on(node.node.describe_grid(
                &admin,
                &code,
                &describe,
                false,
                meta(&node.node),
            ))
            .expect("described"),
        );
    });
    // A report with a position takes one statement more than one without, for the grids of the whole batch.
    let batch = |at: Option<Point>| {
        let mut body = report(
            &node.node,
            at.unwrap_or(Point {
                lon_e7: 0,
                lat_e7: 0,
            }),
        );
        if at.is_none() {
            body.position = None;
        }
        let before = node.node.metrics().statements;
        node.block_on(node.node.report(&worker, &body, meta(&node.node)))
            .expect("a report");
        node.node.metrics().statements - before
    };
    let (without, with) = (batch(None), batch(Some(at)));
    assert!(with <= without + 1 && with <= 25, "{without} and {with}");
    node.check();
}

#[test]
fn statements_of_grids_sqlite() {
    statements(Engine::Sqlite);
}

#[test]
fn statements_of_grids_postgres() {
    statements(Engine::Postgres);
}
