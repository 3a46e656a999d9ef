//! Seeded mistakes in flows: each is found, at its path, and a right flow has none.

use super::{Flow, FlowConfig};
use serde_json::{Value, json};

/// A right flow with every kind of node.
fn right() -> Value {
    json!({
        "start": "menu",
        "node": {
            "menu": {
                "type": "play_option",
                "prompts": ["welcome"],
                "options": { "1": "queue:support", "2": "hours", "3": "member", "5": "english", "#": "to_sales" },
                "collect": { "on_timeout": "hours", "on_invalid": "hangup:21" }
            },
            "hours": { "type": "play_only", "prompts": ["hours"], "next": "bye" },
            "member": {
                "type": "play_digit", "prompts": ["ask"], "digits_min": 4, "digits_max": 8, "terminator": "#",
                "store": "member", "next": "to_sales"
            },
            "english": { "type": "select_language", "language": "en-GB", "next": "hours" },
            "to_sales": { "type": "to_queue", "queue": "sales" },
            "bye": { "type": "stop_flow" }
        }
    })
}

/// The problems of the right flow after one value has been changed.
fn problems(pointer: &str, value: Value) -> Vec<String> {
    let mut flow = right();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer has a slash");
    flow.pointer_mut(parent).expect(parent)[name] = value;
    let config: FlowConfig = serde_json::from_value(flow).expect("it can be read");
    let problems = Flow::compile("main", &config).err().unwrap_or_default();
    problems.into_iter().map(|problem| problem.to_string()).collect()
}

/// Proves: A6.15, A6.16 in part (the checker of nodes and of the links between them)
#[test]
fn every_seeded_mistake_is_found_at_its_path() {
    let faults = [
        ("/start", json!("begin"), "flow.main.start: the flow starts at node 'begin'"),
        (
            "/node/hours/next",
            json!("by"),
            "flow.main.node.hours.next: no node is called 'by' (there are bye, english, hours",
        ),
        ("/node/lost", json!({"type": "stop_flow"}), "flow.main.node.lost: no way leads to this node"),
        ("/node/hours/prompts", json!([]), "flow.main.node.hours.prompts: nothing to play"),
        ("/node/menu/prompts", json!([]), "flow.main.node.menu.prompts: nothing to play"),
        ("/node/member/prompts", json!([]), "flow.main.node.member.prompts: nothing to play"),
        ("/node/menu/options", json!({}), "flow.main.node.menu.options: a menu needs at least one option"),
        ("/node/menu/options/x", json!("bye"), "flow.main.node.menu.options.x: 'x' cannot be pressed"),
        ("/node/menu/options/", json!("bye"), "flow.main.node.menu.options.: '' cannot be pressed"),
        (
            "/node/menu/options/4",
            json!("queue:"),
            "flow.main.node.menu.options.4: no node is called 'queue:'",
        ),
        (
            "/node/menu/collect/on_timeout",
            json!("nowhere"),
            "flow.main.node.menu.collect.on_timeout: no node is called",
        ),
        (
            "/node/menu/collect/on_invalid",
            json!("hangup:0"),
            "flow.main.node.menu.collect.on_invalid: no node is called",
        ),
        (
            "/node/menu/collect/first_digit_ms",
            json!(5),
            "flow.main.node.menu.collect.first_digit_ms: 5 ms is not a time",
        ),
        (
            "/node/menu/collect/inter_digit_ms",
            json!(3_600_000),
            "flow.main.node.menu.collect.inter_digit_ms: 3600000 ms",
        ),
        (
            "/node/menu/collect/retries",
            json!(1000),
            "flow.main.node.menu.collect.retries: more than 100 repeats",
        ),
        ("/node/member/digits_min", json!(0), "flow.main.node.member.digits_max: 0 to 8 keys cannot be"),
        ("/node/member/digits_min", json!(9), "flow.main.node.member.digits_max: 9 to 8 keys cannot be"),
        ("/node/member/digits_max", json!(33), "flow.main.node.member.digits_max: 4 to 33 keys cannot be"),
        ("/node/member/terminator", json!("x"), "flow.main.node.member.terminator: not a key"),
        ("/node/member/store", json!(""), "flow.main.node.member.store: name the variable"),
        ("/node/member/next", json!("flow:"), "flow.main.node.member.next: no node is called"),
        ("/language", json!("chinese"), "flow.main.language: 'chinese' is no language: write it as in zh"),
        ("/node/english/language", json!(""), "flow.main.node.english.language: '' is no language"),
        ("/node/english/next", json!("by"), "flow.main.node.english.next: no node is called 'by'"),
        ("/node/bye/cause", json!(0), "flow.main.node.bye.cause: a Q.850 cause is 1 to 127"),
        ("/node/bye/cause", json!(200), "flow.main.node.bye.cause: a Q.850 cause is 1 to 127"),
    ];
    for (pointer, value, wanted) in faults {
        let found = problems(pointer, value.clone());
        assert!(found.iter().any(|text| text.starts_with(wanted)), "{pointer} = {value}: {found:#?}");
    }
}

#[test]
fn a_right_flow_has_no_problem_and_every_mistake_of_a_wrong_one_is_told_at_once() {
    assert_eq!(problems("/start", json!("menu")), [""; 0]);
    let mut flow = right();
    flow["node"]["hours"]["prompts"] = json!([]);
    flow["node"]["bye"]["cause"] = json!(0);
    flow["node"]["member"]["next"] = json!("gone");
    let config: FlowConfig = serde_json::from_value(flow).expect("it can be read");
    assert_eq!(Flow::compile("main", &config).expect_err("three mistakes").len(), 3);
}

#[test]
fn small_letters_are_the_same_keys() {
    let options = json!({ "a": "hours", "A": "bye", "3": "member", "#": "to_sales" });
    let found = problems("/node/menu/options", options);
    assert!(found.iter().any(|text| text.contains("is there twice")), "{found:#?}");
}

#[test]
fn what_no_node_has_cannot_be_read() {
    let mut flow = right();
    flow["node"]["hours"]["volume"] = json!(11);
    let why = serde_json::from_value::<FlowConfig>(flow).expect_err("an unknown field").to_string();
    assert!(why.contains("volume"), "{why}");
    let mut flow = right();
    flow["node"]["hours"]["type"] = json!("sing");
    let why = serde_json::from_value::<FlowConfig>(flow).expect_err("an unknown kind").to_string();
    assert!(why.contains("sing") && why.contains("play_only"), "{why}");
}
