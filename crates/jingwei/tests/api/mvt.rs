//! Just enough of a reader of vector tiles to see what is in one: names of layers, properties, and how many features.

use std::collections::BTreeMap;

/// Properties of a feature as text.
pub(crate) type Feature = BTreeMap<String, String>;

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn number(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().expect("a byte");
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(number(&mut bytes)),
            2 => {
                let length = usize::try_from(number(&mut bytes)).expect("a length");
                let (field, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(field)
            }
            other => panic!("wire type {other}"),
        };
        all.push((key >> 3, field));
    }
    all
}

fn value(bytes: &[u8]) -> String {
    match fields(bytes).as_slice() {
        [(1, Field::Bytes(text))] => String::from_utf8(text.to_vec()).expect("UTF-8"),
        [(5, Field::Number(whole))] => whole.to_string(),
        _ => panic!("a value of another kind"),
    }
}

/// The features of a tile, layer by layer.
pub(crate) fn layers(tile: &[u8]) -> BTreeMap<String, Vec<Feature>> {
    let layers = fields(tile).into_iter().map(|field| match field {
        (3, Field::Bytes(bytes)) => layer(bytes),
        (other, _) => panic!("field {other} in a tile"),
    });
    layers.collect()
}

fn layer(bytes: &[u8]) -> (String, Vec<Feature>) {
    let (mut name, mut keys, mut values, mut features) =
        (String::new(), Vec::new(), Vec::new(), Vec::new());
    for field in fields(bytes) {
        match field {
            (1, Field::Bytes(text)) => name = String::from_utf8(text.to_vec()).expect("UTF-8"),
            (2, Field::Bytes(feature)) => features.push(feature),
            (3, Field::Bytes(key)) => keys.push(String::from_utf8(key.to_vec()).expect("UTF-8")),
            (4, Field::Bytes(bytes)) => values.push(value(bytes)),
            _ => {}
        }
    }
    let at = |list: &[String], place: u64| list[usize::try_from(place).expect("a place")].clone();
    let features = features.into_iter().map(|feature| {
        let tags = fields(feature).into_iter().find_map(|field| match field {
            (2, Field::Bytes(tags)) => Some(tags),
            _ => None,
        });
        let mut tags = tags.expect("tags");
        let mut properties = Feature::new();
        while !tags.is_empty() {
            let (key, value) = (number(&mut tags), number(&mut tags));
            properties.insert(at(&keys, key), at(&values, value));
        }
        properties
    });
    (name, features.collect())
}
