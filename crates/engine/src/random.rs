//! The one place that draws random numbers: ids, keys, nonces and tokens come from the operating system.

use jingwei_core::time::Timestamp;
use uuid::Uuid;

/// A source of unpredictable bytes.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's source.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsRandom;

impl Random for OsRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that draws random numbers"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no key and no token is safe; the operating systems we run on do not fail here after boot.
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// `N` random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// A UUIDv7 (RFC 9562) of the instant `at`.
pub fn uuid_v7(random: &dyn Random, at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes::<10>(random)).into_uuid()
}
