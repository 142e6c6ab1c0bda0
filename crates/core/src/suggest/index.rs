//! What the tables say of each candidate, made ready for looking up: expressions with their weight, and pairs of characters.
//!
//! A candidate is a type of classes.csv or a hint of out_words.csv. Keeps: what is shared by all candidates is counted here,
//! so that a word that many types use says little of each.

use std::collections::{BTreeSet, HashMap};

use super::text::{normal, pairs};
use super::words::{Expression, Found, Words};
use crate::code::ClassCode;
use crate::rules::{Severity, Urgency};

/// What a report may be taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A type.
    Class {
        code: ClassCode,
        part: Part,
        severity: Severity,
        urgency: Urgency,
    },
    /// Not a matter of this system.
    Out {
        hint: String,
        way_zh: String,
        way_en: String,
    },
}

/// What a type is among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// One among others.
    Usual,
    /// For what belongs to no other type of its class.
    Rest,
    /// For reports that say too little.
    Unclear,
}

impl Part {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "" => Some(Self::Usual),
            "rest" => Some(Self::Rest),
            "unclear" => Some(Self::Unclear),
            _ => None,
        }
    }
}

/// A candidate.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) target: Target,
    pub(super) name_zh: String,
    pub(super) name_en: String,
    /// Place of its top class in [`Index::tops`]; hints stand together under one of their own.
    pub(super) top: usize,
}

/// Where an expression comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// keywords_zh of classes.csv.
    Keyword,
    /// One word of class_words.csv or out_words.csv.
    Word,
    /// Several words together.
    Together,
}

/// An expression of one candidate or of one top class.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Place of the candidate, or of the top class.
    pub(super) of: usize,
    pub(super) kind: Kind,
    pub(super) expression: Expression,
    /// How much it says: more for longer ones and for ones that few candidates use.
    pub(super) weight: f64,
}

/// Expressions, and which of them a word may be the sign of.
#[derive(Debug, Clone, Default)]
pub(super) struct Entries {
    all: Vec<Entry>,
    of_word: HashMap<usize, Vec<usize>>,
}

impl Entries {
    fn push(&mut self, entry: Entry) {
        for word in entry.expression.rarest() {
            let of_word = self.of_word.entry(*word).or_default();
            of_word.push(self.all.len());
        }
        self.all.push(entry);
    }

    /// Those that may be there when only the words of a text are.
    pub(super) fn possible(&self, found: &Found) -> impl Iterator<Item = &Entry> {
        let places: BTreeSet<usize> = found
            .words()
            .filter_map(|word| self.of_word.get(&word))
            .flatten()
            .copied()
            .collect();
        places.into_iter().map(|at| &self.all[at])
    }
}

/// The text of one candidate before it is counted.
pub(super) struct Source {
    pub(super) candidate: Candidate,
    pub(super) description: String,
    pub(super) keywords: Vec<String>,
    pub(super) words: Vec<String>,
}

/// Everything ready.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    pub(super) words: Words,
    pub(super) candidates: Vec<Candidate>,
    pub(super) entries: Entries,
    pub(super) top_entries: Entries,
    pub(super) tops: usize,
    pairs: HashMap<(char, char), Vec<(usize, f64)>>,
}

impl Index {
    /// Counts and orders what the sources say. `tops`: words of each top class.
    pub(super) fn new(mut words: Words, sources: Vec<Source>, tops: &[Vec<String>]) -> Self {
        let documents: Vec<String> = sources.iter().map(document).collect();
        let bags: Vec<Vec<char>> = documents.iter().map(|text| normal(text)).collect();
        let mut index = Self {
            tops: tops.len(),
            ..Self::default()
        };
        let weigh = Weigh::new(&bags);
        for (of, source) in sources.iter().enumerate() {
            let mut taken = BTreeSet::new();
            let keywords = source.keywords.iter().map(|text| (Kind::Keyword, text));
            let more = source.words.iter().map(|text| (Kind::Word, text));
            for (kind, text) in keywords.chain(more) {
                if !taken.insert(text.as_str()) {
                    continue;
                }
                let Some(expression) = words.expression(text) else {
                    continue;
                };
                let kind = if expression.parts() > 1 {
                    Kind::Together
                } else {
                    kind
                };
                let weight = weigh.expression(text);
                index.entries.push(Entry {
                    of,
                    kind,
                    expression,
                    weight,
                });
            }
        }
        for (of, texts) in tops.iter().enumerate() {
            for text in texts {
                if let Some(expression) = words.expression(text) {
                    index.top_entries.push(Entry {
                        of,
                        kind: Kind::Word,
                        expression,
                        weight: 1.0,
                    });
                }
            }
        }
        index.count_pairs(&bags);
        index.words = words;
        index.candidates = sources.into_iter().map(|s| s.candidate).collect();
        index
    }

    /// BM25 over the pairs of characters of each candidate's text.
    fn count_pairs(&mut self, bags: &[Vec<char>]) {
        const K: f64 = 1.2;
        const B: f64 = 0.5;
        let mean = bags.iter().map(Vec::len).sum::<usize>() as f64 / bags.len().max(1) as f64;
        for (of, bag) in bags.iter().enumerate() {
            let mut counts: HashMap<(char, char), f64> = HashMap::new();
            for pair in bag.windows(2).filter(|p| !p.contains(&super::text::BREAK)) {
                *counts.entry((pair[0], pair[1])).or_default() += 1.0;
            }
            let longer = 1.0 - B + B * bag.len() as f64 / mean.max(1.0);
            for (pair, count) in counts {
                let part = count * (K + 1.0) / (count + K * longer);
                self.pairs.entry(pair).or_default().push((of, part));
            }
        }
        let all = bags.len() as f64;
        for held in self.pairs.values_mut() {
            let df = held.len() as f64;
            let idf = (1.0 + (all - df + 0.5) / (df + 0.5)).ln();
            for (_, part) in held.iter_mut() {
                *part *= idf;
            }
        }
    }

    /// How near each candidate's text is.
    pub(super) fn near(&self, text: &[char]) -> Vec<f64> {
        let mut near = vec![0.0; self.candidates.len()];
        let all = pairs(text);
        // A long text has more pairs in common with everything.
        let scale = (20.0 / all.len().max(20) as f64).sqrt() / 10.0;
        for pair in &all {
            for (of, part) in self.pairs.get(pair).map_or(&[][..], Vec::as_slice) {
                near[*of] += part * scale;
            }
        }
        near
    }
}

/// The whole text of a candidate; parts of an expression stand apart.
fn document(source: &Source) -> String {
    let mut parts = vec![
        source.candidate.name_zh.clone(),
        source.description.replace('、', "，"),
    ];
    parts.extend(source.keywords.iter().cloned());
    parts.extend(source.words.iter().map(|word| word.replace('+', "，")));
    parts.join("，")
}

/// How much a word says.
struct Weigh {
    /// For each stretch of up to four characters, how many candidates' texts hold it.
    held: HashMap<Vec<char>, usize>,
    all: f64,
}

impl Weigh {
    const LONGEST: usize = 4;

    fn new(bags: &[Vec<char>]) -> Self {
        let mut held: HashMap<Vec<char>, usize> = HashMap::new();
        for bag in bags {
            let stretches: BTreeSet<&[char]> = (1..=Self::LONGEST)
                .flat_map(|n| bag.windows(n))
                .filter(|part| !part.contains(&super::text::BREAK))
                .collect();
            for part in stretches {
                *held.entry(part.to_vec()).or_default() += 1;
            }
        }
        Self {
            held,
            all: bags.len() as f64,
        }
    }

    /// Between 0 and 1: 1 when one candidate alone has the word.
    fn rare(&self, word: &[char]) -> f64 {
        let n = word.len().min(Self::LONGEST);
        let held = word
            .windows(n.max(1))
            .map(|part| self.held.get(part).copied().unwrap_or(1))
            .min()
            .unwrap_or(1);
        let least = 1.0 - (held as f64).ln() / (self.all + 1.0).ln();
        least.max(0.05)
    }

    /// Rare and long says more; of several words that are needed together each adds.
    fn expression(&self, text: &str) -> f64 {
        let parts: Vec<f64> = text
            .split('+')
            .map(|part| {
                let word = normal(part);
                let long = match word.len() {
                    0 | 1 => 0.5,
                    2 => 1.0,
                    3 => 1.3,
                    _ => 1.5,
                };
                self.rare(&word) * long
            })
            .collect();
        if parts.len() == 1 {
            parts[0]
        } else {
            0.4 + parts.iter().sum::<f64>()
        }
    }
}
