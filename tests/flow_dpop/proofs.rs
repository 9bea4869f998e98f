//! Proofs: the RFC's own, and ours, with the RFC's members and no other.

use super::*;

#[test]
fn the_rfcs_proofs_verify() {
    for (proof, method, target, issued, ath) in [
        (CODE_PROOF, "POST", "https://server.example.com/token", 1_562_262_616_u64, None),
        (REFRESH_PROOF, "POST", "https://server.example.com/token", 1_562_265_296, None),
        (
            RESOURCE_PROOF,
            "GET",
            "https://resource.example.org/protectedresource",
            1_562_262_618,
            Some(RFC_ATH),
        ),
    ] {
        let proof = verified(&format!("{HEAD}.{proof}"));
        assert_eq!(proof.key.thumbprint(), THUMBPRINT);
        assert_eq!(proof.header["typ"], "dpop+jwt");
        assert_eq!(proof.claims["htm"], method);
        assert_eq!(proof.claims["htu"], target);
        assert_eq!(proof.claims["iat"], issued);
        assert_eq!(proof.claims.get("ath").and_then(Value::as_str), ath);
    }
}

/// Section 4.2: these members, and no private one.
#[test]
fn our_proof_has_the_rfcs_members() {
    let key = key().key_id("not for the proof");
    let mut flow = flow(&key);
    let now = Timestamp::from_unix_seconds(1_562_262_616);
    let request = sent(flow.poll(now));
    let proof = proof_of(&request);
    assert_eq!(names(&proof.header), ["alg", "jwk", "typ"]);
    assert_eq!(names(&proof.header["jwk"]), ["crv", "kty", "x", "y"]);
    assert_eq!(proof.header["typ"], "dpop+jwt");
    assert_eq!(proof.header["alg"], "ES256");
    assert_eq!(names(&proof.claims), ["htm", "htu", "iat", "jti"]);
    assert_eq!(proof.claims["htm"], "POST");
    assert_eq!(proof.claims["htu"], TOKEN);
    assert_eq!(proof.claims["iat"], 1_562_262_616_u64);
    let jti = decode(proof.claims["jti"].as_str().expect("a string"));
    assert!(jti.len() >= 12, "96 bits and more");
    assert_eq!(proof.key.thumbprint(), key.thumbprint());
    assert!(request.headers()["dpop"].is_sensitive());
}

/// Section 4.2: without query and fragment parts.
#[test]
fn the_target_has_no_query() {
    let at_door = server().token_endpoint("https://as.example:8443/t/token?tenant=1&x=%2F");
    let client = Client::new(at_door, CLIENT_ID);
    let mut flow = TokenFlow::new(own_token(&client), entropy()).dpop(Dpop::new(key()));
    let request = sent(flow.poll(at(0)));
    assert_eq!(proof_of(&request).claims["htu"], "https://as.example:8443/t/token");
    assert_eq!(request.uri().query(), Some("tenant=1&x=%2F"), "the request keeps it");
}

/// Section 10: `dpop_jkt` is the key's thumbprint; its example is the key of RFC 7638 section 3.1.
#[test]
fn the_thumbprint_for_the_authorization_request() {
    let members = verified(&format!("{HEAD}.{CODE_PROOF}")).header["jwk"].to_string();
    let public = PublicJwk::from_json(&members).unwrap();
    let key = DpopKey::new(Signer::remote(Algorithm::Es256), &public).unwrap();
    assert_eq!(key.thumbprint(), THUMBPRINT);
    let local = self::key();
    assert_eq!(DpopKey::from(local.clone()).thumbprint(), local.thumbprint());
}

#[test]
fn a_key_that_cannot_prove_is_refused() {
    let public = key().public_jwk();
    for algorithm in [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es384, Algorithm::EdDsa] {
        let refused = DpopKey::new(Signer::remote(algorithm), &public);
        assert!(matches!(refused, Err(BuildError::Invalid { .. })), "{algorithm}");
    }
}
