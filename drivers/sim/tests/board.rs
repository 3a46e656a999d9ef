//! The simulator as a host sees it: through its tables, with a clock, a configuration and frames.

use callcore_driver_sdk::sys::*;
use callcore_driver_sdk::testkit::{Bench, Seen, Setting, TestHost};
use callcore_driver_sdk::{Format, negotiate_fn};
use callcore_driver_sim::SimDriver;
use std::collections::BTreeMap;
use std::time::Duration;

/// No event of these tests takes that long on any machine that is alive.
const LIMIT: Duration = Duration::from_secs(60);

fn bench(settings: &[(&str, Setting)], speed: u64) -> Bench {
    let mut all = settings.to_vec();
    all.push(("speed_milli", Setting::Int(speed as i64 * 1_000)));
    let host = TestHost::new(&all, speed);
    let mut bench = Bench::open(negotiate_fn::<SimDriver>(), &host).expect("the configuration is fine");
    bench.start(160, Format::L16).expect("it starts");
    bench
}

fn wait(bench: &Bench, from: &mut usize, what: &str, fits: impl Fn(&Seen) -> bool) -> Seen {
    let (seen, next) =
        bench.host().wait_for(*from, LIMIT, fits).unwrap_or_else(|rest| panic!("no {what} in {rest:?}"));
    *from = next;
    seen
}

/// The order automaton of the contract.
fn check_order(events: &[Seen]) -> BTreeMap<u64, u16> {
    let mut calls: BTreeMap<u64, u16> = BTreeMap::new();
    for event in events.iter().filter(|event| event.call != 0 && event.kind != CCD_EV_DONE) {
        let before = calls.get(&event.call).copied();
        let fine = match (before, event.kind) {
            (None, CCD_EV_INCOMING | CCD_EV_DIALING) => true,
            (Some(CCD_EV_DIALING), CCD_EV_ALERTING) => true,
            (Some(CCD_EV_INCOMING | CCD_EV_DIALING | CCD_EV_ALERTING), CCD_EV_CONNECTED) => true,
            (Some(CCD_EV_CONNECTED | CCD_EV_RETRIEVED), CCD_EV_HELD) => true,
            (Some(CCD_EV_HELD), CCD_EV_RETRIEVED) => true,
            (Some(CCD_EV_CONNECTED | CCD_EV_HELD | CCD_EV_RETRIEVED), CCD_EV_DIGIT) => continue,
            (Some(last), CCD_EV_DISCONNECTED) => last != CCD_EV_DISCONNECTED && last != CCD_EV_RELEASED,
            (Some(last), CCD_EV_RELEASED) => last != CCD_EV_RELEASED,
            _ => false,
        };
        assert!(fine, "after {before:?} came {event:?}");
        calls.insert(event.call, event.kind);
    }
    calls
}

#[test]
fn a_caller_by_hand_calls_presses_and_hangs_up() {
    let mut bench = bench(&[("people", "manual".into())], 1);
    let mut from = 0;
    bench.act("channel 1 calls 8000 from 13800000000").expect("the trunk is idle");
    let incoming = wait(&bench, &mut from, "incoming", |e| e.kind == CCD_EV_INCOMING);
    assert_eq!(
        (incoming.channel, incoming.called.as_str(), incoming.calling.as_str()),
        (1, "8000", "13800000000")
    );
    assert_eq!(incoming.call % 2, 1);
    assert_eq!(bench.accept(incoming.call, CCD_STEP_ALERTING, 1), Ok(()));
    assert_eq!(bench.answer(incoming.call, 2), Ok(()));
    bench.act("channel 1 digit 2").expect("connected");
    assert_eq!(wait(&bench, &mut from, "digit", |e| e.kind == CCD_EV_DIGIT).digit, b'2');
    bench.act("channel 1 hangs up").expect("connected");
    wait(&bench, &mut from, "disconnected", |e| e.kind == CCD_EV_DISCONNECTED && e.q850 == 16);
    assert_eq!(bench.answer(incoming.call, 3), Err(CCD_E_STATE), "the caller is gone");
    assert_eq!(bench.drop_call(incoming.call, 16, 4), Ok(()));
    wait(&bench, &mut from, "released", |e| e.kind == CCD_EV_RELEASED);
    assert_eq!(bench.drop_call(incoming.call, 16, 5), Err(CCD_E_GONE));
    let done: Vec<u64> =
        bench.host().events().iter().filter(|e| e.kind == CCD_EV_DONE).map(|e| e.req).collect();
    assert_eq!(done, [1, 2, 4], "one DONE for each accepted command, none for a refused one");
}

#[test]
fn act_lines_that_cannot_be_say_why() {
    let mut bench = bench(&[("people", "manual".into())], 1);
    let (status, why) = bench.act("channel 1 sings").expect_err("not an act");
    assert!(status == CCD_E_ARG && why.contains("hangs up"), "{why}");
    let (status, why) = bench.act("channel 17 answers").expect_err("nothing rings");
    assert!(status == CCD_E_STATE && why.contains("idle"), "{why}");
    let (status, why) = bench.act("channel 99 answers").expect_err("no such channel");
    assert!(status == CCD_E_ARG && why.contains("32"), "{why}");
    assert_eq!(bench.stop(), Ok(()));
    assert_eq!(bench.act("channel 1 calls 8000").expect_err("stopped").0, CCD_E_STATE);
}

/// The first thing an agent does is answered by the clock, not by the test: 20 times as fast here.
#[test]
fn an_agent_answers_by_itself_and_time_limits_ring_out() {
    let settings = [
        ("answer_after_ms", Setting::Int(2_000)),
        ("trunks", 1.into()),
        ("outside_no_answer_percent", 100.into()),
    ];
    let mut bench = bench(&settings, 20);
    let (mut from, made_ns) = (0, bench.host().now_ns());
    assert_eq!(bench.make(1, 2, "101", 0, 0), Ok(()));
    wait(&bench, &mut from, "alerting", |e| e.kind == CCD_EV_ALERTING);
    let up = wait(&bench, &mut from, "connected", |e| e.kind == CCD_EV_CONNECTED);
    assert!(up.t_ns - made_ns >= 2_000_000_000, "not before its time");
    assert_eq!(bench.make(0, 4, "5551234", 3_000, 0), Ok(()));
    wait(&bench, &mut from, "no answer", |e| e.kind == CCD_EV_DISCONNECTED && e.call == 4 && e.q850 == 19);
}

/// Repeatable random numbers below n.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// People who do what they like, and quickly.
fn lively() -> [(&'static str, Setting); 8] {
    [
        ("arrivals_per_hour", Setting::Int(100_000)),
        ("answer_after_ms", "uniform 0 2000".into()),
        ("talk_ms", "exponential 3000".into()),
        ("alone_ms", Setting::Int(2_000)),
        ("busy_percent", 10.into()),
        ("reject_percent", 10.into()),
        ("outside_answer_after_ms", "uniform 0 2000".into()),
        ("setup_ms", "uniform 0 300".into()),
    ]
}

/// 1000 calls made and dropped at random moments, on every channel, with causes right and wrong.
#[test]
fn a_thousand_calls_keep_the_order() {
    let mut bench = bench(&lively(), 500);
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut made, mut living) = (0u64, Vec::new());
    while made < 1_000 {
        let call = 2 * (made + 1);
        if bench.make(dice.below(32) as u32, call, "100", dice.below(3_000) as u32, 0).is_ok() {
            made += 1;
            living.push(call);
        }
        if living.len() > 12 || (!living.is_empty() && dice.below(3) == 0) {
            let pick = living.swap_remove(dice.below(living.len() as u64) as usize);
            let q850 = [0, 16, 17, 127, 255][dice.below(5) as usize];
            assert_eq!(bench.drop_call(pick, q850, 0), Ok(()));
        }
        answer_and_clear(&mut bench);
    }
    assert_eq!(bench.act("arrivals 0 per hour"), Ok(()));
    drop_the_rest(&mut bench);
    let calls = check_order(&bench.host().events());
    assert!(calls.len() > 1_000 && calls.values().all(|last| *last == CCD_EV_RELEASED));
}

/// Incoming calls that wait are answered, those whose caller is gone are dropped.
fn answer_and_clear(bench: &mut Bench) {
    let calls =
        check_order(&bench.host().events().into_iter().filter(|e| e.call % 2 == 1).collect::<Vec<_>>());
    for (call, last) in calls {
        match last {
            CCD_EV_INCOMING => drop(bench.answer(call, 0)),
            CCD_EV_DISCONNECTED => assert_eq!(bench.drop_call(call, 16, 0), Ok(())),
            _ => {}
        }
    }
}

fn drop_the_rest(bench: &mut Bench) {
    let calls = check_order(&bench.host().events());
    for (call, last) in calls {
        if last != CCD_EV_RELEASED {
            assert_eq!(bench.drop_call(call, 16, 0), Ok(()));
        }
    }
}

/// Nothing gets lost, and nothing overtakes: the driver waits for room.
#[test]
fn a_host_without_room_gets_every_event_later() {
    let mut bench = bench(&[("people", "manual".into())], 1);
    bench.refuse_posts(25);
    bench.act("channel 0 calls 8000").expect("the trunk is idle");
    let incoming = wait(&bench, &mut 0, "incoming", |e| e.kind == CCD_EV_INCOMING);
    bench.refuse_posts(25);
    assert_eq!(bench.answer(incoming.call, 0), Ok(()));
    bench.act("channel 0 digits 123").expect("connected");
    let mut from = 0;
    wait(&bench, &mut from, "connected", |e| e.kind == CCD_EV_CONNECTED);
    for digit in *b"123" {
        assert_eq!(wait(&bench, &mut from, "digit", |e| e.kind == CCD_EV_DIGIT).digit, digit);
    }
}

#[test]
fn stop_ends_everything_and_start_begins_anew_with_new_ids() {
    let mut bench = bench(&[("arrivals_per_hour", Setting::Int(1_000_000))], 100);
    let mut from = 0;
    let first = wait(&bench, &mut from, "incoming", |e| e.kind == CCD_EV_INCOMING);
    assert_eq!(bench.stop(), Ok(()));
    let after_stop = bench.host().events().len();
    assert_eq!(bench.answer(first.call, 0), Err(CCD_E_STATE));
    bench.start(80, Format::ALaw).expect("it starts again");
    let again = wait(&bench, &mut after_stop.clone(), "incoming", |e| e.kind == CCD_EV_INCOMING);
    assert!(again.call > first.call, "ids are never used twice while the device is open");
    assert_eq!(bench.answer(first.call, 0), Err(CCD_E_GONE));
}

#[test]
fn a_removed_board_ends_its_calls() {
    let mut bench = bench(&[("people", "manual".into())], 1);
    let mut from = 0;
    bench.act("channel 0 calls 8000").expect("the trunk is idle");
    bench.act("device removed").expect("it is there");
    wait(&bench, &mut from, "removed", |e| e.kind == CCD_EV_DEVICE_REMOVED);
    wait(&bench, &mut from, "released", |e| e.kind == CCD_EV_RELEASED);
    assert_eq!(bench.make(2, 2, "100", 0, 0), Err(CCD_E_GONE));
    bench.act("device back").expect("it was removed");
    wait(&bench, &mut from, "added", |e| e.kind == CCD_EV_DEVICE_ADDED);
    assert_eq!(bench.make(2, 4, "100", 0, 0), Ok(()));
}

#[test]
fn a_wrong_setting_is_refused_by_its_path() {
    let wrong: [(&str, Setting); 9] = [
        ("trunks", Setting::Int(-1)),
        ("trunks", "many".into()),
        ("uid", "".into()),
        ("digits", "1:x".into()),
        ("patience_ms", "soon".into()),
        ("talk_ms", Setting::Int(-5)),
        ("people", "lazy".into()),
        ("speed_milli", Setting::Int(0)),
        ("called", Setting::Int(1)),
    ];
    for (path, value) in wrong {
        let host = TestHost::new(&[(path, value.clone())], 1);
        let (status, why) = Bench::open(negotiate_fn::<SimDriver>(), &host)
            .err()
            .unwrap_or_else(|| panic!("{path} {value:?}"));
        assert!(status == CCD_E_CONFIG && why.starts_with(path), "{path} {value:?}: {status} {why}");
    }
}

/// The schema names exactly the paths the driver asks for.
#[test]
fn the_schema_and_the_code_know_the_same_settings() {
    let kinds = [("boards.0.kind", "fxo".into()), ("boards.1.kind", "e1".into())];
    let lists =
        [("called", Setting::Int(1)), ("called.0.number", "8000".into()), ("boards", Setting::Int(2))];
    let bench = bench(&[lists.as_slice(), kinds.as_slice()].concat(), 1);
    let schema: serde_json::Value = serde_json::from_str(&bench.schema()).expect("the schema is JSON");
    let properties = schema["properties"].as_object().expect("it lists properties");
    // the host itself tells a driver which devices it has and what they are called
    let is_setting = |path: &String| !path.contains('.') && !["devices", "name"].contains(&path.as_str());
    let asked: Vec<String> = bench.host().asked().into_iter().filter(is_setting).collect();
    let mut listed: Vec<String> = properties.keys().cloned().collect();
    listed.sort();
    assert_eq!(asked, listed);
    let entry = properties["called"]["items"]["properties"].as_object().expect("entries have members");
    assert_eq!(entry.keys().map(String::as_str).collect::<Vec<_>>(), ["number", "weight"]);
    let entry = properties["boards"]["items"]["properties"].as_object().expect("entries have members");
    let of_board =
        |path: String| path.split('.').nth(2).map(str::to_owned).filter(|_| path.starts_with("boards."));
    let asked: std::collections::BTreeSet<String> =
        bench.host().asked().into_iter().filter_map(of_board).collect();
    assert_eq!(asked, entry.keys().cloned().collect());
    let manifest: serde_json::Value =
        serde_json::from_str(include_str!("../callcore_sim.ccdrv.json")).expect("the manifest is JSON");
    assert_eq!((&manifest["id"], &manifest["abi"]), (&"org.callcore.sim".into(), &1.into()));
}

#[test]
fn statistics_are_json() {
    let mut bench = bench(&[("people", "manual".into())], 1);
    bench.act("channel 0 calls 8000").expect("the trunk is idle");
    bench.exchange(|_| false).expect("started");
    let stats: serde_json::Value = serde_json::from_str(&bench.stats()).expect("JSON");
    assert_eq!((&stats["incoming"], &stats["frames"]), (&1.into(), &1.into()));
}
