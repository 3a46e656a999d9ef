//! The name of a prompt; a language.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_tests::fuzz::prompt_name(bytes));
