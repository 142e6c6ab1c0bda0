//! Names of divisions, institutions, classes and plans: the only words an event may hold in the open.
//!
//! A label is short and names a place or an institution, never a person; a person's words are [`crate::sealed::Sealed`].

use serde::{Deserialize, Serialize};

/// A name of 1–80 characters without control characters and without spaces at its ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Label(String);

impl Label {
    /// Most characters of a label.
    pub const MOST: usize = 80;

    /// Checks the bounds; none when the text is empty, too long, or holds a control character.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let count = text.chars().count();
        ((1..=Self::MOST).contains(&count) && !text.chars().any(char::is_control))
            .then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| serde::de::Error::custom("a label has 1 to 80 characters"))
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
