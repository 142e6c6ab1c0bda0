//! Reading tables: what is sound is read whole, what is not is refused whole, with every fault named by file, line, column.

mod classes;
mod divisions;
mod ladder;
mod people;
mod plans;
mod rules;
mod settings;

use jingwei_core::rules::RuleSet;
use jingwei_core::rules::table::Fault;
use jingwei_core::sealed::Digest;

use crate::support::{SHIPPED, rule_files};

type Files = Vec<(String, String)>;

/// The shipped files with one text of one file replaced; the text is there.
fn with(name: &str, from: &str, to: &str) -> Files {
    changed(&[(name, from, to)])
}

fn changed(changes: &[(&str, &str, &str)]) -> Files {
    let mut files = rule_files();
    for (name, from, to) in changes {
        let (_, text) = files.iter_mut().find(|(n, _)| n == name).expect("a file");
        assert!(text.contains(from), "{name} holds {from}");
        *text = text.replacen(from, to, 1);
    }
    files
}

/// The shipped files with one cell of one row replaced: the row whose line begins with `start`.
fn cell(name: &str, start: &str, column: &str, value: &str) -> Files {
    cells(&[(name, start, column, value)])
}

fn cells(changes: &[(&str, &str, &str, &str)]) -> Files {
    let mut files = rule_files();
    for (name, start, column, value) in changes {
        let (_, text) = files.iter_mut().find(|(n, _)| n == name).expect("a file");
        let at = place(text, start);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("csv");
        let wanted = rows[0].iter().position(|c| c == *column).expect("a column");
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        for (line, row) in rows.iter().enumerate() {
            let row = row.iter().enumerate();
            let row = row.map(|(i, c)| {
                if (line + 1, i) == (at, wanted) {
                    value
                } else {
                    c
                }
            });
            writer.write_record(row).expect("csv");
        }
        *text = String::from_utf8(writer.into_inner().expect("csv")).expect("UTF-8");
    }
    files
}

/// The shipped files with a line put after the one that begins with `after`.
fn added(name: &str, after: &str, line: &str) -> Files {
    let before = self::line(name, after);
    with(name, &before, &format!("{before}{line}\n"))
}

/// The first line of a shipped file that begins with a text, with its end.
fn line(name: &str, start: &str) -> String {
    let text = shipped(name);
    let found = text.lines().nth(place(text, start) - 1);
    format!("{}\n", found.expect("a line"))
}

/// Its number: the header is 1.
fn at(name: &str, start: &str) -> usize {
    place(shipped(name), start)
}

fn shipped(name: &str) -> &'static str {
    let (_, text) = SHIPPED.iter().find(|(n, _)| *n == name).expect("a file");
    text
}

fn place(text: &str, start: &str) -> usize {
    let found = text.lines().position(|line| line.starts_with(start));
    found.expect("a line that begins so") + 1
}

/// The faults of files that are imported.
fn faults(files: &Files) -> Vec<String> {
    seen(RuleSet::read(files, Digest([0; 32])))
}

/// The whole faults of files that are imported, as they are shown.
fn shown(files: &Files) -> Vec<String> {
    let outcome = RuleSet::read(files, Digest([0; 32]));
    let Err(faults) = outcome else {
        panic!("faults are due");
    };
    let whole = |f: &Fault| {
        let (file, line, column, code) = (&f.file, f.line, &f.column, f.code);
        format!("{file}:{line} {column} {code}: {} / {}", f.zh, f.en)
    };
    faults.iter().map(whole).collect()
}

/// Faults as `file:line column code`, in the order in which they were found.
fn seen<T>(outcome: Result<T, Vec<Fault>>) -> Vec<String> {
    let Err(faults) = outcome else {
        panic!("faults are due");
    };
    assert!(!faults.is_empty(), "a refusal names its faults");
    for fault in &faults {
        assert!(!fault.zh.is_empty() && !fault.en.is_empty(), "{fault:?}");
        assert!(!fault.zh.is_ascii(), "Chinese: {fault}");
    }
    faults
        .iter()
        .map(|f| format!("{}:{} {} {}", f.file, f.line, f.column, f.code))
        .collect()
}
