//! What stays of a registration when an answer replaces a part of it, or the program ends.

use grantwire::registration::{Registration, SecretExpiry};
use grantwire::{BuildError, Deviation, StoredError, Timestamp};
use serde_json::Value;

use super::management::{MANAGED, TOKEN, read, registered};
use super::*;

/// What an answer leaves out stays; what it has replaces the old.
#[test]
fn an_answer_replaces_what_it_names() {
    let before = registered();
    let bare = read(r#"{"client_id":"s6BhdRkqt3"}"#);
    assert!(bare.client_secret().is_none() && bare.registration_access_token().is_none());
    assert_eq!(bare.deviations(), [], "it may leave all of that out");
    let kept = bare.or_previous(&before);
    assert_eq!(kept.client_secret(), before.client_secret());
    assert_eq!(kept.client_secret_expires_at(), before.client_secret_expires_at());
    assert_eq!(kept.registration_access_token(), before.registration_access_token());
    assert_eq!(kept.registration_client_uri(), before.registration_client_uri());
    assert_eq!(kept.client_id_issued_at(), before.client_id_issued_at());
    assert_eq!(kept.token_endpoint_auth_method(), "client_secret_basic");

    let rotated = read(
        r#"{"client_id":"s6BhdRkqt3","client_secret":"new","client_secret_expires_at":0,"registration_access_token":"reg-2","registration_client_uri":"https://server.example.com/r2","token_endpoint_auth_method":"client_secret_post"}"#,
    );
    let kept = rotated.or_previous(&before);
    assert_eq!(kept.client_secret().unwrap().expose(), "new");
    assert_eq!(*kept.client_secret_expires_at(), SecretExpiry::Never);
    assert_eq!(kept.token_endpoint_auth_method(), "client_secret_post");
    let request = kept.configuration(&server()).unwrap().delete_client().request().unwrap();
    assert_eq!(request.uri(), "https://server.example.com/r2");
    assert_eq!(request.headers()["authorization"], "Bearer reg-2");

    let secret_only = read(r#"{"client_id":"s6BhdRkqt3","client_secret":"new"}"#);
    assert_eq!(secret_only.deviations(), [Deviation::SecretExpiryAbsent]);
    let kept = secret_only.or_previous(&before);
    assert_eq!(
        *kept.client_secret_expires_at(),
        SecretExpiry::Unknown,
        "the old end was the old secret's"
    );
    let longer = read(r#"{"client_id":"s6BhdRkqt3","client_secret_expires_at":3000000000}"#);
    let end = SecretExpiry::At(Timestamp::from_unix_seconds(3_000_000_000));
    let kept = longer.or_previous(&before);
    assert_eq!(
        (kept.client_secret_expires_at(), kept.client_secret().unwrap().expose()),
        (&end, SECRET)
    );
}

#[test]
fn nothing_is_taken_from_another_client() {
    let other = door(some()).read(&json(201, MANAGED.replace("s6BhdRkqt3", "other"))).unwrap();
    let bare = read(r#"{"client_id":"s6BhdRkqt3"}"#).or_previous(&other);
    assert!(bare.client_secret().is_none() && bare.registration_access_token().is_none());
    let missing = BuildError::Empty { parameter: "client_secret".into() };
    assert_eq!(bare.client(&server()).map(drop), Err(missing));
}

/// A damaged new token does not hide that the old one may still be good.
#[test]
fn a_damaged_member_counts_as_left_out() {
    let body = r#"{"client_id":"s6BhdRkqt3","client_secret":["new"],"registration_access_token":7,"registration_client_uri":"ftp://x/"}"#;
    let damaged = read(body);
    let reported = ["client_secret", "registration_access_token", "registration_client_uri"];
    assert_eq!(damaged.deviations(), reported.map(Deviation::MalformedMember));
    assert_eq!(damaged.extra::<Vec<String>>("client_secret").unwrap(), ["new"], "to be looked at");
    let kept = damaged.or_previous(&registered());
    assert_eq!(kept.client_secret().unwrap().expose(), SECRET);
    assert_eq!(kept.registration_access_token().unwrap().expose(), TOKEN);
}

#[test]
fn a_registration_outlives_the_program() {
    let before = registered();
    let stored = before.to_bytes();
    let after = Registration::from_bytes(&stored).unwrap();
    assert_eq!(after.client_id(), before.client_id());
    assert_eq!(after.client_secret(), before.client_secret());
    assert_eq!(after.client_secret_expires_at(), before.client_secret_expires_at());
    assert_eq!(after.client_id_issued_at(), before.client_id_issued_at());
    assert_eq!(after.registration_access_token(), before.registration_access_token());
    assert_eq!(after.registration_client_uri(), before.registration_client_uri());
    assert_eq!(after.token_endpoint_auth_method(), before.token_endpoint_auth_method());
    assert_eq!(after.extra::<Value>("redirect_uris"), before.extra("redirect_uris"));
    assert_eq!(*after.to_bytes(), *stored);
    let request = |kept: &Registration| {
        built(&own_token(&kept.client(&server()).unwrap())).headers()["authorization"].clone()
    };
    assert_eq!(request(&after), request(&before));
    let update = |kept: &Registration| {
        let configuration = kept.configuration(&server()).unwrap();
        configuration.update_client(kept.metadata().unwrap()).request().unwrap().into_body()
    };
    assert_eq!(update(&after), update(&before));
    // What was asked for is kept, too, where the answer does not say it.
    let asked = door(some().token_endpoint_auth_method("none"));
    let bare = asked.read(&json(201, r#"{"client_id":"c"}"#)).unwrap();
    let after = Registration::from_bytes(&bare.to_bytes()).unwrap();
    assert_eq!(after.token_endpoint_auth_method(), "none");
}

#[test]
fn other_bytes_are_no_registration() {
    use StoredError::{Inconsistent, Malformed, Version};
    let stored = String::from_utf8(registered().to_bytes().to_vec()).unwrap();
    let changed = |from: &str, to: &str| {
        let text = stored.replacen(from, to, 1);
        assert_ne!(text, stored, "{from}");
        Registration::from_bytes(text.as_bytes()).map(|_| ()).unwrap_err()
    };
    assert_eq!(changed(r#""grantwire_registration":1"#, r#""grantwire_registration":2"#), Version);
    assert_eq!(changed("grantwire_registration", "grantwire_pending"), Malformed);
    assert_eq!(changed(r#""client_id":"s6BhdRkqt3""#, r#""client_id":"""#), Inconsistent);
    assert_eq!(changed(r#""client_id":"s6BhdRkqt3""#, r#""client_id":7"#), Malformed);
    assert_eq!(changed(r#":"reg-23410913"#, r#":"reg 23410913"#), Inconsistent);
    assert_eq!(changed(&format!(r#":"{SECRET}""#), r#":"""#), Inconsistent);
    assert_eq!(changed(&format!(r#":"{SECRET}""#), r#":"a\u0000b""#), Inconsistent);
    assert_eq!(changed(r#":"https://"#, r#":"http://"#), Inconsistent);
    for name in ["client_secret_expires_at", "client_id_issued_at"] {
        let now = format!(
            r#""{name}":{}"#,
            if name.ends_with("_expires_at") { 2_893_276_800_u64 } else { 2_893_256_800 }
        );
        for late in [253_402_300_800, u64::MAX] {
            assert_eq!(changed(&now, &format!(r#""{name}":{late}"#)), Inconsistent);
        }
    }
    assert_eq!(changed(r#"_expires_at":2893276800"#, r#"_expires_at":-1"#), Malformed);
    assert_eq!(changed(r#""answer":"{"#, r#""answer":"["#), Inconsistent);
    assert_eq!(changed(r#""answer""#, r#""other""#), Malformed);
    for bytes in [&b""[..], b"{}", b"[]", b"\xFF", MANAGED.as_bytes()] {
        assert_eq!(Registration::from_bytes(bytes).map(|_| ()).unwrap_err(), Malformed);
    }
    for end in 0..stored.len() {
        assert!(Registration::from_bytes(&stored.as_bytes()[..end]).is_err(), "{end}");
    }
}
