//! Grids that a file brings: matched by code, never by name; new ones without a code get their serials west to east, north
//! to south.
//!
//! Keeps: all or none; every fault is named with the place in the file; what stands in the node and not in the file stays.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::code::{DivisionCode, GridCode};
use crate::id::GridId;
use crate::place::Shape;
use crate::refusal::{FieldFault, Refusal};
use crate::time::Day;

use super::acts::{closed_by, new_grid, next_version, no_codes_left, wrong_code};
use super::{Attributes, Change, Draw, GridAct, GridRow, Layer, Present, next_codes, serial_order};

/// A grid as a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where in the file.
    pub at: String,
    /// Layer.
    pub layer: Layer,
    /// Code; none: the next one.
    pub code: Option<GridCode>,
    /// The community (of a mobile grid the county that leads).
    pub host: DivisionCode,
    /// Of a micro-grid: its base grid, perhaps of the same file.
    pub parent: Option<GridCode>,
    /// What is said of it.
    pub attributes: Attributes,
    /// The border.
    pub shape: Shape,
}

/// What an import of grids comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// The rows; of a dry run they are only shown.
    pub change: Change,
    /// Grids that were not there before.
    pub new: usize,
    /// Grids that are another than before.
    pub changed: usize,
}

fn faults_of(refusal: Refusal) -> Vec<FieldFault> {
    match refusal {
        Refusal::Invalid(faults) => faults,
        other => vec![FieldFault::new("", other.code(), other.zh(), other.en())],
    }
}

/// The same fault, said to be at a place of the file.
fn at(draft: &Draft, fault: FieldFault) -> FieldFault {
    FieldFault {
        pointer: format!("{}{}", draft.at, fault.pointer),
        ..fault
    }
}

/// Takes grids in that hold from `from` on; without a day: from today when all are new, else from tomorrow.
///
/// Errors: every fault of every grid, with its place in the file; `/from` when the day has begun.
pub fn take_in(
    drafts: &[Draft],
    from: Option<Day>,
    present: &Present<'_>,
) -> Result<TakenIn, Vec<FieldFault>> {
    let by_code: HashMap<&GridCode, &GridRow> = {
        let latest = present.latest();
        let mut rows: Vec<&GridRow> = latest.into_values().collect();
        rows.sort_by_key(|row| (row.valid_from, row.version));
        rows.into_iter().map(|row| (&row.code, row)).collect()
    };
    let known = |draft: &Draft| {
        draft
            .code
            .as_ref()
            .and_then(|code| by_code.get(code).copied())
    };
    let moves = |draft: &&Draft| {
        known(draft).is_some_and(|row| {
            let season = draft.attributes.season;
            row.shape != draft.shape || season.is_some() && season != row.season
        })
    };
    let earliest = if drafts.iter().any(|draft| moves(&draft)) {
        present.today.next()
    } else {
        present.today
    };
    let from = from.unwrap_or(earliest);
    present.check_date(from, earliest).map_err(faults_of)?;

    let mut faults = Vec::new();
    let mut seen: HashSet<&GridCode> = HashSet::new();
    let mut rows: Vec<GridRow> = Vec::new();
    let (mut new, mut changed) = (0, 0);
    // Base grids first: micro-grids of the same file hang from them.
    let mut order: Vec<&Draft> = drafts.iter().collect();
    order.sort_by_key(|draft| draft.layer);
    let mut base: HashMap<GridCode, (GridId, DivisionCode)> = HashMap::new();
    let mut without: BTreeMap<String, Vec<(&Draft, Option<GridId>)>> = BTreeMap::new();
    for draft in order {
        let attributes = match known(draft) {
            Some(row) => &draft.attributes.clone().or(&row.about, row.season),
            None => &draft.attributes,
        };
        let found = attributes.faults(draft.layer, &draft.host, present.directory, "");
        let before = faults.len();
        faults.extend(found.into_iter().map(|fault| at(draft, fault)));
        if let Some(code) = &draft.code
            && !seen.insert(code)
        {
            let fault = FieldFault::new(
                "/code",
                "duplicate",
                format!("编号 {code} 在文件中出现两次"),
                format!("the code {code} appears twice in the file"),
            );
            faults.push(at(draft, fault));
        }
        let parent = match parent_of(draft, from, &base, present) {
            Ok(parent) => parent,
            Err(refusal) => {
                faults.extend(faults_of(refusal).into_iter().map(|fault| at(draft, fault)));
                continue;
            }
        };
        let pattern = present.patterns.of(draft.layer);
        let Some(beginning) = pattern.beginning(&draft.host, parent.as_ref().map(|(_, code)| code))
        else {
            continue;
        };
        if faults.len() > before {
            continue;
        }
        let parent_id = parent.as_ref().map(|(id, _)| *id);
        let Some(code) = &draft.code else {
            without
                .entry(beginning)
                .or_default()
                .push((draft, parent_id));
            continue;
        };
        let taken = match known(draft) {
            Some(row) => changed_row(draft, row, parent_id, from).map(|changes| {
                changed += usize::from(!changes.is_empty());
                rows.extend(changes);
            }),
            None if !pattern.fits(code, &draft.host, parent.as_ref().map(|(_, code)| code)) => {
                Err(wrong_code(code, &pattern.text(), "/code"))
            }
            None => {
                new += 1;
                rows.push(new_grid(
                    &draw_of(draft),
                    code.clone(),
                    parent_id,
                    from,
                    GridAct::Import,
                    vec![],
                ));
                Ok(())
            }
        };
        match taken {
            Err(refusal) => {
                faults.extend(faults_of(refusal).into_iter().map(|fault| at(draft, fault)));
            }
            Ok(()) if draft.layer == Layer::Base => {
                let id = known(draft).map_or_else(|| GridId::of_code(code.as_str()), |row| row.id);
                base.insert(code.clone(), (id, draft.host.clone()));
            }
            Ok(()) => {}
        }
    }
    new += give_codes(without, &seen, from, present, &mut rows, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let hung = super::acts::rehang(&rows, from, present).map_err(faults_of)?;
    rows.extend(hung);
    rows.sort_by(|a, b| (&a.code, a.id, a.version).cmp(&(&b.code, b.id, b.version)));
    let change = Change {
        act: GridAct::Import,
        from,
        rows,
    };
    Ok(TakenIn {
        change,
        new,
        changed,
    })
}

fn draw_of(draft: &Draft) -> Draw {
    Draw {
        layer: draft.layer,
        code: draft.code.clone(),
        host: draft.host.clone(),
        parent: draft.parent.clone(),
        attributes: draft.attributes.clone(),
        shape: draft.shape.clone(),
    }
}

fn parent_of(
    draft: &Draft,
    from: Day,
    base: &HashMap<GridCode, (GridId, DivisionCode)>,
    present: &Present<'_>,
) -> Result<Option<(GridId, GridCode)>, Refusal> {
    if draft.layer == Layer::Micro
        && let Some(code) = &draft.parent
        && let Some((id, host)) = base.get(code)
        && *host == draft.host
    {
        return Ok(Some((*id, code.clone())));
    }
    let (id, _) = super::acts::beginning(&draw_of(draft), from, present)?;
    Ok(id.zip(draft.parent.clone()))
}

/// The rows of a grid that is there already: none when it is the same.
fn changed_row(
    draft: &Draft,
    row: &GridRow,
    parent: Option<GridId>,
    from: Day,
) -> Result<Vec<GridRow>, Refusal> {
    let code = &row.code;
    Present::check_standing(row, from, "/code")?;
    if row.layer != draft.layer || row.host != draft.host || row.about.parent != parent {
        return Err(super::acts::refuse(
            "/code",
            "another_grid",
            format!(
                "编号 {code} 是另一个网格的（{}，{}）",
                row.layer.zh(),
                row.host
            ),
            format!(
                "the code {code} is that of another grid ({}, {})",
                row.layer, row.host
            ),
        ));
    }
    let mut next = next_version(row, from, GridAct::Import);
    // What the file does not say stays as it was.
    let attributes = draft.attributes.clone().or(&row.about, row.season);
    next.about = attributes.about(
        row.layer,
        code,
        parent,
        GridAct::Import,
        row.about.before.clone(),
    );
    next.season = attributes.season;
    if next.about.site.is_some() && draft.shape != row.shape {
        next.about.site = None;
    }
    next.shape = draft.shape.clone();
    let mut same = next.clone();
    same.about.act = row.about.act;
    if (&same.about, &same.shape, same.season) == (&row.about, &row.shape, row.season) {
        return Ok(vec![]);
    }
    Ok(vec![closed_by(row, from), next])
}

/// Gives the grids without a code their serials, community by community; answers how many.
fn give_codes(
    without: BTreeMap<String, Vec<(&Draft, Option<GridId>)>>,
    seen: &HashSet<&GridCode>,
    from: Day,
    present: &Present<'_>,
    rows: &mut Vec<GridRow>,
    faults: &mut Vec<FieldFault>,
) -> usize {
    let mut used_of: HashMap<&str, HashSet<&str>> = HashMap::new();
    let used = present.used();
    let all = used
        .iter()
        .copied()
        .chain(seen.iter().map(|code| code.as_str()));
    for code in all {
        for cut in 6..code.len() {
            if let Some((beginning, _)) =
                code.get(..cut).and_then(|text| without.get_key_value(text))
            {
                used_of.entry(beginning).or_default().insert(code);
            }
        }
    }
    let none = HashSet::new();
    let mut given = 0;
    for (beginning, drafts) in &without {
        let pattern = present.patterns.of(drafts[0].0.layer);
        let used = used_of.get(beginning.as_str()).unwrap_or(&none);
        let Some(codes) = next_codes(pattern, beginning, used, drafts.len()) else {
            faults.extend(
                faults_of(no_codes_left())
                    .into_iter()
                    .map(|fault| at(drafts[0].0, fault)),
            );
            continue;
        };
        let shapes: Vec<&Shape> = drafts.iter().map(|(draft, _)| &draft.shape).collect();
        for (code, i) in codes.into_iter().zip(serial_order(&shapes)) {
            let (draft, parent) = drafts[i];
            rows.push(new_grid(
                &draw_of(draft),
                code,
                parent,
                from,
                GridAct::Import,
                vec![],
            ));
            given += 1;
        }
    }
    given
}
