//! Functions of `callcore.h`, with right and wrong values.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_ffi_monkey::calls(bytes));
