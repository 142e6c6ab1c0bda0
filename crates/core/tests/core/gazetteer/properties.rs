//! What holds of every division and of any text.

use std::collections::{HashMap, HashSet};

use jingwei_core::code::{DivisionCode, Level};
use jingwei_core::directory::gazetteer::{Candidate, Reason};
use proptest::prelude::*;

use super::{code, found, sichuan, standing, written};

fn name(of: &DivisionCode) -> &'static str {
    sichuan().division(of).expect("known").name.as_str()
}

/// The texts for which another than the expected division came first.
fn wrong<'c>(
    of: impl IntoIterator<Item = (&'c DivisionCode, String)>,
    right: impl Fn(&DivisionCode, &[Candidate]) -> bool,
) -> Vec<String> {
    of.into_iter()
        .filter_map(|(due, text)| {
            let found = found(&text, "", 3);
            (!right(due, &found)).then(|| {
                let first = found.first().map(|first| (code(first), &first.path));
                format!("{text} is {due}, not {first:?}")
            })
        })
        .collect()
}

#[test]
fn the_full_path_of_every_division_finds_it_first() {
    let levels = [
        Level::Province,
        Level::City,
        Level::County,
        Level::Town,
        Level::Community,
    ];
    let all: Vec<_> = levels.into_iter().flat_map(standing).collect();
    assert!(all.len() > 37_000);
    let texts = all.iter().map(|of| (*of, written(of)));
    let wrong = wrong(texts, |due, found| {
        found.first().is_some_and(|first| {
            first.division == *due
                && first.rest.is_empty()
                && !first.reasons.contains(&Reason::Outside)
        })
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_community_with_its_town_is_first_and_where_there_are_more_they_all_come_first() {
    let all = standing(Level::Community);
    let texts: Vec<(&DivisionCode, String)> = all
        .iter()
        .map(|of| {
            (
                *of,
                format!("{}{}", name(&of.parent().expect("a town")), name(of)),
            )
        })
        .collect();
    let mut alike: HashMap<&str, HashSet<&DivisionCode>> = HashMap::new();
    for (of, text) in &texts {
        alike.entry(text).or_default().insert(of);
    }
    let mut several = 0;
    let wrong: Vec<String> = texts
        .iter()
        .filter_map(|(of, text)| {
            let due = &alike[text.as_str()];
            several += usize::from(due.len() > 1);
            let found = found(text, "", due.len());
            let first: HashSet<&DivisionCode> = found.iter().map(|c| &c.division).collect();
            let marked =
                found.iter().all(|c| c.reasons.contains(&Reason::Ambiguous)) == (due.len() > 1);
            let near = super::found(text, &of.as_str()[..6], 1);
            let right = first == *due && marked && near.first().is_some_and(|c| c.division == **of);
            (!right).then(|| format!("{text} is {due:?}, not {first:?}, near {:?}", near.first()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(several > 10, "天仙镇 is not the only one");
}

/// Texts of the characters and pieces that addresses are made of, and of anything at all.
fn texts() -> impl Strategy<Value = String> {
    let all: Vec<&'static str> = sichuan().divisions().map(|row| row.name.as_str()).collect();
    let piece = prop_oneof![
        4 => prop::sample::select(all).prop_flat_map(|name| {
            let count = name.chars().count();
            (0..count, 1..=count).prop_map(move |(from, length)| {
                name.chars().skip(from).take(length).collect::<String>()
            })
        }),
        1 => prop::sample::select(vec![
            "的", "，", "（", "）", " ", "　", "路", "东街", "12号", "５１０１１６", "510116111002", "和", "在", "镇", "村", "市", "\n",
            "大桥头", "黄龙溪古镇", "é", "İ", "\u{200b}", "🏠",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_is_written_the_answer_is_short_sorted_and_without_repeats(
        text in texts(),
        most in 0_usize..30,
        within in prop::sample::select(vec!["", "51", "5101", "510116", "510116111", "510116111002", "513425", "999999"]),
    ) {
        let answer = found(&text, within, most);
        prop_assert!(answer.len() <= most);
        prop_assert!(answer.windows(2).all(|pair| pair[0].score >= pair[1].score));
        let different: HashSet<String> = answer.iter().map(code).collect();
        prop_assert_eq!(different.len(), answer.len());
        for candidate in &answer {
            prop_assert!(!candidate.matched.is_empty());
            for span in &candidate.matched {
                prop_assert!(text.get(span.clone()).is_some_and(|part| !part.is_empty()));
            }
            prop_assert!(candidate.matched.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(text.ends_with(&candidate.rest) || text.trim_end().ends_with(&candidate.rest));
            prop_assert_eq!(candidate.path.last(), Some(&candidate.name));
        }
        // A shorter answer is the beginning of a longer one.
        let longer = found(&text, within, most + 5);
        prop_assert_eq!(&longer[..answer.len()], &answer[..]);
    }

    #[test]
    fn a_text_finds_the_same_with_other_widths_blanks_and_brackets(
        of in prop::sample::select(standing(Level::Community)),
        blank in prop::sample::select(vec![" ", "　", "\t", "（", "】"]),
        every in 1_usize..5,
    ) {
        let plain = written(of);
        let spaced: String = plain
            .chars()
            .enumerate()
            .flat_map(|(i, c)| [if i % every == 0 { blank } else { "" }.to_owned(), c.to_string()])
            .collect();
        let codes = |text: &str| found(text, "", 5).iter().map(code).collect::<Vec<_>>();
        prop_assert_eq!(codes(&plain), codes(&spaced));
    }

    #[test]
    fn the_code_of_a_community_finds_it(of in prop::sample::select(standing(Level::Community))) {
        let wide: String = of.as_str().chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).expect("a digit")).collect();
        for text in [of.as_str().to_owned(), format!("代码：{wide}，桥头")] {
            let found = found(&text, "", 2);
            prop_assert_eq!(&found[0].division, of);
            prop_assert!(found[0].reasons.contains(&Reason::Code));
        }
    }
}
