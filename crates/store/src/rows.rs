//! The tie between a row struct and its table: `table!` makes the struct, its column list, its reader and its writer
//! from one text, so the three cannot differ.
//!
//! Must not: know SQL beyond column names. Invariant: column order in `NAMES`, `COLUMNS`, `read` and `values` is the
//! order of the struct's fields.

use uuid::Uuid;

use crate::error::Result;
use crate::value::{Kind, Row, Value};

/// A type that can be a column.
pub(crate) trait Field: Sized {
    const KIND: Kind;
    fn read(row: &mut Row, column: usize) -> Result<Self>;
}

macro_rules! field {
    ($type:ty, $kind:ident, $get:ident, $opt:ident) => {
        impl Field for $type {
            const KIND: Kind = Kind::$kind;
            fn read(row: &mut Row, column: usize) -> Result<Self> {
                row.$get(column)
            }
        }
        impl Field for Option<$type> {
            const KIND: Kind = Kind::$kind;
            fn read(row: &mut Row, column: usize) -> Result<Self> {
                row.$opt(column)
            }
        }
    };
}
field!(i64, Int, int, opt_int);
field!(String, Text, text, opt_text);
field!(Vec<u8>, Blob, blob, opt_blob);
field!(Uuid, Blob, uuid, opt_uuid);

impl Field for bool {
    const KIND: Kind = Kind::Int;
    fn read(row: &mut Row, column: usize) -> Result<Self> {
        row.flag(column)
    }
}

/// One column of a bulk statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name in the table.
    pub name: &'static str,
    /// Kind of its values.
    pub kind: Kind,
}

/// A row struct made by `table!`.
pub(crate) trait TableRow: Sized {
    /// `a, b, c` for a SELECT.
    const NAMES: &'static str;
    const COLUMNS: &'static [Column];
    fn read(row: Row) -> Result<Self>;
    fn values(self) -> Vec<Value>;
}

/// Reads all rows of an answer.
pub(crate) fn read_all<T: TableRow>(rows: Vec<Row>) -> Result<Vec<T>> {
    rows.into_iter().map(T::read).collect()
}

/// The values of all rows of a bulk statement.
pub(crate) fn values_of<T: TableRow>(rows: Vec<T>) -> Vec<Vec<Value>> {
    rows.into_iter().map(T::values).collect()
}

macro_rules! table {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $(#[$first_meta:meta])* $first:ident: $first_type:ty, $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $(#[$first_meta])* pub $first: $first_type,
            $($(#[$field_meta])* pub $field: $type,)*
        }
        impl $crate::rows::TableRow for $name {
            const NAMES: &'static str = concat!(stringify!($first), $(", ", stringify!($field)),*);
            const COLUMNS: &'static [$crate::rows::Column] = &[
                $crate::rows::Column { name: stringify!($first), kind: <$first_type as $crate::rows::Field>::KIND },
                $($crate::rows::Column { name: stringify!($field), kind: <$type as $crate::rows::Field>::KIND }),*
            ];
            fn read(mut row: $crate::value::Row) -> $crate::error::Result<Self> {
                let mut next = 0..;
                let mut column = || next.next().unwrap_or(usize::MAX);
                Ok(Self {
                    $first: $crate::rows::Field::read(&mut row, column())?,
                    $($field: $crate::rows::Field::read(&mut row, column())?,)*
                })
            }
            fn values(self) -> Vec<$crate::value::Value> {
                vec![self.$first.into(), $(self.$field.into()),*]
            }
        }
    };
}
pub(crate) use table;
