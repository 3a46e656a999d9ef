//! The tracked files of the repository, and their tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests' crate is one folder below the top").to_owned()
}

/// A tracked file with its text.
pub(crate) struct File {
    /// From the top, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All tracked files with one of these endings.
pub(crate) fn files(endings: &[&str]) -> Vec<File> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().expect("git runs");
    assert!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("names are UTF-8");
    let wanted = |name: &&str| endings.iter().any(|ending| name.ends_with(ending));
    // a file that was deleted but is still tracked has no text
    let read = |name: &str| {
        let text = std::fs::read_to_string(root().join(name)).ok()?;
        Some(File { path: name.to_owned(), text })
    };
    let files: Vec<File> = names.split('\0').filter(wanted).filter_map(read).collect();
    assert!(!files.is_empty(), "no file ends with {endings:?}");
    files
}

/// The tokens of a file: comments are gone, documentation is attributes.
pub(crate) fn tokens(file: &File) -> TokenStream {
    file.text.parse().unwrap_or_else(|why| panic!("{}: {why}", file.path))
}

/// Call `see` with every run of tokens of one level: the file's own, then those in each group.
pub(crate) fn each_level(stream: TokenStream, see: &mut impl FnMut(&[TokenTree])) {
    let level: Vec<TokenTree> = stream.into_iter().collect();
    see(&level);
    for tree in level {
        if let TokenTree::Group(group) = tree {
            each_level(group.stream(), see);
        }
    }
}

/// The identifier at a place.
pub(crate) fn ident(trees: &[TokenTree], at: usize) -> Option<String> {
    match trees.get(at)? {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

/// Whether `::` stands at a place.
pub(crate) fn is_path_sep(trees: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    colon(at) && colon(at + 1)
}

/// The first identifiers of what a `::` leads to: one, or several in braces.
pub(crate) fn led_to(trees: &[TokenTree], at: usize) -> Vec<(String, usize)> {
    match trees.get(at) {
        Some(TokenTree::Ident(ident)) => vec![(ident.to_string(), ident.span().start().line)],
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let is_comma =
                |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',');
            inner.split(is_comma).flat_map(|part| led_to(part, 0)).collect()
        }
        _ => Vec::new(),
    }
}

/// Fail with all complaints, if there are any.
pub(crate) fn require_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
