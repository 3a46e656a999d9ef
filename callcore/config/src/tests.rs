//! The configuration as a person meets it: the example is right, and every mistake is told with its line.

use super::*;

fn report(text: &str) -> Vec<String> {
    let report = load("my.toml", text, Path::new("")).expect_err("there are mistakes");
    report.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn the_example_is_right() {
    let loaded = load_example().unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(loaded.core.extension.len(), 4);
    let endpoints = loaded.devices[0].config["endpoints"].as_array().expect("the extensions are there");
    assert_eq!(endpoints.len(), 4);
    assert_eq!(endpoints[0]["address"], "1001");
    assert_eq!(endpoints[0]["password"], "anna-1001");
    assert_eq!(endpoints[0]["name"], "Anna");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = r#"time_zone = "UTC"
extension_ring_ms = "long"

[[device]]
name = "sip"
driver = "sip"

[[extension]]
number = "1001"
device = "sip"
endpoint = "1001"
pasword = "x"

[[queue]]
name = "support"
ring_ms = -5

[nod]
country = "cn"
"#;
    let lines = report(text);
    assert_eq!(
        lines[0],
        "my.toml:2: extension_ring_ms: found string \"long\"; write a whole number, 0 or more"
    );
    assert_eq!(
        lines[1],
        "my.toml:12: extension[0].pasword: the key 'pasword' is not known here; did you mean 'password'?"
    );
    assert!(lines[2].starts_with("my.toml:16: queue[0].ring_ms: "), "{}", lines[2]);
    assert!(lines[3].starts_with("my.toml:18: nod: the key 'nod' is not known here"), "{}", lines[3]);
    assert_eq!(lines[4], "my.toml: 4 mistakes");
    assert_eq!(lines.len(), 5);
}

#[test]
fn a_missing_key_is_told_at_its_table() {
    let lines = report(
        "[[queue]]\nname = \"a\"\n\n[[queue]]\nring_ms = 5\n\n[[extension]]\nnumber = 5\ndevice = \"sip\"\n",
    );
    assert_eq!(lines[0], "my.toml:4: queue[1]: the key 'name' is missing; add it");
    assert_eq!(lines[1], "my.toml:8: extension[0].number: found integer 5; write a string");
    assert_eq!(lines[2], "my.toml: 2 mistakes");
}

#[test]
fn mistakes_within_flow_nodes_have_their_own_line() {
    let text = r#"
[flow.main]
start = "menu"
[flow.main.node.menu]
type = "play_option"
promts = ["menu"]
[flow.main.node.menu.options]
1 = "hangup"
[flow.main.node.menu.collect]
retries = "two"
[flow.main.node.other]
type = "plays"
"#;
    let lines = report(text);
    let all = lines.join("\n");
    assert!(all.contains("my.toml:6: flow.main.node.menu.promts: the key 'promts' is not known here; did you mean 'prompts'?"), "{all}");
    assert!(all.contains("my.toml:10: flow.main.node.menu.collect.retries: found string \"two\"; write a whole number, 0 or more"), "{all}");
    assert!(
        all.contains(
            "my.toml:12: flow.main.node.other.type: 'plays' is not known here; use one of play_only, "
        ),
        "{all}"
    );
    assert!(lines.last().is_some_and(|last| last == "my.toml: 3 mistakes"), "{all}");
}

#[test]
fn names_that_mean_nothing_are_told() {
    let text = r#"hold_music = "hold_musik"
[[device]]
name = "sip"
driver = "sipp"
[[extension]]
number = "1001"
device = "sib"
endpoint = "1001"
[[agent]]
id = "1"
extension = "1001"
queues = ["support"]
[flow.main]
start = "menu"
[flow.main.node.menu]
type = "play_only"
prompts = ["welcome", "nothing_like_it"]
next = "hangup"
"#;
    let all = report(text).join("\n");
    assert!(all.contains("my.toml:1: hold_music: there is no prompt 'hold_musik' among the built-in ones; did you mean 'hold_music'?"), "{all}");
    assert!(
        all.contains("my.toml:4: device[0].driver: there is no driver sipp: built in are sip, sim, replay;"),
        "{all}"
    );
    assert!(
        all.contains("my.toml:7: extension[0].device: no device is called 'sib'; did you mean 'sip'?"),
        "{all}"
    );
    assert!(all.contains("my.toml:12: agent[0].queues[0]: "), "{all}");
    assert!(
        all.contains("my.toml:17: flow.main.node.menu.prompts[1]: there is no prompt 'nothing_like_it'"),
        "{all}"
    );
}

#[test]
fn syntax_mistakes_are_told_with_their_line() {
    let lines = report("time_zone = \"UTC\n[node]\ndata_dir = = 3\n");
    assert!(lines[0].starts_with("my.toml:1: "), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("my.toml:3: ")), "{lines:?}");
}

#[test]
fn a_file_that_is_not_there_says_so() {
    let report = load_file(Path::new("no/such/file.toml")).expect_err("not there").to_string();
    assert!(report.starts_with("no/such/file.toml: cannot be read: "), "{report}");
}

#[test]
fn a_drivers_settings_are_held_against_its_own_schema() {
    let text = "[[device]]\nname = \"sip\"\ndriver = \"sip\"\n[device.config]\nlisen = \"127.0.0.1:5060\"\nchannels = 0\n\
                [[device]]\nname = \"sim\"\ndriver = \"sim\"\nconfig = { trunks = \"many\" }\n";
    let all = report(text).join("\n");
    assert!(all.contains("my.toml:5: device[0].config.lisen: the key 'lisen' is not known to this driver; did you mean 'listen'?"), "{all}");
    assert!(
        all.contains("my.toml:6: device[0].config.channels: found 0; write a whole number from 1 to 8192"),
        "{all}"
    );
    assert!(
        all.contains("my.toml:10: device[1].config.trunks: found \"many\"; write a whole number"),
        "{all}"
    );
}

#[test]
fn a_phone_needs_a_password_and_an_endpoint_of_its_own() {
    let device = "[[device]]\nname = \"sip\"\ndriver = \"sip\"\n";
    let phone =
        |number: &str| format!("[[extension]]\nnumber = \"{number}\"\ndevice = \"sip\"\nendpoint = \"a\"\n");
    let all = report(&format!("{device}{}{}", phone("1001"), phone("1002"))).join("\n");
    assert!(
        all.contains(
            "my.toml:4: extension[0].password: anybody could register as this phone; add a password"
        ),
        "{all}"
    );
    assert!(
        all.contains("my.toml:11: extension[1].endpoint: endpoint 'a' of device 'sip' is there twice"),
        "{all}"
    );
}
