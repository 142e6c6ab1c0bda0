//! The table of a Shapefile (.dbf, dBase III and its kin).
//!
//! Texts may be UTF-8 or GBK: the .cpg says which, else the language byte of the header, else the bytes themselves.

use encoding_rs::{Encoding, GB18030};

use super::text;
use crate::fault::FileFault;

pub(super) struct Table<'a> {
    records: &'a [u8],
    record: usize,
    count: usize,
    columns: Vec<Column>,
    encoding: Option<&'static Encoding>,
}

struct Column {
    name: String,
    kind: u8,
    from: usize,
    to: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        dbf: &'a [u8],
        encoding: Option<&'static Encoding>,
    ) -> Result<Self, FileFault> {
        let header = dbf.get(..32).ok_or_else(broken)?;
        let count = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let start = usize::from(u16::from_le_bytes([header[8], header[9]]));
        let record = usize::from(u16::from_le_bytes([header[10], header[11]]));
        // 0x4D is code page 936 in DOS, 0x7A in Windows.
        let language = [0x4d, 0x7a].contains(&header[29]).then_some(GB18030);
        let encoding = encoding.or(language);
        let mut columns = Vec::new();
        // The first byte of a record says whether it was deleted.
        let mut from = 1;
        let fields = dbf.get(32..start).ok_or_else(broken)?;
        for field in fields.chunks_exact(32).take_while(|field| field[0] != 0x0d) {
            let name = field[..11]
                .split(|&byte| byte == 0)
                .next()
                .unwrap_or_default();
            let to = from + usize::from(field[16]);
            columns.push(Column {
                name: text::decode_cell(name, encoding)?,
                kind: field[11],
                from,
                to,
            });
            from = to;
        }
        let records = &dbf[start..];
        let fits = count
            .checked_mul(record)
            .is_some_and(|bytes| bytes <= records.len());
        if record == 0 || from > record || !fits {
            return Err(broken());
        }
        Ok(Self {
            records,
            record,
            count,
            columns,
            encoding,
        })
    }

    /// How many rows there are, deleted ones too.
    pub(super) fn rows(&self) -> usize {
        self.count
    }

    /// Whether a row was deleted.
    pub(super) fn deleted(&self, row: usize) -> bool {
        self.records[row * self.record] == b'*'
    }

    /// The names and values of a row, blanks around them and empty ones left out.
    pub(super) fn row(
        &self,
        row: usize,
    ) -> impl Iterator<Item = Result<(&str, String), FileFault>> {
        let record = &self.records[row * self.record..][..self.record];
        self.columns.iter().filter_map(move |column| {
            let cell = record[column.from..column.to].trim_ascii();
            let cell = cell.split(|&byte| byte == 0).next().unwrap_or_default();
            let says_nothing = match column.kind {
                b'L' => cell == b"?",
                // A number that did not fit its column is written as stars.
                b'N' | b'F' => cell.first() == Some(&b'*'),
                b'D' => cell == b"00000000",
                // Longer texts, pictures and programs stand in another file.
                b'M' | b'B' | b'G' | b'P' | b'0' => true,
                _ => false,
            };
            if cell.is_empty() || says_nothing {
                return None;
            }
            let value = text::decode_cell(cell, self.encoding);
            Some(value.map(|value| (column.name.as_str(), value.trim().to_owned())))
        })
    }
}

fn broken() -> FileFault {
    FileFault::broken(".dbf")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(
        count: u32,
        record: u16,
        language: u8,
        fields: &[(&[u8], u8, u8)],
        rows: &[u8],
    ) -> Vec<u8> {
        let mut dbf = vec![3, 100, 1, 1];
        dbf.extend(count.to_le_bytes());
        dbf.extend((33 + 32 * fields.len() as u16).to_le_bytes());
        dbf.extend(record.to_le_bytes());
        dbf.extend([0; 20]);
        dbf[29] = language;
        for (name, kind, length) in fields {
            let mut field = [0; 32];
            field[..name.len()].copy_from_slice(name);
            (field[11], field[16]) = (*kind, *length);
            dbf.extend(field);
        }
        dbf.push(0x0d);
        dbf.extend(rows);
        dbf
    }

    fn row(table: &Table<'_>, row: usize) -> Vec<(String, String)> {
        let cells: Result<Vec<_>, _> = table.row(row).collect();
        cells
            .expect("a row")
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    #[test]
    fn cells_as_text() {
        let gbk = b"\xcb\xab\xc1\xf7";
        let rows = [
            &b" "[..],
            gbk,
            b"  ",
            b"  1.50",
            b"?",
            b"*",
            b"deleted",
            b"      ",
        ]
        .concat();
        let dbf = table(
            2,
            14,
            0x4d,
            &[(b"name", b'C', 6), (b"n", b'N', 6), (b"yes", b'L', 1)],
            &rows,
        );
        let table = Table::new(&dbf, None).expect("a table");
        assert_eq!(table.rows(), 2);
        assert!(!table.deleted(0) && table.deleted(1));
        assert_eq!(
            row(&table, 0),
            [("name".into(), "双流".into()), ("n".into(), "1.50".into())]
        );
    }

    #[test]
    fn headers_that_lie() {
        let fields: [(&[u8], u8, u8); 1] = [(b"a", b'C', 4)];
        let sound = table(1, 5, 0, &fields, b" abcd");
        assert!(Table::new(&sound, None).is_ok());
        for dbf in [
            table(2, 5, 0, &fields, b" abcd"),
            table(u32::MAX, 5, 0, &fields, b" abcd"),
            table(1, 4, 0, &fields, b" abcd"),
            table(1, 0, 0, &fields, b" abcd"),
            table(0, 0, 0, &[], b""),
            sound[..40].to_vec(),
            vec![],
        ] {
            assert!(Table::new(&dbf, None).is_err());
        }
    }
}
