//! CSV (RFC 4180, UTF-8) with the geometry as well-known text in the first column, `wkt`.

use std::fmt::Write as _;

use csv::{Terminator, WriterBuilder};

use super::{Layer, WriteFault, list, text};

pub(super) fn write(layer: &Layer<'_>) -> Result<Vec<u8>, WriteFault> {
    let names = layer.columns.iter().map(|column| column.name);
    if let Some(taken) = names.clone().find(|name| name.eq_ignore_ascii_case("wkt")) {
        return Err(WriteFault::Column(taken.to_owned()));
    }
    // The byte order mark tells Excel that this is UTF-8; map programs skip it.
    let mut out = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    out.write_record(std::iter::once("wkt").chain(names))
        .map_err(WriteFault::failed)?;
    for row in layer.rows {
        let polygons = layer.polygons(row.shape);
        let mut wkt = String::new();
        if let [one] = polygons.as_slice() {
            wkt.push_str("POLYGON ");
            polygon(&mut wkt, one);
        } else {
            wkt.push_str("MULTIPOLYGON ");
            list(&mut wkt, ['(', ')'], &polygons, |wkt, one| {
                polygon(wkt, one);
            });
        }
        let values = row
            .values
            .iter()
            .map(|value| text(value).unwrap_or_default());
        out.write_record(std::iter::once(wkt).chain(values))
            .map_err(WriteFault::failed)?;
    }
    out.into_inner().map_err(WriteFault::failed)
}

fn polygon(wkt: &mut String, rings: &[Vec<[f64; 2]>]) {
    list(wkt, ['(', ')'], rings, |wkt, ring| {
        list(wkt, ['(', ')'], ring, |wkt, [lon, lat]| {
            let _ = write!(wkt, "{lon} {lat}");
        });
    });
}
