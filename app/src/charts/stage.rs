//! The plots of a stack under one crosshair, with what takes the pointer and the keys.

use std::sync::Arc;

use leptos::{ev, prelude::*};
use weir_model::Timestamp;

use super::{
    chart::{Chart, Span},
    crosshair::{self, Crosshair, Pressed, moments},
    plot::{Plot, percent_style},
    pointer::{part_of_width, pressed_part},
    texts,
    time_axis::{end_label, moment_label, time_ticks},
    view::{Event, Stack},
};

/// A drag over less of the width is a slip of the hand.
const LEAST_DRAG: f64 = 0.02;

/// Draws the charts, anew with new data. What takes the focus and the pointer stays. Dragging selects a stretch to
/// zoom into, a double click leads back.
#[component]
pub fn ChartStage(stack: Memo<Stack>, crosshair: Crosshair, zoom: Callback<Option<Span>>) -> impl IntoView {
    let stops: Memo<Arc<[Timestamp]>> =
        Memo::new(move |_| stack.with(|stack| moments(&stack.charts, stack.span).into()));
    let span = move || stack.with_untracked(|stack| stack.span);
    let moment = move |part: f64| stops.with_untracked(|stops| nearest(stops, span().at(part)));
    let press = move |event: ev::PointerEvent| {
        if let Some(part) = pressed_part(&event) {
            crosshair.hold(moment(part));
        }
    };
    let point = move |event: ev::PointerEvent| {
        if let Some(part) = part_of_width(&event) {
            crosshair.point(moment(part));
        }
    };
    let release = move |_| {
        let is_meant = |s: &Span| s.length_ms() as f64 >= LEAST_DRAG * span().length_ms() as f64;
        if let Some(selected) = crosshair.release(span()).filter(is_meant) {
            zoom.run(Some(selected.widened()));
        }
    };
    let cancel = move |_| crosshair.hold(None);
    view! {
        <div
            class="stack"
            on:pointerdown=press
            on:pointermove=point
            on:pointerup=release
            on:pointercancel=cancel
            on:pointerleave=move |_| crosshair.point(None)
            on:dblclick=move |_| zoom.run(None)
        >
            <Overlay stack stops crosshair zoom/>
            {move || stack.with(|stack| plots(stack, crosshair))}
        </div>
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

/// The lines through all charts. It takes the keys that move the crosshair and says what stands there.
#[component]
fn Overlay(
    stack: Memo<Stack>,
    stops: Memo<Arc<[Timestamp]>>,
    crosshair: Crosshair,
    zoom: Callback<Option<Span>>,
) -> impl IntoView {
    let span = move || stack.with(|stack| stack.span);
    let at = move || crosshair.at(span());
    let last = move || stops.with(|stops| stops.len().saturating_sub(1));
    let press = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let (key, shift, span) = (event.key(), event.shift_key(), untrack(span));
        let pressed = stops.with_untracked(|stops| crosshair.press(&key, shift, stops, span));
        if let Pressed::Zoom(selected) = pressed {
            zoom.run(Some(selected.widened()));
        }
        if pressed != Pressed::Nothing {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let index =
        move || at().map_or_else(last, |at| stops.with(|stops| stops.partition_point(|stop| *stop < at)));
    let told = move || {
        let told = stack.with(|stack| told_at(&stack.charts, at(), stack.span));
        let time = |at| moment_label(at, span());
        let selected = crosshair.selection(span()).map(|s| texts::selected(&time(s.from), &time(s.to)));
        told + &selected.unwrap_or_default()
    };
    let band = move || {
        crosshair.selection(span()).map(|selected| {
            let (from, to) = (span().percent(selected.from), span().percent(selected.to));
            view! {
                <i
                    class="zoom-band"
                    style=format!("--x0:{from:.2}%;--x1:{to:.2}%")
                    data-testid="zoom-band"
                ></i>
            }
        })
    };
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
            {band}
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

/// "02:49:30 UTC: Depth depth 22,216; Flow in 91.8, out 74.8".
fn told_at(charts: &[Chart], at: Option<Timestamp>, span: Span) -> String {
    let of_chart = |chart: &Chart| {
        let values = crosshair::values(chart, at);
        let values = chart.lines.iter().zip(values).map(|(line, sample)| {
            let value = sample.and_then(|s| s.value);
            let day = line.day_at(at.unwrap_or(span.to)).map(|day| format!(" {day}")).unwrap_or_default();
            format!("{}{day} {}", line.name, value.map_or(texts::UNKNOWN.to_owned(), |v| chart.unit.exact(v)))
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
