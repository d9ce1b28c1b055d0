//! The charts of a queue over the range in the address, under one crosshair.

use leptos::prelude::*;
use weir_model::{Action, QueueRow, Series, Timestamp};

use super::{
    QueueContext,
    address::Address,
    chart_plan::{hatches, plan},
    texts,
};
use crate::{
    charts::{ChartStack, Crosshair, Event, Span, Stack},
    live::refetch_on_change,
    queues::api::{ChartsView, QueueCharts, read_charts},
    ui::{
        Ago, Blank, Segmented,
        address::with_query,
        ago, kept,
        range::{use_range, use_range_choices},
    },
};

/// Buckets of a line: one for every three or four pixels of a wide screen.
const POINTS: u32 = 300;
/// While figures arrive charts are read anew this often, or with every bucket where those are longer.
const REFETCH_SECONDS: f64 = 5.0;

#[component]
pub fn ChartsTab() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    let range = use_range();
    let choices = use_range_choices();
    let crosshair = Crosshair::new();
    let charts = Resource::new(
        move || (context.address.get(), range.get()),
        |(queue, range)| read_charts(queue.broker, queue.id, range.seconds(), POINTS),
    );
    let skipped = StoredValue::new(0.0);
    refetch_on_change(REFETCH_SECONDS, move || {
        let waited = skipped.get_value() + REFETCH_SECONDS;
        let bucket = range.get_untracked().seconds() as f64 / f64::from(POINTS);
        let due = waited >= bucket;
        skipped.set_value(if due { 0.0 } else { waited });
        if due {
            charts.refetch();
        }
    });
    view! {
        <div class="chart-tools">
            {move || view! { <Segmented label=texts::RANGE choices=choices.get()/> }}
        </div>
        <section class="panel charts" data-testid="charts">
            {kept(charts, move |charts| drawn(charts, crosshair))}
        </section>
    }
}

fn drawn(view: ArcRwSignal<ChartsView>, crosshair: Crosshair) -> AnyView {
    let drawn = view.clone();
    let stack = Memo::new(move |_| drawn.with(stack));
    let is_empty = Memo::new(move |_| stack.with(|stack| stack.charts.is_empty()));
    let meta = move || view.with(meta);
    let content = move || {
        if is_empty.get() {
            view! { <Blank title=texts::NO_CHARTS_TITLE text=texts::NO_CHARTS_TEXT/> }.into_any()
        } else {
            view! { <ChartStack stack crosshair meta=meta.clone()/> }.into_any()
        }
    };
    content.into_any()
}

fn stack(view: &ChartsView) -> Stack {
    Stack {
        charts: plan(&view.row, &view.charts),
        span: Span { from: view.charts.from, to: view.charts.to },
        hatches: hatches(&view.charts),
        events: view.actions.iter().map(event).collect(),
    }
}

fn meta(view: &ChartsView) -> impl IntoView + use<> {
    let files = files(&view.row, &view.charts).into_iter().map(link).collect_view();
    let now = view.now;
    view! { <span>{texts::FILES}</span> {files} {view.row.observed_at.map(|at| updated(at, now))} }
}

fn updated(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! { <span>{texts::UPDATED}{ago(at, now, Ago::Past)}</span> }
}

fn event(action: &Action) -> Event {
    Event { at: action.at, text: format!("{}: {}", action.actor, action.intent) }
}

/// The drawings that can be downloaded, by name and address.
fn files(row: &QueueRow, charts: &QueueCharts) -> Vec<(String, String)> {
    let (from, to) = (charts.from.to_string(), charts.to.to_string());
    let file = |series: &Series| {
        let path = Address::of(row).rest(&format!("charts/{}.svg", series.metric));
        let group = series.group.as_deref();
        let name = group.map_or_else(|| series.metric.to_string(), |g| format!("{} of {g}", series.metric));
        (name, with_query(&path, &[("from", Some(&from)), ("to", Some(&to)), ("group", group)]))
    };
    charts.series.iter().map(file).collect()
}

fn link((name, href): (String, String)) -> impl IntoView {
    let title = texts::download(&name);
    view! { <a class="link" href=href rel="external" download="" title=title>{name.replace('_', " ")}</a>" " }
}
