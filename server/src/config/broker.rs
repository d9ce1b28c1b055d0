//! One `[[brokers]]` entry, checked: what an adapter is built from.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use super::Secret;

/// A broker to observe. The scheme of `scheme` picks the adapter.
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    /// `[a-z0-9-]{1,40}`, unique; used in addresses.
    pub name: String,
    /// `amqp`, `amqps`, `redis`, `rediss`, `valkey`, `valkeys`, `kafka` or `demo`.
    pub scheme: String,
    /// Host and port pairs, in the order given; one for all but Kafka.
    pub hosts: Vec<(String, u16)>,
    pub user: Option<String>,
    pub password: Secret,
    /// What stands after the host, without the leading slash (an AMQP vhost, a Redis database).
    pub path: Option<String>,
    /// RabbitMQ: the management API, without credentials. Default: same host, 15672 (15671 with TLS).
    pub management_url: Option<String>,
    /// Redis: databases to look into; default: the one of the URL, else 0.
    pub databases: Vec<u32>,
    /// Patterns of what to list; empty: discovered within a budget.
    pub include: Vec<String>,
    /// Kafka: librdkafka client settings.
    pub options: BTreeMap<String, String>,
    pub poll_interval: Duration,
    pub read_only: bool,
    pub tls_ca_file: Option<PathBuf>,
    pub tls_cert_file: Option<PathBuf>,
    pub tls_key_file: Option<PathBuf>,
    /// How long something that vanished stays listed.
    pub forget_after: Duration,
    /// Found, not configured: read-only until armed.
    pub auto_detected: bool,
}

impl BrokerConfig {
    /// The shortest and the longest poll interval.
    pub const POLL_INTERVALS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));

    /// A broker with every setting at its default.
    #[must_use]
    pub fn new(name: impl Into<String>, scheme: impl Into<String>, hosts: Vec<(String, u16)>) -> Self {
        Self {
            name: name.into(),
            scheme: scheme.into(),
            hosts,
            user: None,
            password: Secret::default(),
            path: None,
            management_url: None,
            databases: Vec::new(),
            include: Vec::new(),
            options: BTreeMap::new(),
            poll_interval: Duration::from_secs(5),
            read_only: false,
            tls_ca_file: None,
            tls_cert_file: None,
            tls_key_file: None,
            forget_after: Duration::from_secs(7 * 24 * 3600),
            auto_detected: false,
        }
    }

    /// True where the scheme asks for TLS.
    #[must_use]
    pub fn tls(&self) -> bool {
        matches!(self.scheme.as_str(), "amqps" | "rediss" | "valkeys")
    }

    /// The address for the screen: without user and password.
    #[must_use]
    pub fn display_url(&self) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(|(host, port)| format!("{host}:{port}")).collect();
        format!("{}://{}", self.scheme, hosts.join(","))
    }
}
