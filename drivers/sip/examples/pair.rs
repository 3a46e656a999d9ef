//! What the audio of a call costs: two devices call each other and talk, and a frame of both is timed.
//!
//! `cargo run --release -p callcore-driver-sip --example pair -- 200`

use callcore_driver_sdk::sys::*;
use callcore_driver_sdk::testkit::{Bench, Setting, TestHost};
use callcore_driver_sdk::{Format, negotiate_fn};
use callcore_driver_sip::SipDriver;
use std::time::{Duration, Instant};

const PORTS: [u16; 2] = [31_917, 31_919];

fn open(side: usize, calls: i64) -> (TestHost, Bench) {
    let (own, other) = (PORTS[side], PORTS[1 - side]);
    let settings = [
        ("listen", Setting::from(format!("127.0.0.1:{own}"))),
        ("rtp_ports", ["20000-24999", "25000-29999"][side].into()),
        ("channels", calls.into()),
        ("trunks", 1.into()),
        ("trunks.0.name", "other".into()),
        ("trunks.0.address", format!("127.0.0.1:{other}").into()),
    ];
    let host = TestHost::new(&settings, 1);
    let mut bench = Bench::open(negotiate_fn::<SipDriver>(), &host).expect("the driver opens");
    bench.start(160, Format::ALaw).expect("the port is free");
    (host, bench)
}

fn main() {
    let calls: i64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200);
    let ((_, mut caller), (callee_host, mut callee)) = (open(0, calls), open(1, calls));
    let mut at = 0;
    for n in 0..calls as u64 {
        caller.make_via(n as u32, 2 * n + 2, "100", Some("other"), 0, 1).expect("a trunk");
        let limit = Duration::from_secs(5);
        let (call, next) =
            callee_host.wait_for(at, limit, |e| e.kind == CCD_EV_INCOMING).expect("it arrives");
        callee.answer(call.call, 2).expect("answers");
        at = callee_host.wait_for(next, limit, |e| e.kind == CCD_EV_CONNECTED).expect("it is up").1;
    }
    let (mut next, mut spent, mut worst, mut heard) = (Instant::now(), Duration::ZERO, Duration::ZERO, 0);
    let frames = 300;
    for _ in 0..frames {
        for bench in [&mut caller, &mut callee] {
            let began = Instant::now();
            bench.exchange(|_| true).expect("it is started");
            spent += began.elapsed();
            worst = worst.max(began.elapsed());
        }
        heard += (0..calls as u32).filter(|channel| callee.was_heard(*channel)).count();
        next += Duration::from_millis(20);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    let frame = spent / (2 * frames);
    let share = heard as f64 / (frames as f64 * calls as f64) * 100.0;
    println!(
        "{calls} talking calls: a frame takes {frame:?}, at worst {worst:?}; {share:.1} % of it was heard"
    );
}
