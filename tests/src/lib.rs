//! What Weir's tests stand on: real private brokers, clients that know the truth, and the `weir` binary itself.
//!
//! | want | call |
//! |---|---|
//! | a broker that all tests of a binary share | [`brokers::RabbitMq::shared`], `Redis::shared`, `Kafka::shared` |
//! | a broker of one's own, to stop, kill or pause | `RabbitMq::start().await?`, then [`brokers::BrokerServer`] |
//! | messages of known number | [`clients::amqp`], [`clients::redis`], [`clients::kafka`] |
//! | the truth that RabbitMQ tells | [`clients::management`] |
//! | the built binary with a config text | [`weir::WeirProcess`] |
//! | a busy shop on all three, for the demo and the browser tests | [`workload`], the binary `weir-workload` |
//! | TLS: an authority, and certificates that it signs | [`certificates`] |
//! | a broken network between Weir and a broker | [`proxy::FaultProxy`] |
//! | a clock that steps, a disk that takes nothing | [`machine::Machine`] |
//! | a network or mounts of the test's own | [`namespace::with`] |
//! | to hold Weir to what must be true of any input | [`fuzz`] |
//! | to wait for something | [`wait::until`] |
//!
//! Nothing started here outlives the test process, however that ends: see [`process`] and [`scratch`].
//! On a shared broker a test uses names of its own ([`unique`]), since others run beside it.

pub mod brokers;
pub mod certificates;
pub mod clients;
pub mod crowd;
pub mod fuzz;
pub mod machine;
pub mod namespace;
pub mod ports;
pub mod process;
pub mod proxy;
pub mod scratch;
pub mod wait;
pub mod weir;
pub mod workload;

/// A name no other test uses, such as `orders-3f9c1a20`.
#[must_use]
pub fn unique(prefix: &str) -> String {
    format!("{prefix}-{:08x}", rand::random::<u32>())
}
