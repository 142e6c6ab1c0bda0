//! What a zip file holds, counted while it is unpacked.
//!
//! Keeps: entries are unpacked into memory only, so that no name in the file is ever a path; not one byte more than the limit
//! is unpacked, whatever the headers promise; entries that overlap are counted as often as they are read.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::text;
use crate::fault::FileFault;

/// Entries a map file may have: a Shapefile has about eight, a KMZ some pictures.
const MOST_ENTRIES: usize = 1_000;

pub(super) struct Unzip<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    left: usize,
    limit: usize,
}

/// The names in a zip file; none when it is no zip file, or has too many.
pub(crate) fn names(bytes: &[u8]) -> Option<Vec<String>> {
    Unzip::new(bytes, 0).ok().map(|zip| zip.names())
}

impl<'a> Unzip<'a> {
    pub(super) fn new(bytes: &'a [u8], limit: usize) -> Result<Self, FileFault> {
        // The library reads the whole directory before one can ask how long it is: its entries are counted first.
        let entries = bytes
            .windows(4)
            .filter(|four| four == b"PK\x01\x02")
            .count();
        if entries > MOST_ENTRIES {
            return Err(FileFault::new(
                "too_many_entries",
                format!("压缩包里的文件超过 {MOST_ENTRIES} 个：请只打包一个图层"),
                format!("more than {MOST_ENTRIES} files in the archive: pack one layer only"),
            ));
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileFault::broken("zip"))?;
        Ok(Self {
            archive,
            left: limit,
            limit,
        })
    }

    /// The names in the order of the archive. Chinese Windows writes them in GBK and does not say so.
    pub(super) fn names(&self) -> Vec<String> {
        let name = |raw: &[u8]| {
            let lossy = |_| String::from_utf8_lossy(raw).into_owned();
            text::decode_cell(raw, None).unwrap_or_else(lossy)
        };
        self.archive.file_names_raw().map(name).collect()
    }

    /// Unpacks the entry at a place of [`Unzip::names`].
    pub(super) fn entry(&mut self, place: usize) -> Result<Vec<u8>, FileFault> {
        let entry = self
            .archive
            .by_index(place)
            .map_err(|_| FileFault::broken("zip"))?;
        let mut bytes = Vec::new();
        // One byte beyond the limit tells that there is more.
        let most = self.left as u64 + 1;
        entry
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(|_| FileFault::broken("zip"))?;
        if bytes.len() > self.left {
            return Err(FileFault::too_big(self.limit));
        }
        self.left -= bytes.len();
        Ok(bytes)
    }
}
