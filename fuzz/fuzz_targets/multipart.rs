//! See [`eyeline_fuzz::multipart`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::multipart(data));
