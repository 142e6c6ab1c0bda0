//! Expressions of the tables and how they are found in a text.
//!
//! An expression is one word or several joined by `+`, which must all be there, not far from each other, in any order. A
//! word that is a head of synonyms.csv stands for every word of its row. All words are looked for in one walk over the text.

use std::collections::{BTreeMap, HashMap};

use super::text::normal;

/// Characters that may lie between the first and the last word of an expression.
const SPAN: usize = 28;

/// A word found: where it begins and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) from: usize,
    pub(super) len: usize,
}

impl Place {
    pub(super) fn end(self) -> usize {
        self.from + self.len
    }

    fn meets(self, other: Self) -> bool {
        self.from < other.end() && other.from < self.end()
    }
}

/// An expression: for each of its parts the words that fit.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    parts: Vec<Vec<usize>>,
}

impl Expression {
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The words of the part with the fewest: without one of them the expression is not there.
    pub(super) fn rarest(&self) -> &[usize] {
        let fewest = self.parts.iter().min_by_key(|part| part.len());
        fewest.map_or(&[], Vec::as_slice)
    }
}

/// All words of all tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    steps: HashMap<(usize, char), usize>,
    ends: Vec<Option<usize>>,
    lens: Vec<usize>,
    known: HashMap<Vec<char>, usize>,
    heads: BTreeMap<String, Vec<String>>,
}

impl Words {
    /// Words, with the rows of synonyms.csv.
    pub(super) fn new(heads: BTreeMap<String, Vec<String>>) -> Self {
        Self {
            ends: vec![None],
            heads,
            ..Self::default()
        }
    }

    fn add(&mut self, word: &str) -> Option<usize> {
        let word = normal(word);
        if word.is_empty() {
            return None;
        }
        if let Some(id) = self.known.get(&word) {
            return Some(*id);
        }
        let mut at = 0;
        for c in &word {
            let next = self.ends.len();
            let step = *self.steps.entry((at, *c)).or_insert(next);
            if step == next {
                self.ends.push(None);
            }
            at = step;
        }
        let id = self.lens.len();
        self.ends[at] = Some(id);
        self.lens.push(word.len());
        self.known.insert(word, id);
        Some(id)
    }

    /// Takes an expression in; none when a part of it has no character to look for.
    pub(super) fn expression(&mut self, text: &str) -> Option<Expression> {
        let mut parts = Vec::new();
        for part in text.split('+') {
            let mut ids = vec![self.add(part)?];
            for word in self.heads.get(part).cloned().unwrap_or_default() {
                ids.extend(self.add(&word));
            }
            parts.push(ids);
        }
        Some(Expression { parts })
    }

    /// Finds every word in the text.
    pub(super) fn find(&self, text: &[char]) -> Found {
        let mut places = vec![Vec::new(); self.lens.len()];
        for from in 0..text.len() {
            let mut at = 0;
            for c in &text[from..] {
                let Some(next) = self.steps.get(&(at, *c)) else {
                    break;
                };
                at = *next;
                if let Some(id) = self.ends[at] {
                    places[id].push(Place {
                        from,
                        len: self.lens[id],
                    });
                }
            }
        }
        drop_straddling(&mut places, text.len());
        Found { places }
    }
}

/// Takes out what only stands there because two other words meet: "下井" in "楼下井盖".
fn drop_straddling(places: &mut [Vec<Place>], length: usize) {
    // For each place where two words meet: where the first begins and the second ends, at the farthest.
    let mut begins: Vec<Option<usize>> = vec![None; length + 1];
    let mut ends: Vec<Option<usize>> = vec![None; length + 1];
    for place in places.iter().flatten().filter(|place| place.len > 1) {
        let begin = &mut begins[place.end()];
        *begin = Some(begin.map_or(place.from, |from| from.min(place.from)));
        let end = &mut ends[place.from];
        *end = (*end).max(Some(place.end()));
    }
    let straddles = |place: &Place| {
        (place.from + 1..place.end()).any(|cut| {
            begins[cut].is_some_and(|from| from < place.from)
                && ends[cut].is_some_and(|end| end > place.end())
        })
    };
    for all in places.iter_mut() {
        all.retain(|place| !straddles(place));
    }
}

/// The words of a text.
#[derive(Debug)]
pub(super) struct Found {
    places: Vec<Vec<Place>>,
}

impl Found {
    /// Every word that is there.
    pub(super) fn words(&self) -> impl Iterator<Item = usize> + '_ {
        let there = self.places.iter().enumerate();
        there.filter(|(_, all)| !all.is_empty()).map(|(id, _)| id)
    }

    /// Where the parts of an expression stand, when all of them do, near each other and apart from each other.
    pub(super) fn of(&self, expression: &Expression) -> Option<Vec<Place>> {
        let mut options: Vec<Vec<Place>> = Vec::new();
        for part in &expression.parts {
            let mut all: Vec<Place> = part
                .iter()
                .flat_map(|id| self.places[*id].iter().copied())
                .collect();
            if all.is_empty() {
                return None;
            }
            // The longest first: it says most.
            all.sort_by_key(|place| (std::cmp::Reverse(place.len), place.from));
            options.push(all);
        }
        let (first, rest) = options.split_first()?;
        first.iter().find_map(|place| nearest(*place, rest))
    }

    /// Every place of an expression of one word.
    pub(super) fn every(&self, expression: &Expression) -> Vec<Vec<Place>> {
        match expression.parts.as_slice() {
            [only] => only
                .iter()
                .flat_map(|id| self.places[*id].iter().map(|place| vec![*place]))
                .collect(),
            _ => self.of(expression).into_iter().collect(),
        }
    }
}

fn nearest(first: Place, rest: &[Vec<Place>]) -> Option<Vec<Place>> {
    let mut taken = vec![first];
    for options in rest {
        let next = options
            .iter()
            .filter(|place| !taken.iter().any(|t| t.meets(**place)))
            .filter(|place| place.end().max(first.end()) - place.from.min(first.from) <= SPAN)
            .min_by_key(|place| {
                (
                    place.from.abs_diff(first.from),
                    std::cmp::Reverse(place.len),
                )
            })?;
        taken.push(*next);
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> (Words, Expression, Expression) {
        let heads = BTreeMap::from([("孩子".to_owned(), vec!["娃儿".to_owned()])]);
        let mut words = Words::new(heads);
        let both = words.expression("孩子+走丢").expect("an expression");
        let one = words.expression("走丢").expect("an expression");
        (words, both, one)
    }

    #[test]
    fn all_parts_are_needed_in_any_order_and_near() {
        let (words, both, one) = words();
        let at = |text: &str| words.find(&normal(text)).of(&both).is_some();
        assert!(at("我家娃儿在街上走丢了") && at("走丢一个孩子"));
        assert!(!at("娃儿在家") && !at("走丢了"));
        assert!(!at(&format!("娃儿{}走丢", "很".repeat(40))), "too far");
        assert!(words.find(&normal("走 丢")).of(&one).is_some());
    }

    #[test]
    fn what_two_words_make_where_they_meet_is_no_word() {
        let mut words = Words::new(BTreeMap::new());
        let well = words.expression("下井").expect("an expression");
        words.expression("楼下").expect("an expression");
        words.expression("井盖").expect("an expression");
        assert!(words.find(&normal("楼下井盖没了")).of(&well).is_none());
        assert!(words.find(&normal("工人下井清淤")).of(&well).is_some());
    }

    #[test]
    fn parts_do_not_share_characters() {
        let mut words = Words::new(BTreeMap::new());
        let twice = words.expression("打人+打人").expect("an expression");
        assert!(words.find(&normal("打人")).of(&twice).is_none());
        assert!(words.find(&normal("打人又打人")).of(&twice).is_some());
    }
}
