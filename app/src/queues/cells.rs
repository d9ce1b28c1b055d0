//! How the figures of a queue read in a table.

use leptos::prelude::*;
use weir_model::{QueueRow, Status, Trend};

use super::texts;
use crate::ui::{
    GaugeTone, Icon, Mark, Shown, address::queue_path, count_figure, duration_figure, figure, format, gauge,
    icon, rate_figure, sparkline, status, tone_of, visible,
};

pub fn status_cell(row: &QueueRow) -> AnyView {
    status(tone_of(row.status), row.status_reason.clone()).into_any()
}

/// The name as the link that opens the queue; broker and kind stand under it on a phone.
pub fn name_cell(row: &QueueRow) -> AnyView {
    let gone = row.vanished.then(|| {
        view! { " " <span class="tag" title=texts::VANISHED_TITLE>{texts::VANISHED}</span> }
    });
    let old = row.observed_at.filter(|_| row.stale && !row.vanished).map(|at| {
        let title = format!("{}: {}", texts::STALE_TITLE, format::moment(at));
        view! { " " <span class="tag" title=title data-testid="stale">{texts::figures_of(at)}</span> }
    });
    view! {
        <a class="name" href=queue_path(&row.broker, &row.id) title=visible(&row.name)>{visible(&row.name)}</a>
        {gone}
        {old}
        <span class="sub-line">{format!("{} · {}", row.broker, kind_word(row))}</span>
    }
    .into_any()
}

pub fn broker_cell(row: &QueueRow) -> AnyView {
    view! { <span title=row.scope.clone()>{row.broker.clone()}</span> }.into_any()
}

pub fn kind_cell(row: &QueueRow) -> AnyView {
    view! { <span class="muted" title=row.kind.title()>{kind_word(row)}</span> }.into_any()
}

/// The last word of the kind: the broker stands beside it.
fn kind_word(row: &QueueRow) -> &'static str {
    row.kind.as_str().rsplit('-').next().unwrap_or_default()
}

pub fn backlog_cell(row: &QueueRow) -> AnyView {
    let shown = count_figure(row.backlog, "backlog", "messages to be worked off", &row.unknown);
    view! {
        <span class="hide-narrow">{gauge(row.backlog, GaugeTone::Backlog)}</span>
        {figure(shown)}
    }
    .into_any()
}

pub fn depth_cell(row: &QueueRow) -> AnyView {
    figure(count_figure(row.depth, "depth", "messages", &row.unknown))
}

pub fn unacknowledged_cell(row: &QueueRow) -> AnyView {
    figure(count_figure(row.unacknowledged, "unacknowledged", "unacknowledged", &row.unknown))
}

pub fn lag_cell(row: &QueueRow) -> AnyView {
    figure(count_figure(row.lag, "lag", "behind, slowest group", &row.unknown))
}

pub fn oldest_cell(row: &QueueRow) -> AnyView {
    figure(oldest_shown(row))
}

/// The age of the oldest message with how sure it is.
#[must_use]
pub fn oldest_shown(row: &QueueRow) -> Shown {
    let shown = duration_figure(row.oldest_age_seconds, "oldest_age_seconds", &row.unknown);
    sure(shown, row.oldest_age_estimate.as_deref(), row.oldest_age_at_least)
}

/// An age, marked by how sure it is.
#[must_use]
pub fn sure(age: Shown, estimate: Option<&str>, at_least: bool) -> Shown {
    match (estimate, at_least) {
        (_, true) => age.marked(Mark::AtLeast, "it is older than the history"),
        (Some(how), false) => age.marked(Mark::Estimate, how),
        (None, false) => age,
    }
}

pub fn in_cell(row: &QueueRow) -> AnyView {
    figure(in_shown(row))
}

/// What comes in, with what came past every counter.
#[must_use]
pub fn in_shown(row: &QueueRow) -> Shown {
    match row.uncounted_in_rate.filter(|rate| *rate > 0.0) {
        Some(more) => rate_figure(Some(row.in_rate.unwrap_or(0.0) + more), "in_rate", &row.unknown)
            .marked(Mark::Estimate, &texts::uncounted(more)),
        None => {
            counted_or_commands(row, (row.in_rate, "in_rate"), (row.push_commands_rate, "push_commands_rate"))
        }
    }
}

/// What goes out.
#[must_use]
pub fn out_shown(row: &QueueRow) -> Shown {
    counted_or_commands(row, (row.out_rate, "out_rate"), (row.take_commands_rate, "take_commands_rate"))
}

/// A rate; of a list, which nobody counts, its lower bound by commands, or why there is none.
fn counted_or_commands(
    row: &QueueRow,
    (rate, name): (Option<f64>, &str),
    (commands, commands_name): (Option<f64>, &str),
) -> Shown {
    if rate.is_none() && (commands.is_some() || row.unknown.contains_key(commands_name)) {
        return rate_figure(commands, commands_name, &row.unknown).marked(Mark::AtLeast, texts::BY_COMMANDS);
    }
    rate_figure(rate, name, &row.unknown)
}

pub fn out_cell(row: &QueueRow) -> AnyView {
    figure(out_shown(row))
}

pub fn consumers_cell(row: &QueueRow) -> AnyView {
    figure(count_figure(row.consumers, "consumers", "consumers", &row.unknown))
}

/// The time to drain; the growth, in the colour of the status, where it does not drain.
pub fn drain_cell(row: &QueueRow) -> AnyView {
    match (row.trend, row.growth_rate, row.backlog) {
        (_, _, Some(0)) => view! { <span class="faint">{texts::EMPTY}</span> }.into_any(),
        (Trend::Growing, Some(growth), _) => {
            let class = match row.status {
                Status::Critical => "growing crit",
                Status::Warning => "growing warn",
                _ => "growing",
            };
            view! {
                <span class=class title=texts::growth_title(row.growth_error)>
                    {icon(Icon::Grow)}
                    {texts::grows(&format::rate(growth))}
                </span>
            }
            .into_any()
        }
        (Trend::Steady, ..) => {
            view! { <span class="faint" title=texts::growth_title(row.growth_error)>{texts::STEADY}</span> }
                .into_any()
        }
        _ => figure(duration_figure(row.drain_seconds, "drain_seconds", &row.unknown)),
    }
}

pub fn sparkline_cell(row: &QueueRow) -> AnyView {
    sparkline(&row.sparkline, 80, 20)
}
