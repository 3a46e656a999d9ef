//! Each scenario file has the same facts through the C face as it has in Rust.

#[path = "../../../callcore/tests/common/scenario_files.rs"]
mod scenario_files;
mod stage;
#[path = "../../../tests/tests/python/traces.rs"]
mod traces;

extern crate callcore_rs as callcore;

use callcore::sim::scenario::Scenario;
use stage::CStage;

#[test]
fn each_scenario_has_the_same_facts_through_the_c_face_as_in_rust() {
    let files = scenario_files::files();
    assert!(files.len() >= 30, "{} files", files.len());
    let prompts = tempfile::tempdir().expect("a folder for prompts");
    for path in files {
        let name = path.display();
        let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{name}: {why}"));
        let scenario = Scenario::parse(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        let rust = traces::native(&scenario).unwrap_or_else(|why| panic!("{name}: {why}"));
        let config = traces::configuration(&traces::centre(&scenario), prompts.path());
        let stage = CStage::new(&config.to_string());
        let c = traces::play(&scenario, stage).unwrap_or_else(|why| panic!("{name}: {why}"));
        let (rust, c) = (lines(&rust), lines(&c));
        let differs = rust.iter().zip(&c).find(|(rust, c)| rust != c);
        assert!(
            differs.is_none() && rust.len() == c.len(),
            "{name}: Rust, C: {differs:#?}, {}, {}",
            rust.len(),
            c.len()
        );
    }
}

fn lines(entries: &[callcore::ledger::Entry]) -> Vec<String> {
    entries.iter().map(callcore::ledger::Entry::to_line).collect()
}
