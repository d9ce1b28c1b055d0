//! Figures of a stream's groups: what has to be asked beside `XINFO GROUPS`, and what comes of it.

use std::collections::{BTreeMap, HashMap};

use redis::{Cmd, Value};
use weir_model::{GroupObservation, Metric, Reading, Timestamp, Unknown, UnknownCode, unknown::unknown};

use super::{
    entry_id::EntryId,
    groups::{self, Group, Trust, Verdict, View},
    reply::{self, Reply},
};

/// Entries counted at most to prove a lag.
const COUNT_LIMIT: u64 = 1000;
/// Bytes that counting may bring along at most, by the size of the entries seen.
const COUNT_BYTES: u64 = 1024 * 1024;
/// An entry up to this size is fetched for the sake of its id.
const SMALL_ENTRY: u64 = 64 * 1024;

/// What is remembered of a group from poll to poll.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupMemory {
    trust: Trust,
    last: Option<Look>,
    /// Entries that are known to have gone before the group read them.
    lost: i64,
}

/// A group when it was last looked at.
#[derive(Clone, Debug)]
struct Look {
    last_delivered: EntryId,
    entries_read: Option<i64>,
    /// The lag, and the entries ever added to the stream, where both were known.
    unread: Option<(i64, i64)>,
}

impl GroupMemory {
    /// Takes in what may have made the server's own lag a lie since the last look.
    fn doubt(&mut self, group: &Group, view: &View) {
        let Some(last) = &self.last else { return };
        let trimmed = view.edges.is_some_and(|(first, _)| last.last_delivered < first);
        let set_back = group.last_delivered < last.last_delivered
            || group.entries_read.zip(last.entries_read).is_some_and(|(now, then)| now < then);
        if (trimmed || set_back || view.unsettled) && self.trust != Trust::Broken {
            self.trust = Trust::Doubted;
        }
    }

    /// Unread entries that have gone since the last look, of a group to which all there are is unread. The server
    /// counts none of a group that never read anything.
    fn lost_since(&self, group: &Group, view: &View) -> i64 {
        let still = self.last.as_ref().filter(|last| last.last_delivered == group.last_delivered);
        let Some(((unread, then), now)) = still.and_then(|last| last.unread).zip(view.added) else {
            return 0;
        };
        unread.saturating_add(now.saturating_sub(then)).saturating_sub(view.length).max(0)
    }

    /// Adds up what was lost, and says it. `counted` is what the server's counts tell; `is_behind`: the group stands
    /// before the first entry there is.
    fn lose(&mut self, since: i64, counted: i64, is_behind: bool) -> Option<String> {
        self.lost = self.lost.saturating_add(since).max(counted);
        let n = self.lost;
        (n > 0).then(|| match is_behind {
            true => format!("{n} entries were trimmed or deleted before this group read them"),
            false => format!("At least {n} entries were trimmed or deleted before this group had read them; it has read on since"),
        })
    }

    fn remember(&mut self, group: &Group, view: &View, lag: Option<i64>) {
        self.last = Some(Look {
            last_delivered: group.last_delivered,
            entries_read: group.entries_read,
            unread: lag.zip(view.added),
        });
    }
}

/// A group on its way to an observation.
pub(super) struct Inquiry {
    group: Group,
    verdict: Verdict,
    /// Unread entries asked for, to count them or for the id of the first; 0 = none.
    range: u64,
    /// Entries up to the last one delivered asked for, to tell by the length how many are not; 0 = none.
    read_range: u64,
    /// The pending ones were asked for.
    pending: bool,
}

impl Inquiry {
    /// Judges a group by what is known already. `entry_bytes`: size of an entry; `None` while unknown.
    pub(super) fn new(group: Group, view: &View, memory: &mut GroupMemory, entry_bytes: Option<u64>) -> Self {
        memory.doubt(&group, view);
        let verdict = groups::judge(view, &group, memory.trust);
        let countable = entry_bytes.map_or(0, |size| (COUNT_BYTES / size.max(1)).min(COUNT_LIMIT));
        let light = entry_bytes.is_some_and(|size| size <= SMALL_ENTRY);
        let (verdict, range) = match verdict {
            Verdict::Count { otherwise: Some(lag) }
                if u64::try_from(lag).is_ok_and(|lag| lag >= countable) =>
            {
                (Verdict::Reported(lag), u64::from(light))
            }
            Verdict::Count { .. } => (verdict, countable),
            Verdict::Reported(lag) | Verdict::Exact { lag, .. } => (verdict, u64::from(light && lag > 0)),
        };
        let range = if view.edges.is_some() { range } else { 0 };
        let is_counted = matches!(verdict, Verdict::Count { .. });
        let is_long = u64::try_from(view.length).is_ok_and(|length| length >= range);
        let read_range = if is_counted && is_long { range } else { 0 };
        Self { pending: group.pending > 0, group, verdict, range, read_range }
    }

    pub(super) fn name(&self) -> &[u8] {
        &self.group.name
    }

    /// What is still to be asked, in this order.
    pub(super) fn commands(&self, key: &[u8], view: &View) -> Vec<Cmd> {
        let mut commands = Vec::new();
        if self.pending {
            commands.push(redis::cmd("XPENDING").arg(key).arg(&self.group.name).take());
        }
        let range = |(from, to): (EntryId, EntryId), count: u64| {
            let mut range = redis::cmd("XRANGE");
            range.arg(key).arg(from.to_string()).arg(to.to_string()).arg("COUNT").arg(count).take()
        };
        commands.extend(self.unread(view).map(|unread| range(unread, self.range)));
        commands.extend(self.read(view).map(|read| range(read, self.read_range)));
        commands
    }

    fn unread(&self, view: &View) -> Option<(EntryId, EntryId)> {
        let (_, last) = view.edges.filter(|_| self.range > 0)?;
        Some((self.group.last_delivered.successor()?, last))
    }

    fn read(&self, view: &View) -> Option<(EntryId, EntryId)> {
        let (first, _) = view.edges.filter(|_| self.read_range > 0)?;
        Some((first, self.group.last_delivered))
    }

    /// Puts the group's figures together from the answers to [`Inquiry::commands`].
    pub(super) fn conclude(
        self,
        answers: &mut impl Iterator<Item = Reply>,
        view: &View,
        memory: &mut GroupMemory,
        clock: Timestamp,
    ) -> GroupObservation {
        let oldest_pending = if self.pending { answers.next().map(oldest_pending) } else { None };
        let unread = self.unread(view).and_then(|_| answers.next()).map(entry_ids);
        let read = self.read(view).and_then(|_| answers.next()).map(entry_ids);
        let unread_by_read = read.and_then(Result::ok).filter(|ids| (ids.len() as u64) < self.read_range);
        let unread_by_read = unread_by_read.map(|ids| view.length.saturating_sub(ids.len() as i64));
        let (lag, counted_lost) = self.lag(unread.as_ref(), unread_by_read, memory);
        let is_behind =
            view.length == 0 || view.edges.is_some_and(|(first, _)| self.group.last_delivered < first);
        let lost_since = if is_behind { memory.lost_since(&self.group, view) } else { 0 };
        memory.remember(&self.group, view, lag.as_ref().ok().copied());
        let mut notes: Vec<String> = memory.lose(lost_since, counted_lost, is_behind).into_iter().collect();
        let trimmed_pending = match (&oldest_pending, view.edges) {
            (Some(Ok(oldest)), Some((first, _))) => *oldest < first,
            (Some(Ok(_)), None) => view.length == 0,
            _ => false,
        };
        if trimmed_pending {
            notes.push("Entries that were trimmed or deleted are still pending here".to_owned());
        }
        let age = self.oldest_age(&lag, oldest_pending, unread, clock);
        let figures = BTreeMap::from([
            (Metric::Lag, lag),
            (Metric::Out, self.out(counted_lost, memory.trust, view)),
            (Metric::Unacknowledged, Ok(self.group.pending)),
            (Metric::OldestAge, age),
        ]);
        GroupObservation {
            name: String::from_utf8_lossy(&self.group.name).into_owned(),
            state: None,
            members: Ok(self.group.consumers),
            figures,
            partitions: Vec::new(),
            notes,
        }
    }

    /// The lag and how many entries were lost, with what that tells about the server's own figure. `by_read`: the lag
    /// by counting what was read, where there is little of it.
    fn lag(
        &self,
        unread: Option<&Reading<Vec<EntryId>>>,
        by_read: Option<i64>,
        memory: &mut GroupMemory,
    ) -> (Reading, i64) {
        let counted = match self.verdict {
            Verdict::Exact { lag, lost } => {
                memory.trust = groups::compare(&self.group, lag, memory.trust);
                return (Ok(lag), lost);
            }
            Verdict::Reported(lag) => return (Ok(lag), 0),
            Verdict::Count { .. } => match unread {
                Some(Ok(ids)) => ids.len() as u64,
                Some(Err(reason)) => return (Err(reason.clone()), 0),
                None => return (unknown(UnknownCode::Unsupported, UNCOUNTABLE), 0),
            },
        };
        if let Some(lag) = by_read.or_else(|| (counted < self.range).then_some(counted as i64)) {
            memory.trust = groups::compare(&self.group, lag, memory.trust);
            return (Ok(lag), 0);
        }
        let detail = format!("at least {counted} entries are unread; {NO_COUNT}");
        (unknown(UnknownCode::Unsupported, detail), 0)
    }

    fn out(&self, lost: i64, trust: Trust, view: &View) -> Reading {
        match self.group.entries_read {
            // A group made at 0 that has read nothing, of a stream that has lost nothing.
            None if self.group.last_delivered == EntryId::default() && view.added == Some(view.length) => {
                Ok(0)
            }
            Some(read) if lost == 0 && matches!(trust, Trust::Proven | Trust::Unproven) => Ok(read),
            Some(_) => unknown(
                UnknownCode::NoCounter,
                "entries were trimmed before the group read them, so the server's count of what it read is off",
            ),
            None => {
                unknown(UnknownCode::NoCounter, "the server does not know how many entries the group read")
            }
        }
    }

    fn oldest_age(
        &self,
        lag: &Reading,
        pending: Option<Reading<EntryId>>,
        unread: Option<Reading<Vec<EntryId>>>,
        clock: Timestamp,
    ) -> Reading {
        let unread = unread.map(|ids| ids.map(|ids| ids.first().copied()));
        let ids = match (pending, unread, lag) {
            (Some(Err(reason)), ..) | (_, Some(Err(reason)), _) => return Err(reason),
            (None, None, Ok(0)) => return unknown(UnknownCode::NotApplicable, "nothing waits"),
            (None, None, _) => return unknown(UnknownCode::NotYet, TOO_LARGE),
            (pending, unread, _) => [pending.and_then(Result::ok), unread.and_then(Result::ok).flatten()],
        };
        let Some(oldest) = ids.into_iter().flatten().min() else {
            return unknown(UnknownCode::NotApplicable, "nothing waits");
        };
        oldest
            .time(clock)
            .map(|added| clock.since_ms(added).max(0))
            .ok_or_else(|| Unknown::new(UnknownCode::Unsupported, "the ids of this stream are not times"))
    }
}

const NO_COUNT: &str = "the server has no count of them that can be trusted";
const UNCOUNTABLE: &str =
    "the server has no trustworthy count, and the entries are too large to count by reading";
const TOO_LARGE: &str = "the entries are too large to fetch one at every poll";

/// The smallest id in the answer to `XPENDING key group`.
fn oldest_pending(answer: Reply) -> Reading<EntryId> {
    let answer = answer.map_err(|error| reply::unknown(&error, "XPENDING"))?;
    reply::items(answer)
        .into_iter()
        .nth(1)
        .and_then(EntryId::from_value)
        .ok_or_else(|| Unknown::new(UnknownCode::NotYet, "the pending entries were acknowledged meanwhile"))
}

fn entry_ids(answer: Reply) -> Reading<Vec<EntryId>> {
    let answer = answer.map_err(|error| reply::unknown(&error, "XRANGE"))?;
    let id = |entry: Value| reply::items(entry).into_iter().next().and_then(EntryId::from_value);
    Ok(reply::items(answer).into_iter().filter_map(id).collect())
}

/// Forgets groups that are gone and hands out the memory of those there are.
pub(super) fn retain(memories: &mut HashMap<Vec<u8>, GroupMemory>, groups: &[Group]) {
    memories.retain(|name, _| groups.iter().any(|group| group.name == *name));
}

/// True where a group's counters can't be trusted just now.
pub(super) fn is_broken(memories: &HashMap<Vec<u8>, GroupMemory>) -> bool {
    memories.values().any(|memory| memory.trust == Trust::Broken)
}
