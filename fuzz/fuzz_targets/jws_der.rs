//! An ECDSA signature is `r||s` or strict DER, or it is refused. DER has one form for each pair of
//! numbers: what is taken is exactly what a writer of DER would have written. In the JWS it is always
//! `r||s` of the curve's length.
//!
//! The first byte of an input chooses the curve.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::jose::{Algorithm, Unsigned};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, signature)) = input.split_first() else { return };
    let (algorithm, len) = match first % 3 {
        0 => (Algorithm::Es256, 64),
        1 => (Algorithm::Es384, 96),
        _ => (Algorithm::Es512, 132),
    };
    let unsigned = Unsigned::new(algorithm, None, b"{}", b"{}");
    let jws = match unsigned.finish(&unsigned.signed(signature)) {
        Ok(jws) => jws,
        Err(error) => {
            assert!(signature.len() != len, "any `r||s` is taken: {error} {error:?}");
            return;
        }
    };
    let (_, written) = jws.expose().rsplit_once('.').expect("it has three parts");
    let raw = URL_SAFE_NO_PAD.decode(written).expect("it is base64url");
    assert_eq!(raw.len(), len);
    if signature.len() == len {
        assert_eq!(raw, signature);
    } else {
        let (r, s) = raw.split_at(len / 2);
        assert_eq!(element(0x30, &[integer(r), integer(s)].concat()), signature);
    }
});

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = u8::try_from(content.len()).expect("no curve here makes more");
    let head = if len < 128 { vec![tag, len] } else { vec![tag, 0x81, len] };
    [head.as_slice(), content].concat()
}

fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let number = &number[zeros..];
    assert!(!number.is_empty(), "zero is no part of a signature");
    let sign: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
    element(2, &[sign, number].concat())
}
