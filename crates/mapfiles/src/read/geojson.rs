//! GeoJSON (RFC 7946, and the `crs` member of 2008 that files still carry), streamed.
//!
//! The document is never a tree: features are built one by one by visitors that count while they read. A property's value is
//! taken as it was written, so that no digit of a number is lost.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use jingwei_core::place::Datum;

use super::{polygons, text};
use crate::fault::{At, FileFault};
use crate::meter::Meter;
use crate::{Feature, Geometry, MapFile, srs};

/// Lists in lists of a multipolygon: polygons, rings, positions.
const DEEPEST: usize = 3;

pub(super) fn read(bytes: &[u8], meter: &mut Meter<'_>) -> Result<MapFile, FileFault> {
    let text = text::decode(bytes)?;
    let mut document = Document {
        meter,
        fault: None,
        features: Vec::new(),
        declared: None,
    };
    let mut json = serde_json::Deserializer::from_str(&text);
    let outcome = json
        .deserialize_map(Top(&mut document))
        .and_then(|()| json.end());
    let Document {
        fault,
        features,
        declared,
        ..
    } = document;
    match (fault, outcome) {
        (Some(fault), _) => Err(fault),
        (None, Err(error)) => Err(not_json(&error)),
        (None, Ok(())) => Ok(MapFile {
            features,
            declared,
            layers: Vec::new(),
        }),
    }
}

fn not_json(error: &serde_json::Error) -> FileFault {
    FileFault::broken(&format!("JSON, {}:{}", error.line(), error.column()))
        .at(Some(At::Line(error.line() as u64)))
}

struct Document<'m, 'l> {
    meter: &'m mut Meter<'l>,
    /// Why the reading stopped: serde's errors carry only a text.
    fault: Option<FileFault>,
    features: Vec<Feature>,
    declared: Option<Datum>,
}

impl Document<'_, '_> {
    /// Keeps a fault and stops the reading.
    fn take<T, E: serde::de::Error>(&mut self, result: Result<T, FileFault>) -> Result<T, E> {
        result.map_err(|fault| {
            self.fault = Some(self.meter.here(fault));
            E::custom("refused")
        })
    }

    fn property<E: serde::de::Error>(
        &mut self,
        into: &mut Vec<(Arc<str>, String)>,
        name: &str,
        value: String,
    ) -> Result<(), E> {
        let name = self.meter.name(name);
        let name = self.take(name)?;
        let kept = self.meter.property(into, &name, value);
        self.take(kept)
    }

    fn crs<E: serde::de::Error>(&mut self, raw: &str) -> Result<(), E> {
        // Small ones only: this one is read into a tree.
        let value: serde_json::Value = if raw.len() > 4_096 {
            return self.take(Err(FileFault::broken("crs")));
        } else {
            serde_json::from_str(raw).map_err(E::custom)?
        };
        if value.is_null() {
            return Ok(());
        }
        let name = value
            .pointer("/properties/name")
            .and_then(|name| name.as_str());
        let datum = self.take(name.ok_or(FileFault::broken("crs")).and_then(srs::named))?;
        self.declared = Some(datum);
        Ok(())
    }
}

/// What a document, a feature or a geometry says of itself, in whichever order its members come.
#[derive(Default)]
struct Members {
    kind: Option<String>,
    coordinates: Option<Nested>,
    geometry: Option<Geometry>,
    properties: Vec<(Arc<str>, String)>,
    id: Option<String>,
}

impl Members {
    fn geometry(&mut self) -> Result<Geometry, FileFault> {
        let kind = self.kind.as_deref().unwrap_or("?");
        match (kind, self.coordinates.take()) {
            ("Point", Some(Nested::Position(position))) => Ok(Geometry::Point(position)),
            ("Point" | "Polygon" | "MultiPolygon", Some(Nested::List(list))) if list.is_empty() => {
                Ok(Geometry::None)
            }
            ("Polygon", Some(one)) => Ok(polygons(vec![polygon(one)?])),
            ("MultiPolygon", Some(Nested::List(list))) => {
                let all: Result<_, _> = list.into_iter().map(polygon).collect();
                Ok(polygons(all?))
            }
            ("Point" | "MultiPolygon", _) | ("Polygon", None) => {
                Err(FileFault::broken("coordinates"))
            }
            (other, _) => Err(FileFault::kind(other)),
        }
    }
}

fn polygon(nested: Nested) -> Result<Vec<Vec<[f64; 2]>>, FileFault> {
    let wrong = || FileFault::broken("coordinates");
    let Nested::List(rings) = nested else {
        return Err(wrong());
    };
    let ring = |nested| match nested {
        Nested::List(positions) => positions
            .into_iter()
            .map(|nested| match nested {
                Nested::Position(position) => Ok(position),
                Nested::List(_) => Err(wrong()),
            })
            .collect(),
        Nested::Position(_) => Err(wrong()),
    };
    rings.into_iter().map(ring).collect()
}

/// The outermost object: a collection, a feature, or a geometry alone.
struct Top<'d, 'm, 'l>(&'d mut Document<'m, 'l>);

impl<'de> Visitor<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let document = self.0;
        let mut collection = false;
        let mut members = Members::default();
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            match &*key {
                "features" => {
                    collection = true;
                    map.next_value_seed(Features(document))?;
                }
                "crs" => {
                    let raw: &RawValue = map.next_value()?;
                    document.crs(raw.get())?;
                }
                key => member(document, &mut members, key, &mut map)?,
            }
        }
        match members.kind.as_deref() {
            Some("FeatureCollection") if collection => Ok(()),
            Some("Feature") => {
                let at = document.meter.feature(None);
                let at = document.take(at)?;
                keep(document, at, members);
                Ok(())
            }
            Some("Point" | "Polygon" | "MultiPolygon") => {
                let at = document.meter.feature(None);
                let at = document.take(at)?;
                let geometry = members.geometry();
                members.geometry = Some(document.take(geometry)?);
                keep(document, at, members);
                Ok(())
            }
            kind => {
                let kind = kind.unwrap_or("?").to_owned();
                document.take(Err(FileFault::kind(&kind)))
            }
        }
    }
}

fn keep(document: &mut Document<'_, '_>, at: At, members: Members) {
    document.features.push(Feature {
        at,
        properties: members.properties,
        geometry: members.geometry.unwrap_or(Geometry::None),
    });
}

/// Reads the value of one member that features and geometries have in common.
fn member<'de, A: MapAccess<'de>>(
    document: &mut Document<'_, '_>,
    members: &mut Members,
    key: &str,
    map: &mut A,
) -> Result<(), A::Error> {
    match key {
        "type" => members.kind = Some(map.next_value::<Cow<'_, str>>()?.into_owned()),
        "coordinates" => {
            members.coordinates = Some(map.next_value_seed(Nest { document, depth: 0 })?);
        }
        "geometry" => members.geometry = map.next_value_seed(OneGeometry(document))?,
        "properties" => members.properties = map.next_value_seed(Properties(document))?,
        "id" => members.id = value_text(map.next_value::<&RawValue>()?.get()),
        _ => {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

struct Features<'d, 'm, 'l>(&'d mut Document<'m, 'l>);

impl<'de> DeserializeSeed<'de> for Features<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(OneFeature(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

struct OneFeature<'d, 'm, 'l>(&'d mut Document<'m, 'l>);

impl<'de> DeserializeSeed<'de> for OneFeature<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneFeature<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a feature")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let document = self.0;
        let at = document.meter.feature(None);
        let at = document.take(at)?;
        let mut members = Members::default();
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            member(document, &mut members, &key, &mut map)?;
        }
        if members.kind.as_deref() != Some("Feature") {
            return document.take(Err(FileFault::broken("type: Feature")));
        }
        // An id beside the properties is worth keeping when they have none.
        if let Some(id) = members.id.take()
            && !members.properties.iter().any(|(name, _)| &**name == "id")
        {
            document.property(&mut members.properties, "id", id)?;
        }
        keep(document, at, members);
        Ok(())
    }
}

struct OneGeometry<'d, 'm, 'l>(&'d mut Document<'m, 'l>);

impl<'de> DeserializeSeed<'de> for OneGeometry<'_, '_, '_> {
    type Value = Option<Geometry>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneGeometry<'_, '_, '_> {
    type Value = Option<Geometry>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a geometry or null")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let document = self.0;
        let mut members = Members::default();
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            // Members of a feature mean nothing in a geometry.
            match &*key {
                "type" | "coordinates" => member(document, &mut members, &key, &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let geometry = members.geometry();
        document.take(geometry).map(Some)
    }
}

/// A position, or a list of such or of lists.
enum Nested {
    Position([f64; 2]),
    List(Vec<Nested>),
}

enum Item {
    Number(f64),
    Nested(Nested),
}

struct Nest<'d, 'm, 'l> {
    document: &'d mut Document<'m, 'l>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Nest<'_, '_, '_> {
    type Value = Nested;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Nested, D::Error> {
        match deserializer.deserialize_any(self)? {
            Item::Nested(nested) => Ok(nested),
            Item::Number(_) => Err(D::Error::custom("coordinates are a list")),
        }
    }
}

/// The same, where it may also be a number.
struct NestOrNumber<'d, 'm, 'l>(Nest<'d, 'm, 'l>);

impl<'de> DeserializeSeed<'de> for NestOrNumber<'_, '_, '_> {
    type Value = Item;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item, D::Error> {
        deserializer.deserialize_any(self.0)
    }
}

impl<'de> Visitor<'de> for Nest<'_, '_, '_> {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates")
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Item, E> {
        Ok(Item::Number(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Item, E> {
        Ok(Item::Number(number as f64))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Item, E> {
        Ok(Item::Number(number as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Item, A::Error> {
        let Self { document, depth } = self;
        if depth > DEEPEST {
            return document.take(Err(FileFault::nesting()));
        }
        let mut position = [0.0; 2];
        let mut numbers = 0;
        let mut list = Vec::new();
        loop {
            let inner = Nest {
                document: &mut *document,
                depth: depth + 1,
            };
            match items.next_element_seed(NestOrNumber(inner))? {
                None => break,
                Some(Item::Number(number)) if list.is_empty() => {
                    // Heights and measures after the second are not ours.
                    if let Some(axis) = position.get_mut(numbers) {
                        *axis = number;
                    }
                    numbers += 1;
                }
                Some(Item::Nested(nested)) if numbers == 0 => list.push(nested),
                Some(_) => return document.take(Err(FileFault::broken("coordinates"))),
            }
        }
        match numbers {
            0 => {
                let counted = document.meter.part();
                document.take(counted)?;
                Ok(Item::Nested(Nested::List(list)))
            }
            1 => document.take(Err(FileFault::broken("coordinates"))),
            _ => {
                let vertex = document.meter.vertex(position[0], position[1]);
                document
                    .take(vertex)
                    .map(|vertex| Item::Nested(Nested::Position(vertex)))
            }
        }
    }
}

struct Properties<'d, 'm, 'l>(&'d mut Document<'m, 'l>);

impl<'de> DeserializeSeed<'de> for Properties<'_, '_, '_> {
    type Value = Vec<(Arc<str>, String)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Properties<'_, '_, '_> {
    type Value = Vec<(Arc<str>, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("properties or null")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let document = self.0;
        let mut properties = Vec::new();
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            let raw: &RawValue = map.next_value()?;
            if let Some(value) = value_text(raw.get()) {
                document.property(&mut properties, &name, value)?;
            }
        }
        Ok(properties)
    }
}

/// A value as text: the text itself, a number as it was written, anything else as JSON; none for null.
fn value_text(raw: &str) -> Option<String> {
    match raw.as_bytes().first() {
        Some(b'n') => None,
        Some(b'"') => serde_json::from_str(raw).ok(),
        _ => Some(raw.to_owned()),
    }
}
