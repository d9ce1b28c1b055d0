//! One chart of a stack: title and legend, ticks, the drawing, hatches and dots.

use std::sync::Arc;

use leptos::prelude::*;

use super::{
    chart::{Chart, Line, Sample, Span},
    crosshair::{Crosshair, values},
    marks::{svg_marks, view_box},
    sentence::sentence,
    texts,
    time_axis::day_label,
    view::Hatch,
};

#[component]
pub fn Plot(chart: Chart, span: Span, hatches: Vec<Hatch>, crosshair: Crosshair) -> impl IntoView {
    let axis = chart.axis();
    let tick = |tick: &super::value_axis::Tick| {
        view! { <span style=percent_style("y", axis.percent(tick.value))>{tick.label.clone()}</span> }
    };
    let ticks = axis.ticks.iter().map(tick).collect_view();
    let repeated = axis.unit.eq_ignore_ascii_case(&chart.title);
    let unit = chart.note.as_ref().map_or(axis.unit.to_owned(), |note| format!("{}, {note}", axis.unit));
    let hatch = |hatch: Hatch| {
        let (from, to) = (span.percent(hatch.from), span.percent(hatch.to));
        let style = format!("--x0:{from:.2}%;--x1:{to:.2}%");
        view! { <div class="hatch" style=style title=hatch.reason></div> }
    };
    let hatches = hatches.into_iter().map(hatch).collect_view();
    let (id, title) = (chart.id, chart.title.clone());
    let (height, view_box) = (format!("--h:{}px", chart.height), view_box(&chart));
    let (told, marks) = (sentence(&chart, span), svg_marks(&chart, span));
    let chart = Arc::new(chart);
    view! {
        <div class="sub" data-testid=id>
            <header>
                {(!title.is_empty()).then(|| view! { <h3>{title}</h3> })}
                <small>{(!repeated).then_some(unit)}</small>
                {legend(&chart, span, crosshair)}
            </header>
            <div class="chart" style=height>
                <div class="y" aria-hidden="true">{ticks}</div>
                <div class="plot" role="img" aria-label=told>
                    {hatches}
                    <svg viewBox=view_box preserveAspectRatio="none" aria-hidden="true" inner_html=marks></svg>
                    {dots(chart, span, crosshair)}
                </div>
            </div>
        </div>
    }
}

/// Names and values, at the crosshair or the last ones.
fn legend(chart: &Arc<Chart>, span: Span, crosshair: Crosshair) -> impl IntoView + use<> {
    let item = |(n, line): (usize, &Line)| {
        let chart = Arc::clone(chart);
        let (is_earlier, behind_ms) = (line.behind_ms > 0, line.behind_ms);
        let day = move || day_label(crosshair.at(span).unwrap_or(span.to).plus_ms(-behind_ms));
        let nothing = if is_earlier && line.last().is_none() { texts::NO_DATA_THEN } else { texts::UNKNOWN };
        let value = move || {
            let sample = values(&chart, crosshair.at(span)).get(n).copied().flatten();
            sample.and_then(|s| s.value).map_or_else(|| nothing.to_owned(), |value| chart.unit.exact(value))
        };
        view! {
            <li>
                <i class=key_class(line)></i>
                <span>{line.name.clone()}</span>
                {is_earlier.then(|| view! { <small>{day}</small> })}
                <b>{value}</b>
            </li>
        }
    };
    let items = chart.lines.iter().enumerate().map(item).collect_view();
    view! { <ul class="legend">{items}{growth(chart, span, crosshair)}</ul> }
}

fn key_class(line: &Line) -> String {
    let dashed = if line.behind_ms > 0 { " earlier" } else { "" };
    format!("key {}{dashed}", line.hue.class())
}

/// By how much more comes in than goes out, where it does.
fn growth(chart: &Arc<Chart>, span: Span, crosshair: Crosshair) -> impl IntoView + use<> {
    let chart = Arc::clone(chart);
    move || {
        let (upper, lower) = chart.grows?;
        let values = values(&chart, crosshair.at(span));
        let of = |n: usize| values.get(n).copied().flatten().and_then(|s: Sample| s.value);
        let more = of(upper)? - of(lower)?;
        (more > 0.0).then(|| {
            view! {
                <li>
                    <i class="key grows"></i>
                    <span>{texts::BACKLOG_GROWS}</span>
                    <b>{format!("+{}", chart.unit.exact(more))}</b>
                </li>
            }
        })
    }
}

/// A dot on each line under the crosshair.
fn dots(chart: Arc<Chart>, span: Span, crosshair: Crosshair) -> impl IntoView {
    let axis = chart.axis();
    move || {
        let at = crosshair.at(span)?;
        let samples = values(&chart, Some(at));
        let dot = |(line, sample): (&Line, Option<Sample>)| {
            let style = format!("--y:{:.2}%;--c:{}", axis.percent(sample?.value?), line.hue.token());
            Some(view! { <i style=style></i> })
        };
        let dots: Vec<_> = chart.lines.iter().zip(samples).filter_map(dot).collect();
        Some(view! {
            <div class="cross dots" style=percent_style("x", span.percent(at)) aria-hidden="true">{dots}</div>
        })
    }
}

/// A place in per cent, as a property that the style sheet reads.
pub(super) fn percent_style(property: &str, percent: f64) -> String {
    format!("--{property}:{percent:.2}%")
}
