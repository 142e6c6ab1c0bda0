//! Reading CSV tables with every fault named: file, line, column, what is wrong, what to do.

use std::collections::{HashMap, HashSet};

use crate::label::Label;
use crate::time::Limit;

/// A fault of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// Line in the file, the header is 1; 0 when the fault is of the whole file.
    pub line: u64,
    /// The column; empty when the fault is of the whole row.
    pub column: String,
    /// Stable code.
    pub code: &'static str,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{} {}: {} / {}",
            self.file, self.line, self.column, self.zh, self.en
        )
    }
}

/// What was found wrong with tables that are read together.
///
/// A rule set that was imported once stays readable for ever, also by a later version that asks for more. So the faults
/// are of two kinds: with `broken` ones nothing can be read, with `holes` the rest stands and only an import is refused.
#[derive(Debug, Default)]
pub struct Faults {
    /// Without these values nothing can be decided.
    pub broken: Vec<Fault>,
    /// What an import has to bring beyond that.
    pub holes: Vec<Fault>,
}

/// A table with a header.
#[derive(Debug, Clone, Default)]
pub struct Table {
    file: String,
    columns: HashMap<String, usize>,
    header: Vec<String>,
    records: Vec<(u64, csv::StringRecord)>,
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'t> {
    table: &'t Table,
    /// Line in the file.
    pub line: u64,
    record: &'t csv::StringRecord,
}

impl Table {
    /// Reads CSV text (UTF-8, with or without a byte-order mark). Broken rows go into `faults`.
    pub fn read(file: &str, text: &str, faults: &mut Vec<Fault>) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let header: Vec<String> = reader
            .headers()
            .map(|header| header.iter().map(|name| name.trim().to_owned()).collect())
            .unwrap_or_default();
        let columns = header.iter().cloned().zip(0..).collect();
        let mut table = Self {
            file: file.to_owned(),
            columns,
            header,
            records: Vec::new(),
        };
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    table.records.push((line, record));
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    faults.push(Fault {
                        file: file.to_owned(),
                        line,
                        column: String::new(),
                        code: "broken_row",
                        zh: format!("这一行的列数或引号不对：应有 {} 列", table.header.len()),
                        en: format!("the row has the wrong number of columns or broken quotes: {} columns are due", table.header.len()),
                    });
                }
            }
        }
        table
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|(line, record)| Row {
            table: self,
            line: *line,
            record,
        })
    }

    /// The texts of a column, of all rows, also of those with faults: what a row names stands there or does not.
    pub fn listed(&self, column: &str) -> HashSet<&str> {
        self.rows().map(|row| row.text(column)).collect()
    }

    /// A fault of the whole file.
    pub fn fault(&self, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault {
            file: self.file.clone(),
            line: 0,
            column: String::new(),
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Checks that the columns are there; others may be beside them.
    pub fn needs(&self, needed: &[&str], faults: &mut Vec<Fault>) {
        for name in needed
            .iter()
            .filter(|name| !self.columns.contains_key(**name))
        {
            faults.push(Fault {
                line: 1,
                column: (*name).to_owned(),
                ..self.fault(
                    "missing_column",
                    format!("缺少列 {name}"),
                    format!("the column {name} is missing"),
                )
            });
        }
    }

    /// Checks that the columns `needed` are there and that no other than these and `optional` are.
    pub fn check_header(
        &self,
        needed: &[&str],
        optional: &[&str],
        faults: &mut Vec<Fault>,
    ) -> bool {
        let before = faults.len();
        self.needs(needed, faults);
        for name in &self.header {
            if !needed.contains(&name.as_str()) && !optional.contains(&name.as_str()) {
                faults.push(Fault {
                    line: 1,
                    column: name.clone(),
                    ..self.fault(
                        "unknown_column",
                        format!(
                            "不认识的列 {name}；可用的列：{}",
                            [needed, optional].concat().join(", ")
                        ),
                        format!(
                            "the column {name} is not known; known are {}",
                            [needed, optional].concat().join(", ")
                        ),
                    )
                });
            }
        }
        faults.len() == before
    }
}

impl<'t> Row<'t> {
    /// The trimmed text of a cell; empty when the column is not there.
    pub fn text(&self, column: &str) -> &'t str {
        self.table
            .columns
            .get(column)
            .and_then(|&i| self.record.get(i))
            .unwrap_or("")
            .trim()
    }

    /// The parts of a cell that is a list with `|`; an empty cell is an empty list.
    pub fn list(&self, column: &str) -> impl Iterator<Item = &'t str> {
        self.text(column)
            .split('|')
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }

    /// A fault of a cell of this row.
    pub fn fault(
        &self,
        column: &str,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Fault {
        Fault {
            file: self.table.file.clone(),
            line: self.line,
            column: column.to_owned(),
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Reads a cell that is 0 or 1.
    pub fn flag(&self, column: &str, faults: &mut Vec<Fault>) -> Option<bool> {
        let parse = |text: &str| match text {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        };
        self.word(column, parse, faults)
    }

    /// Reads a limit.
    pub fn limit(&self, column: &str, faults: &mut Vec<Fault>) -> Option<Limit> {
        Limit::parse(self.text(column))
            .map_err(|(zh, en)| faults.push(self.fault(column, "limit", zh, en)))
            .ok()
    }

    /// Reads a name.
    pub fn label(&self, column: &str, faults: &mut Vec<Fault>) -> Option<Label> {
        self.short(column, Label::MOST, faults);
        // An empty, long or unprintable one has its fault by now.
        Label::new(self.text(column))
    }

    /// Reads words: 1 to `most` characters, none of them a control character. What is wrong goes into `faults`.
    pub fn short(&self, column: &str, most: usize, faults: &mut Vec<Fault>) -> &'t str {
        let text = self.text(column);
        if text.is_empty() {
            faults.push(self.empty(column));
        } else if let Some(fault) = self.too_long(column, text, most) {
            faults.push(fault);
        }
        text
    }

    /// A fault when `text`, of a cell or a part of one, is longer than `most` characters or holds a control character.
    pub fn too_long(&self, column: &str, text: &str, most: usize) -> Option<Fault> {
        let count = text.chars().count();
        if count > most {
            Some(self.fault(
                column,
                "too_long",
                format!("{column} 有 {count} 个字，最多 {most} 个"),
                format!("{column} has {count} characters, {most} at most"),
            ))
        } else if text.chars().any(char::is_control) {
            Some(self.fault(
                column,
                "not_understood",
                format!("{column} 含有不可见的控制字符"),
                format!("{column} holds a control character"),
            ))
        } else {
            None
        }
    }

    fn empty(&self, column: &str) -> Fault {
        self.fault(
            column,
            "required",
            format!("{column} 不能为空"),
            format!("{column} must not be empty"),
        )
    }

    /// Reads a cell with `parse`; a value that is not understood goes into `faults`.
    pub fn word<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Option<T>,
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        let text = self.text(column);
        let value = parse(text);
        if value.is_none() {
            faults.push(if text.is_empty() {
                self.empty(column)
            } else {
                self.fault(
                    column,
                    "not_understood",
                    format!("{column} 的值“{text}”看不懂"),
                    format!("the value \"{text}\" of {column} is not understood"),
                )
            });
        }
        value
    }
}
