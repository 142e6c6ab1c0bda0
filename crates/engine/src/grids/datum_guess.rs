//! Which datum a map file is in, when nobody says: the one in which it fits what is known here.
//!
//! Known are the grids and outlines that stand (by code) and the bases of units in the communities of the file. GCJ-02 lies some
//! 300 to 700 m beside WGS84 and BD-09 about as far beside GCJ-02, so a few borders tell them apart. CGCS2000 cannot be told from
//! WGS84 (some decimetres) and need not be. A guess is always told as one.

use jingwei_core::code::{DivisionCode, GridCode};
use jingwei_core::place::{Datum, Point, Shape};

use crate::place::Place;
use crate::world::World;

/// Features of a file that are tried, and corners of each.
const MOST_FEATURES: usize = 300;
const CORNERS: usize = 8;
/// A datum is believed when the file fits so much better in it than in the next best, and not worse than so many metres.
const BETTER: f64 = 3.0;
const FITS_M: f64 = 150.0;

/// A feature as it is tried: what it says it is, and corners in the datum of the file.
pub(super) struct Tried {
    pub(super) code: Option<GridCode>,
    pub(super) host: Option<DivisionCode>,
    pub(super) corners: Vec<[f64; 2]>,
}

impl Tried {
    /// Takes some of the corners of a border.
    pub(super) fn new(
        code: Option<GridCode>,
        host: Option<DivisionCode>,
        polygons: &[Vec<Vec<[f64; 2]>>],
    ) -> Self {
        let all: Vec<[f64; 2]> = polygons
            .iter()
            .filter_map(|polygon| polygon.first())
            .flatten()
            .copied()
            .collect();
        let step = (all.len() / CORNERS).max(1);
        Self {
            code,
            host,
            corners: all.into_iter().step_by(step).take(CORNERS).collect(),
        }
    }
}

/// What a feature should lie in or near.
enum Known {
    Border(Shape),
    Bases(Vec<Point>),
}

fn known(tried: &Tried, place: &Place, world: &World) -> Option<Known> {
    if let Some(grid) = tried
        .code
        .as_ref()
        .and_then(|code| place.grids.coded(code.as_str()).last())
    {
        return Some(Known::Border(grid.shape()));
    }
    let host = tried.host.as_ref()?;
    if let Some(outline) = host.path().iter().find_map(|code| place.outlines.of(code)) {
        return Some(Known::Border(outline.shape()));
    }
    let bases: Vec<Point> = world
        .directory
        .units()
        .filter(|unit| unit.row.division == *host)
        .filter_map(|unit| unit.row.base)
        .collect();
    (!bases.is_empty()).then_some(Known::Bases(bases))
}

/// Mean distance in metres between the features and what is known of them, in each datum; none when nothing is known.
fn misfit(tried: &[(&Tried, Known)], datum: Datum) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for (feature, known) in tried {
        let corners: Vec<Point> = feature
            .corners
            .iter()
            .filter_map(|[lon, lat]| Point::from_datum(*lon, *lat, datum))
            .collect();
        match known {
            Known::Border(border) => {
                for corner in &corners {
                    sum += border.metres_to(*corner);
                    count += 1.0;
                }
            }
            Known::Bases(bases) => {
                let near = |base: &Point| {
                    corners
                        .iter()
                        .map(|corner| f64::from(corner.metres_to(*base)))
                        .fold(f64::INFINITY, f64::min)
                };
                let nearest = bases.iter().map(near).fold(f64::INFINITY, f64::min);
                if nearest.is_finite() {
                    sum += nearest;
                    count += 1.0;
                }
            }
        }
    }
    (count > 0.0).then(|| sum / count)
}

/// The datum in which the features fit, when one of them stands out.
pub(super) fn guess(features: &[Tried], place: &Place, world: &World) -> Option<Datum> {
    let step = (features.len() / MOST_FEATURES).max(1);
    let tried: Vec<(&Tried, Known)> = features
        .iter()
        .step_by(step)
        .take(MOST_FEATURES)
        .filter_map(|feature| Some((feature, known(feature, place, world)?)))
        .collect();
    let mut fits: Vec<(f64, Datum)> = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09]
        .into_iter()
        .filter_map(|datum| Some((misfit(&tried, datum)?, datum)))
        .collect();
    fits.sort_by(|a, b| a.0.total_cmp(&b.0));
    let [(best, datum), (next, _), ..] = fits[..] else {
        return None;
    };
    (best <= FITS_M && best * BETTER <= next - 1.0).then_some(datum)
}
