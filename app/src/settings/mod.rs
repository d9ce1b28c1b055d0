//! Settings: the brokers, their connection tests.

pub mod api;
pub mod page;
