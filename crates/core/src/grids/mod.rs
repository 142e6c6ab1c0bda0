//! The room `grids`: how the land is divided for service, layer by layer, and what was the grid of a place on a day.
//!
//! A grid has an id for ever and one row for each of its versions; a version is valid from a day to a day. Whatever changes
//! a grid is an act with a date ([`Change`]): rows are closed and added, none is rewritten, and the grid of a point on a day
//! that has begun never becomes another. Kinds and rules after GB/T 34300-2017 (grids of community service) and GB/T 30428.1
//! (codes); the names of the layers are those of the field.

mod acts;
mod attributes;
mod code;
mod import;
mod layout;
mod load;
mod order;
mod outlines;

pub use acts::{Act, Change, Draw, Join, Move, Present, Split, Withdraw, carry_out};
pub use attributes::{Attributes, Describe};
pub use code::{CodePattern, Patterns, Prefix, next_codes};
pub use import::{Draft, TakenIn, take_in};
pub use layout::{Entry, Grid, Grids, GridsBuilder};
pub use load::{Load, LoadRules, is_rural, judge};
pub use order::serial_order;
pub use outlines::{Outline, Outlines};

use serde::{Deserialize, Serialize};

use crate::code::{DivisionCode, GridCode};
use crate::id::{GridId, PersonId, UnitId};
use crate::label::Label;
use crate::place::{Point, Shape};
use crate::time::Day;
use crate::{plain_struct, words};

words! {
    /// A layer of grids: within one a point has one grid at most.
    pub enum Layer {
        /// 基础（综合）网格: every place of a community lies in one.
        Base = "base",
        /// 专属网格: a site with its own management (school, market, park, scenic area).
        Dedicated = "dedicated",
        /// 微网格: a building or courtyard, hangs from a base grid.
        Micro = "micro",
        /// 流动网格: across the borders of towns and counties, for a season.
        Mobile = "mobile",
    }
}

impl Layer {
    /// The layer in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Base => "基础网格",
            Self::Dedicated => "专属网格",
            Self::Micro => "微网格",
            Self::Mobile => "流动网格",
        }
    }
}

words! {
    /// What changes grids.
    pub enum GridAct {
        /// 划定: drawn where none of the layer was.
        Draw = "draw",
        /// 导入: brought by a file.
        Import = "import",
        /// 拆分: one becomes several.
        Split = "split",
        /// 合并: several become one.
        Join = "join",
        /// 调整边界: borders between grids are moved.
        Move = "move",
        /// 变更信息: name, households, worker, telephone; not the border.
        Describe = "describe",
        /// 撤销: it ends.
        Withdraw = "withdraw",
    }
}

impl GridAct {
    /// Whether the border of a grid may be another after it.
    pub fn changes_borders(self) -> bool {
        !matches!(self, Self::Describe)
    }
}

/// A season that comes again every year, in whole days; it may go over the turn of the year (1101-0331).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Season {
    /// First day, month × 100 + day.
    first: u16,
    /// Last day, month × 100 + day.
    last: u16,
}

impl Season {
    /// Reads `MMDD-MMDD`; none when a day does not exist in any year.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        let read = |text: &str| {
            let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
            let number: u16 = digits.then(|| text.parse().ok()).flatten()?;
            // A leap year knows every day there is.
            Day::parse(&format!("2024-{}-{}", &text[..2], &text[2..])).map(|_| number)
        };
        Some(Self {
            first: read(first)?,
            last: read(last)?,
        })
    }

    /// Whether the day lies in it.
    pub fn holds(self, day: Day) -> bool {
        let day = u16::try_from(day.0 % 10_000).unwrap_or(0);
        if self.first <= self.last {
            (self.first..=self.last).contains(&day)
        } else {
            day >= self.first || day <= self.last
        }
    }

    /// Both days in one number, for the database: first × 10,000 + last.
    pub fn number(self) -> i64 {
        i64::from(self.first) * 10_000 + i64::from(self.last)
    }

    /// The season of [`Self::number`]; none when there is none.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::parse(&format!("{:04}-{:04}", number / 10_000, number % 10_000))
    }
}

impl std::fmt::Display for Season {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:04}", self.first, self.last)
    }
}

impl Serialize for Season {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Season {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a season is written MMDD-MMDD"))
    }
}

/// A dedicated grid that is one site: everything within a radius of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The point, WGS84.
    pub point: Point,
    /// Radius in metres, 5 to 2,000.
    pub radius_m: u32,
}

/// What is said of a grid beside its border.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Name.
    pub name: Label,
    /// Of a mobile grid: the divisions that it goes through, at least one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<DivisionCode>,
    /// Of a micro-grid: the base grid from which it hangs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<GridId>,
    /// Of a dedicated grid: what it is (学校, 市场, 景区…).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Label>,
    /// Households that live in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub households: Option<u32>,
    /// Of a mobile grid: the one unit that leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_unit: Option<UnitId>,
    /// The worker whose name is posted at the grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<PersonId>,
    /// Supervision telephone posted at the grid: a line of an office, never of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervision_phone: Option<String>,
    /// Of a dedicated grid that is a site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// Where the border comes from, when it was not drawn here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Label>,
    /// The act that made this version.
    pub act: GridAct,
    /// The grids whose land this one took over, by a split or a join.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<GridId>,
}

/// One version of a grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridRow {
    /// Stable id.
    pub id: GridId,
    /// Version, from 1.
    pub version: u32,
    /// Code in this version.
    pub code: GridCode,
    /// Layer.
    pub layer: Layer,
    /// The community it lies in; of a mobile grid the county that leads.
    pub host: DivisionCode,
    /// First day.
    pub valid_from: Day,
    /// Last day; none while it stands. A version replaced on the day it began ends before it and was never valid.
    pub valid_to: Option<Day>,
    /// The part of the year in which a mobile grid is there; none: all of it.
    pub season: Option<Season>,
    /// The rest.
    pub about: About,
    /// The border.
    pub shape: Shape,
}

impl GridRow {
    /// Whether it is there on a day.
    pub fn valid_on(&self, day: Day) -> bool {
        self.stands_on(day) && self.season.is_none_or(|season| season.holds(day))
    }

    /// Whether the version stands on a day, in or out of its season.
    pub fn stands_on(&self, day: Day) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Whether it ends on or after `day` (or never).
    pub fn lasts_to(&self, day: Day) -> bool {
        self.valid_to.is_none_or(|to| day <= to)
    }

    /// The divisions it lies in: the host, and those a mobile grid goes through.
    pub fn divisions(&self) -> impl Iterator<Item = &DivisionCode> {
        std::iter::once(&self.host).chain(&self.about.hosts)
    }
}

/// The outline of a division, as somebody gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineRow {
    /// The division.
    pub division: crate::id::DivisionId,
    /// Its code in the file.
    pub code: DivisionCode,
    /// Where the outline comes from, with its caution.
    pub source: Label,
    /// The border.
    pub shape: Shape,
}

plain_struct! {
    /// The grid of a place on the day of a case, in one layer.
    pub struct InGrid {
        /// The layer.
        layer: Layer,
        /// The grid.
        grid: GridId,
        /// Its code on that day.
        code: GridCode,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_may_go_over_the_turn_of_the_year() {
        let herding = Season::parse("1101-0331").expect("a season");
        assert!(herding.holds(Day(20_261_231)) && herding.holds(Day(20_270_101)));
        assert!(!herding.holds(Day(20_270_401)));
        let summer = Season::parse("0601-0930").expect("a season");
        assert!(summer.holds(Day(20_260_601)) && !summer.holds(Day(20_261_001)));
        assert_eq!(Season::from_number(herding.number()), Some(herding));
        assert_eq!(
            Season::parse("0229-0301").map(|s| s.to_string()).as_deref(),
            Some("0229-0301")
        );
        for wrong in ["", "0101", "0132-0201", "1301-0101", "101-0201"] {
            assert_eq!(Season::parse(wrong), None, "{wrong}");
        }
    }
}
