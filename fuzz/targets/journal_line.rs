//! A line of the journal.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore::shell::journal::fuzz_line(bytes));
