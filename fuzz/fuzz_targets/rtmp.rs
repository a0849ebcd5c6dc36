//! See [`eyeline_fuzz::rtmp`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::rtmp(data));
