//! The modules of the crate, what they `use`, and which file a path leads to.
//!
//! Only paths into the crate itself are followed; anything else is foreign and resolves to nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::Source;
use super::lex::Token;

/// Segments of a path or the name of a module, from the root of the crate.
pub type Route = Vec<String>;

/// How many renamings are followed before a path is called foreign.
const PATIENCE: usize = 16;

/// How far a `use` passes its name on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    No,
    /// `pub(crate)` and its like.
    Inside,
    /// A plain `pub`.
    Outside,
}

/// One name brought in by a `use`, or one path in code.
#[derive(Debug, Clone)]
pub struct Mention {
    /// Index of the source file.
    pub file: usize,
    /// The module it stands in, inline modules included.
    pub scope: Route,
    /// As written: `["super", "secret", "Secret"]`.
    pub path: Route,
    pub line: usize,
    /// For a `use`: the name it gives.
    pub name: Option<String>,
    /// For a `use`: who else may use the name.
    pub export: Export,
    /// For a `use`: whether it ends in `*`.
    pub glob: bool,
}

/// All modules and mentions of a crate.
#[derive(Default)]
pub struct Tree {
    /// Each module, inline ones too, with its file.
    pub modules: BTreeMap<Route, usize>,
    /// The modules declared with a plain `pub`.
    declared_public: BTreeSet<Route>,
    /// The modules that a plain `pub use` passes on.
    passed_on: BTreeSet<Route>,
    pub mentions: Vec<Mention>,
    /// For each file the words of its code outside `use`.
    pub words: Vec<BTreeSet<String>>,
    aliases: BTreeMap<(Route, String), Route>,
}

impl Tree {
    pub fn of(sources: &[Source]) -> Self {
        let mut tree = Self::default();
        for (file, source) in sources.iter().enumerate() {
            tree.modules.insert(source.module.clone(), file);
        }
        for (file, source) in sources.iter().enumerate() {
            tree.words.push(BTreeSet::new());
            Scan {
                tree: &mut tree,
                file,
                code: &source.code(),
                at: 0,
                scopes: vec![(source.module.clone(), 0)],
            }
            .run();
        }
        for mention in tree.mentions.iter().filter(|mention| !mention.glob) {
            if let Some(name) = &mention.name {
                tree.aliases.insert((mention.scope.clone(), name.clone()), mention.path.clone());
            }
        }
        let outside = tree.mentions.iter().filter(|mention| mention.export == Export::Outside);
        let targets = outside.filter_map(|mention| tree.absolute(&mention.scope, &mention.path));
        let targets: BTreeSet<Route> = targets.map(|route| tree.home(&route)).collect();
        tree.passed_on = targets.into_iter().filter(|t| tree.modules.contains_key(t)).collect();
        tree
    }

    /// Whether a module is public: declared so with all around it, or passed on by a `pub use`.
    pub fn is_public(&self, module: &[String]) -> bool {
        match module.split_last() {
            None => true,
            Some(_) if self.passed_on.contains(module) => true,
            Some((_, around)) => self.declared_public.contains(module) && self.is_public(around),
        }
    }

    /// A path as written in `scope`, from the root of the crate; `None` when it is foreign.
    pub fn absolute(&self, scope: &[String], path: &[String]) -> Option<Route> {
        self.follow(scope, path, PATIENCE)
    }

    fn follow(&self, scope: &[String], path: &[String], patience: usize) -> Option<Route> {
        let patience = patience.checked_sub(1)?;
        let (first, mut rest) = path.split_first()?;
        let mut base = scope.to_vec();
        match first.as_str() {
            "crate" => base.clear(),
            "self" | "super" => {
                if first == "super" {
                    base.pop()?;
                }
                while let Some(("super", more)) =
                    rest.split_first().map(|(word, more)| (word.as_str(), more))
                {
                    base.pop()?;
                    rest = more;
                }
            }
            name if self.modules.contains_key(&join(scope, &[name.into()])) => {
                base.push(name.into());
            }
            name => {
                let target = self.aliases.get(&(base, name.into()))?;
                base = self.follow(scope, target, patience)?;
            }
        }
        Some(join(&base, rest))
    }

    /// Splits an absolute path into the innermost module it names and what is left.
    pub fn split<'a>(&self, route: &'a [String]) -> (&'a [String], &'a [String]) {
        let modules = (0..=route.len()).rev().map(|length| route.split_at(length));
        modules
            .into_iter()
            .find(|(module, _)| self.modules.contains_key(*module))
            .unwrap_or((&[], route))
    }

    /// The place where what an absolute path names is defined, through any re-exports on the way.
    pub fn home(&self, route: &[String]) -> Route {
        let mut route = route.to_vec();
        for _ in 0..PATIENCE {
            let (module, rest) = self.split(&route);
            let Some((name, rest)) = rest.split_first() else {
                break;
            };
            let Some(target) = self.aliases.get(&(module.to_vec(), name.clone())) else {
                break;
            };
            let Some(next) = self.absolute(module, target) else {
                break;
            };
            route = join(&next, rest);
        }
        route
    }

    /// The file that holds the innermost module of an absolute path.
    pub fn file(&self, route: &[String]) -> Option<usize> {
        self.modules.get(self.split(route).0).copied()
    }
}

/// `base` followed by `rest`.
pub fn join(base: &[String], rest: &[String]) -> Route {
    base.iter().chain(rest).cloned().collect()
}

/// One pass over the code of one file.
struct Scan<'a> {
    tree: &'a mut Tree,
    file: usize,
    code: &'a [&'a Token],
    at: usize,
    /// The open modules, each with the depth of braces it stands at.
    scopes: Vec<(Route, usize)>,
}

impl<'a> Scan<'a> {
    fn run(mut self) {
        let mut depth = 0;
        while let Some(token) = self.peek(0) {
            let inline = token.is("mod") && self.peek(1).is_some_and(Token::is_word);
            if token.is("{") {
                depth += 1;
            } else if token.is("}") {
                depth = usize::saturating_sub(depth, 1);
                if self.scopes.len() > 1
                    && self.scopes.last().is_some_and(|(_, opened)| *opened == depth)
                {
                    self.scopes.pop();
                }
            }
            if inline {
                self.module(depth);
            } else if token.is("use") && !self.peek(1).is_some_and(|next| next.is("<")) {
                let export = match self.previous() {
                    Some(before) if before.is("pub") => Export::Outside,
                    Some(before) if before.is(")") => Export::Inside,
                    _ => Export::No,
                };
                self.at += 1;
                self.uses(&[], export);
            } else if token.is_word() {
                self.path();
            } else {
                self.at += 1;
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<&'a Token> {
        self.code.get(self.at + ahead).copied()
    }

    fn previous(&self) -> Option<&'a Token> {
        self.code.get(self.at.checked_sub(1)?).copied()
    }

    fn scope(&self) -> Route {
        self.scopes.last().map(|(scope, _)| scope.clone()).unwrap_or_default()
    }

    /// `mod name;` or `mod name {`
    fn module(&mut self, depth: usize) {
        let name = self.peek(1).map(|name| name.text.clone()).unwrap_or_default();
        let route = join(&self.scope(), &[name]);
        if self.previous().is_some_and(|before| before.is("pub")) {
            self.tree.declared_public.insert(route.clone());
        }
        if self.peek(2).is_some_and(|next| next.is("{")) {
            self.tree.modules.insert(route.clone(), self.file);
            self.scopes.push((route, depth));
        }
        self.at += 2;
    }

    /// A path in code; a single word is only remembered as a word.
    fn path(&mut self) {
        let behind = |steps: usize| self.at.checked_sub(steps).and_then(|at| self.code.get(at));
        let follows = |steps, text| behind(steps).is_some_and(|before| before.is(text));
        let is_visibility = follows(1, "in") && follows(2, "(");
        let fresh = !(follows(1, "::") || follows(1, ".") || is_visibility);
        let line = self.peek(0).map_or(0, |token| token.line);
        let mut path = Route::new();
        while let Some(word) = self.peek(0).filter(|word| word.is_word()) {
            path.push(word.text.clone());
            self.at += 1;
            if !(self.peek(0).is_some_and(|next| next.is("::"))
                && self.peek(1).is_some_and(Token::is_word))
            {
                break;
            }
            self.at += 1;
        }
        if let Some(words) = self.tree.words.get_mut(self.file).filter(|_| fresh) {
            words.extend(path.first().cloned());
        }
        if fresh && path.len() > 1 {
            self.mention(path, line, None, Export::No, false);
        }
    }

    /// The tree of a `use`, groups and all, from after the word `use` or inside a group.
    fn uses(&mut self, prefix: &[String], export: Export) {
        let mut path = prefix.to_vec();
        let mut name = None;
        let mut named = false;
        while let Some(token) = self.peek(0) {
            let (text, line) = (token.text.clone(), token.line);
            match text.as_str() {
                "," | "}" | ";" => {
                    if named {
                        let name = name.or_else(|| path.last().cloned());
                        self.mention(path, line, name, export, false);
                    }
                    return;
                }
                "{" => {
                    self.at += 1;
                    self.uses(&path, export);
                    while self.peek(0).is_some_and(|next| next.is(",")) {
                        self.at += 1;
                        self.uses(&path, export);
                    }
                    // The closing brace; the next turn ends at what follows it.
                    named = false;
                }
                "*" => self.mention(path.clone(), line, None, export, true),
                "as" => {
                    self.at += 1;
                    name = self.peek(0).map(|alias| alias.text.clone());
                }
                // A leading `::` is foreign for certain: the empty segment resolves to nothing.
                "::" if path.is_empty() => path.push(String::new()),
                "::" | "$" => {}
                "self" if !path.is_empty() => named = true,
                _ => {
                    path.push(text);
                    named = true;
                }
            }
            self.at += 1;
        }
    }

    fn mention(
        &mut self,
        path: Route,
        line: usize,
        name: Option<String>,
        export: Export,
        glob: bool,
    ) {
        let (file, scope) = (self.file, self.scope());
        self.tree.mentions.push(Mention { file, scope, path, line, name, export, glob });
    }
}
