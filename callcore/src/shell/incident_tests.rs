//! An incident on a board with faults is recorded in a running node, and played again in virtual time without the board: the
//! same commands, and the same ledger.

use super::board::refusal;
use super::driver::{Context, Device, Opening, cause};
use super::inbox::DeviceRing;
use super::roster::Gone;
use super::{BuiltIn, DeviceSettings, Layer, Node, Settings};
use crate::base::{Instant, Now, WallTime};
use crate::board::{BoardCommand, DeviceId};
use crate::call::Fact;
use crate::exchange::{Command, Config, Exchange, Input, Output};
use crate::ledger::Entry;
use crate::shell::clock::Clock;
use crate::shell::journal::read_from;
use callcore_driver_host::layer::trace::Line;
use callcore_driver_host::{
    BusAddress, BusInfo, ChannelInfo, Command as DriverCommand, Device as HostDevice, DeviceInfo, Driver,
    DriverInfo, Function, Host, LoadError, Media, Pool,
};
use callcore_driver_sdk::negotiate_fn;
use callcore_driver_sim::SimDriver;
use callcore_driver_sys::*;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

fn config() -> Config {
    let config = json!({
        "recording": {"outside": "never"},
        "extension": [
            {"number": "1001", "device": "sim", "channel": 30},
            {"number": "1002", "device": "sim", "channel": 31},
        ],
        "route": [{"called": "1001", "to": "extension:1001"}, {"called": "1002", "to": "extension:1002"}],
    });
    serde_json::from_value(config).expect("the configuration is right")
}

/// What the ledger says, but for times and durations.
fn timeless(entries: impl Iterator<Item = Entry>) -> Vec<String> {
    let line = |entry: Entry| {
        let mut fact = serde_json::to_value(&entry.fact).expect("facts are JSON");
        if let Value::Object(members) = &mut fact {
            members.retain(|name, _| !name.ends_with("ms"));
        }
        format!("{:?} {fact}", entry.call)
    };
    // that the program began is the journal's own fact
    entries.filter(|entry| !matches!(entry.fact, Fact::Started { .. })).map(line).collect()
}

/// Thirty callers on a board that doubles and delays events and forgets completions; what the ledger says.
fn live(folder: &Path, record: &Path) -> Vec<String> {
    let mut settings = Settings::new(folder);
    settings.speed = 20.0;
    settings.built_in = vec![BuiltIn { name: "sim", negotiate: negotiate_fn::<SimDriver>() }];
    // a machine that stands still for half a second is ten seconds late here: callers let it ring for long
    let sim = json!({"ring_patience_ms": 20000, "trunks": 30, "extensions": 8, "arrivals_per_hour": 7200, "arrivals_total": 30, "seed": 7,
        "called": [{"number": "1001"}, {"number": "1002"}], "answer_after_ms": 2000, "talk_ms": 3000, "caller_talk_ms": 4000,
        "busy_percent": 10, "no_answer_percent": 10});
    let layers = json!([
        { "layer": "record", "file": record },
        { "layer": "fault", "seed": 5, "event_twice": 60, "event_late": 60, "done_lost": 50 },
    ]);
    let layers: Vec<Layer> = serde_json::from_value(layers).expect("these are layers");
    settings.devices = vec![DeviceSettings { layers, ..DeviceSettings::new("sim", "sim", sim) }];
    let node = Node::start(config(), settings).expect("everything is right");
    let (handle, deadline) = (node.handle(), std::time::Instant::now() + Duration::from_secs(60));
    while handle.snapshot().calls_count < 30 || !handle.snapshot().calls.is_empty() {
        assert!(std::time::Instant::now() < deadline, "{:?} {:#?}", handle.stats(), handle.snapshot().calls);
        std::thread::sleep(Duration::from_millis(5));
    }
    node.stop().expect("it stops");
    let entries = read_from(&folder.join("journal"), 0).expect("the journal can be read");
    timeless(entries.map(|entry| entry.expect("it is whole")))
}

/// The board of a recording: it answers commands as it did then, and the test posts its events.
#[derive(Clone)]
struct Script(Arc<Mutex<Lines>>);

struct Lines {
    info: DeviceInfo,
    channels: Vec<ChannelInfo>,
    functions: Vec<Function>,
    /// Those that have not been given yet, with their answers.
    commands: Vec<(DriverCommand, ccd_status)>,
    differences: Vec<String>,
    host: Option<Arc<dyn Host>>,
}

impl Script {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().expect("nobody panics with it")
    }
}

struct ScriptDriver(Script, DriverInfo);

impl Driver for ScriptDriver {
    fn info(&self) -> &DriverInfo {
        &self.1
    }

    fn enumerate(&mut self) -> Result<Vec<DeviceInfo>, LoadError> {
        Ok(vec![self.0.lines().info.clone()])
    }

    fn open(&mut self, _uid: &str, host: Arc<dyn Host>) -> Result<Box<dyn HostDevice>, LoadError> {
        let mut lines = self.0.lines();
        lines.host = Some(host);
        Ok(Box::new(ScriptDevice(self.0.clone(), lines.info.clone(), lines.channels.clone())))
    }

    fn schema(&self) -> Option<String> {
        None
    }
}

struct ScriptDevice(Script, DeviceInfo, Vec<ChannelInfo>);

impl HostDevice for ScriptDevice {
    fn info(&self) -> &DeviceInfo {
        &self.1
    }

    fn channels(&self) -> &[ChannelInfo] {
        &self.2
    }

    fn offers(&self, function: Function) -> bool {
        self.0.lines().functions.contains(&function)
    }

    fn start(&mut self, _pool: &Arc<Pool>) -> Result<Option<Box<dyn Media>>, LoadError> {
        Ok(None)
    }

    fn stop(&mut self) -> ccd_status {
        CCD_OK
    }

    fn command(&mut self, command: &DriverCommand, _req: ccd_req) -> ccd_status {
        let mut lines = self.0.lines();
        match lines.commands.iter().position(|(recorded, _)| recorded == command) {
            Some(at) => lines.commands.remove(at).1,
            None => {
                lines.differences.push(format!("{command:?}"));
                CCD_E_UNSUPPORTED
            }
        }
    }

    fn stats(&mut self) -> Result<String, ccd_status> {
        Err(CCD_E_UNSUPPORTED)
    }

    fn act(&mut self, _line: &str) -> Result<(), LoadError> {
        Ok(())
    }

    fn bus(&mut self) -> Option<BusInfo> {
        None
    }

    fn bus_source(&mut self, _channel: ccd_chan) -> Result<BusAddress, ccd_status> {
        Err(CCD_E_UNSUPPORTED)
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> =
        hex.chars().map(|digit| digit.to_digit(16).expect("a recording is hexadecimal")).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

/// The exchange in virtual time, and what it has written.
struct Virtual {
    exchange: Exchange,
    device: Device,
    ring: Arc<DeviceRing>,
    now: Now,
    /// What the board's thread has to carry out.
    told: VecDeque<BoardCommand>,
    facts: Vec<Entry>,
}

impl Virtual {
    /// Timers first, up to this moment.
    fn go_to(&mut self, t_ns: u64) {
        let at = Instant::from_nanos(t_ns);
        while let Some((timer, _)) = self.exchange.poll_timeout().filter(|(timer, _)| *timer <= at) {
            self.now = Now { instant: timer, wall: WallTime(timer.as_millis() as i64) };
            self.exchange.handle_timeout(self.now);
            self.put_out();
        }
        self.now = Now { instant: at, wall: WallTime(at.as_millis() as i64) };
    }

    fn put_out(&mut self) {
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Fact(entry) => self.facts.push(entry),
                Output::Board(command) => self.told.push_back(command),
                Output::Media(_) | Output::Event(_) => {}
            }
        }
    }

    /// The board's thread carries out the next command; false when there is none.
    fn carry_out(&mut self) -> bool {
        let Some(command) = self.told.pop_front() else { return false };
        let status = self.device.command(&command);
        if let Some(event) = (status < 0).then(|| refusal(&command, cause(status))).flatten() {
            self.take(Input::Board(event));
        }
        true
    }

    fn take(&mut self, input: Input) {
        self.exchange.handle_input(self.now, input).expect("events are not refused");
        self.put_out();
    }

    fn take_events(&mut self) {
        while let Some(event) = self.ring.pop() {
            self.take(Input::Board(event));
        }
    }
}

/// Play it; what the ledger says, and where the exchange did otherwise.
fn replay(record: &Path) -> (Vec<String>, Vec<String>) {
    let text = std::fs::read_to_string(record).expect("it was recorded");
    let lines: Vec<Line> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let Some(Line::Device { info, channels, functions, .. }) = lines.first().cloned() else {
        panic!("it begins with the device")
    };
    let command = |line: &Line| match line {
        Line::Command { command: DriverCommand::Enable { .. }, .. } => None,
        Line::Command { command, status, .. } => Some((command.clone(), *status)),
        _ => None,
    };
    let commands = lines.iter().filter_map(command).collect();
    let script = Script(Arc::new(Mutex::new(Lines {
        info,
        channels,
        functions,
        commands,
        differences: Vec::new(),
        host: None,
    })));
    let ring = DeviceRing::new(Arc::default());
    let (news, _from) = crossbeam_channel::unbounded();
    let gone = Gone::new(DeviceId(0), 1, news);
    let (clock, now) = (Clock::new(1.0), Now::default());
    let context = Context::new("sim", DeviceId(0), Value::Null, clock, Arc::clone(&ring), gone);
    let mut driver = ScriptDriver(script.clone(), DriverInfo::default());
    let opening =
        Opening { driver: &mut driver, name: "script", device: "sim", uid: None, layers: &[], context };
    let mut device = Device::open(opening).expect("it opens");
    device.start().expect("it starts");
    ring.let_go();
    let host = script.lines().host.clone().expect("it is open");
    let exchange = Exchange::new(config(), now).expect("the configuration is right");
    let mut node = Virtual { exchange, device, ring, now, told: VecDeque::new(), facts: Vec::new() };
    node.put_out();
    let untaken: BTreeSet<u64> = lines
        .iter()
        .filter_map(|line| if let Line::Untaken { seq, .. } = line { Some(*seq) } else { None })
        .collect();
    assert!(untaken.is_empty(), "the host had room for all: {untaken:?}");
    let (count, mut seen) = (script.lines().commands.len(), 0);
    for line in &lines {
        match line {
            // what a timer led to then is due by now
            Line::Start { t, .. } | Line::Stop { t, .. } => node.go_to(*t),
            Line::Command { t, .. } if command(line).is_some() => {
                node.go_to(*t);
                seen += 1;
                // one command of the exchange's may be many of the driver's: they have been carried out then
                let is_new = count - script.lines().commands.len() < seen;
                assert!(!is_new || node.carry_out(), "the exchange does not give {line:?}");
            }
            Line::Event { t, bytes: hex, .. } => {
                node.go_to(*t);
                assert_eq!(host.post(&bytes(hex)), CCD_OK, "it was taken then");
            }
            _ => {}
        }
        node.take_events();
    }
    node.take_command(Command::Stop);
    let mut differences = std::mem::take(&mut script.lines().differences);
    differences.extend(node.told.iter().map(|command| format!("not given then: {command:?}")));
    (timeless(node.facts.into_iter()), differences)
}

impl Virtual {
    fn take_command(&mut self, command: Command) {
        self.take(Input::Command(1, command));
    }
}

#[test]
fn a_recorded_incident_leads_to_the_same_ledger_without_the_board() {
    let _alone = super::tests::ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let record = folder.path().join("incident.jsonl");
    let then = live(folder.path(), &record);
    let (now, differences) = replay(&record);
    assert!(differences.is_empty(), "{differences:#?}");
    let first =
        then.iter().zip(&now).position(|(then, now)| then != now).unwrap_or(then.len().min(now.len()));
    let before = &then[first.saturating_sub(12)..first];
    assert_eq!(then.get(first), now.get(first), "fact {first}, after {before:#?}");
    let hash = |facts: &[String]| xxh3_64(facts.join("\n").as_bytes());
    assert_eq!(hash(&then), hash(&now));
    assert!(then.iter().any(|fact| fact.contains("events_lost")), "there were faults");
}
