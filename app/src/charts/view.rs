//! A stack of charts under one crosshair.

use leptos::prelude::*;
use weir_model::Timestamp;

use super::{
    chart::{Chart, Span},
    crosshair::Crosshair,
    plot::percent_style,
    stage::ChartStage,
    texts,
    time_axis::moment_label,
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
    /// Said below: what can't be shown, and why.
    pub notes: Vec<String>,
}

/// Draws the charts, anew with new data. What takes the focus and the pointer stays, and so does the crosshair.
#[component]
pub fn ChartStack(
    stack: Memo<Stack>,
    crosshair: Crosshair,
    /// Goes to a stretch of time, or back.
    zoom: Callback<Option<Span>>,
    /// Stands at the right end of the list below: how old the data is.
    #[prop(optional, into)]
    meta: ViewFn,
) -> impl IntoView {
    let lane = move || stack.with(|stack| lane(stack.events.clone(), stack.span, crosshair));
    let legend = move || stack.with(|stack| legend(stack, &meta));
    view! {
        {lane}
        <ChartStage stack crosshair zoom/>
        {legend}
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

/// What the marks and hatches mean.
fn legend(stack: &Stack, meta: &ViewFn) -> impl IntoView + use<> {
    let Stack { span, hatches, events, notes, .. } = stack.clone();
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
    let note = |note: String| view! { <li data-testid="chart-note">{note}</li> };
    view! {
        <ol class="events">
            {events.into_iter().enumerate().map(event).collect_view()}
            {hatches.into_iter().map(hatch).collect_view()}
            {notes.into_iter().map(note).collect_view()}
            <li class="right">{meta.run()}</li>
        </ol>
    }
}
