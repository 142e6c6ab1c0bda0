//! Map files over HTTP: what goes out comes in again in every format, datums are told or guessed, problems come as a map, and what
//! is not sound is refused with its place and leaves nothing behind.

use jingwei_testkit::{Answer, COMMUNITY, Client, Engine, TOWN};
use serde_json::{Value, json};

use crate::cast::{Cast, STRANGER};

const FORMATS: [(&str, &str); 5] = [
    ("geojson", "application/geo+json"),
    ("csv", "text/csv"),
    ("shapefile", "application/zip"),
    ("geopackage", "application/geopackage+sqlite3"),
    ("kml", "application/vnd.google-earth.kml+xml"),
];

fn import(client: &Client, query: &str, kind: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/v1/imports/maps/grids{query}");
    client.send("POST", &path, &[("content-type", kind)], Some(bytes))
}

fn feature(properties: &Value, ring: &[[f64; 2]]) -> Value {
    json!({ "type": "Feature", "properties": properties, "geometry": { "type": "Polygon", "coordinates": [ring] } })
}

fn collection(features: &[Value]) -> Vec<u8> {
    json!({ "type": "FeatureCollection", "features": features })
        .to_string()
        .into_bytes()
}

/// A square of so many degrees.
fn square(west: f64, south: f64, size: f64) -> Vec<[f64; 2]> {
    vec![
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
}

fn codes(list: &Value) -> Vec<&str> {
    let items = list.as_array().into_iter().flatten();
    items
        .map(|item| item["code"].as_str().expect("a code"))
        .collect()
}

fn every_format(cast: &Cast) {
    let admin = cast.person("admin-sl");
    let export = |query: &str| {
        admin.send(
            "GET",
            &format!("/api/v1/exports/grids?division={TOWN}{query}"),
            &[],
            None,
        )
    };
    for (format, kind) in FORMATS {
        let file = export(&format!("&format={format}"));
        assert_eq!(file.status, 200, "{format}: {}", file.text);
        assert!(
            file.header("content-type")
                .is_some_and(|given| given.starts_with(kind)),
            "{format}"
        );
        assert!(
            file.header("content-disposition")
                .is_some_and(|name| name.contains("grids-base-510116111-20261120")),
            "{format}"
        );
        let report = import(&admin, "?dry_run=true&datum=WGS84", kind, &file.bytes).expect(200);
        assert!(
            report["features"].as_u64().is_some_and(|n| n >= 20),
            "{format}: {report}"
        );
        assert_eq!(
            (&report["new"], &report["changed"]),
            (&json!(0), &json!(0)),
            "{format}: what went out is what is there"
        );
        assert_eq!(report["change"]["problems"], json!([]), "{format}");
        // By its first bytes alone.
        import(
            &admin,
            "?dry_run=true&datum=WGS84",
            "application/octet-stream",
            &file.bytes,
        )
        .expect(200);
    }
    // A CSV does not say its datum: it is told apart by the grids that are there, with a warning.
    for datum in ["GCJ-02", "BD-09"] {
        let file = export(&format!("&format=csv&datum={datum}"));
        let report = import(&admin, "?dry_run=true", "text/csv", &file.bytes).expect(200);
        assert_eq!(report["datum"], datum);
        assert!(
            codes(&report["notes"]).contains(&"datum_guessed"),
            "{report}"
        );
    }
    let file = export("&format=geopackage&datum=CGCS2000");
    let report = import(
        &admin,
        "?dry_run=true",
        "application/geopackage+sqlite3",
        &file.bytes,
    )
    .expect(200);
    assert_eq!(
        (&report["datum"], &report["notes"]),
        (&json!("CGCS2000"), &json!([])),
        "a GeoPackage says its datum"
    );
}

fn problems_come_as_a_map(cast: &Cast) {
    let admin = cast.person("admin-sl");
    let grids = cast.grids_of(COMMUNITY);
    let (code, bounds) = (&grids[0]["grid"]["code"], &grids[0]["grid"]["bounds"]);
    let (west, south) = (
        bounds[0].as_f64().expect("degrees"),
        bounds[1].as_f64().expect("degrees"),
    );
    // Moved to the south-west it leaves a gap behind and lies over its neighbours or outside.
    let moved = collection(&[feature(
        &json!({ "code": code }),
        &square(west - 0.002, south - 0.002, 0.01),
    )]);
    let report = import(
        &admin,
        "?dry_run=true&datum=WGS84",
        "application/geo+json",
        &moved,
    )
    .expect(200);
    assert_eq!(
        (&report["changed"], &report["change"]["from"]),
        (&json!(1), &json!("2026-11-21")),
        "a border moves from tomorrow"
    );
    let problems = report["change"]["problems"]
        .as_array()
        .expect("problems")
        .clone();
    let kinds: Vec<&str> = problems
        .iter()
        .map(|problem| problem["kind"].as_str().expect("a kind"))
        .collect();
    assert!(kinds.contains(&"gap"), "{kinds:?}");
    for problem in &problems {
        assert_eq!(problem["shape"]["type"], "MultiPolygon");
        assert!(problem["area_m2"].as_f64().is_some_and(|area| area > 0.0));
        assert!(
            problem["text_zh"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }
    let before = admin
        .get(&format!("/api/v1/grids/{}", code.as_str().expect("a code")))
        .expect(200);
    assert_eq!(
        before["versions"].as_array().map(Vec::len),
        Some(1),
        "a dry run changes nothing"
    );
    // Carried out the same problems are found by the quality of the community on that day, and not today.
    import(&admin, "?datum=WGS84", "application/geo+json", &moved).expect(200);
    let quality = |day: &str| {
        admin
            .get(&format!(
                "/api/v1/divisions/{COMMUNITY}/grid-quality?day={day}"
            ))
            .expect(200)
    };
    assert_eq!(quality("2026-11-20")["problems"], json!([]));
    assert!(
        !quality("2026-11-21")["problems"]
            .as_array()
            .expect("problems")
            .is_empty()
    );
}

fn what_is_not_sound(cast: &Cast) {
    let admin = cast.person("admin-sl");
    let sequence = cast.node.node.sequence();
    let host = json!({ "host": COMMUNITY, "layer": "dedicated", "name": "学校" });
    let bow = [
        [103.97, 30.32],
        [103.98, 30.33],
        [103.98, 30.32],
        [103.97, 30.33],
        [103.97, 30.32],
    ];
    let swapped: Vec<[f64; 2]> = square(103.97, 30.32, 0.01)
        .into_iter()
        .map(|[lon, lat]| [lat, lon])
        .collect();
    for (what, file, code) in [
        ("a bow tie", collection(&[feature(&host, &bow)]), "self-crossing"),
        ("axes the other way round", collection(&[feature(&host, &swapped)]), "axes_reversed"),
        ("no community", collection(&[feature(&json!({ "name": "学校" }), &square(80.0, 40.0, 0.01))]), "required"),
        ("no grid code", collection(&[feature(&json!({ "code": "学校", "host": COMMUNITY }), &square(103.97, 30.32, 0.01))]), "not_understood"),
        ("a code of another community", collection(&[feature(&json!({ "code": "510116112001001", "host": COMMUNITY }), &square(103.97, 30.32, 0.01))]), "wrong_code"),
        ("a point", json!({ "type": "FeatureCollection", "features": [{ "type": "Feature", "properties": host, "geometry": { "type": "Point", "coordinates": [103.97, 30.32] } }] }).to_string().into_bytes(), "no_polygon"),
        ("nothing", collection(&[]), "empty"),
        ("half a file", b"{\"type\":\"FeatureCollection\",\"features\":[".to_vec(), "broken"),
        ("no map", b"\x89PNG\r\n\x1a\n".to_vec(), "unknown_format"),
    ] {
        let answer = import(&admin, "?datum=WGS84", "application/octet-stream", &file);
        assert_eq!(answer.status, 422, "{what}: {}", answer.text);
        let found = answer.json();
        assert!(codes(&found["errors"]).contains(&code), "{what}: {found}");
        let said = |fault: &Value, key: &str| fault[key].as_str().is_some_and(|text| !text.is_empty());
        assert!(found["errors"].as_array().expect("faults").iter().all(|fault| said(fault, "zh") && said(fault, "en")), "{what}: in both languages");
    }
    assert_eq!(
        cast.node.node.sequence(),
        sequence,
        "nothing is left behind"
    );
    // Mended when asked for, and told.
    let mended = import(
        &admin,
        "?datum=WGS84&repair=true&dry_run=true",
        "application/geo+json",
        &collection(&[feature(&host, &bow)]),
    )
    .expect(200);
    assert!(codes(&mended["notes"]).contains(&"mended"), "{mended}");
    // A ring the wrong way round is turned, and told.
    let mut turned = square(103.97, 30.32, 0.001);
    turned.reverse();
    let report = import(
        &admin,
        "?datum=WGS84&dry_run=true",
        "application/geo+json",
        &collection(&[feature(&host, &turned)]),
    )
    .expect(200);
    assert!(codes(&report["notes"]).contains(&"turned"), "{report}");
    // Columns that are not known are named, not guessed.
    let strange = json!({ "host": COMMUNITY, "layer": "dedicated", "民族": "x" });
    let report = import(
        &admin,
        "?datum=WGS84&dry_run=true",
        "application/geo+json",
        &collection(&[feature(&strange, &square(103.97, 30.32, 0.001))]),
    )
    .expect(200);
    assert!(
        codes(&report["notes"]).contains(&"unknown_column"),
        "{report}"
    );
    let typed = import(&admin, "", "application/xml", &collection(&[]));
    assert_eq!(typed.status, 415);
}

fn who_may(cast: &Cast) {
    let file = |host: &str| {
        collection(&[feature(
            &json!({ "host": host, "layer": "dedicated", "name": "市场" }),
            &square(103.97, 30.32, 0.001),
        )])
    };
    let (own, other) = (file(COMMUNITY), file("513322100001"));
    for (who, file) in [
        ("officer-hlx", &own),
        ("grid-hl1", &own),
        ("admin-sl", &other),
    ] {
        let answer = import(
            &cast.person(who),
            "?datum=WGS84",
            "application/geo+json",
            file,
        );
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (403, &json!("forbidden")),
            "{who}: {}",
            answer.text
        );
    }
    // Under one key it is done once; the key with another file is refused.
    let admin = cast.person("admin-sl");
    let send = |file: &[u8]| {
        let headers = [
            ("content-type", "application/geo+json"),
            ("idempotency-key", "import-1"),
        ];
        admin.send(
            "POST",
            "/api/v1/imports/maps/grids?datum=WGS84",
            &headers,
            Some(file),
        )
    };
    let (first, again) = (send(&own).expect(200), send(&own).expect(200));
    assert_eq!(first, again);
    assert_eq!(first["change"]["grids"].as_array().map(Vec::len), Some(1));
    let reused = send(&file("510116111002"));
    assert_eq!(
        (reused.status, &reused.json()["code"]),
        (409, &json!("key_reused"))
    );
}

/// A border takes no land that is not one's own to give, and no land of a day that has begun; only workers of grids are posted.
fn land_is_not_taken(cast: &Cast) {
    let admin = cast.person("admin-sl");
    let corner = |grid: &Value| {
        let degrees = |i: usize| grid["bounds"][i].as_f64().expect("degrees");
        (degrees(0), degrees(1))
    };
    let theirs = cast
        .person(STRANGER)
        .get("/api/v1/grids?limit=1")
        .expect(200);
    let ours = admin
        .get(&format!("/api/v1/grids?division={COMMUNITY}&limit=1"))
        .expect(200);
    let base = json!({ "host": COMMUNITY, "layer": "base", "name": "多画的网格" });
    let sequence = cast.node.node.sequence();
    for (of, from, code) in [
        (&theirs, "2026-11-21", "land_of_others"),
        (&ours, "2026-11-20", "too_early"),
    ] {
        let (west, south) = corner(&of["items"][0]);
        let file = collection(&[feature(&base, &square(west - 0.001, south - 0.001, 0.02))]);
        let answer = import(
            &admin,
            &format!("?datum=WGS84&from={from}"),
            "application/geo+json",
            &file,
        );
        assert_eq!(answer.status, 422, "{code}: {}", answer.text);
        let found = answer.json();
        assert!(codes(&found["errors"]).contains(&code), "{code}: {found}");
    }
    for worker in ["officer-hlx", "gas-ld", "nobody"] {
        let posted =
            json!({ "host": COMMUNITY, "layer": "dedicated", "name": "市场", "worker": worker });
        let file = collection(&[feature(&posted, &square(103.97, 30.32, 0.001))]);
        let answer = import(&admin, "?datum=WGS84", "application/geo+json", &file);
        assert_eq!(answer.status, 422, "{worker}: {}", answer.text);
        let found = answer.json();
        assert_eq!(found["errors"][0]["code"], "not_understood", "{worker}");
    }
    assert_eq!(
        cast.node.node.sequence(),
        sequence,
        "nothing is left behind"
    );
}

fn map_files(engine: Engine) {
    let cast = Cast::new(engine);
    cast.land();
    every_format(&cast);
    what_is_not_sound(&cast);
    who_may(&cast);
    land_is_not_taken(&cast);
    problems_come_as_a_map(&cast);
    cast.node.check();
}

#[test]
fn map_files_sqlite() {
    map_files(Engine::Sqlite);
}

#[test]
fn map_files_postgres() {
    map_files(Engine::Postgres);
}

/// What is near a point, and what an address means, within one's own sight.
#[test]
fn places_and_neighbours() {
    let cast = Cast::new(Engine::Sqlite);
    cast.land();
    let places = "code,name,aliases,kind,division,lon,lat\nP-BRIDGE,古镇大桥,大桥,bridge,510116111001,103.9712,30.3215\n";
    let admin = cast.person("admin-sl");
    let answer = admin.send(
        "POST",
        "/api/v1/imports/places",
        &[("content-type", "text/csv")],
        Some(places.as_bytes()),
    );
    assert_eq!(answer.status, 200, "{}", answer.text);
    let found = cast.person("officer-hlx").get("/api/v1/places?q=%E9%BB%84%E9%BE%99%E6%BA%AA%E9%95%87%E5%8F%A4%E9%95%87%E5%A4%A7%E6%A1%A5%E4%B8%9C%E4%BE%A7").expect(200);
    let first = &found["items"][0];
    assert_eq!(
        (&first["what"], &first["name"], &first["rest"]),
        (&json!("place"), &json!("古镇大桥"), &json!("东侧")),
        "{found}"
    );
    assert!(
        first["grid"]
            .as_str()
            .is_some_and(|grid| grid.starts_with("510116")),
        "{first}"
    );
    let near = |who: &'static str| {
        cast.person(who)
            .get("/api/v1/places/near?lon=103.9712&lat=30.3215&metres=3000")
            .expect(200)
    };
    let (officer, stranger) = (near("officer-hlx"), near("officer-ld"));
    let units = officer["units"].as_array().expect("units").clone();
    assert!(
        units.len() >= 3
            && units
                .windows(2)
                .all(|pair| pair[0]["metres"].as_u64() <= pair[1]["metres"].as_u64()),
        "nearest first"
    );
    assert_eq!(officer["grids"][0]["metres"], 0, "the point lies in it");
    assert!(
        !officer["workers"].as_array().expect("workers").is_empty(),
        "the town sees its workers on duty"
    );
    assert_eq!(
        stranger["workers"],
        json!([]),
        "another county does not see them by name"
    );
}
