//! Attacks on the binding of a code to the flow that asked for it.

use grantwire::danger::{NoPkce, PlainPkce};
use grantwire::pkce::CodeVerifier;
use grantwire::{BuildError, Client, Entropy, Secret};

use crate::given::*;

/// The parameters of an authorization request that has been started.
struct Sent {
    url: String,
    code: grantwire::grant::CheckedCode,
}

fn start(client: &Client, entropy: &mut Entropy, code: &str) -> Sent {
    let started = client.authorization().state(Secret::new("xyz")).start(entropy).unwrap();
    let url = started.url.to_string();
    Sent { url, code: checked(started.pending, &format!("code={code}&state=xyz")) }
}

fn verifier_of(client: &Client, sent: Sent) -> String {
    let request = built(&client.token(sent.code));
    let found = pairs_of(&request).into_iter().find(|(name, _)| name == "code_verifier");
    found.expect("a verifier").1
}

fn challenge_of(verifier: &str) -> String {
    CodeVerifier::from_text(verifier).expect("a verifier").challenge()
}

/// RFC 9700 section 4.5: an attacker's code, put into the victim's callback, is redeemed with the
/// victim's verifier, which is not the one that the attacker's challenge asks for.
#[test]
fn authorization_code_injection() {
    let (client, mut entropy) = (client(), entropy());
    let attackers = start(&client, &mut entropy, "attackers-code");
    let victims = start(&client, &mut entropy, "attackers-code");
    let wanted = query(&attackers.url, "code_challenge").unwrap();
    let own = query(&victims.url, "code_challenge").unwrap();
    let verifier = verifier_of(&client, victims);
    assert_eq!(challenge_of(&verifier), own);
    assert_ne!(challenge_of(&verifier), wanted);
}

/// RFC 9700 section 4.8, RFC 7636 section 7.2, S7: the method is always said, and nothing that a server
/// answers makes the next request weaker.
#[test]
fn pkce_downgrade() {
    let client = client();
    let mut entropy = entropy();
    let method = |url: &str| query(url, "code_challenge_method");
    for _ in 0..2 {
        let request = client.authorization().state("xyz");
        let started = request.start(&mut entropy).unwrap();
        assert_eq!(method(&started.url).as_deref(), Some("S256"));
        let refused = "error=invalid_request&error_description=S256+is+not+supported&state=xyz";
        let callback = grantwire::authorization::Callback::from_query(refused);
        assert!(started.pending.code(callback).unwrap_err().refusal().is_some());
    }
    // Plain and none take a permission that one has to type.
    let plain = client.authorization().plain_pkce(PlainPkce).start(&mut entropy).unwrap().url;
    assert_eq!(method(&plain).as_deref(), Some("plain"), "said, though it is the default");
    let off = client.authorization().without_pkce(NoPkce).start(&mut entropy).unwrap().url;
    assert_eq!(method(&off), None);
}

/// RFC 9700 section 4.8: a verifier is sent exactly when a challenge was, so a server that checks that
/// sees a stripped challenge.
#[test]
fn stripped_challenge() {
    let (client, mut entropy) = (client(), entropy());
    let sent = start(&client, &mut entropy, "c");
    assert!(query(&sent.url, "code_challenge").is_some());
    assert_eq!(verifier_of(&client, sent).len(), 43);
    let request = client.authorization().state("xyz").without_pkce(NoPkce);
    let code = checked(request.start(&mut entropy).unwrap().pending, "code=c&state=xyz");
    let names = names_of(&built(&client.token(code)));
    assert!(!names.contains(&"code_verifier".to_owned()));
}

/// S7, S23: an extra cannot change the method, the challenge or the verifier.
#[test]
fn pkce_downgrade_by_an_extra_parameter() {
    for name in ["code_challenge", "code_challenge_method", "code_verifier"] {
        let managed = BuildError::ParameterManaged { parameter: name.into() };
        let request = client().authorization().parameter(name, "plain");
        assert_eq!(request.start(&mut entropy()).err(), Some(managed.clone()));
        assert_eq!(build(&code_exchange(&client()).parameter(name, "x")).err(), Some(managed));
    }
}

/// S8: a verifier is made for each request, and never leaves before the code is redeemed.
#[test]
fn verifier_reused_or_shown() {
    let (client, mut entropy) = (client(), entropy());
    let (first, second) = (start(&client, &mut entropy, "c"), start(&client, &mut entropy, "c"));
    let urls = [first.url.clone(), second.url.clone()];
    let verifiers = [verifier_of(&client, first), verifier_of(&client, second)];
    assert_ne!(verifiers[0], verifiers[1]);
    for url in urls {
        assert!(verifiers.iter().all(|verifier| !url.contains(verifier)), "{url}");
    }
}

/// RFC 9700 section 2.1.1: what must be unguessable is, and nothing is used for two purposes.
#[test]
fn guessing_one_value_from_another() {
    let (client, mut entropy) = (client(), entropy());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let started = client.authorization().with_nonce().start(&mut entropy).unwrap();
        for name in ["state", "nonce", "code_challenge"] {
            let value = query(&started.url, name).unwrap();
            assert_eq!(value.len(), 43, "256 bits");
            assert!(seen.insert(value), "{name} was seen before");
        }
    }
}
