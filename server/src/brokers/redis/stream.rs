//! Streams: length, entries added, and what each consumer group still has to do.

use std::{collections::HashMap, time::Instant};

use redis::Cmd;
use weir_model::{
    GroupObservation, Metric, QueueObservation, Reading, Timestamp, Unknown, UnknownCode, unknown::unknown,
};

use super::{
    super::BrokerError,
    connection::Connection,
    entry_id::EntryId,
    groups::{Group, View},
    key::{Place, by_db},
    list::strangers,
    reply::{self, Reply},
    stream_groups::{self, GroupMemory, Inquiry},
    stream_info::StreamInfo,
    vanished::{stream_counters, vanished},
};

/// Streams asked in one go once the size of their entries is known.
const CHUNK: usize = 200;
/// Streams never looked into, whose entries may be huge.
const CHUNK_OF_STRANGERS: usize = 8;

/// What is remembered of streams from poll to poll.
#[derive(Default)]
pub(super) struct Streams {
    memories: HashMap<Place, Memory>,
}

#[derive(Default)]
struct Memory {
    /// When `XINFO STREAM` may be asked again; `None` = never asked.
    next_look: Option<Instant>,
    entry_bytes: Option<u64>,
    last_generated: EntryId,
    /// The first entry, and how many had gone of all that were ever added, when last looked into.
    head: Option<(EntryId, i64)>,
    /// Counts the times its counters began anew.
    generation: u32,
    groups_were_broken: bool,
    groups: HashMap<Vec<u8>, GroupMemory>,
}

/// What a poll of streams has to know of the server.
pub(super) struct Server<'a> {
    pub(super) run_id: &'a str,
    pub(super) clock: Timestamp,
    /// From then on streams are no longer looked into in this poll.
    pub(super) look_until: Instant,
}

impl Streams {
    /// Measures streams: `XINFO GROUPS`, `XLEN` and, as often as its weight allows, `XINFO STREAM` of each; then
    /// what the groups need. Two round trips for a few hundred streams.
    pub(super) async fn measure(
        &mut self,
        connection: &mut Connection,
        places: &[&Place],
        server: &Server<'_>,
    ) -> Result<Vec<QueueObservation>, BrokerError> {
        self.memories.retain(|place, _| places.contains(&place));
        let mut seen = Vec::with_capacity(places.len());
        let (known, new): (Vec<&Place>, Vec<&Place>) = places
            .iter()
            .copied()
            .partition(|place| self.memories.get(*place).is_some_and(|m| m.next_look.is_some()));
        let chunks = known.chunks(CHUNK).chain(new.chunks(CHUNK_OF_STRANGERS));
        for chunk in chunks {
            // Entries of streams never seen may be large: they must not cost the figures of the others.
            let may_look = Instant::now() < server.look_until;
            for (db, places) in by_db(chunk.iter().copied()) {
                seen.extend(self.measure_chunk(connection, db, places, server, may_look).await?);
            }
        }
        Ok(seen)
    }

    async fn measure_chunk(
        &mut self,
        connection: &mut Connection,
        db: u32,
        places: Vec<&Place>,
        server: &Server<'_>,
        may_look: bool,
    ) -> Result<Vec<QueueObservation>, BrokerError> {
        let now = Instant::now();
        let looks: Vec<bool> = places
            .iter()
            .map(|place| {
                may_look && self.memories.get(*place).and_then(|m| m.next_look).is_none_or(|at| at <= now)
            })
            .collect();
        let commands =
            places.iter().zip(&looks).flat_map(|(place, look)| first_questions(&place.key, *look)).collect();
        let mut answers = connection.read(db, commands).await?.into_iter();
        let (mut seen, mut others, mut sketches) = (Vec::new(), Vec::new(), Vec::new());
        for (place, look) in places.into_iter().zip(looks) {
            let first = FirstAnswers::take(&mut answers, look);
            if first.is_another_type() {
                others.push(place);
            } else if first.is_gone() {
                seen.push(vanished(place));
                self.memories.entry(place.clone()).or_default().begin_anew();
            } else {
                let memory = self.memories.entry(place.clone()).or_default();
                sketches.push(Sketch::new(place, first, memory));
            }
        }
        seen.extend(strangers(connection, db, others).await?);
        let commands = sketches.iter().flat_map(Sketch::commands).collect();
        let mut answers = connection.read(db, commands).await?.into_iter();
        for sketch in sketches {
            let memory = self.memories.entry(sketch.place.clone()).or_default();
            seen.push(sketch.finish(&mut answers, memory, server));
        }
        Ok(seen)
    }
}

impl Memory {
    fn begin_anew(&mut self) {
        if self.last_generated != EntryId::default() {
            *self = Self { generation: self.generation + 1, ..Self::default() };
        }
    }

    /// Takes in a look at the stream, and gives what is known of it now.
    fn note(&mut self, info: &StreamInfo) -> View {
        if info.last_generated < self.last_generated {
            self.begin_anew();
        }
        self.last_generated = info.last_generated;
        self.next_look = Some(info.next_look(Instant::now()));
        self.entry_bytes = Some(info.entry_bytes);
        let head = info.view.edges.zip(info.view.added);
        let head = head.map(|((first, _), added)| (first, added.saturating_sub(info.view.length)));
        let before = std::mem::replace(&mut self.head, head);
        let unsettled = before.zip(head).is_some_and(|(then, now)| then.0 == now.0 && then.1 != now.1);
        View { unsettled, ..info.view }
    }
}

/// Groups first: what comes in between then makes the stream longer, never a lag too large.
fn first_questions(key: &[u8], look: bool) -> Vec<Cmd> {
    let mut commands =
        vec![redis::cmd("XINFO").arg("GROUPS").arg(key).take(), redis::cmd("XLEN").arg(key).take()];
    if look {
        commands.push(redis::cmd("XINFO").arg("STREAM").arg(key).take());
    }
    commands
}

struct FirstAnswers {
    groups: Option<Reply>,
    length: Option<Reply>,
    /// `None`: not asked this time.
    info: Option<Reply>,
}

impl FirstAnswers {
    fn take(answers: &mut impl Iterator<Item = Reply>, look: bool) -> Self {
        let (groups, length) = (answers.next(), answers.next());
        Self { groups, length, info: if look { answers.next() } else { None } }
    }

    fn is_another_type(&self) -> bool {
        matches!(&self.length, Some(Err(error)) if reply::is_wrong_type(error))
    }

    /// A stream may be there and empty; one that is gone has no groups to ask for either.
    fn is_gone(&self) -> bool {
        let empty = matches!(&self.length, Some(Ok(n)) if reply::int(n) == Some(0));
        empty && !matches!(self.groups, Some(Ok(_)))
    }
}

/// A stream between the two rounds of questions.
struct Sketch<'a> {
    place: &'a Place,
    length: Reading,
    added: Reading,
    view: View,
    groups: Reading<Vec<Inquiry>>,
}

impl<'a> Sketch<'a> {
    fn new(place: &'a Place, first: FirstAnswers, memory: &mut Memory) -> Self {
        let answered = |reply: Option<Reply>, command: &str| {
            reply.unwrap_or(Ok(redis::Value::Nil)).map_err(|error| reply::unknown(&error, command))
        };
        let length = answered(first.length, "XLEN").and_then(|value| reply::number(Ok(value), "XLEN"));
        let info = first.info.map(|info| answered(Some(info), "XINFO STREAM").map(StreamInfo::read));
        let (view, added) = match info {
            Some(Ok(info)) => (
                memory.note(&info),
                info.view.added.ok_or_else(|| Unknown::new(UnknownCode::Unsupported, BEFORE_7)),
            ),
            Some(Err(reason)) => {
                memory.next_look = Some(Instant::now());
                (closed(&length), Err(reason))
            }
            None => (closed(&length), unknown(UnknownCode::NotYet, HEAVY)),
        };
        let groups = answered(first.groups, "XINFO GROUPS")
            .map(|value| reply::items(value).into_iter().map(Group::read).collect::<Vec<_>>())
            .map(|groups| {
                stream_groups::retain(&mut memory.groups, &groups);
                let inquire = |group: Group| {
                    let own = memory.groups.entry(group.name.clone()).or_default();
                    Inquiry::new(group, &view, own, memory.entry_bytes)
                };
                groups.into_iter().map(inquire).collect()
            });
        let length = if view.edges.is_some() { Ok(view.length) } else { length };
        Self { place, length, added, view, groups }
    }

    fn commands(&self) -> Vec<Cmd> {
        let inquiries = self.groups.iter().flatten();
        inquiries.flat_map(|inquiry| inquiry.commands(&self.place.key, &self.view)).collect()
    }

    fn finish(
        self,
        answers: &mut impl Iterator<Item = Reply>,
        memory: &mut Memory,
        server: &Server<'_>,
    ) -> QueueObservation {
        let view = self.view;
        let groups = self.groups.map(|inquiries| {
            let conclude = |inquiry: Inquiry| {
                let own = memory.groups.entry(inquiry.name().to_vec()).or_default();
                inquiry.conclude(answers, &view, own, server.clock)
            };
            inquiries.into_iter().map(conclude).collect::<Vec<_>>()
        });
        let broken = stream_groups::is_broken(&memory.groups);
        if memory.groups_were_broken && !broken {
            // Counts of what was read jump when the server finds them again.
            memory.generation += 1;
        }
        memory.groups_were_broken = broken;
        let mut seen =
            stream_counters(self.place.blank()).with(Metric::Depth, self.length).with(Metric::In, self.added);
        seen.epoch = format!("{}/{}", server.run_id, memory.generation);
        for (metric, reading) in sums(&groups) {
            seen = seen.with(metric, reading);
        }
        seen.groups = groups.unwrap_or_default();
        seen
    }
}

const BEFORE_7: &str = "Redis counts the entries added to a stream from version 7.0 on";
const HEAVY: &str = "the entries of this stream are large, so Weir looks into it less often";

fn closed(length: &Reading) -> View {
    View { length: length.as_ref().copied().unwrap_or(0), ..View::default() }
}

/// The stream's own figures, from those of its groups.
fn sums(groups: &Reading<Vec<GroupObservation>>) -> [(Metric, Reading); 6] {
    let sum = |metric: Metric| -> Reading {
        let groups = groups.as_ref().map_err(Clone::clone)?;
        match metric {
            Metric::Unacknowledged | Metric::Consumers if groups.is_empty() => Ok(0),
            Metric::Unacknowledged => fold(groups, metric, i64::saturating_add),
            Metric::Consumers => {
                let members = groups.iter().filter_map(|group| group.members.as_ref().ok());
                Ok(members.fold(0, |sum, members| sum.saturating_add(*members)))
            }
            // What every group has read: what came in less this is what the slowest still has to.
            Metric::Out => fold(groups, metric, i64::min),
            Metric::OldestAge => oldest(groups),
            _ => fold(groups, Metric::Lag, i64::max),
        }
    };
    [Metric::Backlog, Metric::Lag, Metric::Unacknowledged, Metric::Consumers, Metric::Out, Metric::OldestAge]
        .map(|metric| (metric, sum(metric)))
}

/// All groups' figures together; unknown where one is.
fn fold(groups: &[GroupObservation], metric: Metric, join: fn(i64, i64) -> i64) -> Reading {
    let mut sum: Option<i64> = None;
    for group in groups {
        match group.figures.get(&metric) {
            Some(Ok(value)) => sum = Some(sum.map_or(*value, |sum| join(sum, *value))),
            Some(Err(reason)) => {
                return Err(Unknown::new(reason.code, format!("group {}: {}", group.name, reason.detail)));
            }
            None => {}
        }
    }
    sum.ok_or_else(|| Unknown::new(UnknownCode::NoGroup, "no group reads this stream"))
}

/// The greatest age; groups in which nothing waits have none.
fn oldest(groups: &[GroupObservation]) -> Reading {
    let waits = |group: &&GroupObservation| !matches!(group.figures.get(&Metric::OldestAge), Some(Err(reason)) if reason.code == UnknownCode::NotApplicable);
    let waiting: Vec<GroupObservation> = groups.iter().filter(waits).cloned().collect();
    if waiting.is_empty() && !groups.is_empty() {
        return unknown(UnknownCode::NotApplicable, "nothing waits");
    }
    fold(&waiting, Metric::OldestAge, i64::max)
}
