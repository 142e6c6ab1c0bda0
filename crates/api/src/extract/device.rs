//! The phone that an act was done on: its id and what its clock showed, from two headers.
//!
//! Must not be asked of residents: who reports without an account leaves no mark of their phone. Keeps: the headers are no
//! part of what an idempotency key stands for, so the same act sent again later is still the same act.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use jingwei_core::refusal::FieldFault;
use jingwei_core::time::Timestamp;
use jingwei_engine::Meta;
use uuid::Uuid;

use crate::problem::Problem;
use crate::state::ApiState;

/// Header with the id of the device.
pub(crate) const DEVICE: &str = "Jingwei-Device";
/// Header with the time by the device's own clock.
pub(crate) const DEVICE_AT: &str = "Jingwei-Device-At";

/// Where an act was done, as far as the device says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Device {
    id: Option<Uuid>,
    at: Option<Timestamp>,
}

impl Device {
    /// Puts it with what goes with a command.
    pub(crate) fn of(self, meta: Meta) -> Meta {
        Meta {
            device: self.id,
            device_at: self.at,
            ..meta
        }
    }

    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        let id = one(
            headers,
            DEVICE,
            // Hyphenated form only, as everywhere: a device has one id.
            |text| Uuid::try_parse(text).ok().filter(|_| text.len() == 36),
            "UUID",
            &mut faults,
        );
        let at = one(
            headers,
            DEVICE_AT,
            Timestamp::parse,
            "RFC 3339, 2026-11-20T10:01:20+08:00",
            &mut faults,
        );
        if faults.is_empty() {
            Ok(Self { id, at })
        } else {
            Err(Problem::invalid(faults))
        }
    }
}

/// Reads a header that may be there once.
fn one<T>(
    headers: &HeaderMap,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    wanted: &str,
    faults: &mut Vec<FieldFault>,
) -> Option<T> {
    let mut given = headers.get_all(name).iter();
    let first = given.next()?;
    let value = first.to_str().ok().and_then(parse);
    if given.next().is_some() || value.is_none() {
        faults.push(FieldFault::new(
            &format!("header:{name}"),
            "not_understood",
            format!("应为一个 {wanted}"),
            format!("expected one {wanted}"),
        ));
    }
    value
}

impl FromRequestParts<ApiState> for Device {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        Self::read(&parts.headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192f0c1-2d3e-7abc-8def-0123456789ab";

    fn read(pairs: &[(&'static str, &str)]) -> Result<Device, Vec<String>> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("value"));
        }
        Device::read(&headers)
            .map_err(|p| p.faults().iter().map(|f| f.pointer.to_string()).collect())
    }

    #[test]
    fn id_and_time_are_read_and_either_may_be_missing() {
        let (id, at) = (
            Uuid::try_parse(ID).ok(),
            Timestamp::parse("2026-11-20T02:01:20Z"),
        );
        assert!(id.is_some() && at.is_some());
        let none = Device { id: None, at: None };
        assert_eq!(read(&[]), Ok(none));
        assert_eq!(read(&[("jingwei-device", ID)]), Ok(Device { id, at: None }));
        assert_eq!(
            read(&[
                ("jingwei-device", ID),
                ("jingwei-device-at", "2026-11-20T10:01:20+08:00")
            ]),
            Ok(Device { id, at })
        );
    }

    #[test]
    fn what_cannot_be_read_is_named_each_by_its_header() {
        let (device, at) = ("header:Jingwei-Device", "header:Jingwei-Device-At");
        for (wrong, named) in [
            (&[("jingwei-device", "phone-1")][..], vec![device]),
            (
                &[("jingwei-device", "0192f0c12d3e7abc8def0123456789ab")],
                vec![device],
            ),
            (
                &[("jingwei-device", ID), ("jingwei-device", ID)],
                vec![device],
            ),
            (&[("jingwei-device-at", "10:01")], vec![at]),
            (&[("jingwei-device-at", "")], vec![at]),
            (
                &[("jingwei-device", "长"), ("jingwei-device-at", "soon")],
                vec![device, at],
            ),
        ] {
            let named = named.into_iter().map(str::to_owned).collect();
            assert_eq!(read(wrong), Err(named), "{wrong:?}");
        }
    }
}
