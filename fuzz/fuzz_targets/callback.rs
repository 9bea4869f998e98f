//! Nothing in a callback is believed before its `state`: whatever else it holds, one without the right
//! `state`, exactly once, is not for this flow and gives the pending value back as it was. A code comes
//! only from a callback that has it once and no error, and then it is that code.

#![no_main]

use grantwire::authorization::{Callback, CallbackErrorKind, PendingAuthorization};
use grantwire::{Entropy, Quirks};
use grantwire_fuzz::client;
use libfuzzer_sys::fuzz_target;

const STATE: &str = "xyz";

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    check(Callback::from_form(input), input);
    check(Callback::from_query(&text), text.strip_prefix('?').unwrap_or(&text).as_bytes());
    check(Callback::from_fragment(&text), text.strip_prefix('#').unwrap_or(&text).as_bytes());
    // A fragment that is no response is left aside, so the pairs are not known from outside.
    let _ = pending().response(Callback::from_url(&text)).map_err(print);
});

fn pending() -> PendingAuthorization {
    let request = client(Quirks::new()).authorization().state(STATE);
    let started =
        request.redirect_uri("https://client.example/cb").start(&mut Entropy::new([7; 32]));
    started.expect("the request is complete").pending
}

fn print(error: grantwire::authorization::CallbackError) {
    let _ = format!("{error} {error:?}");
}

fn check(callback: Callback, form: &[u8]) {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(form).unwrap_or_default();
    let all = |name: &str| -> Vec<&str> {
        let values = pairs.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| value.as_str()).collect()
    };
    let before = pending().to_bytes();
    match pending().response(callback) {
        Ok(response) => {
            assert_eq!(all("state"), [STATE]);
            assert!(all("error").iter().all(|error| error.is_empty()));
            assert!(all("iss").iter().all(|iss| iss.is_empty() || *iss == "https://as.example"));
            let code = response.into_code().expect("the response type is `code`");
            assert_eq!(all("code"), [code.expose()]);
        }
        Err(error) => {
            let is_ours = all("state") == [STATE];
            // A signed response was not asked for, whatever stands beside it.
            let signed = *error.kind() == CallbackErrorKind::SignedUnasked;
            assert!(!signed || all("response").iter().any(|text| !text.is_empty()));
            let not_ours = signed
                || matches!(
                    error.kind(),
                    CallbackErrorKind::NotForThisFlow | CallbackErrorKind::TooLong
                );
            assert!(is_ours != not_ours || signed || form.len() > 64 * 1024);
            let _ = format!("{error} {error:?}");
            if not_ours {
                let pending = error.into_pending().expect("it is unharmed");
                assert!(pending.to_bytes() == before);
            }
        }
    }
}
