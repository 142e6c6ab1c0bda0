//! Counts what a file costs while it is read, so that a file made to exhaust us is refused before memory is taken.
//!
//! Every reader takes its vertices, rings, properties and features through here; nothing is kept that was not counted.

use std::collections::HashSet;
use std::sync::Arc;

use crate::fault::{At, FileFault};

/// What a file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, and of what it unpacks to. Texts kept from it may take twice as much.
    pub bytes: usize,
    /// Features.
    pub features: usize,
    /// Vertices of all features; a ring or a part counts as one more.
    pub vertices: usize,
    /// Vertices of one feature.
    pub vertices_of_one: usize,
}

impl Default for Limits {
    /// What a province's grids need, with room: 256 MiB, 400,000 features, 8,000,000 vertices, 200,000 in one.
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            features: 400_000,
            vertices: 8_000_000,
            vertices_of_one: 200_000,
        }
    }
}

/// What keeping a property costs beside its text.
const PROPERTY: usize = size_of::<(Arc<str>, String)>();
/// Steps of work (comparing rings with each other) a file may cost: a second or so.
const MOST_STEPS: usize = 300_000_000;
/// Where mainland China, its islands and its seas lie, in degrees: west, east, south, north.
const CHINA: (f64, f64, f64, f64) = (73.0, 136.0, 3.0, 54.0);

pub(crate) struct Meter<'a> {
    pub(crate) limits: &'a Limits,
    at: Option<At>,
    features: usize,
    vertices: usize,
    of_one: usize,
    text: usize,
    pub(crate) steps_left: usize,
    names: HashSet<Arc<str>>,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            at: None,
            features: 0,
            vertices: 0,
            of_one: 0,
            text: 0,
            steps_left: MOST_STEPS,
            names: HashSet::new(),
        }
    }

    /// Begins the next feature, at a place or at its number.
    pub(crate) fn feature(&mut self, at: Option<At>) -> Result<At, FileFault> {
        self.features += 1;
        self.of_one = 0;
        let at = at.unwrap_or(At::Feature(self.features));
        self.at = Some(at);
        let most = self.limits.features;
        if self.features > most {
            return Err(FileFault::new(
                "too_many_features",
                format!("要素超过 {most} 个：请分成几个文件导入"),
                format!("more than {most} features: import the file in parts"),
            ));
        }
        Ok(at)
    }

    /// A fault where the reading stands.
    pub(crate) fn here(&self, fault: FileFault) -> FileFault {
        fault.at(self.at)
    }

    /// A part of a geometry (a ring, a list of rings): counts as a vertex, so that millions of empty ones are refused too.
    pub(crate) fn part(&mut self) -> Result<(), FileFault> {
        self.vertices += 1;
        self.of_one += 1;
        let (of_one, most) = (self.limits.vertices_of_one, self.limits.vertices);
        if self.of_one > of_one {
            return Err(self.here(FileFault::new(
                "too_many_vertices",
                format!("一个要素的顶点超过 {of_one} 个：请先化简边界"),
                format!("more than {of_one} vertices in one feature: simplify its border first"),
            )));
        }
        if self.vertices > most {
            return Err(self.here(FileFault::new(
                "too_many_vertices",
                format!("文件的顶点超过 {most} 个：请化简边界或分成几个文件导入"),
                format!("more than {most} vertices in the file: simplify the borders or import it in parts"),
            )));
        }
        Ok(())
    }

    /// A vertex, longitude first; refused when it cannot be one.
    pub(crate) fn vertex(&mut self, lon: f64, lat: f64) -> Result<[f64; 2], FileFault> {
        self.part()?;
        if !lon.is_finite() || !lat.is_finite() {
            return Err(self.here(FileFault::new(
                "not_finite",
                "坐标不是有限的数（NaN 或无穷大）：请修复该要素",
                "a coordinate is not a finite number (NaN or infinite): repair this feature",
            )));
        }
        let in_china = |lon: f64, lat: f64| {
            let (west, east, south, north) = CHINA;
            (west..=east).contains(&lon) && (south..=north).contains(&lat)
        };
        if !in_china(lon, lat) && in_china(lat, lon) {
            return Err(self.here(FileFault::new(
                "axes_reversed",
                format!("坐标 {lon}, {lat} 的经纬度顺序颠倒：请改为先经度后纬度"),
                format!(
                    "coordinate {lon}, {lat} has latitude before longitude: write longitude first"
                ),
            )));
        }
        if lon.abs() > 180.0 || lat.abs() > 90.0 {
            return Err(self.here(FileFault::new(
                "out_of_range",
                format!("坐标 {lon}, {lat} 超出经纬度范围：投影坐标请先转换为经纬度（EPSG:4490 或 EPSG:4326）"),
                format!(
                    "coordinate {lon}, {lat} lies outside ±180, ±90: \
                     convert projected coordinates to degrees first (EPSG:4490 or EPSG:4326)"
                ),
            )));
        }
        Ok([lon, lat])
    }

    /// A property's name, kept once however often it comes. Readers of tables ask once a column, not once a cell: a name may
    /// be as long as the file.
    pub(crate) fn name(&mut self, name: &str) -> Result<Arc<str>, FileFault> {
        if let Some(name) = self.names.get(name) {
            return Ok(Arc::clone(name));
        }
        self.keep(name.len())?;
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        Ok(name)
    }

    /// Keeps a property, unless its value is empty.
    pub(crate) fn property(
        &mut self,
        into: &mut Vec<(Arc<str>, String)>,
        name: &Arc<str>,
        value: String,
    ) -> Result<(), FileFault> {
        if !value.is_empty() {
            self.keep(value.len())?;
            into.push((Arc::clone(name), value));
        }
        Ok(())
    }

    fn keep(&mut self, bytes: usize) -> Result<(), FileFault> {
        self.text += bytes + PROPERTY;
        if self.text / 2 > self.limits.bytes {
            return Err(FileFault::too_big(self.limits.bytes));
        }
        Ok(())
    }

    /// Counts steps of work that grow faster than the file.
    pub(crate) fn work(&mut self, steps: usize) -> Result<(), FileFault> {
        let Some(left) = self.steps_left.checked_sub(steps) else {
            return Err(self.here(FileFault::new(
                "too_complex",
                "该要素的环过多且互相嵌套：请先拆分或化简",
                "this feature has too many rings within each other: split or simplify it first",
            )));
        };
        self.steps_left = left;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_that_cannot_be() {
        let limits = Limits::default();
        let code = |lon, lat| {
            let mut meter = Meter::new(&limits);
            meter.vertex(lon, lat).map_err(|fault| fault.code)
        };
        assert_eq!(code(104.06, 30.65), Ok([104.06, 30.65]));
        assert_eq!(
            code(-71.0, 42.3),
            Ok([-71.0, 42.3]),
            "elsewhere on the earth"
        );
        assert_eq!(
            code(30.65, 104.06),
            Err("axes_reversed"),
            "beyond 90 as well"
        );
        assert_eq!(code(30.65, 75.2), Err("axes_reversed"));
        assert_eq!(code(181.0, 0.0), Err("out_of_range"));
        assert_eq!(
            code(35_412_345.0, 3_391_234.0),
            Err("out_of_range"),
            "metres"
        );
        assert_eq!(code(f64::NAN, 30.0), Err("not_finite"));
        assert_eq!(code(104.0, f64::NEG_INFINITY), Err("not_finite"));
    }

    #[test]
    fn what_a_file_may_cost() {
        let limits = Limits {
            bytes: 1_000,
            features: 2,
            vertices: 5,
            vertices_of_one: 3,
        };
        let mut meter = Meter::new(&limits);
        let code = |result: Result<(), FileFault>| result.map_err(|fault| fault.code);
        assert_eq!(meter.feature(None), Ok(At::Feature(1)));
        for _ in 0..3 {
            assert!(meter.part().is_ok());
        }
        assert_eq!(code(meter.part()), Err("too_many_vertices"), "of one");
        assert_eq!(meter.feature(Some(At::Line(9))), Ok(At::Line(9)));
        assert!(meter.part().is_ok());
        let fault = meter.part().expect_err("of all");
        assert_eq!(
            (fault.code, fault.at),
            ("too_many_vertices", Some(At::Line(9)))
        );
        assert_eq!(
            code(meter.feature(None).map(|_| ())),
            Err("too_many_features")
        );
        let mut kept = Vec::new();
        let name = meter.name("code").expect("a name");
        assert!(meter.property(&mut kept, &name, String::new()).is_ok());
        assert!(kept.is_empty(), "empty is left out");
        let most = (0..1_000).find(|_| meter.property(&mut kept, &name, "x".repeat(60)).is_err());
        assert_eq!(
            most,
            Some(19),
            "twice the bytes, with what keeping them costs"
        );
    }
}
