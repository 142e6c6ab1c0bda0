//! The page built into the program: `web/dist` as it was when the program was built.
//!
//! Must not read the disk. Unknown paths are 404: the page keeps its own places behind `#`, so no path stands for it but `/`.

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::etag::tag;
use crate::problem::{Problem, Spoken};

/// What vite made.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// `GET /`
pub(crate) async fn page(headers: HeaderMap) -> Response {
    file("index.html", &headers).unwrap_or_else(missing)
}

/// Files of the page, and 404 for everything that is none.
pub(crate) async fn other(request: Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path().trim_start_matches('/');
    file(path, request.headers())
        .filter(|_| reads)
        .unwrap_or_else(|| Problem::not_found().into_response())
}

fn missing() -> Response {
    let text = "The page was not built into this program: run \"make web\", then build again.\n\
        本程序没有带上页面：请先运行“make web”，再重新构建。\n";
    let mut response = (
        StatusCode::SERVICE_UNAVAILABLE,
        [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (RETRY_AFTER, "60"),
        ],
        text,
    )
        .into_response();
    response.extensions_mut().insert(Spoken);
    response
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let file = Dist::get(path)?;
    let tag = tag(&file.data);
    let known = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|held| held.as_bytes().ends_with(tag.as_bytes()));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_response()
    };
    // Names below assets/ carry a hash of what is in them: they never change.
    let keep = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let answer = response.headers_mut();
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(ETAG, tag);
    }
    if known {
        answer.remove(CONTENT_TYPE);
    } else {
        answer.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    }
    Some(response)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "webmanifest" => "application/json",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_types_and_only_hashed_ones_are_kept_for_ever() {
        for path in Dist::iter() {
            let response = file(&path, &HeaderMap::new()).expect("a file");
            assert_ne!(
                response.headers()[CONTENT_TYPE],
                "application/octet-stream",
                "{path}"
            );
            let keep = response.headers()[CACHE_CONTROL]
                .to_str()
                .expect("text")
                .to_owned();
            assert_eq!(
                keep.contains("immutable"),
                path.starts_with("assets/"),
                "{path}"
            );
            let held = HeaderMap::from_iter([(IF_NONE_MATCH, response.headers()[ETAG].clone())]);
            assert_eq!(file(&path, &held).expect("a file").status(), 304);
        }
        assert!(file("../Cargo.toml", &HeaderMap::new()).is_none());
        assert!(file("", &HeaderMap::new()).is_none());
    }

    #[test]
    fn a_program_without_the_page_says_what_to_do() {
        let response = missing();
        assert_eq!(response.status(), 503);
        assert!(response.extensions().get::<Spoken>().is_some());
    }
}
