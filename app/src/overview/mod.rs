//! The overview: brokers, worst backlogs, flow.

pub mod api;
pub mod broker_card;
pub mod charts;
pub mod empty;
mod gaps;
pub mod page;
pub mod situation;
pub mod texts;
pub mod worst;

pub use empty::AddBroker;
