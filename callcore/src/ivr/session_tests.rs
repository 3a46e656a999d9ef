//! The interpreter, step by step: every kind of node, every way in which a caller presses keys or does not.

use super::config::{Collect, FlowConfig, NodeConfig};
use super::{Flow, Happened, Session};
use crate::board::{Cause, Digit};
use crate::call::{CallTimer, Decision, Target};
use std::collections::BTreeMap;
use std::sync::Arc;

fn names(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn play(prompts: &str) -> Decision {
    Decision::Play(names(prompts).iter().map(|name| Arc::from(name.as_str())).collect())
}

fn enter(node: &str) -> Decision {
    Decision::Enter { flow: "main".into(), node: node.into() }
}

const FIRST: Decision = Decision::StartTimer(CallTimer::FirstDigit, 5_000);
const INTER: Decision = Decision::StartTimer(CallTimer::InterDigit, 3_000);
const NO_FIRST: Decision = Decision::StopTimer(CallTimer::FirstDigit);
const NO_INTER: Decision = Decision::StopTimer(CallTimer::InterDigit);
const STOP: Decision = Decision::StopPlay;

fn send(target: &str) -> Decision {
    Decision::Send(target.parse().expect("a target"))
}

fn say(prompts: &str, next: &str) -> NodeConfig {
    NodeConfig::PlayOnly { prompts: names(prompts), next: next.into() }
}

fn menu(options: &[(&str, &str)], collect: Collect) -> NodeConfig {
    let options = options.iter().map(|(keys, next)| ((*keys).into(), (*next).into())).collect();
    NodeConfig::PlayOption { prompts: names("menu"), options, collect }
}

fn number(min: usize, max: usize, terminator: Option<char>, collect: Collect) -> NodeConfig {
    NodeConfig::PlayDigit {
        prompts: names("ask"),
        digits_min: min,
        digits_max: max,
        terminator,
        store: "id".into(),
        next: "queue:support".into(),
        collect,
    }
}

/// A session of a flow of these nodes, started at the first; what it decided at once.
fn start(nodes: &[(&str, NodeConfig)]) -> (Session, Vec<Decision>) {
    let node: BTreeMap<_, _> = nodes.iter().map(|(name, node)| ((*name).to_owned(), node.clone())).collect();
    let config = FlowConfig { start: nodes[0].0.into(), language: None, node };
    let flow = Flow::compile("main", &config).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut session = Session::new(Arc::new(flow));
    let decisions = session.handle(Happened::Started);
    (session, decisions)
}

fn key(key: char) -> Happened {
    Happened::Digit(Digit::new(key as u8).expect("a key"))
}

/// Let the prompt end, press keys one after the other; what came of the last.
fn press(session: &mut Session, keys: &str) -> Vec<Decision> {
    keys.chars().map(|it| session.handle(key(it))).last().unwrap_or_default()
}

fn listening(nodes: &[(&str, NodeConfig)]) -> Session {
    let (mut session, _) = start(nodes);
    assert_eq!(session.handle(Happened::Played), [STOP, FIRST]);
    session
}

fn patient() -> Collect {
    Collect { retries: 0, ..Collect::default() }
}

/// Proves: A6.5, A6.10
#[test]
fn play_only_plays_and_goes_on_to_the_end() {
    let bye = NodeConfig::StopFlow { cause: 17 };
    let (mut session, decisions) =
        start(&[("hello", say("a b", "more")), ("more", say("c", "bye")), ("bye", bye)]);
    assert_eq!(decisions, [enter("hello"), play("a b")]);
    assert_eq!(session.handle(Happened::Played), [enter("more"), play("c")]);
    assert_eq!(session.handle(Happened::Played), [enter("bye"), Decision::Release(Cause::USER_BUSY)]);
}

#[test]
fn a_queue_node_hands_the_call_over_and_nothing_follows() {
    let (mut session, decisions) = start(&[("q", NodeConfig::ToQueue { queue: "support".into() })]);
    assert_eq!(decisions, [enter("q"), send("queue:support")]);
    for late in [
        Happened::Played,
        key('1'),
        Happened::FirstDigitTimeout,
        Happened::InterDigitTimeout,
        Happened::Started,
    ] {
        assert_eq!(session.handle(late), [], "{late:?}");
    }
}

/// Proves: A6.6
#[test]
fn a_menu_leads_where_its_key_says() {
    let nodes = [
        ("m", menu(&[("1", "queue:sales"), ("2", "hours"), ("*", "extension:1001")], patient())),
        ("hours", say("h", "hangup")),
    ];
    let after = |keys: &str| press(&mut listening(&nodes), keys);
    assert_eq!(after("1"), [NO_FIRST, NO_INTER, send("queue:sales")]);
    assert_eq!(after("2"), [NO_FIRST, NO_INTER, enter("hours"), play("h")]);
    assert_eq!(after("*"), [NO_FIRST, NO_INTER, send("extension:1001")]);
    assert_eq!(after("9"), [NO_FIRST, NO_INTER, Decision::Release(Cause::NORMAL)], "wrong, and no retries");
}

#[test]
fn a_menu_asks_again_with_an_apology_until_the_retries_are_used_up() {
    let collect = Collect {
        retries: 2,
        invalid_prompts: names("wrong"),
        timeout_prompts: names("hello"),
        on_timeout: Some("queue:support".into()),
        on_invalid: Some("hangup:21".into()),
        ..Collect::default()
    };
    let nodes = [("m", menu(&[("1", "queue:sales")], collect))];
    let mut session = listening(&nodes);
    assert_eq!(session.handle(Happened::FirstDigitTimeout), [play("hello menu")]);
    assert_eq!(session.handle(Happened::Played), [STOP, FIRST]);
    assert_eq!(press(&mut session, "9"), [NO_FIRST, NO_INTER, play("wrong menu")]);
    assert_eq!(session.handle(Happened::Played), [STOP, FIRST]);
    assert_eq!(session.handle(Happened::FirstDigitTimeout), [send("queue:support")]);

    let mut session = listening(&nodes);
    for _ in 0..2 {
        press(&mut session, "9");
        session.handle(Happened::Played);
    }
    assert_eq!(press(&mut session, "9"), [NO_FIRST, NO_INTER, Decision::Release(Cause::REJECTED)]);
}

#[test]
fn what_is_not_said_for_wrong_keys_is_as_for_none() {
    let collect = Collect { on_timeout: Some("queue:support".into()), ..patient() };
    let mut session = listening(&[("m", menu(&[("1", "queue:sales")], collect))]);
    assert_eq!(press(&mut session, "9"), [NO_FIRST, NO_INTER, send("queue:support")]);
}

#[test]
fn options_with_a_common_beginning_wait_for_the_next_key() {
    let options = [("1", "queue:one"), ("12", "queue:twelve"), ("34", "queue:many")];
    let nodes = [("m", menu(&options, patient()))];
    let mut session = listening(&nodes);
    assert_eq!(press(&mut session, "1"), [NO_FIRST, INTER]);
    assert_eq!(press(&mut session, "2"), [NO_FIRST, NO_INTER, send("queue:twelve")]);
    let mut session = listening(&nodes);
    press(&mut session, "1");
    assert_eq!(session.handle(Happened::InterDigitTimeout), [NO_INTER, send("queue:one")]);
    let mut session = listening(&nodes);
    assert_eq!(press(&mut session, "3"), [NO_FIRST, INTER]);
    assert_eq!(session.handle(Happened::InterDigitTimeout), [NO_INTER, Decision::Release(Cause::NORMAL)]);
    let mut session = listening(&nodes);
    assert_eq!(press(&mut session, "13"), [NO_FIRST, NO_INTER, Decision::Release(Cause::NORMAL)]);
}

/// Proves: A6.3
#[test]
fn a_number_is_complete_at_its_longest_at_its_terminator_or_after_a_pause() {
    let stored = |min, max, end, keys: &str, pause: bool| {
        let mut session = listening(&[("n", number(min, max, end, patient()))]);
        let mut decisions = press(&mut session, keys);
        if pause {
            decisions = session.handle(Happened::InterDigitTimeout);
        }
        let left = decisions.last() == Some(&send("queue:support"));
        (left, session.variables().get("id").cloned())
    };
    let is = |text: &str| (true, Some(text.to_owned()));
    assert_eq!(stored(4, 4, None, "1234", false), is("1234"));
    assert_eq!(stored(2, 8, Some('#'), "123#", false), is("123"));
    assert_eq!(stored(2, 8, None, "123", true), is("123"));
    assert_eq!(stored(1, 8, Some('*'), "12#*", false), is("12#"), "another key than the terminator is a key");
    assert_eq!(stored(2, 4, Some('#'), "12", false), (false, None), "it waits");
    assert_eq!(stored(2, 4, Some('#'), "1#", false), (false, None), "too short");
    assert_eq!(stored(2, 4, Some('#'), "#", false), (false, None), "nothing at all");
    assert_eq!(stored(3, 4, None, "12", true), (false, None), "too short");
    assert_eq!(stored(1, 9, Some('a'), "7A", false), is("7"), "small letters are the same keys");
}

#[test]
fn a_number_asked_again_begins_anew() {
    let collect = Collect { retries: 1, invalid_prompts: names("short"), ..Collect::default() };
    let mut session = listening(&[("n", number(3, 3, None, collect))]);
    press(&mut session, "12");
    assert_eq!(session.handle(Happened::InterDigitTimeout), [NO_INTER, play("short ask")]);
    session.handle(Happened::Played);
    press(&mut session, "789");
    assert_eq!(session.variables()["id"], "789");
}

#[test]
fn a_key_ends_the_prompt_where_barge_in_is_allowed_and_waits_where_it_is_not() {
    let (mut session, _) = start(&[("m", menu(&[("1", "queue:sales")], patient()))]);
    assert_eq!(session.handle(key('1')), [STOP, NO_FIRST, NO_INTER, send("queue:sales")]);

    let stern = Collect { barge_in: false, ..patient() };
    let (mut session, _) = start(&[("m", menu(&[("1", "queue:sales")], stern))]);
    assert_eq!(session.handle(key('1')), []);
    assert_eq!(session.handle(Happened::Played), [STOP, FIRST, NO_FIRST, NO_INTER, send("queue:sales")]);
}

/// Proves: A6.7
#[test]
fn a_language_is_selected_in_passing_and_written_as_it_should_be() {
    let language =
        |tag: &str, next: &str| NodeConfig::SelectLanguage { language: tag.into(), next: next.into() };
    let nodes = [
        ("choose", menu(&[("1", "en"), ("2", "zh")], Collect::default())),
        ("en", language("EN-gb", "hello")),
    ];
    let more = [("zh", language("zh-hk", "queue:support")), ("hello", say("hello", "hangup"))];
    let selected = |tag: &str| Decision::SelectLanguage(tag.into());
    let (mut session, _) = start(&[&nodes[..], &more].concat());
    let english = [STOP, NO_FIRST, NO_INTER, enter("en"), selected("en-GB"), enter("hello"), play("hello")];
    assert_eq!(session.handle(key('1')), english);
    let (mut session, _) = start(&[&nodes[..], &more].concat());
    let cantonese = [STOP, NO_FIRST, NO_INTER, enter("zh"), selected("zh-HK"), send("queue:support")];
    assert_eq!(session.handle(key('2')), cantonese);
}

#[test]
fn keys_pressed_ahead_answer_the_next_nodes_without_their_prompts() {
    let nodes = [
        ("hello", say("hello", "m")),
        ("m", menu(&[("1", "n")], patient())),
        ("n", number(2, 2, None, patient())),
    ];
    let (mut session, _) = start(&nodes);
    for it in "142".chars() {
        assert_eq!(session.handle(key(it)), []);
    }
    let decisions = session.handle(Happened::Played);
    let through = [
        enter("m"),
        NO_FIRST,
        NO_INTER,
        enter("n"),
        NO_FIRST,
        INTER,
        NO_FIRST,
        NO_INTER,
        send("queue:support"),
    ];
    assert_eq!(decisions, through);
    assert_eq!(session.variables()["id"], "42");
}

#[test]
fn a_node_without_barge_in_plays_to_the_end_before_it_takes_keys_pressed_ahead() {
    let stern = Collect { barge_in: false, ..patient() };
    let (mut session, _) =
        start(&[("hello", say("hello", "m")), ("m", menu(&[("1", "queue:sales")], stern))]);
    session.handle(key('1'));
    assert_eq!(session.handle(Happened::Played), [enter("m"), play("menu")]);
    assert_eq!(session.handle(Happened::Played).last(), Some(&send("queue:sales")));
}

#[test]
fn a_wrong_key_forgets_what_was_pressed_ahead() {
    let collect = Collect { retries: 1, ..Collect::default() };
    let (mut session, _) =
        start(&[("hello", say("hello", "m")), ("m", menu(&[("1", "queue:sales")], collect))]);
    session.handle(key('9'));
    session.handle(key('1'));
    assert_eq!(session.handle(Happened::Played), [enter("m"), NO_FIRST, NO_INTER, play("menu")]);
    assert_eq!(session.handle(Happened::Played), [STOP, FIRST], "the 1 is forgotten");
}

#[test]
fn no_more_keys_are_kept_than_the_bound() {
    let (mut session, _) = start(&[("hello", say("hello", "n")), ("n", number(1, 32, Some('#'), patient()))]);
    for _ in 0..100 {
        session.handle(key('7'));
    }
    session.handle(Happened::Played);
    assert_eq!(session.variables()["id"].len(), 32);
}

#[test]
fn a_loop_over_keys_pressed_ahead_ends_with_the_keys() {
    let there = menu(&[("1", "back")], patient());
    let back = menu(&[("1", "there")], patient());
    let (mut session, _) = start(&[("hello", say("hello", "there")), ("there", there), ("back", back)]);
    for _ in 0..100 {
        session.handle(key('1'));
    }
    let decisions = session.handle(Happened::Played);
    let entered = decisions.iter().filter(|decision| matches!(decision, Decision::Enter { .. })).count();
    assert_eq!(entered, 33, "one for each key that was kept, and the one that asks");
    assert_eq!(decisions.last(), Some(&play("menu")));
}

#[test]
fn timers_and_ends_of_play_that_crossed_with_a_key_are_ignored() {
    let nodes = [("n", number(2, 4, None, Collect::default()))];
    let (mut session, _) = start(&nodes);
    assert_eq!(session.handle(Happened::FirstDigitTimeout), [], "while it plays");
    assert_eq!(session.handle(Happened::InterDigitTimeout), []);
    session.handle(Happened::Played);
    assert_eq!(session.handle(Happened::Played), [], "played twice");
    assert_eq!(session.handle(Happened::InterDigitTimeout), [], "before the first key");
    press(&mut session, "1");
    assert_eq!(session.handle(Happened::Played), [], "after a key");
    assert_eq!(session.handle(Happened::FirstDigitTimeout), [], "after a key");
    press(&mut session, "2");
    assert_eq!(session.handle(Happened::InterDigitTimeout).last(), Some(&send("queue:support")));
}

#[test]
fn a_flow_knows_its_prompts_and_its_ways_out() {
    let collect = Collect {
        invalid_prompts: names("wrong"),
        timeout_prompts: names("hello"),
        on_timeout: Some("hangup:19".into()),
        ..Collect::default()
    };
    let node = [
        ("m", menu(&[("1", "q"), ("2", "extension:1001")], collect)),
        ("q", NodeConfig::ToQueue { queue: "x".into() }),
    ];
    let node = node.into_iter().map(|(name, node)| (name.to_owned(), node)).collect();
    let config = FlowConfig { start: "m".into(), language: None, node };
    let flow = Flow::compile("main", &config).expect("it is right");
    assert_eq!(flow.prompts().map(|name| &**name).collect::<Vec<_>>(), ["menu", "wrong", "hello"]);
    let targets: Vec<_> = config.targets().collect();
    let target = |text: &str| text.parse::<Target>().expect("a target");
    let wanted = [("m", target("extension:1001")), ("m", target("hangup:19")), ("q", target("queue:x"))];
    assert_eq!(targets, wanted);
}

#[test]
fn every_node_has_all_its_retries() {
    let once = || Collect { retries: 1, ..Collect::default() };
    let nodes = [("m", menu(&[("1", "n")], once())), ("n", number(2, 2, None, once()))];
    let mut session = listening(&nodes);
    assert_eq!(session.handle(Happened::FirstDigitTimeout), [play("menu")]);
    session.handle(key('1'));
    session.handle(Happened::Played);
    assert_eq!(
        session.handle(Happened::FirstDigitTimeout),
        [play("ask")],
        "the menu's retries are not the number's"
    );
    session.handle(Happened::Played);
    assert_eq!(session.handle(Happened::FirstDigitTimeout), [Decision::Release(Cause::NORMAL)]);
}
