//! The order of things: all calls begin, the sound settles, it is measured, all hang up.

use crate::account::Report;
use crate::sip::Signalling;
use crate::sound::Sound;
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How often the one thread looks at everything.
const TICK: Duration = Duration::from_millis(1);
/// After the last call is up, so much passes unmeasured: an adaptive jitter buffer goes from the delay it begins with down to
/// the one it needs, 10 ms every 2 s, and joins its sound at each step.
const SETTLE: Duration = Duration::from_secs(10);
/// So long a call may take to be up, or to be gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the command line says.
pub(crate) struct Options {
    /// Where callcore listens.
    pub(crate) server: SocketAddr,
    /// Where the callers are: the address of a trunk.
    pub(crate) callers: SocketAddr,
    /// Where the phones are: the contact under which they have been registered.
    pub(crate) phones: SocketAddr,
    /// All sound comes and goes here, RTCP one higher.
    pub(crate) rtp: SocketAddr,
    pub(crate) calls: usize,
    /// Calls begun in a second.
    pub(crate) rate: usize,
    pub(crate) seconds: u64,
    /// The number that the first caller dials.
    pub(crate) first: u64,
    /// So many callers dial the same number; then comes the next.
    pub(crate) parties: u64,
    /// Whether phones are reached, and everybody hears one other person: then it is checked that they do.
    pub(crate) pairs: bool,
}

impl Options {
    /// Reads the command line; what it does not say has a default.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let (server, callers, phones, rtp) = (local(15_060), local(15_070), local(15_073), local(15_080));
        let mut options = Self {
            server,
            callers,
            phones,
            rtp,
            calls: 10,
            rate: 50,
            seconds: 10,
            first: 20_001,
            parties: 1,
            pairs: true,
        };
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(format!("{name}: a value is missing"))?;
            options.set(&name, &value).map_err(|why| format!("{name} {value}: {why}"))?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Box<dyn std::error::Error>> {
        match name {
            "--server" => self.server = value.parse()?,
            "--callers" => self.callers = value.parse()?,
            "--phones" => self.phones = value.parse()?,
            "--rtp" => self.rtp = value.parse()?,
            "--calls" => self.calls = value.parse()?,
            "--rate" => self.rate = value.parse()?,
            "--seconds" => self.seconds = value.parse()?,
            "--first" => self.first = value.parse()?,
            "--parties" => self.parties = value.parse()?,
            "--pairs" => self.pairs = value.parse()?,
            _ => return Err("not known".into()),
        }
        Ok(())
    }
}

struct Run {
    signalling: Signalling,
    sound: Sound,
    next: Instant,
}

impl Run {
    /// Lets a tick pass, and does what is due in it.
    fn tick(&mut self) {
        self.next += TICK;
        std::thread::sleep(self.next.saturating_duration_since(Instant::now()));
        self.signalling.receive(&mut self.sound);
        self.sound.tick();
    }

    /// Ticks until the time has passed or it is so.
    fn until(&mut self, limit: Duration, is_so: impl Fn(&Signalling) -> bool) {
        let end = Instant::now() + limit;
        while Instant::now() < end && !is_so(&self.signalling) {
            self.tick();
        }
    }

    fn begin_calls(&mut self, options: &Options) {
        let began = Instant::now();
        for call in 0..options.calls {
            let due = Duration::from_secs_f64(call as f64 / options.rate as f64);
            self.until(due.saturating_sub(began.elapsed()), |_| false);
            self.signalling.invite(call);
        }
        self.until(PATIENCE, |signalling| signalling.pending() == 0);
    }

    fn end_calls(&mut self, options: &Options) {
        for call in 0..options.calls {
            self.signalling.hang_up(call);
            self.tick();
        }
        self.until(PATIENCE, |signalling| signalling.talking() == 0);
    }
}

fn say(text: &str) {
    println!("{text}");
    let _ = std::io::stdout().flush();
}

/// Everything, once.
pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::read(std::env::args().skip(1))?;
    let sound = Sound::open(options.rtp, 2 * options.calls)?;
    let mut run = Run { signalling: Signalling::open(&options)?, sound, next: Instant::now() };
    run.begin_calls(&options);
    say(&format!("up {}", run.signalling.talking()));
    run.until(SETTLE, |_| false);
    say("measuring");
    run.sound.account(options.seconds);
    run.until(Duration::from_secs(options.seconds), |_| false);
    let (heard, said_late_us) = run.sound.accounts();
    say("measured");
    let report = Report::new(&heard, said_late_us, run.signalling.talking(), &options);
    say(&report.json());
    run.end_calls(&options);
    say("done");
    Ok(())
}
