//! What an event may hold, checked by the compiler.
//!
//! The journal is for ever and is read by outsiders. [`Plain`] marks the types that cannot name a person: ids, codes,
//! numbers, instants, labels, and sealed values. The macros below define events whose every field is `Plain`; an event with
//! a `String` does not compile:
//!
//! ```compile_fail
//! jingwei_core::events! {
//!     /// Events of nothing.
//!     pub enum Nothing {
//!         /// Something was said.
//!         Said("said", 1) {
//!             /// Words in the open: refused.
//!             words: String,
//!         },
//!     }
//! }
//! ```
//!
//! The same event with sealed words compiles:
//!
//! ```
//! jingwei_core::events! {
//!     /// Events of nothing.
//!     pub enum Nothing {
//!         /// Something was said.
//!         Said("said", 1) {
//!             /// Words under a key.
//!             words: jingwei_core::sealed::Sealed<String>,
//!         },
//!     }
//! }
//! ```

use crate::{code, id, label, sealed, time};

/// A type that an event may hold in the open because it cannot name or describe a person.
pub trait Plain {}

macro_rules! plain {
    ($($ty:ty),* $(,)?) => {$(impl Plain for $ty {})*};
}

plain!(
    bool,
    u16,
    u32,
    i64,
    id::CaseId,
    id::OrderId,
    id::UnitId,
    id::PersonId,
    id::DivisionId,
    id::GridId,
    id::NodeId,
    id::ImportId,
    code::DivisionCode,
    code::ClassCode,
    code::ConditionCode,
    code::PlanCode,
    code::GridCode,
    code::UnitCode,
    code::UnitKind,
    code::CaseNumber,
    label::Label,
    sealed::Digest,
    time::Timestamp,
    time::Day,
    time::Limit,
);

impl<T> Plain for sealed::Sealed<T> {}
impl<T: Plain> Plain for Option<T> {}
impl<T: Plain> Plain for Vec<T> {}

/// Holds a place in the type system only: calling it with a type that is not [`Plain`] does not compile.
#[doc(hidden)]
pub const fn assert_plain<T: Plain>() {}

/// Why bytes of the journal could not be read as an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// No upcaster knows this kind and version: the journal was written by a newer program.
    Kind(String, u32),
    /// The payload does not fit its kind.
    Payload(String),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kind(kind, v) => write!(f, "unknown event kind {kind}@{v}"),
            Self::Payload(why) => write!(f, "payload does not fit its kind: {why}"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Defines the events of an aggregate: one struct per event and an enum over them, with their `kind@version`, their
/// canonical bytes (JSON, fields in the order written) and their reader. Every field has to be [`Plain`].
#[macro_export]
macro_rules! events {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$event_meta:meta])* $event:ident($kind:literal, $version:literal) {
            $($(#[$field_meta:meta])* $field:ident: $ty:ty),* $(,)?
        }),* $(,)?
    }) => {
        $(
            $(#[$event_meta])*
            #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            $vis struct $event { $($(#[$field_meta])* pub $field: $ty,)* }
            const _: () = { $($crate::plain::assert_plain::<$ty>();)* };
        )*

        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis enum $name { $(#[doc = concat!("`", $kind, "@", stringify!($version), "`")] $event($event),)* }

        impl $name {
            /// The kinds of this aggregate with the version written today.
            pub const KINDS: &'static [(&'static str, u32)] = &[$(($kind, $version)),*];

            /// Name of the kind as the journal holds it.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$event(_) => $kind,)* }
            }

            /// Version of the kind's payload.
            pub fn kind_version(&self) -> u32 {
                match self { $(Self::$event(_) => $version,)* }
            }

            /// The exact bytes that the journal keeps and hashes.
            pub fn payload(&self) -> Vec<u8> {
                let bytes = match self { $(Self::$event(event) => serde_json::to_vec(event),)* };
                bytes.expect("events hold nothing that JSON cannot write")
            }

            /// Reads an event back from the journal.
            pub fn read(kind: &str, version: u32, payload: &[u8]) -> Result<Self, $crate::plain::Unreadable> {
                match (kind, version) {
                    $(($kind, $version) => serde_json::from_slice(payload)
                        .map(Self::$event)
                        .map_err(|e| $crate::plain::Unreadable::Payload(e.to_string())),)*
                    _ => Err($crate::plain::Unreadable::Kind(kind.to_owned(), version)),
                }
            }
        }
    };
}

/// Defines a struct that events may hold: every field has to be [`Plain`].
#[macro_export]
macro_rules! plain_struct {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        $vis struct $name { $($(#[$field_meta])* pub $field: $ty,)* }
        const _: () = { $($crate::plain::assert_plain::<$ty>();)* };
        impl $crate::plain::Plain for $name {}
    };
}

/// Defines an enumeration whose values are written as fixed words, with `as_str`, `parse` and `ALL`.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$value_meta:meta])* $value:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$value_meta])* #[serde(rename = $word)] $value,)* }
        impl $crate::plain::Plain for $name {}
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$value),*];
            /// The word that stands for the value in tables, journal and API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }
            /// The value of a word; none when it is not one.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)* _ => None }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
