//! From a written address to the divisions and places that it may mean.
//!
//! People write 四川省成都市双流区黄龙溪镇古佛社区古佛街12号, 双流黄龙溪古佛 or 黄龙溪镇的大桥头; names are used many times over, so a
//! name alone is never taken for the truth. What the text itself says of the hierarchy decides, then where the asker is, and
//! what is still open is answered with all its candidates. This must not guess a position: it finds what has a name.
//!
//! Keeps: the same text finds the same candidates in the same order on every node; one search looks up pieces of the text and
//! never goes over all names.

mod chains;
mod endings;
mod mentions;
mod names;
mod search;
mod text;

use std::collections::HashMap;
use std::ops::Range;

use crate::code::{DivisionCode, Level};
use crate::directory::{Directory, DivisionRow, PlaceRow};
use crate::id::DivisionId;
use crate::label::Label;
use crate::time::Day;
use crate::words;

use names::{Form, Name, Names};

words! {
    /// What speaks for a candidate, or against it.
    pub enum Reason {
        /// Its whole name stands in the text.
        Named = "named",
        /// Its name stands there without the ending (双流 for 双流区).
        Short = "short",
        /// Its name stands there with the ending of another kind (双流县 for 双流区).
        OtherEnding = "other_ending",
        /// One of its other names stands there.
        Alias = "alias",
        /// Its code stands there.
        Code = "code",
        /// A road of that name stands there, which need not lie in it: a hint.
        Road = "road",
        /// What stands there is a former name or code; this is the division of today.
        Former = "former",
        /// A division that it lies in is named too.
        InsideNamed = "inside_named",
        /// It lies in the same county as the asker.
        Near = "near",
        /// Others fit the text as well; only where the asker is, level and code order them.
        Ambiguous = "ambiguous",
        /// The text names a division that it does not lie in: it comes after all that agree with the text.
        Outside = "outside",
    }
}

impl Reason {
    /// What a person reads, Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Named => "名称完整",
            Self::Short => "简称，未写后缀",
            Self::OtherEnding => "后缀与现名不同",
            Self::Alias => "别名",
            Self::Code => "代码",
            Self::Road => "与文中的路名相同，仅供参考",
            Self::Former => "旧名或旧代码，现为此处",
            Self::InsideNamed => "文中写有上级",
            Self::Near => "与您同县（市、区）",
            Self::Ambiguous => "另有同样吻合的地点，请核对",
            Self::Outside => "不在文中所写的上级之内",
        }
    }

    /// What a person reads, English.
    pub fn en(self) -> &'static str {
        match self {
            Self::Named => "named in full",
            Self::Short => "short form without its ending",
            Self::OtherEnding => "named with another ending than today's",
            Self::Alias => "one of its other names",
            Self::Code => "its code",
            Self::Road => "a road of that name is named: only a hint",
            Self::Former => "a former name or code of what is now this",
            Self::InsideNamed => "a division it lies in is named too",
            Self::Near => "in your county",
            Self::Ambiguous => "others fit the text as well: please check",
            Self::Outside => "not inside a division that the text names",
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// A division by its stable id.
    Division(DivisionId),
    /// A named place, see [`Gazetteer::place`].
    Place(usize),
}

/// A division or place that a text may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it is.
    pub what: What,
    /// The division of today, or the one that a place lies in.
    pub division: DivisionCode,
    /// Its name.
    pub name: Label,
    /// Names from the city down to the candidate itself.
    pub path: Vec<Label>,
    /// Bytes of the text that name the candidate and the divisions above it, in the order of the text, without overlap.
    pub matched: Vec<Range<usize>>,
    /// What follows in the text after all of these: road, number, what happened there.
    pub rest: String,
    /// Compares candidates of one answer, higher is better; means nothing between two answers.
    pub score: u32,
    /// Why it stands where it stands.
    pub reasons: Vec<Reason>,
}

/// A division or a place as the search needs it.
#[derive(Debug)]
struct Entry {
    what: What,
    /// Its own code, or of a place that of its division.
    code: DivisionCode,
    name: Label,
    /// None for a place.
    level: Option<Level>,
    /// The entry it lies in.
    above: Option<u32>,
}

impl Entry {
    /// 0 for a place, 1 for a community, 5 for a province.
    fn rank(&self) -> u32 {
        self.level.map_or(0, |level| level as u32)
    }
}

/// All divisions that stand on a day, and named places, ready to be searched.
#[derive(Debug)]
pub struct Gazetteer {
    entries: Vec<Entry>,
    /// Entries by code, those of today and the former ones that lead to today's, sorted.
    by_code: Vec<(DivisionCode, u32)>,
    names: Names,
    places: Vec<PlaceRow>,
}

impl Gazetteer {
    /// Builds the look-ups from divisions and places. Former divisions on `today` lend name and code to the one that took
    /// their place; those that nothing took the place of, and those that are still to come, are not found.
    pub fn new<'d>(
        divisions: impl IntoIterator<Item = &'d DivisionRow>,
        places: Vec<PlaceRow>,
        today: Day,
    ) -> Self {
        let mut rows: Vec<&DivisionRow> = divisions.into_iter().collect();
        rows.sort_unstable_by(|a, b| a.code.cmp(&b.code));
        let (standing, others): (Vec<&DivisionRow>, Vec<&DivisionRow>) =
            rows.iter().partition(|row| Directory::valid_on(row, today));
        let by_id: HashMap<DivisionId, &DivisionRow> =
            rows.iter().map(|row| (row.id, *row)).collect();
        let place_of: HashMap<DivisionId, u32> =
            standing.iter().map(|row| row.id).zip(0..).collect();
        let former: Vec<(&DivisionRow, u32)> = others
            .into_iter()
            .filter_map(|row| Some((row, *place_of.get(&heir(row, &by_id, today)?)?)))
            .collect();
        let mut by_code: Vec<(DivisionCode, u32)> = standing
            .iter()
            .map(|row| row.code.clone())
            .zip(0..)
            .chain(former.iter().map(|(row, at)| (row.code.clone(), *at)))
            .collect();
        by_code.sort_unstable();
        let mut entries: Vec<Entry> = standing
            .iter()
            .map(|row| Entry {
                what: What::Division(row.id),
                code: row.code.clone(),
                name: row.name.clone(),
                level: Some(row.code.level()),
                above: row.code.parent().and_then(|code| find(&by_code, &code)),
            })
            .collect();
        let mut names = Vec::new();
        for (row, entry) in standing.iter().copied().zip(0..) {
            names_of(row, entry, false, &entries, &mut names);
        }
        for (row, entry) in &former {
            names_of(row, *entry, true, &entries, &mut names);
        }
        for (i, place) in places.iter().enumerate() {
            let entry = u32::try_from(entries.len()).expect("fewer than 4,000,000,000 entries");
            entries.push(Entry {
                what: What::Place(i),
                code: place.division.clone(),
                name: place.name.clone(),
                level: None,
                above: find(&by_code, &place.division),
            });
            let of = |form| Name {
                entry,
                form,
                former: false,
            };
            names.push((text::normal(place.name.as_str()), of(Form::Whole)));
            let aliases = place.aliases.iter();
            names.extend(aliases.map(|alias| (text::normal(alias.as_str()), of(Form::Alias))));
        }
        Self {
            entries,
            by_code,
            names: Names::new(names),
            places,
        }
    }

    /// A place by its number in [`What::Place`].
    pub fn place(&self, number: usize) -> Option<&PlaceRow> {
        self.places.get(number)
    }

    /// All places, in the order of their numbers.
    pub fn places(&self) -> &[PlaceRow] {
        &self.places
    }

    /// What a text may mean: at most `most` candidates, best first, none twice.
    ///
    /// Candidates that agree with every division named in the text come before those that do not. Among them more of the
    /// text explained is better, then nearer to `within` (the asker's county or town), then the name as it is written
    /// today, then the larger division, then the lower code. Only the first 200 characters are looked at; signs part them, blanks and
    /// brackets do not.
    pub fn search(&self, text: &str, within: Option<&DivisionCode>, most: usize) -> Vec<Candidate> {
        search::search(self, text, within, most)
    }

    /// The entries above one, from the nearest up.
    fn above(&self, entry: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(self.entries[entry as usize].above, |at| {
            self.entries[*at as usize].above
        })
    }

    fn by_code(&self, code: &DivisionCode) -> Option<u32> {
        find(&self.by_code, code)
    }
}

fn find(by_code: &[(DivisionCode, u32)], code: &DivisionCode) -> Option<u32> {
    let at = by_code
        .binary_search_by(|(known, _)| known.cmp(code))
        .ok()?;
    Some(by_code[at].1)
}

/// The division that stands today in the place of a former one, over any number of steps.
fn heir(
    row: &DivisionRow,
    by_id: &HashMap<DivisionId, &DivisionRow>,
    today: Day,
) -> Option<DivisionId> {
    let mut at = row;
    // A ring of successors is no heir; a real line is never longer than the number of reforms.
    for _ in 0..32 {
        at = by_id.get(&at.successor?)?;
        if Directory::valid_on(at, today) {
            return Some(at.id);
        }
    }
    None
}

/// The names under which a division is found: its own, and its own without those above it where the name repeats them
/// (洪雅县洪川镇文塘社区居民委员会 in 洪川镇).
fn names_of(
    row: &DivisionRow,
    entry: u32,
    former: bool,
    entries: &[Entry],
    names: &mut Vec<(Vec<char>, Name)>,
) {
    let level = row.code.level();
    let mut add = |name: &[char]| {
        let (name, form) = endings::split(level, name)
            .map_or((name, Form::Whole), |(stem, ending)| {
                (stem, Form::Stem(ending))
            });
        let form = Name {
            entry,
            form,
            former,
        };
        names.push((name.to_vec(), form));
    };
    let name = text::normal(row.name.as_str());
    add(&name);
    let above = std::iter::successors(entries[entry as usize].above, |at| {
        entries[*at as usize].above
    });
    let mut above: Vec<Vec<char>> = above
        .map(|at| text::normal(entries[at as usize].name.as_str()))
        .collect();
    above.reverse();
    let mut short = &name[..];
    for above in &above {
        short = short.strip_prefix(&above[..]).unwrap_or(short);
    }
    if short.len() < name.len() && !short.is_empty() {
        add(short);
    }
}
