//! Grids and outlines from map files: read, brought to WGS84, mended or refused, snapped to what stands, taken in whole.
//!
//! Keeps: all or none; every fault says where in the file it is; whatever was mended, turned, moved or guessed is told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jingwei_core::access::Principal;
use jingwei_core::code::{DivisionCode, GridCode, Level, UnitCode};
use jingwei_core::directory::{DirectoryEvent, Imported, TableName};
use jingwei_core::grids::{
    Attributes, Draft, Grid, GridRow, Layer, OutlineRow, Patterns, Present, Season, take_in,
};
use jingwei_core::label::Label;
use jingwei_core::place::{Datum, Point, Polygon, Shape, snap, valid};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::time::Day;
use jingwei_mapfiles::{Feature, Format, Geometry, Limits, MapFile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{administers, worker_called};
use super::change::{Asking, GridAnswer, NOT_YOURS, present_rows};
use super::datum_guess::{Tried, guess};
use crate::cases::Meta;
use crate::directory::{Content, Kept};
use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::place::Place;
use crate::vault::Vault;
use crate::world::World;

/// Most faults of one answer.
const MOST_FAULTS: usize = 100;
/// Most notes of one kind that name their place.
const MOST_NOTES: usize = 20;
/// Widest distance over which corners are snapped, in metres.
const MOST_SNAP: f64 = 10.0;

/// How a map file is imported.
#[derive(Debug, Clone, Default)]
pub struct MapImportOptions {
    /// Its format; found from its first bytes when not said.
    pub format: Option<Format>,
    /// Which layer of a file that has several.
    pub file_layer: Option<String>,
    /// The layer of grids for features that do not say theirs; base when not said.
    pub layer: Option<Layer>,
    /// Its datum; what the file declares, else guessed, when not said.
    pub datum: Option<Datum>,
    /// First day; the earliest possible when not said.
    pub from: Option<Day>,
    /// Mends self-crossing borders instead of refusing them.
    pub repair: bool,
    /// Corners within so many metres of others become equal to them; 0.5 when not said, 0 is off.
    pub snap_m: Option<f64>,
    /// Of outlines: where they come from, with its caution.
    pub source: Option<String>,
    /// Checks only.
    pub dry_run: bool,
}

/// Something an import did or found that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportNote {
    /// `turned`, `mended`, `snapped`, `datum_guessed`, `datum_assumed`, `unknown_column`.
    pub code: String,
    /// Chinese.
    pub text_zh: String,
    /// English.
    pub text_en: String,
}

/// What an import of a map file did or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MapImportReport {
    /// Features read.
    pub features: usize,
    /// Of these, not there before.
    pub new: usize,
    /// Of these, other than before.
    pub changed: usize,
    /// The datum that the positions were taken in.
    pub datum: String,
    /// What was mended, guessed or not understood.
    pub notes: Vec<ImportNote>,
    /// What it comes to, with the map of problems; none for outlines.
    pub change: Option<GridAnswer>,
    /// Nothing was changed.
    pub dry_run: bool,
    /// Journal sequence after it.
    pub sequence: i64,
}

impl Kept for MapImportReport {
    fn at(self, sequence: i64) -> Self {
        Self { sequence, ..self }
    }
}

/// Names under which columns are known; the first is that of our own exports. Shapefiles keep ten letters of a name.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "code",
        &["code", "grid_code", "网格编码", "网格编号", "代码", "编码"],
    ),
    ("name", &["name", "grid_name", "网格名称", "名称"]),
    ("layer", &["layer", "网格类型"]),
    (
        "host",
        &[
            "host",
            "community",
            "division",
            "社区代码",
            "村社区代码",
            "所属区划",
        ],
    ),
    ("hosts", &["hosts", "所经区划"]),
    ("parent", &["parent", "上级网格", "基础网格"]),
    ("kind", &["kind", "类型"]),
    ("households", &["households", "户数", "常住户"]),
    ("lead_unit", &["lead_unit", "牵头单位"]),
    ("worker", &["worker", "网格员", "网格员账号"]),
    (
        "supervision_phone",
        &["supervision_phone", "supervisio", "监督电话"],
    ),
    ("season", &["season", "季节"]),
    ("source", &["source", "来源"]),
];
/// Columns of our own exports and of drawing programs that say nothing to an import.
const SILENT: &[&str] = &[
    "area_m2",
    "valid_from",
    "valid_to",
    "version",
    "id",
    "fid",
    "objectid",
    "shape_leng",
    "shape_area",
    "shape_length",
    "gid",
    "wkt",
    "level",
];

fn column(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    COLUMNS
        .iter()
        .find(|(_, names)| names.contains(&lower.as_str()) || names.contains(&name))
        .map(|(column, _)| *column)
}

fn said<'f>(feature: &'f Feature, wanted: &str) -> Option<&'f str> {
    feature
        .properties
        .iter()
        .find(|(name, _)| column(name) == Some(wanted))
        .map(|(_, value)| value.trim())
        .filter(|value| !value.is_empty())
}

/// How many notes of a kind there are, and the texts of the first.
type Notes = (usize, Vec<(String, String)>);

/// Collects what is wrong and what should be known.
#[derive(Default)]
struct Found {
    faults: Vec<FieldFault>,
    /// By code: how many there are, and the first of them.
    notes: BTreeMap<&'static str, Notes>,
}

impl Found {
    fn fault(
        &mut self,
        feature: &Feature,
        column: &str,
        code: &'static str,
        zh: impl std::fmt::Display,
        en: impl std::fmt::Display,
    ) {
        if self.faults.len() < MOST_FAULTS {
            let pointer = format!("/{}/{column}", feature.at.en().replace(' ', "/"));
            let (zh, en) = (
                format!("{}：{zh}", feature.at.zh()),
                format!("{}: {en}", feature.at.en()),
            );
            self.faults.push(FieldFault::new(&pointer, code, zh, en));
        }
    }

    fn note(&mut self, code: &'static str, zh: String, en: String) {
        let (count, named) = self.notes.entry(code).or_default();
        *count += 1;
        if named.len() < MOST_NOTES {
            named.push((zh, en));
        }
    }

    fn notes(self) -> Vec<ImportNote> {
        let mut all = Vec::new();
        for (code, (count, named)) in self.notes {
            let more = count - named.len();
            all.extend(named.into_iter().map(|(text_zh, text_en)| ImportNote {
                code: code.to_owned(),
                text_zh,
                text_en,
            }));
            if more > 0 {
                all.push(ImportNote {
                    code: code.to_owned(),
                    text_zh: format!("还有 {more} 处相同"),
                    text_en: format!("{more} more of the same"),
                });
            }
        }
        all
    }

    fn finish(&mut self) -> Result<()> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(Refusal::Invalid(std::mem::take(&mut self.faults)).into())
    }
}

fn read_file(bytes: &[u8], options: &MapImportOptions) -> Result<MapFile> {
    let refuse = |code, zh: String, en: String| {
        EngineError::from(Refusal::Invalid(vec![FieldFault::new("/", code, zh, en)]))
    };
    let format = options.format.or_else(|| Format::sniff(bytes));
    let format = format.ok_or_else(|| {
        refuse(
            "unknown_format",
            "认不出的文件：请用 GeoJSON、带 WKT 的 CSV、zip 打包的 Shapefile、GeoPackage 或 KML".to_owned(),
            "not a map file that is known: use GeoJSON, CSV with WKT, a zipped Shapefile, GeoPackage or KML".to_owned(),
        )
    })?;
    let limits = Limits::default();
    let read = match &options.file_layer {
        Some(layer) => jingwei_mapfiles::read_layer(format, bytes, layer, &limits),
        None => jingwei_mapfiles::read(format, bytes, &limits),
    };
    read.map_err(|fault| {
        let (zh, en) = match fault.at {
            Some(at) => (
                format!("{}：{}", at.zh(), fault.zh),
                format!("{}: {}", at.en(), fault.en),
            ),
            None => (fault.zh, fault.en),
        };
        refuse(fault.code, zh, en)
    })
}

fn parsed<T>(
    feature: &Feature,
    wanted: &'static str,
    parse: impl Fn(&str) -> Option<T>,
    zh: &str,
    en: &str,
    found: &mut Found,
) -> Option<T> {
    let text = said(feature, wanted)?;
    let value = parse(text);
    if value.is_none() {
        let shown: String = text.chars().take(40).collect();
        found.fault(
            feature,
            wanted,
            "not_understood",
            format!("“{shown}”{zh}"),
            format!("\"{shown}\" {en}"),
        );
    }
    value
}

/// The datum of a file, and a note when nobody said it.
fn datum_of(
    file: &MapFile,
    options: &MapImportOptions,
    place: &Place,
    world: &World,
    found: &mut Found,
) -> Datum {
    if let Some(datum) = options.datum.or(file.declared) {
        return datum;
    }
    let tried: Vec<Tried> = file
        .features
        .iter()
        .filter_map(|feature| match &feature.geometry {
            Geometry::Polygons(polygons) => {
                let code = said(feature, "code").and_then(GridCode::parse);
                let division = said(feature, "host")
                    .or(said(feature, "code").map(|code| code.get(..12).unwrap_or(code)));
                Some(Tried::new(
                    code,
                    division.and_then(DivisionCode::parse),
                    polygons,
                ))
            }
            _ => None,
        })
        .collect();
    let guessed = guess(&tried, place, world);
    match guessed {
        Some(datum) => found.note(
            "datum_guessed",
            format!("文件没有写明坐标系，按已有的点推断为 {datum}，请核对"),
            format!("the file does not say its datum; by what is known here it is taken for {datum}: check it"),
        ),
        None => found.note(
            "datum_assumed",
            "文件没有写明坐标系，也无从推断，按 WGS84 处理；如果是 GCJ-02 或 BD-09 会偏几百米，请注明".to_owned(),
            "the file does not say its datum and it cannot be told; taken for WGS84. Were it GCJ-02 or BD-09 everything would lie hundreds of metres off: say it".to_owned(),
        ),
    }
    guessed.unwrap_or(Datum::Wgs84)
}

/// The border of a feature in WGS84, mended if asked for.
fn shape_of(feature: &Feature, datum: Datum, repair: bool, found: &mut Found) -> Option<Shape> {
    let Geometry::Polygons(polygons) = &feature.geometry else {
        found.fault(
            feature,
            "geometry",
            "no_polygon",
            "没有多边形边界",
            "there is no polygon",
        );
        return None;
    };
    let mut raw = Vec::with_capacity(polygons.len());
    for rings in polygons {
        let mut rings: Vec<Vec<Point>> = rings
            .iter()
            .map(|ring| {
                ring.iter()
                    .filter_map(|[lon, lat]| Point::from_datum(*lon, *lat, datum))
                    .collect()
            })
            .collect();
        if rings.is_empty() {
            continue;
        }
        let outer = rings.remove(0);
        raw.push(Polygon {
            outer,
            holes: rings,
        });
    }
    let checked = valid::check(raw.clone());
    if checked.turned > 0 {
        let (zh, en) = (feature.at.zh(), feature.at.en());
        found.note(
            "turned",
            format!("{zh}：{} 个环方向相反，已改正", checked.turned),
            format!(
                "{en}: {} rings ran the wrong way and were turned",
                checked.turned
            ),
        );
    }
    if checked.faults.is_empty() {
        if checked.shape.is_none() {
            found.fault(
                feature,
                "geometry",
                "no_area",
                "边界没有围成面积",
                "the border encloses nothing",
            );
        }
        return checked.shape;
    }
    if repair && let Some(repaired) = valid::repair(raw) {
        for mended in repaired.mended.iter().take(3) {
            let (zh, en) = (feature.at.zh(), feature.at.en());
            found.note(
                "mended",
                format!("{zh}：已修补，{}", mended.zh()),
                format!("{en}: mended, {}", mended.en()),
            );
        }
        return Some(repaired.shape);
    }
    for fault in checked.faults.iter().take(10) {
        found.fault(
            feature,
            "geometry",
            fault.kind.as_str(),
            fault.zh(),
            fault.en(),
        );
    }
    None
}

/// The grids of a file as drafts.
fn drafts(
    file: &MapFile,
    options: &MapImportOptions,
    datum: Datum,
    (place, world, vault, namer): (&Place, &World, &Vault, &Principal),
    found: &mut Found,
) -> Vec<Draft> {
    let mut unknown = BTreeSet::new();
    for (name, _) in file.features.iter().flat_map(|feature| &feature.properties) {
        if column(name).is_none() && !SILENT.contains(&name.to_ascii_lowercase().as_str()) {
            unknown.insert(name.to_string());
        }
    }
    for name in unknown.iter().take(50) {
        let shown: String = name.chars().take(40).collect();
        found.note(
            "unknown_column",
            format!("不认识的列“{shown}”，没有导入"),
            format!("the column \"{shown}\" is not known and was left out"),
        );
    }
    let mut drafts = Vec::with_capacity(file.features.len());
    for feature in &file.features {
        let shape = shape_of(feature, datum, options.repair, found);
        let layer = parsed(
            feature,
            "layer",
            |text| {
                Layer::parse(text)
                    .or_else(|| Layer::ALL.iter().copied().find(|layer| layer.zh() == text))
            },
            "不是网格层：base、dedicated、micro、mobile",
            "is no layer: base, dedicated, micro, mobile",
            found,
        )
        .or(options.layer)
        .unwrap_or(Layer::Base);
        let code = parsed(
            feature,
            "code",
            GridCode::parse,
            "不是网格编号",
            "is no code of a grid",
            found,
        );
        let parent = parsed(
            feature,
            "parent",
            GridCode::parse,
            "不是网格编号",
            "is no code of a grid",
            found,
        );
        let host = parsed(
            feature,
            "host",
            DivisionCode::parse,
            "不是区划代码",
            "is no code of a division",
            found,
        )
        .or_else(|| host_of(layer, code.as_ref(), parent.as_ref(), shape.as_ref(), place));
        let Some(host) = host else {
            if said(feature, "host").is_none() {
                found.fault(
                    feature,
                    "host",
                    "required",
                    "没有写明所在村（社区），也无从推断",
                    "the community is not said and cannot be told",
                );
            }
            continue;
        };
        let attributes = attributes_of(feature, (world, vault, namer), found);
        let Some(shape) = shape else { continue };
        drafts.push(Draft {
            at: format!("/{}", feature.at.en().replace(' ', "/")),
            layer,
            code,
            host,
            parent,
            attributes,
            shape,
        });
    }
    drafts
}

/// Where a grid belongs when the file does not say: by its code, by its base grid, by the outline that it lies in.
fn host_of(
    layer: Layer,
    code: Option<&GridCode>,
    parent: Option<&GridCode>,
    shape: Option<&Shape>,
    place: &Place,
) -> Option<DivisionCode> {
    let digits = if layer == Layer::Mobile { 6 } else { 12 };
    let by_code = |code: &GridCode| DivisionCode::parse(code.as_str().get(..digits)?);
    if let Some(code) = code.or(parent).and_then(by_code) {
        return Some(code);
    }
    let level = if layer == Layer::Mobile {
        Level::County
    } else {
        Level::Community
    };
    place.outlines.at(level, shape?.inside()).cloned()
}

fn attributes_of(
    feature: &Feature,
    (world, vault, namer): (&World, &Vault, &Principal),
    found: &mut Found,
) -> Attributes {
    let label = |wanted, found: &mut Found| {
        parsed(
            feature,
            wanted,
            Label::new,
            "超过 80 个字或含控制字符",
            "is longer than 80 characters or holds a control character",
            found,
        )
    };
    let hosts = parsed(
        feature,
        "hosts",
        |text| {
            text.split(['|', ',', '，', '、'])
                .map(|code| DivisionCode::parse(code.trim()))
                .collect::<Option<Vec<_>>>()
        },
        "应为区划代码，用 | 分开",
        "should be codes of divisions with | between",
        found,
    );
    let whole = |text: &str| {
        let digits = text.strip_suffix(".0").unwrap_or(text);
        digits.parse::<u32>().ok()
    };
    Attributes {
        name: label("name", found),
        hosts: hosts.unwrap_or_default(),
        kind: label("kind", found),
        households: parsed(
            feature,
            "households",
            whole,
            "不是户数",
            "is no number of households",
            found,
        ),
        lead_unit: parsed(
            feature,
            "lead_unit",
            |text| {
                UnitCode::parse(text)
                    .and_then(|code| world.directory.unit_by_code(&code))
                    .map(|unit| unit.row.id)
            },
            "不是已有的单位代码",
            "is no unit",
            found,
        ),
        worker: parsed(
            feature,
            "worker",
            |text| worker_called(text, world, vault, namer),
            "不是已有的网格员账号",
            "is the account of no grid worker",
            found,
        ),
        supervision_phone: said(feature, "supervision_phone").map(str::to_owned),
        season: parsed(
            feature,
            "season",
            Season::parse,
            "应写作 MMDD-MMDD",
            "should be written MMDD-MMDD",
            found,
        ),
        site: None,
        source: label("source", found),
    }
}

/// Snaps the borders of each layer to each other and to the grids that stand around them.
fn snap_all(drafts: &mut [Draft], tolerance: f64, place: &Place, day: Day, found: &mut Found) {
    let mut by_layer: HashMap<Layer, Vec<usize>> = HashMap::new();
    for (i, draft) in drafts.iter().enumerate() {
        by_layer.entry(draft.layer).or_default().push(i);
    }
    let mut moved = 0;
    for (layer, numbers) in by_layer {
        let shapes: Vec<Shape> = numbers.iter().map(|i| drafts[*i].shape.clone()).collect();
        let codes: BTreeSet<&str> = numbers
            .iter()
            .filter_map(|i| drafts[*i].code.as_ref())
            .map(GridCode::as_str)
            .collect();
        let around = shapes
            .iter()
            .map(Shape::bounds)
            .reduce(jingwei_core::place::Bounds::and);
        let standing: Vec<Shape> = around
            .map(|bounds| {
                let others = place.grids.meeting(layer, bounds, day).into_iter();
                others
                    .filter(|grid| !codes.contains(grid.code()))
                    .map(Grid::shape)
                    .collect()
            })
            .unwrap_or_default();
        let snapped = snap::snap(shapes, &standing.iter().collect::<Vec<_>>(), tolerance);
        moved += snapped.moved;
        for (i, shape) in numbers.into_iter().zip(snapped.pieces) {
            drafts[i].shape = shape;
        }
    }
    if moved > 0 {
        found.note(
            "snapped",
            format!("{moved} 个角点与相邻边界相差不到 {tolerance} 米，已对齐"),
            format!("{moved} corners lay within {tolerance} m of a neighbour's border and were put on it"),
        );
    }
}

impl Node {
    /// Imports grids from a map file as an administrator.
    pub async fn import_grids(
        &self,
        by: &Principal,
        bytes: Vec<u8>,
        options: MapImportOptions,
        meta: Meta,
    ) -> Result<MapImportReport> {
        let asking = Asking::of(by, options.dry_run, meta)?;
        self.import_grids_as(Some(by), bytes, options, asking).await
    }

    /// Imports grids from a map file as the one who runs the machine.
    pub async fn import_grids_locally(
        &self,
        bytes: Vec<u8>,
        options: MapImportOptions,
    ) -> Result<MapImportReport> {
        let asking = self.asking_locally(options.dry_run);
        self.import_grids_as(None, bytes, options, asking).await
    }

    async fn import_grids_as(
        &self,
        by: Option<&Principal>,
        bytes: Vec<u8>,
        options: MapImportOptions,
        asking: Asking,
    ) -> Result<MapImportReport> {
        if let Some(report) = self.brought_before(asking.idempotency.as_ref()).await? {
            return Ok(report);
        }
        let tolerance = options.snap_m.unwrap_or(0.5);
        if !(0.0..=MOST_SNAP).contains(&tolerance) {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "?snap_m",
                "out_of_range",
                "对齐距离 0 至 10 米",
                "corners are snapped over 0 to 10 m",
            )])
            .into());
        }
        let asked_on = self.now().local_day();
        let shared = std::sync::Arc::clone(&self.shared);
        let from = options.from;
        let namer = by.cloned().unwrap_or(Principal::System);
        let read = tokio::task::spawn_blocking(move || {
            let file = read_file(&bytes, &options)?;
            drop(bytes);
            let (place, world) = (shared.place(), shared.world());
            let mut found = Found::default();
            let datum = datum_of(&file, &options, &place, &world, &mut found);
            let mut drafts = drafts(
                &file,
                &options,
                datum,
                (&place, &world, &shared.vault, &namer),
                &mut found,
            );
            found.finish()?;
            if tolerance > 0.0 {
                snap_all(
                    &mut drafts,
                    tolerance,
                    &place,
                    options.from.unwrap_or(asked_on),
                    &mut found,
                );
            }
            Ok::<_, EngineError>((drafts, datum, found.notes()))
        });
        let (drafts, datum, notes) = read
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))??;
        if drafts.is_empty() {
            return Err(Refusal::Invalid(vec![FieldFault::new(
                "/",
                "empty",
                "文件里没有一个要素",
                "there is not one feature in the file",
            )])
            .into());
        }
        if let Some(by) = by
            && drafts.iter().any(|draft| {
                std::iter::once(&draft.host)
                    .chain(&draft.attributes.hosts)
                    .any(|division| !administers(by, division))
            })
        {
            return Err(NOT_YOURS.into());
        }
        let _one_after_the_other = self.changing_grids.lock().await;
        // The day of the change is that of its turn, not of its asking.
        let today = self.now().local_day();
        let hosts: BTreeSet<DivisionCode> = drafts.iter().map(|draft| draft.host.clone()).collect();
        let rows = present_rows(self, hosts).await?;
        let world = self.world();
        let features = drafts.len();
        let taken = {
            let world = std::sync::Arc::clone(&world);
            tokio::task::spawn_blocking(move || {
                let patterns = Patterns::of_settings(&world.rules.settings);
                let present = Present {
                    rows: &rows,
                    patterns: &patterns,
                    directory: &world.directory,
                    today,
                };
                let taken = take_in(&drafts, from, &present);
                taken.map(|taken| (taken, rows))
            })
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))?
        };
        let (taken, rows): (_, Vec<GridRow>) = taken.map_err(|mut faults| {
            faults.truncate(MOST_FAULTS);
            EngineError::from(Refusal::Invalid(faults))
        })?;
        // What a file leaves out stays as it was, and counts all the same.
        let divisions = || taken.change.rows.iter().flat_map(GridRow::divisions);
        if by.is_some_and(|by| divisions().any(|division| !administers(by, division))) {
            return Err(NOT_YOURS.into());
        }
        self.against_standing(&taken.change, today, by).await?;
        let report = MapImportReport {
            features,
            new: taken.new,
            changed: taken.changed,
            datum: datum.as_str().to_owned(),
            notes,
            change: None,
            dry_run: asking.dry_run,
            sequence: self.sequence(),
        };
        let problems = self.problems_after(rows, &taken.change).await?;
        self.make_change(taken.change, problems, asking, move |change| {
            MapImportReport {
                sequence: change.sequence,
                change: Some(change),
                ..report
            }
        })
        .await
    }

    /// Imports outlines of divisions from a map file as an administrator.
    pub async fn import_outlines(
        &self,
        by: &Principal,
        bytes: Vec<u8>,
        options: MapImportOptions,
        meta: Meta,
    ) -> Result<MapImportReport> {
        let asking = Asking::of(by, options.dry_run, meta)?;
        self.import_outlines_as(Some(by), bytes, options, asking)
            .await
    }

    /// Imports outlines of divisions from a map file as the one who runs the machine.
    pub async fn import_outlines_locally(
        &self,
        bytes: Vec<u8>,
        options: MapImportOptions,
    ) -> Result<MapImportReport> {
        let asking = self.asking_locally(options.dry_run);
        self.import_outlines_as(None, bytes, options, asking).await
    }

    async fn import_outlines_as(
        &self,
        by: Option<&Principal>,
        bytes: Vec<u8>,
        options: MapImportOptions,
        asking: Asking,
    ) -> Result<MapImportReport> {
        if let Some(report) = self.brought_before(asking.idempotency.as_ref()).await? {
            return Ok(report);
        }
        let source = options.source.as_deref().and_then(Label::new);
        let source = source.ok_or_else(|| {
            Refusal::Invalid(vec![FieldFault::new(
                "?source",
                "required",
                "请写明边界的来源（1 至 80 字）",
                "say where the outlines come from (1 to 80 characters)",
            )])
        })?;
        let shared = std::sync::Arc::clone(&self.shared);
        let read = tokio::task::spawn_blocking(move || {
            let file = read_file(&bytes, &options)?;
            let (place, world) = (shared.place(), shared.world());
            let mut found = Found::default();
            let datum = datum_of(&file, &options, &place, &world, &mut found);
            let mut rows: BTreeMap<DivisionCode, OutlineRow> = BTreeMap::new();
            for feature in &file.features {
                let code = parsed(
                    feature,
                    "code",
                    |text| {
                        DivisionCode::parse(text)
                            .filter(|code| world.directory.division(code).is_some())
                    },
                    "不是已有的区划代码",
                    "is the code of no division",
                    &mut found,
                );
                if said(feature, "code").is_none() {
                    found.fault(
                        feature,
                        "code",
                        "required",
                        "缺少区划代码",
                        "the code of the division is missing",
                    );
                }
                let shape = shape_of(feature, datum, options.repair, &mut found);
                let Some((code, shape)) = code.zip(shape) else {
                    continue;
                };
                let division = world.directory.division(&code).map(|division| division.id);
                let Some(division) = division else { continue };
                let row = OutlineRow {
                    division,
                    code: code.clone(),
                    source: source.clone(),
                    shape,
                };
                if rows.insert(code, row).is_some() {
                    found.fault(
                        feature,
                        "code",
                        "duplicate",
                        "同一区划出现两次",
                        "the division appears twice",
                    );
                }
            }
            found.finish()?;
            let changed = rows
                .keys()
                .filter(|code| place.outlines.of(code).is_some())
                .count();
            let rows: Vec<OutlineRow> = rows.into_values().collect();
            Ok::<_, EngineError>((rows, changed, datum, found.notes()))
        });
        let (rows, changed, datum, notes) = read
            .await
            .map_err(|e| EngineError::Internal(e.to_string()))??;
        if let Some(by) = by
            && rows.iter().any(|row| !administers(by, &row.code))
        {
            return Err(NOT_YOURS.into());
        }
        let report = MapImportReport {
            features: rows.len(),
            new: rows.len() - changed,
            changed,
            datum: datum.as_str().to_owned(),
            notes,
            change: None,
            dry_run: asking.dry_run,
            sequence: self.sequence(),
        };
        if asking.dry_run || rows.is_empty() {
            return Ok(report);
        }
        self.bring_outlines(rows, asking, report).await
    }

    /// Stages outlines and makes them valid.
    pub(super) async fn bring_outlines<R: Kept>(
        &self,
        rows: Vec<OutlineRow>,
        asking: Asking,
        answer: R,
    ) -> Result<R> {
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let event = move |import, digest| {
            DirectoryEvent::Imported(Imported {
                import,
                table: TableName::Outlines,
                digest,
                rows: count,
                relaxed: Vec::new(),
            })
        };
        self.bring_land(Content::Outlines(rows), event, asking, answer)
            .await
    }
}
