//! What stands behind the proper name of a division: 省 市 县 镇 社区居委会 彝族乡 …
//!
//! A name is kept as its stem (双流 of 双流区) and its ending. Whoever writes an address drops the ending, shortens it (社区 for
//! 社区居民委员会) or writes that of earlier days (双流县); all of these are read here. Keeps: an ending is taken by its longest reading.

use crate::code::Level;

/// Groups of endings that are one and the same to who writes an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    /// 省
    Province,
    /// 自治区、特别行政区
    Region,
    /// 市
    City,
    /// 自治州、州
    Prefecture,
    /// 地区
    Area,
    /// 盟
    League,
    /// 区
    District,
    /// 县、自治县
    County,
    /// 旗、自治旗
    Banner,
    /// 街道、街道办事处
    Street,
    /// 镇
    Town,
    /// 乡、民族乡
    Township,
    /// 社区、社区居委会、居委会
    Neighbourhood,
    /// 村、村委会
    Village,
    /// 虚拟社区、虚拟生活区、生活区：农场、林场等
    Settlement,
}

use Ending::{
    Area, Banner, City, County, District, League, Neighbourhood, Prefecture, Province, Region,
    Settlement, Street, Town, Township, Village,
};

/// The endings of a level, the longest first where one ends like another.
fn endings(level: Level) -> &'static [(&'static str, Ending)] {
    match level {
        Level::Province => &[
            ("特别行政区", Region),
            ("自治区", Region),
            ("省", Province),
            ("市", City),
        ],
        Level::City => &[
            ("自治州", Prefecture),
            ("地区", Area),
            ("市", City),
            ("州", Prefecture),
            ("盟", League),
        ],
        Level::County => &[
            ("自治县", County),
            ("自治旗", Banner),
            ("新区", District),
            ("区", District),
            ("县", County),
            ("市", City),
            ("旗", Banner),
        ],
        Level::Town => &[
            ("街道办事处", Street),
            ("街道办", Street),
            ("办事处", Street),
            ("民族乡", Township),
            ("街道", Street),
            ("街办", Street),
            ("镇", Town),
            ("乡", Township),
        ],
        Level::Community => &[
            ("社区居民委员会", Neighbourhood),
            ("社区村民委员会", Neighbourhood),
            ("村村民委员会", Village),
            ("社区居民委员", Neighbourhood),
            ("社区居委会", Neighbourhood),
            ("社区村委会", Neighbourhood),
            ("社区委员会", Neighbourhood),
            ("居民委员会", Neighbourhood),
            ("村民委员会", Village),
            ("村村委员会", Village),
            ("虚拟生活区", Settlement),
            ("村村委会", Village),
            ("社区居委", Neighbourhood),
            ("虚拟社区", Settlement),
            ("村委员会", Village),
            ("居委会", Neighbourhood),
            ("村委会", Village),
            ("生活区", Settlement),
            ("社区", Neighbourhood),
            ("村委", Village),
            ("村", Village),
        ],
        Level::Grid => &[],
    }
}

/// The peoples in the names of autonomous places; the ones that are also written without 族 stand without it.
const PEOPLES: [&str; 61] = [
    "蒙古族",
    "回族",
    "藏族",
    "维吾尔族",
    "苗族",
    "彝族",
    "壮族",
    "布依族",
    "朝鲜族",
    "满族",
    "侗族",
    "瑶族",
    "白族",
    "土家族",
    "哈尼族",
    "哈萨克族",
    "傣族",
    "黎族",
    "傈僳族",
    "佤族",
    "畲族",
    "高山族",
    "拉祜族",
    "水族",
    "东乡族",
    "纳西族",
    "景颇族",
    "柯尔克孜族",
    "土族",
    "达斡尔族",
    "仫佬族",
    "羌族",
    "布朗族",
    "撒拉族",
    "毛南族",
    "仡佬族",
    "锡伯族",
    "阿昌族",
    "普米族",
    "塔吉克族",
    "怒族",
    "乌孜别克族",
    "俄罗斯族",
    "鄂温克族",
    "德昂族",
    "保安族",
    "裕固族",
    "京族",
    "塔塔尔族",
    "独龙族",
    "鄂伦春族",
    "赫哲族",
    "门巴族",
    "珞巴族",
    "基诺族",
    "各族",
    "蒙古",
    "维吾尔",
    "哈萨克",
    "柯尔克孜",
    "锡伯",
];

/// Whether a name of this ending may name peoples before it: 凉山|彝族自治州, 新民|藏族彝族乡.
fn names_peoples(word: &str) -> bool {
    word.starts_with("自治") || word == "乡"
}

/// The stem of a division's name and its ending; none when the name has no ending of its level or nothing before it.
pub(super) fn split(level: Level, name: &[char]) -> Option<(&[char], Ending)> {
    let (stem, word, ending) = endings(level).iter().find_map(|(word, ending)| {
        let stem = before(name, word)?;
        // 高新区 is a district called 高新, not a new district called 高.
        (*word != "新区" || stem.len() >= 2).then_some((stem, *word, *ending))
    })?;
    if stem.is_empty() {
        return None;
    }
    let mut bare = stem;
    while names_peoples(word)
        && let Some(rest) = PEOPLES
            .iter()
            .filter(|people| word.starts_with("自治") || people.ends_with('族'))
            .filter_map(|people| before(bare, people))
            .min_by_key(|rest| rest.len())
    {
        bare = rest;
    }
    // 白族乡 would be a township called after a people alone; its stem is what is written.
    Some((if bare.is_empty() { stem } else { bare }, ending))
}

/// Length and group of the longest ending of a level that a text begins with.
pub(super) fn written(level: Level, text: &[char]) -> Option<(usize, Ending)> {
    let plain = longest(level, text, |_| true);
    let mut peoples = 0;
    while let Some(people) = PEOPLES
        .iter()
        .filter(|people| begins(&text[peoples..], people))
        .map(|people| people.chars().count())
        .max()
    {
        peoples += people;
    }
    if peoples == 0 {
        return plain;
    }
    let after = longest(level, &text[peoples..], |word| {
        names_peoples(word) || word == "州" || word == "县"
    });
    after.map_or(plain, |(length, ending)| Some((peoples + length, ending)))
}

fn longest(level: Level, text: &[char], may: impl Fn(&str) -> bool) -> Option<(usize, Ending)> {
    endings(level)
        .iter()
        .filter(|(word, _)| may(word) && begins(text, word) && !is_other_word(word, text))
        .map(|(word, ending)| (word.chars().count(), *ending))
        .max_by_key(|(length, _)| *length)
}

/// 市场, 市政, 市民, 市区 and 新区 after a bare name are words of their own.
fn is_other_word(word: &str, text: &[char]) -> bool {
    word == "市" && text.get(1).is_some_and(|next| "场政民区".contains(*next))
}

/// Whether a text goes on like the name of a road: 路, 东街, 二巷, 大道. A road is named after places far away.
pub(super) fn goes_on_as_road(text: &[char]) -> bool {
    let skipped = text
        .iter()
        .take(2)
        .take_while(|c| "东西南北中大一二三四五六七八九十环".contains(**c))
        .count();
    let text = &text[skipped..];
    let here = ["街上", "街头", "路上", "路边"];
    if skipped == 0 && here.iter().any(|word| begins(text, word)) {
        return false;
    }
    let road = ["路", "街", "巷", "道", "弄"];
    let plain = skipped > 0 || !begins(text, "道");
    plain && road.iter().any(|word| begins(text, word))
}

/// Whether a name is the name of a road itself, as communities are called after: 中山路, 上大街.
pub(super) fn is_road(name: &[char]) -> bool {
    name.last().is_some_and(|last| "路街巷道".contains(*last))
}

fn begins(text: &[char], word: &str) -> bool {
    let mut rest = text.iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

fn before<'n>(name: &'n [char], end: &str) -> Option<&'n [char]> {
    let at = name.len().checked_sub(end.chars().count())?;
    begins(&name[at..], end).then(|| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    fn stem(level: Level, name: &str) -> String {
        let name = chars(name);
        let (stem, ending) = split(level, &name).expect("it has an ending");
        let written = super::written(level, &name[stem.len()..]);
        assert_eq!(
            written.map(|(length, ending)| (stem.len() + length, ending)),
            Some((name.len(), ending)),
            "what was cut off is read as the same ending"
        );
        stem.iter().collect()
    }

    #[test]
    fn the_stem_of_a_name() {
        for (level, name, due) in [
            (Level::Province, "四川省", "四川"),
            (Level::Province, "新疆维吾尔自治区", "新疆"),
            (Level::City, "成都市", "成都"),
            (Level::City, "阿坝藏族羌族自治州", "阿坝"),
            (Level::County, "市中区", "市中"),
            (Level::County, "北川羌族自治县", "北川"),
            (Level::County, "高新区", "高新"),
            (Level::County, "荣县", "荣"),
            (Level::Town, "春熙路街道", "春熙路"),
            (Level::Town, "小堡藏族彝族乡", "小堡"),
            (Level::Town, "三墩土家族乡", "三墩"),
            (Level::Community, "古佛社区居委会", "古佛"),
            (Level::Community, "团结村民委员会", "团结"),
            (Level::Community, "团结村村民委员会", "团结"),
            (Level::Community, "百花社区村民委员会", "百花"),
            (Level::Community, "三村村村委会", "三村"),
            (Level::Community, "九龙山农场虚拟生活区", "九龙山农场"),
        ] {
            assert_eq!(stem(level, name), due);
        }
        assert_eq!(split(Level::Town, &chars("松潘林业局")), None);
        assert_eq!(split(Level::Community, &chars("社区居委会")), None);
    }

    #[test]
    fn an_ending_is_read_in_its_longest_form() {
        for (level, text, due) in [
            (Level::Community, "村村委会办公室", Some((4, Village))),
            (Level::Community, "社区古佛街", Some((2, Neighbourhood))),
            (Level::City, "州泸定县", Some((1, Prefecture))),
            (Level::City, "彝族自治州西昌", Some((5, Prefecture))),
            (Level::County, "县黄龙溪", Some((1, County))),
            (Level::County, "市场东门", None),
            (Level::Town, "街道办事处", Some((5, Street))),
            (Level::Town, "彝族风情园", None),
            (Level::Town, "古佛", None),
        ] {
            assert_eq!(written(level, &chars(text)), due, "{text}");
        }
    }

    #[test]
    fn a_road_is_told_from_the_place_it_is_named_after() {
        for road in ["路12号", "东街", "一路", "大道", "南二路", "巷"] {
            assert!(goes_on_as_road(&chars(road)), "{road}");
        }
        for other in ["街上", "路边有人", "道教", "银行", "东站", "大桥", ""] {
            assert!(!goes_on_as_road(&chars(other)), "{other}");
        }
    }
}
