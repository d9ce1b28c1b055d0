//! Brokers: their cards, observe now, arm.

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_app::{
    access::{Act, Object, Principal, authorise},
    idempotency::api::once,
    services::Services,
};
use weir_model::{BrokerCard, Problem};

use crate::http::{
    App,
    extract::{At, BrokerPath, JsonBody, Key, Params},
    problem::{Answer, ProblemBody},
};

/// Brokers in the order of the config.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrokerPage {
    pub(crate) items: Vec<BrokerCard>,
    /// Cursor of the next page; `null` on the last.
    pub(crate) next: Option<String>,
    pub(crate) total: u64,
}

/// Every broker as it was last observed.
#[utoipa::path(get, path = "/api/v1/brokers", tag = "brokers",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "brokers of a page, default 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, body = BrokerPage),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    RawQuery(query): RawQuery,
) -> Answer<Json<BrokerPage>> {
    authorise(&who, Act::View, Object::House)?;
    let params = Params::read(query.as_deref(), &["limit", "cursor"])?;
    let limit: usize = params.number("limit")?.unwrap_or(100);
    if limit == 0 || limit > 1000 {
        return Err(Problem::field("limit", format!("{limit} is not between 1 and 1000")).into());
    }
    let start: usize = params.number("cursor")?.unwrap_or(0);
    let cards = app.services.overview.brokers();
    let (total, end) = (cards.len(), start.saturating_add(limit));
    let next = (end < total).then(|| end.to_string());
    let items = cards.into_iter().skip(start).take(limit).collect();
    Ok(Json(BrokerPage { items, next, total: total as u64 }))
}

/// Observes now; answers when the observation is stored.
#[utoipa::path(post, path = "/api/v1/brokers/{broker}/observe", tag = "brokers",
    params(("broker" = String, Path)),
    responses(
        (status = 200, body = BrokerCard),
        (status = 404, description = "no such broker", body = ProblemBody),
        (status = 502, description = "the broker failed, with the step", body = ProblemBody),
        (status = 504, description = "the broker did not answer", body = ProblemBody),
    ))]
pub(crate) async fn observe(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(BrokerPath { broker }): At<BrokerPath>,
    RawQuery(query): RawQuery,
) -> Answer<Json<BrokerCard>> {
    authorise(&who, Act::Operate, Object::Broker(&broker))?;
    Params::read(query.as_deref(), &[])?;
    Ok(Json(app.services.settings.observe(&broker).await?))
}

/// Arming, confirmed by the broker's name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArmRequest {
    /// The broker's name.
    pub(crate) confirm: String,
}

/// Allows changes on a broker that was found and not configured. Kept in the data folder.
#[utoipa::path(post, path = "/api/v1/brokers/{broker}/arm", tag = "brokers",
    params(
        ("broker" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "the same key and request are done once"),
    ),
    request_body = ArmRequest,
    responses(
        (status = 200, body = BrokerCard),
        (status = 404, description = "no such broker", body = ProblemBody),
        (status = 409, description = "`confirm` is not its name, or it is configured, not found", body = ProblemBody),
    ))]
pub(crate) async fn arm(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(BrokerPath { broker }): At<BrokerPath>,
    Key(key): Key,
    JsonBody(request): JsonBody<ArmRequest>,
) -> Answer<Json<BrokerCard>> {
    authorise(&who, Act::Administer, Object::Broker(&broker))?;
    let whole = ("arm", broker.clone(), request.confirm.clone());
    let Services { settings, keys, .. } = app.services;
    let change = async move { settings.arm(&who, &broker, &request.confirm).await };
    Ok(Json(once(keys, key, &whole, change).await?))
}
