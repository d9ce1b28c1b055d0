//! See `weir_tests::fuzz::config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| weir_tests::fuzz::config(data));
