//! See `weir_tests::fuzz::management`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| weir_tests::fuzz::management(data));
