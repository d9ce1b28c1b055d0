//! Reading whole partitions, from first to last, for a copy.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use weir_model::{Outcome, Step};

use super::{
    merge::{Window, Windows},
    reader::Reader,
    record::Record,
};
use crate::brokers::{
    BrokerError, CopySink,
    kafka::{Kafka, connection::off_thread},
};

/// Bytes that are read at once; twice as many lie in memory.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
const READ_WITHIN: Duration = Duration::from_secs(300);

/// Writes the offsets `begin..end` of partitions to a copy; gives how many records there were.
///
/// # Errors
/// They can't be read to their ends, or not written.
pub(in crate::brokers::kafka) async fn copy_whole(
    kafka: &Kafka,
    topic: &str,
    spans: impl Iterator<Item = (i32, i64, i64)>,
    copy: &mut dyn CopySink,
) -> Result<i64, BrokerError> {
    let windows: Vec<Window> = spans
        .filter(|(_, begin, end)| begin < end)
        .map(|(partition, from, to)| Window { partition, from, to })
        .collect();
    let config = kafka.dialer.settings.reader(false);
    let (context, topic) = (kafka.dialer.reader_context(), topic.to_owned());
    let (batches, mut coming) = mpsc::channel(1);
    let reading = tokio::spawn(off_thread(move || {
        let mut reader = Reader::open(&config, context, &topic, Instant::now() + READ_WITHIN)?;
        read_whole(&mut reader, windows, |records| batches.blocking_send(records).is_ok())
    }));
    let mut count = 0;
    while let Some(records) = coming.recv().await {
        for record in &records {
            copy.write(&record.whole()).await?;
            count += 1;
        }
    }
    reading.await.map_err(|error| BrokerError::failed(Step::Read, "reading was cut short", error))???;
    Ok(count)
}

/// Hands records over until all windows are read, or nobody takes them any more.
fn read_whole(
    reader: &mut impl Windows,
    mut windows: Vec<Window>,
    mut hand_over: impl FnMut(Vec<Record>) -> bool,
) -> Result<(), BrokerError> {
    while !windows.is_empty() {
        let read = reader.read(&windows, BATCH_BYTES)?;
        windows.retain_mut(|window| {
            let last = read.records.get(&window.partition).and_then(|records| records.last());
            window.from = last.map_or(window.from, |record| record.offset + 1);
            read.unfinished.contains(&window.partition) && window.from < window.to
        });
        if read.out_of_time {
            return Err(BrokerError::Timeout {
                step: Step::Read,
                outcome: Outcome::NotDone,
                detail: format!(
                    "the topic could not be read to its end within {} s: nothing was deleted",
                    READ_WITHIN.as_secs()
                ),
            });
        }
        if !hand_over(read.records.into_values().flatten().collect()) {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::collections::BTreeMap;

    use super::{super::merge::Read, *};

    /// Gives one record of the first window at a time, the offsets of which are even.
    struct OneByOne;

    impl Windows for OneByOne {
        fn read(&mut self, windows: &[Window], _most_bytes: u64) -> Result<Read, BrokerError> {
            let first = windows[0];
            let offset = first.from + first.from % 2;
            let records = (offset < first.to)
                .then(|| vec![Record { partition: first.partition, offset, ..Record::default() }]);
            let done = offset + 2 >= first.to;
            let unfinished = windows.iter().skip(usize::from(done)).map(|w| w.partition).collect();
            let records: BTreeMap<_, _> = records.into_iter().map(|r| (first.partition, r)).collect();
            Ok(Read { records, unfinished, ..Read::default() })
        }
    }

    #[test]
    fn given_batches_that_end_early_when_read_then_each_record_comes_once() {
        let windows = vec![Window { partition: 0, from: 3, to: 9 }, Window { partition: 1, from: 0, to: 3 }];
        let mut seen = Vec::new();
        read_whole(&mut OneByOne, windows, |records| {
            seen.extend(records.iter().map(|r| (r.partition, r.offset)));
            true
        })
        .unwrap();
        assert_eq!(seen, [(0, 4), (0, 6), (0, 8), (1, 0), (1, 2)]);
    }
}
