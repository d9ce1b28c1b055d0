//! Topic settings: all of one topic for its page, and who is compacted for the table.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, ConfigEntry, OwnedResourceSpecifier, ResourceSpecifier},
    error::{KafkaError, RDKafkaErrorCode},
};
use weir_model::{Reading, Step, Unknown, UnknownCode};

use super::{
    connection::{Dialer, off_thread},
    refused::missing_right,
    settings::config_error,
};
use crate::brokers::BrokerError;

/// The ACL operation that reads settings.
pub(super) const SETTINGS: &str = "DescribeConfigs";

/// Settings change rarely, and those of a new topic are asked for when it is first seen.
const FRESH: Duration = Duration::from_secs(300);

/// What becomes of old messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CleanupPolicy {
    pub(super) compact: bool,
    pub(super) delete: bool,
}

impl CleanupPolicy {
    fn parse(value: &str) -> Self {
        let has = |word| value.split(',').any(|part| part.trim() == word);
        Self { compact: has("compact"), delete: has("delete") }
    }
}

/// The cleanup policies of all topics, as they were asked for last.
#[derive(Default)]
pub(super) struct Policies(Mutex<Cache>);

#[derive(Default)]
struct Cache {
    known: Arc<HashMap<String, Reading<CleanupPolicy>>>,
    asked_at: Option<Instant>,
}

impl Policies {
    /// What is known, without asking.
    pub(super) fn known(&self) -> Arc<HashMap<String, Reading<CleanupPolicy>>> {
        Arc::clone(&self.lock().known)
    }

    /// Asks where a topic is new or the answer is old. A failure leaves what was known.
    pub(super) async fn refresh(&self, dialer: &Dialer, topics: &[String], timeout: Duration) -> u32 {
        let (known, asked_at) = {
            let cache = self.lock();
            (Arc::clone(&cache.known), cache.asked_at)
        };
        let fresh = asked_at.is_some_and(|at| at.elapsed() < FRESH);
        if topics.is_empty() || (fresh && topics.iter().all(|topic| known.contains_key(topic))) {
            return 0;
        }
        let known = match describe(dialer, topics, timeout).await {
            Ok(configs) => configs.into_iter().map(|(topic, entries)| (topic, policy(entries))).collect(),
            Err(error) => {
                let reason = Unknown::new(UnknownCode::Unsupported, error.to_string());
                topics.iter().map(|topic| (topic.clone(), Err(reason.clone()))).collect()
            }
        };
        *self.lock() = Cache { known: Arc::new(known), asked_at: Some(Instant::now()) };
        1
    }

    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cleanup policy among the settings of a topic.
pub(super) fn policy(entries: Result<Vec<ConfigEntry>, RDKafkaErrorCode>) -> Reading<CleanupPolicy> {
    let entries = entries.map_err(|code| match missing_right(code, SETTINGS) {
        Some(right) => Unknown::new(UnknownCode::NoPermission, right),
        None => Unknown::new(UnknownCode::Unsupported, code.to_string()),
    })?;
    let value = entries.iter().find(|entry| entry.name == "cleanup.policy").and_then(|e| e.value.as_deref());
    let untold = || Unknown::new(UnknownCode::Unsupported, "the cluster does not tell its cleanup.policy");
    value.map(CleanupPolicy::parse).ok_or_else(untold)
}

/// The settings of topics, each with its own error.
///
/// # Errors
/// The request failed as a whole.
pub(super) async fn describe(
    dialer: &Dialer,
    topics: &[String],
    timeout: Duration,
) -> Result<Vec<(String, Result<Vec<ConfigEntry>, RDKafkaErrorCode>)>, BrokerError> {
    let topics = topics.to_vec();
    let found = with_admin(dialer.settings.producer(), move |client, runtime| {
        let specifiers: Vec<ResourceSpecifier<'_>> =
            topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
        let options = AdminOptions::new().request_timeout(Some(timeout));
        let answer = runtime.block_on(client.describe_configs(&specifiers, &options))?;
        // Answers stand in the order of the questions; a failed one does not name its topic.
        Ok(topics.into_iter().zip(answer).collect::<Vec<_>>())
    })
    .await?
    .map_err(|error| BrokerError::failed(Step::Read, format!("topic settings: {error}"), error))?;
    let entries = found.into_iter().map(|(topic, result)| match result {
        // rdkafka leaves the error of a single topic out. Every topic has settings, so that none is a refusal.
        Ok(config) if config.entries.is_empty() => (topic, Err(RDKafkaErrorCode::TopicAuthorizationFailed)),
        Ok(config) => {
            let named = match config.specifier {
                OwnedResourceSpecifier::Topic(name) => name,
                _ => topic,
            };
            (named, Ok(config.entries))
        }
        Err(code) => (topic, Err(code)),
    });
    Ok(entries.collect())
}

/// Lends a client of rdkafka's own Admin API, for the few requests that it wraps. It is made for the occasion:
/// nobody serves its log queue, so that it must not live long.
///
/// # Errors
/// The settings are refused.
pub(super) async fn with_admin<T: Send + 'static>(
    config: ClientConfig,
    ask: impl FnOnce(
        &AdminClient<rdkafka::client::DefaultClientContext>,
        &tokio::runtime::Handle,
    ) -> Result<T, KafkaError>
    + Send
    + 'static,
) -> Result<Result<T, KafkaError>, BrokerError> {
    let runtime = tokio::runtime::Handle::current();
    off_thread(move || {
        let client: AdminClient<_> = config.create().map_err(config_error)?;
        Ok(ask(&client, &runtime))
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_settings_without_a_cleanup_policy_when_read_then_it_is_unknown() {
        assert_eq!(policy(Ok(Vec::new())).map_err(|why| why.code), Err(UnknownCode::Unsupported));
    }

    #[test]
    fn given_both_policies_when_parsed_then_both_hold() {
        assert_eq!(CleanupPolicy::parse("compact, delete"), CleanupPolicy { compact: true, delete: true });
        assert_eq!(CleanupPolicy::parse("delete"), CleanupPolicy { compact: false, delete: true });
    }
}
