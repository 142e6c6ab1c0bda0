//! The values that go into statements and come out of rows, the same for both engines.
//!
//! Must not: know a table, convert between kinds silently (a text is never read as a number). Invariant: what was
//! bound comes back equal on both engines; a wrong kind is `StoreError::Decode` with the index of its column.

use uuid::Uuid;

use crate::error::{Result, StoreError};

/// One value of a statement or of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// No value.
    Null,
    /// A whole number; also instants (UTC milliseconds), days (yyyymmdd) and flags (0 or 1).
    Int(i64),
    /// Text; must not hold the character NUL.
    Text(String),
    /// Bytes; also ids (16 bytes).
    Blob(Vec<u8>),
    /// A list, only as a parameter of `= ANY($n)` or of a bulk statement, never in a row.
    List(List),
}

/// A list bound as one parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// Whole numbers.
    Ints(Vec<Option<i64>>),
    /// Texts.
    Texts(Vec<Option<String>>),
    /// Bytes and ids.
    Blobs(Vec<Option<Vec<u8>>>),
}

/// The kind of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// INTEGER / BIGINT.
    Int,
    /// TEXT.
    Text,
    /// BLOB / BYTEA.
    Blob,
}

impl Value {
    /// A list of ids for `= ANY($n)`.
    #[must_use]
    pub fn ids(ids: &[Uuid]) -> Self {
        Self::List(List::Blobs(
            ids.iter().map(|id| Some(id.as_bytes().to_vec())).collect(),
        ))
    }

    /// A list of texts for `= ANY($n)`.
    #[must_use]
    pub fn texts(texts: &[String]) -> Self {
        Self::List(List::Texts(texts.iter().cloned().map(Some).collect()))
    }

    /// The word used in error messages.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "int",
            Self::Text(_) => "text",
            Self::Blob(_) => "blob",
            Self::List(_) => "list",
        }
    }

    /// Refuses the character NUL in texts: PostgreSQL cannot hold it, SQLite would.
    pub(crate) fn check(&self) -> Result<()> {
        let bad = match self {
            Self::Text(text) => text.contains('\0'),
            Self::List(List::Texts(texts)) => {
                texts.iter().flatten().any(|text| text.contains('\0'))
            }
            _ => false,
        };
        if bad {
            Err(StoreError::Constraint(
                "a text holds the character NUL".into(),
            ))
        } else {
            Ok(())
        }
    }
}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<i32> for Value {
    fn from(v: i32) -> Self {
        Self::Int(i64::from(v))
    }
}
impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Int(i64::from(v))
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}
impl From<Uuid> for Value {
    fn from(v: Uuid) -> Self {
        Self::Blob(v.as_bytes().to_vec())
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v)
    }
}
impl From<&[u8]> for Value {
    fn from(v: &[u8]) -> Self {
        Self::Blob(v.to_vec())
    }
}
impl From<List> for Value {
    fn from(v: List) -> Self {
        Self::List(v)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

/// A row that came back. The getters take their value out (no copy): a column is read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// All values, in the order of the columns.
    #[must_use]
    pub fn into_values(self) -> Vec<Value> {
        self.0
    }

    fn take(&mut self, column: usize) -> Value {
        self.0
            .get_mut(column)
            .map_or(Value::Null, |value| std::mem::replace(value, Value::Null))
    }

    fn wrong<T>(column: usize, wanted: &'static str, found: &Value) -> Result<T> {
        Err(StoreError::Decode {
            column,
            wanted,
            found: found.word(),
        })
    }

    /// A whole number or null.
    pub fn opt_int(&mut self, column: usize) -> Result<Option<i64>> {
        match self.take(column) {
            Value::Null => Ok(None),
            Value::Int(v) => Ok(Some(v)),
            other => Self::wrong(column, "int", &other),
        }
    }

    /// A text or null.
    pub fn opt_text(&mut self, column: usize) -> Result<Option<String>> {
        match self.take(column) {
            Value::Null => Ok(None),
            Value::Text(v) => Ok(Some(v)),
            other => Self::wrong(column, "text", &other),
        }
    }

    /// Bytes or null.
    pub fn opt_blob(&mut self, column: usize) -> Result<Option<Vec<u8>>> {
        match self.take(column) {
            Value::Null => Ok(None),
            Value::Blob(v) => Ok(Some(v)),
            other => Self::wrong(column, "blob", &other),
        }
    }

    /// An id (16 bytes) or null.
    pub fn opt_uuid(&mut self, column: usize) -> Result<Option<Uuid>> {
        match self.opt_blob(column)? {
            None => Ok(None),
            Some(bytes) => match Uuid::from_slice(&bytes) {
                Ok(id) => Ok(Some(id)),
                Err(_) => Err(StoreError::Decode {
                    column,
                    wanted: "id of 16 bytes",
                    found: "blob of another length",
                }),
            },
        }
    }

    /// A whole number.
    pub fn int(&mut self, column: usize) -> Result<i64> {
        self.opt_int(column)?
            .map_or_else(|| Self::wrong(column, "int", &Value::Null), Ok)
    }

    /// A text.
    pub fn text(&mut self, column: usize) -> Result<String> {
        self.opt_text(column)?
            .map_or_else(|| Self::wrong(column, "text", &Value::Null), Ok)
    }

    /// Bytes.
    pub fn blob(&mut self, column: usize) -> Result<Vec<u8>> {
        self.opt_blob(column)?
            .map_or_else(|| Self::wrong(column, "blob", &Value::Null), Ok)
    }

    /// An id (16 bytes).
    pub fn uuid(&mut self, column: usize) -> Result<Uuid> {
        self.opt_uuid(column)?
            .map_or_else(|| Self::wrong(column, "id", &Value::Null), Ok)
    }

    /// A flag: 0 or 1, nothing else.
    pub fn flag(&mut self, column: usize) -> Result<bool> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(StoreError::Decode {
                column,
                wanted: "flag",
                found: "another number",
            }),
        }
    }
}
