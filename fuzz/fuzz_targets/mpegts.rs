//! See [`eyeline_fuzz::mpegts`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::mpegts(data));
