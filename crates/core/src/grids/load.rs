//! What a grid carries against what the rules say: households in town, the village group in the country.

use crate::code::DivisionCode;
use crate::words;

words! {
    /// How much a grid carries.
    pub enum Load {
        /// Nothing is known of its households, or it is in the country, where the village group counts and not a number.
        NotJudged = "not-judged",
        /// Fewer households than the rule has.
        Light = "light",
        /// Within the rule.
        Fits = "fits",
        /// More households than the rule has.
        Heavy = "heavy",
    }
}

/// Households that a grid in town should have (GB/T 34300-2017 as it is practised: 300 to 500).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadRules {
    /// Least.
    pub least: u32,
    /// Most.
    pub most: u32,
}

/// Whether a community is a village: the last three digits 200–399 and 500–599 are villages and the like
/// (国统字〔2009〕91号).
pub fn is_rural(community: &DivisionCode) -> bool {
    matches!(
        community.as_str().as_bytes().get(9),
        Some(b'2' | b'3' | b'5')
    )
}

/// Judges the households of a base grid.
pub fn judge(community: &DivisionCode, households: Option<u32>, rules: LoadRules) -> Load {
    match households {
        _ if is_rural(community) => Load::NotJudged,
        None => Load::NotJudged,
        Some(n) if n < rules.least => Load::Light,
        Some(n) if n > rules.most => Load::Heavy,
        Some(_) => Load::Fits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_town_grid_has_300_to_500_households() {
        let rules = LoadRules {
            least: 300,
            most: 500,
        };
        let town = DivisionCode::parse("510116111005").expect("code");
        let village = DivisionCode::parse("510116111205").expect("code");
        assert_eq!(judge(&town, Some(299), rules), Load::Light);
        assert_eq!(judge(&town, Some(300), rules), Load::Fits);
        assert_eq!(judge(&town, Some(500), rules), Load::Fits);
        assert_eq!(judge(&town, Some(501), rules), Load::Heavy);
        assert_eq!(judge(&town, None, rules), Load::NotJudged);
        assert_eq!(judge(&village, Some(40), rules), Load::NotJudged);
    }
}
