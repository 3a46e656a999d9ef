//! Phones whose calls the host runs.

use super::{Stage, plain};
use callcore::exchange::Command;
use callcore::line::Flash;

fn logged(stage: &mut Stage, login: bool) {
    let agent = "1".to_owned();
    stage.command(if login { Command::AgentLogin { agent } } else { Command::AgentLogout { agent } });
}

/// The people of a world know no other sign of a dial tone than what they hear.
fn no_dial_tones(stage: &Stage) -> u64 {
    stage.centre.world_stats().no_dial_tone
}

/// Proves: A19.25
#[test]
fn only_seats_that_are_logged_in_are_rung_and_have_a_dial_tone() {
    let mut line = plain();
    // agent 2, at channel 5, is not logged in: no dial tone, no call
    line.act("channel 5 calls 1004");
    line.wait(10_000);
    assert_eq!((line.count("arrived"), no_dial_tones(&line)), (0, 1));
    // agent 1, at channel 4, is
    line.act("channel 4 calls 1004");
    line.until("arrived");
    assert_eq!((line.last("arrived", "called"), no_dial_tones(&line)), ("1004".into(), 1));
    line.act("channel 4 hangs up");
    line.until("ended");
    // and is rung alone
    line.talk(3, 4);
    assert_eq!(line.last("offered", "agent"), "1");
    line.act("channel 4 hangs up");
    line.until("ended");
    logged(&mut line, false);
    line.act("channel 4 calls 1004");
    line.wait(10_000);
    assert_eq!(no_dial_tones(&line), 2);
    // a phone of nobody always has one
    line.act("channel 7 calls 1005");
    line.until("leg_alerting");
}

/// Proves: A21.10 in part (the number and the name reach the phone between the first ring and the second)
#[test]
fn a_phone_shows_who_calls() {
    let mut line = plain();
    line.act("channel 7 calls 1005");
    line.until("leg_alerting");
    line.wait(2_100);
    assert_eq!(line.centre.phone_shows(8), None);
    line.wait(200);
    assert_eq!(line.centre.phone_shows(8), Some(("1004".into(), "Room 4".into())));
}

#[test]
fn a_flash_holds_and_takes_back() {
    let mut line = plain();
    line.config.exchange.line[0].flash = Flash::Hold;
    let mut line = line.again();
    line.talk(3, 4);
    for (act, fact) in [("holds", "leg_held"), ("retrieves", "leg_retrieved")] {
        line.act(&format!("channel 4 {act}"));
        line.until(fact);
    }
    line.act("channel 4 hangs up");
    line.until("ended");
    assert_eq!(line.last("ended", "by"), "called");
}

#[test]
fn a_phone_off_hook_is_not_offered_calls() {
    let mut line = plain();
    line.act("channel 3 calls 8000 from 139");
    line.wait(1_500);
    line.act("channel 4 calls 1004");
    line.until("queued");
    line.wait(200);
    assert_eq!((line.count("offered"), line.count("arrived")), (0, 1), "its only agent dials");
    line.act("channel 4 hangs up");
    line.until("offered");
}

/// After a call the phone hears a busy tone until it is put down, and then is free again.
#[test]
fn a_call_that_ends_elsewhere_leaves_the_phone_busy_until_it_is_put_down() {
    let mut line = plain();
    line.talk(3, 4);
    line.act("channel 3 hangs up");
    line.until("ended");
    let is_free = |line: &Stage| line.centre.exchange().snapshot(line.centre.now()).agents[0].phone_free;
    assert!(!is_free(&line));
    // nobody listens to a busy tone for longer than two seconds
    line.wait(2_000);
    assert!(is_free(&line));
}
