//! A floor uses only the floors below it.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Floors from the ground up, and what each may use of our own crates.
const FLOORS: [(&str, &[&str]); 7] = [
    ("core", &[]),
    ("mapfiles", &["core"]),
    ("store", &[]),
    ("engine", &["core", "mapfiles", "store"]),
    ("api", &["core", "engine", "mapfiles"]),
    ("jingwei", &["core", "mapfiles", "store", "engine", "api"]),
    ("testkit", &["core", "mapfiles", "store", "engine", "api"]),
];

#[test]
fn floors_use_only_floors_below() {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(&crates).expect("the crates") {
        let folder = entry.expect("a folder").path();
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let name = folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        // Development dependencies may point anywhere: tests look at the whole.
        let built = manifest
            .split("[dev-dependencies]")
            .next()
            .unwrap_or_default();
        let uses: Vec<String> = built
            .lines()
            .filter_map(|line| line.strip_prefix("jingwei-"))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .map(str::to_owned)
            .collect();
        found.insert(name, uses);
    }
    for (floor, may_use) in FLOORS {
        let uses = found.remove(floor).expect("the floor");
        for used in &uses {
            assert!(
                may_use.contains(&used.as_str()),
                "{floor} uses {used}, which is not below it"
            );
        }
    }
    assert_eq!(
        found,
        BTreeMap::new(),
        "a crate without a place in the house"
    );
}

#[test]
fn no_sql_above_the_store_and_no_http_below_the_api() {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let forbidden = [
        ("core", "axum"),
        ("mapfiles", "axum"),
        ("store", "axum"),
        ("engine", "axum"),
        ("api", "rusqlite"),
        ("api", "postgres"),
        ("core", "tokio"),
        ("engine", "postgres"),
    ];
    for (floor, library) in forbidden {
        let manifest =
            std::fs::read_to_string(crates.join(floor).join("Cargo.toml")).expect("a manifest");
        let built = manifest
            .split("[dev-dependencies]")
            .next()
            .unwrap_or_default()
            .to_owned();
        assert!(
            !built.lines().any(|line| line.starts_with(library)),
            "{floor} must not use {library}"
        );
    }
}
