//! Removing by way of a copy: a capability beside [`Purge`](super::Purge).

use async_trait::async_trait;
use weir_model::{
    QueueObservation,
    message::{Message, PurgeReceipt, PurgeRequest},
    queue::Ability,
};

use super::BrokerError;

/// Removing exactly what was written to a copy before.
#[async_trait]
pub trait Drain: Send + Sync {
    /// Whether this queue can be drained, and why not. Never asks the broker.
    fn drainable(&self, queue: &QueueObservation) -> Ability;

    /// Writes all that waits to `copy`, with whole bodies, syncs it, and only then removes it. Checks `seen_depth` as
    /// [`Purge`](super::Purge) does.
    ///
    /// # Errors
    /// Before the copy is synced nothing is removed, whatever fails; messages that were taken or set aside are given
    /// back. After that, all that may have been removed is in the copy.
    async fn drain(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
        copy: &mut dyn CopySink,
    ) -> Result<PurgeReceipt, BrokerError>;

    /// True where the queue is what an interrupted drain set aside of another.
    fn is_set_aside(&self, _queue: &QueueObservation) -> bool {
        false
    }

    /// Gives back what an interrupted drain set aside, where the kind sets aside.
    ///
    /// # Errors
    /// Nothing is aside; or the broker failed, and what is aside stays so.
    async fn restore(&self, queue: &QueueObservation) -> Result<PurgeReceipt, BrokerError> {
        Err(BrokerError::Refused(format!("nothing of {} is set aside", queue.name)))
    }
}

/// Where a drain writes.
#[async_trait]
pub trait CopySink: Send {
    /// Appends a message. It is on the disk only after [`CopySink::sync`].
    ///
    /// # Errors
    /// `NotKept`: it can't be written.
    async fn write(&mut self, message: &Message) -> Result<(), BrokerError>;

    /// Returns once all that was written is on the disk.
    ///
    /// # Errors
    /// `NotKept`: it is not.
    async fn sync(&mut self) -> Result<(), BrokerError>;
}
