//! A scenario as Rust plays it: the facts that every other language must have, too; and its centre as a configuration that a
//! program hands over.

use callcore::call::CallId;
use callcore::exchange::{Command, check};
use callcore::ledger::Entry;
use callcore::sim::model::{Act, BoardConfig, BoardKind, WorldConfig};
use callcore::sim::scenario::{Scenario, Stage, VirtualStage};
use callcore::sim::{CentreConfig, model::FxoConfig};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// The centre that a scenario names.
pub(crate) fn centre(scenario: &Scenario) -> CentreConfig {
    CentreConfig::named(scenario.config()).expect("the scenarios name centres that there are")
}

/// The same centre as a configuration in JSON; its prompts are files without sound, which virtual time does not play.
pub(crate) fn configuration(centre: &CentreConfig, prompts: &Path) -> Value {
    for (_, name) in check::prompts(&centre.exchange) {
        std::fs::write(prompts.join(name + ".wav"), "").expect("the folder can be written");
    }
    let mut config = serde_json::to_value(&centre.exchange).expect("a configuration is JSON");
    let settings = settings(&centre.world, centre.prompt_ms);
    config["node"] = json!({ "prompts_dir": prompts });
    config["device"] = json!([{ "name": "sim", "driver": "sim", "config": settings }]);
    config
}

/// The simulator's settings for lines and people that do only what they are told.
fn settings(world: &WorldConfig, prompt_ms: u64) -> Value {
    let boards: Vec<Value> = world.boards.iter().map(board).collect();
    json!({
        "trunks": world.trunks, "extensions": world.extensions, "seed": world.seed, "boards": boards,
        "people": "manual", "prompt_ms": prompt_ms
    })
}

fn board(board: &BoardConfig) -> Value {
    let channels = board.channels;
    match &board.kind {
        BoardKind::Calls { phones } => {
            json!({ "kind": if *phones { "phones" } else { "trunks" }, "channels": channels })
        }
        BoardKind::Fxo(fxo) => {
            assert_eq!(*fxo, FxoConfig::default(), "the named centres have plain lines");
            json!({ "kind": "fxo", "channels": channels })
        }
        BoardKind::Fxs => json!({ "kind": "fxs", "channels": channels }),
        BoardKind::Tap => json!({ "kind": "tap", "channels": channels }),
        BoardKind::E1(e1) => {
            let (overlap, numbers) = (i64::from(e1.overlap), e1.numbers.join(","));
            json!({ "kind": "e1", "channels": channels, "overlap": overlap, "numbers": numbers })
        }
    }
}

/// What Rust has to say when it plays a scenario.
pub(crate) fn native(scenario: &Scenario) -> Result<Vec<Entry>, String> {
    play(scenario, VirtualStage::new(centre(scenario))?)
}

/// Play a scenario on any stage, and keep all facts.
pub(crate) fn play(scenario: &Scenario, stage: impl Stage) -> Result<Vec<Entry>, String> {
    let mut kept = Keeping { stage, entries: Vec::new() };
    scenario.play(&mut kept)?;
    kept.entries(Duration::ZERO);
    Ok(kept.entries)
}

/// A stage whose facts are kept.
struct Keeping<S> {
    stage: S,
    entries: Vec<Entry>,
}

impl<S> Keeping<S> {
    fn keep(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        self.entries.extend_from_slice(&entries);
        entries
    }
}

impl<S: Stage> Stage for Keeping<S> {
    fn act(&mut self, act: &Act) -> Result<(), String> {
        self.stage.act(act)
    }

    fn command(&mut self, command: Command) -> Result<(), String> {
        self.stage.command(command)
    }

    fn last_call(&mut self) -> Option<CallId> {
        self.stage.last_call()
    }

    fn entries(&mut self, within: Duration) -> Vec<Entry> {
        let entries = self.stage.entries(within);
        self.keep(entries)
    }

    fn wait(&mut self, time: Duration) -> Vec<Entry> {
        let entries = self.stage.wait(time);
        self.keep(entries)
    }
}
