//! Ids of stream entries: milliseconds and a sequence number.

use std::{fmt, str::FromStr};

use redis::Value;
use weir_model::Timestamp;

use super::reply;

/// `1700000000000-0`. Ids order entries; their first part is a time unless a producer chose it freely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EntryId {
    pub(super) ms: u64,
    pub(super) seq: u64,
}

/// Ids before this are no times: it is 2001, long before streams.
const EARLIEST_MS: i64 = 978_307_200_000;
const A_DAY_MS: i64 = 24 * 3600 * 1000;

impl EntryId {
    /// The smallest id above this one; `None` for the greatest id there is.
    pub(super) fn successor(self) -> Option<Self> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(Self { ms: self.ms, seq }),
            None => self.ms.checked_add(1).map(|ms| Self { ms, seq: 0 }),
        }
    }

    /// The greatest id below this one; `None` for `0-0`.
    pub(super) fn predecessor(self) -> Option<Self> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(Self { ms: self.ms, seq }),
            None => self.ms.checked_sub(1).map(|ms| Self { ms, seq: u64::MAX }),
        }
    }

    /// When the entry was added, where the id can be a time: neither ages ago nor in the future.
    pub(super) fn time(self, now: Timestamp) -> Option<Timestamp> {
        let ms = i64::try_from(self.ms).ok()?;
        (EARLIEST_MS..=now.0.saturating_add(A_DAY_MS)).contains(&ms).then_some(Timestamp(ms))
    }

    pub(super) fn from_value(value: Value) -> Option<Self> {
        reply::text(value)?.parse().ok()
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// The text is no id of a stream entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry id is milliseconds, a dash and a number, as in 1700000000000-0")]
pub(super) struct BadEntryId;

impl FromStr for EntryId {
    type Err = BadEntryId;

    fn from_str(text: &str) -> Result<Self, BadEntryId> {
        let number = |digits: &str| match digits.bytes().all(|b| b.is_ascii_digit()) {
            true => digits.parse::<u64>().map_err(|_| BadEntryId),
            false => Err(BadEntryId),
        };
        let (ms, seq) = text.split_once('-').unwrap_or((text, "0"));
        Ok(Self { ms: number(ms)?, seq: number(seq)? })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn given_an_id_when_its_successor_is_taken_then_nothing_fits_between() {
        let next = |text: &str| text.parse::<EntryId>().unwrap().successor().map(|id| id.to_string());
        assert_eq!(next("5-0").as_deref(), Some("5-1"));
        assert_eq!(next("5-18446744073709551615").as_deref(), Some("6-0"));
        assert_eq!(next("18446744073709551615-18446744073709551615"), None);
    }

    #[test]
    fn given_an_id_when_its_predecessor_is_taken_then_its_successor_is_the_id() {
        for text in ["5-0", "5-7", "1-0"] {
            let id: EntryId = text.parse().unwrap();
            assert_eq!(id.predecessor().and_then(EntryId::successor), Some(id));
        }
        assert_eq!(EntryId::default().predecessor(), None);
    }

    #[test]
    fn given_ids_when_compared_then_numbers_count_and_not_letters() {
        let id = |text: &str| text.parse::<EntryId>().unwrap();
        assert!(id("9-10") > id("9-9"));
        assert!(id("10-0") > id("9-99"));
        assert_eq!(id("7"), id("7-0"));
    }

    #[test]
    fn given_no_id_when_read_then_it_is_refused() {
        for bad in ["", "-", "1-", "a-1", "1-2-3", "+1-0", "99999999999999999999-0"] {
            assert_eq!(bad.parse::<EntryId>(), Err(BadEntryId), "{bad}");
        }
    }

    #[test]
    fn given_an_id_that_is_no_time_when_asked_for_its_time_then_there_is_none() {
        let now = Timestamp(1_800_000_000_000);
        assert_eq!(EntryId { ms: 1, seq: 1 }.time(now), None);
        assert_eq!(EntryId { ms: 2_800_000_000_000, seq: 0 }.time(now), None);
        assert_eq!(EntryId { ms: 1_799_999_999_000, seq: 0 }.time(now), Some(Timestamp(1_799_999_999_000)));
    }
}
