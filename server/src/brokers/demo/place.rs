//! Where a page of messages begins and which way it goes, in each kind's own words.

use weir_model::{QueueKind, Timestamp, message::BrowseFrom};

use super::{super::BrokerError, read::Shelf};

/// Before a message: read downwards from there.
const BEFORE: &str = "before:";

/// An index among the readable messages, and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub index: i64,
    pub upwards: bool,
}

impl Place {
    /// # Errors
    /// A beginning that the kind has not.
    pub(super) fn find(shelf: &Shelf<'_>, from: Option<&BrowseFrom>) -> Result<Self, BrokerError> {
        let count = shelf.count();
        let up = |index| Ok(Self { index, upwards: true });
        let down = |index| Ok(Self { index, upwards: false });
        match (shelf.kind(), from) {
            (QueueKind::RedisList, None | Some(BrowseFrom::Left)) => up(0),
            (QueueKind::RedisList, Some(BrowseFrom::Right)) => down(count - 1),
            (QueueKind::RedisList, Some(BrowseFrom::Offset(index))) => up(*index),
            (QueueKind::RedisList, Some(BrowseFrom::Id(index))) => {
                let index: i64 = index.parse().map_err(|_| wrong("write id:-3 or offset:17"))?;
                down(count + index)
            }
            (QueueKind::RedisList, _) => Err(wrong("a list is read from left, right or offset:N")),
            (_, None | Some(BrowseFrom::Newest)) => down(count - 1),
            (_, Some(BrowseFrom::Oldest)) => up(0),
            (_, Some(BrowseFrom::Time(time))) => up(shelf.index_of_time(*time)),
            (QueueKind::RedisStream, Some(BrowseFrom::Id(id))) => match id.strip_prefix(BEFORE) {
                Some(id) => down(shelf.index_of(entry_offset(id)?) - 1),
                None => up(shelf.index_of(entry_offset(id)?)),
            },
            (QueueKind::RedisStream, _) => {
                Err(wrong("a stream is read from oldest, newest, id:ID or time:TIME"))
            }
            (_, Some(BrowseFrom::Offset(offset))) => up(shelf.index_of(*offset)),
            (_, Some(BrowseFrom::Id(id))) => {
                let offset = id.strip_prefix(BEFORE).and_then(|offset| offset.parse().ok());
                down(shelf.index_of(offset.ok_or_else(|| wrong("an offset is written offset:17"))?) - 1)
            }
            (_, Some(BrowseFrom::Left | BrowseFrom::Right)) => Err(wrong(
                "only lists have a left and a right end: write oldest, newest, offset:N or time:TIME",
            )),
        }
    }

    pub(super) fn step(self) -> i64 {
        if self.upwards { 1 } else { -1 }
    }

    /// `from` of the page that begins at `index`.
    pub(super) fn spelled(self, shelf: &Shelf<'_>, index: i64) -> Option<String> {
        if index < 0 || index >= shelf.count() {
            return None;
        }
        Some(match (shelf.kind(), self.upwards) {
            (QueueKind::RedisList, true) => format!("offset:{index}"),
            (QueueKind::RedisList, false) => format!("id:{}", index - shelf.count()),
            (QueueKind::RedisStream, true) => format!("id:{}", shelf.position(index)),
            (QueueKind::RedisStream, false) => format!("id:{BEFORE}{}", shelf.position(index + 1)),
            (_, true) => format!("offset:{}", shelf.offset(index)?),
            (_, false) => format!("id:{BEFORE}{}", shelf.offset(index)? + 1),
        })
    }
}

/// An entry's id is its time and its offset.
pub(super) fn entry_id(time: Timestamp, offset: u64) -> String {
    format!("{}-{offset}", time.0)
}

pub(super) fn entry_offset(id: &str) -> Result<i64, BrokerError> {
    let offset = id.split_once('-').and_then(|(_, offset)| offset.parse().ok());
    offset.ok_or_else(|| wrong("an entry's id is its time and its number, as in 1700000000000-17"))
}

fn wrong(message: &str) -> BrokerError {
    BrokerError::field("from", message)
}
