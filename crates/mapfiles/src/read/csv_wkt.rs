//! CSV with a column of WKT. The file does not say its datum unless the WKT has an SRID.

use csv::{ReaderBuilder, StringRecord};

use super::{text, wkt};
use crate::fault::{At, FileFault};
use crate::meter::Meter;
use crate::{Feature, Geometry, MapFile};

/// What programs call the column, in order of preference.
const COLUMNS: [&str; 7] = [
    "wkt",
    "geometry_wkt",
    "wkt_geom",
    "geometry",
    "geom",
    "the_geom",
    "shape",
];

pub(super) fn read(bytes: &[u8], meter: &mut Meter<'_>) -> Result<MapFile, FileFault> {
    let text = text::decode(bytes)?;
    let head = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .find(|&sign| head.contains(char::from(sign)));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| broken(&error))?.clone();
    let column = COLUMNS
        .iter()
        .find_map(|name| {
            header
                .iter()
                .position(|column| column.trim().eq_ignore_ascii_case(name))
        })
        .ok_or_else(|| {
            FileFault::new(
                "no_geometry",
                "表里没有几何列：请把 WKT 写在名为 wkt 的列",
                "the table has no column of geometries: put WKT into a column named wkt",
            )
        })?;
    let names = header
        .iter()
        .map(|name| meter.name(name.trim()))
        .collect::<Result<Vec<_>, _>>()?;
    let mut file = MapFile::default();
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| broken(&error))?
    {
        let line = record.position().map(|position| At::Line(position.line()));
        let at = meter.feature(line)?;
        let mut properties = Vec::new();
        let mut geometry = Geometry::None;
        for (i, (name, value)) in names.iter().zip(&record).enumerate() {
            if i != column {
                meter.property(&mut properties, name, value.to_owned())?;
            } else if !value.trim().is_empty() {
                let (shape, declared) =
                    wkt::read(value, meter).map_err(|fault| meter.here(fault))?;
                geometry = shape;
                declare(&mut file, declared, meter)?;
            }
        }
        file.features.push(Feature {
            at,
            properties,
            geometry,
        });
    }
    Ok(file)
}

/// One file, one datum: a row that says another is refused.
fn declare(
    file: &mut MapFile,
    declared: Option<jingwei_core::place::Datum>,
    meter: &Meter<'_>,
) -> Result<(), FileFault> {
    match (file.declared, declared) {
        (Some(before), Some(now)) if before != now => Err(meter.here(FileFault::new(
            "mixed_datum",
            format!("同一文件里有不同的坐标系（{before} 和 {now}）：请统一后再导入"),
            format!("the file has several datums ({before} and {now}): convert it to one"),
        ))),
        (before, now) => {
            file.declared = before.or(now);
            Ok(())
        }
    }
}

fn broken(error: &csv::Error) -> FileFault {
    let line = error.position().map(|position| At::Line(position.line()));
    FileFault::broken("CSV").at(line)
}
