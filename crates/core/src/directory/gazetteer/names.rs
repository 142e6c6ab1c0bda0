//! All names of a gazetteer as one tree of characters: a text is looked up from each of its characters on, and the walk ends
//! where no name goes on.
//!
//! Keeps: the names under one ending of a walk stand together, in the order in which they were given.

use std::collections::HashMap;

use super::endings::Ending;

/// A name of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// Place of the entry.
    pub(super) entry: u32,
    /// In which form the name is kept.
    pub(super) form: Form,
    /// Of a division that was replaced: it leads to the one of today.
    pub(super) former: bool,
}

/// In which form a name is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Without its ending, which is this one.
    Stem(Ending),
    /// Whole.
    Whole,
    /// Another name that people use, whole.
    Alias,
}

/// The tree.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// From a node by a character to the next node; the root is 0.
    next: HashMap<(u32, char), u32>,
    /// First name of each node in `names`; one more at the end.
    first: Vec<u32>,
    names: Vec<Name>,
}

impl Names {
    pub(super) fn new(all: impl IntoIterator<Item = (Vec<char>, Name)>) -> Self {
        let mut next = HashMap::new();
        let mut nodes = 1;
        let mut at_node: Vec<(u32, Name)> = Vec::new();
        for (name, what) in all {
            let node = name.iter().fold(0, |node, c| {
                *next.entry((node, *c)).or_insert_with(|| {
                    nodes += 1;
                    nodes - 1
                })
            });
            // A name of nothing but signs is no name.
            if node != 0 {
                at_node.push((node, what));
            }
        }
        next.shrink_to_fit();
        at_node.sort_by_key(|(node, _)| *node);
        let mut first: Vec<u32> = Vec::with_capacity(nodes as usize + 1);
        let mut names = Vec::with_capacity(at_node.len());
        for (node, what) in at_node {
            first.resize(node as usize + 1, length(&names));
            if names
                .get(first[node as usize] as usize..)
                .is_none_or(|here| !here.contains(&what))
            {
                names.push(what);
            }
        }
        first.resize(nodes as usize + 1, length(&names));
        Self { next, first, names }
    }

    /// Every name that the text begins with, by its length in characters.
    pub(super) fn walk(&self, text: &[char], mut found: impl FnMut(usize, &Name)) {
        let mut node = 0;
        for (i, c) in text.iter().enumerate() {
            let Some(&to) = self.next.get(&(node, *c)) else {
                return;
            };
            node = to;
            let range = self.first[node as usize] as usize..self.first[node as usize + 1] as usize;
            for name in &self.names[range] {
                found(i + 1, name);
            }
        }
    }
}

fn length(names: &[Name]) -> u32 {
    u32::try_from(names.len()).expect("a gazetteer has fewer than 4,000,000,000 names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_finds_every_name_that_a_text_begins_with() {
        let name = |entry| Name {
            entry,
            form: Form::Whole,
            former: false,
        };
        let words = ["太平", "太", "太平场", "平", "太平", ""];
        let names = Names::new(
            words
                .iter()
                .zip(0..)
                .map(|(word, entry)| (word.chars().collect(), name(entry))),
        );
        let walked = |text: &str| {
            let text: Vec<char> = text.chars().collect();
            let mut found = Vec::new();
            names.walk(&text, |length, name| found.push((length, name.entry)));
            found
        };
        assert_eq!(walked("太平场镇"), [(1, 1), (2, 0), (2, 4), (3, 2)]);
        assert_eq!(walked("平"), [(1, 3)]);
        assert_eq!(walked("场"), []);
        assert_eq!(walked(""), []);
    }
}
