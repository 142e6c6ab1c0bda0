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
    would_have_been(one.path());
    // A second start takes up the same data and plays nothing again.
    let again = demo(one.path(), &data_folder().join("rules"));
    assert!(
        again.contains("接着用已有的数据：本镇 1 件案件") && !again.contains("代签收"),
        "{again}"
    );
}

/// RU-e: the demo's journal replayed with the gas company's limit halved: it acknowledged after 53 seconds, and 30 would have
/// been too few. Only what the tables decide is decided again.
fn would_have_been(data: &Path) {
    let halved = tempfile::tempdir().expect("4");
    rules_with(
        halved.path(),
        "plan_units.csv",
        "P_GAS,01,GAS,lead,60s",
        "P_GAS,01,GAS,lead,30s",
    );
    let whatif = |rules: &Path, json: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jingwei"));
        command.args(["--log", "warn", "whatif"]).arg(rules);
        command.arg("--data").arg(data);
        if json {
            command.arg("--json");
        }
        let output = command.output().expect("whatif runs");
        let told = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(
            output.status.success(),
            "{told}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        told
    };
    let same: serde_json::Value =
        serde_json::from_str(&whatif(&data_folder().join("rules"), true)).expect("JSON");
    assert_eq!(
        (&same["cases"], &same["otherwise"]),
        (&serde_json::json!(1), &serde_json::json!(0)),
        "under the same rules nothing would have been otherwise: {same:#}"
    );
    let late = |told: &serde_json::Value, key: &str| {
        told["sums"]["RQ"]["acknowledge"][key]
            .as_u64()
            .expect("a number")
    };
    let other: serde_json::Value =
        serde_json::from_str(&whatif(halved.path(), true)).expect("JSON");
    assert_eq!(other["otherwise"], 1, "{other:#}");
    assert_eq!(
        late(&other, "late_new"),
        late(&same, "late") + 1,
        "one more late: {other:#}"
    );
    let clocks = other["changes"][0]["clocks"].as_array().expect("clocks");
    let gas = clocks
        .iter()
        .find(|clock| {
            clock["unit"]
                .as_str()
                .is_some_and(|unit| unit.contains("燃气抢修一队"))
        })
        .expect("the gas company");
    assert_eq!(
        (&gas["limit"], &gas["limit_new"]),
        (&"60s".into(), &"30s".into())
    );
    assert!(
        gas["called"]
            .as_str()
            .is_some_and(|unit| unit.contains("燃气抢修二队")),
        "the second team would have been called: {gas:#}"
    );
    let told = whatif(halved.path(), false);
    assert!(
        told.contains("1 件案件，其中 1 件会不同") && told.contains("会加派"),
        "{told}"
    );
}
