//! Resources that are up to no good, for clients that have to notice.
//!
//! Each answers 401 with a challenge that names its metadata:
//!
//! | path | what is wrong |
//! |---|---|
//! | `/hostile/lure` | the metadata is at an address inside somebody's network |
//! | `/hostile/impostor` | the metadata names an authorization server of the resource's own |
//! | `/hostile/mirror` | the metadata is about another resource |

use serde_json::json;

use super::judge::Judge;
use super::message::{Received, Reply};
use super::rules::Rules;

/// Where clouds keep the credentials of their machines.
const INSIDE: &str = "https://169.254.169.254/latest/meta-data/";

/// Whose tokens the impostor says it takes.
const FOREIGN: &str = "https://login.evil.example";

/// The resource: nobody is let in.
pub fn answer(judge: &Judge, name: &str) -> Reply {
    let known = format!("{}/.well-known/oauth-protected-resource", judge.origin);
    let metadata = match name {
        "lure" => INSIDE.to_owned(),
        "impostor" | "mirror" => format!("{known}/hostile/{name}"),
        _ => return Reply::page(404, "nothing is here"),
    };
    let challenge = format!("Bearer resource_metadata=\"{metadata}\"");
    Reply::empty(401).with_header("www-authenticate", &challenge)
}

/// What it says of itself.
pub fn metadata(judge: &Judge, received: &Received, name: &str) -> Reply {
    let of = |name: &str| format!("{}/hostile/{name}", judge.origin);
    let (resource, server) = match name {
        "impostor" => (of(name), FOREIGN.to_owned()),
        "mirror" => (of("another"), Rules::generic(&judge.origin).issuer),
        _ => return Reply::page(404, "nothing is here"),
    };
    let about = json!({ "resource": resource, "authorization_servers": [server] });
    Reply::document(received, &about)
}
