//! Identifiers: 16-byte UUIDs, one type per thing so that an order is never taken for a case.
//!
//! Ids of things people create are UUIDv7 made by the sender; ids of divisions and units are UUIDv5 of their first code,
//! so that two nodes that load the same table agree. An id never carries meaning.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A case (案件).
    CaseId,
    /// An order (派单) of a case to one unit.
    OrderId,
    /// A unit (单位): fire station, company, centre, a grid worker's post.
    UnitId,
    /// A person who holds roles at units.
    PersonId,
    /// A division (行政区划) for ever, whatever its code becomes.
    DivisionId,
    /// A grid (网格) for ever, whatever its border and its code become.
    GridId,
    /// A node of the federation: the machine that owns what it wrote.
    NodeId,
    /// One import of a table.
    ImportId,
    /// A whistle (吹哨): a town calls departments to a place.
    WhistleId,
    /// A mediation (调解) of a dispute.
    MediationId,
}

/// Name space of the ids that are made from codes (UUIDv5, RFC 9562 section 5.5).
const NAMESPACE: Uuid = Uuid::from_u128(0x6a69_6e67_7765_6900_8000_0000_0000_0001);

impl DivisionId {
    /// The id of the division first known under `code`.
    pub fn of_code(code: &str) -> Self {
        Self(Uuid::new_v5(
            &NAMESPACE,
            format!("division:{code}").as_bytes(),
        ))
    }
}

impl GridId {
    /// The id of the grid first known under `code`: codes of grids are never given twice.
    pub fn of_code(code: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("grid:{code}").as_bytes()))
    }
}

impl UnitId {
    /// The id of the unit first known under `code`.
    pub fn of_code(code: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("unit:{code}").as_bytes()))
    }
}
