//! The body of an INFO that relays a key.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_driver_sip::fuzz::relayed_key(bytes));
