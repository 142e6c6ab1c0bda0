//! Reading classes.csv.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::classes::{
    CallBack, Class, Classes, NeedsPhoto, Severity, SkipRule, StageLimits, Subject, Urgency,
};
use super::table::{Fault, Faults, Row, Table};
use super::{KindAct, KindEntry, refused};
use crate::code::{ClassCode, Level, UnitKind};
use crate::time::Limit;

type Kinds = BTreeMap<UnitKind, KindEntry>;
/// What a table names, also in rows that have faults.
pub(super) type Listed<'t> = HashSet<&'t str>;

/// Most characters of a description or a condition.
pub(super) const DESCRIPTION: usize = 200;
/// Most characters of a key word.
const KEYWORD: usize = 20;
/// Most key words of a class.
const KEYWORDS: usize = 60;
/// Top classes about persons and their disputes: they never stand on a public map.
const PERSONS: [&str; 3] = ["MD", "MS", "TS"];

impl Classes {
    pub(super) fn read(table: &Table, kinds: (&Kinds, &Listed<'_>), faults: &mut Faults) -> Self {
        let mut all = BTreeMap::new();
        for row in table.rows() {
            let Some(class) = read_class(row, kinds, faults) else {
                continue;
            };
            if all.insert(class.code.clone(), class).is_some() {
                faults.broken.push(row.fault(
                    "code",
                    "duplicate",
                    "类别代码重复",
                    "the class appears twice",
                ));
            }
        }
        let looped = loops(table, &mut faults.broken);
        for row in table.rows() {
            let (code, parent) = (row.text("code"), row.text("parent"));
            let Some(code) = ClassCode::parse(code).filter(|code| !looped.contains(code.as_str()))
            else {
                continue;
            };
            let wanted = if code.is_top() {
                String::new()
            } else {
                code.top().to_string()
            };
            if parent != wanted {
                faults.broken.push(row.fault(
                    "parent",
                    "wrong_parent",
                    format!("上级应为“{wanted}”"),
                    format!("the parent should be \"{wanted}\""),
                ));
            } else if !code.is_top() && !all.contains_key(&code.top()) {
                faults.broken.push(row.fault(
                    "parent",
                    "missing_parent",
                    format!("表中没有大类 {parent}"),
                    format!("the top class {parent} is not in the table"),
                ));
            }
        }
        if all.is_empty() {
            faults.broken.push(table.fault(
                "empty",
                "类别表是空的",
                "the table of classes is empty",
            ));
        }
        Self(all)
    }
}

/// A class that was not read is a fault of this row only when it is not in the table at all.
pub(super) fn unknown(
    row: Row<'_>,
    column: &str,
    code: &str,
    listed: &Listed<'_>,
) -> Option<Fault> {
    (!listed.contains(code)).then(|| {
        row.fault(
            column,
            "unknown_class",
            format!("classes.csv 中没有 {code}"),
            format!("{code} is not in classes.csv"),
        )
    })
}

/// Finds loops of parents; each is one fault that names it whole. Every row is walked once. Returns the codes in loops.
fn loops<'t>(table: &'t Table, faults: &mut Vec<Fault>) -> HashSet<&'t str> {
    let mut rows: HashMap<&str, Row<'_>> = HashMap::new();
    for row in table.rows() {
        rows.entry(row.text("code")).or_insert(row);
    }
    let (mut done, mut looped) = (HashSet::new(), HashSet::new());
    for row in table.rows() {
        let (mut path, mut place) = (Vec::new(), HashMap::new());
        let mut code = row.text("code");
        while let Some(next) = rows.get(code).filter(|_| !done.contains(code)) {
            if let Some(&from) = place.get(code) {
                let members: &[&str] = &path[from..];
                looped.extend(members.iter().copied());
                let whole = [members, &[code]].concat().join(" → ");
                faults.push(next.fault(
                    "parent",
                    "cycle",
                    format!("上级绕成了圈：{whole}"),
                    format!("the parents go in a circle: {whole}"),
                ));
                break;
            }
            place.insert(code, path.len());
            path.push(code);
            code = next.text("parent");
        }
        done.extend(path);
    }
    looped
}

/// The six limits of a row.
pub(super) fn stage_limits(row: Row<'_>, faults: &mut Vec<Fault>) -> Option<StageLimits> {
    let [accept, dispatch, acknowledge, arrive, handle, verify] = [
        "accept_limit",
        "dispatch_limit",
        "acknowledge_limit",
        "arrive_limit",
        "handle_limit",
        "verify_limit",
    ]
    .map(|column| row.limit(column, faults));
    Some(StageLimits {
        accept: accept?,
        dispatch: dispatch?,
        acknowledge: acknowledge?,
        arrive: arrive?,
        handle: handle?,
        verify: verify?,
    })
}

/// Nobody acknowledges or arrives after the work is due.
pub(super) fn too_slow(row: Row<'_>, limits: &StageLimits, faults: &mut Vec<Fault>) {
    let most = limits.handle;
    let check = |limit: Limit| limit.milliseconds() > most.milliseconds();
    for (column, limit) in [
        ("acknowledge_limit", limits.acknowledge),
        ("arrive_limit", limits.arrive),
    ] {
        if check(limit) {
            faults.push(row.fault(
                column,
                "longer_than_handle",
                format!("{limit} 长于办理时限 {most}"),
                format!("{limit} is longer than the limit {most} to handle"),
            ));
        }
    }
}

fn read_class(
    row: Row<'_>,
    (kinds, listed): (&Kinds, &Listed<'_>),
    faults: &mut Faults,
) -> Option<Class> {
    let Faults { broken, holes } = faults;
    let before = broken.len();
    let code = row.word("code", ClassCode::parse, broken);
    let name_zh = row.label("name_zh", broken);
    let name_en = row.label("name_en", broken);
    let severity = row.word("default_severity", Severity::parse, broken);
    let urgency = row.word("default_urgency", Urgency::parse, broken);
    let responsible = row.word("responsible_unit_kind", UnitKind::parse, broken);
    let close_level = row.word("lowest_close_level", Level::parse, broken);
    for column in KIND_COLUMNS {
        for kind in row.list(column).filter(|kind| !listed.contains(kind)) {
            broken.push(row.fault(
                column,
                "unknown_kind",
                format!("unit_kinds.csv 中没有 {kind}"),
                format!("{kind} is not in unit_kinds.csv"),
            ));
        }
    }
    let limits = stage_limits(row, broken);
    if let Some(limits) = &limits {
        too_slow(row, limits, holes);
    }
    parts(row, kinds, holes);
    let subject = row.word("subject", Subject::parse, holes);
    let description_zh = row.short("description_zh", DESCRIPTION, holes).to_owned();
    let needs_photo = row.word("needs_photo", NeedsPhoto::parse, holes);
    let needs_position = row.flag("needs_position", holes);
    let call_back = row.word("call_back", CallBack::parse, holes);
    let public_map = row.flag("public_map", holes).unwrap_or(false);
    let skip = skip_rules(row, holes);
    let keywords = keywords(row, holes);
    refused::check(row, &["name_zh", "description_zh", "keywords_zh"], holes);
    if public_map {
        public(row, subject, needs_position, holes);
    }
    if broken.len() > before {
        return None;
    }
    let list = |column| row.list(column).map(str::to_owned).collect();
    let of_kind = |column| row.list(column).filter_map(UnitKind::parse).collect();
    let group = row.text("open311_group");
    Some(Class {
        code: code?,
        name_zh: name_zh?,
        name_en: name_en?,
        description_zh,
        subject,
        severity: severity?,
        urgency: urgency?,
        responsible: responsible?,
        assists: of_kind("assist_unit_kinds"),
        ccs: of_kind("cc_unit_kinds"),
        limits: limits?,
        by_severity: BTreeMap::new(),
        needs_photo: needs_photo.unwrap_or(NeedsPhoto::None),
        needs_position: needs_position.unwrap_or(false),
        call_back: call_back.unwrap_or(CallBack::None),
        close_level: close_level?,
        skip,
        public_map,
        gbt30428: list("map_gbt30428"),
        dispute17: list("map_dispute17"),
        open311_group: (!group.is_empty()).then(|| group.to_owned()),
        keywords,
        conditions: Vec::new(),
    })
}

const KIND_COLUMNS: [&str; 3] = [
    "responsible_unit_kind",
    "assist_unit_kinds",
    "cc_unit_kinds",
];

/// The lead handles, and a kind has one part in a type.
fn parts(row: Row<'_>, kinds: &Kinds, faults: &mut Vec<Fault>) {
    let lead = row.text("responsible_unit_kind");
    let entry = UnitKind::parse(lead).and_then(|kind| kinds.get(&kind));
    if entry.is_some_and(|entry| entry.does_not(KindAct::Handles)) {
        faults.push(row.fault(
            "responsible_unit_kind",
            "does_not_handle",
            format!("{lead} 不办理事项，不能主办"),
            format!("{lead} does not handle cases and cannot lead"),
        ));
    }
    let mut seen = HashSet::new();
    for column in KIND_COLUMNS {
        for kind in row.list(column) {
            if !seen.insert(kind) {
                faults.push(row.fault(
                    column,
                    "two_parts",
                    format!("{kind} 在同一类别中出现两次"),
                    format!("{kind} has two parts in one type"),
                ));
            }
        }
    }
}

fn skip_rules(row: Row<'_>, faults: &mut Vec<Fault>) -> Vec<SkipRule> {
    let text = row.text("skip_level");
    let rules = text.split(';').map(str::trim).filter(|r| !r.is_empty());
    rules
        .filter_map(|rule| {
            let read = SkipRule::parse(rule);
            if read.is_none() {
                faults.push(row.fault(
                    "skip_level",
                    "skip_rule",
                    format!("越级规则“{rule}”看不懂，应如 urgency=high:county 或 severity>=major:city"),
                    format!("the skip rule \"{rule}\" cannot be read: urgency=high:county or severity>=major:city"),
                ));
            }
            read
        })
        .collect()
}

fn keywords(row: Row<'_>, faults: &mut Vec<Fault>) -> Vec<String> {
    let words: Vec<&str> = row.list("keywords_zh").collect();
    if words.is_empty() {
        faults.push(row.fault(
            "keywords_zh",
            "required",
            "没有关键词，群众的话找不到这个类别",
            "no key words: nobody's words would find this class",
        ));
    } else if words.len() > KEYWORDS {
        faults.push(row.fault(
            "keywords_zh",
            "too_long",
            format!("关键词有 {} 个，最多 {KEYWORDS} 个", words.len()),
            format!("{} key words, {KEYWORDS} at most", words.len()),
        ));
    }
    let mut seen = HashSet::new();
    for word in &words {
        if let Some(fault) = row.too_long("keywords_zh", word, KEYWORD) {
            faults.push(fault);
        }
        if !seen.insert(*word) {
            faults.push(row.fault(
                "keywords_zh",
                "duplicate",
                format!("关键词“{word}”出现两次"),
                format!("the key word \"{word}\" appears twice"),
            ));
        }
    }
    words.into_iter().map(str::to_owned).collect()
}

/// What stands on the public map has a place, and is no matter of persons.
fn public(
    row: Row<'_>,
    subject: Option<Subject>,
    needs_position: Option<bool>,
    faults: &mut Vec<Fault>,
) {
    if needs_position == Some(false) {
        faults.push(row.fault(
            "public_map",
            "public_without_position",
            "不要求位置的类别不能上公开地图",
            "without a position it cannot be on the public map",
        ));
    }
    let code = row.text("code");
    if PERSONS.iter().any(|top| code.starts_with(top))
        || subject == Some(Subject::OwnNeed)
        || !row.text("map_dispute17").is_empty()
    {
        faults.push(row.fault(
            "public_map",
            "public_persons",
            "纠纷和人的事项不上公开地图",
            "disputes and matters of persons are never on the public map",
        ));
    }
}
