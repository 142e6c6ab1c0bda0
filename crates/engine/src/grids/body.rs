//! What people send about grids, and how it becomes an act: shapes first, then every field with its pointer.

use jingwei_core::access::{Principal, Role};
use jingwei_core::code::{DivisionCode, GridCode, UnitCode};
use jingwei_core::grids::{
    Act, Attributes, Describe, Draw, Join, Layer, Move, Season, Site, Split, Withdraw,
};
use jingwei_core::id::PersonId;
use jingwei_core::label::Label;
use jingwei_core::place::valid::{self, ShapeFault};
use jingwei_core::place::{Datum, Point, Polygon, Shape};
use jingwei_core::time::Day;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::cases::fields::Check;
use crate::error::Result;
use crate::vault::Vault;
use crate::world::World;

/// Most points of a border that is sent in a body.
const MOST_POINTS: usize = 20_000;
/// Corners of the polygon that stands for the circle of a site.
const SITE_CORNERS: u32 = 32;

/// A border as GeoJSON (RFC 7946) has it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BorderBody {
    /// `Polygon` or `MultiPolygon`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a polygon its rings, the first outside, each a list of positions (longitude, latitude); of several polygons a list of
    /// such. At most 20,000 positions.
    #[schema(value_type = Vec<Vec<Vec<serde_json::Value>>>)]
    pub coordinates: Vec<serde_json::Value>,
}

/// A ring as it is sent.
type RingBody = Vec<Vec<f64>>;

/// A site: everything within a radius of a point.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteBody {
    /// Longitude in degrees.
    #[schema(minimum = -180, maximum = 180)]
    pub lon: f64,
    /// Latitude in degrees.
    #[schema(minimum = -90, maximum = 90)]
    pub lat: f64,
    /// Radius in metres.
    #[schema(minimum = 5, maximum = 2000)]
    pub radius_m: u32,
}

/// What is said of a grid.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AboutBody {
    /// Name, at most 80 characters.
    #[schema(max_length = 80)]
    pub name: Option<String>,
    /// Mobile grids: codes of the divisions that it goes through.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub hosts: Vec<String>,
    /// Dedicated grids: what it is (学校, 市场, 景区…).
    #[schema(max_length = 80)]
    pub kind: Option<String>,
    /// Households.
    pub households: Option<u32>,
    /// Mobile grids: code of the unit that leads.
    pub lead_unit: Option<String>,
    /// Account of the worker whose name is posted.
    pub worker: Option<String>,
    /// Supervision telephone that is posted: of an office.
    #[schema(max_length = 30)]
    pub supervision_phone: Option<String>,
    /// Mobile grids: season of every year, `MMDD-MMDD`.
    pub season: Option<String>,
    /// Dedicated grids that are a site.
    pub site: Option<SiteBody>,
    /// Where the border comes from.
    #[schema(max_length = 80)]
    pub source: Option<String>,
}

/// 划定
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawBody {
    /// `base`, `dedicated`, `micro` or `mobile`.
    pub layer: String,
    /// Code; the next one when not said.
    pub code: Option<String>,
    /// Code of the community; of a mobile grid the county that leads; may be left out for a micro-grid.
    pub host: Option<String>,
    /// Micro-grids: code of the base grid.
    pub parent: Option<String>,
    /// The border; not for a site.
    pub shape: Option<BorderBody>,
    /// Datum of the positions: `WGS84` (when not said), `CGCS2000`, `GCJ-02` or `BD-09`.
    pub datum: Option<String>,
    /// First day (`2026-11-20`); the earliest possible when not said.
    pub from: Option<String>,
    /// What is said of it.
    #[serde(default)]
    pub about: AboutBody,
}

/// A name among others, at most 80 characters.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameBody(pub String);

impl PartialSchema for NameBody {
    fn schema() -> RefOr<Schema> {
        let name = ObjectBuilder::new().schema_type(Type::String);
        name.max_length(Some(Label::MOST)).into()
    }
}

impl ToSchema for NameBody {}

/// 拆分
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitBody {
    /// The line along which it is cut, from outside the border to outside: positions (longitude, latitude).
    #[schema(min_items = 2, max_items = 2000)]
    pub line: Vec<Vec<f64>>,
    /// Names of the parts, west to east, north to south; made from the old name when not said.
    #[serde(default)]
    pub names: Vec<NameBody>,
    /// Datum of the positions.
    pub datum: Option<String>,
    /// First day; tomorrow when not said.
    pub from: Option<String>,
}

/// 合并
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinBody {
    /// Codes of the grids.
    #[schema(min_items = 2, max_items = 200)]
    pub codes: Vec<String>,
    /// Name of what they become; that of the first when not said.
    #[schema(max_length = 80)]
    pub name: Option<String>,
    /// First day; tomorrow when not said.
    pub from: Option<String>,
}

/// A grid with its new border.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MovedBody {
    /// Code of the grid.
    pub code: String,
    /// The new border.
    pub shape: BorderBody,
}

/// 调整边界
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBody {
    /// The grids.
    #[schema(min_items = 1, max_items = 200)]
    pub borders: Vec<MovedBody>,
    /// Datum of the positions.
    pub datum: Option<String>,
    /// First day; tomorrow when not said.
    pub from: Option<String>,
}

/// 变更信息: everything that is said of the grid from now on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DescribeBody {
    /// First day; today when not said.
    pub from: Option<String>,
    /// All of it: what is left out is no longer said.
    pub about: AboutBody,
}

/// 撤销
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawBody {
    /// First day on which it is no more; tomorrow when not said.
    pub from: Option<String>,
}

/// Reads bodies of grids field by field.
pub(crate) struct Reading<'a> {
    pub(crate) check: Check,
    pub(crate) world: &'a World,
    pub(crate) vault: &'a Vault,
    pub(crate) by: &'a Principal,
    pub(crate) datum: Datum,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(
        world: &'a World,
        vault: &'a Vault,
        by: &'a Principal,
        datum: Option<&str>,
    ) -> Self {
        let mut reading = Self {
            check: Check::default(),
            world,
            vault,
            by,
            datum: Datum::Wgs84,
        };
        if let Some(text) = datum {
            match Datum::parse(text) {
                Some(datum) => reading.datum = datum,
                None => reading.check.fault(
                    "/datum",
                    "not_understood",
                    "坐标系：WGS84、CGCS2000、GCJ-02 或 BD-09",
                    "the datum is WGS84, CGCS2000, GCJ-02 or BD-09",
                ),
            }
        }
        reading
    }

    pub(crate) fn day(&mut self, text: Option<&String>) -> Option<Day> {
        let text = text?;
        let day = Day::parse(text);
        if day.is_none() {
            self.check.fault(
                "/from",
                "not_understood",
                "日期写作 2026-11-20",
                "a day is written 2026-11-20",
            );
        }
        day
    }

    fn code(&mut self, pointer: &str, text: &str) -> Option<GridCode> {
        let code = GridCode::parse(text.trim());
        if code.is_none() {
            self.check.fault(
                pointer,
                "not_understood",
                format!("“{text}”不是网格编号"),
                format!("\"{text}\" is no code of a grid"),
            );
        }
        code
    }

    fn division(&mut self, pointer: &str, text: &str) -> Option<DivisionCode> {
        let code = DivisionCode::parse(text.trim());
        if code.is_none() {
            self.check.fault(
                pointer,
                "not_understood",
                format!("“{text}”不是区划代码"),
                format!("\"{text}\" is no code of a division"),
            );
        }
        code
    }

    fn label(&mut self, pointer: &str, text: Option<&String>) -> Option<Label> {
        let text = text?;
        let label = Label::new(text);
        if label.is_none() {
            self.check.fault(
                pointer,
                "out_of_range",
                "1 至 80 个字，不含控制字符",
                "1 to 80 characters, none of them a control character",
            );
        }
        label
    }

    pub(crate) fn point(&mut self, pointer: &str, position: &[f64]) -> Option<Point> {
        let point = match position {
            [lon, lat, ..] => Point::from_datum(*lon, *lat, self.datum),
            _ => None,
        };
        if point.is_none() {
            self.check.fault(
                pointer,
                "out_of_range",
                "坐标写作 [经度, 纬度]，经度 -180 至 180，纬度 -90 至 90",
                "a position is [longitude, latitude], -180 to 180 and -90 to 90",
            );
        }
        point
    }

    /// A border in normal form: wrong-way rings are turned; whatever else is wrong is named with its place.
    fn shape(&mut self, pointer: &str, body: &BorderBody) -> Option<Shape> {
        let polygons = self.polygons(pointer, body)?;
        let points: usize = polygons.iter().flatten().map(Vec::len).sum();
        if points > MOST_POINTS {
            self.check.fault(
                pointer,
                "out_of_range",
                format!("边界最多 {MOST_POINTS} 个点，现有 {points} 个"),
                format!("a border has at most {MOST_POINTS} points; there are {points}"),
            );
            return None;
        }
        let mut raw = Vec::new();
        for polygon in &polygons {
            let mut rings = Vec::new();
            for ring in polygon {
                let ring: Option<Vec<Point>> = ring
                    .iter()
                    .map(|position| self.point(pointer, position))
                    .collect();
                rings.push(ring?);
            }
            if rings.is_empty() {
                continue;
            }
            let outer = rings.remove(0);
            raw.push(Polygon {
                outer,
                holes: rings,
            });
        }
        let checked = valid::check(raw);
        for fault in &checked.faults {
            self.shape_fault(pointer, fault);
        }
        if checked.shape.is_none() && checked.faults.is_empty() {
            self.check.fault(
                pointer,
                "no_area",
                "边界没有围成面积",
                "the border encloses nothing",
            );
        }
        checked.shape.filter(|_| checked.faults.is_empty())
    }

    /// The rings of each polygon; what is no list of positions is named by its number.
    fn polygons(&mut self, pointer: &str, body: &BorderBody) -> Option<Vec<Vec<RingBody>>> {
        let read = match body.kind.as_str() {
            "Polygon" => {
                |part: &serde_json::Value| RingBody::deserialize(part).ok().map(|ring| vec![ring])
            }
            "MultiPolygon" => |part: &serde_json::Value| Vec::<RingBody>::deserialize(part).ok(),
            _ => {
                self.check.fault(
                    &format!("{pointer}/type"),
                    "not_understood",
                    "边界是 Polygon 或 MultiPolygon",
                    "a border is a Polygon or a MultiPolygon",
                );
                return None;
            }
        };
        let mut parts = Vec::with_capacity(body.coordinates.len());
        for (i, part) in body.coordinates.iter().enumerate() {
            match read(part) {
                Some(rings) => parts.push(rings),
                None => self.check.fault(
                    &format!("{pointer}/coordinates/{i}"),
                    "not_understood",
                    "应为坐标 [经度, 纬度] 组成的环",
                    "should be rings of positions [longitude, latitude]",
                ),
            }
        }
        if parts.len() < body.coordinates.len() {
            return None;
        }
        Some(match body.kind.as_str() {
            "Polygon" => vec![parts.into_iter().flatten().collect()],
            _ => parts,
        })
    }

    fn shape_fault(&mut self, pointer: &str, fault: &ShapeFault) {
        self.check
            .fault(pointer, fault.kind.as_str(), fault.zh(), fault.en());
    }

    /// What is said of a grid.
    pub(crate) fn attributes(&mut self, body: &AboutBody) -> Attributes {
        let name = self.label("/about/name", body.name.as_ref());
        let kind = self.label("/about/kind", body.kind.as_ref());
        let source = self.label("/about/source", body.source.as_ref());
        let hosts = body
            .hosts
            .iter()
            .enumerate()
            .filter_map(|(i, host)| self.division(&format!("/about/hosts/{i}"), host))
            .collect();
        let lead_unit = body.lead_unit.as_ref().and_then(|text| {
            let unit =
                UnitCode::parse(text).and_then(|code| self.world.directory.unit_by_code(&code));
            if unit.is_none() {
                self.check.fault(
                    "/about/lead_unit",
                    "unknown_unit",
                    "没有这个单位",
                    "there is no such unit",
                );
            }
            unit.map(|unit| unit.row.id)
        });
        let worker = body
            .worker
            .as_ref()
            .and_then(|account| self.worker(account));
        let season = body.season.as_ref().and_then(|text| {
            let season = Season::parse(text);
            if season.is_none() {
                self.check.fault(
                    "/about/season",
                    "not_understood",
                    "季节写作 MMDD-MMDD，如 1101-0331",
                    "a season is written MMDD-MMDD, such as 1101-0331",
                );
            }
            season
        });
        let site = body.site.as_ref().and_then(|site| {
            let point = self.point("/about/site", &[site.lon, site.lat])?;
            Some(Site {
                point,
                radius_m: site.radius_m,
            })
        });
        Attributes {
            name,
            hosts,
            kind,
            households: body.households,
            lead_unit,
            worker,
            supervision_phone: body
                .supervision_phone
                .as_ref()
                .map(|phone| phone.trim().to_owned()),
            season,
            site,
            source,
        }
    }

    /// The worker whose name is posted: somebody in the service of grids whom the administrator is over. Whoever else has an
    /// account is as if there were none.
    fn worker(&mut self, account: &str) -> Option<PersonId> {
        let person = worker_called(account.trim(), self.world, self.vault, self.by);
        if person.is_none() {
            self.check.fault(
                "/about/worker",
                "unknown_account",
                "没有这个网格员账号",
                "there is no grid worker with this account",
            );
        }
        person
    }

    pub(crate) fn draw(
        mut self,
        body: &DrawBody,
        parent_host: impl Fn(&GridCode) -> Option<DivisionCode>,
    ) -> Result<Act> {
        let layer = Layer::parse(&body.layer);
        if layer.is_none() {
            self.check.fault(
                "/layer",
                "not_understood",
                "网格层：base、dedicated、micro 或 mobile",
                "the layer is base, dedicated, micro or mobile",
            );
        }
        let code = body.code.as_ref().and_then(|code| self.code("/code", code));
        let parent = body
            .parent
            .as_ref()
            .and_then(|code| self.code("/parent", code));
        let host = match &body.host {
            Some(text) => self.division("/host", text),
            None => {
                let host = parent.as_ref().and_then(parent_host);
                if host.is_none() {
                    self.check.fault(
                        "/host",
                        "required",
                        "请填所在村（社区）代码",
                        "the code of the community is due",
                    );
                }
                host
            }
        };
        let attributes = self.attributes(&body.about);
        let shape = match (&body.shape, attributes.site) {
            (Some(shape), None) => self.shape("/shape", shape),
            (None, Some(site)) => circle(site),
            (Some(_), Some(_)) => {
                self.check.fault(
                    "/shape",
                    "shape_or_site",
                    "边界和场所只填一样",
                    "either a shape or a site, not both",
                );
                None
            }
            (None, None) => {
                if body.about.site.is_none() {
                    self.check
                        .fault("/shape", "required", "请画出边界", "a shape is due");
                }
                None
            }
        };
        let draw = layer.zip(host).zip(shape).map(|((layer, host), shape)| {
            Act::Draw(Box::new(Draw {
                layer,
                code,
                host,
                parent,
                attributes,
                shape,
            }))
        });
        self.check.finish(draw)
    }

    pub(crate) fn split(mut self, code: GridCode, body: &SplitBody) -> Result<Act> {
        if !(2..=2_000).contains(&body.line.len()) {
            self.check.fault(
                "/line",
                "out_of_range",
                "分割线 2 至 2000 个点",
                "the line has 2 to 2,000 points",
            );
        }
        let line: Option<Vec<Point>> = body
            .line
            .iter()
            .map(|position| self.point("/line", position))
            .collect();
        let names = body.names.iter().enumerate();
        let names: Option<Vec<Label>> = names
            .map(|(i, name)| self.label(&format!("/names/{i}"), Some(&name.0)))
            .collect();
        let split = line
            .zip(names)
            .map(|(line, names)| Act::Split(Split { code, line, names }));
        self.check.finish(split)
    }

    pub(crate) fn join(mut self, body: &JoinBody) -> Result<Act> {
        let name = self.label("/name", body.name.as_ref());
        let codes = body.codes.iter().enumerate();
        let codes: Option<Vec<GridCode>> = codes
            .map(|(i, code)| self.code(&format!("/codes/{i}"), code))
            .collect();
        let join = codes.map(|codes| Act::Join(Join { codes, name }));
        self.check.finish(join)
    }

    pub(crate) fn moved(mut self, body: &MoveBody) -> Result<Act> {
        let mut borders = Vec::new();
        for (i, border) in body.borders.iter().enumerate() {
            let code = self.code(&format!("/borders/{i}/code"), &border.code);
            let shape = self.shape(&format!("/borders/{i}/shape"), &border.shape);
            borders.extend(code.zip(shape));
        }
        self.check.finish(Some(Act::Move(Move { borders })))
    }

    pub(crate) fn describe(mut self, code: GridCode, body: &DescribeBody) -> Result<Act> {
        let attributes = self.attributes(&body.about);
        self.check
            .finish(Some(Act::Describe(Box::new(Describe { code, attributes }))))
    }

    pub(crate) fn withdraw(self, code: GridCode) -> Result<Act> {
        self.check.finish(Some(Act::Withdraw(Withdraw { code })))
    }
}

/// The polygon that stands for the circle of a site, its corners on the circle.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a site lies within the bounds of a point or has no circle"
)]
fn circle(site: Site) -> Option<Shape> {
    let (lon, lat) = (site.point.lon(), site.point.lat());
    let per_lat = f64::from(site.radius_m) / 111_195.0 * 1e7;
    let per_lon = per_lat / lat.to_radians().cos().max(0.01);
    let corner = |i: u32| {
        let angle = std::f64::consts::TAU * f64::from(i) / f64::from(SITE_CORNERS);
        Point {
            lon_e7: (lon * 1e7 + angle.cos() * per_lon).round() as i32,
            lat_e7: (lat * 1e7 + angle.sin() * per_lat).round() as i32,
        }
    };
    Shape::new([Polygon {
        outer: (0..SITE_CORNERS).map(corner).collect(),
        holes: vec![],
    }])
}

/// Whether somebody may change grids of a division: an administrator whose area holds it.
pub(crate) fn administers(by: &Principal, division: &DivisionCode) -> bool {
    by.posts()
        .iter()
        .any(|post| post.role == Role::Administrator && post.covers(division))
}

/// The worker of grids with this account, whose post lies in the area of the administrator.
pub(crate) fn worker_called(
    account: &str,
    world: &World,
    vault: &Vault,
    by: &Principal,
) -> Option<PersonId> {
    let id = *world.accounts.get(&vault.index("account", account))?;
    let row = world.people.get(&id).filter(|row| row.active)?;
    let serves = |role| matches!(role, Role::GridWorker | Role::HeadGridWorker);
    let mut posts = row.posts.iter().filter(|post| serves(post.role));
    posts
        .any(|post| *by == Principal::System || administers(by, &post.division))
        .then_some(id)
}
