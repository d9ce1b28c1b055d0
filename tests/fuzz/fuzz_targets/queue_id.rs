//! See `weir_tests::fuzz::queue_id`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| weir_tests::fuzz::queue_id(data));
