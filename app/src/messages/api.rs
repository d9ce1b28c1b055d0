//! What the pages about messages ask of the server.

#[cfg(feature = "ssr")]
use weir_model::{
    Problem, QueueId,
    message::{
        BrowseRequest, MessagePage, PeekRequest, Price, PublishReceipt, PublishRequest, PurgeReceipt,
        PurgeRequest,
    },
};

#[cfg(feature = "ssr")]
use crate::access::Principal;

/// The exact bytes of one body, for a download.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawBody {
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// The server's side of the pages about messages.
///
/// Changes and priced reads write their intent before they act and their outcome after, and are refused on a
/// read-only broker.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Messages: Send + Sync {
    /// Free reading; a conflict that names the price where reading has one.
    async fn browse(
        &self,
        broker: &str,
        id: &QueueId,
        request: &BrowseRequest,
    ) -> Result<MessagePage, Problem>;

    /// What a peek would do to the messages.
    async fn price(&self, broker: &str, id: &QueueId) -> Result<Price, Problem>;

    /// Reads and pays; the page is kept for a while.
    async fn peek(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PeekRequest,
    ) -> Result<MessagePage, Problem>;

    /// A page that was paid for.
    fn peeked(&self, broker: &str, id: &QueueId, peek_id: &str) -> Result<MessagePage, Problem>;

    /// The exact bytes of message `n` of a peek.
    fn peeked_body(&self, broker: &str, id: &QueueId, peek_id: &str, n: usize) -> Result<RawBody, Problem>;

    /// The exact bytes at a position, where reading is free.
    async fn body(&self, broker: &str, id: &QueueId, position: &str) -> Result<RawBody, Problem>;

    async fn publish(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, Problem>;

    async fn purge(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PurgeRequest,
    ) -> Result<PurgeReceipt, Problem>;
}
