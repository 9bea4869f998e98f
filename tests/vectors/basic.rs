//! RFC 6749 section 2.3.1: a client's password in the `Authorization` header and in the body.

use grantwire::client::{ClientSecretBasic, ClientSecretPost};
use grantwire::{BuildError, Client};

use crate::given::*;

fn header(id: &str, method: ClientSecretBasic) -> Result<String, BuildError> {
    let client = Client::new(server(), id).auth(method);
    let request = build(&own_token(&client))?;
    let value = request.headers()["authorization"].to_str().expect("visible ASCII");
    Ok(value.strip_prefix("Basic ").expect("the scheme").to_owned())
}

#[test]
fn the_header_of_section_2_3_1() {
    let credentials = "czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3";
    for method in [
        ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw"),
        ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw").form_encoded(),
        ClientSecretBasic::new("7Fjfp0ZBr1KtDRbnfVdmIw").raw(),
    ] {
        assert_eq!(header("s6BhdRkqt3", method).unwrap(), credentials);
    }
}

#[test]
fn the_body_of_section_2_3_1() {
    let client = client().auth(ClientSecretPost::new("7Fjfp0ZBr1KtDRbnfVdmIw"));
    let request = built(&refresh(&client));
    assert_eq!(
        body_of(&request),
        "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw"
    );
    assert!(!request.headers().contains_key("authorization"));
    assert_eq!(request.uri().query(), None, "credentials never stand in the URI");
}

/// Identifier, secret, and the three readings: percent-encoded, form-encoded, raw. The readings differ
/// in a space, in `~` and in `*`, and in whether a colon can be told from the separator.
const TABLE: &[(&str, &str, &str, &str, Option<&str>)] = &[
    (
        "s6BhdRkqt3",
        "gX1fBat3bV",
        "czZCaGRSa3F0MzpnWDFmQmF0M2JW",
        "czZCaGRSa3F0MzpnWDFmQmF0M2JW",
        Some("czZCaGRSa3F0MzpnWDFmQmF0M2JW"),
    ),
    (
        "client:1",
        "p@ss w0rd+%~",
        "Y2xpZW50JTNBMTpwJTQwc3MlMjB3MHJkJTJCJTI1fg==",
        "Y2xpZW50JTNBMTpwJTQwc3MrdzByZCUyQiUyNSU3RQ==",
        None,
    ),
    ("a", "-._~*", "YTotLl9+JTJB", "YTotLl8lN0Uq", Some("YTotLl9+Kg==")),
    (
        "client",
        "£€",
        "Y2xpZW50OiVDMiVBMyVFMiU4MiVBQw==",
        "Y2xpZW50OiVDMiVBMyVFMiU4MiVBQw==",
        Some("Y2xpZW50OsKj4oKs"),
    ),
];

#[test]
fn the_three_readings_of_section_2_3_1() {
    for (id, secret, percent, form, raw) in TABLE {
        let method = || ClientSecretBasic::new(*secret);
        assert_eq!(header(id, method()).as_deref(), Ok(*percent), "{id}, percent");
        assert_eq!(header(id, method().form_encoded()).as_deref(), Ok(*form), "{id}, form");
        let colon = BuildError::Invalid {
            parameter: "client_id".into(),
            rule: "a colon cannot be sent in raw Basic credentials",
        };
        assert_eq!(header(id, method().raw()).as_deref(), raw.ok_or(&colon), "{id}, raw");
    }
}

#[test]
fn a_client_identifier_beyond_visible_ascii_is_refused() {
    // RFC 6749 appendix A.1: VSCHAR and nothing else.
    let fault = BuildError::Character { parameter: "client_id".into() };
    assert_eq!(header("clïent", ClientSecretBasic::new("x")), Err(fault));
}

#[test]
fn exactly_one_place_holds_the_credentials() {
    let client = client().auth(ClientSecretBasic::new("gX1fBat3bV"));
    let request = built(&own_token(&client));
    assert_eq!(names_of(&request), ["grant_type"], "no client_id beside the header");
    let both = client.auth(ClientSecretBasic::new("gX1fBat3bV").with_body_client_id());
    assert_eq!(names_of(&built(&own_token(&both))), ["grant_type", "client_id"]);
}
