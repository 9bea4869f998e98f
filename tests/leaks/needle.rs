//! The mark, and every form in which it might be printed.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Fit for every grammar that a secret can have here: a header, a scope, a code verifier. Its hyphens
/// and digits keep it from looking like an error code, which may be shown.
pub const CANARY: &str = "cAnArY-9f8e7d6c5b4a-QzXwVuTsRqPo-1234567890-ZyXw";

/// As many bytes or characters in a row are enough to call it a leak.
const WINDOW: usize = 10;

/// The forms of one secret that are looked for.
pub struct Needle(BTreeSet<String>);

impl Needle {
    pub fn new(secret: &[u8]) -> Self {
        assert!(secret.len() >= 16, "too short to be told from chance");
        let mut forms = BTreeSet::new();
        for part in secret.windows(WINDOW) {
            if let Ok(text) = std::str::from_utf8(part) {
                forms.insert(text.to_lowercase());
            }
            let joined = |each: fn(&u8) -> String, with: &str| -> String {
                part.iter().map(each).collect::<Vec<_>>().join(with)
            };
            forms.insert(joined(u8::to_string, ","));
            forms.insert(joined(|byte| format!("{byte:02x}"), ""));
            forms.insert(joined(|byte| format!("%{byte:02x}"), ""));
        }
        for shift in 0..3 {
            // Characters at either end also hold bits of what stands beside the secret.
            let padded = [&vec![0; shift], secret].concat();
            let (start, end) = ([0, 2, 3][shift], padded.len() / 3 * 4);
            for text in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
                let inner = &text.as_bytes()[start..end];
                let parts = inner.windows(WINDOW + 4);
                forms.extend(parts.map(|part| String::from_utf8_lossy(part).to_lowercase()));
            }
        }
        Self(forms)
    }

    /// Whether a text holds the secret in any form. Case and white space do not count: neither hides
    /// anything.
    pub fn is_in(&self, text: &str) -> bool {
        let mut text = text.to_lowercase();
        text.retain(|c| !c.is_whitespace());
        self.0.iter().any(|form| text.contains(form))
    }
}

#[test]
fn it_is_found_in_every_form() {
    let needle = Needle::new(CANARY.as_bytes());
    assert!(!needle.is_in("Secret(..) Request(POST, 1234567 bytes) [99, 65, 110]"));
    let bytes = CANARY.as_bytes().to_vec();
    for form in [
        CANARY.to_owned(),
        format!("prefix{}suffix", &CANARY[7..20]),
        format!("{:?}", Some(CANARY)),
        format!("{bytes:?}"),
        format!("{bytes:#?}"),
        format!("{bytes:02x?}").replace(", ", ""),
        bytes.iter().map(|byte| format!("%{byte:02X}")).collect(),
        CANARY.to_uppercase(),
    ] {
        assert!(needle.is_in(&form), "{form}");
    }
    for before in ["", "a", "ab", "abc", "client:"] {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(format!("{before}{CANARY}?after"));
            assert!(needle.is_in(&format!("Basic {encoded}")), "{encoded}");
        }
    }
    let request = http::Request::builder().header("authorization", CANARY).body(bytes).unwrap();
    assert!(needle.is_in(&format!("{:?}", request.headers())));
    assert!(needle.is_in(&format!("{:?}", request.body())), "as `http::Request` prints it");
}
