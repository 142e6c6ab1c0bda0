//! RU-e: the suggestion of class and plan.

mod behaviour;
mod figures;
mod learn;

use jingwei_core::rules::table::Table;
use jingwei_core::suggest::{Suggester, Suggestions, Tables};

use crate::support::{SHIPPED, rules};

/// A shipped table.
pub(crate) fn shipped(name: &str) -> Table {
    let (_, text) = SHIPPED
        .iter()
        .find(|(file, _)| *file == name)
        .expect("a shipped table");
    table(name, text)
}

/// A table from its text.
pub(crate) fn table(name: &str, text: &str) -> Table {
    let mut faults = Vec::new();
    let table = Table::read(name, text, &mut faults);
    assert_eq!(faults, []);
    table
}

/// The faults of the shipped tables with one of them replaced.
pub(crate) fn faults(name: &str, text: &str) -> Vec<String> {
    let tables: Vec<Table> = [
        "classes.csv",
        "class_words.csv",
        "synonyms.csv",
        "out_words.csv",
        "danger_words.csv",
        "severity_words.csv",
        "suggestion.csv",
    ]
    .iter()
    .map(|file| {
        if *file == name {
            table(name, text)
        } else {
            shipped(file)
        }
    })
    .collect();
    let mut faults = Vec::new();
    let _ = Suggester::read(
        Tables {
            classes: &tables[0],
            class_words: &tables[1],
            synonyms: &tables[2],
            out_words: &tables[3],
            danger_words: &tables[4],
            severity_words: &tables[5],
            weights: &tables[6],
        },
        &mut faults,
    );
    let told = |fault: &jingwei_core::rules::table::Fault| {
        format!(
            "{}:{} {} {}",
            fault.file, fault.line, fault.column, fault.code
        )
    };
    faults.iter().map(told).collect()
}

/// What is suggested for a text by the shipped rules.
pub(crate) fn suggested(text: &str) -> Suggestions {
    rules().suggester.suggest(text, &rules().plans)
}
