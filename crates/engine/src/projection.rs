//! From the state of a case to its rows: the case, its orders, its timers, the figures.
//!
//! Everything here is a function of states and events. `check` uses the same functions to prove the rows.

use std::collections::{BTreeMap, HashMap};

use jingwei_core::cases::{CaseEvent, CaseState, Stage, UpBecause};
use jingwei_core::code::Level;
use jingwei_core::id::NodeId;
use jingwei_core::place::Point;
use jingwei_core::time::Day;
use jingwei_store::cases::{CaseRow, OrderRow};
use jingwei_store::figures::{FlowRow, StockRow};
use jingwei_store::grids::CaseGridRow;
use jingwei_store::timers::TimerRow;
use uuid::Uuid;

use crate::error::{EngineError, Result};

/// The row of a case. `seq` is the sequence of its report, `updated_seq` that of its last event.
pub(crate) fn case_row(
    case: &CaseState,
    node: NodeId,
    seq: i64,
    updated_seq: i64,
) -> Result<CaseRow> {
    let at = |level| {
        case.code
            .at_level(level)
            .map(|code| code.as_str().to_owned())
    };
    let class = case.classified.as_ref().map(|c| &c.class);
    Ok(CaseRow {
        id: case.id.0,
        seq,
        owner: node.0,
        version: i64::from(case.version),
        stage: case.stage.as_str().to_owned(),
        open: case.stage.is_open(),
        class: class.map(|c| c.as_str().to_owned()),
        top_class: class.map(|c| c.top().as_str().to_owned()),
        severity: case.severity.as_str().to_owned(),
        urgency: case.urgency.as_str().to_owned(),
        source: case.source.as_str().to_owned(),
        number: case.number.as_ref().map(|n| n.as_str().to_owned()),
        division: Some(case.division.0),
        code: case.code.as_str().to_owned(),
        province: at(Level::Province).unwrap_or_default(),
        city: at(Level::City),
        county: at(Level::County),
        town: at(Level::Town),
        community: at(Level::Community),
        centre: case.centre.as_str().to_owned(),
        centre_unit: case.centre_unit.map(|u| u.0),
        reporter: case.reporter.map(|p| p.0),
        receipt_hash: case.receipt.map(|d| d.0.to_vec()),
        lon_e7: case.point.map(|p| i64::from(p.lon_e7)),
        lat_e7: case.point.map(|p| i64::from(p.lat_e7)),
        reported_at: case.reported_at.0,
        updated_at: case.updated_at.0,
        updated_seq,
        next_due: case.next_due().map(|t| t.0),
        state: serde_json::to_vec(case).map_err(|e| EngineError::Internal(e.to_string()))?,
    })
}

/// Reads a state back from its row.
pub(crate) fn read_state(
    state: &[u8],
    lon_e7: Option<i64>,
    lat_e7: Option<i64>,
) -> Result<CaseState> {
    let mut case: CaseState = serde_json::from_slice(state)
        .map_err(|e| EngineError::Journal(format!("the state of a case cannot be read: {e}")))?;
    case.point = lon_e7.zip(lat_e7).and_then(|(lon, lat)| {
        Some(Point {
            lon_e7: i32::try_from(lon).ok()?,
            lat_e7: i32::try_from(lat).ok()?,
        })
    });
    Ok(case)
}

/// In which grids a case lies.
pub(crate) fn grid_rows(case: &CaseState, seq: i64) -> Vec<CaseGridRow> {
    case.grids
        .iter()
        .map(|grid| CaseGridRow {
            grid: grid.grid.0,
            seq,
            layer: grid.layer.as_str().to_owned(),
        })
        .collect()
}

/// The rows of a case's orders.
pub(crate) fn order_rows(case: &CaseState, seq: i64) -> Vec<OrderRow> {
    let due = |order: &jingwei_core::cases::Order| {
        case.clocks
            .iter()
            .find(|c| {
                c.order == Some(order.id)
                    && c.kind == jingwei_core::cases::ClockKind::Acknowledge
                    && c.is_armed()
            })
            .map(|c| c.due.0)
    };
    case.orders
        .iter()
        .map(|order| OrderRow {
            id: order.id.0,
            case_id: case.id.0,
            case_seq: seq,
            unit: order.unit.0,
            part: order.part.as_str().to_owned(),
            stage: order.stage.as_str().to_owned(),
            sent_at: order.sent_at.0,
            ack_due: due(order),
        })
        .collect()
}

/// The timers that wait for a case: one for each armed clock, due at its next rung.
pub(crate) fn timer_rows(case: &CaseState) -> Vec<TimerRow> {
    case.clocks
        .iter()
        .filter_map(|clock| {
            Some(TimerRow {
                thing: case.id.0,
                kind: clock.kind.as_str().to_owned(),
                sub: clock.order.map_or(Uuid::nil(), |o| o.0),
                generation: i64::from(clock.generation),
                due: clock.next_at()?.0,
            })
        })
        .collect()
}

/// Figures that a batch adds up.
#[derive(Default)]
pub(crate) struct Figures {
    stock: HashMap<(String, String), StockRow>,
    flow: BTreeMap<(String, Day), FlowRow>,
}

fn stock_key(case: &CaseState) -> String {
    case.classified
        .as_ref()
        .map(|c| c.class.top().as_str().to_owned())
        .unwrap_or_default()
}

fn column(row: &mut StockRow, stage: Stage) -> &mut i64 {
    match stage {
        Stage::Reported => &mut row.reported,
        Stage::Returned => &mut row.returned,
        Stage::Accepted => &mut row.accepted,
        Stage::Filed => &mut row.filed,
        Stage::Dispatched => &mut row.dispatched,
        Stage::Handled => &mut row.handled,
        Stage::Verified => &mut row.verified,
        Stage::Closed => &mut row.closed,
        Stage::Refused => &mut row.refused,
        Stage::Voided => &mut row.voided,
        Stage::Suspended => &mut row.suspended,
        Stage::Merged => &mut row.merged,
    }
}

impl Figures {
    /// Moves a case from where it stood to where it stands, in every scope it lies in.
    pub(crate) fn moved(&mut self, before: Option<&CaseState>, after: &CaseState) {
        for (case, by) in before
            .map(|case| (case, -1))
            .into_iter()
            .chain([(after, 1)])
        {
            let class = stock_key(case);
            for scope in case.code.path() {
                let key = (scope.as_str().to_owned(), class.clone());
                let row = self
                    .stock
                    .entry(key)
                    .or_insert_with_key(|(scope, class)| StockRow {
                        scope: scope.clone(),
                        class: class.clone(),
                        ..ZERO_STOCK
                    });
                *column(row, case.stage) += by;
            }
        }
    }

    /// Counts an event on its day, for the town and above.
    pub(crate) fn happened(&mut self, case: &CaseState, event: &CaseEvent, day: Day) {
        let scopes = case
            .code
            .path()
            .into_iter()
            .filter(|code| code.level() >= Level::Town);
        for scope in scopes {
            let key = (scope.as_str().to_owned(), day);
            let row = self
                .flow
                .entry(key)
                .or_insert_with_key(|(scope, day)| FlowRow {
                    scope: scope.clone(),
                    day: i64::from(day.0),
                    ..ZERO_FLOW
                });
            match event {
                CaseEvent::Reported(_) => row.reported += 1,
                CaseEvent::Accepted(_) => row.accepted += 1,
                CaseEvent::Filed(_) => row.filed += 1,
                CaseEvent::Dispatched(e) => {
                    row.dispatched += 1;
                    row.orders += i64::try_from(e.orders.len()).unwrap_or(0);
                }
                CaseEvent::OrderAdded(_) => row.orders += 1,
                CaseEvent::Handled(_) => row.handled += 1,
                CaseEvent::Verified(_) => row.verified += 1,
                CaseEvent::Closed(_) => row.closed += 1,
                CaseEvent::Refused(_) => row.refused += 1,
                CaseEvent::Voided(_) => row.voided += 1,
                CaseEvent::Overdue(_) => row.late += 1,
                CaseEvent::SolvedOnSpot(_) => {
                    row.solved += 1;
                    row.closed += i64::from(case.stage == Stage::Closed);
                }
                CaseEvent::Reopened(_) => row.reopened += 1,
                CaseEvent::PassedUp(e) => {
                    row.reopened += i64::from(e.because == UpBecause::Dissatisfied);
                }
                CaseEvent::OrdersNested(e) => {
                    row.orders += i64::try_from(e.orders.len()).unwrap_or(0);
                }
                CaseEvent::Redispatched(_) => row.orders += 1,
                CaseEvent::ObjectionDecided(e) => {
                    row.orders += i64::from(e.replacement.is_some());
                }
                _ => {}
            }
        }
    }

    /// The rows to add, without those that add nothing. In key order, so that writers lock rows in one order.
    pub(crate) fn into_rows(self) -> (Vec<StockRow>, Vec<FlowRow>) {
        let mut stock: Vec<StockRow> = self
            .stock
            .into_values()
            .filter(|row| {
                *row != StockRow {
                    scope: row.scope.clone(),
                    class: row.class.clone(),
                    ..ZERO_STOCK
                }
            })
            .collect();
        stock.sort_by(|a, b| (&a.scope, &a.class).cmp(&(&b.scope, &b.class)));
        let flow = self
            .flow
            .into_values()
            .filter(|row| {
                *row != FlowRow {
                    scope: row.scope.clone(),
                    day: row.day,
                    ..ZERO_FLOW
                }
            })
            .collect();
        (stock, flow)
    }
}

const ZERO_FLOW: FlowRow = FlowRow {
    scope: String::new(),
    day: 0,
    reported: 0,
    accepted: 0,
    filed: 0,
    dispatched: 0,
    handled: 0,
    verified: 0,
    closed: 0,
    refused: 0,
    voided: 0,
    orders: 0,
    late: 0,
    solved: 0,
    reopened: 0,
};

const ZERO_STOCK: StockRow = StockRow {
    scope: String::new(),
    class: String::new(),
    reported: 0,
    accepted: 0,
    returned: 0,
    filed: 0,
    dispatched: 0,
    handled: 0,
    verified: 0,
    closed: 0,
    refused: 0,
    voided: 0,
    suspended: 0,
    merged: 0,
};
