//! Parts of headers: attributes, bounds, signatures, and the paths and items a header names.

use syn::{Attribute, FnArg, Generics, Meta, Pat, ReceiverKind, Signature, Type};

use super::render::{render, spaced};
use crate::source::lex::{Kind, Token, lex};
use crate::source::paths::Route;

pub fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident(name))
}

pub fn derives(attributes: &[Attribute]) -> Vec<String> {
    let lists = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .map(|attribute| &attribute.meta);
    let texts = lists.filter_map(|meta| {
        if let Meta::List(list) = meta { Some(render(&list.tokens)) } else { None }
    });
    texts
        .flat_map(|text| text.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>())
        .filter(|name| !name.is_empty())
        .collect()
}

pub fn bounds(generics: &Generics) -> String {
    generics.where_clause.as_ref().map(|clause| format!(" {}", render(clause))).unwrap_or_default()
}

pub fn after_colon(bounds: &str) -> String {
    if bounds.is_empty() { String::new() } else { format!(": {bounds}") }
}

/// A signature under its full name, without what only the body cares about.
pub fn signature(written: &Signature, path: &str) -> String {
    let mut shown = written.clone();
    for input in &mut shown.inputs {
        match input {
            FnArg::Receiver(receiver) if matches!(receiver.kind, ReceiverKind::Value) => {
                receiver.mutability = None;
            }
            FnArg::Typed(argument) => {
                if let Pat::Ident(name) = &mut *argument.pat {
                    name.mutability = None;
                }
            }
            FnArg::Receiver(_) => {}
        }
    }
    render(&shown).replacen(&format!("fn {}", written.ident), &format!("fn {path}"), 1)
}

/// The path of the type behind references.
pub fn named(kind: &Type) -> Option<Route> {
    match kind {
        Type::Path(path) if path.qself.is_none() => {
            Some(path.path.segments.iter().map(|segment| segment.ident.to_string()).collect())
        }
        Type::Reference(reference) => named(&reference.elem),
        _ => None,
    }
}

/// Every path in a rendered header.
pub fn paths(text: &str) -> Vec<Route> {
    let mut paths: Vec<Route> = Vec::new();
    let mut continues = false;
    for token in lex(text) {
        match paths.last_mut().filter(|_| continues && token.is_word()) {
            Some(path) => path.push(token.text.clone()),
            None if token.is_word() => paths.push(vec![token.text.clone()]),
            None => {}
        }
        continues = token.is("::");
    }
    paths
}

/// What the body of a `macro_rules!` writes that a caller may see: `impl` and `pub` items, up to their braces.
pub fn headers(tokens: &[Token]) -> Vec<String> {
    let mut headers = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let begins = before
            .is_some_and(|before| ["{", "}", ";", "]", "("].iter().any(|mark| before.is(mark)));
        let restricted = tokens.get(at + 1).is_some_and(|next| next.is("("));
        if begins && (token.is("impl") || token.is("pub") && !restricted) {
            let rest = tokens.get(at..).unwrap_or_default();
            let end =
                rest.iter().position(|token| ["{", ";", "="].iter().any(|mark| token.is(mark)));
            let mut header = spaced(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
            let attributes = tokens.get(..at).unwrap_or_default().iter().rev();
            let mut attributes =
                attributes.take_while(|token| !["{", "}", ";"].iter().any(|mark| token.is(mark)));
            // A parameter that its body may change is no matter of the caller's.
            header = header.replace("(mut ", "(").replace(", mut ", ", ");
            if attributes.any(|token| token.is("non_exhaustive")) {
                header.push_str(" [non_exhaustive]");
            }
            headers.push(header);
        }
    }
    headers
}

/// Texts of several words in a macro's call explain something; they are no part of the surface.
pub fn without_prose(mut token: Token) -> Token {
    if token.kind == Kind::Text && token.text.contains(' ') {
        token.text = "\"…\"".into();
    }
    token
}
