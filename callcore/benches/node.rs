//! What a whole node costs on this machine: calls through the real shell on simulated lines, in real time.
//!
//! `cargo bench -p callcore --bench node -- [calls at a time] [seconds]`

use callcore::exchange::Config;
use callcore::shell::{BuiltIn, DeviceSettings, Node, Settings};
use callcore_driver_sdk::negotiate_fn;
use callcore_driver_sim::SimDriver;
use serde_json::json;
use std::time::{Duration, Instant};

/// How long each caller stays, in seconds.
const STAY_S: u64 = 10;

fn config() -> Config {
    let config = json!({
        "recording": {"outside": "always"},
        "route": [{"called": "8000", "to": "flow:main"}],
        "flow": {"main": {"start": "menu", "node": {
            "menu": {"type": "play_option", "prompts": ["long"], "options": {"2": "hangup"}},
        }}},
    });
    serde_json::from_value(config).expect("the configuration is right")
}

fn wav(samples: u32) -> Vec<u8> {
    let mut file =
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data"
            .to_vec();
    file.extend((samples * 2).to_le_bytes());
    file.extend((0..samples).flat_map(|n| ((n % 16 * 500) as i16).to_le_bytes()));
    file
}

/// Processor time of this process so far, in clock ticks of 10 ms (fields 14 and 15 of `/proc/self/stat`).
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn main() {
    let figures: Vec<u64> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let calls = figures.first().copied().unwrap_or(200);
    let seconds = figures.get(1).copied().unwrap_or(20);
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let mut settings = Settings::new(folder.path());
    std::fs::create_dir_all(&settings.prompts_dir).expect("it can be written");
    std::fs::write(settings.prompts_dir.join("long.wav"), wav(60 * 8000)).expect("it can be written");
    settings.built_in = vec![BuiltIn { name: "sim", negotiate: negotiate_fn::<SimDriver>() }];
    let sim = json!({"trunks": (calls * 2).min(4096), "extensions": 0, "arrivals_per_hour": calls * 3600 / STAY_S,
        "patience_ms": STAY_S * 1000});
    settings.devices = vec![DeviceSettings::new("sim", "sim", sim)];
    let node = Node::start(config(), settings).expect("everything is right");
    let handle = node.handle();
    // until as many come as go
    std::thread::sleep(Duration::from_secs(STAY_S + 2));
    let (before, cpu, began, count) =
        (handle.stats(), processor_s(), Instant::now(), handle.snapshot().calls_count);
    std::thread::sleep(Duration::from_secs(seconds));
    let (after, snapshot, real_s) = (handle.stats(), handle.snapshot(), began.elapsed().as_secs_f64());
    let cpu_s = processor_s() - cpu;
    println!(
        "{} calls at a time, {:.1} new a second",
        snapshot.calls.len(),
        (snapshot.calls_count - count) as f64 / real_s
    );
    println!("processor: {:.1} % of one core", 100.0 * cpu_s / real_s);
    println!(
        "frames: {}, late: {}",
        after.media.frames - before.media.frames,
        after.media.frames_late - before.media.frames_late
    );
    println!("{after:#?}");
    node.stop().expect("it stops");
}
