//! Keeps counters that are sums from jumping.
//!
//! The sum of the offsets that a group committed counts the messages it passed, but for one case: it commits for the
//! first time in a further partition, somewhere in the middle of it. In the same way the counter of a topic is that of
//! its slowest group, and jumps when that one goes or another comes. So a counter is unknown for the one look at which
//! its parts have changed, and nothing is reckoned across. In itself it stays a sum of offsets, which the next run of
//! Weir reckons alike.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

/// The parts of each sum at the last look.
#[derive(Debug)]
pub(super) struct Parts<Key, Part>(HashMap<Key, BTreeSet<Part>>);

impl<Key, Part> Default for Parts<Key, Part> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<Key: Eq + Hash, Part: Ord> Parts<Key, Part> {
    /// True where a sum has the parts that it had at the last look, or is seen for the first time in this run.
    pub(super) fn are_as_before(&mut self, key: Key, parts: BTreeSet<Part>) -> bool {
        let as_before = self.0.get(&key).is_none_or(|before| *before == parts);
        self.0.insert(key, parts);
        as_before
    }

    /// Forgets sums that are gone.
    pub(super) fn keep(&mut self, is_there: impl Fn(&Key) -> bool) {
        self.0.retain(|key, _| is_there(key));
    }
}

/// What is summed in one look after the other.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// Of each group and topic: the partitions in which it has committed.
    pub(super) committed: Parts<(String, String), i32>,
    /// Of each topic: the groups of which the slowest counts.
    pub(super) groups: Parts<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_first_commit_in_a_further_partition_when_counted_then_that_look_does_not_count() {
        let mut parts: Parts<&str, i32> = Parts::default();
        let mut look = |partitions: &[i32]| parts.are_as_before("g", partitions.iter().copied().collect());
        assert_eq!([look(&[0]), look(&[0]), look(&[0, 1]), look(&[0, 1])], [true, true, false, true]);
    }
}
