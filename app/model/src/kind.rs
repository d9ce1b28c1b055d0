//! Kinds of brokers and of queues.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What software serves the queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BrokerKind {
    Rabbitmq,
    Redis,
    Kafka,
    /// The embedded demonstration: its figures are simulated and labelled so.
    Demo,
}

impl BrokerKind {
    /// The product's own spelling, for the screen.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Rabbitmq => "RabbitMQ",
            Self::Redis => "Redis",
            Self::Kafka => "Kafka",
            Self::Demo => "Demo",
        }
    }
}

/// Anything that holds or passes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum QueueKind {
    RabbitmqClassic,
    RabbitmqQuorum,
    RabbitmqStream,
    RedisList,
    RedisStream,
    RedisChannel,
    KafkaTopic,
}

impl QueueKind {
    pub const ALL: [Self; 7] = [
        Self::RabbitmqClassic,
        Self::RabbitmqQuorum,
        Self::RabbitmqStream,
        Self::RedisList,
        Self::RedisStream,
        Self::RedisChannel,
        Self::KafkaTopic,
    ];

    /// The word in URLs, in JSON and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RabbitmqClassic => "rabbitmq-classic",
            Self::RabbitmqQuorum => "rabbitmq-quorum",
            Self::RabbitmqStream => "rabbitmq-stream",
            Self::RedisList => "redis-list",
            Self::RedisStream => "redis-stream",
            Self::RedisChannel => "redis-channel",
            Self::KafkaTopic => "kafka-topic",
        }
    }

    /// The words on the screen.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::RabbitmqClassic => "RabbitMQ classic",
            Self::RabbitmqQuorum => "RabbitMQ quorum",
            Self::RabbitmqStream => "RabbitMQ stream",
            Self::RedisList => "Redis list",
            Self::RedisStream => "Redis stream",
            Self::RedisChannel => "Redis channel",
            Self::KafkaTopic => "Kafka topic",
        }
    }

    /// What its scope is called, said before the scope's name; empty where the scope speaks for itself.
    #[must_use]
    pub fn scope_noun(self) -> &'static str {
        match self {
            Self::RabbitmqClassic | Self::RabbitmqQuorum | Self::RabbitmqStream => "vhost",
            Self::RedisList | Self::RedisStream | Self::RedisChannel | Self::KafkaTopic => "",
        }
    }

    /// True where messages are kept after they were read, so that backlog is a group's lag and not the depth.
    #[must_use]
    pub fn is_log(self) -> bool {
        matches!(self, Self::RabbitmqStream | Self::RedisStream | Self::KafkaTopic)
    }
}

impl fmt::Display for QueueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No kind of queue has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no kind of queue")]
pub struct UnknownKind(pub String);

impl FromStr for QueueKind {
    type Err = UnknownKind;

    fn from_str(s: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|k| k.as_str() == s).ok_or_else(|| UnknownKind(s.to_owned()))
    }
}
