//! The gazetteer: written addresses and what they mean, over the shipped divisions of Sichuan and the demo's places.

mod addresses;
mod places;
mod properties;
mod shortened;

use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use jingwei_core::code::{DivisionCode, Level};
use jingwei_core::directory::gazetteer::{Candidate, Gazetteer, What};
use jingwei_core::directory::{Directory, PlaceRow, read_divisions, read_places};
use jingwei_core::time::Day;

use crate::support::{division, file};

/// The day of the stories.
pub(crate) const TODAY: Day = Day(20_261_120);

/// The demo's places as shipped.
pub(crate) const PLACES: &str = include_str!("../../../../../data/demo/places.csv");

/// Divisions that were renamed or joined, made up for the tests: towns of Huanglongxi's county, and a community.
const FORMER: &str = "code,name,valid_from,valid_to,successor
510116190,甲乙镇,,2019-12-31,510116191
510116191,丙丁镇,2020-01-01,2022-12-31,510116111
510116111390,戊己村村民委员会,,2022-12-31,510116111002
510116192,庚辛镇,,2022-12-31,
510116193,未来镇,2030-01-01,,
";

fn unpack(packed: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(packed)
        .read_to_string(&mut text)
        .expect("a shipped table unpacks");
    text
}

/// All divisions of Sichuan.
pub(crate) fn sichuan() -> &'static Directory {
    static ALL: OnceLock<Directory> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut files = Vec::new();
        for (name, packed) in [
            (
                "cities.csv",
                &include_bytes!("../../../../../data/divisions/sichuan/cities.csv.gz")[..],
            ),
            (
                "areas.csv",
                include_bytes!("../../../../../data/divisions/sichuan/areas.csv.gz"),
            ),
            (
                "streets.csv",
                include_bytes!("../../../../../data/divisions/sichuan/streets.csv.gz"),
            ),
            (
                "villages.csv",
                include_bytes!("../../../../../data/divisions/sichuan/villages.csv.gz"),
            ),
        ] {
            files.extend(file(name, &unpack(packed)));
        }
        files.extend(file(
            "former.csv",
            include_str!("../../../../../data/divisions/sichuan/former.csv"),
        ));
        files.extend(file("made_up.csv", FORMER));
        let rows = read_divisions(&files, &Directory::new([], [], [])).expect("sound");
        Directory::new(rows, [], [])
    })
}

/// The demo's places.
pub(crate) fn places() -> Vec<PlaceRow> {
    read_places(&file("places.csv", PLACES), sichuan()).expect("the demo's places are sound")
}

/// Sichuan's divisions and the demo's places.
pub(crate) fn gazetteer() -> &'static Gazetteer {
    static ALL: OnceLock<Gazetteer> = OnceLock::new();
    ALL.get_or_init(|| Gazetteer::new(sichuan().divisions(), places(), TODAY))
}

/// The code of what was found: of a division or of a place.
pub(crate) fn code(candidate: &Candidate) -> String {
    match candidate.what {
        What::Division(_) => candidate.division.as_str().to_owned(),
        What::Place(number) => {
            let place = gazetteer().place(number).expect("a place that was found");
            place.code.as_str().to_owned()
        }
    }
}

/// The full path of a division, written without anything between: 四川省成都市双流区黄龙溪镇.
pub(crate) fn written(of: &DivisionCode) -> String {
    let mut path = of.path();
    path.reverse();
    path.iter()
        .map(|code| {
            sichuan()
                .division(code)
                .expect("a path is whole")
                .name
                .as_str()
        })
        .collect()
}

/// All that stands on the day of the tests at a level, in the order of the codes.
pub(crate) fn standing(level: Level) -> Vec<&'static DivisionCode> {
    let mut codes: Vec<&DivisionCode> = sichuan()
        .divisions()
        .filter(|row| row.code.level() == level && Directory::valid_on(row, TODAY))
        .map(|row| &row.code)
        .collect();
    codes.sort_unstable();
    codes
}

/// What a text means to who is in a division.
pub(crate) fn found(text: &str, within: &str, most: usize) -> Vec<Candidate> {
    let within = (!within.is_empty()).then(|| division(within));
    gazetteer().search(text, within.as_ref(), most)
}
