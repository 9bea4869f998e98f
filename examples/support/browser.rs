//! The user's browser, as far as a redirect needs one.

use std::error::Error;

use http::Request;
use http::header::LOCATION;

use super::Http;

/// Opens an address, and says where the browser is sent from there. It goes no further.
pub fn visit(http: &Http, url: &str) -> Result<String, Box<dyn Error>> {
    let answer = http.send_plain(Request::get(url).body(Vec::new())?)?;
    let location = answer.headers().get(LOCATION).ok_or("the page sends the browser nowhere")?;
    Ok(location.to_str()?.to_owned())
}
