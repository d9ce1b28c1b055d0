//! Stands in for features that are not built yet.

use async_trait::async_trait;
use weir_app::{
    access::Principal,
    audit::api::{ActionPage, ActionQuery, Audit},
    messages::api::{Messages, RawBody},
};
use weir_model::{
    Problem, ProblemKind, QueueId,
    message::{
        BrowseRequest, MessagePage, PeekRequest, Price, PublishReceipt, PublishRequest, PurgeReceipt,
        PurgeRequest,
    },
};

fn pending() -> Problem {
    Problem::new(ProblemKind::Unavailable, "messages are not built yet")
}

pub struct NoMessages;

#[async_trait]
impl Messages for NoMessages {
    async fn browse(&self, _: &str, _: &QueueId, _: &BrowseRequest) -> Result<MessagePage, Problem> {
        Err(pending())
    }
    async fn price(&self, _: &str, _: &QueueId) -> Result<Price, Problem> {
        Err(pending())
    }
    async fn peek(
        &self,
        _: &Principal,
        _: &str,
        _: &QueueId,
        _: &PeekRequest,
    ) -> Result<MessagePage, Problem> {
        Err(pending())
    }
    fn peeked(&self, _: &str, _: &QueueId, _: &str) -> Result<MessagePage, Problem> {
        Err(pending())
    }
    fn peeked_body(&self, _: &str, _: &QueueId, _: &str, _: usize) -> Result<RawBody, Problem> {
        Err(pending())
    }
    async fn body(&self, _: &str, _: &QueueId, _: &str) -> Result<RawBody, Problem> {
        Err(pending())
    }
    async fn publish(
        &self,
        _: &Principal,
        _: &str,
        _: &QueueId,
        _: &PublishRequest,
    ) -> Result<PublishReceipt, Problem> {
        Err(pending())
    }
    async fn purge(
        &self,
        _: &Principal,
        _: &str,
        _: &QueueId,
        _: &PurgeRequest,
    ) -> Result<PurgeReceipt, Problem> {
        Err(pending())
    }
}

pub struct NoAudit;

#[async_trait]
impl Audit for NoAudit {
    async fn actions(&self, _: &ActionQuery) -> Result<ActionPage, Problem> {
        Ok(ActionPage { items: Vec::new(), next: None, total: 0 })
    }
}
