//! The words of a report made comparable: one width, one case, no blanks, clauses apart.

/// Stands between clauses; no expression goes across it.
pub(super) const BREAK: char = '\n';

/// Characters of a report that are looked at; what comes after says the same again.
pub(super) const MOST: usize = 4_000;

/// Half width, lower case, without blanks; anything that ends or divides a sentence becomes one [`BREAK`].
pub(super) fn normal(text: &str) -> Vec<char> {
    let mut out: Vec<char> = Vec::new();
    for c in text.chars().take(MOST) {
        let c = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            _ => c,
        };
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !(c.is_whitespace() && c != '\n') && out.last().is_some_and(|last| *last != BREAK)
        {
            out.push(BREAK);
        }
    }
    while out.last() == Some(&BREAK) {
        out.pop();
    }
    out
}

/// The different pairs of neighbouring characters, clauses apart.
pub(super) fn pairs(text: &[char]) -> std::collections::BTreeSet<(char, char)> {
    text.windows(2)
        .filter(|pair| !pair.contains(&BREAK))
        .map(|pair| (pair[0], pair[1]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_blanks_and_stops_do_not_matter() {
        let one: String = normal("ＫＴＶ　太 吵，睡不着！！").into_iter().collect();
        assert_eq!(one, "ktv太吵\n睡不着");
        assert_eq!(normal("。。"), Vec::<char>::new());
        assert_eq!(pairs(&normal("吵，睡不")).len(), 1, "no pair across a stop");
    }
}
