//! [`Server`]: a model of an authorization server's token endpoint, in true time.
//!
//! It rotates, detects replays and kills the family, knows graces, asks for DPoP nonces and lets them
//! expire. It verifies no signature.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::Timestamp;
use http::{Request, Response};

use crate::chance::Chance;

/// True time zero, in Unix milliseconds.
pub const BEGINNING: u64 = 1_752_702_206_000;

/// What happens to refresh tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotates {
    Always,
    Never,
    /// Now and then; otherwise the answer has no refresh token and the old one stays good.
    Sometimes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manners {
    pub rotates: Rotates,
    /// For how long the previous token gives the same successor again.
    pub grace_ms: u64,
    pub lifetime_s: u64,
    pub says_lifetime: bool,
    pub dpop: bool,
    pub nonce_ms: u64,
}

/// What goes wrong at the server, with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    TooMany,
    /// A 503 that the server itself makes, and has done nothing. No client can tell.
    Unavailable,
    /// A 503 that a proxy makes when the connection dies after the request has gone out: the server has granted.
    UnavailableAfter,
    /// A gateway's page or JSON in the server's place.
    NoRoute,
    Forbidden,
    InvalidClient,
    Before,
    After,
    HtmlAfter,
    Truncated,
}

/// What the request did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing, and the answer says so.
    Untouched,
    /// Nothing; a nonce is asked for.
    NonceAsked,
    /// Nobody can tell from the answer.
    Unclear,
    Issued {
        refresh: Option<String>,
    },
    Refused,
}

#[derive(Clone)]
pub struct Answer {
    pub response: Response<Vec<u8>>,
    pub effect: Effect,
    /// How long the client has to leave the server alone, in milliseconds.
    pub retry_after: u64,
    /// That is a moment by the server's clock, and no span.
    pub is_dated: bool,
}

impl Answer {
    /// Until when the client that hears this now has to leave the server alone. A moment by the
    /// server's clock says nothing to a client whose own is wrong.
    pub fn not_before(&self, now: u64, is_clock_right: bool) -> u64 {
        match self.is_dated {
            false => now + self.retry_after,
            true if is_clock_right => self.retry_after,
            true => 0,
        }
    }
}

#[derive(Debug, Default)]
pub struct Family {
    pub newest: u64,
    replaced_at: u64,
    pub dead: bool,
}

pub struct Server {
    manners: Manners,
    pub families: Vec<Family>,
    serial: u64,
    proofs: HashSet<String>,
    devices: HashMap<String, Device>,
    pub requests: u64,
    pub issued: u64,
    pub kills: u64,
}

/// A device code: when it is approved, when it ends, and what is asked of its client.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    pub decided_at: u64,
    pub approved: bool,
    pub ends_at: u64,
    pub interval_ms: u64,
    pub last_poll: Option<u64>,
    pub early: u64,
}

impl Server {
    pub fn new(manners: Manners) -> Self {
        Self {
            manners,
            families: Vec::new(),
            serial: 0,
            proofs: HashSet::new(),
            devices: HashMap::new(),
            requests: 0,
            issued: 0,
            kills: 0,
        }
    }

    /// A login: a new family, and its first tokens.
    pub fn login(&mut self) -> (String, Response<Vec<u8>>) {
        self.families.push(Family::default());
        let family = self.families.len() - 1;
        let token = refresh_token(family, 0);
        let response = self.tokens(family, Some(&token));
        (token, response)
    }

    pub fn add_device(&mut self, code: &str, device: Device) {
        self.devices.insert(code.to_owned(), device);
    }

    pub fn device(&self, code: &str) -> Device {
        self.devices[code]
    }

    /// Whether this refresh token would be taken now.
    pub fn takes(&self, token: &str) -> bool {
        let Some((family, number)) = parse(token) else { return false };
        self.families.get(family).is_some_and(|family| !family.dead && family.newest == number)
    }

    pub fn family_is_dead(&self, token: &str) -> bool {
        parse(token).and_then(|(family, _)| self.families.get(family)).is_some_and(|it| it.dead)
    }

    fn tokens(&mut self, family: usize, refresh: Option<&str>) -> Response<Vec<u8>> {
        self.serial += 1;
        self.issued += 1;
        let kind = if self.manners.dpop { "DPoP" } else { "Bearer" };
        let mut body = serde_json::json!({
            "access_token": format!("a{family}-{}", self.serial),
            "token_type": kind,
        });
        if self.manners.says_lifetime {
            body["expires_in"] = self.manners.lifetime_s.into();
        }
        if let Some(refresh) = refresh {
            body["refresh_token"] = refresh.into();
        }
        json(200, &body)
    }

    fn nonce(&self, now: u64) -> String {
        format!("n{}", now / self.manners.nonce_ms)
    }

    /// Answers a request that arrives now. `again` says that the network has brought it before.
    pub fn answer(
        &mut self,
        now: u64,
        request: &Request<Vec<u8>>,
        fault: Option<Fault>,
        again: bool,
        chance: &mut Chance,
    ) -> Answer {
        self.requests += 1;
        let untouched = |response, retry_after| Answer {
            response,
            effect: Effect::Untouched,
            retry_after: retry_after * 1000,
            is_dated: false,
        };
        match fault {
            Some(Fault::TooMany) => {
                let after = chance.between(1, 400);
                let mut response = json(429, &serde_json::json!({"error": "slow_down"}));
                if chance.permille(700) {
                    put(&mut response, "retry-after", &after.to_string());
                    return untouched(response, after);
                }
                let date = httpdate::fmt_http_date(when(now + after * 1000));
                put(&mut response, "retry-after", &date);
                // In whole seconds.
                let retry_after = (now / 1000 + after) * 1000;
                return Answer { is_dated: true, retry_after, ..untouched(response, 0) };
            }
            Some(Fault::Unavailable) => {
                let mut response = html(503);
                let after = if chance.permille(500) { chance.between(1, 200) } else { 0 };
                if after > 0 {
                    put(&mut response, "retry-after", &after.to_string());
                }
                return Answer { retry_after: after * 1000, ..unclear(response) };
            }
            Some(Fault::NoRoute) => {
                let message = serde_json::json!({"status": 404, "error": "Not Found"});
                let response = if chance.permille(500) { html(404) } else { json(404, &message) };
                return untouched(response, 0);
            }
            Some(Fault::Forbidden) => return untouched(html(403), 0),
            Some(Fault::InvalidClient) => {
                return untouched(json(401, &serde_json::json!({"error": "invalid_client"})), 0);
            }
            Some(Fault::Before) => return unclear(html(500)),
            _ => {}
        }
        if let Some(asked) = self.check_proof(now, request, again) {
            return asked;
        }
        let mut answer = self.grant(now, request, chance);
        if self.manners.dpop && chance.permille(600) {
            let nonce = self.nonce(now);
            put(&mut answer.response, "dpop-nonce", &nonce);
        }
        match fault {
            Some(Fault::After) => unclear(json(504, &serde_json::json!({"error": "server_error"}))),
            Some(Fault::HtmlAfter) => unclear(html(502)),
            Some(Fault::UnavailableAfter) => {
                let mut response = html(503);
                let after = if chance.permille(300) { chance.between(1, 200) } else { 0 };
                if after > 0 {
                    put(&mut response, "retry-after", &after.to_string());
                }
                Answer { retry_after: after * 1000, ..unclear(response) }
            }
            Some(Fault::Truncated) => {
                let half = answer.response.body().len() / 2;
                answer.response.body_mut().truncate(half);
                // Of a refusal the status is left: no token was issued.
                match answer.response.status().is_client_error() {
                    true => Answer { effect: Effect::Untouched, ..answer },
                    false => unclear(answer.response),
                }
            }
            _ => answer,
        }
    }

    fn check_proof(&mut self, now: u64, request: &Request<Vec<u8>>, again: bool) -> Option<Answer> {
        if !self.manners.dpop {
            return None;
        }
        let proof = request.headers().get("dpop").expect("a proof").to_str().expect("text");
        let claims = proof.split('.').nth(1).expect("claims");
        let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
        let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
        let jti = claims["jti"].as_str().expect("jti").to_owned();
        assert!(self.proofs.insert(jti) || again, "a proof was used twice");
        let wanted = self.nonce(now);
        let grace = self.nonce(now.saturating_sub(self.manners.nonce_ms / 10));
        let given = claims["nonce"].as_str().unwrap_or_default();
        if given == wanted || given == grace {
            return None;
        }
        let mut response = json(400, &serde_json::json!({"error": "use_dpop_nonce"}));
        put(&mut response, "dpop-nonce", &wanted);
        Some(Answer { response, effect: Effect::NonceAsked, retry_after: 0, is_dated: false })
    }

    fn grant(&mut self, now: u64, request: &Request<Vec<u8>>, chance: &mut Chance) -> Answer {
        let form: HashMap<String, String> =
            serde_urlencoded::from_bytes(request.body()).expect("a form");
        let issued = |response, refresh| Answer {
            response,
            effect: Effect::Issued { refresh },
            retry_after: 0,
            is_dated: false,
        };
        match form["grant_type"].as_str() {
            "client_credentials" => issued(self.tokens(0, None), None),
            "refresh_token" => self.refresh(now, &form["refresh_token"], chance),
            _ => self.poll_device(now, &form["device_code"]),
        }
    }

    fn refresh(&mut self, now: u64, token: &str, chance: &mut Chance) -> Answer {
        let refused = || Answer {
            response: json(400, &serde_json::json!({"error": "invalid_grant"})),
            effect: Effect::Refused,
            retry_after: 0,
            is_dated: false,
        };
        let Some((number, presented)) = parse(token) else { return refused() };
        let rotate = match self.manners.rotates {
            Rotates::Always => true,
            Rotates::Never => false,
            Rotates::Sometimes => chance.permille(500),
        };
        let grace_ms = self.manners.grace_ms;
        let Some(family) = self.families.get_mut(number) else { return refused() };
        if family.dead {
            return refused();
        }
        let successor = if presented == family.newest {
            if rotate {
                family.newest += 1;
                family.replaced_at = now;
            }
            rotate.then_some(family.newest)
        } else if presented + 1 == family.newest && now - family.replaced_at < grace_ms {
            Some(family.newest)
        } else {
            family.dead = true;
            self.kills += 1;
            return refused();
        };
        let refresh = successor.map(|successor| refresh_token(number, successor));
        let response = self.tokens(number, refresh.as_deref());
        Answer { response, effect: Effect::Issued { refresh }, retry_after: 0, is_dated: false }
    }

    fn poll_device(&mut self, now: u64, code: &str) -> Answer {
        let refused = |error| Answer {
            response: json(400, &serde_json::json!({ "error": error })),
            effect: Effect::Untouched,
            retry_after: 0,
            is_dated: false,
        };
        let device = self.devices.get_mut(code).expect("a known code");
        let early = device.last_poll.is_some_and(|last| now < last + device.interval_ms);
        device.last_poll = Some(now);
        if now >= device.ends_at {
            return refused("expired_token");
        }
        if early {
            device.early += 1;
            device.interval_ms += 5000;
            return refused("slow_down");
        }
        if now < device.decided_at {
            return refused("authorization_pending");
        }
        if !device.approved {
            return refused("access_denied");
        }
        let (refresh, response) = self.login();
        Answer {
            response,
            effect: Effect::Issued { refresh: Some(refresh) },
            retry_after: 0,
            is_dated: false,
        }
    }
}

fn when(now: u64) -> std::time::SystemTime {
    std::time::UNIX_EPOCH + std::time::Duration::from_millis(BEGINNING + now)
}

/// True time as the server writes it.
pub const fn moment(now: u64) -> Timestamp {
    Timestamp::from_unix_millis(BEGINNING + now)
}

fn refresh_token(family: usize, number: u64) -> String {
    format!("r{family}-{number}")
}

fn parse(token: &str) -> Option<(usize, u64)> {
    let (family, number) = token.strip_prefix('r')?.split_once('-')?;
    Some((family.parse().ok()?, number.parse().ok()?))
}

fn unclear(response: Response<Vec<u8>>) -> Answer {
    Answer { response, effect: Effect::Unclear, retry_after: 0, is_dated: false }
}

fn put(response: &mut Response<Vec<u8>>, name: &'static str, value: &str) {
    response.headers_mut().insert(name, value.parse().expect("a header value"));
}

fn json(status: u16, body: &serde_json::Value) -> Response<Vec<u8>> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(body.to_string().into_bytes()).expect("a response")
}

fn html(status: u16) -> Response<Vec<u8>> {
    let response = Response::builder().status(status).header("content-type", "text/html");
    response.body(b"<html><h1>Oops</h1></html>".to_vec()).expect("a response")
}
