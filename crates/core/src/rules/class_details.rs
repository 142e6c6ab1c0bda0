//! Reading limits_by_severity.csv and filing_conditions.csv into the classes they belong to.

use std::collections::HashSet;

use super::class_table::{DESCRIPTION, Listed, stage_limits, too_slow, unknown};
use super::table::{Fault, Table};
use super::{Classes, FilingCondition, Severity, refused};
use crate::code::{ClassCode, ConditionCode};

impl Classes {
    /// limits_by_severity.csv: a row goes before the limits of its type.
    pub(super) fn read_severities(
        &mut self,
        table: &Table,
        listed: &Listed<'_>,
        faults: &mut Vec<Fault>,
    ) {
        for row in table.rows() {
            let code = row.word("class", ClassCode::parse, faults);
            let severity = row.word("severity", Severity::parse, faults);
            let limits = stage_limits(row, faults);
            if let Some(limits) = &limits {
                too_slow(row, limits, faults);
            }
            let Some(code) = code else { continue };
            let Some(class) = self.0.get_mut(&code) else {
                faults.extend(unknown(row, "class", code.as_str(), listed));
                continue;
            };
            let (Some(severity), Some(limits)) = (severity, limits) else {
                continue;
            };
            if severity == class.severity {
                faults.push(row.fault(
                    "severity",
                    "default_severity",
                    format!("{severity} 是 {code} 的默认等级，时限在 classes.csv"),
                    format!("{severity} is the default of {code}: its limits are in classes.csv"),
                ));
            } else if class.by_severity.insert(severity, limits).is_some() {
                faults.push(row.fault(
                    "severity",
                    "duplicate",
                    format!("{code} 的 {severity} 出现两次"),
                    format!("{severity} of {code} appears twice"),
                ));
            }
        }
    }

    /// filing_conditions.csv: conditions of types, each with its own limit and what has to be so at closing.
    pub(super) fn read_conditions(
        &mut self,
        table: &Table,
        listed: &Listed<'_>,
        faults: &mut Vec<Fault>,
    ) {
        let mut seen = HashSet::new();
        for row in table.rows() {
            let code = row.word("code", ConditionCode::parse, faults);
            let class = row.word("class", ClassCode::parse, faults);
            let handle = row.limit("handle_limit", faults);
            let [filing_zh, filing_en, closing_zh, closing_en] =
                ["filing_zh", "filing_en", "closing_zh", "closing_en"]
                    .map(|column| row.short(column, DESCRIPTION, faults).to_owned());
            refused::check(row, &["filing_zh", "closing_zh"], faults);
            let (Some(code), Some(class)) = (code, class) else {
                continue;
            };
            let Some(found) = self.0.get_mut(&class) else {
                faults.extend(unknown(row, "class", class.as_str(), listed));
                continue;
            };
            if code.class() != class {
                faults.push(row.fault(
                    "code",
                    "wrong_class",
                    format!("代码应以 {class}- 开头"),
                    format!("the code should begin with {class}-"),
                ));
            } else if !seen.insert(code.clone()) {
                faults.push(row.fault(
                    "code",
                    "duplicate",
                    "立案条件代码重复",
                    "the condition appears twice",
                ));
            } else if let Some(handle) = handle {
                found.conditions.push(FilingCondition {
                    code,
                    filing_zh,
                    filing_en,
                    handle,
                    closing_zh,
                    closing_en,
                });
            }
        }
        for class in self.0.values_mut() {
            class.conditions.sort_by(|a, b| a.code.cmp(&b.code));
        }
    }
}
