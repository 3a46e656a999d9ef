//! Whatever the host and the people do in whatever order: the events of each call keep the contract's order.

use callcore_sim_model::*;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::collections::BTreeMap;

/// Where a call is in the contract's order of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Incoming,
    Dialing,
    Alerting,
    Connected,
    Held,
    Disconnected,
    Released,
}

/// The order automaton of `callcore_driver.h`; panics at the first event that is out of order.
#[derive(Default)]
struct Order {
    calls: BTreeMap<u64, (u32, At)>,
    on_channel: BTreeMap<u32, u64>,
    last_at: u64,
    seen: u64,
}

impl Order {
    fn check(&mut self, event: &Event) {
        self.seen += 1;
        assert!(event.at >= self.last_at, "time runs forward: {event:?}");
        self.last_at = event.at;
        if event.call == 0 {
            return;
        }
        let before = self.calls.get(&event.call).map(|(_, at)| *at);
        let after = step(before, &event.what).unwrap_or_else(|| panic!("after {before:?} came {event:?}"));
        if let Some((channel, _)) = self.calls.insert(event.call, (event.channel, after)) {
            assert_eq!(channel, event.channel, "a call stays on its channel");
        }
        self.check_channel(event, before, after);
    }

    fn check_channel(&mut self, event: &Event, before: Option<At>, after: At) {
        if before.is_none() {
            assert_eq!(self.on_channel.insert(event.channel, event.call), None, "one call per channel");
        }
        if after == At::Released {
            assert_eq!(self.on_channel.remove(&event.channel), Some(event.call));
        }
    }

    fn living(&self) -> Vec<u64> {
        self.on_channel.values().copied().collect()
    }
}

fn step(before: Option<At>, what: &What) -> Option<At> {
    use At::*;
    match (before, what) {
        (None, What::Incoming { .. }) => Some(Incoming),
        (None, What::Dialing) => Some(Dialing),
        (Some(Dialing), What::Alerting) => Some(Alerting),
        (Some(Incoming | Dialing | Alerting), What::Connected) => Some(Connected),
        (Some(Connected), What::Held) => Some(Held),
        (Some(Held), What::Retrieved) => Some(Connected),
        (Some(at @ (Connected | Held)), What::Digit { .. }) => Some(at),
        (Some(at), What::Disconnected { .. }) if at < Disconnected => Some(Disconnected),
        (Some(at), What::Released { .. }) if at < Released => Some(Released),
        _ => None,
    }
}

fn config(seed: u64) -> WorldConfig {
    WorldConfig {
        trunks: 5,
        extensions: 4,
        seed,
        arrivals: Arrivals {
            per_hour: 3_000.0,
            called: vec![("8000".into(), 3), ("8001".into(), 1)],
            total: None,
        },
        caller: CallerConfig {
            digits: vec![('1', 2), ('2', 1)],
            menus: 2,
            wrong_digit_share: 0.2,
            hang_up_in_menu_share: 0.1,
            hangs_up_share: 0.5,
            patience_ms: Dist::Exponential(20_000),
            talk_ms: Dist::LogNormal(15_000, 0.8),
            ..CallerConfig::default()
        },
        agent: AgentConfig {
            busy_share: 0.1,
            no_answer_share: 0.1,
            reject_share: 0.1,
            talk_ms: Dist::Exponential(10_000),
            ..AgentConfig::default()
        },
        setup_ms: Dist::Uniform(0, 300),
        ..WorldConfig::default()
    }
}

struct Monkey {
    world: World,
    random: Xoshiro256PlusPlus,
    order: Order,
    events: Vec<Event>,
    next_call: u64,
    now: u64,
}

impl Monkey {
    fn new(seed: u64) -> Self {
        Self {
            world: World::new(config(seed)).expect("the configuration is fine"),
            random: Xoshiro256PlusPlus::seed_from_u64(seed ^ 0xA5A5),
            order: Order::default(),
            events: vec![],
            next_call: 2,
            now: 0,
        }
    }

    fn below(&mut self, n: u64) -> u64 {
        self.random.next_u64() % n
    }

    fn any_call(&mut self) -> u64 {
        let living = self.order.living();
        let pick = self.below(living.len() as u64 + 1) as usize;
        living.get(pick).copied().unwrap_or(77)
    }

    fn command(&mut self) -> Command {
        let (channel, call, on) = (self.below(10) as u32, self.any_call(), self.below(2) == 0);
        match self.below(18) {
            0..=2 => {
                self.next_call += 2;
                let timeout_ms = self.below(20_000) as u32;
                Command::Make {
                    channel,
                    call: self.next_call,
                    called: "100".into(),
                    calling: "200".into(),
                    timeout_ms,
                    overlap: on,
                }
            }
            3 => Command::Accept {
                call,
                step: [Step::Proceeding, Step::Alerting, Step::Progress][self.below(3) as usize],
            },
            4..=9 => Command::Answer { call },
            10 => Command::SendDigits { call, digits: "12#".into() },
            11 => Command::Hold { call, on },
            16 => Command::DialOn { call, digits: "12".into(), complete: on },
            17 => Command::Accept { call, step: Step::SetupAck },
            12 => Command::Service { channel, on: self.below(5) > 0 },
            _ => Command::Drop { call, q850: 16 },
        }
    }

    fn act(&mut self) -> Act {
        let (channel, on) = (self.below(10) as u32, self.below(2) == 0);
        match self.below(14) {
            0 => Act::Call { channel, called: "8000".into(), calling: String::new() },
            1 => Act::Press { channel, digits: "12".into() },
            2 => Act::HangUp { channel, q850: 16 },
            3 | 4 => Act::AnswerPhone { channel },
            5 => Act::Reject { channel, q850: 21 },
            6 => Act::Busy { channel, on },
            7 | 8 => Act::Hold { channel, on },
            9 => Act::Talk { channel, on },
            10 => Act::ByHand { channel, on: self.below(8) == 0 },
            11 if self.below(20) == 0 => Act::Device { there: false },
            12 => Act::Device { there: true },
            _ => Act::Arrivals { per_hour: self.below(4_000) as f64 },
        }
    }

    fn turn(&mut self) {
        self.now += self.below(3) * self.below(1_500_000_000);
        match self.below(8) {
            0..=2 => self.world.handle_timeout(self.now),
            3 | 4 => {
                let command = self.command();
                let living = self.order.living();
                let made = matches!(command, Command::Make { .. });
                let target = call_of(&command);
                let taken = self.world.handle_command(self.now, command);
                if !made && target.is_some_and(|call| !living.contains(&call)) {
                    assert!(taken.is_err(), "a dead call takes no command");
                }
            }
            5 => {
                let heard = [Heard::Silence, Heard::Machine, Heard::Person][self.below(3) as usize];
                let channel = self.below(9) as u32;
                self.world.handle_heard(self.now, channel, heard);
            }
            _ => {
                let act = self.act();
                self.world.act(self.now, &act).unwrap_or_default();
            }
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(event) = self.world.poll_event() {
            self.order.check(&event);
            self.events.push(event);
        }
    }

    fn drop_all(&mut self) {
        for call in self.order.living() {
            assert_eq!(self.world.handle_command(self.now, Command::Drop { call, q850: 16 }), Ok(()));
            self.drain();
            let again = self.world.handle_command(self.now, Command::Drop { call, q850: 16 });
            assert_eq!(again, Err(Refusal::Gone { call }), "RELEASED was the last word");
        }
    }

    fn run(seed: u64, turns: u32) -> Self {
        let mut monkey = Self::new(seed);
        (0..turns).for_each(|_| monkey.turn());
        monkey.drop_all();
        monkey
    }
}

fn call_of(command: &Command) -> Option<u64> {
    match command {
        Command::Make { .. } | Command::Service { .. } | Command::Replay { .. } | Command::Line { .. } => {
            None
        }
        Command::Accept { call, .. } | Command::Answer { call } | Command::Drop { call, .. } => Some(*call),
        Command::SendDigits { call, .. } | Command::DialOn { call, .. } | Command::Hold { call, .. } => {
            Some(*call)
        }
    }
}

#[test]
fn any_order_of_commands_and_acts_keeps_the_order_of_events() {
    let mut events = 0;
    for seed in 0..120 {
        let monkey = Monkey::run(seed, 4_000);
        let stats = *monkey.world.stats();
        assert!(monkey.world.is_empty(), "seed {seed}: all dropped, so empty");
        assert!(monkey.order.calls.values().all(|(_, at)| *at == At::Released), "seed {seed}");
        assert_eq!(stats.released, stats.incoming + stats.outgoing, "seed {seed}");
        assert!(
            stats.offered >= stats.blocked && stats.incoming >= stats.offered - stats.blocked,
            "seed {seed}"
        );
        events += monkey.order.seen;
    }
    assert!(events > 60_000, "only {events} events: the monkey sleeps");
}

#[test]
fn the_same_seed_gives_the_same_events() {
    let (one, two, other) = (Monkey::run(5, 3_000), Monkey::run(5, 3_000), Monkey::run(6, 3_000));
    assert_eq!(one.events, two.events);
    assert_eq!(one.world.stats(), two.world.stats());
    assert_ne!(one.events, other.events);
}

/// Waking late or early makes no difference to what the people do.
#[test]
fn events_carry_their_own_time_however_late_the_wake_up() {
    let quiet = WorldConfig { arrivals: Arrivals { per_hour: 500.0, ..Arrivals::default() }, ..config(9) };
    let run = |step_ns: u64| {
        let mut world = World::new(quiet.clone()).expect("the configuration is fine");
        (0..=3_600_000_000_000 / step_ns).for_each(|turn| world.handle_timeout(turn * step_ns));
        std::iter::from_fn(move || world.poll_event()).collect::<Vec<_>>()
    };
    assert_eq!(run(1_000_000_000), run(3_600_000_000_000));
}
