//! Clients that make traffic of known size, and that ask the brokers themselves for the truth.
//!
//! They keep their channels, consumers and groups open until they are dropped: RabbitMQ forgets the counters of a
//! closed channel, and a group without members is another state than one that is caught up.

pub mod amqp;
pub mod kafka;
pub mod kafka_acls;
pub mod management;
pub mod redis;
