//! x
use super::Shape;
/// x
pub struct Snapped {
    /// x
    pub pieces: Vec<Shape>,
    /// x
    pub moved: usize,
}
/// x
pub fn snap(pieces: Vec<Shape>, _: &[&Shape], _: f64) -> Snapped {
    Snapped { pieces, moved: 0 }
}
