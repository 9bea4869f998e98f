//! What a browser makes of a page with a form: the fields, posted to the form's action.
//!
//! Reads the few pages that the server writes, attribute by attribute. It is no HTML parser.

/// A form with its fields filled in.
pub struct FormPost {
    /// Where it goes.
    pub action: String,
    /// What goes there, form-encoded as a browser does it.
    pub body: Vec<u8>,
}

/// Reads the form of a page.
///
/// # Panics
///
/// When there is none, or it is not posted.
pub fn read(page: &str) -> FormPost {
    let form = tags(page, "form").next().expect("a form");
    assert_eq!(attribute(form, "method").as_deref(), Some("post"));
    let fields: Vec<_> = tags(page, "input")
        .map(|field| attribute(field, "name").zip(attribute(field, "value")).expect("a field"))
        .collect();
    let body = serde_urlencoded::to_string(fields).expect("fields make a form");
    FormPost { action: attribute(form, "action").expect("an action"), body: body.into_bytes() }
}

/// The insides of every tag of this name.
fn tags<'a>(page: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    page.split('<').filter_map(move |piece| {
        let inside = piece.strip_prefix(name)?.strip_prefix(' ')?;
        inside.split('>').next()
    })
}

/// An attribute's value, with the character references the server writes undone.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, after) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = after.split_once('"')?;
    let undo = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    Some(undo.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to)))
}

#[test]
fn a_page_becomes_what_a_browser_would_post() {
    let form = read(
        "<form method=\"post\" action=\"https://c.example/?a=1&amp;b\">\n\
         <input type=\"hidden\" name=\"state\" value=\"a&amp;lt;b &quot;c\"/>\
         <input type=\"hidden\" name=\"code\" value=\"\"/></form>",
    );
    assert_eq!(form.action, "https://c.example/?a=1&b");
    assert_eq!(form.body, b"state=a%26lt%3Bb+%22c&code=");
}
