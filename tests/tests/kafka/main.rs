//! Kafka's adapter against a real server.

mod groups;
mod messages;
mod outage;
mod publishing;
mod purging;
mod support;
mod transactions;
