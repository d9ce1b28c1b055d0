//! Backlog and flow of each broker over the range of the page.

use leptos::prelude::*;
use weir_model::{BrokerCard, BrokerStatus, BrokerTotals, Series, Timestamp};

use super::{api::BrokerSeries, texts};
use crate::{
    charts::{Chart, Crosshair, Hatch, Hue, Line, Span, Unit, plot::Plot, view::TimeAxis},
    ui::{Panel, format},
};

/// Heights of the plots in pixels.
const BACKLOG_HEIGHT: u32 = 232;
const FLOW_HEIGHT: u32 = 64;

/// One line per broker.
#[component]
pub fn BacklogPanel(series: Vec<BrokerSeries>, brokers: Vec<BrokerCard>, span: Span) -> impl IntoView {
    let lines =
        series.iter().enumerate().map(|(n, one)| Line::of(&one.backlog, one.broker.clone(), Hue::nth(n)));
    let chart = Chart {
        id: "chart-backlog",
        title: String::new(),
        note: None,
        unit: Unit::Count("messages"),
        height: BACKLOG_HEIGHT,
        lines: lines.collect(),
        grows: None,
    };
    let crosshair = Crosshair::new();
    let total = total(&brokers);
    let tools = move || view! { <span class="meta">{texts::TOTAL}<b class="num">{total.clone()}</b></span> };
    view! {
        <Panel title=texts::BACKLOG_CHART sub=texts::BACKLOG_CHART_SUB tools=tools>
            <div class="panel-body">
                <Plot chart span hatches=Vec::new() crosshair/>
                <TimeAxis span/>
            </div>
        </Panel>
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
pub fn FlowPanel(series: Vec<BrokerSeries>, brokers: Vec<BrokerCard>, span: Span) -> impl IntoView {
    let crosshair = Crosshair::new();
    let plot = move |one: BrokerSeries| {
        let totals = brokers.iter().find(|card| card.name == one.broker).map(|card| &card.totals);
        let chart = flow_chart(&one, totals);
        let hatches = unobserved(&one.in_rate, span.to);
        view! { <div class="mini"><Plot chart span hatches crosshair/><TimeAxis span/></div> }
    };
    let keys = || {
        view! {
            <span class="meta">
                <ul class="legend">
                    <li><i class="key s2"></i><span>{texts::IN_KEY}</span></li>
                    <li><i class="key s1"></i><span>{texts::OUT_KEY}</span></li>
                </ul>
            </span>
        }
    };
    view! {
        <Panel title=texts::FLOW_CHART sub=texts::FLOW_CHART_SUB tools=keys>
            <div class="panel-body minis">{series.into_iter().map(plot).collect_view()}</div>
        </Panel>
    }
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

/// The stretch at the end in which nothing was observed, from two buckets on.
fn unobserved(series: &Series, to: Timestamp) -> Vec<Hatch> {
    let known = series.points.iter().rposition(|p| p.last.is_some());
    let Some(first) = known.and_then(|at| series.points.get(at + 1)) else { return Vec::new() };
    let long = to.since_seconds(first.t) >= 2.0 * series.step_seconds;
    if long {
        vec![Hatch { from: first.t, to, reason: texts::NO_OBSERVATION.to_owned() }]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use weir_model::{Point, SeriesMetric, Unknown, UnknownCode};

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

    #[test]
    fn given_a_series_that_stops_when_drawn_then_the_rest_is_hatched() {
        let value = |t| Point { t: Timestamp(t), min: None, avg: None, max: None, last: Some(1.0) };
        let mut series = Series {
            metric: SeriesMetric::InRate,
            unit: "messages/s".to_owned(),
            step_seconds: 1.0,
            group: None,
            partition: None,
            points: vec![value(0), value(1_000), Point::gap(Timestamp(2_000)), Point::gap(Timestamp(3_000))],
        };
        assert_eq!(unobserved(&series, Timestamp(4_000)).first().map(|h| h.from), Some(Timestamp(2_000)));
        series.points.truncate(2);
        assert!(unobserved(&series, Timestamp(2_000)).is_empty());
    }
}
