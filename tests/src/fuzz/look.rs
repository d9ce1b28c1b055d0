//! What Weir does with a broker's answers, from the first look to a queue's page.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::timeout;
use weir::{
    brokers::{Broker, KnownQueue, ObserveContext},
    figures::{
        QueueTracker,
        row::{BrokerView, queue_row},
    },
};
use weir_model::{Observation, QueueId, QueueObservation, QueueRow, message::BrowseRequest};

use super::answers::{MadeUp, Script};

/// What a look may take, and what nothing takes longer than.
const BUDGET: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(16);

/// Queues whose page is opened.
const OPENED: usize = 3;

/// Looks twice, since the second look compares with the first, and opens some queues.
pub(super) async fn look(broker: &dyn Broker, script: &Script, made_up: &Arc<MadeUp>) {
    let (mut trackers, mut known, mut seen) = (HashMap::new(), Vec::new(), Vec::new());
    for turn in 0..2 {
        script.say((turn > 0 || !made_up.later).then(|| Arc::clone(made_up)));
        let cx = ObserveContext { known: std::mem::take(&mut known), budget: BUDGET };
        match timeout(PATIENCE, broker.observe(&cx)).await.expect("a look has an end") {
            Ok(observation) => {
                known = observation.queues.iter().map(known_queue).collect();
                reckon(broker, &observation, &mut trackers);
                seen = observation.queues;
            }
            Err(error) => assert!(!error.to_string().is_empty(), "{error:?}"),
        }
    }
    for queue in seen.iter().take(OPENED) {
        open(broker, queue).await;
    }
}

fn known_queue(queue: &QueueObservation) -> KnownQueue {
    KnownQueue { id: queue.id.clone(), kind: queue.kind, epoch: queue.epoch.clone() }
}

/// Brings what was seen to where pages show it.
fn reckon(broker: &dyn Broker, seen: &Observation, trackers: &mut HashMap<QueueId, QueueTracker>) {
    let view = BrokerView { refresh_ms: seen.refresh_ms, ..BrokerView::default() };
    for queue in &seen.queues {
        assert_eq!(queue.id.as_str().parse(), Ok(queue.id.clone()), "an id leads back to its queue");
        broker.abilities(queue);
        broker.vanished(queue);
        let tracker =
            trackers.entry(queue.id.clone()).or_insert_with(|| QueueTracker::new(queue.clone(), seen.at));
        tracker.push(queue.clone(), seen.at, seen.refresh_ms);
        check(&queue_row(tracker, &view, seen.at));
    }
}

/// What is not known has a reason, and what is shown is a number.
fn check(row: &QueueRow) {
    let figures = [
        ("depth", row.depth.map(|n| n as f64)),
        ("backlog", row.backlog.map(|n| n as f64)),
        ("unacknowledged", row.unacknowledged.map(|n| n as f64)),
        ("lag", row.lag.map(|n| n as f64)),
        ("in_rate", row.in_rate),
        ("out_rate", row.out_rate),
        ("ack_rate", row.ack_rate),
        ("delivered_rate", row.delivered_rate),
        ("redelivered_rate", row.redelivered_rate),
    ];
    for (name, figure) in figures {
        assert_eq!(figure.is_none(), row.unknown.contains_key(name), "{name} of {row:?}");
        assert!(figure.is_none_or(f64::is_finite), "{name} of {row:?}");
    }
    let rates = [row.in_rate, row.out_rate, row.ack_rate, row.delivered_rate, row.redelivered_rate];
    assert!(rates.into_iter().flatten().all(|rate| rate >= 0.0), "{row:?}");
    assert!(row.oldest_age_seconds.is_none_or(|age| age >= 0.0), "{row:?}");
}

/// What an operator's page asks beyond the figures.
async fn open(broker: &dyn Broker, queue: &QueueObservation) {
    let described = timeout(PATIENCE, broker.describe(queue)).await.expect("a description has an end");
    if let Err(error) = described {
        assert!(!error.to_string().is_empty(), "{error:?}");
    }
    // RabbitMQ's streams are read by AMQP, which nobody speaks here.
    let Some(browse) = broker.browse().filter(|_| broker.peek().is_none()) else { return };
    let request = BrowseRequest { from: None, limit: 3, partition: None, read_committed: false };
    let page = timeout(PATIENCE, browse.browse(queue, &request)).await.expect("a page has an end");
    let Ok(page) = page else { return };
    assert!(page.items.len() <= 3, "{} messages where 3 were asked for", page.items.len());
    if let Some(message) = page.items.first() {
        let body = timeout(PATIENCE, browse.body(queue, &message.position)).await.expect("a body has an end");
        drop(body);
    }
}
