//! Consultation by flash: whom a telephone asks back, who hears whom meanwhile, and whom it hands on to whom.

use super::{Stage, plain};
use callcore::base::Rng;
use callcore::line::Flash;
use callcore::media::{Hear, Tone};

/// The agent's telephone, the caller's line, and the telephones of 1004 and 1005.
const DESK: u32 = 4;
const CALLER: u32 = 3;
const THIRD: u32 = 7;
const FOURTH: u32 = 8;

/// A caller talks with the agent.
fn talk(flash: Flash) -> Stage {
    let mut line = plain();
    (line.config.exchange.line[0].flash, line.config.exchange.recall_ms) = (flash, 20_000);
    line.config.exchange.line[0].answer_assumed_ms = 0;
    let mut line = line.again();
    line.talk(CALLER, DESK);
    assert_eq!(hears(&line), ["4", "3", "-"]);
    line
}

/// What the caller, the agent and the third party hear.
fn hears(line: &Stage) -> [String; 3] {
    [CALLER, DESK, THIRD].map(|channel| match line.centre.hears(channel) {
        Some(Hear::Channel(speaker)) => speaker.index.to_string(),
        Some(Hear::Music(_)) => "music".into(),
        Some(Hear::Room(_)) => "all".into(),
        Some(Hear::Tone(tone)) => format!("{tone:?}"),
        Some(Hear::Prompts { .. }) => "prompts".into(),
        Some(Hear::Nothing) | None => "-".into(),
    })
}

/// The agent's hook is down for a moment; the far end's people flash by turns of holding and retrieving.
fn flash(line: &mut Stage, nth: u32) {
    let word = if nth.is_multiple_of(2) { "retrieves" } else { "holds" };
    line.act(&format!("channel {DESK} {word}"));
    line.wait(400);
}

/// The agent asks 1004, who answers.
fn consult(line: &mut Stage) {
    flash(line, 1);
    assert_eq!(hears(line), ["music", "Dial", "-"]);
    line.act(&format!("channel {DESK} digits 10"));
    assert_eq!(hears(line), ["music", "-", "-"], "no dial tone after the first key");
    line.act(&format!("channel {DESK} digits 04"));
    line.until("leg_alerting");
    line.wait(0);
    assert_eq!(hears(line), ["music", "Ringback", "-"]);
    line.act(&format!("channel {THIRD} answers"));
    line.until("consulted");
    assert_eq!(line.last("consulted", "number"), "1004");
    line.wait(0);
    assert_eq!(hears(line), ["music", "7", "4"]);
}

#[test]
fn a_flash_and_another_change_nothing_but_what_is_heard() {
    let mut line = talk(Flash::Conference);
    flash(&mut line, 1);
    assert_eq!(hears(&line), ["music", "Dial", "-"]);
    flash(&mut line, 2);
    assert_eq!(
        (hears(&line), line.count("held"), line.count("retrieved")),
        (["4", "3", "-"].map(Into::into), 1, 1)
    );
    // who dials nothing for long has the caller again
    flash(&mut line, 3);
    line.until("retrieved");
    assert_eq!(line.count("ended"), 0);
}

/// Proves: A17.13 in part (three parties, from a telephone)
#[test]
fn a_second_flash_joins_all_three_and_a_third_lets_the_third_party_go() {
    let mut line = talk(Flash::Conference);
    consult(&mut line);
    flash(&mut line, 2);
    assert_eq!(hears(&line), ["all"; 3]);
    flash(&mut line, 3);
    assert_eq!(hears(&line), ["4", "3", "Busy"], "released, and its telephone not put down yet");
    assert_eq!(line.count("ended"), 0);
    line.act(&format!("channel {DESK} hangs up"));
    line.until("ended");
}

#[test]
fn a_second_flash_changes_to_the_held_party_and_back_or_ends_the_consultation() {
    let mut line = talk(Flash::Swap);
    consult(&mut line);
    flash(&mut line, 2);
    assert_eq!(hears(&line), ["4", "3", "music"]);
    flash(&mut line, 3);
    assert_eq!(hears(&line), ["music", "7", "4"]);
    let mut line = talk(Flash::Back);
    consult(&mut line);
    flash(&mut line, 2);
    assert_eq!(hears(&line), ["4", "3", "Busy"]);
}

/// Whoever of the three leaves, the two others talk.
#[test]
fn two_of_three_are_left_whoever_goes() {
    for joined in [false, true] {
        for (who, left) in [(DESK, ["7", "-", "3"]), (CALLER, ["-", "7", "4"]), (THIRD, ["4", "3", "-"])] {
            let mut line = talk(Flash::Conference);
            consult(&mut line);
            if joined {
                flash(&mut line, 2);
            }
            line.act(&format!("channel {who} hangs up"));
            line.wait(5_000);
            assert_eq!(hears(&line), left, "{who} has left");
            assert_eq!((line.count("ended"), line.count("transferred")), (0, usize::from(who == DESK)));
            let last = if who == CALLER { DESK } else { CALLER };
            line.act(&format!("channel {last} hangs up"));
            line.until("ended");
        }
    }
}

/// On hook while it rings: the caller is rung on, and talks with whoever answers.
#[test]
fn a_telephone_put_down_while_the_third_party_is_rung_hands_the_caller_on() {
    let mut line = talk(Flash::Conference);
    flash(&mut line, 1);
    line.act(&format!("channel {DESK} digits 1004"));
    line.until("leg_alerting");
    line.act(&format!("channel {DESK} hangs up"));
    line.until("transferred");
    assert_eq!(
        (line.last("transferred", "to"), hears(&line)),
        ("extension:1004".into(), ["Ringback", "-", "-"].map(Into::into))
    );
    line.act(&format!("channel {THIRD} answers"));
    line.until("bridged");
    line.wait(0);
    assert_eq!(hears(&line), ["7", "-", "3"]);
}

/// Nobody answers there: after a while the telephone that did it rings again, and the caller is not lost.
#[test]
fn a_caller_who_was_handed_on_in_vain_comes_back() {
    let mut line = talk(Flash::Conference);
    flash(&mut line, 1);
    line.act(&format!("channel {DESK} digits 1004"));
    line.until("leg_alerting");
    line.act(&format!("channel {DESK} hangs up"));
    line.until("transferred");
    let ms = line.until("leg_begun");
    assert_eq!((line.last("leg_begun", "number"), ms), ("1001".into(), 20_000));
    line.wait(100);
    line.act(&format!("channel {DESK} answers"));
    line.until("bridged");
    line.wait(0);
    assert_eq!((hears(&line), line.count("ended")), (["4", "3", "-"].map(Into::into), 0));
}

/// Who cannot be had is told by a tone, and the caller is back with the next flash, or when it is over.
#[test]
fn a_third_party_who_cannot_be_had_costs_nothing() {
    let busy = Tone::Busy;
    for (number, flashes) in [("1005", true), ("1005", false), ("1777", true), ("8000", true)] {
        let mut line = talk(Flash::Conference);
        line.act(&format!("channel {FOURTH} calls 1004"));
        line.until("leg_alerting");
        flash(&mut line, 1);
        line.act(&format!("channel {DESK} digits {number}#"));
        assert_eq!(hears(&line), ["music".to_owned(), format!("{busy:?}"), "-".into()], "{number}");
        if flashes {
            flash(&mut line, 2);
        } else {
            line.act(&format!("channel {DESK} talks"));
            line.until("retrieved");
        }
        line.wait(0);
        assert_eq!((hears(&line)[..2].to_vec(), line.count("ended")), (vec!["4".to_owned(), "3".into()], 0));
    }
}

/// Put down before anybody is rung, or when nobody could be, a telephone rings again for whom it holds: nobody is lost.
#[test]
fn a_telephone_put_down_with_nobody_rung_rings_again_for_whom_it_holds() {
    for keys in ["", "10", "1777#"] {
        let mut line = talk(Flash::Conference);
        flash(&mut line, 1);
        if !keys.is_empty() {
            line.act(&format!("channel {DESK} digits {keys}"));
        }
        line.act(&format!("channel {DESK} hangs up"));
        line.until("leg_begun");
        assert_eq!(
            (line.last("leg_begun", "number"), line.count("transferred")),
            ("1001".into(), 0),
            "{keys}"
        );
        line.wait(100);
        assert_eq!(hears(&line)[0], "Ringback");
        line.act(&format!("channel {DESK} answers"));
        line.until("bridged");
        line.wait(0);
        assert_eq!((hears(&line), line.count("ended")), (["4", "3", "-"].map(Into::into), 0), "{keys}");
    }
}

/// Whoever is held need not wait for that.
#[test]
fn one_who_is_held_may_go_when_the_telephone_is_down() {
    let mut line = talk(Flash::Conference);
    flash(&mut line, 1);
    line.act(&format!("channel {DESK} hangs up"));
    line.until("leg_begun");
    line.act(&format!("channel {CALLER} hangs up"));
    line.until("ended");
    assert_eq!(line.last("ended", "by"), "caller");
}

/// Whatever order people flash, dial, answer and hang up in: after each step every promise of the exchange holds, and in the
/// end nothing is left.
#[test]
fn any_order_of_flashes_keys_and_hooks_leaves_nothing_behind() {
    let (mut consulted, mut transferred) = (0, 0);
    for seed in 0..300 {
        let mut line = talk([Flash::Conference, Flash::Swap, Flash::Back][seed as usize % 3]);
        let mut chance = Rng::new(seed);
        for _ in 0..80 {
            let [who, what] = [5, 24].map(|below| chance.below(below));
            // those who are rung answer, or the agent who gets a caller back
            let channels = if (16..=22).contains(&what) {
                [THIRD, THIRD, THIRD, DESK, 0]
            } else {
                [DESK, DESK, DESK, CALLER, THIRD]
            };
            let channel = channels[who as usize];
            let verb = match what {
                0..=7 => ["holds", "retrieves"][(what % 2) as usize],
                8..=12 => "digits 1004",
                13 => "digits 95551234",
                14 => "digits 1#",
                15 => "calls 8001 from 139",
                16..=22 => "answers",
                _ => "hangs up",
            };
            // most of it cannot be at most moments
            let _ = line.centre.act(&format!("channel {channel} {verb}").parse().expect("an act"));
            line.wait(100 + chance.below(3_000));
        }
        consulted += line.count("consulted");
        transferred += line.count("transferred");
        for _ in 0..3 {
            for channel in 0..9 {
                let _ = line.centre.act(&format!("channel {channel} hangs up").parse().expect("an act"));
            }
            line.wait(120_000);
        }
        line.centre.run_to_end().unwrap_or_else(|broken| panic!("{broken}"));
    }
    assert!(consulted > 50 && transferred > 10, "{consulted} and {transferred}");
}
