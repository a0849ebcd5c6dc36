//! See [`eyeline_fuzz::hls`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::hls(data));
