//! Programs that do what a client of a call centre does: a soft phone, key by key; an answering program with a thousand callers at a time;
//! a centre that is moved to other cards; one that is stopped.

use crate::build::{Build, lines, run_in};

fn softphone(how: &str) -> String {
    let build = Build::new(&format!("softphone-{how}"));
    build.c("callcore-ffi/tests/border/softphone.c", &[]);
    run_in(&build.folder, &build.program, &[how])
}

/// Login, logout, off hook, on hook, dial, transfer, busy, idle, listen, barge, forced release: each by its function, its effect seen. What
/// is known of a caller, and the program's own number of the call, are with it wherever it is sent.
/// Proves: A4.3, A4.9, A22.7
#[test]
fn a_soft_phone_has_a_function_for_each_key_and_the_data_goes_with_the_call() {
    assert_eq!(
        lines(&softphone("typed")).split_last().expect("it says much").1.join("\n") + "\n",
        include_str!("softphone.txt")
    );
}

/// Proves: A16.16
#[test]
fn a_soft_phone_that_speaks_json_alone_does_the_same_to_the_last_entry_of_the_ledger() {
    assert_eq!(softphone("json"), softphone("typed"));
}

/// Channels that tell everything, a span of 30, analogue lines: flows, queues and the program that watches them are the same, and so is what
/// becomes of a caller.
/// Proves: A20.1
#[test]
fn a_centre_is_moved_to_another_card_without_a_change_to_its_flows() {
    let build = Build::new("cards");
    build.c("callcore-ffi/tests/border/cards.c", &[]);
    for card in ["calls", "span", "line"] {
        assert_eq!(run_in(&build.folder, &build.program, &[card]), include_str!("cards.txt"), "{card}");
    }
}

#[test]
fn a_core_that_is_stopped_waits_for_the_last_call_to_end_by_itself_and_no_longer() {
    let build = Build::new("stop");
    build.c("callcore-ffi/tests/border/stop.c", &[]);
    let said = run_in(&build.folder, &build.program, &[]);
    assert_eq!(
        said,
        "event 31, cause 0, tag 77\nevent 26, cause 102, tag 77\nevent 3, cause 0, tag 0\n\
         the first fact is \"seq\":1\n"
    );
}

/// Proves: A1.5 in part (a thousand calls at a time from C)
#[test]
fn a_program_serves_a_thousand_callers_at_a_time() {
    let build = Build::new("thousand");
    build.c("callcore-ffi/tests/border/thousand.c", &["-O1"]);
    let said = run_in(&build.folder, &build.program, &["1000"]);
    println!("{said}");
    assert_eq!(lines(&said)[0], "1000 calls, 1000 at once: 890 right, 100 wrong, 10 silent");
}
