//! The requests of the measurements: reports of a suspected gas leak, as a grid worker's phone sends them.
//!
//! Invariant: no two reports have the same id; bodies are of the size that the demo's story has.

use jingwei_engine::clock::{Clock as _, SystemClock};
use jingwei_engine::random::{OsRandom, uuid_v7};
use jingwei_testkit::COMMUNITY;
use uuid::Uuid;

use crate::lean;

/// The path of the cases.
pub(crate) const CASES: &str = "/api/v1/cases";

/// A report under a fresh id, and that id.
pub(crate) fn report(token: &str) -> (Uuid, Vec<u8>) {
    let id = uuid_v7(&OsRandom, SystemClock.now());
    let body = format!(
        "{{\"id\":\"{id}\",\"source\":\"phone\",\"class\":\"RQ01\",\"division\":\"{COMMUNITY}\",\
         \"position\":{{\"lon\":103.9712,\"lat\":30.3215,\"accuracy_m\":8}},\"address\":\"古镇大桥东侧工地\",\
         \"description\":\"工地冒白烟，有臭鸡蛋味，怀疑挖断了燃气管\"}}"
    );
    (id, lean::post(CASES, token, &body))
}

/// The acceptance of a case.
pub(crate) fn accept(token: &str, id: Uuid) -> Vec<u8> {
    lean::post(&format!("{CASES}/{id}/accept"), token, "{}")
}

/// The newest cases that the signed-in person sees.
pub(crate) fn list(token: &str, limit: usize) -> Vec<u8> {
    lean::get(&format!("{CASES}?limit={limit}"), token)
}
