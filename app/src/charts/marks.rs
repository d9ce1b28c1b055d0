//! The marks of a plot: grid, areas, lines.
//!
//! Drawn with plotters in sentinel colours, one per role, on any of its backends. For a page they go through the
//! SVG backend, and each sentinel becomes a class, so that the style sheet decides on colours and a change of
//! theme needs no redraw.

use plotters::{
    coord::{Shift, types::RangedCoordf64, types::RangedCoordi64},
    prelude::{
        Cartesian2d, ChartBuilder, ChartContext, Color as _, DrawingArea, DrawingAreaErrorKind,
        DrawingBackend, IntoDrawingArea as _, LineSeries, Polygon, SVGBackend,
    },
};

use super::{
    chart::{Chart, Line, Span},
    role::{Role, classed},
    shapes::{Corner, band_of, down_to, growth, path_of},
    value_axis::ValueAxis,
};

/// Width of a drawing in its own units; about ten per pixel, since plotters draws in whole units.
pub const WIDTH: u32 = 10_000;
/// Units per pixel of height.
pub const UNITS_PER_PIXEL: u32 = 10;

type Plane<'a, DB> = ChartContext<'a, DB, Cartesian2d<RangedCoordi64, RangedCoordf64>>;
type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Draws the marks of a chart over the whole of `area`, without margins and text.
///
/// # Errors
/// The backend's own.
pub fn draw_marks<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>, chart: &Chart, span: Span) -> Drawn<DB> {
    let axis = chart.axis();
    let (from, to) = (span.from.0, span.from.0 + span.length_ms());
    let mut plane = ChartBuilder::on(area).build_cartesian_2d(from..to, axis.low..axis.high)?;
    for tick in axis.ticks.iter().skip(1) {
        stroke(&mut plane, [(from, tick.value), (to, tick.value)], Role::Grid)?;
    }
    if let Some((upper, lower)) = chart.grows
        && let (Some(upper), Some(lower)) = (chart.lines.get(upper), chart.lines.get(lower))
    {
        for shape in growth(upper, lower, span) {
            fill(&mut plane, shape, Role::Grows)?;
        }
    }
    for line in &chart.lines {
        draw_line(&mut plane, chart, line, span, axis.low)?;
    }
    draw_base(&mut plane, &axis, from, to)
}

fn draw_base<DB: DrawingBackend>(
    plane: &mut Plane<'_, DB>,
    axis: &ValueAxis,
    from: i64,
    to: i64,
) -> Drawn<DB> {
    let role = if axis.cut { Role::CutAxis } else { Role::Axis };
    stroke(plane, [(from, axis.low), (to, axis.low)], role)
}

fn draw_line<DB: DrawingBackend>(
    plane: &mut Plane<'_, DB>,
    chart: &Chart,
    line: &Line,
    span: Span,
    base: f64,
) -> Drawn<DB> {
    for run in line.runs() {
        let path = path_of(run, line.shape, span);
        if line.area {
            fill(plane, down_to(&path, base), Role::Area(line.hue))?;
        }
        if chart.has_band(line) && run.iter().any(|s| s.min != s.max) {
            fill(plane, band_of(run, span), Role::Band(line.hue))?;
        }
        stroke(plane, path, Role::Line(line.hue, line.weight))?;
    }
    Ok(())
}

fn stroke<DB: DrawingBackend>(
    plane: &mut Plane<'_, DB>,
    path: impl IntoIterator<Item = Corner>,
    role: Role,
) -> Drawn<DB> {
    plane.draw_series(LineSeries::new(path, role.style()))?;
    Ok(())
}

fn fill<DB: DrawingBackend>(plane: &mut Plane<'_, DB>, shape: Vec<Corner>, role: Role) -> Drawn<DB> {
    plane.draw_series([Polygon::new(shape, role.sentinel().filled())])?;
    Ok(())
}

/// The marks of a chart as the content of an `<svg viewBox="0 0 10000 10H" preserveAspectRatio="none">`, with
/// classes instead of colours.
#[must_use]
pub fn svg_marks(chart: &Chart, span: Span) -> String {
    let mut drawing = String::new();
    // plotters draws onto the units from 0 to size − 1.
    let size = (WIDTH + 1, chart.height * UNITS_PER_PIXEL + 1);
    let area = SVGBackend::with_string(&mut drawing, size).into_drawing_area();
    // Writing to a string can't fail; a plot that could not be drawn is empty.
    let drawn = draw_marks(&area, chart, span).and_then(|()| area.present());
    drop(area);
    if drawn.is_err() {
        return String::new();
    }
    classed(content_of(&drawing))
}

/// The view box that [`svg_marks`] is drawn for.
#[must_use]
pub fn view_box(chart: &Chart) -> String {
    format!("0 0 {WIDTH} {}", chart.height * UNITS_PER_PIXEL)
}

/// What stands inside the outermost tag.
fn content_of(svg: &str) -> &str {
    let start = svg.find('>').map_or(0, |at| at + 1);
    let end = svg.rfind("</svg>").unwrap_or(svg.len());
    svg.get(start..end).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use weir_model::Timestamp;

    use super::{
        super::chart::{
            Shape, Weight,
            tests::{chart, line},
        },
        *,
    };

    fn span(buckets: i64) -> Span {
        Span { from: Timestamp(0), to: Timestamp(buckets * 10_000) }
    }

    fn lines_in(marks: &str) -> Vec<&str> {
        marks.lines().filter(|l| l.contains("class=\"l ")).collect()
    }

    #[test]
    fn given_a_gap_when_drawn_then_the_line_ends_and_begins_again() {
        let depth = line(&[Some(10.0), Some(20.0), None, Some(20.0), Some(20.0)]);
        let marks = svg_marks(&chart(vec![depth.filled()]), span(5));
        assert_eq!(
            lines_in(&marks),
            [
                r#"<polyline class="l s1" points="0,500 2000,500 4000,0"/>"#,
                r#"<polyline class="l s1" points="6000,0 8000,0 10000,0"/>"#,
            ]
        );
        assert_eq!(marks.matches("<polygon class=\"a s1\"").count(), 2);
    }

    #[test]
    fn given_a_lone_sample_when_drawn_then_it_is_as_wide_as_its_bucket() {
        let marks = svg_marks(&chart(vec![line(&[None, Some(4.0), None, None])]), span(4));
        assert_eq!(lines_in(&marks), [r#"<polyline class="l s1" points="2500,0 5000,0"/>"#]);
    }

    #[test]
    fn given_no_sample_at_all_when_drawn_then_there_is_grid_and_no_line() {
        let marks = svg_marks(&chart(vec![line(&[None, None])]), span(2));
        assert!(lines_in(&marks).is_empty());
        assert!(marks.contains("class=\"grid\"") && marks.contains("class=\"axis\""));
    }

    #[test]
    fn given_steps_when_drawn_then_the_line_jumps() {
        let consumers = line(&[Some(2.0), Some(1.0)]).shaped(Shape::Step);
        let marks = svg_marks(&chart(vec![consumers]), span(2));
        assert_eq!(lines_in(&marks), [r#"<polyline class="l s1" points="0,0 5000,0 5000,500 10000,500"/>"#]);
    }

    #[test]
    fn given_more_in_than_out_when_drawn_then_only_that_stretch_is_filled_up_to_the_crossing() {
        let arrivals = line(&[Some(4.0), Some(4.0), Some(0.0), Some(0.0)]);
        let departures = line(&[Some(2.0), Some(2.0), Some(2.0), Some(2.0)]);
        let mut flow = chart(vec![arrivals, departures]);
        flow.grows = Some((0, 1));
        let marks = svg_marks(&flow, span(4));
        let fills: Vec<&str> = marks.lines().filter(|l| l.contains("a grows")).collect();
        assert_eq!(
            fills,
            [r#"<polygon class="a grows" points="2500,0 5000,0 6250,500 6250,500 5000,500 2500,500"/>"#]
        );
    }

    #[test]
    fn given_a_drawing_when_written_then_no_colour_is_left_in_it() {
        let mut wide = line(&[Some(4.0), Some(5.0)]);
        for sample in &mut wide.samples {
            sample.min = Some(1.0);
        }
        let marks = svg_marks(&chart(vec![wide.filled().weighing(Weight::Heavy)]), span(2));
        assert!(!marks.contains('#') && !marks.contains("opacity"), "{marks}");
        assert!(marks.contains("class=\"a band s1\"") && marks.contains("class=\"l heavy s1\""), "{marks}");
    }
}
