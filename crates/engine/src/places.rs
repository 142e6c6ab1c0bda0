//! Where something is meant to be, and who is near: the gazetteer, the nearest units, workers on duty.
//!
//! Nothing that is asked here is kept. Keeps: a worker is named only to whoever's area holds the worker's post.

use std::collections::HashMap;

use jingwei_core::access::{Principal, Role, area_posts};
use jingwei_core::code::{DivisionCode, UnitKind};
use jingwei_core::directory::gazetteer::{Candidate, What};
use jingwei_core::directory::{PersonRow, nearest_units};
use jingwei_core::grids::Layer;
use jingwei_core::id::UnitId;
use jingwei_core::label::Label;
use jingwei_core::place::{Datum, Point};
use jingwei_core::refusal::{FieldFault, Refusal};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cases::{Ref, UnitRef};
use crate::error::Result;
use crate::grids::sees;
use crate::node::Node;

/// Most characters of a text that is looked up.
pub const MOST_TEXT: usize = 200;

/// A division or a place that a text may mean.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlaceCandidate {
    /// `division` or `place`.
    pub what: String,
    /// Code of the division, or of the place.
    pub code: String,
    /// Name.
    pub name: String,
    /// Names from the city down, joined.
    pub full_name: String,
    /// The division: itself, or the one that the place lies in.
    pub division: Ref,
    /// Kind of a place.
    pub kind: Option<String>,
    /// Longitude: of the place, or of a point inside the division when its outline or grids are known.
    pub lon: Option<f64>,
    /// Latitude.
    pub lat: Option<f64>,
    /// Code of the base grid of that point, for a place.
    pub grid: Option<String>,
    /// What of the text follows: road, number.
    pub rest: String,
    /// Why it stands where it stands, Chinese.
    pub reasons_zh: Vec<String>,
    /// The same, English.
    pub reasons_en: Vec<String>,
}

/// What a text may mean.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlaceCandidates {
    /// Best first.
    pub items: Vec<PlaceCandidate>,
}

/// A unit near a point.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NearUnit {
    /// The unit.
    pub unit: UnitRef,
    /// Straight-line metres from its base.
    pub metres: u32,
    /// On duty now.
    pub on_duty: bool,
}

/// A worker whose post is near a point and on duty.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NearWorker {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: Option<String>,
    /// The post.
    pub unit: UnitRef,
    /// Straight-line metres from the base of the post.
    pub metres: u32,
}

/// A grid at or near a point.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NearGrid {
    /// Layer.
    pub layer: String,
    /// Code.
    pub code: String,
    /// The community it lies in.
    pub host: Ref,
    /// Metres to its border; 0 inside.
    pub metres: u32,
}

/// What is near a point.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NearView {
    /// The grid of each layer: the one in which the point lies, else the nearest.
    pub grids: Vec<NearGrid>,
    /// Units, the nearest first.
    pub units: Vec<NearUnit>,
    /// Workers on duty within one's area, the nearest first.
    pub workers: Vec<NearWorker>,
}

/// What is looked for around a point.
#[derive(Debug, Clone)]
pub struct NearQuery {
    /// Longitude in degrees.
    pub lon: f64,
    /// Latitude in degrees.
    pub lat: f64,
    /// Their datum; WGS84 when not said.
    pub datum: Option<Datum>,
    /// Only units of this kind.
    pub kind: Option<UnitKind>,
    /// Within so many metres.
    pub metres: u32,
    /// At most so many of each.
    pub limit: usize,
}

impl Node {
    /// What a text may mean, those near to `within` (else to one's own area) first.
    pub fn find_places(
        &self,
        by: &Principal,
        text: &str,
        within: Option<&DivisionCode>,
        limit: usize,
    ) -> Result<PlaceCandidates> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MOST_TEXT {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "?q",
                "out_of_range",
                "1 至 200 个字",
                "1 to 200 characters",
            )])
            .into());
        }
        let own = by
            .posts()
            .iter()
            .map(|post| &post.division)
            .max_by_key(|code| code.as_str().len());
        let place = self.place();
        let found = place.gazetteer.search(text, within.or(own), limit);
        let items = found
            .iter()
            .map(|candidate| self.candidate(candidate))
            .collect();
        Ok(PlaceCandidates { items })
    }

    fn candidate(&self, candidate: &Candidate) -> PlaceCandidate {
        let (place, world) = (self.place(), self.world());
        let named = match candidate.what {
            What::Place(number) => place.gazetteer.place(number),
            What::Division(_) => None,
        };
        let point = named.map(|named| named.point).or_else(|| {
            let outline = place.outlines.of(&candidate.division)?;
            Some(outline.shape().inside())
        });
        let day = self.now().local_day();
        let grid = named.and_then(|named| place.grids.at(Layer::Base, named.point, day));
        PlaceCandidate {
            what: if named.is_some() { "place" } else { "division" }.to_owned(),
            code: named
                .map_or_else(|| candidate.division.as_str(), |named| named.code.as_str())
                .to_owned(),
            name: candidate.name.as_str().to_owned(),
            full_name: candidate.path.iter().map(Label::as_str).collect(),
            division: world.division_ref(&candidate.division),
            kind: named.map(|named| named.kind.as_str().to_owned()),
            lon: point.map(Point::lon),
            lat: point.map(Point::lat),
            grid: grid.map(|grid| grid.code().to_owned()),
            rest: candidate.rest.clone(),
            reasons_zh: candidate
                .reasons
                .iter()
                .map(|reason| reason.zh().to_owned())
                .collect(),
            reasons_en: candidate
                .reasons
                .iter()
                .map(|reason| reason.en().to_owned())
                .collect(),
        }
    }

    /// Grids, units and workers on duty near a point.
    pub fn near(&self, by: &Principal, query: &NearQuery) -> Result<NearView> {
        let point = Point::from_datum(query.lon, query.lat, query.datum.unwrap_or(Datum::Wgs84));
        let point = point.ok_or_else(|| {
            Refusal::Invalid(vec![FieldFault::new(
                "?lon",
                "out_of_range",
                "经度 -180 至 180，纬度 -90 至 90",
                "longitude -180 to 180, latitude -90 to 90",
            )])
        })?;
        let (world, place, now) = (self.world(), self.place(), self.now());
        let day = now.local_day();
        let mut grids = Vec::new();
        for layer in Layer::ALL {
            if let Some((grid, metres)) = place.grids.nearest(*layer, point, day, query.metres)
                && (*layer != Layer::Micro || grid.divisions().any(|division| sees(by, division)))
            {
                grids.push(NearGrid {
                    layer: layer.as_str().to_owned(),
                    code: grid.code().to_owned(),
                    host: world.division_ref(grid.host()),
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "at most the metres asked for"
                    )]
                    metres: metres.round() as u32,
                });
            }
        }
        let found = nearest_units(
            &world.directory,
            point,
            query.kind.as_ref(),
            now,
            query.limit,
            query.metres,
        );
        let units = found
            .iter()
            .map(|candidate| NearUnit {
                unit: world.unit_ref(candidate.unit.row.id, None),
                metres: candidate.metres.unwrap_or_default(),
                on_duty: candidate.on_duty,
            })
            .collect();
        Ok(NearView {
            grids,
            units,
            workers: self.workers_near(by, point, query)?,
        })
    }

    fn workers_near(
        &self,
        by: &Principal,
        point: Point,
        query: &NearQuery,
    ) -> Result<Vec<NearWorker>> {
        let world = self.world();
        let posts = nearest_units(
            &world.directory,
            point,
            UnitKind::parse("GRID").as_ref(),
            self.now(),
            usize::MAX,
            query.metres,
        );
        let near: HashMap<UnitId, (usize, u32)> = posts
            .iter()
            .filter(|post| post.on_duty)
            .filter(|post| area_posts(by).any(|area| area.covers(&post.unit.row.division)))
            .enumerate()
            .map(|(i, post)| (post.unit.row.id, (i, post.metres.unwrap_or_default())))
            .collect();
        // Once over the people, whatever the number of posts.
        let mut found: Vec<(usize, u32, UnitId, &PersonRow)> = Vec::new();
        for person in world.people.values().filter(|person| person.active) {
            let serves = |role| matches!(role, Role::GridWorker | Role::HeadGridWorker);
            for held in person.posts.iter().filter(|held| serves(held.role)) {
                if let Some((i, metres)) = near.get(&held.unit) {
                    found.push((*i, *metres, held.unit, person));
                }
            }
        }
        found.sort_by_key(|(i, _, _, person)| (*i, person.id));
        found.dedup_by_key(|(i, _, _, person)| (*i, person.id));
        let mut workers = Vec::new();
        for (_, metres, unit, person) in found.into_iter().take(query.limit) {
            workers.push(NearWorker {
                id: person.id.0,
                name: self.shared.vault.open_sealed(person.id.0, &person.name)?,
                unit: world.unit_ref(unit, None),
                metres,
            });
        }
        Ok(workers)
    }
}
