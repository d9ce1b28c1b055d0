//! RabbitMQ's adapter against a real server.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod alike;
mod dots;
mod observe;
mod own_reads;
mod peek;
mod peek_limits;
mod publish;
mod purge;
mod restart;
mod stream;
mod support;
