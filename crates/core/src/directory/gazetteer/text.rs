//! A written address made comparable, and the way back to where each character stood.
//!
//! Keeps: characters of [`Text`] and byte ranges of what was written go together one to one, so that what was matched can be
//! shown in the writer's own words.

use std::ops::Range;

/// Stands between clauses; no name goes across it.
pub(super) const BREAK: char = '\n';

/// Characters of a text that are looked at: an address is never longer, and a search stays short.
pub(super) const MOST: usize = 200;

/// A text in half width and lower case, without blanks and brackets; other signs are one [`BREAK`] each run.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) chars: Vec<char>,
    bytes: Vec<Range<usize>>,
}

impl Text {
    pub(super) fn new(written: &str) -> Self {
        let mut text = Self {
            chars: Vec::new(),
            bytes: Vec::new(),
        };
        for (at, c) in written.char_indices() {
            if text.chars.len() >= MOST {
                break;
            }
            let bytes = at..at + c.len_utf8();
            let c = half_width(c);
            if c.is_alphanumeric() {
                for lower in c.to_lowercase() {
                    text.chars.push(lower);
                    text.bytes.push(bytes.clone());
                }
            } else if divides(c) && text.chars.last().is_some_and(|last| *last != BREAK) {
                text.chars.push(BREAK);
                text.bytes.push(bytes);
            }
        }
        text
    }

    /// Where the characters `from..to` stand in what was written; not empty.
    pub(super) fn bytes(&self, from: usize, to: usize) -> Range<usize> {
        self.bytes[from].start..self.bytes[to - 1].end
    }

    /// Whether a name may begin at a character: a clause does, or a word of place like 在 stands before it.
    pub(super) fn begins(&self, at: usize) -> bool {
        self.begins_clause(at) || "在到去往从至".contains(self.chars[at - 1])
    }

    fn begins_clause(&self, at: usize) -> bool {
        at == 0 || self.chars[at - 1] == BREAK
    }

    /// Whether the characters `from..to` are all of a clause.
    pub(super) fn is_clause(&self, from: usize, to: usize) -> bool {
        self.begins_clause(from) && self.chars.get(to).is_none_or(|next| *next == BREAK)
    }
}

/// A name in the same form.
pub(super) fn normal(name: &str) -> Vec<char> {
    let mut chars = Text::new(name).chars;
    chars.retain(|c| *c != BREAK);
    chars
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Blanks, brackets, quotes and signs that join a name divide nothing; every other sign does.
fn divides(c: char) -> bool {
    let joins = "()[]{}<>〈〉《》「」『』【】〔〕〖〗﹙﹚“”‘’\"'·・‧•";
    c == '\n' || !(c.is_whitespace() || c.is_control() || is_unseen(c) || joins.contains(c))
}

/// Marks of width zero that come along when text is copied.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{fe0e}' | '\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_blanks_and_brackets_do_not_matter_and_signs_divide() {
        let text = Text::new("四川　成都（雙流）、６０７ 社區。。A·b");
        assert_eq!(
            text.chars.iter().collect::<String>(),
            "四川成都雙流\n607社區\nab"
        );
        assert_eq!(Text::new("，。").chars, Vec::<char>::new());
        assert_eq!(normal("甲西村（左翼）村"), normal("甲西村左翼村"));
    }

    #[test]
    fn each_character_knows_its_bytes() {
        let written = "在 双流（黄龙溪），１２号";
        let text = Text::new(written);
        let at = |word: &str| {
            let word: Vec<char> = word.chars().collect();
            let from = text
                .chars
                .windows(word.len())
                .position(|part| part == word)
                .expect("the word is there");
            &written[text.bytes(from, from + word.len())]
        };
        assert_eq!(at("双流"), "双流");
        assert_eq!(at("流黄龙溪"), "流（黄龙溪");
        assert_eq!(at("12号"), "１２号");
        assert_eq!(Text::new(&"村".repeat(999)).chars.len(), MOST);
    }

    #[test]
    fn a_name_begins_after_a_sign_or_a_word_of_place() {
        let text = Text::new("我在太平，太平，过太平");
        let begins: Vec<bool> = [0, 2, 5, 9].map(|at| text.begins(at)).to_vec();
        assert_eq!(begins, [true, true, true, false]);
        assert!(text.is_clause(5, 7) && !text.is_clause(9, 11) && !text.is_clause(2, 4));
    }
}
