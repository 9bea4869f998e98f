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
    let invalid =
        r#"DPoP error="invalid_token", error_description="Invalid DPoP key binding", algs="ES256""#;
    for (status, header) in
        [(401, invalid), (401, "Bearer, DPoP algs=\"ES256 PS256\""), (403, WANTED)]
    {
        let mut flow = flow(URL, key());
        sent(flow.poll(at(0)));
        flow.handle_response(at(0), &answer(status, &[("www-authenticate", header)], "")).unwrap();
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
