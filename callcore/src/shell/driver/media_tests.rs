//! The media half against drivers that say formats, keep still, or talk nonsense.

use super::media::MediaHalf;
use crate::shell::inbox::DeviceRing;
use callcore_codec::Format;
use callcore_driver_host::{Media, Pool, Tick, Way};
use callcore_driver_sys::*;
use std::sync::{Arc, Mutex, MutexGuard};

/// What the driver of a test is to say in its next frame, and what it was told in the last one.
#[derive(Default)]
struct Lines {
    say: Option<u8>,
    rx: Vec<u8>,
    told: (u8, Vec<u8>),
}

/// A driver of one channel.
#[derive(Clone)]
struct Script(Arc<Mutex<Lines>>, Arc<Pool>);

impl Script {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().expect("no test panics while it holds them")
    }
}

impl Media for Script {
    fn exchange(&mut self, tick: &mut Tick<'_>) -> ccd_status {
        let Self(_, pool) = &*self;
        let mut lines = self.lines();
        let mut tx = vec![0; pool.stride()];
        pool.read(Way::Tx, tick.frame, 0, &mut tx);
        lines.told = (tick.tx_format[0], tx);
        if let Some(code) = lines.say {
            tick.rx_format[0] = code;
        }
        pool.write(Way::Rx, tick.frame, 0, &lines.rx);
        tick.rx_valid[0] = u64::MAX;
        CCD_OK
    }

    fn wait(&mut self, _timeout_us: u32) -> ccd_status {
        CCD_E_UNSUPPORTED
    }

    fn tick_fd(&mut self) -> Option<i64> {
        None
    }
}

const CAN: u32 = CCD_L16 | CCD_LAW_A | CCD_G729 | CCD_OPUS;

fn half() -> (Script, MediaHalf) {
    let pool = Arc::new(Pool::new(1, Format::L16, CAN));
    let script = Script(Arc::default(), Arc::clone(&pool));
    let mut half = MediaHalf::new(Box::new(script.clone()), pool, false, DeviceRing::new(Arc::default()));
    half.set_active(0, true);
    (script, half)
}

#[test]
fn slots_have_room_for_the_largest_format_of_the_device() {
    let stride = |formats| Pool::new(3, Format::ALaw, formats).stride();
    assert_eq!(stride(CCD_LAW_A), 192);
    assert_eq!(stride(CCD_LAW_A | CCD_G722 | CCD_G729), 192);
    assert_eq!(stride(CCD_LAW_A | CCD_OPUS), 320);
    assert_eq!(stride(CCD_LAW_A | CCD_L16_48K), 1920);
}

#[test]
fn what_a_driver_says_holds_until_it_says_another() {
    let (script, mut half) = half();
    assert_eq!((half.format(0), half.pool_format()), (Format::L16, Format::L16));
    let rx = [&10u16.to_ne_bytes()[..], &[5; 10]].concat();
    *script.lines() = Lines { say: Some(CCD_G729 as u8), rx, ..Lines::default() };
    half.exchange(0, 0);
    assert_eq!((half.format(0), half.rx(0).map(<[u8]>::len)), (Format::G729, Some(22)));
    script.lines().say = None;
    half.exchange(0, 0);
    assert_eq!(half.format(0), Format::G729, "it did not take it back");
    half.tx(0, Format::ALaw).expect("it is on").fill(7);
    half.exchange(0, 0);
    assert_eq!(script.lines().told.0, CCD_LAW_A as u8);
    assert_eq!(script.lines().told.1[..160], [7; 160]);
    script.lines().say = Some(0);
    half.exchange(0, 0);
    assert_eq!((half.format(0), half.rx(0).map(<[u8]>::len)), (Format::L16, Some(320)));
    assert_eq!(half.take_formats_unknown(), 0);
    assert!(half.tx(0, Format::L16Full).is_none(), "the device has no such format, and its slots no room");
}

#[test]
fn nonsense_is_counted_once_and_nothing_is_read_by_it() {
    let (script, mut half) = half();
    script.lines().rx = vec![1; 64];
    for code in [3, 255, CCD_L16_48K as u8, CCD_G722 as u8] {
        script.lines().say = Some(code);
        for _ in 0..3 {
            half.exchange(0, 0);
            assert_eq!((half.format(0), half.rx(0)), (Format::L16, None), "{code}");
        }
        assert_eq!(half.take_formats_unknown(), 1, "{code}");
    }
    // a packet that claims to be longer than its slot
    for (length, fits) in [(318u16, true), (319, false), (u16::MAX, false), (0, true)] {
        let rx = length.to_ne_bytes().to_vec();
        *script.lines() = Lines { say: Some(CCD_OPUS as u8), rx, ..Lines::default() };
        half.exchange(0, 0);
        assert_eq!(half.rx(0).is_some(), fits, "{length}");
    }
}
