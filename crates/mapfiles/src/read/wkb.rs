//! One geometry as bytes: the header of GeoPackage and well-known binary (ISO and the extended kind).
//!
//! Counts are believed no further than there are bytes: a list grows as its items are read. `geozero` and `wkb` reserve or
//! build every kind of geometry; we keep two.

use super::polygons;
use crate::Geometry;
use crate::fault::FileFault;
use crate::meter::Meter;

/// Reads the geometry of a GeoPackage: header, box, well-known binary.
pub(super) fn read(bytes: &[u8], meter: &mut Meter<'_>) -> Result<Geometry, FileFault> {
    let mut rest = Rest { bytes, big: false };
    let magic = rest.take::<2>()?;
    let [_version, flags] = rest.take::<2>()?;
    let box_bytes = match flags >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(broken()),
    };
    let extended = flags & 0x20 != 0;
    if &magic != b"GP" || extended {
        return Err(broken());
    }
    // The coordinate system is that of the table; the box is reckoned again from the points.
    rest.skip(4 + box_bytes)?;
    let empty = flags & 0x10 != 0;
    if empty {
        return Ok(Geometry::None);
    }
    let geometry = geometry(&mut rest, meter)?;
    if rest.bytes.is_empty() {
        Ok(geometry)
    } else {
        Err(broken())
    }
}

fn geometry(rest: &mut Rest<'_>, meter: &mut Meter<'_>) -> Result<Geometry, FileFault> {
    let (kind, axes) = rest.kind()?;
    match kind {
        POINT => Ok(Geometry::Point(rest.position(axes, meter)?)),
        POLYGON => Ok(polygons(vec![rest.polygon(axes, meter)?])),
        MULTIPOLYGON => {
            let mut all = Vec::new();
            for _ in 0..rest.count()? {
                meter.part()?;
                let (kind, axes) = rest.kind()?;
                if kind != POLYGON {
                    return Err(broken());
                }
                all.push(rest.polygon(axes, meter)?);
            }
            Ok(polygons(all))
        }
        other => Err(FileFault::kind(match other {
            2 => "LineString",
            4 => "MultiPoint",
            5 => "MultiLineString",
            7 => "GeometryCollection",
            8..=17 => "Curve",
            _ => return Err(broken()),
        })),
    }
}

const POINT: u32 = 1;
const POLYGON: u32 = 3;
const MULTIPOLYGON: u32 = 6;

fn broken() -> FileFault {
    FileFault::broken("WKB")
}

struct Rest<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], FileFault> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(broken)?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn skip(&mut self, bytes: usize) -> Result<(), FileFault> {
        self.bytes = self.bytes.get(bytes..).ok_or_else(broken)?;
        Ok(())
    }

    fn count(&mut self) -> Result<u32, FileFault> {
        let bytes = self.take()?;
        Ok(if self.big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }

    fn number(&mut self) -> Result<f64, FileFault> {
        let bytes = self.take()?;
        Ok(if self.big {
            f64::from_be_bytes(bytes)
        } else {
            f64::from_le_bytes(bytes)
        })
    }

    /// The order of bytes, the kind of geometry, and how many numbers a position has.
    fn kind(&mut self) -> Result<(u32, usize), FileFault> {
        self.big = match self.take()? {
            [0] => true,
            [1] => false,
            _ => return Err(broken()),
        };
        let code = self.count()?;
        let (z, m, srid) = (
            code & 1 << 31 != 0,
            code & 1 << 30 != 0,
            code & 1 << 29 != 0,
        );
        if srid {
            self.skip(4)?;
        }
        let code = code & 0x1fff_ffff;
        let more = match code / 1000 {
            0 => usize::from(z) + usize::from(m),
            1 | 2 => 1,
            3 => 2,
            _ => return Err(broken()),
        };
        Ok((code % 1000, 2 + more))
    }

    fn position(&mut self, axes: usize, meter: &mut Meter<'_>) -> Result<[f64; 2], FileFault> {
        let (lon, lat) = (self.number()?, self.number()?);
        self.skip((axes - 2) * 8)?;
        meter.vertex(lon, lat)
    }

    fn polygon(
        &mut self,
        axes: usize,
        meter: &mut Meter<'_>,
    ) -> Result<Vec<Vec<[f64; 2]>>, FileFault> {
        let mut rings = Vec::new();
        for _ in 0..self.count()? {
            meter.part()?;
            let mut ring = Vec::new();
            for _ in 0..self.count()? {
                ring.push(self.position(axes, meter)?);
            }
            rings.push(ring);
        }
        Ok(rings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn one(bytes: &[u8]) -> Result<Geometry, &'static str> {
        let limits = Limits::default();
        read(bytes, &mut Meter::new(&limits)).map_err(|fault| fault.code)
    }

    fn header(flags: u8) -> Vec<u8> {
        vec![b'G', b'P', 0, flags, 0, 0, 0, 0]
    }

    #[test]
    fn kinds_and_orders() {
        let mut little = header(1);
        little.extend([1, 1, 0, 0, 0]);
        little.extend(104.0_f64.to_le_bytes());
        little.extend(30.0_f64.to_le_bytes());
        assert_eq!(one(&little), Ok(Geometry::Point([104.0, 30.0])));
        let mut big = header(0);
        big.extend([0, 0, 0, 0x03, 0xe9]);
        for number in [104.0_f64, 30.0, 5.0] {
            big.extend(number.to_be_bytes());
        }
        assert_eq!(
            one(&big),
            Ok(Geometry::Point([104.0, 30.0])),
            "with a height"
        );
        assert_eq!(one(&header(0x11)), Ok(Geometry::None), "empty");
        for end in 0..little.len() {
            assert_eq!(one(&little[..end]), Err("broken"), "cut at {end}");
        }
        little.push(0);
        assert_eq!(one(&little), Err("broken"), "something after the end");
    }

    #[test]
    fn counts_that_the_bytes_do_not_hold() {
        for kind in [3, 6] {
            let mut bytes = header(1);
            bytes.extend([1, kind, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
            assert_eq!(one(&bytes), Err("broken"));
        }
        let mut line = header(1);
        line.extend([1, 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(one(&line), Err("geometry_kind"));
    }
}
