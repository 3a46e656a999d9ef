//! What the host makes of lines that tell little: the pitfalls of the field, each as a rule with its test.

use super::{Stage, plain};
use callcore::line::{Direction, HangUpBy, LineConfig};
use callcore::sim::model::{CallerIdAt, E1Config, FxoConfig, HangUp};
use callcore::sim::{Centre, CentreConfig};

/// FXO hang-up: a line whose board does not report it is not used without a tone or silence policy.
#[test]
fn fxo_hang_up_a_plain_line_needs_a_policy() {
    for (by, used) in [
        (vec![], false),
        (vec![HangUpBy::Polarity], false),
        (vec![HangUpBy::Tone], true),
        (vec![HangUpBy::Silence], true),
    ] {
        let mut line = plain();
        line.config.exchange.line[0].hang_up_by = by.clone();
        let mut line = line.again();
        let reason = if used { String::new() } else { line.last("line_refused", "reason") };
        assert_eq!(reason.contains("hang_up_by = [\"tone\"]"), !used, "{by:?}: {reason}");
        // such a line is out of service: who calls is not answered, and nobody calls out by it
        line.act("channel 0 calls 8000");
        line.wait(20_000);
        assert_eq!(line.count("arrived"), usize::from(used), "{by:?}");
    }
    let supervised = FxoConfig { hang_up: HangUp::Polarity, ..FxoConfig::default() };
    assert_eq!(Stage::analogue(&supervised, &[]).count("line_refused"), 0, "the line tells it itself");
}

/// FXO hang-up: a busy tone that somebody else plays into a talk is not the line's.
#[test]
fn fxo_hang_up_is_heard_on_the_unmixed_receive_leg() {
    let mut line = plain();
    line.join_outside();
    let outgoing = line.outgoing();
    line.act(&format!("channel {outgoing} hangs up"));
    line.until("leg_ended");
    // the line that said busy is the one that ended; the other is released because of it, and hears no tone of its own
    assert_eq!((line.how("leg_ended"), line.how("ended")), ("tone".into(), "tone".into()));
}

/// Polarity means two things: the reversal of an answer is none of a hang-up.
#[test]
fn polarity_is_an_answer_and_then_a_hang_up() {
    let fxo = FxoConfig { hang_up: HangUp::Polarity, answer_by_polarity: true, ..FxoConfig::default() };
    let mut line = Stage::analogue(&fxo, &[HangUpBy::Polarity]);
    line.act("channel 7 calls 95551234");
    line.until("leg_alerting");
    line.wait(4_000);
    line.act("channel 3 answers");
    line.until("leg_answered");
    assert_eq!(line.passed("supervision"), "loop");
    line.wait(5_000);
    assert_eq!(line.count("ended"), 0);
    line.act("channel 3 hangs up");
    line.until("ended");
    assert_eq!(line.how("ended"), "loop");
}

/// Answer supervision: what is guessed is said to be.
#[test]
fn answer_supervision_says_how_sure_it_is() {
    let mut line = plain();
    line.act("channel 7 calls 95551234");
    line.until("leg_alerting");
    line.wait(10_000);
    line.act("channel 3 answers");
    line.until("leg_answered");
    assert_eq!(line.passed("supervision"), "inferred", "ringing has stopped");
    let mut line = plain();
    line.act("channel 7 calls 95551234");
    line.until("leg_alerting");
    line.wait(2_500);
    line.act("channel 3 answers");
    line.until("leg_answered");
    assert_eq!(line.passed("supervision"), "assumed", "nobody has heard it ring");
    let mut span = Stage::spans(&E1Config::default());
    span.call_out("95551234");
    let outgoing = span.outgoing();
    span.act(&format!("channel {outgoing} answers"));
    span.until("leg_answered");
    assert_eq!(span.passed("supervision"), "signalled");
}

/// Caller id: before the first ring, after it, late, or not at all.
#[test]
fn caller_id_comes_when_the_exchange_sends_it() {
    for (caller_id, known) in
        [(CallerIdAt::FirstRing, "139"), (CallerIdAt::Polarity, "139"), (CallerIdAt::Never, "")]
    {
        let mut line = Stage::analogue(&FxoConfig { caller_id, ..FxoConfig::default() }, &[HangUpBy::Tone]);
        line.act("channel 0 calls 8000 from 139");
        line.until("arrived");
        assert_eq!(line.last("arrived", "calling"), known, "{caller_id:?}");
    }
    // who is waited for less than the exchange takes is told later, while the application thinks
    let mut line = plain();
    line.config.exchange.line[0].cid_wait_ms = 500;
    line.config.exchange.route.iter_mut().for_each(|rule| rule.to = "application".parse().expect("a target"));
    let mut line = line.again();
    line.act("channel 0 calls 8000 from 139");
    line.until("arrived");
    line.until("call_info");
    assert_eq!(
        (line.last("arrived", "calling"), line.last("call_info", "calling")),
        (String::new(), "139".into())
    );
}

/// Caller id: ringing may stop before anybody has answered.
#[test]
fn a_caller_who_gives_up_is_gone_when_the_line_rings_no_more() {
    let mut line = plain();
    line.config.exchange.route.iter_mut().for_each(|rule| rule.to = "application".parse().expect("a target"));
    let mut line = line.again();
    line.act("channel 0 calls 8000 from 139");
    line.until("arrived");
    line.act("channel 0 hangs up");
    line.until("ended");
    assert_eq!(line.last("ended", "by"), "caller");
}

/// Glare: the call out goes on by another line, and the stranger is a call like any other.
#[test]
fn glare_takes_another_line() {
    let mut line = plain();
    line.act("channel 3 glares from 139");
    line.act("channel 7 calls 95551234");
    for channel in [3, 2] {
        line.until("leg_begun");
        assert_eq!(line.passed("channel")["index"], channel, "from the last line to the next free one");
    }
    line.until("arrived");
    line.until("leg_ended");
    assert_eq!((&line.passed("cause")["q850"], &line.passed("cause")["how"]), (&44.into(), &"glare".into()));
    line.wait(15_000);
    line.act("channel 2 answers");
    line.until("bridged");
}

/// Glare: who meets a caller on every line is told that there is none free.
#[test]
fn glare_on_every_line_fails() {
    let mut line = plain();
    (0..4).for_each(|channel| line.act(&format!("channel {channel} glares")));
    line.act("channel 7 calls 95551234");
    line.until("ended");
    assert_eq!(line.cause("ended"), 44);
}

/// Two-phase clearing: a line is not used again before the exchange has seen that it is free.
#[test]
fn two_phase_clearing_guards_the_line() {
    let mut line = plain();
    line.config.exchange.trunk_group[0].channels = Some((3, 3));
    let mut line = line.again();
    line.act("channel 7 calls 95551234");
    line.until("leg_alerting");
    line.act("channel 7 hangs up");
    line.until("leg_ended");
    line.act("channel 8 calls 95551234");
    line.until("leg_begun");
}

/// Alarms: calls survive short ones; one that lasts ends them, and the channels serve nobody until it is over.
#[test]
fn alarms_end_calls_when_they_last() {
    let mut span = Stage::spans(&E1Config::default());
    span.talk(0, 30);
    span.act("span 0 alarm red");
    span.wait(2_000);
    span.act("span 0 alarm none");
    span.wait(20_000);
    assert_eq!(span.count("ended"), 0);
    span.act("span 0 alarm red");
    let ms = span.until("leg_ended");
    span.until("ended");
    assert_eq!((span.how("ended"), span.cause("ended"), ms), ("alarm".into(), 27, 2_500));
    span.act("channel 33 calls 95551234");
    span.until("ended");
    assert_eq!(span.cause("ended"), 34, "no channel");
    span.act("span 0 alarm none");
    span.wait(10_000);
    span.call_out("95551234");
    // a line of copper has an alarm of its own: no battery
    let mut span = Stage::spans(&E1Config::default());
    span.config.exchange.line.push(LineConfig {
        device: "sim".into(),
        alarm_drops_calls: false,
        ..LineConfig::default()
    });
    let mut span = span.again();
    span.talk(0, 30);
    span.act("span 0 alarm red");
    span.wait(60_000);
    assert_eq!(span.count("ended"), 0, "the site has said that calls wait for the end of an alarm");
}

#[test]
fn a_restart_or_a_block_does_what_it_says() {
    let mut span = Stage::spans(&E1Config::default());
    span.talk(0, 30);
    (1..30).for_each(|channel| span.act(&format!("channel {channel} blocked")));
    span.act("channel 33 calls 95551234");
    span.until("ended");
    assert_eq!(span.cause("ended"), 34, "all are blocked, or talk");
    span.act("span 0 restarts");
    span.until("ended");
    assert_eq!(span.cause("ended"), 41);
}

/// Proves: A17.4 (the line class; which lines are dispatch lines is a matter of configuration)
#[test]
fn a_line_that_only_serves_calls_out_is_never_offered_one() {
    let outgoing = |stage: Stage| {
        let mut stage = stage;
        let line = LineConfig {
            device: "sim".into(),
            channels: Some((0, 1)),
            direction: Direction::Outgoing,
            hang_up_by: vec![HangUpBy::Tone],
            ..LineConfig::default()
        };
        stage.config.exchange.line.insert(0, line);
        stage.again()
    };
    for mut stage in [outgoing(plain()), outgoing(Stage::spans(&E1Config::default()))] {
        stage.act("channel 0 calls 8000 from 139");
        stage.until("incoming_refused");
        stage.wait(30_000);
        assert_eq!((stage.count("arrived"), stage.count("incoming_refused")), (0, 1));
    }
    // and one that only serves calls in is not taken for calls out
    let mut line = plain();
    line.config.exchange.line[0].direction = Direction::Incoming;
    let mut line = line.again();
    line.act("channel 7 calls 95551234");
    line.until("ended");
    assert_eq!(line.cause("ended"), 34);
}

/// Proves: A18.2 in part (the line's voltage is reported and kept)
#[test]
fn the_voltage_of_a_line_is_told() {
    let mut line = plain();
    line.talk(3, 4);
    assert_eq!(line.last("line_measured", "voltage_mv"), "7000");
    line.wait(0);
    line.act("channel 4 hangs up");
    line.until("line_measured");
    let measured = ["voltage_mv", "current_ua"].map(|key| line.last("line_measured", key));
    assert_eq!(measured, ["48000", "0"]);
}

/// What is wrong in a line's configuration is said with its place.
#[test]
fn a_wrong_configuration_is_refused_by_its_path() {
    let why = |change: &dyn Fn(&mut CentreConfig)| {
        let mut config = CentreConfig::named("analogue").expect("it is one of them");
        change(&mut config);
        let problems = Centre::new(config).expect_err("it is wrong");
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(why(&|it| it.exchange.line[0].silence_ms = 5).starts_with("line[0].silence_ms: "));
    assert!(why(&|it| it.exchange.line[0].flash_ms = (800, 80)).starts_with("line[0].flash_ms: "));
    assert!(
        why(&|it| it.exchange.line[0].ring_cadence_ms = vec![1]).starts_with("line[0].ring_cadence_ms: ")
    );
    assert!(why(&|it| it.exchange.line[0].channels = Some((4, 3))).starts_with("line[0].channels: "));
    assert!(
        why(&|it| it.exchange.unsupervised_warning_ms = 3_600_000).starts_with("unsupervised_warning_ms: ")
    );
    let long = why(&|it| {
        it.exchange.line[0].hang_up_by = vec![HangUpBy::Silence];
        it.exchange.long_silence_ms = 90_000;
    });
    assert!(long.contains("long_silence_ms"), "{long}");
}
