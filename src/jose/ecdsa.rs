//! ECDSA signatures: from the DER that KMSs and HSMs return to the `r||s` that JOSE wants.
//!
//! The reader is strict DER for one shape only, a SEQUENCE of two positive INTEGERs
//! (RFC 3279 section 2.2.3). An RSA public key has the same shape (RFC 8017 appendix A.1.1), so the
//! local keys use it too. Nothing here knows a curve or checks a signature. Fuzzing reaches this file
//! through `Unsigned::finish`.

/// The tag of a SEQUENCE.
const SEQUENCE: u8 = 0x30;
/// The tag of an INTEGER.
const INTEGER: u8 = 0x02;

/// A DER signature as `r||s`, each half padded to `coordinate_len`
/// (RFC 7518 section 3.4); `None` when it is not strict DER, or a number is zero or too wide.
pub(super) fn der_to_raw(der: &[u8], coordinate_len: usize) -> Option<Vec<u8>> {
    let (r, s) = two_integers(der)?;
    let mut raw = Vec::with_capacity(coordinate_len.saturating_mul(2));
    for number in [r, s] {
        let padding = coordinate_len.checked_sub(number.len())?;
        raw.resize(raw.len().saturating_add(padding), 0);
        raw.extend_from_slice(number);
    }
    Some(raw)
}

/// The two numbers of a SEQUENCE of two positive INTEGERs and nothing else, big-endian without
/// leading zeros.
pub(super) fn two_integers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (content, after) = element(SEQUENCE, der)?;
    let (first, rest) = element(INTEGER, content)?;
    let (second, rest) = element(INTEGER, rest)?;
    if !(rest.is_empty() && after.is_empty()) {
        return None;
    }
    Some((positive(first)?, positive(second)?))
}

/// Splits one element of this tag into its content and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    // Each arm takes only lengths that no shorter form can hold. Two length bytes are enough for
    // any RSA key; 0x80 alone is the indefinite form of BER.
    let (found, len, rest) = match der {
        [found, len @ ..=0x7f, rest @ ..] => (found, usize::from(*len), rest),
        [found, 0x81, len @ 0x80..=0xff, rest @ ..] => (found, usize::from(*len), rest),
        [found, 0x82, high @ 1..=0xff, low, rest @ ..] => {
            (found, usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    if *found != tag {
        return None;
    }
    rest.split_at_checked(len)
}

/// An INTEGER's content without its sign byte; `None` when it is zero, negative or not minimal.
fn positive(content: &[u8]) -> Option<&[u8]> {
    match content {
        // Here the zero is needed: without it the number would read as negative.
        [0, number @ ..] if number.first().is_some_and(|&first| first >= 0x80) => Some(number),
        [1..=0x7f, ..] => Some(content),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes what the reader reads, with none of its code.
    fn write(tag: u8, content: &[u8]) -> Vec<u8> {
        let len = content.len();
        let mut der = vec![tag];
        match len {
            0..=127 => der.push(len as u8),
            128..=255 => der.extend([0x81, len as u8]),
            _ => der.extend([0x82, (len >> 8) as u8, len as u8]),
        }
        der.extend(content);
        der
    }

    fn integer(number: &[u8]) -> Vec<u8> {
        let start = number.iter().position(|&byte| byte != 0).unwrap_or(number.len());
        let mut content = number[start..].to_vec();
        if content.first().is_none_or(|&first| first >= 0x80) {
            content.insert(0, 0);
        }
        write(INTEGER, &content)
    }

    fn signature(raw: &[u8]) -> Vec<u8> {
        let (r, s) = raw.split_at(raw.len() / 2);
        write(SEQUENCE, &[integer(r), integer(s)].concat())
    }

    #[test]
    fn pads_short_numbers_and_drops_sign_bytes() {
        let der = [0x30, 7, 2, 1, 5, 2, 2, 0, 0x80];
        assert_eq!(der_to_raw(&der, 3), Some(vec![0, 0, 5, 0, 0, 0x80]));
        assert_eq!(der_to_raw(&der, 1), Some(vec![5, 0x80]));
        assert_eq!(der_to_raw(&der, 0), None);
    }

    #[test]
    fn p_521_takes_a_long_length() {
        let mut raw = [0xff; 132];
        (raw[0], raw[66]) = (1, 1);
        let der = signature(&raw);
        assert_eq!(der[..3], [0x30, 0x81, 136]);
        assert_eq!(der_to_raw(&der, 66).unwrap(), raw);
        assert_eq!(der_to_raw(&der, 48), None, "too wide for P-384");
    }

    #[test]
    fn two_length_bytes_are_read() {
        let raw = [0x7f; 512];
        let der = signature(&raw);
        assert_eq!(der[..4], [0x30, 0x82, 2, 8]);
        assert_eq!(der_to_raw(&der, 256).unwrap(), raw);
    }

    #[test]
    fn what_is_not_strict_der_is_refused() {
        let cases: &[(&[u8], &str)] = &[
            (&[], "nothing"),
            (&[0x30], "no length"),
            (&[0x30, 0], "no numbers"),
            (&[0x30, 3, 2, 1, 5], "one number"),
            (&[0x30, 6, 2, 1, 5, 2, 1], "cut short"),
            (&[0x30, 6, 2, 1, 5, 2, 1, 5, 0], "a byte after the sequence"),
            (&[0x30, 7, 2, 1, 5, 2, 1, 5, 0], "a byte inside the sequence"),
            (&[0x30, 9, 2, 1, 5, 2, 1, 5, 2, 1, 5], "three numbers"),
            (&[0x31, 6, 2, 1, 5, 2, 1, 5], "a set"),
            (&[0x30, 6, 4, 1, 5, 2, 1, 5], "an octet string"),
            (&[0x30, 6, 2, 1, 0, 2, 1, 5], "zero"),
            (&[0x30, 6, 2, 1, 5, 2, 1, 0], "zero, second"),
            (&[0x30, 6, 2, 1, 0x80, 2, 1, 5], "negative"),
            (&[0x30, 5, 2, 0, 2, 1, 5], "an empty number"),
            (&[0x30, 7, 2, 2, 0, 5, 2, 1, 5], "a zero that is not needed"),
            (&[0x30, 8, 2, 3, 0, 0, 0x80, 2, 1, 5], "two zeros"),
            (&[0x30, 0x81, 6, 2, 1, 5, 2, 1, 5], "a length longer than needed"),
            (&[0x30, 7, 2, 0x81, 1, 5, 2, 1, 5], "the same inside"),
            (&[0x30, 0x82, 0, 6, 2, 1, 5, 2, 1, 5], "two length bytes, one zero"),
            (&[0x30, 0x80, 2, 1, 5, 2, 1, 5, 0, 0], "the indefinite length"),
            (&[0x30, 0x84, 0, 0, 0, 6, 2, 1, 5, 2, 1, 5], "four length bytes"),
            (&[0x30, 0xff, 2, 1, 5, 2, 1, 5], "the reserved length"),
        ];
        assert_eq!(der_to_raw(&[0x30, 6, 2, 1, 5, 2, 1, 5], 32).unwrap().len(), 64);
        for (der, why) in cases {
            assert_eq!(der_to_raw(der, 32), None, "{why}");
        }
    }

    proptest! {
        #[test]
        fn written_signatures_read_back(
            len in prop::sample::select(vec![32_usize, 48, 66]),
            r in any::<[u8; 66]>(),
            s in any::<[u8; 66]>(),
            zeros in 0_usize..32,
        ) {
            let (mut r, mut s) = (r[..len].to_vec(), s[..len].to_vec());
            r[..zeros].fill(0);
            // Never zero, whatever the rest is.
            (r[31], s[0]) = (r[31] | 1, s[0] | 1);
            let raw = [r, s].concat();
            prop_assert_eq!(der_to_raw(&signature(&raw), len), Some(raw));
        }

        /// DER is canonical: whatever is taken is exactly what the writer would have written.
        #[test]
        fn any_bytes_are_refused_or_canonical(
            r in prop::collection::vec(any::<u8>(), 1..70),
            s in prop::collection::vec(any::<u8>(), 1..70),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in any::<prop::sample::Index>(),
            whole in any::<bool>(),
        ) {
            let mut der = write(SEQUENCE, &[write(INTEGER, &r), write(INTEGER, &s)].concat());
            for (place, byte) in edits {
                *place.get_mut(&mut der) = byte;
            }
            if !whole {
                der.truncate(cut.index(der.len()));
            }
            if let Some(raw) = der_to_raw(&der, 66) {
                prop_assert_eq!(raw.len(), 132);
                prop_assert_eq!(signature(&raw), der);
            }
        }
    }
}
