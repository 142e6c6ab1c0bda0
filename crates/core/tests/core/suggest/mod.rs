//! RU-e: how often the suggestion is right on the 200 sentences, each judged by weights that were learned without it.

pub(crate) mod learn;
mod figures;
