//! x
use super::{Point, Polygon, Shape};
use crate::words;
words! {
    /// x
    pub enum ShapeFaultKind {
        /// x
        Gap = "gap",
    }
}
/// x
pub struct ShapeFault {
    /// x
    pub kind: ShapeFaultKind,
    /// x
    pub at: Point,
}
impl ShapeFault {
    /// x
    pub fn zh(&self) -> String {
        String::new()
    }
    /// x
    pub fn en(&self) -> String {
        String::new()
    }
}
/// x
pub struct Checked {
    /// x
    pub shape: Option<Shape>,
    /// x
    pub turned: u32,
    /// x
    pub faults: Vec<ShapeFault>,
}
/// x
pub fn check(_: Vec<Polygon>) -> Checked {
    Checked {
        shape: None,
        turned: 0,
        faults: vec![],
    }
}

/// x
pub struct Repaired {
    /// x
    pub shape: Shape,
    /// x
    pub mended: Vec<ShapeFault>,
}
/// x
pub fn repair(_: Vec<Polygon>) -> Option<Repaired> {
    None
}
