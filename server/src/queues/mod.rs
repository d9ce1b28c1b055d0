//! The queues feature: table, detail and charts over live state and history.

mod descriptions;
pub mod filter;
mod series;
mod service;
pub mod sort;
mod table_csv;
mod uncounted;
mod value;

pub(crate) use series::span_of;
pub use service::QueuesService;
pub(crate) use table_csv::table_csv;
