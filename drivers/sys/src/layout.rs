//! Sizes and offsets of the contract, checked when this crate is compiled (the C side of the same figures is in `tests/abi`).

use super::*;
use std::mem::{offset_of, size_of};

// the same on every machine
const _: () = {
    assert!(size_of::<ccd_event>() == 48);
    assert!(size_of::<ccd_ev_done>() == 160);
    assert!(size_of::<ccd_ev_incoming>() == 384);
    assert!(size_of::<ccd_ev_progress>() == 56);
    assert!(size_of::<ccd_ev_connected>() == 120);
    assert!(size_of::<ccd_ev_disconnected>() == 64);
    assert!(size_of::<ccd_ev_transferred>() == 120);
    assert!(size_of::<ccd_ev_charge>() == 72);
    assert!(size_of::<ccd_ev_raw>() == 56);
    assert!(size_of::<ccd_ev_cpa>() == 56);
    assert!(size_of::<ccd_ev_hook>() == 56);
    assert!(size_of::<ccd_ev_ring>() == 56);
    assert!(size_of::<ccd_ev_polarity>() == 56);
    assert!(size_of::<ccd_ev_loop>() == 64);
    assert!(size_of::<ccd_ev_cas>() == 56);
    assert!(size_of::<ccd_ev_flash>() == 56);
    assert!(size_of::<ccd_ev_digit>() == 56);
    assert!(size_of::<ccd_ev_tone>() == 56);
    assert!(size_of::<ccd_ev_caller_id>() == 184);
    assert!(size_of::<ccd_ev_hdlc>() == 56);
    assert!(size_of::<ccd_ev_alarm>() == 56);
    assert!(size_of::<ccd_ev_siglink>() == 56);
    assert!(size_of::<ccd_ev_blocked>() == 56);
    assert!(size_of::<ccd_ev_clock>() == 56);
    assert!(size_of::<ccd_ev_slip>() == 56);
    assert!(size_of::<ccd_ev_bus>() == 56);
    assert!(size_of::<ccd_ev_device>() == 176);
    assert!(size_of::<ccd_ev_health>() == 152);
    assert!(size_of::<ccd_ev_fatal>() == 152);
    assert!(size_of::<ccd_ev_lost>() == 56);
    assert!(size_of::<ccd_ev_endpoint>() == 248);
    assert!(size_of::<ccd_error>() == 256);
    assert!(size_of::<ccd_channel_info>() == 64);
    assert!(size_of::<ccd_device_info>() == 280);
    assert!(size_of::<ccd_bus_info>() == 32);
    assert!(size_of::<ccd_bus_addr>() == 8);
    assert!(offset_of!(ccd_event, call) == 32);
    assert!(offset_of!(ccd_device_info, uid) == 24);
    assert!(offset_of!(ccd_channel_info, caps) == 32);
    assert!(offset_of!(ccd_channel_info, level) == 56);
};

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<ccd_media_setup>() == 64);
    assert!(size_of::<ccd_tick>() == 72);
    assert!(size_of::<ccd_caller_id>() == 32);
    assert!(size_of::<ccd_make>() == 64);
    assert!(size_of::<ccd_offer>() == 40);
    assert!(size_of::<ccd_accept>() == 56);
    assert!(offset_of!(ccd_media_setup, base) == 24);
    assert!(offset_of!(ccd_tick, active) == 32);
    assert!(offset_of!(ccd_tick, rx_format) == 56, "how long a tick is without formats");
    assert!(offset_of!(ccd_tick, tx_format) == 64);
};
