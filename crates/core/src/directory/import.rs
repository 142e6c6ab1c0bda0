//! Reading tables of divisions, units and people. One fault anywhere and nothing of the import is taken.
//!
//! Rows are matched by code, never by name: 天仙镇 exists twice.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::provinces::PROVINCES;
use super::{Directory, DivisionRow, PostRow, UnitRow};
use crate::access::{Role, RoleActs, Strength};
use crate::code::{DivisionCode, Level, UnitCode, UnitKind};
use crate::duty::DutyHours;
use crate::id::{DivisionId, UnitId};
use crate::label::Label;
use crate::place::Point;
use crate::rules::Plans;
use crate::rules::table::{Fault, Row, Table};
use crate::time::Day;

/// First day of validity when a table gives none: the reference day of the 2023 edition of the statistical codes.
const EDITION_2023: Day = Day(20_230_630);

/// Reads one or more tables of divisions (columns `code`, `name`, and optional parents, `valid_from`, `valid_to`,
/// `successor`), in any order. A province that is missing above the rows is added by its GB/T 2260 name.
pub fn read_divisions(
    files: &[(String, String)],
    present: &Directory,
) -> Result<Vec<DivisionRow>, Vec<Fault>> {
    let mut faults = Vec::new();
    let tables: Vec<Table> = files
        .iter()
        .map(|(name, text)| Table::read(name, text, &mut faults))
        .collect();
    let mut rows: BTreeMap<DivisionCode, DivisionRow> = BTreeMap::new();
    let mut first_seen: HashMap<DivisionCode, (String, u64)> = HashMap::new();
    let mut successors: Vec<(Row<'_>, DivisionCode, DivisionCode)> = Vec::new();
    let parents = ["provinceCode", "cityCode", "areaCode", "streetCode"];
    for table in &tables {
        let optional = [&parents[..], &["valid_from", "valid_to", "successor"]].concat();
        if !table.check_header(&["code", "name"], &optional, &mut faults) {
            continue;
        }
        for row in table.rows() {
            let before = faults.len();
            let code = row.word("code", DivisionCode::parse, &mut faults);
            let name = row.word("name", Label::new, &mut faults);
            let (Some(code), Some(name)) = (code, name) else {
                continue;
            };
            if code.level() == Level::Province
                && !PROVINCES.iter().any(|(known, _)| *known == code.as_str())
            {
                faults.push(row.fault(
                    "code",
                    "unknown_province",
                    format!("GB/T 2260 没有省级代码 {code}"),
                    format!("GB/T 2260 has no province {code}"),
                ));
            }
            for column in parents {
                let parent = row.text(column);
                let above = code.as_str().starts_with(parent) && parent.len() < code.as_str().len();
                if !parent.is_empty() && !above {
                    faults.push(row.fault(
                        column,
                        "wrong_parent",
                        format!("{column} 的值 {parent} 不是 {code} 的上级"),
                        format!("{parent} in {column} is not above {code}"),
                    ));
                }
            }
            let valid_from = optional_day(row, "valid_from", &mut faults);
            let valid_to = optional_day(row, "valid_to", &mut faults);
            let successor = row.text("successor");
            let has_validity = table.header().iter().any(|name| name == "valid_from");
            // A former division's first day may be unknown; one that stands has the edition's unless given.
            let valid_from = if valid_from.is_none() && !(has_validity && valid_to.is_some()) {
                Some(EDITION_2023)
            } else {
                valid_from
            };
            if valid_from.zip(valid_to).is_some_and(|(from, to)| from > to) {
                faults.push(row.fault(
                    "valid_to",
                    "before_start",
                    "失效日早于生效日",
                    "the last day is before the first",
                ));
            }
            if !successor.is_empty() {
                match DivisionCode::parse(successor) {
                    Some(successor) if successor != code => {
                        successors.push((row, code.clone(), successor));
                    }
                    _ => faults.push(row.fault(
                        "successor",
                        "not_understood",
                        format!("接续代码“{successor}”不对"),
                        format!("the successor \"{successor}\" is not another division code"),
                    )),
                }
            }
            if let Some((file, line)) = first_seen.get(&code) {
                faults.push(row.fault(
                    "code",
                    "duplicate",
                    format!("代码 {code} 已在 {file} 第 {line} 行出现"),
                    format!("the code {code} stands in {file} line {line} already"),
                ));
                continue;
            }
            first_seen.insert(code.clone(), (table.file().to_owned(), row.line));
            if faults.len() == before {
                let id = present
                    .division(&code)
                    .map_or_else(|| DivisionId::of_code(code.as_str()), |d| d.id);
                rows.insert(
                    code.clone(),
                    DivisionRow {
                        id,
                        code,
                        name,
                        valid_from,
                        valid_to,
                        successor: None,
                    },
                );
            }
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
    add_provinces(&mut rows, &first_seen, present);
    for table in &tables {
        for row in table.rows() {
            let Some(parent) = DivisionCode::parse(row.text("code")).and_then(|code| code.parent())
            else {
                continue;
            };
            let known = rows.contains_key(&parent)
                || first_seen.contains_key(&parent)
                || present.division(&parent).is_some();
            if !known {
                faults.push(row.fault(
                    "code",
                    "missing_parent",
                    format!("上级 {parent} 既不在这次导入中，也不在库中"),
                    format!(
                        "the division above, {parent}, is neither in this import nor known already"
                    ),
                ));
            }
        }
    }
    for (row, code, successor) in successors {
        let id = rows
            .get(&successor)
            .or_else(|| present.division(&successor))
            .map(|d| d.id);
        match (id, rows.get_mut(&code)) {
            (Some(id), Some(division)) => division.successor = Some(id),
            (None, _) => faults.push(row.fault(
                "successor",
                "unknown_division",
                format!("接续的行政区划 {successor} 既不在这次导入中，也不在库中"),
                format!("the successor {successor} is neither in this import nor known already"),
            )),
            (Some(_), None) => {}
        }
    }
    if faults.is_empty() {
        Ok(rows.into_values().collect())
    } else {
        Err(faults)
    }
}

fn add_provinces(
    rows: &mut BTreeMap<DivisionCode, DivisionRow>,
    first_seen: &HashMap<DivisionCode, (String, u64)>,
    present: &Directory,
) {
    for (code, name) in PROVINCES {
        let (Some(code), Some(name)) = (DivisionCode::parse(code), Label::new(name)) else {
            continue;
        };
        let wanted = first_seen.keys().any(|below| code.covers(below));
        if wanted && !rows.contains_key(&code) && present.division(&code).is_none() {
            let id = DivisionId::of_code(code.as_str());
            let valid_from = Some(EDITION_2023);
            rows.insert(
                code.clone(),
                DivisionRow {
                    id,
                    code,
                    name,
                    valid_from,
                    valid_to: None,
                    successor: None,
                },
            );
        }
    }
}

fn optional_day(row: Row<'_>, column: &str, faults: &mut Vec<Fault>) -> Option<Day> {
    if row.text(column).is_empty() {
        None
    } else {
        row.word(column, Day::parse, faults)
    }
}

/// A unit as the table gives it: the phone is still in the open and is sealed by the engine.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitDraft {
    /// The row without its contact.
    pub row: UnitRow,
    /// The phone.
    pub phone: Option<String>,
}

/// Reads a table of units: `code,name_zh,name_en,kind,division,capabilities,duty_hours,phone,lon,lat` and, when a unit no
/// longer takes orders, `active` 0.
pub fn read_units(
    files: &[(String, String)],
    present: &Directory,
    plans: &Plans,
) -> Result<Vec<UnitDraft>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut units = Vec::new();
    let mut seen = HashSet::new();
    for (name, text) in files {
        let table = Table::read(name, text, &mut faults);
        let needed = ["code", "name_zh", "kind", "division", "duty_hours"];
        let optional = ["name_en", "capabilities", "phone", "lon", "lat", "active"];
        if !table.check_header(&needed, &optional, &mut faults) {
            continue;
        }
        for row in table.rows() {
            let unit = read_unit(row, present, plans, &mut faults);
            if let Some(code) =
                UnitCode::parse(row.text("code")).filter(|code| !seen.insert(code.clone()))
            {
                faults.push(row.fault(
                    "code",
                    "duplicate",
                    format!("单位代码 {code} 重复"),
                    format!("the unit {code} appears twice"),
                ));
            }
            units.extend(unit);
        }
    }
    if faults.is_empty() {
        Ok(units)
    } else {
        Err(faults)
    }
}

fn read_unit(
    row: Row<'_>,
    present: &Directory,
    plans: &Plans,
    faults: &mut Vec<Fault>,
) -> Option<UnitDraft> {
    let before = faults.len();
    let code = row.word("code", UnitCode::parse, faults);
    let name = row.word("name_zh", Label::new, faults);
    let name_en = if row.text("name_en").is_empty() {
        None
    } else {
        row.word("name_en", Label::new, faults)
    };
    let kind = row.word(
        "kind",
        |text| UnitKind::parse(text).filter(|kind| plans.kind(kind).is_some()),
        faults,
    );
    let division = known_division(row, present, faults);
    let duty = row.word(
        "duty_hours",
        |text| DutyHours::parse(text).map(|d| d.as_str().to_owned()),
        faults,
    );
    let mut capabilities = Vec::new();
    for text in row.list("capabilities") {
        match Label::new(text) {
            Some(label) => capabilities.push(label),
            None => faults.push(row.fault(
                "capabilities",
                "too_long",
                format!("“{text}”太长，每项最多 {} 字", Label::MOST),
                format!(
                    "\"{text}\" is too long: at most {} characters each",
                    Label::MOST
                ),
            )),
        }
    }
    let base = match (row.text("lon"), row.text("lat")) {
        ("", "") => None,
        (lon, lat) => {
            let point = lon
                .parse()
                .ok()
                .zip(lat.parse().ok())
                .and_then(|(lon, lat)| Point::from_degrees(lon, lat));
            if point.is_none() {
                faults.push(row.fault(
                    "lon",
                    "position",
                    "经纬度不对：应为 WGS84 度数，两个都填或都不填",
                    "the position is not one: degrees WGS84, both or none",
                ));
            }
            point
        }
    };
    let phone = optional_phone(row, faults);
    let active = flag_or_yes(row, "active", faults);
    if faults.len() > before {
        return None;
    }
    let code = code?;
    let id = present
        .unit_by_code(&code)
        .map_or_else(|| UnitId::of_code(code.as_str()), |unit| unit.row.id);
    let row = UnitRow {
        id,
        code,
        name: name?,
        name_en,
        kind: kind?,
        division: division?,
        capabilities,
        duty: duty?,
        contact: None,
        base,
        active,
    };
    Some(UnitDraft { row, phone })
}

pub(super) fn known_division(
    row: Row<'_>,
    present: &Directory,
    faults: &mut Vec<Fault>,
) -> Option<DivisionCode> {
    let code = row.word("division", DivisionCode::parse, faults)?;
    if present.division(&code).is_none() {
        faults.push(row.fault(
            "division",
            "unknown_division",
            format!("行政区划 {code} 不在库中，请先导入区划"),
            format!("the division {code} is not known: import divisions first"),
        ));
        return None;
    }
    Some(code)
}

fn optional_phone(row: Row<'_>, faults: &mut Vec<Fault>) -> Option<String> {
    let phone = row.text("phone");
    if phone.is_empty() {
        return None;
    }
    row.word(
        "phone",
        |text| is_phone(text).then(|| text.to_owned()),
        faults,
    )
}

/// `1` or nothing is yes, `0` is no.
fn flag_or_yes(row: Row<'_>, column: &str, faults: &mut Vec<Fault>) -> bool {
    let flag = |text: &str| match text {
        "" | "1" => Some(true),
        "0" => Some(false),
        _ => None,
    };
    row.word(column, flag, faults).unwrap_or(false)
}

/// Whether a text can be dialled: 3–20 digits with `+`, `-` and spaces between.
pub fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (3..=20).contains(&digits)
        && text.len() <= 30
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b' '))
}

/// A person as the table gives them: words still in the open, to be sealed by the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonDraft {
    /// Account name.
    pub account: String,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: Option<String>,
    /// All posts, sorted.
    pub posts: Vec<PostRow>,
    /// May sign in.
    pub active: bool,
    /// Pairs of roles that the deployment would have to relax for this person.
    pub to_relax: Vec<(Role, Role)>,
}

/// Reads a table of people, one row for each role a person holds: `account,name,phone,role,unit,division`
/// and, when a person may no longer sign in, `active` 0.
pub fn read_people(
    files: &[(String, String)],
    present: &Directory,
    roles: &RoleActs,
) -> Result<Vec<PersonDraft>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut people: BTreeMap<String, PersonDraft> = BTreeMap::new();
    for (name, text) in files {
        let table = Table::read(name, text, &mut faults);
        if !table.check_header(
            &["account", "name", "role", "unit", "division"],
            &["phone", "active"],
            &mut faults,
        ) {
            continue;
        }
        for row in table.rows() {
            let account = row.word(
                "account",
                |text| is_account(text).then(|| text.to_owned()),
                &mut faults,
            );
            let name = row.word(
                "name",
                |text| Label::new(text).map(|l| l.as_str().to_owned()),
                &mut faults,
            );
            let phone = optional_phone(row, &mut faults);
            let role = row.word(
                "role",
                |text| Role::parse(text).filter(|role| role.is_post()),
                &mut faults,
            );
            let unit = row.word(
                "unit",
                |text| {
                    UnitCode::parse(text)
                        .and_then(|code| present.unit_by_code(&code))
                        .map(|unit| unit.row.id)
                },
                &mut faults,
            );
            let division = known_division(row, present, &mut faults);
            let active = flag_or_yes(row, "active", &mut faults);
            let (Some(account), Some(name), Some(role), Some(unit), Some(division)) =
                (account, name, role, unit, division)
            else {
                continue;
            };
            if !roles.level_allowed(role, division.level()) {
                faults.push(row.fault(
                    "division",
                    "wrong_level",
                    format!("角色 {role} 不能设在 {division} 这一级"),
                    format!("the role {role} is not held at the level of {division}"),
                ));
                continue;
            }
            let person = people
                .entry(account.clone())
                .or_insert_with(|| PersonDraft {
                    account,
                    name: name.clone(),
                    phone: phone.clone(),
                    posts: Vec::new(),
                    active,
                    to_relax: Vec::new(),
                });
            if person.name != name || person.phone != phone || person.active != active {
                faults.push(row.fault(
                    "name",
                    "two_people",
                    "同一账号的姓名、电话或 active 前后不一致",
                    "one account has two names, phones or values of active",
                ));
            }
            for pair in &roles.roles_apart {
                let other = if pair.a == role {
                    pair.b
                } else if pair.b == role {
                    pair.a
                } else {
                    continue;
                };
                if person.posts.iter().any(|post| post.role == other) {
                    match pair.strength {
                        Strength::Hard => faults.push(row.fault(
                            "role",
                            "roles_apart",
                            format!("{role} 与 {other} 不能由一人担任：{}", pair.reason_zh),
                            format!(
                                "{role} and {other} are not held by one person: {}",
                                pair.reason_en
                            ),
                        )),
                        Strength::Default if person.to_relax.contains(&(pair.a, pair.b)) => {}
                        Strength::Default => person.to_relax.push((pair.a, pair.b)),
                    }
                }
            }
            let post = PostRow {
                role,
                unit,
                division,
            };
            if person.posts.contains(&post) {
                faults.push(row.fault(
                    "role",
                    "duplicate",
                    "这一岗位重复",
                    "the post appears twice",
                ));
            } else {
                person.posts.push(post);
                person.posts.sort();
            }
        }
    }
    if faults.is_empty() {
        Ok(people.into_values().collect())
    } else {
        Err(faults)
    }
}

/// Account names: 2–40 lower-case letters, digits, `-`, `_`, `.`.
fn is_account(text: &str) -> bool {
    (2..=40).contains(&text.len())
        && text.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
        })
}
