//! Codes of the field: divisions, classes, plans, units, case numbers, levels.
//!
//! Division codes are the statistical codes cut to their level (2, 4, 6, 9 or 12 digits; GB/T 2260, GB/T 10114 and
//! 国统字〔2009〕91号): the code of the parent is always a prefix. A code is data, never an identity: divisions are recoded.

use serde::{Deserialize, Serialize};

use crate::time::Day;
use crate::words;

words! {
    /// Level of administration, from the smallest to the largest.
    pub enum Level {
        /// 网格
        Grid = "grid",
        /// 村（社区）
        Community = "community",
        /// 乡镇（街道）
        Town = "town",
        /// 县（市、区）
        County = "county",
        /// 市（州）
        City = "city",
        /// 省
        Province = "province",
    }
}

impl Level {
    /// Number for the database: 1 grid … 6 province.
    pub fn number(self) -> i64 {
        self as i64 + 1
    }
}

macro_rules! text_code {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks the form; none when the text is not such a code.
            pub fn parse(text: &str) -> Option<Self> {
                let check: fn(&str) -> bool = $check;
                check(text).then(|| Self(text.to_owned()))
            }

            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom(concat!("not ", $what)))
            }
        }
    )*};
}

fn is_code(text: &str, least: usize, most: usize, more: &[u8]) -> bool {
    (least..=most).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || more.contains(&b))
}

text_code! {
    /// Code of a division: 2, 4, 6, 9 or 12 digits.
    DivisionCode, "a division code", |t| matches!(t.len(), 2 | 4 | 6 | 9 | 12) && t.bytes().all(|b| b.is_ascii_digit());
    /// Code of a class: a top class of two letters (`RQ`), or a type below it (`RQ01`).
    ClassCode, "a class code", |t| matches!(t.len(), 2 | 4)
        && t.bytes().take(2).all(|b| b.is_ascii_uppercase()) && t.bytes().skip(2).all(|b| b.is_ascii_digit());
    /// Code of a filing condition: its type and a number (`CG01-1`).
    ConditionCode, "a code of a filing condition", |t| t.split_once('-').is_some_and(|(class, number)|
        class.len() == 4 && ClassCode::parse(class).is_some()
            && (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()));
    /// Code of a response plan: `P_` and up to 14 capital letters, digits or `_`.
    PlanCode, "a plan code", |t| t.starts_with("P_") && is_code(t, 3, 16, b"_");
    /// Code of a unit: up to 32 capital letters, digits, `-` or `_`.
    UnitCode, "a unit code", |t| is_code(t, 2, 32, b"-_");
    /// Code of a named place: 2 to 32 capital letters, digits, `-` or `_` (`HLX-P-001`); the deployment gives it and keeps it.
    PlaceCode, "a place code", |t| is_code(t, 2, 32, b"-_");
    /// Kind of unit: up to 8 capital letters, digits or `_` (`GAS`, `CGC_T`).
    UnitKind, "a kind of unit", |t| is_code(t, 2, 8, b"_");
    /// Code of a grid: 7 to 24 capital letters or digits, made after the pattern of its layer.
    GridCode, "a grid code", |t| is_code(t, 7, 24, b"");
    /// Number of a case: class, day, centre, serial (`RQ-20261120-510116111-0017`); given at filing, never changed.
    CaseNumber, "a case number", |t| {
        let parts: Vec<&str> = t.split('-').collect();
        parts.len() == 4 && is_code(parts[0], 2, 2, b"") && parts[1].len() == 8 && parts[3].len() >= 4
            && parts[1..].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()))
    };
}

impl DivisionCode {
    /// Level by the length of the code.
    pub fn level(&self) -> Level {
        match self.0.len() {
            2 => Level::Province,
            4 => Level::City,
            6 => Level::County,
            9 => Level::Town,
            _ => Level::Community,
        }
    }

    /// The code one level up; none for a province.
    pub fn parent(&self) -> Option<Self> {
        let length = match self.0.len() {
            4 => 2,
            6 => 4,
            9 => 6,
            12 => 9,
            _ => return None,
        };
        Some(Self(self.0[..length].to_owned()))
    }

    /// The code of the division of `level` that this one lies in (or is); none when this one is larger.
    pub fn at_level(&self, level: Level) -> Option<Self> {
        let length = match level {
            Level::Province => 2,
            Level::City => 4,
            Level::County => 6,
            Level::Town => 9,
            Level::Community => 12,
            Level::Grid => return None,
        };
        self.0.get(..length).map(|code| Self(code.to_owned()))
    }

    /// Whether `other` is this division or lies inside it, by code.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// This code and those above it, from this one up to the province.
    pub fn path(&self) -> Vec<Self> {
        std::iter::successors(Some(self.clone()), Self::parent).collect()
    }
}

impl ClassCode {
    /// The top class: `RQ` of `RQ01`.
    #[must_use]
    pub fn top(&self) -> Self {
        Self(self.0[..2].to_owned())
    }

    /// Whether this is a top class, which says only the field and not yet the type.
    pub fn is_top(&self) -> bool {
        self.0.len() == 2
    }
}

impl ConditionCode {
    /// The type of the condition: `CG01` of `CG01-1`.
    pub fn class(&self) -> ClassCode {
        ClassCode(self.0[..4].to_owned())
    }
}

impl CaseNumber {
    /// Builds the number given at filing.
    pub fn build(class: &ClassCode, day: Day, centre: &DivisionCode, serial: u32) -> Self {
        Self(format!("{}-{:08}-{centre}-{serial:04}", class.top(), day.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_lies_in_its_prefixes() {
        let village = DivisionCode::parse("510116111205").expect("code");
        assert_eq!(village.level(), Level::Community);
        let path: Vec<_> = village
            .path()
            .iter()
            .map(|c| c.as_str().to_owned())
            .collect();
        assert_eq!(path, ["510116111205", "510116111", "510116", "5101", "51"]);
        assert!(DivisionCode::parse("5101").expect("code").covers(&village));
        assert!(!DivisionCode::parse("5103").expect("code").covers(&village));
        for wrong in ["", "5", "510", "51011", "5101161", "51011611120", "51O1"] {
            assert_eq!(DivisionCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_case_number_reads_as_the_field_writes_it() {
        let number = CaseNumber::build(
            &ClassCode::parse("RQ01").expect("class"),
            Day(20_261_120),
            &DivisionCode::parse("510116111").expect("code"),
            17,
        );
        assert_eq!(number.as_str(), "RQ-20261120-510116111-0017");
        assert_eq!(CaseNumber::parse(number.as_str()), Some(number));
        assert_eq!(CaseNumber::parse("RQ-2026-510116111-0017"), None);
    }

    #[test]
    fn levels_are_ordered_upward() {
        assert!(
            Level::Grid < Level::Community
                && Level::County < Level::City
                && Level::City < Level::Province
        );
    }
}
