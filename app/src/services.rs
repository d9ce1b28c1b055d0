//! The contracts a page may call, handed to server functions by context.

use std::sync::Arc;

use crate::{
    audit::api::Audit, messages::api::Messages, overview::api::Overview, queues::api::Queues,
    settings::api::Settings,
};

/// The server's features behind their contracts.
#[derive(Clone)]
pub struct Services {
    pub overview: Arc<dyn Overview>,
    pub queues: Arc<dyn Queues>,
    pub messages: Arc<dyn Messages>,
    pub settings: Arc<dyn Settings>,
    pub audit: Arc<dyn Audit>,
}
