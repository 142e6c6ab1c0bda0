//! Codes of grids, after the pattern that a deployment sets for each layer.
//!
//! Keeps: a code is given once and never to another grid, so that what was written under it stays readable.

use std::collections::HashSet;

use crate::code::{DivisionCode, GridCode, Level};
use crate::rules::Settings;

use super::Layer;

/// What a code begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// The 12 digits of the community (国统字〔2009〕91号).
    Community,
    /// The 6 digits of the county that leads.
    County,
    /// The code of the base grid from which it hangs.
    Parent,
}

/// How the codes of a layer are made: `{community}{serial:3}`, `{parent}{serial:2}`, `{county}L{serial:3}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePattern {
    /// What it begins with.
    pub prefix: Prefix,
    /// Letters between prefix and serial; often none.
    pub mark: String,
    /// Digits of the serial, 2 to 4.
    pub digits: usize,
}

impl CodePattern {
    /// Reads a pattern; none when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('{')?;
        let (prefix, rest) = rest.split_once('}')?;
        let prefix = match prefix {
            "community" => Prefix::Community,
            "county" => Prefix::County,
            "parent" => Prefix::Parent,
            _ => return None,
        };
        let (mark, serial) = rest.split_once("{serial:")?;
        let digits = serial.strip_suffix('}')?.parse().ok()?;
        let fits = mark.len() <= 2
            && mark.bytes().all(|b| b.is_ascii_uppercase())
            && (2..=4).contains(&digits);
        fits.then(|| Self {
            prefix,
            mark: mark.to_owned(),
            digits,
        })
    }

    /// What the codes of grids of `host` (hanging from `parent`) begin with; none when the pattern asks for what is not there.
    pub fn beginning(&self, host: &DivisionCode, parent: Option<&GridCode>) -> Option<String> {
        let prefix = match self.prefix {
            Prefix::Community => host.at_level(Level::Community)?.as_str().to_owned(),
            Prefix::County => host.at_level(Level::County)?.as_str().to_owned(),
            Prefix::Parent => parent?.as_str().to_owned(),
        };
        Some(prefix + &self.mark)
    }

    /// Whether `code` is one of `host` (hanging from `parent`) after this pattern.
    pub fn fits(&self, code: &GridCode, host: &DivisionCode, parent: Option<&GridCode>) -> bool {
        self.beginning(host, parent)
            .and_then(|beginning| code.as_str().strip_prefix(&beginning))
            .is_some_and(|serial| {
                serial.len() == self.digits
                    && serial.bytes().all(|b| b.is_ascii_digit())
                    && serial.bytes().any(|b| b != b'0')
            })
    }

    /// The pattern as it is written.
    pub fn text(&self) -> String {
        let prefix = match self.prefix {
            Prefix::Community => "community",
            Prefix::County => "county",
            Prefix::Parent => "parent",
        };
        format!("{{{prefix}}}{}{{serial:{}}}", self.mark, self.digits)
    }
}

/// The patterns of all layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patterns {
    base: CodePattern,
    dedicated: CodePattern,
    micro: CodePattern,
    mobile: CodePattern,
}

impl Patterns {
    /// Those of a deployment.
    pub fn of_settings(settings: &Settings) -> Self {
        Self {
            base: settings.grid_base_code.clone(),
            dedicated: settings.grid_dedicated_code.clone(),
            micro: settings.grid_micro_code.clone(),
            mobile: settings.grid_mobile_code.clone(),
        }
    }

    /// That of a layer.
    pub fn of(&self, layer: Layer) -> &CodePattern {
        match layer {
            Layer::Base => &self.base,
            Layer::Dedicated => &self.dedicated,
            Layer::Micro => &self.micro,
            Layer::Mobile => &self.mobile,
        }
    }
}

/// The next `count` codes that no grid ever had; none when the serials are used up.
///
/// They come after the highest serial in use, so that the serials of one drawing stand together; gaps are filled only when
/// there is no room above.
pub fn next_codes(
    pattern: &CodePattern,
    beginning: &str,
    used: &HashSet<&str>,
    count: usize,
) -> Option<Vec<GridCode>> {
    let most = 10_u32.pow(u32::try_from(pattern.digits).ok()?) - 1;
    let serial_of = |code: &&str| {
        code.strip_prefix(beginning)
            .filter(|serial| serial.len() == pattern.digits)
            .and_then(|serial| serial.parse::<u32>().ok())
    };
    let highest = used.iter().filter_map(serial_of).max().unwrap_or(0);
    let write = |serial: u32| format!("{beginning}{serial:0digits$}", digits = pattern.digits);
    let codes: Vec<GridCode> = (highest + 1..=most)
        .chain(1..=highest)
        .map(write)
        .filter(|code| !used.contains(code.as_str()))
        .take(count)
        .filter_map(|code| GridCode::parse(&code))
        .collect();
    (codes.len() == count).then_some(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_as_the_field_has_them() {
        let community = DivisionCode::parse("510116111205").expect("code");
        let base = CodePattern::parse("{community}{serial:3}").expect("a pattern");
        let code = |text| GridCode::parse(text).expect("a code");
        assert!(base.fits(&code("510116111205003"), &community, None));
        assert!(
            !base.fits(&code("510116111205000"), &community, None),
            "serials begin at 1"
        );
        assert!(!base.fits(&code("510116111206003"), &community, None));
        let micro = CodePattern::parse("{parent}{serial:2}").expect("a pattern");
        let parent = code("510116111205003");
        assert!(micro.fits(&code("51011611120500312"), &community, Some(&parent)));
        let mobile = CodePattern::parse("{county}L{serial:3}").expect("a pattern");
        assert!(mobile.fits(&code("510116L001"), &community, None));
        assert_eq!(mobile.text(), "{county}L{serial:3}");
        for wrong in [
            "",
            "{town}{serial:3}",
            "{community}{serial:9}",
            "{community}-{serial:3}",
            "{community}",
        ] {
            assert_eq!(CodePattern::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_is_never_given_twice() {
        let pattern = CodePattern::parse("{community}{serial:2}").expect("a pattern");
        let used = HashSet::from(["51011611120501", "51011611120598"]);
        let next = next_codes(&pattern, "510116111205", &used, 3).expect("there is room");
        let next: Vec<&str> = next.iter().map(GridCode::as_str).collect();
        assert_eq!(next, ["51011611120599", "51011611120502", "51011611120503"]);
        assert_eq!(
            next_codes(&pattern, "510116111205", &used, 98),
            None,
            "97 are left"
        );
    }
}
