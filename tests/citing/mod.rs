//! What a citation is, and the page that lists them all. It reads Markdown; Rust is for `source`.

pub mod link;
pub mod page;
pub mod prose;
pub mod titles;
