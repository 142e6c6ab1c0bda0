//! Why a class is suggested, in words a duty officer understands: which words of the report speak for it.

use super::features::{Evidence, Row};
use super::index::{Index, Kind, Target};
use super::words::Place;

/// Most reasons of one suggestion.
const MOST: usize = 4;

/// One reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// How much it says beside the other reasons.
    pub weight: f64,
}

/// The words at `places`, as the text has them.
pub(super) fn said(text: &[char], places: &[Place], join: &str) -> String {
    let mut places = places.to_vec();
    places.sort_by_key(|place| place.from);
    let words: Vec<String> = places
        .iter()
        .map(|place| text[place.from..place.end()].iter().collect())
        .collect();
    words.join(join)
}

/// The reasons for a candidate, the weightiest first.
pub(super) fn of(
    index: &Index,
    of: usize,
    evidence: &Evidence,
    text: &[char],
    weights: &Row,
) -> Vec<Reason> {
    let candidate = &index.candidates[of];
    let (zh, en) = (&candidate.name_zh, &candidate.name_en);
    let quoted = |places: &[Place]| format!("“{}”", said(text, places, "”和“"));
    let english = |places: &[Place]| format!("\"{}\"", said(text, places, "\" and \""));
    let mut all: Vec<Reason> = evidence.hits[of]
        .iter()
        .map(|hit| {
            let (word, words) = (quoted(&hit.places), english(&hit.places));
            let (zh, en) = match hit.kind {
                Kind::Keyword => (
                    format!("句中有{word}，是“{zh}”的关键词"),
                    format!("the text has {words}, a key word of \"{en}\""),
                ),
                Kind::Word => (
                    format!("句中有{word}，是“{zh}”的说法"),
                    format!("the text has {words}, said of \"{en}\""),
                ),
                Kind::Together => (
                    format!("句中同时有{word}，是“{zh}”的说法"),
                    format!("the text has {words} together, said of \"{en}\""),
                ),
            };
            let weight = hit.weight;
            Reason { zh, en, weight }
        })
        .collect();
    if matches!(candidate.target, Target::Class { .. }) {
        all.extend(evidence.top_hits[candidate.top].first().map(|hit| Reason {
            zh: format!("句中有{}，是这一大类的词", quoted(&hit.places)),
            en: format!(
                "the text has {}, a word of the top class",
                english(&hit.places)
            ),
            weight: hit.weight / 2.0,
        }));
    }
    let row = &evidence.rows[of];
    if let Some(danger) = danger_part(row, weights) {
        all.push(Reason {
            zh: "识别出的险情属于这一类".to_owned(),
            en: "the danger that was recognised is of this class".to_owned(),
            weight: danger,
        });
    }
    all.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    all.truncate(MOST);
    if all.is_empty() {
        all.push(Reason {
            zh: format!("没有“{zh}”的专门用词，只是用字相近"),
            en: format!("no word of \"{en}\" is in the text; it is only near to it"),
            weight: 0.0,
        });
    }
    all
}

fn danger_part(row: &Row, weights: &Row) -> Option<f64> {
    let at = super::FEATURES.iter().position(|name| *name == "danger")?;
    (row[at] > 0.0).then(|| row[at] * weights[at].max(0.0))
}
