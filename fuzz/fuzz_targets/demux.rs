//! See [`eyeline_fuzz::demux`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyeline_fuzz::demux(data));
