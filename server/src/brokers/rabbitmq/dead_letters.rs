//! Which queues others dead-letter into: by the default exchange, or by the bindings of a dead-letter exchange.
//!
//! Bindings between exchanges are not followed.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::{Duration, Instant},
};

use serde_json::Value;
use weir_model::QueueId;

use super::{
    client::{Management, Tally},
    figures::queue_id,
    wire::{Binding, Queue},
};
use crate::brokers::BrokerError;

/// Bindings change rarely, so they are asked for this seldom.
const REFRESH: Duration = Duration::from_secs(60);

/// At most as many dead-letter exchanges are looked up at a time: two requests each.
const MAX_EXCHANGES: usize = 20;

/// Where one queue sends its dead letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Route {
    vhost: String,
    exchange: String,
    /// `None`: messages keep the routing key that they came with.
    routing_key: Option<String>,
}

/// An exchange that serves as a dead-letter exchange.
#[derive(Debug, Default)]
struct Target {
    kind: String,
    bindings: Vec<Binding>,
}

/// The dead-letter exchanges as they were last looked up.
#[derive(Debug, Default)]
pub(super) struct DeadLetters {
    exchanges: BTreeMap<(String, String), Target>,
    looked_up: Option<Instant>,
}

impl Target {
    async fn ask(
        (vhost, name): &(String, String),
        management: &Management,
        tally: &Tally,
    ) -> Result<Self, BrokerError> {
        let kind = management.exchange(vhost, name, tally).await?.kind;
        Ok(Self { kind, bindings: management.bindings_from_exchange(vhost, name, tally).await? })
    }
}

impl DeadLetters {
    /// The queues that others dead-letter into.
    pub(super) async fn targets(
        &mut self,
        queues: &[Queue],
        management: &Management,
        tally: &Tally,
    ) -> HashSet<QueueId> {
        let routes: BTreeSet<Route> = queues.iter().filter_map(route).collect();
        let wanted: BTreeSet<(String, String)> = routes
            .iter()
            .filter(|route| !route.exchange.is_empty())
            .map(|route| (route.vhost.clone(), route.exchange.clone()))
            .take(MAX_EXCHANGES)
            .collect();
        let fresh = self.looked_up.is_some_and(|when| when.elapsed() < REFRESH);
        if !fresh || wanted.iter().any(|exchange| !self.exchanges.contains_key(exchange)) {
            self.look_up(wanted, management, tally).await;
        }
        routes.iter().flat_map(|route| self.reached(route)).collect()
    }

    /// An exchange that does not exist or may not be seen has no bindings here; one that could not be asked for keeps
    /// those it had.
    async fn look_up(&mut self, wanted: BTreeSet<(String, String)>, management: &Management, tally: &Tally) {
        let mut before = std::mem::take(&mut self.exchanges);
        for exchange in wanted {
            let target = match Target::ask(&exchange, management, tally).await {
                Ok(target) => target,
                Err(BrokerError::NotFound(_)) => Target::default(),
                Err(_) => before.remove(&exchange).unwrap_or_default(),
            };
            self.exchanges.insert(exchange, target);
        }
        self.looked_up = Some(Instant::now());
    }

    fn reached(&self, route: &Route) -> Vec<QueueId> {
        if route.exchange.is_empty() {
            let name = route.routing_key.as_deref();
            return name.map(|name| queue_id(&route.vhost, name)).into_iter().collect();
        }
        let Some(target) = self.exchanges.get(&(route.vhost.clone(), route.exchange.clone())) else {
            return Vec::new();
        };
        let leads = |binding: &&Binding| {
            binding.destination_type == "queue"
                && matches(&target.kind, &binding.routing_key, route.routing_key.as_deref())
        };
        target.bindings.iter().filter(leads).map(|b| queue_id(&route.vhost, &b.destination)).collect()
    }
}

fn route(queue: &Queue) -> Option<Route> {
    let text = |key: &str| queue.setting(key).and_then(Value::as_str).map(str::to_owned);
    Some(Route {
        vhost: queue.vhost.clone(),
        exchange: text("dead-letter-exchange")?,
        routing_key: text("dead-letter-routing-key"),
    })
}

/// True where a message with this routing key, or with some key where it keeps its own, takes the binding.
fn matches(exchange_kind: &str, pattern: &str, routing_key: Option<&str>) -> bool {
    match (exchange_kind, routing_key) {
        ("direct", Some(key)) => pattern == key,
        ("topic", Some(key)) => {
            topic_matches(&pattern.split('.').collect::<Vec<_>>(), &key.split('.').collect::<Vec<_>>())
        }
        _ => true,
    }
}

/// AMQP's topic patterns: `*` is one word, `#` any number of them.
fn topic_matches(pattern: &[&str], words: &[&str]) -> bool {
    match (pattern, words) {
        ([], []) => true,
        (["#", rest @ ..], _) => (0..=words.len()).any(|n| topic_matches(rest, &words[n..])),
        (["*", rest @ ..], [_, words @ ..]) => topic_matches(rest, words),
        ([first, rest @ ..], [word, words @ ..]) => first == word && topic_matches(rest, words),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn binding(routing_key: &str, destination: &str) -> Binding {
        Binding {
            destination: destination.to_owned(),
            destination_type: "queue".to_owned(),
            routing_key: routing_key.to_owned(),
            ..Binding::default()
        }
    }

    fn reached(kind: &str, routing_key: Option<&str>) -> Vec<String> {
        let bindings = vec![binding("orders", "dlq.orders"), binding("#", "dlq.all")];
        let dead_letters = DeadLetters {
            exchanges: [(("/".to_owned(), "dlx".to_owned()), Target { kind: kind.to_owned(), bindings })]
                .into(),
            looked_up: None,
        };
        let route = Route {
            vhost: "/".to_owned(),
            exchange: "dlx".to_owned(),
            routing_key: routing_key.map(str::to_owned),
        };
        dead_letters.reached(&route).iter().filter_map(|id| id.part_text(1)).collect()
    }

    #[test]
    fn given_the_default_exchange_when_routed_then_the_key_names_the_queue() {
        let queue: Queue = serde_json::from_str(
            r#"{"name":"a","vhost":"v","arguments":{"x-dead-letter-exchange":"","x-dead-letter-routing-key":"dlq"}}"#,
        )
        .unwrap();
        let ids = DeadLetters::default().reached(&route(&queue).unwrap());
        assert_eq!(ids, [QueueId::from_parts(&["v", "dlq"])]);
    }

    #[test]
    fn given_a_policy_when_routed_then_it_counts_as_an_argument_does() {
        let queue: Queue = serde_json::from_str(
            r#"{"name":"a","vhost":"v","effective_policy_definition":{"dead-letter-exchange":"dlx"}}"#,
        )
        .unwrap();
        assert_eq!(route(&queue).unwrap().exchange, "dlx");
    }

    #[test]
    fn given_each_type_of_exchange_when_routed_then_its_bindings_decide() {
        assert_eq!(reached("fanout", Some("x")), ["dlq.orders", "dlq.all"]);
        assert_eq!(reached("direct", Some("orders")), ["dlq.orders"]);
        assert_eq!(reached("direct", None), ["dlq.orders", "dlq.all"]);
        assert_eq!(reached("topic", Some("x.y")), ["dlq.all"]);
    }

    #[test]
    fn given_topic_patterns_when_matched_then_stars_are_one_word_and_hashes_any() {
        let matches = |p: &str, k: &str| matches("topic", p, Some(k));
        assert!(matches("a.*.c", "a.b.c") && matches("a.#", "a") && matches("#.c", "a.b.c"));
        assert!(!matches("a.*", "a") && !matches("a.*", "a.b.c") && !matches("b.#", "a.b"));
    }
}
