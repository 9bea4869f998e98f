//! A sign-in whose client assertion is signed, and whose ID token is verified, without a line of C.
//!
//!     cargo run -p grantwire-rustcrypto --example pure_rust

use std::error::Error;

use ed25519_dalek::SigningKey;
use grantwire::claims::{ExpectedIdToken, IssuedWith, TokenRules};
use grantwire::client::PrivateKeyJwt;
use grantwire::grant::ClientCredentials;
use grantwire::jose::{Algorithm, Jwt, KeySet, Sign as _, Signer};
use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
use grantwire_rustcrypto::{Ed25519, P256, RustCrypto};

const ISSUER: &str = "https://server.example.com";

fn main() -> Result<(), Box<dyn Error>> {
    let now = Timestamp::from_unix_seconds(1_311_280_980);

    // The client signs its assertion with a key of its own.
    let key = Ed25519::new(SigningKey::from_bytes(&[1; 32]));
    let server = AuthorizationServer::new()
        .issuer(ISSUER)
        .token_endpoint("https://server.example.com/token");
    let signer = Signer::with_backend(Algorithm::EdDsa, key).key_id("client-1");
    let client = Client::new(server, "s6BhdRkqt3").auth(PrivateKeyJwt::new(signer));
    let request =
        client.token(ClientCredentials::new()).request(now, &mut Entropy::new([2; 32]))?;
    println!("a request of {} bytes, signed here", request.body().len());

    // The server's part, for the sake of the example.
    let issuer = P256::new(p256::ecdsa::SigningKey::from_slice(&[3; 32])?);
    let claims = Jwt::new()
        .claim("iss", ISSUER)
        .claim("sub", "248289761001")
        .claim("aud", "s6BhdRkqt3")
        .claim("iat", 1_311_280_970)
        .claim("exp", 1_311_281_970)
        .claim("nonce", "n-0S6_WzA2Mj");
    let unsigned = claims.unsigned(&Signer::remote(Algorithm::Es256))?;
    let signature = issuer.sign(Algorithm::Es256, unsigned.input()).ok_or("no signature")?;
    let id_token = unsigned.finish(&unsigned.signed(signature))?;
    let jwks = format!(r#"{{"keys":[{}]}}"#, issuer.public_jwk());

    // And what the client makes of it.
    let rules = TokenRules::new(ISSUER, "s6BhdRkqt3").algorithm(Algorithm::Es256);
    let keys = KeySet::read(ISSUER, &jwks)?;
    let expected = ExpectedIdToken::new(&rules).nonce("n-0S6_WzA2Mj");
    let with = IssuedWith::token_endpoint("SlAV32hkKG");
    let identity = expected.verify(id_token.expose(), &keys, &RustCrypto, with, now)?;
    println!("{} of {} has signed in", identity.subject(), identity.issuer());
    Ok(())
}
