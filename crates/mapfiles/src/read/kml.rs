//! KML 2.2, and KMZ: placemarks with polygons or a point, their names and their extended data. Always WGS84.
//!
//! The XML is pulled event by event and never a tree. A document type is refused, so no entity is ever expanded but the five of
//! XML itself and characters by number.

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use jingwei_core::place::Datum;

use super::{polygons, text, unzip};
use crate::fault::{At, FileFault};
use crate::meter::Meter;
use crate::{Feature, Geometry, MapFile};

/// Folders in folders, and the geometry in them.
const DEEPEST: usize = 64;

pub(super) fn read(bytes: &[u8], meter: &mut Meter<'_>) -> Result<MapFile, FileFault> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return document(bytes, meter);
    }
    let mut zip = unzip::Unzip::new(bytes, meter.limits.bytes)?;
    let names = zip.names();
    let is_kml = |name: &String| name.to_ascii_lowercase().ends_with(".kml");
    let doc = names
        .iter()
        .position(|name| name == "doc.kml")
        .or_else(|| names.iter().position(is_kml));
    let bytes = zip.entry(doc.ok_or_else(|| FileFault::broken("KMZ"))?)?;
    document(&bytes, meter)
}

fn document(bytes: &[u8], meter: &mut Meter<'_>) -> Result<MapFile, FileFault> {
    let text = text::decode(bytes)?;
    let mut xml = Reader::from_str(&text);
    xml.config_mut().expand_empty_elements = true;
    let mut walk = Walk {
        meter,
        open: Vec::new(),
        heard: None,
        placemark: None,
        features: Vec::new(),
    };
    loop {
        let event = xml
            .read_event()
            .map_err(|_| broken().at(line(&text, xml.error_position())))?;
        match event {
            Event::Start(start) => walk.start(&start)?,
            Event::End(_) => walk.end()?,
            Event::Text(words) => walk.hear(&words.xml10_content()),
            Event::CData(words) => walk.hear(&words.xml10_content()),
            Event::GeneralRef(entity) => {
                let sign = match entity.resolve_char_ref() {
                    Ok(Some(sign)) => sign,
                    _ => match &*entity {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "apos" => '\'',
                        "quot" => '"',
                        _ => return Err(entity_refused()),
                    },
                };
                walk.hear(sign.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err(entity_refused()),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
    if !walk.open.is_empty() {
        return Err(broken());
    }
    if walk.features.is_empty() && !text.contains("<kml") && !text.contains(":kml") {
        return Err(broken());
    }
    Ok(MapFile {
        features: walk.features,
        declared: Some(Datum::Wgs84),
        layers: Vec::new(),
    })
}

fn line(text: &str, at: u64) -> Option<At> {
    let before = text.as_bytes().get(..usize::try_from(at).ok()?)?;
    let breaks = before.iter().filter(|&&byte| byte == b'\n').count();
    Some(At::Line(breaks as u64 + 1))
}

fn broken() -> FileFault {
    FileFault::broken("KML")
}

fn entity_refused() -> FileFault {
    FileFault::new(
        "entity",
        "文件含有 DOCTYPE 或自定义实体：出于安全不予读取，请重新导出",
        "the file has a document type or entities of its own, which are not read for safety: export it again",
    )
}

/// The elements that mean something here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Placemark,
    Name,
    Data,
    Value,
    SimpleData,
    Polygon,
    Outer,
    Inner,
    Ring,
    Point,
    Coordinates,
    Other,
}

#[derive(Default)]
struct Placemark {
    at: Option<At>,
    name: String,
    properties: Vec<(Arc<str>, String)>,
    /// The field that is being read.
    field: String,
    polygons: Vec<Vec<Vec<[f64; 2]>>>,
    holes: Vec<Vec<[f64; 2]>>,
    outer: Option<Vec<[f64; 2]>>,
    point: Option<[f64; 2]>,
}

struct Walk<'m, 'l> {
    meter: &'m mut Meter<'l>,
    open: Vec<Tag>,
    /// The text of the element that is being read, when it means something.
    heard: Option<String>,
    placemark: Option<Placemark>,
    features: Vec<Feature>,
}

impl Walk<'_, '_> {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), FileFault> {
        if self.open.len() >= DEEPEST {
            return Err(FileFault::nesting());
        }
        let parent = self.open.last().copied();
        let local = start.local_name();
        let local = local.as_ref();
        let tag = match local {
            "Placemark" => {
                if self.placemark.is_some() {
                    return Err(self.meter.here(broken()));
                }
                let at = Some(self.meter.feature(None)?);
                self.placemark = Some(Placemark {
                    at,
                    ..Placemark::default()
                });
                Tag::Placemark
            }
            "name" if parent == Some(Tag::Placemark) => Tag::Name,
            "Data" => Tag::Data,
            "value" if parent == Some(Tag::Data) => Tag::Value,
            "SimpleData" => Tag::SimpleData,
            "Polygon" => Tag::Polygon,
            "outerBoundaryIs" => Tag::Outer,
            "innerBoundaryIs" => Tag::Inner,
            "LinearRing" if matches!(parent, Some(Tag::Outer | Tag::Inner)) => Tag::Ring,
            "Point" => Tag::Point,
            "coordinates" => Tag::Coordinates,
            "LineString" | "LinearRing" | "Model" | "Track" | "MultiTrack"
                if self.placemark.is_some() =>
            {
                return Err(self.meter.here(FileFault::kind(local)));
            }
            _ => Tag::Other,
        };
        if let (Tag::Data | Tag::SimpleData, Some(placemark)) = (tag, &mut self.placemark) {
            let name = start
                .try_get_attribute("name")
                .ok()
                .flatten()
                .and_then(|name| {
                    name.normalized_value(quick_xml::XmlVersion::Implicit1_0)
                        .ok()
                        .map(std::borrow::Cow::into_owned)
                })
                .ok_or_else(|| self.meter.here(broken()))?;
            placemark.field = name;
        }
        if self.placemark.is_some()
            && matches!(
                tag,
                Tag::Name | Tag::Value | Tag::SimpleData | Tag::Coordinates
            )
        {
            self.heard = Some(String::new());
        }
        self.open.push(tag);
        Ok(())
    }

    fn hear(&mut self, words: &str) {
        if let Some(heard) = &mut self.heard {
            heard.push_str(words);
        }
    }

    fn end(&mut self) -> Result<(), FileFault> {
        let tag = self.open.pop().ok_or_else(broken)?;
        if self.placemark.is_none() {
            return Ok(());
        }
        let ended = self.end_in_placemark(tag);
        ended.map_err(|fault| self.meter.here(fault))
    }

    fn end_in_placemark(&mut self, tag: Tag) -> Result<(), FileFault> {
        let Some(placemark) = &mut self.placemark else {
            return Ok(());
        };
        let parent = self.open.last().copied();
        match tag {
            Tag::Name => placemark.name = self.heard.take().unwrap_or_default().trim().to_owned(),
            Tag::Value | Tag::SimpleData => {
                let value = self.heard.take().unwrap_or_default().trim().to_owned();
                let field = std::mem::take(&mut placemark.field);
                let field = self.meter.name(&field)?;
                self.meter
                    .property(&mut placemark.properties, &field, value)?;
            }
            Tag::Coordinates => {
                let words = self.heard.take().unwrap_or_default();
                match parent {
                    Some(Tag::Ring) => {
                        let ring = coordinates(&words, self.meter)?;
                        self.meter.part()?;
                        match self.open.iter().nth_back(1) {
                            Some(Tag::Outer) if placemark.outer.is_none() => {
                                placemark.outer = Some(ring);
                            }
                            Some(Tag::Inner) => placemark.holes.push(ring),
                            _ => return Err(broken()),
                        }
                    }
                    Some(Tag::Point) => match coordinates(&words, self.meter)?.as_slice() {
                        [point] if placemark.point.is_none() => placemark.point = Some(*point),
                        _ => return Err(FileFault::kind("MultiPoint")),
                    },
                    _ => return Err(broken()),
                }
            }
            Tag::Polygon => {
                let holes = std::mem::take(&mut placemark.holes);
                match placemark.outer.take() {
                    Some(outer) => placemark
                        .polygons
                        .push(std::iter::once(outer).chain(holes).collect()),
                    None if holes.is_empty() => {}
                    None => return Err(broken()),
                }
            }
            Tag::Placemark => return self.keep(),
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self) -> Result<(), FileFault> {
        let Some(mut placemark) = self.placemark.take() else {
            return Ok(());
        };
        let named = placemark
            .properties
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("name"));
        if !named {
            let name = self.meter.name("name")?;
            self.meter
                .property(&mut placemark.properties, &name, placemark.name)?;
        }
        let geometry = match (placemark.point, placemark.polygons) {
            (Some(point), none) if none.is_empty() => Geometry::Point(point),
            (Some(_), _) => return Err(FileFault::kind("MultiGeometry")),
            (None, found) => polygons(found),
        };
        self.features.push(Feature {
            at: placemark.at.unwrap_or(At::Feature(0)),
            properties: placemark.properties,
            geometry,
        });
        Ok(())
    }
}

/// `longitude,latitude[,height]`, blanks between positions.
fn coordinates(words: &str, meter: &mut Meter<'_>) -> Result<Vec<[f64; 2]>, FileFault> {
    let mut all = Vec::new();
    for position in words.split_ascii_whitespace() {
        let mut numbers = position.split(',').map(str::parse::<f64>);
        let (Some(Ok(lon)), Some(Ok(lat))) = (numbers.next(), numbers.next()) else {
            return Err(FileFault::broken("coordinates"));
        };
        all.push(meter.vertex(lon, lat)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn one(kml: &str) -> Result<MapFile, &'static str> {
        let limits = Limits::default();
        read(kml.as_bytes(), &mut Meter::new(&limits)).map_err(|fault| fault.code)
    }

    #[test]
    fn a_placemark() {
        let kml = r#"<?xml version="1.0"?><k:kml xmlns:k="x"><k:Document><k:name>all</k:name><k:Placemark>
            <k:name>第一&amp;&#x7f51;格</k:name>
            <k:ExtendedData><k:Data name="code"><k:displayName>no</k:displayName><k:value><![CDATA[0<1]]></k:value></k:Data>
            <k:SchemaData><k:SimpleData name="households">312</k:SimpleData><k:SimpleData name="empty"/></k:SchemaData></k:ExtendedData>
            <k:MultiGeometry><k:Polygon><k:outerBoundaryIs><k:LinearRing><k:coordinates>
              104,30,500 105,30 105,31
            </k:coordinates></k:LinearRing></k:outerBoundaryIs></k:Polygon></k:MultiGeometry>
            </k:Placemark></k:Document></k:kml>"#;
        let file = one(kml).expect("a file");
        let feature = &file.features[0];
        assert_eq!(feature.property("name"), Some("第一&网格"));
        assert_eq!(feature.property("code"), Some("0<1"));
        assert_eq!(feature.property("households"), Some("312"));
        assert_eq!(feature.properties.len(), 3);
        let ring = vec![[104.0, 30.0], [105.0, 30.0], [105.0, 31.0]];
        assert_eq!(feature.geometry, Geometry::Polygons(vec![vec![ring]]));
        assert_eq!(file.declared, Some(Datum::Wgs84));
    }

    #[test]
    fn what_is_refused() {
        let place = |inner: &str| format!("<kml><Placemark>{inner}</Placemark></kml>");
        for (kml, code) in [
            (String::new(), "broken"),
            ("<html/>".into(), "broken"),
            ("<kml><Placemark>".into(), "broken"),
            ("<kml></Placemark>".into(), "broken"),
            (r#"<!DOCTYPE kml [<!ENTITY a "b">]><kml/>"#.into(), "entity"),
            (place("<name>&lol;</name>"), "entity"),
            (place("<LineString/>"), "geometry_kind"),
            (
                place("<Point><coordinates>30,104</coordinates></Point>"),
                "axes_reversed",
            ),
            (
                place("<Point><coordinates>NaN,30</coordinates></Point>"),
                "not_finite",
            ),
            (
                place("<Point><coordinates>104</coordinates></Point>"),
                "broken",
            ),
            (place("<Placemark/>"), "broken"),
            (place("<coordinates>104,30</coordinates>"), "broken"),
            (format!("<kml>{}", "<Folder>".repeat(100)), "nesting"),
        ] {
            assert_eq!(
                one(&kml).map(|file| file.features.len()),
                Err(code),
                "{kml}"
            );
        }
    }
}
