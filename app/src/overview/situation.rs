//! The line at the top: the worst that is wrong just now. Absent when nothing is.

use leptos::prelude::*;
use weir_model::{BrokerCard, BrokerStatus, QueueRow, Status, Timestamp};

use super::texts;
use crate::{
    queues::detail::situation::growing_since,
    ui::{
        Ago, Icon,
        address::{queue_path, with_query},
        ago, icon, visible,
    },
};

#[component]
pub fn Situation(brokers: Vec<BrokerCard>, rows: Vec<QueueRow>, now: Timestamp) -> impl IntoView {
    let critical: Vec<_> = rows.into_iter().filter(|row| row.status == Status::Critical).collect();
    let line = match critical.first() {
        Some(row) => Some(queue_line(row, critical.len() - 1, now)),
        None => {
            brokers.iter().find(|card| card.status == BrokerStatus::Down).map(|card| broker_line(card, now))
        }
    };
    line.map(|line| {
        view! {
            <section class="situation" aria-label=texts::SITUATION data-testid="situation">
                {icon(Icon::Critical)}
                <p>{line}</p>
            </section>
        }
    })
}

fn queue_line(row: &QueueRow, more: usize, now: Timestamp) -> AnyView {
    let others = with_query("/queues", &[("q", Some(texts::CRITICAL_FILTER))]);
    view! {
        <b><a href=queue_path(&row.broker, &row.id)>{visible(&row.name)}</a></b>
        {texts::trouble(&row.broker, &row.status_reason)}
        {growing_since(row, now)}
        {(more > 0).then(|| view! { " "<a href=others data-testid="more-critical">{texts::and_more(more)}</a>"." })}
    }
    .into_any()
}

fn broker_line(card: &BrokerCard, now: Timestamp) -> AnyView {
    let why = card.error.as_ref().map(|error| texts::failed(&error.step.to_string(), &error.detail));
    view! {
        <b>{texts::broker_down(&card.name)}</b>
        {why}
        ", "
        {ago(card.status_since, now, Ago::For)}
        "."
    }
    .into_any()
}
