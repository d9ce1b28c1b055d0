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

/// At most as many dead-letter exchanges are looked up in one observation: two requests each. Those that are left over
/// come next, so that all of them are known after a few.
const AT_A_TIME: usize = 20;

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
    looked_up: Option<Instant>,
}

/// An exchange: its vhost and its name.
type Exchange = (String, String);

/// The dead-letter exchanges as they were last looked up.
#[derive(Debug, Default)]
pub(super) struct DeadLetters {
    exchanges: BTreeMap<Exchange, Target>,
}

impl Target {
    async fn ask(
        (vhost, name): &Exchange,
        management: &Management,
        tally: &Tally,
    ) -> Result<Self, BrokerError> {
        let kind = management.exchange(vhost, name, tally).await?.kind;
        let bindings = management.bindings_from_exchange(vhost, name, tally).await?;
        Ok(Self { kind, bindings, looked_up: None })
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
        let wanted: BTreeSet<Exchange> = routes
            .iter()
            .filter(|route| !route.exchange.is_empty())
            .map(|route| (route.vhost.clone(), route.exchange.clone()))
            .collect();
        self.exchanges.retain(|exchange, _| wanted.contains(exchange));
        for exchange in self.due(wanted) {
            self.look_up(exchange, management, tally).await;
        }
        routes.iter().flat_map(|route| self.reached(route)).collect()
    }

    /// Those to look up now: what is not known yet first, then what was looked up longest ago.
    fn due(&self, wanted: BTreeSet<Exchange>) -> Vec<Exchange> {
        let looked_up =
            |exchange: &Exchange| self.exchanges.get(exchange).and_then(|target| target.looked_up);
        let old = |exchange: &Exchange| looked_up(exchange).is_none_or(|when| when.elapsed() >= REFRESH);
        let mut due: Vec<Exchange> = wanted.into_iter().filter(old).collect();
        due.sort_by_key(looked_up);
        due.truncate(AT_A_TIME);
        due
    }

    /// An exchange that does not exist or may not be seen has no bindings here; one that could not be asked for keeps
    /// those it had.
    async fn look_up(&mut self, exchange: Exchange, management: &Management, tally: &Tally) {
        let target = match Target::ask(&exchange, management, tally).await {
            Ok(target) => target,
            Err(BrokerError::NotFound(_)) => Target::default(),
            Err(_) => self.exchanges.remove(&exchange).unwrap_or_default(),
        };
        self.exchanges.insert(exchange, Target { looked_up: Some(Instant::now()), ..target });
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

    fn exchange(name: &str) -> Exchange {
        ("/".to_owned(), name.to_owned())
    }

    #[test]
    fn given_more_exchanges_than_are_looked_up_at_a_time_when_observed_again_then_the_others_follow() {
        let wanted: BTreeSet<Exchange> = (0..50).map(|n| exchange(&format!("dlx-{n}"))).collect();
        let mut dead_letters = DeadLetters::default();
        for expected in [20, 20, 10, 0] {
            let due = dead_letters.due(wanted.clone());
            assert_eq!(due.len(), expected);
            let known =
                |exchange| (exchange, Target { looked_up: Some(Instant::now()), ..Target::default() });
            dead_letters.exchanges.extend(due.into_iter().map(known));
        }
        assert_eq!(dead_letters.exchanges.len(), 50);
    }

    fn reached(kind: &str, routing_key: Option<&str>) -> Vec<String> {
        let bindings = vec![binding("orders", "dlq.orders"), binding("#", "dlq.all")];
        let dead_letters = DeadLetters {
            exchanges: [(exchange("dlx"), Target { kind: kind.to_owned(), bindings, looked_up: None })]
                .into(),
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
