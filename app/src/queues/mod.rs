//! Queues: the table, the page of one queue, its charts.

pub mod api;
pub mod detail;
pub mod page;
