//! Rows of the directory and the event by which an import becomes valid.

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::code::{DivisionCode, UnitCode, UnitKind};
use crate::grids::GridAct;
use crate::id::{DivisionId, ImportId, PersonId, UnitId};
use crate::label::Label;
use crate::place::Point;
use crate::sealed::{Digest, Sealed};
use crate::time::{Day, Timestamp};
use crate::{events, plain_struct, words};

words! {
    /// The tables that an import brings. Grids have an event of their own: they are changed by other acts as well.
    pub enum TableName {
        /// Divisions with validity and successor.
        Divisions = "divisions",
        /// Units.
        Units = "units",
        /// People and their posts.
        People = "people",
        /// Outlines of divisions.
        Outlines = "outlines",
        /// Named places of the gazetteer.
        Places = "places",
        /// Classes, limits, plans, roles and acts, as one set.
        Rules = "rules",
    }
}

plain_struct! {
    /// A separation of roles that the deployment relaxed with this import; written down for the auditor.
    pub struct Relaxed {
        /// The person who holds both.
        person: PersonId,
        /// One role.
        a: Role,
        /// The other.
        b: Role,
    }
}

events! {
    /// What happens to the directory and the rules.
    pub enum DirectoryEvent {
        /// An import became valid, whole.
        Imported("directory-imported", 1) {
            /// The import, whose staged content the node keeps.
            import: ImportId,
            /// The table.
            table: TableName,
            /// SHA-256 of the staged content.
            digest: Digest,
            /// Rows in it.
            rows: u32,
            /// Separations of roles relaxed by it.
            relaxed: Vec<Relaxed>,
        },
        /// Grids changed from a day on; the rows are staged as those of an import are.
        GridsChanged("grids-changed", 1) {
            /// The change, whose staged rows the node keeps.
            change: ImportId,
            /// What was done.
            act: GridAct,
            /// The first day on which it holds.
            from: Day,
            /// SHA-256 of the staged rows.
            digest: Digest,
            /// Rows in it.
            rows: u32,
        },
        /// After days off the timers of a centre's cases were caught up with: one digest for all of them.
        CaughtUp("caught-up", 1) {
            /// The centre by code.
            centre: DivisionCode,
            /// When the first of them was due.
            since: Timestamp,
            /// Cases concerned.
            cases: u32,
            /// Of them past a limit.
            red: u32,
            /// Of them past a card.
            cards: u32,
        },
        /// The wall clock was set by more than a correction, and somebody confirmed that it is right.
        ClockConfirmed("clock-confirmed", 1) {
            /// By how much, in milliseconds; negative: back.
            set_by: i64,
        },
        /// The password of a person was set and their sessions ended; the password itself is nowhere but in its hash.
        PasswordSet("password-set", 1) {
            /// The person.
            person: PersonId,
        },
    }
}

/// A division and the time of its validity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DivisionRow {
    /// Stable id.
    pub id: DivisionId,
    /// Code in this time.
    pub code: DivisionCode,
    /// Name in this time.
    pub name: Label,
    /// First day; none when not known.
    pub valid_from: Option<Day>,
    /// Last day; none while it stands.
    pub valid_to: Option<Day>,
    /// The division that took its place.
    pub successor: Option<DivisionId>,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnitRow {
    /// Stable id.
    pub id: UnitId,
    /// Code given by the deployment.
    pub code: UnitCode,
    /// Name of the institution or post, Chinese.
    pub name: Label,
    /// English name; none when there is none.
    pub name_en: Option<Label>,
    /// Kind of unit_kinds.csv.
    pub kind: UnitKind,
    /// The division it belongs to.
    pub division: DivisionCode,
    /// What it can do, in the words of unit_kinds.csv.
    pub capabilities: Vec<Label>,
    /// Duty hours as written.
    pub duty: String,
    /// Phone: sealed, because a post of one person has that person's phone.
    pub contact: Option<Sealed<String>>,
    /// Base position.
    pub base: Option<Point>,
    /// Takes orders.
    pub active: bool,
}

/// A role of a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PostRow {
    /// The role.
    pub role: Role,
    /// At which unit.
    pub unit: UnitId,
    /// In which division.
    pub division: DivisionCode,
}

/// A person: what could name them is sealed; the account is found by its keyed hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Id.
    pub id: PersonId,
    /// Keyed hash of the account name.
    pub account_index: Digest,
    /// Account name.
    pub account: Sealed<String>,
    /// Name.
    pub name: Sealed<String>,
    /// Phone.
    pub phone: Option<Sealed<String>>,
    /// All posts, sorted.
    pub posts: Vec<PostRow>,
    /// May sign in.
    pub active: bool,
}
