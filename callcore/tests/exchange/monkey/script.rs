//! What can happen to an exchange, and how scripts of it are made.

use callcore::board::Cause;
use callcore::exchange::PlayControl;
use callcore::media::Jump;
use proptest::prelude::*;

/// One thing that happens. Small numbers choose among what is there at that moment.
#[derive(Clone, Debug)]
pub(super) enum Happens {
    /// A call comes in on a channel: under a new name, or under one that has been used.
    Incoming {
        device: u8,
        index: u8,
        again: bool,
        called: u8,
        calling: u8,
    },
    /// A call comes in on a trunk, and the program answers it.
    Taken {
        index: u8,
    },
    /// The board does what it was told by the oldest commands that it has not followed yet.
    Obeys {
        count: u8,
        fails: u8,
    },
    /// The board says something of a call, of one it has or had, or of none.
    Says {
        what: u8,
        call: u8,
        cause: u8,
    },
    Device {
        device: u8,
        what: u8,
    },
    Service {
        index: u8,
        up: bool,
    },
    Phone {
        name: u8,
        up: bool,
    },
    Played {
        index: u8,
        missing: bool,
    },
    Heard {
        index: u8,
        key: u8,
    },
    Recorded {
        recording: u8,
        fails: bool,
        guessed: bool,
    },
    Gap {
        recording: u8,
    },
    Agent {
        agent: u8,
        verb: u8,
    },
    Application {
        what: u8,
        call: u8,
        generation: u8,
        to: u8,
    },
    Originate {
        to: u8,
    },
    Stop,
    Waits {
        ms: u32,
    },
    /// Until just the next timer.
    Rings,
}

fn happens() -> impl Strategy<Value = Happens> {
    use Happens::*;
    let any8 = any::<u8>;
    prop_oneof![
        6 => (0..2u8, 0..9u8, prop::bool::weighted(0.1), any8(), any8())
            .prop_map(|(device, index, again, called, calling)| Incoming { device, index, again, called, calling }),
        5 => (0..4u8).prop_map(|index| Taken { index }),
        14 => (1..6u8, prop_oneof![4 => Just(0u8), 1 => any8()]).prop_map(|(count, fails)| Obeys { count, fails }),
        20 => (any8(), any8(), any8()).prop_map(|(what, call, cause)| Says { what, call, cause }),
        1 => (0..3u8, 0..12u8).prop_map(|(device, what)| Device { device, what }),
        1 => (0..10u8, any::<bool>()).prop_map(|(index, up)| Service { index, up }),
        1 => (0..3u8, any::<bool>()).prop_map(|(name, up)| Phone { name, up }),
        8 => (0..9u8, prop::bool::weighted(0.2)).prop_map(|(index, missing)| Played { index, missing }),
        2 => (0..9u8, any8()).prop_map(|(index, key)| Heard { index, key }),
        3 => (any8(), any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(recording, fails, guessed)| Recorded { recording, fails, guessed }),
        1 => any8().prop_map(|recording| Gap { recording }),
        3 => (0..4u8, any8()).prop_map(|(agent, verb)| Agent { agent, verb }),
        14 => (any8(), 0..32u8, 0..4u8, any8())
            .prop_map(|(what, call, generation, to)| Application { what, call, generation, to }),
        1 => any8().prop_map(|to| Originate { to }),
        1 => prop::bool::weighted(0.03).prop_map(|stop| if stop { Stop } else { Rings }),
        5 => prop_oneof![0..500u32, 0..70_000u32].prop_map(|ms| Waits { ms }),
        4 => Just(Rings),
    ]
}

pub(super) const CALLED: [&str; 20] = [
    "8000", "8000", "8000", "8001", "8000", "8001", "8002", "8003", "8004", "8005", "8006", "8007", "8007",
    "1002", "2001", "95551234", "*10", "*11", "*13", "77",
];
pub(super) const CALLING: [&str; 4] = ["13800000000", "", "1001", "é"];
pub(super) const TO: [&str; 12] = [
    "conference:room",
    "flow:main",
    "queue:support",
    "queue:small",
    "extension:1003",
    "extension:2002",
    "extension:9",
    "number:95550000",
    "number:5",
    "application",
    "agent:login",
    "hangup:17",
];
pub(super) const AGENTS: [&str; 4] = ["1", "2", "3", "nobody"];

pub(super) const CONTROLS: &[PlayControl] = &[
    PlayControl::Pause,
    PlayControl::Resume,
    PlayControl::Jump(Jump::By(-1000)),
    PlayControl::Speed(200),
    PlayControl::Speed(5),
];

pub(super) fn pick<T: Copy>(from: &[T], choice: u8) -> T {
    from[usize::from(choice) % from.len()]
}

pub(super) fn cause(choice: u8) -> Cause {
    let plain = pick(&[16, 17, 19, 20, 27, 34, 41, 102], choice);
    Cause { vendor_code: i64::from(choice / 100) * 480, ..Cause::new(plain) }
}

pub(super) fn scripts() -> impl Strategy<Value = Vec<Happens>> {
    prop::collection::vec(happens(), 1..250)
}
