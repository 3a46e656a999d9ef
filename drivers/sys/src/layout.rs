//! Sizes and offsets of the contract, checked when this crate is compiled (the C side of the same figures is in `tests`).

use super::*;
use std::mem::{offset_of, size_of};

const _: () = {
    assert!(size_of::<ccd_event>() == 48);
    assert!(offset_of!(ccd_event, call) == 32);
    assert!(size_of::<ccd_ev_done>() == 160);
    assert!(size_of::<ccd_ev_incoming>() == 384);
    assert!(size_of::<ccd_ev_progress>() == 56);
    assert!(size_of::<ccd_ev_connected>() == 120);
    assert!(size_of::<ccd_ev_disconnected>() == 64);
    assert!(size_of::<ccd_ev_digit>() == 56);
    assert!(size_of::<ccd_ev_alarm>() == 56);
    assert!(size_of::<ccd_ev_lost>() == 56);
    assert!(size_of::<ccd_ev_endpoint>() == 248);
    assert!(size_of::<ccd_error>() == 256);
    assert!(size_of::<ccd_channel_info>() == 64);
    assert!(size_of::<ccd_device_info>() == 280);
    assert!(offset_of!(ccd_device_info, uid) == 24);
    assert!(size_of::<ccd_media_setup>() == 64);
    assert!(offset_of!(ccd_media_setup, base) == 24);
    assert!(offset_of!(ccd_tick, active) == 32);
    assert!(offset_of!(ccd_tick, rx_format) == 56, "how long a tick was before channels had formats");
    assert!(offset_of!(ccd_tick, tx_format) == 64);
    assert!(size_of::<ccd_tick>() == 72);
};
