//! Named places that everybody may know: a bridge, a school, a market, a building site. One fault and nothing is taken.
//!
//! A place is public: never a person's home. A name that reads like a door of a house (a room, a stairwell, a household) is
//! refused, so that the table cannot become a list of who lives where.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::Directory;
use crate::code::{DivisionCode, Level, PlaceCode};
use crate::label::Label;
use crate::place::{Datum, Point};
use crate::rules::table::{Fault, Row, Table};
use crate::words;

words! {
    /// What a named place is.
    pub enum PlaceKind {
        /// 工地、厂区、园区
        Site = "site",
        /// 街、路、巷
        Street = "street",
        /// 路口
        Crossing = "crossing",
        /// 桥
        Bridge = "bridge",
        /// 隧道
        Tunnel = "tunnel",
        /// 学校、幼儿园
        School = "school",
        /// 医院、卫生院、卫生室
        Hospital = "hospital",
        /// 养老院、福利院
        Care = "care",
        /// 市场、商场、超市
        Market = "market",
        /// 小区、院落，只到名称，不到户
        Estate = "estate",
        /// 自然村、村民小组、院子
        Hamlet = "hamlet",
        /// 景区、古镇、文物点
        Scenic = "scenic",
        /// 车站、码头、地铁站、服务区
        Station = "station",
        /// 公园、绿地
        Park = "park",
        /// 广场
        Square = "square",
        /// 河、湖、水库、堰塘
        Water = "water",
        /// 政府机关、政务服务点
        Office = "office",
        /// 其他公共地点
        Other = "other",
    }
}

/// A named public place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRow {
    /// Stable code given by the deployment.
    pub code: PlaceCode,
    /// The name as it is written in full.
    pub name: Label,
    /// What people also call it.
    pub aliases: Vec<Label>,
    /// What it is.
    pub kind: PlaceKind,
    /// The community it lies in, or the town when it belongs to no one community.
    pub division: DivisionCode,
    /// Where it is, WGS84.
    pub point: Point,
}

/// Reads one or more tables of places: `code,name,aliases,kind,division,lon,lat` and, when the positions are not WGS84, `datum`.
/// Aliases stand apart by `|`. The answer is in the order of the codes.
pub fn read_places(
    files: &[(String, String)],
    present: &Directory,
) -> Result<Vec<PlaceRow>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut places: BTreeMap<PlaceCode, PlaceRow> = BTreeMap::new();
    let mut first_seen: HashMap<PlaceCode, (String, u64)> = HashMap::new();
    for (name, text) in files {
        let table = Table::read(name, text, &mut faults);
        let needed = ["code", "name", "kind", "division", "lon", "lat"];
        if !table.check_header(&needed, &["aliases", "datum"], &mut faults) {
            continue;
        }
        for row in table.rows() {
            let place = read_place(row, present, &mut faults);
            let Some(code) = PlaceCode::parse(row.text("code")) else {
                continue;
            };
            if let Some((file, line)) = first_seen.get(&code) {
                faults.push(row.fault(
                    "code",
                    "duplicate",
                    format!("地点代码 {code} 已在 {file} 第 {line} 行出现"),
                    format!("the place {code} stands in {file} line {line} already"),
                ));
                continue;
            }
            first_seen.insert(code.clone(), (table.file().to_owned(), row.line));
            places.extend(place.map(|place| (code, place)));
        }
    }
    if first_seen.is_empty() && faults.is_empty() {
        faults.push(Fault {
            file: files
                .first()
                .map(|(name, _)| name.clone())
                .unwrap_or_default(),
            line: 0,
            column: String::new(),
            code: "empty",
            zh: "没有一行数据".to_owned(),
            en: "there is not one row".to_owned(),
        });
    }
    if faults.is_empty() {
        Ok(places.into_values().collect())
    } else {
        Err(faults)
    }
}

fn read_place(row: Row<'_>, present: &Directory, faults: &mut Vec<Fault>) -> Option<PlaceRow> {
    let before = faults.len();
    let code = row.word("code", PlaceCode::parse, faults);
    let name = row.label("name", faults);
    let kind = row.word("kind", PlaceKind::parse, faults);
    let aliases = read_aliases(row, name.as_ref(), faults);
    let division = read_division(row, present, faults);
    let point = read_point(row, faults);
    for (column, text) in std::iter::once(("name", row.text("name")))
        .chain(row.list("aliases").map(|alias| ("aliases", alias)))
    {
        if is_a_door(text) {
            faults.push(row.fault(
                column,
                "home",
                format!("“{text}”像是住户的门牌：地点表只收公共地点，小区、院落写到名称为止"),
                format!("\"{text}\" reads like the door of a home: only public places are taken, an estate by its name"),
            ));
        }
    }
    if faults.len() > before {
        return None;
    }
    Some(PlaceRow {
        code: code?,
        name: name?,
        aliases,
        kind: kind?,
        division: division?,
        point: point?,
    })
}

fn read_aliases(row: Row<'_>, name: Option<&Label>, faults: &mut Vec<Fault>) -> Vec<Label> {
    let mut aliases = Vec::new();
    let mut seen: HashSet<&str> = name.map(Label::as_str).into_iter().collect();
    for text in row.list("aliases") {
        if let Some(fault) = row.too_long("aliases", text, Label::MOST) {
            faults.push(fault);
        } else if !seen.insert(text) {
            faults.push(row.fault(
                "aliases",
                "duplicate",
                format!("别名“{text}”与名称或另一个别名相同"),
                format!("the alias \"{text}\" is the name or another alias again"),
            ));
        } else {
            aliases.extend(Label::new(text));
        }
    }
    aliases
}

fn read_division(
    row: Row<'_>,
    present: &Directory,
    faults: &mut Vec<Fault>,
) -> Option<DivisionCode> {
    let code = super::import::known_division(row, present, faults)?;
    if !matches!(code.level(), Level::Community | Level::Town) {
        faults.push(row.fault(
            "division",
            "wrong_level",
            format!("{code} 既不是村（社区）也不是乡镇（街道）：地点要落到其中之一"),
            format!("{code} is neither a community nor a town: a place lies in one of them"),
        ));
        return None;
    }
    Some(code)
}

fn read_point(row: Row<'_>, faults: &mut Vec<Fault>) -> Option<Point> {
    let datum = match row.text("datum") {
        "" => Datum::Wgs84,
        _ => row.word("datum", Datum::parse, faults)?,
    };
    let degrees = |column: &str, faults: &mut Vec<Fault>| {
        row.word(column, |text| text.parse::<f64>().ok(), faults)
    };
    let (lon, lat) = (degrees("lon", faults), degrees("lat", faults));
    let (lon, lat) = (lon?, lat?);
    let point = Point::from_datum(lon, lat, datum);
    if point.is_none() {
        faults.push(row.fault(
            "lon",
            "position",
            format!("经度 {lon}、纬度 {lat} 不是一个位置：应为 {datum} 度数，先经度后纬度"),
            format!("longitude {lon} and latitude {lat} are no position: degrees {datum} are due, longitude first"),
        ));
    }
    point
}

/// Whether a name goes on to a door inside a building: a number before 室, 户, 单元 or 门.
fn is_a_door(text: &str) -> bool {
    let is_number = |c: char| c.is_numeric() || "一二三四五六七八九十".contains(c);
    ["室", "户", "单元", "号门"].iter().any(|door| {
        text.match_indices(door)
            .any(|(at, _)| text[..at].chars().next_back().is_some_and(is_number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_of_a_home_is_told_from_a_public_place() {
        for door in ["幸福小区3栋2单元", "滨河路12号501室", "古佛村３组二户"] {
            assert!(is_a_door(door), "{door}");
        }
        for place in ["黄龙社区卫生室", "门户广场", "一号桥", "北门", "会议室"] {
            assert!(!is_a_door(place), "{place}");
        }
    }
}
