//! What the comments of the header show as an argument is taken as it stands there.

use crate::build::{Build, lines, run_in};
use crate::header::functions;
use std::fmt::Write as _;

/// Functions that take JSON, and how many forms of it their comments show.
const SHOWN: &[(&str, &str, usize)] = &[
    ("cc_play_control", "core, call, FORM, NULL", 5),
    ("cc_listen", "core, call, CC_CALLER, FORM, NULL", 2),
];

/// The forms in a comment, as literals of C: what stands in backticks and is JSON, or a literal that is.
fn forms(words: &str) -> Vec<String> {
    let quoted = words.split('`').skip(1).step_by(2);
    let shown = quoted.filter(|it| it.starts_with(['{', '"']));
    shown.map(|it| if it.starts_with('"') { it.to_owned() } else { format!("{it:?}") }).collect()
}

#[test]
fn every_form_that_a_comment_shows_is_taken() {
    let mut calls = String::new();
    for function in functions() {
        let Some((name, arguments, many)) = SHOWN.iter().find(|(name, ..)| *name == function.name) else {
            continue;
        };
        let forms = forms(&function.words);
        assert_eq!(forms.len(), *many, "{name} shows {forms:?}");
        for form in forms {
            let _ = writeln!(calls, "  must({form:?}, {name}({}));", arguments.replace("FORM", &form));
        }
    }
    let build = Build::new("forms");
    let source = build.folder.join("forms.c");
    let program = format!(
        "#include \"world.h\"\nint main(void) {{\n  situation = \"a form that is shown\";\n  begin(CC_VIRTUAL_TIME, 1);\n  \
         must(\"a prompt\", cc_play(core, call, \"welcome\", NULL));\n{calls}  end();\n  puts(\"all are taken\");\n}}\n"
    );
    std::fs::write(&source, program).expect("the target folder can be written");
    build.c(crate::cc::text(&source), &["-Icallcore-ffi/tests/border", "-pthread", "-Wno-unused"]);
    assert_eq!(lines(&run_in(&build.folder, &build.program, &[])), ["all are taken"]);
}
