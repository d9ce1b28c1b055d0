//! Reading lists and streams without changing them: pages within a byte budget, and single bodies.

use std::time::Duration;

use tokio::time::Instant;
use weir_model::{
    QueueKind, QueueObservation,
    message::{BrowseRequest, Message, MessagePage, StopReason},
};

use super::{
    super::BrokerError, abilities::abilities, batches::Batches, browse_list::ListReader,
    browse_stream::StreamReader, connection::Connection, dial::Dialer, key::Place, reply,
};

const TIME: Duration = Duration::from_secs(15);
/// A page that takes longer ends with what it has.
const PAGE_TIME: Duration = Duration::from_secs(8);
/// What looking one message ahead may bring along.
const LOOK_AHEAD_BYTES: u64 = 256 * 1024;

/// What the readers of lists and of streams have in common.
pub(super) trait Reader: Send + Sync {
    /// The command for the next `count` messages.
    fn command(&self, count: u32) -> redis::Cmd;

    /// Messages of an answer, each with its bytes on the wire; moves on with each that is [`Reader::pass`]ed.
    fn messages(&self, answer: redis::Value) -> Vec<(Message, u64)>;

    /// The message was taken into the page.
    fn pass(&mut self, message: &Message);

    /// `from` of the page after what was passed.
    fn next(&self) -> Option<String>;
}

/// A page of messages.
pub(super) async fn browse(
    dialer: &Dialer,
    queue: &QueueObservation,
    request: &BrowseRequest,
) -> Result<MessagePage, BrokerError> {
    let place = Place::of(queue)?;
    if request.partition.is_some() {
        return Err(BrokerError::field("partition", "Redis has no partitions: leave it out"));
    }
    let mut reader: Box<dyn Reader> = match place.kind {
        QueueKind::RedisChannel => return Err(nothing_stored(queue)),
        QueueKind::RedisStream => Box::new(StreamReader::new(&place, request.from.as_ref())?),
        _ => Box::new(ListReader::new(&place, request.from.as_ref())?),
    };
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    read_page(dialer, &mut connection, &place, reader.as_mut(), request.limit).await
}

pub(super) async fn read_page(
    dialer: &Dialer,
    connection: &mut Connection,
    place: &Place,
    reader: &mut dyn Reader,
    limit: u32,
) -> Result<MessagePage, BrokerError> {
    let (start, mut batches, mut items) = (Instant::now(), Batches::new(limit), Vec::new());
    let mut stopped = None;
    while let Some(count) = batches.next() {
        connection.allow(batches.ceiling());
        let answer = match connection.read_one(place.db, reader.command(count)).await {
            Ok(answer) => answer.map_err(|error| unreadable(place, &error))?,
            Err(BrokerError::Failed { .. }) if count > 1 => {
                // The batch was cut off as too large: what comes next is looked at one by one.
                batches.go_slowly();
                *connection = dialer.dial(Instant::now() + TIME).await?;
                continue;
            }
            Err(error) => return Err(error),
        };
        let messages = reader.messages(answer);
        let came = messages.len();
        for (message, bytes) in messages.into_iter().take(count as usize) {
            if !batches.take(bytes) {
                break;
            }
            reader.pass(&message);
            items.push(message);
        }
        if came < count as usize {
            stopped = Some(StopReason::End);
            break;
        }
        if start.elapsed() > PAGE_TIME {
            stopped = Some(StopReason::TimeBudget);
            break;
        }
    }
    let full = if batches.is_complete() { StopReason::Limit } else { StopReason::ByteBudget };
    let stopped = match stopped.filter(|_| !batches.is_overfull()) {
        Some(reason) => reason,
        None if has_more(connection, place, reader).await => full,
        None => StopReason::End,
    };
    Ok(finish(items, stopped, reader))
}

/// Looks one message ahead, so that no page leads to an empty one. A message that is too large to look at is one.
async fn has_more(connection: &mut Connection, place: &Place, reader: &dyn Reader) -> bool {
    connection.allow(Some(LOOK_AHEAD_BYTES));
    match connection.read_one(place.db, reader.command(1)).await {
        Ok(Ok(answer)) => !reader.messages(answer).is_empty(),
        _ => true,
    }
}

fn finish(items: Vec<Message>, stopped: StopReason, reader: &dyn Reader) -> MessagePage {
    let detail = match stopped {
        StopReason::ByteBudget => Some("a page holds 16 MiB at most: go on with the next"),
        StopReason::TimeBudget => Some("Redis was slow: go on with the next page"),
        _ => None,
    };
    MessagePage {
        items,
        stopped,
        stopped_detail: detail.map(str::to_owned),
        next: if stopped == StopReason::End { None } else { reader.next() },
        peek_id: None,
        notes: Vec::new(),
    }
}

/// The exact bytes at a position.
pub(super) async fn body(
    dialer: &Dialer,
    queue: &QueueObservation,
    position: &str,
) -> Result<Vec<u8>, BrokerError> {
    let place = Place::of(queue)?;
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    match place.kind {
        QueueKind::RedisChannel => Err(nothing_stored(queue)),
        QueueKind::RedisStream => super::browse_stream::body(&mut connection, &place, position).await,
        _ => super::browse_list::body(&mut connection, &place, position).await,
    }
}

fn nothing_stored(queue: &QueueObservation) -> BrokerError {
    BrokerError::Refused(abilities(queue).browse.reason.unwrap_or_default())
}

pub(super) fn unreadable(place: &Place, error: &redis::ServerError) -> BrokerError {
    if reply::is_wrong_type(error) {
        return BrokerError::Conflict(format!("the key holds no {} any more", place.type_word()));
    }
    reply::refusal(error, "the read")
}
