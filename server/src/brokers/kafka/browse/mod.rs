//! Reading messages: from either end, an offset or a time; one partition, or all of them merged by time.
//!
//! Partitions are assigned by hand, so no group is joined and nothing is committed: reading leaves no trace.

mod cursor;
mod merge;
mod reader;
mod record;
mod whole;

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use weir_kafka_admin::{Isolation, OffsetQuery, TopicPartition};
use weir_model::{
    QueueObservation, Reading, Timestamp,
    message::{BrowseFrom, BrowseRequest, BrowseStart, MessagePage, StopReason},
};

pub(super) use self::whole::copy_whole;
use self::{
    cursor::{Cursor, Direction},
    merge::{Merged, Window, Windows as _, merge},
    reader::Reader,
};
use super::{
    Kafka,
    connection::{Connection, off_thread},
    figures::held_by_transactions,
    group_figures::listed,
    offsets::{Ends, all_ends, one_query},
    topology::{Topic, by_leader},
};
use crate::brokers::{BYTE_BUDGET, BrokerError, Browse};

/// Time for asking where to begin, and for reading.
const ASK_TIME: Duration = Duration::from_secs(3);
const READ_TIME: Duration = Duration::from_secs(8);

/// What is to be read.
struct Plan {
    windows: Vec<Window>,
    direction: Direction,
    notes: Vec<String>,
}

#[async_trait]
impl Browse for Kafka {
    fn starts(&self, _queue: &QueueObservation) -> &'static [BrowseStart] {
        &[BrowseStart::Newest, BrowseStart::Oldest, BrowseStart::Offset, BrowseStart::Time]
    }

    async fn browse(
        &self,
        queue: &QueueObservation,
        request: &BrowseRequest,
    ) -> Result<MessagePage, BrokerError> {
        let connection = self.dialer.connection().await?;
        let topic = self.topic_now(&connection, &queue.name).await?;
        let topic = one_partition(topic, request.partition)?;
        let plan = plan(&connection, &topic, request).await?;
        let (limit, name) = (request.limit as usize, topic.name.clone());
        let config = self.dialer.settings.reader(request.read_committed);
        let context = self.dialer.reader_context();
        let merged = off_thread(move || {
            let until = Instant::now() + READ_TIME;
            let mut reader = Reader::open(&config, context, &name, until)?;
            merge(&mut reader, plan.windows, plan.direction, limit)
        })
        .await??;
        Ok(page(merged, plan.notes))
    }

    async fn body(&self, queue: &QueueObservation, position: &str) -> Result<Vec<u8>, BrokerError> {
        let place =
            position.split_once(':').and_then(|(p, o)| Some((p.parse().ok()?, o.parse::<i64>().ok()?)));
        let Some((partition, offset)) = place.filter(|(p, o)| *p >= 0 && (0..i64::MAX).contains(o)) else {
            let message =
                format!("\"{position}\" is no position in a topic: write partition:offset, as in 0:17");
            return Err(BrokerError::field("position", message));
        };
        let (config, context) = (self.dialer.settings.reader(false), self.dialer.reader_context());
        let connection = self.dialer.connection().await?;
        let topic = one_partition(self.topic_now(&connection, &queue.name).await?, Some(partition))?;
        let window = Window { partition, from: offset, to: offset + 1 };
        let within = ends_of(&connection, &topic).await.remove(&partition);
        let gone = || {
            BrokerError::NotFound(format!("there is no message at offset {offset} of partition {partition}"))
        };
        // Asked for beyond its ends, a partition would wait for the message to come.
        let (begin, end) = within.ok_or_else(gone).and_then(|ends| both(&ends, partition))?;
        if !(begin..end).contains(&offset) {
            return Err(gone());
        }
        let read = off_thread(move || {
            Reader::open(&config, context, &topic.name, Instant::now() + READ_TIME)?.read(&[window], u64::MAX)
        })
        .await??;
        let record = read.records.into_values().flatten().find(|record| record.offset == offset);
        Ok(record.ok_or_else(gone)?.payload.unwrap_or_default())
    }
}

impl Kafka {
    /// The topic as it is at this moment.
    ///
    /// # Errors
    /// `NotFound` where it is not there.
    pub(super) async fn topic_now(&self, connection: &Connection, name: &str) -> Result<Topic, BrokerError> {
        let topology = connection.topology(ASK_TIME).await?;
        let topic = topology.topics.into_iter().find(|topic| topic.name == name);
        topic.ok_or_else(|| {
            BrokerError::NotFound(format!("topic {name} is not there, or the account lacks Describe on it"))
        })
    }
}

/// The topic with only the partition that is asked for.
fn one_partition(mut topic: Topic, partition: Option<i32>) -> Result<Topic, BrokerError> {
    let Some(wanted) = partition else { return Ok(topic) };
    let count = topic.partitions.len();
    topic.partitions.retain(|p| p.id == wanted);
    match topic.partitions.first() {
        None => Err(BrokerError::field(
            "partition",
            format!("{wanted} is no partition of {}: it has 0 to {}", topic.name, count.saturating_sub(1)),
        )),
        Some(partition) if partition.leader.is_none() => {
            Err(BrokerError::Refused(format!("partition {wanted} has no leader and can't be read now")))
        }
        Some(_) => Ok(topic),
    }
}

async fn ends_of(connection: &Connection, topic: &Topic) -> BTreeMap<i32, Ends> {
    let Ok(admin) = connection.admin() else { return BTreeMap::new() };
    let ends = all_ends(admin, [topic], ASK_TIME).await;
    ends.of.into_iter().map(|(place, ends)| (place.partition, ends)).collect()
}

async fn plan(connection: &Connection, topic: &Topic, request: &BrowseRequest) -> Result<Plan, BrokerError> {
    let ends = ends_of(connection, topic).await;
    let mut whole = Vec::new();
    for (partition, ends) in &ends {
        let (begin, end) = both(ends, *partition)?;
        let stable = ends.stable_end.as_ref().map_or(end, |stable| *stable);
        let to = if request.read_committed { stable } else { end };
        whole.push(Window { partition: *partition, from: begin, to });
    }
    let notes = notes(topic, &ends, request.read_committed);
    let direction = match &request.from {
        None | Some(BrowseFrom::Newest) => Direction::Backward,
        Some(BrowseFrom::Id(text)) => cursor(text)?.direction,
        Some(BrowseFrom::Left | BrowseFrom::Right) => {
            let words = "a topic has no left and right: use oldest, newest, offset:N or time:RFC3339";
            return Err(BrokerError::field("from", words));
        }
        Some(_) => Direction::Forward,
    };
    let windows = match &request.from {
        Some(BrowseFrom::Offset(offset)) => from_offset(whole, *offset)?,
        Some(BrowseFrom::Id(text)) => from_cursor(whole, &cursor(text)?),
        Some(BrowseFrom::Time(time)) => {
            let starts = starts_at(connection, topic, *time, request.read_committed).await?;
            from_starts(whole, &starts)?
        }
        _ => whole,
    };
    Ok(Plan { windows, direction, notes })
}

fn both(ends: &Ends, partition: i32) -> Result<(i64, i64), BrokerError> {
    let told = |reading: &Reading| {
        reading.clone().map_err(|reason| {
            let words = format!("partition {partition}: {}", reason.detail);
            BrokerError::failed_plainly(weir_model::Step::Read, words)
        })
    };
    Ok((told(&ends.begin)?, told(&ends.end)?))
}

fn notes(topic: &Topic, ends: &BTreeMap<i32, Ends>, read_committed: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let held: i64 = ends.values().filter_map(held_by_transactions).sum();
    if held > 0 && read_committed {
        notes.push(format!("{held} messages from an open transaction on are not shown."));
    } else if held > 0 {
        notes.push(format!(
            "{held} messages are held by an open transaction; readers of committed messages wait."
        ));
    }
    let offline: Vec<i32> = topic.partitions.iter().filter(|p| p.leader.is_none()).map(|p| p.id).collect();
    if !offline.is_empty() {
        notes.push(format!("Left out, without a leader: {}.", listed(&offline)));
    }
    notes
}

fn cursor(text: &str) -> Result<Cursor, BrokerError> {
    Cursor::parse(text).ok_or_else(|| {
        BrokerError::field("from", format!("\"id:{text}\" is none that an answer gave as next"))
    })
}

/// From an offset on, the same in each partition. Where all partitions lack it, the answer says what there is.
fn from_offset(whole: Vec<Window>, offset: i64) -> Result<Vec<Window>, BrokerError> {
    if !whole.iter().any(|w| (w.from..=w.to).contains(&offset)) {
        let held: Vec<String> = whole
            .iter()
            .take(5)
            .map(|w| format!("partition {} holds {} to {}", w.partition, w.from, w.to - 1))
            .collect();
        return Err(BrokerError::field(
            "from",
            format!("no partition holds offset {offset}: {}", held.join(", ")),
        ));
    }
    Ok(whole.into_iter().map(|w| Window { from: offset.clamp(w.from, w.to), ..w }).collect())
}

/// Goes on where a page ended. Partitions that were added since come whole.
fn from_cursor(whole: Vec<Window>, cursor: &Cursor) -> Vec<Window> {
    let go_on = |w: Window| match (cursor.at.get(&w.partition), cursor.direction) {
        (Some(at), Direction::Forward) => Window { from: (*at).clamp(w.from, w.to.max(w.from)), ..w },
        (Some(at), Direction::Backward) => Window { to: (*at).clamp(w.from, w.to.max(w.from)), ..w },
        (None, _) => w,
    };
    whole.into_iter().map(go_on).collect()
}

fn from_starts(
    whole: Vec<Window>,
    starts: &HashMap<TopicPartition, Reading>,
) -> Result<Vec<Window>, BrokerError> {
    let starts: BTreeMap<i32, &Reading> =
        starts.iter().map(|(place, start)| (place.partition, start)).collect();
    let begin = |w: Window| match starts.get(&w.partition) {
        // -1: nothing is as new as that.
        Some(Ok(-1)) | None => Ok(Window { from: w.to, ..w }),
        Some(Ok(start)) => Ok(Window { from: (*start).clamp(w.from, w.to.max(w.from)), ..w }),
        Some(Err(reason)) => Err(BrokerError::failed_plainly(
            weir_model::Step::Read,
            format!("partition {}: {}", w.partition, reason.detail),
        )),
    };
    whole.into_iter().map(begin).collect()
}

/// The first offset of each partition at or after a time.
async fn starts_at(
    connection: &Connection,
    topic: &Topic,
    time: Timestamp,
    read_committed: bool,
) -> Result<HashMap<TopicPartition, Reading>, BrokerError> {
    let isolation = if read_committed { Isolation::ReadCommitted } else { Isolation::ReadUncommitted };
    let admin = connection.admin()?;
    let asked = by_leader([topic]);
    let each = asked.iter().map(|(leader, places)| {
        one_query(admin, *leader, places, OffsetQuery::AtTime(time.0), isolation, ASK_TIME)
    });
    Ok(futures::future::join_all(each).await.into_iter().flatten().collect())
}

fn page(merged: Merged, notes: Vec<String>) -> MessagePage {
    let detail = match merged.stopped {
        StopReason::Limit => None,
        StopReason::End => Some("There are no more messages.".to_owned()),
        StopReason::ByteBudget => Some(format!(
            "Stopped at {} MiB, the most that one page brings; the next page goes on.",
            BYTE_BUDGET / (1024 * 1024)
        )),
        StopReason::TimeBudget => {
            Some(format!("Stopped after {} s; the next page goes on.", READ_TIME.as_secs()))
        }
        StopReason::DeliveryLimit => None,
    };
    MessagePage {
        items: merged.records.iter().map(record::Record::shown).collect(),
        stopped: merged.stopped,
        stopped_detail: detail,
        next: merged.next.map(|cursor| format!("id:{cursor}")),
        peek_id: None,
        notes,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn windows() -> Vec<Window> {
        vec![Window { partition: 0, from: 10, to: 20 }, Window { partition: 1, from: 0, to: 5 }]
    }

    #[test]
    fn given_an_offset_when_only_one_partition_has_it_then_the_other_begins_at_its_own_end() {
        let planned = from_offset(windows(), 15).unwrap();
        assert_eq!((planned[0].from, planned[1].from), (15, 5));
    }

    #[test]
    fn given_an_offset_that_is_nowhere_when_planned_then_the_answer_says_what_there_is() {
        let error = from_offset(windows(), 7).unwrap_err().to_string();
        assert!(error.contains("partition 0 holds 10 to 19"), "{error}");
    }
}
