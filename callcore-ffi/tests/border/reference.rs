//! The pages of the reference, as Doxygen makes them of the header: nothing public is without words.

use crate::cc::{folder, text, top};
use crate::header::functions;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The pages that `docs/Doxyfile` makes, or those of another header made so.
fn pages(of: Option<&Path>, to: &Path) -> Output {
    let settings = std::fs::read_to_string(top().join("docs/Doxyfile")).expect("it is there");
    let mut doxygen = Command::new("doxygen");
    doxygen.arg("-").current_dir(top()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = doxygen.spawn().unwrap_or_else(|why| panic!("doxygen: {why}"));
    let input = of.map_or_else(String::new, |of| format!("INPUT = {}\n", of.display()));
    let own = format!("{settings}\n{input}OUTPUT_DIRECTORY = {}\n", to.display());
    running
        .stdin
        .take()
        .expect("it is a pipe")
        .write_all(own.as_bytes())
        .expect("doxygen reads its settings");
    running.wait_with_output().expect("it is our child")
}

#[test]
fn every_public_name_of_the_header_is_in_the_reference_with_words() {
    if std::env::var_os("CALLCORE_PEERS").is_none() {
        println!("skipped: needs doxygen; set CALLCORE_PEERS=1 where it is installed");
        return;
    }
    let folder = folder("reference");
    let made = pages(None, &folder);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let page = std::fs::read_to_string(folder.join("html/callcore_8h.html")).expect("the header has a page");
    let absent: Vec<String> =
        functions().into_iter().map(|function| function.name).filter(|name| !page.contains(name)).collect();
    assert!(absent.is_empty(), "{absent:?}");
    let core =
        std::fs::read_to_string(folder.join("html/classcallcore_1_1core.html")).expect("C++ has pages");
    assert!(
        core.contains("restart_device") && core.contains("callcore_8h.html"),
        "with links into callcore.h"
    );

    // one constant without its words, and nothing else
    let header = std::fs::read_to_string(top().join("include/callcore.h")).expect("it is there");
    let silent = header.replacen("// In use by another.\n", "", 1);
    assert_ne!(silent, header, "the header has these words");
    let other = folder.join("callcore.h");
    std::fs::write(&other, silent).expect("the target folder can be written");
    let made = pages(Some(Path::new(text(&other))), &folder.join("silent"));
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(!made.status.success() && said.contains("CC_E_BUSY"), "{said}");
}
