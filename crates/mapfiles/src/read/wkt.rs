//! One geometry as text (WKT), with what programs put around it: `SRID=4490;`, `Z`, `M`, `ZM`.

use jingwei_core::place::Datum;

use super::polygons;
use crate::fault::FileFault;
use crate::meter::Meter;
use crate::{Geometry, srs};

/// Reads a geometry, and the datum of its SRID when it has one.
pub(super) fn read(
    text: &str,
    meter: &mut Meter<'_>,
) -> Result<(Geometry, Option<Datum>), FileFault> {
    let mut rest = Rest(text.trim());
    let declared = match rest.0.get(..5) {
        Some(start) if start.eq_ignore_ascii_case("SRID=") => {
            let (code, after) = rest.0[5..].split_once(';').ok_or_else(broken)?;
            rest = Rest(after);
            match code.trim().parse().map_err(|_| broken())? {
                0 => None,
                code => Some(srs::epsg(code)?),
            }
        }
        _ => None,
    };
    let mut kind = rest.word().to_ascii_uppercase();
    // `POLYGONZ` and `POLYGON Z` are both written.
    for dimension in ["ZM", "Z", "M"] {
        if let Some(plain) = kind.strip_suffix(dimension)
            && ["POINT", "POLYGON", "MULTIPOLYGON"].contains(&plain)
        {
            kind.truncate(plain.len());
        }
    }
    let mut after = Rest(rest.0);
    let mut word = after.word().to_ascii_uppercase();
    if ["Z", "M", "ZM"].contains(&word.as_str()) {
        rest = after;
        after = Rest(rest.0);
        word = after.word().to_ascii_uppercase();
    }
    let empty = word == "EMPTY";
    if empty {
        rest = after;
    }
    let geometry = match kind.as_str() {
        "POINT" | "POLYGON" | "MULTIPOLYGON" if empty => Geometry::None,
        "POINT" => {
            rest.expect('(')?;
            let point = rest.position(meter)?;
            rest.expect(')')?;
            Geometry::Point(point)
        }
        "POLYGON" => polygons(vec![rest.polygon(meter)?]),
        "MULTIPOLYGON" => polygons(rest.list(|rest| {
            meter.part()?;
            rest.polygon(meter)
        })?),
        "" => return Err(broken()),
        other => return Err(FileFault::kind(other)),
    };
    if rest.0.trim_start().is_empty() {
        Ok((geometry, declared))
    } else {
        Err(broken())
    }
}

fn broken() -> FileFault {
    FileFault::broken("WKT")
}

/// What has not been read yet.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn word(&mut self) -> &'a str {
        let rest = self.0.trim_start();
        let end = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.0 = rest;
        word
    }

    /// Whether the next sign is this one; it is then read.
    fn next_is(&mut self, sign: char) -> bool {
        let rest = self.0.trim_start().strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, sign: char) -> Result<(), FileFault> {
        if self.next_is(sign) {
            Ok(())
        } else {
            Err(broken())
        }
    }

    /// Things between brackets, with commas between them.
    fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, FileFault>,
    ) -> Result<Vec<T>, FileFault> {
        self.expect('(')?;
        let mut all = Vec::new();
        loop {
            all.push(one(self)?);
            if !self.next_is(',') {
                break;
            }
        }
        self.expect(')')?;
        Ok(all)
    }

    fn polygon(&mut self, meter: &mut Meter<'_>) -> Result<Vec<Vec<[f64; 2]>>, FileFault> {
        self.list(|rest| {
            meter.part()?;
            rest.list(|rest| rest.position(meter))
        })
    }

    /// Two to four numbers, of which the first two are kept.
    fn position(&mut self, meter: &mut Meter<'_>) -> Result<[f64; 2], FileFault> {
        let rest = self.0;
        let end = rest.find([',', ')', '(']).ok_or_else(broken)?;
        let (numbers, rest) = rest.split_at(end);
        self.0 = rest;
        let mut position = [0.0; 2];
        let mut n = 0;
        for number in numbers.split_ascii_whitespace() {
            let number: f64 = number.parse().map_err(|_| broken())?;
            if let Some(axis) = position.get_mut(n) {
                *axis = number;
            }
            n += 1;
        }
        if !(2..=4).contains(&n) {
            return Err(broken());
        }
        meter.vertex(position[0], position[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn one(text: &str) -> Result<(Geometry, Option<Datum>), &'static str> {
        let limits = Limits {
            vertices_of_one: 20,
            ..Limits::default()
        };
        let mut meter = Meter::new(&limits);
        read(text, &mut meter).map_err(|fault| fault.code)
    }

    #[test]
    fn what_is_read() {
        let square = vec![[104.0, 30.0], [105.0, 30.0], [105.0, 31.0], [104.0, 30.0]];
        let polygon = Geometry::Polygons(vec![vec![square.clone()]]);
        for text in [
            "POLYGON((104 30,105 30,105 31,104 30))",
            " polygon Z ((104 30 5, 105 30 5, 105 31 5, 104 30 5)) ",
            "POLYGONZM((104 30 5 1,105 30 5 1,105 31 5 1,1.04e2 30 5 1))",
            "MULTIPOLYGON (((104 30,105 30,105 31,104 30)))",
        ] {
            assert_eq!(one(text), Ok((polygon.clone(), None)), "{text}");
        }
        assert_eq!(
            one("SRID=4490;POINT(104 30)"),
            Ok((Geometry::Point([104.0, 30.0]), Some(Datum::Cgcs2000)))
        );
        assert_eq!(one("POLYGON EMPTY"), Ok((Geometry::None, None)));
        assert_eq!(one("POINT M EMPTY"), Ok((Geometry::None, None)));
    }

    #[test]
    fn what_is_refused() {
        for (text, code) in [
            ("", "broken"),
            ("POLYGON", "broken"),
            ("POLYGON((104 30", "broken"),
            ("POLYGON((104 30))x", "broken"),
            ("POLYGON((104))", "broken"),
            ("POLYGON((104 30 1 1 1))", "broken"),
            ("POLYGON((104 abc))", "broken"),
            ("POLYGON(((104 30)))", "broken"),
            ("POINT(nan 30)", "not_finite"),
            ("POINT(inf 30)", "not_finite"),
            ("POINT(30 104)", "axes_reversed"),
            ("LINESTRING(104 30,105 31)", "geometry_kind"),
            ("GEOMETRYCOLLECTION(POINT(104 30))", "geometry_kind"),
            ("SRID=3857;POINT(104 30)", "unknown_datum"),
            ("SRID=abc;POINT(104 30)", "broken"),
            ("经纬 POINT(104 30)", "broken"),
        ] {
            assert_eq!(one(text), Err(code), "{text}");
        }
        let long = format!("POLYGON(({}104 30))", "104 30,".repeat(21));
        assert_eq!(one(&long), Err("too_many_vertices"));
    }
}
