//! What channels and tables promise, and whether they keep it.

use super::clause::Clause;
use crate::command::Function;
use crate::event::EventBytes;
use crate::info::ChannelInfo;
use crate::seam::Device;
use callcore_driver_sys::*;
use std::mem::offset_of;

/// Whether a channel may post an event of this type.
pub(super) fn capability(
    event: EventBytes<'_>,
    kind: u16,
    info: &ChannelInfo,
    found: &mut Vec<(Clause, String)>,
) {
    for bit in needs(event, kind).into_iter().flatten().filter(|bit| info.caps & (1 << bit) == 0) {
        found.push((Clause::CapEvent, format!("an event of type {kind} needs capability {bit}")));
    }
    let is_of_call = (CCD_EV_INCOMING..=CCD_EV_CPA).contains(&kind);
    // keys and tones come at call level, too
    let is_of_line =
        (CCD_EV_HOOK..=CCD_EV_FLASH).contains(&kind) || matches!(kind, CCD_EV_CALLER_ID | CCD_EV_HDLC);
    let is_line = info.level == CCD_LEVEL_LINE;
    if (is_of_call && is_line) || (is_of_line && !is_line && kind != CCD_EV_HDLC) {
        found.push((
            Clause::LevelEvent,
            format!("an event of type {kind} from a channel of level {}", info.level),
        ));
    }
}

/// The capabilities that an event shows.
fn needs(event: EventBytes<'_>, kind: u16) -> [Option<u32>; 2] {
    let is_set = |at: usize| event.u8(at) != 0;
    let when = |shows: bool, capability: u32| shows.then_some(capability);
    match kind {
        CCD_EV_INCOMING | CCD_EV_CALL_INFO => [
            when(
                kind == CCD_EV_INCOMING && !is_set(offset_of!(ccd_ev_incoming, complete)),
                CCD_CAPB_OVERLAP_RX,
            ),
            when(is_set(offset_of!(ccd_ev_incoming, calling)), CCD_CAPB_CALLER_ID_RX),
        ],
        CCD_EV_PROGRESS | CCD_EV_ALERTING => {
            [when(is_set(offset_of!(ccd_ev_progress, inband)), CCD_CAPB_EARLY_MEDIA_RX), None]
        }
        CCD_EV_DIGIT => {
            let is_dtmf = event.u8(offset_of!(ccd_ev_digit, kind)) == CCD_DIGIT_DTMF;
            [when(is_dtmf, CCD_CAPB_DTMF_RX), None]
        }
        CCD_EV_LOOP => {
            let voltage = event.u32(offset_of!(ccd_ev_loop, voltage_mv)).cast_signed();
            [when(voltage != i32::MIN, CCD_CAPB_VOLTAGE), None]
        }
        CCD_EV_CALLER_ID => [Some(CCD_CAPB_CALLER_ID_RX), None],
        CCD_EV_POLARITY => [Some(CCD_CAPB_POLARITY), None],
        CCD_EV_CHARGE => [Some(CCD_CAPB_CHARGE), None],
        CCD_EV_CPA => [Some(CCD_CAPB_CPA), None],
        _ => [None; 2],
    }
}

/// Capabilities and what stands behind them.
const NEEDS: &[(u32, Function)] = &[
    (CCD_CAPB_OVERLAP_TX, Function::Digits),
    (CCD_CAPB_DTMF_TX, Function::SendDigits),
    (CCD_CAPB_HOLD, Function::Hold),
    (CCD_CAPB_TRANSFER, Function::Transfer),
    (CCD_CAPB_BUS, Function::Listen),
    (CCD_CAPB_GAIN, Function::Tune),
];

/// The channels whose infos promise what the tables do not have.
pub(super) fn tables(device: &dyn Device) -> Vec<(ccd_chan, String)> {
    let mut wrong = Vec::new();
    for (info, channel) in device.channels().iter().zip(0..) {
        let promised = NEEDS.iter().filter(|(bit, _)| info.caps & (1 << bit) != 0);
        let level: &[Function] = match (info.level, info.kind) {
            (CCD_LEVEL_LINE, _) => &[],
            (
                _,
                CCD_KIND_DCHAN | CCD_KIND_VOICE_RES | CCD_KIND_CONF_RES | CCD_KIND_FAX_RES | CCD_KIND_TAP,
            ) => &[],
            _ => &[Function::Make, Function::Answer, Function::Drop],
        };
        let needed = promised.map(|(bit, function)| (Some(*bit), *function));
        for (bit, function) in needed.chain(level.iter().map(|function| (None, *function))) {
            if !device.offers(function) {
                let why = bit.map_or_else(|| "its level".to_owned(), |bit| format!("capability {bit}"));
                wrong.push((channel, format!("{why} needs {}, which is NULL", function.name())));
            }
        }
    }
    wrong
}
