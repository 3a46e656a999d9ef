//! The functions of `include/callcore.h`, read from it.

use crate::cc::top;

/// A function as C declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// What it returns, such as `cc_status`.
    pub(crate) returns: String,
    /// Type and name of each parameter, such as `("cc_core *", "core")`.
    pub(crate) parameters: Vec<(String, String)>,
    /// Its comment.
    pub(crate) words: String,
}

/// All of them, in the header's order.
pub(crate) fn functions() -> Vec<Function> {
    let text = std::fs::read_to_string(top().join("include/callcore.h")).expect("the header is there");
    read(&text)
}

/// The functions of a header's text.
pub(crate) fn read(text: &str) -> Vec<Function> {
    let (mut found, mut words, mut declaration) = (Vec::new(), String::new(), String::new());
    let inside = text.split_once("extern \"C\" {").expect("declarations are for C++, too").1;
    for line in inside.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(comment) = line.strip_prefix("//") {
            words = words + comment.trim() + "\n";
        } else if !line.is_empty() && !line.starts_with('}') {
            declaration = declaration + line + " ";
        }
        if line.ends_with(");") {
            found.push(function(&std::mem::take(&mut declaration), std::mem::take(&mut words)));
        }
    }
    found
}

fn function(declaration: &str, words: String) -> Function {
    let (head, rest) = declaration.split_once('(').expect("a function has parameters");
    let (returns, name) = split_name(head);
    let inside = rest.trim().trim_end_matches(");");
    let parameters = inside.split(',').map(str::trim).filter(|it| *it != "void").map(split_name).collect();
    Function { name, returns, parameters, words }
}

/// `"const char *to"` as `("const char *", "to")`.
fn split_name(declared: &str) -> (String, String) {
    let begin = declared.trim_end().rfind([' ', '*']).expect("a type before a name") + 1;
    (declared[..begin].trim_end().to_owned(), declared[begin..].trim().to_owned())
}

#[test]
fn functions_are_read_from_a_header() {
    let text = "extern \"C\" {\n#endif\n// One.\n// Two.\ncc_status cc_a(cc_core *core,\n   const char *to);\n\nuint32_t cc_b(void);\n}";
    let found = read(text);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].name.as_str(), found[0].returns.as_str()), ("cc_a", "cc_status"));
    assert_eq!(found[0].parameters[1], ("const char *".to_owned(), "to".to_owned()));
    assert_eq!(found[0].words, "One.\nTwo.\n");
    assert!(found[1].parameters.is_empty());
}

#[test]
fn every_function_tells_its_threads_its_waiting_its_ownership_and_its_errors() {
    let functions = functions();
    assert!(functions.len() > 30, "{} functions were found", functions.len());
    for function in functions {
        for what in ["Threads: ", "Blocks: ", "Ownership: ", "Errors: "] {
            assert!(function.words.contains(what), "{} does not say '{what}'", function.name);
        }
    }
}
