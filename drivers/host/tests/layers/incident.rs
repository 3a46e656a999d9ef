//! An incident is written down and played again without the board.

use crate::fake::{CALL, Event, Fake, Listener, THEIRS, make};
use callcore_codec::Format;
use callcore_driver_host::layer::replay::{Pace, Recording};
use callcore_driver_host::layer::trace::{Line, Trace, TraceOptions};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Device, Driver as _, EventBytes, Pool};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

fn pool() -> Arc<Pool> {
    Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A))
}

fn answer() -> Command {
    Command::Answer { call: THEIRS }
}

fn drop_call(call: u64) -> Command {
    Command::Drop { call, q850: 16 }
}

/// A call in, and one out that is refused, written to a file; the kinds of events that the host got.
fn incident(file: &Path, is_record: bool) -> Vec<u16> {
    let (host, mut fake) = (Listener::new(), Fake::new());
    fake.on_command = Some(Box::new(|board, command, req| match command {
        Command::Make { .. } => CCD_E_GLARE,
        Command::Answer { call } => {
            board.post(Event::new(CCD_EV_CONNECTED, 0, *call));
            board.post(Event::done(req))
        }
        Command::Drop { call, .. } => {
            board.post(Event::done(req));
            board.post(Event::new(CCD_EV_RELEASED, 0, *call))
        }
        _ => CCD_E_UNSUPPORTED,
    }));
    let options = TraceOptions { file: Some(file.to_owned()), ..TraceOptions::default() };
    let trace = Trace::start("fake", &options, is_record).expect("the file can be written");
    let mut device = trace.open(host.clone(), &mut |host| fake.open("fake", host)).expect("it opens");
    device.start(&pool()).expect("it starts");
    fake.board.post(Event::new(CCD_EV_INCOMING, 0, THEIRS));
    assert_eq!(device.command(&answer(), 100), CCD_OK);
    assert_eq!(device.command(&make(CALL), 101), CCD_E_GLARE);
    host.pass_ms(40);
    assert_eq!(device.command(&drop_call(THEIRS), 102), CCD_OK);
    device.stop();
    drop(device);
    host.kinds()
}

struct Player {
    device: Box<dyn Device>,
    host: Arc<Listener>,
    report: callcore_driver_host::layer::replay::Report,
}

fn play(file: &Path, pace: Pace) -> Player {
    let recording = Recording::read(file, pace).expect("it was just written");
    let (report, host) = (recording.report(), Listener::new());
    let mut device = recording.driver().open("fake", host.clone()).expect("it opens");
    device.start(&pool()).expect("it starts");
    Player { device, host, report }
}

fn recorded() -> (TempDir, PathBuf, Vec<u16>) {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let file = folder.path().join("incident.jsonl");
    let kinds = incident(&file, true);
    (folder, file, kinds)
}

#[test]
fn the_same_commands_are_answered_by_the_same_events() {
    let (_folder, file, kinds) = recorded();
    let mut player = play(&file, Pace::Steps);
    assert_eq!(player.host.kinds(), [CCD_EV_INCOMING]);
    assert_eq!(player.device.command(&answer(), 7), CCD_OK);
    assert_eq!(player.device.command(&make(CALL), 8), CCD_E_GLARE);
    assert_eq!(player.device.command(&drop_call(THEIRS), 9), CCD_OK);
    player.device.stop();
    assert_eq!(player.host.kinds(), kinds);
    assert!(player.report.is_over() && player.report.differences().is_empty());
    let events = player.host.events.lock().expect("no test panics with it");
    let of_done = events.iter().map(|event| EventBytes(event)).filter(|event| event.kind() == CCD_EV_DONE);
    assert_eq!(
        of_done.map(|event| event.req()).collect::<Vec<_>>(),
        [7, 9],
        "the requests are those of this time"
    );
    let seqs: Vec<u64> = events.iter().map(|event| EventBytes(event).seq()).collect();
    assert_eq!(seqs, (1..=events.len() as u64).collect::<Vec<_>>());
}

#[test]
fn what_the_host_does_otherwise_is_told() {
    let (_folder, file, _) = recorded();
    let mut player = play(&file, Pace::Steps);
    assert_eq!(player.device.command(&drop_call(5), 7), CCD_E_UNSUPPORTED);
    assert_eq!(player.device.command(&make(CALL), 8), CCD_E_GLARE, "it comes earlier than then");
    player.device.stop();
    let differences = player.report.differences();
    let [other, answer, dropped] = &differences[..] else { panic!("{differences:#?}") };
    assert!(other.contains("did not do then: Drop { call: 5"), "{other}");
    assert!(answer.contains("did not do: Answer") && dropped.contains("did not do: Drop { call: 1"));
}

#[test]
fn by_the_clock_nothing_comes_before_its_time() {
    let (_folder, file, kinds) = recorded();
    let mut player = play(&file, Pace::Clock);
    let until = |is_so: &dyn Fn() -> bool| {
        while !is_so() {
            std::thread::yield_now();
        }
    };
    until(&|| player.host.kinds() == [CCD_EV_INCOMING]);
    for (command, req) in [(answer(), 1), (make(CALL), 2), (drop_call(THEIRS), 3)] {
        player.device.command(&command, req);
    }
    until(&|| player.host.kinds().len() == 3);
    assert!(!player.report.is_over(), "the rest came 40 ms after the start");
    player.host.pass_ms(40);
    until(&|| player.report.is_over());
    player.device.stop();
    assert_eq!(player.host.kinds(), kinds);
}

#[test]
fn a_trace_is_for_reading_and_not_for_playing() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let file = folder.path().join("trace.jsonl");
    incident(&file, false);
    let text = std::fs::read_to_string(&file).expect("it was written");
    let lines: Vec<Line> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    assert!(
        matches!(lines.first(), Some(Line::Device { .. })) && matches!(lines.last(), Some(Line::Stop { .. }))
    );
    let commands = lines.iter().filter(|line| matches!(line, Line::Command { .. })).count();
    let events = lines.iter().filter(|line| matches!(line, Line::Event { .. })).count();
    assert_eq!((lines.len(), commands, events), (11, 3, 5), "{text}");
    let refused = Recording::read(&file, Pace::Steps).err().expect("it has no bytes").to_string();
    assert!(refused.contains("trace.jsonl:3: the event has no bytes"), "{refused}");
    std::fs::write(&file, "").expect("it can be written");
    assert!(Recording::read(&file, Pace::Steps).err().expect("it is empty").to_string().contains("is empty"));
}
