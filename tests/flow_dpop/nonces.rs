//! Nonces and the one retry, tokens that are not bound, and keys that are elsewhere.

use super::*;

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

/// Section 8.2's own example: a resource's 200 that brings the nonce of the next request, and only of
/// those to that resource.
#[test]
fn a_200_brings_the_next_nonce() {
    let (key, resource) = (DpopKey::from(key()), "https://resource.example.org/protectedresource");
    let mut nonces = Nonces::new();
    let reply = http::Response::builder()
        .status(200)
        .header("Cache-Control", "no-store")
        .header("DPoP-Nonce", "eyJ7S_zG.eyJbYu3.xQmBj-1")
        .body(())
        .unwrap();
    assert!(nonces.learn(resource, &key, reply.headers()));
    assert_eq!(nonces.get(resource, &key), Some("eyJ7S_zG.eyJbYu3.xQmBj-1"));
    assert_eq!(nonces.get("https://server.example.com/token", &key), None);
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
    assert!(!nonces.learn("https://as.example/token", &two, &headers("as two")));
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
    // What an exchange gives need be no access token, and is then bound to nothing that is said here.
    let grant = TokenExchange::new("t", TokenTypeIdentifier::ID_TOKEN)
        .requested_token_type(TokenTypeIdentifier::ID_JAG);
    let body = r#"{"access_token":"a","token_type":"N_A","issued_token_type":"urn:ietf:params:oauth:token-type:id-jag"}"#;
    let mut exchange = TokenFlow::new(client().token(grant), entropy()).dpop(Dpop::new(key()));
    sent(exchange.poll(at(0)));
    exchange.handle_response(at(0), &json(200, body)).unwrap();
    assert_eq!(value(exchange.poll(at(0))).access_token().expose(), "a");
    let mut own = flow(&key());
    sent(own.poll(at(0)));
    own.handle_response(at(0), &json(200, body)).unwrap();
    assert_eq!(
        *error(own.poll(at(0))).reply().expect("the answer").kind(),
        ReplyErrorKind::Unusable(Unusable::NotBound)
    );
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
