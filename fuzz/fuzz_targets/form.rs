//! The form writer writes what `serde_urlencoded` writes for the same pairs, into a buffer of exactly
//! that size, and a URL's query reads back as the pairs that went in. What cannot be sent is refused.
//!
//! An input is lines of `name=value`.

#![no_main]

use grantwire::grant::ClientCredentials;
use grantwire::{BuildError, Entropy, Quirks, Timestamp};
use grantwire_fuzz::client;
use libfuzzer_sys::fuzz_target;

type Pairs = Vec<(String, String)>;

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let line = |line: &str| {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        (name.to_owned(), value.to_owned())
    };
    let pairs: Pairs = text.split('\n').map(line).collect();
    body(&pairs);
    url(&pairs);
});

/// Empty means absent.
fn expected(first: &[(&str, &str)], pairs: &Pairs, last: &[(&str, &str)]) -> Pairs {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let filled = pairs.iter().filter(|(_, value)| !value.is_empty()).cloned();
    first.iter().map(own).chain(filled).chain(last.iter().map(own)).collect()
}

fn refused(error: &BuildError) {
    let said = format!("{error} {error:?}");
    assert!(matches!(
        error,
        BuildError::Character { .. }
            | BuildError::Empty { .. }
            | BuildError::ParameterManaged { .. }
            | BuildError::ParameterRepeated { .. }
    ));
    assert!(!error.to_string().contains(char::is_control), "{said}");
}

fn body(pairs: &Pairs) {
    let mut exchange = client(Quirks::new()).token(ClientCredentials::new());
    for (name, value) in pairs {
        exchange = exchange.parameter(name, value.as_str());
    }
    match exchange.request(Timestamp::EPOCH, &mut Entropy::new([7; 32])) {
        Ok(request) => {
            let first = [("grant_type", "client_credentials")];
            let expected = expected(&first, pairs, &[("client_id", "s6BhdRkqt3")]);
            let written = serde_urlencoded::to_string(&expected).expect("pairs of strings");
            assert_eq!(request.body().as_slice(), written.as_bytes());
            assert_eq!(request.body().capacity(), request.body().len());
        }
        Err(error) => refused(&error),
    }
}

fn url(pairs: &Pairs) {
    let mut request = client(Quirks::new()).authorization();
    for (name, value) in pairs {
        request = request.parameter(name.clone(), value);
    }
    match request.start(&mut Entropy::new([7; 32])) {
        Ok(started) => {
            let query = started.url.strip_prefix("https://as.example/authorize?tenant=1&");
            let query = query.expect("the endpoint's own query stands first");
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%&=".contains(&byte);
            assert!(query.bytes().all(plain), "{query}");
            let found: Pairs = serde_urlencoded::from_str(query).expect("it takes anything");
            let expected = expected(&[], pairs, &[]);
            assert!(found.ends_with(&expected));
        }
        Err(error) => refused(&error),
    }
}
