//! The public layers as OGC API - Features: off until the review number is set, then the same for everybody.

use std::collections::BTreeSet;

use jingwei_core::grids::Layer;
use jingwei_testkit::{COMMUNITY, Client, Engine, TOWN, rules, rules_with};
use serde_json::{Value, json};

use super::gdal::{gdal, gdal_reads};
use super::{cast_with_land, features, grids_of, set_rules, texts, values};
use crate::cast::{Cast, REVIEW, STRANGER};

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
        std::slice::from_ref(wanted)
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
