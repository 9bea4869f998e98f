//! Grants of every kind, each with the canary for what it presents.

use grantwire::grant::danger::Password;
use grantwire::grant::{
    AuthorizationCode, Extension, Grant, JwtBearer, RefreshToken, Saml2Bearer, TokenExchange,
    TokenTypeIdentifier,
};
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};

use crate::needle::CANARY;
use crate::watch::Watch;

pub fn show(watch: &mut Watch) {
    let code = || AuthorizationCode::unchecked(CANARY).redirect_uri(format!("app:/?k={CANARY}"));
    let kind = TokenTypeIdentifier::ACCESS_TOKEN;
    let exchange = || TokenExchange::new(CANARY, kind.clone()).actor(CANARY, kind.clone());
    let extension = || Extension::new("urn:example:x").parameter("p", CANARY).secret("s", CANARY);
    watch.debug(&code());
    watch.debug(&RefreshToken::new(CANARY));
    watch.debug(&extension());
    watch.debug(&exchange());
    watch.debug(&JwtBearer::new(CANARY));
    watch.debug(&Saml2Bearer::new(CANARY));
    watch.debug(&Password::new(CANARY, CANARY));
    for grant in [
        Grant::from(code()),
        RefreshToken::new(CANARY).into(),
        extension().into(),
        exchange().into(),
        JwtBearer::new(CANARY).into(),
        Saml2Bearer::new(CANARY).into(),
        Password::new(CANARY, CANARY).into(),
    ] {
        watch.debug(&grant);
        let nowhere = Client::new(AuthorizationServer::new(), "c").token(grant);
        watch.debug(&nowhere);
        watch.failure(nowhere.request(Timestamp::EPOCH, &mut Entropy::new([7; 32])));
    }
}
