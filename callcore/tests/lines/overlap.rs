//! Numbers that come in and go out piece by piece (Q.931 5.2.4 and 5.1.3), against a simulated far exchange.

use super::Stage;
use callcore::sim::CentreConfig;
use callcore::sim::model::{BoardKind, E1Config};

/// Callers dial piece by piece.
fn dialling() -> Stage {
    Stage::spans(&E1Config { overlap: true, ..E1Config::default() })
}

/// A line to another house (channel 5) whose callers dial piece by piece, and a far exchange that knows two kinds of numbers.
fn tie(change: impl FnOnce(&mut CentreConfig)) -> Stage {
    let mut config = CentreConfig::named("tie").expect("it is one of them");
    change(&mut config);
    Stage::of(config)
}

#[test]
fn a_number_is_whole_when_it_leads_somewhere() {
    let mut span = dialling();
    span.act("channel 0 calls 80001234 from 139");
    let ms = span.until("routed");
    assert_eq!(
        (span.last("call_info", "called"), span.last("routed", "to"), ms),
        ("8000".into(), "flow:main".into(), 600)
    );
}

#[test]
fn a_number_that_leads_nowhere_is_told_as_soon_as_no_digit_can_help() {
    let mut span = dialling();
    span.act("channel 0 calls 77 from 139");
    let ms = span.until("ended");
    assert_eq!((span.cause("ended"), ms), (1, 0), "no number begins with 7");
    span.act("channel 0 calls 8088 from 139");
    let ms = span.until("ended");
    assert_eq!((span.cause("ended"), ms), (1, 400), "80 may go on, and 808 may not");
}

/// T302: what is there after the last digit was waited for in vain is all.
#[test]
fn a_number_that_stops_short_is_incomplete() {
    let mut span = dialling();
    span.act("channel 0 calls 800 from 139");
    let ms = span.until("ended");
    assert_eq!((span.cause("ended"), ms), (28, 10_400));
    // a number in one piece is no better
    let mut whole = Stage::spans(&E1Config::default());
    whole.act("channel 0 calls 800 from 139");
    whole.until("ended");
    assert_eq!(whole.cause("ended"), 28);
    whole.act("channel 0 calls 808 from 139");
    whole.until("ended");
    assert_eq!(whole.cause("ended"), 1);
}

#[test]
fn a_number_grows_while_the_line_out_has_it_already() {
    let mut span = tie(|_| {});
    span.act("channel 5 calls 95551234");
    let begun_ms = span.until("leg_begun");
    assert_eq!(
        (span.last("leg_begun", "number"), begun_ms),
        ("5".into(), 200),
        "with the first digit after the 9"
    );
    let dialled_ms = span.until("leg_dialled");
    assert_eq!(
        (span.last("leg_dialled", "number"), dialled_ms),
        ("5551234".into(), 1_200),
        "the far exchange says that it is whole, with its last digit"
    );
    span.until("leg_alerting");
    let outgoing = span.outgoing();
    assert_eq!(span.dialled(outgoing), "5551234");
    span.act(&format!("channel {outgoing} answers"));
    span.until("bridged");
    assert_eq!(span.last("bridged", "number"), "5551234");
    span.act("channel 5 hangs up");
    span.until("ended");
}

#[test]
fn the_far_exchange_says_why_a_number_is_none() {
    // it stops short: T302 here says that it is all, and the far exchange that this is not enough
    let mut span = tie(|_| {});
    span.act("channel 5 calls 9555");
    let ms = span.until("ended");
    assert_eq!((span.cause("ended"), span.last("leg_dialled", "number"), ms), (28, "555".into(), 10_600));
    // no number begins so: it need not be dialled to its end
    span.act("channel 5 calls 95661234");
    let ms = span.until("ended");
    assert_eq!((span.cause("ended"), ms, span.count("leg_dialled")), (1, 400, 1));
    // in one piece it is told the same
    let mut span = tie(|config| config.exchange.trunk_group[0].overlap = false);
    for (number, q850) in [("9555", 28), ("95661234", 1), ("955512345", 1)] {
        span.act(&format!("channel 5 calls {number}"));
        span.until("leg_begun");
        span.until("ended");
        assert_eq!(span.cause("ended"), q850, "{number}");
    }
}

/// The dial plan of the house: a number is whole with its last digit, though its line out takes it in one piece only.
#[test]
fn a_dial_plan_says_when_a_number_is_complete() {
    let plan = |config: &mut CentreConfig| {
        let exchange = &mut config.exchange;
        exchange.trunk_group[0].overlap = false;
        (exchange.outbound[0].digits_min, exchange.outbound[0].digits_max) = (Some(8), Some(8));
    };
    let mut span = tie(plan);
    span.act("channel 5 calls 955512345678");
    let ms = span.until("leg_begun");
    assert_eq!(
        (span.last("leg_begun", "number"), ms),
        ("5551234".into(), 1_400),
        "nobody waits, nor takes more"
    );
    span.act("channel 5 hangs up");
    span.until("ended");
    span.act("channel 5 calls 9555123");
    span.until("ended");
    assert_eq!((span.cause("ended"), span.count("leg_begun")), (28, 1), "no line is taken for it");
    // a number in one piece
    for (number, q850) in [("9555123", 28), ("955512345", 1)] {
        let phone = span.channels_of_trunks() + 3;
        span.act(&format!("channel {phone} calls {number}"));
        span.until("ended");
        assert_eq!((span.cause("ended"), span.count("leg_begun")), (q850, 1), "{number}");
    }
}

/// No line is free: the number is waited for, and has another chance when it is whole.
#[test]
fn a_number_that_is_being_dialled_waits_where_no_line_takes_it() {
    let mut span = tie(|config| config.exchange.trunk_group[0].channels = Some((29, 29)));
    let phone = span.channels_of_trunks() + 3;
    span.act(&format!("channel {phone} calls 9110"));
    span.until("leg_alerting");
    span.act("channel 5 calls 9110");
    let ms = span.until("ended");
    assert_eq!((span.cause("ended"), ms), (34, 10_600), "its only line is taken");
    span.act(&format!("channel {phone} hangs up"));
    span.until("ended");
    span.act("channel 5 calls 9110");
    span.until("leg_dialled");
}

/// A telephone: its keys go out as they are pressed, a hash or a pause ends the number.
#[test]
fn a_telephone_dials_straight_through() {
    let phones = |config: &mut CentreConfig| config.world.boards[1].kind = BoardKind::Fxs;
    let mut span = tie(phones);
    let phone = span.channels_of_trunks() + 3;
    span.act(&format!("channel {phone} calls 95551234"));
    span.until("leg_begun");
    assert_eq!(span.last("leg_begun", "number"), "5");
    let ms = span.until("leg_dialled");
    assert_eq!((span.last("leg_dialled", "number"), ms), ("5551234".into(), 6 * 300));
    span.until("leg_alerting");
    span.act(&format!("channel {} answers", span.outgoing()));
    span.until("bridged");
    span.act(&format!("channel {phone} hangs up"));
    span.until("ended");
    // keys that stop are a number that is too short, and the far exchange says so
    span.act(&format!("channel {phone} calls 9555"));
    span.until("leg_begun");
    let ms = span.until("ended");
    assert_eq!((span.cause("ended"), ms), (28, 2 * 300 + 4_000));
    span.wait(10_000);
    span.act(&format!("channel {phone} calls 9555#"));
    span.until("leg_begun");
    let ms = span.until("ended");
    assert_eq!((span.cause("ended"), ms), (28, 3 * 300), "nobody waits after a hash");
}
