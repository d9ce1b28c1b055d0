//! RabbitMQ's adapter against a real server.

mod observe;
mod support;
