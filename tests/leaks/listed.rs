//! No public type is forgotten: each was printed with the canary in it, or cannot hold a secret.

use std::collections::BTreeSet;
use std::fs;

/// Types that cannot hold a secret, because of what they are.
const CANNOT: &[(&str, &str)] = &[
    ("AfterUnknown", "one of three policies"),
    ("Algorithm", "a name out of a table"),
    ("AnswerBy", "a moment and a span"),
    ("Announced", "yes, no or unsaid"),
    ("AssertionAudience", "a server's public name"),
    ("AssuranceLevel", "one of four levels"),
    ("BlockingDriver", "the caller's closures; it has no `Debug`"),
    ("ClaimFault", "a kind, or the name of a claim of ours"),
    ("ClientCredentials", "it has no fields"),
    ("ClientId", "an identifier is no secret (RFC 6749 section 2.2)"),
    ("Created", "yes, no or unsaid"),
    ("CredentialUse", "one of two ways of use"),
    ("Curve", "one of three curves"),
    ("Deadlines", "moments, and keys of the caller's choosing"),
    ("DetailsForm", "one of two forms"),
    ("Deleted", "it has no fields"),
    ("Deviation", "a kind, a status or the name of a member of ours"),
    ("Driver", "the caller's closures; it has no `Debug`"),
    ("Duties", "a size and two choices"),
    ("Endpoint", "the name of a door"),
    ("Environment", "an address and an identifier"),
    ("FailureClass", "one of four classes"),
    ("FailureRule", "a line of a fixed table"),
    ("Fault", "one of three parties"),
    ("Host", "an address"),
    ("Issuer", "a server's public name"),
    ("JwsPart", "one of three parts"),
    ("KeyChoice", "public keys"),
    ("KeyType", "a kind of key"),
    ("LocalVerifier", "it has no fields"),
    ("Meaning", "one of six meanings"),
    ("MethodOverride", "what is asked of any person, not what is known of one"),
    ("IssuerClaim", "a server's public name; printed in `verified` where it is made"),
    ("NoPkce", "a permission"),
    ("PlainHttp", "a permission"),
    ("PlainPkce", "a permission"),
    ("Outstanding", "one of seven kinds of answer"),
    ("Plain", "it has no values"),
    ("Provenance", "paths of verifiers"),
    ("PublicClient", "it has no fields"),
    ("PublicJwk", "a public key; private members are refused"),
    ("Quirks", "switches, and names of members"),
    ("Region", "one of six regions"),
    ("Resend", "one of two rules"),
    ("RetryAfter", "a time"),
    ("Revoked", "it has no fields"),
    ("Rotation", "one of three habits of a server"),
    ("Scope", "names of permissions"),
    ("SelfSignedTlsClientAuth", "it has no fields"),
    ("SessionStatus", "one of four states"),
    ("Timestamp", "a time"),
    ("TlsClientAuth", "it has no fields"),
    ("TokenKind", "one of five kinds"),
    ("TokenType", "a name; the token is elsewhere"),
    ("TokenTypeHint", "one of two kinds"),
    ("Store", "a closure of the caller's; it has no `Debug`"),
    ("Storing", "it has no values"),
    ("TokenTypeIdentifier", "a name; the token is elsewhere"),
    ("Transition", "names of states and events"),
    ("Unusable", "a kind, a position or the name of a member of ours"),
    ("UncheckedSignature", "a permission"),
    ("Unidentified", "it has no fields"),
    ("Validity", "one of three findings"),
    ("UseClaims", "what is asked of any person, not what is known of one"),
    ("UnsecuredIdToken", "a permission"),
    ("WellKnown", "one of three addresses"),
];

/// Printed inside others, or by the only code that can hold one.
const WITHIN: &[(&str, &str)] = &[("Credentials", "printed by the method in `parties`")];

/// Single-use secrets: a copy could be presented twice.
const NOT_CLONE: &[&str] = &[
    "AuthorizationCode",
    "CheckedCode",
    "CodeVerifier",
    "DeviceCode",
    "Entropy",
    "ExpectedIdToken",
    "Grant",
    "JwtBearer",
    "NewProfile",
    "PendingAuthorization",
    "RefreshToken",
    "StartedProfile",
];

/// Secrets are given out by name only.
const NOT_SHOWN: &[&str] = &[
    "AccessToken",
    "CheckedCode",
    "CodeVerifier",
    "Entropy",
    "IdToken",
    "SignedIntrospection",
    "SignedUserinfo",
    "Jwe",
    "Introspection",
    "PendingAuthorization",
    "Profile",
    "PushedAuthorization",
    "RawReply",
    "Registration",
    "Secret",
    "SecretSnapshot",
    "SharedSecret",
    "TokenResponse",
    "UntrustedText",
    "Verified",
];

fn surface() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api.txt");
    fs::read_to_string(path).expect("tests/api.txt is there")
}

/// The last part of a path.
fn name(path: &str) -> &str {
    let end = path.find(['<', ' ']).unwrap_or(path.len());
    path[..end].rsplit("::").next().unwrap_or_default()
}

/// The name of a public struct or enum, if that is what a line of the surface is about.
fn type_of(line: &str) -> Option<&str> {
    let item = line.strip_prefix("pub ")?;
    let made = item.contains("[made by a macro]").then_some(item);
    item.strip_prefix("struct ").or_else(|| item.strip_prefix("enum ")).or(made).map(name)
}

/// The trait and the type, if a line of the surface is an implementation.
fn implementation(line: &str) -> Option<(&str, &str)> {
    let (implemented, path) = line.strip_prefix("impl ")?.split_once(" for ")?;
    Some((name(implemented), name(path)))
}

pub fn assert_complete(seen: &BTreeSet<String>) {
    let surface = surface();
    let public: BTreeSet<&str> = surface.lines().filter_map(type_of).collect();
    assert!(public.len() > 80, "the surface was not understood: {public:?}");
    let excused: Vec<_> = CANNOT.iter().chain(WITHIN).map(|(name, _)| *name).collect();
    for name in &public {
        let known = seen.contains(*name) || excused.contains(name);
        assert!(known, "`{name}` was not printed with the canary, and nobody said why");
    }
    for name in &excused {
        assert!(public.contains(name), "`{name}` is excused and does not exist");
        assert!(!seen.contains(*name), "`{name}` is excused, and printed all the same");
    }
}

#[test]
fn secrets_are_not_copied_or_shown_by_accident() {
    let surface = surface();
    let all: Vec<_> = surface.lines().filter_map(implementation).collect();
    let has = |wanted: &str, name: &str| all.contains(&(wanted, name));
    assert!(has("Clone", "Secret") && has("Display", "Scope"), "the surface was not understood");
    for name in NOT_CLONE {
        assert!(!has("Clone", name), "`{name}` is `Clone`");
    }
    for name in NOT_SHOWN {
        for way in ["Display", "Deref", "AsRef"] {
            assert!(!has(way, name), "`{name}` has `{way}`");
        }
        assert!(!has("Serialize", name) || *name == "PendingAuthorization", "`{name}`: Serialize");
    }
}
