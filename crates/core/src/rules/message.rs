//! Messages to residents: words with blanks such as `{place}`, filled when the message is sent.

use std::collections::BTreeSet;

use super::table::{Fault, Row};

/// The `{names}` of a message; none when a brace is left open or alone.
fn blanks(text: &str) -> Option<BTreeSet<&str>> {
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if before.contains('}') || !named {
            return None;
        }
        names.insert(name);
        rest = behind;
    }
    (!rest.contains('}')).then_some(names)
}

/// Both languages have the same blanks, so that whoever fills them fills both.
pub(super) fn same_blanks(row: Row<'_>, zh: &str, en: &str, faults: &mut Vec<Fault>) {
    let (in_zh, in_en) = (blanks(zh), blanks(en));
    for (column, read) in [("message_zh", &in_zh), ("message_en", &in_en)] {
        if read.is_none() {
            faults.push(row.fault(
                column,
                "blank",
                "空位应写成 {place} 这样的小写英文名",
                "a blank is written as {place}, a name in small letters",
            ));
        }
    }
    if let (Some(in_zh), Some(in_en)) = (in_zh, in_en)
        && in_zh != in_en
    {
        let differ: Vec<&str> = in_zh.symmetric_difference(&in_en).copied().collect();
        let differ = differ.join(", ");
        faults.push(row.fault(
            "message_en",
            "blanks_differ",
            format!("两种语言的空位不同：{differ}"),
            format!("the blanks of the two languages differ: {differ}"),
        ));
    }
}
