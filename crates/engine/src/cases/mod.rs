//! The room `cases`: what people ask of cases and what they see of them.

mod body;
mod command;
pub(crate) mod fields;
mod sentences;
pub(crate) mod shown;
pub(crate) mod timeline;
pub mod view;

pub use body::*;
pub use command::ReporterAct;
pub(crate) use fields::words_of_report;
use jingwei_core::access::{self, Post, Principal, Sight};
use jingwei_core::cases::{CaseState, Stage};
use jingwei_core::code::{Level, PlanCode};
use jingwei_core::id::{CaseId, UnitId};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::sealed::Digest;
use jingwei_core::time::Timestamp;
use jingwei_store::cases::{self as store, CaseRow, Filter, ListQuery, Scope};
use uuid::Uuid;
pub use view::*;

use crate::error::{EngineError, Result};
use crate::node::Node;
use crate::projection;
use crate::vault::body_hash;
use crate::writer::{Envelope, Idempotency};

/// What comes with a command beside its body.
#[derive(Debug, Clone)]
pub struct Meta {
    /// Id of the request: correlates everything it caused.
    pub correlation: Uuid,
    /// The sender's key, if one was given.
    pub key: Option<String>,
    /// Hash of what was sent: the same key with another hash is refused.
    pub body_hash: [u8; 32],
    /// The phone.
    pub device: Option<Uuid>,
    /// Time by the phone's clock.
    pub device_at: Option<Timestamp>,
}

/// A list of cases.
#[derive(Debug, Clone, Default)]
pub struct CaseQuery {
    /// Only those with something still to be done, or only those without.
    pub open: Option<bool>,
    /// Only of this stage.
    pub stage: Option<String>,
    /// Only of this class or top class.
    pub class: Option<String>,
    /// Only those that came by this way.
    pub source: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 100.
    pub limit: u32,
}

/// Most cases of a page.
pub const MOST_LISTED: u32 = 100;
/// Most entries of a page of a timeline.
pub const MOST_ENTRIES: u32 = 500;
/// Reports of residents from one address in five minutes.
const RESIDENT_REPORTS: u32 = 20;
/// Look-ups of receipts from one address in five minutes.
const RESIDENT_LOOKS: u32 = 60;
/// Events read for what a reporter sees: of a case that goes round longer the oldest are of no step.
const MOST_FOLLOWED: i64 = 500;
/// Mergers that a receipt is followed through.
const MOST_MERGED: usize = 32;
/// Letters of a receipt: without 0, O, 1, I and L.
const RECEIPT_LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Characters of a receipt: more than 128 bits.
const RECEIPT_LENGTH: usize = 26;

/// The numbers to call first.
pub fn emergency_numbers() -> Vec<EmergencyNumber> {
    [
        ("119", "火警、被困", "fire and rescue"),
        ("120", "急救", "ambulance"),
        ("110", "报警", "police"),
        (
            "96777",
            "成都燃气抢修（各地不同，由部署设置）",
            "gas hot line of Chengdu (differs by place)",
        ),
    ]
    .map(|(number, zh, en)| EmergencyNumber {
        number: number.to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
    })
    .to_vec()
}

pub(crate) fn fault(pointer: &str, code: &'static str, zh: &str, en: &str) -> EngineError {
    Refusal::Invalid(vec![FieldFault::new(pointer, code, zh, en)]).into()
}

impl Node {
    /// Takes a report of a member of staff.
    pub async fn report(&self, by: &Principal, body: &ReportBody, meta: Meta) -> Result<Answer> {
        let case = body.case_id()?;
        let (device, device_at) = body.device()?;
        let key = self.shared.vault.fresh();
        let command = body.command(&self.shared.vault.sealer(case.0, key))?;
        let sender = by.person().map_or(Uuid::nil(), |p| p.0);
        let meta = Meta {
            device: device.or(meta.device),
            device_at: device_at.or(meta.device_at),
            ..meta
        };
        self.send(
            by,
            case,
            None,
            command,
            Some(key),
            sender,
            Some(format!("report {case}")),
            meta,
        )
        .await
    }

    /// Takes a report of a resident without an account.
    pub async fn resident_report(
        &self,
        body: &ResidentReportBody,
        from: std::net::IpAddr,
        meta: Meta,
    ) -> Result<Receipt> {
        self.resident_try("report", from, RESIDENT_REPORTS)?;
        let case = body.case_id()?;
        // The receipt follows from the id and a key of this node: the same report sent again gets the same receipt.
        let receipt = self.receipt_of(case);
        let key = self.shared.vault.fresh();
        let command = body.command(
            hash_of_receipt(&receipt),
            &self.shared.vault.sealer(case.0, key),
        )?;
        // All residents are one sender to the receipts: only the report's own id keeps them apart.
        let meta = Meta { key: None, ..meta };
        let default = Some(format!("report {case}"));
        let answer = self
            .send(
                &Principal::Resident,
                case,
                None,
                command,
                Some(key),
                Uuid::nil(),
                default,
                meta,
            )
            .await?;
        Ok(Receipt {
            id: answer.id,
            receipt,
            sequence: answer.sequence,
            emergency: emergency_numbers(),
        })
    }

    fn receipt_of(&self, case: CaseId) -> String {
        let bytes = self.shared.vault.index("receipt", &case.to_string()).0;
        let letters = RECEIPT_LETTERS.len();
        bytes
            .iter()
            .take(RECEIPT_LENGTH)
            .map(|b| char::from(RECEIPT_LETTERS[usize::from(*b) % letters]))
            .collect()
    }

    /// What a resident sees of their report.
    pub async fn follow(&self, receipt: &str, from: std::net::IpAddr) -> Result<FollowView> {
        self.resident_try("follow", from, RESIDENT_LOOKS)?;
        let receipt = receipt.trim().to_ascii_uppercase();
        if receipt.len() != RECEIPT_LENGTH {
            return Err(Refusal::NotFound.into());
        }
        self.followed(&receipt).await
    }

    /// What is seen with a receipt; counts as no try.
    async fn followed(&self, receipt: &str) -> Result<FollowView> {
        let case = self.of_receipt(receipt).await?;
        let id = case.id.0;
        let kinds = shown::FOLLOWED.map(str::to_owned);
        let newest = self
            .read(move |tx| {
                Ok(jingwei_store::journal::newest_of_kinds(
                    tx,
                    id,
                    &kinds,
                    MOST_FOLLOWED,
                )?)
            })
            .await?;
        shown::follow(&case, &newest, &self.shared.world(), &self.shared.vault)
    }

    /// The case of a receipt: the one in which the report goes on, when it was merged.
    async fn of_receipt(&self, receipt: &str) -> Result<CaseState> {
        let hash = hash_of_receipt(receipt);
        let row = self
            .read(move |tx| Ok(store::by_receipt(tx, &hash.0)?))
            .await?
            .ok_or(Refusal::NotFound)?;
        let mut case = projection::read_state(&row.state, row.lon_e7, row.lat_e7)?;
        // A merger never closes into a ring; the bound is for a chain that nobody would make.
        for _ in 0..MOST_MERGED {
            let Some((into, _)) = case.merged_into else {
                break;
            };
            let row = self
                .read(move |tx| Ok(store::get(tx, into.0)?))
                .await?
                .ok_or(Refusal::NotFound)?;
            case = projection::read_state(&row.state, row.lon_e7, row.lat_e7)?;
        }
        Ok(case)
    }

    /// What a resident does with the receipt: supply what was asked for, remind, judge, ask for it to be done again.
    pub async fn reporter_acts(
        &self,
        receipt: &str,
        act: &ReporterAct,
        from: std::net::IpAddr,
        meta: Meta,
    ) -> Result<FollowView> {
        self.resident_try("act", from, RESIDENT_LOOKS)?;
        let receipt = receipt.trim().to_ascii_uppercase();
        if receipt.len() != RECEIPT_LENGTH {
            return Err(Refusal::NotFound.into());
        }
        let case = self.of_receipt(&receipt).await?;
        let sealer = self
            .shared
            .vault
            .sealer_of(case.id.0)?
            .ok_or(Refusal::NotFound)?;
        let command = act.command(&sealer)?;
        let holder = Principal::Holder(case.id);
        // Whoever holds a receipt is a sender of their own, known by its hash.
        let [sender @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            hash_of_receipt(&receipt).0;
        let sender = Uuid::from_bytes(sender);
        self.send(&holder, case.id, None, command, None, sender, None, meta)
            .await?;
        // The act was the try: what it came to is answered whatever was looked up before.
        self.followed(&receipt).await
    }

    /// Does an act on a case.
    pub async fn act(
        &self,
        by: &Principal,
        case: CaseId,
        body: &ActBody,
        meta: Meta,
    ) -> Result<Answer> {
        // Who may not see the case hears the same as for one that does not exist, before any field is looked at.
        self.seen(by, case).await?;
        let sealer = self
            .shared
            .vault
            .sealer_of(case.0)?
            .ok_or(Refusal::NotFound)?;
        let command = body.command(&sealer)?;
        let sender = by.person().map_or(Uuid::nil(), |p| p.0);
        self.send(by, case, body.version(), command, None, sender, None, meta)
            .await
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of an envelope")]
    async fn send(
        &self,
        by: &Principal,
        case: CaseId,
        expected: Option<u32>,
        command: jingwei_core::cases::CaseCommand,
        key: Option<crate::vault::Key>,
        sender: Uuid,
        default_key: Option<String>,
        meta: Meta,
    ) -> Result<Answer> {
        let idempotency = meta.key.or(default_key).map(|key| Idempotency {
            sender,
            key,
            body_hash: meta.body_hash,
        });
        let received_at = self.now();
        let by = by.clone();
        self.queue
            .command(|reply| Envelope {
                by,
                case,
                expected,
                command,
                key,
                idempotency,
                device: meta.device,
                device_at: meta.device_at,
                received_at,
                correlation: meta.correlation,
                reply,
            })
            .await
    }

    /// The case and how `by` sees it; not found when they do not.
    async fn seen(&self, by: &Principal, id: CaseId) -> Result<(CaseRow, CaseState, Sight)> {
        let row = self
            .read(move |tx| Ok(store::get(tx, id.0)?))
            .await?
            .ok_or(Refusal::NotFound)?;
        let case = projection::read_state(&row.state, row.lon_e7, row.lat_e7)?;
        let sight = access::sight(by, &case).ok_or(Refusal::NotFound)?;
        Ok((row, case, sight))
    }

    /// One case.
    pub async fn case(&self, by: &Principal, id: CaseId) -> Result<CaseView> {
        let (row, case, sight) = self.seen(by, id).await?;
        let world = self.shared.world();
        shown::case(
            &row,
            &case,
            sight,
            by,
            &world,
            &self.shared.vault,
            self.now(),
        )
    }

    /// The cases that `by` may see, newest first.
    pub async fn cases(&self, by: &Principal, query: &CaseQuery) -> Result<CasePage> {
        if !(1..=MOST_LISTED).contains(&query.limit) {
            return Err(fault(
                "?limit",
                "out_of_range",
                "每页 1 至 100 件",
                "a page has 1 to 100 cases",
            ));
        }
        if query
            .stage
            .as_ref()
            .is_some_and(|stage| Stage::parse(stage).is_none())
        {
            return Err(fault(
                "?stage",
                "not_understood",
                "没有这个阶段",
                "there is no such stage",
            ));
        }
        if query
            .source
            .as_ref()
            .is_some_and(|s| jingwei_core::cases::Source::parse(s).is_none())
        {
            return Err(fault(
                "?source",
                "not_understood",
                "没有这个来源",
                "there is no such source",
            ));
        }
        if query
            .class
            .as_ref()
            .is_some_and(|c| jingwei_core::code::ClassCode::parse(c).is_none())
        {
            return Err(fault(
                "?class",
                "not_understood",
                "没有这个类别",
                "there is no such class",
            ));
        }
        let before_seq = before_seq(query.after.as_deref())?;
        let limit = i64::from(query.limit);
        let asked = ListQuery {
            scopes: scopes_of(access::area_posts(by)),
            units: access::own_units(by).map(|unit: UnitId| unit.0).collect(),
            reporter: by.person().map(|p| p.0),
            filter: Filter {
                open: query.open,
                stage: query.stage.clone(),
                class: query.class.clone(),
                centre: None,
                source: query.source.clone(),
            },
            before_seq,
            limit: limit + 1,
        };
        let sequence = self.sequence();
        let mut rows = self.read(move |tx| Ok(store::list(tx, &asked)?)).await?;
        let more = rows.len() > query.limit as usize;
        rows.truncate(query.limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.seq.to_string());
        let world = self.shared.world();
        let items = rows
            .iter()
            .map(|row| {
                let case = projection::read_state(&row.state, row.lon_e7, row.lat_e7)?;
                Ok(shown::summary(row, &case, &world))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(CasePage {
            items,
            next,
            sequence,
        })
    }

    /// What has happened to a case, oldest first, from the version after `after`.
    pub async fn timeline(
        &self,
        by: &Principal,
        id: CaseId,
        after: u32,
        limit: u32,
    ) -> Result<Timeline> {
        if !(1..=MOST_ENTRIES).contains(&limit) {
            return Err(fault(
                "?limit",
                "out_of_range",
                "每页 1 至 500 条",
                "a page has 1 to 500 entries",
            ));
        }
        let (row, case, sight) = self.seen(by, id).await?;
        let wanted = i64::from(limit) + 1;
        let mut rows = self
            .read(move |tx| {
                Ok(jingwei_store::journal::of_aggregate(
                    tx,
                    id.0,
                    i64::from(after),
                    wanted,
                )?)
            })
            .await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let world = self.shared.world();
        let items = rows
            .iter()
            .map(|journal| timeline::entry(journal, &case, sight, &world, &self.shared.vault))
            .collect::<Result<Vec<_>>>()?;
        let next = items.last().filter(|_| more).map(|entry| entry.version);
        Ok(Timeline {
            items,
            next,
            sequence: row.updated_seq.max(self.sequence()),
        })
    }

    /// What a dispatch by plan would do now; without a plan, by the one that the class starts.
    pub async fn proposal(
        &self,
        by: &Principal,
        id: CaseId,
        plan: Option<&str>,
    ) -> Result<ProposalView> {
        let (_, case, _) = self.seen(by, id).await?;
        let world = self.shared.world();
        let table = &world.rules.role_acts;
        access::may(by, access::Act::Dispatch, &case, None, table)?;
        let plan = match plan {
            Some(code) => PlanCode::parse(code).and_then(|code| world.rules.plans.get(&code)),
            None => case
                .classified
                .as_ref()
                .and_then(|c| world.rules.plans.for_class(&c.class))
                .filter(|plan| plan.min_severity <= case.severity),
        }
        .ok_or_else(|| {
            fault(
                "?plan",
                "unknown_plan",
                "没有适用的预案，请手工选单位",
                "no plan fits: choose the units by hand",
            )
        })?;
        let proposal = jingwei_core::cases::propose(&case, plan, &world.directory, self.now());
        Ok(shown::proposal(&proposal, &case, &world))
    }
}

/// The sequence that a cursor of a list stands for: what comes before it is on the next page.
pub(crate) fn before_seq(cursor: Option<&str>) -> Result<Option<i64>> {
    let not_understood = || {
        fault(
            "?after",
            "not_understood",
            "翻页标记不对",
            "the cursor is not one",
        )
    };
    let sequence = |cursor: &str| {
        let sequence = cursor.parse::<i64>().ok().filter(|seq| *seq > 0);
        sequence.ok_or_else(not_understood)
    };
    cursor.map(sequence).transpose()
}

/// Columns and codes of the areas of these posts.
pub(crate) fn scopes_of<'p>(posts: impl Iterator<Item = &'p Post>) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = posts
        .flat_map(|post| &post.codes)
        .map(|code| {
            let level = match code.level() {
                Level::Province => store::Level::Province,
                Level::City => store::Level::City,
                Level::County => store::Level::County,
                Level::Town => store::Level::Town,
                Level::Community | Level::Grid => store::Level::Community,
            };
            Scope {
                level,
                code: code.as_str().to_owned(),
            }
        })
        .collect();
    scopes.sort_by(|a, b| a.code.cmp(&b.code));
    scopes.dedup_by(|a, b| a.code == b.code);
    // A scope inside another adds nothing but work.
    let all = scopes.clone();
    scopes.retain(|scope| {
        !all.iter()
            .any(|other| other.code != scope.code && scope.code.starts_with(&other.code))
    });
    scopes
}

fn hash_of_receipt(receipt: &str) -> Digest {
    Digest(body_hash(&[b"receipt", receipt.as_bytes()]))
}
