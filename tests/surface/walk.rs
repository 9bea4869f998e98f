//! The modules of the crate as `syn` reads them, and which definitions have a public name.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, Item, Meta, UseTree, Visibility};

use super::render::render;
use crate::source::Source;
use crate::source::paths::{Route, Tree, join};

/// One module and its items, with the conditions it stands under.
pub struct Module {
    pub route: Route,
    /// Its public name, which is another than its route where a private module is re-exported.
    pub face: Option<Route>,
    /// Whether it is declared with a plain `pub`.
    declared_public: bool,
    pub marks: Vec<String>,
    pub items: Vec<Item>,
}

/// A public name that leads to something defined elsewhere, or foreign, or made by a macro.
pub struct ReExport {
    pub name: Route,
    pub target: Route,
    /// Whether the target is in this crate, but no item of it could be read.
    pub made: bool,
    pub marks: Vec<String>,
}

pub struct Crate {
    pub tree: Tree,
    pub modules: Vec<Module>,
    pub re_exports: Vec<ReExport>,
    definitions: BTreeSet<Route>,
    public_names: BTreeMap<Route, BTreeSet<Route>>,
}

impl Crate {
    pub fn of(sources: &[Source]) -> Self {
        let tree = Tree::of(sources);
        let mut modules = Vec::new();
        let root = Module {
            route: Route::new(),
            face: None,
            declared_public: true,
            marks: Vec::new(),
            items: file_items(sources, &tree, &[]),
        };
        open(sources, &tree, root, &mut modules);
        let mut found = Self {
            tree,
            modules,
            re_exports: Vec::new(),
            definitions: BTreeSet::new(),
            public_names: BTreeMap::new(),
        };
        found.show(&Route::new(), &Route::new(), &[]);
        found.find_definitions();
        found.find_re_exports();
        found
    }

    /// Gives a module, and what is public below it, a public name; then follows its re-exports.
    fn show(&mut self, route: &Route, face: &Route, marks: &[String]) {
        let shown: Vec<Route> = self
            .modules
            .iter()
            .filter_map(|module| module.route.strip_prefix(route.as_slice()))
            .map(<[String]>::to_vec)
            .collect();
        let mut fresh = Vec::new();
        for below in shown {
            let parents =
                (1..=below.len()).map(|depth| join(route, below.get(..depth).unwrap_or_default()));
            let hidden = parents.into_iter().any(|parent| !self.is_declared_public(&parent));
            let here = join(route, &below);
            let module = self.modules.iter_mut().find(|module| module.route == here);
            if let Some(module) = module.filter(|module| !hidden && module.face.is_none()) {
                module.face = Some(join(face, &below));
                module.marks.extend_from_slice(marks);
                fresh.push(here);
            }
        }
        for here in fresh {
            for export in self.exports_of(&here) {
                if self.modules.iter().any(|module| module.route == export.target) {
                    self.show(&export.target, &export.name, &export.marks);
                }
            }
        }
    }

    fn is_declared_public(&self, route: &Route) -> bool {
        self.modules.iter().any(|module| module.route == *route && module.declared_public)
    }

    fn find_definitions(&mut self) {
        for module in &self.modules {
            for (name, visibility) in module.items.iter().filter_map(definition) {
                let route = join(&module.route, std::slice::from_ref(&name));
                if let Some(face) = module.face.as_ref().filter(|_| is_public(visibility)) {
                    let names = self.public_names.entry(route.clone()).or_default();
                    names.insert(join(face, &[name]));
                }
                self.definitions.insert(route);
            }
        }
    }

    fn find_re_exports(&mut self) {
        let shown = self.modules.iter().filter(|module| module.face.is_some());
        self.re_exports = shown.flat_map(|module| self.exports_of(&module.route)).collect();
        for export in &mut self.re_exports {
            let is_module = self.tree.modules.contains_key(&export.target);
            let is_local = export
                .target
                .first()
                .is_some_and(|room| self.tree.modules.contains_key(&vec![room.clone()]));
            // The crate compiles, so what is named but nowhere written comes out of a macro.
            export.made = !is_module && is_local && self.definitions.insert(export.target.clone());
            if self.definitions.contains(&export.target) {
                let names = self.public_names.entry(export.target.clone()).or_default();
                names.insert(export.name.clone());
            }
        }
    }

    /// The public `use` items of one public module.
    fn exports_of(&self, route: &Route) -> Vec<ReExport> {
        let mut exports = Vec::new();
        let Some(module) = self.modules.iter().find(|module| module.route == *route) else {
            return exports;
        };
        let Some(face) = &module.face else {
            return exports;
        };
        for item in &module.items {
            let Item::Use(item) = item else { continue };
            let Some(own) = marks(&item.attrs).filter(|_| is_public(&item.vis)) else {
                continue;
            };
            let mut leaves = Vec::new();
            flatten(&item.tree, &Route::new(), &mut leaves);
            for (path, name) in leaves {
                let target =
                    self.tree.absolute(&module.route, &path).map(|route| self.tree.home(&route));
                let (name, marks) = (join(face, &[name]), join(&module.marks, &own));
                exports.push(ReExport { name, target: target.unwrap_or(path), made: false, marks });
            }
        }
        exports
    }

    /// The one name under which a definition is listed: the longest, which is nearest to it.
    pub fn public_name(&self, definition: &Route) -> Option<&Route> {
        let names = self.public_names.get(definition)?;
        names.iter().rev().max_by_key(|name| name.len())
    }

    /// The definition that a path written in `scope` leads to, if it is in this crate.
    pub fn definition(&self, scope: &[String], path: &[String]) -> Option<Route> {
        let route = self
            .tree
            .absolute(scope, path)
            .map_or_else(|| join(scope, path), |route| self.tree.home(&route));
        self.definitions.contains(&route).then_some(route)
    }
}

/// The items of the file that is this module; none when the file is for tests.
fn file_items(sources: &[Source], tree: &Tree, route: &[String]) -> Vec<Item> {
    let source = tree.modules.get(route).and_then(|file| sources.get(*file));
    let parse = |source: &Source| match syn::parse_file(&source.text) {
        Ok(file) => file.items,
        Err(error) => panic!("{}: {error}", source.path),
    };
    source.map(parse).unwrap_or_default()
}

/// Puts a module and all below it on the list.
fn open(sources: &[Source], tree: &Tree, mut module: Module, modules: &mut Vec<Module>) {
    let mut children = Vec::new();
    for item in &mut module.items {
        let Item::Mod(item) = item else { continue };
        let Some(own) = marks(&item.attrs) else {
            continue;
        };
        let route = join(&module.route, &[item.ident.to_string()]);
        let inline = item.content.take().map(|(_, items)| items);
        let items = inline.unwrap_or_else(|| file_items(sources, tree, &route));
        let (declared_public, marks) = (is_public(&item.vis), join(&module.marks, &own));
        children.push(Module { route, face: None, declared_public, marks, items });
    }
    modules.push(module);
    for child in children {
        open(sources, tree, child, modules);
    }
}

/// The name and visibility of an item that defines something.
fn definition(item: &Item) -> Option<(String, &Visibility)> {
    let (name, visibility) = match item {
        Item::Const(item) => (&item.ident, &item.vis),
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Fn(item) => (&item.sig.ident, &item.vis),
        Item::Static(item) => (&item.ident, &item.vis),
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        Item::Union(item) => (&item.ident, &item.vis),
        _ => return None,
    };
    Some((name.to_string(), visibility))
}

pub fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The conditions an item stands under; `None` when it is there for tests only.
pub fn marks(attributes: &[Attribute]) -> Option<Vec<String>> {
    let mut marks = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        let Meta::List(list) = &attribute.meta else {
            continue;
        };
        let condition = render(&list.tokens);
        match condition.strip_prefix("feature = ") {
            _ if condition == "test" || condition == "doctest" => return None,
            Some(name) if !name.contains(',') => {
                marks.push(format!("feature {}", name.trim_matches('"')));
            }
            _ => marks.push(format!("cfg {condition}")),
        }
    }
    Some(marks)
}

fn flatten(tree: &UseTree, prefix: &Route, leaves: &mut Vec<(Route, String)>) {
    match tree {
        UseTree::Path(path) => {
            flatten(&path.tree, &join(prefix, &[path.ident.to_string()]), leaves);
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, prefix, leaves)),
        UseTree::Name(name) if name.ident == "self" => {
            leaves.extend(prefix.last().map(|last| (prefix.clone(), last.clone())));
        }
        UseTree::Name(name) => {
            leaves.push((join(prefix, &[name.ident.to_string()]), name.ident.to_string()));
        }
        UseTree::Rename(name) if name.ident == "self" => {
            leaves.push((prefix.clone(), name.rename.to_string()));
        }
        UseTree::Rename(name) => {
            leaves.push((join(prefix, &[name.ident.to_string()]), name.rename.to_string()));
        }
        UseTree::Glob(_) => leaves.push((join(prefix, &["*".into()]), "*".into())),
    }
}
