//! The overview: brokers, worst backlogs, totals.

pub mod api;
pub mod page;
