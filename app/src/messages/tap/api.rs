//! What listening asks of the server. The browser itself calls `GET …/tap`: it is a stream.

#[cfg(feature = "ssr")]
use weir_model::{Problem, QueueId, message::TapEvent};

#[cfg(feature = "ssr")]
use crate::access::Principal;

/// What is heard. Dropping it ends the tap.
#[cfg(feature = "ssr")]
pub type TapEvents = tokio::sync::mpsc::Receiver<TapEvent>;

/// The server's side of listening.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Taps: Send + Sync {
    /// Listens, until what it gives is dropped or a bound is reached. The intent is noted before, what was heard after.
    ///
    /// # Errors
    /// The kind keeps its messages, the broker is read-only, or too many taps run already.
    async fn tap(&self, who: &Principal, broker: &str, id: &QueueId) -> Result<TapEvents, Problem>;
}
