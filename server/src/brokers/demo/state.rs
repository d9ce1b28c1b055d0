//! One queue: the model and what operators changed on top of it.

use std::ops::Range;

use weir_model::QueueKind;

use super::{
    curve::{Curve, Pace},
    goods::mixed,
    sequence::{Sequence, length},
    shop::{Group, Model},
};

/// Messages that each consumer holds without having acknowledged them.
const PREFETCH: u64 = 5;

#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub model: Model,
    pub seed: u64,
    /// One for each partition; one where the kind has none.
    pub sequences: Vec<Sequence>,
    /// Messages handed out again by peeks.
    pub redelivered: u64,
    /// Messages below this offset were peeked at.
    pub peeked_to: u64,
    /// Bytes of what was published.
    pub held_bytes: usize,
}

impl Queue {
    pub(super) fn new(model: Model, seed: u64) -> Self {
        let sequences = vec![Sequence::default(); model.flows.len()];
        let seed = mixed(seed ^ model.id.as_str().bytes().fold(0, |sum, byte| mixed(sum ^ u64::from(byte))));
        Self { model, seed, sequences, redelivered: 0, peeked_to: 0, held_bytes: 0 }
    }

    /// The model alone, as if nobody had changed anything.
    pub(super) fn untouched(&self) -> Self {
        let sequences = vec![Sequence::default(); self.sequences.len()];
        Self { sequences, redelivered: 0, peeked_to: 0, held_bytes: 0, ..self.clone() }
    }

    pub(super) fn is_log(&self) -> bool {
        self.model.kind.is_log()
    }

    pub(super) fn is_channel(&self) -> bool {
        self.model.kind == QueueKind::RedisChannel
    }

    /// Partitions with their flows.
    pub(super) fn partitions(&self) -> impl Iterator<Item = (Curve, &Sequence)> {
        self.model.flows.iter().copied().zip(&self.sequences)
    }

    /// Messages that came in until `t`, over all partitions.
    pub(super) fn arrived(&self, t: i64) -> u64 {
        self.partitions().map(|(flow, sequence)| sequence.end(flow, t)).sum()
    }

    /// Offsets that can be read in a partition at `t`: what waits in a queue, what is kept in a log.
    pub(super) fn readable(&self, partition: usize, t: i64) -> Vec<Range<u64>> {
        let (flow, sequence) = (self.model.flows[partition], &self.sequences[partition]);
        if self.is_channel() {
            return Vec::new();
        }
        if !self.is_log() {
            return sequence.waiting(flow, self.model.pace, t);
        }
        let begin = sequence.begin(sequence.after(flow.count(t - self.model.keep_ms)));
        let end = sequence.end(flow, t);
        Some(begin..end).filter(|kept| !kept.is_empty()).into_iter().collect()
    }

    /// First offset kept and the next one to be written, of a log's partition.
    pub(super) fn bounds(&self, partition: usize, t: i64) -> (u64, u64) {
        let end = self.sequences[partition].end(self.model.flows[partition], t);
        (self.readable(partition, t).first().map_or(end, |range| range.start), end)
    }

    pub(super) fn depth(&self, t: i64) -> u64 {
        (0..self.sequences.len()).flat_map(|p| self.readable(p, t)).map(|range| length(&range)).sum()
    }

    /// Handed out and not acknowledged. What an operator published is not handed out as long as it waits, so that it can
    /// be peeked at in slow hours too.
    pub(super) fn unacknowledged(&self, t: i64) -> u64 {
        let made_up = |partition: usize, range: Range<u64>| {
            length(&range) - self.sequences[partition].published_in(&range)
        };
        let waiting: u64 = (0..self.sequences.len())
            .flat_map(|p| self.readable(p, t).into_iter().map(move |range| made_up(p, range)))
            .sum();
        waiting.min(PREFETCH * self.model.consumers.unsigned_abs())
    }

    /// Messages that consumers took until `t`.
    pub(super) fn taken(&self, t: i64) -> u64 {
        if !self.model.pace.consumes() {
            return 0;
        }
        self.partitions().map(|(flow, sequence)| sequence.taken(flow, self.model.pace, t)).sum()
    }

    /// Where a group stands in a partition: the offset it reads next.
    pub(super) fn committed(&self, group: &Group, partition: usize, t: i64) -> u64 {
        let (flow, sequence) = (self.model.flows[partition], &self.sequences[partition]);
        sequence.after(group.pace.count(flow, t)).max(self.bounds_floor(partition, group.pace, t))
    }

    /// What is not kept any more can't be read any more: quick groups step over it.
    fn bounds_floor(&self, partition: usize, pace: Pace, t: i64) -> u64 {
        if pace.consumes() { self.bounds(partition, t).0 } else { 0 }
    }

    pub(super) fn lag(&self, group: &Group, partition: usize, t: i64) -> u64 {
        let (begin, end) = self.bounds(partition, t);
        end - self.committed(group, partition, t).max(begin).min(end)
    }
}
