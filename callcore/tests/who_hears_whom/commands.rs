//! The commands of a program, from the exchange by its plans to the engine: who hears whom after each.

use crate::scenes::{Heard, judge};
use crate::stage::{NAMES, PARTIES, Stage, channel};
use callcore::base::{Instant, Now, WallTime};
use callcore::board::{
    BoardCall, BoardCommand, BoardEvent, Cause, ChannelInfo, DeviceId, Incoming, Kind, Signalling,
    Supervision,
};
use callcore::call::{CallId, Side};
use callcore::exchange::{Command, Config, Event, Exchange, Input, Output, PlayControl};
use callcore::media::Role;
use callcore::media::engine::EngineLimits;
use callcore::media::scene::Participation::{Barge, Listen, Whisper};
use callcore_codec::Format;
use serde_json::json;
use std::collections::BTreeMap;

const CALLER: usize = 0;
const AGENT: usize = 1;
/// At extension 1003.
const THIRD: usize = 2;
const SUPERVISOR: usize = 3;
/// A program, by an audio port, and then a caller.
const OTHER: usize = 4;

fn config() -> Config {
    let config = json!({
        "hold_music": "music", "application_ms": 600_000, "recording": {"outside": "never"},
        "extension": [{"number": "1003", "device": "board", "channel": THIRD}],
        "conference": [{"name": "room", "parties_max": 5}],
        "queue": [{"name": "support", "music": "music"}],
        "route": [{"called": "8002", "to": "application"}],
    });
    serde_json::from_value(config).expect("it can be read")
}

/// An exchange whose board does at once what it is told, and whose media commands an engine carries out.
struct House {
    exchange: Exchange,
    stage: Stage,
    now: Now,
    requests: u64,
    board_calls: BTreeMap<usize, BoardCall>,
    calls: BTreeMap<usize, CallId>,
    offered: Option<CallId>,
}

impl House {
    fn new(formats: Vec<Format>) -> Self {
        let now = Now { instant: Instant::from_millis(1_000), wall: WallTime(1_767_600_000_000) };
        let exchange = Exchange::new(config(), now).unwrap_or_else(|problems| panic!("{problems:?}"));
        let stage = Stage::new(formats, EngineLimits::default());
        let (board_calls, calls) = (BTreeMap::new(), BTreeMap::new());
        let mut house = Self { exchange, stage, now, requests: 0, board_calls, calls, offered: None };
        // the port of a program is no line
        let caps = (1 << 0) | (1 << 10) | (1 << 11);
        let info = ChannelInfo { kind: Kind::Bearer, signalling: Signalling::Driver, caps };
        let channels = vec![info; PARTIES];
        house.board(BoardEvent::DeviceAdded { device: DeviceId(0), name: "board".into(), channels });
        house
    }

    fn board(&mut self, event: BoardEvent) {
        self.feed(Input::Board(event)).expect("events are never refused");
    }

    fn feed(&mut self, input: Input) -> Result<(), callcore::base::Refused> {
        let result = self.exchange.handle_input(self.now, input);
        let mut replies = Vec::new();
        while let Some(output) = self.exchange.poll_output() {
            match output {
                Output::Media(command) => self.stage.tell(command),
                Output::Board(command) => replies.extend(self.reply(command)),
                Output::Event(Event::Offered { call, .. }) => self.offered = Some(call),
                Output::Event(_) | Output::Fact(_) => {}
            }
        }
        replies.into_iter().for_each(|event| self.board(event));
        result
    }

    /// What a board says of a command whose far end is ready.
    fn reply(&mut self, command: BoardCommand) -> Vec<BoardEvent> {
        let connected = |channel, call| BoardEvent::Connected {
            channel,
            call,
            supervision: Supervision::Signalled,
            inband_digits: false,
        };
        match command {
            BoardCommand::Make { channel, call, .. } => {
                self.board_calls.insert(channel.index as usize, call);
                vec![connected(channel, call)]
            }
            BoardCommand::Answer { channel, call } => vec![connected(channel, call)],
            BoardCommand::Drop { channel, call, .. } => {
                vec![BoardEvent::Released { channel, call, cause: Cause::NORMAL }]
            }
            _ => Vec::new(),
        }
    }

    fn command(&mut self, command: Command) {
        self.requests += 1;
        let shown = format!("{command:?}");
        self.feed(Input::Command(self.requests, command)).unwrap_or_else(|why| panic!("{shown}: {why}"));
    }

    /// A party calls, and the program answers.
    fn comes(&mut self, party: usize) -> CallId {
        let call = BoardCall(2 * party as u64 + 101);
        let incoming = Incoming { called: "8002".into(), calling: "138".into(), ..Incoming::default() };
        self.board(BoardEvent::Incoming { channel: channel(party), call, incoming });
        let id = self.offered.take().expect("it is the program's");
        self.calls.insert(party, id);
        self.command(Command::Answer { call: id });
        id
    }

    fn id(&self, party: usize) -> CallId {
        self.calls[&party]
    }
}

type Step = (&'static str, Box<dyn Fn(&mut House)>, Vec<Heard>);

fn step(name: &'static str, does: impl Fn(&mut House) + 'static, hears: &[Heard]) -> Step {
    (name, Box::new(does), hears.to_vec())
}

/// What one hears: these parties, and music or a prompt.
const fn hears(listener: usize, parties: &'static [usize], other: &'static str) -> Heard {
    Heard { listener, parties, other }
}

fn steps_of_a_caller() -> Vec<Step> {
    let caller = |house: &House| house.id(CALLER);
    vec![
        step(
            "answer",
            |house| {
                for party in [CALLER, AGENT, SUPERVISOR] {
                    house.comes(party);
                }
            },
            &[hears(CALLER, &[], ""), hears(AGENT, &[], ""), hears(SUPERVISOR, &[], "")],
        ),
        step(
            "play",
            move |house| house.command(Command::Play { call: caller(house), prompts: vec!["any".into()] }),
            &[hears(CALLER, &[], "prompt"), hears(AGENT, &[], "")],
        ),
        step(
            "control_play: pause",
            move |house| {
                house.command(Command::ControlPlay { call: caller(house), control: PlayControl::Pause });
            },
            &[hears(CALLER, &[], "")],
        ),
        step(
            "control_play: resume",
            move |house| {
                house.command(Command::ControlPlay { call: caller(house), control: PlayControl::Resume });
            },
            &[hears(CALLER, &[], "prompt")],
        ),
        step(
            "stop_play",
            move |house| house.command(Command::StopPlay { call: caller(house) }),
            &[hears(CALLER, &[], "")],
        ),
        step(
            "connect_audio",
            move |house| {
                house.command(Command::ConnectAudio { call: caller(house), port: Some(channel(OTHER)) });
            },
            &[hears(CALLER, &[OTHER], ""), hears(OTHER, &[CALLER], "")],
        ),
        step(
            "connect_audio: no",
            move |house| house.command(Command::ConnectAudio { call: caller(house), port: None }),
            &[hears(CALLER, &[], ""), hears(AGENT, &[], "")],
        ),
    ]
}

fn steps_of_a_talk() -> Vec<Step> {
    let talk = [hears(CALLER, &[AGENT], ""), hears(AGENT, &[CALLER], "")];
    let caller = |house: &House| house.id(CALLER);
    vec![
        step(
            "bridge",
            move |house| {
                let with = house.id(AGENT);
                house.command(Command::Bridge { call: caller(house), with, ends_together: false });
            },
            &talk,
        ),
        step(
            "hold",
            move |house| house.command(Command::Hold { call: caller(house), by: Side::Right, on: true }),
            &[hears(CALLER, &[], "music"), hears(AGENT, &[], "")],
        ),
        step(
            "hold: no",
            move |house| house.command(Command::Hold { call: caller(house), by: Side::Right, on: false }),
            &talk,
        ),
        step(
            "mute",
            move |house| house.command(Command::Mute { call: caller(house), party: Side::Left, on: true }),
            &[hears(CALLER, &[AGENT], ""), hears(AGENT, &[], "")],
        ),
        step(
            "mute: no",
            move |house| house.command(Command::Mute { call: caller(house), party: Side::Left, on: false }),
            &talk,
        ),
    ]
}

fn steps_of_supervision() -> Vec<Step> {
    let supervise = |how, party| {
        move |house: &mut House| {
            let (call, by) = (house.id(CALLER), house.id(SUPERVISOR));
            house.command(Command::Supervise { call, by, how, party });
        }
    };
    let supervisor = hears(SUPERVISOR, &[CALLER, AGENT], "");
    let (caller, agent) = (hears(CALLER, &[AGENT], ""), hears(AGENT, &[CALLER], ""));
    vec![
        step("supervise: listen", supervise(Listen, Side::Right), &[caller, agent, supervisor]),
        step(
            "supervise: whisper",
            supervise(Whisper, Side::Right),
            &[caller, hears(AGENT, &[CALLER, SUPERVISOR], ""), supervisor],
        ),
        step(
            "whisper to caller",
            supervise(Whisper, Side::Left),
            &[hears(CALLER, &[AGENT, SUPERVISOR], ""), agent, supervisor],
        ),
        step(
            "supervise: barge",
            supervise(Barge, Side::Right),
            &[hears(CALLER, &[AGENT, SUPERVISOR], ""), hears(AGENT, &[CALLER, SUPERVISOR], ""), supervisor],
        ),
        step(
            "end_supervision",
            |house| {
                let by = house.id(SUPERVISOR);
                house.command(Command::EndSupervision { by });
            },
            &[caller, agent, hears(SUPERVISOR, &[], "")],
        ),
        step(
            "intercept",
            |house| {
                let (call, by) = (house.id(CALLER), house.id(SUPERVISOR));
                house.command(Command::Intercept { call, by, party: Side::Right });
            },
            &[hears(CALLER, &[SUPERVISOR], ""), hears(SUPERVISOR, &[CALLER], "")],
        ),
        step(
            "unbridge",
            |house| {
                let call = house.id(CALLER);
                house.command(Command::Unbridge { call });
            },
            &[hears(CALLER, &[], "music"), hears(SUPERVISOR, &[], "music")],
        ),
    ]
}

fn send(party: usize, to: &'static str) -> impl Fn(&mut House) {
    move |house| {
        let call = house.id(party);
        house.command(Command::Send { call, to: to.parse().expect("a target") });
    }
}

fn steps_of_a_conference() -> Vec<Step> {
    let both = [hears(CALLER, &[SUPERVISOR], ""), hears(SUPERVISOR, &[CALLER], "")];
    vec![
        step("send: conference", send(SUPERVISOR, "conference:room"), &[hears(SUPERVISOR, &[], "")]),
        step("send: conference", send(CALLER, "conference:room"), &both),
        step(
            "join from outside",
            move |house| {
                house.comes(OTHER);
                send(OTHER, "conference:room")(house);
            },
            &[
                hears(CALLER, &[SUPERVISOR, OTHER], ""),
                hears(SUPERVISOR, &[CALLER, OTHER], ""),
                hears(OTHER, &[CALLER, SUPERVISOR], ""),
            ],
        ),
        step(
            "change_role: listen",
            |house| {
                let call = house.id(SUPERVISOR);
                house.command(Command::ChangeRole { call, role: Role::Listen });
            },
            &[
                hears(CALLER, &[OTHER], ""),
                hears(SUPERVISOR, &[CALLER, OTHER], ""),
                hears(OTHER, &[CALLER], ""),
            ],
        ),
        step(
            "mute in it",
            |house| {
                let call = house.id(OTHER);
                house.command(Command::Mute { call, party: Side::Left, on: true });
            },
            &[hears(CALLER, &[], ""), hears(SUPERVISOR, &[CALLER], ""), hears(OTHER, &[CALLER], "")],
        ),
        step(
            "release",
            |house| {
                let call = house.id(CALLER);
                house.command(Command::Release { call, cause: Cause::NORMAL });
            },
            &[hears(SUPERVISOR, &[], ""), hears(OTHER, &[], "")],
        ),
    ]
}

fn steps_elsewhere() -> Vec<Step> {
    vec![
        step(
            "send: queue",
            move |house| {
                house.comes(CALLER);
                send(CALLER, "queue:support")(house);
            },
            &[hears(CALLER, &[], "music"), hears(SUPERVISOR, &[], ""), hears(OTHER, &[], "")],
        ),
        step(
            "send: extension",
            move |house| {
                house.comes(AGENT);
                send(AGENT, "extension:1003")(house);
            },
            &[hears(AGENT, &[THIRD], ""), hears(THIRD, &[AGENT], ""), hears(CALLER, &[], "music")],
        ),
        step(
            "transfer: application",
            |house| {
                let call = house.id(AGENT);
                let to = "application".parse().expect("a target");
                house.command(Command::Transfer { call, to, by: Side::Right });
            },
            &[hears(AGENT, &[], ""), hears(CALLER, &[], "music")],
        ),
    ]
}

/// Each command that changes what anybody hears, one after the other in one house, for phones of one format and of several.
///
/// Proves: A3.8 in part, A21.14 in part (from the command to the sample)
#[test]
fn after_every_command_of_a_program_each_party_hears_exactly_whom_it_should() {
    let mixed = vec![Format::L16, Format::L16Wide, Format::L16, Format::L16Wide, Format::L16];
    for formats in [vec![Format::L16; PARTIES], mixed] {
        println!("\nlevels relative to what is sent; formats {formats:?}");
        print!("{:22} {:8}", "command", "listener");
        NAMES.iter().chain(&["music", "prompt"]).for_each(|name| print!(" {name:>9}"));
        println!();
        let mut house = House::new(formats.clone());
        let mut wrong = Vec::new();
        let steps = [steps_of_a_caller(), steps_of_a_talk(), steps_of_supervision()];
        let steps = steps.into_iter().chain([steps_of_a_conference(), steps_elsewhere()]);
        for (name, does, heard) in steps.flatten() {
            does(&mut house);
            // what was before fades within 4 ms, filters have rung out after a few more
            house.stage.run(5);
            let sound = house.stage.run(20);
            wrong.extend(judge(name, &heard, &sound, &formats));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
