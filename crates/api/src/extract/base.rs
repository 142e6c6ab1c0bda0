//! The address by which this node was asked, for links that have to be whole.
//!
//! Must not believe a header that a client can set beyond what it says to that client itself: what a proxy says of the outside
//! counts only from a proxy on this machine, and only when the settings trust it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;

use super::client::{last, peer};
use crate::state::{ApiConfig, ApiState};

/// `https://example.org`, without a path; empty when the request does not say a host, and links are then relative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base(pub(crate) String);

impl Base {
    fn of(parts: &Parts, config: ApiConfig) -> Self {
        let proxied = config.trust_proxy && peer(parts).is_loopback();
        let forwarded = |name| last(&parts.headers, name).filter(|_| proxied);
        let host = forwarded("x-forwarded-host")
            .or_else(|| parts.headers.get(HOST)?.to_str().ok())
            .or_else(|| parts.uri.authority().map(Authority::as_str));
        let scheme = match forwarded("x-forwarded-proto") {
            Some(scheme @ ("http" | "https")) => scheme,
            _ if config.secure_cookies => "https",
            _ => "http",
        };
        let authority = host.and_then(|host| host.parse::<Authority>().ok());
        // A name and a password are no part of where we are.
        let authority = authority.filter(|authority| !authority.as_str().contains('@'));
        Self(authority.map_or_else(String::new, |authority| format!("{scheme}://{authority}")))
    }
}

impl FromRequestParts<ApiState> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, api.config()))
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::extract::ConnectInfo;

    use super::*;

    #[test]
    fn links_are_whole_and_a_stranger_does_not_say_where_we_are() {
        let base = |peer: &str, headers: &[(&'static str, &str)], trust_proxy, secure_cookies| {
            let mut request = axum::http::Request::new(());
            let peer: SocketAddr = peer.parse().expect("address");
            request.extensions_mut().insert(ConnectInfo(peer));
            for (name, value) in headers {
                request
                    .headers_mut()
                    .append(*name, value.parse().expect("value"));
            }
            let config = ApiConfig {
                secure_cookies,
                trust_proxy,
            };
            Base::of(&request.into_parts().0, config).0
        };
        let proxy = [
            ("host", "127.0.0.1:8080"),
            ("x-forwarded-host", "evil.example, map.example"),
            ("x-forwarded-proto", "https"),
        ];
        let here = "http://127.0.0.1:8080";
        assert_eq!(
            base("127.0.0.1:5", &proxy, true, false),
            "https://map.example"
        );
        assert_eq!(base("127.0.0.1:5", &proxy, false, false), here);
        assert_eq!(base("192.0.2.1:5", &proxy, true, false), here);
        assert_eq!(
            base("192.0.2.1:5", &proxy, false, true),
            "https://127.0.0.1:8080"
        );
        for host in ["a@b", "a b", "a/b", ""] {
            assert_eq!(
                base("127.0.0.1:5", &[("host", host)], false, false),
                "",
                "{host}"
            );
        }
    }
}
