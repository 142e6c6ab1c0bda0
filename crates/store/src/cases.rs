//! The present rows of cases and their orders: states for the writer, lists for screens.
//!
//! Must not: look into `state`, decide who may see what (the scopes come from the caller). Invariant: a list is one
//! statement whose work is bounded by scopes × limit as far as an index serves the filter, newest first by `seq`.

use std::fmt::Write as _;

use uuid::Uuid;

use crate::dialect::Conflict;
use crate::error::Result;
use crate::rows::{TableRow, read_all, table, values_of};
use crate::tx::Tx;
use crate::value::Value;

table! {
    /// A case with everything lists need.
    pub struct CaseRow {
        /// Id, given by the sender.
        id: Uuid,
        /// Journal sequence of the report.
        seq: i64,
        /// Node that owns the case.
        owner: Uuid,
        /// Version, that of its last event.
        version: i64,
        /// Stage.
        stage: String,
        /// Neither closed nor refused nor voided.
        open: bool,
        /// Class, none until classified.
        class: Option<String>,
        /// Top class of that class.
        top_class: Option<String>,
        /// Severity.
        severity: String,
        /// Urgency.
        urgency: String,
        /// Channel it came by.
        source: String,
        /// Number for people, none until filed.
        number: Option<String>,
        /// Id of the division it lies in.
        division: Option<Uuid>,
        /// Code of that division on the day of the report.
        code: String,
        /// Code path of that day: province.
        province: String,
        /// City.
        city: Option<String>,
        /// County.
        county: Option<String>,
        /// Town.
        town: Option<String>,
        /// Community.
        community: Option<String>,
        /// Division code of the centre that handles it.
        centre: String,
        /// Unit of that centre.
        centre_unit: Option<Uuid>,
        /// Person who reported it.
        reporter: Option<Uuid>,
        /// Hash of the resident's receipt.
        receipt_hash: Option<Vec<u8>>,
        /// Longitude, degrees × 10^7.
        lon_e7: Option<i64>,
        /// Latitude, degrees × 10^7.
        lat_e7: Option<i64>,
        /// When it was reported (instant).
        reported_at: i64,
        /// Journal time of its last event (instant).
        updated_at: i64,
        /// Journal sequence of its last event.
        updated_seq: i64,
        /// Its nearest deadline (instant).
        next_due: Option<i64>,
        /// The folded state.
        state: Vec<u8>,
    }
}

table! {
    /// What the writer needs of a case.
    pub struct CaseStateRow {
        /// Id.
        id: Uuid,
        /// Journal sequence of the report.
        seq: i64,
        /// Version.
        version: i64,
        /// Node that owns the case.
        owner: Uuid,
        /// Longitude, degrees × 10^7.
        lon_e7: Option<i64>,
        /// Latitude, degrees × 10^7.
        lat_e7: Option<i64>,
        /// The folded state.
        state: Vec<u8>,
    }
}

table! {
    /// An order to a unit within a case.
    pub struct OrderRow {
        /// Id.
        id: Uuid,
        /// Its case.
        case_id: Uuid,
        /// `seq` of that case.
        case_seq: i64,
        /// Unit it went to.
        unit: Uuid,
        /// Lead, assist or cc.
        part: String,
        /// Stage of the order.
        stage: String,
        /// When it was sent (instant).
        sent_at: i64,
        /// Until when it must be accepted (instant).
        ack_due: Option<i64>,
    }
}

table! {
    /// What a map shows of a case.
    pub struct MapRow {
        /// Journal sequence of the report.
        seq: i64,
        /// Longitude, degrees × 10^7.
        lon_e7: i64,
        /// Latitude, degrees × 10^7.
        lat_e7: i64,
        /// The folded state.
        state: Vec<u8>,
    }
}

/// A column of the code path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// `province`: no index of its own, the newest cases are walked.
    Province,
    /// `city`.
    City,
    /// `county`.
    County,
    /// `town`.
    Town,
    /// `community`.
    Community,
}

impl Level {
    /// All levels, from the top.
    pub const ALL: [Self; 5] = [
        Self::Province,
        Self::City,
        Self::County,
        Self::Town,
        Self::Community,
    ];

    /// The column's name.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Town => "town",
            Self::Community => "community",
        }
    }
}

/// All cases below one division.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Which column.
    pub level: Level,
    /// The code it must hold.
    pub code: String,
}

/// What a list is narrowed to; all given conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only open cases, or only others.
    pub open: Option<bool>,
    /// Only this stage.
    pub stage: Option<String>,
    /// Only this class or top class.
    pub class: Option<String>,
    /// Only this centre.
    pub centre: Option<String>,
    /// Only this source.
    pub source: Option<String>,
}

/// Which cases a list shows: those in any of the scopes, or with an order to one of the units, or reported by the
/// reporter. With none of these the list is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Scopes.
    pub scopes: Vec<Scope>,
    /// Units with an order in the case.
    pub units: Vec<Uuid>,
    /// Reporter.
    pub reporter: Option<Uuid>,
    /// Narrowing.
    pub filter: Filter,
    /// Only cases before this sequence (the last of the page before).
    pub before_seq: Option<i64>,
    /// At most so many rows.
    pub limit: i64,
}

/// Which open cases a piece of a map shows: those of the people, units and places of a list, of some classes, in a box.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapQuery {
    /// Scopes.
    pub scopes: Vec<Scope>,
    /// Units with an order in the case.
    pub units: Vec<Uuid>,
    /// Reporter.
    pub reporter: Option<Uuid>,
    /// The classes shown.
    pub classes: Vec<String>,
    /// The box, borders included: west, south, east, north in degrees × 10^7.
    pub bounds: [i64; 4],
    /// For boxes that hold much of the land: look only at the newest so many open cases of each scope, unit and reporter,
    /// wherever they lie. None: at all cases of the box.
    pub newest: Option<i64>,
    /// At most so many rows.
    pub limit: i64,
}

/// States of the cases with these ids, in one statement; ids that do not exist are left out; in no order.
pub fn load_states(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<CaseStateRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {} FROM cases WHERE id = ANY($1)",
        CaseStateRow::NAMES
    );
    read_all(tx.query(&sql, &[Value::ids(ids)])?)
}

/// Writes whole rows, new or replaced, in one statement.
pub fn upsert(tx: &mut Tx<'_>, rows: Vec<CaseRow>) -> Result<()> {
    tx.bulk_insert(
        "cases",
        CaseRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["id"]),
    )?;
    Ok(())
}

/// Writes whole orders, new or replaced, in one statement.
pub fn upsert_orders(tx: &mut Tx<'_>, rows: Vec<OrderRow>) -> Result<()> {
    tx.bulk_insert(
        "orders",
        OrderRow::COLUMNS,
        values_of(rows),
        Conflict::Replace(&["id"]),
    )?;
    Ok(())
}

fn one(tx: &mut Tx<'_>, condition: &str, value: Value) -> Result<Option<CaseRow>> {
    let sql = format!("SELECT {} FROM cases WHERE {condition}", CaseRow::NAMES);
    tx.query_opt(&sql, &[value])?.map(CaseRow::read).transpose()
}

/// The case with this id.
pub fn get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<CaseRow>> {
    one(tx, "id = $1", id.into())
}

/// The case whose receipt has this hash.
pub fn by_receipt(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<CaseRow>> {
    one(tx, "receipt_hash = $1", hash.into())
}

/// The case with this number.
pub fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<CaseRow>> {
    one(tx, "number = $1", number.into())
}

/// Cases after a sequence, in order, at most `limit`: pages over all cases, for `check` and exports.
pub fn all_after(tx: &mut Tx<'_>, after_seq: i64, limit: i64) -> Result<Vec<CaseRow>> {
    let sql = format!(
        "SELECT {} FROM cases WHERE seq > $1 ORDER BY seq LIMIT $2",
        CaseRow::NAMES
    );
    read_all(tx.query(&sql, &[after_seq.into(), limit.into()])?)
}

/// States of the open cases after a sequence, in order, at most `limit`: pages over what is still worked on.
pub fn open_after(tx: &mut Tx<'_>, after_seq: i64, limit: i64) -> Result<Vec<CaseStateRow>> {
    let sql = format!(
        "SELECT {} FROM cases WHERE open = 1 AND seq > $1 ORDER BY seq LIMIT $2",
        CaseStateRow::NAMES
    );
    read_all(tx.query(&sql, &[after_seq.into(), limit.into()])?)
}

/// Orders of these cases, by case and time sent.
pub fn orders_of(tx: &mut Tx<'_>, cases: &[Uuid]) -> Result<Vec<OrderRow>> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {} FROM orders WHERE case_id = ANY($1) ORDER BY case_seq, sent_at, id",
        OrderRow::NAMES
    );
    read_all(tx.query(&sql, &[Value::ids(cases)])?)
}

/// Orders by id after this one, at most `limit`: pages over all orders, for `check`.
pub fn all_orders(tx: &mut Tx<'_>, after: Option<Uuid>, limit: i64) -> Result<Vec<OrderRow>> {
    let sql = format!(
        "SELECT {} FROM orders WHERE id > $1 ORDER BY id LIMIT $2",
        OrderRow::NAMES
    );
    // No id is an empty blob, and every id is after it.
    let after = after.map_or(Value::Blob(Vec::new()), Into::into);
    read_all(tx.query(&sql, &[after, limit.into()])?)
}

/// A list for a screen: newest first by `seq`, at most `limit`, in one statement.
pub fn list(tx: &mut Tx<'_>, query: &ListQuery) -> Result<Vec<CaseRow>> {
    let mut text = ListText {
        params: Vec::new(),
        parts: Vec::new(),
    };
    let before = text.param(query.before_seq.unwrap_or(i64::MAX));
    let limit = text.param(query.limit.max(0));
    let filter = text.filter(&query.filter);
    for scope in &query.scopes {
        let code = text.param(scope.code.as_str());
        let column = scope.level.column();
        text.parts.push(format!(
            "SELECT c.seq FROM cases c WHERE c.{column} = {code} AND c.seq < {before}{filter} \
             ORDER BY c.seq DESC LIMIT {limit}"
        ));
    }
    for unit in &query.units {
        let unit = text.param(*unit);
        text.parts.push(format!(
            "SELECT DISTINCT o.case_seq AS seq FROM orders o JOIN cases c ON c.seq = o.case_seq \
             WHERE o.unit = {unit} AND o.case_seq < {before} AND c.seq < {before}{filter} ORDER BY seq DESC LIMIT {limit}"
        ));
    }
    if let Some(reporter) = query.reporter {
        let reporter = text.param(reporter);
        text.parts.push(format!(
            "SELECT c.seq FROM cases c WHERE c.reporter = {reporter} AND c.seq < {before}{filter} \
             ORDER BY c.seq DESC LIMIT {limit}"
        ));
    }
    let Some(seqs) = text.union() else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT {} FROM cases WHERE seq IN ({seqs}) ORDER BY seq DESC LIMIT {limit}",
        CaseRow::NAMES
    );
    read_all(tx.query(&sql, &text.params)?)
}

/// Open cases for a map: newest first by `seq`, at most `limit`, in one statement. Work is bounded by `newest` or by what
/// is open between the parallels of the box.
pub fn on_map(tx: &mut Tx<'_>, query: &MapQuery) -> Result<Vec<MapRow>> {
    let mut text = ListText {
        params: Vec::new(),
        parts: Vec::new(),
    };
    let [west, south, east, north] = query.bounds.map(|degrees| text.param(degrees));
    let classes = text.param(Value::texts(&query.classes));
    let limit = text.param(query.limit.max(0));
    let whose = match query.newest {
        Some(newest) => text
            .newest(query, newest)
            .map(|seqs| format!("c.seq IN ({seqs})")),
        None => text.whose(query),
    };
    let Some(whose) = whose else {
        return Ok(Vec::new());
    };
    // By a value and not by the column: SQLite would walk all open cases in the order of `seq` to save the sorting.
    let sql = format!(
        "SELECT c.seq, c.lon_e7, c.lat_e7, c.state FROM cases c WHERE c.open = 1 \
         AND c.lat_e7 >= {south} AND c.lat_e7 <= {north} AND c.lon_e7 >= {west} AND c.lon_e7 <= {east} \
         AND c.class = ANY({classes}) AND {whose} ORDER BY c.seq + 0 DESC LIMIT {limit}"
    );
    read_all(tx.query(&sql, &text.params)?)
}

/// The growing text of a list.
struct ListText {
    params: Vec<Value>,
    parts: Vec<String>,
}

impl ListText {
    fn param(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// The sequences of the newest open cases of each scope, unit and reporter; none when there is no such. `seq > 0` is so of
    /// every case: it lets both engines enter an index of open cases from its end and stop at the limit.
    fn newest(&mut self, query: &MapQuery, newest: i64) -> Option<String> {
        let newest = self.param(newest.max(0));
        for scope in &query.scopes {
            let code = self.param(scope.code.as_str());
            let column = scope.level.column();
            self.parts.push(format!(
                "SELECT c.seq FROM cases c WHERE c.{column} = {code} AND c.open = 1 AND c.seq > 0 ORDER BY c.seq DESC LIMIT {newest}"
            ));
        }
        for unit in &query.units {
            let unit = self.param(*unit);
            self.parts.push(format!(
                "SELECT DISTINCT o.case_seq AS seq FROM orders o JOIN cases c ON c.seq = o.case_seq \
                 WHERE o.unit = {unit} AND c.open = 1 AND o.case_seq > 0 AND c.seq > 0 ORDER BY seq DESC LIMIT {newest}"
            ));
        }
        if let Some(reporter) = query.reporter {
            let reporter = self.param(reporter);
            self.parts.push(format!(
                "SELECT c.seq FROM cases c WHERE c.reporter = {reporter} AND c.open = 1 AND c.seq > 0 \
                 ORDER BY c.seq DESC LIMIT {newest}"
            ));
        }
        self.union()
    }

    /// Whose cases, as a condition on each; none when nobody's.
    fn whose(&mut self, query: &MapQuery) -> Option<String> {
        let mut any = Vec::new();
        for scope in &query.scopes {
            let code = self.param(scope.code.as_str());
            any.push(format!("c.{} = {code}", scope.level.column()));
        }
        if !query.units.is_empty() {
            let units = self.param(Value::ids(&query.units));
            any.push(format!(
                "EXISTS (SELECT 1 FROM orders o WHERE o.case_id = c.id AND o.unit = ANY({units}))"
            ));
        }
        if let Some(reporter) = query.reporter {
            let reporter = self.param(reporter);
            any.push(format!("c.reporter = {reporter}"));
        }
        (!any.is_empty()).then(|| format!("({})", any.join(" OR ")))
    }

    /// The sequences of all parts; none when there is no part.
    fn union(&self) -> Option<String> {
        let mut seqs = String::new();
        for (i, part) in self.parts.iter().enumerate() {
            let union = if i > 0 { " UNION " } else { "" };
            let _ = write!(seqs, "{union}SELECT seq FROM ({part}) AS p{i}");
        }
        (!seqs.is_empty()).then_some(seqs)
    }

    fn filter(&mut self, filter: &Filter) -> String {
        let mut text = String::new();
        if let Some(open) = filter.open {
            // A literal: with a parameter no engine would use the indexes of open cases.
            text.push_str(if open {
                " AND c.open = 1"
            } else {
                " AND c.open = 0"
            });
        }
        if let Some(stage) = &filter.stage {
            let stage = self.param(stage.as_str());
            let _ = write!(text, " AND c.stage = {stage}");
        }
        if let Some(class) = &filter.class {
            let class = self.param(class.as_str());
            let _ = write!(text, " AND (c.class = {class} OR c.top_class = {class})");
        }
        if let Some(centre) = &filter.centre {
            let centre = self.param(centre.as_str());
            let _ = write!(text, " AND c.centre = {centre}");
        }
        if let Some(source) = &filter.source {
            let source = self.param(source.as_str());
            let _ = write!(text, " AND c.source = {source}");
        }
        text
    }
}
