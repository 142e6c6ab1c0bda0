//! Places: what an address may mean, and who is near a point.
//!
//! Must not log or keep the text that is looked up.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jingwei_core::code::{DivisionCode, UnitKind};
use jingwei_core::place::Datum;
use jingwei_engine::places::{NearQuery, NearView, PlaceCandidates};

use crate::etag::json;
use crate::extract::{Query, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

const GROUP: &str = "places";
const DATUMS: [&str; 4] = ["WGS84", "CGCS2000", "GCJ-02", "BD-09"];

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/places", "places", find)
            .told(GROUP, Access::Session, "按文字找地方：区划、社区、地名 · What a text may mean: divisions, communities, named places")
            .query("q", "写下的地址，1 至 200 字 · The address as written, 1 to 200 characters", true)
            .query("within", "优先这个区划里的；默认我的辖区 · Those in this division first; one's own area when not said", false)
            .query_number("limit", "最多几个，默认 10 · How many at most, 10 when not said", 1, 50)
            .answers::<PlaceCandidates>(200, "可能的地方，最像的在前 · What it may mean, best first")
            .fresh(),
        Operation::get("/api/v1/places/near", "near", near)
            .told(GROUP, Access::Session, "附近的网格、单位和在岗网格员 · Grids, units and workers on duty near a point")
            .query("lon", "经度 · Longitude in degrees", true)
            .query("lat", "纬度 · Latitude in degrees", true)
            .query_choice("datum", "坐标系，默认 WGS84 · Datum, WGS84 when not said", &DATUMS)
            .query("kind", "只看这种单位 · Only units of this kind", false)
            .query_number("metres", "多少米以内，默认 5000 · Within so many metres, 5,000 when not said", 1, 100_000)
            .query_number("limit", "每种最多几个，默认 10 · How many of each at most, 10 when not said", 1, 100)
            .answers::<NearView>(200, "附近 · What is near")
            .fresh(),
    ]
}

async fn find(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
) -> Result<Response, Problem> {
    let within = query.word(
        "within",
        DivisionCode::parse,
        "区划代码 2、4、6、9 或 12 位",
        "a division code of 2, 4, 6, 9 or 12 digits",
    );
    let (text, limit) = (query.text("q"), query.limit(50, 10));
    query.finish()?;
    let limit = usize::try_from(limit).unwrap_or(10);
    let found = api.node().find_places(
        signed.by(),
        text.as_deref().unwrap_or_default(),
        within.as_ref(),
        limit,
    )?;
    json(StatusCode::OK, &found)
}

async fn near(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
) -> Result<Response, Problem> {
    let degrees = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|degrees| degrees.is_finite())
    };
    let number = |query: &mut Query, name| {
        query.word(name, degrees, "以度为单位的数", "a number of degrees")
    };
    let (lon, lat) = (number(&mut query, "lon"), number(&mut query, "lat"));
    for (name, value) in [("lon", lon), ("lat", lat)] {
        if value.is_none() {
            query.fault(
                name,
                "required",
                "请给出经度和纬度",
                "longitude and latitude are due",
            );
        }
    }
    let wanted = NearQuery {
        lon: lon.unwrap_or_default(),
        lat: lat.unwrap_or_default(),
        datum: query.word(
            "datum",
            Datum::parse,
            " WGS84、CGCS2000、GCJ-02 或 BD-09",
            "WGS84, CGCS2000, GCJ-02 or BD-09",
        ),
        kind: query.word(
            "kind",
            UnitKind::parse,
            "单位类型代码，如 GAS",
            "the code of a kind of unit, such as GAS",
        ),
        metres: query
            .number("metres", 1..=100_000)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(5_000),
        limit: usize::try_from(query.limit(100, 10)).unwrap_or(10),
    };
    query.finish()?;
    // Looks at every unit: not on a thread that serves others.
    let (node, by) = (api.node_owned(), signed.by().clone());
    let found = tokio::task::spawn_blocking(move || node.near(&by, &wanted)).await;
    json(StatusCode::OK, &found.map_err(|_| Problem::internal())??)
}
