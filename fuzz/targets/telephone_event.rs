//! Telephone events (RFC 4733) in a row.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_driver_sip::fuzz::telephone_event(bytes));
