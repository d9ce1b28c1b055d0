//! RabbitMQ's adapter against a real server.

#![expect(unreachable_pub, reason = "modules of one test binary share with each other")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod observe;
mod peek;
mod publish;
mod purge;
mod restart;
mod stream;
mod support;
