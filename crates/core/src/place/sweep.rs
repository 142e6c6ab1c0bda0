//! Where rings meet that must not, and which ring lies in which, found by one sweep from west to east.
//!
//! The sweep keeps the edges that cross the present meridian in their order from south to north, and looks only at
//! edges that become neighbours (M. I. Shamos and D. Hoey, Geometric Intersection Problems, 1976). Of two edges that
//! meet wrongly one is taken out, so that the order of the others holds and the sweep goes on: the effort is n log n
//! whatever comes in. Exact.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Bound;

use super::Point;
use super::exact::{edges, from, turn};
use super::shape::twice_area;

/// An edge of a ring, written from its lesser end to its greater.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    left: Point,
    right: Point,
    ring: u32,
    number: u32,
    /// The ring runs from left to right here.
    forward: bool,
}

/// Two edges that cross, run along each other, or pass through each other's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meeting {
    /// The rings they belong to, by their place in the list.
    pub(super) rings: (usize, usize),
    /// The second edge turns back on the first at their common point.
    pub(super) spike: bool,
    /// Where, to the unit.
    pub(super) at: Point,
}

/// What the sweep found.
pub(super) struct Swept {
    /// Whether anything met wrongly.
    pub(super) clean: bool,
    /// The first meetings from west to east, at most as many as were asked for.
    pub(super) meetings: Vec<Meeting>,
    /// The ring in which each ring lies, the innermost; none for those outside of all. Means something only when clean.
    pub(super) within: Vec<Option<usize>>,
    /// Edges taken out: those that are left meet nowhere.
    pub(super) out: Vec<Edge>,
    /// Pairs of edges that lie above each other somewhere: what a sweep that compares all of them has to do.
    pub(super) pairs: usize,
}

/// Edges that are in the sweep at the same time are ordered from south to north, as they are at the greater of their
/// left ends.
impl Ord for Edge {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.left > other.left {
            return other.cmp(self).reverse();
        }
        let side = match turn(self.left, self.right, other.left) {
            0 => turn(self.left, self.right, other.right),
            side => side,
        };
        match 0.cmp(&side) {
            // A single point that lies on the edge is looked for.
            Ordering::Equal if other.left == other.right => Ordering::Equal,
            Ordering::Equal => (self.ring, self.number).cmp(&(other.ring, other.number)),
            order => order,
        }
    }
}

impl PartialOrd for Edge {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Edge {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Edge {}

impl Edge {
    /// A point as an edge, to look for what passes through it.
    fn probe(at: Point) -> Self {
        Self {
            left: at,
            right: at,
            ring: u32::MAX,
            number: u32::MAX,
            forward: true,
        }
    }

    /// Where the two cross or begin to run along each other; none when they meet at an end at most.
    pub(super) fn crosses(&self, other: &Self) -> Option<Point> {
        let (a, b) = if self.left <= other.left {
            (self, other)
        } else {
            (other, self)
        };
        let (b_left, b_right) = (
            turn(a.left, a.right, b.left),
            turn(a.left, a.right, b.right),
        );
        if b_left == 0 && b_right == 0 {
            return (b.left < a.right).then_some(b.left);
        }
        let (a_left, a_right) = (
            turn(b.left, b.right, a.left),
            turn(b.left, b.right, a.right),
        );
        let apart = |one: i128, two: i128| one.signum() * two.signum() < 0;
        (apart(b_left, b_right) && apart(a_left, a_right)).then(|| {
            // The part of the way along `a` at which `b` is met.
            let (part, whole) = (a_left, a_left - a_right);
            let (x, y) = from(a.left, a.right);
            let step = |way: i64| {
                let twice = 2 * i128::from(way) * part * whole.signum() + whole.abs();
                twice.div_euclid(2 * whole.abs()) as i32
            };
            Point {
                lon_e7: a.left.lon_e7.wrapping_add(step(x)),
                lat_e7: a.left.lat_e7.wrapping_add(step(y)),
            }
        })
    }

    /// Whether boxes around the two have a point in common: quick, before [`Self::crosses`].
    pub(super) fn near(&self, other: &Self) -> bool {
        let high = |e: &Self| {
            (
                e.left.lat_e7.min(e.right.lat_e7),
                e.left.lat_e7.max(e.right.lat_e7),
            )
        };
        let ((low_a, high_a), (low_b, high_b)) = (high(self), high(other));
        self.left.lon_e7 <= other.right.lon_e7
            && other.left.lon_e7 <= self.right.lon_e7
            && low_a <= high_b
            && low_b <= high_a
    }

    fn same(&self, other: &Self) -> bool {
        (self.ring, self.number) == (other.ring, other.number)
    }
}

/// All edges of some rings. Rings are not closed by a repeated point and have no point twice in a row.
pub(super) fn edges_of(rings: &[&[Point]]) -> Vec<Edge> {
    let mut all = Vec::with_capacity(rings.iter().map(|ring| ring.len()).sum());
    for (ring, points) in (0..).zip(rings) {
        for (number, (a, b)) in (0..).zip(edges(points)) {
            all.push(Edge {
                left: a.min(b),
                right: a.max(b),
                ring,
                number,
                forward: a < b,
            });
        }
    }
    all
}

/// Sweeps over the rings and reports at most `most` meetings.
pub(super) fn sweep(rings: &[&[Point]], most: usize) -> Swept {
    let all = edges_of(rings);
    let mut events: Vec<(Point, bool, u32)> = Vec::with_capacity(all.len() * 2);
    for (i, edge) in (0..).zip(&all) {
        events.push((edge.left, true, i));
        events.push((edge.right, false, i));
    }
    events.sort_unstable();
    let mut sweep = Sweep {
        rings,
        against_the_clock: rings.iter().map(|ring| twice_area(ring) > 0).collect(),
        most,
        order: BTreeSet::new(),
        seen: vec![false; rings.len()],
        found: Swept {
            clean: true,
            meetings: Vec::new(),
            within: vec![None; rings.len()],
            out: Vec::new(),
            pairs: 0,
        },
    };
    for events in events.chunk_by(|a, b| a.0 == b.0) {
        let at = events[0].0;
        let edges = |starting: bool| {
            events
                .iter()
                .filter(move |e| e.1 == starting)
                .map(|e| all[e.2 as usize])
        };
        let (ends, mut starts): (Vec<Edge>, Vec<Edge>) =
            (edges(false).collect(), edges(true).collect());
        starts.sort_unstable();
        sweep.step(at, &ends, &starts);
    }
    sweep.found
}

struct Sweep<'a> {
    rings: &'a [&'a [Point]],
    against_the_clock: Vec<bool>,
    most: usize,
    order: BTreeSet<Edge>,
    seen: Vec<bool>,
    found: Swept,
}

impl Sweep<'_> {
    /// At a point where edges end or start.
    fn step(&mut self, at: Point, ends: &[Edge], starts: &[Edge]) {
        for edge in ends {
            // One that was taken out may not be found.
            self.order.remove(edge);
        }
        let passing = self.order.get(&Edge::probe(at)).copied();
        self.found.pairs += starts.len() * self.order.len();
        self.order.extend(starts);
        if passing.is_some() || ends.len() + starts.len() > 2 {
            self.touch(at, passing, ends, starts);
        }
        let mut row: Vec<Edge> = passing.into_iter().chain(starts.iter().copied()).collect();
        row.sort_unstable();
        let probe = Edge::probe(at);
        let below = self.below(row.first().unwrap_or(&probe));
        let above = self.above(row.last().unwrap_or(&probe));
        row.splice(0..0, below);
        row.extend(above);
        let mut pairs: Vec<(Edge, Edge)> = row.windows(2).map(|pair| (pair[0], pair[1])).collect();
        while let Some((low, high)) = pairs.pop() {
            let there = |edge: &Edge| self.order.get(edge).is_some_and(|found| found.same(edge));
            if let Some(at) = low.crosses(&high)
                && there(&low)
                && there(&high)
            {
                self.report(&low, &high, at);
                let out = if low.right > high.right { low } else { high };
                self.order.remove(&out);
                self.found.out.push(out);
                pairs.extend(self.below(&out).zip(self.above(&out)));
            }
        }
        for edge in starts {
            if !std::mem::replace(&mut self.seen[edge.ring as usize], true) {
                self.found.within[edge.ring as usize] = self.around(edge);
            }
        }
    }

    fn below(&self, edge: &Edge) -> Option<Edge> {
        self.order
            .range((Bound::Unbounded, Bound::Excluded(edge)))
            .next_back()
            .copied()
    }

    fn above(&self, edge: &Edge) -> Option<Edge> {
        self.order
            .range((Bound::Excluded(edge), Bound::Unbounded))
            .next()
            .copied()
    }

    /// The ring in which a ring lies whose lowest edge at its westernmost point is given.
    fn around(&self, lowest: &Edge) -> Option<usize> {
        let below = self.below(lowest)?;
        let ring = below.ring as usize;
        if self.against_the_clock[ring] == below.forward {
            Some(ring)
        } else {
            self.found.within[ring]
        }
    }

    /// More than one ring, or one ring more than once, comes through a point. Rings may touch there; they may not
    /// cross, and no ring may touch itself.
    fn touch(&mut self, at: Point, passing: Option<Edge>, ends: &[Edge], starts: &[Edge]) {
        // The two ways from the point along each ring that comes through, named by the vertex.
        let mut ways: Vec<(Point, Edge, u32)> = Vec::with_capacity(ends.len() + starts.len() + 2);
        for edge in ends {
            ways.push((edge.left, *edge, self.vertex(edge, edge.forward)));
        }
        for edge in starts {
            ways.push((edge.right, *edge, self.vertex(edge, !edge.forward)));
        }
        if let Some(edge) = passing {
            ways.extend([(edge.left, edge, u32::MAX), (edge.right, edge, u32::MAX)]);
        }
        ways.sort_unstable_by_key(|(_, edge, vertex)| (edge.ring, *vertex));
        let twice = ways
            .windows(2)
            .find(|pair| pair[0].1.ring == pair[1].1.ring && pair[0].2 != pair[1].2);
        if let Some(pair) = twice {
            let (a, b) = (pair[0].1, pair[1].1);
            self.report(&a, &b, at);
            return;
        }
        // Going around the point, a ring that opens after another must close before it.
        ways.sort_unstable_by(|a, b| around_point(at, a.0, b.0));
        let mut open: Vec<Edge> = Vec::new();
        for (_, edge, _) in ways {
            if open.last().is_some_and(|last| last.ring == edge.ring) {
                open.pop();
            } else {
                open.push(edge);
            }
        }
        if let [.., a, b] = open[..] {
            self.report(&a, &b, at);
        }
    }

    /// The number of the vertex at the end of an edge, or at its start.
    fn vertex(&self, edge: &Edge, end: bool) -> u32 {
        let points = self.rings[edge.ring as usize].len() as u32;
        (edge.number + u32::from(end)) % points
    }

    fn report(&mut self, a: &Edge, b: &Edge, at: Point) {
        self.found.clean = false;
        let points = self.rings[a.ring as usize].len() as u32;
        let next = |a: &Edge, b: &Edge| (a.number + 1) % points == b.number;
        let meeting = Meeting {
            rings: (a.ring as usize, b.ring as usize),
            spike: a.ring == b.ring && (next(a, b) || next(b, a)),
            at,
        };
        if self.found.meetings.len() < self.most && self.found.meetings.last() != Some(&meeting) {
            self.found.meetings.push(meeting);
        }
    }
}

/// The order of two directions around a point, against the clock from due south.
fn around_point(at: Point, a: Point, b: Point) -> Ordering {
    // What lies in the sweep's past comes after what lies in its future.
    (a < at).cmp(&(b < at)).then_with(|| 0.cmp(&turn(at, a, b)))
}
