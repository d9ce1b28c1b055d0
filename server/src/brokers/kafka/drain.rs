//! Purging by way of a copy: a topic is read to the ends that were seen, and then deleted up to them.

use async_trait::async_trait;
use weir_model::{
    QueueObservation,
    message::{PurgeReceipt, PurgeRequest},
    queue::Ability,
};

use super::{Kafka, browse::copy_whole};
use crate::brokers::{BrokerError, CopySink, Drain};

#[async_trait]
impl Drain for Kafka {
    fn drainable(&self, queue: &QueueObservation) -> Ability {
        self.acts(queue).purge
    }

    async fn drain(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
        copy: &mut dyn CopySink,
    ) -> Result<PurgeReceipt, BrokerError> {
        let seen = self.look_before(queue, request).await?;
        let spans = seen.spans.iter().map(|(partition, span)| (*partition, span.begin, span.end));
        let copied = copy_whole(self, &seen.topic.name, spans, copy).await?;
        copy.sync().await?;
        let mut receipt = self.delete(seen).await?;
        // Offsets of transactions and of what was compacted hold no record.
        let empty = receipt.removed.unwrap_or(copied) - copied;
        if empty > 0 {
            receipt.notes.push(format!("{empty} of the offsets held no record."));
        }
        Ok(receipt)
    }
}
