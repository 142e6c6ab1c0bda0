//! The one list of what is routed. Router and document are both made from it.

use std::convert::Infallible;

use axum::Extension;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tower_http::compression::CompressionLayer;

use crate::extract::{MOST_BODY, MostBody};
use crate::operation::Operation;
use crate::state::ApiState;
use crate::{
    cases, directory, feed, figures, grids, guard, imports, maps, mediation, meta, notices, pages,
    places, residents, sessions, shell, suggestions, whistles,
};

/// Beginning of the paths of imports and exports, which may take longer than anything else.
pub(crate) const LONG: [&str; 2] = ["/api/v1/imports/", "/api/v1/exports/"];
/// Paths that are answered however busy the node is.
pub(crate) const SIGNS_OF_LIFE: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Groups of the document with what they are about (`中文 · English`).
pub(crate) const GROUPS: [(&str, &str); 15] = [
    ("sessions", "登录 · Signing in"),
    ("cases", "案件 · Cases"),
    ("orders", "派单 · Orders"),
    ("whistles", "吹哨报到 · Whistles"),
    ("mediations", "调解 · Mediations"),
    ("residents", "居民上报 · Residents' reports"),
    ("directory", "区划、单位、类别 · Divisions, units, classes"),
    ("grids", "网格 · Grids"),
    ("places", "地方 · Places"),
    ("figures", "数字 · Figures"),
    ("maps", "地图 · Maps"),
    ("feed", "实时动态 · The live feed"),
    ("imports", "导入 · Imports"),
    ("meta", "接口说明 · About this API"),
    ("operation", "运行 · Running"),
];

/// Every operation.
pub(crate) fn all() -> Vec<Operation> {
    let rooms = [
        sessions::operations(),
        cases::operations(),
        whistles::operations(),
        mediation::operations(),
        residents::operations(),
        suggestions::operations(),
        directory::operations(),
        grids::operations(),
        places::operations(),
        figures::operations(),
        maps::operations(),
        feed::operations(),
        imports::operations(),
        notices::operations(),
        meta::operations(),
    ];
    rooms.into_iter().flatten().collect()
}

/// The router of everything this program serves.
pub fn router(state: ApiState) -> Router {
    all()
        .into_iter()
        .map(|mut operation| {
            if let Some(most) = operation.most_body {
                operation.handler = operation
                    .handler
                    .layer::<_, Infallible>(DefaultBodyLimit::max(most))
                    .layer::<_, Infallible>(Extension(MostBody(most)));
            }
            operation
        })
        .fold(Router::new(), |router, operation| operation.route(router))
        .fallback(pages::other)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(from_fn_with_state(state.clone(), shell::shell))
        .layer(CompressionLayer::new().gzip(true))
        .with_state(state)
}
