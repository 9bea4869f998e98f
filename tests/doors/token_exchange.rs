//! Token exchange (RFC 8693).

use std::time::Duration;

use grantwire::client::ClientSecretBasic;
use grantwire::grant::{TokenExchange, TokenTypeIdentifier};
use grantwire::reply::{ErrorCode, FailureClass, Fault, ReplyErrorKind, Unusable};
use grantwire::{
    AuthorizationServer, BuildError, Client, Deviation, GrantedScope, Quirks, TokenRequest,
    TokenType,
};
use http::HeaderMap;

use crate::given::*;
use crate::{Nobody, sorted};

const ACCESS: TokenTypeIdentifier = TokenTypeIdentifier::ACCESS_TOKEN;

/// The token of RFC 8693 section 2.3.
const ISSUED: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjllciJ9.eyJhdWQiOiJodHRwczovL2JhY2tlbmQuZXhhbXBsZS5jb20iLCJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUuY29tIiwiZXhwIjoxNDQxOTE3NTkzLCJpYXQiOjE0NDE5MTc1MzMsInN1YiI6ImJkY0BleGFtcGxlLmNvbSIsInNjb3BlIjoiYXBpIn0.40y3ZgQedw6rxf59WlwHDD9jryFOr0_Wh3CGozQBihNBhnXEQgU85AI9x3KmsPottVMLPIWvmDCMy5-kdXjwhw";

/// The token of RFC 8693 appendix A.1.1.
const SUBJECT: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjE2In0.eyJhdWQiOiJodHRwczovL2FzLmV4YW1wbGUuY29tIiwiaXNzIjoiaHR0cHM6Ly9vcmlnaW5hbC1pc3N1ZXIuZXhhbXBsZS5uZXQiLCJleHAiOjE0NDE5MTA2MDAsIm5iZiI6MTQ0MTkwOTAwMCwic3ViIjoiYmRjQGV4YW1wbGUubmV0Iiwic2NvcGUiOiJvcmRlcnMgcHJvZmlsZSBoaXN0b3J5In0.PRBg-jXn4cJuj1gmYXFiGkZzRuzbXZ_sDxdE98ddW44ufsbWLKd3JJ1VZhF64pbTtfjy4VXFVBDaQpKjn5JzAw";

fn exchange(grant: TokenExchange) -> TokenRequest {
    client().token(grant)
}

#[test]
fn section_2_3_the_example() {
    let server =
        AuthorizationServer::new().token_endpoint("https://as.example.com/as/token.oauth2");
    let method = ClientSecretBasic::new("long-secure-random-secret");
    let client = Client::new(server, "rs08").auth(method);
    let grant = TokenExchange::new("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC", ACCESS);
    let exchange = client.token(grant).resource("https://backend.example.com/api");
    let request = built(&exchange);
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://as.example.com/as/token.oauth2");
    assert_eq!(
        request.headers()["authorization"],
        "Basic cnMwODpsb25nLXNlY3VyZS1yYW5kb20tc2VjcmV0"
    );
    let expected = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&resource=https%3A%2F%2Fbackend.example.com%2Fapi&subject_token=accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token";
    assert_eq!(sorted(pairs_of(&request)), sorted(pairs(expected)));

    let headers = [("content-type", "application/json"), ("cache-control", "no-cache, no-store")];
    let body = format!(
        r#"{{"access_token":"{ISSUED}","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":60}}"#
    );
    let tokens = exchange.read(&answer(200, &headers, body)).unwrap();
    assert_eq!(tokens.access_token().expose(), ISSUED);
    assert_eq!(*tokens.access_token().token_type(), TokenType::Bearer);
    assert_eq!(tokens.lifetime().known(), Some(Duration::from_secs(60)));
    let issued: String = tokens.extra("issued_token_type").unwrap();
    assert_eq!(issued, ACCESS.as_str());
    assert_eq!((tokens.refresh_token(), tokens.deviations()), (None, &[][..]));
    assert_eq!(*tokens.scope(), GrantedScope::Absent);
}

#[test]
fn appendix_a_1_1_the_example() {
    let server =
        AuthorizationServer::new().token_endpoint("https://as.example.com/as/token.oauth2");
    let client = Client::new(server, "unused").auth(Nobody);
    let exchange = client
        .token(TokenExchange::new(SUBJECT, TokenTypeIdentifier::JWT))
        .audience("urn:example:cooperation-context");
    let expected = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&audience=urn%3Aexample%3Acooperation-context&subject_token={SUBJECT}&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
    );
    assert_eq!(sorted(pairs_of(&built(&exchange))), sorted(pairs(&expected)));
}

#[test]
fn every_parameter_in_one_request() {
    let grant = TokenExchange::new("s", TokenTypeIdentifier::ID_TOKEN)
        .actor("a", TokenTypeIdentifier::JWT)
        .requested_token_type(ACCESS);
    let exchange = exchange(grant)
        .scope("read write")
        .resource("https://a.example/")
        .resource("https://b.example/")
        .audience("one")
        .audience("two")
        .parameter("x", "y");
    let type_of = |name: &str| format!("urn:ietf:params:oauth:token-type:{name}");
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "s"),
        ("subject_token_type", &type_of("id_token")),
        ("actor_token", "a"),
        ("actor_token_type", &type_of("jwt")),
        ("requested_token_type", &type_of("access_token")),
        ("scope", "read write"),
        ("resource", "https://a.example/"),
        ("resource", "https://b.example/"),
        ("audience", "one"),
        ("audience", "two"),
        ("x", "y"),
        ("client_id", CLIENT_ID),
    ];
    assert_eq!(pairs_of(&built(&exchange)), as_pairs(&expected));
}

/// RFC 8693 section 2.1: the actor's type goes with the actor's token, and with nothing else.
#[test]
fn a_token_and_its_type_go_together() {
    let alone = built(&exchange(TokenExchange::new("s", ACCESS)));
    let names = ["grant_type", "subject_token", "subject_token_type", "client_id"];
    assert_eq!(names_of(&alone), names);
    let error = |grant| build(&exchange(grant)).unwrap_err();
    let empty = |parameter: &'static str| BuildError::Empty { parameter: parameter.into() };
    assert_eq!(error(TokenExchange::new("", ACCESS)), empty("subject_token"));
    assert_eq!(error(TokenExchange::new("s", "")), empty("subject_token_type"));
    assert_eq!(error(TokenExchange::new("s", ACCESS).actor("", ACCESS)), empty("actor_token"));
    assert_eq!(error(TokenExchange::new("s", ACCESS).actor("a", "")), empty("actor_token_type"));
    let unasked = exchange(TokenExchange::new("s", ACCESS).requested_token_type(""));
    assert_eq!(names_of(&built(&unasked)), names, "an empty wish is none");
    for name in ["actor_token", "actor_token_type", "requested_token_type", "subject_token"] {
        let extra = exchange(TokenExchange::new("s", ACCESS)).parameter(name, "x");
        assert_eq!(
            build(&extra).unwrap_err(),
            BuildError::ParameterManaged { parameter: name.into() }
        );
    }
}

/// PingOne's type is not a URI, and is sent as it is.
#[test]
fn a_type_may_be_any_text() {
    let grant = TokenExchange::new("s", "pingone_gateway_credential")
        .requested_token_type(String::from("urn:x:badge"));
    let sent = pairs_of(&built(&exchange(grant)));
    assert_eq!(sent[2], ("subject_token_type".into(), "pingone_gateway_credential".into()));
    assert_eq!(sent[3], ("requested_token_type".into(), "urn:x:badge".into()));
    let control = exchange(TokenExchange::new("s", "a\nb"));
    let parameter = "subject_token_type".into();
    assert_eq!(build(&control).unwrap_err(), BuildError::Character { parameter });
}

#[test]
fn the_six_types_of_section_3() {
    let names = [
        (TokenTypeIdentifier::ACCESS_TOKEN, "access_token"),
        (TokenTypeIdentifier::REFRESH_TOKEN, "refresh_token"),
        (TokenTypeIdentifier::ID_TOKEN, "id_token"),
        (TokenTypeIdentifier::SAML1, "saml1"),
        (TokenTypeIdentifier::SAML2, "saml2"),
        (TokenTypeIdentifier::JWT, "jwt"),
    ];
    for (identifier, name) in names {
        assert_eq!(identifier.as_str(), format!("urn:ietf:params:oauth:token-type:{name}"));
    }
}

/// RFC 8693 section 2.2.1: what is no access token has the type `N_A`, and is not presented as one.
#[test]
fn a_token_that_is_no_access_token() {
    for (sent, deviates) in [("N_A", false), ("n_a", true)] {
        let body = format!(
            r#"{{"access_token":"e30.e30.x","issued_token_type":"urn:ietf:params:oauth:token-type:id_token","token_type":"{sent}"}}"#
        );
        let tokens = exchange(TokenExchange::new("s", ACCESS)).read(&json(200, body)).unwrap();
        assert_eq!(*tokens.access_token().token_type(), TokenType::NotApplicable);
        assert_eq!(tokens.access_token().expose(), "e30.e30.x");
        assert_eq!(!tokens.deviations().is_empty(), deviates);
        let error = tokens.access_token().present(&mut HeaderMap::new()).unwrap_err();
        assert_eq!(error, BuildError::TokenType);
    }
}

/// RFC 8693 section 2.2.1: what was issued is said, whatever was asked for.
#[test]
fn what_was_issued_is_typed() {
    let body = |kind: &str| {
        let kind = serde_json::Value::from(kind);
        format!(r#"{{"access_token":"t","token_type":"N_A","issued_token_type":{kind}}}"#)
    };
    let grant = || TokenExchange::new("s", ACCESS).requested_token_type(TokenTypeIdentifier::JWT);
    for kind in [TokenTypeIdentifier::JWT, TokenTypeIdentifier::SAML2, "badge".into()] {
        let tokens = exchange(grant()).read(&json(200, body(kind.as_str()))).unwrap();
        assert_eq!(tokens.issued_token_type(), Some(&kind));
        assert_eq!(tokens.deviations(), []);
    }
}

/// Keycloak once left it out. What was issued is then not known, unless it is named a habit.
#[test]
fn an_answer_without_issued_token_type() {
    let reply = json(200, r#"{"access_token":"t","token_type":"Bearer","refresh_token":"r"}"#);
    let grant = || TokenExchange::new("s", ACCESS).requested_token_type(TokenTypeIdentifier::JWT);
    let strict = exchange(grant());
    let error = strict.read(&reply).unwrap_err();
    let missing = Unusable::MemberMissing("issued_token_type");
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(missing));
    // The token is not lost for it.
    let quirks = Quirks::new().assume_requested_token_type();
    let tokens = strict.read_with(error.raw(), &quirks).unwrap();
    assert_eq!(tokens.issued_token_type(), Some(&TokenTypeIdentifier::JWT));
    assert_eq!(tokens.deviations(), [Deviation::IssuedTokenTypeAbsent]);
    assert_eq!(tokens.refresh_token().unwrap().expose(), "r");
    // Without a wish it is taken for an access token.
    let tokens = exchange(TokenExchange::new("s", ACCESS)).read_with(&reply, &quirks).unwrap();
    assert_eq!(tokens.issued_token_type(), Some(&TokenTypeIdentifier::ACCESS_TOKEN));
}

/// Iceberg's client wanted it of every grant; here it is looked at for this one alone, and once.
#[test]
fn it_is_read_for_an_exchange_alone() {
    let plain = r#"{"access_token":"t","token_type":"Bearer"}"#;
    assert_eq!(own_token(&client()).read(&json(200, plain)).unwrap().issued_token_type(), None);
    let odd =
        r#"{"access_token":"t","token_type":"Bearer","issued_token_type":7,"issued_token_type":8}"#;
    assert_eq!(own_token(&client()).read(&json(200, odd)).unwrap().issued_token_type(), None);
    for (value, why) in [
        ("7", Unusable::MemberMalformed("issued_token_type")),
        (r#""""#, Unusable::MemberMalformed("issued_token_type")),
        ("null", Unusable::MemberMissing("issued_token_type")),
    ] {
        let body =
            format!(r#"{{"access_token":"t","token_type":"Bearer","issued_token_type":{value}}}"#);
        let error = exchange(TokenExchange::new("s", ACCESS)).read(&json(200, body)).unwrap_err();
        assert_eq!(*error.kind(), ReplyErrorKind::Unusable(why), "{value}");
    }
    // Two readers would take two different kinds of token from this one.
    let both = format!(
        r#"{{"access_token":"t","token_type":"N_A","issued_token_type":"{}","issued_token_type":"{}"}}"#,
        TokenTypeIdentifier::ID_TOKEN.as_str(),
        TokenTypeIdentifier::ID_JAG.as_str(),
    );
    let error = exchange(TokenExchange::new("s", ACCESS)).read(&json(200, both)).unwrap_err();
    let twice = Unusable::DuplicateMember("issued_token_type");
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(twice));
}

/// RFC 8693 section 2.2.2. The subject's token is not dead for it.
#[test]
fn errors_are_typed() {
    let no = |code: &str| {
        let reply = json(400, format!(r#"{{"error":"{code}"}}"#));
        exchange(TokenExchange::new("s", ACCESS)).read(&reply).unwrap_err()
    };
    let error = no("invalid_target");
    assert_eq!(error.refusal().unwrap().code(), &ErrorCode::InvalidTarget);
    assert_eq!((error.class(), error.fault()), (FailureClass::Definitive, Fault::Client));
    let error = no("invalid_request");
    assert_eq!(error.fault(), Fault::Client);
    assert!(!error.credential_is_dead());
    let lost = answer(504, &[], "");
    let error = exchange(TokenExchange::new("s", ACCESS)).read(&lost).unwrap_err();
    assert_eq!(error.class(), FailureClass::Transient, "the same tokens can be presented again");
}

#[test]
fn nothing_of_it_is_printed() {
    let grant = TokenExchange::new("subject-token", ACCESS).actor("actor-token", ACCESS);
    let printed = format!("{grant:?}");
    assert!(!printed.contains("subject-token") && !printed.contains("actor-token"), "{printed}");
}
