//! Reading tables: what is sound is read whole, what is not is refused whole, with every fault named by file, line, column.

mod divisions;
mod people;
mod rules;

use jingwei_core::rules::table::Fault;

/// Faults as `file:line column code`, in the order in which they were found.
fn seen<T: std::fmt::Debug>(outcome: Result<T, Vec<Fault>>) -> Vec<String> {
    let faults = outcome.expect_err("faults are due");
    assert!(!faults.is_empty(), "a refusal names its faults");
    for fault in &faults {
        assert!(!fault.zh.is_empty() && !fault.en.is_empty(), "{fault:?}");
        assert!(!fault.zh.is_ascii(), "Chinese: {fault}");
    }
    faults
        .iter()
        .map(|f| format!("{}:{} {} {}", f.file, f.line, f.column, f.code))
        .collect()
}
