//! SK-a: the real binary's demo, with the shipped limits and with one limit changed.

use std::path::Path;
use std::process::Command;

use jingwei_testkit::data_folder;

fn demo(data: &Path, rules: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_jingwei"))
        .args([
            "--log",
            "warn",
            "demo",
            "--exit",
            "--listen",
            "127.0.0.1:0",
            "--clock-rate",
            "60",
        ])
        .arg("--data")
        .arg(data)
        .arg("--rules")
        .arg(rules)
        .output()
        .expect("the demo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn rules_with(folder: &Path, file: &str, from: &str, to: &str) {
    for entry in std::fs::read_dir(data_folder().join("rules")).expect("the rules") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text");
        let name = path.file_name().expect("a name");
        let text = if name == file {
            assert!(text.contains(from), "the table holds what is changed");
            text.replacen(from, to, 1)
        } else {
            text
        };
        std::fs::write(folder.join(name), text).expect("written");
    }
}

#[test]
fn changing_one_limit_changes_the_demo() {
    let (one, two, changed) = (
        tempfile::tempdir().expect("1"),
        tempfile::tempdir().expect("2"),
        tempfile::tempdir().expect("3"),
    );
    // The fire brigade gets ten minutes instead of one: nobody is late, no further station is called.
    rules_with(
        changed.path(),
        "plan_units.csv",
        "P_GAS,02,FIRE,assist,60s",
        "P_GAS,02,FIRE,assist,10min",
    );
    let (shipped, longer) = std::thread::scope(|scope| {
        let shipped = scope.spawn(|| demo(one.path(), &data_folder().join("rules")));
        let longer = scope.spawn(|| demo(two.path(), changed.path()));
        (
            shipped.join().expect("the demo"),
            longer.join().expect("the demo"),
        )
    });
    assert!(
        shipped.contains("60s 内签收") && shipped.contains("自动加派同类在岗最近的单位"),
        "{shipped}"
    );
    assert!(
        longer.contains("10min 内签收") && !longer.contains("自动加派"),
        "{longer}"
    );
    for told in [&shipped, &longer] {
        assert!(told.contains("结案") && told.contains("代签收"), "{told}");
        assert!(
            told.contains("officer-hlx jingwei-demo"),
            "the sign-ins are printed"
        );
    }
    // A second start takes up the same data and plays nothing again.
    let again = demo(one.path(), &data_folder().join("rules"));
    assert!(
        again.contains("接着用已有的数据：本镇 1 件案件") && !again.contains("代签收"),
        "{again}"
    );
}
