//! A voice flow.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_readers::flow(bytes));
