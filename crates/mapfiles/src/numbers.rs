//! What reading and writing reckon alike.

/// West, south, east and north of some positions; infinities the wrong way round when there are none.
pub(crate) fn bounds(positions: impl IntoIterator<Item = [f64; 2]>) -> [f64; 4] {
    let none = [
        f64::INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
    ];
    positions.into_iter().fold(none, |b, p| {
        [
            b[0].min(p[0]),
            b[1].min(p[1]),
            b[2].max(p[0]),
            b[3].max(p[1]),
        ]
    })
}

/// The shortest text that is read back as the same number.
pub(crate) fn real(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (1e-5..1e16).contains(&size) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}
