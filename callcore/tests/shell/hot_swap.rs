//! Boards are pulled out, come back, are added, replaced and given up while the others go on.

use crate::centre::{self, Centre};
use crate::rack::{CHANNELS, Grip};
use callcore::base::Why;
use callcore::board::Cause;
use callcore::exchange::Event;
use callcore::shell::store::Query;
use callcore::shell::{Layer, Node, Settings};
use callcore_driver_sdk::{Cause as BoardCause, Event as BoardEvent};
use serde_json::json;
use std::time::{Duration, Instant};

/// A node with the simulator and these cards of a rack.
fn start(rack: Grip, cards: &[&str], change: impl FnOnce(&mut Settings)) -> Centre {
    let folder = centre::folder();
    let mut settings = centre::settings(folder.path(), 10.0);
    settings.built_in.push(Grip::built_in());
    for card in cards {
        rack.plug(card);
        settings.devices.push(rack.device(card));
    }
    change(&mut settings);
    let mut config = centre::config();
    // its calls wait for nothing but what the tests do
    config.application_ms = 600_000;
    let node = Node::start(config, settings).unwrap_or_else(|why| panic!("{why}"));
    let centre = Centre { handle: node.handle(), node, folder };
    for card in cards {
        until_there(&centre, card, true);
    }
    centre
}

fn until_there(centre: &Centre, device: &str, is_there: bool) {
    let what = format!("{device} is {}", if is_there { "there" } else { "away" });
    centre.until(&what, |handle| handle.snapshot().devices.iter().any(|d| d.name == device) == is_there);
}

fn until_calls(centre: &Centre, calls: usize) {
    centre.until("so many calls", |handle| handle.snapshot().calls.len() == calls);
}

/// The cause of the end of the next call.
fn cause(events: &callcore::shell::Receiver<Event>) -> Cause {
    match Centre::event(events, "end", |event| matches!(event, Event::Ended { .. })) {
        Event::Ended { cause, .. } => cause,
        _ => unreachable!("just looked"),
    }
}

#[test]
fn a_board_that_is_pulled_out_ends_its_calls_and_comes_back_by_itself() {
    let rack = Grip("pulled");
    let centre = start(rack, &["a", "b"], |_| {});
    let events = centre.handle.events();
    assert!(rack.call("a", 0, 1) && rack.call("b", 0, 1));
    until_calls(&centre, 2);
    rack.pull("a");
    assert_eq!(cause(&events), Cause::OUT_OF_ORDER);
    until_there(&centre, "a", false);
    until_calls(&centre, 1);
    rack.plug("a");
    until_there(&centre, "a", true);
    centre.until("it takes calls again", |_| rack.call("a", 1, 3));
    until_calls(&centre, 2);
    assert_eq!(rack.starts(), 3);
    centre.node.stop().expect("it stops");
}

/// Proves: A1.2 A7.4
#[test]
fn a_device_is_added_and_removed_while_the_others_go_on() {
    let rack = Grip("added");
    let centre = start(rack, &["a"], |_| {});
    assert!(rack.call("a", 0, 1));
    until_calls(&centre, 1);
    let absent = centre.handle.add_device(rack.device("b")).expect_err("no such card is plugged in");
    assert!(absent.to_string().contains("has no device \"b\"; it has: a"), "{absent}");
    rack.plug("b");
    centre.handle.add_device(rack.device("b")).expect("now it is");
    let twice = centre.handle.add_device(rack.device("b")).expect_err("it is there");
    assert_eq!(twice.why, Why::Argument);
    until_there(&centre, "b", true);
    centre.until("it takes calls", |_| rack.call("b", 0, 1));
    until_calls(&centre, 2);
    let events = centre.handle.events();
    centre.handle.remove_device("b").expect("it is there");
    assert_eq!(cause(&events), Cause::OUT_OF_ORDER);
    until_there(&centre, "b", false);
    until_calls(&centre, 1);
    assert_eq!(centre.handle.remove_device("b").expect_err("it is gone").why, Why::Gone);
    rack.plug("b");
    centre.handle.add_device(rack.device("b")).expect("it can come again");
    until_there(&centre, "b", true);
    centre.node.stop().expect("it stops");
}

#[test]
fn more_channels_than_there_is_room_for_are_refused() {
    let rack = Grip("full");
    let centre = start(rack, &["a"], |settings| settings.spare_channels = CHANNELS as usize);
    rack.plug("b");
    rack.plug("c");
    centre.handle.add_device(rack.device("b")).expect("there is room");
    let refused = centre.handle.add_device(rack.device("c")).expect_err("there is no more");
    assert!(refused.to_string().contains("spare_channels"), "{refused}");
    centre.handle.remove_device("b").expect("it is there");
    centre.node.stop().expect("it stops");
}

/// Proves: A7.7
#[test]
fn a_board_is_restarted_once_its_calls_are_over() {
    let rack = Grip("restart");
    let centre = start(rack, &["a", "b"], |_| {});
    assert!(rack.call("a", 0, 1) && rack.call("b", 0, 1));
    until_calls(&centre, 2);
    let handle = centre.handle.clone();
    let restart = std::thread::spawn(move || handle.restart_device("a", Duration::from_secs(600)));
    centre.until("idle channels are out of service", |handle| {
        let snapshot = handle.snapshot();
        let device = snapshot.devices.iter().find(|device| device.name == "a");
        device.is_some_and(|it| it.channels.iter().filter(|c| c.state == "out_of_service").count() == 3)
    });
    assert!(!restart.is_finished() && rack.starts() == 2, "its call goes on");
    let events = centre.handle.events();
    let cause_of_peer = BoardCause::signalled(16);
    assert!(rack.post("a", &BoardEvent::Released { channel: 0, call: 1, cause: cause_of_peer }));
    assert_eq!(cause(&events), Cause::NORMAL, "it ended as it would have");
    restart.join().expect("it ends").expect("it is restarted");
    assert_eq!(rack.starts(), 3);
    until_there(&centre, "a", true);
    until_calls(&centre, 1);
    centre.until("it takes calls again", |_| rack.call("a", 1, 3));
    until_calls(&centre, 2);
    // whoever does not want to wait
    centre.handle.restart_device("a", Duration::ZERO).expect("it is restarted at once");
    assert_eq!(cause(&events), Cause::OUT_OF_ORDER);
    centre.node.stop().expect("it stops");
}

#[test]
fn a_board_that_breaks_the_contract_is_put_out_and_can_be_brought_back() {
    let rack = Grip("quarantine");
    let centre = start(rack, &["a"], |settings| {
        let layers = json!([{ "layer": "check", "policy": "quarantine", "quarantine_after": 3 }]);
        let device = settings.devices.last_mut().expect("a card");
        device.layers = serde_json::from_value::<Vec<Layer>>(layers).expect("a layer");
    });
    let events = centre.handle.events();
    assert!(rack.call("a", 0, 1));
    until_calls(&centre, 1);
    let stranger = BoardEvent::Proceeding { channel: 1, call: 8 };
    while rack.post("a", &stranger) {}
    assert_eq!(cause(&events), Cause::OUT_OF_ORDER);
    until_there(&centre, "a", false);
    let violations = &centre.handle.stats().devices[1].violations;
    assert_eq!(violations.get("R10.unknown-call"), Some(&4), "{violations:?}");
    centre.until("it has ended", |handle| handle.bring_back("a").is_ok());
    until_there(&centre, "a", true);
    assert_eq!(centre.handle.bring_back("a").expect_err("it is there").why, Why::State);
    centre.node.stop().expect("it stops");
}

#[test]
fn a_frame_that_does_not_come_back_stops_nobody_else() {
    let rack = Grip("still");
    let centre = start(rack, &["a"], |settings| settings.stuck_after = Duration::from_secs(20));
    // the driver is a part of the test, so it shares the media thread: as a loaded one it does not
    let frames = |centre: &Centre| centre.handle.stats().media.frames;
    rack.stand_still(Some(Duration::from_millis(30)));
    centre.until("late frames are counted", |handle| handle.stats().devices[1].frames_missed > 2);
    rack.stand_still(Some(Duration::from_millis(8)));
    centre.until("and slow ones", |handle| handle.stats().devices[1].frames_slow > 2);
    rack.stand_still(None);
    let before = frames(&centre);
    centre.until("frames go on", |_| frames(&centre) > before + 10);
    centre.node.stop().expect("it stops");
}

/// What a process holds: threads and open files.
fn held() -> (usize, usize) {
    let count = |folder: &str| std::fs::read_dir(folder).map_or(0, Iterator::count);
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// Resident memory in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// In a process of its own, whose threads and files are nobody else's.
#[test]
fn a_board_goes_and_comes_under_load_and_nothing_is_left_behind() {
    let exe = std::env::current_exe().expect("a test knows where it is");
    let child = ["--exact", "hot_swap::child_that_swaps", "--ignored", "--nocapture"];
    let child = std::process::Command::new(exe).args(child).output().expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success() && out.contains("1 passed"), "{out}{err}");
    println!("{out}");
}

/// Calls come all the time on both cards, while one of them is pulled out and plugged in, as often as the environment
/// variable `SWAPS` says: 200 times if it is not set.
#[test]
#[ignore = "a part of a_board_goes_and_comes_under_load_and_nothing_is_left_behind"]
fn child_that_swaps() {
    let swaps: u64 = std::env::var("SWAPS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let rack = Grip("load");
    let centre = start(rack, &["a", "b"], |_| {});
    let (mut call, mut begun) = (1u64, 0u64);
    let mut ring = |card: &str, call: &mut u64| {
        *call += 2;
        begun += u64::from(rack.call(card, (*call / 2 % u64::from(CHANNELS)) as u32, *call));
    };
    let (mut after_warm_up, began) = (None, Instant::now());
    for swap in 0..swaps {
        ring("a", &mut call);
        ring("b", &mut call);
        if swap == swaps / 5 {
            after_warm_up = Some((held(), resident_kib()));
        }
        rack.pull("a");
        ring("b", &mut call);
        rack.plug("a");
        centre.until("it is started again", |_| rack.is_started("a"));
        // callers hang up, so that there is a line for the next
        for gone in call.saturating_sub(40)..=call {
            let cause = BoardCause::signalled(16);
            let channel = (gone / 2 % u64::from(CHANNELS)) as u32;
            rack.post("b", &BoardEvent::Released { channel, call: gone, cause });
        }
    }
    let took = began.elapsed();
    rack.pull("a");
    until_there(&centre, "a", false);
    centre.handle.remove_device("b").expect("it is there");
    until_calls(&centre, 0);
    let stats = centre.handle.stats();
    let ((threads, files), kib) = after_warm_up.expect("there were some");
    let (threads_now, files_now) = held();
    assert!(threads_now <= threads && files_now <= files + 2, "{threads_now} threads, {files_now} files");
    let grown = resident_kib().saturating_sub(kib);
    // a ring of events alone has 800 KiB: one that is left behind at each swap shows
    assert!(grown < 32_768, "{grown} KiB more");
    let counted = centre.handle.snapshot().calls_count;
    centre.until("every call has a record", |handle| {
        let query = Query::default();
        handle.records(&query).is_ok_and(|records| records.len() as u64 == counted)
    });
    let records = centre.handle.records(&Query::default()).expect("just read");
    assert!(records.iter().all(|record| record.cause_q850.is_some()), "every call has a cause");
    println!(
        "{swaps} swaps and {counted} calls ({begun} posted) in {took:?}; {threads_now} threads, {files_now} files, \
         {grown} KiB more than after a fifth; {:?}",
        stats.media
    );
    centre.node.stop().expect("it stops");
}
