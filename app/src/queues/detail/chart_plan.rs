//! Which charts a queue's page has, from the series that the server sent.

use weir_model::{QueueRow, Series, SeriesMetric};

use super::{
    super::api::{Earlier, Gap, QueueCharts},
    texts,
};
use crate::charts::{Chart, Hatch, Hue, Line, Shape, Unit, Weight};

/// The charts in the order of the page, each with what it was then: dashed, on the same axis.
pub(super) fn compared(row: &QueueRow, charts: &QueueCharts, earlier: Option<&Earlier>) -> Vec<Chart> {
    let mut now = plan(row, charts);
    let Some(earlier) = earlier else { return now };
    let then = plan(row, &earlier.charts);
    for chart in &mut now {
        let lines = then.iter().filter(|other| other.id == chart.id).flat_map(|other| &other.lines);
        let lines: Vec<&Line> = lines.filter(|line| line.weight != Weight::Thin).collect();
        let alone = lines.len() == 1;
        let moved = lines.into_iter().map(|line| {
            let words = earlier.compare.words();
            let (name, hue) = if alone {
                (words.to_owned(), Hue::Past)
            } else {
                (format!("{}, {words}", line.name), line.hue)
            };
            line.clone().moved(earlier.compare.behind_ms(), name, hue)
        });
        chart.lines.extend(moved);
    }
    now
}

/// What was not observed then, said in words: hatches are for the stretch that is shown.
pub(super) fn notes(earlier: Option<&Earlier>) -> Vec<String> {
    let Some(Earlier { compare, charts }) = earlier else { return Vec::new() };
    let is_known = |series: &Series| series.points.iter().any(|p| p.last.or(p.avg).is_some());
    if !charts.series.iter().any(is_known) {
        return vec![texts::no_data_then(*compare, charts.from, charts.to)];
    }
    charts.gaps.iter().map(|gap| texts::gap_then(*compare, gap.from, gap.to, &gap.reason)).collect()
}

/// The charts in the order of the page: what waits first.
fn plan(row: &QueueRow, charts: &QueueCharts) -> Vec<Chart> {
    let of = |metric: SeriesMetric| charts.series.iter().find(move |s| s.metric == metric);
    let lags: Vec<&Series> = charts.series.iter().filter(|s| s.metric == SeriesMetric::Lag).collect();
    let is_log = row.kind.is_log();
    let depth = of(SeriesMetric::Depth).map(|s| depth(s, of(SeriesMetric::Unacknowledged), is_log));
    let lag = (!lags.is_empty()).then(|| lag(&lags));
    let flow = flow(of);
    // An age that is only estimated from the curves is not stored: then the headline alone has it.
    let age = of(SeriesMetric::OldestAgeSeconds).filter(|s| s.points.iter().any(|p| p.last.is_some()));
    let age = age.map(|s| age_chart(s, row.oldest_age_estimate.is_some()));
    let consumers = of(SeriesMetric::Consumers).map(consumers);
    let (first, second) = if is_log { (lag, depth) } else { (depth, lag) };
    let commands = commands(of);
    [first, flow, commands, second, age, consumers].into_iter().flatten().collect()
}

/// The stretches to hatch, with their reasons: those without an observation of the broker, and what lies before
/// the first figure.
pub(super) fn hatches(charts: &QueueCharts) -> Vec<Hatch> {
    let hatch = |gap: &Gap| Hatch { from: gap.from, to: gap.to, reason: gap.reason.clone() };
    let mut hatches: Vec<Hatch> = charts.gaps.iter().map(hatch).collect();
    hatches.extend(beginning(charts));
    hatches
}

/// From the start of the range to the first figure, or all of it where there is none: where that is more than a bucket
/// and no gap explains it.
fn beginning(charts: &QueueCharts) -> Option<Hatch> {
    let first = |series: &Series| series.points.iter().find(|p| p.last.or(p.avg).is_some()).map(|p| p.t);
    let known = charts.series.iter().filter_map(first).min();
    let to = known.or_else(|| (!charts.series.is_empty()).then_some(charts.to))?;
    let reason = if known.is_some() { texts::NOT_YET } else { texts::NOTHING_KNOWN };
    let step = charts.series.iter().map(|s| s.step_seconds).fold(0.0, f64::max);
    let explained = charts.gaps.iter().any(|gap| gap.from <= charts.from && gap.to > charts.from);
    let long = to.since_seconds(charts.from) > 2.0 * step;
    (long && !explained).then(|| Hatch { from: charts.from, to, reason: reason.to_owned() })
}

fn chart(id: &'static str, title: &str, unit: Unit, height: u32, lines: Vec<Line>) -> Chart {
    Chart { id, title: title.to_owned(), note: None, unit, height, lines, grows: None }
}

/// What waits is filled and strong; what a log merely keeps is context.
fn depth(series: &Series, unacknowledged: Option<&Series>, is_log: bool) -> Chart {
    let unit = Unit::of(series);
    if is_log {
        let line = Line::of(series, "retained", Hue::Past).filled();
        return chart("chart-depth", "Retained", unit, 64, vec![line]);
    }
    let mut lines = vec![Line::of(series, "depth", Hue::S1).weighing(Weight::Heavy).filled()];
    lines.extend(unacknowledged.map(|s| Line::of(s, "unacknowledged", Hue::S3).weighing(Weight::Thin)));
    chart("chart-depth", "Depth", unit, 138, lines)
}

/// One line per group, the slowest first.
fn lag(groups: &[&Series]) -> Chart {
    let line = |(n, series): (usize, &&Series)| {
        let name = series.group.clone().unwrap_or_else(|| "lag".to_owned());
        let line = Line::of(series, name, Hue::nth(n));
        if n == 0 { line.weighing(Weight::Heavy).filled() } else { line }
    };
    let lines = groups.iter().enumerate().map(line).collect();
    chart("chart-lag", "Lag by group", Unit::Count("messages"), 138, lines)
}

/// In, delivered and out; filled where more comes in than goes out.
fn flow<'a>(of: impl Fn(SeriesMetric) -> Option<&'a Series>) -> Option<Chart> {
    let (arrivals, departures) = (of(SeriesMetric::InRate), of(SeriesMetric::OutRate));
    let (delivered, uncounted) = (of(SeriesMetric::DeliveredRate), of(SeriesMetric::UncountedInRate));
    let lines: Vec<Line> = [
        arrivals.map(|s| Line::of(s, "in", Hue::S2)),
        departures.map(|s| Line::of(s, "out", Hue::S1)),
        delivered.map(|s| Line::of(s, "delivered", Hue::S3).weighing(Weight::Thin)),
        uncounted.map(|s| Line::of(s, "in, uncounted (dead-lettered here)", Hue::S4)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let both = arrivals.is_some() && departures.is_some() && uncounted.is_none();
    let flow = chart("chart-flow", "Flow", Unit::Rate, 110, lines);
    (!flow.lines.is_empty()).then(|| Chart { grows: both.then_some((0, 1)), ..flow })
}

/// Commands on a list, where keyspace events tell of them: each moved one message at least.
fn commands<'a>(of: impl Fn(SeriesMetric) -> Option<&'a Series>) -> Option<Chart> {
    let pushes = of(SeriesMetric::PushCommandsRate).map(|s| Line::of(s, texts::PUSHES, Hue::S2));
    let takes = of(SeriesMetric::TakeCommandsRate).map(|s| Line::of(s, texts::TAKES, Hue::S1));
    let lines: Vec<Line> = pushes.into_iter().chain(takes).collect();
    let note = Some(texts::AT_LEAST.to_owned());
    let chart = chart("chart-commands", texts::COMMANDS, Unit::Commands, 90, lines);
    (!chart.lines.is_empty()).then_some(Chart { note, ..chart })
}

fn age_chart(series: &Series, is_estimate: bool) -> Chart {
    let line = Line::of(series, "waiting", Hue::S1);
    let note = is_estimate.then(|| "estimate".to_owned());
    Chart { note, ..chart("chart-age", "Age of oldest", Unit::Seconds, 52, vec![line]) }
}

fn consumers(series: &Series) -> Chart {
    let line = Line::of(series, "subscribed", Hue::S1).shaped(Shape::Step);
    chart("chart-consumers", "Consumers", Unit::Count("consumers"), 36, vec![line])
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that can't unwrap fails, as it should")]

    use serde_json::json;
    use weir_model::{Point, Timestamp};

    use super::*;
    use crate::charts::Compare;

    fn row(kind: &str) -> QueueRow {
        serde_json::from_value(json!({
            "broker": "b", "id": "q", "name": "q", "kind": kind, "scope": "", "status": "ok", "status_reason": "",
            "trend": "unknown", "oldest_age_at_least": false, "stale": false, "vanished": false, "unknown": {},
            "sparkline": [],
        }))
        .unwrap()
    }

    fn series(metric: SeriesMetric, values: &[Option<f64>]) -> Series {
        let point = |(n, v): (usize, &Option<f64>)| Point {
            t: Timestamp(n as i64 * 1_000),
            min: *v,
            avg: *v,
            max: *v,
            last: *v,
        };
        Series {
            metric,
            unit: metric.unit().to_owned(),
            step_seconds: 1.0,
            group: (metric == SeriesMetric::Lag).then(|| "billing".to_owned()),
            partition: None,
            points: values.iter().enumerate().map(point).collect(),
        }
    }

    fn charts(series: Vec<Series>) -> QueueCharts {
        QueueCharts { from: Timestamp(0), to: Timestamp(10_000), series, gaps: Vec::new() }
    }

    #[test]
    fn given_a_log_when_planned_then_what_waits_comes_before_what_is_kept() {
        let all = [SeriesMetric::Depth, SeriesMetric::InRate, SeriesMetric::OutRate, SeriesMetric::Lag];
        let charts = charts(all.map(|metric| series(metric, &[Some(1.0)])).to_vec());
        let ids = |kind| plan(&row(kind), &charts).iter().map(|c| c.id).collect::<Vec<_>>();
        assert_eq!(ids("kafka-topic"), ["chart-lag", "chart-flow", "chart-depth"]);
        assert_eq!(ids("rabbitmq-classic"), ["chart-depth", "chart-flow", "chart-lag"]);
    }

    #[test]
    fn given_no_figure_at_first_when_hatched_then_the_beginning_says_why() {
        let none = [None, None, None, None, Some(1.0)];
        let late = charts(vec![series(SeriesMetric::Depth, &none)]);
        let hatches = hatches(&late);
        assert_eq!(
            hatches.iter().map(|h| (h.from, h.to)).collect::<Vec<_>>(),
            [(Timestamp(0), Timestamp(4_000))]
        );
        assert!(super::hatches(&charts(vec![series(SeriesMetric::Depth, &[Some(1.0)])])).is_empty());
        let nothing = super::hatches(&charts(vec![series(SeriesMetric::Depth, &none[..4])]));
        assert_eq!(nothing.iter().map(|h| h.to).collect::<Vec<_>>(), [Timestamp(10_000)]);
    }

    #[test]
    fn given_an_earlier_stretch_when_planned_then_it_lies_dashed_on_the_same_axis() {
        let now = charts(vec![series(SeriesMetric::Depth, &[Some(5.0), Some(6.0)])]);
        let then = charts(vec![series(SeriesMetric::Depth, &[None, Some(9.0)])]);
        let earlier = Earlier { compare: Compare::Yesterday, charts: then };
        let row = row("rabbitmq-classic");
        let depth = compared(&row, &now, Some(&earlier)).remove(0);
        let was = depth.lines.last().unwrap();
        assert_eq!((was.name.as_str(), was.hue, was.weight), ("yesterday", Hue::Past, Weight::Earlier));
        let moved: Vec<_> = was.samples.iter().map(|s| (s.from.0 - 86_400_000, s.value)).collect();
        assert_eq!(moved, [(0, None), (1_000, Some(9.0))]);
        assert_eq!(was.day_at(Timestamp(86_400_000)).as_deref(), Some("1 Jan"));
        assert!(notes(Some(&earlier)).is_empty());
        assert_eq!(compared(&row, &now, None)[0].lines.len(), 1);
    }

    #[test]
    fn given_nothing_known_then_when_planned_then_it_is_said_and_no_zero_is_drawn() {
        let none = charts(vec![series(SeriesMetric::Depth, &[None, None])]);
        let earlier = Earlier { compare: Compare::LastWeek, charts: none.clone() };
        let depth = compared(&row("redis-list"), &none, Some(&earlier)).remove(0);
        assert!(depth.lines.iter().all(|line| line.last().is_none()));
        let notes = notes(Some(&earlier));
        assert!(notes.len() == 1 && notes[0].starts_with("Last week: no data"), "{notes:?}");
    }

    #[test]
    fn given_an_age_that_was_never_stored_when_planned_then_there_is_no_empty_chart_of_it() {
        let charts = charts(vec![series(SeriesMetric::OldestAgeSeconds, &[None, None])]);
        assert!(plan(&row("kafka-topic"), &charts).is_empty());
    }
}
