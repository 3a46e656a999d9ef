//! The media half against drivers that say formats, keep still, or talk nonsense.

use super::media::MediaHalf;
use super::pool::Pool;
use callcore_codec::Format;
use callcore_driver_sys::*;
use std::ffi::c_void;
use std::sync::Arc;

/// What the driver of a test is to say in its next frame, and what it was told in the last one.
struct Script {
    pool: ccd_media_setup,
    say: Option<u8>,
    rx: Vec<u8>,
    told: (u8, Vec<u8>),
}

/// A driver of one channel.
unsafe extern "C" fn exchange(dev: *mut c_void, t: *mut ccd_tick) -> ccd_status {
    // SAFETY: the tests give a Script, a whole tick and a pool of one channel.
    unsafe {
        let (script, tick) = (&mut *dev.cast::<Script>(), &mut *t);
        let row = (tick.frame % u64::from(script.pool.depth)) as usize * script.pool.stride as usize;
        let base = script.pool.base.cast::<u8>();
        let tx = base.add(script.pool.tx_off as usize + row);
        script.told = (*tick.tx_format, std::slice::from_raw_parts(tx, script.pool.stride as usize).to_vec());
        if let Some(code) = script.say {
            *tick.rx_format = code;
        }
        base.add(row).copy_from(script.rx.as_ptr(), script.rx.len());
        *tick.rx_valid = u64::MAX;
    }
    CCD_OK
}

const CAN: u32 = CCD_L16 | CCD_LAW_A | CCD_G729 | CCD_OPUS;

fn half(script: &mut Script) -> MediaHalf {
    let pool = Arc::new(Pool::new(1, Format::L16, CAN));
    script.pool = pool.setup();
    let vt = ccd_media_vt {
        size: size_of::<ccd_media_vt>() as u32,
        reserved: 0,
        enable: None,
        wait: None,
        tick_fd: None,
        exchange: Some(exchange),
    };
    let mut half = MediaHalf::new(std::ptr::from_mut(script).cast(), vt, pool, false);
    half.set_active(0, true);
    half
}

fn script() -> Script {
    let empty = ccd_media_setup {
        size: 0,
        frame_samples: 0,
        depth: 1,
        stride: 0,
        channels: 0,
        codec: 0,
        base: std::ptr::null_mut(),
        bytes: 0,
        rx_off: 0,
        tx_off: 0,
        pool_fd: -1,
    };
    Script { pool: empty, say: None, rx: vec![], told: (0, vec![]) }
}

#[test]
fn slots_have_room_for_the_largest_format_of_the_device() {
    let stride = |formats| Pool::new(3, Format::ALaw, formats).setup().stride;
    assert_eq!(stride(CCD_LAW_A), 192);
    assert_eq!(stride(CCD_LAW_A | CCD_G722 | CCD_G729), 192);
    assert_eq!(stride(CCD_LAW_A | CCD_OPUS), 320);
    assert_eq!(stride(CCD_LAW_A | CCD_L16_48K), 1920);
}

#[test]
fn what_a_driver_says_holds_until_it_says_another() {
    let mut script = Box::new(script());
    let mut half = half(&mut script);
    assert_eq!((half.format(0), half.pool_format()), (Format::L16, Format::L16));
    (script.say, script.rx) = (Some(CCD_G729 as u8), [&10u16.to_ne_bytes()[..], &[5; 10]].concat());
    half.exchange(0, 0);
    assert_eq!((half.format(0), half.rx(0).map(<[u8]>::len)), (Format::G729, Some(22)));
    script.say = None;
    half.exchange(0, 0);
    assert_eq!(half.format(0), Format::G729, "it did not take it back");
    half.tx(0, Format::ALaw).expect("it is on").fill(7);
    half.exchange(0, 0);
    assert_eq!(script.told.0, CCD_LAW_A as u8);
    assert_eq!(script.told.1[..160], [7; 160]);
    script.say = Some(0);
    half.exchange(0, 0);
    assert_eq!((half.format(0), half.rx(0).map(<[u8]>::len)), (Format::L16, Some(320)));
    assert_eq!(half.take_formats_unknown(), 0);
    assert!(half.tx(0, Format::L16Full).is_none(), "the device has no such format, and its slots no room");
}

#[test]
fn nonsense_is_counted_once_and_nothing_is_read_by_it() {
    let mut script = Box::new(script());
    let mut half = half(&mut script);
    script.rx = vec![1; 64];
    for code in [3, 255, CCD_L16_48K as u8, CCD_G722 as u8] {
        script.say = Some(code);
        for _ in 0..3 {
            half.exchange(0, 0);
            assert_eq!((half.format(0), half.rx(0)), (Format::L16, None), "{code}");
        }
        assert_eq!(half.take_formats_unknown(), 1, "{code}");
    }
    // a packet that claims to be longer than its slot
    for (length, fits) in [(318u16, true), (319, false), (u16::MAX, false), (0, true)] {
        (script.say, script.rx) = (Some(CCD_OPUS as u8), length.to_ne_bytes().to_vec());
        half.exchange(0, 0);
        assert_eq!(half.rx(0).is_some(), fits, "{length}");
    }
}
