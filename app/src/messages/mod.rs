//! Messages: reading, publishing, purging.

pub mod api;
