//! See [`eyeline_fuzz::m3u8`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::m3u8(data));
