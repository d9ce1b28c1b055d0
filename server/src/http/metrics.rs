//! `GET /metrics`: Prometheus text. An unknown figure has no line: it is not zero.

mod process;
mod text;

use axum::{
    Extension,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use weir_app::{
    access::{Act, Object, Principal, authorise},
    queues::api::QueueQuery,
};
use weir_model::{BrokerCard, BrokerStatus, QueueRow, message::PurgeRequest};

use self::text::Text;
use super::{App, problem::Answer};

/// Queues with lines of their own, the worst first: a label per queue must not flood the one who scrapes.
const MOST_QUEUES: u32 = 1000;

type QueueFigure = (&'static str, &'static str, fn(&QueueRow) -> Option<f64>);

const QUEUE_FIGURES: [QueueFigure; 11] = [
    ("weir_queue_depth_messages", "Messages held.", |r| whole(r.depth)),
    ("weir_queue_backlog_messages", "Messages that still have to be worked off.", |r| whole(r.backlog)),
    ("weir_queue_unacknowledged_messages", "Messages handed out and not acknowledged.", |r| {
        whole(r.unacknowledged)
    }),
    ("weir_queue_lag_messages", "Lag of the slowest group.", |r| whole(r.lag)),
    ("weir_queue_consumers", "Consumers.", |r| whole(r.consumers)),
    ("weir_queue_in_messages_per_second", "Messages in, over one minute.", |r| r.in_rate),
    ("weir_queue_out_messages_per_second", "Messages out, over one minute.", |r| r.out_rate),
    (
        "weir_queue_push_commands_per_second",
        "Commands that push to a Redis list, over one minute: at least so many messages come in.",
        |r| r.push_commands_rate,
    ),
    (
        "weir_queue_take_commands_per_second",
        "Commands that take from a Redis list, over one minute: at least so many messages go out.",
        |r| r.take_commands_rate,
    ),
    ("weir_queue_growth_messages_per_second", "Change of the backlog, over five minutes.", |r| r.growth_rate),
    ("weir_queue_oldest_age_seconds", "Age of the oldest message.", |r| r.oldest_age_seconds),
];

type BrokerFigure = (&'static str, &'static str, fn(&BrokerCard) -> Option<f64>);

const BROKER_FIGURES: [BrokerFigure; 7] = [
    ("weir_broker_up", "1 where the broker answers.", |c| {
        Some(f64::from(u8::from(c.status == BrokerStatus::Up)))
    }),
    ("weir_broker_observation_seconds", "Duration of the last observation.", |c| c.observation_seconds),
    ("weir_broker_observation_requests", "Requests of the last observation.", |c| {
        c.observation_requests.map(f64::from)
    }),
    ("weir_broker_observation_bytes", "Bytes received by the last observation.", |c| {
        c.observation_bytes.map(|b| b as f64)
    }),
    ("weir_broker_poll_interval_seconds", "Time between observations.", |c| Some(c.poll_interval_seconds)),
    ("weir_broker_queues", "Queues seen.", |c| Some(f64::from(c.totals.queues))),
    ("weir_broker_backlog_messages", "Sum of the backlogs that are known.", |c| whole(c.totals.backlog)),
];

/// Brokers, queues and this process.
#[utoipa::path(get, path = "/metrics", tag = "process", responses(
    (status = 200, description = "Prometheus text", body = String, content_type = "text/plain; version=0.0.4"),
))]
pub(crate) async fn metrics(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
) -> Answer<Response> {
    authorise(&who, Act::View, Object::House)?;
    let mut text = Text::default();
    text.family("weir_build_info", "gauge", "The version that runs.");
    text.line(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    write_brokers(&mut text, &app.services.overview.brokers());
    let worst = QueueQuery { limit: Some(MOST_QUEUES), ..QueueQuery::default() };
    let table = app.services.queues.table(&worst)?;
    write_queues(&mut text, &table.page.items);
    text.family("weir_queues_without_metrics", "gauge", "Queues left out above: only the worst have lines.");
    text.line(&[], table.page.total.saturating_sub(table.page.items.len() as u64) as f64);
    process::write(&mut text);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.into_string())
        .into_response())
}

fn write_brokers(text: &mut Text, cards: &[BrokerCard]) {
    for (name, help, figure) in BROKER_FIGURES {
        text.family(name, "gauge", help);
        for card in cards {
            if let Some(value) = figure(card) {
                text.line(&[("broker", &card.name)], value);
            }
        }
    }
}

fn write_queues(text: &mut Text, rows: &[QueueRow]) {
    for (name, help, figure) in QUEUE_FIGURES {
        text.family(name, "gauge", help);
        // A figure of before the broker fell silent would pass for one of now.
        for row in rows.iter().filter(|row| !row.stale) {
            if let Some(value) = figure(row) {
                let labels = [
                    ("broker", row.broker.as_str()),
                    // Keys that are no text may have one name: Prometheus would take one line of the two.
                    ("queue", PurgeRequest::confirmation(&row.name, &row.id)),
                    ("scope", row.scope.as_str()),
                    ("kind", row.kind.as_str()),
                ];
                text.line(&labels, value);
            }
        }
    }
}

fn whole(value: Option<i64>) -> Option<f64> {
    value.map(|v| v as f64)
}
