//! Backlog and flow of each broker over the range of the page.

use leptos::prelude::*;
use weir_model::{BrokerCard, BrokerStatus, BrokerTotals, Timestamp};

use super::{
    api::{BrokerSeries, OverviewData},
    gaps::unobserved,
    texts,
};
use crate::{
    charts::{
        Chart, ChartFile, ChartStack, ChartStage, Crosshair, Downloads, Hatch, Hue, Line, Span, Stack,
        TimeSteps, Unit, file_name,
    },
    ui::{Ago, Panel, ago, format},
};

/// The charts' names in addresses and files.
const BACKLOG: &str = "backlog";
const FLOW: &str = "flow";
/// In the name of the file of the backlogs.
const ALL_BROKERS: &str = "brokers";
/// Heights of the plots in pixels.
const BACKLOG_HEIGHT: u32 = 232;
const FLOW_HEIGHT: u32 = 64;

/// One line per broker.
#[component]
pub fn BacklogPanel(
    data: ArcRwSignal<OverviewData>,
    crosshair: Crosshair,
    zoom: Callback<Option<Span>>,
) -> impl IntoView {
    let stack = part(&data, backlog_stack);
    let total = part(&data, |data| total(&data.brokers));
    let files = part(&data, files);
    let (now, span) = (part(&data, |data| data.now), part(&data, span));
    let age = age(&data);
    let tools = move || {
        view! {
            <span class="meta">{texts::TOTAL}<b class="num">{move || total.get()}</b></span>
            <span class="meta">{updated_at(age)}</span>
        }
    };
    view! {
        <Panel title=texts::BACKLOG_CHART sub=texts::BACKLOG_CHART_SUB tools=tools>
            <div class="panel-body">
                <TimeSteps span now><Downloads files span/></TimeSteps>
                <ChartStack stack crosshair zoom/>
            </div>
        </Panel>
    }
}

/// When the newest figures were observed, and when the page's data was read.
type Age = Memo<(Option<Timestamp>, Timestamp)>;

fn age(data: &ArcRwSignal<OverviewData>) -> Age {
    part(data, |data| (data.brokers.iter().filter_map(|card| card.observed_at).max(), data.now))
}

fn updated_at(age: Age) -> impl IntoView {
    move || {
        let (at, now) = age.get();
        at.map(|at| view! { {texts::UPDATED}{ago(at, now, Ago::Past)} })
    }
}

/// A part of the page's data, told anew only where it changes.
fn part<P: PartialEq + Send + Sync + 'static>(
    data: &ArcRwSignal<OverviewData>,
    of: impl Fn(&OverviewData) -> P + Send + Sync + 'static,
) -> Memo<P> {
    let data = data.clone();
    Memo::new(move |_| data.with(&of))
}

/// What the charts are called as files, and where the server has them.
fn files(data: &OverviewData) -> Vec<ChartFile> {
    let file = |title: String, path: String, name: &str, panel: &str| ChartFile {
        title,
        path: format!("/api/v1{path}/panels/{panel}"),
        name: file_name(name, panel, span(data)),
    };
    let flow = |one: &BrokerSeries| {
        let (title, path) = (texts::flow_of(&one.broker), format!("/brokers/{}", one.broker));
        file(title, path, &one.broker, FLOW)
    };
    let backlog = file(texts::BACKLOG_CHART.to_owned(), String::new(), ALL_BROKERS, BACKLOG);
    [backlog].into_iter().chain(data.series.iter().map(flow)).collect()
}

/// The overview's chart of all brokers, or of one, for a file: there its title stands alone.
#[cfg(feature = "ssr")]
#[must_use]
pub fn stack_of(data: &OverviewData, broker: Option<&str>) -> Stack {
    let n = data.series.iter().position(|one| Some(one.broker.as_str()) == broker);
    let mut drawn = n.map_or_else(|| backlog_stack(data), |n| flow_stack(data, n));
    for chart in &mut drawn.charts {
        chart.title = if n.is_some() { texts::FLOW } else { texts::BACKLOG_CHART }.to_owned();
    }
    drawn
}

fn backlog_stack(data: &OverviewData) -> Stack {
    let hatches = unobserved(data.series.iter().map(|one| &one.backlog), data.to);
    stack(vec![backlog_chart(data)], hatches, span(data))
}

fn span(data: &OverviewData) -> Span {
    Span { from: data.from, to: data.to }
}

fn stack(charts: Vec<Chart>, hatches: Vec<Hatch>, span: Span) -> Stack {
    Stack { charts, span, hatches, events: Vec::new(), notes: Vec::new() }
}

fn backlog_chart(data: &OverviewData) -> Chart {
    let line = |(n, one): (usize, &BrokerSeries)| Line::of(&one.backlog, one.broker.clone(), Hue::nth(n));
    Chart {
        id: "chart-backlog",
        title: String::new(),
        note: None,
        unit: Unit::Count("messages"),
        height: BACKLOG_HEIGHT,
        lines: data.series.iter().enumerate().map(line).collect(),
        grows: None,
    }
}

/// The sum over the brokers that answer; at least that, where one does not, or counts only a part.
fn total(brokers: &[BrokerCard]) -> String {
    let up = |card: &&BrokerCard| card.status == BrokerStatus::Up;
    let sum = brokers.iter().filter(up).filter_map(|card| card.totals.backlog).fold(0, i64::saturating_add);
    let partial = |card: &BrokerCard| {
        !up(&card) || card.totals.backlog.is_none() || card.totals.partial.contains_key("backlog")
    };
    let sign = if brokers.iter().any(partial) { "≥ " } else { "" };
    format!("{sign}{}", format::count(sum))
}

/// What comes in and what goes out of each broker.
#[component]
pub fn FlowPanel(
    data: ArcRwSignal<OverviewData>,
    crosshair: Crosshair,
    zoom: Callback<Option<Span>>,
) -> impl IntoView {
    let count = part(&data, |data| data.series.len());
    let age = age(&data);
    let plot = move |n: usize| {
        let stack = part(&data, move |data| flow_stack(data, n));
        view! { <div class="mini"><ChartStage stack crosshair zoom/></div> }
    };
    let tools = move || view! { <span class="meta">{updated_at(age)}</span> };
    let plots = move || (0..count.get()).map(&plot).collect_view();
    view! {
        <Panel title=texts::FLOW_CHART sub=texts::FLOW_CHART_SUB tools=tools>
            <div class="panel-body minis">{plots}</div>
        </Panel>
    }
}

fn flow_stack(data: &OverviewData, n: usize) -> Stack {
    let totals =
        |one: &BrokerSeries| data.brokers.iter().find(|card| card.name == one.broker).map(|c| &c.totals);
    let drawn = data
        .series
        .get(n)
        .map(|one| (flow_chart(one, totals(one)), unobserved([&one.in_rate].into_iter(), data.to)));
    let (charts, hatches) = drawn.map(|(chart, hatches)| (vec![chart], hatches)).unwrap_or_default();
    stack(charts, hatches, span(data))
}

/// In and out, at least, where some queues are not in them. How the backlog grows is told beside, from the backlogs:
/// queues that lack one of the two, and what passes uncounted, make it another figure than in − out.
fn flow_chart(series: &BrokerSeries, totals: Option<&BrokerTotals>) -> Chart {
    let name = |figure: &str, key: &str| {
        let partial = totals.is_some_and(|t| t.partial.contains_key(figure));
        if partial { format!("≥ {key}") } else { key.to_owned() }
    };
    Chart {
        id: "chart-flow",
        title: series.broker.clone(),
        note: totals.map(|t| texts::growth_note(t.growth_rate, t.partial.contains_key("growth_rate"))),
        unit: Unit::Rate,
        height: FLOW_HEIGHT,
        lines: vec![
            Line::of(&series.in_rate, name("in_rate", texts::IN_KEY), Hue::S2),
            Line::of(&series.out_rate, name("out_rate", texts::OUT_KEY), Hue::S1),
        ],
        grows: None,
    }
}

#[cfg(test)]
mod tests {
    use weir_model::{Series, SeriesMetric, Unknown, UnknownCode};

    use super::*;

    #[test]
    fn given_a_broker_some_of_whose_queues_lack_out_when_drawn_then_growth_is_not_in_less_out() {
        let series = |metric| Series {
            metric,
            unit: "messages/s".to_owned(),
            step_seconds: 1.0,
            group: None,
            partition: None,
            points: Vec::new(),
        };
        let (backlog, in_rate, out_rate) =
            (series(SeriesMetric::Backlog), series(SeriesMetric::InRate), series(SeriesMetric::OutRate));
        let flow = BrokerSeries { broker: "orders".to_owned(), backlog, in_rate, out_rate };
        let why = Unknown::new(UnknownCode::NoGroup, "1 queue is not in it");
        let partial = [("out_rate".to_owned(), why)].into();
        let totals = BrokerTotals { growth_rate: Some(2.6), partial, ..BrokerTotals::default() };
        let chart = flow_chart(&flow, Some(&totals));
        assert_eq!(chart.lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["in", "≥ out"]);
        assert_eq!((chart.note.as_deref(), chart.grows), (Some("backlog +2.6/s"), None));
    }
}
