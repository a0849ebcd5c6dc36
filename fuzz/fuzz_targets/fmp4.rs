//! See [`eyeline_fuzz::fmp4`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::fmp4(data));
