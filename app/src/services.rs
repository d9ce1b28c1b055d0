//! The contracts a page may call, and who calls: handed to server functions by context.

use std::sync::Arc;

use leptos::prelude::use_context;
use weir_model::{Problem, ProblemKind};

use crate::{
    access::{Act, Object, Principal, authorise},
    audit::api::Audit,
    error::ApiError,
    idempotency::api::Keys,
    messages::{api::Messages, tap::api::Taps},
    overview::api::Overview,
    queues::api::Queues,
    settings::api::Settings,
    views::api::Views,
};

/// The server's features behind their contracts.
#[derive(Clone)]
pub struct Services {
    pub overview: Arc<dyn Overview>,
    pub queues: Arc<dyn Queues>,
    pub messages: Arc<dyn Messages>,
    pub taps: Arc<dyn Taps>,
    pub settings: Arc<dyn Settings>,
    pub audit: Arc<dyn Audit>,
    pub keys: Arc<dyn Keys>,
    pub views: Arc<dyn Views>,
}

/// The services and the principal of the present request, once that one may do what it asks for.
///
/// # Errors
/// It may not; or the request came before the services were there.
pub fn caller(act: Act, on: Object<'_>) -> Result<(Services, Principal), ApiError> {
    let missing = || Problem::new(ProblemKind::Unavailable, "Weir is starting: try again in a moment");
    let services = use_context::<Services>().ok_or_else(missing)?;
    let who = use_context::<Principal>().ok_or_else(missing)?;
    authorise(&who, act, on)?;
    Ok((services, who))
}
