//! What people send about cases, checked field by field. Every fault is named at once, with its pointer, in both languages.

use jingwei_core::cases::{CaseCommand, Classing, Contact, NewOrder, Part, Report, Source, Words};
use jingwei_core::code::{ClassCode, DivisionCode, PlanCode};
use jingwei_core::id::{CaseId, OrderId, UnitId};
use jingwei_core::place::{Datum, Point, Position};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::{Severity, Urgency};
use jingwei_core::sealed::Digest;
use jingwei_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::vault::Sealer;

/// Most characters of a description, a result or a supplement.
pub const MOST_TEXT: usize = 2_000;
/// Most characters of an address or a reason.
pub const MOST_LINE: usize = 200;
/// Most characters of a name.
pub const MOST_NAME: usize = 40;
/// Most orders of one dispatch.
pub const MOST_ORDERS: usize = 50;

/// A position as sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionBody {
    /// Longitude in degrees, -180 to 180.
    #[schema(minimum = -180, maximum = 180)]
    pub lon: f64,
    /// Latitude in degrees, -90 to 90.
    #[schema(minimum = -90, maximum = 90)]
    pub lat: f64,
    /// Radius in metres within which the reporter probably is, 0 to 100,000.
    #[schema(minimum = 0, maximum = 100_000)]
    pub accuracy_m: Option<f64>,
    /// `WGS84` (when nothing is said) or `CGCS2000`.
    pub datum: Option<String>,
}

/// Who reported by telephone, or a resident who wants to be called back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// Name, at most 40 characters.
    #[schema(max_length = 40)]
    pub name: Option<String>,
    /// Phone: 3 to 20 digits.
    #[schema(max_length = 30)]
    pub phone: Option<String>,
}

/// A report by a member of staff.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// Id of the case: a UUIDv7 made by the sender.
    #[schema(format = "uuid")]
    pub id: String,
    /// `phone` or `desk`.
    pub source: String,
    /// Class or type; may be left to the centre.
    pub class: Option<String>,
    /// `ordinary`, `larger`, `major`, `extraordinary`; the class's own when not said.
    pub severity: Option<String>,
    /// `low`, `medium`, `high`; the class's own when not said.
    pub urgency: Option<String>,
    /// Code of the town or community where the thing is.
    pub division: String,
    /// Where exactly.
    pub position: Option<PositionBody>,
    /// Where in words, at most 200 characters.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// What was seen, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub description: String,
    /// Who called, when somebody else reports through the sender.
    pub reporter: Option<ContactBody>,
    /// Id of the phone.
    #[schema(format = "uuid")]
    pub device: Option<String>,
    /// Time by the phone's clock.
    #[schema(format = "date-time")]
    pub device_at: Option<String>,
}

/// A report by a resident without an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentReportBody {
    /// Id of the case: a UUIDv7 made by the sender.
    #[schema(format = "uuid")]
    pub id: String,
    /// Class or type; may be left to the centre.
    pub class: Option<String>,
    /// Code of the town or community where the thing is.
    pub division: String,
    /// Where exactly.
    pub position: Option<PositionBody>,
    /// Where in words, at most 200 characters.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// What was seen, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub description: String,
    /// Name, when the resident wants to be called back.
    #[schema(max_length = 40)]
    pub name: Option<String>,
    /// Phone, when the resident wants to be called back.
    #[schema(max_length = 30)]
    pub phone: Option<String>,
}

/// 受理
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Class or type, when the report has none or a wrong one.
    pub class: Option<String>,
    /// Severity, when it is another.
    pub severity: Option<String>,
    /// Urgency, when it is another.
    pub urgency: Option<String>,
}

/// An act that needs no more than itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlainBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
}

/// An act that needs a reason: refuse, void, return for information.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 补充材料
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplyBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// What is added, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// One unit of a dispatch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBody {
    /// Id of the unit.
    #[schema(format = "uuid")]
    pub unit: String,
    /// `lead`, `assist` or `cc`; exactly one leads.
    pub part: String,
}

/// 派遣: by a plan, or to chosen units (then `plan` says whose limits apply).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispatchBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// The plan.
    pub plan: Option<String>,
    /// The units; left out: those the plan proposes now.
    #[schema(max_items = 50)]
    pub orders: Option<Vec<OrderBody>>,
}

/// 加派
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddUnitBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Id of the unit.
    #[schema(format = "uuid")]
    pub unit: String,
    /// `assist` or `cc`.
    pub part: String,
    /// Why, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 代签收: told by telephone
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeForBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// When the unit was told, between the sending and now.
    #[schema(format = "date-time")]
    pub told_at: String,
    /// Who was told, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub whom: String,
    /// Why the unit did not acknowledge itself, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// 到场
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArriveBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Where the unit is; only the distance to the case is kept.
    pub position: Option<PositionBody>,
}

/// 反馈结果
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedBackBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// The result, 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub result: String,
}

/// 核查
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// Whether it is done.
    pub passed: bool,
    /// What was found, at most 200 characters; needed when it is not done.
    #[schema(max_length = 200)]
    pub note: Option<String>,
    /// Orders to be worked on again when it is not done; left out: all that were handed in.
    #[schema(max_items = 50)]
    pub orders: Option<Vec<String>>,
}

/// 催办
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemindBody {
    /// Refused when the case has another version by now.
    pub version: Option<u32>,
    /// One order; left out: all that are waited for.
    #[schema(format = "uuid")]
    pub order: Option<String>,
}

/// An act with its body.
#[derive(Debug, Clone)]
pub enum ActBody {
    /// 受理
    Accept(AcceptBody),
    /// 不予受理
    Refuse(ReasonBody),
    /// 退回补充
    ReturnForInfo(ReasonBody),
    /// 补充材料
    SupplyInfo(SupplyBody),
    /// 立案
    File(PlainBody),
    /// 派遣
    Dispatch(DispatchBody),
    /// 加派
    AddUnit(AddUnitBody),
    /// 签收
    Acknowledge(Uuid, PlainBody),
    /// 代签收
    AcknowledgeFor(Uuid, AcknowledgeForBody),
    /// 到场
    Arrive(Uuid, ArriveBody),
    /// 反馈结果
    FeedBack(Uuid, FeedBackBody),
    /// 核查
    Verify(VerifyBody),
    /// 结案
    Close(PlainBody),
    /// 作废
    Void(ReasonBody),
    /// 催办
    Remind(RemindBody),
}

impl ActBody {
    /// The version the sender saw.
    pub fn version(&self) -> Option<u32> {
        match self {
            Self::Accept(b) => b.version,
            Self::Refuse(b) | Self::ReturnForInfo(b) | Self::Void(b) => b.version,
            Self::SupplyInfo(b) => b.version,
            Self::File(b) | Self::Close(b) | Self::Acknowledge(_, b) => b.version,
            Self::Dispatch(b) => b.version,
            Self::AddUnit(b) => b.version,
            Self::AcknowledgeFor(_, b) => b.version,
            Self::Arrive(_, b) => b.version,
            Self::FeedBack(_, b) => b.version,
            Self::Verify(b) => b.version,
            Self::Remind(b) => b.version,
        }
    }

    /// Checks the fields and seals the words.
    pub(crate) fn command(&self, sealer: &Sealer<'_>) -> Result<CaseCommand, crate::EngineError> {
        let mut check = Check::default();
        let command = match self {
            Self::Accept(b) => Some(CaseCommand::Accept(check.classing(
                b.class.as_deref(),
                b.severity.as_deref(),
                b.urgency.as_deref(),
            ))),
            Self::Refuse(b) => check
                .line("/reason", &b.reason)
                .map(|t| sealer.seal(&t))
                .transpose()?
                .map(CaseCommand::Refuse),
            Self::ReturnForInfo(b) => check
                .line("/reason", &b.reason)
                .map(|t| sealer.seal(&t))
                .transpose()?
                .map(CaseCommand::ReturnForInfo),
            Self::Void(b) => check
                .line("/reason", &b.reason)
                .map(|t| sealer.seal(&t))
                .transpose()?
                .map(CaseCommand::Void),
            Self::SupplyInfo(b) => check
                .text("/text", &b.text, MOST_TEXT)
                .map(|t| sealer.seal(&t))
                .transpose()?
                .map(CaseCommand::SupplyInfo),
            Self::File(_) => Some(CaseCommand::File),
            Self::Close(_) => Some(CaseCommand::Close),
            Self::Dispatch(b) => check.dispatch(b),
            Self::AddUnit(b) => {
                let order = check.order("", &b.unit, &b.part);
                let reason = check
                    .line("/reason", &b.reason)
                    .map(|t| sealer.seal(&t))
                    .transpose()?;
                order
                    .zip(reason)
                    .map(|(order, reason)| CaseCommand::AddUnit { order, reason })
            }
            Self::Acknowledge(order, _) => Some(CaseCommand::Acknowledge(OrderId(*order))),
            Self::AcknowledgeFor(order, b) => {
                let told_at = check.instant("/told_at", &b.told_at);
                let whom = check
                    .line("/whom", &b.whom)
                    .map(|t| sealer.seal(&t))
                    .transpose()?;
                let reason = check
                    .line("/reason", &b.reason)
                    .map(|t| sealer.seal(&t))
                    .transpose()?;
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
            Self::Arrive(order, b) => {
                let at = b
                    .position
                    .as_ref()
                    .and_then(|p| check.position(p))
                    .map(|p| p.point);
                Some(CaseCommand::Arrive {
                    order: OrderId(*order),
                    at,
                })
            }
            Self::FeedBack(order, b) => check
                .text("/result", &b.result, MOST_TEXT)
                .map(|t| sealer.seal(&t))
                .transpose()?
                .map(|result| CaseCommand::FeedBack {
                    order: OrderId(*order),
                    result,
                }),
            Self::Verify(b) => {
                let note = b.note.as_ref().and_then(|n| check.line("/note", n));
                if !b.passed && b.note.is_none() {
                    check.fault(
                        "/note",
                        "required",
                        "核查不通过要写明发现了什么",
                        "say what was found when it is not done",
                    );
                }
                let orders = check.orders_again(b.orders.as_deref());
                let note = note.map(|t| sealer.seal(&t)).transpose()?;
                Some(CaseCommand::Verify {
                    passed: b.passed,
                    note,
                    orders,
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
    pub(crate) fn device(&self) -> Result<(Option<Uuid>, Option<Timestamp>), crate::EngineError> {
        let mut check = Check::default();
        let device = self.device.as_ref().and_then(|id| check.id("/device", id));
        let at = self
            .device_at
            .as_ref()
            .and_then(|at| check.instant("/device_at", at));
        check.finish(Some((device, at)))
    }

    pub(crate) fn command(&self, sealer: &Sealer<'_>) -> Result<CaseCommand, crate::EngineError> {
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
    ) -> Result<CaseCommand, crate::EngineError> {
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

struct ReportParts<'a> {
    division: &'a str,
    position: Option<&'a PositionBody>,
    address: Option<&'a str>,
    description: &'a str,
    contact: Option<(Option<&'a str>, Option<&'a str>, &'a str)>,
}

/// Collects faults.
#[derive(Default)]
pub(crate) struct Check(Vec<FieldFault>);

impl Check {
    pub(crate) fn fault(
        &mut self,
        pointer: &str,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.0.push(FieldFault::new(pointer, code, zh, en));
    }

    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, crate::EngineError> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Refusal::Invalid(self.0).into()),
        }
    }

    pub(crate) fn text(&mut self, pointer: &str, text: &str, most: usize) -> Option<String> {
        let text = text.trim();
        let count = text.chars().count();
        if count == 0 {
            self.fault(pointer, "required", "不能为空", "must not be empty");
        } else if count > most {
            self.fault(
                pointer,
                "too_long",
                format!("最多 {most} 字，现有 {count} 字"),
                format!("at most {most} characters; there are {count}"),
            );
        } else if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.fault(
                pointer,
                "control_character",
                "含有不可见的控制字符",
                "holds a control character",
            );
        } else {
            return Some(text.to_owned());
        }
        None
    }

    pub(crate) fn line(&mut self, pointer: &str, text: &str) -> Option<String> {
        self.text(pointer, text, MOST_LINE)
    }

    pub(crate) fn word<T>(
        &mut self,
        pointer: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Option<T>,
        all: &str,
    ) -> Option<T> {
        let text = text?;
        let value = parse(text);
        if value.is_none() {
            self.fault(
                pointer,
                "not_understood",
                format!("看不懂，应为 {all}"),
                format!("not understood: {all}"),
            );
        }
        value
    }

    fn classing(
        &mut self,
        class: Option<&str>,
        severity: Option<&str>,
        urgency: Option<&str>,
    ) -> Classing {
        Classing {
            class: self.word(
                "/class",
                class,
                ClassCode::parse,
                "两位字母或再加两位数字 / two letters and, for a type, two digits",
            ),
            severity: self.word(
                "/severity",
                severity,
                Severity::parse,
                "ordinary, larger, major, extraordinary",
            ),
            urgency: self.word("/urgency", urgency, Urgency::parse, "low, medium, high"),
        }
    }

    pub(crate) fn id(&mut self, pointer: &str, text: &str) -> Option<Uuid> {
        self.word(
            pointer,
            Some(text),
            |text| Uuid::parse_str(text).ok(),
            "UUID",
        )
    }

    pub(crate) fn instant(&mut self, pointer: &str, text: &str) -> Option<Timestamp> {
        self.word(
            pointer,
            Some(text),
            Timestamp::parse,
            "RFC 3339, 2026-11-20T10:01:20+08:00",
        )
    }

    pub(crate) fn position(&mut self, body: &PositionBody) -> Option<Position> {
        let point = Point::from_degrees(body.lon, body.lat);
        if point.is_none() {
            self.fault(
                "/position",
                "out_of_range",
                "经度 -180 至 180，纬度 -90 至 90",
                "longitude -180 to 180, latitude -90 to 90",
            );
        }
        let accuracy_m = match body.accuracy_m {
            None => Some(None),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range is checked"
            )]
            Some(m) if (0.0..=100_000.0).contains(&m) => Some(Some(m.round() as u32)),
            Some(_) => {
                self.fault(
                    "/position/accuracy_m",
                    "out_of_range",
                    "精度 0 至 100000 米",
                    "accuracy is 0 to 100,000 m",
                );
                None
            }
        };
        let datum = match body.datum.as_deref() {
            None => Some(Datum::Wgs84),
            Some(text) => self.word(
                "/position/datum",
                Some(text),
                Datum::parse,
                "WGS84, CGCS2000（GCJ-02 与 BD-09 请先换算 / convert GCJ-02 and BD-09 first）",
            ),
        };
        Some(Position {
            point: point?,
            accuracy_m: accuracy_m?,
            datum: datum?,
        })
    }

    fn order(&mut self, at: &str, unit: &str, part: &str) -> Option<NewOrder> {
        let unit = self.id(&format!("{at}/unit"), unit);
        let part = self.word(
            &format!("{at}/part"),
            Some(part),
            Part::parse,
            "lead, assist, cc",
        );
        Some(NewOrder {
            unit: UnitId(unit?),
            part: part?,
        })
    }

    fn dispatch(&mut self, body: &DispatchBody) -> Option<CaseCommand> {
        let plan = self.word("/plan", body.plan.as_deref(), PlanCode::parse, "P_GAS …");
        match (&body.orders, body.plan.is_some()) {
            (None, false) => {
                self.fault(
                    "/plan",
                    "required",
                    "请给出预案，或逐个列出单位（orders）",
                    "name a plan, or list the units (orders)",
                );
                None
            }
            (None, true) => plan.map(CaseCommand::DispatchByPlan),
            (Some(orders), _) if orders.len() > MOST_ORDERS => {
                self.fault(
                    "/orders",
                    "too_many",
                    format!("一次最多 {MOST_ORDERS} 个单位"),
                    format!("at most {MOST_ORDERS} units at once"),
                );
                None
            }
            (Some(orders), _) => {
                let read = orders
                    .iter()
                    .enumerate()
                    .map(|(i, order)| self.order(&format!("/orders/{i}"), &order.unit, &order.part))
                    .collect::<Vec<_>>();
                let orders = read.into_iter().collect::<Option<Vec<_>>>()?;
                Some(CaseCommand::Dispatch { plan, orders })
            }
        }
    }

    fn orders_again(&mut self, orders: Option<&[String]>) -> Vec<OrderId> {
        let orders = orders.unwrap_or_default();
        if orders.len() > MOST_ORDERS {
            self.fault(
                "/orders",
                "too_many",
                format!("一次最多 {MOST_ORDERS} 张派单"),
                format!("at most {MOST_ORDERS} orders"),
            );
            return Vec::new();
        }
        orders
            .iter()
            .enumerate()
            .filter_map(|(i, id)| self.id(&format!("/orders/{i}"), id))
            .map(OrderId)
            .collect()
    }

    fn report(
        mut self,
        source: Source,
        classing: Classing,
        parts: &ReportParts<'_>,
        receipt: Option<Digest>,
        sealer: &Sealer<'_>,
    ) -> Result<CaseCommand, crate::EngineError> {
        let place = self.word(
            "/division",
            Some(parts.division),
            DivisionCode::parse,
            "行政区划代码 9 或 12 位 / a division code of 9 or 12 digits",
        );
        let position = parts.position.and_then(|p| self.position(p));
        let address = parts.address.and_then(|a| self.line("/address", a));
        let description = self.text("/description", parts.description, MOST_TEXT);
        let contact = parts.contact.map(|(name, phone, at)| Contact {
            name: name.and_then(|n| self.text(&format!("{at}/name"), n, MOST_NAME)),
            phone: phone.and_then(|p| {
                self.word(
                    &format!("{at}/phone"),
                    Some(p),
                    |p| jingwei_core::directory::is_phone(p).then(|| p.to_owned()),
                    "3–20 位数字 / 3 to 20 digits",
                )
            }),
        });
        let Some((place, description)) = place.zip(description).filter(|_| self.0.is_empty())
        else {
            return Err(Refusal::Invalid(self.0).into());
        };
        let position = match position {
            Some(position) => Some((sealer.seal(&position)?, position.point)),
            None => None,
        };
        Ok(CaseCommand::Report(Box::new(Report {
            source,
            classing,
            place,
            words: sealer.seal(&Words {
                description,
                address,
            })?,
            contact: contact.map(|contact| sealer.seal(&contact)).transpose()?,
            position,
            receipt,
        })))
    }
}
