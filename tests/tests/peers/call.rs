//! One call through everything: from outside into the menu, a key, the queue, an agent's phone, talk, records, recording.

use crate::phones::{Baresip, Codec, Sipp, dial, register};
use crate::server::{Plan, Server, free_port};
use crate::skip;
use crate::sound::{seconds_of, side, write_tone_capture};
use serde_json::Value;

const CALLER_HZ: f64 = 440.0;
const AGENT_HZ: u16 = 660;

fn at_least(record: &Value, key: &str, ms: u64) {
    assert!(record[key].as_u64().is_some_and(|value| value >= ms), "{key} < {ms}: {record:#}");
}

/// The record tells the caller's way, and in the recording each side has its own tone alone.
fn check_call(server: &Server, record: &Value) {
    assert_eq!(record["outcome"], "answered_by_agent", "{record:#}");
    assert_eq!((&record["calling"], &record["called"]), (&"02087001".into(), &"8000".into()), "{record:#}");
    let (started, ended) = (record["started"].as_i64(), record["ended"].as_i64());
    assert!(started.zip(ended).is_some_and(|(started, ended)| ended - started > 5000), "{record:#}");
    assert_eq!(record["queue"], "support", "{record:#}");
    assert_eq!(record["agent"], "1", "{record:#}");
    assert_eq!(record["digits"], "1", "{record:#}");
    assert_eq!(record["cause_q850"], 16, "{record:#}");
    assert_eq!(record["ended_by"], "caller", "{record:#}");
    assert!(record["queue_ms"].as_u64().is_some_and(|ms| ms < 8000), "{record:#}");
    at_least(record, "talk_ms", 3000);
    at_least(record, "recording_ms", 3000);
    let file = server.recording(record);
    let (left, right) = (side(&file, 1), side(&file, 2));
    let agent_hz = f64::from(AGENT_HZ);
    let (caller_s, agent_s) =
        (seconds_of(&left, CALLER_HZ, agent_hz), seconds_of(&right, agent_hz, CALLER_HZ));
    assert!(
        caller_s >= 2.0,
        "the caller's tone is alone on the left for {caller_s} s of {} samples",
        left.len()
    );
    assert!(
        agent_s >= 2.0,
        "the agent's tone is alone on the right for {agent_s} s of {} samples",
        right.len()
    );
}

/// Proves: A6.18, A18.13, A18.14, A19.9 in part (of service), A19.27 in part (one group)
#[test]
fn a_caller_talks_with_an_agent_on_sipp() {
    if skip() {
        return;
    }
    let mut server = Server::prepare("sipp-agent", &Plan { agents: 1 });
    write_tone_capture(&server.folder.join("caller.pcap"), CALLER_HZ, 12);
    write_tone_capture(&server.folder.join("agent.pcap"), f64::from(AGENT_HZ), 12);
    server.start();
    let phone_port = free_port();
    register(&server, "1001", phone_port);
    let agent = Sipp::listen(&server, "agent", phone_port, 1);
    Sipp::start(&server, "caller", server.outside_port, 1, &[]).succeeds();
    agent.succeeds();
    let records = server.wait_for_records(1);
    assert_eq!(records.len(), 1, "{records:#?}");
    at_least(&records[0], "ring_ms", 900);
    check_call(&server, &records[0]);
    server.stop();
    assert_eq!(server.records(), records, "a stop changes no record");
}

fn talks_with_baresip(codec: Codec) {
    let mut server = Server::prepare("baresip-agent", &Plan { agents: 1 });
    write_tone_capture(&server.folder.join("caller.pcap"), CALLER_HZ, 12);
    server.start();
    let phone = Baresip::start(&server, "1001", AGENT_HZ, codec);
    Sipp::start(&server, "caller", server.outside_port, 1, &[]).succeeds();
    let records = server.wait_for_records(1);
    check_call(&server, &records[0]);
    assert_eq!(phone.keys(), "2", "the caller's key in the talk, and not the one of the menu");
    drop(phone);
    server.stop();
}

/// A caller with G.711 and a phone with G.711, G.722 or Opus alone, who also gets the key that the caller presses. (G.729 has no peer among Debian's programs; the wire
/// tests of the SIP driver and the engine's tests of all pairs of formats have it.)
///
/// Proves: A16.11
#[test]
fn a_caller_talks_with_an_agent_on_baresip_in_each_of_its_codecs() {
    if skip() {
        return;
    }
    [Codec::G711, Codec::G722, Codec::OPUS].into_iter().for_each(talks_with_baresip);
}

#[test]
fn a_caller_who_hangs_up_in_the_queue_is_abandoned() {
    if skip() {
        return;
    }
    let mut server = Server::prepare("abandoned", &Plan { agents: 1 });
    server.start();
    // the only agent is not logged in: no phone has registered
    Sipp::start(&server, "impatient_caller", server.outside_port, 1, &[]).succeeds();
    let record = server.wait_for_records(1).remove(0);
    assert_eq!(record["outcome"], "abandoned", "{record:#}");
    assert_eq!(record["agent"], Value::Null, "{record:#}");
    assert_eq!(record["recording"], Value::Null, "{record:#}");
    at_least(&record, "queue_ms", 1500);
    server.stop();
}

/// Proves: A8.5, A19.25 in part (who is not ready is not rung)
#[test]
fn an_agent_on_a_break_is_not_rung() {
    if skip() {
        return;
    }
    let mut server = Server::prepare("break", &Plan { agents: 1 });
    write_tone_capture(&server.folder.join("caller.pcap"), CALLER_HZ, 12);
    write_tone_capture(&server.folder.join("agent.pcap"), f64::from(AGENT_HZ), 12);
    server.start();
    let phone_port = free_port();
    let agent = Sipp::listen(&server, "agent", phone_port, 1);
    register(&server, "1001", phone_port);

    dial(&server, "1001", "*43");
    Sipp::start(&server, "impatient_caller", server.outside_port, 1, &[]).succeeds();
    let records = server.wait_for_records(2);
    assert_eq!(
        (&records[0]["outcome"], &records[0]["offers"]),
        (&"abandoned".into(), &0.into()),
        "{records:#?}"
    );
    assert_eq!(
        (&records[1]["called"], &records[1]["cause_q850"]),
        (&"*43".into(), &16.into()),
        "{records:#?}"
    );
    assert_eq!(
        (&records[1]["calling"], &records[1]["internal"]),
        (&"1001".into(), &true.into()),
        "{records:#?}"
    );

    dial(&server, "1001", "*42");
    Sipp::start(&server, "caller", server.outside_port, 1, &[]).succeeds();
    agent.succeeds();
    let records = server.wait_for_records(4);
    check_call(&server, &records[0]);
    server.stop();
}
