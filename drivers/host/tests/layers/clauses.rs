//! Each clause of the contract, broken by a small driver (or by a host) and caught by its name.

use crate::fake::{BEGIN_NS, CALL, Event, Fake, Listener, THEIRS, frame, make};
use callcore_codec::Format;
use callcore_driver_host::layer::check::{CheckOptions, Checker, Clause, Policy};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Device, Driver as _, Function, Media, Pool, Way, checked_size};
use std::collections::BTreeMap;
use std::mem::offset_of;
use std::sync::Arc;

/// A driver behind the layer, open or started.
struct Bench {
    fake: Fake,
    host: Arc<Listener>,
    checker: Arc<Checker>,
    device: Box<dyn Device>,
    media: Option<Box<dyn Media>>,
    req: u64,
}

impl Bench {
    fn open(mut fake: Fake) -> Self {
        let options = CheckOptions { guards: true, ..CheckOptions::default() };
        let (host, checker) = (Listener::new(), Checker::new("fake", options));
        let device = checker.open(host.clone(), &mut |host| fake.open("fake", host)).expect("a fake opens");
        Self { fake, host, checker, device, media: None, req: 0 }
    }

    fn start(fake: Fake) -> Self {
        let mut bench = Self::open(fake);
        let pool = Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A | CCD_OPUS));
        bench.media = bench.device.start(&pool).expect("a fake starts");
        bench
    }

    fn post(&self, event: Event) {
        self.fake.board.post(event);
    }

    /// Events of one call on channel 0, in this order.
    fn events(&self, call: u64, kinds: &[u16]) {
        kinds.iter().for_each(|kind| self.post(Event::new(*kind, 0, call)));
    }

    fn tell(&mut self, command: &Command) -> ccd_status {
        self.req += 1;
        self.device.command(command, self.req)
    }

    fn exchange(&mut self) {
        frame(&mut **self.media.as_mut().expect("a fake has media"), 0);
        // what was seen in frames is told by the control side
        self.tell(&Command::Replay { channel: CCD_NO_CHAN });
    }

    fn broken(&self) -> Vec<Clause> {
        self.checker.broken().into_iter().map(|(clause, _)| clause).collect()
    }
}

fn started() -> Bench {
    Bench::start(Fake::new())
}

/// A driver that answers commands so.
fn answering(answer: impl FnMut(&crate::fake::Board, &Command, u64) -> ccd_status + Send + 'static) -> Bench {
    Bench::start(Fake { on_command: Some(Box::new(answer)), ..Fake::new() })
}

/// A driver that does this in a frame.
fn exchanging(body: impl FnMut(&Pool, &mut callcore_driver_host::Tick<'_>) + Send + 'static) -> Bench {
    let mut bench = Bench::start(Fake { on_exchange: Some(Box::new(body)), ..Fake::new() });
    bench.exchange();
    bench
}

fn incoming() -> Event {
    Event::new(CCD_EV_INCOMING, 0, THEIRS)
}

/// What breaks a clause of the events' bytes, numbers and times.
fn break_event(clause: Clause) -> Bench {
    let bench = started();
    let (board, now) = (&bench.fake.board, crate::fake::BEGIN_NS);
    let digit =
        || Event::new(CCD_EV_DIGIT, 0, 0).with(offset_of!(ccd_ev_digit, kind), &[CCD_DIGIT_DTMF, b'1', 3]);
    match clause {
        Clause::EventSize => board.host().on_unreadable(checked_size(47).expect_err("it cannot be")),
        Clause::EventPadding => bench.post(incoming().with(offset_of!(ccd_event, flags), &[1])),
        Clause::EventText => bench.post(incoming().with(offset_of!(ccd_ev_incoming, name), &[b'x'; 64])),
        Clause::EventDigit => bench.post(digit().with(offset_of!(ccd_ev_digit, digit), b"E")),
        Clause::EventJson => {
            bench.post(incoming().with(offset_of!(ccd_ev_incoming, json_len), &[1, 2, 0, 0]))
        }
        Clause::SeqGap => drop(board.post_as(incoming(), 3, now)),
        Clause::SeqBack => {
            board.post_as(incoming(), 1, now);
            board.post_as(Event::new(CCD_EV_CALL_INFO, 0, THEIRS), 1, now);
        }
        Clause::TimeBack => {
            board.post_as(incoming(), 1, now);
            board.post_as(Event::new(CCD_EV_CALL_INFO, 0, THEIRS), 2, now - 1);
        }
        Clause::TimeFar => drop(board.post_as(incoming(), 1, now + 51_000_000)),
        Clause::CauseRange => {
            bench.post(incoming());
            bench.post(
                Event::new(CCD_EV_RELEASED, 0, THEIRS).with(offset_of!(ccd_ev_disconnected, q850), &[0, 0]),
            );
        }
        Clause::Channel => bench.post(Event::new(CCD_EV_INCOMING, 2, THEIRS)),
        Clause::CapEvent => {
            bench.post(incoming());
            bench.post(Event::new(CCD_EV_CPA, 0, THEIRS));
        }
        Clause::LevelEvent => bench.post(Event::new(CCD_EV_HOOK, 0, 0)),
        Clause::AddedHere => bench.post(Event::new(CCD_EV_DEVICE_ADDED, CCD_NO_CHAN, 0)),
        other => unreachable!("{other:?} is broken elsewhere"),
    }
    bench
}

/// What breaks a clause of the life of calls.
fn break_call(clause: Clause) -> Bench {
    let mut bench = started();
    match clause {
        Clause::CallOrder => bench.events(THEIRS, &[CCD_EV_INCOMING, CCD_EV_CONNECTED, CCD_EV_CALL_INFO]),
        Clause::ReleasedTwice => bench.events(THEIRS, &[CCD_EV_INCOMING, CCD_EV_RELEASED, CCD_EV_RELEASED]),
        Clause::AfterReleased => bench.events(THEIRS, &[CCD_EV_INCOMING, CCD_EV_RELEASED, CCD_EV_CONNECTED]),
        Clause::CallParity => bench.events(4, &[CCD_EV_INCOMING]),
        Clause::CallReused => bench.events(THEIRS, &[CCD_EV_INCOMING, CCD_EV_RELEASED, CCD_EV_INCOMING]),
        Clause::CallUnknown => bench.events(9, &[CCD_EV_CONNECTED]),
        Clause::CallChannel => {
            bench.post(incoming());
            bench.post(Event::new(CCD_EV_CONNECTED, 1, THEIRS));
        }
        Clause::ReleasedMissing => {
            bench = answering(|board, _, req| board.post(Event::done(req)));
            bench.post(incoming());
            bench.tell(&Command::Drop { call: THEIRS, q850: 16 });
            bench.host.pass_ms(31_000);
            bench.tell(&Command::Replay { channel: 0 });
        }
        Clause::AfterRemoved => {
            bench.post(incoming());
            bench.post(Event::new(CCD_EV_DEVICE_REMOVED, CCD_NO_CHAN, 0));
            bench.post(Event::new(CCD_EV_CONNECTED, 0, THEIRS));
        }
        Clause::BeforeStart => {
            bench = Bench::open(Fake::new());
            bench.post(incoming());
        }
        Clause::AfterStop => {
            bench.device.stop();
            bench.post(incoming());
        }
        Clause::CapTable => bench = Bench::open(Fake { lacks: vec![Function::Drop], ..Fake::new() }),
        other => unreachable!("{other:?} is broken elsewhere"),
    }
    bench
}

/// What breaks a clause of commands and their completion.
fn break_command(clause: Clause) -> Bench {
    let done = |board: &crate::fake::Board, req| board.post(Event::done(req));
    let replay = Command::Replay { channel: 0 };
    let mut bench = match clause {
        Clause::DoneTwice => answering(move |board, _, req| done(board, req) + done(board, req)),
        Clause::DoneUnknown => answering(move |board, _, req| {
            done(board, req);
            CCD_E_BUSY
        }),
        Clause::DoneMissing => answering(|_, _, _| CCD_OK),
        Clause::Status => answering(|_, _, _| -40),
        _ => started(),
    };
    match clause {
        Clause::DoneMissing => {
            bench.tell(&replay);
            bench.host.pass_ms(31_000);
            bench.tell(&replay);
        }
        Clause::SlowControl => return slow(),
        Clause::HostState => {
            bench = answering(|_, _, _| CCD_E_STATE);
            bench.device.stop();
            bench.tell(&replay);
        }
        Clause::HostChannel => drop(bench.tell(&Command::Replay { channel: 2 })),
        Clause::HostCall => drop(bench.tell(&make(3))),
        Clause::HostBusy => {
            bench.tell(&make(CALL));
            bench.tell(&make(CALL + 2));
        }
        Clause::HostText => {
            let digits = "12x".to_owned();
            bench.tell(&Command::SendDigits { channel: 0, kind: 1, digits, on_ms: 0, off_ms: 0 });
        }
        Clause::HostRequest => {
            bench = answering(|_, _, _| CCD_OK);
            bench.device.command(&replay, 7);
            bench.device.command(&replay, 7);
        }
        _ => drop(bench.tell(&replay)),
    }
    bench
}

/// A command during which the host's clock goes on by 3 s.
fn slow() -> Bench {
    let passing = Arc::new(std::sync::OnceLock::<Arc<Listener>>::new());
    let clock = Arc::clone(&passing);
    let mut bench = Bench::start(Fake {
        on_command: Some(Box::new(move |board, _, req| {
            clock.get().expect("it is set before the command").pass_ms(3000);
            board.post(Event::done(req))
        })),
        ..Fake::new()
    });
    assert!(passing.set(Arc::clone(&bench.host)).is_ok());
    bench.tell(&Command::Replay { channel: 0 });
    bench
}

/// What breaks a clause of frames.
fn break_frame(clause: Clause) -> Bench {
    match clause {
        Clause::RxInactive => exchanging(|_, tick| tick.rx_valid[0] = 2),
        Clause::RxFormat => exchanging(|_, tick| tick.rx_format[0] = CCD_LAW_U as u8),
        Clause::RxLength => exchanging(|pool, tick| {
            tick.rx_format[0] = CCD_OPUS as u8;
            tick.rx_valid[0] = 1;
            pool.write(Way::Rx, tick.frame, 0, &319u16.to_ne_bytes());
        }),
        // A-law is 160 bytes of a slot of 320
        Clause::SlotBounds => exchanging(|pool, tick| pool.write(Way::Rx, tick.frame, 0, &[1; 161])),
        Clause::Budget => taking(6),
        Clause::Missed => taking(21),
        other => unreachable!("{other:?} is broken elsewhere"),
    }
}

/// A frame during which the host's clock goes on.
fn taking(ms: u64) -> Bench {
    let passing = Arc::new(std::sync::OnceLock::<Arc<Listener>>::new());
    let clock = Arc::clone(&passing);
    let mut bench = Bench::start(Fake {
        on_exchange: Some(Box::new(move |_, _| clock.get().expect("it is set before").pass_ms(ms))),
        ..Fake::new()
    });
    assert!(passing.set(Arc::clone(&bench.host)).is_ok());
    bench.exchange();
    bench
}

fn break_it(clause: Clause) -> Bench {
    match clause {
        Clause::EventSize
        | Clause::EventPadding
        | Clause::EventText
        | Clause::EventDigit
        | Clause::EventJson
        | Clause::SeqGap
        | Clause::SeqBack
        | Clause::TimeBack
        | Clause::TimeFar
        | Clause::CauseRange
        | Clause::Channel
        | Clause::CapEvent
        | Clause::LevelEvent
        | Clause::AddedHere => break_event(clause),
        Clause::CallOrder
        | Clause::ReleasedTwice
        | Clause::AfterReleased
        | Clause::CallParity
        | Clause::CallReused
        | Clause::CallUnknown
        | Clause::CallChannel
        | Clause::ReleasedMissing
        | Clause::AfterRemoved
        | Clause::BeforeStart
        | Clause::AfterStop
        | Clause::CapTable => break_call(clause),
        Clause::RxInactive
        | Clause::RxFormat
        | Clause::RxLength
        | Clause::SlotBounds
        | Clause::Budget
        | Clause::Missed => break_frame(clause),
        Clause::DoneTwice
        | Clause::DoneUnknown
        | Clause::DoneMissing
        | Clause::Status
        | Clause::SlowControl
        | Clause::HostState
        | Clause::HostChannel
        | Clause::HostCall
        | Clause::HostBusy
        | Clause::HostText
        | Clause::HostRequest => break_command(clause),
    }
}

#[test]
fn each_clause_is_caught_by_its_name_and_alone() {
    let mut wrong = BTreeMap::new();
    for clause in Clause::ALL.iter().copied() {
        let found = break_it(clause).broken();
        if found != [clause] {
            wrong.insert(clause.id(), found);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_driver_that_keeps_to_the_contract_breaks_nothing() {
    let mut bench = started();
    bench.tell(&make(CALL));
    bench.events(
        CALL,
        &[
            CCD_EV_DIALING,
            CCD_EV_PROCEEDING,
            CCD_EV_ALERTING,
            CCD_EV_PROGRESS,
            CCD_EV_ALERTING,
            CCD_EV_CONNECTED,
            CCD_EV_HELD,
            CCD_EV_RETRIEVED,
            CCD_EV_HELD,
            CCD_EV_DISCONNECTED,
        ],
    );
    bench.tell(&Command::Drop { call: CALL, q850: 16 });
    bench.events(
        THEIRS,
        &[CCD_EV_INCOMING, CCD_EV_CALL_INFO, CCD_EV_CALL_INFO, CCD_EV_CONNECTED, CCD_EV_RELEASED],
    );
    bench.tell(&make(CALL + 2));
    bench.exchange();
    assert_eq!(bench.device.stop(), CCD_OK);
    assert_eq!(bench.broken(), [], "{:#?}", bench.checker.take());
}

#[test]
fn what_was_lost_and_what_is_said_again_is_no_violation_of_the_order() {
    let mut bench = answering(|board, command, req| {
        if matches!(command, Command::Replay { channel: 0 }) {
            board.post(Event::new(CCD_EV_INCOMING, 0, THEIRS));
            board.post(Event::new(CCD_EV_CONNECTED, 0, 3));
        }
        board.post(Event::done(req))
    });
    bench.events(THEIRS, &[CCD_EV_INCOMING, CCD_EV_CONNECTED]);
    bench.post(Event::new(CCD_EV_LOST, CCD_NO_CHAN, 0));
    // it had been released and had come again; what was lost was also the beginning of call 3
    bench.tell(&Command::Replay { channel: 0 });
    assert_eq!(bench.broken(), [], "{:#?}", bench.checker.take());
}

#[test]
fn an_event_that_found_no_room_is_looked_at_once() {
    let bench = started();
    bench.host.full.store(2, std::sync::atomic::Ordering::SeqCst);
    for _ in 0..3 {
        bench.fake.board.post_as(incoming(), 1, crate::fake::BEGIN_NS);
    }
    assert_eq!((bench.broken(), bench.host.kinds()), (vec![], vec![CCD_EV_INCOMING]));
}

#[test]
fn a_violation_tells_where_it_was_and_what_came_before() {
    let bench = started();
    bench.events(THEIRS, &[CCD_EV_INCOMING]);
    bench.events(3, &[CCD_EV_INCOMING]);
    bench.events(THEIRS, &[CCD_EV_CONNECTED, CCD_EV_CONNECTED]);
    let violations = bench.checker.take();
    let [violation] = &violations[..] else { panic!("{violations:#?}") };
    assert_eq!(
        (violation.clause, violation.channel, violation.call),
        (Clause::CallOrder, Some(0), Some(THEIRS))
    );
    assert_eq!(violation.before.len(), 3, "the other call is left out: {violation:#?}");
    let lines = bench.host.lines.lock().expect("no test panics with it").join("\n");
    assert!(lines.contains("R6.call-order (channel 0, call 1)"), "{lines}");
}

/// Each event shows something, and is counted on a channel that says it cannot do that.
#[test]
fn what_is_shown_was_announced() {
    let call = |kind| Event::new(kind, 0, CALL);
    let shows = [
        (Event::new(CCD_EV_INCOMING, 0, THEIRS).with(offset_of!(ccd_ev_incoming, calling), b"5"), true),
        (Event::new(CCD_EV_INCOMING, 0, THEIRS).with(offset_of!(ccd_ev_incoming, complete), &[0]), true),
        (Event::new(CCD_EV_INCOMING, 0, THEIRS), false),
        (call(CCD_EV_ALERTING).with(offset_of!(ccd_ev_progress, inband), &[1]), true),
        (call(CCD_EV_ALERTING), false),
        (Event::new(CCD_EV_LOOP, 0, 0), true),
        (
            Event::new(CCD_EV_LOOP, 0, 0).with(offset_of!(ccd_ev_loop, voltage_mv), &i32::MIN.to_ne_bytes()),
            false,
        ),
        (Event::new(CCD_EV_CALLER_ID, 0, 0), true),
    ];
    for (event, is_shown) in shows {
        let mut bench = started();
        bench.tell(&make(CALL));
        let kind = callcore_driver_host::EventBytes(&event.0).kind();
        bench.post(event);
        assert_eq!(bench.checker.count(Clause::CapEvent), u64::from(is_shown), "event {kind}");
    }
}

#[test]
fn after_too_many_violations_the_device_is_out() {
    let options = CheckOptions { policy: Policy::Quarantine, quarantine_after: 2, ..CheckOptions::default() };
    let (host, checker, mut fake) = (Listener::new(), Checker::new("fake", options), Fake::new());
    let mut device = checker.open(host.clone(), &mut |host| fake.open("fake", host)).expect("it opens");
    device.start(&Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A))).expect("it starts");
    for _ in 0..4 {
        fake.board.post(Event::new(CCD_EV_CONNECTED, 0, 9));
    }
    assert_eq!(host.kinds(), [CCD_EV_CONNECTED, CCD_EV_CONNECTED, CCD_EV_CONNECTED, CCD_EV_FATAL]);
    assert_eq!(device.command(&Command::Replay { channel: 0 }, 1), CCD_E_GONE);
    assert_eq!((checker.count(Clause::CallUnknown), fake.board.seq()), (3, 4));
}

#[test]
fn what_a_busy_machine_may_have_done_puts_nobody_out() {
    let options = CheckOptions { policy: Policy::Quarantine, quarantine_after: 0, ..CheckOptions::default() };
    let (host, checker, mut fake) = (Listener::new(), Checker::new("fake", options), Fake::new());
    let mut device = checker.open(host.clone(), &mut |host| fake.open("fake", host)).expect("it opens");
    device.start(&Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A))).expect("it starts");
    let kinds = [CCD_EV_INCOMING, CCD_EV_CALL_INFO, CCD_EV_CALL_INFO];
    for (nth, kind) in kinds.into_iter().enumerate() {
        let seq = nth as u64 + 1;
        let late_ns = BEGIN_NS + seq * 60_000_000;
        fake.board.post_as(Event::new(kind, 0, THEIRS), seq, late_ns);
    }
    assert_eq!((checker.count(Clause::TimeFar), host.kinds().len()), (3, 3));
}
