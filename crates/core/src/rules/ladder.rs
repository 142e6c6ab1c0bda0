//! Who hears when a clock runs out, and when: ladder.csv.
//!
//! A clock has four rungs: yellow before its limit, red at its limit, and two cards after it. For each kind of clock one row
//! with an empty class holds for all cases; a row of a class or of a type goes before it.

use std::collections::{BTreeMap, HashSet};

use super::class_table::{Listed, unknown};
use super::settings::by_the_clock;
use super::table::{Fault, Faults, Row, Table};
use super::{Classes, StageLimits};
use crate::cases::ClockKind;
use crate::code::ClassCode;
use crate::time::Limit;
use crate::words;

words! {
    /// Whom a rung reaches.
    pub enum Receiver {
        /// 承办单位: the unit that is waited for
        Handler = "handler",
        /// 值班员
        Officer = "officer",
        /// 值班长
        Chief = "chief",
        /// 派遣员
        Dispatcher = "dispatcher",
        /// 领导, of the division of the unit or centre that is waited for
        Leader = "leader",
        /// 督查员
        Inspector = "inspector",
        /// 上级中心: the centre above
        LevelAbove = "level_above",
    }
}

/// When a clock turns yellow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YellowAt {
    /// At this share of the limit, 1 to 99 per cent.
    Share(u32),
    /// This long after the start.
    Limit(Limit),
}

/// When a card is shown: red itself is the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// At this share of the limit, more than 100 per cent.
    Share(u32),
    /// This long after red.
    Limit(Limit),
}

/// The rungs of one kind of clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rungs {
    /// When it turns yellow.
    pub yellow: YellowAt,
    /// When the yellow card is shown.
    pub yellow_card: After,
    /// When the red card is shown; later than the yellow one.
    pub red_card: After,
    /// While nothing happens the last rung is repeated after this, by the clock.
    pub again: Limit,
    /// Who hears of yellow.
    pub yellow_to: Vec<Receiver>,
    /// Who hears of red.
    pub red_to: Vec<Receiver>,
    /// Who hears of the yellow card.
    pub yellow_card_to: Vec<Receiver>,
    /// Who hears of the red card.
    pub red_card_to: Vec<Receiver>,
}

/// Number of kinds of clocks.
const KINDS: usize = ClockKind::ALL.len();

/// The rungs of all clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// In the order of [`ClockKind::ALL`].
    all: [Rungs; KINDS],
    own: BTreeMap<(ClassCode, ClockKind), Rungs>,
}

impl Ladder {
    /// The rungs of a clock: those of the type, else of its top class, else of all.
    pub fn rungs(&self, class: Option<&ClassCode>, clock: ClockKind) -> &Rungs {
        class
            .and_then(|class| {
                let own = |class: ClassCode| self.own.get(&(class, clock));
                own(class.clone()).or_else(|| own(class.top()))
            })
            .unwrap_or(&self.all[clock as usize])
    }

    /// All rows with the class they are for: first those that hold for all.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&ClassCode>, ClockKind, &Rungs)> {
        let all = ClockKind::ALL.iter().zip(&self.all);
        all.map(|(clock, rungs)| (None, *clock, rungs)).chain(
            self.own
                .iter()
                .map(|((class, clock), rungs)| (Some(class), *clock, rungs)),
        )
    }

    /// Reads the table. A clock without a row is a hole, and the row of `shipped` stands for it: a rule set from before the
    /// clock does not know it. None only when `shipped` fails too.
    pub(super) fn read(
        table: &Table,
        shipped: &Table,
        classes: (&Classes, &Listed<'_>),
        faults: &mut Faults,
    ) -> Option<Self> {
        let holes = &mut faults.holes;
        let (mut all, own) = read_rows(table, classes, holes);
        let mut defaults = None;
        let named: HashSet<&str> = table
            .rows()
            .filter(|row| row.text("class").is_empty())
            .map(|row| row.text("clock"))
            .collect();
        for &clock in ClockKind::ALL {
            if all.contains_key(&clock) {
                continue;
            }
            // A row that is there and has faults is no second hole.
            if !named.contains(clock.as_str()) {
                holes.push(table.fault(
                    "missing",
                    format!("时钟 {clock} 没有 class 为空的一行"),
                    format!("the clock {clock} has no row with an empty class"),
                ));
            }
            let defaults =
                defaults.get_or_insert_with(|| read_rows(shipped, classes, &mut Vec::new()).0);
            all.insert(clock, defaults.remove(&clock)?);
        }
        let all = <[Rungs; KINDS]>::try_from(all.into_values().collect::<Vec<_>>()).ok()?;
        Some(Self { all, own })
    }
}

type All = BTreeMap<ClockKind, Rungs>;
type Own = BTreeMap<(ClassCode, ClockKind), Rungs>;

fn read_rows(
    table: &Table,
    (classes, listed): (&Classes, &Listed<'_>),
    faults: &mut Vec<Fault>,
) -> (All, Own) {
    let (mut all, mut own) = (All::new(), Own::new());
    for row in table.rows() {
        let clock = row.word("clock", ClockKind::parse, faults);
        let class = match row.text("class") {
            "" => None,
            text => match ClassCode::parse(text).and_then(|code| classes.get(&code)) {
                Some(class) => Some(class),
                None => {
                    faults.extend(unknown(row, "class", text, listed));
                    continue;
                }
            },
        };
        let rungs = read_rungs(row, faults);
        let (Some(clock), Some(rungs)) = (clock, rungs) else {
            continue;
        };
        let twice = match class {
            None => all.insert(clock, rungs).is_some(),
            Some(class) => {
                if let Some(fault) = late_yellow(row, &rungs, clock, &class.limits) {
                    faults.push(fault);
                }
                own.insert((class.code.clone(), clock), rungs).is_some()
            }
        };
        if twice {
            faults.push(row.fault(
                "clock",
                "duplicate",
                "同一类别的同一时钟出现两次",
                "the clock of this class appears twice",
            ));
        }
    }
    (all, own)
}

/// An explicit yellow limit that is not shorter than the limit of the class never shows.
fn late_yellow(
    row: Row<'_>,
    rungs: &Rungs,
    clock: ClockKind,
    limits: &StageLimits,
) -> Option<Fault> {
    let (YellowAt::Limit(yellow), Some(red)) = (rungs.yellow, limits.of(clock)) else {
        return None;
    };
    (yellow.milliseconds() >= red.milliseconds()).then(|| {
        row.fault(
            "yellow",
            "late_yellow",
            format!("黄灯 {yellow} 应短于该类别的时限 {red}"),
            format!("yellow at {yellow} should be sooner than the limit {red} of the class"),
        )
    })
}

fn read_rungs(row: Row<'_>, faults: &mut Vec<Fault>) -> Option<Rungs> {
    let yellow = yellow_at(row, faults);
    let yellow_card = after(row, "yellow_card", faults);
    let red_card = after(row, "red_card", faults);
    if let (Some(yellow_card), Some(red_card)) = (yellow_card, red_card) {
        let later = match (yellow_card, red_card) {
            (After::Share(yellow), After::Share(red)) => yellow < red,
            (After::Limit(yellow), After::Limit(red)) => yellow.milliseconds() < red.milliseconds(),
            // A share and a span can only be compared for one limit, and the row holds for many.
            _ => false,
        };
        if !later {
            faults.push(row.fault(
                "red_card",
                "card_order",
                "红牌应晚于黄牌，两者写法要相同（都是 +时限，或都是百分比）",
                "the red card comes after the yellow one, both written alike: +LIMIT or a share",
            ));
        }
    }
    let again = match by_the_clock(row.text("again")) {
        Ok(limit) => Some(limit),
        Err((zh, en)) => {
            faults.push(row.fault("again", "limit", zh, en));
            None
        }
    };
    let (yellow_to, red_to, yellow_card_to, red_card_to) = (
        receivers(row, "yellow_to", faults),
        receivers(row, "red_to", faults),
        receivers(row, "yellow_card_to", faults),
        receivers(row, "red_card_to", faults),
    );
    Some(Rungs {
        yellow: yellow?,
        yellow_card: yellow_card?,
        red_card: red_card?,
        again: again?,
        yellow_to: yellow_to?,
        red_to: red_to?,
        yellow_card_to: yellow_card_to?,
        red_card_to: red_card_to?,
    })
}

fn share(text: &str, least: u32, most: u32) -> Option<u32> {
    let value = text.strip_suffix('%')?.parse().ok()?;
    (least..=most).contains(&value).then_some(value)
}

fn yellow_at(row: Row<'_>, faults: &mut Vec<Fault>) -> Option<YellowAt> {
    let text = row.text("yellow");
    let at = share(text, 1, 99)
        .map(YellowAt::Share)
        .or_else(|| Limit::parse(text).ok().map(YellowAt::Limit));
    if at.is_none() {
        faults.push(row.fault(
            "yellow",
            "not_understood",
            format!("黄灯“{text}”应为 1% 到 99%，或起算后的时限，例如 2h"),
            format!("yellow \"{text}\" should be 1% to 99%, or a limit from the start such as 2h"),
        ));
    }
    at
}

fn after(row: Row<'_>, column: &str, faults: &mut Vec<Fault>) -> Option<After> {
    let text = row.text(column);
    let at = share(text, 101, 10_000).map(After::Share).or_else(|| {
        let limit = Limit::parse(text.strip_prefix('+')?).ok()?;
        Some(After::Limit(limit))
    });
    if at.is_none() {
        faults.push(row.fault(
            column,
            "not_understood",
            format!("“{text}”应为红灯之后的时限，例如 +4wh，或大于 100% 的百分比"),
            format!(
                "\"{text}\" should be a limit after red such as +4wh, or a share above 100 per cent"
            ),
        ));
    }
    at
}

fn receivers(row: Row<'_>, column: &str, faults: &mut Vec<Fault>) -> Option<Vec<Receiver>> {
    let before = faults.len();
    let mut all = Vec::new();
    for word in row.list(column) {
        match Receiver::parse(word) {
            Some(receiver) if all.contains(&receiver) => faults.push(row.fault(
                column,
                "duplicate",
                format!("接收人 {word} 出现两次"),
                format!("the receiver {word} appears twice"),
            )),
            Some(receiver) => all.push(receiver),
            None => faults.push(row.fault(
                column,
                "unknown_receiver",
                format!("没有接收人“{word}”"),
                format!("there is no receiver \"{word}\""),
            )),
        }
    }
    if all.is_empty() && faults.len() == before {
        faults.push(row.fault(
            column,
            "required",
            "至少要有一个接收人",
            "at least one receiver is due",
        ));
    }
    (faults.len() == before).then_some(all)
}
