//! From what people send to commands: fields checked, words sealed.

use jingwei_core::cases::{CaseCommand, Source, Supervision};
use jingwei_core::code::{ConditionCode, DivisionCode};
use jingwei_core::id::{CaseId, OrderId, UnitId};
use jingwei_core::place::Point;
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::sealed::{Digest, Sealed};
use jingwei_core::time::Timestamp;
use uuid::Uuid;

use super::body::{
    ActBody, ConfirmBody, MOST_LINE, MOST_TEXT, PositionBody, RateBody, ReplaceBody, ReportBody,
    ReporterTextBody, ResidentReportBody, SuperviseBody, SuspendBody, VerifyBody,
};
use super::fields::{Check, ReportParts};
use crate::error::EngineError;
use crate::vault::Sealer;

impl ActBody {
    /// Checks the fields and seals the words.
    pub(crate) fn command(&self, sealer: &Sealer<'_>) -> Result<CaseCommand, EngineError> {
        let mut check = Check::default();
        let command = match self {
            Self::Accept(b) => Some(CaseCommand::Accept(check.classing(
                b.class.as_deref(),
                b.severity.as_deref(),
                b.urgency.as_deref(),
            ))),
            Self::Refuse(b) => check.reason(&b.reason, sealer)?.map(CaseCommand::Refuse),
            Self::ReturnForInfo(b) => check
                .reason(&b.reason, sealer)?
                .map(CaseCommand::ReturnForInfo),
            Self::SupplyInfo(b) => check
                .sealed("/text", &b.text, MOST_TEXT, sealer)?
                .map(CaseCommand::SupplyInfo),
            Self::Confirm(b) => confirm(&mut check, b, sealer)?,
            Self::Relay(b) => check
                .id("/unit", &b.unit)
                .map(|unit| CaseCommand::Relay(UnitId(unit))),
            Self::SetClass(b) => Some(CaseCommand::SetClass(check.classing(
                b.class.as_deref(),
                b.severity.as_deref(),
                b.urgency.as_deref(),
            ))),
            Self::SolveOnSpot(b) => check
                .sealed("/result", &b.result, MOST_TEXT, sealer)?
                .map(CaseCommand::SolveOnSpot),
            Self::File(b) => Some(CaseCommand::File(check.word(
                "/condition",
                b.condition.as_deref(),
                ConditionCode::parse,
                "CG01-1 …",
            ))),
            Self::Close(_) => Some(CaseCommand::Close),
            Self::Dispatch(b) => check.dispatch(b),
            Self::AddUnit(b) => {
                let order = check.order("", &b.unit, &b.part);
                order
                    .zip(check.reason(&b.reason, sealer)?)
                    .map(|(order, reason)| CaseCommand::AddUnit { order, reason })
            }
            Self::Verify(b) => verify(&mut check, b, sealer)?,
            Self::CallBack(b) => {
                let satisfaction = check.satisfaction(b.satisfaction.as_deref());
                Some(CaseCommand::CallBack {
                    reached: b.reached,
                    solved: b.solved,
                    satisfaction,
                    note: check.note(b.note.as_ref(), sealer)?,
                })
            }
            Self::Remind(b) => {
                let order = b
                    .order
                    .as_ref()
                    .and_then(|id| check.id("/order", id))
                    .map(OrderId);
                Some(CaseCommand::Remind(order))
            }
            Self::PassUp(b) => check.reason(&b.reason, sealer)?.map(CaseCommand::PassUp),
            Self::PassDown(b) => {
                let to = check.word(
                    "/to",
                    Some(&b.to),
                    DivisionCode::parse,
                    "下级中心的行政区划代码 / the code of a centre below",
                );
                let limit = check.limit("/limit", &b.limit);
                to.zip(limit)
                    .zip(check.reason(&b.reason, sealer)?)
                    .map(|((to, limit), reason)| CaseCommand::PassDown { to, limit, reason })
            }
            Self::Merge(b) => {
                let into = check.id("/into", &b.into).map(CaseId);
                into.zip(check.reason(&b.reason, sealer)?)
                    .map(|(into, reason)| CaseCommand::Merge { into, reason })
            }
            Self::Unmerge(b) => check.reason(&b.reason, sealer)?.map(CaseCommand::Unmerge),
            Self::MarkUrgent(b) => check
                .reason(&b.reason, sealer)?
                .map(CaseCommand::MarkUrgent),
            Self::MarkConfidential(b) => check
                .reason(&b.reason, sealer)?
                .map(CaseCommand::MarkConfidential),
            Self::Reopen(b) => check.reason(&b.reason, sealer)?.map(CaseCommand::Reopen),
            Self::RequestVoid(b) => check
                .reason(&b.reason, sealer)?
                .map(CaseCommand::RequestVoid),
            Self::Void(b) => check
                .reason(&b.reason, sealer)?
                .map(|reason| CaseCommand::Void {
                    granted: b.granted.unwrap_or(true),
                    reason,
                }),
            Self::Suspend(b) => suspend(&mut check, b, sealer)?,
            Self::Resume(b) => check.reason(&b.reason, sealer)?.map(CaseCommand::Resume),
            Self::Supervise(b) => supervise(&mut check, Supervision::Normal, b, sealer)?,
            Self::YellowCard(b) => supervise(&mut check, Supervision::YellowCard, b, sealer)?,
            Self::RedCard(b) => supervise(&mut check, Supervision::RedCard, b, sealer)?,
            Self::Instruct(b) => check
                .sealed("/text", &b.text, MOST_TEXT, sealer)?
                .map(CaseCommand::Instruct),
            _ => self.of_order(&mut check, sealer)?,
        };
        check.finish(command)
    }

    /// The acts on one order.
    fn of_order(
        &self,
        check: &mut Check,
        sealer: &Sealer<'_>,
    ) -> Result<Option<CaseCommand>, EngineError> {
        Ok(match self {
            Self::Acknowledge(order, _) => Some(CaseCommand::Acknowledge(OrderId(*order))),
            Self::AcknowledgeFor(order, b) => {
                let told_at = check.instant("/told_at", &b.told_at);
                let whom = check.sealed("/whom", &b.whom, MOST_LINE, sealer)?;
                let reason = check.reason(&b.reason, sealer)?;
                told_at
                    .zip(whom)
                    .zip(reason)
                    .map(|((told_at, whom), reason)| CaseCommand::AcknowledgeFor {
                        order: OrderId(*order),
                        told_at,
                        whom,
                        reason,
                    })
            }
            Self::Arrive(order, b) => Some(CaseCommand::Arrive {
                order: OrderId(*order),
                at: spot(check, b.position.as_ref()),
            }),
            Self::Handle(order, b) => {
                check
                    .sealed("/note", &b.note, MOST_TEXT, sealer)?
                    .map(|note| CaseCommand::Handle {
                        order: OrderId(*order),
                        note,
                    })
            }
            Self::FeedBack(order, b) => {
                check
                    .sealed("/result", &b.result, MOST_TEXT, sealer)?
                    .map(|result| CaseCommand::FeedBack {
                        order: OrderId(*order),
                        result,
                    })
            }
            Self::ObjectOrder(order, b) => {
                check
                    .reason(&b.reason, sealer)?
                    .map(|reason| CaseCommand::ObjectOrder {
                        order: OrderId(*order),
                        reason,
                    })
            }
            Self::DecideObjection(order, b) => {
                let unit = b
                    .unit
                    .as_ref()
                    .and_then(|id| check.id("/unit", id))
                    .map(UnitId);
                check
                    .reason(&b.reason, sealer)?
                    .map(|reason| CaseCommand::DecideObjection {
                        order: OrderId(*order),
                        upheld: b.upheld,
                        unit,
                        reason,
                    })
            }
            Self::RequestExtension(order, b) => {
                let limit = check.limit("/limit", &b.limit);
                limit
                    .zip(check.reason(&b.reason, sealer)?)
                    .map(|(limit, reason)| CaseCommand::RequestExtension {
                        order: OrderId(*order),
                        limit,
                        reason,
                    })
            }
            Self::DecideExtension(order, b) => {
                let limit = b.limit.as_ref().and_then(|l| check.limit("/limit", l));
                check
                    .reason(&b.reason, sealer)?
                    .map(|reason| CaseCommand::DecideExtension {
                        order: OrderId(*order),
                        granted: b.granted,
                        limit,
                        reason,
                    })
            }
            Self::RequestSuspend(order, b) => {
                let limit = check.limit("/limit", &b.limit);
                limit
                    .zip(check.reason(&b.reason, sealer)?)
                    .map(|(limit, reason)| CaseCommand::RequestSuspend {
                        order: OrderId(*order),
                        limit,
                        reason,
                    })
            }
            Self::WithdrawOrder(order, b) => {
                check
                    .reason(&b.reason, sealer)?
                    .map(|reason| CaseCommand::WithdrawOrder {
                        order: OrderId(*order),
                        reason,
                    })
            }
            Self::Redispatch(order, b) => {
                replacing(check, b, sealer)?.map(|(unit, reason)| CaseCommand::Redispatch {
                    order: OrderId(*order),
                    unit,
                    reason,
                })
            }
            Self::Designate(order, b) => {
                replacing(check, b, sealer)?.map(|(unit, reason)| CaseCommand::Designate {
                    order: OrderId(*order),
                    unit,
                    reason,
                })
            }
            // Read before they come here.
            _ => None,
        })
    }
}

/// Where somebody is: only the distance is kept.
fn spot(check: &mut Check, position: Option<&PositionBody>) -> Option<Point> {
    position
        .and_then(|position| check.position(position))
        .map(|position| position.point)
}

fn confirm(
    check: &mut Check,
    body: &ConfirmBody,
    sealer: &Sealer<'_>,
) -> Result<Option<CaseCommand>, EngineError> {
    if !body.found && body.note.is_none() {
        check.fault(
            "/note",
            "required",
            "与来报不符要写明看到了什么",
            "say what was found when it is not as reported",
        );
    }
    let at = spot(check, body.position.as_ref());
    Ok(Some(CaseCommand::Confirm {
        found: body.found,
        note: check.note(body.note.as_ref(), sealer)?,
        at,
    }))
}

fn verify(
    check: &mut Check,
    body: &VerifyBody,
    sealer: &Sealer<'_>,
) -> Result<Option<CaseCommand>, EngineError> {
    if !body.passed && body.note.is_none() {
        check.fault(
            "/note",
            "required",
            "核查不通过要写明发现了什么",
            "say what was found when it is not done",
        );
    }
    let note = check.note(body.note.as_ref(), sealer)?;
    let orders = check.orders_again(body.orders.as_deref());
    Ok(Some(CaseCommand::Verify {
        passed: body.passed,
        note,
        orders,
    }))
}

fn suspend(
    check: &mut Check,
    body: &SuspendBody,
    sealer: &Sealer<'_>,
) -> Result<Option<CaseCommand>, EngineError> {
    let order = body
        .order
        .as_ref()
        .and_then(|id| check.id("/order", id))
        .map(OrderId);
    let limit = body.limit.as_ref().and_then(|l| check.limit("/limit", l));
    let reason = check.reason(&body.reason, sealer)?;
    Ok(reason.map(|reason| CaseCommand::Suspend {
        order,
        granted: body.granted.unwrap_or(true),
        limit,
        reason,
    }))
}

fn supervise(
    check: &mut Check,
    level: Supervision,
    body: &SuperviseBody,
    sealer: &Sealer<'_>,
) -> Result<Option<CaseCommand>, EngineError> {
    let order = body
        .order
        .as_ref()
        .and_then(|id| check.id("/order", id))
        .map(OrderId);
    let reason = check.reason(&body.reason, sealer)?;
    Ok(reason.map(|reason| CaseCommand::Supervise {
        level,
        order,
        reason,
    }))
}

fn replacing(
    check: &mut Check,
    body: &ReplaceBody,
    sealer: &Sealer<'_>,
) -> Result<Option<(UnitId, Sealed<String>)>, EngineError> {
    let unit = check.id("/unit", &body.unit).map(UnitId);
    Ok(unit.zip(check.reason(&body.reason, sealer)?))
}

/// What a reporter does with the receipt.
#[derive(Debug, Clone)]
pub enum ReporterAct {
    /// 补充材料
    SupplyInfo(ReporterTextBody),
    /// 催办
    Remind,
    /// 评价
    Rate(RateBody),
    /// 重办
    Reopen(ReporterTextBody),
}

impl ReporterAct {
    pub(crate) fn command(&self, sealer: &Sealer<'_>) -> Result<CaseCommand, EngineError> {
        let mut check = Check::default();
        let command = match self {
            Self::SupplyInfo(b) => check
                .sealed("/text", &b.text, MOST_LINE, sealer)?
                .map(CaseCommand::SupplyInfo),
            Self::Remind => Some(CaseCommand::Remind(None)),
            Self::Rate(b) => {
                let satisfaction = check.satisfaction(Some(&b.satisfaction));
                let note = check.note(b.note.as_ref(), sealer)?;
                satisfaction.map(|satisfaction| CaseCommand::Rate {
                    solved: b.solved,
                    satisfaction,
                    note,
                })
            }
            Self::Reopen(b) => check
                .sealed("/text", &b.text, MOST_LINE, sealer)?
                .map(CaseCommand::Reopen),
        };
        check.finish(command)
    }
}

impl ReportBody {
    /// The id, if it is one.
    pub(crate) fn case_id(&self) -> Result<CaseId, Refusal> {
        new_case_id(&self.id)
    }

    /// Id and time of the device, as far as said.
    pub(crate) fn device(&self) -> Result<(Option<Uuid>, Option<Timestamp>), EngineError> {
        let mut check = Check::default();
        let device = self.device.as_ref().and_then(|id| check.id("/device", id));
        let at = self
            .device_at
            .as_ref()
            .and_then(|at| check.instant("/device_at", at));
        check.finish(Some((device, at)))
    }

    pub(crate) fn command(&self, sealer: &Sealer<'_>) -> Result<CaseCommand, EngineError> {
        let mut check = Check::default();
        let source = match Source::parse(&self.source) {
            Some(source @ (Source::Phone | Source::Desk)) => source,
            _ => {
                check.fault(
                    "/source",
                    "not_understood",
                    "来源应为 phone 或 desk",
                    "source is phone or desk",
                );
                Source::Desk
            }
        };
        let contact = self
            .reporter
            .as_ref()
            .map(|c| (c.name.as_deref(), c.phone.as_deref(), "/reporter"));
        let classing = check.classing(
            self.class.as_deref(),
            self.severity.as_deref(),
            self.urgency.as_deref(),
        );
        let parts = ReportParts {
            division: &self.division,
            position: self.position.as_ref(),
            address: self.address.as_deref(),
            description: &self.description,
            contact,
            solved: self.solved.as_deref(),
        };
        check.report(source, classing, &parts, None, sealer)
    }
}

impl ResidentReportBody {
    /// The id, if it is one.
    pub(crate) fn case_id(&self) -> Result<CaseId, Refusal> {
        new_case_id(&self.id)
    }

    pub(crate) fn command(
        &self,
        receipt: Digest,
        sealer: &Sealer<'_>,
    ) -> Result<CaseCommand, EngineError> {
        let mut check = Check::default();
        let contact = (self.name.is_some() || self.phone.is_some()).then_some((
            self.name.as_deref(),
            self.phone.as_deref(),
            "",
        ));
        let classing = check.classing(self.class.as_deref(), None, None);
        let parts = ReportParts {
            division: &self.division,
            position: self.position.as_ref(),
            address: self.address.as_deref(),
            description: &self.description,
            contact,
            solved: None,
        };
        check.report(Source::Resident, classing, &parts, Some(receipt), sealer)
    }
}

fn new_case_id(text: &str) -> Result<CaseId, Refusal> {
    match Uuid::parse_str(text) {
        Ok(id) if id.get_version_num() == 7 => Ok(CaseId(id)),
        _ => Err(Refusal::Invalid(vec![FieldFault::new(
            "/id",
            "not_understood",
            "id 应为发送方生成的 UUIDv7",
            "id is a UUIDv7 made by the sender",
        )])),
    }
}
