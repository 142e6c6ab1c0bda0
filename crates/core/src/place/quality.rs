//! x
use super::Shape;
use crate::words;
words! {
    /// x
    pub enum ProblemKind {
        /// x
        Gap = "gap",
    }
}
/// x
pub struct QualityRules {
    /// x
    pub sliver_m: f64,
    /// x
    pub least_m2: f64,
}
/// x
pub struct Problem {
    /// x
    pub kind: ProblemKind,
    /// x
    pub shape: Shape,
    /// x
    pub area_m2: f64,
    /// x
    pub width_m: f64,
    /// x
    pub pieces: Vec<usize>,
}
/// x
pub fn problems(_: Option<&Shape>, _: &[&Shape], _: &QualityRules) -> Vec<Problem> {
    vec![]
}
