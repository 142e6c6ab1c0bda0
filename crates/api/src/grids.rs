//! Grids (网格): lists, one grid with its history, acts on borders, quality, the grid of a point, map files in and out.
//!
//! Must not decide: a handler says which act with which body, the engine does the rest.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jingwei_core::code::DivisionCode;
use jingwei_core::grids::Layer;
use jingwei_core::place::Datum;
use jingwei_core::time::Day;
use jingwei_engine::EngineError;
use jingwei_engine::grids::{
    DescribeBody, DrawBody, ExportQuery, Format, GridAnswer, GridDetail, GridFigures, GridPage,
    GridQuery, JoinBody, MapImportOptions, MapImportReport, MoveBody, PointsBody, PointsView,
    QualityView, SplitBody, WithdrawBody,
};
use serde::Serialize;

use crate::etag::{Conditions, json};
use crate::extract::{MapFile, Plain, Query, Sent, Signed, Word};
use crate::operation::{Access, Operation};
use crate::problem::Problem;
use crate::shell::SEQUENCE;
use crate::state::ApiState;

const GROUP: &str = "grids";
const CODE: &str = "网格编号 · Code of the grid";
const CODE_FORM: &str = "^[0-9A-Z]{7,24}$";
const ADMINISTRATOR: &[&str] = &["administrator"];
const LAYERS: [&str; 4] = ["base", "dedicated", "micro", "mobile"];
const DATUMS: [&str; 4] = ["WGS84", "CGCS2000", "GCJ-02", "BD-09"];
const FORMATS: [&str; 5] = ["geojson", "csv", "shapefile", "geopackage", "kml"];
const LAYER: &str = "网格层，默认 base · Layer of grids, base when not said";
const DAY: &str = "哪一天（2026-11-20），默认今天 · The day, today when not said";
const DRY_RUN: &str = "只检查，不改动 · Check only";
const DATUM: &str = "坐标系，默认 WGS84 · Datum of the positions, WGS84 when not said";
/// Most bytes of a map file over HTTP.
const MOST_MAP: usize = 64 * 1024 * 1024;
/// Most bytes of borders or points in one body.
const MOST_BORDERS: usize = 2 * 1024 * 1024;

/// The operations of this room.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = reads();
    all.extend(acts());
    all.extend(files());
    all
}

fn reads() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/grids", "grids", list)
            .told(GROUP, Access::ScopedList, "我看得到的网格，按编号 · Grids I may see, by code")
            .query_choice("layer", LAYER, &LAYERS)
            .query("division", "只看这个区划里的 · Only those in this division", false)
            .query("day", DAY, false)
            .query("after", "上一页的 next · `next` of the page before", false)
            .query_number("limit", "每页个数，默认 50 · Grids per page, 50 when not said", 1, 500)
            .answers::<GridPage>(200, "一页 · A page")
            .fresh(),
        Operation::get("/api/v1/grids/{code}", "grid", grid)
            .told(GROUP, Access::ScopedThing, "一个网格的边界和历次变更 · One grid with its border and history")
            .word("code", CODE, CODE_FORM)
            .answers::<GridDetail>(200, "网格 · The grid")
            .tagged(),
        Operation::get("/api/v1/grids/{code}/figures", "grid_figures", figures)
            .told(GROUP, Access::ScopedThing, "网格的案件数，边界变更的日子有标记 · Cases of a grid; days on which its border changed are marked")
            .word("code", CODE, CODE_FORM)
            .query("from", "首日，默认 30 天前 · First day, 30 days ago when not said", false)
            .query("to", "末日，默认今天 · Last day, today when not said", false)
            .answers::<GridFigures>(200, "数字 · The figures")
            .fresh(),
        Operation::get("/api/v1/divisions/{code}/grid-quality", "grid_quality", quality)
            .told(GROUP, Access::ScopedThing, "区划内网格的空白、重叠、碎缝和负担 · Gaps, overlaps, slivers and load of the grids of a division")
            .word("code", "区划代码 · Code of the division", "^[0-9]{2,12}$")
            .query_choice("layer", LAYER, &LAYERS)
            .query("day", DAY, false)
            .answers::<QualityView>(200, "检查结果 · What was found")
            .fresh(),
        Operation::post("/api/v1/grids/at", "grids_at", at)
            .told(GROUP, Access::Session, "坐标所在的网格，一次最多 10000 个点 · The grids of up to 10,000 points")
            .body::<PointsBody>(true)
            .large(MOST_BORDERS)
            .answers::<PointsView>(200, "各层网格 · Layer by layer"),
    ]
}

fn act<T: utoipa::ToSchema>(
    operation: Operation,
    summary: &'static str,
    access: Access,
) -> Operation {
    operation
        .told(GROUP, access, summary)
        .query_flag("dry_run", DRY_RUN)
        .command::<T>(true)
        .large(MOST_BORDERS)
        .roles(ADMINISTRATOR)
}

fn acts() -> Vec<Operation> {
    const CHANGED: &str =
        "变更结果，附空白、重叠、碎缝 · What it comes to, with gaps, overlaps and slivers";
    vec![
        act::<DrawBody>(Operation::post("/api/v1/grids", "draw_grid", draw), "划定网格 · Draw a grid", Access::Session)
            .answers::<GridAnswer>(200, CHANGED),
        act::<JoinBody>(Operation::post("/api/v1/grids/join", "join_grids", join), "合并网格，最早从明天起 · Join grids, from tomorrow at the earliest", Access::Session)
            .answers::<GridAnswer>(200, CHANGED),
        act::<MoveBody>(Operation::post("/api/v1/grids/move", "move_grids", moved), "调整网格边界，最早从明天起 · Move borders, from tomorrow at the earliest", Access::Session)
            .answers::<GridAnswer>(200, CHANGED),
        act::<SplitBody>(Operation::post("/api/v1/grids/{code}/split", "split_grid", split), "拆分网格，最早从明天起 · Split a grid, from tomorrow at the earliest", Access::ScopedThing)
            .word("code", CODE, CODE_FORM)
            .answers::<GridAnswer>(200, CHANGED),
        act::<DescribeBody>(Operation::post("/api/v1/grids/{code}/describe", "describe_grid", describe), "变更网格信息：名称、户数、公示的网格员和监督电话 · Say something else of a grid: name, households, posted worker and telephone", Access::ScopedThing)
            .word("code", CODE, CODE_FORM)
            .answers::<GridAnswer>(200, CHANGED),
        act::<WithdrawBody>(Operation::post("/api/v1/grids/{code}/withdraw", "withdraw_grid", withdraw), "撤销网格，最早从明天起 · Withdraw a grid, from tomorrow at the earliest", Access::ScopedThing)
            .word("code", CODE, CODE_FORM)
            .answers::<GridAnswer>(200, CHANGED),
    ]
}

fn files() -> Vec<Operation> {
    let import = |operation: Operation, summary| {
        operation
            .told("imports", Access::Session, summary)
            .about(
                "文件直接作为内容：GeoJSON、带 WKT 的 CSV、zip 打包的 Shapefile、GeoPackage、KML，最大 64 MiB；坐标系由你写明，否则取文件所写，再否则按已有的点推断并提示 · \
                 The file is the body: GeoJSON, CSV with WKT, zipped Shapefile, GeoPackage or KML, at most 64 MiB; its datum is what you say, else what the file declares, else guessed by what is known, with a warning",
            )
            .query_flag("dry_run", DRY_RUN)
            .query_choice("format", "文件格式，默认自动识别 · Format, found out when not said", &FORMATS)
            .query("file_layer", "文件中的图层名 · Layer of a file that has several", false)
            .query_choice("datum", "坐标系 · Datum of the file", &DATUMS)
            .query_flag("repair", "修补自相交的边界，不然拒收 · Mend borders that cross themselves instead of refusing them")
            .map_file(MOST_MAP)
            .roles(ADMINISTRATOR)
    };
    vec![
        import(Operation::post("/api/v1/imports/maps/grids", "import_grids", import_grids), "从地图文件导入网格：要么全部，要么一个不要 · Import grids from a map file: all or none")
            .query_choice("layer", LAYER, &LAYERS)
            .query("from", "首日，默认最早可行的一天 · First day, the earliest possible when not said", false)
            .query("snap_m", "角点对齐距离（米），默认 0.5，0 为不对齐，最大 10 · Metres over which corners are put on a neighbour's border: 0.5 when not said, 0 is off, 10 at most", false)
            .answers::<MapImportReport>(200, "结果，附问题地图 · The report with a map of problems"),
        import(Operation::post("/api/v1/imports/maps/outlines", "import_outlines", import_outlines), "从地图文件导入行政区划边界 · Import outlines of divisions from a map file")
            .query("source", "边界来源和使用限制 · Where the outlines come from, with their caution", true)
            .answers::<MapImportReport>(200, "结果 · The report"),
        Operation::get("/api/v1/exports/grids", "export_grids", export)
            .told(GROUP, Access::Session, "把我看得到的网格导出为地图文件 · The grids I may see as a map file")
            .query_choice("format", "文件格式，默认 geojson · Format, geojson when not said", &FORMATS)
            .query_choice("layer", LAYER, &LAYERS)
            .query("division", "只导出这个区划里的 · Only those in this division", false)
            .query("day", DAY, false)
            .query_choice("datum", DATUM, &DATUMS)
            .file_of(
                200,
                "地图文件 · The map file",
                &Format::ALL.map(|format| format.content_type().split(';').next().unwrap_or_default()),
            )
            .fresh(),
    ]
}

fn layer(query: &mut Query) -> Option<Layer> {
    query.word(
        "layer",
        Layer::parse,
        " base、dedicated、micro 或 mobile",
        "base, dedicated, micro or mobile",
    )
}

fn day(query: &mut Query, name: &str) -> Option<Day> {
    query.word(
        name,
        Day::parse,
        "日期，如 2026-11-20",
        "a day, such as 2026-11-20",
    )
}

fn datum(query: &mut Query) -> Option<Datum> {
    query.word(
        "datum",
        Datum::parse,
        " WGS84、CGCS2000、GCJ-02 或 BD-09",
        "WGS84, CGCS2000, GCJ-02 or BD-09",
    )
}

fn format(query: &mut Query) -> Option<Format> {
    query.word(
        "format",
        Format::parse,
        " geojson、csv、shapefile、geopackage 或 kml",
        "geojson, csv, shapefile, geopackage or kml",
    )
}

fn division(query: &mut Query) -> Option<String> {
    let code = query.word(
        "division",
        DivisionCode::parse,
        "区划代码 2、4、6、9 或 12 位",
        "a division code of 2, 4, 6, 9 or 12 digits",
    );
    code.map(|code| code.as_str().to_owned())
}

fn dry_run(query: &mut Query) -> Result<bool, Problem> {
    let dry_run = query.flag("dry_run").unwrap_or(false);
    query.finish()?;
    Ok(dry_run)
}

async fn list(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
) -> Result<Response, Problem> {
    let wanted = GridQuery {
        layer: layer(&mut query).unwrap_or(Layer::Base),
        division: division(&mut query),
        day: day(&mut query, "day"),
        after: query.text("after"),
        limit: usize::try_from(query.limit(500, 50)).unwrap_or(50),
    };
    query.finish()?;
    json(
        StatusCode::OK,
        &api.node().grids(signed.by(), &wanted).await?,
    )
}

async fn grid(
    State(api): State<ApiState>,
    signed: Signed,
    Word(code): Word,
    conditions: Conditions,
) -> Result<Response, Problem> {
    conditions.answer(&api.node().grid(signed.by(), &code).await?)
}

async fn figures(
    State(api): State<ApiState>,
    signed: Signed,
    Word(code): Word,
    mut query: Query,
) -> Result<Response, Problem> {
    let (from, to) = (day(&mut query, "from"), day(&mut query, "to"));
    query.finish()?;
    json(
        StatusCode::OK,
        &api.node()
            .grid_figures(signed.by(), &code, from, to)
            .await?,
    )
}

async fn quality(
    State(api): State<ApiState>,
    signed: Signed,
    Word(code): Word,
    mut query: Query,
) -> Result<Response, Problem> {
    let (layer, day) = (
        layer(&mut query).unwrap_or(Layer::Base),
        day(&mut query, "day"),
    );
    query.finish()?;
    json(
        StatusCode::OK,
        &api.node()
            .grid_quality(signed.by(), &code, layer, day)
            .await?,
    )
}

async fn at(
    State(api): State<ApiState>,
    signed: Signed,
    Plain(body): Plain<PointsBody>,
) -> Result<Response, Problem> {
    // Ten thousand points take some milliseconds: not on a thread that serves others.
    let (node, by) = (api.node_owned(), signed.by().clone());
    let found = tokio::task::spawn_blocking(move || node.grids_at(&by, &body)).await;
    json(StatusCode::OK, &found.map_err(|_| Problem::internal())??)
}

/// Carries a change out to its end, also when who asked has gone: what is held while it is decided, and what has to follow its
/// commit, must not hang on a line.
async fn carried_out<T: Send + 'static>(
    work: impl Future<Output = Result<T, EngineError>> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::spawn(work).await;
    Ok(done.map_err(|_| Problem::internal())??)
}

/// The answer to a change; who reads next may ask for at least its sequence.
fn changed<T: Serialize>(answer: &T, sequence: i64) -> Result<Response, Problem> {
    let mut response = json(StatusCode::OK, answer)?;
    response
        .headers_mut()
        .insert(SEQUENCE, HeaderValue::from(sequence));
    Ok(response)
}

async fn draw(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
    sent: Sent<DrawBody>,
) -> Result<Response, Problem> {
    let dry_run = dry_run(&mut query)?;
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move { node.draw_grid(&by, &sent.body, dry_run, sent.meta).await };
    let answer = carried_out(work).await?;
    changed(&answer, answer.sequence)
}

async fn join(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
    sent: Sent<JoinBody>,
) -> Result<Response, Problem> {
    let dry_run = dry_run(&mut query)?;
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move { node.join_grids(&by, &sent.body, dry_run, sent.meta).await };
    let answer = carried_out(work).await?;
    changed(&answer, answer.sequence)
}

async fn moved(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
    sent: Sent<MoveBody>,
) -> Result<Response, Problem> {
    let dry_run = dry_run(&mut query)?;
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move { node.move_grids(&by, &sent.body, dry_run, sent.meta).await };
    let answer = carried_out(work).await?;
    changed(&answer, answer.sequence)
}

async fn split(
    State(api): State<ApiState>,
    signed: Signed,
    Word(code): Word,
    mut query: Query,
    sent: Sent<SplitBody>,
) -> Result<Response, Problem> {
    let dry_run = dry_run(&mut query)?;
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move {
        node.split_grid(&by, &code, &sent.body, dry_run, sent.meta)
            .await
    };
    let answer = carried_out(work).await?;
    changed(&answer, answer.sequence)
}

async fn describe(
    State(api): State<ApiState>,
    signed: Signed,
    Word(code): Word,
    mut query: Query,
    sent: Sent<DescribeBody>,
) -> Result<Response, Problem> {
    let dry_run = dry_run(&mut query)?;
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move {
        node.describe_grid(&by, &code, &sent.body, dry_run, sent.meta)
            .await
    };
    let answer = carried_out(work).await?;
    changed(&answer, answer.sequence)
}

async fn withdraw(
    State(api): State<ApiState>,
    signed: Signed,
    Word(code): Word,
    mut query: Query,
    sent: Sent<WithdrawBody>,
) -> Result<Response, Problem> {
    let dry_run = dry_run(&mut query)?;
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move {
        node.withdraw_grid(&by, &code, &sent.body, dry_run, sent.meta)
            .await
    };
    let answer = carried_out(work).await?;
    changed(&answer, answer.sequence)
}

/// What the query of a map file says.
fn options(query: &mut Query) -> MapImportOptions {
    MapImportOptions {
        format: format(query),
        file_layer: query.text("file_layer"),
        datum: datum(query),
        repair: query.flag("repair").unwrap_or(false),
        dry_run: query.flag("dry_run").unwrap_or(false),
        ..MapImportOptions::default()
    }
}

async fn import_grids(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
    file: MapFile,
) -> Result<Response, Problem> {
    let mut options = options(&mut query);
    options.layer = layer(&mut query);
    options.from = day(&mut query, "from");
    options.snap_m = query.word(
        "snap_m",
        |text| {
            text.parse::<f64>()
                .ok()
                .filter(|m| (0.0..=10.0).contains(m))
        },
        " 0 至 10 的数",
        "a number from 0 to 10",
    );
    query.finish()?;
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move { node.import_grids(&by, file.bytes, options, file.meta).await };
    let report = carried_out(work).await?;
    changed(&report, report.sequence)
}

async fn import_outlines(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
    file: MapFile,
) -> Result<Response, Problem> {
    let mut options = options(&mut query);
    options.source = query.text("source");
    query.finish()?;
    let (node, by) = (api.node_owned(), signed.by().clone());
    let work = async move {
        node.import_outlines(&by, file.bytes, options, file.meta)
            .await
    };
    let report = carried_out(work).await?;
    changed(&report, report.sequence)
}

async fn export(
    State(api): State<ApiState>,
    signed: Signed,
    mut query: Query,
) -> Result<Response, Problem> {
    let wanted = ExportQuery {
        format: format(&mut query).unwrap_or(Format::GeoJson),
        layer: layer(&mut query).unwrap_or(Layer::Base),
        division: division(&mut query),
        day: day(&mut query, "day"),
        datum: datum(&mut query),
    };
    query.finish()?;
    let file = api.node().export_grids(Some(signed.by()), &wanted).await?;
    let mut response = Response::new(Body::from(file.bytes));
    let name = format!("attachment; filename=\"{}\"", file.name);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_str(&name).map_err(|_| Problem::internal())?,
    );
    Ok(response)
}
