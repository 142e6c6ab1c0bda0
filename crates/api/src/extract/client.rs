//! From where a request comes, and the id it goes by.
//!
//! Must not believe a header that a client can set: only a proxy on this machine may say for whom it asks, and only when
//! the settings trust it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use uuid::Uuid;

use crate::state::ApiState;

/// The request's id, set by the shell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestId(pub(crate) Uuid);

/// The client's address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    /// For limits of tries.
    pub(crate) address: IpAddr,
    /// The peer is on this machine and asks for itself.
    pub(crate) local: bool,
}

impl Client {
    fn of(parts: &Parts, trust_proxy: bool) -> Self {
        let peer = peer(parts);
        let forwarded = forwarded_for(&parts.headers);
        let relayed = parts.headers.contains_key("x-forwarded-for")
            || parts.headers.contains_key("forwarded");
        let address = if peer.is_loopback() && trust_proxy {
            forwarded.unwrap_or(peer)
        } else {
            peer
        };
        Self {
            address,
            local: peer.is_loopback() && !relayed,
        }
    }
}

/// The address at the other end of the connection.
pub(super) fn peer(parts: &Parts) -> IpAddr {
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| {
            info.0.ip().to_canonical()
        })
}

/// The last entry of a list that proxies lengthen: that of our own proxy.
pub(super) fn last<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(str::trim)
}

/// The last address of `X-Forwarded-For`: the one that our own proxy saw.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    last(headers, "x-forwarded-for")?
        .parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical())
}

impl FromRequestParts<ApiState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, api.config().trust_proxy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(peer: &str, headers: &[(&'static str, &'static str)]) -> Parts {
        let mut request = axum::http::Request::new(());
        let peer: SocketAddr = peer.parse().expect("address");
        request.extensions_mut().insert(ConnectInfo(peer));
        for (name, value) in headers {
            request
                .headers_mut()
                .append(*name, value.parse().expect("value"));
        }
        request.into_parts().0
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy_here() {
        let address = |peer, headers: &[_], trust| {
            Client::of(&parts(peer, headers), trust).address.to_string()
        };
        let header = [("x-forwarded-for", "203.0.113.9, 198.51.100.7")];
        assert_eq!(address("127.0.0.1:5", &header, true), "198.51.100.7");
        assert_eq!(address("127.0.0.1:5", &header, false), "127.0.0.1");
        assert_eq!(address("192.0.2.1:5", &header, true), "192.0.2.1");
        assert_eq!(address("[::ffff:192.0.2.1]:5", &[], true), "192.0.2.1");
        assert_eq!(
            address("127.0.0.1:5", &[("x-forwarded-for", "nobody")], true),
            "127.0.0.1"
        );
    }

    #[test]
    fn only_a_peer_that_asks_for_itself_is_local() {
        let local = |peer, headers: &[_]| Client::of(&parts(peer, headers), true).local;
        assert!(local("127.0.0.1:5", &[]));
        assert!(local("[::1]:5", &[]));
        assert!(!local("192.0.2.1:5", &[]));
        assert!(!local("127.0.0.1:5", &[("forwarded", "for=192.0.2.1")]));
        assert!(!local("127.0.0.1:5", &[("x-forwarded-for", "127.0.0.1")]));
        let request = axum::http::Request::new(()).into_parts().0;
        assert!(!Client::of(&request, true).local, "no peer known");
    }
}
