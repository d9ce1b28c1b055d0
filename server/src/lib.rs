//! Weir's server: what observes brokers, keeps their history and acts on them.

pub mod access;
pub mod audit;
pub mod brokers;
pub mod cli;
pub mod config;
pub mod figures;
pub mod history;
pub mod http;
pub mod idempotency;
pub mod messages;
pub mod overview;
pub mod poller;
pub mod queues;
pub mod settings;
pub mod store;
pub mod views;
