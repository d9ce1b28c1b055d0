//! Reads windows of partitions with a consumer of its own. Blocks: runs on a thread for blocking.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    types::RDKafkaErrorCode,
};
use weir_model::Step;

use super::{
    merge::{Window, Windows},
    record::Record,
};
use crate::brokers::{
    BrokerError,
    kafka::{
        context::{Context, Faults, step_of},
        refused::missing_right,
        settings::config_error,
    },
};

/// How long one wait for a message takes at most.
const WAIT: Duration = Duration::from_millis(100);

/// A consumer that assigns partitions by hand: it never joins a group and never commits.
pub(super) struct Reader {
    consumer: BaseConsumer<Context>,
    faults: Faults,
    topic: String,
    until: Instant,
}

impl Reader {
    /// # Errors
    /// librdkafka refuses its settings.
    pub(super) fn open(
        config: &ClientConfig,
        (context, faults): (Context, Faults),
        topic: &str,
        until: Instant,
    ) -> Result<Self, BrokerError> {
        let consumer = config.create_with_context(context).map_err(config_error)?;
        Ok(Self { consumer, faults, topic: topic.to_owned(), until })
    }

    fn assign(&self, windows: &[Window]) -> Result<(), BrokerError> {
        let mut list = TopicPartitionList::with_capacity(windows.len());
        for window in windows {
            list.add_partition_offset(&self.topic, window.partition, Offset::Offset(window.from))
                .map_err(read_error)?;
        }
        self.consumer.assign(&list).map_err(read_error)?;
        // A partition that was paused at the end of its last window is still paused after being assigned anew.
        self.consumer.resume(&list).map_err(read_error)
    }

    /// Stops fetching what was read to its end, so that the wire is left to the others.
    fn pause(&self, partition: i32) -> Result<(), BrokerError> {
        let mut list = TopicPartitionList::with_capacity(1);
        list.add_partition(&self.topic, partition);
        self.consumer.pause(&list).map_err(read_error)
    }

    fn fault(&self, error: KafkaError) -> Option<BrokerError> {
        use RDKafkaErrorCode as Code;
        match error.rdkafka_error_code() {
            // Connections come back, or time runs out.
            Some(
                Code::BrokerTransportFailure | Code::AllBrokersDown | Code::OperationTimedOut | Code::Resolve,
            ) => None,
            // Readers by hand need no group; that the account may not look for its coordinator is no matter.
            Some(Code::GroupAuthorizationFailed | Code::CoordinatorNotAvailable | Code::NotCoordinator) => {
                None
            }
            Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => Some(BrokerError::Conflict(
                "messages were deleted while they were read: read again".to_owned(),
            )),
            Some(Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition) => {
                Some(BrokerError::NotFound(format!("topic {} is not there", self.topic)))
            }
            Some(code) => {
                let words = missing_right(code, "Read").unwrap_or_else(|| code.to_string());
                Some(BrokerError::failed(step_of(code, ""), words, error))
            }
            None => Some(read_error(error)),
        }
    }
}

impl Windows for Reader {
    fn read(&mut self, windows: &[Window], most_bytes: u64) -> Result<super::merge::Read, BrokerError> {
        let mut open: BTreeMap<i32, Window> = windows.iter().map(|w| (w.partition, *w)).collect();
        let mut read = super::merge::Read::default();
        let mut bytes = 0;
        self.assign(windows)?;
        while !open.is_empty() {
            if Instant::now() >= self.until {
                read.out_of_time = true;
                break;
            }
            match self.consumer.poll(WAIT) {
                None => {}
                Some(Ok(message)) => {
                    let (partition, offset) = (message.partition(), message.offset());
                    let Some(window) = open.get(&partition).copied() else { continue };
                    if offset < window.to {
                        let record = Record::copy(&message);
                        bytes += record.bytes();
                        read.records.entry(partition).or_default().push(record);
                    }
                    if offset >= window.to - 1 {
                        open.remove(&partition);
                        self.pause(partition)?;
                    }
                    if bytes >= most_bytes && !open.is_empty() {
                        read.out_of_bytes = true;
                        break;
                    }
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.remove(&partition);
                }
                Some(Err(error)) => {
                    if let Some(error) = self.fault(error) {
                        return Err(error);
                    }
                }
            }
        }
        read.unfinished = open.into_keys().collect();
        if read.out_of_time
            && read.records.is_empty()
            && let Some(fault) = self.faults.newest()
        {
            return Err(BrokerError::failed_plainly(fault.step, fault.text));
        }
        Ok(read)
    }
}

fn read_error(error: KafkaError) -> BrokerError {
    BrokerError::failed(Step::Read, error.to_string(), error)
}
