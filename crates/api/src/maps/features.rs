//! Features of the public layers as GeoJSON, page by page.
//!
//! Keeps: a fault of the query is 400 and names the parameter, as OGC API – Features has it; pages are written off the threads
//! that answer.

use axum::extract::State;
use axum::response::Response;
use jingwei_core::place::{Bounds, Point};
use jingwei_core::time::{Day, Timestamp};
use jingwei_engine::maps::{Collection, FeatureQuery, FeatureView, MOST_FEATURES};
use serde::Serialize;
use utoipa::ToSchema;

use super::ogc::{GEOJSON, JSON, Link, WHEN, named};
use super::{GROUP, attribution, opened};
use crate::etag::Conditions;
use crate::extract::{Base, Client, FeaturePath, LayerPath, Query, Signed};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::state::ApiState;

/// Features of a page when it is not said how many.
const USUAL: usize = 100;
/// Greatest number that may be asked for; a page has [`MOST_FEATURES`] at most all the same, as the standard wants it.
const MOST_ASKED: i64 = 10_000;

/// A page of features (GeoJSON, RFC 7946).
#[derive(Debug, Serialize, ToSchema)]
struct FeatureCollection {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Has to stand beside the map: review number, sources and cautions.
    attribution: String,
    /// How many there are on all pages.
    #[serde(rename = "numberMatched")]
    number_matched: usize,
    /// How many are on this page.
    #[serde(rename = "numberReturned")]
    number_returned: usize,
    /// In the order of codes.
    features: Vec<FeatureView>,
    /// Links; `next` leads to the next page.
    links: Vec<Link>,
}

/// One feature (GeoJSON, RFC 7946).
#[derive(Debug, Serialize, ToSchema)]
struct OneFeature {
    /// The feature.
    #[serde(flatten)]
    feature: FeatureView,
    /// Has to stand beside the map.
    attribution: String,
    /// Links.
    links: Vec<Link>,
}

/// The operations of this part.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/ogc/collections/{collection}/items", "ogc_items", items)
            .told(GROUP, Access::Public, "公开图层的要素 · Features of a public layer")
            .about(WHEN)
            .choice("collection", "图层 · The layer", &Collection::ALL.map(Collection::as_str))
            .query("bbox", "范围：西,南,东,北（CRS84，度） · Box: west,south,east,north (CRS84, degrees)", false)
            .query(
                "datetime",
                "一个时刻或日期，取当日有效的网格；区划界没有日期 · An instant or a day: the grids that stand then; outlines have no days",
                false,
            )
            .query("code", "只要这个代码的 · Only the one with this code", false)
            .query("after", "上一页 next 链接里的 · That of the `next` link of the page before", false)
            .query_number("limit", "每页条数，默认 100，最多给 1000 · Features a page, 100 when not said, 1,000 are given at most", 1, MOST_ASKED)
            .answers_as::<FeatureCollection>(200, "一页，按代码排列 · A page in the order of codes", GEOJSON)
            .problems(&[401, 404])
            .by_standard(),
        Operation::get("/ogc/collections/{collection}/items/{id}", "ogc_item", item)
            .told(GROUP, Access::Public, "公开图层的一个要素 · One feature of a public layer")
            .about(WHEN)
            .choice("collection", "图层 · The layer", &Collection::ALL.map(Collection::as_str))
            .word("id", "代码 · Its code", "^[0-9A-Z]{2,24}$")
            .query(
                "datetime",
                "一个时刻或日期，取当日有效的网格 · An instant or a day: the grid that stands then",
                false,
            )
            .answers_as::<OneFeature>(200, "要素 · The feature", GEOJSON)
            .problems(&[401, 404])
            .by_standard(),
    ]
}

/// A box of a query. One that begins in the east and ends in the west goes over the 180th meridian and is two.
fn boxes(text: &str) -> Option<Vec<Bounds>> {
    let numbers = text.split(',').map(|part| part.parse::<f64>().ok());
    let numbers = numbers.collect::<Option<Vec<_>>>()?;
    let (west, south, east, north) = match *numbers.as_slice() {
        [west, south, east, north] => (west, south, east, north),
        // Heights say nothing of what is flat.
        [west, south, _, east, north, _] => (west, south, east, north),
        _ => return None,
    };
    let low = Point::from_degrees(west, south)?;
    let high = Point::from_degrees(east, north)?;
    let from_to = |west, east| Bounds {
        west,
        south: low.lat_e7,
        east,
        north: high.lat_e7,
    };
    let (west, east) = (low.lon_e7, high.lon_e7);
    match (low.lat_e7 <= high.lat_e7, west <= east) {
        (false, _) => None,
        (true, true) => Some(vec![from_to(west, east)]),
        (true, false) => Some(vec![
            from_to(west, 1_800_000_000),
            from_to(-1_800_000_000, east),
        ]),
    }
}

/// A day, or the day of an instant.
fn day(text: &str) -> Option<Day> {
    Day::parse(text).or_else(|| Timestamp::parse(text).map(Timestamp::local_day))
}

/// A code as it may be asked for.
fn code(text: &str) -> Option<String> {
    let fits = text.len() <= 24
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    fits.then(|| text.to_owned())
}

/// Reads the value of `name` and keeps its text: the links of the answer repeat it.
fn kept<T>(
    query: &mut Query,
    said: &mut Vec<(&'static str, String)>,
    name: &'static str,
    read: impl Fn(&str) -> Option<T>,
    (zh, en): (&str, &str),
) -> Option<T> {
    let (text, meant) = query.word(name, |text| Some((text.to_owned(), read(text)?)), zh, en)?;
    said.push((name, text));
    Some(meant)
}

const INSTANT: (&str, &str) = (
    "一个时刻（RFC 3339）或日期，不接受区间：一处一天只有一个网格",
    "one instant (RFC 3339) or one day, not an interval: a place has one grid on one day",
);
const CODE: (&str, &str) = (
    "代码（数字和大写字母）",
    "a code (digits and capital letters)",
);
const BOX: (&str, &str) = (
    "四个数：西,南,东,北（度）",
    "four numbers: west,south,east,north (degrees)",
);

/// An address with a query. The values were read by the functions above: of what they let through only a plus sign means
/// something else in a query.
fn address(path: &str, said: &[(&'static str, String)]) -> String {
    let pairs: Vec<String> = said
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace('+', "%2B")))
        .collect();
    let mark = if pairs.is_empty() { "" } else { "?" };
    format!("{path}{mark}{}", pairs.join("&"))
}

/// Writes an answer off the threads that answer: a page may have megabytes.
async fn written<T: Serialize + Send + 'static>(
    conditions: Conditions,
    value: T,
) -> Result<Response, Problem> {
    tokio::task::spawn_blocking(move || conditions.answer_as(&value, GEOJSON))
        .await
        .unwrap_or_else(|_| Err(Problem::internal()))
}

async fn items(
    State(api): State<ApiState>,
    client: Client,
    signed: Option<Signed>,
    Base(base): Base,
    conditions: Conditions,
    LayerPath(word): LayerPath,
    mut query: Query,
) -> Result<Response, Problem> {
    let reach = opened(&api, client, signed.as_ref())?;
    let collection = named(&word)?;
    let mut said = Vec::new();
    let boxes = kept(&mut query, &mut said, "bbox", boxes, BOX);
    let day = kept(&mut query, &mut said, "datetime", day, INSTANT);
    let wanted = kept(&mut query, &mut said, "code", code, CODE);
    let limit = query.number("limit", 1..=MOST_ASKED);
    said.extend(limit.map(|limit| ("limit", limit.to_string())));
    // Without its place in the pages the address is that of the first.
    let first = said.clone();
    let after = kept(&mut query, &mut said, "after", code, CODE);
    query.finish().map_err(Problem::of_query)?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let asked = FeatureQuery {
        boxes,
        day,
        code: wanted,
        after,
        limit: limit.unwrap_or(USUAL).min(MOST_FEATURES),
    };
    let page = api.node().features(&reach, collection, asked).await?;
    let layer = format!("{base}/ogc/collections/{word}");
    let path = format!("{layer}/items");
    let mut links = vec![
        Link::new(address(&path, &said), "self", GEOJSON, "本页 · This page"),
        Link::new(layer, "collection", JSON, "图层 · The layer"),
    ];
    if let Some(next) = page.next {
        let mut on = first;
        on.push(("after", next));
        let next = address(&path, &on);
        links.push(Link::new(next, "next", GEOJSON, "下一页 · The next page"));
    }
    let page = FeatureCollection {
        kind: "FeatureCollection",
        attribution: attribution(&api),
        number_matched: page.matched,
        number_returned: page.features.len(),
        features: page.features,
        links,
    };
    written(conditions, page).await
}

async fn item(
    State(api): State<ApiState>,
    client: Client,
    signed: Option<Signed>,
    Base(base): Base,
    conditions: Conditions,
    FeaturePath(word, id): FeaturePath,
    mut query: Query,
) -> Result<Response, Problem> {
    let reach = opened(&api, client, signed.as_ref())?;
    let collection = named(&word)?;
    let mut said = Vec::new();
    let day = kept(&mut query, &mut said, "datetime", day, INSTANT);
    query.finish().map_err(Problem::of_query)?;
    let asked = FeatureQuery {
        boxes: None,
        day,
        code: Some(id.clone()),
        after: None,
        limit: 1,
    };
    let page = api.node().features(&reach, collection, asked).await?;
    let feature = page.features.into_iter().next();
    let feature = feature.ok_or_else(Problem::not_found)?;
    let layer = format!("{base}/ogc/collections/{word}");
    let own = address(&format!("{layer}/items/{id}"), &said);
    let one = OneFeature {
        feature,
        attribution: attribution(&api),
        links: vec![
            Link::new(own, "self", GEOJSON, "本要素 · This feature"),
            Link::new(layer, "collection", JSON, "图层 · The layer"),
        ],
    };
    written(conditions, one).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_four_numbers_and_may_go_around_the_earth() {
        let one = boxes("103,30.5,104.25,31").expect("a box");
        let [bounds] = one.as_slice() else {
            panic!("{one:?}");
        };
        assert_eq!((bounds.west, bounds.north), (1_030_000_000, 310_000_000));
        assert_eq!(boxes("103,30.5,-9,104.25,31,9"), Some(one), "with heights");
        assert_eq!(boxes("179,0,-179,1").map(|boxes| boxes.len()), Some(2));
        for wrong in [
            "",
            "1,2,3",
            "1,2,3,4,5",
            "a,2,3,4",
            "1,2,3,NaN",
            "1,2,inf,4",
            "0,3,1,2",
            "0,0,181,1",
            "0,-91,1,1",
            "1,2,3,4,",
            "1 ,2,3,4",
        ] {
            assert_eq!(boxes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_is_a_day_or_an_instant() {
        let november = Day::parse("2026-11-20");
        for text in [
            "2026-11-20",
            "2026-11-20T10:00:00+08:00",
            "2026-11-19T16:00:00Z",
        ] {
            assert_eq!(day(text), november, "{text}");
        }
        for wrong in [
            "2026-11-20/2026-11-21",
            "../2026-11-20",
            "2026-02-30",
            "20261120",
        ] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
        let said = [("datetime", "2026-11-20T10:00:00+08:00".to_owned())];
        assert_eq!(
            address("/x", &said),
            "/x?datetime=2026-11-20T10:00:00%2B08:00"
        );
        assert_eq!(address("/x", &[]), "/x");
    }
}
