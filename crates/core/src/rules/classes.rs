//! Classes (two levels) and the six limits of each: classes.csv.

use std::collections::BTreeMap;

use super::table::{Fault, Row, Table};
use crate::code::{ClassCode, Level, UnitKind};
use crate::label::Label;
use crate::time::Limit;
use crate::{plain_struct, words};

words! {
    /// Severity of an event (突发事件应对法 art. 3). Not a warning colour.
    pub enum Severity {
        /// 一般
        Ordinary = "ordinary",
        /// 较大
        Larger = "larger",
        /// 重大
        Major = "major",
        /// 特别重大
        Extraordinary = "extraordinary",
    }
}

words! {
    /// Urgency, set apart from severity.
    pub enum Urgency {
        /// 低
        Low = "low",
        /// 中
        Medium = "medium",
        /// 高
        High = "high",
    }
}

plain_struct! {
    /// The six limits of a class.
    pub struct StageLimits {
        /// Report to acceptance.
        accept: Limit,
        /// Acceptance to dispatch.
        dispatch: Limit,
        /// Order sent to acknowledgement.
        acknowledge: Limit,
        /// Order sent to arrival on the spot, or first contact.
        arrive: Limit,
        /// Dispatch to all results handed in.
        handle: Limit,
        /// Results handed in to checked by another.
        verify: Limit,
    }
}

/// A class or a type below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// `RQ` or `RQ01`.
    pub code: ClassCode,
    /// Chinese name.
    pub name_zh: Label,
    /// English name.
    pub name_en: Label,
    /// When the reporter says nothing.
    pub severity: Severity,
    /// When the reporter says nothing.
    pub urgency: Urgency,
    /// Kind of unit that is responsible.
    pub responsible: UnitKind,
    /// The six limits.
    pub limits: StageLimits,
    /// The least level at which a case of this class is closed.
    pub close_level: Level,
}

/// All classes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes(BTreeMap<ClassCode, Class>);

impl Classes {
    /// A class by its code.
    pub fn get(&self, code: &ClassCode) -> Option<&Class> {
        self.0.get(code)
    }

    /// All of them, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Class> {
        self.0.values()
    }

    /// Limits of a report that nobody has classed yet: the shortest acceptance any class asks for, so that an emergency
    /// without a class does not wait longer than one with it.
    pub fn unclassed_accept(&self) -> Option<Limit> {
        self.0
            .values()
            .map(|class| class.limits.accept)
            .min_by_key(|limit| limit.milliseconds())
    }

    pub(super) fn read(table: &Table, kinds: &Table, faults: &mut Vec<Fault>) -> Self {
        let kinds: Vec<&str> = kinds.rows().map(|row| row.text("code")).collect();
        let mut all = BTreeMap::new();
        for row in table.rows() {
            let Some(class) = read_class(row, &kinds, faults) else {
                continue;
            };
            if all.insert(class.code.clone(), class).is_some() {
                faults.push(row.fault(
                    "code",
                    "duplicate",
                    "类别代码重复",
                    "the class appears twice",
                ));
            }
        }
        for row in table.rows() {
            let (code, parent) = (row.text("code"), row.text("parent"));
            let Some(code) = ClassCode::parse(code) else {
                continue;
            };
            let wanted = if code.is_top() {
                String::new()
            } else {
                code.top().to_string()
            };
            if parent != wanted {
                faults.push(row.fault(
                    "parent",
                    "wrong_parent",
                    format!("上级应为“{wanted}”"),
                    format!("the parent should be \"{wanted}\""),
                ));
            } else if !code.is_top() && !all.contains_key(&code.top()) {
                faults.push(row.fault(
                    "parent",
                    "missing_parent",
                    format!("表中没有大类 {parent}"),
                    format!("the top class {parent} is not in the table"),
                ));
            }
        }
        if all.is_empty() {
            faults.push(table.fault("empty", "类别表是空的", "the table of classes is empty"));
        }
        Self(all)
    }
}

fn read_class(row: Row<'_>, kinds: &[&str], faults: &mut Vec<Fault>) -> Option<Class> {
    let before = faults.len();
    let code = row.word("code", ClassCode::parse, faults);
    let name_zh = row.word("name_zh", Label::new, faults);
    let name_en = row.word("name_en", Label::new, faults);
    let severity = row.word("default_severity", Severity::parse, faults);
    let urgency = row.word("default_urgency", Urgency::parse, faults);
    let responsible = row.word("responsible_unit_kind", UnitKind::parse, faults);
    let close_level = row.word("lowest_close_level", Level::parse, faults);
    for column in [
        "responsible_unit_kind",
        "assist_unit_kinds",
        "cc_unit_kinds",
    ] {
        for kind in row.list(column).filter(|kind| !kinds.contains(kind)) {
            faults.push(row.fault(
                column,
                "unknown_kind",
                format!("unit_kinds.csv 中没有 {kind}"),
                format!("{kind} is not in unit_kinds.csv"),
            ));
        }
    }
    let mut limit = |column: &str| match Limit::parse(row.text(column)) {
        Ok(limit) => Some(limit),
        Err((zh, en)) => {
            faults.push(row.fault(column, "limit", zh, en));
            None
        }
    };
    let limits = [
        limit("accept_limit"),
        limit("dispatch_limit"),
        limit("acknowledge_limit"),
        limit("arrive_limit"),
        limit("handle_limit"),
        limit("verify_limit"),
    ];
    if faults.len() > before {
        return None;
    }
    let [accept, dispatch, acknowledge, arrive, handle, verify] = limits;
    Some(Class {
        code: code?,
        name_zh: name_zh?,
        name_en: name_en?,
        severity: severity?,
        urgency: urgency?,
        responsible: responsible?,
        limits: StageLimits {
            accept: accept?,
            dispatch: dispatch?,
            acknowledge: acknowledge?,
            arrive: arrive?,
            handle: handle?,
            verify: verify?,
        },
        close_level: close_level?,
    })
}
