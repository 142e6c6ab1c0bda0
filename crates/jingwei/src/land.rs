//! `jingwei import grids|outlines`, `jingwei generate grids`, `jingwei export grids`: map files in and out, and made-up land.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jingwei_core::grids::Layer;
use jingwei_engine::Node;
use jingwei_engine::clock::SystemClock;
use jingwei_engine::grids::{
    ExportQuery, Format, GenerateOptions as Wanted, Generated, MapImportOptions, MapImportReport,
    ProblemView,
};

use crate::cli::{self, ExportOptions, GenerateOptions, ImportOptions, TableName};
use crate::{data, open, serve};

/// Imports a map file.
pub(crate) fn import(options: &ImportOptions) -> Result<ExitCode> {
    let [path] = options.files.as_slice() else {
        bail!("一次导入一个地图文件 / one map file at a time");
    };
    let bytes = data::read_bytes(path)?;
    let map = &options.map;
    let wanted = MapImportOptions {
        format: of_ending(path),
        layer: map.layer,
        datum: map.datum,
        from: map.from,
        repair: map.repair,
        snap_m: map.snap_m,
        source: map.source.clone(),
        dry_run: options.dry_run,
        ..MapImportOptions::default()
    };
    let runtime = serve::runtime()?;
    let node = open::node(&options.store, Arc::new(SystemClock))?;
    let report = runtime.block_on(async {
        match options.table {
            TableName::Outlines => node.import_outlines_locally(bytes, wanted).await,
            _ => node.import_grids_locally(bytes, wanted).await,
        }
    });
    node.close();
    let report = report.map_err(|error| open::explain(&error))?;
    told(&report);
    if let Some(file) = &map.problems {
        let problems = report.change.iter().flat_map(|change| &change.problems);
        std::fs::write(file, problems_as_geojson(problems)?)
            .with_context(|| format!("{} / cannot be written", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn told(report: &MapImportReport) {
    let done = if report.dry_run {
        "检查通过，没有改动 / checked, nothing changed"
    } else {
        "已导入 / imported"
    };
    cli::say(&format!(
        "{done}: {} 个 features, {} 新 new, {} 变 changed, {}",
        report.features, report.new, report.changed, report.datum
    ));
    for note in &report.notes {
        cli::say(&format!("  {} / {}", note.text_zh, note.text_en));
    }
    let problems = report.change.iter().flat_map(|change| &change.problems);
    for problem in problems.take(20) {
        let [lon, lat] = problem.at;
        cli::say(&format!(
            "  {lon:.6},{lat:.6} {} / {}",
            problem.text_zh, problem.text_en
        ));
    }
}

/// The map of problems: a FeatureCollection that every map program opens.
fn problems_as_geojson<'p>(problems: impl Iterator<Item = &'p ProblemView>) -> Result<String> {
    let features: Vec<serde_json::Value> = problems
        .map(|problem| {
            serde_json::json!({
                "type": "Feature",
                "properties": {
                    "kind": problem.kind, "grids": problem.grids.join("|"), "area_m2": problem.area_m2,
                    "width_m": problem.width_m, "text_zh": problem.text_zh, "text_en": problem.text_en,
                },
                "geometry": problem.shape,
            })
        })
        .collect();
    let all = serde_json::json!({ "type": "FeatureCollection", "features": features });
    Ok(serde_json::to_string(&all)?)
}

/// The format that the ending of a name says; none when it says none.
fn of_ending(path: &Path) -> Option<Format> {
    let name = path.file_name()?.to_str()?.trim_end_matches(".gz");
    let (_, ending) = name.rsplit_once('.')?;
    let ending = if ending == "json" { "geojson" } else { ending };
    Format::ALL
        .into_iter()
        .find(|format| format.extension() == ending)
}

/// Generates.
pub(crate) fn generate(options: &GenerateOptions) -> Result<ExitCode> {
    let runtime = serve::runtime()?;
    let node = open::node(&options.store, Arc::new(SystemClock))?;
    let wanted = Wanted {
        counties: options.counties.clone(),
        per_community: options.per_community,
        from: None,
    };
    let generated = runtime.block_on(async {
        if node.place().outlines.is_empty() {
            outlines(&node).await?;
        }
        let progress = |done| cli::progress("县 counties", done);
        node.generate_grids(wanted, progress)
            .await
            .map_err(|error| open::explain(&error))
    });
    node.close();
    let Generated {
        counties,
        communities,
        grids,
        outlines,
    } = generated?;
    cli::say(&format!(
        "生成的划分，仅供演示和测试 / generated, for demo and tests only: {counties} 县 counties, {communities} 村社区 communities, {grids} 网格 grids, {outlines} 边界 outlines"
    ));
    Ok(ExitCode::SUCCESS)
}

/// Loads the outlines that the program carries.
pub(crate) async fn outlines(node: &Node) -> Result<usize> {
    let wanted = MapImportOptions {
        format: Some(Format::GeoJson),
        datum: Some(jingwei_core::place::Datum::Wgs84),
        repair: true,
        source: Some(data::OUTLINES_SOURCE.to_owned()),
        ..MapImportOptions::default()
    };
    let report = node
        .import_outlines_locally(data::outlines()?, wanted)
        .await
        .map_err(|error| open::explain(&error))?;
    Ok(report.features)
}

/// Exports.
pub(crate) fn export(options: &ExportOptions) -> Result<ExitCode> {
    let format = of_ending(&options.file).context(
        "文件名的后缀应为 geojson、csv、zip、gpkg 或 kml / the file should end in geojson, csv, zip, gpkg or kml",
    )?;
    let wanted = ExportQuery {
        format,
        layer: options.layer.unwrap_or(Layer::Base),
        division: options
            .division
            .as_ref()
            .map(|code| code.as_str().to_owned()),
        day: options.day,
        datum: options.datum,
    };
    let runtime = serve::runtime()?;
    let node = open::node(&options.store, Arc::new(SystemClock))?;
    let file = runtime.block_on(node.export_grids(None, &wanted));
    node.close();
    let file = file.map_err(|error| open::explain(&error))?;
    std::fs::write(&options.file, &file.bytes)
        .with_context(|| format!("{} / cannot be written", options.file.display()))?;
    cli::say(&format!(
        "{}: {} 字节 bytes",
        options.file.display(),
        file.bytes.len()
    ));
    Ok(ExitCode::SUCCESS)
}
