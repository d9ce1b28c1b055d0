//! What a refusal means: librdkafka leaves out why a certificate was not accepted, and Kafka which right is missing.

use rdkafka::types::RDKafkaErrorCode;
use weir_model::Step;

use super::settings::Settings;
use crate::brokers::{BrokerError, tls};

impl Settings {
    /// The same error with its reason and its way out, where it is about TLS or the account.
    pub(super) async fn explained(&self, error: BrokerError) -> BrokerError {
        match error.step() {
            // What comes after a broken handshake looks like a broken connection.
            Step::Tls | Step::Connect | Step::Version if self.tls => self.insecure(error).await,
            Step::Authenticate => self.unauthenticated(error),
            _ => error,
        }
    }

    async fn insecure(&self, error: BrokerError) -> BrokerError {
        for (host, port) in &self.hosts {
            if let Some(why) = tls::fault(host, *port, &self.files).await {
                let detail = format!("no TLS with {host}:{port}: {why}");
                return BrokerError::failed(Step::Tls, detail, error);
            }
        }
        error
    }

    fn unauthenticated(&self, error: BrokerError) -> BrokerError {
        let who = self.sasl.as_deref().unwrap_or_default();
        let words = error.to_string();
        let way_out = if words.contains("Unsupported SASL mechanism") {
            "set options = { \"sasl.mechanism\" = \"…\" } to one of those"
        } else {
            "check user, password and sasl.mechanism"
        };
        let detail = format!("Kafka refuses {who}: {words} ({way_out})");
        BrokerError::failed(Step::Authenticate, detail, error)
    }
}

/// What the account lacks, where a refusal is about that, as `kafka-acls.sh` names it; `operation` is what was to be
/// done with the topic. Groups and the cluster are only ever asked to describe themselves.
pub(super) fn missing_right(code: RDKafkaErrorCode, operation: &str) -> Option<String> {
    let (operation, resource) = match code {
        RDKafkaErrorCode::TopicAuthorizationFailed => (operation, "the topic"),
        RDKafkaErrorCode::GroupAuthorizationFailed => ("Describe", "the consumer group"),
        RDKafkaErrorCode::ClusterAuthorizationFailed => ("Describe", "the cluster"),
        _ => return None,
    };
    Some(format!("the account may not do that: it needs the ACL operation {operation} on {resource}"))
}
