//! GeoJSON (RFC 7946): right-hand rule, closed rings, longitude first.
//!
//! The RFC knows WGS84 only. Another datum is told in the `crs` member of 2008, which programs still read: better an old
//! member than coordinates that say nothing about their shift.

use std::fmt::Write as _;

use jingwei_core::place::Datum;

use super::{Layer, list, real};
use crate::{Value, srs};

pub(super) fn write(layer: &Layer<'_>) -> Vec<u8> {
    let mut out = String::from(r#"{"type":"FeatureCollection","name":"#);
    quoted(&mut out, layer.name);
    if layer.datum != Datum::Wgs84 {
        let srs = srs::of(layer.datum);
        let name = srs.epsg.map_or(srs.name.to_owned(), |code| {
            format!("urn:ogc:def:crs:EPSG::{code}")
        });
        out.push_str(r#","crs":{"type":"name","properties":{"name":"#);
        quoted(&mut out, &name);
        out.push_str("}}");
    }
    out.push_str(r#","features":["#);
    for (i, row) in layer.rows.iter().enumerate() {
        out.push_str(if i == 0 { "\n" } else { ",\n" });
        out.push_str(r#"{"type":"Feature","properties":{"#);
        let mut comma = "";
        for (column, value) in layer.columns.iter().zip(&row.values) {
            out.push_str(comma);
            comma = ",";
            quoted(&mut out, column.name);
            out.push(':');
            match *value {
                Value::Text(text) => quoted(&mut out, text),
                Value::Integer(number) => out.push_str(&number.to_string()),
                Value::Real(number) => out.push_str(&real(number)),
                // Named all the same: programs learn the columns from the features.
                Value::None => out.push_str("null"),
            }
        }
        out.push_str(r#"},"geometry":{"type":"#);
        match layer.polygons(row.shape).as_slice() {
            [one] => {
                out.push_str(r#""Polygon","coordinates":"#);
                polygon(&mut out, one);
            }
            several => {
                out.push_str(r#""MultiPolygon","coordinates":"#);
                list(&mut out, ['[', ']'], several, |out, one| polygon(out, one));
            }
        }
        out.push_str("}}");
    }
    out.push_str("\n]}\n");
    out.into_bytes()
}

fn polygon(out: &mut String, rings: &[Vec<[f64; 2]>]) {
    list(out, ['[', ']'], rings, |out, ring| {
        list(out, ['[', ']'], ring, |out, [lon, lat]| {
            let _ = write!(out, "[{lon},{lat}]");
        });
    });
}

fn quoted(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
