//! The messages feature: reading, publishing, purging, over whatever broker the queue is on.
//!
//! A change goes: authorise, find the queue, check the request, ask whether the broker may be changed, note the intent,
//! act within a time, note the outcome.

mod check;
mod copies;
mod download;
mod limits;
mod peeks;
mod service;
mod tap;
#[cfg(test)]
mod tests;

use weir_model::{Problem, QueueId};

pub use check::MOST_BODY_BYTES;
pub use service::MessagesService;
pub use tap::TapService;

use crate::poller::{Fleet, Target};

/// Finds queues: all that this feature needs of the fleet.
pub trait Resolver: Send + Sync + 'static {
    /// The queue as it was last seen, with its broker.
    ///
    /// # Errors
    /// There is no such broker, or no such queue on it.
    fn resolve(&self, broker: &str, id: &QueueId) -> Result<Target, Problem>;
}

impl Resolver for Fleet {
    fn resolve(&self, broker: &str, id: &QueueId) -> Result<Target, Problem> {
        Self::resolve(self, broker, id)
    }
}
