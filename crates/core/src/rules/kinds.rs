//! Kinds of units: unit_kinds.csv.

use std::collections::BTreeMap;

use super::table::{Fault, Faults, Row, Table};
use crate::code::{Level, UnitKind};
use crate::label::Label;
use crate::words;

words! {
    /// What units of a kind do.
    pub enum KindAct {
        /// 办理
        Handles = "handles",
        /// 核查
        Verifies = "verifies",
        /// 指挥
        Commands = "commands",
        /// 建议
        Advises = "advises",
    }
}

/// A kind of unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindEntry {
    /// Chinese name.
    pub name_zh: Label,
    /// English name.
    pub name_en: Label,
    /// Level at which units of this kind usually stand.
    pub level: Level,
    /// What they do; empty only in a rule set from before this was asked for.
    pub acts: Vec<KindAct>,
    /// Whether they are called in an emergency.
    pub emergency: bool,
}

impl KindEntry {
    /// Whether units of this kind do this.
    pub fn does(&self, act: KindAct) -> bool {
        self.acts.contains(&act)
    }

    /// Whether it is said what they do, and this is not among it.
    pub(super) fn does_not(&self, act: KindAct) -> bool {
        !self.acts.is_empty() && !self.does(act)
    }
}

/// Reads the table.
pub(super) fn read(table: &Table, faults: &mut Faults) -> BTreeMap<UnitKind, KindEntry> {
    let Faults { broken, holes } = faults;
    let mut kinds = BTreeMap::new();
    for row in table.rows() {
        let acts = kind_acts(row, holes);
        let emergency = row.flag("emergency", holes).unwrap_or(false);
        let (Some(code), Some(name_zh), Some(name_en), Some(level)) = (
            row.word("code", UnitKind::parse, broken),
            row.label("name_zh", broken),
            row.label("name_en", broken),
            row.word("level", Level::parse, broken),
        ) else {
            continue;
        };
        let entry = KindEntry {
            name_zh,
            name_en,
            level,
            acts,
            emergency,
        };
        if kinds.insert(code, entry).is_some() {
            broken.push(row.fault(
                "code",
                "duplicate",
                "单位种类重复",
                "the kind appears twice",
            ));
        }
    }
    kinds
}

fn kind_acts(row: Row<'_>, faults: &mut Vec<Fault>) -> Vec<KindAct> {
    let mut acts = Vec::new();
    for word in row.list("acts") {
        match KindAct::parse(word) {
            Some(act) if !acts.contains(&act) => acts.push(act),
            _ => faults.push(row.fault(
                "acts",
                "not_understood",
                format!("acts 中的“{word}”看不懂或重复"),
                format!("\"{word}\" in acts is not understood, or stands there twice"),
            )),
        }
    }
    if row.text("acts").is_empty() {
        faults.push(row.fault(
            "acts",
            "required",
            "acts 不能为空",
            "acts must not be empty",
        ));
    }
    acts
}
