//! What commands and events cost a program in Rust: the measure for C (`tests/load/binding_cost.c`) and Python.
//!
//! `tests/load/binding_cost.py` runs all three and compares. With a number it gives so many commands once and reads their events, for
//! whoever counts instructions; else it prints, a line each:
//!
//! - `command_ns`, `event_ns`: in virtual time, the least of several rounds;
//! - `real_ns`: a command and its event in real time, the events read by another thread;
//! - `offered_p50_us`, `offered_p99_us`: from a person who dials to the program that is told of the call; `ended_` the same of a hang-up.

use callcore::base::WallTime;
use callcore::exchange::{Command, Event};
use callcore::shell::{Handle, Receiver};
use callcore::sim::faults::Faults;
use callcore::sim::{Centre, CentreConfig};
use callcore_config::Loaded;
use std::hint::black_box;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 20;
const COMMANDS: u32 = 2_000;
/// Commands in real time, and calls.
const REAL: u32 = 5_000;
const CALLS: usize = 500;

fn main() {
    match std::env::args().nth(1) {
        Some(count) => drop(black_box(round(&mut centre(), count.parse().expect("a number")))),
        None => {
            in_virtual_time();
            in_real_time();
        }
    }
}

/// What a core of the C face runs that is given no configuration.
fn plain() -> Loaded {
    let text = include_str!("../../callcore-ffi/src/plain.toml");
    callcore_config::load_any("(plain)", text, Path::new("")).expect("it is tested")
}

fn centre() -> Centre {
    let loaded = plain();
    let (world, prompt_ms) = callcore_config::world(&loaded).expect("it is tested");
    let config = CentreConfig {
        exchange: loaded.core,
        world,
        prompt_ms,
        faults: Faults::default(),
        wall: WallTime(1_767_600_000_000),
        check_every: 0,
        keep_entries: true,
    };
    let mut centre = Centre::new(config).expect("it is tested");
    centre.command(0, Command::AgentLogin { agent: "anna".to_owned() }).expect("she is not there yet");
    centre.take_events();
    centre
}

/// The agent takes no calls, and takes calls again.
fn agent(number: u32) -> Command {
    let agent = "anna".to_owned();
    match number % 2 {
        0 => Command::AgentNotReady { agent, reason: "pause".to_owned() },
        _ => Command::AgentReady { agent },
    }
}

/// So many commands, then their events: how long each took.
fn round(centre: &mut Centre, commands: u32) -> (Duration, Duration) {
    let begin = Instant::now();
    for number in 0..commands {
        centre.command(u64::from(number) + 1, agent(number)).expect("from the state she is in");
    }
    let command = begin.elapsed();
    black_box(centre.take_entries());
    let begin = Instant::now();
    let events = centre.take_events();
    assert_eq!(events.len(), commands as usize, "each command is done once");
    black_box(events);
    (command, begin.elapsed())
}

fn in_virtual_time() {
    let mut centre = centre();
    let rounds: Vec<_> = (0..ROUNDS).map(|_| round(&mut centre, COMMANDS)).collect();
    let least = |of: fn(&(Duration, Duration)) -> Duration| rounds.iter().map(of).min().unwrap_or_default();
    println!("command_ns {}", least(|it| it.0).as_nanos() / u128::from(COMMANDS));
    println!("event_ns {}", least(|it| it.1).as_nanos() / u128::from(COMMANDS));
}

fn in_real_time() {
    let node = callcore_config::start(&plain()).expect("it is tested");
    let handle = node.handle();
    let events = handle.events();
    handle.command(Command::AgentLogin { agent: "anna".to_owned() }).expect("she is not there yet");
    next(&events, |event| matches!(event, Event::Done { .. }));
    println!("real_ns {}", commands(&handle, &events).as_nanos() / u128::from(REAL));
    latencies(&handle, &events);
    node.stop().expect("it stops");
}

fn next(events: &Receiver<Event>, is_it: impl Fn(&Event) -> bool) {
    while !is_it(&events.recv_timeout(Duration::from_secs(10)).expect("an event")) {}
}

fn commands(handle: &Handle, events: &Receiver<Event>) -> Duration {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| (0..REAL).for_each(|_| next(events, |event| matches!(event, Event::Done { .. }))));
        for number in 0..REAL {
            handle.command(agent(number)).expect("from the state she is in");
        }
    });
    begin.elapsed()
}

/// Somebody dials and hangs up, again and again, in a thread of his own.
fn latencies(handle: &Handle, events: &Receiver<Event>) {
    let (mut offered, mut ended) = (Vec::new(), Vec::new());
    let (to_person, wishes) = mpsc::channel::<&str>();
    let (told, begun) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for act in wishes {
                told.send(Instant::now()).expect("it is read");
                handle.act("sim", act).expect("the line is free");
            }
        });
        for _ in 0..CALLS {
            to_person.send("channel 0 calls 8000 from 13800000000").expect("he listens");
            next(events, |event| matches!(event, Event::Offered { .. }));
            offered.push(begun.recv().expect("he has dialled").elapsed());
            to_person.send("channel 0 hangs up").expect("he listens");
            next(events, |event| matches!(event, Event::Ended { .. }));
            ended.push(begun.recv().expect("he has hung up").elapsed());
        }
        drop(to_person);
    });
    say("offered", offered);
    say("ended", ended);
}

fn say(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    println!("{what}_p50_us {}", took[took.len() / 2].as_micros());
    println!("{what}_p99_us {}", took[took.len() * 99 / 100].as_micros());
}
