//! A chart as a file: the same marks with title, ticks and unit as text, in the colours of the light theme.

use std::fmt::Write as _;

use weir_model::{Series, SeriesMetric, Timestamp};

use super::{
    chart::{Chart, Hue, Line, Shape, Span, Unit, Weight},
    marks::{svg_marks, view_box},
    sentence::sentence,
    time_axis::{end_label, time_ticks},
};
use crate::ui::format;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 320;
const LEFT: u32 = 64;
const RIGHT: u32 = 24;
const TOP: u32 = 48;
const BOTTOM: u32 = 40;

/// The rules that the style sheet has for pages, for a file that stands by itself.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#566878}.title{font-size:15px;font-weight:600;fill:#0e1a26}\
.last{font-weight:600;fill:#3f5263}.grid{fill:none;stroke:#e6ecf0}.axis{fill:none;stroke:#b9c6d0}.cut{stroke-dasharray:2 3}\
.l{fill:none;stroke-width:1.5;stroke-linejoin:round}.heavy{stroke-width:2}.l.s1{stroke:#0f9a92}.a{stroke:none;opacity:.14}\
.a.s1{fill:#0f9a92}svg svg *{vector-effect:non-scaling-stroke}";

/// A series drawn, as a complete SVG document. Every text in it is escaped.
#[must_use]
pub fn series_svg(series: &Series) -> String {
    let chart = chart_of(series);
    let span = span_of(series);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        escaped(&sentence(&chart, span))
    );
    let axis = chart.axis();
    let head = format!("{} ({})", chart.title, axis.unit);
    text(&mut svg, "title", "start", (f64::from(LEFT), 28.0), &head);
    let _ = writeln!(
        svg,
        "<svg x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{}\" viewBox=\"{}\" preserveAspectRatio=\"none\" \
         overflow=\"visible\">\n{}\n</svg>",
        plot_width(),
        plot_height(),
        view_box(&chart),
        svg_marks(&chart, span)
    );
    for tick in &axis.ticks {
        let y = f64::from(TOP) + axis.percent(tick.value) / 100.0 * f64::from(plot_height());
        text(&mut svg, "y", "end", (f64::from(LEFT - 8), y + 4.0), &tick.label);
    }
    write_times(&mut svg, span);
    svg.push_str("</svg>\n");
    svg
}

fn write_times(svg: &mut String, span: Span) {
    let y = f64::from(HEIGHT - BOTTOM + 18);
    for tick in time_ticks(span) {
        let x = f64::from(LEFT) + tick.percent / 100.0 * f64::from(plot_width());
        text(svg, "x", "middle", (x, y), &tick.label);
    }
    text(svg, "last", "end", (f64::from(WIDTH - RIGHT), y), &end_label(span));
    let whole = format!("{} to {}", format::moment(span.from), format::moment(span.to));
    text(svg, "whole", "end", (f64::from(WIDTH - RIGHT), 28.0), &whole);
}

fn plot_width() -> u32 {
    WIDTH - LEFT - RIGHT
}

fn plot_height() -> u32 {
    HEIGHT - TOP - BOTTOM
}

fn chart_of(series: &Series) -> Chart {
    let title = title_of(series);
    let unit = Unit::of(series);
    let shape = if series.metric == SeriesMetric::Consumers { Shape::Step } else { Shape::Straight };
    let line = Line::of(series, title.clone(), Hue::S1).weighing(Weight::Heavy).shaped(shape).filled();
    Chart { id: "chart", title, note: None, unit, height: plot_height(), lines: vec![line], grows: None }
}

/// "depth", "lag of billing, partition 3".
fn title_of(series: &Series) -> String {
    let mut title = series.metric.as_str().replace('_', " ");
    if let Some(group) = &series.group {
        let _ = write!(title, " of {group}");
    }
    if let Some(partition) = series.partition {
        let _ = write!(title, ", partition {partition}");
    }
    title
}

/// From the first bucket to the end of the last; an empty series is a span of nothing at the beginning of time.
fn span_of(series: &Series) -> Span {
    let step_ms = (series.step_seconds * 1000.0).max(1.0) as i64;
    let from = series.points.first().map_or(Timestamp(0), |p| p.t);
    let to = series.points.last().map_or(from, |p| p.t).plus_ms(step_ms);
    Span { from, to }
}

fn text(svg: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), words: &str) {
    let words = escaped(words);
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
    );
}

/// Text that means nothing to an XML reader; what XML can't hold at all is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() && !matches!(c, '\t' | '\n') => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use weir_model::Point;

    use super::*;

    fn series(group: Option<&str>, values: &[Option<f64>]) -> Series {
        let point = |(n, v): (usize, &Option<f64>)| Point {
            t: Timestamp(n as i64 * 60_000),
            min: *v,
            avg: *v,
            max: *v,
            last: *v,
        };
        Series {
            metric: SeriesMetric::Lag,
            unit: "messages".to_owned(),
            step_seconds: 60.0,
            group: group.map(str::to_owned),
            partition: None,
            points: values.iter().enumerate().map(point).collect(),
        }
    }

    #[test]
    fn given_a_group_with_markup_in_its_name_when_drawn_then_it_stays_text() {
        let svg = series_svg(&series(Some("<script>alert('&')</script>\u{7}"), &[Some(1.0)]));
        assert!(!svg.contains("<script"), "{svg}");
        assert!(svg.contains("lag of &lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"), "{svg}");
        assert!(!svg.contains('\u{7}'));
    }

    #[test]
    fn given_a_series_with_a_gap_when_drawn_then_two_lines_and_their_ticks_stand_in_it() {
        let svg = series_svg(&series(None, &[Some(1.0), Some(40.0), None, Some(3.0)]));
        assert_eq!(svg.matches("class=\"l heavy s1\"").count(), 2, "{svg}");
        for label in [">0</text>", ">20</text>", ">40</text>", ">00:04</text>", "lag (messages)"] {
            assert!(svg.contains(label), "{label} in {svg}");
        }
    }

    #[test]
    fn given_nothing_when_drawn_then_it_is_still_a_document() {
        let svg = series_svg(&series(None, &[]));
        assert!(svg.starts_with("<svg xmlns") && svg.ends_with("</svg>\n"));
    }
}
