//! Reading what costs nothing to read: lists, streams, topics.

use std::{cmp::Reverse, ops::Range};

use weir_model::{
    QueueKind, Timestamp,
    message::{BrowseFrom, BrowseRequest, Header, Message, MessagePage, StopReason},
};

use super::{
    super::{BYTE_BUDGET, BrokerError, SHOWN_BODY_LIMIT, bare_message, shown_body},
    goods::{Goods, mixed},
    place::{Place, entry_id, entry_offset},
    sequence::{Entry, length},
    state::Queue,
};

/// How far an element of a list may have moved between being shown and being downloaded.
const LIST_MOVES: i64 = 200;

/// The readable messages of one partition at a moment, by index. The left end of a list is where producers push.
pub(super) struct Shelf<'a> {
    queue: &'a Queue,
    partition: usize,
    ranges: Vec<Range<u64>>,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(queue: &'a Queue, partition: usize, t: i64) -> Self {
        Self { queue, partition, ranges: queue.readable(partition, t) }
    }

    pub(super) fn kind(&self) -> QueueKind {
        self.queue.model.kind
    }

    pub(super) fn count(&self) -> i64 {
        signed(self.ranges.iter().map(length).sum())
    }

    pub(super) fn offset(&self, index: i64) -> Option<u64> {
        let is_list = self.kind() == QueueKind::RedisList;
        let mut nth = u64::try_from(if is_list { self.count() - 1 - index } else { index }).ok()?;
        for range in &self.ranges {
            if nth < length(range) {
                return Some(range.start + nth);
            }
            nth -= length(range);
        }
        None
    }

    /// The index of an offset of a log, or of the next one that is kept.
    pub(super) fn index_of(&self, offset: i64) -> i64 {
        let begin = self.ranges.first().map_or(0, |range| range.start);
        (offset - signed(begin)).clamp(0, self.count())
    }

    /// The index of the first message of a log that came at `time` or later.
    pub(super) fn index_of_time(&self, time: Timestamp) -> i64 {
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.time(middle) < time { low = middle + 1 } else { high = middle }
        }
        low
    }

    pub(super) fn time(&self, index: i64) -> Timestamp {
        let sequence = &self.queue.sequences[self.partition];
        let flow = self.queue.model.flows[self.partition];
        Timestamp(self.offset(index).map_or(0, |offset| sequence.time(flow, offset)))
    }

    pub(super) fn position(&self, index: i64) -> String {
        let offset = self.offset(index).unwrap_or(0);
        match self.kind() {
            QueueKind::KafkaTopic => format!("{}:{offset}", self.partition),
            QueueKind::RedisStream => entry_id(self.time(index), offset),
            QueueKind::RedisList => format!("{index}~{:016x}", mixed(self.queue.seed ^ mixed(offset))),
            _ => offset.to_string(),
        }
    }

    /// The message with its whole body.
    pub(super) fn message(&self, index: i64) -> Option<(Message, Option<Vec<u8>>)> {
        let (mut message, body) = message(self.queue, self.partition, self.offset(index)?);
        message.position = self.position(index);
        if self.kind() == QueueKind::RedisList {
            message.timestamp = None;
        }
        Some((message, body))
    }
}

/// One message of a queue, without its position, and its whole body.
pub(super) fn message(queue: &Queue, partition: usize, offset: u64) -> (Message, Option<Vec<u8>>) {
    let sequence = &queue.sequences[partition];
    let mut message = bare_message("");
    message.timestamp = Some(Timestamp(sequence.time(queue.model.flows[partition], offset)));
    let body = match sequence.entry(offset) {
        Entry::Published(extra) => {
            message.key = extra.message.key.clone();
            message.routing_key = extra.message.routing_key.clone();
            message.headers = extra.message.headers.clone();
            message.properties = extra.message.properties.clone();
            extra.message.body.clone()
        }
        Entry::MadeUp(n) => Some(make_up(queue, n, &mut message)),
    };
    message.size = body.as_ref().map_or(0, Vec::len) as u64;
    message.body = body.as_ref().map(|bytes| shown_body(bytes, SHOWN_BODY_LIMIT));
    (message, body)
}

/// Message `n` of the model.
fn make_up(queue: &Queue, n: u64, message: &mut Message) -> Vec<u8> {
    let body = queue.model.goods.body(queue.seed, n).to_string();
    let text = |name: &str, value: &str| Header {
        name: name.to_owned(),
        kind: "string".to_owned(),
        value: value.into(),
    };
    match queue.model.kind {
        QueueKind::KafkaTopic => message.key = Some(Goods::key(queue.seed, n).to_owned()),
        QueueKind::RabbitmqClassic | QueueKind::RabbitmqQuorum | QueueKind::RabbitmqStream => {
            message.exchange = Some(if queue.model.dead_letters { "shop.dead" } else { "shop" }.to_owned());
            message.routing_key = Some(queue.model.name.to_owned());
            message.properties = vec![text("content_type", "application/json")];
            if queue.model.dead_letters {
                message.headers =
                    vec![text("x-first-death-queue", "orders"), text("x-first-death-reason", "rejected")];
            }
        }
        QueueKind::RedisStream => message.properties = vec![text("body", &body)],
        QueueKind::RedisList | QueueKind::RedisChannel => {}
    }
    body.into_bytes()
}

/// A page of messages.
///
/// # Errors
/// A beginning or a partition that the queue has not.
pub(super) fn browse(queue: &Queue, request: &BrowseRequest, t: i64) -> Result<MessagePage, BrokerError> {
    if queue.model.kind != QueueKind::KafkaTopic && request.partition.is_some() {
        return Err(BrokerError::field("partition", "only topics have partitions"));
    }
    match request.partition {
        None if queue.sequences.len() > 1 => merged(queue, request, t),
        partition => {
            let shelf = Shelf::new(queue, known_partition(queue, partition.unwrap_or(0))?, t);
            walk(&shelf, Place::find(&shelf, request.from.as_ref())?, request.limit)
        }
    }
}

fn walk(shelf: &Shelf<'_>, place: Place, limit: u32) -> Result<MessagePage, BrokerError> {
    let (mut items, mut bytes, mut index) = (Vec::new(), 0, place.index);
    let mut stopped = StopReason::End;
    while let Some((message, _)) = shelf.message(index) {
        bytes += message.size;
        if items.len() == limit as usize || (bytes > BYTE_BUDGET && !items.is_empty()) {
            stopped = if bytes > BYTE_BUDGET { StopReason::ByteBudget } else { StopReason::Limit };
            break;
        }
        items.push(message);
        index += place.step();
    }
    let next = place.spelled(shelf, index).filter(|_| stopped != StopReason::End);
    Ok(page(items, stopped, next))
}

/// All partitions, by time. Going on upwards is by time; downwards a partition has to be chosen.
fn merged(queue: &Queue, request: &BrowseRequest, t: i64) -> Result<MessagePage, BrokerError> {
    if matches!(request.from, Some(BrowseFrom::Offset(_) | BrowseFrom::Id(_))) {
        return Err(BrokerError::field("from", "each partition has offsets of its own: choose a partition"));
    }
    let limit = request.limit as usize;
    let (mut items, mut upwards) = (Vec::new(), true);
    for partition in 0..queue.sequences.len() {
        let shelf = Shelf::new(queue, partition, t);
        let place = Place::find(&shelf, request.from.as_ref())?;
        upwards = place.upwards;
        items.extend(walk(&shelf, place, request.limit.saturating_add(1))?.items);
    }
    if upwards {
        items.sort_by_key(|message| message.timestamp);
    } else {
        items.sort_by_key(|message| Reverse(message.timestamp));
    }
    let next = items.get(limit).filter(|_| upwards).and_then(|message| message.timestamp);
    let stopped = if items.len() > limit { StopReason::Limit } else { StopReason::End };
    items.truncate(limit);
    Ok(page(items, stopped, next.map(|time| BrowseFrom::Time(time).to_string())))
}

fn page(items: Vec<Message>, stopped: StopReason, next: Option<String>) -> MessagePage {
    MessagePage { items, stopped, stopped_detail: None, next, peek_id: None, notes: Vec::new() }
}

/// The exact bytes at a position.
///
/// # Errors
/// A position of another kind, or a message that is gone.
pub(super) fn body(queue: &Queue, position: &str, t: i64) -> Result<Vec<u8>, BrokerError> {
    let unreadable = || BrokerError::field("position", "it is none that a page of this queue gave");
    let gone = || BrokerError::NotFound(format!("message {position} is gone"));
    if queue.model.kind == QueueKind::RedisList {
        return element(&Shelf::new(queue, 0, t), position);
    }
    let (partition, offset) = match queue.model.kind {
        QueueKind::KafkaTopic => position.split_once(':').ok_or_else(unreadable)?,
        _ => ("0", position),
    };
    let offset = match queue.model.kind {
        QueueKind::RedisStream => entry_offset(offset)?,
        _ => offset.parse().map_err(|_| unreadable())?,
    };
    let partition = known_partition(queue, partition.parse().map_err(|_| unreadable())?)?;
    let offset = u64::try_from(offset).map_err(|_| unreadable())?;
    if !queue.readable(partition, t).iter().any(|range| range.contains(&offset)) {
        return Err(gone());
    }
    Ok(message(queue, partition, offset).1.unwrap_or_default())
}

/// The element that was shown at an index, if it has not moved far.
fn element(shelf: &Shelf<'_>, position: &str) -> Result<Vec<u8>, BrokerError> {
    let index = position.split_once('~').and_then(|(index, hash)| Some((index.parse::<i64>().ok()?, hash)));
    let Some((index, hash)) = index else {
        return Err(BrokerError::field(
            "position",
            "a list's position is an index and a hash, as in 17~9f3a2b10",
        ));
    };
    let nearby = (0..LIST_MOVES).flat_map(|moved| [index + moved, index - moved]);
    let found = nearby.into_iter().find(|at| shelf.position(*at).ends_with(&format!("~{hash}")));
    let moved_on = || BrokerError::Conflict("the list has moved on: read it again".to_owned());
    Ok(found.and_then(|at| shelf.message(at)).ok_or_else(moved_on)?.1.unwrap_or_default())
}

fn known_partition(queue: &Queue, partition: i32) -> Result<usize, BrokerError> {
    let known = usize::try_from(partition).ok().filter(|n| *n < queue.sequences.len());
    known.ok_or_else(|| {
        BrokerError::field("partition", format!("there are {}, from 0 on", queue.sequences.len()))
    })
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
