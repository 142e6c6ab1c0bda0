//! Import of divisions: validity, successors, the province that the tables leave out, and faults all at once.

use jingwei_core::code::Level;
use jingwei_core::directory::{Directory, DivisionRow, read_divisions};
use jingwei_core::id::DivisionId;
use jingwei_core::label::Label;
use jingwei_core::time::Day;

use super::seen;
use crate::support::{division, divisions, file};

fn nothing() -> Directory {
    Directory::new([], [], [])
}

fn read(text: &str) -> Result<Vec<DivisionRow>, Vec<jingwei_core::rules::table::Fault>> {
    read_divisions(&file("d.csv", text), &nothing())
}

fn row<'r>(rows: &'r [DivisionRow], code: &str) -> &'r DivisionRow {
    rows.iter()
        .find(|row| row.code.as_str() == code)
        .unwrap_or_else(|| panic!("{code} is not there"))
}

#[test]
fn the_tables_as_shipped_are_read_in_any_order_and_the_province_is_added() {
    // The columns of the four shipped tables, smallest first.
    let files: Vec<(String, String)> = [
        (
            "villages.csv",
            "code,name,streetCode,provinceCode,cityCode,areaCode\n510116111001,黄龙社区居委会,510116111,51,5101,510116\n",
        ),
        (
            "streets.csv",
            "code,name,areaCode,provinceCode,cityCode\n510116111,黄龙溪镇,510116,51,5101\n513402001,城北街道,513402,51,5134\n",
        ),
        (
            "areas.csv",
            "code,name,cityCode,provinceCode\n510116,双流区,5101,51\n513402,会理市,5134,51\n",
        ),
        (
            "cities.csv",
            "code,name,provinceCode\n5101,成都市,51\n5134,凉山彝族自治州,51\n",
        ),
        (
            "former.csv",
            include_str!("../../../../../data/divisions/sichuan/former.csv"),
        ),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .to_vec();
    let rows = read_divisions(&files, &nothing()).expect("sound");
    assert_eq!(rows.len(), 9, "eight rows and the province");
    let province = row(&rows, "51");
    assert_eq!(
        (province.name.as_str(), province.code.level()),
        ("四川省", Level::Province)
    );
    assert_eq!(province.valid_from, Some(Day(20_230_630)));
    let town = row(&rows, "510116111");
    assert_eq!(town.id, DivisionId::of_code("510116111"));
    assert_eq!(
        (town.valid_from, town.valid_to, town.successor),
        (Some(Day(20_230_630)), None, None)
    );
    let former = row(&rows, "513425");
    assert_eq!(
        (former.valid_from, former.valid_to),
        (None, Some(Day(20_210_120))),
        "the first day of a former division may be unknown"
    );
    assert_eq!(former.successor, Some(row(&rows, "513402").id));

    let all = Directory::new(rows, [], []);
    let former = all.division(&division("513425")).expect("known");
    assert!(Directory::valid_on(former, Day(20_210_120)));
    assert!(!Directory::valid_on(former, Day(20_210_121)));
    let present = all.division(&division("513402")).expect("known");
    assert!(!Directory::valid_on(present, Day(20_230_629)));
    assert!(Directory::valid_on(present, Day(20_261_120)));
    assert_eq!(
        all.division_by_id(present.id).map(|row| row.name.as_str()),
        Some("会理市")
    );
    assert_eq!(all.divisions().count(), 9);
}

#[test]
fn a_row_is_known_again_by_its_code_and_keeps_its_id() {
    let mut old = divisions();
    let town = old
        .iter_mut()
        .find(|row| row.code.as_str() == "510116111")
        .expect("the town");
    town.id = DivisionId::of_code("an id of long ago");
    let id = town.id;
    let present = Directory::new(old, [], []);
    let text = "code,name,valid_from\n510116111,黄龙溪街道,2026-01-01\n510116111009,新社区,\n";
    let rows = read_divisions(&file("d.csv", text), &present).expect("sound");
    assert_eq!(rows.len(), 2, "what is above is known already");
    let town = row(&rows, "510116111");
    assert_eq!(town.id, id);
    assert_eq!(town.name, Label::new("黄龙溪街道").expect("a label"));
    assert_eq!(town.valid_from, Some(Day(20_260_101)));
}

#[test]
fn the_same_name_twice_is_two_divisions() {
    let text = "code,name\n5105,泸州市\n510503,纳溪区\n510503108,天仙镇\n5109,遂宁市\n510981,射洪市\n510981108,天仙镇\n";
    let rows = read(text).expect("sound");
    assert_ne!(row(&rows, "510503108").id, row(&rows, "510981108").id);
    assert_eq!(row(&rows, "510503108").name, row(&rows, "510981108").name);
}

#[test]
fn every_fault_of_a_table_is_listed_at_once() {
    let text = "code,name,cityCode,valid_from,valid_to,successor
5101,成都市,,,,
51O116,双流区,5101,,,
510104,,5101,,,
510105,青羊区,5133,,,
510106,金牛区,5101,2026-02-30,,
510107,武侯区,5101,2026-05-01,2026-04-30,
510108,成华区,5101,,,510199
510109,某区,5101,,,510109
510110,某区,5101,,,5101x
5101,成都市又一次,,,,
510999001,某镇,,,,
510112,龙泉驿区,5101,,
";
    let mut found = seen(read(text));
    found.sort();
    let mut due = [
        "d.csv:3 code not_understood",
        "d.csv:4 name required",
        "d.csv:5 cityCode wrong_parent",
        "d.csv:6 valid_from not_understood",
        "d.csv:7 valid_to before_start",
        "d.csv:8 successor unknown_division",
        "d.csv:9 successor not_understood",
        "d.csv:10 successor not_understood",
        "d.csv:11 code duplicate",
        "d.csv:12 code missing_parent",
        "d.csv:13  broken_row",
    ];
    due.sort_unstable();
    assert_eq!(found, due);
}

#[test]
fn a_fault_of_one_file_takes_back_the_others_too() {
    let good = ("a.csv".to_owned(), "code,name\n5101,成都市\n".to_owned());
    let bad = ("b.csv".to_owned(), "code,name\n5101,又一个\n".to_owned());
    assert_eq!(
        read_divisions(std::slice::from_ref(&good), &nothing()).map(|r| r.len()),
        Ok(2)
    );
    let faults = read_divisions(&[good, bad], &nothing()).expect_err("a fault");
    assert_eq!(faults.len(), 1);
    assert_eq!(
        (faults[0].file.as_str(), faults[0].line, faults[0].code),
        ("b.csv", 2, "duplicate")
    );
    assert!(
        faults[0].en.contains("a.csv line 2"),
        "where the other stands: {}",
        faults[0].en
    );
}

#[test]
fn headers_are_checked_and_an_empty_table_is_a_fault() {
    assert_eq!(
        seen(read("code,title\n5101,成都市\n"))[..2],
        [
            "d.csv:1 name missing_column",
            "d.csv:1 title unknown_column"
        ]
    );
    assert_eq!(seen(read("code,name\n")), ["d.csv:0  empty"]);
    let nothing_at_all = seen(read(""));
    assert_eq!(
        nothing_at_all,
        ["d.csv:1 code missing_column", "d.csv:1 name missing_column"]
    );
    assert_eq!(
        seen(read_divisions(&[], &nothing())),
        [":0  empty"],
        "no file at all"
    );
}

#[test]
fn a_byte_order_mark_and_crlf_are_no_fault() {
    let rows = read("\u{feff}code,name\r\n5101, 成都市 \r\n").expect("sound");
    assert_eq!(row(&rows, "5101").name.as_str(), "成都市");
}

#[test]
fn only_a_province_of_the_standard_is_added() {
    assert_eq!(
        seen(read("code,name\n9901,某市\n")),
        ["d.csv:2 code missing_parent"],
        "99 is no province"
    );
    let rows = read("code,name\n5001,重庆市辖区\n").expect("sound");
    assert_eq!(row(&rows, "50").name.as_str(), "重庆市");
}
