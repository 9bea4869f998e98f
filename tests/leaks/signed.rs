//! What is signed or attested for one request: request objects, assertions made here, attestations and
//! their challenges, and the flow from one server's assertion to another's token.

use grantwire::authorization::RequestObject;
use grantwire::client::{BearerToken, ClientAttestation, ClientSecretPost, MutualTls};
use grantwire::flow::{IdentityAssertionFlow, Machine, Step};
use grantwire::grant::{JwtAssertion, TokenTypeIdentifier};
use grantwire::jose::{Algorithm, Signer, Unsigned};
use grantwire::{AuthorizationServer, Client, Entropy, Error, Timestamp};
use http::Response;

use crate::needle::CANARY;
use crate::parties::{client, server};
use crate::watch::Watch;

const NOW: Timestamp = Timestamp::EPOCH;

fn entropy() -> Entropy {
    Entropy::new([7; 32])
}

fn key() -> Signer {
    Signer::remote(Algorithm::Es256)
}

fn stray() -> Unsigned {
    Unsigned::new(Algorithm::Es256, None, b"", CANARY.as_bytes())
}

fn answer(status: u16, body: &str) -> Response<Vec<u8>> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    let response = response.header("oauth-client-attestation-challenge", CANARY);
    response.body(body.replace('@', CANARY).into_bytes()).unwrap()
}

pub fn show(watch: &mut Watch) {
    show_objects(watch);
    show_assertions(watch);
    show_attestations(watch);
    show_two_servers(watch);
}

fn show_objects(watch: &mut Watch) {
    let object = || RequestObject::new(key()).claim("c", CANARY).header("x5c", CANARY);
    let asked = || client().authorization().state(CANARY).parameter("hint", CANARY);
    watch.debug(&object());
    watch.debug(&asked().signed(object()));
    watch.failure(asked().signed(object()).start(NOW, &mut entropy()));
    let not_json = asked().claims(CANARY).signed(object());
    watch.failure(not_json.draft(NOW, &mut entropy()));
    let mut draft = asked().signed(object()).draft(NOW, &mut entropy()).unwrap();
    watch.debug(&draft);
    watch.failure(draft.sign(&stray().signed([1; 64])));
    let signature = draft.unsigned().unwrap().signed([1; 64]);
    draft.sign(&signature).unwrap();
    watch.debug(&draft);
    watch.debug(&draft.finish().unwrap());
    let mut draft = asked().signed(object()).draft(NOW, &mut entropy()).unwrap();
    let signature = draft.unsigned().unwrap().signed([1; 64]);
    draft.sign(&signature).unwrap();
    let (kept, started) = draft.by_reference(&format!("https://client.example/{CANARY}")).unwrap();
    assert!(started.url.contains(CANARY));
    watch.debug(&kept);
    watch.debug(&started);
}

fn show_assertions(watch: &mut Watch) {
    let grant = || JwtAssertion::new(CANARY, key()).subject(CANARY).claim("c", CANARY);
    watch.debug(&grant());
    let exchange = client().token(grant());
    watch.debug(&exchange);
    watch.failure(exchange.request(NOW, &mut entropy()));
    watch.debug(&exchange.draft(NOW, &mut entropy()).unwrap());
    let bad = format!("{CANARY}\n");
    watch.debug(&BearerToken::new(CANARY));
    for token in [bad.as_str(), ""] {
        let client = client().auth(BearerToken::new(token));
        watch.failure(client.token(grant()).request(NOW, &mut entropy()));
    }
}

fn show_attestations(watch: &mut Watch) {
    let signed = ClientAttestation::new(CANARY, key()).challenge(CANARY);
    let combined = ClientAttestation::dpop_combined(CANARY).beside(ClientSecretPost::new(CANARY));
    watch.debug(&signed);
    watch.debug(&combined);
    watch.debug(&MutualTls::beside(ClientSecretPost::new(CANARY)));
    for method in [signed, combined, ClientAttestation::new(format!("{CANARY}\n"), key())] {
        let client = client().auth(method);
        let exchange = client.token(JwtAssertion::new("i", key())).attestation_challenge(CANARY);
        watch.debug(&exchange);
        if let Ok(draft) = exchange.draft(NOW, &mut entropy()) {
            watch.debug(&draft);
            watch.failure(draft.finish());
        }
        watch.failure(exchange.request(NOW, &mut entropy()));
    }

    let server = server().challenge_endpoint("https://as.example/challenge");
    let exchange = Client::new(server, "c").attestation_challenge();
    watch.debug(&exchange);
    watch.debug(&exchange.read(&answer(200, r#"{"attestation_challenge":"@"}"#)).unwrap());
    for body in ["@", r#"{"attestation_challenge":["@"]}"#, r#"["@"]"#, r#"{"error":"@"}"#] {
        for status in [200, 302, 400, 500] {
            let error = exchange.read(&answer(status, body)).unwrap_err();
            watch.error(&error);
            watch.error(&Error::from(error));
        }
    }
}

fn show_two_servers(watch: &mut Watch) {
    let issued = |kind: &str| {
        let body =
            format!(r#"{{"access_token":"@","token_type":"N_A","issued_token_type":"{kind}"}}"#);
        answer(200, &body)
    };
    let good = issued(TokenTypeIdentifier::ID_JAG.as_str());
    for first in [good, issued(CANARY), answer(400, r#"{"error":"@"}"#)] {
        let kind = TokenTypeIdentifier::ID_TOKEN;
        let mut flow = IdentityAssertionFlow::new(&client(), &client(), CANARY, kind, entropy())
            .parameter("x", CANARY);
        watch.debug(&flow);
        let mut answers = vec![answer(200, r#"{"access_token":"@"}"#), first];
        loop {
            let step = flow.poll(NOW);
            watch.debug(&step);
            match step {
                Step::Send(request, ..) => {
                    assert!(String::from_utf8_lossy(request.body()).contains(CANARY));
                    flow.handle_response(NOW, &answers.pop().unwrap()).unwrap();
                }
                Step::Done(result) => {
                    watch.error(&result.unwrap_err());
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        watch.debug(&flow);
    }
    let unknown = Client::new(AuthorizationServer::new(), CANARY);
    let kind = TokenTypeIdentifier::SAML2;
    let mut flow = IdentityAssertionFlow::new(&client(), &unknown, CANARY, kind, entropy());
    match flow.poll(NOW) {
        Step::Done(result) => watch.error(&result.unwrap_err()),
        other => panic!("{other:?}"),
    }
}
