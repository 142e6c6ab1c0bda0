//! Sentences of the events that are not of every case: requests, levels, mergers, escalations, and the reporter's word.

use jingwei_core::cases::{
    AgainBecause, CaseEvent, Receiver, Restarted, Rung, Satisfaction, Supervision, UpBecause,
};
use jingwei_core::sealed::Sealed;

use super::timeline::{Words, clock_name, placed};
use crate::error::Result;

type Sentence = (String, String);

/// `：words`, or nothing.
fn said(words: &Words<'_>, text: Option<&Sealed<String>>) -> Result<Sentence> {
    Ok(match text {
        Some(text) => {
            let text = words.open(text)?;
            (format!("：{text}"), format!(": {text}"))
        }
        None => Sentence::default(),
    })
}

fn satisfaction(value: Satisfaction) -> (&'static str, &'static str) {
    match value {
        Satisfaction::Satisfied => ("满意", "satisfied"),
        Satisfaction::Basic => ("基本满意", "mostly satisfied"),
        Satisfaction::Dissatisfied => ("不满意", "dissatisfied"),
    }
}

fn supervision(level: Supervision) -> (&'static str, &'static str) {
    match level {
        Supervision::Normal => ("督办", "supervised"),
        Supervision::YellowCard => ("黄牌督办", "yellow card"),
        Supervision::RedCard => ("红牌督办", "red card"),
    }
}

fn rung(rung: Rung) -> (&'static str, &'static str) {
    match rung {
        Rung::Yellow => ("临期提醒", "due soon"),
        Rung::Red => ("逾期", "overdue"),
        Rung::YellowCard => ("黄牌", "yellow card"),
        Rung::RedCard => ("红牌", "red card"),
        Rung::Again => ("仍未办，再次提醒", "still not done, reminded again"),
    }
}

/// Who is told: `县值班员、泸定县领导`.
fn receivers(words: &Words<'_>, to: &[Receiver]) -> Sentence {
    let (zh, en): (Vec<_>, Vec<_>) = to
        .iter()
        .map(|receiver| {
            let (role_zh, role_en) = words.role(receiver.role);
            let place = words.division(&receiver.division);
            (format!("{place}{role_zh}"), format!("{role_en} of {place}"))
        })
        .unzip();
    (zh.join("、"), en.join(", "))
}

/// Until when the clocks run that went on.
fn ends(clocks: &[Restarted]) -> Sentence {
    let (zh, en): (Vec<_>, Vec<_>) = clocks
        .iter()
        .map(|clock| {
            let (zh, en) = clock_name(clock.kind);
            let due = clock.deadline.due;
            (
                format!("{zh}到 {} {}", due.local_day(), due.local_clock()),
                format!("{en} until {}", due.rfc3339()),
            )
        })
        .unzip();
    (zh.join("；"), en.join("; "))
}

/// The sentence of an event.
pub(super) fn further(words: &Words<'_>, event: &CaseEvent) -> Result<Sentence> {
    Ok(match event {
        CaseEvent::Confirmed(e) => {
            let (zh, en) = said(words, e.note.as_ref())?;
            let metres = e.metres.map_or_else(Default::default, |m| {
                (format!("，距现场 {m} 米"), format!(", {m} m from the spot"))
            });
            if e.found {
                (
                    format!("核实：与来报相符{}{zh}", metres.0),
                    format!("confirmed on the spot{}{en}", metres.1),
                )
            } else {
                (
                    format!("核实：与来报不符{}{zh}", metres.0),
                    format!("not found as reported{}{en}", metres.1),
                )
            }
        }
        CaseEvent::Relayed(e) => (
            format!("转 {}，{} 内核实", e.unit_name, e.confirm.limit),
            format!(
                "relayed to {}, to be confirmed in {}",
                e.unit_name, e.confirm.limit
            ),
        ),
        CaseEvent::Classed(e) => (
            format!("定类定级：{}", e.classified.name_zh),
            format!("classed: {}", e.classified.name_en),
        ),
        CaseEvent::SolvedOnSpot(e) => {
            let result = words.open(&e.result)?;
            let audit = if e.audit.is_some() {
                ("，抽中由他人核查", ", drawn for a check by somebody else")
            } else {
                ("", "")
            };
            (
                format!("当场处置：{result}{}", audit.0),
                format!("solved on the spot: {result}{}", audit.1),
            )
        }
        CaseEvent::AuditFailed(e) => {
            let (zh, en) = said(words, e.note.as_ref())?;
            (
                format!("抽查未通过，按一般程序重新办理{zh}"),
                format!("the check found it not done; it goes the whole way{en}"),
            )
        }
        CaseEvent::PassedUp(e) => {
            let place = words.division(&e.centre);
            let (zh, en) = said(words, e.reason.as_ref())?;
            let because = match e.because {
                UpBecause::Person => ("上报", "passed up to"),
                UpBecause::Unanswered => {
                    ("本级一直未办，自动上报", "nobody acted here: passed up to")
                }
                UpBecause::Dissatisfied => (
                    "报告人再次不满意，交上级",
                    "the reporter is not content again: passed up to",
                ),
                UpBecause::CheckFailed => (
                    "再次核查未通过，交上级",
                    "the check failed again: passed up to",
                ),
            };
            (
                format!("{}{place}，{} 内受理{zh}", because.0, e.accept.limit),
                format!(
                    "{} {place}, to be accepted in {}{en}",
                    because.1, e.accept.limit
                ),
            )
        }
        CaseEvent::PassedDown(e) => {
            let (place, reason) = (words.division(&e.centre), words.open(&e.reason)?);
            (
                format!("交办{place}，{} 内办结：{reason}", e.finish.limit),
                format!(
                    "handed down to {place}, to be closed in {}: {reason}",
                    e.finish.limit
                ),
            )
        }
        CaseEvent::Alerted(e) => {
            let place = words.division(&e.centre);
            (
                format!("按越级规则同时告知{place}"),
                format!("{place} was told at once, as the class asks for"),
            )
        }
        CaseEvent::OrdersNested(e) => {
            let (zh, en): (Vec<_>, Vec<_>) = e.orders.iter().map(placed).unzip();
            let above = words.unit(e.under);
            (
                format!("在 {above} 的派单下分派：{}", zh.join("；")),
                format!("beneath the order of {above}: {}", en.join("; ")),
            )
        }
        CaseEvent::Worked(e) => {
            let (unit, note) = (words.unit(e.order), words.open(&e.note)?);
            (
                format!("{unit} 办理：{note}"),
                format!("{unit} works on it: {note}"),
            )
        }
        CaseEvent::Merged(e) => {
            let reason = words.open(&e.reason)?;
            (
                format!("并入另一件案件：{reason}"),
                format!("goes on in another case: {reason}"),
            )
        }
        CaseEvent::Absorbed(_) => (
            "另一件同一事情的案件并入本案".to_owned(),
            "another case about the same thing goes on in this one".to_owned(),
        ),
        CaseEvent::Unmerged(e) => {
            let reason = words.open(&e.reason)?;
            (
                format!("拆单，恢复单独办理：{reason}"),
                format!("goes its own way again: {reason}"),
            )
        }
        CaseEvent::Parted(_) => (
            "并入的一件案件拆出".to_owned(),
            "a case that had gone on in this one goes its own way again".to_owned(),
        ),
        CaseEvent::MarkedUrgent(e) => {
            let reason = words.open(&e.reason)?;
            (
                format!("加急：{reason}"),
                format!("marked urgent: {reason}"),
            )
        }
        CaseEvent::MarkedConfidential(e) => {
            let reason = words.open(&e.reason)?;
            (
                format!("设为保密：{reason}"),
                format!("marked confidential: {reason}"),
            )
        }
        CaseEvent::Instructed(e) => {
            let text = words.open(&e.text)?;
            (format!("批示：{text}"), format!("instruction: {text}"))
        }
        CaseEvent::Supervised(e) => {
            let (zh, en) = supervision(e.level);
            let reason = words.open(&e.reason)?;
            let unit = e.order.map(|order| words.unit(order)).unwrap_or_default();
            (
                format!("{zh} {unit}：{reason}").replace(" ：", "："),
                format!("{en} {unit}: {reason}").replace(" :", ":"),
            )
        }
        CaseEvent::Escalated(e) => {
            let ((clock_zh, clock_en), (zh, en)) = (clock_name(e.clock), rung(e.rung));
            let (to_zh, to_en) = receivers(words, &e.to);
            let unit = e
                .order
                .map(|order| format!("{} ", words.unit(order)))
                .unwrap_or_default();
            let late = if e.caught_up {
                ("（停机后补办）", " (caught up after a time off)")
            } else {
                ("", "")
            };
            (
                format!("{unit}{clock_zh}{zh}{}，告知{to_zh}", late.0),
                format!("{unit}{clock_en}: {en}{}; told: {to_en}", late.1),
            )
        }
        CaseEvent::SeparationYielded(e) => (
            format!(
                "没有别人可以{}，由已{}的人办理，记录在案",
                e.act.zh(),
                e.did.zh()
            ),
            format!(
                "nobody else can \"{}\": done by the person who did \"{}\", and written down",
                e.act.en(),
                e.did.en()
            ),
        ),
        CaseEvent::Recomputed(e) => {
            let (zh, en) = ends(&e.clocks);
            (
                format!("节假日安排公布，重算时限：{zh}"),
                format!("reckoned again after the notice of holidays: {en}"),
            )
        }
        _ => asked(words, event)?,
    })
}

/// The sentences of requests, and of the reporter's word.
fn asked(words: &Words<'_>, event: &CaseEvent) -> Result<Sentence> {
    Ok(match event {
        CaseEvent::OrderObjected(e) => {
            let (unit, reason) = (words.unit(e.order), words.open(&e.reason)?);
            (
                format!("{unit} 提出派单异议：{reason}"),
                format!("{unit} objects to the order: {reason}"),
            )
        }
        CaseEvent::ObjectionDecided(e) => {
            let (unit, reason) = (words.unit(e.order), words.open(&e.reason)?);
            match (e.upheld, &e.replacement) {
                (true, Some(order)) => {
                    let (zh, en) = placed(order);
                    (
                        format!("{unit} 的异议成立，改派 {zh}：{reason}"),
                        format!("the objection of {unit} is upheld, {en} in its place: {reason}"),
                    )
                }
                (true, None) => (
                    format!("{unit} 的异议成立，撤单：{reason}"),
                    format!("the objection of {unit} is upheld, its order ends: {reason}"),
                ),
                (false, _) => (
                    format!("{unit} 的异议不成立，继续承办，不再受理异议：{reason}"),
                    format!("the objection of {unit} is turned down, it carries on: {reason}"),
                ),
            }
        }
        CaseEvent::OrderWithdrawn(e) => {
            let (unit, reason) = (words.unit(e.order), words.open(&e.reason)?);
            (
                format!("撤回 {unit} 的派单：{reason}"),
                format!("the order to {unit} is withdrawn: {reason}"),
            )
        }
        CaseEvent::Redispatched(e) => {
            let ((zh, en), from) = (placed(&e.placed), words.unit(e.order));
            let reason = words.open(&e.reason)?;
            let how = if e.designated {
                ("指定承办", "designated")
            } else {
                ("改派", "re-dispatched")
            };
            (
                format!("{}：由 {from} 改为 {zh}：{reason}", how.0),
                format!("{}: {en} in the place of {from}: {reason}", how.1),
            )
        }
        CaseEvent::ExtensionRequested(e) => {
            let (unit, reason) = (words.unit(e.order), words.open(&e.reason)?);
            (
                format!("{unit} 申请延期 {}：{reason}", e.limit),
                format!("{unit} asks for {} more: {reason}", e.limit),
            )
        }
        CaseEvent::ExtensionDecided(e) => {
            let reason = words.open(&e.reason)?;
            match (e.granted, &e.handle) {
                (Some(more), Some(clock)) => {
                    let (zh, en) = ends(std::slice::from_ref(clock));
                    (
                        format!("同意延期 {more}，{zh}：{reason}"),
                        format!("{more} more is granted, {en}: {reason}"),
                    )
                }
                _ => (
                    format!("不同意延期：{reason}"),
                    format!("no more time: {reason}"),
                ),
            }
        }
        CaseEvent::SuspensionRequested(e) => {
            let (unit, reason) = (words.unit(e.order), words.open(&e.reason)?);
            (
                format!("{unit} 申请挂账 {}：{reason}", e.limit),
                format!(
                    "{unit} asks that the clocks stand still for {}: {reason}",
                    e.limit
                ),
            )
        }
        CaseEvent::SuspensionRefused(e) => {
            let (unit, reason) = (words.unit(e.order), words.open(&e.reason)?);
            (
                format!("不同意 {unit} 挂账：{reason}"),
                format!("the suspension that {unit} asked for is turned down: {reason}"),
            )
        }
        CaseEvent::Suspended(e) => {
            let (reason, until) = (words.open(&e.reason)?, e.resume.due);
            (
                format!(
                    "挂账，停表到 {} {}：{reason}",
                    until.local_day(),
                    until.local_clock()
                ),
                format!(
                    "suspended, the clocks stand still until {}: {reason}",
                    until.rfc3339()
                ),
            )
        }
        CaseEvent::Resumed(e) => {
            let ((zh, en), (say_zh, say_en)) = (ends(&e.clocks), said(words, e.reason.as_ref())?);
            (
                format!("恢复办理，{zh}{say_zh}"),
                format!("resumed, {en}{say_en}"),
            )
        }
        CaseEvent::VoidRequested(e) => {
            let reason = words.open(&e.reason)?;
            (
                format!("申请作废：{reason}"),
                format!("voiding is asked for: {reason}"),
            )
        }
        CaseEvent::VoidRefused(e) => {
            let reason = words.open(&e.reason)?;
            (
                format!("不同意作废：{reason}"),
                format!("not voided: {reason}"),
            )
        }
        CaseEvent::CalledBack(e) => {
            let (zh, en) = reporters_words(words, e.note.as_ref())?;
            match (e.reached, e.solved) {
                (true, Some(solved)) => {
                    let judged = judged(solved, e.satisfaction);
                    (
                        format!("回访报告人：{}{zh}", judged.0),
                        format!("the reporter was called back: {}{en}", judged.1),
                    )
                }
                _ => (
                    format!("回访报告人未接通{zh}"),
                    format!("the reporter could not be reached{en}"),
                ),
            }
        }
        CaseEvent::Rated(e) => {
            let (zh, en) = reporters_words(words, e.note.as_ref())?;
            let judged = judged(e.solved, Some(e.satisfaction));
            (
                format!("报告人评价：{}{zh}", judged.0),
                format!("the reporter judged: {}{en}", judged.1),
            )
        }
        CaseEvent::Reopened(e) => {
            let (zh, en) = said(words, e.reason.as_ref())?;
            let because = match e.because {
                AgainBecause::Person => ("重办", "worked on again"),
                AgainBecause::Reporter => (
                    "报告人不满意，自动重办",
                    "the reporter is not content: worked on again by itself",
                ),
                AgainBecause::CallBack => (
                    "回访未解决，自动重办",
                    "the call back found it not solved: worked on again by itself",
                ),
            };
            let units = words.units(&e.orders);
            (
                format!("{} {units}{zh}", because.0),
                format!("{} {units}{en}", because.1),
            )
        }
        // Every other event has its sentence where the timeline begins.
        _ => Sentence::default(),
    })
}

/// What the reporter said is not for the units that act on the case.
fn reporters_words(words: &Words<'_>, note: Option<&Sealed<String>>) -> Result<Sentence> {
    said(words, note.filter(|_| !words.hides_reporter()))
}

fn judged(solved: bool, how: Option<Satisfaction>) -> Sentence {
    let (zh, en) = if solved {
        ("已解决", "solved")
    } else {
        ("未解决", "not solved")
    };
    match how.map(satisfaction) {
        Some((how_zh, how_en)) => (format!("{zh}，{how_zh}"), format!("{en}, {how_en}")),
        None => (zh.to_owned(), en.to_owned()),
    }
}
