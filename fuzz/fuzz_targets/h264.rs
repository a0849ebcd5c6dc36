//! See [`eyeline_fuzz::h264`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::h264(data));
