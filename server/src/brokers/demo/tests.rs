//! The demonstration as the poller, a page and an operator see it.

#![expect(clippy::unwrap_used, reason = "a test that finds no queue has failed")]

use weir_model::{
    Metric, QueueKind,
    message::{BodyEncoding, BodyInput, PricedEffect},
};

use super::*;

/// Noon of a day, away from the edges of every cycle.
const NOON: i64 = 1_577_836_800_000 + 30 * 86_400_000 + 12 * 3_600_000 + 2_000_000;

fn queue(demo: &Demo, name: &str) -> QueueObservation {
    let seen = observation(&demo.queues(), Timestamp::now().0);
    seen.queues.into_iter().find(|queue| queue.name == name).unwrap()
}

fn text(body: &str) -> PublishRequest {
    let body = BodyInput { encoding: BodyEncoding::Utf8, data: body.to_owned() };
    PublishRequest { body: body.into(), ..PublishRequest::default() }
}

#[test]
fn given_one_name_when_made_twice_then_the_figures_are_the_same_and_every_kind_is_there() {
    let (one, two) = (Demo::new("demo"), Demo::new("demo"));
    let seen = observation(&one.queues(), NOON);
    assert_eq!(seen, observation(&two.queues(), NOON));
    assert_ne!(seen, observation(&Demo::new("other").queues(), NOON));
    for kind in QueueKind::ALL {
        assert!(seen.queues.iter().any(|queue| queue.kind == kind), "{kind}");
    }
}

#[test]
fn given_a_quarter_of_an_hour_when_it_passes_then_the_troubles_of_the_shop_show() {
    let demo = Demo::new("demo");
    let backlog = |name: &str, t: i64| {
        let seen = observation(&demo.queues(), t);
        seen.queues.into_iter().find(|q| q.name == name).unwrap().value(Metric::Backlog).unwrap()
    };
    let later = NOON + 900_000;
    assert!(backlog("exports", later) > backlog("exports", NOON) + 100, "nobody consumes the exports");
    assert!(backlog("invoices", later) < backlog("invoices", NOON) - 500, "the invoices drain");
    assert!((20..200).contains(&backlog("orders", later)), "the orders are steady");
    assert!(backlog("orders.failed", later) > backlog("orders.failed", NOON), "dead letters come in");
    assert!(backlog("page-views", NOON) > 10_000, "a group is left behind");
}

#[test]
fn given_a_day_when_its_past_is_told_then_it_is_in_order_and_counters_never_fall() {
    let demo = Demo::new("demo");
    let past = demo.past(Timestamp(NOON));
    assert!(past[0].at < Timestamp(NOON - 23 * HOUR_MS) && past[past.len() - 1].at < Timestamp(NOON));
    for pair in past.windows(2) {
        assert!([10_000, 60_000].contains(&pair[1].at.since_ms(pair[0].at)));
        for (before, after) in pair[0].queues.iter().zip(&pair[1].queues) {
            for metric in Metric::ALL.into_iter().filter(|metric| metric.is_counter()) {
                assert!(before.value(metric) <= after.value(metric), "{metric:?} of {}", before.name);
            }
        }
    }
}

#[tokio::test]
async fn given_a_queue_without_consumers_when_published_to_and_purged_then_both_show() {
    let demo = Demo::new("demo");
    let exports = queue(&demo, "exports");
    let before = exports.value(Metric::Depth).unwrap();
    let receipt =
        Publish::publish(&demo, &exports, &PublishRequest { repeat: Some(5), ..text("mine") }).await;
    assert_eq!(receipt.unwrap().confirmed, Some(true));
    let after = queue(&demo, "exports").value(Metric::Depth).unwrap();
    assert!(after - before >= 5, "{before} {after}");
    let request = PurgeRequest { seen_depth: Some(after), ..PurgeRequest::default() };
    let receipt = Purge::purge(&demo, &exports, &request).await.unwrap();
    assert!(receipt.removed >= Some(after) && receipt.left == Some(0), "{receipt:?}");
    assert!(queue(&demo, "exports").value(Metric::Depth).unwrap() <= 2);
    assert!(matches!(
        Purge::purge(&demo, &queue(&demo, "ledger"), &request).await,
        Err(BrokerError::Refused(_))
    ));
    let grown = PurgeRequest { seen_depth: Some(1), ..PurgeRequest::default() };
    assert!(matches!(
        Purge::purge(&demo, &queue(&demo, "orders"), &grown).await,
        Err(BrokerError::Conflict(_))
    ));
}

#[tokio::test]
async fn given_a_published_message_when_peeked_at_then_it_is_among_them_with_its_bytes() {
    let demo = Demo::new("demo");
    let payments = queue(&demo, "payments");
    Publish::publish(&demo, &payments, &text("find me")).await.unwrap();
    let accept = vec![PricedEffect::Redelivered, PricedEffect::DeliveryCount];
    let refused = Peek::peek(&demo, &payments, &PeekRequest { limit: 9, accept: Vec::new() }).await;
    assert!(matches!(refused, Err(BrokerError::Conflict(_))));
    let peeked =
        Peek::peek(&demo, &payments, &PeekRequest { limit: 1000, accept: accept.clone() }).await.unwrap();
    assert_eq!(peeked.page.items.len(), peeked.bodies.len());
    assert!(peeked.bodies.contains(&b"find me".to_vec()));
    assert!(queue(&demo, "payments").value(Metric::Redelivered) > Some(0));
    let again = Peek::peek(&demo, &payments, &PeekRequest { limit: 1, accept }).await.unwrap();
    assert!(again.page.items.iter().all(|message| message.redelivered.is_some()));
}

#[tokio::test]
async fn given_logs_and_lists_when_paged_either_way_then_each_message_comes_once() {
    let demo = Demo::new("demo");
    for (name, partition, ends) in [
        ("ledger", None, ["oldest", "newest"]),
        ("thumbnails", None, ["oldest", "newest"]),
        ("order-events", Some(1), ["oldest", "newest"]),
    ] {
        let seen = queue(&demo, name);
        let mut counts = Vec::new();
        for end in ends {
            let (mut from, mut positions) = (Some(end.to_owned()), Vec::new());
            while let Some(start) = from.take() {
                let from_here = Some(start.parse().unwrap());
                let request = BrowseRequest { from: from_here, limit: 50, partition, read_committed: false };
                let page = Browse::browse(&demo, &seen, &request).await.unwrap();
                positions.extend(page.items.into_iter().map(|message| message.position));
                from = page.next;
                assert!(positions.len() < 5000, "pages never end");
            }
            let mut once = positions.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), positions.len(), "{name} from {end}");
            counts.push(positions.len() as i64);
            let body = Browse::body(&demo, &seen, &positions[positions.len() / 2]).await.unwrap();
            assert!(!body.is_empty());
        }
        assert!((counts[0] - counts[1]).abs() < 5 && counts[0] > 50, "{name}: {counts:?}");
    }
}

#[tokio::test]
async fn given_a_topic_when_browsed_over_its_partitions_then_messages_come_by_time() {
    let demo = Demo::new("demo");
    let topic = queue(&demo, "order-events");
    for (from, newest_first) in [("oldest", false), ("newest", true)] {
        let from = Some(from.parse().unwrap());
        let request = BrowseRequest { from, limit: 30, partition: None, read_committed: false };
        let page = Browse::browse(&demo, &topic, &request).await.unwrap();
        let times: Vec<_> = page.items.iter().map(|message| message.timestamp.unwrap()).collect();
        let sorted =
            times.windows(2).all(|pair| if newest_first { pair[0] >= pair[1] } else { pair[0] <= pair[1] });
        assert!(sorted && times.len() == 30, "{times:?}");
        assert!(page.items.iter().any(|message| message.position.starts_with("2:")));
    }
}

#[tokio::test]
async fn given_a_routing_key_that_leads_nowhere_when_published_then_it_is_returned() {
    let demo = Demo::new("demo");
    let astray = PublishRequest { routing_key: Some("nowhere".to_owned()), ..text("x") };
    let receipt = Publish::publish(&demo, &queue(&demo, "orders"), &astray).await.unwrap();
    assert_eq!((receipt.routed, receipt.return_reason.as_deref()), (Some(false), Some("NO_ROUTE")));
    let missing = PublishRequest { exchange: Some("x".to_owned()), ..text("x") };
    let refused = Publish::publish(&demo, &queue(&demo, "orders"), &missing).await;
    assert!(matches!(refused, Err(BrokerError::Refused(_))));
}

#[test]
fn given_any_hour_of_a_day_when_published_and_peeked_then_the_message_is_found() {
    for minute in 0..24 * 60 {
        let t = NOON + minute * 60_000;
        let model = shop::models(1).into_iter().find(|model| model.name == "payments").unwrap();
        let mut payments = Queue::new(model, 1);
        act::publish(&mut payments, &text("find me"), t).unwrap();
        let accept = vec![PricedEffect::Redelivered, PricedEffect::DeliveryCount];
        let peeked = peek::peek(&mut payments, &PeekRequest { limit: 1000, accept }, t).unwrap();
        assert!(peeked.bodies.contains(&b"find me".to_vec()), "minute {minute}");
        assert!(payments.unacknowledged(t) < payments.depth(t));
    }
}
