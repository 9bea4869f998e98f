//! The lines: what each public definition looks like from outside.

use std::collections::BTreeSet;

use syn::{Attribute, Fields, Generics, ImplItem, Item, ItemImpl, ItemMacro, TraitItem};

use super::header::{
    after_colon, bounds, derives, has, headers, named, paths, signature, without_prose,
};
use super::render::{render, spaced};
use super::walk::{Crate, Module, is_public, marks};
use crate::source::Source;
use crate::source::lex::{Token, lex};

/// What a caller can name, and what is wrong with it.
#[derive(Default)]
pub struct Surface {
    /// Sorted by the thing each line belongs to.
    pub lines: Vec<String>,
    /// Things without docs, or hidden ones.
    pub problems: Vec<String>,
    /// Public enums a caller may match without a wildcard arm.
    pub exhaustive_enums: Vec<String>,
}

/// The order of lines about one thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Item,
    Part,
    Method,
    Trait,
    Name,
}

struct Lister<'a> {
    all: &'a Crate,
    lines: Vec<(String, Rank, String)>,
    surface: Surface,
}

impl Surface {
    pub fn of(sources: &[Source]) -> Self {
        let all = Crate::of(sources);
        let mut lister = Lister { all: &all, lines: Vec::new(), surface: Self::default() };
        for module in &all.modules {
            if let Some(face) = module.face.as_ref().filter(|face| !face.is_empty()) {
                let path = face.join("::");
                lister.line(&path, Rank::Item, format!("pub mod {path}"), &module.marks);
            }
            for item in &module.items {
                lister.item(module, item);
            }
        }
        lister.re_exports();
        lister.lines.sort();
        lister.lines.dedup();
        lister.surface.lines = lister.lines.into_iter().map(|(_, _, line)| line).collect();
        lister.surface
    }
}

impl Lister<'_> {
    fn line(&mut self, owner: &str, rank: Rank, mut text: String, marks: &[String]) {
        // What is public by a re-export stands under the conditions of that, too.
        let export = self.all.re_exports.iter().find(|export| export.name.join("::") == owner);
        let export = export.filter(|_| rank != Rank::Name).map(|export| export.marks.as_slice());
        let marks: BTreeSet<&String> = marks.iter().chain(export.unwrap_or_default()).collect();
        for mark in marks {
            text.extend([" [", mark, "]"]);
        }
        self.lines.push((owner.into(), rank, text));
    }

    /// A line for something that a caller reads about: it must have docs.
    fn documented(
        &mut self,
        owner: &str,
        rank: Rank,
        text: String,
        marks: &[String],
        attributes: &[Attribute],
    ) {
        if !attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
            self.surface.problems.push(format!("`{text}` has no docs"));
        }
        self.line(owner, rank, text, marks);
    }

    fn item(&mut self, module: &Module, item: &Item) {
        let (attributes, name, generics) = match item {
            Item::Impl(item) => return self.implementation(module, item),
            Item::Macro(item) => return self.macros(module, item),
            Item::Const(item) => (&item.attrs, &item.ident, &item.generics),
            Item::Enum(item) => (&item.attrs, &item.ident, &item.generics),
            Item::Fn(item) => (&item.attrs, &item.sig.ident, &item.sig.generics),
            Item::Static(item) => (&item.attrs, &item.ident, &Generics::default()),
            Item::Struct(item) => (&item.attrs, &item.ident, &item.generics),
            Item::Trait(item) => (&item.attrs, &item.ident, &item.generics),
            Item::Type(item) => (&item.attrs, &item.ident, &item.generics),
            Item::Union(item) => (&item.attrs, &item.ident, &item.generics),
            _ => return,
        };
        let Some(route) = self.all.definition(&module.route, &[name.to_string()]) else {
            return;
        };
        let (Some(public), Some(own)) = (self.all.public_name(&route), marks(attributes)) else {
            return;
        };
        let (path, marks) = (public.join("::"), [module.marks.as_slice(), &own].concat());
        let (params, bounds) = (render(generics), bounds(generics));
        let arguments = render(&generics.split_for_impl().1);
        let open = if has(attributes, "non_exhaustive") { " [non_exhaustive]" } else { "" };
        let head = match item {
            Item::Const(item) => format!("pub const {path}: {}", render(&item.ty)),
            Item::Static(item) => format!("pub static {path}: {}", render(&item.ty)),
            Item::Type(item) => format!("pub type {path}{params} = {}", render(&item.ty)),
            Item::Fn(item) => format!("pub {}", signature(&item.sig, &path)),
            Item::Enum(_) => format!("pub enum {path}{params}{bounds}{open}"),
            Item::Trait(item) => format!(
                "pub trait {path}{params}{}{bounds}",
                after_colon(&render(&item.supertraits))
            ),
            Item::Struct(item) => {
                let closed = item.fields.iter().any(|field| !is_public(&field.vis));
                format!(
                    "pub struct {path}{params}{bounds}{}{open}",
                    if closed { " { .. }" } else { "" }
                )
            }
            _ => format!("pub union {path}{params}{bounds}"),
        };
        self.documented(&path, Rank::Item, head, &marks, attributes);
        for derived in derives(attributes) {
            self.line(&path, Rank::Trait, format!("impl {derived} for {path}{arguments}"), &marks);
        }
        match item {
            Item::Struct(item) => self.fields(&path, &item.fields, &marks),
            Item::Trait(item) => {
                item.items.iter().for_each(|item| self.trait_item(&path, item, &marks));
            }
            Item::Enum(item) => {
                if open.is_empty() {
                    self.surface.exhaustive_enums.push(path.clone());
                }
                for variant in &item.variants {
                    let value = variant
                        .discriminant
                        .as_ref()
                        .map(|(_, value)| format!(" = {}", render(value)));
                    let own = self::marks(&variant.attrs).unwrap_or_default();
                    let gap = if matches!(variant.fields, Fields::Named(_)) { " " } else { "" };
                    let fields = render(&variant.fields);
                    let text = format!(
                        "pub {path}::{}{gap}{fields}{}",
                        variant.ident,
                        value.unwrap_or_default()
                    );
                    self.documented(
                        &path,
                        Rank::Part,
                        text,
                        &[marks.as_slice(), &own].concat(),
                        &variant.attrs,
                    );
                }
            }
            _ => {}
        }
    }

    fn fields(&mut self, path: &str, fields: &Fields, marks: &[String]) {
        for (index, field) in fields.iter().enumerate().filter(|(_, field)| is_public(&field.vis)) {
            let name = field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
            let text = format!("pub {path}.{name}: {}", render(&field.ty));
            self.documented(path, Rank::Part, text, marks, &field.attrs);
        }
    }

    fn trait_item(&mut self, path: &str, item: &TraitItem, marks: &[String]) {
        let provided = |is_provided| if is_provided { " [provided]" } else { "" };
        let (attributes, text) = match item {
            TraitItem::Fn(item) => {
                let text = signature(&item.sig, &format!("{path}::{}", item.sig.ident));
                (&item.attrs, text + provided(item.default.is_some()))
            }
            TraitItem::Const(item) => {
                let text = format!("const {path}::{}: {}", item.ident, render(&item.ty));
                (&item.attrs, text + provided(item.default.is_some()))
            }
            TraitItem::Type(item) => (
                &item.attrs,
                format!("type {path}::{}{}", item.ident, after_colon(&render(&item.bounds))),
            ),
            _ => return,
        };
        let Some(own) = self::marks(attributes) else {
            return;
        };
        self.documented(path, Rank::Method, text, &[marks, &own].concat(), attributes);
    }

    fn implementation(&mut self, module: &Module, item: &ItemImpl) {
        let Some(own) = marks(&item.attrs) else {
            return;
        };
        let marks = [module.marks.as_slice(), &own].concat();
        let written = named(&item.self_ty);
        let definition = written.as_ref().and_then(|path| self.all.definition(&module.route, path));
        let public = definition
            .as_ref()
            .and_then(|route| self.all.public_name(route))
            .map(|route| route.join("::"));
        let type_text = render(&item.self_ty);
        let type_text = match (&written, &public) {
            (Some(written), Some(public)) => type_text.replacen(&written.join("::"), public, 1),
            _ => type_text,
        };
        let (params, bounds) = (render(&item.generics), bounds(&item.generics));
        if let Some((name, _)) = &item.trait_ {
            // Private names in the header hide the implementation from everybody.
            let header = format!("{} {}", render(name), render(&item.self_ty));
            let routes = paths(&header)
                .into_iter()
                .filter_map(|path| self.all.definition(&module.route, &path));
            let mut names = Vec::new();
            for route in routes {
                let Some(name) = self.all.public_name(&route) else {
                    return;
                };
                names.push(name.join("::"));
            }
            let Some(owner) = public.or_else(|| names.first().cloned()) else {
                return;
            };
            return self.line(
                &owner,
                Rank::Trait,
                format!("impl{params} {} for {type_text}{bounds}", render(name)),
                &marks,
            );
        }
        let Some(owner) = public else { return };
        let condition =
            if params.is_empty() { String::new() } else { format!(" [impl{params}{bounds}]") };
        for member in &item.items {
            let (attributes, visibility, text) = match member {
                ImplItem::Macro(item) => {
                    let text = format!("{owner}: {}", render(&item.mac));
                    self.line(&owner, Rank::Name, text, &marks);
                    continue;
                }
                ImplItem::Fn(item) => (
                    &item.attrs,
                    &item.vis,
                    signature(&item.sig, &format!("{type_text}::{}", item.sig.ident)),
                ),
                ImplItem::Const(item) => (
                    &item.attrs,
                    &item.vis,
                    format!("const {type_text}::{}: {}", item.ident, render(&item.ty)),
                ),
                _ => continue,
            };
            let Some(own) = self::marks(attributes).filter(|_| is_public(visibility)) else {
                continue;
            };
            self.documented(
                &owner,
                Rank::Method,
                format!("pub {text}{condition}"),
                &[marks.as_slice(), &own].concat(),
                attributes,
            );
        }
    }

    /// A macro is not expanded; its definition shows what it writes, its call for which names.
    fn macros(&mut self, module: &Module, item: &ItemMacro) {
        let Some(own) = marks(&item.attrs) else {
            return;
        };
        let marks = [module.marks.as_slice(), &own].concat();
        let owner = module.route.join("::");
        let tokens = lex(&item.mac.tokens.to_string());
        let Some(name) = &item.ident else {
            let tokens: Vec<Token> = tokens.into_iter().map(without_prose).collect();
            let text = format!("{owner}: {}!({})", render(&item.mac.path), spaced(&tokens));
            return self.line(&owner, Rank::Name, text, &marks);
        };
        if has(&item.attrs, "macro_export") {
            self.documented(
                &name.to_string(),
                Rank::Item,
                format!("pub macro {name}!"),
                &marks,
                &item.attrs,
            );
        }
        for header in headers(&tokens) {
            if header.starts_with("pub enum") && !header.ends_with("[non_exhaustive]") {
                self.surface.exhaustive_enums.push(format!("{owner}: {header}"));
            }
            self.line(&owner, Rank::Name, format!("{owner}: {name}! writes {header}"), &marks);
        }
    }

    fn re_exports(&mut self) {
        for export in &self.all.re_exports {
            let (name, target) = (export.name.join("::"), &export.target);
            let listed = self.all.public_name(target);
            let module = self.all.modules.iter().find(|module| module.route == *target);
            let listed = listed.or(module.and_then(|module| module.face.as_ref()));
            if name.ends_with('*') {
                let problem = format!("`pub use {name}`: name the items instead");
                self.surface.problems.push(problem);
            }
            if listed == Some(&export.name) {
                if export.made {
                    let text = format!("pub {name} [made by a macro]");
                    self.line(&name, Rank::Item, text, &export.marks);
                }
                continue;
            }
            let text = format!("pub use {name} = {}", listed.unwrap_or(target).join("::"));
            self.line(&name, Rank::Name, text, &export.marks);
        }
    }
}
