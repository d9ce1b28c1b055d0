//! What a peek does to the messages of a queue, told before it is paid, and when it is too dear.

use serde_json::Value;
use weir_model::message::{Price, PricedEffect};

use super::{
    figures::unavailable,
    limit::{DeliveryLimit, Rule, has_dead_letter_target},
    version::Version,
    wire::Queue,
};

/// The price of reading a classic or quorum queue. `statistics` says whether the broker counts redeliveries.
pub(super) fn price(queue: &Queue, version: Version, statistics: bool) -> Price {
    let quorum = queue.type_name() == "quorum";
    let mut price = Price {
        effects: vec![PricedEffect::Redelivered],
        delivery_limit: None,
        text: vec![
            "Messages are taken and given back in their order; the next consumer sees them as redelivered"
                .to_owned(),
            "While they are read, no consumer gets them".to_owned(),
        ],
        refused: refusal(queue),
    };
    if quorum {
        price.text.push(
            "A quorum queue keeps the order as long as all messages that were given back before are taken together; \
             where the peek has to stop among them, it says so"
                .to_owned(),
        );
    }
    if quorum && version < Version::NACK_IS_FREE {
        let limit = DeliveryLimit::of(queue, version);
        price.effects.push(PricedEffect::DeliveryCount);
        price.delivery_limit = limit.value();
        price.text.push(count_text(&limit, queue));
        price.refused = price.refused.or_else(|| limit_refusal(&limit, queue, statistics));
    }
    if quorum && version >= Version::NACK_IS_FREE {
        price.text.push("The acquired count of a message grows by one; its delivery count stays".to_owned());
    }
    price
}

/// True where a message that was taken `count` times before must be the last one taken: one more return takes it
/// to its limit.
pub(super) fn is_last_safe(limit: &DeliveryLimit, count: i64) -> bool {
    limit.value().is_some_and(|limit| limit.saturating_sub(count) <= 1)
}

fn refusal(queue: &Queue) -> Option<String> {
    let set = |key: &str| queue.setting(key).is_some_and(|value| !matches!(value.as_str(), Some("disabled")));
    let single = queue.setting("single-active-consumer").and_then(Value::as_bool).unwrap_or(false);
    if queue.exclusive {
        Some("the queue is exclusive: only the connection that declared it may read it".to_owned())
    } else if queue.type_name() == "quorum" && single {
        Some("a quorum queue with a single active consumer hands messages to that consumer alone".to_owned())
    } else if unavailable(queue.state.as_deref()) {
        Some(format!("the queue is {}", queue.state.as_deref().unwrap_or("down")))
    } else if queue.type_name() == "quorum" && set("delayed-retry-type") {
        Some("the queue delays returned messages: a peek would hide them from consumers".to_owned())
    } else {
        None
    }
}

fn count_text(limit: &DeliveryLimit, queue: &Queue) -> String {
    let end = if has_dead_letter_target(queue) { "dead-lettered" } else { "dropped" };
    match limit.rule {
        Rule::Unlimited => {
            "Each peek adds one to the delivery count of a message; this queue has no limit".to_owned()
        }
        Rule::AtMost(n) => format!(
            "Each peek adds one to the delivery count of a message, and {n} is the limit ({}): messages are taken one \
             by one up to the first that is within one of it. A message that is at its limit already is {end} by \
             the peek",
            limit.source
        ),
        Rule::DropsAtOnce(n) => format!("The delivery limit is {n}: a message given back is {end} at once"),
    }
}

/// Reasons not to touch a queue because of its limit.
fn limit_refusal(limit: &DeliveryLimit, queue: &Queue, statistics: bool) -> Option<String> {
    let kept = has_dead_letter_target(queue);
    match limit.rule {
        Rule::DropsAtOnce(n) => {
            let end = if kept { "dead-letters" } else { "drops" };
            Some(format!(
                "the delivery limit is {n}, and this version {end} every message that is given back"
            ))
        }
        Rule::AtMost(0) => Some("the delivery limit is 0: a message given back once is gone".to_owned()),
        Rule::AtMost(_) if kept => None,
        Rule::AtMost(n) if !statistics => Some(format!(
            "the delivery limit is {n} and there is no dead-letter target, while statistics are off: whether a \
             message is at its limit, and would be dropped, can't be told"
        )),
        Rule::AtMost(n) if queue.message_stats.redeliver.unwrap_or(0) > 0 => Some(format!(
            "messages were redelivered, the delivery limit is {n} and there is no dead-letter target: one that is at \
             its limit would be dropped"
        )),
        Rule::AtMost(_) | Rule::Unlimited => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(queue: Value, version: &str) -> Price {
        let queue = serde_json::from_value(queue).unwrap_or_default();
        price(&queue, Version::parse(version), true)
    }

    fn refused(queue: Value, version: &str) -> bool {
        of(queue, version).refused.is_some()
    }

    #[test]
    fn given_a_classic_queue_when_priced_then_only_the_redelivered_flag_is_the_price() {
        let price = of(json!({"type": "classic"}), "4.0.5");
        assert_eq!(price.effects, [PricedEffect::Redelivered]);
        assert_eq!((price.refused, price.delivery_limit), (None, None));
    }

    #[test]
    fn given_a_quorum_queue_when_priced_then_the_delivery_count_is_part_of_it_until_4_3() {
        let price = of(json!({"type": "quorum"}), "4.0.5");
        assert_eq!(price.effects, [PricedEffect::Redelivered, PricedEffect::DeliveryCount]);
        assert_eq!((price.delivery_limit, price.refused), (Some(20), None));
        assert!(price.text.iter().any(|text| text.contains("at its limit already is dropped")));
        assert_eq!(of(json!({"type": "quorum"}), "4.3.0").effects, [PricedEffect::Redelivered]);
        assert_eq!(of(json!({"type": "quorum"}), "3.10.8").delivery_limit, None);
    }

    #[test]
    fn given_redeliveries_without_a_dead_letter_target_when_priced_then_it_is_refused() {
        let queue = |dlx: bool| {
            let arguments = if dlx { json!({"x-dead-letter-exchange": ""}) } else { json!({}) };
            json!({"type": "quorum", "arguments": arguments, "message_stats": {"redeliver": 1}})
        };
        assert!(refused(queue(false), "4.0.5"));
        assert!(!refused(queue(true), "4.0.5"));
        assert!(!refused(queue(false), "3.10.8"), "without a limit nothing is dropped");
    }

    #[test]
    fn given_queues_that_refuse_to_be_read_when_priced_then_each_is_refused() {
        let limited = |n: i64| json!({"type": "quorum", "arguments": {"x-delivery-limit": n}});
        assert!(refused(limited(-1), "3.10.8") && !refused(limited(-1), "4.0.5"));
        assert!(refused(limited(0), "4.0.5"));
        assert!(refused(json!({"exclusive": true}), "4.0.5"));
        assert!(refused(json!({"state": "down"}), "4.0.5"));
        let single = json!({"x-single-active-consumer": true});
        assert!(refused(json!({"type": "quorum", "arguments": single}), "4.0.5"));
        assert!(!refused(json!({"type": "classic", "arguments": single}), "4.0.5"));
    }

    #[test]
    fn given_statistics_off_when_priced_then_a_limited_queue_without_a_target_is_refused() {
        let queue = serde_json::from_value(json!({"type": "quorum"})).unwrap_or_default();
        assert!(price(&queue, Version::parse("4.0.5"), false).refused.is_some());
        assert!(price(&queue, Version::parse("3.10.8"), false).refused.is_none());
    }

    #[test]
    fn given_counts_when_compared_then_the_peek_stops_one_before_the_limit() {
        let limit = |rule| DeliveryLimit { rule, source: String::new() };
        assert!(!is_last_safe(&limit(Rule::AtMost(3)), 1));
        assert!(is_last_safe(&limit(Rule::AtMost(3)), 2) && is_last_safe(&limit(Rule::AtMost(1)), 0));
        assert!(!is_last_safe(&limit(Rule::Unlimited), 1000));
    }
}
