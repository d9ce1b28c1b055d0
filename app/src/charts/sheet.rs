//! A chart as a drawing that stands by itself: the same marks with title, legend, ticks and unit as text, in the
//! colours of the light theme.

use std::fmt::Write as _;

use weir_model::{Series, SeriesMetric, Timestamp};

use super::{
    chart::{Chart, Hue, Line, Shape, Span, Unit, Weight},
    marks::{svg_marks, view_box},
    sentence::sentence,
    time_axis::{end_label, time_ticks},
    view::Hatch,
};
use crate::ui::{format, visible};

const WIDTH: u32 = 960;
const LEFT: u32 = 64;
const RIGHT: u32 = 24;
const PLOT: u32 = 232;
/// Title and what is above the legend.
const HEAD: u32 = 40;
/// A line of the legend, and of the notes.
const ROW: u32 = 18;
const BOTTOM: u32 = 40;
/// Room for a letter: none is measured here.
const LETTER: f64 = 6.7;
/// Letters of a line's name at most.
const LONGEST_NAME: usize = 48;

/// The rules that the style sheet has for pages, for a file that stands by itself.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#566878}.title{font-size:15px;font-weight:600;fill:#0e1a26}\
.last{font-weight:600;fill:#3f5263}.grid{fill:none;stroke:#e6ecf0}.axis{fill:none;stroke:#b9c6d0}.cut{stroke-dasharray:2 3}\
.l{fill:none;stroke-width:1.5;stroke-linejoin:round}.a{stroke:none;opacity:.14}.band{opacity:.16}\
.l.s1{stroke:#0f9a92}.l.s2{stroke:#2e3bc3}.l.s3{stroke:#878d0e}.l.s4{stroke:#74106a}.l.s5{stroke:#1672a2}\
.l.past{stroke:#708292;stroke-width:1;stroke-dasharray:4 3}.l.thin{stroke-width:1}.l.heavy{stroke-width:2}\
.l.earlier{stroke-width:1;stroke-dasharray:4 3}.a.s1{fill:#0f9a92}.a.s2{fill:#2e3bc3}.a.s3{fill:#878d0e}.a.s4{fill:#74106a}\
.a.s5{fill:#1672a2}.a.past{fill:#708292}.a.grows{fill:#be123c;opacity:.1}.hatch{stroke:#cdd8df}\
svg svg *{vector-effect:non-scaling-stroke}";

/// What a drawing shows.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// Whose figures they are; nothing where the title says it all.
    pub of: &'a str,
    pub chart: Chart,
    pub span: Span,
    pub hatches: &'a [Hatch],
    /// Said below: what can't be shown, and why.
    pub notes: &'a [String],
}

/// A series drawn, as a complete SVG document.
#[must_use]
pub fn series_svg(series: &Series) -> String {
    Sheet { of: "", chart: chart_of(series), span: span_of(series), hatches: &[], notes: &[] }.svg()
}

impl Sheet<'_> {
    /// A complete SVG document. Every text in it is escaped, and nothing in it is fetched from anywhere.
    #[must_use]
    pub fn svg(mut self) -> String {
        self.chart.height = PLOT;
        let (legend, rows) = self.legend();
        let top = HEAD + rows * ROW + 12;
        let notes = u32::try_from(self.notes.len()).unwrap_or(0);
        let height = top + PLOT + BOTTOM + notes * ROW;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n{HATCH}\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
            escaped(&sentence(&self.chart, self.span))
        );
        text(&mut svg, "title", "start", (f64::from(LEFT), 28.0), &self.title());
        svg.push_str(&legend);
        self.write_plot(&mut svg, top);
        self.write_times(&mut svg, top + PLOT + 18);
        for (n, note) in (1_u32..).zip(self.notes) {
            text(&mut svg, "note", "start", (f64::from(LEFT), f64::from(top + PLOT + 18 + n * ROW)), note);
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// "invoices · Depth (messages)".
    fn title(&self) -> String {
        let what = format!("{} ({})", self.chart.title, self.chart.axis().unit);
        if self.of.is_empty() { what } else { format!("{} · {what}", visible(self.of)) }
    }

    /// The lines' names with their keys, and how many rows they take; a single line is named by the title.
    fn legend(&self) -> (String, u32) {
        let mut svg = String::new();
        if self.chart.lines.len() < 2 {
            return (svg, 0);
        }
        let (mut x, mut row) = (f64::from(LEFT), 0);
        for line in &self.chart.lines {
            let name = self.name_of(line);
            let width = 26.0 + name.chars().count() as f64 * LETTER;
            if x + width > f64::from(WIDTH - RIGHT) && x > f64::from(LEFT) {
                (x, row) = (f64::from(LEFT), row + 1);
            }
            let y = f64::from(HEAD + row * ROW + 12);
            let class = super::role::Role::Line(line.hue, line.weight).classes();
            let _ = writeln!(svg, "<path class=\"{class}\" d=\"M{x:.1} {:.1}h16\"/>", y - 4.0);
            text(&mut svg, "name", "start", (x + 20.0, y), &name);
            x += width;
        }
        (svg, row + 1)
    }

    fn name_of(&self, line: &Line) -> String {
        let name = visible(&line.name);
        let short: String = name.chars().take(LONGEST_NAME).collect();
        let cut = if short.len() < name.len() { "…" } else { "" };
        let day = line.day_at(self.span.to).map(|day| format!(" ({day})")).unwrap_or_default();
        format!("{short}{cut}{day}")
    }

    fn write_plot(&self, svg: &mut String, top: u32) {
        let plot = |percent: f64| f64::from(LEFT) + percent / 100.0 * f64::from(plot_width());
        for hatch in self.hatches {
            let (from, to) = (plot(self.span.percent(hatch.from)), plot(self.span.percent(hatch.to)));
            let _ = writeln!(
                svg,
                "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{PLOT}\" fill=\"url(#hatch)\">\
                 <title>{}</title></rect>",
                to - from,
                escaped(&hatch.reason)
            );
        }
        let _ = writeln!(
            svg,
            "<svg x=\"{LEFT}\" y=\"{top}\" width=\"{}\" height=\"{PLOT}\" viewBox=\"{}\" \
             preserveAspectRatio=\"none\" overflow=\"visible\">\n{}\n</svg>",
            plot_width(),
            view_box(&self.chart),
            svg_marks(&self.chart, self.span)
        );
        let axis = self.chart.axis();
        for tick in &axis.ticks {
            let y = f64::from(top) + axis.percent(tick.value) / 100.0 * f64::from(PLOT);
            text(svg, "y", "end", (f64::from(LEFT - 8), y + 4.0), &tick.label);
        }
    }

    fn write_times(&self, svg: &mut String, y: u32) {
        for tick in time_ticks(self.span) {
            let x = f64::from(LEFT) + tick.percent / 100.0 * f64::from(plot_width());
            text(svg, "x", "middle", (x, f64::from(y)), &tick.label);
        }
        let right = f64::from(WIDTH - RIGHT);
        text(svg, "last", "end", (right, f64::from(y)), &end_label(self.span));
        let whole = format!("{} to {}", format::moment(self.span.from), format::moment(self.span.to));
        text(svg, "whole", "end", (right, 28.0), &whole);
    }
}

/// The pattern of what was not observed.
const HATCH: &str = "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0v6\"/></pattern></defs>";

fn plot_width() -> u32 {
    WIDTH - LEFT - RIGHT
}

fn chart_of(series: &Series) -> Chart {
    let title = title_of(series);
    let unit = Unit::of(series);
    let shape = if series.metric == SeriesMetric::Consumers { Shape::Step } else { Shape::Straight };
    let line = Line::of(series, title.clone(), Hue::S1).weighing(Weight::Heavy).shaped(shape).filled();
    Chart { id: "chart", title, note: None, unit, height: PLOT, lines: vec![line], grows: None }
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
    fn given_several_lines_and_a_gap_when_drawn_then_legend_hatch_and_notes_stand_in_it() {
        let first = chart_of(&series(Some("a"), &[Some(1.0), None]));
        let mut chart = first.clone();
        let then = first.lines[0].clone().moved(86_400_000, "yesterday".to_owned(), Hue::Past);
        chart.lines.push(then);
        let span = Span { from: Timestamp(0), to: Timestamp(120_000) };
        let hatches =
            [Hatch { from: Timestamp(60_000), to: Timestamp(120_000), reason: "<down>".to_owned() }];
        let notes = ["Yesterday: no data".to_owned()];
        let svg = Sheet { of: "a&b", chart, span, hatches: &hatches, notes: &notes }.svg();
        for part in [
            ">a&amp;b · lag of a (messages)</text>",
            ">yesterday (31 Dec)</text>",
            "&lt;down&gt;",
            ">Yesterday: no data<",
        ] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert!(svg.contains("<path class=\"l earlier past\"") && svg.contains("fill=\"url(#hatch)\""));
    }

    #[test]
    fn given_the_style_of_files_when_held_against_the_tokens_then_its_colours_are_those_of_the_light_theme() {
        let tokens = include_str!("../../../style/tokens.css");
        let colours = STYLE.split('#').skip(1).filter_map(|rest| rest.get(..6));
        for colour in colours {
            assert!(tokens.contains(&format!("light-dark(#{colour},")), "#{colour} is no token");
        }
    }

    #[test]
    fn given_nothing_when_drawn_then_it_is_still_a_document() {
        let svg = series_svg(&series(None, &[]));
        assert!(svg.starts_with("<svg xmlns") && svg.ends_with("</svg>\n"));
    }
}
