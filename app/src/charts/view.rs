//! A stack of charts under one crosshair.

use std::sync::Arc;

use leptos::{ev, prelude::*};
use weir_model::Timestamp;

use super::{
    chart::{Chart, Span},
    crosshair::{self, Crosshair, moments},
    plot::{Plot, percent_style},
    texts,
    time_axis::{end_label, moment_label, time_ticks},
};

/// A stretch without samples, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hatch {
    pub from: Timestamp,
    pub to: Timestamp,
    pub reason: String,
}

/// Something an operator did, drawn as a numbered mark with a line through all charts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: Timestamp,
    pub text: String,
}

/// What is drawn, all over one span.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    pub charts: Vec<Chart>,
    pub span: Span,
    pub hatches: Vec<Hatch>,
    pub events: Vec<Event>,
}

/// Draws the charts, anew with new data. What takes the focus and the pointer stays, and so does the crosshair.
#[component]
pub fn ChartStack(
    stack: Memo<Stack>,
    crosshair: Crosshair,
    /// Stands at the right end of the list below: how old the data is.
    #[prop(optional, into)]
    meta: ViewFn,
) -> impl IntoView {
    let stops: Memo<Arc<[Timestamp]>> =
        Memo::new(move |_| stack.with(|stack| moments(&stack.charts, stack.span).into()));
    let point = move |event: ev::PointerEvent| {
        if let Some(part) = pointer::part_of_width(&event) {
            let at = stack.with_untracked(|stack| stack.span.at(part));
            crosshair.point(stops.with_untracked(|stops| nearest(stops, at)));
        }
    };
    let lane = move || stack.with(|stack| lane(stack.events.clone(), stack.span, crosshair));
    let plots = move || stack.with(|stack| plots(stack, crosshair));
    let legend = move || stack.with(|stack| legend(stack, &meta));
    view! {
        {lane}
        <div class="stack" on:pointermove=point on:pointerleave=move |_| crosshair.point(None)>
            <Overlay stack stops crosshair/>
            {plots}
        </div>
        {legend}
    }
}

fn plots(stack: &Stack, crosshair: Crosshair) -> impl IntoView + use<> {
    let span = stack.span;
    let plot =
        |chart: &Chart| view! { <Plot chart=chart.clone() span hatches=stack.hatches.clone() crosshair/> };
    let plots = stack.charts.iter().map(plot).collect_view();
    view! {
        {plots}
        <TimeAxis span/>
    }
}

/// The numbered marks above the charts, and the time under the crosshair.
fn lane(events: Vec<Event>, span: Span, crosshair: Crosshair) -> impl IntoView {
    let mark = |(n, event): (usize, Event)| {
        let label = format!("{}: {} {}", n + 1, moment_label(event.at, span), event.text);
        view! {
            <span class="mark-n" style=percent_style("x", span.percent(event.at)) title=label>
                <span aria-hidden="true">{n + 1}</span>
            </span>
        }
    };
    let label = (!events.is_empty()).then_some(texts::EVENTS);
    let time = move || {
        crosshair.at(span).map(|at| {
            view! {
                <span class="cross-time" data-testid="crosshair-time" style=percent_style("x", span.percent(at))>
                    {moment_label(at, span)}
                </span>
            }
        })
    };
    view! {
        <div class="lane2">
            <span class="lane-label">{label}</span>
            <div class="lane-plot">
                {events.into_iter().enumerate().map(mark).collect_view()}
                {time}
            </div>
        </div>
    }
}

/// The lines through all charts. It takes the keys that move the crosshair and says what stands there.
#[component]
fn Overlay(stack: Memo<Stack>, stops: Memo<Arc<[Timestamp]>>, crosshair: Crosshair) -> impl IntoView {
    let span = move || stack.with(|stack| stack.span);
    let at = move || crosshair.at(span());
    let last = move || stops.with(|stops| stops.len().saturating_sub(1));
    let press = move |event: ev::KeyboardEvent| {
        let plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key();
        if plain && stops.with_untracked(|stops| crosshair.press(&event.key(), stops)) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let index =
        move || at().map_or_else(last, |at| stops.with(|stops| stops.partition_point(|stop| *stop < at)));
    let told = move || stack.with(|stack| told_at(&stack.charts, at(), stack.span));
    let line = move || {
        at().map(|at| view! { <i class="cross-line" style=percent_style("x", span().percent(at))></i> })
    };
    let mark = |event: &Event, span: Span| {
        view! { <i class="mark-line" style=percent_style("x", span.percent(event.at))></i> }
    };
    let marks =
        move || stack.with(|stack| stack.events.iter().map(|event| mark(event, stack.span)).collect_view());
    view! {
        <div
            class="xlayer"
            tabindex="0"
            role="slider"
            aria-label=texts::CROSSHAIR
            aria-valuemin="0"
            aria-valuemax=last
            aria-valuenow=index
            aria-valuetext=told
            data-testid="crosshair"
            on:keydown=press
        >
            {marks}
            {line}
        </div>
    }
}

/// The round times below the last chart.
#[component]
pub fn TimeAxis(span: Span) -> impl IntoView {
    let tick = |tick: super::time_axis::TimeTick| {
        view! { <span style=percent_style("x", tick.percent)>{tick.label}</span> }
    };
    view! {
        <div class="chart time-axis" aria-hidden="true">
            <div class="x">
                {time_ticks(span).into_iter().map(tick).collect_view()}
                <span class="now" style=percent_style("x", 100.0)>{end_label(span)}</span>
            </div>
        </div>
    }
}

/// What the marks and hatches mean.
fn legend(stack: &Stack, meta: &ViewFn) -> impl IntoView + use<> {
    let Stack { span, hatches, events, .. } = stack.clone();
    let event = move |(n, event): (usize, Event)| {
        view! {
            <li data-testid="chart-event">
                <b>{n + 1}</b>
                <time datetime=event.at.to_string()>{moment_label(event.at, span)}</time>
                " "
                {event.text}
            </li>
        }
    };
    let hatch = move |hatch: Hatch| {
        let from = hatch.from.max(span.from);
        view! {
            <li class="gapnote" data-testid="chart-gap">
                <i class="key gap"></i>
                <time datetime=from.to_string()>{moment_label(from, span)}</time>
                " "
                {texts::gap(&hatch, span)}
            </li>
        }
    };
    view! {
        <ol class="events">
            {events.into_iter().enumerate().map(event).collect_view()}
            {hatches.into_iter().map(hatch).collect_view()}
            <li class="right">{meta.run()}</li>
        </ol>
    }
}

/// "02:49:30 UTC: Depth depth 22,216; Flow in 91.8, out 74.8".
fn told_at(charts: &[Chart], at: Option<Timestamp>, span: Span) -> String {
    let of_chart = |chart: &Chart| {
        let values = crosshair::values(chart, at);
        let values = chart.lines.iter().zip(values).map(|(line, sample)| {
            let value = sample.and_then(|s| s.value);
            format!("{} {}", line.name, value.map_or(texts::UNKNOWN.to_owned(), |v| chart.unit.exact(v)))
        });
        format!("{} {}", chart.title, values.collect::<Vec<_>>().join(", "))
    };
    let charts: Vec<String> = charts.iter().map(of_chart).collect();
    format!("{} UTC: {}", moment_label(at.unwrap_or(span.to), span), charts.join("; "))
}

/// The moment that a crosshair can stand at which is nearest.
fn nearest(stops: &[Timestamp], at: Timestamp) -> Option<Timestamp> {
    stops.iter().copied().min_by_key(|stop| stop.since_ms(at).abs())
}

mod pointer {
    #[cfg(feature = "hydrate")]
    use wasm_bindgen::JsCast as _;

    /// Where the pointer stands, as a part of the width of the plots: they are as wide as the layer of lines.
    #[cfg(feature = "hydrate")]
    pub(super) fn part_of_width(event: &leptos::ev::PointerEvent) -> Option<f64> {
        let stack = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
        let plots = stack.query_selector(".xlayer").ok()??.get_bounding_client_rect();
        let part = (f64::from(event.client_x()) - plots.left()) / plots.width();
        (plots.width() > 0.0).then(|| part.clamp(0.0, 1.0))
    }

    /// On the server there is no pointer.
    #[cfg(not(feature = "hydrate"))]
    pub(super) fn part_of_width(_event: &leptos::ev::PointerEvent) -> Option<f64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::chart::tests::{chart, line},
        *,
    };

    #[test]
    fn given_a_pointer_between_samples_when_snapped_then_the_nearest_is_taken() {
        let stops = [Timestamp(10), Timestamp(20), Timestamp(40)];
        assert_eq!(nearest(&stops, Timestamp(16)), Some(Timestamp(20)));
        assert_eq!(nearest(&stops, Timestamp(99)), Some(Timestamp(40)));
        assert_eq!(nearest(&[], Timestamp(0)), None);
    }

    #[test]
    fn given_a_moment_when_told_then_a_gap_reads_unknown() {
        let charts = [chart(vec![line(&[Some(22_216.0), None])])];
        let span = Span { from: Timestamp(0), to: Timestamp(20_000) };
        assert_eq!(told_at(&charts, Some(Timestamp(5_000)), span), "00:00:05 UTC: Depth depth 22,216");
        assert_eq!(told_at(&charts, Some(Timestamp(15_000)), span), "00:00:15 UTC: Depth depth unknown");
    }
}
