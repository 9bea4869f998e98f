//! Values that cannot be guessed from outside and are the same in every run.
//!
//! A SHA-256 counter over a seed: one seed, one sequence. This is for tests and examples only; a
//! real server asks its operating system.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The sequence. Each call moves it on.
pub struct Chance {
    seed: String,
    drawn: u64,
}

impl Chance {
    pub fn new(seed: &str) -> Self {
        Self { seed: seed.to_owned(), drawn: 0 }
    }

    /// The next 32 bytes.
    pub fn bytes(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        Sha256::new()
            .chain_update(&self.seed)
            .chain_update([0])
            .chain_update(self.drawn.to_be_bytes())
            .finalize()
            .into()
    }

    /// 43 base64url characters: a code, an opaque token.
    pub fn token(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// 64 lower-case hexadecimal digits.
    pub fn hex(&mut self) -> String {
        self.bytes().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Shaped as a version 4 UUID.
    pub fn uuid(&mut self) -> String {
        let digits: Vec<char> = self.hex().chars().take(32).collect();
        let mut text = String::with_capacity(36);
        for (place, digit) in digits.into_iter().enumerate() {
            if matches!(place, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            text.push(match place {
                12 => '4',
                16 => 'a',
                _ => digit,
            });
        }
        text
    }
}
