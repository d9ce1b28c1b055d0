//! Settings: brokers and how to reach them.

pub mod api;
pub mod arm;
pub mod broker;
pub mod check;
pub mod page;
pub mod texts;
