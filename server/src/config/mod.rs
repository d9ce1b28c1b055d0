//! What the operator configured.

mod broker;
mod secret;

pub use broker::BrokerConfig;
pub use secret::Secret;
