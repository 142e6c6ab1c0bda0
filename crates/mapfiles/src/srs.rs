//! Which datum a file declares: by EPSG code, by name, by the text of a coordinate system (WKT of .prj and GeoPackage).
//!
//! Only coordinates in degrees of a datum we know are taken. Everything else is refused by its name, never guessed.

use jingwei_core::place::Datum;

use crate::fault::FileFault;

/// How a datum is written into files.
pub(crate) struct Srs {
    pub(crate) name: &'static str,
    /// EPSG code; none for the shifted ones, which no register knows.
    pub(crate) epsg: Option<i32>,
    /// Text for a .prj in the dialect of ESRI, which every program reads.
    pub(crate) prj: &'static str,
}

pub(crate) fn of(datum: Datum) -> Srs {
    let (name, epsg, prj) = match datum {
        Datum::Wgs84 => (
            "WGS 84",
            Some(4326),
            r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#,
        ),
        Datum::Cgcs2000 => (
            "CGCS2000",
            Some(4490),
            r#"GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#,
        ),
        Datum::Gcj02 => (
            "GCJ-02",
            None,
            r#"GEOGCS["GCJ-02",DATUM["GCJ-02",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#,
        ),
        Datum::Bd09 => (
            "BD-09",
            None,
            r#"GEOGCS["BD-09",DATUM["BD-09",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#,
        ),
    };
    Srs { name, epsg, prj }
}

/// The datum of an EPSG code.
pub(crate) fn epsg(code: i64) -> Result<Datum, FileFault> {
    match code {
        4326 | 4979 => Ok(Datum::Wgs84),
        4490 | 4480 => Ok(Datum::Cgcs2000),
        _ => Err(unknown(&format!("EPSG:{code}"))),
    }
}

/// The datum of a name as GeoJSON and others write it: `urn:ogc:def:crs:EPSG::4490`, `EPSG:4326`, `GCJ-02`.
pub(crate) fn named(name: &str) -> Result<Datum, FileFault> {
    let plain = plain(name);
    if let Some(at) = plain.find("EPSG") {
        // Between the authority and the code may stand the register's version: EPSG:9.9:4490.
        let code = name
            .rsplit([':', '/'])
            .next()
            .and_then(|code| code.trim().parse().ok());
        return match code {
            Some(code) if at < plain.len() => epsg(code),
            _ => Err(unknown(name)),
        };
    }
    if plain.ends_with("CRS84") {
        return Ok(Datum::Wgs84);
    }
    by_datum_name(&plain).ok_or_else(|| unknown(name))
}

/// The datum of a coordinate system's text (WKT 1 of both dialects, WKT 2).
pub(crate) fn text(wkt: &str) -> Result<Datum, FileFault> {
    // Longer ones carry grids and remarks; none has been seen above a few kilobytes.
    if wkt.len() > 64 << 10 {
        return Err(FileFault::broken("CRS"));
    }
    let words = Words(wkt).collect::<Vec<_>>();
    let value_of = |keyword: &[&str]| {
        words
            .windows(2)
            .find(|pair| {
                keyword
                    .iter()
                    .any(|keyword| pair[0].eq_ignore_ascii_case(keyword))
            })
            .map(|pair| pair[1])
    };
    let name = words.get(1).copied().unwrap_or("?");
    let root = words
        .first()
        .copied()
        .unwrap_or_default()
        .to_ascii_uppercase();
    match root.as_str() {
        "GEOGCS" | "GEOGCRS" | "GEODCRS" | "GEOGRAPHICCRS" | "GEODETICCRS" => {}
        "PROJCS" | "PROJCRS" | "PROJECTEDCRS" => return Err(projected(name)),
        _ => return Err(unknown(name)),
    }
    // Degrees east of Greenwich: nothing else that the units could be is a degree.
    let degrees = words.windows(3).any(|three| {
        ["UNIT", "ANGLEUNIT"]
            .iter()
            .any(|unit| three[0].eq_ignore_ascii_case(unit))
            && three[2]
                .parse::<f64>()
                .is_ok_and(|unit| (unit - 0.017_453_292_5).abs() < 1e-9)
    });
    let prime = words
        .windows(3)
        .find(|three| three[0].eq_ignore_ascii_case("PRIMEM"));
    let greenwich = prime.is_none_or(|three| three[2].parse::<f64>().is_ok_and(|at| at == 0.0));
    if !degrees || !greenwich {
        return Err(unknown(name));
    }
    let datum = value_of(&["DATUM", "TRF", "GEODETICDATUM", "ENSEMBLE"]).unwrap_or_default();
    by_datum_name(&plain(datum)).ok_or_else(|| unknown(name))
}

/// Capital letters and digits only: `D_WGS_1984` and `WGS 84` are written in many ways.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

fn by_datum_name(plain: &str) -> Option<Datum> {
    let is = |names: &[&str]| names.iter().any(|name| plain.ends_with(name));
    // Names that end in the name of another are first.
    if is(&["GCJ02"]) {
        Some(Datum::Gcj02)
    } else if is(&["BD09", "BD09LL"]) {
        Some(Datum::Bd09)
    } else if is(&["CGCS2000", "CHINA2000", "CHINAGEODETICCOORDINATESYSTEM2000"]) {
        Some(Datum::Cgcs2000)
    } else if is(&[
        "WGS84",
        "WGS1984",
        "WORLDGEODETICSYSTEM1984",
        "WORLDGEODETICSYSTEM1984ENSEMBLE",
    ]) {
        Some(Datum::Wgs84)
    } else {
        None
    }
}

fn projected(name: &str) -> FileFault {
    let name: String = name.chars().take(80).collect();
    FileFault::new(
        "projected",
        format!(
            "坐标是投影坐标（{name}），不是经纬度：请先转换为 CGCS2000 经纬度（EPSG:4490）或 WGS84（EPSG:4326）"
        ),
        format!(
            "the coordinates are projected ({name}), not degrees: \
             convert them to CGCS2000 (EPSG:4490) or WGS84 (EPSG:4326) first"
        ),
    )
}

fn unknown(name: &str) -> FileFault {
    let name: String = name.chars().take(80).collect();
    FileFault::new(
        "unknown_datum",
        format!(
            "坐标系 {name} 不能识别或不是经纬度：请先转换为 CGCS2000 经纬度（EPSG:4490）或 WGS84（EPSG:4326）"
        ),
        format!(
            "coordinate system {name} is not known here or not in degrees: \
             convert to CGCS2000 (EPSG:4490) or WGS84 (EPSG:4326) first"
        ),
    )
}

/// The words, texts and numbers of a WKT, without its brackets and commas.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self
            .0
            .trim_start_matches(|c: char| c.is_whitespace() || "[](),".contains(c));
        let (word, rest) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted.split_once('"').unwrap_or((quoted, ""))
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || "[](),\"".contains(c))
                .unwrap_or(rest.len());
            rest.split_at(end)
        };
        let found = rest.len() < self.0.len() && !(word.is_empty() && rest.is_empty());
        self.0 = rest;
        found.then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_files_declare() {
        for &datum in Datum::ALL {
            assert_eq!(text(of(datum).prj), Ok(datum));
            assert_eq!(named(of(datum).name), Ok(datum));
        }
        let code = |result: Result<Datum, FileFault>| result.map_err(|fault| fault.code);
        assert_eq!(named("urn:ogc:def:crs:OGC:1.3:CRS84"), Ok(Datum::Wgs84));
        assert_eq!(named("urn:ogc:def:crs:EPSG::4490"), Ok(Datum::Cgcs2000));
        assert_eq!(
            named("http://www.opengis.net/def/crs/EPSG/0/4326"),
            Ok(Datum::Wgs84)
        );
        assert_eq!(code(named("EPSG:3857")), Err("unknown_datum"));
        assert_eq!(code(named("")), Err("unknown_datum"));
        let wkt2 = r#"GEOGCRS["WGS 84",ENSEMBLE["World Geodetic System 1984 ensemble",MEMBER["World Geodetic System 1984 (Transit)"]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]]"#;
        assert_eq!(text(wkt2), Ok(Datum::Wgs84));
        let gauss = r#"PROJCS["CGCS2000_3_Degree_GK_CM_105E",GEOGCS["x",DATUM["D_China_2000"]]]"#;
        assert_eq!(code(text(gauss)), Err("projected"));
        let beijing = r#"GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["K",6378245.0,298.3]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
        assert_eq!(code(text(beijing)), Err("unknown_datum"));
        let grads = of(Datum::Wgs84)
            .prj
            .replace("0.0174532925199433", "0.01570796326794897");
        assert_eq!(code(text(&grads)), Err("unknown_datum"));
        for rubbish in ["", "[", "\"", "GEOGCS", "GEOGCS[\"x", "经纬"] {
            assert!(text(rubbish).is_err());
        }
    }
}
