//! The front of OGC API – Features 1.0 (OGC 17-069r4): landing page, conformance, collections.
//!
//! The class of conformance "OpenAPI 3.0" is not claimed: the document of this API is OpenAPI 3.1, and is named as what it is.

use axum::extract::State;
use axum::response::Response;
use jingwei_engine::maps::{Collection, Reach};
use serde::Serialize;
use utoipa::ToSchema;

use super::{GROUP, attribution, opened, reach};
use crate::etag::Conditions;
use crate::extract::{Base, Client, LayerPath, Query, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

pub(super) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const CONFORMS: [&str; 2] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
];
pub(super) const GEOJSON: &str = "application/geo+json";
pub(super) const JSON: &str = "application/json";
/// When there is something (`中文 · English`).
pub(super) const WHEN: &str = "设置了审图号（map_review_number）才对公众开放；登录的人随时可看自己范围内的 · Open to the public once a map \
                               review number (map_review_number) is set; who is signed in sees what lies within their scope at any time";

/// A link.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Link {
    /// Where to.
    href: String,
    /// What it is to this answer.
    rel: &'static str,
    /// Type of its content.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What it is, in both languages.
    title: String,
}

impl Link {
    pub(super) fn new(
        href: String,
        rel: &'static str,
        kind: &'static str,
        title: impl Into<String>,
    ) -> Self {
        Self {
            href,
            rel,
            kind,
            title: title.into(),
        }
    }
}

/// Where to begin.
#[derive(Debug, Serialize, ToSchema)]
struct LandingPage {
    /// Title in both languages.
    title: &'static str,
    /// Whether the public layers are on, and for whom there is something, in both languages.
    description: String,
    /// Has to stand beside the map.
    attribution: String,
    /// Links.
    links: Vec<Link>,
}

/// What of the standard is kept.
#[derive(Debug, Serialize, ToSchema)]
struct Conformance {
    /// Classes of conformance.
    #[serde(rename = "conformsTo")]
    conforms_to: [&'static str; 2],
}

/// A box.
#[derive(Debug, Serialize, ToSchema)]
struct SpatialExtent {
    /// West, south, east, north in degrees.
    #[schema(value_type = Vec<Vec<f64>>)]
    bbox: [[f64; 4]; 1],
    /// CRS84.
    crs: &'static str,
}

/// Where things lie.
#[derive(Debug, Serialize, ToSchema)]
struct Extent {
    /// The box around them.
    spatial: SpatialExtent,
}

/// A public layer.
#[derive(Debug, Serialize, ToSchema)]
struct CollectionView {
    /// Its word in an address.
    id: &'static str,
    /// Title in both languages.
    title: String,
    /// What it is, with its review number, sources and cautions.
    description: String,
    /// Has to stand beside the map.
    attribution: String,
    /// Where its features lie; left out where nothing is drawn yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    extent: Option<Extent>,
    /// `feature`.
    #[serde(rename = "itemType")]
    item_type: &'static str,
    /// CRS84.
    crs: [&'static str; 1],
    /// Links.
    links: Vec<Link>,
}

/// The public layers.
#[derive(Debug, Serialize, ToSchema)]
struct CollectionList {
    /// Links.
    links: Vec<Link>,
    /// The layers; empty where they are off.
    collections: Vec<CollectionView>,
}

/// The operations of this part.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/ogc", "ogc_landing", landing)
            .told(
                GROUP,
                Access::Public,
                "公开图层的入口（OGC API - Features 1.0） · Where the public layers begin (OGC API - Features 1.0)",
            )
            .about(WHEN)
            .answers::<LandingPage>(200, "入口 · The landing page")
            .problems(&[401])
            .by_standard(),
        Operation::get("/ogc/conformance", "ogc_conformance", conformance)
            .told(GROUP, Access::Public, "符合标准的哪些部分 · What of the standard is kept")
            .answers::<Conformance>(200, "符合的类 · The classes of conformance")
            .by_standard(),
        Operation::get("/ogc/collections", "ogc_collections", collections)
            .told(GROUP, Access::Public, "公开图层 · The public layers")
            .about(WHEN)
            .answers::<CollectionList>(200, "图层；没有开放时为空 · The layers; none where they are off")
            .problems(&[401])
            .by_standard(),
        Operation::get("/ogc/collections/{collection}", "ogc_collection", collection)
            .told(GROUP, Access::Public, "一个公开图层 · One public layer")
            .about(WHEN)
            .choice("collection", "图层 · The layer", &Collection::ALL.map(Collection::as_str))
            .answers::<CollectionView>(200, "图层 · The layer")
            .problems(&[401, 404])
            .by_standard(),
    ]
}

/// A layer by its word.
pub(super) fn named(word: &str) -> Result<Collection, Problem> {
    Collection::parse(word).ok_or_else(Problem::not_found)
}

async fn landing(
    State(api): State<ApiState>,
    signed: Option<Signed>,
    Base(base): Base,
    conditions: Conditions,
    mut query: Query,
) -> Result<Response, Problem> {
    query.finish().map_err(Problem::of_query)?;
    let description = match reach(&api, signed.as_ref()) {
        Some(Reach::Everybody) => {
            "公开图层已开放：区划界和网格。使用时须标明审图号。 · The public layers are on: outlines of divisions, and grids. Show the \
             review number wherever they are used."
        }
        Some(Reach::Of(_)) => {
            "公开图层没有开放（没有设置审图号）；你已登录，可以看到自己范围内的图层，不得对外提供。 · The public layers are off (no map \
             review number is set); you are signed in and see the layers within your own scope, not to be passed on to the public."
        }
        None => {
            "公开图层没有开放：还没有设置审图号（设置项 map_review_number）。登录的人可以看到自己范围内的图层。 · The public layers are \
             off: no map review number (审图号) is set (setting map_review_number). Who is signed in sees the layers within their scope."
        }
    };
    let link =
        |path: &str, rel, kind, title: &str| Link::new(format!("{base}{path}"), rel, kind, title);
    let openapi = "application/vnd.oai.openapi+json;version=3.1";
    conditions.answer(&LandingPage {
        title: "经纬 公开图层 · Jingwei, public layers",
        description: description.to_owned(),
        attribution: attribution(&api),
        links: vec![
            link("/ogc", "self", JSON, "本页 · This page"),
            link(
                "/api/openapi.json",
                "service-desc",
                openapi,
                "接口说明 · The API",
            ),
            link(
                "/api",
                "service-doc",
                "text/html",
                "接口说明，供阅读 · The API, to be read",
            ),
            link(
                "/ogc/conformance",
                "conformance",
                JSON,
                "符合标准的部分 · What of the standard is kept",
            ),
            link("/ogc/collections", "data", JSON, "图层 · The layers"),
        ],
    })
}

async fn conformance(conditions: Conditions, mut query: Query) -> Result<Response, Problem> {
    query.finish().map_err(Problem::of_query)?;
    conditions.answer(&Conformance {
        conforms_to: CONFORMS,
    })
}

async fn collections(
    State(api): State<ApiState>,
    client: Client,
    signed: Option<Signed>,
    Base(base): Base,
    conditions: Conditions,
    mut query: Query,
) -> Result<Response, Problem> {
    query.finish().map_err(Problem::of_query)?;
    let collections = if reach(&api, signed.as_ref()).is_some() {
        let reach = opened(&api, client, signed.as_ref())?;
        let extent = api.node().map_extent(&reach).await?;
        let view = |collection| view(&api, &base, collection, extent);
        Collection::ALL.into_iter().map(view).collect()
    } else {
        Vec::new()
    };
    let own = format!("{base}/ogc/collections");
    conditions.answer(&CollectionList {
        links: vec![
            Link::new(own, "self", JSON, "图层 · The layers"),
            Link::new(
                format!("{base}/ogc"),
                "parent",
                JSON,
                "入口 · The landing page",
            ),
        ],
        collections,
    })
}

async fn collection(
    State(api): State<ApiState>,
    client: Client,
    signed: Option<Signed>,
    Base(base): Base,
    conditions: Conditions,
    LayerPath(word): LayerPath,
    mut query: Query,
) -> Result<Response, Problem> {
    let reach = opened(&api, client, signed.as_ref())?;
    query.finish().map_err(Problem::of_query)?;
    let collection = named(&word)?;
    let extent = api.node().map_extent(&reach).await?;
    conditions.answer(&view(&api, &base, collection, extent))
}

fn view(
    api: &ApiState,
    base: &str,
    collection: Collection,
    extent: Option<[f64; 4]>,
) -> CollectionView {
    let id = collection.as_str();
    let title = format!("{} · {}", collection.zh(), collection.en());
    let attribution = attribution(api);
    let own = format!("{base}/ogc/collections/{id}");
    let tiles = match collection {
        Collection::Divisions(_) => format!("{base}/ogc/tiles/divisions"),
        Collection::Grids(layer) => format!("{base}/ogc/tiles/grids?layer={layer}"),
    };
    CollectionView {
        id,
        description: format!("{title}. {attribution}"),
        attribution,
        extent: extent.map(|bbox| Extent {
            spatial: SpatialExtent {
                bbox: [bbox],
                crs: CRS84,
            },
        }),
        item_type: "feature",
        crs: [CRS84],
        links: vec![
            Link::new(own.clone(), "self", JSON, title.clone()),
            Link::new(
                format!("{own}/items"),
                "items",
                GEOJSON,
                format!("{title} (GeoJSON)"),
            ),
            Link::new(tiles, "related", JSON, format!("{title} (TileJSON)")),
        ],
        title,
    }
}
