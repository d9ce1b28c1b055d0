//! The charts of a queue over the range in the address, under one crosshair.

use leptos::prelude::*;
use weir_model::{Action, LiveEvent, QueueRow, Timestamp};

use super::{
    QueueContext,
    address::Address,
    chart_plan::{compared, hatches, notes},
    texts,
};
use crate::{
    charts::{
        Chart, ChartFile, ChartStack, Crosshair, Downloads, Event, Span, Stack, TimeSteps, file_name,
        use_compare_choices, use_range_choices, use_window, use_zoom,
    },
    live::{Live, refetch_on_change},
    queues::api::{ChartsView, read_charts},
    ui::{Ago, Blank, Segmented, ago, kept},
};

/// Buckets of a line: one for every three or four pixels of a wide screen.
const POINTS: u32 = 300;
/// While figures arrive charts are read anew this often, or with every bucket where those are longer.
const REFETCH_SECONDS: f64 = 5.0;

#[component]
pub fn ChartsTab() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    let window = use_window();
    let (ranges, comparisons) = (use_range_choices(), use_compare_choices());
    let (crosshair, zoom) = (Crosshair::new(), use_zoom());
    let charts = Resource::new(
        move || (context.address.get(), window.get()),
        |(queue, window)| read_charts(queue.broker, queue.id, window, POINTS),
    );
    let skipped = StoredValue::new(0.0);
    if let Some(live) = use_context::<Live>() {
        // A gap in the events may have lasted longer than a bucket. Listeners are called in the order they came in.
        live.listen(move |event| {
            if matches!(event, LiveEvent::Resync) {
                skipped.set_value(f64::INFINITY);
            }
        });
    }
    refetch_on_change(REFETCH_SECONDS, move || {
        let waited = skipped.get_value() + REFETCH_SECONDS;
        let window = window.get_untracked();
        let bucket = window.range().seconds() as f64 / f64::from(POINTS);
        let due = waited >= bucket && !window.is_fixed();
        skipped.set_value(if due { 0.0 } else { waited });
        if due {
            charts.refetch();
        }
    });
    view! {
        <div class="chart-tools">
            {move || view! { <Segmented label=texts::RANGE choices=ranges.get()/> }}
            {move || view! { <Segmented label=texts::COMPARE choices=comparisons.get()/> }}
        </div>
        <section class="panel charts" aria-label=texts::CHARTS data-testid="charts">
            <h2 class="sr">{texts::CHARTS}</h2>
            {kept(charts, move |charts| drawn(charts, crosshair, zoom))}
        </section>
    }
}

fn drawn(view: ArcRwSignal<ChartsView>, crosshair: Crosshair, zoom: Callback<Option<Span>>) -> AnyView {
    let drawn = view.clone();
    let stack = Memo::new(move |_| drawn.with(stack));
    let is_empty = Memo::new(move |_| stack.with(|stack| stack.charts.is_empty()));
    let clock = view.clone();
    let now = Memo::new(move |_| clock.with(|view| view.now));
    let span = Memo::new(move |_| stack.with(|stack| stack.span));
    let of = view.clone();
    let files = Memo::new(move |_| of.with(|view| stack.with(|stack| files(&view.row, stack))));
    let meta = move || view.with(meta);
    let content = move || {
        if is_empty.get() {
            view! { <Blank title=texts::NO_CHARTS_TITLE text=texts::NO_CHARTS_TEXT/> }.into_any()
        } else {
            view! { <ChartStack stack crosshair zoom meta=meta.clone()/> }.into_any()
        }
    };
    view! {
        <TimeSteps span now><Downloads files span/></TimeSteps>
        {content}
    }
    .into_any()
}

/// The charts of a view with all that is drawn over them.
#[must_use]
pub fn stack(view: &ChartsView) -> Stack {
    Stack {
        charts: compared(&view.row, &view.charts, view.earlier.as_ref()),
        span: Span { from: view.charts.from, to: view.charts.to },
        hatches: hatches(&view.charts),
        events: view.actions.iter().map(event).collect(),
        notes: notes(view.earlier.as_ref()),
    }
}

/// What the charts are called as files, and where the server has them.
fn files(row: &QueueRow, stack: &Stack) -> Vec<ChartFile> {
    let file = |chart: &Chart| ChartFile {
        title: chart.title.clone(),
        path: Address::of(row).rest(&format!("panels/{}", chart.panel())),
        name: file_name(&row.name, chart.panel(), stack.span),
    };
    stack.charts.iter().map(file).collect()
}

fn meta(view: &ChartsView) -> impl IntoView + use<> {
    let now = view.now;
    view.row.observed_at.map(|at| updated(at, now))
}

fn updated(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! { <span>{texts::UPDATED}{ago(at, now, Ago::Past)}</span> }
}

fn event(action: &Action) -> Event {
    Event { at: action.at, text: format!("{}: {}", action.actor, action.intent) }
}
