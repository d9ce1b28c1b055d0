//! Keeps a group's counter from jumping.

use std::collections::{BTreeMap, HashMap};

/// The sum of committed offsets is a counter of messages passed, but for one case: a group that is already seen
/// commits for the first time in a further partition, somewhere in the middle of it. Only what it passes from there
/// on counts.
#[derive(Debug, Default)]
pub(super) struct FirstCommits {
    /// By group and topic: where each partition's counting began.
    from: HashMap<(String, String), BTreeMap<i32, i64>>,
}

impl FirstCommits {
    /// Messages that the group passed, as far as Weir can tell: a number that only grows while the group goes on.
    pub(super) fn passed(&mut self, group: &str, topic: &str, committed: &BTreeMap<i32, i64>) -> i64 {
        let key = (group.to_owned(), topic.to_owned());
        let Some(from) = self.from.get_mut(&key) else {
            // First sight: offsets count as they are, so that the counter goes on over a restart of Weir.
            self.from.insert(key, committed.keys().map(|partition| (*partition, 0)).collect());
            return committed.values().sum();
        };
        committed.iter().map(|(partition, offset)| offset - *from.entry(*partition).or_insert(*offset)).sum()
    }

    /// Forgets groups that are gone.
    pub(super) fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.from.retain(|(group, _), _| is_there(group));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_first_commit_in_a_further_partition_when_counted_then_the_counter_does_not_jump() {
        let mut first = FirstCommits::default();
        assert_eq!(first.passed("g", "t", &BTreeMap::from([(0, 100)])), 100);
        assert_eq!(first.passed("g", "t", &BTreeMap::from([(0, 110), (1, 1_000_000)])), 110);
        assert_eq!(first.passed("g", "t", &BTreeMap::from([(0, 110), (1, 1_000_007)])), 117);
    }
}
