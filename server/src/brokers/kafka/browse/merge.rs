//! Many partitions as one list by time, within budgets. Knows nothing of Kafka's client.
//!
//! A partition's own order is kept; between partitions the message with the older (or newer) timestamp comes first.
//! For that the next message of every partition has to be known, so partitions are read in windows that grow while
//! they are small, and a partition is read again only when its window is used up.

use std::collections::{BTreeMap, VecDeque};

use weir_model::message::StopReason;

use super::{
    cursor::{Cursor, Direction},
    record::Record,
};
use crate::brokers::{BYTE_BUDGET, BrokerError};

/// Messages of a partition that are read at once: the first time, and at most.
const WINDOW: (i64, i64) = (32, 1024);

/// Offsets `from..to` of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) partition: i32,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// What was read of some windows.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// By partition, in order.
    pub(super) records: BTreeMap<i32, Vec<Record>>,
    /// Partitions whose window was not read to its end.
    pub(super) unfinished: Vec<i32>,
    pub(super) out_of_bytes: bool,
    pub(super) out_of_time: bool,
}

/// Something that reads windows.
pub(super) trait Windows {
    /// Reads until every window is done or `most_bytes` are reached, which the last message may exceed.
    fn read(&mut self, windows: &[Window], most_bytes: u64) -> Result<Read, BrokerError>;
}

/// A page, and where the next one begins.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) records: Vec<Record>,
    pub(super) stopped: StopReason,
    /// `None`: there are no more.
    pub(super) next: Option<Cursor>,
}

/// One partition on its way into the page.
struct Lane {
    /// What has not been read yet.
    rest: Window,
    /// Read, not used yet, in the order of use.
    buffer: VecDeque<Record>,
    width: i64,
}

/// Merges the windows, at most `limit` messages.
///
/// # Errors
/// What the reader says.
pub(super) fn merge(
    reader: &mut impl Windows,
    windows: Vec<Window>,
    direction: Direction,
    limit: usize,
) -> Result<Merged, BrokerError> {
    let first = (limit as i64).min(WINDOW.0);
    let lane = |rest| Lane { rest, buffer: VecDeque::new(), width: first };
    let mut page = Page { lanes: windows.into_iter().map(lane).collect(), direction, bytes: 0 };
    let mut records = Vec::new();
    let stopped = loop {
        if records.len() == limit {
            break StopReason::Limit;
        }
        if let Some(stop) = page.refill(reader)? {
            // Something always comes, even where the first message alone is beyond the budget.
            if records.is_empty() {
                records.extend(page.pop());
            }
            break stop;
        }
        match page.pop() {
            Some(record) => records.push(record),
            None => break StopReason::End,
        }
    };
    let next = page.next();
    let stopped = if next.is_none() { StopReason::End } else { stopped };
    Ok(Merged { records, stopped, next })
}

struct Page {
    lanes: Vec<Lane>,
    direction: Direction,
    /// Read so far.
    bytes: u64,
}

impl Page {
    /// Sees to it that every partition with messages left shows its next one.
    fn refill(&mut self, reader: &mut impl Windows) -> Result<Option<StopReason>, BrokerError> {
        loop {
            let wanted: Vec<Window> =
                self.lanes.iter().filter(|l| l.is_hungry()).map(|l| l.window(self.direction)).collect();
            if wanted.is_empty() {
                return Ok(None);
            }
            if self.bytes >= BYTE_BUDGET {
                return Ok(Some(StopReason::ByteBudget));
            }
            let read = reader.read(&wanted, BYTE_BUDGET - self.bytes)?;
            let (out_of_bytes, out_of_time) = (read.out_of_bytes, read.out_of_time);
            let took = self.take(&wanted, read);
            if out_of_time {
                return Ok(Some(StopReason::TimeBudget));
            }
            if out_of_bytes && !took {
                return Ok(Some(StopReason::ByteBudget));
            }
        }
    }

    /// Puts into the lanes what was read; false where it can't get any further.
    fn take(&mut self, wanted: &[Window], mut read: Read) -> bool {
        let mut further = false;
        for window in wanted {
            let records = read.records.remove(&window.partition).unwrap_or_default();
            let finished = !read.unfinished.contains(&window.partition);
            let direction = self.direction;
            let Some(lane) = self.lanes.iter_mut().find(|l| l.rest.partition == window.partition) else {
                continue;
            };
            let kept = lane.take(*window, records, finished, direction, &mut further);
            self.bytes += kept;
        }
        further
    }

    /// The next message of the page, unless a partition's is not known.
    fn pop(&mut self) -> Option<Record> {
        let heads = self.lanes.iter_mut().filter(|lane| !lane.buffer.is_empty());
        let lane = match self.direction {
            Direction::Forward => heads.min_by_key(|lane| (lane.head_time(), lane.rest.partition)),
            Direction::Backward => heads.max_by_key(|lane| (lane.head_time(), -lane.rest.partition)),
        };
        lane.and_then(|lane| lane.buffer.pop_front())
    }

    fn next(&self) -> Option<Cursor> {
        let more = self.lanes.iter().any(|lane| !lane.buffer.is_empty() || !lane.is_exhausted());
        let place = |lane: &Lane| {
            let at = match (self.direction, lane.buffer.front()) {
                (Direction::Forward, Some(head)) => head.offset,
                (Direction::Forward, None) => lane.rest.from,
                (Direction::Backward, Some(head)) => head.offset + 1,
                (Direction::Backward, None) => lane.rest.to,
            };
            (lane.rest.partition, at)
        };
        more.then(|| Cursor { direction: self.direction, at: self.lanes.iter().map(place).collect() })
    }
}

impl Lane {
    fn is_exhausted(&self) -> bool {
        self.rest.from >= self.rest.to
    }

    fn is_hungry(&self) -> bool {
        self.buffer.is_empty() && !self.is_exhausted()
    }

    fn head_time(&self) -> i64 {
        self.buffer.front().and_then(|record| record.timestamp).unwrap_or(i64::MIN)
    }

    /// What to read next.
    fn window(&self, direction: Direction) -> Window {
        let Window { partition, from, to } = self.rest;
        match direction {
            Direction::Forward => Window { partition, from, to: to.min(from.saturating_add(self.width)) },
            Direction::Backward => Window { partition, from: from.max(to - self.width), to },
        }
    }

    /// Takes in a window and gives the bytes kept. Backward, a window that was not read to its end lacks just the
    /// messages that come first, so it is thrown away and tried narrower.
    fn take(
        &mut self,
        window: Window,
        mut records: Vec<Record>,
        finished: bool,
        direction: Direction,
        further: &mut bool,
    ) -> u64 {
        match (direction, finished) {
            (Direction::Forward, true) => self.rest.from = window.to,
            (Direction::Forward, false) => {
                *further = true;
                self.rest.from = records.last().map_or(self.rest.from, |last| last.offset + 1);
            }
            (Direction::Backward, true) => {
                self.rest.to = window.from;
                records.reverse();
            }
            (Direction::Backward, false) => {
                *further |= self.width > 1;
                self.width = (self.width / 8).max(1);
                return 0;
            }
        }
        if finished {
            self.width = (self.width * 2).min(WINDOW.1);
        }
        let bytes = records.iter().map(Record::bytes).sum();
        self.buffer.extend(records);
        bytes
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
