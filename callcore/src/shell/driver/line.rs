//! The words of a line, `callcore.line/1`, from and for the core.

use super::event::{Malformed, key};
use crate::board::{CallerId, Dialling, LineCommand, LineEvent, LoopState, Tone};
use callcore_driver_host::{self as host, Command, EventBytes};
use callcore_driver_sys::*;
use std::mem::offset_of;

/// Read an event of a line; none for one that the core has no use for.
pub(super) fn event(kind: u16, event: &EventBytes<'_>) -> Result<Option<LineEvent>, Malformed> {
    Ok(match kind {
        CCD_EV_HOOK => Some(LineEvent::Hook { off: event.u8(offset_of!(ccd_ev_hook, off)) != 0 }),
        CCD_EV_RING_ON => Some(LineEvent::RingOn),
        CCD_EV_RING_OFF => Some(LineEvent::RingOff),
        CCD_EV_POLARITY => {
            Some(LineEvent::Polarity { reversed: event.u8(offset_of!(ccd_ev_polarity, reversed)) != 0 })
        }
        CCD_EV_LOOP => Some(LineEvent::Loop(loop_state(event))),
        CCD_EV_FLASH => Some(LineEvent::Flash { ms: event.u32(offset_of!(ccd_ev_flash, ms)) }),
        CCD_EV_DIGIT => key(event)?.map(|digit| LineEvent::Digit { digit }),
        CCD_EV_TONE => tone(event).map(|tone| LineEvent::Tone { tone }),
        CCD_EV_CALLER_ID => Some(LineEvent::CallerId(CallerId {
            number: event.text(offset_of!(ccd_ev_caller_id, number), 64),
            name: event.text(offset_of!(ccd_ev_caller_id, name), 64),
        })),
        _ => None,
    })
}

fn loop_state(event: &EventBytes<'_>) -> LoopState {
    let measured = |at: usize| Some(event.u32(at).cast_signed()).filter(|value| *value != i32::MIN);
    LoopState {
        current: event.u8(offset_of!(ccd_ev_loop, has_loop)) != 0,
        battery: event.u8(offset_of!(ccd_ev_loop, battery)) != 0,
        voltage_mv: measured(offset_of!(ccd_ev_loop, voltage_mv)),
        current_ua: measured(offset_of!(ccd_ev_loop, current_ua)),
    }
}

/// The beginning of a tone.
fn tone(event: &EventBytes<'_>) -> Option<Tone> {
    if event.u8(offset_of!(ccd_ev_tone, edge)) == 2 {
        return None;
    }
    match event.u16(offset_of!(ccd_ev_tone, tone)) {
        CCD_TONE_DIAL => Some(Tone::Dial),
        CCD_TONE_STUTTER => Some(Tone::SpecialDial),
        CCD_TONE_RINGBACK => Some(Tone::Ringback),
        CCD_TONE_BUSY => Some(Tone::Busy),
        CCD_TONE_CONGESTION => Some(Tone::Congestion),
        CCD_TONE_SIT => Some(Tone::SpecialInformation),
        CCD_TONE_HOWLER => Some(Tone::Howler),
        CCD_TONE_CNG => Some(Tone::FaxCalling),
        CCD_TONE_CED => Some(Tone::FaxAnswer),
        _ => None,
    }
}

/// A command for a line as the contract has it.
pub(super) fn command(channel: ccd_chan, command: &LineCommand) -> Command {
    match command {
        LineCommand::Hook { off } => {
            Command::Hook { channel, op: if *off { CCD_HOOK_OFF } else { CCD_HOOK_ON }, ms: 0 }
        }
        LineCommand::Ring { cadence_ms, caller_id } => Command::Ring {
            channel,
            cadence_ms: cadence_ms.clone(),
            caller_id: caller_id.as_ref().map(|id| host::CallerId {
                number: id.number.clone(),
                name: id.name.clone(),
                ..host::CallerId::default()
            }),
        },
        LineCommand::RingOff => Command::Ring { channel, cadence_ms: Vec::new(), caller_id: None },
        LineCommand::Polarity { reversed } => Command::Polarity { channel, reversed: *reversed },
        LineCommand::SendDigits { digits, dialling, on_ms, off_ms } => Command::SendDigits {
            channel,
            kind: match dialling {
                Dialling::Tone => CCD_DIGIT_DTMF.into(),
                Dialling::Pulse => CCD_DIGIT_PULSE.into(),
            },
            digits: digits.as_str().to_owned(),
            on_ms: *on_ms,
            off_ms: *off_ms,
        },
    }
}
