//! Places: what is read, and each refusal whole.

use jingwei_core::code::Level;
use jingwei_core::directory::gazetteer::{Gazetteer, Reason, What};
use jingwei_core::directory::{Directory, DivisionRow, PlaceKind, PlaceRow, read_places};
use jingwei_core::id::DivisionId;
use jingwei_core::label::Label;
use jingwei_core::place::{Datum, Point};
use jingwei_core::time::Day;

use super::{PLACES, TODAY, found, gazetteer, places, sichuan};
use crate::support::{division, file};

const HEADER: &str = "code,name,aliases,kind,division,lon,lat,datum\n";

fn read(rows: &str) -> Result<Vec<PlaceRow>, Vec<String>> {
    read_places(&file("p.csv", &format!("{HEADER}{rows}")), sichuan()).map_err(|faults| {
        faults
            .iter()
            .map(|f| format!("{} {} {}: {} / {}", f.line, f.column, f.code, f.zh, f.en))
            .collect()
    })
}

#[test]
fn the_demos_places_lie_in_communities_and_towns_near_where_their_units_are() {
    let places = places();
    assert_eq!(places.len() + 1, PLACES.lines().count());
    assert!(places.len() > 40);
    for place in &places {
        let level = place.division.level();
        assert!(
            matches!(level, Level::Community | Level::Town),
            "{}",
            place.code
        );
        let row = sichuan().division(&place.division).expect("known");
        assert!(Directory::valid_on(row, TODAY), "{}", place.code);
        let (lon, lat) = (place.point.lon(), place.point.lat());
        let due = match &place.code.as_str()[..2] {
            "HL" => (103.92..104.0, 30.29..30.36),
            "LD" => (102.0..102.3, 29.6..30.0),
            _ => (105.3..105.6, 28.6..28.8),
        };
        assert!(
            due.0.contains(&lon) && due.1.contains(&lat),
            "{}",
            place.code
        );
    }
    let bridge = &places[places
        .binary_search_by(|p| p.code.as_str().cmp("HLX-P-002"))
        .expect("there")];
    assert_eq!(bridge.kind, PlaceKind::Bridge);
    let aliases: Vec<&str> = bridge.aliases.iter().map(Label::as_str).collect();
    assert_eq!(aliases, ["大桥", "府河大桥"]);
}

#[test]
fn every_place_is_found_by_each_of_its_names_in_its_town() {
    for (i, place) in gazetteer().places().iter().enumerate() {
        let town = place.division.at_level(Level::Town).expect("a town");
        let town = sichuan().division(&town).expect("known").name.as_str();
        for name in std::iter::once(&place.name).chain(&place.aliases) {
            let text = format!("{town}{name}");
            let first = &found(&text, "", 1)[0];
            assert_eq!(first.what, What::Place(i), "{text}");
            assert_eq!(first.division, place.division);
            // 黄龙溪镇卫生院 is an alias after its town and the whole name too.
            let how = first.reasons[0];
            let named = how == Reason::Named;
            assert!(
                named || (*name != place.name && how == Reason::Alias),
                "{text}: {how}"
            );
        }
    }
}

#[test]
fn positions_come_in_any_datum_and_stay_in_wgs84() {
    let rows = "A-1,桥,,bridge,510116111,103.9725,30.3158,GCJ-02\nA-2,桥,,bridge,510116111001,103.97,30.318,\n";
    let places = read(rows).expect("sound");
    let point = Point::from_datum(103.9725, 30.3158, Datum::Gcj02).expect("a point");
    assert_eq!(places[0].point, point);
    assert_eq!(Point::from_degrees(103.97, 30.318), Some(places[1].point));
    let apart = Point::from_degrees(103.9725, 30.3158)
        .expect("a point")
        .metres_to(point);
    assert!((200..600).contains(&apart), "{apart} m");
}

#[test]
fn each_fault_has_its_line_its_column_and_both_languages() {
    for (row, due) in [
        (
            "a,桥,,bridge,510116111,104,30,",
            vec![
                "2 code not_understood: code 的值“a”看不懂 / the value \"a\" of code is not understood",
            ],
        ),
        (
            "A-1,,,bridge,510116111,104,30,",
            vec!["2 name required: name 不能为空 / name must not be empty"],
        ),
        (
            "A-1,桥,,ferry,510116111,104,30,",
            vec![
                "2 kind not_understood: kind 的值“ferry”看不懂 / the value \"ferry\" of kind is not understood",
            ],
        ),
        (
            "A-1,桥,,bridge,999999999,104,30,",
            vec![
                "2 division unknown_division: 行政区划 999999999 不在库中，请先导入区划 / the division 999999999 is not known: import divisions first",
            ],
        ),
        (
            "A-1,桥,,bridge,510116,104,30,",
            vec![
                "2 division wrong_level: 510116 既不是村（社区）也不是乡镇（街道）：地点要落到其中之一 / 510116 is neither a community nor a town: a place lies in one of them",
            ],
        ),
        (
            "A-1,桥,,bridge,510116111,30.3,104,",
            vec![
                "2 lon position: 经度 30.3、纬度 104 不是一个位置：应为 WGS84 度数，先经度后纬度 / longitude 30.3 and latitude 104 are no position: degrees WGS84 are due, longitude first",
            ],
        ),
        (
            "A-1,桥,,bridge,510116111,NaN,30,",
            vec![
                "2 lon position: 经度 NaN、纬度 30 不是一个位置：应为 WGS84 度数，先经度后纬度 / longitude NaN and latitude 30 are no position: degrees WGS84 are due, longitude first",
            ],
        ),
        (
            "A-1,桥,,bridge,510116111,,x,",
            vec![
                "2 lon required: lon 不能为空 / lon must not be empty",
                "2 lat not_understood: lat 的值“x”看不懂 / the value \"x\" of lat is not understood",
            ],
        ),
        (
            "A-1,桥,,bridge,510116111,104,30,XIAN80",
            vec![
                "2 datum not_understood: datum 的值“XIAN80”看不懂 / the value \"XIAN80\" of datum is not understood",
            ],
        ),
        (
            "A-1,桥,老桥|桥|老桥,bridge,510116111,104,30,",
            vec![
                "2 aliases duplicate: 别名“桥”与名称或另一个别名相同 / the alias \"桥\" is the name or another alias again",
                "2 aliases duplicate: 别名“老桥”与名称或另一个别名相同 / the alias \"老桥\" is the name or another alias again",
            ],
        ),
        (
            "A-1,滨河路12号501室,,estate,510116111,104,30,",
            vec![
                "2 name home: “滨河路12号501室”像是住户的门牌：地点表只收公共地点，小区、院落写到名称为止 / \"滨河路12号501室\" reads like the door of a home: only public places are taken, an estate by its name",
            ],
        ),
        (
            "A-1,幸福小区,一号楼3单元,estate,510116111,104,30,",
            vec![
                "2 aliases home: “一号楼3单元”像是住户的门牌：地点表只收公共地点，小区、院落写到名称为止 / \"一号楼3单元\" reads like the door of a home: only public places are taken, an estate by its name",
            ],
        ),
        (
            "A-1,桥,,bridge,510116111,104,30,\nA-1,桥,,bridge,510116111,104,30,",
            vec![
                "3 code duplicate: 地点代码 A-1 已在 p.csv 第 2 行出现 / the place A-1 stands in p.csv line 2 already",
            ],
        ),
        (
            "A-1,桥",
            vec![
                "2  broken_row: 这一行的列数或引号不对：应有 8 列 / the row has the wrong number of columns or broken quotes: 8 columns are due",
            ],
        ),
        ("", vec!["0  empty: 没有一行数据 / there is not one row"]),
    ] {
        assert_eq!(
            read(row),
            Err(due.into_iter().map(str::to_owned).collect()),
            "{row}"
        );
    }
    let long = format!("A-1,{0},{0},bridge,510116111,104,30,", "桥".repeat(81));
    let faults = read(&long).expect_err("too long");
    assert_eq!(
        faults,
        [
            "2 name too_long: name 有 81 个字，最多 80 个 / name has 81 characters, 80 at most",
            "2 aliases too_long: aliases 有 81 个字，最多 80 个 / aliases has 81 characters, 80 at most",
        ]
    );
    let header = read_places(&file("p.csv", "code,name,kind,division,lon\n"), sichuan());
    let fault = &header.expect_err("a column is missing")[0];
    assert_eq!(
        (fault.code, fault.column.as_str()),
        ("missing_column", "lat")
    );
}

#[test]
fn a_place_of_a_former_division_lies_in_the_one_of_today() {
    let row = |code: &str, name: &str, to: Option<i32>, successor: Option<&str>| DivisionRow {
        id: DivisionId::of_code(code),
        code: division(code),
        name: Label::new(name).expect("a name"),
        valid_from: None,
        valid_to: to.map(Day),
        successor: successor.map(DivisionId::of_code),
    };
    let divisions = [
        row("5101", "成都市", None, None),
        row("510116", "双流区", None, None),
        row("510116111", "黄龙溪镇", None, None),
        row("510116190", "甲乙镇", Some(20_201_231), Some("510116111")),
        // A ring, as a faulty table may bring it.
        row("510116191", "丙丁镇", Some(20_201_231), Some("510116192")),
        row("510116192", "戊己镇", Some(20_201_231), Some("510116191")),
    ];
    let directory = Directory::new(divisions.clone(), [], []);
    let table = format!("{HEADER}A-1,老石桥,,bridge,510116190,104,30,\n");
    let places = read_places(&file("p.csv", &table), &directory).expect("sound");
    let gazetteer = Gazetteer::new(directory.divisions(), places.clone(), TODAY);
    let found = gazetteer.search("黄龙溪镇老石桥", None, 9);
    let path: Vec<&str> = found[0].path.iter().map(Label::as_str).collect();
    assert_eq!(path, ["成都市", "双流区", "黄龙溪镇", "老石桥"]);
    assert_eq!(gazetteer.search("丙丁镇戊己镇", None, 9), []);
    // On a day on which it stood it is itself.
    let before = Gazetteer::new(directory.divisions(), places, Day(20_191_231));
    let found = before.search("甲乙镇老石桥", None, 9);
    let path: Vec<&str> = found[0].path.iter().map(Label::as_str).collect();
    assert_eq!(path, ["成都市", "双流区", "甲乙镇", "老石桥"]);
}

#[test]
fn every_reason_has_a_text_in_both_languages() {
    let mut texts: Vec<&str> = Reason::ALL
        .iter()
        .flat_map(|reason| [reason.zh(), reason.en()])
        .collect();
    assert!(
        Reason::ALL
            .iter()
            .all(|r| !r.zh().is_ascii() && r.en().is_ascii())
    );
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 2 * Reason::ALL.len());
}
