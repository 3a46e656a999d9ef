//! What one input costs the control thread, by kind, with a hundred and with ten thousand live calls.
//!
//! `cargo bench -p callcore --bench control`. Four in ten of the live calls wait in a queue, three are in a flow, three
//! talk. Between them single calls are lived through from the first ring to the last release; each of their steps is a
//! kind of input. The two sizes take turns inside one run, so that a machine that changes its speed changes it for both.

use callcore::base::{Instant as Moment, Now};
use callcore::board::{
    BoardCall, BoardCommand, BoardEvent, Cause, ChannelId, ChannelInfo, DeviceId, Digit, Incoming, Kind,
    Signalling, Supervision,
};
use callcore::exchange::{Command, Config, Exchange, Input, Output, RecordingOutcome};
use callcore::media::{Hear, MediaCommand, MediaEvent, PlayId, RecordingId};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Instant;

const LIVE: [u32; 2] = [100, 10_000];
const ROUNDS: usize = 3_000;
/// Lines and phones beside those of the live calls.
const SPARE: u32 = 8;
const BOARD: DeviceId = DeviceId(0);

/// What a kind of input cost, each time.
#[derive(Default)]
struct Costs {
    nanos: Vec<u64>,
    allocations: u64,
}

struct Load {
    exchange: Exchange,
    now: Now,
    next_call: u64,
    lines: u32,
    made: Option<(ChannelId, BoardCall)>,
    playing: Option<(ChannelId, PlayId)>,
    recording: Option<RecordingId>,
    costs: BTreeMap<&'static str, Costs>,
    counting: bool,
    measuring: bool,
}

/// `talks` agents for the talks, and one more for the calls that are measured.
fn config(lines: u32, talks: u32) -> Config {
    let phone = |place: u32| json!({ "number": (20_000 + place).to_string(), "device": "board", "channel": lines + place });
    let agent = |place: u32| {
        let queue = if place < talks { "talk" } else { "fast" };
        json!({ "id": place.to_string(), "extension": (20_000 + place).to_string(), "queues": [queue], "login": "at_start" })
    };
    let config = json!({
        "hold_music": "music",
        "extension": (0..talks + 1).map(phone).collect::<Vec<_>>(),
        "agent": (0..talks + 1).map(agent).collect::<Vec<_>>(),
        "queue": [
            { "name": "wait", "music": "music" },
            { "name": "talk" },
            { "name": "fast", "music": "music", "wrap_up_ms": 1_000 }
        ],
        "route": [
            { "called": "8000", "to": "flow:main" }, { "called": "8001", "to": "queue:wait" }, { "called": "8002", "to": "queue:talk" }
        ],
        "flow": { "main": { "start": "menu", "node": {
            "menu": { "type": "play_option", "prompts": ["welcome", "menu"], "options": { "1": "queue:fast", "2": "bye" },
                "collect": { "first_digit_ms": 600_000 } },
            "bye": { "type": "stop_flow" }
        } } }
    });
    serde_json::from_value(config).expect("it can be read")
}

impl Load {
    fn new(live: u32) -> Self {
        let talks = live * 3 / 10;
        let lines = live + SPARE;
        let exchange = Exchange::new(config(lines, talks), Now::default()).expect("it is right");
        let mut load = Self {
            exchange,
            now: Now::default(),
            next_call: 1,
            lines,
            made: None,
            playing: None,
            recording: None,
            costs: BTreeMap::new(),
            counting: false,
            measuring: false,
        };
        let info = ChannelInfo { kind: Kind::Bearer, signalling: Signalling::Driver, caps: 1 << 10 };
        let channels = vec![info; (lines + talks + 1) as usize];
        load.feed(
            "",
            Input::Board(BoardEvent::DeviceAdded { device: BOARD, name: "board".into(), channels }),
        );
        for line in 0..live {
            let called = ["8001", "8000", "8002", "8001", "8000", "8002", "8001", "8000", "8002", "8001"]
                [line as usize % 10];
            let (channel, call) = load.comes("", line, called);
            load.feed(
                "",
                Input::Board(BoardEvent::Connected {
                    channel,
                    call,
                    supervision: Supervision::Signalled,
                    inband_digits: false,
                }),
            );
            if called == "8002" {
                let (channel, call) = load.made.take().expect("an agent is rung");
                load.feed(
                    "",
                    Input::Board(BoardEvent::Connected {
                        channel,
                        call,
                        supervision: Supervision::Signalled,
                        inband_digits: false,
                    }),
                );
            }
        }
        load.exchange.self_check().expect("no promise is broken");
        assert_eq!(load.exchange.calls_live(), live as usize);
        load
    }

    fn comes(&mut self, kind: &'static str, line: u32, called: &str) -> (ChannelId, BoardCall) {
        let (channel, call) = (ChannelId { device: BOARD, index: line }, BoardCall(self.next_call));
        self.next_call += 2;
        let incoming =
            Incoming { called: called.into(), calling: "13800000000".into(), ..Incoming::default() };
        self.feed(kind, Input::Board(BoardEvent::Incoming { channel, call, incoming }));
        (channel, call)
    }

    fn feed(&mut self, kind: &'static str, input: Input) {
        self.cost(kind, |exchange, now, out| {
            exchange.handle_input(now, input).expect("nothing is refused here");
            while let Some(output) = exchange.poll_output() {
                out.push(output);
            }
        });
    }

    /// Do it, and note under `kind` what it cost; then look at what came out.
    fn cost(&mut self, kind: &'static str, work: impl FnOnce(&mut Exchange, Now, &mut Vec<Output>)) {
        // the vector is the shell's, and never grows here
        let mut out = Vec::with_capacity(256);
        let (mut nanos, mut allocations) = (0, 0);
        let timed = || {
            let begun = Instant::now();
            work(&mut self.exchange, self.now, &mut out);
            nanos = begun.elapsed().as_nanos() as u64;
        };
        match self.counting {
            true => allocations = allocation_counter::measure(timed).count_total,
            false => timed(),
        }
        if self.measuring {
            let costs = self.costs.entry(kind).or_default();
            match self.counting {
                true => costs.allocations += allocations,
                false => costs.nanos.push(nanos),
            }
        }
        out.into_iter().for_each(|output| self.look(output));
    }

    fn look(&mut self, output: Output) {
        match output {
            Output::Board(BoardCommand::Make { channel, call, .. }) => self.made = Some((channel, call)),
            Output::Media(MediaCommand::Hear { channel, source: Hear::Prompts { play, .. } }) => {
                self.playing = Some((channel, play))
            }
            Output::Media(MediaCommand::Record(recording)) => self.recording = Some(recording.id),
            Output::Board(_) | Output::Media(_) | Output::Fact(_) | Output::Event(_) => {}
        }
    }

    /// Events were lost; the board names every call again, and says that it has.
    fn replay(&mut self) {
        self.feed("", Input::Board(BoardEvent::Lost { device: BOARD, count: 1 }));
        let callers = (0..LIVE[1]).map(|line| (line, u64::from(line) * 2 + 1));
        for (index, call) in callers {
            let (channel, call) = (ChannelId { device: BOARD, index }, BoardCall(call));
            self.feed(
                "",
                Input::Board(BoardEvent::Connected {
                    channel,
                    call,
                    supervision: Supervision::Signalled,
                    inband_digits: false,
                }),
            );
        }
        for agent in 0..LIVE[1] * 3 / 10 {
            let (channel, call) =
                (ChannelId { device: BOARD, index: self.lines + agent }, BoardCall(u64::from(agent) * 2 + 2));
            self.feed(
                "",
                Input::Board(BoardEvent::Connected {
                    channel,
                    call,
                    supervision: Supervision::Signalled,
                    inband_digits: false,
                }),
            );
        }
        let live = self.exchange.calls_live();
        self.feed("", Input::Board(BoardEvent::Replayed { device: BOARD, rest: true }));
        assert_eq!(self.exchange.calls_live(), live, "all were named");
    }

    /// One call through menu, queue and talk, and one that gives up in the long queue.
    fn round(&mut self) {
        let line = self.lines - SPARE;
        let board = Input::Board;
        let (channel, call) = self.comes("comes in", line, "8000");
        self.feed(
            "is answered, menu begins",
            board(BoardEvent::Connected {
                channel,
                call,
                supervision: Supervision::Signalled,
                inband_digits: false,
            }),
        );
        let (heard_on, play) = self.playing.take().expect("the menu plays");
        self.feed("prompt is over", Input::Media(MediaEvent::PlayDone { channel: heard_on, play }));
        let digit = Digit::new(b'1').expect("a key");
        self.feed("key: to the queue, agent rung", board(BoardEvent::Digit { channel, call, digit }));
        let (phone, leg) = self.made.take().expect("the agent is rung");
        self.feed(
            "agent's phone rings",
            board(BoardEvent::Alerting { channel: phone, call: leg, inband: false }),
        );
        self.feed(
            "agent answers, recorded",
            board(BoardEvent::Connected {
                channel: phone,
                call: leg,
                supervision: Supervision::Signalled,
                inband_digits: false,
            }),
        );
        self.feed("key in a talk", board(BoardEvent::Digit { channel, call, digit }));
        self.feed("caller is gone", board(BoardEvent::Disconnected { channel, call, cause: Cause::NORMAL }));
        self.feed("line is free", board(BoardEvent::Released { channel, call, cause: Cause::NORMAL }));
        self.feed(
            "phone is free",
            board(BoardEvent::Released { channel: phone, call: leg, cause: Cause::NORMAL }),
        );
        let id = self.recording.take().expect("it was recorded");
        let outcome = RecordingOutcome::Complete { duration_ms: 1_000 };
        self.feed("recording is whole, call ends", Input::RecordingCompleted(id, outcome));
        self.now =
            Now { instant: Moment::from_nanos(self.now.instant.as_nanos() + 1_000_000_000), ..self.now };
        self.cost("timer: wrap-up is over", |exchange, now, out| {
            exchange.handle_timeout(now);
            out.extend(std::iter::from_fn(|| exchange.poll_output()));
        });

        let (channel, call) = self.comes("comes in for a queue", line + 1, "8001");
        self.feed(
            "is answered, waits",
            board(BoardEvent::Connected {
                channel,
                call,
                supervision: Supervision::Signalled,
                inband_digits: false,
            }),
        );
        self.feed(
            "gives up in the queue",
            board(BoardEvent::Disconnected { channel, call, cause: Cause::NORMAL }),
        );
        self.feed("line is free", board(BoardEvent::Released { channel, call, cause: Cause::NORMAL }));
        let agent = || "0".to_owned();
        self.feed(
            "command: not ready",
            Input::Command(1, Command::AgentNotReady { agent: agent(), reason: "tea".into() }),
        );
        self.feed("command: ready", Input::Command(2, Command::AgentReady { agent: agent() }));
    }
}

fn percentile(sorted: &[u64], share: f64) -> u64 {
    sorted.get(((sorted.len() - 1) as f64 * share) as usize).copied().unwrap_or(0)
}

fn main() {
    // `cargo test` runs benches, too: shortly
    let rounds = if std::env::args().any(|word| word == "--bench") { ROUNDS } else { 3 };
    let mut loads = LIVE.map(Load::new);
    for round in 0..rounds + rounds / 10 {
        for load in &mut loads {
            load.measuring = round >= rounds / 10;
            load.round();
        }
    }
    for load in &mut loads {
        load.counting = true;
        load.round();
        load.exchange.self_check().expect("no promise is broken");
    }
    println!(
        "{:32} {:>10} {:>10} {:>10} {:>10} {:>7}",
        "ns per input; live calls:", LIVE[0], LIVE[1], "", "", ""
    );
    println!("{:32} {:>10} {:>10} {:>10} {:>10} {:>7}", "", "median", "median", "p99", "p99", "alloc.");
    let [few, many] = &mut loads;
    for (kind, costs) in &mut few.costs {
        let other = many.costs.get_mut(kind).expect("the same kinds");
        costs.nanos.sort_unstable();
        other.nanos.sort_unstable();
        let times = costs.nanos.len() / rounds;
        println!(
            "{kind:32} {:>10} {:>10} {:>10} {:>10} {:>7.1}",
            percentile(&costs.nanos, 0.5),
            percentile(&other.nanos, 0.5),
            percentile(&costs.nanos, 0.99),
            percentile(&other.nanos, 0.99),
            other.allocations as f64 / times as f64,
        );
    }
    println!("\nms at one go, with {} live calls:", LIVE[1]);
    once("snapshot", || drop(many.exchange.snapshot(many.now)));
    once("self-check (tests only)", || many.exchange.self_check().expect("no promise is broken"));
    many.measuring = false;
    once("events lost, all said again", || many.replay());
    once("board gone, all calls end", || {
        many.feed("", Input::Board(BoardEvent::DeviceRemoved { device: BOARD }))
    });
    assert!(many.exchange.calls_live() <= LIVE[1] as usize * 3 / 10, "those recorded wait for the recorder");
}

fn once(what: &str, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    println!("{what:32} {:>10.1}", begun.elapsed().as_secs_f64() * 1e3);
}
