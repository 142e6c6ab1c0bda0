//! The tables role_acts.csv, roles.csv, acts.csv and role_separation.csv, read and checked.

use std::collections::{HashMap, HashSet};

use super::{Act, Role};
use crate::code::Level;
use crate::rules::table::{Fault, Table};
use crate::words;

words! {
    /// To what an allowed act reaches.
    pub enum Scope {
        /// The person's own report.
        Own = "own",
        /// An order to the person's own unit.
        Order = "order",
        /// The area of the role.
        Area = "area",
    }
}

words! {
    /// Whether a deployment may relax a separation.
    pub enum Strength {
        /// In the rules: nobody may relax it.
        Hard = "hard",
        /// A deployment may relax it, and it is then written down.
        Default = "default",
    }
}

/// One allowed role × act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// To what it reaches.
    pub scope: Scope,
    /// Least level of the post.
    pub level_min: Level,
    /// Greatest level of the post.
    pub level_max: Level,
}

/// Two acts (or roles) that one person may not both do (hold).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart<T> {
    /// One.
    pub a: T,
    /// The other.
    pub b: T,
    /// May it be relaxed?
    pub strength: Strength,
    /// Why, Chinese.
    pub reason_zh: String,
    /// Why, English.
    pub reason_en: String,
}

/// What a role is called and at which levels it may be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleEntry {
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Least level.
    pub level_min: Level,
    /// Greatest level.
    pub level_max: Level,
}

/// Roles, what each may do, and what is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleActs {
    roles: HashMap<Role, RoleEntry>,
    rules: HashMap<(Role, Act), Rule>,
    /// Acts kept apart on one case.
    pub acts_apart: Vec<Apart<Act>>,
    /// Roles kept apart in one person.
    pub roles_apart: Vec<Apart<Role>>,
}

impl RoleActs {
    /// The rule by which `role` may do `act`; none when it may not.
    pub fn rule(&self, role: Role, act: Act) -> Option<&Rule> {
        self.rules.get(&(role, act))
    }

    /// Names and levels of a role; none when the table does not hold it.
    pub fn role(&self, role: Role) -> Option<&RoleEntry> {
        self.roles.get(&role)
    }

    /// Whether a post of `role` may lie at `level`. A grid worker's post lies in a community until grids are drawn.
    pub fn level_allowed(&self, role: Role, level: Level) -> bool {
        self.role(role).is_some_and(|entry| {
            (entry.level_min..=entry.level_max).contains(&level)
                || entry.level_max == Level::Grid && level == Level::Community
        })
    }

    /// Reads the four tables. Acts that this version does not carry out yet are known by name and left aside.
    pub(crate) fn read(
        roles: &Table,
        acts: &Table,
        role_acts: &Table,
        apart: &Table,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let mut all = Self::default();
        for row in roles.rows() {
            let Some(role) = row.word("code", Role::parse, faults) else {
                continue;
            };
            let (Some(level_min), Some(level_max)) = (
                row.word("level_min", Level::parse, faults),
                row.word("level_max", Level::parse, faults),
            ) else {
                continue;
            };
            let (name_zh, name_en) = (
                row.text("name_zh").to_owned(),
                row.text("name_en").to_owned(),
            );
            if all
                .roles
                .insert(
                    role,
                    RoleEntry {
                        name_zh,
                        name_en,
                        level_min,
                        level_max,
                    },
                )
                .is_some()
            {
                faults.push(row.fault("code", "duplicate", "角色重复", "the role appears twice"));
            }
        }
        for role in Role::ALL
            .iter()
            .filter(|role| !all.roles.contains_key(role))
        {
            faults.push(roles.fault(
                "missing",
                format!("缺少角色 {role}"),
                format!("the role {role} is missing"),
            ));
        }
        let known: HashSet<&str> = acts.rows().map(|row| row.text("code")).collect();
        for act in Act::ALL.iter().filter(|act| !known.contains(act.as_str())) {
            faults.push(acts.fault(
                "missing",
                format!("缺少动作 {act}"),
                format!("the act {act} is missing"),
            ));
        }
        for row in role_acts.rows() {
            let Some(role) = row.word("role", Role::parse, faults) else {
                continue;
            };
            if !known.contains(row.text("act")) {
                faults.push(row.fault(
                    "act",
                    "unknown_act",
                    "动作不在 acts.csv 中",
                    "the act is not in acts.csv",
                ));
                continue;
            }
            let flag = |text: &str| match text {
                "1" => Some(true),
                "0" => Some(false),
                _ => None,
            };
            if row.word("allow", flag, faults) != Some(true) {
                continue;
            }
            let (Some(scope), Some(level_min), Some(level_max)) = (
                row.word("scope", Scope::parse, faults),
                row.word("level_min", Level::parse, faults),
                row.word("level_max", Level::parse, faults),
            ) else {
                continue;
            };
            if let Some(act) = Act::parse(row.text("act")) {
                let before = all.rules.insert(
                    (role, act),
                    Rule {
                        scope,
                        level_min,
                        level_max,
                    },
                );
                if before.is_some() {
                    faults.push(row.fault(
                        "act",
                        "duplicate",
                        "同一角色的同一动作出现两次",
                        "the act of this role appears twice",
                    ));
                }
            }
        }
        for row in apart.rows() {
            let Some(strength) = row.word("strength", Strength::parse, faults) else {
                continue;
            };
            let (reason_zh, reason_en) = (
                row.text("reason_zh").to_owned(),
                row.text("reason_en").to_owned(),
            );
            match row.text("kind") {
                "role" => {
                    if let (Some(a), Some(b)) = (
                        row.word("a", Role::parse, faults),
                        row.word("b", Role::parse, faults),
                    ) {
                        all.roles_apart.push(Apart {
                            a,
                            b,
                            strength,
                            reason_zh,
                            reason_en,
                        });
                    }
                }
                "act" => {
                    if let (Some(a), Some(b)) =
                        (Act::parse(row.text("a")), Act::parse(row.text("b")))
                    {
                        all.acts_apart.push(Apart {
                            a,
                            b,
                            strength,
                            reason_zh,
                            reason_en,
                        });
                    } else if !known.contains(row.text("a")) || !known.contains(row.text("b")) {
                        faults.push(row.fault(
                            "a",
                            "unknown_act",
                            "动作不在 acts.csv 中",
                            "the act is not in acts.csv",
                        ));
                    }
                }
                _ => faults.push(row.fault(
                    "kind",
                    "unknown",
                    "kind 应为 act 或 role",
                    "kind is act or role",
                )),
            }
        }
        all
    }
}
