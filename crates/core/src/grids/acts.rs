//! The acts on grids: drawing, splitting, joining, moving borders, describing, withdrawing.
//!
//! An act has a date from which it holds. Keeps: of a day that has begun no border becomes another, so an act that changes
//! borders holds from tomorrow at the earliest, and only where no grid was may one begin today; codes of grids that end are
//! not given again; micro-grids go with the land they lie on.

use std::collections::{HashMap, HashSet};

use crate::code::{DivisionCode, GridCode};
use crate::directory::Directory;
use crate::id::GridId;
use crate::label::Label;
use crate::place::{Point, Shape, overlay};
use crate::refusal::{FieldFault, Refusal};
use crate::time::Day;

use super::{Attributes, Describe, GridAct, GridRow, Layer, Patterns, next_codes, serial_order};

/// Most parts of a split, most grids of a join or a move.
const MOST_GRIDS: usize = 200;
/// How far ahead an act may be dated, in days.
const MOST_DAYS_AHEAD: usize = 3 * 366;

/// 划定
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// Layer.
    pub layer: Layer,
    /// Code; none: the next one.
    pub code: Option<GridCode>,
    /// The community; of a mobile grid the county that leads; of a micro-grid that of its base grid.
    pub host: DivisionCode,
    /// Of a micro-grid: the base grid.
    pub parent: Option<GridCode>,
    /// What is said of it.
    pub attributes: Attributes,
    /// The border.
    pub shape: Shape,
}

/// 拆分
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The grid.
    pub code: GridCode,
    /// The line along which it is cut.
    pub line: Vec<Point>,
    /// Names of the parts in the order of their serials; empty: made from the old name.
    pub names: Vec<Label>,
}

/// 合并
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The grids.
    pub codes: Vec<GridCode>,
    /// Name of what they become; none: that of the first.
    pub name: Option<Label>,
}

/// 调整边界
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The grids with their new borders.
    pub borders: Vec<(GridCode, Shape)>,
}

/// 撤销
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdraw {
    /// The grid.
    pub code: GridCode,
}

/// An act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// 划定
    Draw(Box<Draw>),
    /// 拆分
    Split(Split),
    /// 合并
    Join(Join),
    /// 调整边界
    Move(Move),
    /// 变更信息
    Describe(Box<Describe>),
    /// 撤销
    Withdraw(Withdraw),
}

impl Act {
    /// Which act it is.
    pub fn kind(&self) -> GridAct {
        match self {
            Self::Draw(_) => GridAct::Draw,
            Self::Split(_) => GridAct::Split,
            Self::Join(_) => GridAct::Join,
            Self::Move(_) => GridAct::Move,
            Self::Describe(_) => GridAct::Describe,
            Self::Withdraw(_) => GridAct::Withdraw,
        }
    }

    /// The codes of the grids that it names.
    pub fn names(&self) -> Vec<&GridCode> {
        match self {
            Self::Draw(draw) => draw.parent.iter().collect(),
            Self::Split(split) => vec![&split.code],
            Self::Join(join) => join.codes.iter().collect(),
            Self::Move(moved) => moved.borders.iter().map(|(code, _)| code).collect(),
            Self::Describe(describe) => vec![&describe.code],
            Self::Withdraw(withdraw) => vec![&withdraw.code],
        }
    }
}

/// What an act comes to: rows to write, the closed ones and the new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The act.
    pub act: GridAct,
    /// The first day on which it holds.
    pub from: Day,
    /// Rows that are closed or new, by grid and version.
    pub rows: Vec<GridRow>,
}

/// The grids that an act may look at: every version of every grid, in all layers, of the hosts concerned.
#[derive(Debug, Clone, Copy)]
pub struct Present<'a> {
    /// The rows.
    pub rows: &'a [GridRow],
    /// The patterns of the codes.
    pub patterns: &'a Patterns,
    /// Divisions and units.
    pub directory: &'a Directory,
    /// The present day.
    pub today: Day,
}

pub(super) fn refuse(
    pointer: &str,
    code: &'static str,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> Refusal {
    Refusal::Invalid(vec![FieldFault::new(pointer, code, zh, en)])
}

impl<'a> Present<'a> {
    /// The last version of each grid.
    pub(super) fn latest(&self) -> HashMap<GridId, &'a GridRow> {
        let mut latest: HashMap<GridId, &GridRow> = HashMap::new();
        for row in self.rows {
            let held = latest.entry(row.id).or_insert(row);
            if held.version < row.version {
                *held = row;
            }
        }
        latest
    }

    /// The grid that an act at `from` finds under `code`: its last version, which has to stand then.
    pub(super) fn standing(
        &self,
        code: &GridCode,
        from: Day,
        pointer: &str,
    ) -> Result<&'a GridRow, Refusal> {
        let latest = self.latest();
        let mut named: Vec<&GridRow> = latest
            .into_values()
            .filter(|row| row.code == *code)
            .collect();
        named.sort_by_key(|row| row.valid_from);
        let Some(row) = named.pop() else {
            return Err(refuse(
                pointer,
                "unknown_grid",
                format!("没有网格 {code}"),
                format!("there is no grid {code}"),
            ));
        };
        Self::check_standing(row, from, pointer)?;
        Ok(row)
    }

    /// Whether the last version of a grid stands from `from` on and nothing later is decided about it.
    pub(super) fn check_standing(row: &GridRow, from: Day, pointer: &str) -> Result<(), Refusal> {
        let code = &row.code;
        if !row.lasts_to(from) {
            let to = row.valid_to.unwrap_or(from);
            return Err(refuse(
                pointer,
                "grid_ended",
                format!("网格 {code} 到 {to} 为止，请改用现行网格"),
                format!("the grid {code} ends on {to}: use one that stands"),
            ));
        }
        // Its end or its next version is decided already: what follows from that would be torn.
        let later = row
            .valid_to
            .map(Day::next)
            .or((row.valid_from > from).then_some(row.valid_from));
        if let Some(next) = later {
            return Err(refuse(
                pointer,
                "changed_later",
                format!("网格 {code} 自 {next} 起已有变更，请把日期定在这一天或以后"),
                format!(
                    "the grid {code} changes on {next} already: choose that day or a later one"
                ),
            ));
        }
        Ok(())
    }

    /// Codes that some grid has or had.
    pub(super) fn used(&self) -> HashSet<&'a str> {
        self.rows.iter().map(|row| row.code.as_str()).collect()
    }

    pub(super) fn check_date(&self, from: Day, earliest: Day) -> Result<(), Refusal> {
        if from < earliest {
            return Err(refuse(
                "/from",
                "too_early",
                format!("最早从 {earliest} 起：已经开始的日子，网格边界不再改变"),
                format!(
                    "{earliest} at the earliest: on a day that has begun borders stay as they are"
                ),
            ));
        }
        let last = (0..MOST_DAYS_AHEAD).fold(self.today, |day, _| day.next());
        if from > last {
            return Err(refuse(
                "/from",
                "too_late",
                "生效日最多提前三年确定",
                "an act is dated three years ahead at most",
            ));
        }
        Ok(())
    }
}

/// The row closed so that its last day is the one before `from`.
pub(super) fn closed_by(row: &GridRow, from: Day) -> GridRow {
    GridRow {
        valid_to: Some(from.prev()),
        ..row.clone()
    }
}

/// The next version of a row, from `from`.
pub(super) fn next_version(row: &GridRow, from: Day, act: GridAct) -> GridRow {
    let mut next = GridRow {
        version: row.version + 1,
        valid_from: from,
        valid_to: None,
        ..row.clone()
    };
    next.about.act = act;
    next
}

/// A grid with a code that is new.
pub(super) fn new_grid(
    like: &Draw,
    code: GridCode,
    parent: Option<GridId>,
    from: Day,
    act: GridAct,
    before: Vec<GridId>,
) -> GridRow {
    GridRow {
        id: GridId::of_code(code.as_str()),
        version: 1,
        layer: like.layer,
        host: like.host.clone(),
        valid_from: from,
        valid_to: None,
        season: like.attributes.season,
        about: like
            .attributes
            .about(like.layer, &code, parent, act, before),
        shape: like.shape.clone(),
        code,
    }
}

pub(super) fn no_codes_left() -> Refusal {
    refuse(
        "/code",
        "no_codes_left",
        "这个社区（或网格）的编号已经用完，请加长编号位数（设置 grid_…_code）",
        "the serials of this community (or grid) are used up: make the codes longer (setting grid_…_code)",
    )
}

/// Carries an act out; `from` is the first day on which it holds.
///
/// Errors: fields that are missing or wrong, grids that are not there or end before, dates that have begun.
pub fn carry_out(act: &Act, from: Day, present: &Present<'_>) -> Result<Change, Refusal> {
    let earliest = match act.kind() {
        GridAct::Draw | GridAct::Describe => present.today,
        _ => present.today.next(),
    };
    present.check_date(from, earliest)?;
    let mut rows = match act {
        Act::Draw(draw) => return drawn(draw, from, present),
        Act::Describe(describe) => return described(describe, from, present),
        Act::Split(split) => split_up(split, from, present)?,
        Act::Join(join) => joined(join, from, present)?,
        Act::Move(moved) => moved_borders(moved, from, present)?,
        Act::Withdraw(withdraw) => {
            let row = present.standing(&withdraw.code, from, "/code")?;
            vec![closed_by(row, from)]
        }
    };
    let hung = rehang(&rows, from, present)?;
    rows.extend(hung);
    Ok(change(act.kind(), from, rows))
}

fn change(act: GridAct, from: Day, mut rows: Vec<GridRow>) -> Change {
    rows.sort_by(|a, b| (&a.code, a.id, a.version).cmp(&(&b.code, b.id, b.version)));
    Change { act, from, rows }
}

/// The base grid of a micro-grid, and what its code begins with.
pub(super) fn beginning(
    draw: &Draw,
    from: Day,
    present: &Present<'_>,
) -> Result<(Option<GridId>, String), Refusal> {
    let parent = match (draw.layer, &draw.parent) {
        (Layer::Micro, Some(code)) => {
            let parent = present.standing(code, from, "/parent")?;
            if parent.layer != Layer::Base {
                return Err(refuse(
                    "/parent",
                    "not_a_base_grid",
                    "微网格挂在基础网格下",
                    "a micro-grid hangs from a base grid",
                ));
            }
            Some(parent)
        }
        (Layer::Micro, None) => {
            return Err(refuse(
                "/parent",
                "required",
                "微网格要写明所属的基础网格",
                "a micro-grid names the base grid from which it hangs",
            ));
        }
        (_, Some(_)) => {
            return Err(refuse(
                "/parent",
                "only_micro",
                "只有微网格才有上级网格",
                "only a micro-grid hangs from another",
            ));
        }
        (_, None) => None,
    };
    let pattern = present.patterns.of(draw.layer);
    let beginning = pattern.beginning(&draw.host, parent.map(|row| &row.code));
    let beginning = beginning.ok_or_else(|| {
        refuse(
            "/host",
            "wrong_level",
            "所属区划的级别与编号规则不符",
            "the level of the host does not fit the pattern of the codes",
        )
    })?;
    Ok((parent.map(|row| row.id), beginning))
}

fn drawn(draw: &Draw, from: Day, present: &Present<'_>) -> Result<Change, Refusal> {
    let faults = draw
        .attributes
        .faults(draw.layer, &draw.host, present.directory, "/about");
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let (parent, beginning) = beginning(draw, from, present)?;
    let pattern = present.patterns.of(draw.layer);
    let used = present.used();
    let code = match &draw.code {
        None => next_codes(pattern, &beginning, &used, 1)
            .and_then(|mut codes| codes.pop())
            .ok_or_else(no_codes_left)?,
        Some(code) => {
            if !pattern.fits(code, &draw.host, draw.parent.as_ref()) {
                return Err(wrong_code(code, &pattern.text(), "/code"));
            }
            if used.contains(code.as_str()) {
                return Err(refuse(
                    "/code",
                    "code_taken",
                    format!("编号 {code} 已经用过，网格编号不重复使用"),
                    format!("the code {code} was given before; codes of grids are given once"),
                ));
            }
            code.clone()
        }
    };
    let row = new_grid(draw, code, parent, from, GridAct::Draw, vec![]);
    Ok(change(GridAct::Draw, from, vec![row]))
}

pub(super) fn wrong_code(code: &GridCode, pattern: &str, pointer: &str) -> Refusal {
    refuse(
        pointer,
        "wrong_code",
        format!("编号 {code} 不符合规则 {pattern}"),
        format!("the code {code} does not follow the pattern {pattern}"),
    )
}

fn described(describe: &Describe, from: Day, present: &Present<'_>) -> Result<Change, Refusal> {
    let row = present.standing(&describe.code, from, "/code")?;
    let mut faults = describe
        .attributes
        .faults(row.layer, &row.host, present.directory, "/about");
    if describe.attributes.name.is_none() {
        faults.push(FieldFault::new(
            "/about/name",
            "required",
            "网格要有名称",
            "a grid has a name",
        ));
    }
    if describe.attributes.site != row.about.site {
        faults.push(FieldFault::new(
            "/about/site",
            "changes_border",
            "场所的位置和半径是边界，请用“调整边界”",
            "point and radius of a site are its border: move the border instead",
        ));
    }
    if describe.attributes.season != row.season && from <= present.today {
        faults.push(FieldFault::new(
            "/from",
            "too_early",
            "改季节最早从明天起",
            "another season holds from tomorrow at the earliest",
        ));
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let mut next = next_version(row, from, GridAct::Describe);
    next.season = describe.attributes.season;
    let source = row.about.source.clone();
    next.about = describe.attributes.about(
        row.layer,
        &row.code,
        row.about.parent,
        GridAct::Describe,
        row.about.before.clone(),
    );
    next.about.source = next.about.source.or(source);
    Ok(change(
        GridAct::Describe,
        from,
        vec![closed_by(row, from), next],
    ))
}

/// What a grid that comes from `row` begins with.
fn like(row: &GridRow, name: Label, shape: Shape) -> Draw {
    Draw {
        layer: row.layer,
        code: None,
        host: row.host.clone(),
        parent: None,
        attributes: Attributes {
            name: Some(name),
            hosts: row.about.hosts.clone(),
            kind: row.about.kind.clone(),
            households: None,
            lead_unit: row.about.lead_unit,
            worker: row.about.worker,
            supervision_phone: row.about.supervision_phone.clone(),
            season: row.season,
            site: None,
            source: row.about.source.clone(),
        },
        shape,
    }
}

fn codes_like(
    row: &GridRow,
    count: usize,
    present: &Present<'_>,
) -> Result<Vec<GridCode>, Refusal> {
    let pattern = present.patterns.of(row.layer);
    let parent = row
        .about
        .parent
        .and_then(|id| present.latest().get(&id).copied());
    let beginning = pattern
        .beginning(&row.host, parent.map(|row| &row.code))
        .ok_or_else(no_codes_left)?;
    next_codes(pattern, &beginning, &present.used(), count).ok_or_else(no_codes_left)
}

fn split_up(split: &Split, from: Day, present: &Present<'_>) -> Result<Vec<GridRow>, Refusal> {
    let row = present.standing(&split.code, from, "/code")?;
    let parts = overlay::split(&row.shape, &split.line);
    if parts.len() < 2 {
        return Err(refuse(
            "/line",
            "does_not_divide",
            "这条线没有把网格分开：请从边界外画到边界外",
            "the line does not divide the grid: draw it from outside the border to outside",
        ));
    }
    if parts.len() > MOST_GRIDS {
        return Err(refuse(
            "/line",
            "out_of_range",
            "这条线分出的块太多",
            "the line makes too many parts",
        ));
    }
    if !split.names.is_empty() && split.names.len() != parts.len() {
        return Err(refuse(
            "/names",
            "out_of_range",
            format!(
                "分成了 {} 块，名称也要 {} 个，或不填",
                parts.len(),
                parts.len()
            ),
            format!(
                "there are {} parts: give as many names, or none",
                parts.len()
            ),
        ));
    }
    let codes = codes_like(row, parts.len(), present)?;
    let order = serial_order(&parts.iter().collect::<Vec<_>>());
    let mut rows = vec![closed_by(row, from)];
    for (n, (code, part)) in codes.into_iter().zip(order).enumerate() {
        let made = || {
            let short: String = row
                .about
                .name
                .as_str()
                .chars()
                .take(Label::MOST - 4)
                .collect();
            Label::new(&format!("{short}-{}", n + 1)).unwrap_or_else(|| row.about.name.clone())
        };
        let name = split.names.get(n).cloned().unwrap_or_else(made);
        let draw = like(row, name, parts[part].clone());
        rows.push(new_grid(
            &draw,
            code,
            row.about.parent,
            from,
            GridAct::Split,
            vec![row.id],
        ));
    }
    Ok(rows)
}

fn joined(join: &Join, from: Day, present: &Present<'_>) -> Result<Vec<GridRow>, Refusal> {
    let mut codes = join.codes.clone();
    codes.sort();
    codes.dedup();
    if !(2..=MOST_GRIDS).contains(&codes.len()) {
        return Err(refuse(
            "/codes",
            "out_of_range",
            "合并要有 2 至 200 个不同的网格",
            "2 to 200 different grids are joined",
        ));
    }
    let mut rows = Vec::new();
    for (i, code) in codes.iter().enumerate() {
        rows.push(present.standing(code, from, &format!("/codes/{i}"))?);
    }
    let first = rows[0];
    let apart = |row: &&&GridRow| {
        (row.layer, &row.host, row.about.parent) != (first.layer, &first.host, first.about.parent)
    };
    if let Some(other) = rows.iter().find(apart) {
        return Err(refuse(
            "/codes",
            "not_together",
            format!(
                "{} 与 {} 不在同一层的同一个社区（或基础网格）",
                first.code, other.code
            ),
            format!(
                "{} and {} are not of one layer in one community (or base grid)",
                first.code, other.code
            ),
        ));
    }
    let shapes: Vec<&Shape> = rows.iter().map(|row| &row.shape).collect();
    let pieces: usize = shapes.iter().map(|shape| shape.polygons().len()).sum();
    let whole = overlay::union(&shapes).ok_or_else(|| {
        refuse(
            "/codes",
            "no_area",
            "合并后没有面积",
            "nothing is left of them",
        )
    })?;
    // Each of them has to touch another: n grids in one piece each become one piece.
    if whole.polygons().len() + rows.len() > pieces + 1 {
        return Err(refuse(
            "/codes",
            "not_adjoining",
            "这些网格不全相连，不能合并成一个",
            "not all of these grids touch: they do not become one",
        ));
    }
    let mut draw = like(
        first,
        join.name
            .clone()
            .unwrap_or_else(|| first.about.name.clone()),
        whole,
    );
    if rows.iter().any(|row| {
        (row.season, row.about.lead_unit, &row.about.kind)
            != (first.season, first.about.lead_unit, &first.about.kind)
    }) {
        return Err(refuse(
            "/codes",
            "not_alike",
            "这些网格的季节、牵头单位或类型不同，请先改成一致再合并",
            "these grids differ in season, leading unit or kind: make them alike first",
        ));
    }
    let mut hosts: Vec<DivisionCode> = rows
        .iter()
        .flat_map(|row| row.about.hosts.clone())
        .collect();
    hosts.sort();
    hosts.dedup();
    draw.attributes.hosts = hosts;
    draw.attributes.households = rows.iter().map(|row| row.about.households).sum();
    if rows
        .iter()
        .any(|row| row.about.worker != first.about.worker)
    {
        draw.attributes.worker = None;
    }
    let code = codes_like(first, 1, present)?.remove(0);
    let before = rows.iter().map(|row| row.id).collect();
    let mut changed: Vec<GridRow> = rows.iter().map(|row| closed_by(row, from)).collect();
    changed.push(new_grid(
        &draw,
        code,
        first.about.parent,
        from,
        GridAct::Join,
        before,
    ));
    Ok(changed)
}

fn moved_borders(moved: &Move, from: Day, present: &Present<'_>) -> Result<Vec<GridRow>, Refusal> {
    if !(1..=MOST_GRIDS).contains(&moved.borders.len()) {
        return Err(refuse(
            "/borders",
            "out_of_range",
            "一次调整 1 至 200 个网格",
            "1 to 200 grids are moved at once",
        ));
    }
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for (i, (code, shape)) in moved.borders.iter().enumerate() {
        let pointer = format!("/borders/{i}/code");
        let row = present.standing(code, from, &pointer)?;
        if !seen.insert(row.id) {
            return Err(refuse(
                &pointer,
                "duplicate",
                format!("网格 {code} 出现两次"),
                format!("the grid {code} appears twice"),
            ));
        }
        let mut next = next_version(row, from, GridAct::Move);
        // A site whose border is drawn is no circle any more.
        next.about.site = None;
        next.shape = shape.clone();
        rows.extend([closed_by(row, from), next]);
    }
    Ok(rows)
}

/// Micro-grids of base grids that changed go to the base grid on whose land they lie now, or end with the one they hung from.
pub(super) fn rehang(
    changed: &[GridRow],
    from: Day,
    present: &Present<'_>,
) -> Result<Vec<GridRow>, Refusal> {
    let is_base = |row: &&GridRow| row.layer == Layer::Base;
    let gone: HashSet<GridId> = changed
        .iter()
        .filter(is_base)
        .filter(|row| !row.lasts_to(from))
        .map(|row| row.id)
        .collect();
    let latest = present.latest();
    // The land may have gone to a grid that this act does not touch.
    let mut new: Vec<&GridRow> = changed
        .iter()
        .chain(
            latest
                .values()
                .copied()
                .filter(|row| !gone.contains(&row.id)),
        )
        .filter(is_base)
        .filter(|row| row.stands_on(from))
        .collect();
    new.sort_by(|a, b| a.code.cmp(&b.code));
    let mut hanging: Vec<&GridRow> = latest
        .values()
        .copied()
        .filter(|row| row.layer == Layer::Micro && row.lasts_to(from))
        .filter(|row| {
            row.about
                .parent
                .is_some_and(|parent| gone.contains(&parent))
        })
        .filter(|row| !changed.iter().any(|changed| changed.id == row.id))
        .collect();
    hanging.sort_by(|a, b| a.code.cmp(&b.code));
    let written = changed.iter().map(|row| row.code.as_str());
    let mut used: HashSet<String> = present
        .used()
        .into_iter()
        .chain(written)
        .map(str::to_owned)
        .collect();
    let mut rows = Vec::new();
    for row in hanging {
        if row.valid_from > from {
            return Err(refuse(
                "/from",
                "changed_later",
                format!(
                    "微网格 {} 自 {} 起已有变更，请把日期定在这一天或以后",
                    row.code, row.valid_from
                ),
                format!(
                    "the micro-grid {} changes on {} already: choose that day or a later one",
                    row.code, row.valid_from
                ),
            ));
        }
        let inside = row.shape.inside();
        let to = new.iter().find(|base| base.shape.covers(inside));
        let stays = to.is_some_and(|base| row.about.parent == Some(base.id));
        if stays {
            continue;
        }
        rows.push(closed_by(row, from));
        let Some(base) = to else { continue };
        let pattern = present.patterns.of(Layer::Micro);
        let beginning = pattern
            .beginning(&base.host, Some(&base.code))
            .ok_or_else(no_codes_left)?;
        let taken: HashSet<&str> = used.iter().map(String::as_str).collect();
        let code = next_codes(pattern, &beginning, &taken, 1)
            .ok_or_else(no_codes_left)?
            .remove(0);
        used.insert(code.as_str().to_owned());
        let mut next = next_version(row, from, row.about.act);
        next.about.act = GridAct::Move;
        next.about.parent = Some(base.id);
        next.host = base.host.clone();
        // An end that was decided stays decided.
        next.valid_to = row.valid_to;
        next.code = code;
        rows.push(next);
    }
    Ok(rows)
}
