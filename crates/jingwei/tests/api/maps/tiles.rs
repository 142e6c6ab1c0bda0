//! Tiles hold what one may see, are kept until something changes, and take few statements.

use std::collections::BTreeSet;

use jingwei_core::access::Principal;
use jingwei_core::grids::Layer;
use jingwei_engine::maps::{Reach, TileId, TileSet};
use jingwei_testkit::{COMMUNITY, Client, Engine, OTHER_COUNTY_TOWN, TOWN};
use serde_json::{Value, json};

use super::mvt::Feature;
use super::{PLACE, cast_with_land, features, grids_of, point, square, texts, values};
use crate::cast::{At, Cast, STRANGER};

fn tile(client: &Client, path: &str, layer: &str) -> Vec<Feature> {
    features(&client.get(&format!("/api/v1/tiles/{path}")), layer)
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
