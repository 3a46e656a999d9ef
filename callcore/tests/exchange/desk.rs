//! A desk with an exchange on it, whose boards, recorder and application are the test's hands. After every input all
//! promises are checked: the exchange's own, the ledger's, and those of the commands it gives.

use callcore::base::{Instant, Now, Refused, WallTime};
use callcore::board::{
    BoardCall, BoardCommand, BoardEvent, Cause, ChannelId, ChannelInfo, DeviceId, Digit, Incoming, Kind,
    Signalling, Supervision,
};
use callcore::call::{CallId, Fact};
use callcore::exchange::{Command, Config, Event, Exchange, Input, Output, RecordingOutcome};
use callcore::ledger::{CallRecord, Entry, Figures, Records};
use callcore::media::{
    Hear, KeyWatch, LegPlan, Levels, Listens, MediaCommand, MediaEvent, Plan, PlayId, Recording, RecordingId,
};
use callcore::sim::checkers::Checkers;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Channels 0 to 3 are trunks, 4 to 7 the phones of 1001 to 1004; the second device's phones register.
pub(crate) const BOARD: DeviceId = DeviceId(0);
pub(crate) const SIP: DeviceId = DeviceId(1);

/// Every way a call can go, in one configuration.
pub(crate) fn config() -> Config {
    let extension =
        |number: &str, channel: u32| json!({ "number": number, "device": "board", "channel": channel });
    let endpoint = |number: &str, name: &str| json!({ "number": number, "device": "sip", "endpoint": name });
    let agent = |id: &str, extension: &str, login: &str, queues: &[&str]| json!({ "id": id, "extension": extension, "login": login, "queues": queues, "no_answers_max": 2 });
    let route = |called: &str, to: &str| json!({ "called": called, "to": to });
    let config = json!({
        "extension_ring_ms": 20_000, "busy_tone_ms": 4_000, "application_ms": 5_000, "hold_music": "music",
        "limits": { "calls_max": 12, "legs_max": 20, "queue_callers_max": 5, "agents_max": 9 },
        "extension": [
            extension("1001", 4), extension("1002", 5), extension("1003", 6), extension("1004", 7),
            endpoint("2001", "anna"), endpoint("2002", "bert")
        ],
        "trunk_group": [{ "name": "city", "device": "board", "channels": [0, 3] }],
        "outbound": [{ "prefix": "9", "strip": 1, "trunk_group": "city" }],
        "route": [
            route("8000", "flow:main"), route("8001", "queue:support"), route("8002", "application"),
            route("8003", "extension:1004"), route("8004", "queue:small"), route("8005", "number:95550000"),
            route("8006", "hangup:17"), route("8007", "conference:room"), route("*10", "agent:login"), route("*11", "agent:logout"),
            route("*12", "agent:ready"), route("*13", "agent:not_ready")
        ],
        "conference": [{ "name": "room", "parties_max": 3, "music": "music" }],
        "queue": [
            { "name": "support", "music": "music", "ring_ms": 6_000, "wrap_up_ms": 3_000, "wait_ms_max": 60_000,
              "overflow": "queue:small" },
            { "name": "small", "callers_max": 1, "ring_ms": 4_000, "overflow": "queue:ring" },
            { "name": "ring", "callers_max": 0, "overflow": "queue:small" }
        ],
        "agent": [
            agent("1", "1001", "at_start", &["support"]),
            agent("2", "1002", "manual", &["support", "small"]),
            agent("3", "2001", "with_phone", &["small", "support"])
        ],
        "flow": { "main": { "start": "menu", "node": {
            "menu": { "type": "play_option", "prompts": ["welcome", "menu"],
                "options": { "1": "queue:support", "12": "queue:small", "2": "number", "3": "application", "4": "extension:1003", "5": "flow:main" },
                "collect": { "retries": 1, "on_timeout": "queue:support", "on_invalid": "bye" } },
            "number": { "type": "play_digit", "prompts": ["ask"], "digits_min": 2, "digits_max": 3, "terminator": "#", "store": "id",
                "next": "bye", "collect": { "barge_in": false } },
            "bye": { "type": "play_only", "prompts": ["bye"], "next": "end" },
            "end": { "type": "stop_flow" }
        } } }
    });
    serde_json::from_value(config).expect("it can be read")
}

/// The exchange and everything it said.
pub(crate) struct Desk {
    pub(crate) exchange: Exchange,
    pub(crate) now: Now,
    /// Facts since the last time they were taken.
    pub(crate) facts: Vec<Entry>,
    pub(crate) events: Vec<Event>,
    pub(crate) board: Vec<BoardCommand>,
    pub(crate) records: Vec<CallRecord>,
    checkers: Checkers,
    folding: Records,
    figures: Figures,
    // what the commands say that there is
    pub(crate) open: BTreeMap<ChannelId, Hear>,
    pub(crate) recording: BTreeSet<RecordingId>,
    pub(crate) stopped_recordings: Vec<RecordingId>,
    /// What is on the tracks of each recording that ever was.
    pub(crate) tracks: BTreeMap<RecordingId, Recording>,
    /// Channels in whose sound keys are listened for.
    pub(crate) listened: BTreeSet<ChannelId>,
    /// What becomes of keys in a channel's sound, and what else is listened for.
    pub(crate) watched: BTreeMap<ChannelId, KeyWatch>,
    pub(crate) sounds: BTreeMap<ChannelId, Listens>,
    /// Recordings, and whether silence is recorded.
    pub(crate) masked: BTreeMap<RecordingId, bool>,
    /// How often anybody was told what to hear.
    pub(crate) hears: usize,
    /// How loud channels are that are not as loud as they come.
    pub(crate) levels: BTreeMap<ChannelId, Levels>,
    /// Keys sent as sound.
    pub(crate) tones: Vec<(ChannelId, String)>,
    /// Ports that may be given out again.
    pub(crate) freed: Vec<ChannelId>,
    /// How long each key of the last of them is on, and off.
    pub(crate) key_ms: (u32, u32),
    answered: BTreeSet<(DeviceId, BoardCall)>,
    made: BTreeSet<(DeviceId, BoardCall)>,
    // requests that were accepted and are not complete
    waiting: BTreeSet<u64>,
    // those of them that have one event more to come
    lasting: BTreeSet<u64>,
    /// How many commands there have been.
    pub(crate) requests: u64,
}

impl Desk {
    pub(crate) fn new(config: Config) -> Self {
        let now = Now { instant: Instant::from_millis(1_000), wall: WallTime(1_767_600_000_000) };
        let queues = config.queue.iter().map(|queue| (queue.name.clone(), queue.service_level_ms));
        let mut desk = Self {
            figures: Figures::new(queues.collect::<Vec<_>>()),
            exchange: Exchange::new(config, now).unwrap_or_else(|problems| panic!("{problems:?}")),
            now,
            facts: Vec::new(),
            events: Vec::new(),
            board: Vec::new(),
            records: Vec::new(),
            checkers: Checkers::default(),
            folding: Records::default(),
            open: BTreeMap::new(),
            recording: BTreeSet::new(),
            stopped_recordings: Vec::new(),
            tracks: BTreeMap::new(),
            listened: BTreeSet::new(),
            watched: BTreeMap::new(),
            sounds: BTreeMap::new(),
            masked: BTreeMap::new(),
            hears: 0,
            levels: BTreeMap::new(),
            tones: Vec::new(),
            freed: Vec::new(),
            key_ms: (0, 0),
            answered: BTreeSet::new(),
            made: BTreeSet::new(),
            waiting: BTreeSet::new(),
            lasting: BTreeSet::new(),
            requests: 0,
        };
        desk.drain();
        desk
    }

    /// Both boards are there, and phone `anna`.
    pub(crate) fn ready(config: Config) -> Self {
        let mut desk = Self::new(config);
        desk.board_event(added(BOARD, "board", 8));
        desk.board_event(added(SIP, "sip", 4));
        desk.board_event(BoardEvent::Endpoint { device: SIP, address: "anna".into(), up: true });
        desk.take();
        desk
    }

    pub(crate) fn board_event(&mut self, event: BoardEvent) {
        if let BoardEvent::Incoming { channel, call, .. } = &event {
            // a board that uses a name again against the contract has a new call
            self.answered.remove(&(channel.device, *call));
            self.made.remove(&(channel.device, *call));
        }
        self.feed(Input::Board(event)).expect("events are never refused");
    }

    pub(crate) fn media_event(&mut self, event: MediaEvent) {
        self.feed(Input::Media(event)).expect("events are never refused");
    }

    /// A program closes a port.
    pub(crate) fn closes(&mut self, port: ChannelId) {
        self.feed(Input::AudioClosed(port)).expect("events are never refused");
    }

    pub(crate) fn completed(&mut self, id: RecordingId, outcome: RecordingOutcome) {
        self.feed(Input::RecordingCompleted(id, outcome)).expect("events are never refused");
    }

    pub(crate) fn command(&mut self, command: Command) -> Result<u64, Refused> {
        self.requests += 1;
        self.command_as(self.requests, command)
    }

    /// A command with a number of the test's own.
    pub(crate) fn command_as(&mut self, request: u64, command: Command) -> Result<u64, Refused> {
        self.waiting.insert(request);
        let lasts =
            matches!(command, Command::Play { .. } | Command::Collect { .. } | Command::Record { .. });
        let is_new = lasts && self.lasting.insert(request);
        let result = self.feed(Input::Command(request, command));
        if result.is_err() {
            assert!(self.waiting.remove(&request), "a refused command is never completed");
            if is_new {
                self.lasting.remove(&request);
            }
        }
        result.map(|()| request)
    }

    fn feed(&mut self, input: Input) -> Result<(), Refused> {
        let result = self.exchange.handle_input(self.now, input);
        self.drain();
        result
    }

    /// Let time pass; timers fire at their own time.
    pub(crate) fn wait(&mut self, ms: u64) {
        let until = self.now.plus_millis(ms);
        while let Some((at, _)) = self.exchange.poll_timeout().filter(|(at, _)| *at <= until.instant) {
            let millis = at.millis_since(self.now.instant);
            self.now = Now { instant: at.max(self.now.instant), ..self.now.plus_millis(millis) };
            self.exchange.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn drain(&mut self) {
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Fact(entry) => self.on_fact(entry),
                Output::Board(command) => self.on_command(command),
                Output::Media(command) => self.on_media(command),
                Output::Event(event) => self.on_event(event),
            }
        }
        self.exchange.self_check().unwrap_or_else(|broken| panic!("{broken}"));
        for (listener, hear) in &self.open {
            let Hear::Channel(speaker) = hear else { continue };
            assert!(self.open.contains_key(speaker), "{listener} hears {speaker}, which is closed");
        }
    }

    fn on_fact(&mut self, entry: Entry) {
        self.checkers.push(&entry);
        self.figures.push(&entry);
        if let Some(record) = self.folding.push(&entry) {
            self.checkers.push_record(&record);
            self.records.push(record);
        }
        if let Some(broken) = self.checkers.take_broken() {
            panic!("{broken}\nat {}", entry.to_line());
        }
        self.facts.push(entry);
    }

    /// What is told to a board makes sense to a board: nothing is made or answered twice.
    fn on_command(&mut self, command: BoardCommand) {
        match &command {
            BoardCommand::Make { channel, call, .. } => {
                assert!(self.made.insert((channel.device, *call)) && call.0.is_multiple_of(2), "{command:?}");
            }
            BoardCommand::Answer { channel, call } => {
                assert!(self.answered.insert((channel.device, *call)), "{command:?} again");
                assert!(!self.made.contains(&(channel.device, *call)), "{command:?}: we made it");
            }
            BoardCommand::DialOn { channel, call, digits, complete } => {
                assert!(self.made.contains(&(channel.device, *call)), "{command:?}: nobody made it");
                assert!(*complete || !digits.is_empty(), "{command:?} says nothing");
            }
            BoardCommand::Accept { .. }
            | BoardCommand::Drop { .. }
            | BoardCommand::Hold { .. }
            | BoardCommand::SendDigits { .. }
            | BoardCommand::Line { .. }
            | BoardCommand::Replay { .. } => {}
        }
        self.board.push(command);
    }

    fn on_media(&mut self, command: MediaCommand) {
        match command {
            MediaCommand::Open { channel } => {
                assert!(self.open.insert(channel, Hear::Nothing).is_none(), "{channel} is opened twice");
            }
            MediaCommand::Close { channel } => {
                assert!(self.open.remove(&channel).is_some(), "{channel} is closed twice");
                self.listened.remove(&channel);
            }
            MediaCommand::Hear { channel, source } => {
                self.hears += 1;
                assert!(self.open.insert(channel, source).is_some(), "{channel} hears and is closed");
            }
            MediaCommand::Record(recording) => {
                self.recording.insert(recording.id);
                self.masked.insert(recording.id, recording.is_masked);
                self.tracks.insert(recording.id, recording);
            }
            MediaCommand::StopRecord { id } => {
                assert!(self.recording.remove(&id), "a recording is stopped twice");
                self.stopped_recordings.push(id);
            }
            MediaCommand::Listen { channel, listen } => {
                self.watched.insert(channel, listen.keys);
                self.sounds.insert(channel, listen.sounds);
                if listen.keys == KeyWatch::Pass {
                    self.listened.remove(&channel);
                } else {
                    self.listened.insert(channel);
                }
            }
            MediaCommand::Levels { channel, levels } => {
                self.levels.insert(channel, levels);
            }
            MediaCommand::Transport { channel, play, transport: new } => match self.open.get_mut(&channel) {
                Some(Hear::Prompts { play: now, transport, .. }) if *now == play => *transport = new,
                other => panic!("{channel} does not play {play:?} but {other:?}"),
            },
            MediaCommand::FreePort { channel } => {
                assert!(!self.open.contains_key(&channel), "{channel} is in a plan still");
                self.freed.push(channel);
            }
            MediaCommand::SendDigits { channel, digits, on_ms, off_ms } => {
                self.tones.push((channel, digits.as_str().to_owned()));
                self.key_ms = (on_ms, off_ms);
            }
        }
    }

    fn on_event(&mut self, event: Event) {
        if let Event::Done { request, .. } = &event {
            assert!(self.waiting.remove(request), "request {request} is completed and was not waiting");
        }
        let over = match &event {
            Event::Played { request, .. } | Event::Collected { request, .. } => Some(*request),
            Event::RecordingCompleted { request, .. } | Event::RecordingFailed { request, .. } => *request,
            _ => None,
        };
        if let Some(request) = over {
            assert!(!self.waiting.contains(&request), "request {request} ends before it has begun");
            assert!(self.lasting.remove(&request), "request {request} ends twice");
        }
        self.events.push(event);
    }

    /// Forget what was said so far.
    pub(crate) fn take(&mut self) -> Vec<Fact> {
        self.board.clear();
        self.events.clear();
        std::mem::take(&mut self.facts).into_iter().map(|entry| entry.fact).collect()
    }

    /// Everything is over: nothing is left, anywhere.
    pub(crate) fn check_end(&mut self) {
        assert!(self.exchange.is_empty(), "the exchange is not empty");
        assert_eq!(self.open, BTreeMap::new(), "channels are open still");
        assert_eq!(self.recording, BTreeSet::new(), "recordings run still");
        assert_eq!(self.waiting, BTreeSet::new(), "commands are not complete");
        assert_eq!(self.lasting, BTreeSet::new(), "commands have begun and not ended");
        self.checkers.check_end().unwrap_or_else(|broken| panic!("{broken}"));
        self.figures.advance(self.now.instant);
        self.figures.check().unwrap_or_else(|broken| panic!("{broken}"));
    }

    // ---- words for tests

    pub(crate) fn incoming(&mut self, index: u32, call: u64, called: &str, calling: &str) {
        let (channel, call) = (ChannelId { device: BOARD, index }, BoardCall(call));
        let incoming = Incoming { called: called.into(), calling: calling.into(), ..Incoming::default() };
        self.board_event(BoardEvent::Incoming { channel, call, incoming });
    }

    pub(crate) fn connected(&mut self, index: u32, call: u64) {
        let (channel, call) = (ChannelId { device: BOARD, index }, BoardCall(call));
        self.board_event(BoardEvent::Connected {
            channel,
            call,
            supervision: Supervision::Signalled,
            inband_digits: false,
        });
    }

    pub(crate) fn alerting(&mut self, index: u32, call: u64) {
        let (channel, call) = (ChannelId { device: BOARD, index }, BoardCall(call));
        self.board_event(BoardEvent::Alerting { channel, call, inband: false });
    }

    pub(crate) fn released(&mut self, index: u32, call: u64, cause: Cause) {
        let (channel, call) = (ChannelId { device: BOARD, index }, BoardCall(call));
        self.board_event(BoardEvent::Released { channel, call, cause });
    }

    pub(crate) fn digit(&mut self, index: u32, call: u64, key: char) {
        let (channel, call) = (ChannelId { device: BOARD, index }, BoardCall(call));
        let digit = Digit::new(key as u8).expect("a key");
        self.board_event(BoardEvent::Digit { channel, call, digit });
    }

    /// The channel and name of the newest call the exchange made.
    pub(crate) fn made(&self) -> (u32, u64) {
        let make = self.board.iter().rev().find_map(|command| match command {
            BoardCommand::Make { channel, call, .. } => Some((channel.index, call.0)),
            _ => None,
        });
        make.expect("a call was made")
    }

    /// The newest call the application was offered.
    pub(crate) fn offered(&self) -> CallId {
        let offered = self.events.iter().rev().find_map(|event| match event {
            Event::Offered { call, .. } => Some(*call),
            _ => None,
        });
        offered.expect("a call was offered")
    }

    /// The caller on a trunk is the application's, and answered; its call.
    pub(crate) fn in_hand(&mut self, index: u32) -> CallId {
        let board_call = u64::from(index) * 2 + 1;
        self.incoming(index, board_call, "8002", "138");
        let call = self.offered();
        self.command(Command::Answer { call }).expect("it is offered");
        self.connected(index, board_call);
        call
    }

    /// Who hears whom, by the numbers of their channels.
    pub(crate) fn hearing(&self) -> Vec<(u32, u32)> {
        let leg = |(channel, hear): (&ChannelId, &Hear)| LegPlan {
            levels: self.levels.get(channel).copied().unwrap_or_default(),
            ..LegPlan::new(*channel, hear.clone())
        };
        let plan = Plan { legs: self.open.iter().map(leg).collect(), recording: None };
        let mut pairs: Vec<_> =
            plan.hearing().map(|(listener, speaker)| (listener.index, speaker.index)).collect();
        pairs.sort_unstable();
        pairs
    }

    /// What plays on a channel.
    pub(crate) fn playing(&self, channel: ChannelId) -> Option<PlayId> {
        match self.open.get(&channel) {
            Some(Hear::Prompts { play, .. }) => Some(*play),
            _ => None,
        }
    }
}

/// The id of the call in a place of the table, as a program could guess it.
pub(crate) fn guess(index: u64, generation: u64) -> CallId {
    CallId::from_bits(1 << 56 | generation << 32 | index).expect("the number of a call")
}

pub(crate) fn added(device: DeviceId, name: &str, channels: usize) -> BoardEvent {
    let info = ChannelInfo {
        kind: if device == SIP { Kind::Voip } else { Kind::Bearer },
        signalling: Signalling::Driver,
        caps: (1 << 0) | (1 << 10) | (1 << 11),
    };
    BoardEvent::DeviceAdded { device, name: name.into(), channels: vec![info; channels] }
}
