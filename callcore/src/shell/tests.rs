//! The media thread in a whole node: nothing it does takes memory or gives it back.

use super::{BuiltIn, DeviceSettings, Node, Settings};
use crate::exchange::Config;
use assert_no_alloc::{AllocDisabler, violation_count};
use callcore_driver_sdk::negotiate_fn;
use callcore_driver_sim::SimDriver;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

/// Requests for memory inside frames, in all nodes of this process.
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static FRAMES: AtomicU64 = AtomicU64::new(0);
/// Held by tests whose nodes must not be counted together: layers that write frames down take memory for it.
pub(super) static ALONE: Mutex<()> = Mutex::new(());

/// Called by the media thread after each frame.
pub(super) fn count_allocations() {
    ALLOCATIONS.fetch_max(violation_count().into(), Ordering::Relaxed);
    FRAMES.fetch_add(1, Ordering::Relaxed);
}

fn config() -> Config {
    let config = json!({
        "recording": {"outside": "always"},
        "extension": [{"number": "1001", "device": "sim", "channel": 8}],
        "route": [{"called": "8000", "to": "flow:main"}, {"called": "1001", "to": "extension:1001"}],
        "flow": {"main": {"start": "menu", "node": {
            "menu": {"type": "play_option", "prompts": ["hello"], "options": {"2": "extension:1001"}},
        }}},
    });
    serde_json::from_value(config).expect("the configuration is right")
}

/// A tone of 8000 samples a second as a WAV file.
fn wav(samples: u32) -> Vec<u8> {
    let mut file =
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data"
            .to_vec();
    file.extend((samples * 2).to_le_bytes());
    file.extend((0..samples).flat_map(|n| ((n % 16 * 500) as i16).to_le_bytes()));
    file
}

#[test]
fn a_handle_goes_to_any_thread() {
    fn any_thread<T: Send + Sync + Clone>() {}
    fn to_another_thread<T: Send>() {}
    any_thread::<super::Handle>();
    to_another_thread::<Node>();
}

#[test]
fn the_media_thread_takes_and_gives_no_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    ALLOCATIONS.store(0, Ordering::Relaxed);
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let mut settings = Settings::new(folder.path());
    std::fs::create_dir_all(&settings.prompts_dir).expect("it can be written");
    std::fs::write(settings.prompts_dir.join("hello.wav"), wav(4000)).expect("it can be written");
    settings.speed = 20.0;
    settings.built_in = vec![BuiltIn { name: "sim", negotiate: negotiate_fn::<SimDriver>() }];
    // callers that come, press keys, talk, and go by themselves
    let sim = json!({"trunks": 8, "extensions": 8, "arrivals_per_hour": 3600, "digits": "2:3 5", "press_after_ms": 300,
        "answer_after_ms": 500, "talk_ms": 2000, "inband_digits": 1});
    settings.devices = vec![DeviceSettings::new("sim", "sim", sim)];
    let node = Node::start(config(), settings).expect("everything is right");
    let (handle, deadline) = (node.handle(), Instant::now() + Duration::from_secs(60));
    while handle.snapshot().calls_count < 12 || FRAMES.load(Ordering::Relaxed) < 500 {
        assert!(Instant::now() < deadline, "{:?}", handle.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
    node.stop().expect("it stops");
    let stats = handle.stats();
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed), 0, "{stats:?}");
    assert_eq!((stats.media.commands_refused, stats.media_events_lost), (0, 0), "{stats:?}");
}
