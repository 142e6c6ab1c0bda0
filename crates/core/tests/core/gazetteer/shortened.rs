//! How well every community of Sichuan is found when its address is written short.
//!
//! Not all can be: what is called after a road (抚琴街道金鱼街) is taken for the road and its community only for a hint, and the
//! stems of a town and of a community can together be the name of another town. The shares are those of the tables as
//! shipped; they fall when the reading gets worse.

use jingwei_core::code::{DivisionCode, Level};
use jingwei_core::directory::gazetteer::Reason;

use super::{found, sichuan, standing};

/// The name without its ending, as somebody in a hurry writes it; whole when one character would remain.
fn short(of: &DivisionCode) -> String {
    let name = sichuan().division(of).expect("known").name.as_str();
    let endings: &[&str] = match of.level() {
        Level::Community => &[
            "村村民委员会",
            "社区居民委员会",
            "社区村民委员会",
            "社区居委会",
            "村村委会",
            "村民委员会",
            "村委会",
            "居民委员会",
            "居委会",
            "社区",
        ],
        Level::Town => &["街道", "镇", "乡"],
        _ => &["自治县", "自治州", "区", "县", "市"],
    };
    let mut stem = endings.iter().find_map(|ending| name.strip_suffix(ending));
    for people in [
        "彝族",
        "藏族",
        "羌族",
        "苗族",
        "回族",
        "傈僳族",
        "土家族",
        "蒙古族",
        "纳西族",
        "傣族",
    ] {
        stem = stem.map(|stem| stem.strip_suffix(people).unwrap_or(stem));
    }
    stem.filter(|stem| stem.chars().count() > 1)
        .unwrap_or(name)
        .to_owned()
}

fn full(of: &DivisionCode) -> String {
    sichuan()
        .division(of)
        .expect("known")
        .name
        .as_str()
        .to_owned()
}

/// Of 1,000 communities written as `text`: how many come first, and how many are among those that agree with the text.
fn of_thousand(text: impl Fn([DivisionCode; 3]) -> String) -> (usize, usize) {
    let all = standing(Level::Community);
    let (mut first, mut among) = (0, 0);
    for of in &all {
        let [county, town] =
            [Level::County, Level::Town].map(|level| of.at_level(level).expect("above"));
        let found = found(&text([county, town, (*of).clone()]), "", 50);
        first += usize::from(found.first().is_some_and(|c| c.division == **of));
        among += usize::from(
            found
                .iter()
                .any(|c| c.division == **of && !c.reasons.contains(&Reason::Outside)),
        );
    }
    (first * 1_000 / all.len(), among * 1_000 / all.len())
}

#[test]
fn county_town_and_community_without_any_ending() {
    let (first, among) =
        of_thousand(|[county, town, of]| short(&county) + &short(&town) + &short(&of));
    assert!(first >= 966 && among >= 996, "{first} {among}");
}

#[test]
fn town_and_community_without_the_committee() {
    let (first, among) = of_thousand(|[_, town, of]| full(&town) + &short(&of));
    assert!(first >= 967 && among >= 999, "{first} {among}");
}

#[test]
fn county_and_community_without_the_town() {
    let (first, among) = of_thousand(|[county, _, of]| full(&county) + &full(&of));
    assert!(first >= 996 && among >= 1_000, "{first} {among}");
}
