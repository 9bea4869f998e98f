//! Made-up text: what may be sent, what JSON can be, and how either gets damaged.

use proptest::prelude::*;
use proptest::sample::Index;

/// Any characters but control characters.
pub fn text(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let shown = any::<char>().prop_map(|c| if c.is_control() { '\u{2603}' } else { c });
    let common = prop_oneof![
        3 => prop::char::range(' ', '~'),
        1 => prop::sample::select(vec!['&', '=', '+', '%', ' ', '#', '"', '\\', '~', '*', ':']),
        2 => shown,
    ];
    prop::collection::vec(common, length).prop_map(String::from_iter)
}

/// `VSCHAR` of RFC 6749 Appendix A: visible ASCII and spaces.
pub fn visible(length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::char::range(' ', '~'), length).prop_map(String::from_iter)
}

/// A scope, perhaps empty.
pub fn scope() -> impl Strategy<Value = String> {
    prop::collection::vec("[!#-\\[\\]-~]{1,9}", 0..4).prop_map(|tokens| tokens.join(" "))
}

/// A redirect URI of any scheme, with anything graphic after it.
pub fn redirect_uri() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9+.-]{0,8}:[!-\"$-~]{1,30}"
}

pub fn verifier() -> impl Strategy<Value = String> {
    "[A-Za-z0-9._~-]{43,128}"
}

/// Different names that no request of ours writes.
pub fn names(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
    let name = text(0..6).prop_map(|text| format!("x{text}"));
    prop::collection::btree_set(name, count).prop_map(|names| names.into_iter().collect())
}

/// Pairs with different names; values may be empty.
pub fn pairs(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(String, String)>> {
    names(count).prop_flat_map(|names| {
        let values = prop::collection::vec(text(0..12), names.len());
        values.prop_map(move |values| names.clone().into_iter().zip(values).collect())
    })
}

pub fn control() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => prop::sample::select(vec!['\0', '\r', '\n', '\u{7f}', '\u{85}']),
        1 => prop::char::range('\0', '\u{1f}'),
        1 => prop::char::range('\u{7f}', '\u{9f}'),
    ]
}

/// JSON text of any kind, legal but not always sensible: numbers too large for any type, halves of
/// surrogate pairs, repeated names, and towers.
pub fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "null",
            "true",
            "false",
            "0",
            "-0",
            "-1",
            "3600",
            "3600.0",
            "3600.5",
            "1e999",
            "-1E-999",
            "99999999999999999999999999",
            "\"\"",
            "\"3600\"",
            "\" \"",
            "[]",
            "{}",
            r#""\ud800""#,
            r#""\udfff\u0000""#,
            r#"{"\ud800":1}"#,
            r#"{"a":1,"a":2}"#,
        ])
        .prop_map(String::from),
        any::<f64>().prop_map(|number| serde_json::to_string(&number).unwrap()),
        any::<i64>().prop_map(|number| number.to_string()),
        text(0..20).prop_map(|text| serde_json::to_string(&text).unwrap()),
        (1..61_usize).prop_map(|deep| "[".repeat(deep) + &"]".repeat(deep)),
        (1..61_usize).prop_map(|deep| r#"{"a":"#.repeat(deep) + "1" + &"}".repeat(deep)),
        (100..2000_usize).prop_map(|long| format!("\"{}\"", "\\n".repeat(long))),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let quoted = text(0..4).prop_map(|name| serde_json::to_string(&name).unwrap());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((quoted, inner), 0..6).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(n, v)| format!("{n}: {v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
    .prop_filter("within the limits", |text| depth(text) < 63 && text.len() < 9000)
}

/// How deep brackets nest, those in strings included: never too little.
fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => now += 1,
            b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

/// Replaces, removes, adds or repeats bytes.
#[derive(Debug, Clone)]
pub enum Edit {
    Set(Index, u8),
    Cut(Index),
    Insert(Index, u8),
    Remove(Index),
    Repeat(Index),
}

pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let byte = || {
        let syntax = prop::sample::select(b"{}[]\":,\\=&?#%.-e10 \xFF\0".to_vec());
        prop_oneof![any::<u8>(), syntax]
    };
    let index = any::<Index>;
    let edit = prop_oneof![
        4 => (index(), byte()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        1 => index().prop_map(Edit::Cut),
        2 => (index(), byte()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        2 => index().prop_map(Edit::Remove),
        1 => index().prop_map(Edit::Repeat),
    ];
    prop::collection::vec(edit, 0..5)
}

pub fn edited(document: &[u8], edits: Vec<Edit>) -> Vec<u8> {
    let mut bytes = document.to_vec();
    for edit in edits {
        if bytes.is_empty() {
            break;
        }
        match edit {
            Edit::Set(at, byte) => *at.get_mut(&mut bytes) = byte,
            Edit::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Edit::Insert(at, byte) => bytes.insert(at.index(bytes.len()), byte),
            Edit::Remove(at) => drop(bytes.remove(at.index(bytes.len()))),
            Edit::Repeat(at) => bytes.extend_from_within(at.index(bytes.len())..),
        }
    }
    bytes
}

/// Bytes of any kind: random, or one of these documents with a few bytes changed.
pub fn bytes(documents: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => json().prop_map(String::into_bytes),
        4 => (prop::sample::select(documents), edits())
            .prop_map(|(document, edits)| edited(document.as_bytes(), edits)),
    ]
}
