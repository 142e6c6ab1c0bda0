//! What people send about cases, checked field by field. Every fault is named at once, with its pointer, in both languages.

use jingwei_core::cases::{
    CaseCommand, Classing, Contact, NewOrder, Part, Report, Satisfaction, Source, Words,
};
use jingwei_core::code::{ClassCode, DivisionCode, PlanCode};
use jingwei_core::id::{OrderId, UnitId};
use jingwei_core::place::{Datum, Point, Position};
use jingwei_core::refusal::{FieldFault, Refusal};
use jingwei_core::rules::{Severity, Urgency};
use jingwei_core::sealed::{Digest, Sealed};
use jingwei_core::time::{Limit, Timestamp};
use uuid::Uuid;

use super::body::{DispatchBody, MOST_LINE, MOST_NAME, MOST_ORDERS, MOST_TEXT, PositionBody};
use crate::vault::Sealer;

/// The parts of a report, by staff or by a resident.
pub(super) struct ReportParts<'a> {
    pub(super) division: &'a str,
    pub(super) position: Option<&'a PositionBody>,
    pub(super) address: Option<&'a str>,
    pub(super) description: &'a str,
    /// Name, phone, and where in the body they stand.
    pub(super) contact: Option<(Option<&'a str>, Option<&'a str>, &'a str)>,
    pub(super) solved: Option<&'a str>,
}

/// The words of a report, trimmed.
///
/// Errors: refused when there are none, too many, or control characters among them.
pub(crate) fn words_of_report(pointer: &str, text: &str) -> Result<String, crate::EngineError> {
    let mut check = Check::default();
    let words = check.text(pointer, text, MOST_TEXT);
    check.finish(words)
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

    /// Words of at most `most` characters, sealed.
    pub(super) fn sealed(
        &mut self,
        pointer: &str,
        text: &str,
        most: usize,
        sealer: &Sealer<'_>,
    ) -> Result<Option<Sealed<String>>, crate::EngineError> {
        self.text(pointer, text, most)
            .map(|text| sealer.seal(&text))
            .transpose()
    }

    /// A reason, sealed.
    pub(super) fn reason(
        &mut self,
        text: &str,
        sealer: &Sealer<'_>,
    ) -> Result<Option<Sealed<String>>, crate::EngineError> {
        self.sealed("/reason", text, MOST_LINE, sealer)
    }

    /// A note that may be left out, sealed.
    pub(super) fn note(
        &mut self,
        text: Option<&String>,
        sealer: &Sealer<'_>,
    ) -> Result<Option<Sealed<String>>, crate::EngineError> {
        text.and_then(|text| self.line("/note", text))
            .map(|text| sealer.seal(&text))
            .transpose()
    }

    /// A limit: a number and a unit.
    pub(super) fn limit(&mut self, pointer: &str, text: &str) -> Option<Limit> {
        match Limit::parse(text) {
            Ok(limit) => Some(limit),
            Err((zh, en)) => {
                self.fault(pointer, "not_understood", zh, en);
                None
            }
        }
    }

    /// How satisfied.
    pub(super) fn satisfaction(&mut self, text: Option<&str>) -> Option<Satisfaction> {
        self.word(
            "/satisfaction",
            text,
            Satisfaction::parse,
            "satisfied, basic, dissatisfied",
        )
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

    pub(super) fn classing(
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
                "WGS84, CGCS2000, GCJ-02, BD-09",
            ),
        };
        // Converted here, once: inside everything is WGS84.
        let point = Point::from_datum(body.lon, body.lat, datum.unwrap_or(Datum::Wgs84));
        if point.is_none() {
            self.fault(
                "/position",
                "out_of_range",
                "经度 -180 至 180，纬度 -90 至 90",
                "longitude -180 to 180, latitude -90 to 90",
            );
        }
        Some(Position {
            point: point?,
            accuracy_m: accuracy_m?,
            datum: datum?,
        })
    }

    pub(super) fn order(&mut self, at: &str, unit: &str, part: &str) -> Option<NewOrder> {
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

    pub(super) fn dispatch(&mut self, body: &DispatchBody) -> Option<CaseCommand> {
        let plan = self.word("/plan", body.plan.as_deref(), PlanCode::parse, "P_GAS …");
        let under = match &body.under {
            None => None,
            Some(id) => Some(OrderId(self.id("/under", id)?)),
        };
        match (&body.orders, body.plan.is_some()) {
            (None, _) if under.is_some() => {
                self.fault(
                    "/orders",
                    "required",
                    "在派单之下分派要逐个列出单位（orders）",
                    "beneath an order the units are listed (orders)",
                );
                None
            }
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
                Some(CaseCommand::Dispatch {
                    plan,
                    orders,
                    under,
                })
            }
        }
    }

    pub(super) fn orders_again(&mut self, orders: Option<&[String]>) -> Vec<OrderId> {
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

    pub(super) fn report(
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
        let solved = parts
            .solved
            .and_then(|text| self.text("/solved", text, MOST_TEXT));
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
            solved: solved.map(|text| sealer.seal(&text)).transpose()?,
        })))
    }
}
