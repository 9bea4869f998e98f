//! RFC 7636: verifiers and challenges. Also Dressipi's published pair, and AgeKey's hash of its claims,
//! which is made in the same way.

use grantwire::jose::{Algorithm, Unsigned};
use grantwire::pkce::CodeVerifier;
use grantwire::provider::agekey::UseClaims;

use crate::given::*;

#[test]
fn appendix_a_base64url_without_padding() {
    let unsigned = Unsigned::new(Algorithm::Es256, None, &[3, 236, 255, 224, 193], b"");
    assert_eq!(unsigned.input(), b"A-z_4ME.");
}

#[test]
fn appendix_b_from_octets_to_challenge() {
    let octets = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37,
        77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let verifier = CodeVerifier::from_bytes(octets);
    assert_eq!(verifier.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

/// Starts with this verifier and redeems the code: what was sent at either end.
fn both_ends(text: &str) -> (Option<String>, Option<String>, Option<String>) {
    let client = client();
    let verifier = CodeVerifier::from_text(text).unwrap();
    let request = client.authorization().state("xyz").code_verifier(verifier);
    let started = request.start(&mut entropy()).unwrap();
    let code = checked(started.pending, "code=c&state=xyz");
    let sent = built(&client.token(code));
    let verifier = pairs_of(&sent).into_iter().find(|(name, _)| name == "code_verifier");
    (
        query(&started.url, "code_challenge"),
        query(&started.url, "code_challenge_method"),
        verifier.map(|(_, value)| value),
    )
}

#[test]
fn sections_4_3_and_4_5_challenge_and_verifier_are_sent_where_they_belong() {
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let sent = both_ends(verifier);
    assert_eq!(sent, (Some(challenge.into()), Some("S256".into()), Some(verifier.into())));
}

#[test]
fn dressipis_pair() {
    let verifier = "1tBnEmtSImyCykPHxHYBdzpSFhKEj0Q1LuiHd4fdDlY";
    let challenge = "p7CN1Zi4o5ARn1mYNvNFvj2r5cKkr2k6y7a573eHJXQ";
    let sent = both_ends(verifier);
    assert_eq!(sent, (Some(challenge.into()), Some("S256".into()), Some(verifier.into())));
}

#[test]
fn section_4_1_the_grammar_of_a_verifier() {
    let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for fine in [unreserved.to_owned(), "a".repeat(43), "~".repeat(128)] {
        assert!(CodeVerifier::from_text(fine.as_str()).is_ok(), "{fine}");
    }
    for wrong in ["a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(42)), "é".repeat(30)]
    {
        assert!(CodeVerifier::from_text(wrong.as_str()).is_err(), "{wrong}");
    }
}

#[test]
fn agekeys_hash_of_the_claims_that_were_sent() {
    let claims = UseClaims::new([13, 18]);
    assert_eq!(claims.to_json().unwrap(), r#"{"age_thresholds":[13,18]}"#);
    assert_eq!(claims.hash().unwrap(), "b1MCOtDvtbvpexyqRgKPryZTAIH2zRmXkUc0oIA9MO8");
}
