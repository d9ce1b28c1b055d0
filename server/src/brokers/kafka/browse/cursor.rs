//! Where the next page of a topic begins: an offset in each partition.

use std::collections::BTreeMap;

/// Which way a page is read, and from where in each partition. As text `forward:0@12,1@9`, after `id:` in an
/// address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) direction: Direction,
    /// Forward: the next offset to read. Backward: one past the next to read.
    pub(super) at: BTreeMap<i32, i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Oldest first.
    Forward,
    /// Newest first.
    Backward,
}

impl Cursor {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (direction, places) = text.split_once(':')?;
        let direction = match direction {
            "forward" => Direction::Forward,
            "backward" => Direction::Backward,
            _ => return None,
        };
        let place = |text: &str| {
            let (partition, offset) = text.split_once('@')?;
            let (partition, offset): (i32, i64) = (partition.parse().ok()?, offset.parse().ok()?);
            (partition >= 0 && offset >= 0).then_some((partition, offset))
        };
        Some(Self { direction, at: places.split(',').map(place).collect::<Option<_>>()? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self.direction {
            Direction::Forward => "forward",
            Direction::Backward => "backward",
        };
        let places: Vec<String> =
            self.at.iter().map(|(partition, offset)| format!("{partition}@{offset}")).collect();
        write!(f, "{word}:{}", places.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_cursor_when_written_and_read_then_it_is_the_same() {
        let cursor = Cursor { direction: Direction::Backward, at: BTreeMap::from([(0, 12), (1, 9)]) };
        assert_eq!(cursor.to_string(), "backward:0@12,1@9");
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        for bad in ["", "forward", "forward:", "forward:0", "sideways:0@1", "forward:0@-1", "forward:0@1,"] {
            assert_eq!(Cursor::parse(bad), None, "{bad}");
        }
    }
}
