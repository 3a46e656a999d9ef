//! The layer that makes things go wrong: by chance, but the same chance for the same seed.

use crate::fake::{Event, Fake, Listener, frame, make};
use callcore_codec::Format;
use callcore_driver_host::layer::fault::{FaultOptions, Faults};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Driver as _, EventBytes, Pool};
use std::sync::Arc;

/// Post a hundred events through the layer; what arrived, as their numbers, and how often there was no room.
fn hundred(options: FaultOptions) -> (Vec<u64>, u64) {
    let (host, mut fake) = (Listener::new(), Fake::new());
    let faults = Faults::new(options);
    let mut device = faults.open(host.clone(), &mut |host| fake.open("fake", host)).expect("it opens");
    device.start(&Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A))).expect("it starts");
    let mut full = 0;
    for seq in 1..=100 {
        while fake.board.post_as(Event::new(CCD_EV_ENDPOINT, CCD_NO_CHAN, 0), seq, 0) == CCD_E_FULL {
            full += 1;
        }
    }
    let events = host.events.lock().expect("no test panics with it");
    (events.iter().map(|event| EventBytes(event).seq()).collect(), full)
}

#[test]
fn nothing_goes_wrong_unless_it_is_asked_for() {
    assert_eq!(hundred(FaultOptions::default()), ((1..=100).collect(), 0));
}

#[test]
fn events_are_lost_doubled_late_and_refused_by_a_seed() {
    let options = |seed| FaultOptions {
        seed,
        event_lost: 100,
        event_twice: 100,
        event_late: 100,
        post_full: 100,
        ..FaultOptions::default()
    };
    let (seen, full) = hundred(options(1));
    assert_eq!((seen.clone(), full), hundred(options(1)), "the same seed, the same faults");
    assert_ne!(seen, hundred(options(2)).0);
    let lost = (1..=100).filter(|seq| !seen.contains(seq)).count();
    let twice = (1..=100).filter(|seq| seen.iter().filter(|it| *it == seq).count() == 2).count();
    let late = seen.windows(2).filter(|pair| pair[0] > pair[1]).count();
    for (what, count) in [("lost", lost), ("twice", twice), ("late", late), ("full", full as usize)] {
        assert!((1..40).contains(&count), "{what}: {count}");
    }
}

#[test]
fn a_device_that_is_pulled_out_says_so_last() {
    let (host, mut fake) = (Listener::new(), Fake::new());
    let faults = Faults::new(FaultOptions { remove_after: 2, ..FaultOptions::default() });
    let mut device = faults.open(host.clone(), &mut |host| fake.open("fake", host)).expect("it opens");
    device.start(&Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A))).expect("it starts");
    for _ in 0..4 {
        fake.board.post(Event::new(CCD_EV_INCOMING, 0, 1));
    }
    assert_eq!(host.kinds(), [CCD_EV_INCOMING, CCD_EV_INCOMING, CCD_EV_DEVICE_REMOVED]);
    assert_eq!(device.command(&Command::Drop { call: 1, q850: 16 }, 1), CCD_E_GONE);
}

#[test]
fn commands_are_refused_but_a_call_can_always_be_dropped() {
    let (host, mut fake) = (Listener::new(), Fake::new());
    let faults = Faults::new(FaultOptions { refused: 1000, ..FaultOptions::default() });
    let mut device = faults.open(host, &mut |host| fake.open("fake", host)).expect("it opens");
    device.start(&Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A))).expect("it starts");
    assert_eq!(device.command(&make(2), 1), CCD_E_BUSY);
    assert_eq!(device.command(&Command::Drop { call: 2, q850: 16 }, 2), CCD_OK);
}

#[test]
fn an_event_that_nothing_follows_comes_late_but_comes() {
    let (host, mut fake) = (Listener::new(), Fake::new());
    let faults = Faults::new(FaultOptions { event_late: 1000, ..FaultOptions::default() });
    let mut device = faults.open(host.clone(), &mut |host| fake.open("fake", host)).expect("it opens");
    let pool = Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A));
    let mut media = device.start(&pool).expect("it starts").expect("it has media");
    fake.board.post(Event::new(CCD_EV_INCOMING, 0, 1));
    (0..25).for_each(|number| {
        let _ = frame(&mut *media, number);
    });
    assert!(host.kinds().is_empty());
    frame(&mut *media, 25);
    assert_eq!(host.kinds(), [CCD_EV_INCOMING]);
}
