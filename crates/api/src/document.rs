//! The OpenAPI 3.1 document, made from the list of operations.
//!
//! Must not know a single operation.

use utoipa::openapi::path::{PathItem, PathsBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

use crate::routes;
use crate::sessions::COOKIE_NAME;

const ABOUT: &str = "一案从上报到结案的接口。时间一律为 UTC（RFC 3339，毫秒）；编号一律为 UUID，由发送方生成的用第 7 版。\
拒绝一律为 application/problem+json，中英文都有。用 Cookie 登录的，每次改动都要带 X-CSRF-Token。每个答复都有 X-Request-Id 和 Jingwei-Sequence。\
\n\n\
The API of one case from report to closing. Instants are UTC (RFC 3339 with milliseconds); ids are UUIDs, version 7 when made by the \
sender. Refusals are application/problem+json in both languages. Who signs in by cookie sends X-CSRF-Token with every change. Every \
answer has X-Request-Id and Jingwei-Sequence.";

/// The document of the whole API, version 1.
pub fn openapi() -> OpenApi {
    let mut components = ComponentsBuilder::new()
        .security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some("登录所得的令牌 · The token given at sign-in"))
                    .build(),
            ),
        )
        .security_scheme(
            "cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                COOKIE_NAME,
                "登录所得的 Cookie；改动还要带 X-CSRF-Token · The cookie given at sign-in; changes need X-CSRF-Token too",
            ))),
        );
    let mut paths = PathsBuilder::new();
    for operation in routes::all() {
        paths = paths.path(
            operation.path,
            PathItem::new(operation.method.clone(), operation.document()),
        );
        for (name, schema) in operation.schemas {
            components = components.schema(name, schema);
        }
    }
    let tags = routes::GROUPS.iter().map(|(name, text)| {
        TagBuilder::new()
            .name(*name)
            .description(Some(*text))
            .build()
    });
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("经纬 · Jingwei")
                .version("1.0.0")
                .description(Some(ABOUT))
                .license(Some(
                    LicenseBuilder::new()
                        .name("Apache-2.0")
                        .identifier(Some("Apache-2.0"))
                        .build(),
                ))
                .build(),
        )
        .paths(paths.build())
        .components(Some(components.build()))
        .tags(Some(tags))
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    fn document() -> Value {
        serde_json::to_value(openapi()).expect("JSON")
    }

    fn operations(document: &Value) -> Vec<(String, String, Value)> {
        let paths = document["paths"].as_object().expect("paths");
        let all = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().expect("an item");
            item.iter()
                .map(|(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
        });
        all.collect()
    }

    #[test]
    fn what_is_routed_is_documented_and_the_reverse() {
        let method = |m: &utoipa::openapi::path::HttpMethod| {
            serde_json::to_value(m)
                .expect("a word")
                .as_str()
                .expect("a word")
                .to_uppercase()
        };
        let routed: BTreeSet<_> = routes::all()
            .iter()
            .map(|o| format!("{} {}", method(&o.method), o.path))
            .collect();
        assert_eq!(
            routed.len(),
            routes::all().len(),
            "an operation is there twice"
        );
        let document = document();
        let documented: BTreeSet<_> = operations(&document)
            .iter()
            .map(|(m, p, _)| format!("{m} {p}"))
            .collect();
        assert_eq!(routed, documented);
    }

    #[test]
    fn every_operation_says_who_may_ask_and_what_it_is_in_both_languages() {
        let document = document();
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations(&document) {
            let access = operation["x-access"].as_str().unwrap_or_default();
            assert!(
                ["public", "session", "scoped-thing", "scoped-list"].contains(&access),
                "{method} {path}"
            );
            let (zh, en) = operation["summary"]
                .as_str()
                .and_then(|s| s.split_once(" · "))
                .expect("two languages");
            assert!(
                !zh.is_ascii() && en.is_ascii() && !en.is_empty(),
                "{method} {path}"
            );
            assert!(
                ids.insert(operation["operationId"].as_str().expect("an id").to_owned()),
                "{method} {path}"
            );
            let tag = operation["tags"][0].as_str().expect("a group");
            assert!(routes::GROUPS.iter().any(|(name, _)| *name == tag), "{tag}");
            let named: BTreeSet<_> = path
                .split('/')
                .filter_map(|p| p.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let given: BTreeSet<_> = parameters
                .iter()
                .filter(|p| p["in"] == "path")
                .filter_map(|p| p["name"].as_str())
                .collect();
            assert_eq!(named, given, "{method} {path}");
            assert_eq!(
                operation["security"].is_array(),
                access != "public",
                "{method} {path}"
            );
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references(value: &Value, found: &mut BTreeSet<String>) {
            match value {
                Value::Object(map) => {
                    if let Some(Value::String(reference)) = map.get("$ref") {
                        found.insert(reference.clone());
                    }
                    map.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("within the document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        assert_eq!(document["openapi"], "3.1.0");
    }

    /// The document in `docs/` is what this program serves. `JINGWEI_UPDATE_OPENAPI=1` writes it anew.
    #[test]
    fn the_document_in_docs_is_the_one_served() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let document = document();
        if std::env::var_os("JINGWEI_UPDATE_OPENAPI").is_some() {
            let text = serde_json::to_string_pretty(&document).expect("JSON");
            std::fs::write(&path, text + "\n").expect("docs can be written");
        }
        let text = std::fs::read_to_string(&path).expect("docs/openapi.json is there");
        let kept: Value = serde_json::from_str(&text).expect("JSON");
        assert!(
            kept == document,
            "docs/openapi.json is not what is served: run the test with JINGWEI_UPDATE_OPENAPI=1 and look at the difference"
        );
    }
}
