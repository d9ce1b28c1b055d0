//! A walk along a stream from one place on, by a consumer of its own that ends with its channel.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use futures::StreamExt as _;
use lapin::{
    Channel, Connection, Consumer, ErrorKind,
    message::Delivery,
    options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions},
    protocol::{AMQPErrorKind, AMQPHardError},
    types::{AMQPValue, FieldTable, ShortString},
};
use tokio::time::timeout_at;
use weir_model::{Step, Timestamp, message::StopReason};

use super::{amqp, deliveries::header_number};
use crate::brokers::{BYTE_BUDGET, BrokerError};

/// The argument that says where to begin, and the header that says where a message stands.
const STREAM_OFFSET: &str = "x-stream-offset";

/// Messages on their way at a time. A stream wants a limit; a small one keeps large bodies out of memory.
const PREFETCH: u16 = 64;

/// A stream never says that it ends: silence does. The first message may take longer, while a segment is opened.
const FIRST_SILENCE: Duration = Duration::from_secs(2);
const SILENCE: Duration = Duration::from_millis(500);

/// Which messages to bring home.
#[derive(Clone, Debug)]
pub(super) struct Range {
    /// `first`, `last`, an offset or a timestamp. The broker may begin before it, at the start of a chunk.
    pub start: AMQPValue,
    /// The first offset wanted.
    pub first: i64,
    /// The last offset wanted.
    pub upto: Option<i64>,
    /// Passes over messages whose `timestamp` property is earlier.
    pub not_before: Option<Timestamp>,
    pub limit: usize,
    /// Keeps the last messages instead of stopping at the limit.
    pub tail: bool,
    pub deadline: Instant,
}

impl Range {
    pub(super) fn new(start: AMQPValue, limit: usize, deadline: Instant) -> Self {
        Self { start, first: 0, upto: None, not_before: None, limit, tail: false, deadline }
    }

    pub(super) fn from_offset(offset: i64, limit: usize, deadline: Instant) -> Self {
        Self { first: offset, ..Self::new(AMQPValue::LongLongInt(offset), limit, deadline) }
    }

    fn wants(&self, offset: i64, delivery: &Delivery) -> bool {
        let earlier = match (self.not_before, delivery.properties.timestamp()) {
            // The property has whole seconds only.
            (Some(not_before), Some(seconds)) => *seconds < u64::try_from(not_before.0 / 1000).unwrap_or(0),
            _ => false,
        };
        offset >= self.first && !earlier
    }
}

/// Messages with their offsets, oldest first.
#[derive(Debug)]
pub(super) struct Scan {
    pub deliveries: VecDeque<(i64, Delivery)>,
    pub stopped: StopReason,
    /// The first offset that the broker sent.
    pub first: Option<i64>,
    bytes: u64,
    /// Of a tail: messages within the limit were dropped, since they did not fit the byte budget.
    cut: bool,
}

impl Default for Scan {
    fn default() -> Self {
        Self { deliveries: VecDeque::new(), stopped: StopReason::End, first: None, bytes: 0, cut: false }
    }
}

/// The offset of the last message that there is when this is asked; `None` in an empty stream.
///
/// Two consumers look at once: what `last` sends is the last chunk, which ends with the last message, unless more is
/// written meanwhile. The first message of `next` is the first of those: the one before it was the last.
pub(super) async fn last_offset(connection: &Connection, name: &str) -> Result<Option<i64>, BrokerError> {
    let (to_come, there) = (amqp::channel(connection).await?, amqp::channel(connection).await?);
    let mut next = consume(&to_come, name, AMQPValue::LongString("next".into())).await?;
    let mut last = consume(&there, name, AMQPValue::LongString("last".into())).await?;
    let mut end: Option<i64> = None;
    let found = loop {
        let silence = if end.is_none() { FIRST_SILENCE } else { SILENCE };
        tokio::select! {
            biased;
            Some(first) = next.next() => break Some(offset_of(&first.map_err(broken)?) - 1),
            Some(delivery) = last.next() => {
                let delivery = delivery.map_err(broken)?;
                end = end.max(Some(offset_of(&delivery)));
                delivery.ack(BasicAckOptions::default()).await.map_err(broken)?;
            }
            () = tokio::time::sleep(silence) => break end,
            else => break end,
        }
    };
    leave(&to_come, &next).await;
    leave(&there, &last).await;
    Ok(found.filter(|offset| *offset >= 0))
}

fn offset_of(delivery: &Delivery) -> i64 {
    header_number(&delivery.properties, STREAM_OFFSET).unwrap_or(0)
}

/// Reads on from the start of the range.
pub(super) async fn forward(connection: &Connection, name: &str, range: Range) -> Result<Scan, BrokerError> {
    let channel = amqp::channel(connection).await?;
    let mut consumer = consume(&channel, name, range.start.clone()).await?;
    let mut scan = Scan::default();
    scan.stopped = loop {
        let silence = if scan.first.is_none() { FIRST_SILENCE } else { SILENCE };
        let until = range.deadline.min(Instant::now() + silence);
        let delivery = match timeout_at(until.into(), consumer.next()).await {
            Ok(Some(delivery)) => delivery.map_err(broken)?,
            Ok(None) => break StopReason::End,
            Err(_) if Instant::now() >= range.deadline => break StopReason::TimeBudget,
            Err(_) => break StopReason::End,
        };
        // Only credit for more: a stream keeps its messages.
        delivery.ack(BasicAckOptions::default()).await.map_err(broken)?;
        if let Some(stopped) = scan.add(delivery, &range) {
            break stopped;
        }
    };
    leave(&channel, &consumer).await;
    if scan.cut && scan.stopped == StopReason::End {
        scan.stopped = StopReason::ByteBudget;
    }
    Ok(scan)
}

impl Scan {
    /// Takes a delivery in, and says when that is enough.
    fn add(&mut self, delivery: Delivery, range: &Range) -> Option<StopReason> {
        let offset = offset_of(&delivery);
        self.first.get_or_insert(offset);
        if range.upto.is_some_and(|upto| offset > upto) {
            return Some(StopReason::End);
        }
        if range.wants(offset, &delivery) {
            let size = delivery.data.len() as u64;
            if !range.tail && !self.deliveries.is_empty() && self.bytes + size > BYTE_BUDGET {
                return Some(StopReason::ByteBudget);
            }
            self.bytes += size;
            self.deliveries.push_back((offset, delivery));
        }
        if range.tail {
            self.drop_oldest(range.limit);
        } else if self.deliveries.len() >= range.limit {
            return Some(StopReason::Limit);
        }
        (range.upto == Some(offset)).then_some(StopReason::End)
    }

    /// Keeps the newest messages within the limit and the byte budget.
    fn drop_oldest(&mut self, limit: usize) {
        while self.deliveries.len() > limit || (self.deliveries.len() > 1 && self.bytes > BYTE_BUDGET) {
            self.cut |= self.deliveries.len() <= limit;
            if let Some((_, delivery)) = self.deliveries.pop_front() {
                self.bytes -= delivery.data.len() as u64;
            }
        }
    }
}

async fn consume(channel: &Channel, name: &str, start: AMQPValue) -> Result<Consumer, BrokerError> {
    let qos = channel.basic_qos(PREFETCH, BasicQosOptions::default());
    amqp::answered(Step::Read, "basic.qos", qos).await?;
    let mut arguments = FieldTable::default();
    arguments.insert(STREAM_OFFSET.into(), start);
    let options = BasicConsumeOptions::default();
    let consuming =
        channel.basic_consume(amqp::short("name", name)?, ShortString::default(), options, arguments);
    amqp::answered(Step::Read, "basic.consume", consuming).await
}

/// Cancels the consumer before its channel is closed: a stream goes on counting one that only lost its channel.
async fn leave(channel: &Channel, consumer: &Consumer) {
    let cancelling = channel.basic_cancel(consumer.tag(), BasicCancelOptions::default());
    drop(amqp::answered(Step::Read, "basic.cancel", cancelling).await);
    amqp::close_channel(channel).await;
}

/// Why a consumer ended. Bodies that no AMQP 0-9-1 client may see close the whole connection with 541.
fn broken(error: lapin::Error) -> BrokerError {
    let internal = matches!(error.kind(), ErrorKind::ProtocolError(amqp)
        if *amqp.kind() == AMQPErrorKind::Hard(AMQPHardError::INTERNALERROR));
    if internal {
        let detail = "RabbitMQ closed the connection over a message of this stream: it was written by the stream \
                      protocol with a body that AMQP 0-9-1 can't carry";
        return BrokerError::failed(Step::Read, detail, error);
    }
    amqp::refusal(Step::Read, "reading the stream", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(offset: i64, seconds: u64, size: usize) -> Delivery {
        let mut table = FieldTable::default();
        table.insert(STREAM_OFFSET.into(), AMQPValue::LongLongInt(offset));
        let mut delivery = Delivery::mock(1, "".into(), "s".into(), false, vec![0; size]);
        delivery.properties = delivery.properties.with_headers(table).with_timestamp(seconds);
        delivery
    }

    fn range(limit: usize) -> Range {
        Range::new(AMQPValue::LongString("first".into()), limit, Instant::now())
    }

    fn offsets(scan: &Scan) -> Vec<i64> {
        scan.deliveries.iter().map(|(offset, _)| *offset).collect()
    }

    #[test]
    fn given_a_chunk_that_begins_earlier_when_scanned_then_only_the_wanted_offsets_are_kept() {
        let (mut scan, range) = (Scan::default(), Range { first: 5, ..range(2) });
        let stops: Vec<_> = (3..7).map(|n| scan.add(delivery(n, 0, 1), &range)).collect();
        assert_eq!(stops, [None, None, None, Some(StopReason::Limit)]);
        assert_eq!((offsets(&scan), scan.first), (vec![5, 6], Some(3)));
    }

    #[test]
    fn given_a_tail_when_scanned_then_the_last_messages_are_kept_up_to_the_end() {
        let (mut scan, range) = (Scan::default(), Range { tail: true, upto: Some(9), ..range(3) });
        let stop = (0..12).find_map(|n| scan.add(delivery(n, 0, 1), &range));
        assert_eq!((stop, offsets(&scan)), (Some(StopReason::End), vec![7, 8, 9]));
    }

    #[test]
    fn given_a_time_when_scanned_then_messages_known_to_be_earlier_are_passed_over() {
        let (mut scan, range) = (Scan::default(), Range { not_before: Some(Timestamp(10_500)), ..range(9) });
        for (offset, seconds) in [(0, 9), (1, 10), (2, 11)] {
            scan.add(delivery(offset, seconds, 1), &range);
        }
        assert_eq!(offsets(&scan), [1, 2]);
    }

    #[test]
    fn given_large_bodies_when_scanned_then_the_byte_budget_holds_but_the_first_always_comes() {
        let (mut scan, range) = (Scan::default(), range(9));
        let huge = usize::try_from(BYTE_BUDGET).unwrap_or(usize::MAX) + 1;
        assert_eq!(scan.add(delivery(0, 0, huge), &range), None);
        assert_eq!(scan.add(delivery(1, 0, 1), &range), Some(StopReason::ByteBudget));
        assert_eq!(offsets(&scan), [0]);
    }
}
