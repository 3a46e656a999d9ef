//! The scenario files of the house on real shells: real threads, the simulator driver through its C tables, a clock that
//! runs five times as fast. They are played side by side; each has a node of its own.

use super::centre::{settings, sim, write_prompt};
use callcore::call::CallId;
use callcore::exchange::{Command, Event, check};
use callcore::ledger::Entry;
use callcore::shell::journal::read_from;
use callcore::shell::{Handle, Node, Receiver, Settings};
use callcore::sim::CentreConfig;
use callcore::sim::model::{Act, BoardConfig, BoardKind, WorldConfig};
use callcore::sim::scenario::{Scenario, Stage};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

#[path = "../common/scenario_files.rs"]
mod scenario_files;

/// How much faster than the wall's the node's clock runs.
const SPEED: f64 = 5.0;
/// A busy machine may take so much longer than the file allows.
const PATIENCE: u32 = 8;
/// Files that are played at a time.
const SIDE_BY_SIDE: usize = 6;
/// How often the journal is looked into.
const LOOK: Duration = Duration::from_millis(5);

/// A real node as a stage.
struct RealStage {
    handle: Handle,
    events: Receiver<Event>,
    journal: PathBuf,
    next_seq: u64,
    last_call: Option<CallId>,
}

impl RealStage {
    fn new_entries(&mut self) -> Vec<Entry> {
        let entries = read_from(&self.journal, self.next_seq).expect("the journal can be read");
        let entries: Vec<Entry> =
            entries.map_while(Result::ok).filter(|entry| entry.seq >= self.next_seq).collect();
        self.next_seq = entries.last().map_or(self.next_seq, |entry| entry.seq + 1);
        entries
    }
}

impl Stage for RealStage {
    fn act(&mut self, act: &Act) -> Result<(), String> {
        self.handle.act("sim", &act.to_string()).map_err(|refused| refused.text)
    }

    fn command(&mut self, command: Command) -> Result<(), String> {
        self.handle.command(command).map(drop).map_err(|refused| refused.text)
    }

    fn last_call(&mut self) -> Option<CallId> {
        for event in self.events.try_iter() {
            match event {
                Event::Offered { call, .. } | Event::Done { call: Some(call), .. } => {
                    self.last_call = Some(call)
                }
                _ => {}
            }
        }
        self.last_call
    }

    fn entries(&mut self, within: Duration) -> Vec<Entry> {
        let deadline = Instant::now() + within.div_f64(SPEED) * PATIENCE;
        loop {
            let entries = self.new_entries();
            if !entries.is_empty() || Instant::now() >= deadline {
                return entries;
            }
            std::thread::sleep(LOOK);
        }
    }

    fn wait(&mut self, time: Duration) -> Vec<Entry> {
        std::thread::sleep(time.div_f64(SPEED));
        self.new_entries()
    }
}

/// The boards of a centre as the simulator driver is told of them.
fn world(world: &WorldConfig) -> Value {
    let board = |board: &BoardConfig| {
        let channels = board.channels;
        match &board.kind {
            BoardKind::Calls { phones } => {
                json!({ "kind": if *phones { "phones" } else { "trunks" }, "channels": channels })
            }
            BoardKind::Fxo(_) => json!({ "kind": "fxo", "channels": channels }),
            BoardKind::Fxs => json!({ "kind": "fxs", "channels": channels }),
            BoardKind::Tap => json!({ "kind": "tap", "channels": channels }),
            BoardKind::E1(e1) => {
                let (overlap, numbers) = (i64::from(e1.overlap), e1.numbers.join(","));
                json!({ "kind": "e1", "channels": channels, "overlap": overlap, "numbers": numbers })
            }
        }
    };
    let boards: Vec<Value> = world.boards.iter().map(board).collect();
    json!({ "trunks": world.trunks, "extensions": world.extensions, "boards": boards })
}

fn node(folder: &Path, centre: &CentreConfig) -> Node {
    for (_, name) in check::prompts(&centre.exchange) {
        let ms = usize::try_from(centre.prompt_ms).unwrap_or(500);
        write_prompt(&folder.join("prompts"), &name, ms);
    }
    write_prompt(&folder.join("prompts"), "greeting", 500);
    let world = world(&centre.world);
    let settings = Settings { devices: vec![sim(&world)], ..settings(folder, SPEED) };
    Node::start(centre.exchange.clone(), settings).unwrap_or_else(|why| panic!("{why}"))
}

fn play(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|why| why.to_string())?;
    let scenario = Scenario::parse(&text)?;
    let centre = CentreConfig::named(scenario.config()).ok_or("its centre is not known")?;
    let folder = TempDir::new().map_err(|why| why.to_string())?;
    let node = node(folder.path(), &centre);
    let handle = node.handle();
    let deadline = Instant::now() + super::centre::LIMIT;
    while handle.snapshot().devices.is_empty() && Instant::now() < deadline {
        std::thread::sleep(LOOK);
    }
    let events = handle.events();
    let mut stage =
        RealStage { handle, events, journal: folder.path().join("journal"), next_seq: 1, last_call: None };
    let played = scenario.play(&mut stage);
    node.stop().map_err(|why| why.to_string())?;
    played
}

#[test]
fn every_scenario_goes_on_a_real_shell_as_it_does_in_virtual_time() {
    let files = scenario_files::files();
    let mut failed = Vec::new();
    for batch in files.chunks(SIDE_BY_SIDE) {
        std::thread::scope(|scope| {
            let playing: Vec<_> = batch.iter().map(|path| (path, scope.spawn(|| play(path)))).collect();
            for (path, thread) in playing {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                match thread.join() {
                    Ok(Ok(())) => {}
                    Ok(Err(why)) => failed.push(format!("{name}: {why}")),
                    Err(_) => failed.push(format!("{name}: panicked")),
                }
            }
        });
    }
    assert!(failed.is_empty(), "{} of {} failed\n{}", failed.len(), files.len(), failed.join("\n"));
}
