//! See [`eyeline_fuzz::jpeg_header`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::jpeg_header(data));
