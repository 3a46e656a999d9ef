//! The name of a prompt; a language.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_readers::prompt_name(bytes));
