//! See [`eyeline_fuzz::rtsp`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::rtsp(data));
