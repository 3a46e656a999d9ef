//! Layers stack in any order, and are named in a configuration.

use crate::fake::{Event, Fake, Listener, THEIRS, frame};
use callcore_codec::Format;
use callcore_driver_host::layer::check::{CheckOptions, Clause, Policy};
use callcore_driver_host::layer::{Layer, Options, open};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Pool};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

fn layers(written: Value) -> Vec<Layer> {
    serde_json::from_value(written).unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn layers_are_named_by_a_word_or_with_options() {
    let read = layers(json!(["check", { "layer": "check", "policy": "quarantine", "quarantine_after": 3 }]));
    let plain = Layer(Options::Check(CheckOptions::default()));
    let strict = CheckOptions { policy: Policy::Quarantine, quarantine_after: 3, ..CheckOptions::default() };
    assert_eq!(read, [plain, Layer(Options::Check(strict))]);
    for wrong in
        [json!("chek"), json!({ "layer": "check", "polcy": "warn" }), json!({ "policy": "warn" }), json!(3)]
    {
        let why = serde_json::from_value::<Layer>(wrong.clone()).expect_err("it cannot be").to_string();
        assert!(why.contains("this layer cannot be"), "{wrong}: {why}");
    }
}

#[test]
fn every_order_of_layers_passes_everything_on() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let file = |name: &str| folder.path().join(name);
    let all = [
        json!("check"),
        json!({ "layer": "trace", "file": file("trace"), "frames": true }),
        json!({ "layer": "record", "file": file("record") }),
        json!("fault"),
    ];
    for first in 0..all.len() {
        for second in 0..all.len() {
            let order = layers(json!([all[first], all[second], all[(first + 2) % 4], all[(second + 1) % 4]]));
            let (host, mut fake) = (Listener::new(), Fake::new());
            let mut layered = open(&mut fake, "fake", "fake", &order, host.clone()).expect("they stack");
            let pool = Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A));
            let mut media = layered.device.start(&pool).expect("it starts").expect("it has media");
            frame(&mut *media, 0);
            fake.board.post(Event::new(CCD_EV_INCOMING, 0, THEIRS));
            assert_eq!(layered.device.command(&Command::Drop { call: THEIRS, q850: 16 }, 1), CCD_OK);
            drop(media);
            assert_eq!(layered.device.stop(), CCD_OK);
            assert_eq!(host.kinds(), [CCD_EV_INCOMING, CCD_EV_DONE, CCD_EV_RELEASED], "{order:?}");
            let checks = order.iter().filter(|layer| matches!(layer.0, Options::Check(_))).count();
            assert_eq!(layered.checkers.len(), checks);
            assert!(layered.checkers.iter().all(|checker| checker.broken().is_empty()), "{order:?}");
        }
    }
}

/// A check next to the host sees what a fault behind it does; one behind the fault does not.
#[test]
fn what_a_layer_does_is_seen_by_those_between_it_and_the_host() {
    let fault = json!({ "layer": "fault", "event_twice": 1000 });
    for (order, sees) in [(json!(["check", fault]), 1), (json!([fault, "check"]), 0)] {
        let (host, mut fake) = (Listener::new(), Fake::new());
        let mut layered = open(&mut fake, "fake", "fake", &layers(order), host).expect("they stack");
        layered.device.start(&Arc::new(Pool::new(2, Format::ALaw, CCD_LAW_A))).expect("it starts");
        fake.board.post(Event::new(CCD_EV_INCOMING, 0, THEIRS));
        assert_eq!(layered.checkers[0].count(Clause::SeqBack), sees);
    }
}
