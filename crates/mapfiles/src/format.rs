//! The formats by name, by type and by their first bytes.

use crate::read::names_in_zip;

/// A format of map files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// GeoJSON, RFC 7946.
    GeoJson,
    /// CSV with a column of well-known text.
    CsvWkt,
    /// An ESRI Shapefile in a zip file.
    Shapefile,
    /// An OGC GeoPackage.
    GeoPackage,
    /// KML 2.2; zipped (KMZ) it is read, not written.
    Kml,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::GeoJson,
        Self::CsvWkt,
        Self::Shapefile,
        Self::GeoPackage,
        Self::Kml,
    ];

    /// The word for it in addresses and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::CsvWkt => "csv",
            Self::Shapefile => "shapefile",
            Self::GeoPackage => "geopackage",
            Self::Kml => "kml",
        }
    }

    /// The format of a word; none when it is not one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// The type under which it is served.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GeoJson => "application/geo+json",
            Self::CsvWkt => "text/csv; charset=utf-8",
            Self::Shapefile => "application/zip",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::Kml => "application/vnd.google-earth.kml+xml",
        }
    }

    /// The end of a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::CsvWkt => "csv",
            Self::Shapefile => "zip",
            Self::GeoPackage => "gpkg",
            Self::Kml => "kml",
        }
    }

    /// The format that the bytes of a file look like; none when like none. Only reading tells whether it is one.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"SQLite format 3\0") {
            return Some(Self::GeoPackage);
        }
        if bytes.starts_with(b"PK\x03\x04") {
            let names = names_in_zip(bytes)?;
            let has = |end: &str| {
                names
                    .iter()
                    .any(|name| name.to_ascii_lowercase().ends_with(end))
            };
            return if has(".shp") {
                Some(Self::Shapefile)
            } else {
                has(".kml").then_some(Self::Kml)
            };
        }
        let text = bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(bytes)
            .trim_ascii_start();
        match text.first()? {
            b'{' => Some(Self::GeoJson),
            b'<' => Some(Self::Kml),
            _ => {
                // The header of a table: one line of several names without bytes that no text has.
                let head = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
                let names = head.split(|byte| b",;\t".contains(byte)).count();
                (names > 1 && !head.contains(&0)).then_some(Self::CsvWkt)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_first_bytes() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.as_str()), Some(format));
        }
        assert_eq!(Format::parse("dwg"), None);
        assert_eq!(
            Format::sniff(b"\xef\xbb\xbf \n{\"type\""),
            Some(Format::GeoJson)
        );
        assert_eq!(Format::sniff(b"<?xml version"), Some(Format::Kml));
        assert_eq!(
            Format::sniff(b"code,wkt\n1,POINT(1 1)"),
            Some(Format::CsvWkt)
        );
        assert_eq!(
            Format::sniff(b"SQLite format 3\0"),
            Some(Format::GeoPackage)
        );
        assert_eq!(Format::sniff(b"PK\x03\x04rubbish"), None);
        assert_eq!(Format::sniff(b""), None);
        assert_eq!(Format::sniff(b"\x89PNG\r\n"), None);
    }
}
