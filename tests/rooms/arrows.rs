//! Who imports whom: between rooms against the table, and inside a room without circles.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;
use crate::source::paths::{Export, Tree};
use crate::{FACE, FLOORS};

fn room(module: &[String]) -> &str {
    module.first().map_or(FACE, String::as_str)
}

/// Arrows between rooms that the table does not have, and imports that hide what they take.
pub fn wrong_arrows(sources: &[Source]) -> Vec<String> {
    let tree = Tree::of(sources);
    let mut problems = BTreeSet::new();
    for source in sources {
        if !FLOORS.iter().any(|(_, name, _)| *name == room(&source.module))
            && !source.module.is_empty()
        {
            problems.insert(format!(
                "{}: the table has no room `{}`",
                source.path,
                room(&source.module)
            ));
        }
    }
    for mention in &tree.mentions {
        let Some(source) = sources.get(mention.file) else {
            continue;
        };
        let Some(route) = tree.absolute(&mention.scope, &mention.path) else {
            continue;
        };
        let (place, written) =
            (format!("{}:{}", source.path, mention.line), mention.path.join("::"));
        if mention.glob && tree.split(&tree.home(&route)).1.is_empty() {
            problems.insert(format!("{place}: `{written}::*` hides what it imports; name it"));
        }
        let from = room(&source.module);
        // A path that leaves the root without naming a room goes through the face.
        let known =
            route.first().is_some_and(|name| tree.modules.contains_key(&vec![name.clone()]));
        let to = if known { room(&route) } else { FACE };
        let allowed =
            FLOORS.iter().find(|(_, name, _)| *name == from).map(|(_, _, allowed)| *allowed);
        if from != FACE && from != to && !allowed.is_some_and(|allowed| allowed.contains(&to)) {
            problems.insert(format!("{place}: `{from}` may not import `{to}` (`{written}`)"));
        }
    }
    problems.into_iter().collect()
}

/// For each file the files of its own room that it imports.
fn arrows_inside_rooms(sources: &[Source]) -> BTreeMap<usize, BTreeSet<usize>> {
    let tree = Tree::of(sources);
    let mut arrows: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for mention in &tree.mentions {
        let Some(source) = sources.get(mention.file) else {
            continue;
        };
        let Some(route) = tree.absolute(&mention.scope, &mention.path) else {
            continue;
        };
        let same_room = |route: &[String]| room(route) == room(&source.module);
        if source.module.is_empty() || route.is_empty() || !same_room(&route) {
            continue;
        }
        let home = tree.home(&route);
        let Some(target) = tree.file(if same_room(&home) { &home } else { &route }) else {
            continue;
        };
        // Passing on what a child defines is not using it, unless the name is used here as well.
        let is_child =
            sources.get(target).is_some_and(|child| child.module.starts_with(&source.module));
        let words = tree.words.get(mention.file);
        let used_here = mention
            .name
            .as_ref()
            .is_some_and(|name| words.is_some_and(|words| words.contains(name)));
        if target != mention.file && !(mention.export != Export::No && is_child && !used_here) {
            arrows.entry(mention.file).or_default().insert(target);
        }
    }
    arrows
}

/// Everything that can be reached by following the arrows from `start`.
fn reach(arrows: &BTreeMap<usize, BTreeSet<usize>>, start: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(file) = waiting.pop() {
        let fresh = arrows.get(&file).into_iter().flatten().filter(|next| reached.insert(**next));
        waiting.extend(fresh);
    }
    reached
}

/// The circles: sets of files in which each can be reached from each.
pub fn circles(sources: &[Source]) -> Vec<String> {
    let arrows = arrows_inside_rooms(sources);
    let reached: BTreeMap<usize, BTreeSet<usize>> =
        arrows.keys().map(|file| (*file, reach(&arrows, *file))).collect();
    let mutual = |a: usize, b: usize| reached.get(&a).is_some_and(|set| set.contains(&b));
    let path = |file: usize| sources.get(file).map_or("?", |source| &source.path);
    let mut problems = BTreeSet::new();
    for file in arrows.keys().filter(|file| mutual(**file, **file)) {
        let circle: BTreeSet<usize> =
            arrows.keys().copied().filter(|o| mutual(*file, *o) && mutual(*o, *file)).collect();
        let within = |from: usize| {
            arrows.get(&from).into_iter().flatten().filter(|to| circle.contains(to)).copied()
        };
        let lines = circle
            .iter()
            .flat_map(|from| within(*from).map(|to| format!("  {} -> {}", path(*from), path(to))));
        problems.insert(format!(
            "these files import each other in a circle:\n{}",
            lines.collect::<Vec<_>>().join("\n")
        ));
    }
    problems.into_iter().collect()
}
