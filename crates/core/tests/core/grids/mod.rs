//! Acts on grids: what may change from which day, and that the grid of a point on a day that has begun stays what it was.

mod random;

use jingwei_core::code::{DivisionCode, GridCode};
use jingwei_core::grids::{
    Act, Attributes, Change, Describe, Draft, Draw, Grid, GridRow, Grids, GridsBuilder, Join,
    Layer, Move, Patterns, Present, Split, Withdraw, carry_out, serial_order, take_in,
};
use jingwei_core::label::Label;
use jingwei_core::place::{Point, Polygon, Shape, partition};
use jingwei_core::refusal::Refusal;
use jingwei_core::time::Day;

use crate::support::{demo, rules};

/// A community of the demo's directory.
pub(super) const COMMUNITY: &str = "510116111001";

pub(super) fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

pub(super) fn community() -> DivisionCode {
    DivisionCode::parse(COMMUNITY).expect("a code")
}

/// A square of `size` units at a corner.
pub(super) fn square(west: i32, south: i32, size: i32) -> Shape {
    let at = |x: i32, y: i32| Point {
        lon_e7: west + x * size,
        lat_e7: south + y * size,
    };
    Shape::new([Polygon {
        outer: vec![at(0, 0), at(1, 0), at(1, 1), at(0, 1)],
        holes: vec![],
    }])
    .expect("a square")
}

/// The land of the tests: about 2 km by 2 km at Huanglongxi.
pub(super) fn land() -> Shape {
    square(1_039_600_000, 303_100_000, 200_000)
}

/// Grids with their history, as the rows of a node.
#[derive(Debug, Clone)]
pub(super) struct Land {
    pub(super) rows: Vec<GridRow>,
    pub(super) today: Day,
}

impl Land {
    /// A community divided into base grids, drawn today.
    pub(super) fn divided(grids: u32, seed: u64, today: Day) -> Self {
        let mut this = Self {
            rows: Vec::new(),
            today,
        };
        let shapes = partition(&land(), &[vec![grids]], seed)
            .expect("a partition")
            .remove(0)
            .remove(0);
        let drafts: Vec<Draft> = shapes.into_iter().map(draft).collect();
        let taken = this
            .with(|present| take_in(&drafts, None, present))
            .expect("taken in");
        this.write(taken.change);
        this
    }

    pub(super) fn with<T>(&self, f: impl FnOnce(&Present<'_>) -> T) -> T {
        let patterns = Patterns::of_settings(&rules().settings);
        f(&Present {
            rows: &self.rows,
            patterns: &patterns,
            directory: demo(),
            today: self.today,
        })
    }

    /// Carries an act out, if it is not refused.
    pub(super) fn act(&mut self, act: &Act, from: Day) -> Result<Change, Refusal> {
        let change = self.with(|present| carry_out(act, from, present))?;
        self.write(change.clone());
        Ok(change)
    }

    fn write(&mut self, change: Change) {
        for row in change.rows {
            match self
                .rows
                .iter_mut()
                .find(|held| (held.id, held.version) == (row.id, row.version))
            {
                Some(held) => {
                    assert_eq!(
                        (&held.code, held.valid_from, &held.shape),
                        (&row.code, row.valid_from, &row.shape),
                        "a version is only ever closed"
                    );
                    *held = row;
                }
                None => self.rows.push(row),
            }
        }
    }

    /// As they lie in memory.
    pub(super) fn grids(&self) -> Grids {
        let mut builder = GridsBuilder::default();
        for row in &self.rows {
            builder.add(jingwei_core::grids::Entry {
                layer: row.layer,
                id: row.id,
                version: row.version,
                code: row.code.clone(),
                host: row.host.clone(),
                hosts: row.about.hosts.clone(),
                from: row.valid_from,
                to: row.valid_to,
                season: row.season,
                shape: row.shape.pack(),
            });
        }
        builder.build().expect("borders")
    }

    /// Codes of the base grids that stand on a day and will.
    pub(super) fn standing(&self) -> Vec<GridCode> {
        let mut codes: Vec<GridCode> = self
            .rows
            .iter()
            .filter(|row| row.valid_to.is_none() && row.layer == Layer::Base)
            .map(|row| row.code.clone())
            .collect();
        codes.sort();
        codes
    }

    pub(super) fn shape(&self, code: &GridCode) -> &Shape {
        &self
            .rows
            .iter()
            .rfind(|row| row.code == *code)
            .expect("the grid")
            .shape
    }
}

pub(super) fn draft(shape: Shape) -> Draft {
    Draft {
        at: "/feature/1".to_owned(),
        layer: Layer::Base,
        code: None,
        host: community(),
        parent: None,
        attributes: Attributes::default(),
        shape,
    }
}

fn codes(refusal: &Refusal) -> Vec<&'static str> {
    match refusal {
        Refusal::Invalid(faults) => faults.iter().map(|fault| fault.code).collect(),
        other => panic!("{other:?}"),
    }
}

fn draw(layer: Layer, shape: Shape) -> Draw {
    Draw {
        layer,
        code: None,
        host: community(),
        parent: None,
        attributes: Attributes::default(),
        shape,
    }
}

#[test]
fn new_grids_get_their_serials_west_to_east_and_north_to_south() {
    let today = day("2026-11-20");
    let mut land = Land {
        rows: Vec::new(),
        today,
    };
    let (west, south) = (1_039_600_000, 303_100_000);
    // South-east, north-west, south-west, north-east.
    let drafts: Vec<Draft> = [(1, 0), (0, 1), (0, 0), (1, 1)]
        .map(|(x, y)| draft(square(west + x * 100_000, south + y * 100_000, 100_000)))
        .to_vec();
    let taken = land
        .with(|present| take_in(&drafts, None, present))
        .expect("taken in");
    assert_eq!(
        (taken.new, taken.changed, taken.change.from),
        (4, 0, today),
        "what is new may begin today"
    );
    land.write(taken.change);
    let grids = land.grids();
    let at = |x: i32, y: i32| {
        let point = Point {
            lon_e7: west + x * 100_000 + 50_000,
            lat_e7: south + y * 100_000 + 50_000,
        };
        grids
            .at(Layer::Base, point, today)
            .expect("a grid")
            .code()
            .to_owned()
    };
    let serial = |n: u32| format!("{COMMUNITY}{n:03}");
    assert_eq!(
        [at(0, 1), at(1, 1), at(0, 0), at(1, 0)],
        [1, 2, 3, 4].map(serial)
    );
    // A point on the border of all four goes to the lowest code.
    let corner = Point {
        lon_e7: west + 100_000,
        lat_e7: south + 100_000,
    };
    assert_eq!(
        grids.at(Layer::Base, corner, today).expect("a grid").code(),
        serial(1)
    );
}

#[test]
fn an_act_on_a_border_holds_from_tomorrow_and_codes_are_given_once() {
    let mut land = Land::divided(4, 7, day("2026-11-20"));
    let code = land.standing()[0].clone();
    let bounds = land.shape(&code).bounds();
    let middle = bounds.middle().lon_e7;
    let line = vec![
        Point {
            lon_e7: middle,
            lat_e7: bounds.south - 1_000,
        },
        Point {
            lon_e7: middle,
            lat_e7: bounds.north + 1_000,
        },
    ];
    let split = Act::Split(Split {
        code: code.clone(),
        line,
        names: vec![],
    });
    let refused = land
        .act(&split, day("2026-11-20"))
        .expect_err("today has begun");
    assert_eq!(codes(&refused), ["too_early"]);
    let refused = land
        .act(&split, day("2031-01-01"))
        .expect_err("too far ahead");
    assert_eq!(codes(&refused), ["too_late"]);
    let change = land.act(&split, day("2026-11-21")).expect("split");
    let new: Vec<&GridRow> = change
        .rows
        .iter()
        .filter(|row| row.valid_to.is_none())
        .collect();
    assert!(
        new.len() >= 2
            && new.iter().all(|row| row.about.before
                == [change
                    .rows
                    .iter()
                    .find(|row| row.code == code)
                    .expect("it")
                    .id])
    );
    let highest = new
        .iter()
        .map(|row| row.code.as_str())
        .max()
        .expect("codes");
    assert!(
        highest > format!("{COMMUNITY}004").as_str(),
        "{highest}: new serials, not the old one again"
    );
    for act in [Act::Withdraw(Withdraw { code: code.clone() }), split] {
        let refused = land.act(&act, day("2026-12-01")).expect_err("it ended");
        assert_eq!(codes(&refused), ["grid_ended"]);
    }
    let joined = Act::Join(Join {
        codes: vec![new[0].code.clone(), land.standing()[0].clone()],
        name: None,
    });
    // Grids that lie apart do not become one; which two touch depends on the partition, so both outcomes are looked at.
    if let Err(refused) = land.act(&joined, day("2026-12-01")) {
        assert_eq!(codes(&refused), ["not_adjoining"]);
    }
    let again = Act::Draw(Box::new(Draw {
        code: Some(code),
        ..draw(Layer::Base, square(0, 0, 1_000))
    }));
    assert_eq!(
        codes(
            &land
                .act(&again, day("2026-12-01"))
                .expect_err("given before")
        ),
        ["code_taken"]
    );
}

#[test]
fn what_a_layer_needs_is_asked_for() {
    let mut land = Land::divided(2, 3, day("2026-11-20"));
    let today = land.today;
    let mobile = Draw {
        host: DivisionCode::parse("510116").expect("code"),
        ..draw(Layer::Mobile, square(0, 0, 1_000))
    };
    let refused = land
        .act(&Act::Draw(Box::new(mobile)), today)
        .expect_err("hosts and a unit are missing");
    assert_eq!(codes(&refused), ["out_of_range", "required"], "{refused:?}");
    let refused = land
        .act(
            &Act::Draw(Box::new(draw(Layer::Micro, square(0, 0, 1_000)))),
            today,
        )
        .expect_err("no base grid");
    assert_eq!(codes(&refused), ["required"]);
    let strange = Draw {
        host: DivisionCode::parse("510116111").expect("code"),
        ..draw(Layer::Base, square(0, 0, 1_000))
    };
    let refused = land
        .act(&Act::Draw(Box::new(strange)), today)
        .expect_err("never directly from a town");
    assert_eq!(codes(&refused), ["wrong_level"]);
    let kind = Attributes {
        kind: Label::new("学校"),
        ..Attributes::default()
    };
    let refused = land
        .act(
            &Act::Draw(Box::new(Draw {
                attributes: kind,
                ..draw(Layer::Base, square(0, 0, 1_000))
            })),
            today,
        )
        .expect_err("a base grid has no kind");
    assert_eq!(codes(&refused), ["only_dedicated"]);
    let code = land.standing()[0].clone();
    let unnamed = Act::Describe(Box::new(Describe {
        code: code.clone(),
        attributes: Attributes::default(),
    }));
    assert_eq!(
        codes(&land.act(&unnamed, today).expect_err("a grid has a name")),
        ["required"]
    );
    // What is said of a grid may change today, twice; the border and the code stay.
    for households in [320, 330] {
        let attributes = Attributes {
            name: Label::new("一网格"),
            households: Some(households),
            ..Attributes::default()
        };
        land.act(
            &Act::Describe(Box::new(Describe {
                code: code.clone(),
                attributes,
            })),
            today,
        )
        .expect("described");
    }
    let grids = land.grids();
    let inside = land.shape(&code).inside();
    let grid = grids.at(Layer::Base, inside, today).expect("a grid");
    assert_eq!((grid.code(), grid.version()), (code.as_str(), 3));
}

#[test]
fn an_import_is_matched_by_code_and_says_what_is_wrong_where() {
    let mut land = Land::divided(3, 5, day("2026-11-20"));
    let code = land.standing()[0].clone();
    let same = Draft {
        code: Some(code.clone()),
        ..draft(land.shape(&code).clone())
    };
    let taken = land
        .with(|present| take_in(std::slice::from_ref(&same), None, present))
        .expect("taken in");
    assert_eq!(
        (taken.new, taken.changed, taken.change.rows.len()),
        (0, 0, 0),
        "the same again is nothing"
    );
    let moved = Draft {
        shape: square(1_039_600_000, 303_100_000, 10_000),
        ..same.clone()
    };
    let taken = land
        .with(|present| take_in(std::slice::from_ref(&moved), None, present))
        .expect("taken in");
    assert_eq!(
        (taken.new, taken.changed, taken.change.from),
        (0, 1, day("2026-11-21")),
        "another border holds from tomorrow"
    );
    land.write(taken.change);
    let wrong = [
        Draft {
            at: "/line/2".to_owned(),
            code: GridCode::parse("510116111002001"),
            ..same.clone()
        },
        Draft {
            at: "/line/3".to_owned(),
            code: GridCode::parse(&format!("{COMMUNITY}009")),
            ..same.clone()
        },
        Draft {
            at: "/line/4".to_owned(),
            code: GridCode::parse(&format!("{COMMUNITY}009")),
            ..same
        },
    ];
    let faults = land
        .with(|present| take_in(&wrong, None, present))
        .expect_err("faults");
    let said: Vec<(&str, &str)> = faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.code))
        .collect();
    assert_eq!(
        said,
        [
            ("/line/2/code", "wrong_code"),
            ("/line/4/code", "duplicate")
        ]
    );
}

#[test]
fn borders_move_together() {
    let mut land = Land::divided(5, 11, day("2026-11-20"));
    let code = land.standing()[1].clone();
    let new = square(1_039_600_000, 303_100_000, 50_000);
    let moved = Act::Move(Move {
        borders: vec![(code.clone(), new.clone()), (code.clone(), new.clone())],
    });
    assert_eq!(
        codes(&land.act(&moved, day("2026-11-21")).expect_err("twice")),
        ["duplicate"]
    );
    let moved = Act::Move(Move {
        borders: vec![(code.clone(), new)],
    });
    land.act(&moved, day("2026-11-21")).expect("moved");
    let grids = land.grids();
    let versions: Vec<u32> = grids.coded(code.as_str()).map(Grid::version).collect();
    assert_eq!(versions, [1, 2], "the code stays");
}

#[test]
fn the_order_of_serials_does_not_depend_on_the_order_of_the_file() {
    let shapes = partition(&land(), &[vec![12]], 99)
        .expect("a partition")
        .remove(0)
        .remove(0);
    let all: Vec<&Shape> = shapes.iter().collect();
    let order = serial_order(&all);
    let mut turned: Vec<&Shape> = all.clone();
    turned.reverse();
    let again = serial_order(&turned);
    let by_order: Vec<&Shape> = order.iter().map(|i| all[*i]).collect();
    let by_again: Vec<&Shape> = again.iter().map(|i| turned[*i]).collect();
    assert_eq!(by_order, by_again);
}

#[test]
fn a_micro_grid_keeps_its_end_and_takes_the_host_of_its_land() {
    let mut land = Land::divided(4, 21, day("2026-11-20"));
    let base = land.standing()[0].clone();
    let inside = land.shape(&base).inside();
    let small = square(inside.lon_e7 - 50, inside.lat_e7 - 50, 100);
    let micro = Draw {
        parent: Some(base.clone()),
        ..draw(Layer::Micro, small)
    };
    let drawn = land
        .act(&Act::Draw(Box::new(micro)), day("2026-11-20"))
        .expect("drawn");
    let code = drawn.rows[0].code.clone();
    land.act(&Act::Withdraw(Withdraw { code }), day("2026-12-31"))
        .expect("its end is decided");
    // Its base grid gives the land to a neighbour that the act does not name.
    let other = land.standing()[1].clone();
    let grown = jingwei_core::place::overlay::union(&[land.shape(&base), land.shape(&other)])
        .expect("together");
    let away = square(0, 0, 1_000);
    let moved = Act::Move(Move {
        borders: vec![(other.clone(), grown)],
    });
    land.act(&moved, day("2026-11-21")).expect("moved");
    let moved = Act::Move(Move {
        borders: vec![(base, away)],
    });
    let change = land.act(&moved, day("2026-11-22")).expect("moved");
    let hung = change
        .rows
        .iter()
        .rfind(|row| row.layer == Layer::Micro)
        .expect("the micro-grid goes on");
    assert!(
        hung.code.as_str().starts_with(other.as_str()),
        "{}",
        hung.code
    );
    assert_eq!(hung.valid_to, Some(day("2026-12-30")), "its end stays");
    assert_eq!(hung.host, community());
}

#[test]
fn mobile_grids_join_with_all_their_hosts_or_not_at_all() {
    let mut land = Land {
        rows: Vec::new(),
        today: day("2026-11-20"),
    };
    let unit = crate::support::unit("SL-CGC");
    let mobile = |west: i32, host: &str, season: Option<&str>| {
        Act::Draw(Box::new(Draw {
            host: DivisionCode::parse("510116").expect("code"),
            attributes: Attributes {
                hosts: vec![DivisionCode::parse(host).expect("code")],
                lead_unit: Some(unit),
                season: season.and_then(jingwei_core::grids::Season::parse),
                ..Attributes::default()
            },
            ..draw(Layer::Mobile, square(west, 303_100_000, 10_000))
        }))
    };
    let today = land.today;
    for act in [
        mobile(1_039_600_000, "510116111", None),
        mobile(1_039_610_000, "510116111001", None),
        mobile(1_039_620_000, "510116111001", Some("0601-0930")),
    ] {
        land.act(&act, today).expect("drawn");
    }
    let codes_of = |numbers: [u32; 2]| {
        let code = |n: u32| GridCode::parse(&format!("510116L{n:03}")).expect("a code");
        numbers.map(code).to_vec()
    };
    let join = |numbers| {
        Act::Join(Join {
            codes: codes_of(numbers),
            name: None,
        })
    };
    let refused = land
        .act(&join([2, 3]), day("2026-11-21"))
        .expect_err("different seasons");
    assert_eq!(codes(&refused), ["not_alike"]);
    let change = land.act(&join([1, 2]), day("2026-11-21")).expect("joined");
    let whole = change
        .rows
        .iter()
        .find(|row| row.valid_to.is_none())
        .expect("the whole");
    assert_eq!(whole.about.hosts.len(), 2, "both hosts");
}
