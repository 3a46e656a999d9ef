//! How long functions and files may be. Both lists of exceptions are ratchets.

use crate::source::{File, files, require_none};
use syn::spanned::Spanned;
use syn::visit::{Visit, visit_impl_item_fn, visit_item_fn, visit_trait_item_fn};

/// Lines of a function, from its signature to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// Lines of a file.
const FILE_LINES_MAX: usize = 500;

/// Functions that are longer, with their lines: make them shorter and lower the figure, never the other way.
const LONG_FUNCTIONS: &[(&str, &str, usize)] = &[];
/// Files that are longer, with their lines.
const LONG_FILES: &[(&str, usize)] = &[];

#[test]
fn files_are_not_too_long() {
    let mut complaints = Vec::new();
    let sizes: Vec<(String, usize)> =
        files(&[".rs"]).iter().map(|file| (file.path.clone(), file.text.lines().count())).collect();
    for (path, lines) in &sizes {
        let listed = LONG_FILES.iter().find(|(known, _)| known == path).map(|(_, lines)| *lines);
        complaints.extend(judge(path, *lines, FILE_LINES_MAX, listed));
    }
    let gone = LONG_FILES.iter().filter(|(known, _)| !sizes.iter().any(|(path, _)| path == known));
    complaints.extend(gone.map(|(path, _)| format!("{path}: is gone; take it out of LONG_FILES")));
    require_none(&complaints);
}

#[test]
fn functions_are_not_too_long() {
    let mut complaints = Vec::new();
    let mut functions = Vec::new();
    for file in files(&[".rs"]) {
        functions
            .extend(functions_of(&file).into_iter().map(|(name, lines)| (file.path.clone(), name, lines)));
    }
    for (path, name, lines) in &functions {
        let listed = LONG_FUNCTIONS.iter().find(|(file, known, _)| file == path && known == name);
        let what = format!("{path}: fn {name}");
        complaints.extend(judge(&what, *lines, FUNCTION_LINES_MAX, listed.map(|(.., lines)| *lines)));
    }
    let here = |(file, known, _): &&(&str, &str, usize)| {
        !functions.iter().any(|(path, name, _)| path == file && name == known)
    };
    let gone = LONG_FUNCTIONS.iter().filter(here);
    complaints.extend(
        gone.map(|(file, name, _)| format!("{file}: fn {name} is gone; take it out of LONG_FUNCTIONS")),
    );
    require_none(&complaints);
}

/// What is wrong with a size.
fn judge(what: &str, lines: usize, max: usize, listed: Option<usize>) -> Option<String> {
    match listed {
        None if lines > max => Some(format!("{what}: {lines} lines; {max} are the ceiling: split it")),
        Some(listed) if lines > listed => {
            Some(format!("{what}: {lines} lines, it had {listed}: an exception may only shrink"))
        }
        Some(_) if lines <= max => {
            Some(format!("{what}: only {lines} lines now; take it out of the exceptions"))
        }
        Some(listed) if lines < listed => {
            Some(format!("{what}: {lines} lines now; lower its figure from {listed}"))
        }
        _ => None,
    }
}

fn functions_of(file: &File) -> Vec<(String, usize)> {
    let parsed = syn::parse_file(&file.text).unwrap_or_else(|why| panic!("{}: {why}", file.path));
    let mut finder = Finder::default();
    finder.visit_file(&parsed);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Vec<(String, usize)>,
}

impl Finder {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let lines = body.span().end().line - signature.span().start().line + 1;
        self.found.push((signature.ident.to_string(), lines));
    }
}

impl<'a> Visit<'a> for Finder {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.add(&item.sig, &item.block);
        visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.add(&item.sig, &item.block);
        visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.add(&item.sig, body);
        }
        visit_trait_item_fn(self, item);
    }
}

#[test]
fn sizes_are_judged_as_they_should() {
    assert_eq!(judge("f", 70, 70, None), None);
    assert!(judge("f", 71, 70, None).is_some());
    assert_eq!(judge("f", 90, 70, Some(90)), None);
    assert!(judge("f", 91, 70, Some(90)).is_some_and(|text| text.contains("only shrink")));
    assert!(judge("f", 80, 70, Some(90)).is_some_and(|text| text.contains("lower")));
    assert!(judge("f", 60, 70, Some(90)).is_some_and(|text| text.contains("take it out")));
}
