//! What operators did.

pub mod api;
