//! The functions of the header as a table in C that chooses the values of each parameter by their numbers: `functions.h`.

use crate::header::{Function, functions};
use crate::rows::row;
use std::fmt::Write as _;

/// The functions of the header with the rows of their parameters, as C.
pub(crate) fn table() -> String {
    let mut out = String::from("#include \"world.h\"\n");
    let mut rows = String::new();
    for function in functions() {
        caller(&mut out, &function);
        table_row(&mut rows, &function);
    }
    out + "static const function functions[] = {\n" + &rows + "{0}};\n"
}

/// A C function that calls one of the header's with good values but for those that are chosen.
fn caller(out: &mut String, Function { name, returns, parameters, .. }: &Function) {
    let _ = writeln!(out, "static cc_status run_{name}(const int *w) {{\n  (void)w;");
    for (place, parameter) in parameters.iter().enumerate() {
        let (kind, (_, good, wrong)) = (&parameter.0, row(name, parameter));
        let mut choice = String::new();
        for (number, (value, _)) in wrong.iter().enumerate() {
            let _ = write!(choice, "w[{place}] == {number} ? ({kind})({value}) : ");
        }
        let _ = writeln!(out, "  {kind} a{place} = {choice}({kind})({good});");
    }
    let arguments: Vec<String> = (0..parameters.len()).map(|place| format!("a{place}")).collect();
    let call = format!("{name}({})", arguments.join(", "));
    let body = if returns == "cc_status" {
        format!("return {call};")
    } else {
        format!("(void){call};\n  return 0;")
    };
    let _ = writeln!(out, "  {body}\n}}");
}

fn table_row(out: &mut String, Function { name, returns, parameters, words }: &Function) {
    let wrongs: Vec<&[(&str, &str)]> = parameters.iter().map(|parameter| row(name, parameter).2).collect();
    let counts: Vec<String> = wrongs.iter().map(|wrong| wrong.len().to_string()).collect();
    let then = |wrong: &&[(&str, &str)]| {
        let then: Vec<String> = wrong.iter().map(|(_, then)| format!("\"{then}\"")).collect();
        format!("{{{}}}", then.join(","))
    };
    let thens: Vec<String> = wrongs.iter().map(then).collect();
    let has_core = parameters.first().is_some_and(|(kind, _)| kind == "cc_core *");
    let _ = writeln!(
        out,
        "{{\"{name}\", run_{name}, {}, {{{}}}, {{{}}}, {}, {}, {}}},",
        parameters.len(),
        if counts.is_empty() { "0".to_owned() } else { counts.join(",") },
        if thens.is_empty() { "{0}".to_owned() } else { thens.join(",") },
        u8::from(returns == "cc_status"),
        u8::from(has_core),
        u8::from(words.contains("also after a fork")),
    );
}
