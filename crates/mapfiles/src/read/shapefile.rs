//! A zipped Shapefile: .shp with .dbf, and .shx, .prj and .cpg when they are there.

use super::{choose, dbf, shp, text, unzip};
use crate::fault::FileFault;
use crate::meter::Meter;
use crate::{Feature, MapFile, srs};

pub(super) fn read(
    bytes: &[u8],
    layer: Option<&str>,
    meter: &mut Meter<'_>,
) -> Result<MapFile, FileFault> {
    let mut zip = unzip::Unzip::new(bytes, meter.limits.bytes)?;
    let names = zip.names();
    let mut layers: Vec<&str> = names.iter().filter_map(|name| stem(name, "shp")).collect();
    layers.sort_unstable();
    let layers: Vec<String> = layers.into_iter().map(str::to_owned).collect();
    let chosen = &layers[choose(&layers, layer)?];
    let part = |end: &str| {
        names
            .iter()
            .position(|name| stem(name, end) == Some(chosen.as_str()))
    };
    let missing = |end: &str| {
        FileFault::new(
            "missing_part",
            format!("压缩包里缺少 {end} 文件：请把 .shp、.dbf、.shx、.prj 一起打包"),
            format!("the archive has no {end} file: pack .shp, .dbf, .shx and .prj together"),
        )
    };
    let shp = zip.entry(part("shp").ok_or_else(|| missing(".shp"))?)?;
    let dbf = zip.entry(part("dbf").ok_or_else(|| missing(".dbf"))?)?;
    let mut optional = |end: &str| part(end).map(|place| zip.entry(place)).transpose();
    let shx = optional("shx")?;
    let declared = match optional("prj")? {
        Some(prj) => Some(srs::text(&text::decode(&prj)?)?),
        None => None,
    };
    let encoding = optional("cpg")?.and_then(|cpg| text::of_cpg(&cpg));

    let table = dbf::Table::new(&dbf, encoding)?;
    let mut records = shp::Records::new(&shp, shx.as_deref())?;
    let mut features = Vec::new();
    for row in 0..table.rows() {
        if table.deleted(row) {
            records.skip()?;
            continue;
        }
        let at = meter.feature(Some(crate::At::Feature(row + 1)))?;
        let geometry = records
            .next_geometry(meter)
            .and_then(|geometry| geometry.ok_or_else(counts_differ))
            .map_err(|fault| meter.here(fault))?;
        let mut properties = Vec::new();
        for cell in table.row(row) {
            let (name, value) = cell.map_err(|fault| meter.here(fault))?;
            let name = meter.name(name)?;
            meter.property(&mut properties, &name, value)?;
        }
        features.push(Feature {
            at,
            properties,
            geometry,
        });
    }
    if records.next_geometry(meter)?.is_some() {
        return Err(counts_differ());
    }
    Ok(MapFile {
        features,
        declared,
        layers,
    })
}

/// The name without its end, when that is it, in capitals or not. What macOS adds for itself is no part of the layer.
fn stem<'a>(name: &'a str, end: &str) -> Option<&'a str> {
    let (stem, found) = name.rsplit_once('.')?;
    (found.eq_ignore_ascii_case(end) && !name.starts_with("__MACOSX/")).then_some(stem)
}

fn counts_differ() -> FileFault {
    FileFault::new(
        "broken",
        ".shp 与 .dbf 的条数不同：请重新导出后再导入",
        ".shp and .dbf have different numbers of records: export the layer again",
    )
}
