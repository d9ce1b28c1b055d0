//! Kafka's adapter against a real server.

#![expect(unreachable_pub, reason = "modules of one test binary share with each other")]

mod groups;
mod messages;
mod offline;
mod outage;
mod publishing;
mod purging;
mod support;
mod transactions;
