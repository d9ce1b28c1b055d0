//! Queues: the table, the page of one queue, its charts.

pub mod api;
pub mod cells;
pub mod columns;
pub mod detail;
pub mod filter_bar;
pub mod foot;
pub mod live_rows;
pub mod page;
pub mod query;
pub mod table;
pub mod texts;
pub mod window;

pub use live_rows::{LiveRows, live_rows};
