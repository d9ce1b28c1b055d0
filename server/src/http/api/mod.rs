//! `/api/v1`: each handler authorises, reads its input, calls the contract and answers.

mod actions;
mod brokers;
mod charts;
mod download;
mod messages;
mod openapi;
mod panels;
mod queues;
mod series;
mod tap;
mod views;

use super::{App, live, problem};
use axum::{
    Router,
    routing::{MethodRouter, get, post, put},
};

/// Every address of the interface, as the OpenAPI document spells it, with what it takes.
fn routes() -> Vec<(&'static str, MethodRouter<App>)> {
    vec![
        ("/api/v1/brokers", get(brokers::list)),
        ("/api/v1/brokers/{broker}/observe", post(brokers::observe)),
        ("/api/v1/brokers/{broker}/arm", post(brokers::arm)),
        ("/api/v1/queues", get(queues::list)),
        ("/api/v1/queues.csv", get(queues::csv)),
        ("/api/v1/views", get(views::list)),
        ("/api/v1/views/{name}", put(views::save).delete(views::delete)),
        ("/api/v1/brokers/{broker}/queues/{id}", get(queues::detail)),
        ("/api/v1/brokers/{broker}/queues/{id}/series", get(series::series)),
        ("/api/v1/brokers/{broker}/queues/{id}/charts/{metric}.svg", get(charts::chart)),
        ("/api/v1/brokers/{broker}/queues/{id}/panels/{file}", get(panels::of_queue)),
        ("/api/v1/brokers/{broker}/panels/{file}", get(panels::of_broker)),
        ("/api/v1/panels/{file}", get(panels::of_house)),
        ("/api/v1/brokers/{broker}/queues/{id}/messages", get(messages::browse).post(messages::publish)),
        ("/api/v1/brokers/{broker}/queues/{id}/messages/{position}/body", get(messages::body)),
        ("/api/v1/brokers/{broker}/queues/{id}/peek", get(messages::price).post(messages::peek)),
        ("/api/v1/brokers/{broker}/queues/{id}/peeks/{peek_id}", get(messages::peeked)),
        ("/api/v1/brokers/{broker}/queues/{id}/peeks/{peek_id}/{n}/body", get(messages::peeked_body)),
        ("/api/v1/brokers/{broker}/queues/{id}/tap", get(tap::tap)),
        ("/api/v1/brokers/{broker}/queues/{id}/purge", post(messages::purge)),
        ("/api/v1/brokers/{broker}/queues/{id}/restore", post(messages::restore)),
        ("/api/v1/actions", get(actions::list)),
        ("/api/v1/actions/{action}/copy", get(actions::copy)),
        ("/api/v1/live", get(live::live)),
        ("/api/v1/openapi.json", get(openapi::document)),
    ]
}

/// The interface; what is not in it below `/api` is a problem, not a page.
pub(crate) fn router() -> Router<App> {
    routes()
        .into_iter()
        // The router knows no variable with something behind it: the handler takes the ending off.
        .fold(Router::new(), |router, (path, methods)| router.route(path.trim_end_matches(".svg"), methods))
        .route("/api", axum::routing::any(problem::no_such_address))
        .route("/api/{*rest}", axum::routing::any(problem::no_such_address))
}
