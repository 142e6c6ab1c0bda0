//! Repeatable choices: what the test chooses by chance follows from one seed that every run prints.
//!
//! Must not be used for anything that has to be unpredictable. Threads and the machine still differ from run to run: a seed
//! repeats the choices, not the moments.

use std::sync::{Mutex, PoisonError};

use jingwei_engine::random::{self, OsRandom, Random};

/// A xorshift generator.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// One of many generators of a seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        // Mixed, so that neighbouring streams do not resemble each other; never 0, from which a xorshift does not get away.
        let mut mixed = seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self((mixed ^ (mixed >> 31)) | 1)
    }

    /// The next number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number from `least` to `most`.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.roll() % (most - least + 1)
    }
}

/// The same as a source of bytes, for ids.
pub(crate) struct Bytes(Mutex<Dice>);

impl Bytes {
    pub(crate) fn new(dice: Dice) -> Self {
        Self(Mutex::new(dice))
    }
}

impl Random for Bytes {
    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            *byte = dice.roll().to_be_bytes()[0];
        }
    }
}

/// The seed: `JINGWEI_SEED`, else a new one.
pub(crate) fn seed() -> u64 {
    match std::env::var("JINGWEI_SEED") {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("JINGWEI_SEED is a whole number, not {text:?}")),
        Err(_) => u64::from_be_bytes(random::bytes(&OsRandom)) >> 16,
    }
}
