//! A Shapefile in a zip file: .shp, .shx, .dbf in UTF-8 with its .cpg, and .prj.
//!
//! The format is old: names of columns have at most ten signs of ASCII, texts 254 bytes. Names are shortened and made
//! different, texts cut on the border of a character.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Layer, WriteFault, bounds, text};
use crate::{Kind, srs};

const TEXT: usize = 254;
const POLYGON: i32 = 5;

pub(super) fn write(layer: &Layer<'_>) -> Result<Vec<u8>, WriteFault> {
    let (shp, shx) = geometries(layer)?;
    let dbf = table(layer)?;
    let parts: [(&str, &[u8]); 5] = [
        ("shp", &shp),
        ("shx", &shx),
        ("dbf", &dbf),
        ("prj", srs::of(layer.datum).prj.as_bytes()),
        ("cpg", b"UTF-8"),
    ];
    let stem = file_name(layer.name);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Without a clock every entry has the format's first day.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (end, bytes) in parts {
        zip.start_file(format!("{stem}.{end}"), options)
            .map_err(WriteFault::failed)?;
        zip.write_all(bytes).map_err(WriteFault::failed)?;
    }
    let zip = zip.finish().map_err(WriteFault::failed)?;
    Ok(zip.into_inner())
}

/// The layer's name without what a file's name may not hold.
fn file_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|sign| {
            if sign.is_alphanumeric() || "-_".contains(sign) {
                sign
            } else {
                '_'
            }
        })
        .take(60)
        .collect();
    if plain.is_empty() {
        "layer".to_owned()
    } else {
        plain
    }
}

/// .shp and .shx.
fn geometries(layer: &Layer<'_>) -> Result<(Vec<u8>, Vec<u8>), WriteFault> {
    let (mut shp, mut shx) = (vec![0; 100], vec![0; 100]);
    let mut whole = None::<[f64; 4]>;
    for (i, row) in layer.rows.iter().enumerate() {
        let mut rings: Vec<Vec<[f64; 2]>> =
            layer.polygons(row.shape).into_iter().flatten().collect();
        for ring in &mut rings {
            // Outer rings run with the clock here, holes against it.
            ring.reverse();
        }
        let bounds = bounds(rings.iter().flatten().copied());
        whole = Some(whole.map_or(bounds, |w| {
            [
                w[0].min(bounds[0]),
                w[1].min(bounds[1]),
                w[2].max(bounds[2]),
                w[3].max(bounds[3]),
            ]
        }));
        let points: usize = rings.iter().map(Vec::len).sum();
        let length = 44 + 4 * rings.len() + 16 * points;
        shx.extend(words(shp.len())?);
        shx.extend(words(length)?);
        shp.extend(small(i + 1)?.to_be_bytes());
        shp.extend(words(length)?);
        shp.extend(POLYGON.to_le_bytes());
        shp.extend(bounds.iter().flat_map(|axis| axis.to_le_bytes()));
        shp.extend(small(rings.len())?.to_le_bytes());
        shp.extend(small(points)?.to_le_bytes());
        let mut from = 0;
        for ring in &rings {
            shp.extend(small(from)?.to_le_bytes());
            from += ring.len();
        }
        shp.extend(
            rings
                .iter()
                .flatten()
                .flatten()
                .flat_map(|axis| axis.to_le_bytes()),
        );
    }
    for file in [&mut shp, &mut shx] {
        let length = words(file.len())?;
        file[..4].copy_from_slice(&9994_i32.to_be_bytes());
        file[24..28].copy_from_slice(&length);
        file[28..32].copy_from_slice(&1000_i32.to_le_bytes());
        file[32..36].copy_from_slice(&POLYGON.to_le_bytes());
        for (i, axis) in whole.unwrap_or_default().iter().enumerate() {
            file[36 + 8 * i..][..8].copy_from_slice(&axis.to_le_bytes());
        }
    }
    Ok((shp, shx))
}

fn small(number: usize) -> Result<i32, WriteFault> {
    i32::try_from(number).map_err(|_| WriteFault::TooLarge("Shapefile"))
}

/// A length in bytes as the format counts it: words of 16 bits, the high byte first.
fn words(bytes: usize) -> Result<[u8; 4], WriteFault> {
    // Programs count bytes in 32 bits: beyond 2 GiB they do not follow.
    small(bytes).map(|bytes| (bytes / 2).to_be_bytes())
}

/// .dbf.
fn table(layer: &Layer<'_>) -> Result<Vec<u8>, WriteFault> {
    let too_large = || WriteFault::TooLarge("Shapefile");
    let mut cells: Vec<Vec<String>> = Vec::with_capacity(layer.rows.len());
    let mut widths = vec![1_usize; layer.columns.len()];
    for row in layer.rows {
        let row: Vec<String> = row
            .values
            .iter()
            .map(|value| text(value).unwrap_or_default())
            .collect();
        let row: Vec<String> = row.into_iter().map(|cell| cut(cell, TEXT)).collect();
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = (*width).max(cell.len());
        }
        cells.push(row);
    }
    // A table without columns is none to some programs: a column of row numbers stands in.
    let mut columns: Vec<(String, u8, usize)> = names(layer)
        .into_iter()
        .zip(layer.columns)
        .zip(&widths)
        .map(|((name, column), &width)| (name, kind(column.kind), width))
        .collect();
    if columns.is_empty() {
        columns.push(("FID".to_owned(), b'N', 10));
        for (i, row) in cells.iter_mut().enumerate() {
            row.push(i.to_string());
        }
    }
    let header = u16::try_from(33 + 32 * columns.len()).map_err(|_| too_large())?;
    let width: usize = columns.iter().map(|(_, _, width)| width).sum();
    let record = u16::try_from(1 + width).map_err(|_| too_large())?;
    if columns.len() > 255 {
        return Err(too_large());
    }
    // dBase III, 1 January 2000: there is no clock here.
    let mut dbf = vec![3, 100, 1, 1];
    dbf.extend(small(cells.len())?.to_le_bytes());
    dbf.extend(header.to_le_bytes());
    dbf.extend(record.to_le_bytes());
    dbf.extend([0; 20]);
    for (name, kind, width) in &columns {
        let mut field = [0; 32];
        field[..name.len()].copy_from_slice(name.as_bytes());
        field[11] = *kind;
        field[16] = u8::try_from(*width).map_err(|_| too_large())?;
        if *kind == b'F' {
            // How many digits after the point: told, though the numbers carry their own point. Without it they would be read as whole ones.
            field[17] = 15;
        }
        dbf.extend(field);
    }
    dbf.push(0x0d);
    for row in cells {
        dbf.push(b' ');
        for (cell, (_, kind, width)) in row.iter().zip(&columns) {
            let blanks = vec![b' '; width - cell.len()];
            // Numbers stand at the right end of their column.
            if *kind == b'C' {
                dbf.extend(cell.as_bytes());
                dbf.extend(blanks);
            } else {
                dbf.extend(blanks);
                dbf.extend(cell.as_bytes());
            }
        }
    }
    dbf.push(0x1a);
    Ok(dbf)
}

fn kind(kind: Kind) -> u8 {
    match kind {
        Kind::Text => b'C',
        Kind::Integer => b'N',
        Kind::Real => b'F',
    }
}

/// The longest beginning of a text of at most so many bytes that does not end inside a character.
fn cut(mut text: String, most: usize) -> String {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// Names of at most ten signs of ASCII, all different.
fn names(layer: &Layer<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(layer.columns.len());
    for (i, column) in layer.columns.iter().enumerate() {
        let plain: String = column
            .name
            .chars()
            .filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_')
            .take(10)
            .collect();
        let plain = if plain.is_empty() {
            format!("F{}", i + 1)
        } else {
            plain
        };
        let taken = |name: &str| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        let mut name = plain.clone();
        let mut n = 1;
        while taken(&name) {
            n += 1;
            let end = format!("_{n}");
            name = plain.chars().take(10 - end.len()).collect::<String>() + &end;
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;
    use jingwei_core::place::Datum;

    #[test]
    fn names_and_texts_are_cut() {
        let columns = [
            "households",
            "households_max",
            "Households_min",
            "网格",
            "ab",
        ]
        .map(|name| Column {
            name,
            kind: Kind::Text,
        });
        let layer = Layer {
            name: "双流 /..\\x",
            columns: &columns,
            rows: &[],
            datum: Datum::Wgs84,
        };
        assert_eq!(
            names(&layer),
            ["households", "househol_2", "Househol_3", "F4", "ab"]
        );
        assert_eq!(file_name(layer.name), "双流_____x");
        assert_eq!(
            cut("双流".repeat(60), TEXT).len(),
            252,
            "on the border of a character"
        );
        assert_eq!(cut("ab".into(), 1), "a");
    }
}
