//! Any order of any events: boards that obey and boards that do not, people, clocks, recorders and programs that say what
//! they like. No panic, no broken promise, every command completed once; and when all boards are gone, nothing is left.

mod script;

use crate::desk::{BOARD, Desk, SIP, added, config, guess};
use callcore::board::{
    BoardCall, BoardCommand, BoardEvent, Cause, ChannelId, DeviceId, Digit, Incoming, Supervision,
};
use callcore::call::{CallId, Side};
use callcore::exchange::{CollectOptions, Command, Config, Event, RecordOptions, Recorded, RecordingOutcome};
use callcore::media::scene::Participation;
use callcore::media::{Listens, MediaEvent, PlayId, RecordingId, Role};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use script::{AGENTS, CALLED, CALLING, CONTROLS, Happens, TO, cause, pick, scripts};
use std::collections::BTreeMap;

/// Numbers to the outside go out while they are dialled.
fn overlapping(mut config: Config) -> Config {
    config.trunk_group[0].overlap = true;
    config
}

/// The desk, and the board's side of it.
struct Monkey {
    desk: Desk,
    /// Every use of a channel that any side ever named.
    calls: Vec<(ChannelId, BoardCall)>,
    /// How many commands the boards have followed.
    followed: usize,
    next_call: u64,
    recordings: Vec<RecordingId>,
    devices: [DeviceId; 2],
    next_device: u16,
    /// Calls that the program was offered or made.
    had: Vec<CallId>,
    events_seen: usize,
}

impl Monkey {
    fn new() -> Self {
        Self {
            desk: Desk::ready(overlapping(config())),
            calls: vec![(ChannelId { device: DeviceId(9), index: 0 }, BoardCall(999))],
            followed: 0,
            next_call: 1,
            recordings: Vec::new(),
            devices: [BOARD, SIP],
            next_device: 2,
            had: Vec::new(),
            events_seen: 0,
        }
    }

    fn happens(&mut self, it: &Happens) {
        match *it {
            Happens::Incoming { device, index, again, called, calling } => {
                self.incoming(device, index, again, called, calling)
            }
            Happens::Taken { index } => self.taken(index),
            Happens::Obeys { count, fails } => (0..count).for_each(|_| self.obey(fails)),
            Happens::Says { what, call, cause } => self.say(what, call, cause),
            Happens::Device { device, what } => self.device(device, what),
            Happens::Service { index, up } => {
                let channel = ChannelId { device: self.devices[0], index: index.into() };
                self.desk.board_event(match index % 3 {
                    2 => BoardEvent::Alarm { channel, on: !up },
                    _ => BoardEvent::Service { channel, up },
                });
            }
            Happens::Phone { name, up } => {
                let address = pick(&["anna", "bert", "carl"], name).to_owned();
                self.desk.board_event(BoardEvent::Endpoint { device: self.devices[1], address, up });
            }
            Happens::Played { index, missing } => self.played(index, missing),
            Happens::Heard { index, key } => {
                let channel = ChannelId { device: self.devices[0], index: index.into() };
                let digit = Digit::new(pick(&Digit::ALL, key)).expect("one of all keys");
                self.desk.media_event(MediaEvent::Digit { channel, digit });
            }
            Happens::Recorded { recording, fails, guessed } => self.recorded(recording, fails, guessed),
            Happens::Gap { recording } => {
                let id = self.recording(recording);
                self.desk.media_event(MediaEvent::RecordingGap { id, frames: 3 });
            }
            Happens::Agent { agent, verb } => self.agent(agent, verb),
            Happens::Application { what, call, generation, to } => {
                self.application(what, call, generation, to)
            }
            Happens::Originate { to } => {
                let to = pick(&TO, to).parse().expect("a target");
                let _ = self.desk.command(Command::Originate { to, calling: "100".into() });
            }
            Happens::Stop => {
                let _ = self.desk.command(Command::Stop);
            }
            Happens::Waits { ms } => self.desk.wait(ms.into()),
            Happens::Rings => {
                if let Some((at, _)) = self.desk.exchange.poll_timeout() {
                    self.desk.wait(at.millis_since(self.desk.now.instant));
                }
            }
        }
    }

    fn incoming(&mut self, device: u8, index: u8, again: bool, called: u8, calling: u8) {
        let fresh = BoardCall(self.next_call);
        let channel = ChannelId { device: self.devices[usize::from(device)], index: index.into() };
        let (channel, call) = if again { pick(&self.calls, index) } else { (channel, fresh) };
        self.next_call += 2;
        self.calls.push((channel, call));
        let via = if device == 1 { pick(&["anna", "bert", ""], calling) } else { "" };
        let incoming = Incoming {
            called: pick(&CALLED, called).into(),
            calling: pick(&CALLING, calling).into(),
            name: String::new(),
            via: via.into(),
            overlap: calling % 3 == 1,
        };
        self.desk.board_event(BoardEvent::Incoming { channel, call, incoming });
    }

    fn taken(&mut self, index: u8) {
        let (channel, call) =
            (ChannelId { device: self.devices[0], index: index.into() }, BoardCall(self.next_call));
        self.next_call += 2;
        self.calls.push((channel, call));
        let incoming = Incoming { called: "8002".into(), ..Incoming::default() };
        self.desk.board_event(BoardEvent::Incoming { channel, call, incoming });
        if let Some(Event::Offered { call, .. }) = self.desk.events.last() {
            let _ = self.desk.command(Command::Answer { call: *call });
        }
        self.desk.board_event(BoardEvent::Connected {
            channel,
            call,
            supervision: Supervision::Signalled,
            inband_digits: false,
        });
    }

    /// Follow one command, as a good board does or as a bad day has it.
    fn obey(&mut self, fails: u8) {
        let Some(command) = self.desk.board.get(self.followed).cloned() else { return };
        self.followed += 1;
        match command {
            BoardCommand::Make { channel, call, .. } => {
                self.calls.push((channel, call));
                match fails % 7 {
                    5 => self.desk.board_event(BoardEvent::Proceeding { channel, call }),
                    // it waits for more of the number
                    6 => {}
                    1 => self.desk.board_event(BoardEvent::Refused { channel, call, cause: cause(fails) }),
                    2 => {
                        self.desk.board_event(BoardEvent::Disconnected { channel, call, cause: cause(fails) })
                    }
                    3 => self.desk.board_event(BoardEvent::Progress { channel, call, inband: true }),
                    4 => self.desk.board_event(BoardEvent::Alerting { channel, call, inband: false }),
                    _ => {
                        self.desk.board_event(BoardEvent::Alerting { channel, call, inband: false });
                        self.desk.board_event(BoardEvent::Connected {
                            channel,
                            call,
                            supervision: Supervision::Signalled,
                            inband_digits: false,
                        });
                    }
                }
            }
            BoardCommand::Answer { channel, call } if fails % 3 == 1 => {
                self.desk.board_event(BoardEvent::Refused { channel, call, cause: cause(fails) });
            }
            BoardCommand::Answer { channel, call } => {
                self.desk.board_event(BoardEvent::Connected {
                    channel,
                    call,
                    supervision: Supervision::Signalled,
                    inband_digits: false,
                });
            }
            BoardCommand::Drop { channel, call, q850 } if fails % 4 != 3 => {
                self.desk.board_event(BoardEvent::Released { channel, call, cause: Cause::new(q850) });
            }
            BoardCommand::Replay { device } => {
                self.desk.board_event(BoardEvent::Replayed { device, rest: true })
            }
            BoardCommand::DialOn { channel, call, .. } if fails % 3 == 1 => {
                self.desk.board_event(BoardEvent::Proceeding { channel, call });
            }
            BoardCommand::Drop { .. }
            | BoardCommand::DialOn { .. }
            | BoardCommand::Accept { .. }
            | BoardCommand::Hold { .. }
            | BoardCommand::SendDigits { .. }
            | BoardCommand::Line { .. } => {}
        }
    }

    fn say(&mut self, what: u8, call: u8, why: u8) {
        let (channel, call) = self.calls[self.calls.len() - 1 - usize::from(call) % self.calls.len().min(12)];
        let cause = cause(why);
        let digit = Digit::new(pick(b"1123459#", why)).expect("a key");
        self.desk.board_event(match what % 20 {
            0 => BoardEvent::Alerting { channel, call, inband: why.is_multiple_of(2) },
            1 => BoardEvent::Progress { channel, call, inband: true },
            2 | 3 => BoardEvent::Connected {
                channel,
                call,
                supervision: Supervision::Signalled,
                inband_digits: false,
            },
            4 => BoardEvent::Disconnected { channel, call, cause },
            5 => BoardEvent::Released { channel, call, cause },
            6 | 7 => BoardEvent::Held { channel, call },
            8 | 9 => BoardEvent::Retrieved { channel, call },
            10 => BoardEvent::Refused { channel, call, cause },
            11 => BoardEvent::CallInfo {
                channel,
                call,
                incoming: Incoming {
                    called: pick(&CALLED, why).into(),
                    calling: pick(&CALLING, why).into(),
                    overlap: why.is_multiple_of(2),
                    ..Incoming::default()
                },
            },
            12 => BoardEvent::Recall { channel, call },
            _ => BoardEvent::Digit { channel, call, digit },
        });
    }

    fn device(&mut self, device: u8, what: u8) {
        let place = usize::from(device) % 2;
        let id = if device == 2 { DeviceId(77) } else { self.devices[place] };
        match what {
            4.. => self.desk.board_event(BoardEvent::Lost { device: id, count: 1 }),
            1 => self.desk.board_event(BoardEvent::Replayed { device: id, rest: true }),
            2 => self.desk.board_event(BoardEvent::DeviceRemoved { device: id }),
            // it comes under a new number as it should, or under the old one
            3 => {
                self.devices[place] = DeviceId(self.next_device);
                self.next_device += 1;
                self.comes(place);
            }
            0 => self.comes(place),
        }
    }

    fn comes(&mut self, place: usize) {
        let (name, channels) = [("board", 8), ("sip", 4)][place];
        self.desk.board_event(added(self.devices[place], name, channels));
    }

    fn played(&mut self, index: u8, missing: bool) {
        let channel = ChannelId { device: self.devices[0], index: index.into() };
        let play = self.desk.playing(channel).unwrap_or(PlayId(u64::from(index)));
        self.desk.media_event(match missing {
            true => MediaEvent::PlayFailed { channel, play, name: "menu".into() },
            false => MediaEvent::PlayDone { channel, play },
        });
    }

    fn recording(&mut self, choice: u8) -> RecordingId {
        self.recordings.extend(self.desk.recording.iter().chain(&self.desk.stopped_recordings));
        let guess =
            RecordingId::from_bits(3 << 56 | 1 << 32 | u64::from(choice % 4)).expect("of a recording");
        if self.recordings.is_empty() { guess } else { pick(&self.recordings, choice) }
    }

    fn recorded(&mut self, choice: u8, fails: bool, guessed: bool) {
        let id = match guessed {
            true => {
                RecordingId::from_bits(3 << 56 | 1 << 32 | u64::from(choice % 4)).expect("of a recording")
            }
            false => self.recording(choice),
        };
        let outcome = match fails {
            true => RecordingOutcome::Failed { text: "no space left on the device".into() },
            false => RecordingOutcome::Complete { duration_ms: 1 },
        };
        self.desk.completed(id, outcome);
    }

    fn agent(&mut self, agent: u8, verb: u8) {
        let agent = pick(&AGENTS, agent).to_owned();
        let _ = self.desk.command(match verb % 4 {
            0 => Command::AgentLogin { agent },
            1 => Command::AgentLogout { agent },
            2 => Command::AgentReady { agent },
            _ => Command::AgentNotReady { agent, reason: "tea".into() },
        });
    }

    /// A call that the program was offered or made, or one that it guesses.
    fn call(&mut self, choice: u8, generation: u8) -> CallId {
        for event in &self.desk.events[self.events_seen..] {
            match event {
                Event::Offered { call, .. } | Event::Done { call: Some(call), .. } => self.had.push(*call),
                Event::Ended { call, .. } => self.had.retain(|had| had != call),
                _ => {}
            }
        }
        self.events_seen = self.desk.events.len();
        match self.had.len() {
            had if had > 0 && choice >= 4 => self.had[usize::from(choice) % had],
            _ => guess(u64::from(choice) * 3, u64::from(generation) + 1),
        }
    }

    fn application(&mut self, what: u8, call: u8, generation: u8, to: u8) {
        let (call, other) = (self.call(call, generation), self.call(to / 8, generation));
        let command = match what % 8 {
            0..=2 => self.of_talks(what / 8, call, other, to),
            3 => of_sound(what / 8, call, to),
            4 | 5 => self.of_keys_and_files(what / 8, call, to),
            6 => Command::Answer { call },
            _ => match to % 3 {
                0 => Command::Release { call, cause: cause(to) },
                _ => Command::Send { call, to: pick(&TO, to).parse().expect("a target") },
            },
        };
        let _ = self.desk.command(command);
    }

    fn of_talks(&self, what: u8, call: CallId, with: CallId, to: u8) -> Command {
        let party = if to < 128 { Side::Left } else { Side::Right };
        let how = pick(&[Participation::Listen, Participation::Whisper, Participation::Barge], to);
        match what % 12 {
            0..=3 => Command::Bridge { call, with, ends_together: to.is_multiple_of(3) },
            4 => Command::Unbridge { call },
            5 => Command::Transfer { call, to: pick(&TO, to).parse().expect("a target"), by: party },
            6..=8 => Command::Supervise { call, by: with, how, party },
            9 => Command::EndSupervision { by: call },
            10 => Command::Intercept { call, by: with, party },
            _ => Command::Hold { call, by: party, on: to.is_multiple_of(2) },
        }
    }

    fn of_keys_and_files(&self, what: u8, call: CallId, to: u8) -> Command {
        let prompts = if to.is_multiple_of(8) { vec![] } else { vec!["hello".into()] };
        let keys = callcore::board::Digits::try_from("9#".to_owned()).expect("keys");
        match what % 8 {
            0 => Command::Play { call, prompts },
            1 => Command::StopPlay { call },
            2 | 3 => {
                let (digits_min, digits_max) = (usize::from(to % 3), usize::from(to % 5));
                let (barge_in, flush) = (to.is_multiple_of(2), to.is_multiple_of(7));
                let options =
                    CollectOptions { prompts, barge_in, flush, digits_min, digits_max, ..Default::default() };
                Command::Collect { call, collect: options }
            }
            4 => Command::StopCollect { call },
            5 => {
                let (max_ms, silence_ms) = (Some(u64::from(to) * 100), to.is_multiple_of(2).then_some(2_000));
                let who = pick(&[Recorded::Said, Recorded::Heard, Recorded::Both], to);
                Command::Record {
                    call,
                    record: RecordOptions { max_ms, silence_ms, who, keys, ..Default::default() },
                }
            }
            6 => Command::StopRecord { call },
            _ => Command::Cancel { request: self.desk.requests.saturating_sub(u64::from(to % 16)) },
        }
    }

    /// All boards go, and everything comes to rest by itself.
    fn ends(mut self) {
        for device in 0..self.next_device {
            self.desk.board_event(BoardEvent::DeviceRemoved { device: DeviceId(device) });
        }
        self.desk.wait(30_000);
        self.desk.check_end();
        self.desk.wait(600_000);
        assert_eq!(self.desk.exchange.poll_timeout(), None, "a timer outlives everything");
    }
}

fn of_sound(what: u8, call: CallId, to: u8) -> Command {
    let (on, party) = (to.is_multiple_of(2), if to < 128 { Side::Left } else { Side::Right });
    match what % 6 {
        0 => {
            let coach = Role::Coach(ChannelId { device: BOARD, index: 1 });
            Command::ChangeRole { call, role: pick(&[Role::Talk, Role::Moderate, Role::Listen, coach], to) }
        }
        1 => Command::Mute { call, party, on },
        2 if on => Command::MaskRecording { call, on: to.is_multiple_of(4) },
        2 => Command::SetGain { call, party, said_db: to as i8 / 4, heard_db: -(to as i8 / 4) },
        3 => Command::ControlPlay { call, control: pick(CONTROLS, to) },
        4 => {
            let port = ChannelId { device: DeviceId(99), index: u32::from(to) % 2 };
            Command::ConnectAudio { call, port: on.then_some(port) }
        }
        _ => {
            let sounds = Listens { progress: on, fax: to.is_multiple_of(3), ..Listens::default() };
            Command::Listen { call, party, sounds }
        }
    }
}

/// `PROPTEST_CASES` scripts, or as many as take a few seconds.
fn many() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_500);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(many())]

    /// Proves: A7.8 in part (no order of events loses or leaves a call)
    #[test]
    fn nothing_brings_the_exchange_out_of_step(script in scripts()) {
        let mut monkey = Monkey::new();
        script.iter().for_each(|it| monkey.happens(it));
        monkey.ends();
    }
}

/// How something that lasted ended, in one word.
fn end_of(event: &serde_json::Value) -> String {
    match (&event["end"], event["event"].as_str()) {
        (serde_json::Value::String(end), _) => end.clone(),
        (serde_json::Value::Object(end), _) => end.keys().next().cloned().unwrap_or_default(),
        (_, Some("unbridged" | "supervision_ended")) => "back".into(),
        _ => String::new(),
    }
}

/// A monkey that never gets anywhere proves nothing: its scripts lead to facts of every kind.
#[test]
fn the_monkey_gets_everywhere() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeMap::new();
    for _ in 0..600 {
        let script = scripts().new_tree(&mut runner).expect("a script").current();
        let mut monkey = Monkey::new();
        script.iter().for_each(|it| monkey.happens(it));
        for entry in &monkey.desk.facts {
            let name =
                serde_json::to_value(entry).expect("JSON")["fact"].as_str().expect("a name").to_owned();
            *reached.entry(name).or_insert(0u32) += 1;
        }
        for event in &monkey.desk.events {
            let json = serde_json::to_value(event).expect("JSON");
            let name = format!("{} {}", json["event"].as_str().expect("a name"), end_of(&json));
            *reached.entry(name.trim().replace(' ', ":")).or_insert(0u32) += 1;
        }
    }
    let wanted = "arrived originated routed answered node_entered digit_received prompt_missing queued offered offer_ended dequeued \
                  leg_begun leg_alerting leg_answered leg_held leg_retrieved leg_ended bridged unbridged recording_started \
                  recording_gap recording_completed recording_failed ended agent_changed stopped leg_dialled device_added device_removed events_lost \
                  service_changed alarm_changed held transferred intercepted supervision_began supervision_ended unbridged:back supervision_ended:back \
                  played:whole played:failed played:stopped played:ended collected:terminator collected:full collected:stopped \
                  collected:ended collected:first_digit_timeout collected:inter_digit_timeout recording_completed:stopped \
                  recording_completed:full recording_completed:key recording_completed:ended";
    println!("{reached:#?}");
    let missing: Vec<_> = wanted.split_whitespace().filter(|name| !reached.contains_key(*name)).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}
