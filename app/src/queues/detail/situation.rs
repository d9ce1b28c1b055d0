//! What is wrong, since when and why: one line, absent when nothing is.

use leptos::prelude::*;
use weir_model::{QueueRow, Status, Timestamp};

use super::{header::is_wrong, texts};
use crate::{
    clock::Clock,
    ui::{format, status_icon, tone_of},
};

#[component]
pub fn Situation(row: Signal<QueueRow>, now: Timestamp) -> impl IntoView {
    let clock = use_context::<Clock>();
    move || {
        let row = row.get();
        is_wrong(row.status).then(|| {
            let now = clock.and_then(Clock::now).unwrap_or(now);
            view! {
                <section class=class_of(row.status) aria-label=texts::SITUATION data-testid="situation">
                    {status_icon(tone_of(row.status))}
                    <p><b>{sentence(&row.status_reason)}</b>{growing_since(&row, now)}</p>
                </section>
            }
        })
    }
}

fn class_of(status: Status) -> &'static str {
    match status {
        Status::Critical => "situation",
        Status::Warning => "situation warn",
        _ => "situation unk",
    }
}

pub(super) fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// " Growing since 02:31 UTC (43m), by 19.6/s."
#[must_use]
pub fn growing_since(row: &QueueRow, now: Timestamp) -> Option<String> {
    let since = row.backlog_since?;
    let length = format::duration(now.since_seconds(since));
    let rate = row.growth_rate.filter(|rate| *rate > 0.0).map(format::rate);
    Some(texts::growing_since(
        &format::clock_minutes(since),
        &length,
        row.backlog_since_at_least,
        rate.as_deref(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_reason_when_told_then_it_is_a_sentence() {
        assert_eq!(sentence("no consumers"), "No consumers.");
        assert_eq!(sentence("the broker is down."), "The broker is down.");
        assert_eq!(sentence(""), ".");
    }
}
