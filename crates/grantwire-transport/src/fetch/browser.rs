//! [`Fetch`] by a real browser, in a page or in a worker.

use std::time::Duration;

use grantwire::{Entropy, Timestamp};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Crypto, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache,
    RequestCredentials, RequestInit, RequestRedirect, ResponseType,
};

use super::{Answer, Fetch, TypeError};

/// The browser that this runs in.
pub struct Browser;

/// An answer, and the reader of its body.
pub struct Got {
    response: web_sys::Response,
    reader: Option<ReadableStreamDefaultReader>,
}

impl Fetch for Browser {
    type Answer = Got;

    async fn fetch(&self, request: Request<Vec<u8>>, patience: Duration) -> Result<Got, TypeError> {
        let got = fetch(&request, patience).map_err(|_| TypeError)?;
        let response = JsFuture::from(got).await.map_err(|_| TypeError)?;
        let response: web_sys::Response = response.dyn_into().map_err(|_| TypeError)?;
        let reader = response.body().map(|body| body.get_reader().unchecked_into());
        Ok(Got { response, reader })
    }
}

fn fetch(request: &Request<Vec<u8>>, patience: Duration) -> Result<Promise, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers() {
        headers.append(name.as_str(), value.to_str().map_err(|_| JsValue::UNDEFINED)?)?;
    }
    let milliseconds = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers_headers(&headers);
    init.set_redirect(RequestRedirect::Manual);
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(milliseconds)));
    if !request.body().is_empty() {
        init.set_body(&Uint8Array::from(request.body().as_slice()));
    }
    let url = request.uri().to_string();
    let request = web_sys::Request::new_with_str_and_init(&url, &init)?;
    // A page and a worker have it in the same place.
    let global = js_sys::global();
    let fetch: Function = Reflect::get(&global, &"fetch".into())?.dyn_into()?;
    fetch.call1(&global, &request)?.dyn_into()
}

impl Answer for Got {
    fn head(&self) -> Result<Option<Response<()>>, TypeError> {
        if self.response.type_() == ResponseType::Opaqueredirect {
            return Ok(None);
        }
        let mut head = Response::new(());
        *head.status_mut() = StatusCode::from_u16(self.response.status()).map_err(|_| TypeError)?;
        let headers = self.response.headers();
        for pair in js_sys::try_iter(&headers).map_err(|_| TypeError)?.into_iter().flatten() {
            let pair: Array = pair.map_err(|_| TypeError)?.unchecked_into();
            let text = |at| pair.get(at).as_string().unwrap_or_default();
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(text(0)), HeaderValue::try_from(text(1)))
            {
                head.headers_mut().append(name, value);
            }
        }
        Ok(Some(head))
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, TypeError> {
        let Some(reader) = &self.reader else {
            return Ok(None);
        };
        let read = JsFuture::from(reader.read()).await.map_err(|_| TypeError)?;
        let value = Reflect::get(&read, &"value".into()).map_err(|_| TypeError)?;
        Ok(value.dyn_into::<Uint8Array>().ok().map(|chunk| chunk.to_vec()))
    }

    fn cancel(&mut self) {
        if let Some(reader) = self.reader.take() {
            // What becomes of it does not matter any more.
            let _ = reader.cancel();
        }
    }
}

/// A browser's clock, since the standard library has none there.
pub fn now() -> Timestamp {
    Timestamp::EPOCH + Duration::from_secs_f64(js_sys::Date::now() / 1000.0)
}

/// A browser's random bytes, in a page and in a worker.
///
/// # Errors
/// Where there is no `crypto`.
pub fn entropy() -> Result<Entropy, JsValue> {
    let crypto: Crypto = Reflect::get(&js_sys::global(), &"crypto".into())?.dyn_into()?;
    let mut bytes = [0; 32];
    crypto.get_random_values_with_u8_array(&mut bytes)?;
    Ok(Entropy::new(bytes))
}
