//! Figures to text: percentiles, medians of runs, Markdown tables, and their place in the document.
//!
//! Must not measure. Invariant: what stands between the marks of a section is what a run printed, word for word.

use std::fmt::Write as _;
use std::path::Path;

use crate::Result;

/// The value below which `percent` of the values lie (nearest rank); 0 of nothing.
pub(crate) fn percentile(values: &[u32], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .map_or(0.0, f64::from)
}

/// One run of a measurement.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// Operations a second.
    pub(crate) rate: f64,
    /// Milliseconds of the median operation.
    pub(crate) p50: f64,
    /// Milliseconds that 95 of 100 stay below.
    pub(crate) p95: f64,
    /// Milliseconds that 99 of 100 stay below.
    pub(crate) p99: f64,
}

impl Run {
    /// From the times of all operations.
    pub(crate) fn of(rate: f64, micros: &[u32]) -> Self {
        let at = |percent| percentile(micros, percent) / 1_000.0;
        Self {
            rate,
            p50: at(50.0),
            p95: at(95.0),
            p99: at(99.0),
        }
    }
}

/// The least, the middle and the greatest.
pub(crate) fn spread(values: impl IntoIterator<Item = f64>) -> (f64, f64, f64) {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return (0.0, 0.0, 0.0);
    };
    let half = sorted.len() / 2;
    let middle = if sorted.len().is_multiple_of(2) {
        (sorted[half - 1] + sorted[half]) / 2.0
    } else {
        sorted[half]
    };
    (*first, middle, *last)
}

/// The middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    spread(values).1
}

/// A rate with as many digits as mean something.
pub(crate) fn rate(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.2}")
    } else if value < 100.0 {
        format!("{value:.1}")
    } else {
        thousands(value.round() as u64)
    }
}

/// Milliseconds.
pub(crate) fn ms(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.1}")
    }
}

/// A whole number with its thousands apart.
pub(crate) fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Least, middle and greatest rate of some runs: three cells.
pub(crate) fn rates(runs: &[Run]) -> Vec<String> {
    let (least, middle, greatest) = spread(runs.iter().map(|run| run.rate));
    vec![rate(least), format!("**{}**", rate(middle)), rate(greatest)]
}

/// Medians of the times of some runs: p50, p95 and p99, three cells.
pub(crate) fn times(runs: &[Run]) -> Vec<String> {
    let of = |pick: fn(&Run) -> f64| ms(median(runs.iter().map(pick)));
    vec![of(|run| run.p50), of(|run| run.p95), of(|run| run.p99)]
}

/// A Markdown table; the first column is text, the others are figures.
pub(crate) fn markdown(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = format!(
        "| {} |\n|---|{}\n",
        head.join(" | "),
        "--:|".repeat(head.len() - 1)
    );
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

/// Puts `text` between the marks of `section` in the document.
pub(crate) fn write_into(document: &Path, section: &str, text: &str) -> Result<()> {
    let (begin, end) = (
        format!("<!-- {section}: written by make bench -->\n"),
        format!("<!-- end of {section} -->"),
    );
    let old = std::fs::read_to_string(document)
        .map_err(|error| format!("{}: {error}", document.display()))?;
    let marks = old
        .split_once(&begin)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) =
        marks.ok_or_else(|| format!("{} has no marks of {section}", document.display()))?;
    std::fs::write(document, format!("{before}{begin}\n{text}\n{end}{after}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_take_the_nearest_rank() {
        let values: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(
            [50.0, 95.0, 99.0, 100.0].map(|p| percentile(&values, p)),
            [50.0, 95.0, 99.0, 100.0]
        );
        assert_eq!(percentile(&[7], 99.0), 7.0);
        assert_eq!(percentile(&[], 50.0), 0.0);
    }

    #[test]
    fn the_middle_of_runs() {
        assert_eq!(spread([3.0, 1.0, 2.0]), (1.0, 2.0, 3.0));
        assert_eq!(spread([4.0, 1.0]), (1.0, 2.5, 4.0));
    }

    #[test]
    fn figures_read_well() {
        assert_eq!(
            [thousands(7), thousands(1_234), thousands(1_234_567)],
            ["7", "1,234", "1,234,567"]
        );
        assert_eq!(
            [rate(0.61), rate(11.04), rate(1_999.6)],
            ["0.61", "11.0", "2,000"]
        );
    }

    #[test]
    fn a_section_is_replaced_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("b.md");
        std::fs::write(
            &path,
            "a\n<!-- B1: written by make bench -->\nold\n<!-- end of B1 -->\nz\n",
        )
        .expect("written");
        write_into(&path, "B1", "new").expect("replaced");
        let text = std::fs::read_to_string(&path).expect("read");
        assert_eq!(
            text,
            "a\n<!-- B1: written by make bench -->\n\nnew\n<!-- end of B1 -->\nz\n"
        );
        assert!(write_into(&path, "B2", "new").is_err());
    }
}
