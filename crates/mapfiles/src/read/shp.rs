//! The geometries of a Shapefile (.shp with .shx), by ESRI's description of 1998.
//!
//! Every length in the file is checked against the bytes before anything is read by it. Heights and measures are left out.

use super::{polygons, rings};
use crate::Geometry;
use crate::fault::FileFault;
use crate::meter::Meter;

const HEADER: usize = 100;

/// Where the records lie: their contents without their headers, in the order of the table.
pub(super) struct Records<'a> {
    shp: &'a [u8],
    shx: Option<&'a [u8]>,
    /// Where the next record begins; the place in the index when there is one.
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(shp: &'a [u8], shx: Option<&'a [u8]>) -> Result<Self, FileFault> {
        let sound = |file: &[u8]| file.len() >= HEADER && file[..4] == [0, 0, 0x27, 0x0a];
        if !sound(shp) || !shx.is_none_or(sound) {
            return Err(broken());
        }
        Ok(Self {
            shp,
            shx,
            at: HEADER,
        })
    }

    /// The content of the next record; none at the end.
    fn next(&mut self) -> Result<Option<&'a [u8]>, FileFault> {
        // Programs that change a file in place leave old records between: only the index knows which count.
        let start = match self.shx {
            Some(shx) if self.at < shx.len() => words_be(shx, self.at)?,
            None if self.at < self.shp.len() => self.at,
            _ => return Ok(None),
        };
        let header = start.checked_add(8).ok_or_else(broken)?;
        let length = words_be(self.shp, start + 4)?;
        let end = header.checked_add(length).ok_or_else(broken)?;
        let content = self.shp.get(header..end).ok_or_else(broken)?;
        self.at = if self.shx.is_some() { self.at + 8 } else { end };
        Ok(Some(content))
    }

    /// The next geometry; none at the end.
    pub(super) fn next_geometry(
        &mut self,
        meter: &mut Meter<'_>,
    ) -> Result<Option<Geometry>, FileFault> {
        let Some(record) = self.next()? else {
            return Ok(None);
        };
        geometry(record, meter).map(Some)
    }

    /// Steps over a record.
    pub(super) fn skip(&mut self) -> Result<(), FileFault> {
        self.next().map(|_| ())
    }
}

fn geometry(record: &[u8], meter: &mut Meter<'_>) -> Result<Geometry, FileFault> {
    match int(record, 0)? {
        0 => Ok(Geometry::None),
        1 | 11 | 21 => {
            let (lon, lat) = position(record, 4)?;
            Ok(Geometry::Point(meter.vertex(lon, lat)?))
        }
        5 | 15 | 25 => {
            let (parts, points) = (int(record, 36)?, int(record, 40)?);
            let first_point = parts
                .checked_mul(4)
                .and_then(|bytes| bytes.checked_add(44))
                .ok_or_else(broken)?;
            let end = points
                .checked_mul(16)
                .and_then(|bytes| bytes.checked_add(first_point));
            if end.is_none_or(|end| end > record.len()) {
                return Err(broken());
            }
            let mut found = Vec::new();
            for part in 0..parts {
                meter.part()?;
                let from = int(record, 44 + part * 4)?;
                let to = if part + 1 < parts {
                    int(record, 48 + part * 4)?
                } else {
                    points
                };
                if from > to || to > points {
                    return Err(broken());
                }
                let mut ring = Vec::new();
                for point in from..to {
                    let (lon, lat) = position(record, first_point + point * 16)?;
                    ring.push(meter.vertex(lon, lat)?);
                }
                if !ring.is_empty() {
                    found.push(ring);
                }
            }
            Ok(polygons(rings::group(found, meter)?))
        }
        3 | 13 | 23 => Err(FileFault::kind("PolyLine")),
        8 | 18 | 28 => Err(FileFault::kind("MultiPoint")),
        31 => Err(FileFault::kind("MultiPatch")),
        _ => Err(broken()),
    }
}

fn broken() -> FileFault {
    FileFault::broken(".shp")
}

fn four(bytes: &[u8], at: usize) -> Result<[u8; 4], FileFault> {
    let rest = bytes.get(at..).ok_or_else(broken)?;
    rest.first_chunk().copied().ok_or_else(broken)
}

/// A count of 16-bit words, the high byte first, as a count of bytes.
fn words_be(bytes: &[u8], at: usize) -> Result<usize, FileFault> {
    let words = u32::from_be_bytes(four(bytes, at)?) as usize;
    words.checked_mul(2).ok_or_else(broken)
}

/// A number that may not be negative, the low byte first.
fn int(bytes: &[u8], at: usize) -> Result<usize, FileFault> {
    let number = i32::from_le_bytes(four(bytes, at)?);
    usize::try_from(number).map_err(|_| broken())
}

fn position(bytes: &[u8], at: usize) -> Result<(f64, f64), FileFault> {
    let sixteen: [u8; 16] = bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk().copied())
        .ok_or_else(broken)?;
    let axis = |from: usize| f64::from_le_bytes(std::array::from_fn(|i| sixteen[from + i]));
    Ok((axis(0), axis(8)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn file(records: &[Vec<u8>]) -> Vec<u8> {
        let mut shp = vec![0; HEADER];
        shp[2..4].copy_from_slice(&[0x27, 0x0a]);
        for (i, record) in records.iter().enumerate() {
            shp.extend((i as u32 + 1).to_be_bytes());
            shp.extend((record.len() as u32 / 2).to_be_bytes());
            shp.extend(record);
        }
        shp
    }

    fn polygon(parts: u32, points: u32, body: &[u8]) -> Vec<u8> {
        let mut record = vec![5, 0, 0, 0];
        record.extend([0; 32]);
        record.extend(parts.to_le_bytes());
        record.extend(points.to_le_bytes());
        record.extend(body);
        record
    }

    fn first(shp: &[u8]) -> Result<Option<Geometry>, &'static str> {
        let limits = Limits::default();
        let mut meter = Meter::new(&limits);
        Records::new(shp, None)
            .and_then(|mut records| records.next_geometry(&mut meter))
            .map_err(|fault| fault.code)
    }

    #[test]
    fn counts_that_the_bytes_do_not_hold() {
        for record in [
            polygon(u32::MAX, 1, &[]),
            polygon(1, u32::MAX, &[0; 4]),
            polygon(0x7fff_ffff, 0x7fff_ffff, &[0; 40]),
            polygon(1, 4, &[0; 60]),
            polygon(2, 1, &[&[1, 0, 0, 0, 0, 0, 0, 0][..], &[0; 16]].concat()),
            polygon(2, 1, &[&[0, 0, 0, 0, 9, 0, 0, 0][..], &[0; 16]].concat()),
            vec![5, 0, 0, 0],
            vec![99, 0, 0, 0],
        ] {
            assert_eq!(first(&file(&[record])), Err("broken"));
        }
        let mut longer = file(&[vec![0, 0, 0, 0]]);
        longer[104..108].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff]);
        assert_eq!(
            first(&longer),
            Err("broken"),
            "a record longer than the file"
        );
        assert_eq!(first(&file(&[])), Ok(None));
        assert_eq!(first(&file(&[vec![0, 0, 0, 0]])), Ok(Some(Geometry::None)));
        assert_eq!(first(&file(&[vec![3, 0, 0, 0]])), Err("geometry_kind"));
        assert_eq!(first(b"short"), Err("broken"));
    }

    #[test]
    fn the_index_says_which_records_count() {
        let point = |lon: f64| {
            let mut record = vec![1, 0, 0, 0];
            record.extend(lon.to_le_bytes());
            record.extend(30.0_f64.to_le_bytes());
            record
        };
        let shp = file(&[point(104.0), point(105.0)]);
        let mut shx = shp[..HEADER].to_vec();
        // Only the second: 100 + 28 bytes in, which is 64 words.
        shx.extend([0, 0, 0, 64, 0, 0, 0, 10]);
        let limits = Limits::default();
        let mut meter = Meter::new(&limits);
        let mut records = Records::new(&shp, Some(&shx)).expect("records");
        assert_eq!(
            records.next_geometry(&mut meter),
            Ok(Some(Geometry::Point([105.0, 30.0])))
        );
        assert_eq!(records.next_geometry(&mut meter), Ok(None));
        shx[100..104].copy_from_slice(&[0xff; 4]);
        let mut records = Records::new(&shp, Some(&shx)).expect("records");
        assert!(
            records.next_geometry(&mut meter).is_err(),
            "an index that points outside"
        );
    }
}
