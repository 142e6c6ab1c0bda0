//! Learns the weights of the suggestion: one for each number that all candidates share, by conditional logistic regression.
//!
//! Of all candidates of a sentence the right one is to be likeliest. Newton's steps from zero, a fixed number of them, with a
//! penalty on large weights: no random number, the same weights on every machine up to the last digits.

#![expect(
    clippy::needless_range_loop,
    reason = "a matrix is told by its two places"
)]

use jingwei_core::suggest::{FEATURE_COUNT, Row};

/// How strongly large weights are held back.
const PENALTY: f64 = 0.5;

/// A sentence with its right candidate.
pub(crate) struct Lesson {
    pub(crate) rows: Vec<Row>,
    pub(crate) right: usize,
}

/// Slope and curve of the loss at some weights.
#[derive(Clone)]
struct Bend {
    slope: Row,
    curve: [Row; FEATURE_COUNT],
}

impl Bend {
    const FLAT: Self = Self {
        slope: [0.0; FEATURE_COUNT],
        curve: [[0.0; FEATURE_COUNT]; FEATURE_COUNT],
    };

    fn of(lessons: &[Lesson], weights: &Row) -> Self {
        let mut bend = Self::FLAT;
        for i in 0..FEATURE_COUNT {
            bend.slope[i] = PENALTY * weights[i];
            bend.curve[i][i] = PENALTY;
        }
        for lesson in lessons {
            add(lesson, weights, &mut bend);
        }
        bend
    }

    /// Newton's step, to be taken away from the weights.
    fn step(&self) -> Row {
        let mut curve = self.curve;
        // It is the same on both sides of its diagonal.
        for i in 0..FEATURE_COUNT {
            for j in 0..i {
                curve[j][i] = curve[i][j];
            }
        }
        solve(curve, self.slope)
    }
}

/// The weights after `steps` from zero.
pub(crate) fn learn(lessons: &[Lesson], steps: usize) -> Row {
    let mut weights = [0.0; FEATURE_COUNT];
    for _ in 0..steps {
        let step = Bend::of(lessons, &weights).step();
        // A step that makes it worse was too long: half of it, up to ten times.
        let before = loss(lessons, &weights);
        let mut part = 1.0;
        for _ in 0..10 {
            let next = std::array::from_fn(|i| weights[i] - part * step[i]);
            if loss(lessons, &next) <= before {
                weights = next;
                break;
            }
            part /= 2.0;
        }
    }
    weights
}

/// For each lesson the weights learned without it: one step of Newton's from those learned with all, where only what the one
/// lesson adds to slope and curve is taken away.
pub(crate) fn learn_without_each(lessons: &[Lesson], weights: &Row) -> Vec<Row> {
    let whole = Bend::of(lessons, weights);
    let without = |lesson: &Lesson| {
        let mut own = Bend::FLAT;
        add(lesson, weights, &mut own);
        let mut rest = whole.clone();
        for i in 0..FEATURE_COUNT {
            rest.slope[i] -= own.slope[i];
            for j in 0..=i {
                rest.curve[i][j] -= own.curve[i][j];
            }
        }
        let step = rest.step();
        std::array::from_fn(|i| weights[i] - step[i])
    };
    lessons.iter().map(without).collect()
}

/// How unlikely the right candidates are, with the penalty.
fn loss(lessons: &[Lesson], weights: &Row) -> f64 {
    let missed: f64 = lessons
        .iter()
        .map(|lesson| -shares(&lesson.rows, weights)[lesson.right].max(1e-300).ln())
        .sum();
    missed + PENALTY / 2.0 * weights.iter().map(|w| w * w).sum::<f64>()
}

fn add(lesson: &Lesson, weights: &Row, bend: &mut Bend) {
    let shares = shares(&lesson.rows, weights);
    let mut mean = [0.0; FEATURE_COUNT];
    for (row, share) in lesson.rows.iter().zip(&shares) {
        for (mean, x) in mean.iter_mut().zip(row) {
            *mean += share * x;
        }
    }
    for (at, slope) in bend.slope.iter_mut().enumerate() {
        *slope += mean[at] - lesson.rows[lesson.right][at];
    }
    for (row, share) in lesson.rows.iter().zip(&shares) {
        // What is hardly possible bends nothing.
        if *share < 1e-9 {
            continue;
        }
        let off: Row = std::array::from_fn(|i| row[i] - mean[i]);
        for i in 0..FEATURE_COUNT {
            let part = share * off[i];
            for j in 0..=i {
                bend.curve[i][j] += part * off[j];
            }
        }
    }
}

/// Shares of the candidates.
fn shares(rows: &[Row], weights: &Row) -> Vec<f64> {
    let scores: Vec<f64> = rows
        .iter()
        .map(|row| row.iter().zip(weights).map(|(x, w)| x * w).sum())
        .collect();
    let most = scores.iter().copied().fold(f64::MIN, f64::max);
    let parts: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
    let all: f64 = parts.iter().sum();
    parts.iter().map(|part| part / all).collect()
}

/// Solves a system of linear equations; the penalty keeps it solvable.
fn solve(mut a: [[f64; FEATURE_COUNT]; FEATURE_COUNT], mut b: Row) -> Row {
    for at in 0..FEATURE_COUNT {
        let best = (at..FEATURE_COUNT)
            .max_by(|x, y| a[*x][at].abs().total_cmp(&a[*y][at].abs()))
            .expect("a row");
        a.swap(at, best);
        b.swap(at, best);
        let pivot = a[at];
        for below in at + 1..FEATURE_COUNT {
            let times = a[below][at] / pivot[at];
            for (cell, above) in a[below].iter_mut().zip(pivot) {
                *cell -= times * above;
            }
            b[below] -= times * b[at];
        }
    }
    for at in (0..FEATURE_COUNT).rev() {
        let known: f64 = (at + 1..FEATURE_COUNT).map(|i| a[at][i] * b[i]).sum();
        b[at] = (b[at] - known) / a[at][at];
    }
    b
}
