//! Words of matters for which there is no class: petitions, opinions, worship and assembly have their own lawful ways, and
//! nobody is kept a file of. A table that names one is refused.

use super::table::{Fault, Row};

const REFUSED: [&str; 13] = [
    "信访",
    "上访",
    "宗教",
    "祷告",
    "集会",
    "游行",
    "群体性",
    "维稳",
    "重点人员",
    "黑名单",
    "舆情",
    "言论",
    "社情民意",
];

/// Every refused word in the cells of `columns` is a fault.
pub(super) fn check(row: Row<'_>, columns: &[&str], faults: &mut Vec<Fault>) {
    for column in columns {
        let text = row.text(column);
        for word in REFUSED.iter().filter(|word| text.contains(**word)) {
            faults.push(row.fault(
                column,
                "refused_word",
                format!("平台没有关于“{word}”的类别，请走法定渠道"),
                format!("\"{word}\": the platform has no class for it, it has its own lawful way"),
            ));
        }
    }
}
