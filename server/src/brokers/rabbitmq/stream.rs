//! Reading a stream by AMQP: free, since a stream keeps what is read.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use lapin::{Connection, types::AMQPValue};
use weir_model::{
    QueueKind, QueueObservation,
    message::{BrowseFrom, BrowseRequest, BrowseStart, MessagePage, StopReason},
};

use super::{
    RabbitMq, amqp,
    deliveries::message,
    describe::named,
    scan::{self, Range, Scan},
};
use crate::brokers::{BYTE_BUDGET, BrokerError, Browse};

/// How long one page may take.
const TIME_BUDGET: Duration = Duration::from_secs(10);

/// How often the window of the newest messages is doubled where offsets have gaps.
const MAX_WINDOWS: u32 = 6;

/// Where reading of a stream can begin.
const STARTS: &[BrowseStart] =
    &[BrowseStart::Newest, BrowseStart::Oldest, BrowseStart::Offset, BrowseStart::Time];

#[async_trait]
impl Browse for RabbitMq {
    fn starts(&self, queue: &QueueObservation) -> &'static [BrowseStart] {
        if queue.kind == QueueKind::RabbitmqStream { STARTS } else { &[] }
    }

    async fn browse(
        &self,
        queue: &QueueObservation,
        request: &BrowseRequest,
    ) -> Result<MessagePage, BrokerError> {
        let from = start(queue, request)?;
        let connection = self.amqp.open(&queue.scope, "browse").await?;
        let page = page(&connection, &queue.name, &from, request.limit as usize).await;
        amqp::close(&connection).await;
        page.map_err(|error| named(error, queue))
    }

    async fn body(&self, queue: &QueueObservation, position: &str) -> Result<Vec<u8>, BrokerError> {
        let offset: i64 = position
            .parse()
            .ok()
            .filter(|offset| *offset >= 0)
            .ok_or_else(|| BrokerError::field("position", "a position in a stream is an offset"))?;
        let connection = self.amqp.open(&queue.scope, "body").await?;
        let range = Range::from_offset(offset, 1, Instant::now() + TIME_BUDGET);
        let found = scan::forward(&connection, &queue.name, range).await;
        amqp::close(&connection).await;
        let found = found.map_err(|error| named(error, queue))?.deliveries.into_iter().next();
        match found {
            Some((at, delivery)) if at == offset => Ok(delivery.data),
            _ => Err(BrokerError::NotFound(format!("offset {offset} is not in the stream (any more)"))),
        }
    }
}

/// Where to begin; a stream is usually read from its newest end.
fn start(queue: &QueueObservation, request: &BrowseRequest) -> Result<BrowseFrom, BrokerError> {
    if queue.kind != QueueKind::RabbitmqStream {
        return Err(BrokerError::Conflict(
            "reading this queue takes the messages and gives them back, which has a price: peek".to_owned(),
        ));
    }
    if request.partition.is_some() {
        return Err(BrokerError::field("partition", "a RabbitMQ stream has no partitions; leave it out"));
    }
    match request.from.clone().unwrap_or(BrowseFrom::Newest) {
        BrowseFrom::Offset(offset) if offset < 0 => Err(BrokerError::field("from", "an offset is 0 or more")),
        BrowseFrom::Time(time) if time.0 < 0 => {
            Err(BrokerError::field("from", "AMQP has no time before 1970"))
        }
        BrowseFrom::Left | BrowseFrom::Right | BrowseFrom::Id(_) => {
            Err(BrokerError::field("from", "for a stream it is oldest, newest, offset:N or time:RFC3339"))
        }
        from => Ok(from),
    }
}

async fn page(
    connection: &Connection,
    name: &str,
    from: &BrowseFrom,
    limit: usize,
) -> Result<MessagePage, BrokerError> {
    let deadline = Instant::now() + TIME_BUDGET;
    let range = |start: AMQPValue| Range::new(start, limit, deadline);
    match from {
        BrowseFrom::Oldest => {
            let scan = scan::forward(connection, name, range(AMQPValue::LongString("first".into()))).await?;
            Ok(listed(scan, Vec::new()))
        }
        BrowseFrom::Offset(offset) => {
            let scan = scan::forward(connection, name, Range::from_offset(*offset, limit, deadline)).await?;
            let first = scan.deliveries.front().map(|(first, _)| *first);
            let gone = first.filter(|first| first > offset).map(|first| {
                format!("Offset {offset} is not in the stream (any more); the first behind it is {first}")
            });
            Ok(listed(scan, gone.into_iter().collect()))
        }
        BrowseFrom::Time(time) => {
            let seconds = u64::try_from(time.0 / 1000).unwrap_or(0);
            let from_time = Range { not_before: Some(*time), ..range(AMQPValue::Timestamp(seconds)) };
            let scan = scan::forward(connection, name, from_time).await?;
            let note = "A stream knows the time of its chunks only: messages without a timestamp property may be \
                        from shortly before";
            Ok(listed(scan, vec![note.to_owned()]))
        }
        _ => newest(connection, name, limit, deadline).await,
    }
}

/// The last messages that there are when it begins, the newest first. It ends at the offset that was the last one
/// then: a stream that is written to never falls silent.
async fn newest(
    connection: &Connection,
    name: &str,
    limit: usize,
    deadline: Instant,
) -> Result<MessagePage, BrokerError> {
    let mut scan = Scan::default();
    if let Some(end) = scan::last_offset(connection, name).await? {
        let mut window = limit;
        for _ in 0..MAX_WINDOWS {
            let start = end.saturating_add(1).saturating_sub_unsigned(window as u64).max(0);
            let range = Range::new(AMQPValue::LongLongInt(start), limit, deadline);
            scan = scan::forward(connection, name, Range { upto: Some(end), tail: true, ..range }).await?;
            let enough = scan.deliveries.len() >= limit || scan.stopped != StopReason::End;
            if enough || start == 0 || scan.first.is_some_and(|first| first > start) {
                break;
            }
            window *= 2;
        }
    }
    if scan.stopped == StopReason::End && scan.deliveries.len() >= limit {
        scan.stopped = StopReason::Limit;
    }
    let mut page = listed(scan, Vec::new());
    page.items.reverse();
    page.next = None;
    Ok(page)
}

fn listed(scan: Scan, notes: Vec<String>) -> MessagePage {
    let stopped_detail = match scan.stopped {
        StopReason::End => Some("there are no more messages".to_owned()),
        StopReason::ByteBudget => Some(format!("{} MiB were read", BYTE_BUDGET / 1024 / 1024)),
        StopReason::TimeBudget => Some(format!("reading stopped after {} s", TIME_BUDGET.as_secs())),
        StopReason::Limit | StopReason::DeliveryLimit => None,
    };
    let next = (scan.stopped != StopReason::End)
        .then(|| scan.deliveries.back().map(|(offset, _)| format!("offset:{}", offset + 1)))
        .flatten();
    let items = scan.deliveries.iter().map(|(at, delivery)| message(at.to_string(), delivery)).collect();
    MessagePage { items, stopped: scan.stopped, stopped_detail, next, peek_id: None, notes }
}

#[cfg(test)]
mod tests {
    use weir_model::{QueueId, Timestamp};

    use super::*;

    fn refused(kind: QueueKind, from: BrowseFrom, partition: Option<i32>) -> bool {
        let queue = QueueObservation::new(QueueId::from_parts(&["/", "s"]), kind, "s", "/");
        let request = BrowseRequest { from: Some(from), limit: 10, partition, read_committed: false };
        start(&queue, &request).is_err()
    }

    #[test]
    fn given_ways_to_begin_that_a_stream_has_not_when_checked_then_they_are_refused() {
        let stream = QueueKind::RabbitmqStream;
        assert!(!refused(stream, BrowseFrom::Oldest, None));
        assert!(!refused(stream, BrowseFrom::Time(Timestamp(0)), None));
        assert!(refused(stream, BrowseFrom::Offset(-1), None));
        assert!(refused(stream, BrowseFrom::Left, None));
        assert!(refused(stream, BrowseFrom::Oldest, Some(0)));
        assert!(refused(QueueKind::RabbitmqClassic, BrowseFrom::Oldest, None));
    }
}
