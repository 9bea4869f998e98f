//! A stand-in for a browser, so that the example `fetch` runs without one. It keeps to itself what a
//! browser keeps to itself.

#![allow(dead_code, unreachable_pub, reason = "the tests use only a part of this module")]

use std::error::Error;
use std::io::Read as _;
use std::time::Duration;

use grantwire_transport::fetch::{Answer, Fetch, TypeError};
use http::header::LOCATION;
use http::{Request, Response};
use ureq::{Agent, BodyReader};

pub struct StandIn;

/// The head, unless it is an opaque redirect, and the reader.
pub struct Got(Option<Response<()>>, Option<BodyReader<'static>>);

impl Fetch for StandIn {
    type Answer = Got;

    async fn fetch(&self, request: Request<Vec<u8>>, patience: Duration) -> Result<Got, TypeError> {
        let answer = agent(patience).run(request).map_err(|_| TypeError)?;
        let (head, body) = answer.into_parts();
        if head.status.is_redirection() {
            return Ok(Got(None, None));
        }
        Ok(Got(Some(Response::from_parts(head, ())), Some(body.into_reader())))
    }
}

impl Answer for Got {
    fn head(&self) -> Result<Option<Response<()>>, TypeError> {
        Ok(self.0.clone())
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, TypeError> {
        let Some(reader) = &mut self.1 else {
            return Ok(None);
        };
        let mut chunk = vec![0; 4096];
        let count = reader.read(&mut chunk).map_err(|_| TypeError)?;
        chunk.truncate(count);
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }

    fn cancel(&mut self) {
        self.1 = None;
    }
}

/// Opens an address, as its user would, and says where the browser is sent from there.
pub fn visit(url: &str) -> Result<String, Box<dyn Error>> {
    let answer = agent(Duration::from_secs(10)).get(url).call()?;
    let location = answer.headers().get(LOCATION).ok_or("the page sends the browser nowhere")?;
    Ok(location.to_str()?.to_owned())
}

fn agent(patience: Duration) -> Agent {
    let config = Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .max_idle_connections(0)
        .timeout_global(Some(patience))
        .proxy(None);
    config.build().into()
}
