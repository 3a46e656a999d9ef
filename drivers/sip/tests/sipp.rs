//! The driver against a real SIP peer, `sipp`. These tests need it installed and say so when they are skipped.

mod peer;

use callcore_driver_sdk::sys::*;
use callcore_driver_sdk::testkit::{Seen, Setting};
use peer::{Bed, LIMIT, Peer, free_port, skip};
use std::collections::HashMap;
use std::time::Duration;

fn phone() -> Vec<(&'static str, Setting)> {
    vec![
        ("endpoints", 1.into()),
        ("endpoints.0.address", "1001".into()),
        ("endpoints.0.password", "secret".into()),
        ("endpoints.0.name", "Alice".into()),
    ]
}

/// Takes the next call, rings, and answers it.
fn answer_next(bed: &mut Bed) -> Seen {
    let call = bed.next(CCD_EV_INCOMING);
    bed.bench().accept(call.call, CCD_STEP_ALERTING, 1).expect("rings");
    bed.bench().answer(call.call, 2).expect("answers");
    bed.next(CCD_EV_CONNECTED);
    call
}

/// The far end hangs up; the host drops; nothing is left.
fn ends(bed: &mut Bed, call: u64, q850: u16) {
    let gone = bed.next(CCD_EV_DISCONNECTED);
    assert_eq!((gone.call, gone.q850), (call, q850));
    bed.bench().drop_call(call, 16, 3).expect("drops");
    bed.next(CCD_EV_RELEASED);
    is_empty(bed);
}

fn is_empty(bed: &Bed) {
    let stats = bed.bench().stats();
    assert!(stats.starts_with("{\"calls\":0,\"dialogs\":0,"), "{stats}");
    let mut released = HashMap::new();
    for seen in bed.host.events() {
        match seen.kind {
            CCD_EV_RELEASED => assert_eq!(released.insert(seen.call, seen.seq), None, "released twice"),
            CCD_EV_DONE => {}
            _ => assert!(!released.contains_key(&seen.call), "after its end: {seen:?}"),
        }
    }
}

/// Proves: A16.11
#[test]
fn a_call_is_answered_and_cleared_by_the_caller() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let caller = bed.sipp("uac", &["-m", "1", "-d", "300"]);
    let call = answer_next(&mut bed);
    assert_eq!((call.called.as_str(), call.via.as_str(), call.channel), ("service", "peer", 0));
    ends(&mut bed, call.call, 16);
    caller.succeeds();
}

#[test]
fn a_call_is_answered_and_cleared_by_us() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let caller = bed.sipp("answered", &["-m", "1"]);
    let call = answer_next(&mut bed);
    assert_eq!((call.calling.as_str(), call.name.as_str()), ("caller", "Caller"));
    bed.bench().drop_call(call.call, 16, 3).expect("drops");
    bed.next(CCD_EV_RELEASED);
    caller.succeeds();
    is_empty(&bed);
}

#[test]
fn a_caller_gives_up() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let caller = bed.sipp("cancel", &["-m", "1"]);
    let call = bed.next(CCD_EV_INCOMING);
    bed.bench().accept(call.call, CCD_STEP_ALERTING, 1).expect("rings");
    let gone = bed.next(CCD_EV_DISCONNECTED);
    assert_eq!((gone.call, gone.q850), (call.call, 16));
    assert_eq!(bed.bench().answer(call.call, 2), Err(CCD_E_STATE), "too late");
    bed.bench().drop_call(call.call, 16, 3).expect("drops");
    bed.next(CCD_EV_RELEASED);
    caller.succeeds();
    is_empty(&bed);
}

#[test]
fn a_caller_without_a_codec_of_ours_gets_488() {
    if skip() {
        return;
    }
    let bed = Bed::new(&[]);
    bed.sipp("no_codec", &["-m", "1"]).succeeds();
    assert!(bed.host.events().is_empty());
}

#[test]
fn a_caller_that_nobody_knows_gets_403() {
    if skip() {
        return;
    }
    let bed = Bed::new(&[("trunks.0.match", "192.0.2.1".into())]);
    bed.sipp("stranger", &["-m", "1"]).succeeds();
    assert!(bed.host.events().is_empty());
}

#[test]
fn a_late_offer_is_ours() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let caller = bed.sipp("late_offer", &["-m", "1"]);
    let call = answer_next(&mut bed);
    ends(&mut bed, call.call, 16);
    caller.succeeds();
}

#[test]
fn a_caller_holds_in_each_of_the_ways() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let caller = bed.sipp("hold", &["-m", "1"]);
    let call = answer_next(&mut bed);
    for _ in 0..2 {
        assert_eq!(bed.next(CCD_EV_HELD).call, call.call);
        assert_eq!(bed.next(CCD_EV_RETRIEVED).call, call.call);
    }
    assert_eq!(bed.next(CCD_EV_HELD).call, call.call);
    ends(&mut bed, call.call, 16);
    caller.succeeds();
}

#[test]
fn a_phone_with_a_wrong_password_is_refused() {
    if skip() {
        return;
    }
    let bed = Bed::new(&phone());
    bed.sipp(
        "register_wrong",
        &["-m", "1", "-ap", "wrong", "-key", "phone_port", "9", "-key", "expires", "120"],
    )
    .succeeds();
    assert!(bed.host.events().is_empty());
    assert_eq!(bed.bench().make_via(0, 2, "1001", Some("1001"), 0, 1), Err(CCD_E_GONE));
}

#[test]
fn a_phone_registers_and_is_called() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&phone());
    let port = free_port();
    let text = port.to_string();
    bed.sipp(
        "register",
        &["-m", "1", "-ap", "secret", "-key", "phone_port", &text, "-key", "expires", "120"],
    )
    .succeeds();
    let up = bed.next(CCD_EV_ENDPOINT);
    assert_eq!((up.address.as_str(), up.up, up.expires_s), ("1001", true, 120));
    assert!(up.contact.contains(&text), "{}", up.contact);
    let phone = bed.listens(port, "uas", &["-m", "1"]);
    bed.bench().make_via(5, 2, "1001", Some("1001"), 0, 1).expect("is registered");
    for kind in [CCD_EV_DIALING, CCD_EV_ALERTING, CCD_EV_CONNECTED] {
        assert_eq!((bed.next(kind).call, bed.host.events().last().map(|e| e.channel)), (2, Some(5)));
    }
    bed.bench().drop_call(2, 16, 2).expect("drops");
    bed.next(CCD_EV_RELEASED);
    phone.succeeds();
    is_empty(&bed);
}

#[test]
fn a_phone_calls_with_its_password() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[phone(), vec![("trunks.0.match", "192.0.2.1".into())]].concat());
    let caller = bed.sipp("phone_calls", &["-m", "1", "-ap", "secret"]);
    let call = answer_next(&mut bed);
    assert_eq!((call.via.as_str(), call.name.as_str()), ("1001", "Alice"));
    ends(&mut bed, call.call, 16);
    caller.succeeds();
}

#[test]
fn a_busy_phone_is_told_from_one_that_nobody_answers() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let phone = bed.listens(bed.peer_port, "busy", &["-m", "1"]);
    bed.bench().make_via(0, 2, "200", Some("peer"), 0, 1).expect("a trunk");
    let gone = bed.next(CCD_EV_DISCONNECTED);
    assert_eq!((gone.q850, gone.vendor_code), (17, 486));
    bed.bench().drop_call(2, 16, 2).expect("drops");
    bed.next(CCD_EV_RELEASED);
    phone.succeeds();
    let phone = bed.listens(bed.peer_port, "rings", &["-m", "1"]);
    bed.bench().make_via(0, 4, "200", Some("peer"), 5000, 3).expect("the channel is free again");
    bed.next(CCD_EV_ALERTING);
    assert_eq!(bed.next(CCD_EV_DISCONNECTED).q850, 19);
    bed.bench().drop_call(4, 16, 4).expect("drops");
    bed.next(CCD_EV_RELEASED);
    phone.succeeds();
    is_empty(&bed);
}

#[test]
fn a_call_that_rings_is_taken_back() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let phone = bed.listens(bed.peer_port, "rings", &["-m", "1"]);
    bed.bench().make_via(0, 2, "200", Some("peer"), 0, 1).expect("a trunk");
    bed.next(CCD_EV_ALERTING);
    bed.bench().drop_call(2, 16, 2).expect("drops");
    bed.next(CCD_EV_RELEASED);
    phone.succeeds();
    is_empty(&bed);
}

#[test]
fn early_media_is_heard_and_the_far_end_says_why_it_hangs_up() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let phone = bed.listens(bed.peer_port, "early", &["-m", "1"]);
    bed.bench().make_via(0, 2, "200", Some("peer"), 0, 1).expect("a trunk");
    assert!(bed.next(CCD_EV_PROGRESS).inband);
    bed.next(CCD_EV_CONNECTED);
    ends(&mut bed, 2, 17);
    phone.succeeds();
}

/// Answers and drops whatever comes until so many calls are released.
fn serve(bed: &mut Bed, calls: usize, limit: Duration) {
    let (mut at, mut released, mut req) = (0, 0, 0);
    while released < calls {
        let (seen, next) = bed.host.wait_for(at, limit, |_| true).unwrap_or_else(|_| {
            panic!(
                "{released} of {calls} came to their end: {} {:#?}",
                bed.bench().stats(),
                bed.host.events()
            )
        });
        at = next;
        req += 1;
        match seen.kind {
            CCD_EV_INCOMING => bed.bench().answer(seen.call, req).expect("answers"),
            CCD_EV_DISCONNECTED => bed.bench().drop_call(seen.call, 16, req).expect("drops"),
            CCD_EV_RELEASED => released += 1,
            _ => {}
        }
    }
}

#[test]
fn two_hundred_calls_at_a_hundred_a_second() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[("channels", 200.into())]);
    let caller = bed.sipp("uac", &["-m", "200", "-r", "100", "-d", "500"]);
    serve(&mut bed, 200, LIMIT);
    caller.succeeds();
    is_empty(&bed);
}

#[test]
fn a_tenth_of_the_messages_is_lost() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    // sipp takes a repeated 200 of the INVITE for that of the BYE, so the ACK gets time to come through; where it does not,
    // our side ends the call by itself, 32 s after its 200
    let caller: Peer = bed.sipp("uac", &["-m", "40", "-r", "20", "-d", "2500", "-lost", "10"]);
    serve(&mut bed, 40, Duration::from_secs(40));
    caller.succeeds();
}

#[test]
fn a_call_over_tcp() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&[]);
    let caller = bed.sipp("uac", &["-m", "1", "-d", "200", "-t", "t1"]);
    let call = answer_next(&mut bed);
    ends(&mut bed, call.call, 16);
    caller.succeeds();
}

#[test]
fn a_phone_unregisters() {
    if skip() {
        return;
    }
    let mut bed = Bed::new(&phone());
    for (expires, up) in [("120", true), ("0", false)] {
        bed.sipp(
            "register",
            &["-m", "1", "-ap", "secret", "-key", "phone_port", "9", "-key", "expires", expires],
        )
        .succeeds();
        assert_eq!(bed.next(CCD_EV_ENDPOINT).up, up);
    }
    assert_eq!(bed.bench().make_via(0, 2, "1001", Some("1001"), 0, 1), Err(CCD_E_GONE));
}

#[test]
fn a_trunk_registers_and_leaves() {
    if skip() {
        return;
    }
    let port = free_port();
    let registered = vec![
        ("trunks", Setting::from(1)),
        ("trunks.0.address", format!("127.0.0.1:{port}").into()),
        ("trunks.0.username", "trunk-user".into()),
        ("trunks.0.password", "trunk-secret".into()),
        ("trunks.0.register", 1.into()),
    ];
    let provider = peer::listens(port, "registrar", &["-m", "1"]);
    let mut bed = Bed::new(&registered);
    let up = bed.next(CCD_EV_ENDPOINT);
    assert_eq!((up.address.as_str(), up.up, up.expires_s), ("peer", true, 200));
    bed.end();
    provider.succeeds();
}

#[test]
fn two_hundred_calls_out() {
    if skip() {
        return;
    }
    let bed = Bed::new(&[("channels", 200.into())]);
    let phones = bed.listens(bed.peer_port, "uas", &["-m", "200"]);
    for n in 0..200u32 {
        bed.bench().make_via(n, u64::from(n) * 2 + 2, "200", Some("peer"), 0, 1).expect("a free channel");
    }
    let (mut at, mut released) = (0, 0);
    while released < 200 {
        let (seen, next) = bed.host.wait_for(at, LIMIT, |_| true).expect("calls keep going");
        at = next;
        match seen.kind {
            CCD_EV_CONNECTED => bed.bench().drop_call(seen.call, 16, 2).expect("drops"),
            CCD_EV_DISCONNECTED => panic!("failed: {seen:?}"),
            CCD_EV_RELEASED => released += 1,
            _ => {}
        }
    }
    phones.succeeds();
    is_empty(&bed);
}
