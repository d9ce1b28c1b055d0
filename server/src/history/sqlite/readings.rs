//! Which series an observation of a queue feeds.

use weir_model::{Metric, QueueObservation, Reading};

/// Groups of one queue whose figures are kept.
const MOST_GROUPS: usize = 100;
/// Partitions of one group whose lag is kept.
const MOST_PARTITIONS: usize = 128;
/// What is kept of a group.
const GROUP_METRICS: [Metric; 3] = [Metric::Lag, Metric::Out, Metric::Unacknowledged];

/// A series within a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SeriesName {
    pub metric: Metric,
    /// `None`: the queue as a whole.
    pub group: Option<String>,
    pub partition: Option<i32>,
}

impl SeriesName {
    pub(super) fn of_queue(metric: Metric) -> Self {
        Self { metric, group: None, partition: None }
    }
}

/// Every reading of a queue, its groups and their partitions; `None` is an unknown one.
pub(super) fn readings(queue: &QueueObservation) -> impl Iterator<Item = (SeriesName, Option<i64>)> + '_ {
    let own = queue.figures.iter().map(|(metric, reading)| (SeriesName::of_queue(*metric), known(reading)));
    let groups = queue.groups.iter().take(MOST_GROUPS).flat_map(|group| {
        let figures = GROUP_METRICS.into_iter().filter_map(move |metric| {
            let name = SeriesName { metric, group: Some(group.name.clone()), partition: None };
            group.figures.get(&metric).map(|reading| (name, known(reading)))
        });
        let partitions = group.partitions.iter().take(MOST_PARTITIONS).map(move |position| {
            let (group, partition) = (Some(group.name.clone()), Some(position.partition));
            (SeriesName { metric: Metric::Lag, group, partition }, position.lag)
        });
        figures.chain(partitions)
    });
    own.chain(groups)
}

fn known(reading: &Reading) -> Option<i64> {
    reading.as_ref().ok().copied()
}
