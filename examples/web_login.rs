//! A web login whose pending state lives in the user's cookie, and tokens that are kept fresh.
//!
//! ```sh
//! cargo run --example web_login
//! ```
//!
//! Between the redirect and the callback a web server lets go of everything. What survives is the
//! pending authorization, which holds the code verifier: so the cookie is encrypted and
//! authenticated, for its one purpose and for ten minutes. A callback that somebody else made up does
//! not end the login that is under way. The tokens go into a [`Session`], which is stored.
//!
//! The web app is two functions from `http` request to `http` response, for whatever framework there
//! is; the browser is simulated, the authorization server is embedded and on loopback.

mod support;

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::authorization::{Callback, CallbackErrorKind, PendingAuthorization};
use grantwire::client::ClientSecretBasic;
use grantwire::flow::{CodeFlow, Driver, Persisted, SecretSnapshot, Session, SessionConfig};
use grantwire::{AccessToken, AuthorizationServer, Client, Entropy, resource};
use grantwire_conformance::{Authentication, Config, Server};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use support::{Http, now, sleep_until, visit};

const ID: &str = "s6BhdRkqt3";
const SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
const SITE: &str = "https://shop.example";
/// `__Host-` makes the browser insist on `Secure`, this host and `Path=/`.
const LOGIN: &str = "__Host-login";
const USER: &str = "__Host-user";
const LOGIN_TIME: Duration = Duration::from_secs(600);

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let secret = Authentication::ClientSecretBasic(SECRET.to_owned());
    let registered =
        grantwire_conformance::Client::new(ID, secret).redirecting_to(&format!("{SITE}/callback"));
    let server = Server::start(Config { clients: vec![registered], ..Config::default() })?;
    let issuer = format!("{}/oauth2", server.origin());
    let app = App::new(&issuer)?;
    let mut browser = Browser { app: &app, cookies: HashMap::new() };

    println!("1. The user wants to sign in");
    let away = browser.get("/login")?;
    let url = away.headers().get(LOCATION).ok_or("no redirect")?.to_str()?.to_owned();
    let sealed = browser.cookies.get(LOGIN).ok_or("no cookie")?.clone();
    println!("  {LOGIN} holds {} characters that say nothing", sealed.len());

    println!("2. Somebody makes the browser open a callback that they made up");
    let forged = browser.get("/callback?code=stolen&state=guessed&iss=evil")?;
    told(&forged, StatusCode::BAD_REQUEST)?;
    require(browser.cookies.get(LOGIN) == Some(&sealed), "the login is still under way")?;

    println!("3. Somebody changes the cookie");
    let damaged: String = sealed.chars().rev().collect();
    browser.cookies.insert(LOGIN.to_owned(), damaged);
    told(&browser.get("/callback?code=x&state=y")?, StatusCode::BAD_REQUEST)?;
    browser.cookies.insert(LOGIN.to_owned(), sealed);

    println!("4. The user agrees at the authorization server, and comes back");
    let back = visit(&app.http, &url)?;
    let back = back.strip_prefix(SITE).ok_or("the browser is sent to another site")?;
    told(&browser.get(back)?, StatusCode::OK)?;
    require(!browser.cookies.contains_key(LOGIN), "the login cookie is gone")?;

    println!("5. The next page takes the session from the store");
    told(&browser.get("/me")?, StatusCode::OK)?;
    println!("6. The same callback again is nobody's");
    told(&browser.get(back)?, StatusCode::BAD_REQUEST)
}

/// The web app.
struct App {
    client: Client,
    issuer: String,
    http: Http,
    /// Made when the app starts. An app of several processes shares one.
    seal: RandomizedNonceKey,
    entropy: RefCell<Entropy>,
    /// In the place of a database: one snapshot for each user.
    store: RefCell<HashMap<String, SecretSnapshot>>,
}

impl App {
    fn new(issuer: &str) -> Outcome<Self> {
        let at = AuthorizationServer::new()
            .issuer(issuer)
            .authorization_endpoint(&format!("{issuer}/authorize"))
            .token_endpoint(&format!("{issuer}/token"))
            .announces_iss();
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key)?;
        Ok(Self {
            client: Client::new(at, ID).auth(ClientSecretBasic::new(SECRET)),
            issuer: issuer.to_owned(),
            http: Http::new(),
            seal: RandomizedNonceKey::new(&AES_256_GCM, &key)?,
            entropy: RefCell::new(Entropy::from_os()?),
            store: RefCell::default(),
        })
    }

    fn answer(&self, request: &Request<()>) -> Outcome<Response<String>> {
        match request.uri().path() {
            "/login" => self.login(),
            "/callback" => self.callback(request),
            "/me" => self.me(request),
            _ => page(StatusCode::NOT_FOUND, "nothing is here"),
        }
    }

    /// Sends the browser away, with the pending authorization in its cookie.
    fn login(&self) -> Outcome<Response<String>> {
        let asking = self.client.authorization().redirect_uri(format!("{SITE}/callback"));
        let started = asking.start(&mut self.entropy.borrow_mut())?;
        let cookie = set(LOGIN, &self.sealed(&started.pending)?, LOGIN_TIME);
        let away = Response::builder().status(StatusCode::FOUND).header(SET_COOKIE, cookie);
        Ok(away.header(LOCATION, started.url.as_str()).body(String::new())?)
    }

    /// Takes the browser back.
    fn callback(&self, request: &Request<()>) -> Outcome<Response<String>> {
        let Some(pending) = cookie(request, LOGIN).and_then(|sealed| self.opened(sealed)) else {
            return page(StatusCode::BAD_REQUEST, "no login is under way in this browser");
        };
        let callback = Callback::from_query(request.uri().query().unwrap_or_default());
        let mut flow = match CodeFlow::resume(&self.client, pending, callback, Entropy::from_os()?)
        {
            Ok(flow) => flow,
            // The cookie stays: the user's own callback is still to come.
            Err(error) if *error.kind() == CallbackErrorKind::NotForThisFlow => {
                return page(StatusCode::BAD_REQUEST, &error.to_string());
            }
            Err(error) => {
                let mut answer = page(StatusCode::BAD_REQUEST, &error.to_string())?;
                answer.headers_mut().append(SET_COOKIE, set(LOGIN, "", Duration::ZERO).parse()?);
                return Ok(answer);
            }
        };
        let send = |request, duties, answer_by| self.http.transport(request, duties, answer_by);
        let tokens = Driver::blocking(now, sleep_until, send).run(&mut flow)?;

        // A session of the app's own, under a name that nobody can guess. It is stored before any
        // of its tokens is used.
        let mut name = [0; 16];
        aws_lc_rs::rand::fill(&mut name)?;
        let user = URL_SAFE_NO_PAD.encode(name);
        let config = SessionConfig::new();
        let session =
            Session::from_response(&self.client, &tokens, config, now(), Entropy::from_os()?);
        let token = self.drive(&user, session)?;
        let mut answer = page(StatusCode::OK, &format!("welcome, {}", self.who(&token)?))?;
        let headers = answer.headers_mut();
        headers.append(SET_COOKIE, set(LOGIN, "", Duration::ZERO).parse()?);
        headers.append(SET_COOKIE, set(USER, &user, Duration::from_secs(86_400)).parse()?);
        Ok(answer)
    }

    /// A page for those who are signed in.
    fn me(&self, request: &Request<()>) -> Outcome<Response<String>> {
        let stored = cookie(request, USER)
            .and_then(|user| Some((user, self.store.borrow().get(user)?.clone())));
        let Some((user, snapshot)) = stored else {
            return page(StatusCode::UNAUTHORIZED, "sign in first");
        };
        let (config, entropy) = (SessionConfig::new(), Entropy::from_os()?);
        let session = Session::resume(&self.client, snapshot, config, now(), entropy)?;
        let token = self.drive(user, session)?;
        page(StatusCode::OK, &format!("you are {}", self.who(&token)?))
    }

    /// An access token that is good now, refreshed if need be.
    fn drive(&self, user: &str, mut session: Session) -> Outcome<AccessToken> {
        let mut driver = Driver::blocking(now, sleep_until, |request, duties, answer_by| {
            self.http.transport(request, duties, answer_by)
        })
        .persist(|snapshot| self.swap(user, snapshot));
        Ok(driver.run(&mut session)?)
    }

    /// Compare-and-swap: takes the snapshot that follows the stored one, and no other.
    fn swap(&self, user: &str, snapshot: SecretSnapshot) -> Persisted<SecretSnapshot> {
        let mut store = self.store.borrow_mut();
        match store.get(user) {
            Some(stored) if stored.generation() >= snapshot.generation() => {
                Persisted::Conflict(stored.clone())
            }
            _ => {
                store.insert(user.to_owned(), snapshot);
                Persisted::Stored
            }
        }
    }

    /// Whom the resource knows by this token.
    fn who(&self, token: &AccessToken) -> Outcome<String> {
        let mut request = Request::get(format!("{}/userinfo", self.issuer)).body(Vec::new())?;
        token.present(request.headers_mut())?;
        let answer = self.http.send_plain(request)?;
        resource::check(&answer)?;
        let about: serde_json::Value = serde_json::from_slice(answer.body())?;
        Ok(about["sub"].as_str().ok_or("the resource does not say")?.to_owned())
    }

    /// Encrypted and authenticated, with the cookie's name and the moment it ends.
    fn sealed(&self, pending: &PendingAuthorization) -> Outcome<String> {
        let ends = (now() + LOGIN_TIME).as_unix_millis().to_be_bytes();
        let mut bytes = pending.to_bytes().to_vec();
        let about = Aad::from([LOGIN.as_bytes(), &ends].concat());
        let nonce = self.seal.seal_in_place_append_tag(about, &mut bytes)?;
        Ok(URL_SAFE_NO_PAD.encode([&ends, nonce.as_ref().as_slice(), &bytes].concat()))
    }

    fn opened(&self, sealed: &str) -> Option<PendingAuthorization> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (ends, rest) = bytes.split_first_chunk::<8>()?;
        let (nonce, rest) = rest.split_first_chunk::<12>()?;
        let about = Aad::from([LOGIN.as_bytes(), ends].concat());
        let mut rest = rest.to_vec();
        let plain = self.seal.open_in_place(Nonce::from(nonce), about, &mut rest).ok()?;
        let in_time = now().as_unix_millis() < u64::from_be_bytes(*ends);
        in_time.then(|| PendingAuthorization::from_bytes(plain).ok()).flatten()
    }
}

fn set(name: &str, value: &str, age: Duration) -> String {
    // `Lax`, because the callback comes from another site.
    let age = age.as_secs();
    format!("{name}={value}; Max-Age={age}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

fn cookie<'a>(request: &'a Request<()>, name: &str) -> Option<&'a str> {
    let cookies = request.headers().get(COOKIE)?.to_str().ok()?.split("; ");
    cookies.filter_map(|cookie| cookie.split_once('=')).find(|(each, _)| *each == name).map(|c| c.1)
}

fn page(status: StatusCode, text: &str) -> Outcome<Response<String>> {
    Ok(Response::builder().status(status).body(text.to_owned())?)
}

/// The user's browser: it keeps cookies.
struct Browser<'a> {
    app: &'a App,
    cookies: HashMap<String, String>,
}

impl Browser<'_> {
    fn get(&mut self, target: &str) -> Outcome<Response<String>> {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::get(format!("{SITE}{target}")).header(COOKIE, cookies.join("; "));
        let answer = self.app.answer(&request.body(())?)?;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let (cookie, rest) =
                cookie.to_str()?.split_once(';').ok_or("a cookie without rules")?;
            let (name, value) = cookie.split_once('=').ok_or("a cookie without a value")?;
            if rest.contains("Max-Age=0;") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}

fn told(answer: &Response<String>, wanted: StatusCode) -> Outcome<()> {
    println!("  {}: {}", answer.status(), answer.body());
    require(answer.status() == wanted, "the app answers as it should")
}

/// Ends the program when something is not as it should be.
fn require(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}
