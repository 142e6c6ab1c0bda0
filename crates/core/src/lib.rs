//! The rules of Jingwei: what may happen to a case, who may do it, by when, and where.
//!
//! This floor is pure. It reads no clock, draws no random number, opens no file and knows no database: time, identifiers,
//! tables and states come in as parameters, decisions go out as events. Everything here can be folded again from the
//! journal on any machine with the same result.
//!
//! Rooms: [`directory`] (divisions, units, people), [`cases`], [`whistles`], [`mediation`]. Shared ground: ids, time, the work
//! calendar, codes, labels, sealed values, access, the tables of classes, plans and roles, and what all [`things`] beside
//! cases have in common.

pub mod access;
pub mod calendar;
pub mod cases;
pub mod code;
pub mod directory;
pub mod duty;
pub mod grids;
pub mod id;
pub mod label;
pub mod mediation;
pub mod place;
pub mod plain;
pub mod refusal;
pub mod rules;
pub mod sealed;
pub mod suggest;
pub mod things;
pub mod time;
pub mod whatif;
pub mod whistles;
