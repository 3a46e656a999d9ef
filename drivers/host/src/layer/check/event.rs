//! What the bytes of one event must look like, whatever came before.

use super::clause::Clause;
use crate::event::{EventBytes, size_min};
use callcore_driver_sys::*;
use std::mem::offset_of;

/// A text field, as a place and a length.
type Field = (usize, usize);

macro_rules! field {
    ($type:ident . $name:ident $length:literal) => {
        (offset_of!($type, $name), $length)
    };
}

const INCOMING: &[Field] = &[
    field!(ccd_ev_incoming.called 64),
    field!(ccd_ev_incoming.calling 64),
    field!(ccd_ev_incoming.name 64),
    field!(ccd_ev_incoming.redirecting 64),
    field!(ccd_ev_incoming.via 64),
];

/// The texts of an event.
fn texts(kind: u16) -> &'static [Field] {
    match kind {
        CCD_EV_DONE => &[field!(ccd_ev_done.text 96)],
        CCD_EV_INCOMING | CCD_EV_CALL_INFO => INCOMING,
        CCD_EV_CONNECTED => &[field!(ccd_ev_connected.connected 64)],
        CCD_EV_TRANSFERRED => &[field!(ccd_ev_transferred.to 64)],
        CCD_EV_CHARGE => &[field!(ccd_ev_charge.currency 8)],
        CCD_EV_CALLER_ID => &[field!(ccd_ev_caller_id.number 64), field!(ccd_ev_caller_id.name 64)],
        CCD_EV_HEALTH => &[field!(ccd_ev_health.text 96)],
        CCD_EV_FATAL => &[field!(ccd_ev_fatal.text 96)],
        CCD_EV_ENDPOINT => &[field!(ccd_ev_endpoint.address 64), field!(ccd_ev_endpoint.contact 128)],
        _ => &[],
    }
}

/// The padding of an event.
fn padding(kind: u16) -> &'static [Field] {
    match kind {
        CCD_EV_DONE => &[field!(ccd_ev_done.pad 2)],
        CCD_EV_INCOMING | CCD_EV_CALL_INFO => &[field!(ccd_ev_incoming.pad 1)],
        CCD_EV_PROGRESS | CCD_EV_ALERTING => &[field!(ccd_ev_progress.pad 7)],
        CCD_EV_CONNECTED => &[field!(ccd_ev_connected.pad 6)],
        CCD_EV_DISCONNECTED | CCD_EV_RELEASED => &[field!(ccd_ev_disconnected.pad 3)],
        CCD_EV_CPA => &[field!(ccd_ev_cpa.pad 6)],
        CCD_EV_HOOK => &[field!(ccd_ev_hook.pad 7)],
        CCD_EV_RING_ON => &[field!(ccd_ev_ring.pad 7)],
        CCD_EV_POLARITY => &[field!(ccd_ev_polarity.pad 7)],
        CCD_EV_LOOP => &[field!(ccd_ev_loop.pad 2), field!(ccd_ev_loop.reserved 4)],
        CCD_EV_CAS_BITS => &[field!(ccd_ev_cas.pad 6)],
        CCD_EV_FLASH => &[field!(ccd_ev_flash.pad 4)],
        CCD_EV_DIGIT => &[field!(ccd_ev_digit.pad 1)],
        CCD_EV_CALLER_ID => &[field!(ccd_ev_caller_id.pad 6)],
        CCD_EV_SIGLINK => &[field!(ccd_ev_siglink.pad 3)],
        CCD_EV_ENDPOINT => &[field!(ccd_ev_endpoint.pad 3)],
        _ => &[],
    }
}

/// Whether a text ends inside of its field, and is one.
fn is_text(field: &[u8]) -> bool {
    field.iter().position(|byte| *byte == 0).is_some_and(|end| std::str::from_utf8(&field[..end]).is_ok())
}

/// Whether all behind a text's NUL is zero.
fn is_clean(field: &[u8]) -> bool {
    field.iter().skip_while(|byte| **byte != 0).all(|byte| *byte == 0)
}

/// What is wrong with its bytes.
pub(super) fn check(event: EventBytes<'_>, found: &mut Vec<(Clause, String)>) {
    let kind = event.kind();
    let mut wrong = |clause, text: String| found.push((clause, text));
    if event.0.len() < size_min(kind) {
        wrong(Clause::EventSize, format!("{} bytes, type {kind} has {}", event.0.len(), size_min(kind)));
        return;
    }
    if event.flags() != 0 {
        wrong(Clause::EventPadding, format!("flags are {:#x}", event.flags()));
    }
    if padding(kind).iter().any(|(at, length)| event.field(*at, *length).iter().any(|byte| *byte != 0)) {
        wrong(Clause::EventPadding, format!("padding of type {kind} is not zero"));
    }
    for (at, length) in texts(kind) {
        let field = event.field(*at, *length);
        if !is_text(field) {
            wrong(Clause::EventText, format!("the text at byte {at} has no NUL or is not UTF-8"));
        } else if !is_clean(field) {
            wrong(Clause::EventPadding, format!("bytes behind the text at byte {at} are not zero"));
        }
    }
    numbers(event, kind, &mut wrong);
}

/// What is wrong with its numbers.
fn numbers(event: EventBytes<'_>, kind: u16, wrong: &mut impl FnMut(Clause, String)) {
    let digit = event.u8(offset_of!(ccd_ev_digit, digit));
    if kind == CCD_EV_DIGIT && !b"0123456789*#ABCD".contains(&digit) {
        wrong(Clause::EventDigit, format!("{digit:#04x} is not a digit"));
    }
    if matches!(kind, CCD_EV_DISCONNECTED | CCD_EV_RELEASED) {
        let q850 = event.u16(offset_of!(ccd_ev_disconnected, q850));
        if !(1..=127).contains(&q850) {
            wrong(Clause::CauseRange, format!("{q850} is no cause"));
        }
    }
    let cause = event.u16(offset_of!(ccd_ev_done, cause));
    if kind == CCD_EV_DONE && cause > 127 {
        wrong(Clause::CauseRange, format!("{cause} is no cause"));
    }
    let inside = match kind {
        CCD_EV_INCOMING | CCD_EV_CALL_INFO => (
            event.u32(offset_of!(ccd_ev_incoming, json_off)),
            event.u32(offset_of!(ccd_ev_incoming, json_len)),
        ),
        CCD_EV_RAW_IE => {
            (event.u32(offset_of!(ccd_ev_raw, json_off)), event.u32(offset_of!(ccd_ev_raw, json_len)))
        }
        CCD_EV_HDLC => (size_of::<ccd_ev_hdlc>() as u32, event.u32(offset_of!(ccd_ev_hdlc, length))),
        _ => (0, 0),
    };
    if inside.1 > 0 && u64::from(inside.0) + u64::from(inside.1) > event.0.len() as u64 {
        wrong(Clause::EventJson, format!("{} bytes from byte {} on are not inside", inside.1, inside.0));
    }
}
