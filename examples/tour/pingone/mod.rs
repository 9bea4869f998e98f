//! PingOne: the code flow with a signed assertion, the other ways to authenticate, and everything
//! that can go wrong on the way back.
//!
//! What all three parts share is here: the environment, its applications, and a sign-in.

mod failures;
mod methods;
mod sign_in;

use grantwire::authorization::Callback;
use grantwire::grant::CheckedCode;
use grantwire::jose::{Algorithm, LocalKey, PublicJwk};
use grantwire::provider::pingone::{self, Environment};

use crate::guide::{Guide, Outcome};
use crate::support::Kms;
use grantwire_conformance::{Authentication, Client, Config, Pkce, Server};

const CALLBACK: &str = "https://client.example/pingone/callback";

/// Applications, by how they authenticate.
const WEB_APP: &str = "7b0c1f2e-5a3d-4c8b-9e6f-101112131415";
const NATIVE_APP: &str = "7b0c1f2e-5a3d-4c8b-9e6f-202122232425";
const BASIC_WORKER: &str = "7b0c1f2e-5a3d-4c8b-9e6f-303132333435";
const POST_WORKER: &str = "7b0c1f2e-5a3d-4c8b-9e6f-404142434445";
const HMAC_WORKER: &str = "7b0c1f2e-5a3d-4c8b-9e6f-505152535455";
const RSA_WORKER: &str = "7b0c1f2e-5a3d-4c8b-9e6f-606162636465";
const KMS_WORKER: &str = "7b0c1f2e-5a3d-4c8b-9e6f-707172737475";

/// With the characters that PingOne's own secrets have.
const SECRET: &str = "q.7~Zb_1-Xk9.mW3~vR5_tY8-sD2.fG6~hJ4";

const WEB_KEY: &str = "web-2026";
const KMS_KEY: &str = "kms-2026";

/// What a worker may ask for.
const WORKER_SCOPE: &str = "p1:read:user";

/// The environment as both sides know it.
struct Scene {
    server: Server,
    environment: Environment,
    web_key: LocalKey,
    rsa_key: LocalKey,
    kms: Kms,
}

pub fn visit(guide: &mut Guide) -> Outcome<()> {
    let scene = Scene::set(guide)?;
    sign_in::visit(guide, &scene)?;
    methods::visit(guide, &scene)?;
    failures::visit(guide, &scene)
}

impl Scene {
    fn set(guide: &Guide) -> Outcome<Self> {
        let web_key = LocalKey::generate(Algorithm::Es256)?.key_id(WEB_KEY);
        let rsa_key = LocalKey::generate(Algorithm::Rs256)?;
        // A key without a name of its own goes by its thumbprint.
        let name = rsa_key.thumbprint();
        let rsa_key = rsa_key.key_id(name);
        let kms = Kms::start(KMS_KEY)?;
        let registered = |key: &LocalKey| -> Outcome<Authentication> {
            let jwk = serde_json::from_str(&PublicJwk::to_json(&key.public_jwk()))?;
            Ok(Authentication::PrivateKeyJwt(vec![jwk]))
        };
        let worker = |id, authentication| {
            Client::pingone(id, authentication)
                .with_grants(&["client_credentials"])
                .with_scopes(&[WORKER_SCOPE])
        };
        let clients = vec![
            Client::pingone(WEB_APP, registered(&web_key)?)
                .redirecting_to(CALLBACK)
                .with_scopes(&["openid", "profile", "offline_access"]),
            Client::pingone(NATIVE_APP, Authentication::None)
                .redirecting_to(CALLBACK)
                .with_pkce(Pkce::Required)
                .with_scopes(&["openid"]),
            worker(BASIC_WORKER, Authentication::ClientSecretBasic(SECRET.to_owned())),
            worker(POST_WORKER, Authentication::ClientSecretPost(SECRET.to_owned())),
            worker(HMAC_WORKER, Authentication::ClientSecretJwt(SECRET.to_owned())),
            worker(RSA_WORKER, registered(&rsa_key)?),
            worker(KMS_WORKER, Authentication::PrivateKeyJwt(vec![kms.public_jwk()])),
        ];
        let server = guide.server(clients, 0)?;
        let id = Config::default().pingone_environment;
        let environment = Environment::at(server.origin(), &id)?;
        Ok(Self { server, environment, web_key, rsa_key, kms })
    }

    /// An application of this environment; a public one until told otherwise.
    fn client(&self, id: &str) -> grantwire::Client {
        grantwire::Client::new(self.environment.server(), id)
    }

    /// The web application, signing with its registered key.
    fn web_app(&self) -> grantwire::Client {
        self.client(WEB_APP).auth(pingone::private_key_jwt(self.web_key.clone()))
    }

    /// Signs a person in, from the URL to the checked code.
    fn sign_in(
        &self,
        guide: &mut Guide,
        client: &grantwire::Client,
        scope: &str,
    ) -> Outcome<CheckedCode> {
        let started =
            client.authorization().redirect_uri(CALLBACK).scope(scope).start(&mut guide.entropy)?;
        let callback = guide.browse(&self.server, &started.url)?;
        Ok(started.pending.code(Callback::from_url(&callback))?)
    }
}
