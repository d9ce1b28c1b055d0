//! The last hour in a line: scaled from zero, the last sample dotted, a gap where nothing was observed.

use std::fmt::Write as _;

use leptos::prelude::*;

/// Samples of an hour.
const MINUTES: usize = 60;

/// The room a line is drawn in.
#[derive(Clone, Copy)]
struct Room {
    width: f64,
    height: f64,
    margin: f64,
}

/// A line of a table row.
#[must_use]
pub fn sparkline(values: &[Option<f64>], width: u32, height: u32) -> AnyView {
    let room = Room { width: f64::from(width), height: f64::from(height), margin: 3.0 };
    let Some(drawing) = draw(values, room) else {
        let style = format!("--w:{width}px");
        return view! { <span class="spark gap" style=style></span> }.into_any();
    };
    let dot = drawing.last.map(|(x, y)| {
        view! { <circle class="sd" cx=format!("{x:.1}") cy=format!("{y:.1}") r="1.8"></circle> }
    });
    let gap = drawing.gap_from.map(|x| {
        view! { <path class="sg" d=format!("M{x:.1} {:.1}H{:.1}", room.height - 2.0, room.width - 1.0)></path> }
    });
    view! {
        <svg class="spark" width=width height=height viewBox=format!("0 0 {width} {height}") aria-hidden="true">
            <path class="sa" d=drawing.area></path>
            <path class="sl" d=drawing.line></path>
            {gap}
            {dot}
        </svg>
    }
    .into_any()
}

/// The wide line at the foot of a broker's card.
#[must_use]
pub fn card_sparkline(values: &[Option<f64>]) -> AnyView {
    let room = Room { width: 1000.0, height: 34.0, margin: 4.0 };
    let drawing = draw(values, room);
    let gap = match &drawing {
        None => Some(0.0),
        Some(drawing) => drawing.gap_from,
    };
    let gap = gap.map(|x| view! { <path class="sg" d=format!("M{x:.1} 33H1000")></path> });
    let marks =
        drawing.map(|d| view! { <path class="a s1" d=d.area></path><path class="l s1" d=d.line></path> });
    view! {
        <svg class="cardspark plot-svg" viewBox="0 0 1000 34" preserveAspectRatio="none" aria-hidden="true">
            {marks}
            {gap}
        </svg>
    }
    .into_any()
}

/// Paths of a line with gaps.
struct Drawing {
    line: String,
    area: String,
    /// The last sample, if it is the present one.
    last: Option<(f64, f64)>,
    /// Where the line ends before the right edge.
    gap_from: Option<f64>,
}

/// An hour is as wide as the room, also where less of it is known: the line ends at the right edge.
fn draw(values: &[Option<f64>], room: Room) -> Option<Drawing> {
    let top = values.iter().flatten().copied().fold(0.0_f64, f64::max);
    let last_known = values.iter().rposition(Option::is_some)?;
    let step = (room.width - if room.margin > 3.5 { 0.0 } else { 2.0 * room.margin })
        / (values.len().max(MINUTES) - 1) as f64;
    let before = MINUTES.saturating_sub(values.len());
    let left = if room.margin > 3.5 { 0.0 } else { 1.0 } + before as f64 * step;
    let floor = room.height - 1.0;
    let x = |at: usize| left + at as f64 * step;
    let y = |v: f64| if top > 0.0 { floor - v / top * (floor - room.margin) } else { floor };

    let (mut line, mut area) = (String::new(), String::new());
    for run in runs(values) {
        let points = run.clone().filter_map(|at| values[at].map(|v| (x(at), y(v))));
        let mut path = String::new();
        for (n, (px, py)) in points.enumerate() {
            let _ = write!(path, "{}{px:.1} {py:.1}", if n == 0 { 'M' } else { 'L' });
        }
        let _ = write!(area, "{path}L{:.1} {floor:.1}L{:.1} {floor:.1}Z", x(run.end - 1), x(run.start));
        line.push_str(&path);
    }
    let ends_now = last_known + 1 == values.len();
    let last = values[last_known].map(|v| (x(last_known), y(v))).filter(|_| ends_now);
    Some(Drawing { line, area, last, gap_from: (!ends_now).then(|| x(last_known)) })
}

/// The unbroken spans of samples.
fn runs(values: &[Option<f64>]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (at, value) in values.iter().enumerate() {
        match (value, start) {
            (Some(_), None) => start = Some(at),
            (None, Some(from)) => {
                runs.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        runs.push(from..values.len());
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_samples_with_a_hole_when_drawn_then_no_line_crosses_it() {
        let values = [Some(1.0), Some(2.0), None, Some(2.0), Some(1.0)];
        assert_eq!(runs(&values), vec![0..2, 3..5]);
        let room = Room { width: 80.0, height: 20.0, margin: 3.0 };
        let drawing = draw(&values, room).map(|d| d.line.matches('M').count());
        assert_eq!(drawing, Some(2));
    }

    #[test]
    fn given_no_recent_sample_when_drawn_then_the_line_ends_before_the_edge() {
        let room = Room { width: 80.0, height: 20.0, margin: 3.0 };
        let drawing = draw(&[Some(1.0), Some(2.0), None], room);
        assert!(drawing.is_some_and(|d| d.last.is_none() && d.gap_from.is_some()));
        assert!(draw(&[None, None], room).is_none());
    }

    #[test]
    fn given_only_zeros_when_drawn_then_the_line_lies_on_the_floor() {
        let room = Room { width: 80.0, height: 20.0, margin: 3.0 };
        assert!(draw(&[Some(0.0), Some(0.0)], room).is_some_and(|d| d.line.contains("19.0")));
    }
}
