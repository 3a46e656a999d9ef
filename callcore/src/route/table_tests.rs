//! Routes: the first rule that fits, then extensions, then outbound prefixes for callers of the house.

use super::{Dialled, ExtensionConfig, Origin, OutboundConfig, RouteConfig, Routes, TrunkGroupConfig};
use crate::base::Civil;
use crate::board::Cause;
use crate::call::Target;
use serde_json::{Value, json};

fn list<T: serde::de::DeserializeOwned>(values: Value) -> Vec<T> {
    serde_json::from_value(values).expect("it can be read")
}

fn routes(rules: Value) -> Routes {
    let extensions: Vec<ExtensionConfig> = list(json!([
        { "number": "1001", "device": "board", "channel": 4 },
        { "number": "1002", "device": "board", "channel": 5 },
        { "number": "2001", "device": "sip", "endpoint": "anna" },
        { "number": "2002", "device": "sip2", "endpoint": "anna" }
    ]));
    let groups: Vec<TrunkGroupConfig> = list(
        json!([{ "name": "city", "device": "board" }, { "name": "far", "device": "sip", "via": "carrier" }]),
    );
    let outbound: Vec<OutboundConfig> = list(json!([
        { "prefix": "9", "strip": 1, "trunk_group": "city" },
        { "prefix": "900", "strip": 1, "trunk_group": "far", "calling": "01055550000" },
        { "prefix": "0", "trunk_group": "far" }
    ]));
    let rules: Vec<RouteConfig> = list(rules);
    Routes::new(rules, extensions, outbound, groups).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Monday 10:00, from outside by channel 2 of the board.
fn origin<'a>(called: &'a str, calling: &'a str) -> Origin<'a> {
    let at = Civil { year: 2026, month: 1, day: 5, hour: 10, minute: 0, second: 0, weekday: 0 };
    Origin { called, calling, device: "board", channel: 2, internal: false, at }
}

fn to(text: &str) -> Option<Target> {
    Some(text.parse().expect("a target"))
}

/// Proves: A4.4, A16.47, A19.29 in part (by hours)
#[test]
fn each_part_of_a_rule_must_fit_and_the_first_rule_that_fits_decides() {
    let routes = routes(json!([
        { "calling": "138*", "to": "hangup:17" },
        { "called": "8000", "hours": "mon-fri 08:30-17:30", "to": "flow:day" },
        { "called": "8000", "to": "flow:night" },
        { "called": "80xx", "channel": 7, "to": "queue:seven" },
        { "called": "80xx", "device": "sip", "to": "queue:sip" },
        { "called": "80xx", "to": "queue:rest" }
    ]));
    let find = |origin: Origin<'_>| routes.find(&origin);
    assert_eq!(find(origin("8000", "13800000000")), to("hangup:17"), "by the caller's number");
    assert_eq!(find(origin("8000", "")), to("flow:day"));
    let evening = Civil { hour: 20, ..origin("", "").at };
    assert_eq!(find(Origin { at: evening, ..origin("8000", "") }), to("flow:night"));
    let saturday = Civil { weekday: 5, ..origin("", "").at };
    assert_eq!(find(Origin { at: saturday, ..origin("8000", "") }), to("flow:night"));
    assert_eq!(find(Origin { channel: 7, ..origin("8011", "") }), to("queue:seven"));
    assert_eq!(find(Origin { device: "sip", ..origin("8011", "") }), to("queue:sip"));
    assert_eq!(find(origin("8011", "")), to("queue:rest"));
    assert_eq!(find(origin("8111", "")), None);
}

#[test]
fn a_number_without_a_rule_is_an_extension_or_leaves_the_house_if_it_comes_from_there() {
    let routes = routes(json!([]));
    let inside = |called| Origin { internal: true, ..origin(called, "1001") };
    assert_eq!(routes.find(&origin("1002", "")), to("extension:1002"));
    assert_eq!(routes.find(&inside("1002")), to("extension:1002"));
    assert_eq!(routes.find(&inside("95551234")), to("number:95551234"));
    assert_eq!(routes.find(&origin("95551234", "")), None, "nobody from outside calls out at our cost");
    assert_eq!(routes.find(&inside("7777")), None);
    assert_eq!(routes.find(&origin("", "")), None);
}

#[test]
fn the_longest_prefix_decides_how_a_number_leaves() {
    let routes = routes(json!([]));
    let out = |number| {
        let out = routes.outbound(number).ok()?;
        Some((out.trunk_group.name.as_str(), out.number.to_owned(), out.calling.map(str::to_owned)))
    };
    assert_eq!(out("95551234"), Some(("city", "5551234".into(), None)));
    assert_eq!(out("9001234"), Some(("far", "001234".into(), Some("01055550000".into()))));
    assert_eq!(out("01391111"), Some(("far", "01391111".into(), None)));
    assert_eq!(out("9"), None, "nothing is left to dial");
    assert_eq!(out("5551234"), None);
    assert_eq!(out(""), None);
    assert_eq!(out("9é"), Some(("city", "é".into(), None)), "no number, however odd, is more than a number");
}

#[test]
fn a_number_that_is_dialled_piece_by_piece_is_whole_when_nothing_else_can_follow() {
    use Dialled::{Open, Short, Unknown, Whole};
    let mut outbound: Vec<OutboundConfig> = list(json!([
        { "prefix": "9", "strip": 1, "digits_min": 4, "digits_max": 6, "trunk_group": "city" },
        { "prefix": "90", "strip": 1, "trunk_group": "city" },
        { "prefix": "00", "trunk_group": "city", "digits_min": 3 }
    ]));
    let groups: Vec<TrunkGroupConfig> = list(json!([{ "name": "city", "device": "board" }]));
    let extensions: Vec<ExtensionConfig> = list(json!([
        { "number": "1001", "device": "board", "channel": 4 },
        { "number": "10", "device": "board", "channel": 5 }
    ]));
    let rules: Vec<RouteConfig> = list(json!([
        { "called": "80xx", "to": "flow:main" },
        { "called": "7000", "device": "sip", "to": "flow:main" }
    ]));
    let routes = Routes::new(rules, extensions, outbound.clone(), groups.clone()).expect("they are right");
    let inside = |called| routes.dialled(&Origin { internal: true, ..origin(called, "") });
    for (number, wanted) in [
        ("", Short),
        ("1", Short),
        ("10", Open),
        ("1001", Whole),
        ("10012", Unknown),
        ("8", Short),
        ("80", Short),
        ("8012", Whole),
        ("81", Unknown),
        ("7", Unknown),
        ("9", Short),
        ("95", Short),
        ("9555", Open),
        ("955512", Whole),
        ("9555123", Unknown),
        ("90", Open),
        ("905", Open),
        ("90555123456789", Open),
        ("0", Short),
        ("00", Short),
        ("001", Open),
    ] {
        assert_eq!(inside(number), wanted, "{number}");
    }
    assert_eq!(routes.dialled(&origin("9555", "")), Unknown, "nobody from outside calls out at our cost");
    let cause = |number| routes.outbound(number).map(|out| out.number).expect_err("it is no number");
    assert_eq!((cause("955"), cause("9555123")), (Cause::INVALID_NUMBER, Cause::UNALLOCATED));
    assert_eq!((cause("9"), cause("5")), (Cause::INVALID_NUMBER, Cause::NO_ROUTE));
    // what there is of a number goes out while it is dialled, unless it can still lead elsewhere
    let begun = |called| routes.outbound_begun(&Origin { internal: true, ..origin(called, "") });
    let begun = |called| begun(called).map(|out| out.number);
    assert_eq!((begun("9"), begun("95"), begun("905")), (None, Some("5"), Some("05")));
    assert_eq!((begun("0"), begun("10"), begun("80")), (None, None, None));
    // lengths that cannot be
    (outbound[0].digits_min, outbound[1].digits_max) = (Some(1), Some(64));
    let problems = Routes::new(vec![], vec![], outbound, groups).expect_err("two mistakes");
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["outbound[0].digits_min", "outbound[1].digits_max"]);
}

#[test]
fn a_phone_is_known_by_its_channel_or_its_endpoint_on_its_own_device() {
    let routes = routes(json!([]));
    assert_eq!(routes.extension_at("board", 4, ""), Some(0));
    assert_eq!(routes.extension_at("board", 5, ""), Some(1));
    assert_eq!(routes.extension_at("board", 6, ""), None);
    assert_eq!(routes.extension_at("sip", 4, ""), None);
    assert_eq!(routes.extension_at("sip", 4, "anna"), Some(2));
    assert_eq!(routes.extension_at("sip2", 4, "anna"), Some(3));
    assert_eq!(routes.extension_at("board", 9, "anna"), None);
    assert_eq!(routes.extension("2001"), Some(2));
    assert_eq!(routes.extension("2"), None);
}

#[test]
fn what_cannot_be_is_found_at_its_path() {
    let extensions: Vec<ExtensionConfig> = list(json!([
        { "number": "1", "device": "b", "channel": 1 },
        { "number": "1", "device": "b", "channel": 2 },
        { "number": "3", "device": "b", "channel": 2 },
        { "number": "4", "device": "b" },
        { "number": "5", "device": "b", "channel": 5, "endpoint": "e" }
    ]));
    let groups: Vec<TrunkGroupConfig> = list(json!([{ "name": "city", "device": "b" }]));
    let outbound: Vec<OutboundConfig> = list(json!([
        { "prefix": "9", "strip": 2, "trunk_group": "city" },
        { "prefix": "9", "trunk_group": "city" },
        { "prefix": "0", "trunk_group": "village" }
    ]));
    let problems = Routes::new(vec![], extensions, outbound, groups).expect_err("six mistakes");
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    let wanted = [
        "extension[1].number",
        "extension[2]",
        "extension[3]",
        "extension[4]",
        "outbound[0].strip",
        "outbound[1].prefix",
        "outbound[2].trunk_group",
    ];
    assert_eq!(paths, wanted);
}
