//! Audio ports: a program that hears its caller and speaks to it.

use crate::centre::{Centre, LIMIT};
use callcore::base::Why;
use callcore::board::Cause;
use callcore::exchange::{Command, Event};
use callcore::shell::AudioPort;
use callcore_codec::Rate;
use std::time::Instant;

/// Say and hear until enough has been heard; how many of the samples heard were loud.
fn talk(port: &mut AudioPort, samples: usize) -> usize {
    let (mut heard, mut loud) = (0, 0);
    let mut buffer = [0; 160];
    let deadline = Instant::now() + LIMIT;
    while heard < samples {
        assert!(Instant::now() < deadline, "only {heard} samples were heard");
        port.write(&[3000; 160]);
        let now = port.read(&mut buffer);
        heard += now;
        loud += buffer[..now].iter().filter(|sample| sample.unsigned_abs() > 500).count();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    loud
}

#[test]
fn a_program_hears_its_caller_and_speaks_to_it() {
    let centre = Centre::start(2.0);
    let events = centre.handle.events();
    centre.act("channel 2 calls 9000 from 13800000000");
    let offer = Centre::event(&events, "offer", |event| matches!(event, Event::Offered { .. }));
    let Event::Offered { call, .. } = offer else { unreachable!("just looked") };
    centre.handle.command(Command::Answer { call }).expect("it is the application's");
    Centre::event(&events, "answer", |event| matches!(event, Event::Answered { .. }));
    // whatever the lines have, a port may have another rate
    for rate in [Rate::Narrow, Rate::Wide] {
        let mut port = centre.handle.open_audio(rate).expect("ports are free");
        let connect = |port| centre.handle.command(Command::ConnectAudio { call, port });
        connect(Some(port.channel())).expect("the call is the application's");
        let loud = talk(&mut port, rate.samples(2000));
        assert!(loud > 1000, "the caller talks: {loud} loud samples in 2 s");
        connect(None).expect("it is connected");
    }
    centre.handle.command(Command::Release { call, cause: Cause::NORMAL }).expect("it lives");
    Centre::event(&events, "end", |event| matches!(event, Event::Ended { .. }));
    assert_eq!(centre.handle.stats().media.commands_refused, 0);
    centre.node.stop().expect("it stops");
}

#[test]
fn ports_are_bounded_and_come_back() {
    let centre = Centre::start(20.0);
    let open = || centre.handle.open_audio(Rate::Narrow);
    let mut ports: Vec<AudioPort> = std::iter::from_fn(|| open().ok()).collect();
    assert_eq!(ports.len(), 64);
    assert_eq!(open().expect_err("all are open").why, Why::Full);
    let wide = centre.handle.open_audio(Rate::Full).expect_err("no port has this rate");
    assert_eq!(wide.why, Why::Argument);
    ports.truncate(60);
    let ports = std::cell::RefCell::new(ports);
    centre.until("four are free again", |handle| {
        ports.borrow_mut().extend(handle.open_audio(Rate::Narrow));
        ports.borrow().len() == 64
    });
    centre.node.stop().expect("it stops");
}

/// Who opens a port after another was dropped in the middle of a call hears nothing of that call.
#[test]
fn a_port_that_is_dropped_in_a_call_leaves_the_next_one_nothing() {
    let centre = Centre::start_with(2.0, |config| config.application_ms = 600_000);
    let events = centre.handle.events();
    centre.act("channel 2 calls 9000 from 13800000000");
    let offer = Centre::event(&events, "offer", |event| matches!(event, Event::Offered { .. }));
    let Event::Offered { call, .. } = offer else { unreachable!("just looked") };
    centre.handle.command(Command::Answer { call }).expect("it is the application's");
    Centre::event(&events, "answer", |event| matches!(event, Event::Answered { .. }));
    for _ in 0..3 {
        // all of them, so that the next one is the one that was connected
        let ports = std::cell::RefCell::new(Vec::new());
        centre.until("all are open", |handle| {
            ports.borrow_mut().extend(handle.open_audio(Rate::Narrow));
            ports.borrow().len() == 64
        });
        let mut port = ports.borrow_mut().pop().expect("64 are open");
        let connect = Command::ConnectAudio { call, port: Some(port.channel()) };
        centre.handle.command(connect).expect("the call is the application's");
        assert!(talk(&mut port, 8_000) > 500, "the caller talks");
        let channel = port.channel();
        drop(port);
        let next = std::cell::RefCell::new(None);
        centre.until("it is free again", |handle| {
            let mut next = next.borrow_mut();
            *next = next.take().or_else(|| handle.open_audio(Rate::Narrow).ok());
            next.is_some()
        });
        let mut next = next.into_inner().expect("just looked");
        assert_eq!(next.channel(), channel);
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert_eq!(next.read(&mut [0; 160]), 0, "nobody is connected with it");
    }
    centre.node.stop().expect("it stops");
}
