//! KML 2.2: a placemark for each row, its values as schema data; a column `name` is the placemark's name too.

use std::fmt::Write as _;

use jingwei_core::place::Datum;

use super::{Layer, WriteFault, text};
use crate::Kind;

pub(super) fn write(layer: &Layer<'_>) -> Result<Vec<u8>, WriteFault> {
    if layer.datum != Datum::Wgs84 {
        return Err(WriteFault::Datum(layer.datum));
    }
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\">\n<Document id=\"document\">\n",
    );
    element(&mut out, "name", layer.name);
    // The id of a schema has to be a name of XML; the layer's own name stands beside it.
    let _ = writeln!(
        out,
        "<Schema name=\"{}\" id=\"columns\">",
        escaped(layer.name)
    );
    for column in layer.columns {
        let kind = match column.kind {
            Kind::Text => "string",
            // The format's own whole numbers have 32 bits and would cut a long one.
            Kind::Integer | Kind::Real => "double",
        };
        let kind = if column.kind == Kind::Integer && fits_int(layer, column.name) {
            "int"
        } else {
            kind
        };
        let _ = writeln!(
            out,
            "<SimpleField name=\"{}\" type=\"{kind}\"/>",
            escaped(column.name)
        );
    }
    out.push_str("</Schema>\n");
    for row in layer.rows {
        out.push_str("<Placemark>\n");
        let values: Vec<Option<String>> = row.values.iter().map(text).collect();
        let name = layer
            .columns
            .iter()
            .position(|column| column.name.eq_ignore_ascii_case("name"));
        if let Some(name) = name.and_then(|at| values[at].as_deref()) {
            element(&mut out, "name", name);
        }
        out.push_str("<ExtendedData><SchemaData schemaUrl=\"#columns\">\n");
        for (column, value) in layer.columns.iter().zip(&values) {
            if let Some(value) = value {
                let (name, value) = (escaped(column.name), escaped(value));
                let _ = writeln!(out, "<SimpleData name=\"{name}\">{value}</SimpleData>");
            }
        }
        out.push_str("</SchemaData></ExtendedData>\n");
        let polygons = layer.polygons(row.shape);
        let several = polygons.len() > 1;
        out.push_str(if several { "<MultiGeometry>\n" } else { "" });
        for rings in &polygons {
            out.push_str("<Polygon>");
            for (i, ring) in rings.iter().enumerate() {
                let side = if i == 0 {
                    "outerBoundaryIs"
                } else {
                    "innerBoundaryIs"
                };
                let _ = write!(out, "<{side}><LinearRing><coordinates>");
                for (i, [lon, lat]) in ring.iter().enumerate() {
                    let blank = if i == 0 { "" } else { " " };
                    let _ = write!(out, "{blank}{lon},{lat}");
                }
                let _ = write!(out, "</coordinates></LinearRing></{side}>");
            }
            out.push_str("</Polygon>\n");
        }
        out.push_str(if several { "</MultiGeometry>\n" } else { "" });
        out.push_str("</Placemark>\n");
    }
    out.push_str("</Document>\n</kml>\n");
    Ok(out.into_bytes())
}

fn fits_int(layer: &Layer<'_>, name: &str) -> bool {
    let at = layer.columns.iter().position(|column| column.name == name);
    layer
        .rows
        .iter()
        .all(|row| match at.map(|at| row.values[at]) {
            Some(crate::Value::Integer(number)) => i32::try_from(number).is_ok(),
            _ => true,
        })
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "<{name}>{}</{name}>", escaped(text));
}

/// Text as XML has it. The few signs that XML 1.0 cannot hold at all become the sign for something lost.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // By number, or a reader makes a line feed of it.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => {
                out.push(sign);
            }
            _ => out.push('\u{fffd}'),
        }
    }
    out
}
