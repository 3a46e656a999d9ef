//! A sound file: WAV, AIFF, FLAC, Ogg Vorbis, MP3.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| callcore_readers::prompt(bytes));
