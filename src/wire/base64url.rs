//! Base64, as JOSE and HTTP Basic use it.
//!
//! The work is done by the `base64` crate; this file only fixes the two alphabets once, so that no
//! caller can pick a lenient one by accident.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The length in characters of 32 bytes in base64url.
pub(crate) const LEN_32: usize = 43;

/// Appends `bytes` in base64url without padding (RFC 7515 section 2).
pub(crate) fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start.saturating_add(encoded_len(bytes.len())), 0);
    if let Some(room) = out.get_mut(start..) {
        // The room is exactly as long as the encoder asks for, so this cannot fall short.
        let written = URL_SAFE_NO_PAD.encode_slice(bytes, room).unwrap_or(0);
        out.truncate(start.saturating_add(written));
    }
}

/// `bytes` in base64url without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// 32 bytes as 43 characters on the stack, for values that are only compared or copied.
pub(crate) fn encode_32(bytes: &[u8; 32]) -> [u8; LEN_32] {
    let mut text = [0; LEN_32];
    let _ = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text);
    text
}

/// Strict decoding: no padding, no white space, no stray bits in the last character.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// How many characters `len` bytes take, without padding.
pub(crate) const fn encoded_len(len: usize) -> usize {
    len.saturating_mul(4).div_ceil(3)
}

/// Appends `bytes` in the padded standard alphabet that HTTP Basic uses (RFC 7617).
pub(crate) fn push_standard(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start.saturating_add(standard_len(bytes.len())), 0);
    if let Some(room) = out.get_mut(start..) {
        let written = STANDARD.encode_slice(bytes, room).unwrap_or(0);
        out.truncate(start.saturating_add(written));
    }
}

/// How many characters `len` bytes take in the padded standard alphabet.
pub(crate) const fn standard_len(len: usize) -> usize {
    len.div_ceil(3).saturating_mul(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7636_appendix_a() {
        assert_eq!(encode(&[3, 236, 255, 224, 193]), "A-z_4ME");
    }

    #[test]
    fn stray_bits_and_padding_are_refused() {
        assert_eq!(decode("AA"), Some(vec![0]));
        assert_eq!(decode("AB"), None);
        assert_eq!(decode("AA=="), None);
        assert_eq!(decode("A A"), None);
    }

    #[test]
    fn lengths_are_exact() {
        for len in 0..100 {
            let bytes = vec![7; len];
            assert_eq!(encode(&bytes).len(), encoded_len(len));
            let mut out = b"x".to_vec();
            push_standard(&mut out, &bytes);
            assert_eq!(out.len(), 1 + standard_len(len));
        }
    }
}
