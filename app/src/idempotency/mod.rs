//! Idempotency keys: a change that is asked for twice is done once.

#[cfg(feature = "ssr")]
pub mod api;
pub mod field;

pub use field::{FIELD, KeyField, renewed_by};
