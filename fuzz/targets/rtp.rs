//! An RTP packet.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_driver_sip::fuzz::rtp(bytes));
