//! DPoP (RFC 9449) in the flows: proofs, nonces, the one retry, and requests to resources.
//!
//! Proofs are verified with `aws-lc-rs` and the key they carry. The RFC's own proofs are read first,
//! so that the verifier is known to be right before it judges ours.

mod given;
mod machines;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::client::PrivateKeyJwt;
use grantwire::dpop::{DpopKey, Nonces};
use grantwire::flow::{Dpop, FlowError, Machine, Misuse, ResourceFlow, TokenFlow};
use grantwire::jose::{Algorithm, LocalKey, PublicJwk, Signer};
use grantwire::message::{ErrorCode, ReplyErrorKind, Unusable};
use grantwire::resource::ResourceRequest;
use grantwire::token::{AccessToken, TokenType};
use grantwire::{BuildError, Client, Resend, Timestamp};
use http::{HeaderMap, Request, Response};
use machines::*;
use serde_json::Value;

use given::{CLIENT_ID, TOKEN, answer, client, entropy, json, own_token, pairs_of, server};

/// RFC 9449 figure 2 and section 6.1: the thumbprint of the key in all three proofs.
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
const RFC_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const RFC_ATH: &str = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";
const RFC_NONCE: &str = "eyJ7S_zG.eyJH0-Z.HX4w-7v";

/// The header that all three share.
const HEAD: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
/// Section 5, the token request.
const CODE_PROOF: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
/// Section 5, the refresh request.
const REFRESH_PROOF: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA";
/// Section 7.1, the request to a resource.
const RESOURCE_PROOF: &str = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";

/// A proof that has been verified with the key in its own header.
struct Proof {
    header: Value,
    claims: Value,
    key: PublicJwk,
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn verified(jwt: &str) -> Proof {
    let (input, signature) = jwt.rsplit_once('.').expect("three parts");
    let (header, claims) = input.split_once('.').expect("three parts");
    let read = |part: &str| -> Value { serde_json::from_slice(&decode(part)).expect("JSON") };
    let (header, claims) = (read(header), read(claims));
    let coordinate = |name: &str| decode(header["jwk"][name].as_str().expect("a coordinate"));
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(input.as_bytes(), &decode(signature))
        .expect("a signature that verifies");
    let key = PublicJwk::from_json(&header["jwk"].to_string()).expect("a public key");
    Proof { header, claims, key }
}

fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> =
        object.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The one proof of a request.
fn proof_of(request: &Request<Vec<u8>>) -> Proof {
    let mut all = request.headers().get_all("dpop").iter();
    let proof = verified(all.next().expect("a proof").to_str().expect("ASCII"));
    assert!(all.next().is_none(), "at most one (section 4.3)");
    proof
}

fn assertion_of(request: &Request<Vec<u8>>) -> Value {
    let found = pairs_of(request).into_iter().find(|(name, _)| name == "client_assertion");
    let jwt = found.expect("an assertion").1;
    serde_json::from_slice(&decode(jwt.split('.').nth(1).expect("three parts"))).expect("JSON")
}

fn key() -> LocalKey {
    LocalKey::generate(Algorithm::Es256).expect("a key")
}

fn flow(key: &LocalKey) -> TokenFlow {
    TokenFlow::new(own_token(&client()), entropy()).dpop(Dpop::new(key.clone()))
}

const BOUND: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"DPoP"}"#;

/// A 200 with tokens, and these nonces.
fn granted(nonces: &[&str]) -> Response<Vec<u8>> {
    with_nonces(json(200, BOUND), nonces)
}

fn with_nonces(mut response: Response<Vec<u8>>, nonces: &[&str]) -> Response<Vec<u8>> {
    for nonce in nonces {
        response.headers_mut().append("dpop-nonce", nonce.parse().expect("a header"));
    }
    response
}

fn challenge(nonces: &[&str]) -> Response<Vec<u8>> {
    let words = r#"{"error":"use_dpop_nonce","error_description":"Authorization server requires nonce in DPoP proof"}"#;
    with_nonces(json(400, words), nonces)
}

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

#[test]
fn a_nonce_is_learned_from_every_answer() {
    let key = key();
    for reply in [
        granted(&["n1"]),
        with_nonces(json(400, r#"{"error":"invalid_grant"}"#), &["n1"]),
        with_nonces(answer(503, &[], ""), &["n1"]),
        with_nonces(answer(200, &[], "<html>"), &["n1"]),
    ] {
        let mut first = flow(&key);
        assert!(proof_of(&sent(first.poll(at(0)))).claims.get("nonce").is_none());
        first.handle_response(at(0), &reply).unwrap();
        let dpop = first.into_dpop().expect("the key and what it learned");
        let mut second = TokenFlow::new(own_token(&client()), entropy()).dpop(dpop);
        assert_eq!(proof_of(&sent(second.poll(at(0)))).claims["nonce"], "n1");
        // Section 8.2: a new one replaces it.
        second.handle_response(at(0), &granted(&["n2"])).unwrap();
        let dpop = second.into_dpop().expect("the key");
        let mut third = TokenFlow::new(own_token(&client()), entropy()).dpop(dpop);
        assert_eq!(proof_of(&sent(third.poll(at(0)))).claims["nonce"], "n2");
    }
}

/// Section 8: a nonce is not for another server, and here not for another key.
#[test]
fn nonces_are_kept_by_origin_and_key() {
    let (one, two) = (DpopKey::from(key()), DpopKey::from(key()));
    let mut nonces = Nonces::new();
    let headers = |nonce: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("dpop-nonce", nonce.parse().unwrap());
        headers
    };
    assert!(nonces.learn("https://as.example/token", &one, &headers("as")));
    assert!(nonces.learn("https://api.example/v1?x", &one, &headers("api")));
    assert!(nonces.learn("https://as.example/token", &two, &headers("as two")) == false);
    assert!(nonces.learn("https://as.example/token", &two, &headers("as-two")));
    assert_eq!(nonces.get("HTTPS://AS.example:443/other", &one), Some("as"));
    assert_eq!(nonces.get("https://api.example", &one), Some("api"));
    assert_eq!(nonces.get("https://as.example/token", &two), Some("as-two"));
    for other in ["http://as.example/", "https://as.example:8443/", "https://as.example.org/", "x"]
    {
        assert_eq!(nonces.get(other, &one), None, "{other}");
    }
    assert!(!nonces.learn("https://as.example/token", &one, &headers("as")), "not a new one");
}

#[test]
fn only_so_many_nonces_are_kept() {
    let key = DpopKey::from(key());
    let mut nonces = Nonces::new();
    for host in 0..200 {
        let mut headers = HeaderMap::new();
        headers.insert("dpop-nonce", format!("n{host}").parse().unwrap());
        assert!(nonces.learn(&format!("https://{host}.example/"), &key, &headers));
    }
    let known =
        (0..200).filter(|host| nonces.get(&format!("https://{host}.example/"), &key).is_some());
    assert_eq!(known.collect::<Vec<_>>(), (136..200).collect::<Vec<_>>(), "the newest 64");
}

/// Section 8: there must not be more than one `DPoP-Nonce`; section 8.1: nothing but NQCHAR in it.
#[test]
fn a_nonce_that_is_none_is_ignored() {
    for nonces in [&["n1", "n2"][..], &["a b"], &["a\"b"], &["a\\b"], &[""]] {
        let mut flow = flow(&key());
        sent(flow.poll(at(0)));
        flow.handle_response(at(0), &challenge(nonces)).unwrap();
        assert_ends_with_the_challenge(&mut flow);
        let dpop = flow.into_dpop().unwrap();
        assert_eq!(dpop.nonces().get(TOKEN, dpop.key()), None, "{nonces:?}");
    }
    // The same one twice is no contradiction.
    let mut flow = flow(&key());
    sent(flow.poll(at(0)));
    flow.handle_response(at(0), &challenge(&["n1", "n1"])).unwrap();
    assert_eq!(proof_of(&sent(flow.poll(at(0)))).claims["nonce"], "n1");
}

fn assert_ends_with_the_challenge(flow: &mut TokenFlow) {
    for _ in 0..2 {
        let end = error(flow.poll(at(9)));
        let refusal = end.reply().and_then(|reply| reply.refusal()).expect("the challenge");
        assert_eq!(*refusal.code(), ErrorCode::UseDpopNonce);
    }
}

/// One retry: the same question, with another proof and another assertion, since the server may have
/// used up the first assertion's `jti` by then.
#[test]
fn one_retry_with_everything_fresh() {
    let method = PrivateKeyJwt::new(key());
    let client = Client::new(server(), CLIENT_ID).auth(method);
    let mut flow = TokenFlow::new(own_token(&client), entropy()).dpop(Dpop::new(key()));
    let first = sent(flow.poll(at(0)));
    flow.handle_response(at(3), &challenge(&[RFC_NONCE])).unwrap();
    let (second, duties) = sent_with(flow.poll(at(3)));
    assert_eq!(duties.resend, Resend::OnlyIfNotSent, "a proof is for one request");

    let (one, two) = (proof_of(&first).claims, proof_of(&second).claims);
    assert_eq!(names(&two), ["htm", "htu", "iat", "jti", "nonce"]);
    assert_eq!(two["nonce"], RFC_NONCE);
    assert_ne!(one["jti"], two["jti"]);
    assert_eq!(two["iat"].as_u64().unwrap() - one["iat"].as_u64().unwrap(), 3);
    let (one, two) = (assertion_of(&first), assertion_of(&second));
    assert_ne!(one["jti"], two["jti"]);
    assert_eq!(two["iat"].as_u64().unwrap() - one["iat"].as_u64().unwrap(), 3);

    // A second challenge is the answer, even with yet another nonce, which is kept for later.
    flow.handle_response(at(4), &challenge(&["another"])).unwrap();
    assert_ends_with_the_challenge(&mut flow);
    let dpop = flow.into_dpop().unwrap();
    assert_eq!(dpop.nonces().get(TOKEN, dpop.key()), Some("another"));
}

#[test]
fn a_challenge_without_a_new_nonce_ends_it() {
    let mut flow = self::flow(&key());
    sent(flow.poll(at(0)));
    flow.handle_response(at(0), &challenge(&[])).unwrap();
    assert_ends_with_the_challenge(&mut flow);

    // A nonce that was sent already does not get better by being sent again.
    let key = key();
    let mut first = self::flow(&key);
    sent(first.poll(at(0)));
    first.handle_response(at(0), &granted(&["n1"])).unwrap();
    let mut second =
        TokenFlow::new(own_token(&client()), entropy()).dpop(first.into_dpop().unwrap());
    sent(second.poll(at(0)));
    second.handle_response(at(0), &challenge(&["n1"])).unwrap();
    assert_ends_with_the_challenge(&mut second);
}

/// A nonce that has gone stale is replaced, though one was sent.
#[test]
fn a_stale_nonce_is_replaced() {
    let mut first = flow(&key());
    sent(first.poll(at(0)));
    first.handle_response(at(0), &granted(&["old"])).unwrap();
    let mut second =
        TokenFlow::new(own_token(&client()), entropy()).dpop(first.into_dpop().unwrap());
    assert_eq!(proof_of(&sent(second.poll(at(0)))).claims["nonce"], "old");
    second.handle_response(at(0), &challenge(&["new"])).unwrap();
    assert_eq!(proof_of(&sent(second.poll(at(0)))).claims["nonce"], "new");
    second.handle_response(at(0), &granted(&[])).unwrap();
    value(second.poll(at(0)));
}

/// Some authorization servers say 401, and some only in the header.
#[test]
fn the_challenge_in_other_dress() {
    let header = answer(401, &[("www-authenticate", r#"DPoP error="use_dpop_nonce""#)], "");
    for reply in [json(401, r#"{"error":"use_dpop_nonce"}"#), header] {
        let mut flow = flow(&key());
        sent(flow.poll(at(0)));
        flow.handle_response(at(0), &with_nonces(reply, &["n1"])).unwrap();
        assert_eq!(proof_of(&sent(flow.poll(at(0)))).claims["nonce"], "n1");
    }
}

/// A flow that has no key does not know what to do with a nonce.
#[test]
fn without_a_key_a_challenge_is_a_refusal() {
    let mut flow = TokenFlow::new(own_token(&client()), entropy());
    let request = sent(flow.poll(at(0)));
    assert!(!request.headers().contains_key("dpop"));
    flow.handle_response(at(0), &challenge(&["n1"])).unwrap();
    assert_ends_with_the_challenge(&mut flow);
}

/// Section 5: what is not of type `DPoP` is not bound, and the answer is to be discarded.
#[test]
fn an_unbound_token_is_refused_unless_it_is_allowed() {
    for kind in ["Bearer", "bearer", "mac"] {
        let body = format!(r#"{{"access_token":"t","token_type":"{kind}"}}"#);
        let mut strict = flow(&key());
        sent(strict.poll(at(0)));
        strict.handle_response(at(0), &json(200, body.clone())).unwrap();
        let end = error(strict.poll(at(0)));
        let reply = end.reply().expect("the answer");
        assert_eq!(*reply.kind(), ReplyErrorKind::Unusable(Unusable::NotBound), "{kind}");
        assert_eq!(reply.raw().expose_body(), body.as_bytes(), "the tokens are not lost");

        let request = own_token(&client()).allow_unbound_token();
        let mut lax = TokenFlow::new(request, entropy()).dpop(Dpop::new(key()));
        sent(lax.poll(at(0)));
        lax.handle_response(at(0), &json(200, body)).unwrap();
        assert_eq!(value(lax.poll(at(0))).access_token().expose(), "t");
    }
    // Letter case does not count.
    let mut flow = flow(&key());
    sent(flow.poll(at(0)));
    flow.handle_response(at(0), &json(200, r#"{"access_token":"t","token_type":"dpop"}"#)).unwrap();
    assert_eq!(*value(flow.poll(at(0))).access_token().token_type(), TokenType::Dpop);
}

/// Keys elsewhere: first the assertion is to be signed, then the proof, and for the retry both anew.
#[test]
fn remote_keys_take_the_same_path() {
    let (assertion_key, proof_key) = (key(), key());
    let remote = |id: &str| Signer::remote(Algorithm::Es256).key_id(id.to_owned());
    let client = Client::new(server(), CLIENT_ID).auth(PrivateKeyJwt::new(remote("assertions")));
    let key = DpopKey::new(remote("proofs"), &proof_key.public_jwk()).unwrap();
    let mut flow = TokenFlow::new(own_token(&client), entropy()).dpop(Dpop::new(key));
    let mut inputs = Vec::new();
    for round in 0..2 {
        for (id, key) in [("assertions", &assertion_key), ("proofs", &proof_key)] {
            let unsigned = to_sign(flow.poll(at(round)));
            assert_eq!(unsigned.key_id(), Some(id));
            assert_outstanding(flow.poll(at(round)));
            let early = flow.handle_response(at(round), &granted(&[]));
            assert_eq!(early, Err(Misuse::NotSending));
            flow.handle_signature(&key.sign(&unsigned).unwrap()).unwrap();
            inputs.push(unsigned.input().to_vec());
        }
        let proof = proof_of(&sent(flow.poll(at(round))));
        assert_eq!(proof.key.thumbprint(), proof_key.thumbprint());
        assert_eq!(names(&proof.header), ["alg", "jwk", "typ"], "the key's name stays here");
        let reply = if round == 0 { challenge(&["n1"]) } else { granted(&[]) };
        flow.handle_response(at(round), &reply).unwrap();
    }
    value(flow.poll(at(2)));
    inputs.sort();
    inputs.dedup();
    assert_eq!(inputs.len(), 4, "no input is signed twice");
}

mod resource {
    //! Section 7: a bound token goes to a resource with a proof over it.

    use super::*;

    const URL: &str = "https://resource.example.org/protectedresource";
    const WANTED: &str = r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#;

    fn token() -> AccessToken {
        AccessToken::new(RFC_TOKEN, TokenType::Dpop)
    }

    fn get(url: &str) -> Request<Vec<u8>> {
        Request::get(url).header("accept", "text/plain").body(Vec::new()).unwrap()
    }

    fn flow(url: &str, key: LocalKey) -> ResourceFlow {
        let request = ResourceRequest::new(get(url), &token()).unwrap();
        ResourceFlow::new(request, entropy()).dpop(Dpop::new(key))
    }

    fn wanted(nonces: &[&str]) -> Response<Vec<u8>> {
        with_nonces(answer(401, &[("www-authenticate", WANTED)], ""), nonces)
    }

    #[test]
    fn the_rfcs_request() {
        let key = key();
        let mut flow = flow(&format!("{URL}?page=2"), key.clone());
        let (request, duties) = sent_with(flow.poll(at(0)));
        assert_eq!(request.headers()["authorization"], format!("DPoP {RFC_TOKEN}"));
        assert!(request.headers()["authorization"].is_sensitive());
        assert_eq!(request.headers()["accept"], "text/plain");
        assert_eq!(duties.resend, Resend::OnlyIfNotSent);
        let proof = proof_of(&request);
        assert_eq!(names(&proof.claims), ["ath", "htm", "htu", "iat", "jti"]);
        assert_eq!(proof.claims["ath"], RFC_ATH);
        assert_eq!(proof.claims["htm"], "GET");
        assert_eq!(proof.claims["htu"], URL);
        assert_eq!(proof.key.thumbprint(), key.thumbprint());
        flow.handle_response(at(0), &answer(200, &[], "the goods")).unwrap();
        assert_eq!(value(flow.poll(at(0))).expose_body(), b"the goods");
    }

    /// Section 9 says 401; both sides are taken to say 400 or 401.
    #[test]
    fn the_challenge_and_the_one_retry() {
        let as_400 = answer(400, &[("www-authenticate", WANTED)], "");
        for challenge in [wanted(&[RFC_NONCE]), with_nonces(as_400, &[RFC_NONCE])] {
            let mut flow = flow(URL, key());
            let first = proof_of(&sent(flow.poll(at(0))));
            flow.handle_response(at(1), &challenge).unwrap();
            let second = proof_of(&sent(flow.poll(at(1))));
            assert_eq!(second.claims["nonce"], RFC_NONCE);
            assert_eq!(second.claims["ath"], RFC_ATH);
            assert_ne!(first.claims["jti"], second.claims["jti"]);
            flow.handle_response(at(2), &wanted(&["another"])).unwrap();
            let end = error(flow.poll(at(2)));
            let refusal = end.reply().and_then(|reply| reply.refusal()).expect("the challenge");
            assert_eq!(*refusal.code(), ErrorCode::UseDpopNonce);
        }
    }

    #[test]
    fn without_a_nonce_there_is_no_retry() {
        for challenge in [wanted(&[]), wanted(&["a", "b"])] {
            let mut flow = flow(URL, key());
            sent(flow.poll(at(0)));
            flow.handle_response(at(0), &challenge).unwrap();
            assert!(matches!(error(flow.poll(at(0))), FlowError::Reply(_)));
        }
    }

    /// Any other answer is the caller's, with what it says of the token.
    #[test]
    fn other_answers_are_handed_over() {
        let invalid = r#"DPoP error="invalid_token", error_description="Invalid DPoP key binding", algs="ES256""#;
        for (status, header) in
            [(401, invalid), (401, "Bearer, DPoP algs=\"ES256 PS256\""), (403, WANTED)]
        {
            let mut flow = flow(URL, key());
            sent(flow.poll(at(0)));
            flow.handle_response(at(0), &answer(status, &[("www-authenticate", header)], ""))
                .unwrap();
            let reply = value(flow.poll(at(0)));
            assert_eq!(reply.status().as_u16(), status);
            assert!(grantwire::resource::check(&reply).is_err());
        }
    }

    /// The resource's nonce is not the authorization server's, though both are kept in one place.
    #[test]
    fn nonces_of_resource_and_server_are_apart() {
        let mut tokens = super::flow(&key());
        sent(tokens.poll(at(0)));
        tokens.handle_response(at(0), &granted(&["for-the-server"])).unwrap();
        let dpop = tokens.into_dpop().unwrap();
        let request = ResourceRequest::new(get(URL), &token()).unwrap();
        let mut resource = ResourceFlow::new(request, entropy()).dpop(dpop);
        assert!(proof_of(&sent(resource.poll(at(0)))).claims.get("nonce").is_none());
        resource
            .handle_response(at(0), &with_nonces(answer(200, &[], ""), &["for-the-resource"]))
            .unwrap();
        let dpop = resource.into_dpop().unwrap();
        assert_eq!(dpop.nonces().get(URL, dpop.key()), Some("for-the-resource"));
        assert_eq!(dpop.nonces().get(TOKEN, dpop.key()), Some("for-the-server"));
    }

    #[test]
    fn a_remote_key_signs_the_proof_alone() {
        let key = key();
        let remote = DpopKey::new(Signer::remote(Algorithm::Es256), &key.public_jwk()).unwrap();
        let request = ResourceRequest::new(get(URL), &token()).unwrap();
        let mut flow = ResourceFlow::new(request, entropy()).dpop(Dpop::new(remote));
        let unsigned = to_sign(flow.poll(at(0)));
        flow.handle_signature(&key.sign(&unsigned).unwrap()).unwrap();
        let proof = proof_of(&sent(flow.poll(at(0))));
        assert_eq!(proof.claims["ath"], RFC_ATH);
    }

    /// `Bearer` stays the scheme of a bearer token.
    #[test]
    fn a_bearer_token_goes_as_it_is() {
        let token = AccessToken::new("mF_9.B5f-4.1JqM", TokenType::Bearer);
        let request = ResourceRequest::new(get(URL), &token).unwrap();
        let mut flow = ResourceFlow::new(request, entropy());
        let (request, duties) = sent_with(flow.poll(at(0)));
        assert_eq!(request.headers()["authorization"], "Bearer mF_9.B5f-4.1JqM");
        assert!(!request.headers().contains_key("dpop"));
        assert_eq!(duties.resend, Resend::Always);
    }

    #[test]
    fn what_cannot_be_presented() {
        let other = AccessToken::new("t", TokenType::from_name("mac"));
        assert!(matches!(ResourceRequest::new(get(URL), &other), Err(BuildError::TokenType)));
        let plain = ResourceRequest::new(get("http://resource.example.org/"), &token());
        assert!(matches!(plain, Err(BuildError::Endpoint { endpoint: "resource", .. })));
        // A bound token has no place in a bearer's header.
        let mut headers = HeaderMap::new();
        assert_eq!(token().present(&mut headers), Err(BuildError::TokenType));
        assert!(headers.is_empty());
    }
}
