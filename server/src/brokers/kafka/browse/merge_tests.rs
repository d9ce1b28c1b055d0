#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;

/// A topic in memory: partitions of (offset, time, size).
struct Topic(BTreeMap<i32, Vec<(i64, i64, usize)>>);

impl Windows for Topic {
    fn read(&mut self, windows: &[Window], most_bytes: u64) -> Result<Read, BrokerError> {
        let mut read = Read::default();
        let mut bytes = 0;
        for window in windows {
            let inside =
                self.0[&window.partition].iter().filter(|(o, ..)| (window.from..window.to).contains(o));
            for (offset, time, size) in inside {
                if bytes >= most_bytes {
                    read.out_of_bytes = true;
                    read.unfinished.push(window.partition);
                    break;
                }
                bytes += *size as u64;
                let record = Record {
                    partition: window.partition,
                    offset: *offset,
                    timestamp: Some(*time),
                    payload: Some(vec![0; *size]),
                    ..Record::default()
                };
                read.records.entry(window.partition).or_default().push(record);
            }
        }
        Ok(read)
    }
}

impl Topic {
    fn windows(&self) -> Vec<Window> {
        let end = |records: &Vec<(i64, i64, usize)>| records.last().map_or(0, |(offset, ..)| offset + 1);
        self.0.iter().map(|(partition, r)| Window { partition: *partition, from: 0, to: end(r) }).collect()
    }

    /// Reads page after page and gives the times in the order of the pages.
    fn pages(&mut self, direction: Direction, limit: usize) -> Vec<i64> {
        let (mut times, mut windows) = (Vec::new(), self.windows());
        loop {
            let page = merge(self, windows.clone(), direction, limit).unwrap();
            assert!(page.records.len() <= limit && (page.next.is_none() || !page.records.is_empty()));
            times.extend(page.records.iter().map(|r| r.timestamp.unwrap()));
            let Some(cursor) = page.next else { return times };
            for window in &mut windows {
                match direction {
                    Direction::Forward => window.from = cursor.at[&window.partition],
                    Direction::Backward => window.to = cursor.at[&window.partition],
                }
            }
        }
    }
}

fn uneven() -> Topic {
    // Partition 0 holds the even times, 1 a few odd ones with gaps in the offsets, 2 nothing.
    let even = (0..300).map(|n| (n, n * 2, 10)).collect();
    let odd = (0..20).map(|n| (n * 7, n * 2 + 101, 10)).collect();
    Topic(BTreeMap::from([(0, even), (1, odd), (2, Vec::new())]))
}

#[test]
fn given_partitions_of_uneven_length_when_paged_then_each_message_comes_once_by_time() {
    for limit in [1, 7, 50, 1000] {
        let forward = uneven().pages(Direction::Forward, limit);
        assert!(forward.is_sorted() && forward.len() == 320, "{limit}");
        let mut backward = uneven().pages(Direction::Backward, limit);
        backward.reverse();
        assert_eq!(backward, forward, "{limit}");
    }
}

#[test]
fn given_messages_beyond_the_budget_when_read_then_the_first_comes_and_the_page_says_why_it_ends() {
    let mib = 1024 * 1024;
    let huge = (0..40).map(|n| (n, n, 3 * mib)).collect();
    let mut topic = Topic(BTreeMap::from([(0, huge)]));
    for direction in [Direction::Forward, Direction::Backward] {
        let windows = topic.windows();
        let page = merge(&mut topic, windows, direction, 100).unwrap();
        assert_eq!(page.stopped, StopReason::ByteBudget);
        assert!((1..=6).contains(&page.records.len()), "{}", page.records.len());
        let first = if direction == Direction::Forward { 0 } else { 39 };
        assert_eq!(page.records[0].offset, first);
    }
}

#[test]
fn given_each_message_beyond_the_budget_when_paged_then_each_comes_once() {
    let huge = 20 * 1024 * 1024;
    let mut topic = Topic(BTreeMap::from([(0, vec![(0, 0, huge)]), (1, vec![(0, 1, huge)])]));
    // Which of the two comes first can't be known within the budget.
    let mut times = topic.pages(Direction::Backward, 10);
    times.sort_unstable();
    assert_eq!(times, [0, 1]);
}
