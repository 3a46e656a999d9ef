//! The driver room against bytes and libraries that nobody should write.

use super::event::{Malformed, Parsed, Shape, checked_size, parse};
use super::{LoadError, load, negotiate};
use crate::board::{BoardCall, BoardEvent, Cause, ChannelId, DeviceId, Digit, How};
use callcore_driver_sys::*;
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr;
use tempfile::TempDir;

const SHAPE: Shape = Shape { device: DeviceId(3), channels: 4 };

/// The bytes of an event struct, as a driver would post them.
fn bytes<T: Copy>(event: &T) -> Vec<u8> {
    // SAFETY: events have no padding; all their bytes are initialised.
    unsafe { std::slice::from_raw_parts(ptr::from_ref(event).cast::<u8>(), size_of::<T>()) }.to_vec()
}

fn head(kind: u16, size: usize, chan: u32, call: u64) -> ccd_event {
    ccd_event { size: size as u32, kind, seq: 1, chan, call, ..ccd_event::zeroed() }
}

fn channel(index: u32) -> ChannelId {
    ChannelId { device: SHAPE.device, index }
}

#[test]
fn events_are_read_field_by_field() {
    let mut incoming = ccd_ev_incoming::zeroed();
    incoming.h = head(CCD_EV_INCOMING, size_of_val(&incoming), 2, 7);
    for (to, from) in incoming.called.iter_mut().zip(b"8000") {
        *to = from.cast_signed();
    }
    for (to, from) in incoming.name.iter_mut().zip(b"An\x01na\xff") {
        *to = from.cast_signed();
    }
    let Ok(Parsed::Board(BoardEvent::Incoming { channel: at, call, incoming })) =
        parse(SHAPE, &bytes(&incoming))
    else {
        panic!("an incoming call")
    };
    assert_eq!((at, call, incoming.called.as_str()), (channel(2), BoardCall(7), "8000"));
    assert_eq!(incoming.name, "Anna\u{fffd}", "control characters are left out, bad UTF-8 is marked");

    let mut gone = ccd_ev_disconnected::zeroed();
    gone.h = head(CCD_EV_RELEASED, size_of_val(&gone), 0, 9);
    (gone.q850, gone.how, gone.vendor_code) = (17, CCD_HOW_TONE, -486);
    let cause = Cause { q850: 17, how: How::Tone, vendor_code: -486 };
    let released = BoardEvent::Released { channel: channel(0), call: BoardCall(9), cause };
    assert_eq!(parse(SHAPE, &bytes(&gone)), Ok(Parsed::Board(released)));
    gone.q850 = 500;
    let Ok(Parsed::Board(BoardEvent::Released { cause, .. })) = parse(SHAPE, &bytes(&gone)) else {
        panic!("released")
    };
    assert_eq!(cause.q850, 31, "a cause that is none becomes unspecified");
}

#[test]
fn digits_are_told_once_and_only_keys_are_digits() {
    let mut key = ccd_ev_digit::zeroed();
    key.h = head(CCD_EV_DIGIT, size_of_val(&key), 1, 7);
    (key.kind, key.digit, key.edge) = (CCD_DIGIT_DTMF, b'#', 1);
    let digit = Digit::new(b'#').expect("a key");
    let told = BoardEvent::Digit { channel: channel(1), call: BoardCall(7), digit };
    assert_eq!(parse(SHAPE, &bytes(&key)), Ok(Parsed::Board(told)));
    key.edge = 2;
    assert_eq!(parse(SHAPE, &bytes(&key)), Ok(Parsed::Ignored), "its beginning was told");
    (key.edge, key.digit) = (3, b'E');
    assert_eq!(parse(SHAPE, &bytes(&key)), Err(Malformed::Digit(b'E')));
    key.kind = CCD_DIGIT_R2_FORWARD;
    assert_eq!(parse(SHAPE, &bytes(&key)), Ok(Parsed::Ignored), "no key of a telephone");
}

#[test]
fn events_that_cannot_be_are_refused() {
    let size = size_of::<ccd_ev_progress>();
    let ringing = |chan, call| {
        bytes(&ccd_ev_progress { h: head(CCD_EV_ALERTING, size, chan, call), ..ccd_ev_progress::zeroed() })
    };
    assert_eq!(parse(SHAPE, &ringing(4, 7)), Err(Malformed::Channel(4)));
    assert_eq!(parse(SHAPE, &ringing(CCD_NO_CHAN, 7)), Err(Malformed::Channel(CCD_NO_CHAN)));
    assert_eq!(parse(SHAPE, &ringing(0, 0)), Err(Malformed::NoCall));
    assert_eq!(parse(SHAPE, &ringing(0, 7)[..48]), Err(Malformed::Size { size: 48, min: size }));
    for size in [0, 8, 47, 52, 4097, 4104, u32::MAX] {
        assert!(checked_size(size).is_err(), "{size}");
    }
    assert_eq!(checked_size(48), Ok(48));
    assert_eq!(checked_size(4096), Ok(4096));
}

proptest! {
    /// Whatever the bytes are: no panic, and nothing about channels, calls or digits that do not exist.
    #[test]
    fn no_bytes_do_harm(kind in 0u16..128, chan in 0u32..6, call in 0u64..3, rest in prop::collection::vec(any::<u8>(), 0..512)) {
        let mut event = bytes(&head(kind, 0, chan, call));
        event.extend(&rest);
        let size = event.len() as u32;
        event[..4].copy_from_slice(&size.to_ne_bytes());
        if let Ok(Parsed::Board(event)) = parse(SHAPE, &event) {
            let text = format!("{event:?}");
            prop_assert!(!text.contains("index: 4") && !text.contains("index: 5"), "{text}");
            prop_assert!(!text.contains("BoardCall(0)"), "{text}");
        }
    }

    /// An event of a later minor version, longer than ours, reads the same.
    #[test]
    fn longer_events_read_the_same(more in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut lost = bytes(&ccd_ev_lost { h: head(CCD_EV_LOST, 56, 0, 0), count: 12 });
        lost.extend(&more);
        let told = BoardEvent::Lost { device: SHAPE.device, count: 12 };
        prop_assert_eq!(parse(SHAPE, &lost), Ok(Parsed::Board(told)));
    }
}

/// A shared library made of a few lines of C.
fn library(folder: &Path, name: &str, source: &str) -> PathBuf {
    let (c, so) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    std::fs::write(&c, source).expect("a temporary folder can be written");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-I"]).arg(include).arg("-o").arg(&so).arg(&c);
    assert!(compiler.status().expect("a C compiler is there").success());
    so
}

fn text(error: &LoadError) -> String {
    error.to_string()
}

#[test]
fn what_is_no_driver_is_told_apart() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let absent = load(&folder.path().join("absent.so"), "sim, sip").expect_err("no file");
    assert!(matches!(absent, LoadError::NotFound { .. }) && text(&absent).contains("sim, sip"), "{absent}");

    let words = folder.path().join("words.so");
    std::fs::write(&words, "not a library").expect("a temporary folder can be written");
    let words = load(&words, "").expect_err("no library");
    assert!(matches!(words, LoadError::NotALibrary { .. }), "{words}");

    let unresolved = library(
        folder.path(),
        "unresolved",
        "int missing_here(void);\nint ccd_negotiate(void) { return missing_here(); }",
    );
    let unresolved = load(&unresolved, "").expect_err("a symbol is missing, and that is found out now");
    assert!(matches!(unresolved, LoadError::Unloadable { .. }), "{unresolved}");
    assert!(text(&unresolved).contains("missing_here"), "{unresolved}");

    let plain = library(folder.path(), "plain", "int answer(void) { return 42; }");
    let plain = load(&plain, "").expect_err("no entry");
    assert!(matches!(plain, LoadError::NoSymbol { .. }), "{plain}");
}

/// A driver whose negotiate does what `body` says.
fn negotiated(folder: &Path, name: &str, body: &str) -> LoadError {
    let source = format!(
        "#include \"callcore_driver.h\"\nccd_status ccd_negotiate(const ccd_offer *o, ccd_accept *a) {{ (void)o; (void)a; {body} }}"
    );
    let entry = load(&library(folder, name, &source), "").expect("it has the entry");
    match negotiate(entry, name) {
        Ok(_) => panic!("{name} must not be taken"),
        Err(why) => why,
    }
}

#[test]
fn drivers_that_cannot_be_used_are_told_apart() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let old = negotiated(folder.path(), "old", "a->abi = CCD_VER(0, 9); return CCD_E_VERSION;");
    assert!(text(&old).contains("(0.9)") && text(&old).contains("speaks 1.0"), "{old}");
    let liar = negotiated(folder.path(), "liar", "a->abi = CCD_VER(2, 0); return CCD_OK;");
    assert!(matches!(liar, LoadError::WrongAbi { .. }), "{liar}");
    let unlicensed = negotiated(folder.path(), "unlicensed", "return CCD_E_LICENSE;");
    assert!(matches!(unlicensed, LoadError::Refused { code: CCD_E_LICENSE, .. }), "{unlicensed}");
    let empty = negotiated(folder.path(), "empty", "a->abi = o->abi_max; return CCD_OK;");
    assert!(text(&empty).contains("no table"), "{empty}");
    let holes =
        "static ccd_driver_vt vt; vt.size = sizeof vt; a->abi = o->abi_max; a->vt = &vt; return CCD_OK;";
    let holes = negotiated(folder.path(), "holes", holes);
    assert!(text(&holes).contains("lacks create"), "{holes}");
    let short = "static ccd_driver_vt vt; vt.size = 4; a->abi = o->abi_max; a->vt = &vt; return CCD_OK;";
    let short = negotiated(folder.path(), "short", short);
    assert!(text(&short).contains("no table"), "{short}");
}
