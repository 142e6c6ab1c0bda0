//! Rings that come in from outside: is this a shape, and if not, where not and can it be mended?
//!
//! A shape is valid when no ring crosses or touches itself, holes lie in their polygon and apart from each other, and
//! the parts do not overlap; rings of different parts and holes may touch at points. That the inside of a polygon hangs
//! together is not asked. What is only written otherwise (direction, closing, a point twice in a row) is put right and
//! counted. The effort is n log n whatever comes in.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay_rule::OverlayRule;

use super::exact::turn;
use super::overlay::{Contours, contour, contours, overlaid, union};
use super::shape::twice_area;
use super::sweep::{Meeting, Swept, edges_of, sweep};
use super::{Point, Polygon, Ring, Shape};
use crate::words;

/// So many places are reported at most; nobody mends more by hand.
const MOST_FAULTS: usize = 100;
/// Pairs of edges that lie above each other, at most. The border of a province with 200,000 points has half as many; a
/// comb with 8,000 long teeth, on which joining and cutting would take some seconds, has more.
const MOST_PAIRS: usize = 30_000_000;

words! {
    /// What is wrong with a ring.
    pub enum ShapeFaultKind {
        /// Fewer than three different points.
        TooFewPoints = "too-few-points",
        /// All points lie on one line.
        NoArea = "no-area",
        /// The border runs out and back on the same line.
        Spike = "spike",
        /// A ring crosses itself, touches itself or runs along itself.
        SelfCrossing = "self-crossing",
        /// A hole lies outside of its polygon or crosses its border.
        HoleOutside = "hole-outside",
        /// Two holes of a polygon overlap.
        HolesOverlap = "holes-overlap",
        /// Two parts overlap or share an edge.
        PartsOverlap = "parts-overlap",
        /// So many edges lie above each other that joining and cutting would take too long.
        TooIntricate = "too-intricate",
    }
}

/// Something that keeps rings from being a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShapeFault {
    /// What is wrong.
    pub kind: ShapeFaultKind,
    /// Where, to the unit.
    pub at: Point,
}

/// What came in, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The shape; none when there are faults, or nothing came in.
    pub shape: Option<Shape>,
    /// How many rings ran the wrong way (outer rings with the clock, holes against it) and were turned.
    pub turned: u32,
    /// What is wrong, at most a hundred places.
    pub faults: Vec<ShapeFault>,
}

/// A shape made of faulty rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The shape.
    pub shape: Shape,
    /// What was mended, at most a hundred places; empty when nothing was wrong.
    pub mended: Vec<ShapeFault>,
}

impl ShapeFault {
    /// What is wrong, where, and what to do, Chinese.
    pub fn zh(&self) -> String {
        let at = self.place(
            ["东经", "西经"],
            ["北纬", "南纬"],
            |side, degrees| format!("{side}{degrees}°"),
            "、",
        );
        let wrong = match self.kind {
            ShapeFaultKind::TooFewPoints => "这一圈边界不同的点少于三个",
            ShapeFaultKind::NoArea => "这一圈边界的点都在一条直线上，没有面积",
            ShapeFaultKind::Spike => "边界沿原线折回，成了尖刺",
            ShapeFaultKind::SelfCrossing => "边界与自身相交、相触或重合",
            ShapeFaultKind::HoleOutside => "空洞超出或贴着所在区块的边界",
            ShapeFaultKind::HolesOverlap => "两个空洞重叠",
            ShapeFaultKind::PartsOverlap => "两个区块重叠或共用一段边界",
            ShapeFaultKind::TooIntricate => {
                return format!("{at}起的边界过于密集曲折，无法处理。请简化后再导入。");
            }
        };
        format!("{at}处{wrong}。请在图上改正此处，或选自动修补后核对。")
    }

    /// What is wrong, where, and what to do, English.
    pub fn en(&self) -> String {
        let at = self.place(
            ["E", "W"],
            ["N", "S"],
            |side, degrees| format!("{degrees}°{side}"),
            ", ",
        );
        let wrong = match self.kind {
            ShapeFaultKind::TooFewPoints => "a ring has fewer than three different points",
            ShapeFaultKind::NoArea => "all points of a ring lie on one line; it holds no area",
            ShapeFaultKind::Spike => "the border runs out and back on the same line",
            ShapeFaultKind::SelfCrossing => "the border crosses, touches or runs along itself",
            ShapeFaultKind::HoleOutside => {
                "a hole lies outside of its part or runs along its border"
            }
            ShapeFaultKind::HolesOverlap => "two holes overlap",
            ShapeFaultKind::PartsOverlap => "two parts overlap or share an edge",
            ShapeFaultKind::TooIntricate => {
                return format!(
                    "the border from {at} winds too often to be worked with. Simplify it and try again."
                );
            }
        };
        format!(
            "at {at}: {wrong}. Correct the border there, or have it repaired and check the result."
        )
    }

    fn place(
        &self,
        lon: [&str; 2],
        lat: [&str; 2],
        degrees: fn(&str, String) -> String,
        and: &str,
    ) -> String {
        let one = |sides: [&str; 2], e7: i32| {
            let side = if e7 < 0 { sides[1] } else { sides[0] };
            degrees(side, format!("{:.7}", f64::from(e7).abs() / 1e7))
        };
        format!(
            "{}{and}{}",
            one(lon, self.at.lon_e7),
            one(lat, self.at.lat_e7)
        )
    }
}

/// One ring that came in, cleaned, and what it belongs to.
struct Raw {
    polygon: usize,
    hole: bool,
    ring: Ring,
}

/// Looks at what came in: rings may be closed or not, run either way, and have a point twice in a row.
pub fn check(raw: Vec<Polygon>) -> Checked {
    let (rings, mut faults) = clean(&raw);
    let lines: Vec<&[Point]> = rings.iter().map(|raw| raw.ring.as_slice()).collect();
    let swept = sweep(&lines, MOST_FAULTS);
    faults.extend(swept.meetings.iter().map(|meeting| fault(&rings, meeting)));
    if swept.clean {
        for (raw, within) in rings.iter().zip(&swept.within) {
            faults.extend(misplaced(raw, within.map(|ring| &rings[ring])));
        }
    }
    if swept.pairs > MOST_PAIRS {
        faults.extend(rings.first().map(|raw| ShapeFault {
            kind: ShapeFaultKind::TooIntricate,
            at: raw.ring[0],
        }));
    }
    faults.sort_unstable_by_key(|fault| (fault.at, fault.kind));
    // One is enough for a place: what makes a spike also touches itself there.
    faults.dedup_by_key(|fault| fault.at);
    faults.truncate(MOST_FAULTS);
    let wrong_way = |raw: &&Raw| (twice_area(&raw.ring) > 0) == raw.hole;
    Checked {
        turned: rings.iter().filter(wrong_way).count() as u32,
        shape: if faults.is_empty() {
            Shape::new(raw)
        } else {
            None
        },
        faults,
    }
}

/// Makes a shape of rings that cross: a ring holds what lies inside it an odd number of times, so that a bow tie
/// becomes two triangles; holes are taken off, parts are joined. None when nothing is left, or when so many edges cross
/// so often that it is no drawing of a border.
pub fn repair(raw: Vec<Polygon>) -> Option<Repaired> {
    let Checked { shape, faults, .. } = check(raw.clone());
    if let Some(shape) = shape {
        return Some(Repaired {
            shape,
            mended: faults,
        });
    }
    let (rings, _) = clean(&raw);
    if tangled(&rings) {
        return None;
    }
    let odd = |raw: &Raw| {
        overlaid(
            &vec![contour(&raw.ring)],
            &Vec::new(),
            OverlayRule::Subject,
            FillRule::EvenOdd,
        )
    };
    let mut parts = Vec::new();
    for rings in rings.chunk_by(|a, b| a.polygon == b.polygon) {
        let (holes, outer): (Vec<&Raw>, Vec<&Raw>) = rings.iter().partition(|raw| raw.hole);
        let holes: Contours = holes
            .into_iter()
            .filter_map(odd)
            .flat_map(|hole| contours(&hole))
            .collect();
        for outer in outer.into_iter().filter_map(odd) {
            parts.extend(overlaid(
                &contours(&outer),
                &holes,
                OverlayRule::Difference,
                FillRule::NonZero,
            ));
        }
    }
    let shape = union(&parts.iter().collect::<Vec<_>>())?;
    Some(Repaired {
        shape,
        mended: faults,
    })
}

/// Rings without repeats, and the faults of those that hold nothing whatever they cross.
fn clean(raw: &[Polygon]) -> (Vec<Raw>, Vec<ShapeFault>) {
    let (mut rings, mut faults) = (Vec::new(), Vec::new());
    for (number, polygon) in raw.iter().enumerate() {
        for (k, points) in std::iter::once(&polygon.outer)
            .chain(&polygon.holes)
            .enumerate()
        {
            let mut ring = points.clone();
            ring.dedup();
            while ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            }
            let somewhere = || {
                polygon.outer.first().copied().unwrap_or(Point {
                    lon_e7: 0,
                    lat_e7: 0,
                })
            };
            let at = ring.first().copied().unwrap_or_else(somewhere);
            let flat = |second: Point| ring.iter().all(|p| turn(at, second, *p) == 0);
            let kind = match ring.get(1) {
                Some(_) if ring.len() < 3 => Some(ShapeFaultKind::TooFewPoints),
                Some(second) if flat(*second) => Some(ShapeFaultKind::NoArea),
                Some(_) => None,
                None => Some(ShapeFaultKind::TooFewPoints),
            };
            match kind {
                Some(kind) => faults.push(ShapeFault { kind, at }),
                None => rings.push(Raw {
                    polygon: number,
                    hole: k > 0,
                    ring,
                }),
            }
        }
    }
    (rings, faults)
}

/// What it means when the edges of two rings meet.
fn fault(rings: &[Raw], meeting: &Meeting) -> ShapeFault {
    let (a, b) = (&rings[meeting.rings.0], &rings[meeting.rings.1]);
    let kind = if meeting.spike {
        ShapeFaultKind::Spike
    } else if meeting.rings.0 == meeting.rings.1 {
        ShapeFaultKind::SelfCrossing
    } else if a.polygon != b.polygon {
        ShapeFaultKind::PartsOverlap
    } else if a.hole && b.hole {
        ShapeFaultKind::HolesOverlap
    } else {
        ShapeFaultKind::HoleOutside
    };
    ShapeFault {
        kind,
        at: meeting.at,
    }
}

/// What is wrong with a ring lying in another, when no edges meet.
fn misplaced(raw: &Raw, within: Option<&Raw>) -> Option<ShapeFault> {
    let kind = match within {
        Some(around) if raw.hole && around.polygon == raw.polygon && !around.hole => return None,
        Some(around) if raw.hole && around.polygon == raw.polygon => ShapeFaultKind::HolesOverlap,
        _ if raw.hole => ShapeFaultKind::HoleOutside,
        None => return None,
        Some(around) if around.hole => return None,
        Some(_) => ShapeFaultKind::PartsOverlap,
    };
    raw.ring.iter().min().map(|at| ShapeFault { kind, at: *at })
}

/// Whether edges cross too often, or joining them would take too long. Edges that the sweep leaves meet nowhere, so
/// that every crossing is one of those it took out.
fn tangled(rings: &[Raw]) -> bool {
    let lines: Vec<&[Point]> = rings.iter().map(|raw| raw.ring.as_slice()).collect();
    let all = edges_of(&lines);
    let Swept { out, pairs, .. } = sweep(&lines, 0);
    if pairs > MOST_PAIRS {
        return true;
    }
    if out.len().saturating_mul(all.len()) > MOST_PAIRS {
        return true;
    }
    let mut crossings = 0;
    for a in &out {
        crossings += all
            .iter()
            .filter(|b| a.near(b) && a.crosses(b).is_some())
            .count();
        if crossings > all.len() / 50 + 1_000 {
            return true;
        }
    }
    false
}
