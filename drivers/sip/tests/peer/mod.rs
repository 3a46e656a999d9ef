//! A bed for tests with `sipp`: free ports, a host with the driver and a media thread, and the peer as a process.

#![allow(dead_code)] // each test file takes what it needs

pub(crate) mod phone;

use callcore_driver_sdk::testkit::{Bench, Seen, Setting, TestHost};
use callcore_driver_sdk::{Format, negotiate_fn};
use callcore_driver_sip::SipDriver;
use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Everything that happens, happens in this time.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Whether there is no peer to test with; says so.
pub(crate) fn skip() -> bool {
    let skip = std::env::var_os("CALLCORE_PEERS").is_none();
    if skip {
        println!("skipped: needs sipp; set CALLCORE_PEERS=1 where it is installed");
    }
    skip
}

/// Ports given out, from below those the system gives to sockets that do not care.
static PORT: AtomicU16 = AtomicU16::new(0);

/// A port that is free for UDP and TCP, and that no other test gets.
pub(crate) fn free_port() -> u16 {
    loop {
        let count = PORT.fetch_add(1, Ordering::Relaxed);
        let port = 30_000 + (std::process::id() as u16 % 40 * 64 + count) % 2700;
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The driver on the bench, with a thread that exchanges a frame every 20 ms and sends back what it hears.
pub(crate) struct Bed {
    pub(crate) host: TestHost,
    pub(crate) port: u16,
    pub(crate) peer_port: u16,
    bench: Arc<Mutex<Bench>>,
    stop: Arc<AtomicBool>,
    pump: Option<JoinHandle<()>>,
    seen: usize,
}

/// Ports for RTP: each bed takes its own thousand, below those of `free_port`.
static RTP: AtomicU16 = AtomicU16::new(0);

impl Bed {
    /// A driver with the trunk `peer` and whatever else is set.
    pub(crate) fn new(more: &[(&str, Setting)]) -> Self {
        let (port, peer_port) = (free_port(), free_port());
        let rtp = 11_000 + RTP.fetch_add(1, Ordering::Relaxed) % 19 * 1000;
        let mut settings = vec![
            ("listen", Setting::from(format!("127.0.0.1:{port}"))),
            ("rtp_ports", format!("{rtp}-{}", rtp + 999).into()),
            ("channels", 64.into()),
            ("trunks", 1.into()),
            ("trunks.0.name", "peer".into()),
            ("trunks.0.address", format!("127.0.0.1:{peer_port}").into()),
            ("trunks.0.match", "127.0.0.1".into()),
        ];
        settings.extend_from_slice(more);
        let host = TestHost::new(&settings, 1);
        let mut bench = Bench::open(negotiate_fn::<SipDriver>(), &host).expect("the driver opens");
        bench.start(160, Format::ALaw).expect("the driver starts");
        let (bench, stop) = (Arc::new(Mutex::new(bench)), Arc::new(AtomicBool::new(false)));
        let (own, end) = (bench.clone(), stop.clone());
        let pump = std::thread::spawn(move || pump(&own, &end));
        Self { host, port, peer_port, bench, stop, pump: Some(pump), seen: 0 }
    }

    pub(crate) fn bench(&self) -> MutexGuard<'_, Bench> {
        self.bench.lock().expect("the media thread does not panic")
    }

    /// The next event of this kind; those before it are passed over.
    pub(crate) fn next(&mut self, kind: u16) -> Seen {
        let found = self.host.wait_for(self.seen, LIMIT, |seen| seen.kind == kind);
        let (seen, after) = found.unwrap_or_else(|heard| panic!("no event {kind}; heard {heard:#?}"));
        self.seen = after;
        seen
    }

    /// Starts a scenario: a built-in one by name, or a file of `tests/scenarios`.
    pub(crate) fn sipp(&self, scenario: &str, more: &[&str]) -> Peer {
        run(self.peer_port, self.port, scenario, more)
    }

    /// Starts a scenario that answers, and waits until it listens.
    pub(crate) fn listens(&self, port: u16, scenario: &str, more: &[&str]) -> Peer {
        listens(port, scenario, more)
    }
}

/// Starts a scenario that answers, and waits until it listens.
pub(crate) fn listens(port: u16, scenario: &str, more: &[&str]) -> Peer {
    let peer = run(port, 9, scenario, more);
    let deadline = Instant::now() + LIMIT;
    while !is_bound(port) {
        assert!(Instant::now() < deadline, "sipp does not listen on {port}");
        std::thread::yield_now();
    }
    peer
}

/// Whether somebody has this UDP port. Looked up rather than tried, for a try would take it from the peer.
fn is_bound(port: u16) -> bool {
    let sockets = std::fs::read_to_string("/proc/net/udp").expect("a Linux system");
    sockets.contains(&format!(":{port:04X} "))
}

fn run(port: u16, remote: u16, scenario: &str, more: &[&str]) -> Peer {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/scenarios/{scenario}.xml"));
    let mut command = Command::new("sipp");
    command.arg(format!("127.0.0.1:{remote}"));
    if file.exists() {
        command.arg("-sf").arg(file);
    } else {
        command.args(["-sn", scenario]);
    }
    let (port, control) = (port.to_string(), free_port().to_string());
    command.args(["-i", "127.0.0.1", "-p", &port, "-cp", &control, "-nostdin", "-timeout", "40s"]);
    command.args(["-timeout_error", "-trace_err", "-error_file", "/dev/stderr"]).args(more);
    command.current_dir(std::env::temp_dir()).stdin(Stdio::null());
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    Peer(Some(child.expect("sipp is installed where CALLCORE_PEERS is set")))
}

impl Bed {
    /// Ends the media thread and stops the device.
    pub(crate) fn end(&mut self) {
        self.end_media();
        self.bench().stop().expect("was started");
    }

    fn end_media(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(pump) = self.pump.take() {
            let _ = pump.join();
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.end_media();
    }
}

fn pump(bench: &Mutex<Bench>, stop: &AtomicBool) {
    let mut next = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        if let Ok(mut bench) = bench.lock() {
            let said: Vec<bool> = (0..bench.channels()).map(|channel| bench.was_heard(channel)).collect();
            for channel in (0..bench.channels()).filter(|channel| said[*channel as usize]) {
                let heard = bench.heard(channel);
                bench.say(channel, &heard);
            }
            bench.exchange(|channel| said[channel as usize]).expect("the device is started");
        }
        next += Duration::from_millis(20);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

/// A running `sipp`; ended with the test.
pub(crate) struct Peer(Option<Child>);

impl Peer {
    /// Waits for its end and expects that every call went as its scenario says.
    pub(crate) fn succeeds(mut self) {
        let child = self.0.take().expect("is running");
        let output = child.wait_with_output().expect("can be read");
        assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
