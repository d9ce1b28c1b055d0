//! How a dead-lettered message got here, from its `x-death` header.

use serde_json::Value;
use weir_model::message::Header;

/// One stop: a queue that the message left dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    pub queue: String,
    /// `rejected`, `expired`, `maxlen`, `delivery_limit`.
    pub reason: String,
    pub count: i64,
    /// RFC 3339, where the broker noted it.
    pub time: Option<String>,
    pub exchange: Option<String>,
}

/// The stops in the order of time. RabbitMQ writes the latest first.
#[must_use]
pub fn deaths(headers: &[Header]) -> Vec<Death> {
    let header = headers.iter().find(|header| header.name == "x-death");
    let entries = header.and_then(|header| header.value.as_array());
    entries.into_iter().flatten().rev().filter_map(death).collect()
}

fn death(entry: &Value) -> Option<Death> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Death {
        queue: text("queue")?,
        reason: text("reason").unwrap_or_else(|| "unknown".to_owned()),
        count: entry.get("count").and_then(Value::as_i64).unwrap_or(1),
        time: text("time"),
        exchange: text("exchange").filter(|exchange| !exchange.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn header(value: Value) -> Vec<Header> {
        vec![Header { name: "x-death".to_owned(), kind: "array".to_owned(), value }]
    }

    #[test]
    fn given_deaths_when_read_then_the_first_stop_comes_first() {
        let deaths = deaths(&header(json!([
            {"queue": "retry", "reason": "expired", "count": 3, "exchange": "", "time": "2026-11-23T03:13:01Z"},
            {"queue": "capture", "reason": "rejected", "count": 3, "exchange": "payments"},
        ])));
        let stops: Vec<_> =
            deaths.iter().map(|d| (d.queue.as_str(), d.count, d.exchange.as_deref())).collect();
        assert_eq!(stops, [("capture", 3, Some("payments")), ("retry", 3, None)]);
    }

    #[test]
    fn given_a_header_that_somebody_made_up_when_read_then_what_is_no_death_is_left_out() {
        assert!(deaths(&header(json!("gotcha"))).is_empty());
        assert!(deaths(&header(json!([1, null, {"reason": "x"}]))).is_empty());
        assert!(deaths(&[]).is_empty());
    }
}
