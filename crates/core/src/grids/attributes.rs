//! What is said of a grid beside its border, checked against its layer and the directory.

use crate::code::{DivisionCode, GridCode, Level};
use crate::directory::{Directory, is_phone};
use crate::id::{GridId, PersonId, UnitId};
use crate::label::Label;
use crate::refusal::FieldFault;

use super::{About, GridAct, Layer, Season, Site};

/// Most divisions that a mobile grid goes through.
const MOST_HOSTS: usize = 50;
/// Most households of one grid: more is a slip of the pen.
const MOST_HOUSEHOLDS: u32 = 100_000;

/// What is said of a grid, as it comes in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    /// Name; none: made from the code.
    pub name: Option<Label>,
    /// Of a mobile grid: the divisions that it goes through.
    pub hosts: Vec<DivisionCode>,
    /// Of a dedicated grid: what it is.
    pub kind: Option<Label>,
    /// Households.
    pub households: Option<u32>,
    /// Of a mobile grid: the unit that leads.
    pub lead_unit: Option<UnitId>,
    /// The posted worker.
    pub worker: Option<PersonId>,
    /// The posted supervision telephone.
    pub supervision_phone: Option<String>,
    /// Of a mobile grid: its season.
    pub season: Option<Season>,
    /// Of a dedicated grid: the site.
    pub site: Option<Site>,
    /// Where the border comes from.
    pub source: Option<Label>,
}

/// New attributes of a grid, all of them: what is left out is no longer said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Describe {
    /// The grid.
    pub code: GridCode,
    /// What is said of it.
    pub attributes: Attributes,
}

fn fault(at: &str, field: &str, code: &'static str, zh: &str, en: &str) -> FieldFault {
    // The host stands beside what is said of a grid.
    let at = if field == "host" {
        at.strip_suffix("/about").unwrap_or(at)
    } else {
        at
    };
    FieldFault::new(&format!("{at}/{field}"), code, zh, en)
}

impl Attributes {
    /// Everything that is wrong with them for a grid of `layer` in `host`; `at` is the pointer before the field's name.
    pub fn faults(
        &self,
        layer: Layer,
        host: &DivisionCode,
        directory: &Directory,
        at: &str,
    ) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        let mut wrong =
            |field, code, zh: &str, en: &str| faults.push(fault(at, field, code, zh, en));
        let due = if layer == Layer::Mobile {
            Level::County
        } else {
            Level::Community
        };
        if host.level() != due {
            match layer {
                Layer::Mobile => wrong(
                    "host",
                    "wrong_level",
                    "流动网格的牵头单位所在地填县（市、区）代码",
                    "the host of a mobile grid is the county that leads",
                ),
                _ => wrong(
                    "host",
                    "wrong_level",
                    "网格属于一个村（社区），请填 12 位代码",
                    "a grid lies in one community: its code of 12 digits is due",
                ),
            }
        } else if directory.division(host).is_none() {
            wrong(
                "host",
                "unknown_division",
                "没有这个行政区划",
                "there is no such division",
            );
        }
        if layer == Layer::Mobile {
            if self.hosts.is_empty() || self.hosts.len() > MOST_HOSTS {
                wrong(
                    "hosts",
                    "out_of_range",
                    "流动网格要写明经过的 1 至 50 个区划",
                    "a mobile grid names the 1 to 50 divisions that it goes through",
                );
            }
            if self
                .hosts
                .iter()
                .any(|code| directory.division(code).is_none())
            {
                wrong(
                    "hosts",
                    "unknown_division",
                    "所经区划中有不存在的代码",
                    "one of the divisions does not exist",
                );
            }
            match self.lead_unit {
                None => wrong(
                    "lead_unit",
                    "required",
                    "流动网格要有一个牵头单位",
                    "a mobile grid has one unit that leads",
                ),
                Some(unit) if directory.unit(unit).is_none_or(|unit| !unit.row.active) => {
                    wrong(
                        "lead_unit",
                        "unknown_unit",
                        "没有这个单位",
                        "there is no such unit",
                    );
                }
                Some(_) => {}
            }
        } else {
            let beside = [
                ("hosts", !self.hosts.is_empty()),
                ("lead_unit", self.lead_unit.is_some()),
                ("season", self.season.is_some()),
            ];
            for (field, _) in beside.into_iter().filter(|(_, given)| *given) {
                wrong(
                    field,
                    "only_mobile",
                    "只有流动网格才有这一项",
                    "only a mobile grid has this",
                );
            }
        }
        if layer != Layer::Dedicated && (self.kind.is_some() || self.site.is_some()) {
            wrong(
                "kind",
                "only_dedicated",
                "只有专属网格才有类型和场所",
                "only a dedicated grid has a kind and a site",
            );
        }
        if self
            .site
            .is_some_and(|site| !(5..=2_000).contains(&site.radius_m))
        {
            wrong(
                "site",
                "out_of_range",
                "场所半径 5 至 2000 米",
                "the radius of a site is 5 to 2,000 m",
            );
        }
        if self.households.is_some_and(|n| n > MOST_HOUSEHOLDS) {
            wrong(
                "households",
                "out_of_range",
                "户数最多 100000",
                "at most 100,000 households",
            );
        }
        if self
            .supervision_phone
            .as_deref()
            .is_some_and(|phone| !is_phone(phone))
        {
            wrong(
                "supervision_phone",
                "not_understood",
                "监督电话由 3 至 20 位数字组成，可有 + 和 -",
                "a telephone is 3 to 20 digits, with + and - between",
            );
        }
        faults
    }

    /// These, and what is not said among them as it is in `about`.
    pub(super) fn or(self, about: &About, season: Option<Season>) -> Self {
        Self {
            name: self.name.or_else(|| Some(about.name.clone())),
            hosts: if self.hosts.is_empty() {
                about.hosts.clone()
            } else {
                self.hosts
            },
            kind: self.kind.or_else(|| about.kind.clone()),
            households: self.households.or(about.households),
            lead_unit: self.lead_unit.or(about.lead_unit),
            worker: self.worker.or(about.worker),
            supervision_phone: self
                .supervision_phone
                .or_else(|| about.supervision_phone.clone()),
            season: self.season.or(season),
            site: self.site.or(about.site),
            source: self.source.or_else(|| about.source.clone()),
        }
    }

    /// As a grid of `layer` with this code keeps them.
    pub(super) fn about(
        &self,
        layer: Layer,
        code: &GridCode,
        parent: Option<GridId>,
        act: GridAct,
        before: Vec<GridId>,
    ) -> About {
        let made = || {
            let text = format!("{}{}", layer.zh(), code);
            Label::new(&text).expect("a layer's name and a code are a label")
        };
        About {
            name: self.name.clone().unwrap_or_else(made),
            hosts: self.hosts.clone(),
            parent,
            kind: self.kind.clone(),
            households: self.households,
            lead_unit: self.lead_unit,
            worker: self.worker,
            supervision_phone: self.supervision_phone.clone(),
            site: self.site,
            source: self.source.clone(),
            act,
            before,
        }
    }
}
