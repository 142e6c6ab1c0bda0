//! Maps: tiles and features show what one may see and nothing else; the public layers are off until a review number is set;
//! GDAL reads both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use jingwei_core::access::Principal;
use jingwei_core::code::DivisionCode;
use jingwei_core::directory::TableName;
use jingwei_core::grids::Layer;
use jingwei_core::place::{Point, Polygon, Shape};
use jingwei_engine::ImportOptions;
use jingwei_engine::maps::{Reach, TileId, TileSet};
use jingwei_testkit::{
    Answer, COMMUNITY, Client, Engine, OTHER_COUNTY_TOWN, TOWN, rules, rules_with,
};
use serde_json::{Value, json};

use crate::cast::{At, Cast, REVIEW, STRANGER};
use crate::mvt::{self, Feature};

const TILE: &str = "application/vnd.mapbox-vector-tile";
/// Where the cast's cases lie.
const PLACE: (f64, f64) = (103.9712, 30.3215);

fn point((lon, lat): (f64, f64)) -> Point {
    Point::from_degrees(lon, lat).expect("a point")
}

/// The path of the tile of a zoom that holds a point.
fn square(set: &str, zoom: u8, at: Point) -> String {
    let tile = TileId::of(zoom, at).expect("a tile");
    format!("{set}/{zoom}/{}/{}", tile.x(), tile.y())
}

/// The features of the one layer of a tile; none of an empty tile.
fn features(answer: &Answer, layer: &str) -> Vec<Feature> {
    if answer.status == 204 {
        assert_eq!(answer.bytes, [0; 0]);
        return Vec::new();
    }
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some(TILE)),
        "{}",
        answer.text
    );
    let mut layers = mvt::layers(&answer.bytes);
    let features = layers.remove(layer).expect("the layer");
    assert!(layers.is_empty(), "one layer");
    features
}

fn values(features: &[Feature], key: &str) -> BTreeSet<String> {
    features
        .iter()
        .map(|feature| feature[key].clone())
        .collect()
}

fn tile(client: &Client, path: &str, layer: &str) -> Vec<Feature> {
    features(&client.get(&format!("/api/v1/tiles/{path}")), layer)
}

/// A cast with land, the public layers off.
fn cast_with_land(engine: Engine) -> Cast {
    let cast = Cast::new(engine);
    cast.node.draw_land();
    set_rules(&cast, rules());
    cast
}

fn set_rules(cast: &Cast, rules: Vec<(String, String)>) {
    let how = ImportOptions {
        dry_run: false,
        relax: true,
    };
    cast.node
        .block_on(cast.node.node.import_locally(TableName::Rules, rules, how))
        .expect("rules");
}

/// Codes and a point inside of the base grids of a division.
fn grids_of(cast: &Cast, division: &str) -> Vec<(String, Point)> {
    let place = cast.node.node.place();
    let division = DivisionCode::parse(division).expect("a code");
    let today = cast.node.node.now().local_day();
    let grids = place.grids.list(Layer::Base, today, None);
    grids
        .filter(|grid| division.covers(grid.host()))
        .map(|grid| (grid.code().to_owned(), grid.shape().inside()))
        .collect()
}

fn principal(cast: &Cast, account: &'static str) -> Principal {
    let client = cast.person(account);
    let session = cast
        .node
        .block_on(cast.node.node.session(client.token().expect("signed in")));
    session.expect("a session").principal
}

/// Tiles of divisions and grids hold what lies in one's own scope.
fn land_is_scoped(cast: &Cast) {
    let (officer, stranger) = (cast.person("officer-hlx"), cast.person(STRANGER));
    let inside = |of: &str| grids_of(cast, of).first().expect("a grid").1;
    let (here, there) = (inside(COMMUNITY), inside(OTHER_COUNTY_TOWN));
    // Divisions: one's own and those above it, by zoom.
    let seen = |client, zoom, at| tile(client, &square("divisions", zoom, at), "divisions");
    assert_eq!(
        values(&seen(&officer, 5, here), "code"),
        texts(&["51", "5101"])
    );
    assert_eq!(
        values(&seen(&officer, 6, here), "code"),
        texts(&["51", "5101", "510116"])
    );
    let county = seen(&officer, 8, here);
    assert_eq!(values(&county, "code"), texts(&["510116"]));
    assert_eq!(values(&county, "name"), texts(&["双流区"]));
    assert_eq!(values(&county, "level"), texts(&["county"]));
    assert!(
        seen(&stranger, 8, here)
            .iter()
            .all(|f| f["code"] == "513322")
    );
    assert_eq!(
        values(&seen(&stranger, 8, there), "code"),
        texts(&["513322"])
    );
    // Grids: those of the own town, and nobody else's in the same tile.
    let seen = |client, zoom, at| tile(client, &square("grids", zoom, at), "grids");
    let own: BTreeSet<String> = grids_of(cast, TOWN)
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    let drawn = seen(&officer, 11, here);
    assert!(!drawn.is_empty() && values(&drawn, "code").is_subset(&own));
    assert!(
        drawn.iter().all(|grid| !grid.contains_key("name")),
        "from zoom 13"
    );
    let near = seen(&officer, 14, here);
    assert!(!near.is_empty() && values(&near, "code").is_subset(&own));
    assert!(
        near.iter()
            .all(|grid| !grid["name"].is_empty() && grid["layer"] == "base")
    );
    assert_eq!(seen(&stranger, 14, here), []);
    let theirs = values(&seen(&stranger, 14, there), "host");
    assert!(
        !theirs.is_empty()
            && theirs
                .iter()
                .all(|host| host.starts_with(OTHER_COUNTY_TOWN))
    );
    assert_eq!(seen(&officer, 14, there), []);
    assert_eq!(seen(&officer, 10, here), [], "not at this zoom");
    // Each of the town's grids is in the tile of its point.
    for (code, at) in grids_of(cast, TOWN) {
        assert!(
            values(&seen(&officer, 16, at), "code").contains(&code),
            "{code}"
        );
    }
    // Of another layer, and of a day before the grids were drawn, there is nothing.
    let other = |query: &str| {
        let path = format!("{}{query}", square("grids", 14, here));
        tile(&officer, &path, "grids")
    };
    assert_eq!(other(".mvt?layer=base"), near);
    assert_eq!(other(".pbf?day=2026-11-20"), near);
    assert_eq!(other("?layer=mobile"), []);
    assert_eq!(other("?day=2020-01-01"), []);
}

fn texts(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A tile that is held is not sent again, nor drawn or read; a change of the land is another tile.
fn tiles_are_kept(cast: &Cast) {
    let officer = cast.person("officer-hlx");
    let (code, at) = grids_of(cast, COMMUNITY).remove(0);
    let path = format!("/api/v1/tiles/{}", square("grids", 15, at));
    let first = officer.get(&path);
    let tag = first.header("etag").expect("a tag").to_owned();
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let again = |held: &str| officer.send("GET", &path, &[("if-none-match", held)], None);
    let held = again(&tag);
    assert_eq!(
        (held.status, held.header("etag")),
        (304, Some(tag.as_str()))
    );
    assert_eq!(again("\"another\"").bytes, first.bytes);
    let packed = officer.send("GET", &path, &[("accept-encoding", "gzip")], None);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    // Where nothing lies there is a tag as well.
    let empty = format!("/api/v1/tiles/{}", square("grids", 15, point((10.0, 10.0))));
    let nothing = officer.get(&empty);
    assert_eq!(nothing.status, 204);
    let tag_of_nothing = nothing.header("etag").expect("a tag");
    let held = officer.send("GET", &empty, &[("if-none-match", tag_of_nothing)], None);
    assert_eq!(held.status, 304);
    // Statements: one for the names, none for what was drawn.
    let node = &cast.node.node;
    let reach = Reach::Of(principal(cast, "chief-sl"));
    let square = TileId::of(16, at).expect("a tile");
    let took = |set, tile| {
        let before = node.metrics().read_statements;
        let asked = node.ask_tile(reach.clone(), set, tile, None);
        let bytes = cast.node.block_on(node.tile(asked)).expect("a tile");
        (node.metrics().read_statements - before, bytes.len())
    };
    let grids = TileSet::Grids(Layer::Base);
    let (first_time, size) = took(grids, square);
    assert!((1..=3).contains(&first_time), "{first_time} statements");
    assert_eq!(took(grids, square), (0, size), "kept");
    let wide = TileId::of(12, at).expect("a tile");
    assert_eq!(took(grids, wide).0, 0, "without names nothing is read");
    assert_eq!(took(TileSet::Divisions, wide).0, 0);
    // Somebody else's tile is not theirs.
    let strange = Reach::Of(principal(cast, STRANGER));
    let asked = node.ask_tile(strange, grids, square, None);
    assert_eq!(
        cast.node.block_on(node.tile(asked)).expect("a tile").len(),
        0
    );
    // A change.
    let said = json!({ "about": { "name": "改了名的网格" } });
    let admin = cast.person("admin-sl");
    admin
        .post(&format!("/api/v1/grids/{code}/describe"), &said)
        .expect(200);
    let changed = again(&tag);
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    assert!(values(&features(&changed, "grids"), "name").contains("改了名的网格"));
}

/// Reports of these classes at the place of the cast's cases.
fn report(cast: &Cast, class: Option<&str>, change: impl Fn(&mut Value)) -> String {
    let mut body = cast.report_body();
    body["class"] = json!(class);
    change(&mut body);
    let id = body["id"].as_str().expect("an id").to_owned();
    cast.person("grid-hl1")
        .post("/api/v1/cases", &body)
        .expect(201);
    id
}

/// Cases are points for whoever sees them; disputes, matters of persons and confidential cases are not on the map.
fn cases_are_points(cast: &Cast) {
    let (officer, stranger) = (cast.person("officer-hlx"), cast.person(STRANGER));
    let at = point(PLACE);
    let seen = |client: &Client, zoom| tile(client, &square("cases", zoom, at), "cases");
    let gas = report(cast, Some("RQ01"), |_| {});
    let road = report(cast, Some("CG02"), |_| {});
    let hidden = [
        report(cast, Some("MD02"), |_| {}),
        report(cast, Some("MD14"), |_| {}),
        report(cast, Some("TS02"), |_| {}),
        report(cast, Some("MS07"), |_| {}),
        report(cast, Some("WY06"), |_| {}),
        report(cast, None, |_| {}),
        report(cast, Some("RQ01"), |body| {
            body.as_object_mut().expect("a body").remove("position");
        }),
    ];
    let confidential = report(cast, Some("CG02"), |_| {});
    officer
        .post(
            &format!("/api/v1/cases/{confidential}/mark-confidential"),
            &json!({ "reason": "报告人要求" }),
        )
        .expect(200);
    let theirs = report(cast, Some("RQ01"), |body| {
        body["division"] = json!(OTHER_COUNTY_TOWN);
    });
    for zoom in [12, 14, 16] {
        let drawn = seen(&officer, zoom);
        assert_eq!(values(&drawn, "id"), texts(&[&gas, &road]), "zoom {zoom}");
        assert!(
            drawn
                .iter()
                .all(|case| case["cases"] == "1" && case["late"] == "0")
        );
    }
    let drawn = seen(&officer, 14);
    let of_gas = drawn
        .iter()
        .find(|case| case["id"] == gas)
        .expect("the case");
    let expected: Feature = [
        ("id", gas.as_str()),
        ("top_class", "RQ"),
        ("class", "RQ01"),
        ("severity", "ordinary"),
        ("urgency", "high"),
        ("stage", "reported"),
        ("cases", "1"),
        ("late", "0"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    assert_eq!(of_gas, &expected);
    assert_eq!(values(&seen(&stranger, 14), "id"), texts(&[&theirs]));
    // Whoever reported a case sees it, also where it is no longer theirs to work on.
    assert_eq!(
        values(&seen(&cast.person("grid-hl1"), 14), "id"),
        texts(&[&gas, &road, &theirs])
    );
    // A unit sees the cases of its orders.
    assert_eq!(seen(&cast.person("gas-1"), 14), []);
    let sent = cast.case(At::Dispatched).id;
    assert_eq!(
        values(&seen(&cast.person("gas-1"), 14), "id"),
        texts(&[&sent])
    );
    // From afar what lies near each other is one point: the newest case, and how many there are.
    let far = seen(&officer, 8);
    assert_eq!(far.len(), 1, "{far:?}");
    assert_eq!((&far[0]["id"], far[0]["cases"].as_str()), (&sent, "3"));
    assert_eq!(seen(&officer, 0).len(), 1);
    // What has no place any more: refused, so ended.
    officer
        .post(
            &format!("/api/v1/cases/{road}/refuse"),
            &json!({ "reason": "不属实" }),
        )
        .expect(200);
    assert_eq!(values(&seen(&officer, 14), "id"), texts(&[&gas, &sent]));
    // The stage says the rest: nothing of the hidden ones was ever there.
    for id in hidden {
        cast.person("officer-hlx")
            .get(&format!("/api/v1/cases/{id}"))
            .expect(200);
    }
}

/// A tile of cases is asked for again when something happened, and takes the same few statements however many cases there are.
fn tiles_of_cases_are_bounded(cast: &Cast) {
    let officer = cast.person("officer-hlx");
    let path = format!("/api/v1/tiles/{}", square("cases", 13, point(PLACE)));
    let held = |tag: &str| officer.send("GET", &path, &[("if-none-match", tag)], None);
    let first = officer.get(&path);
    let tag = first.header("etag").expect("a tag").to_owned();
    let by = principal(cast, "officer-hlx");
    assert_eq!(held(&tag).status, 304);
    let node = &cast.node.node;
    let took = |zoom| {
        let tile = TileId::of(zoom, point(PLACE)).expect("a tile");
        let before = node.metrics().read_statements;
        cast.node
            .block_on(node.case_tile(&by, tile))
            .expect("a tile");
        node.metrics().read_statements - before
    };
    let few = (took(13), took(9));
    for _ in 0..20 {
        report(cast, Some("CG02"), |_| {});
    }
    assert_eq!((took(13), took(9)), few, "the same for more cases");
    assert!(few.0 <= 3 && few.1 <= 3, "{few:?}");
    let more = held(&tag);
    assert_eq!(more.status, 200);
    assert_eq!(
        features(&more, "cases").len(),
        features(&first, "cases").len() + 20
    );
    // Late ones say so. Sessions have ended by then.
    cast.node.clock.advance(8 * 24 * 3_600);
    let officer = cast.node.sign_in("officer-hlx");
    cast.node.wait_until("the cases are late", || {
        let all = tile(&officer, &square("cases", 13, point(PLACE)), "cases");
        all.iter().all(|case| case["late"] == "1")
    });
}

fn set_says_what_it_holds(cast: &Cast) {
    let officer = cast.person("officer-hlx");
    let set = officer
        .get("/api/v1/tiles/grids?layer=micro&day=2026-11-20")
        .expect(200);
    assert_eq!(set["tilejson"], "3.0.0");
    assert_eq!(
        set["tiles"][0],
        format!(
            "{}/api/v1/tiles/grids/{{z}}/{{x}}/{{y}}?layer=micro&day=2026-11-20",
            cast.node.base
        )
    );
    assert_eq!((&set["minzoom"], &set["maxzoom"]), (&json!(14), &json!(16)));
    assert_eq!(set["vector_layers"][0]["id"], "grids");
    assert!(set["vector_layers"][0]["fields"]["code"].is_string());
    let caution = set["attribution"].as_str().expect("an attribution");
    assert!(
        caution.contains("outlines for tests") && caution.contains("internal use only"),
        "{caution}"
    );
    // The county's outline is the smallest that holds the town, whose own is not drawn: the grids say where it lies.
    let bounds: Vec<f64> = set["bounds"]
        .as_array()
        .expect("bounds")
        .iter()
        .map(|degrees| degrees.as_f64().expect("degrees"))
        .collect();
    assert!(bounds[0] < bounds[2] && bounds[1] < bounds[3]);
    for (_, at) in grids_of(cast, TOWN) {
        assert!(
            (bounds[0]..bounds[2]).contains(&at.lon())
                && (bounds[1]..bounds[3]).contains(&at.lat())
        );
    }
    let fields = |set: &str| {
        let set = officer.get(&format!("/api/v1/tiles/{set}")).expect(200);
        let fields = set["vector_layers"][0]["fields"]
            .as_object()
            .expect("fields")
            .clone();
        fields
            .into_iter()
            .map(|(name, _)| name)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(fields("divisions"), texts(&["code", "name", "level"]));
    assert!(fields("cases").contains("late"));
}

fn maps(engine: Engine) {
    let cast = cast_with_land(engine);
    land_is_scoped(&cast);
    set_says_what_it_holds(&cast);
    tiles_are_kept(&cast);
    cases_are_points(&cast);
    tiles_of_cases_are_bounded(&cast);
    cast.node.check();
}

#[test]
fn tiles_hold_what_one_may_see_sqlite() {
    maps(Engine::Sqlite);
}

#[test]
fn tiles_hold_what_one_may_see_postgres() {
    maps(Engine::Postgres);
}

#[test]
fn a_tile_that_is_none_is_not_found() {
    let cast = Cast::new(Engine::Sqlite);
    let (officer, anybody) = (cast.person("officer-hlx"), cast.node.anonymous());
    for path in [
        "divisions/1/2/0",
        "divisions/1/0/2",
        "divisions/23/0/0",
        "divisions/x/0/0",
        "divisions/1/0/-1",
        "divisions/1/0/0.png",
        "divisions/+1/0/0",
        "divisions/4294967297/0/0",
        "divisions/15/0/0",
        "grids/17/0/0",
        "cases/17/0/0",
        "people/1/0/0",
        "people",
    ] {
        let answer = officer.get(&format!("/api/v1/tiles/{path}"));
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        let answer = anybody.get(&format!("/ogc/tiles/{path}"));
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    for path in [
        "cases/1/0/0",
        "cases",
        "grids/14/0/0?layer=micro",
        "grids?layer=micro",
    ] {
        let answer = anybody.get(&format!("/ogc/tiles/{path}"));
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    for (path, name) in [
        ("grids/14/0/0?layer=green", "?layer"),
        ("grids/14/0/0?day=2026-02-30", "?day"),
        ("grids?day=x", "?day"),
        ("cases/1/0/0?open=true", "?open"),
    ] {
        let answer = officer.get(&format!("/api/v1/tiles/{path}"));
        assert_eq!(answer.status, 422, "{path}: {}", answer.text);
        assert_eq!(answer.json()["errors"][0]["pointer"], name, "{path}");
    }
    let answer = anybody.get("/ogc/tiles/grids/14/0/0?layer=green");
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (400, &json!("bad_query"))
    );
}

/// All features of a layer, page by page.
fn all_of(client: &Client, base: &str, first: &str) -> Vec<Value> {
    let mut next = Some(first.to_owned());
    let mut all: Vec<Value> = Vec::new();
    while let Some(path) = next {
        let answer = client.get(&path);
        assert_eq!(
            answer.header("content-type"),
            Some("application/geo+json"),
            "{}",
            answer.text
        );
        let page = answer.expect(200);
        let features = page["features"].as_array().expect("features");
        assert_eq!(page["numberReturned"], features.len());
        all.extend(features.iter().cloned());
        let links = page["links"].as_array().expect("links");
        let link = links.iter().find(|link| link["rel"] == "next");
        next = link.map(|link| {
            let href = link["href"].as_str().expect("an address");
            href.strip_prefix(base)
                .expect("an address of ours")
                .to_owned()
        });
        if next.is_none() {
            assert_eq!(page["numberMatched"], all.len());
        }
    }
    all
}

fn codes(features: &[Value]) -> Vec<String> {
    let code = |feature: &Value| {
        feature["properties"]["code"]
            .as_str()
            .expect("a code")
            .to_owned()
    };
    features.iter().map(code).collect()
}

/// Nothing is shown to a stranger until the review number is set; who is signed in sees their own.
fn layers_are_off(cast: &Cast) {
    let anybody = cast.node.anonymous();
    let landing = anybody.get("/ogc").expect(200);
    let said = landing["description"].as_str().expect("words");
    assert!(
        said.contains("没有设置审图号") && said.contains("are off"),
        "{said}"
    );
    assert_eq!(
        anybody.get("/ogc/collections").expect(200)["collections"],
        json!([])
    );
    for path in [
        "/ogc/collections/grids-base",
        "/ogc/collections/grids-base/items",
        "/ogc/collections/divisions-county/items/510116",
        "/ogc/tiles/divisions",
        "/ogc/tiles/divisions/6/50/26",
    ] {
        let answer = anybody.get(path);
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (404, &json!("layers_off")),
            "{path}"
        );
        let (zh, en) = (
            &answer.json()["zh"]["detail"],
            &answer.json()["en"]["detail"],
        );
        assert!(zh.to_string().contains("审图号") && en.to_string().contains("review number"));
    }
    let forged = [("authorization", "Bearer bm90LWEtdG9rZW4")];
    assert_eq!(
        anybody
            .send("GET", "/ogc/collections", &forged, None)
            .status,
        401
    );
    let old = [("cookie", "jingwei_session=bm90LWEtdG9rZW4")];
    assert_eq!(
        anybody.send("GET", "/ogc/collections", &old, None).status,
        200
    );
    // Signed in.
    let officer = cast.person("officer-hlx");
    let listed = officer.get("/ogc/collections").expect(200);
    assert_eq!(listed["collections"].as_array().map(Vec::len), Some(7));
    let base = &cast.node.base;
    let own = all_of(&officer, base, "/ogc/collections/grids-base/items?limit=3");
    let expected: Vec<String> = grids_of(cast, TOWN)
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    assert_eq!(codes(&own), expected);
    let theirs = all_of(
        &cast.person(STRANGER),
        base,
        "/ogc/collections/grids-base/items?limit=50",
    );
    assert!(!theirs.is_empty() && codes(&theirs).iter().all(|code| code.starts_with("513322")));
    assert_eq!(
        codes(&all_of(
            &officer,
            base,
            "/ogc/collections/divisions-county/items"
        )),
        ["510116"]
    );
    // A program for maps reads the same with the token.
    let token = cast.person(STRANGER).token().expect("a token").to_owned();
    let header = format!("Authorization: Bearer {token}");
    let source = format!("OAPIF:{base}/ogc");
    let signed = ["-ro", "-so", "--config", "GDAL_HTTP_HEADERS", &header];
    let told = gdal("ogrinfo", &[&signed[..], &[&source, "grids-base"]].concat());
    assert!(
        told.contains(&format!("Feature Count: {}", theirs.len())),
        "{told}"
    );
    let strange = &codes(&theirs)[0];
    assert_eq!(
        officer
            .get(&format!("/ogc/collections/grids-base/items/{strange}"))
            .status,
        404
    );
}

/// Once it is set, everybody sees the public layers, with the number on everything.
fn layers_are_on(cast: &Cast) {
    let (anybody, base) = (cast.node.anonymous(), cast.node.base.as_str());
    let says = |value: &Value| {
        value["attribution"]
            .as_str()
            .is_some_and(|text| text.contains(REVIEW))
    };
    let landing = anybody.get("/ogc").expect(200);
    assert!(says(&landing), "{landing}");
    let rels: Vec<&str> = landing["links"]
        .as_array()
        .expect("links")
        .iter()
        .map(|link| link["rel"].as_str().expect("a relation"))
        .collect();
    assert_eq!(
        rels,
        ["self", "service-desc", "service-doc", "conformance", "data"]
    );
    let conformance = anybody.get("/ogc/conformance").expect(200);
    assert_eq!(conformance["conformsTo"].as_array().map(Vec::len), Some(2));
    let listed = anybody.get("/ogc/collections").expect(200);
    let listed = listed["collections"].as_array().expect("collections");
    assert_eq!(listed.len(), 7);
    for collection in listed {
        assert!(says(collection), "{collection}");
        assert!(collection["extent"]["spatial"]["bbox"][0][0].is_f64());
        let id = collection["id"].as_str().expect("an id");
        let one = anybody.get(&format!("/ogc/collections/{id}")).expect(200);
        assert_eq!(&one, collection);
    }
    // Every base grid, each once, whoever asks.
    let path = "/ogc/collections/grids-base/items";
    let place = cast.node.node.place();
    let today = cast.node.node.now().local_day();
    let all: Vec<String> = place
        .grids
        .list(Layer::Base, today, None)
        .map(|grid| grid.code().to_owned())
        .collect();
    assert!(all.len() > 20);
    assert_eq!(
        codes(&all_of(&anybody, base, &format!("{path}?limit=7"))),
        all
    );
    assert_eq!(
        codes(&all_of(
            &cast.person(STRANGER),
            base,
            &format!("{path}?limit=1000")
        )),
        all
    );
    let page = anybody.get(&format!("{path}?limit=5000")).expect(200);
    assert!(says(&page) && page["numberReturned"] == all.len());
    // What is said of a grid, and what is not.
    let wanted = &all[0];
    let feature = anybody.get(&format!("{path}/{wanted}")).expect(200);
    assert!(says(&feature) && feature["type"] == "Feature" && feature["id"] == *wanted);
    let said: BTreeSet<String> = feature["properties"]
        .as_object()
        .expect("properties")
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        said,
        texts(&[
            "area_m2",
            "code",
            "host",
            "host_name",
            "layer",
            "name",
            "season",
            "source",
            "supervision_phone",
            "valid_from"
        ])
    );
    let one = anybody.get(&format!("{path}?code={wanted}")).expect(200);
    assert_eq!(
        codes(one["features"].as_array().expect("features")),
        [wanted.clone()]
    );
    assert_eq!(one["features"][0]["geometry"], feature["geometry"]);
    // The days on which it stands.
    for (query, count) in [
        ("datetime=2026-11-20", 1),
        ("datetime=2026-11-20T10:00:00%2B08:00", 1),
        ("datetime=2020-01-01", 0),
        ("datetime=2026-11-20&bbox=0,0,1,1", 0),
    ] {
        let page = anybody
            .get(&format!("{path}?code={wanted}&{query}"))
            .expect(200);
        assert_eq!(page["numberMatched"], count, "{query}");
    }
    assert_eq!(
        anybody
            .get(&format!("{path}/{wanted}?datetime=2020-01-01"))
            .status,
        404
    );
    assert_eq!(anybody.get(&format!("{path}/510116999999999")).status, 404);
    assert_eq!(
        anybody.get("/ogc/collections/grids-micro/items").status,
        404
    );
    boxes(cast, path);
    let tile = anybody.get("/ogc/tiles/divisions/6/50/26");
    assert_eq!(
        values(&features(&tile, "divisions"), "code"),
        texts(&["51", "5101", "510116", "5133", "513322"])
    );
    let set = anybody.get("/ogc/tiles/divisions").expect(200);
    assert!(says(&set));
    assert_eq!(
        set["tiles"][0],
        format!("{base}/ogc/tiles/divisions/{{z}}/{{x}}/{{y}}")
    );
    for (query, name) in [
        ("bbox=1,2,3", "?bbox"),
        ("datetime=2026-11-20/..", "?datetime"),
        ("limit=0", "?limit"),
        ("limit=10001", "?limit"),
        ("after=%C2%A7", "?after"),
        ("code=a-b", "?code"),
        ("worker=1", "?worker"),
    ] {
        let answer = anybody.get(&format!("{path}?{query}"));
        let body = answer.json();
        assert_eq!(
            (answer.status, &body["code"]),
            (400, &json!("bad_query")),
            "{query}"
        );
        assert_eq!(body["errors"][0]["pointer"], name, "{query}");
    }
    // Held answers are not sent again.
    let held = anybody.get(path);
    let tag = held.header("etag").expect("a tag");
    assert_eq!(
        anybody
            .send("GET", path, &[("if-none-match", tag)], None)
            .status,
        304
    );
}

/// A box gives what has a point in common with it, and nothing that only its own box has.
fn boxes(cast: &Cast, path: &str) {
    let (place, today) = (cast.node.node.place(), cast.node.node.now().local_day());
    let anybody = cast.node.anonymous();
    for (code, at) in grids_of(cast, COMMUNITY) {
        let (lon, lat) = (at.lon(), at.lat());
        let found = anybody
            .get(&format!("{path}?bbox={lon},{lat},{lon},{lat}"))
            .expect(200);
        let covering: Vec<String> = place
            .grids
            .list(Layer::Base, today, None)
            .filter(|grid| grid.shape().covers(at))
            .map(|grid| grid.code().to_owned())
            .collect();
        assert_eq!(
            codes(found["features"].as_array().expect("features")),
            covering
        );
        assert!(covering.contains(&code));
    }
    let around = "bbox=-180,-90,180,90&limit=1000";
    let whole = anybody.get(&format!("{path}?{around}")).expect(200);
    assert_eq!(
        whole["numberMatched"],
        place.grids.list(Layer::Base, today, None).count()
    );
    let over_the_edge = anybody
        .get(&format!("{path}?bbox=170,-90,104,90"))
        .expect(200);
    let west_of = place
        .grids
        .list(Layer::Base, today, None)
        .filter(|grid| grid.bounds().west <= 1_040_000_000)
        .count();
    assert_eq!(over_the_edge["numberMatched"], west_of);
}

/// Strangers are counted by address; who is signed in is known.
fn strangers_are_counted(cast: &Cast) {
    let anybody = cast.node.anonymous();
    let here = "127.0.0.1".parse().expect("an address");
    while cast.node.node.map_try(here).is_ok() {}
    for path in [
        "/ogc/tiles/divisions/6/50/26",
        "/ogc/collections/grids-base/items",
    ] {
        let answer = anybody.get(path);
        assert_eq!(answer.status, 429, "{path}");
        assert!(answer.header("retry-after").is_some());
        assert_ne!(cast.person("officer-hlx").get(path).status, 429);
    }
    assert_eq!(
        anybody.get("/ogc").status,
        200,
        "the landing page tells nothing of the land"
    );
    cast.node.clock.advance(301);
    assert_ne!(anybody.get("/ogc/tiles/divisions/6/50/26").status, 429);
}

fn public_layers(engine: Engine) {
    let cast = cast_with_land(engine);
    layers_are_off(&cast);
    set_rules(&cast, rules_with("map_review_number", REVIEW));
    layers_are_on(&cast);
    gdal_reads(&cast);
    strangers_are_counted(&cast);
    set_rules(&cast, rules());
    layers_are_off(&cast);
    cast.node.check();
}

#[test]
fn public_layers_are_off_until_the_review_number_is_set_sqlite() {
    public_layers(Engine::Sqlite);
}

#[test]
fn public_layers_are_off_until_the_review_number_is_set_postgres() {
    public_layers(Engine::Postgres);
}

/// Runs one of GDAL's programs; a warning is a failure.
fn gdal(program: &str, arguments: &[&str]) -> String {
    let run = Command::new(program)
        .args(arguments)
        .env("NO_PROXY", "*")
        .output()
        .unwrap_or_else(|error| {
            panic!("{program} cannot be run ({error}): install GDAL (Debian, Ubuntu: apt-get install gdal-bin)")
        });
    let warned = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(
        run.status.success() && warned.is_empty(),
        "{program} {arguments:?}: {warned}"
    );
    String::from_utf8(run.stdout).expect("UTF-8")
}

/// What GDAL makes of a source: area in square metres by code. Of tiles the pieces add up.
fn areas(source: &str, layer: &str, options: &[&str]) -> BTreeMap<String, f64> {
    let mut arguments = vec!["-f", "GeoJSON", "-t_srs", "EPSG:4326"];
    arguments.extend(["-lco", "COORDINATE_PRECISION=9", "/vsistdout/"]);
    arguments.extend([source, layer]);
    arguments.extend(options);
    let json: Value = serde_json::from_str(&gdal("ogr2ogr", &arguments)).expect("JSON");
    let mut areas = BTreeMap::new();
    for feature in json["features"].as_array().expect("features") {
        let code = feature["properties"]["code"].as_str().expect("a code");
        *areas.entry(code.to_owned()).or_default() += shape(&feature["geometry"]).area_m2();
    }
    areas
}

fn shape(geometry: &Value) -> Shape {
    let ring = |ring: &Value| -> Vec<Point> {
        let points = ring.as_array().expect("a ring").iter();
        points
            .map(|at| {
                point((
                    at[0].as_f64().expect("a longitude"),
                    at[1].as_f64().expect("a latitude"),
                ))
            })
            .collect()
    };
    let polygon = |rings: &Value| {
        let mut rings = rings.as_array().expect("rings").iter().map(ring);
        Polygon {
            outer: rings.next().expect("an outer ring"),
            holes: rings.collect(),
        }
    };
    let coordinates = &geometry["coordinates"];
    let polygons: Vec<Polygon> = match geometry["type"].as_str() {
        Some("Polygon") => vec![polygon(coordinates)],
        _ => coordinates
            .as_array()
            .expect("polygons")
            .iter()
            .map(polygon)
            .collect(),
    };
    Shape::new(polygons).expect("a shape")
}

/// GDAL reads the features page by page, and the tiles from the same addresses that a map page asks.
fn gdal_reads(cast: &Cast) {
    let (base, place) = (cast.node.base.as_str(), cast.node.node.place());
    let today = cast.node.node.now().local_day();
    let ours: BTreeMap<String, f64> = place
        .grids
        .list(Layer::Base, today, None)
        .map(|grid| (grid.code().to_owned(), grid.shape().area_m2()))
        .collect();
    let source = format!("OAPIF:{base}/ogc");
    let listed = gdal("ogrinfo", &["-ro", &source]);
    for layer in ["divisions-county", "grids-base", "grids-mobile"] {
        assert!(listed.contains(layer), "{listed}");
    }
    let told = gdal("ogrinfo", &["-ro", "-so", &source, "grids-base"]);
    assert!(
        told.contains(&format!("Feature Count: {}", ours.len())),
        "{told}"
    );
    for field in ["supervision_phone", "valid_from", "host_name"] {
        assert!(told.contains(field), "{told}");
    }
    let theirs = areas(&source, "grids-base", &["-oo", "PAGE_SIZE=10"]);
    same_areas(&ours, &theirs, 1e-9);
    let county = DivisionCode::parse("510116").expect("a code");
    let outline = place.outlines.of(&county).expect("an outline").shape();
    let counties = areas(&source, "divisions-county", &["-where", "code = '510116'"]);
    same_areas(
        &BTreeMap::from([("510116".to_owned(), outline.area_m2())]),
        &counties,
        1e-9,
    );
    gdal_reads_tiles(cast, &outline);
}

fn same_areas(ours: &BTreeMap<String, f64>, theirs: &BTreeMap<String, f64>, off: f64) {
    let keys = |areas: &BTreeMap<String, f64>| areas.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(ours), keys(theirs));
    for (code, ours) in ours {
        let theirs = theirs[code];
        assert!(
            (ours - theirs).abs() <= off * ours,
            "{code}: {ours} and {theirs}"
        );
    }
}

fn gdal_reads_tiles(cast: &Cast, outline: &Shape) {
    let base = cast.node.base.as_str();
    // A saved tile: GDAL takes the place from the folders.
    let folder = tempfile::tempdir().expect("a folder");
    let at = TileId::of(8, outline.inside()).expect("a tile");
    let saved = folder.path().join("8").join(at.x().to_string());
    std::fs::create_dir_all(&saved).expect("a folder");
    let file = saved.join(format!("{}.pbf", at.y()));
    let path = format!("/ogc/tiles/divisions/8/{}/{}.pbf", at.x(), at.y());
    std::fs::write(&file, cast.node.anonymous().get(&path).bytes).expect("a file");
    let name = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let told = gdal("ogrinfo", &["-ro", "-al", &format!("MVT:{}", name(&file))]);
    assert!(told.contains("双流区") && told.contains("510116"), "{told}");
    // All tiles of a zoom by their address, put together by GDAL.
    let tiles = format!("MVT:{base}/ogc/tiles/divisions/8");
    let metadata = format!("METADATA_FILE={base}/ogc/tiles/divisions");
    let drawn = areas(&tiles, "divisions", &["-oo", &metadata]);
    let whole = outline.area_m2();
    assert!(
        (drawn["510116"] - whole).abs() < 0.002 * whole,
        "{drawn:?}, {whole}"
    );
}
