//! Tables of a test node: the shipped rules, a few real divisions, the demo's units and people.

use std::path::PathBuf;

use jingwei_core::rules::FILES;

/// A community of Huanglongxi.
pub const COMMUNITY: &str = "510116111001";
/// Huanglongxi.
pub const TOWN: &str = "510116111";
/// A town of another county, in another city.
pub const OTHER_COUNTY_TOWN: &str = "513322100";

/// The project's `data` folder.
pub fn data_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(data_folder().join(path)).expect("a table of the project")
}

/// The shipped rules.
pub fn rules() -> Vec<(String, String)> {
    FILES
        .iter()
        .map(|name| ((*name).to_owned(), read(&format!("rules/{name}"))))
        .collect()
}

/// The shipped rules with another value of one setting.
pub fn rules_with(setting: &str, value: &str) -> Vec<(String, String)> {
    let mut rules = rules();
    let found = rules.iter_mut().find(|(name, _)| name == "settings.csv");
    let (_, settings) = found.expect("the settings");
    let begins = format!("{setting},");
    let lines = settings
        .lines()
        .map(|line| match line.strip_prefix(&begins) {
            Some(rest) => {
                let (_, rest) = rest.split_once(',').expect("a value");
                format!("{begins}{value},{rest}\n")
            }
            None => format!("{line}\n"),
        });
    *settings = lines.collect();
    assert!(settings.contains(&format!("{begins}{value},")), "{setting}");
    rules
}

/// The demo's units.
pub fn units() -> Vec<(String, String)> {
    vec![("units.csv".to_owned(), read("demo/units.csv"))]
}

/// The demo's people.
pub fn people() -> Vec<(String, String)> {
    vec![("people.csv".to_owned(), read("demo/people.csv"))]
}

/// Outlines of Sichuan and of those of its cities and counties that [`small_divisions`] knows, as GeoJSON.
pub fn outlines() -> Vec<u8> {
    let packed = std::fs::read(data_folder().join("divisions/sichuan/outlines.geojson.gz"))
        .expect("the outlines of the project");
    let all: serde_json::Value =
        serde_json::from_reader(flate2::read::GzDecoder::new(packed.as_slice())).expect("GeoJSON");
    let known = ["51", "5101", "510116", "5133", "513322"];
    let features: Vec<&serde_json::Value> = all["features"]
        .as_array()
        .expect("features")
        .iter()
        .filter(|feature| known.contains(&feature["properties"]["code"].as_str().unwrap_or("")))
        .collect();
    serde_json::to_vec(&serde_json::json!({ "type": "FeatureCollection", "features": features }))
        .expect("JSON")
}

/// The divisions that the demo's units stand in, some neighbours, and a county that was recoded.
pub fn small_divisions() -> Vec<(String, String)> {
    let rows = [
        ("5101", "成都市"),
        ("510116", "双流区"),
        ("510116001", "东升街道"),
        ("510116111", "黄龙溪镇"),
        ("510116112", "永安镇"),
        ("510116111001", "黄龙社区居委会"),
        ("510116111002", "古佛社区居委会"),
        ("510116111003", "白马社区居委会"),
        ("510116111004", "嘉禾社区居委会"),
        ("510116111005", "大河社区居委会"),
        ("510116111205", "响水村村委会"),
        ("510116111206", "川江村村委会"),
        ("5133", "甘孜藏族自治州"),
        ("513322", "泸定县"),
        ("513322100", "泸桥镇"),
        ("513322100001", "南段社区居民委员会"),
        ("513322100204", "新桥村民委员会"),
        ("5134", "凉山彝族自治州"),
        ("513402", "会理市"),
        ("513402001", "古城街道"),
    ];
    let mut text = "code,name\n".to_owned();
    for (code, name) in rows {
        text.push_str(&format!("{code},{name}\n"));
    }
    let former = read("divisions/sichuan/former.csv");
    vec![
        ("divisions.csv".to_owned(), text),
        ("former.csv".to_owned(), former),
    ]
}
