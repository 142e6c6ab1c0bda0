//! Vector tiles (Mapbox Vector Tile 2.1) and what describes them (TileJSON 3.0).
//!
//! Keeps: a tile that the client has is answered without drawing or reading anything.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jingwei_core::grids::Layer;
use jingwei_core::time::Day;
use jingwei_engine::maps::{self, CASE_ZOOMS, Reach, SINGLE_FROM, TileId, TileSet};
use serde::Serialize;
use utoipa::ToSchema;

use super::{GROUP, attribution, opened};
use crate::etag::{Conditions, kept, tag, tagged};
use crate::extract::{Base, Client, Query, Signed, TilePath, Word};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

const TILE: &str = "application/vnd.mapbox-vector-tile";
/// Sets for who is signed in.
const SETS: [&str; 3] = ["divisions", "grids", "cases"];
/// Sets for everybody, where the public layers are on.
const PUBLIC_SETS: [&str; 2] = ["divisions", "grids"];
/// Layers of grids; micro-grids are for who is signed in.
const LAYERS: [&str; 4] = ["base", "dedicated", "micro", "mobile"];

/// A layer within the tiles.
#[derive(Debug, Serialize, ToSchema)]
struct VectorLayer {
    /// Name of the layer in the tile.
    id: &'static str,
    /// What it holds.
    description: &'static str,
    /// First zoom.
    minzoom: u8,
    /// Last zoom.
    maxzoom: u8,
    /// What is said of each feature.
    fields: BTreeMap<&'static str, &'static str>,
}

/// What a map page needs to know of a set of tiles (TileJSON 3.0).
#[derive(Debug, Serialize, ToSchema)]
struct TileJson {
    /// `3.0.0`.
    tilejson: &'static str,
    /// Name of the set.
    name: &'static str,
    /// What it shows.
    description: &'static str,
    /// Has to stand beside the map: review number, sources and cautions.
    attribution: String,
    /// `xyz`: rows from the north.
    scheme: &'static str,
    /// Addresses with `{z}`, `{x}` and `{y}`.
    tiles: Vec<String>,
    /// First zoom with tiles.
    minzoom: u8,
    /// Last zoom with tiles; beyond it the last ones are drawn larger.
    maxzoom: u8,
    /// West, south, east, north in degrees; left out where nothing is drawn yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<f64>>)]
    bounds: Option<[f64; 4]>,
    /// Its layers.
    vector_layers: Vec<VectorLayer>,
}

/// The operations of this part.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        square(Operation::get(
            "/api/v1/tiles/{set}/{z}/{x}/{y}",
            "tile",
            tile,
        ))
        .told(
            GROUP,
            Access::ScopedList,
            "矢量瓦片：区划、网格、案件，限于我的范围 · A vector tile of divisions, grids or cases within my scope",
        )
        .about(
            "未结案件按点显示；纠纷、涉及个人的事项、保密件不上图；12 级以下相近的合成一点（cases 为件数，late 为其中超时的） · \
             Open cases are points; disputes, matters of persons and confidential cases are not on the map; below zoom 12 those near \
             each other are one point (cases: how many, late: how many of them are late)",
        )
        .choice("set", "内容 · What it shows", &SETS)
        .query_choice("layer", "网格层，默认 base · Layer of grids, `base` when not said", &LAYERS)
        .query("day", DAY, false)
        .problems(&[404])
        .tagged(),
        described(Operation::get("/api/v1/tiles/{set}", "tile_set", tile_set))
            .told(GROUP, Access::Session, "瓦片说明（TileJSON 3.0） · What describes the tiles (TileJSON 3.0)")
            .choice("set", "内容 · What it shows", &SETS)
            .query_choice("layer", "网格层，默认 base · Layer of grids, `base` when not said", &LAYERS)
            .query("day", DAY, false)
            .problems(&[404]),
        square(Operation::get(
            "/ogc/tiles/{set}/{z}/{x}/{y}",
            "public_tile",
            public_tile,
        ))
        .told(GROUP, Access::Public, "公开图层的矢量瓦片 · A vector tile of the public layers")
        .about(super::ogc::WHEN)
        .choice("set", "内容 · What it shows", &PUBLIC_SETS)
        .query_choice("layer", "网格层，默认 base · Layer of grids, `base` when not said", &LAYERS)
        .query("day", DAY, false)
        .problems(&[401, 404])
        .tagged()
        .by_standard(),
        described(Operation::get("/ogc/tiles/{set}", "public_tile_set", public_tile_set))
            .told(GROUP, Access::Public, "公开图层瓦片的说明（TileJSON 3.0） · What describes the tiles of the public layers (TileJSON 3.0)")
            .about(super::ogc::WHEN)
            .choice("set", "内容 · What it shows", &PUBLIC_SETS)
            .query_choice("layer", "网格层，默认 base · Layer of grids, `base` when not said", &LAYERS)
            .query("day", DAY, false)
            .problems(&[401, 404])
            .by_standard(),
    ]
}

const DAY: &str =
    "网格的日期（2026-11-20），默认今天 · Day of the grids (2026-11-20), today when not said";

fn square(operation: Operation) -> Operation {
    operation
        .word("z", "级别 · Zoom", "^[0-9]{1,2}$")
        .word("x", "列，自西向东 · Column from the west", "^[0-9]{1,7}$")
        .word(
            "y",
            "行，自北向南；可带 .mvt 或 .pbf · Row from the north; `.mvt` or `.pbf` may follow",
            r"^[0-9]{1,7}(\.mvt|\.pbf)?$",
        )
        .other(200, "瓦片 · The tile", TILE)
        .plain(204, "空的瓦片 · The tile is empty")
}

fn described(operation: Operation) -> Operation {
    operation.answers::<TileJson>(200, "说明 · The description")
}

/// A set as asked for.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Land(TileSet, Option<Day>),
    Cases,
}

/// The set of a path with its query.
///
/// Errors: 404 for another word than those of `sets`, faults of the query.
fn asked(set: &str, sets: &[&str], mut query: Query) -> Result<Asked, Problem> {
    if !sets.contains(&set) {
        return Err(Problem::not_found());
    }
    let layer = query.word(
        "layer",
        Layer::parse,
        " base、dedicated、micro 或 mobile",
        "base, dedicated, micro or mobile",
    );
    let day = query.word(
        "day",
        Day::parse,
        "日期，如 2026-11-20",
        "a day such as 2026-11-20",
    );
    query.finish()?;
    Ok(match set {
        "divisions" => Asked::Land(TileSet::Divisions, None),
        "grids" => Asked::Land(TileSet::Grids(layer.unwrap_or(Layer::Base)), day),
        _ => Asked::Cases,
    })
}

/// What a stranger may ask for: micro-grids are buildings and no public layer.
fn public(set: &str, query: Query, reach: &Reach) -> Result<(TileSet, Option<Day>), Problem> {
    match asked(set, &PUBLIC_SETS, query).map_err(Problem::of_query)? {
        Asked::Land(TileSet::Grids(Layer::Micro), _) if matches!(reach, Reach::Everybody) => {
            Err(Problem::not_found())
        }
        Asked::Land(set, day) => Ok((set, day)),
        Asked::Cases => Err(Problem::not_found()),
    }
}

fn answered(tag: &str, tile: maps::Bytes) -> Result<Response, Problem> {
    if tile.is_empty() {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        tagged(&mut response, tag)?;
        return Ok(response);
    }
    kept(tag, TILE, Body::from(Bytes::from_owner(tile)))
}

async fn land(
    api: &ApiState,
    reach: Reach,
    (set, day): (TileSet, Option<Day>),
    tile: TileId,
    conditions: &Conditions,
) -> Result<Response, Problem> {
    if tile.z() > set.zooms().1 {
        return Err(Problem::not_found());
    }
    let asked = api.node().ask_tile(reach, set, tile, day);
    let tag = tag(asked.mark().as_bytes());
    match conditions.unchanged(&tag)? {
        Some(unchanged) => Ok(unchanged),
        None => answered(&tag, api.node().tile(asked).await?),
    }
}

async fn tile(
    State(api): State<ApiState>,
    signed: Signed,
    conditions: Conditions,
    TilePath(set, tile): TilePath,
    query: Query,
) -> Result<Response, Problem> {
    match asked(&set, &SETS, query)? {
        Asked::Land(set, day) => {
            let reach = Reach::Of(signed.by().clone());
            land(&api, reach, (set, day), tile, &conditions).await
        }
        Asked::Cases if tile.z() > CASE_ZOOMS.1 => Err(Problem::not_found()),
        Asked::Cases => {
            // Before the read: what is read may be newer than its tag, never older.
            let tag = tag(api.node().case_tile_mark(signed.by(), tile).as_bytes());
            match conditions.unchanged(&tag)? {
                Some(unchanged) => Ok(unchanged),
                None => answered(&tag, api.node().case_tile(signed.by(), tile).await?),
            }
        }
    }
}

async fn public_tile(
    State(api): State<ApiState>,
    client: Client,
    signed: Option<Signed>,
    conditions: Conditions,
    TilePath(set, tile): TilePath,
    query: Query,
) -> Result<Response, Problem> {
    let reach = opened(&api, client, signed.as_ref())?;
    let set = public(&set, query, &reach)?;
    land(&api, reach, set, tile, &conditions).await
}

async fn tile_set(
    State(api): State<ApiState>,
    signed: Signed,
    base: Base,
    conditions: Conditions,
    Word(set): Word,
    query: Query,
) -> Result<Response, Problem> {
    let asked = asked(&set, &SETS, query)?;
    let reach = Reach::Of(signed.by().clone());
    let address = format!("{}/api/v1/tiles/{set}", base.0);
    conditions.answer(&description(&api, &reach, asked, &address).await?)
}

async fn public_tile_set(
    State(api): State<ApiState>,
    client: Client,
    signed: Option<Signed>,
    base: Base,
    conditions: Conditions,
    Word(set): Word,
    query: Query,
) -> Result<Response, Problem> {
    let reach = opened(&api, client, signed.as_ref())?;
    let (of, day) = public(&set, query, &reach)?;
    let address = format!("{}/ogc/tiles/{set}", base.0);
    conditions.answer(&description(&api, &reach, Asked::Land(of, day), &address).await?)
}

async fn description(
    api: &ApiState,
    reach: &Reach,
    asked: Asked,
    address: &str,
) -> Result<TileJson, Problem> {
    let (minzoom, maxzoom) = match asked {
        Asked::Land(set, _) => set.zooms(),
        Asked::Cases => CASE_ZOOMS,
    };
    let mut tiles = format!("{address}/{{z}}/{{x}}/{{y}}");
    if let Asked::Land(TileSet::Grids(layer), day) = asked {
        tiles += &format!("?layer={layer}");
        if let Some(day) = day {
            tiles += &format!("&day={day}");
        }
    }
    let (id, description, fields): (_, _, &[_]) = match asked {
        Asked::Land(TileSet::Divisions, _) => (
            "divisions",
            "行政区划界 · Outlines of divisions",
            &[
                ("code", "代码 · Code"),
                ("name", "名称 · Name"),
                ("level", "province, city, county, town, community"),
            ],
        ),
        Asked::Land(TileSet::Grids(_), _) => (
            "grids",
            "网格 · Grids",
            &[
                ("code", "代码 · Code"),
                ("name", "名称，13 级起 · Name, from zoom 13"),
                ("layer", "base, dedicated, micro, mobile"),
                ("host", "所在区划 · Code of the division it lies in"),
            ],
        ),
        Asked::Cases => (
            "cases",
            "未结案件 · Open cases",
            &[
                (
                    "id",
                    "编号；合并的点为其中最新一件 · Id; of several cases in one point that of the newest",
                ),
                ("top_class", "大类 · Top class"),
                ("class", "类别 · Class"),
                ("severity", "等级 · Severity"),
                ("urgency", "紧急程度 · Urgency"),
                ("stage", "阶段 · Stage"),
                ("cases", "件数 · How many cases the point stands for"),
                ("late", "其中超时的 · How many of them are late"),
            ],
        ),
    };
    Ok(TileJson {
        tilejson: "3.0.0",
        name: id,
        description,
        attribution: attribution(api),
        scheme: "xyz",
        tiles: vec![tiles],
        minzoom,
        maxzoom,
        bounds: api.node().map_extent(reach).await?,
        vector_layers: vec![VectorLayer {
            id,
            description,
            minzoom,
            maxzoom,
            fields: fields.iter().copied().collect(),
        }],
    })
}

// The document says at which zoom points stop standing for several cases.
const _: () = assert!(SINGLE_FROM == 12 && maps::NAMES_FROM == 13);
