//! Paths and shapes of lines, in milliseconds and values.

use super::chart::{Line, Sample, Shape, Span};

/// A moment and a value.
pub(super) type Corner = (i64, f64);
/// A moment and the values of two lines.
type Pair = (i64, f64, f64);

/// The corners of a run: a sample stands at the end of its bucket, and the first one reaches back to the start of
/// its own, so that a run of one sample is a line too.
pub(super) fn path_of(run: &[Sample], shape: Shape, span: Span) -> Vec<Corner> {
    let mut path: Vec<Corner> = Vec::with_capacity(run.len() * 2);
    for sample in run {
        let Some(value) = sample.value else { continue };
        let (from, to) = (clamped(sample.from.0, span), clamped(sample.to.0, span));
        if path.is_empty() || shape == Shape::Step {
            path.push((from, value));
        }
        path.push((to, value));
    }
    path
}

fn clamped(at: i64, span: Span) -> i64 {
    at.clamp(span.from.0, span.to.0)
}

/// A path closed along the base.
pub(super) fn down_to(path: &[Corner], base: f64) -> Vec<Corner> {
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return Vec::new() };
    let mut shape = vec![(first.0, base)];
    shape.extend(path);
    shape.push((last.0, base));
    shape
}

/// Along the greatest values and back along the smallest.
pub(super) fn band_of(run: &[Sample], span: Span) -> Vec<Corner> {
    let edge = |value: fn(&Sample) -> Option<f64>| {
        run.iter().filter_map(move |s| value(s).map(|v| (clamped(s.to.0, span), v)))
    };
    let mut shape: Vec<Corner> = edge(|s| s.max).collect();
    shape.extend(edge(|s| s.min).rev());
    shape
}

/// The shapes between two lines where `upper` is above `lower`; where they cross, the shape ends on the crossing.
pub(super) fn growth(upper: &Line, lower: &Line, span: Span) -> Vec<Vec<Corner>> {
    let pair = |sample: &Sample| {
        let middle = sample.from.plus_ms(sample.to.since_ms(sample.from) / 2);
        Some((clamped(sample.to.0, span), sample.value?, lower.at(middle)?.value?))
    };
    let pairs: Vec<Option<Pair>> = upper.samples.iter().map(pair).collect();
    pairs.split(Option::is_none).flat_map(|run| between(run.iter().flatten().copied())).collect()
}

/// The shapes of one unbroken run of (time, upper, lower).
fn between(run: impl Iterator<Item = Pair>) -> Vec<Vec<Corner>> {
    let mut shapes = Vec::new();
    let mut open: Vec<Pair> = Vec::new();
    let mut before: Option<Pair> = None;
    for (at, up, low) in run {
        let crossing = before.and_then(|before| crossing(before, (at, up, low)));
        if let Some((x, y)) = crossing {
            open.push((x, y, y));
        }
        if up > low {
            open.push((at, up, low));
        } else {
            shapes.extend(closed(&mut open));
        }
        before = Some((at, up, low));
    }
    shapes.extend(closed(&mut open));
    shapes
}

/// Where two lines cross between two moments; `None` where they do not.
fn crossing(a: Pair, b: Pair) -> Option<Corner> {
    let (before, after) = (a.1 - a.2, b.1 - b.2);
    if before * after >= 0.0 {
        return None;
    }
    let part = before / (before - after);
    let x = a.0 + ((b.0 - a.0) as f64 * part).round() as i64;
    Some((x, a.1 + (b.1 - a.1) * part))
}

/// Along the upper line and back along the lower. Less than two corners are no shape.
fn closed(open: &mut Vec<Pair>) -> Option<Vec<Corner>> {
    let corners = std::mem::take(open);
    if corners.len() < 2 {
        return None;
    }
    let upper = corners.iter().map(|(x, up, _)| (*x, *up));
    let lower = corners.iter().rev().map(|(x, _, low)| (*x, *low));
    Some(upper.chain(lower).collect())
}
