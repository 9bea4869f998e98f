//! Attacks through the browser: forged, mixed-up, replayed and doubled callbacks.

use grantwire::authorization::{Callback, CallbackError, CallbackErrorKind, PendingAuthorization};
use grantwire::grant::{AuthorizationCode, CheckedCode};
use grantwire::{AuthorizationServer, Client, StoredError};

use crate::given::*;
use crate::is_clone;

use CallbackErrorKind::{
    CodeMalformed, CodeMissing, IssuerMismatch, IssuerMissing, IssuerUnknown, NotForThisFlow,
    Refused, Repeated,
};

fn fails(query: &str) -> CallbackError {
    pending(&client()).code(Callback::from_query(query)).expect_err(query)
}

/// The callback was refused as another's, and the flow it was sent at is unharmed.
fn not_for_us(query: &str) {
    let error = fails(query);
    assert_eq!(*error.kind(), NotForThisFlow, "{query}");
    let text = format!("{error} {error:?}");
    for word in ["evil", "access_denied", "<script>"] {
        assert!(!text.contains(word), "{text}");
    }
    let pending = error.into_pending().expect("a stranger's request ends no login");
    assert_eq!(checked(pending, "code=honest&state=xyz").expose(), "honest");
}

/// RFC 9700 section 4.7; S1: `state` is missing, empty, another's, a piece of the right one, or doubled.
#[test]
fn cross_site_request_forgery() {
    for query in [
        "code=evil",
        "code=evil&state=",
        "code=evil&state",
        "code=evil&state=abc",
        "code=evil&state=xy",
        "code=evil&state=xyzz",
        "code=evil&state=XYZ",
        "code=evil&state=xyz%00",
        "code=evil&state=%20xyz",
        "code=evil&State=xyz",
        "code=evil&state=xyz&state=xyz",
        "code=evil&state=xyz&state=evil",
        "code=evil&state=evil&state=xyz",
        "code=evil&state[]=xyz",
        "",
    ] {
        not_for_us(query);
    }
}

/// RFC 9700 section 4.7, S3: error callbacks are checked like any other before they are shown.
#[test]
fn forged_error_with_text_of_the_attackers() {
    for query in [
        "error=access_denied&error_description=evil",
        "error=access_denied&error_description=evil&state=abc",
        "error=%3Cscript%3Eevil&error_uri=https%3A%2F%2Fevil.example",
        "error=access_denied&state=xyz&state=evil",
    ] {
        not_for_us(query);
    }
}

/// S3: even what the right server says is not put into a message, and is escaped on the way to a log.
#[test]
fn reflected_error_description() {
    let error = fails(
        "state=xyz&error=%3Cscript%3Ealert%281%29&error_description=a%1B%5B31m%0D%0Ab%3Cb%3E&error_uri=javascript%3Aevil",
    );
    assert!(matches!(error.kind(), Refused(_)));
    let text = format!("{error} {error:?}");
    for piece in ["<script", "alert(", "\u{1b}", "31m", "javascript"] {
        assert!(!text.contains(piece), "{text}");
    }
    let description = error.refusal().unwrap().description().unwrap();
    assert!(!description.escaped().chars().any(char::is_control));
    assert_eq!(description.raw(), "a\u{1b}[31m\r\nb<b>", "whoever asks gets it whole");
}

/// S2: a value that is right for one user's session is wrong for every other.
#[test]
fn login_with_anothers_callback() {
    let (client, mut entropy) = (client(), entropy());
    let mut start = || client.authorization().start(&mut entropy).unwrap();
    let (victim, attacker) = (start(), start());
    let state = query(&attacker.url, "state").unwrap();
    assert_ne!(query(&victim.url, "state").unwrap(), state);
    let callback = Callback::from_query(&format!("code=evil&state={state}"));
    assert_eq!(*victim.pending.code(callback).unwrap_err().kind(), NotForThisFlow);
}

/// S21: there is nowhere to put a return address; `state` is 32 random bytes and nothing else.
#[test]
fn open_redirect_carried_in_state() {
    let state = query(&started(&client()).url, "state").unwrap();
    assert_eq!(state.len(), 43);
    assert!(state.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
}

fn with_issuer(issuer: Option<&str>, announces: bool) -> Client {
    let mut server = AuthorizationServer::new().authorization_endpoint(AUTHORIZE);
    if let Some(issuer) = issuer {
        server = server.issuer(issuer);
    }
    Client::new(if announces { server.announces_iss() } else { server }, CLIENT_ID)
}

fn outcome(client: &Client, query: &str) -> Result<String, CallbackErrorKind> {
    match pending(client).code(Callback::from_query(query)) {
        Ok(code) => Ok(code.expose().to_owned()),
        Err(error) => {
            let kind = error.kind().clone();
            assert!(error.into_pending().is_none(), "it was for this flow, and the flow is over");
            Err(kind)
        }
    }
}

/// RFC 9700 section 4.4, RFC 9207 section 2.4, S4: the code of one server must not reach another.
#[test]
fn mix_up() {
    let announced = with_issuer(Some(ISSUER), true);
    let unannounced = with_issuer(Some(ISSUER), false);
    let unknown = with_issuer(None, false);
    let ours = "code=c&state=xyz&iss=https%3A%2F%2Fas.example";
    let theirs = "code=c&state=xyz&iss=https%3A%2F%2Fevil.example";
    let silent = "code=c&state=xyz";
    assert_eq!(outcome(&announced, ours), Ok("c".into()));
    assert_eq!(outcome(&announced, theirs), Err(IssuerMismatch));
    assert_eq!(outcome(&announced, silent), Err(IssuerMissing));
    assert_eq!(outcome(&unannounced, ours), Ok("c".into()));
    assert_eq!(outcome(&unannounced, theirs), Err(IssuerMismatch), "present, so it must match");
    assert_eq!(outcome(&unannounced, silent), Ok("c".into()));
    assert_eq!(outcome(&unknown, ours), Err(IssuerUnknown), "present, and cannot be compared");
    assert_eq!(outcome(&unknown, silent), Ok("c".into()));
    for doubled in [format!("{ours}&iss=https%3A%2F%2Fevil.example"), format!("{ours}&iss=")] {
        assert_eq!(outcome(&announced, &doubled), Err(Repeated("iss")));
    }
}

/// RFC 9700 section 4.4.2: the issuer is remembered with the request, across a restart too.
#[test]
fn mix_up_across_a_restart() {
    let bytes = pending(&with_issuer(Some(ISSUER), true)).to_bytes();
    let back = || PendingAuthorization::from_bytes(&bytes).unwrap();
    assert_eq!(back().issuer().map(|issuer| issuer.as_str()), Some(ISSUER));
    let fails = |query: &str| back().code(Callback::from_query(query)).unwrap_err().kind().clone();
    assert_eq!(fails("code=c&state=xyz&iss=https%3A%2F%2Fevil.example"), IssuerMismatch);
    assert_eq!(fails("code=c&state=xyz"), IssuerMissing);
}

/// RFC 9207 section 2.4: an error may be another server's too, so `iss` comes before it.
#[test]
fn mix_up_with_an_error() {
    let client = with_issuer(Some(ISSUER), true);
    let query = "error=access_denied&state=xyz";
    assert_eq!(outcome(&client, query), Err(IssuerMissing));
    let theirs = format!("{query}&iss=https%3A%2F%2Fevil.example");
    assert_eq!(outcome(&client, &theirs), Err(IssuerMismatch));
}

/// RFC 6749 section 3.1: a doubled parameter means whatever the reader wants, so it means nothing.
#[test]
fn doubled_parameters() {
    for (query, name) in [
        ("code=a&code=b&state=xyz", "code"),
        ("code=a&state=xyz&code=a", "code"),
        ("error=a&error=b&state=xyz", "error"),
        ("error=a&error_description=b&error_description=c&state=xyz", "error_description"),
        ("code=a&id_token=b&id_token=c&state=xyz", "id_token"),
        ("code=a&%63ode=b&state=xyz", "code"),
    ] {
        assert_eq!(outcome(&client(), query), Err(Repeated(name)), "{query}");
    }
    assert!(outcome(&client(), "code=a&state=xyz&foo=1&foo=2").is_ok(), "unknown ones are ignored");
}

/// A callback that is a success and an error at once is an error.
#[test]
fn success_and_error_at_once() {
    assert!(matches!(outcome(&client(), "code=c&error=access_denied&state=xyz"), Err(Refused(_))));
}

/// RFC 9700 section 4.6: a token in a callback is nobody's; only a code is taken, and only from there.
#[test]
fn access_token_injection() {
    let query = "access_token=evil&token_type=Bearer&state=xyz";
    assert_eq!(outcome(&client(), query), Err(CodeMissing));
    let error = pending(&client()).code(Callback::from_fragment(query)).unwrap_err();
    assert_eq!(*error.kind(), CodeMissing);
    // Nor does the reader of any response take it for an answer to `response_type=code`.
    let error = pending(&client()).response(Callback::from_fragment(query)).unwrap_err();
    assert_eq!(*error.kind(), CodeMissing);
}

/// A fragment survives redirects, so an attacker can hang one on the link that starts a login. Query
/// and fragment are never mixed, and what is in the fragment must have the right `state` by itself.
#[test]
fn parameters_hung_on_as_a_fragment() {
    let url = |tail: &str| format!("https://client.example.com/cb?code=honest&state=xyz{tail}");
    let outcome = |tail: &str| {
        let code = pending(&client()).code(Callback::from_url(&url(tail)));
        code.map(|code| code.expose().to_owned()).map_err(|error| error.kind().clone())
    };
    assert_eq!(outcome(""), Ok("honest".into()));
    assert_eq!(outcome("#_=_"), Ok("honest".into()), "Facebook's");
    assert_eq!(outcome("#section-2"), Ok("honest".into()));
    for tail in ["#code=evil", "#code=evil&state=abc", "#error=access_denied", "#state=abc"] {
        assert_eq!(outcome(tail), Err(NotForThisFlow), "{tail}");
    }
    let half = "https://client.example.com/cb?state=xyz#code=evil";
    let error = pending(&client()).code(Callback::from_url(half)).unwrap_err();
    assert_eq!(*error.kind(), NotForThisFlow);
}

/// S18: a code with a line break in it goes nowhere.
#[test]
fn control_characters_in_a_code() {
    for code in ["a%0D%0Ab", "a%00b", "a%7Fb", "a%C2%A0b", "a%FFb"] {
        let query = format!("code={code}&state=xyz");
        assert_eq!(outcome(&client(), &query), Err(CodeMalformed), "{query}");
    }
}

/// RFC 9700 section 4.5: a code, and what belongs to it, is used once.
#[test]
fn replay_of_a_code() {
    assert!(is_clone!(String), "the probe can tell");
    assert!(!is_clone!(PendingAuthorization));
    assert!(!is_clone!(CheckedCode));
    assert!(!is_clone!(AuthorizationCode));
    assert!(!is_clone!(grantwire::grant::Grant));
    assert!(!is_clone!(grantwire::pkce::CodeVerifier));
    assert!(!is_clone!(grantwire::Entropy));
}

/// Stored state that was tampered with into nonsense is refused, without its content in the message.
/// Whether it was tampered with at all is for its store to know.
#[test]
fn tampering_with_a_stored_authorization() {
    let text = String::from_utf8(pending(&client()).to_bytes().to_vec()).unwrap();
    let outcome = |text: String| PendingAuthorization::from_bytes(text.as_bytes()).err();
    assert_eq!(outcome(text.clone()), None);
    for (what, with, error) in [
        (r#""state":"xyz""#, r#""state":"""#, StoredError::Inconsistent),
        (r#""state":"xyz""#, r#""state":null"#, StoredError::Malformed),
        (r#""state":"xyz""#, r#""state":"xyz","state":"evil""#, StoredError::Malformed),
        (r#""code_verifier":""#, r#""code_verifier":" "#, StoredError::Inconsistent),
        (r#""redirect_uri":"https"#, r#""redirect_uri":""#, StoredError::Inconsistent),
        (r#""issuer":""#, r#""issuer":"\r\n"#, StoredError::Inconsistent),
        (r#""client_id":"s"#, r#""client_id":"\u0000"#, StoredError::Inconsistent),
        (r#""iss_required":false"#, r#""iss_required":0"#, StoredError::Malformed),
        (r#""grantwire_pending":2"#, r#""grantwire_pending":1"#, StoredError::Version),
        (r#""grantwire_pending":2,"#, "", StoredError::Malformed),
        ("}", "", StoredError::Malformed),
        ("}", "} x", StoredError::Malformed),
    ] {
        assert_eq!(text.matches(what).count(), 1, "{what}");
        let refused = outcome(text.replace(what, with));
        assert_eq!(refused, Some(error), "{what} became {with}");
    }
}
