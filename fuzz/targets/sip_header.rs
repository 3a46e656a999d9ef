//! Values of SIP headers: credentials, reasons, identities.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_driver_sip::fuzz::header(bytes));
