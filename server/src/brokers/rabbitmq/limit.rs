//! How often a quorum queue hands a message out before it drops or dead-letters it.

use serde_json::Value;

use super::{
    version::Version,
    wire::{Queue, Table},
};

/// The limit that RabbitMQ 4.0 and later apply where none is set.
const DEFAULT_LIMIT: i64 = 20;

/// The delivery limit in force, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DeliveryLimit {
    pub rule: Rule,
    /// `argument`, `policy x`, `default` …
    pub source: String,
}

/// What the limit means on this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Messages come back as often as they are returned.
    Unlimited,
    /// A message that comes back more often is dropped or dead-lettered.
    AtMost(i64),
    /// A negative limit before 4.0: every returned message is dropped or dead-lettered.
    DropsAtOnce(i64),
}

impl DeliveryLimit {
    /// The limit of a quorum queue, by argument, policy and operator policy, else the default of the version.
    pub(super) fn of(queue: &Queue, version: Version) -> Self {
        let argument = limit_in(&queue.arguments, "x-delivery-limit");
        let policy = limit_in(&queue.effective_policy_definition, "delivery-limit");
        let negatives_lift = version >= Version::DEFAULT_DELIVERY_LIMIT;
        let (value, source) = match (argument, policy) {
            (Some(argument), Some(policy)) => {
                // From 4.0 on a negative value yields to the other; before, it was the smaller one and won.
                let lifted = negatives_lift && (argument < 0 || policy < 0);
                let value = if lifted { argument.max(policy) } else { argument.min(policy) };
                (value, if value == argument { "argument".to_owned() } else { policy_source(queue) })
            }
            (Some(argument), None) => (argument, "argument".to_owned()),
            (None, Some(policy)) => (policy, policy_source(queue)),
            (None, None) if negatives_lift => (DEFAULT_LIMIT, "default".to_owned()),
            (None, None) => return Self { rule: Rule::Unlimited, source: "default".to_owned() },
        };
        let rule = match value {
            n if n >= 0 => Rule::AtMost(n),
            _ if negatives_lift => Rule::Unlimited,
            n => Rule::DropsAtOnce(n),
        };
        Self { rule, source }
    }

    /// The number, where there is one that holds.
    pub(super) fn value(&self) -> Option<i64> {
        match self.rule {
            Rule::AtMost(n) => Some(n),
            Rule::Unlimited | Rule::DropsAtOnce(_) => None,
        }
    }
}

/// True where dropped messages go to another exchange instead of nowhere.
pub(super) fn has_dead_letter_target(queue: &Queue) -> bool {
    queue.setting("dead-letter-exchange").is_some_and(Value::is_string)
}

/// The names of the policies that apply.
pub(super) fn policy_source(queue: &Queue) -> String {
    let name = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
    match (name(&queue.policy), name(&queue.operator_policy)) {
        (Some(policy), Some(operator)) => format!("policy {policy} with operator policy {operator}"),
        (None, Some(operator)) => format!("operator policy {operator}"),
        (Some(policy), None) => format!("policy {policy}"),
        (None, None) => "policy".to_owned(),
    }
}

fn limit_in(table: &Table, key: &str) -> Option<i64> {
    table.get(key).and_then(Value::as_i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn queue(argument: Option<i64>, policy: Option<i64>) -> Queue {
        let table =
            |key: &str, value: Option<i64>| value.map(|n| (key.to_owned(), json!(n))).into_iter().collect();
        Queue {
            arguments: table("x-delivery-limit", argument),
            effective_policy_definition: table("delivery-limit", policy),
            policy: policy.map(|_| "p".to_owned()),
            ..Queue::default()
        }
    }

    fn limit(argument: Option<i64>, policy: Option<i64>, version: &str) -> (Rule, String) {
        let limit = DeliveryLimit::of(&queue(argument, policy), Version::parse(version));
        (limit.rule, limit.source)
    }

    #[test]
    fn given_no_limit_when_asked_then_the_default_of_the_version_holds() {
        assert_eq!(limit(None, None, "3.10.8"), (Rule::Unlimited, "default".to_owned()));
        assert_eq!(limit(None, None, "4.0.5"), (Rule::AtMost(20), "default".to_owned()));
    }

    #[test]
    fn given_argument_and_policy_when_asked_then_the_smaller_holds_and_is_named() {
        assert_eq!(limit(Some(5), Some(3), "4.0.5"), (Rule::AtMost(3), "policy p".to_owned()));
        assert_eq!(limit(Some(2), Some(3), "3.10.8"), (Rule::AtMost(2), "argument".to_owned()));
    }

    #[test]
    fn given_a_negative_limit_when_asked_then_it_lifts_from_4_0_on_and_drops_before() {
        assert_eq!(limit(Some(-1), None, "4.0.5").0, Rule::Unlimited);
        assert_eq!(limit(Some(-1), Some(3), "4.0.5").0, Rule::AtMost(3));
        assert_eq!(limit(Some(-1), Some(3), "3.10.8").0, Rule::DropsAtOnce(-1));
    }
}
