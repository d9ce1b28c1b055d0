//! One crosshair over all charts of a stack.

use leptos::prelude::*;
use weir_model::Timestamp;

use super::chart::{Chart, Sample, Span};

/// The moment that the operator looks at; without one, legends show the last values.
#[derive(Clone, Copy)]
pub struct Crosshair(RwSignal<Option<Timestamp>>);

impl Crosshair {
    /// A crosshair that points nowhere. Keep it outside of what is drawn anew, so that it outlives a refresh.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// The moment, tracked; `None` once it has left the span.
    #[must_use]
    pub fn at(self, span: Span) -> Option<Timestamp> {
        self.0.get().filter(|at| *at >= span.from && *at <= span.to)
    }

    pub fn point(self, at: Option<Timestamp>) {
        self.0.set(at);
    }

    /// Answers a key: arrows go from sample to sample, Home and End jump, Escape lets go. `false` where the key
    /// means nothing here.
    pub fn press(self, key: &str, moments: &[Timestamp]) -> bool {
        match moved(key, self.0.get_untracked(), moments) {
            Some(at) => {
                self.0.set(at);
                true
            }
            None => false,
        }
    }
}

impl Default for Crosshair {
    fn default() -> Self {
        Self::new()
    }
}

/// Where a key leads; the outer `None` is a key without meaning.
fn moved(key: &str, now: Option<Timestamp>, moments: &[Timestamp]) -> Option<Option<Timestamp>> {
    let last = moments.len().checked_sub(1)?;
    // The first moment that is not before the present one.
    let here = now.map(|now| moments.partition_point(|at| *at < now).min(last));
    let index = match key {
        "ArrowLeft" => here.map_or(last, |n| n.saturating_sub(1)),
        "ArrowRight" => here.map_or(last, |n| (n + 1).min(last)),
        "PageUp" => here.map_or(last, |n| n.saturating_sub(10)),
        "PageDown" => here.map_or(last, |n| (n + 10).min(last)),
        "Home" => 0,
        "End" => last,
        "Escape" => return Some(None),
        _ => return None,
    };
    Some(moments.get(index).copied())
}

/// The moments a crosshair can be moved to: the ends of the finest buckets.
#[must_use]
pub fn moments(charts: &[Chart], span: Span) -> Vec<Timestamp> {
    let lines = charts.iter().flat_map(|chart| &chart.lines);
    let finest = lines.max_by_key(|line| line.samples.len());
    let ends = finest.into_iter().flat_map(|line| &line.samples).map(|s| s.to.min(span.to));
    ends.filter(|at| *at >= span.from).collect()
}

/// The samples of a chart's lines at a moment, or the last ones.
#[must_use]
pub fn values(chart: &Chart, at: Option<Timestamp>) -> Vec<Option<Sample>> {
    chart.lines.iter().map(|line| at.map_or_else(|| line.last(), |at| line.at(at)).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::chart::tests::{chart, line},
        *,
    };

    const SPAN: Span = Span { from: Timestamp(0), to: Timestamp(25_000) };

    #[test]
    fn given_keys_when_pressed_then_the_crosshair_goes_from_sample_to_sample() {
        let moments = moments(&[chart(vec![line(&[Some(1.0), None, Some(3.0)])])], SPAN);
        assert_eq!(moments, [Timestamp(10_000), Timestamp(20_000), Timestamp(25_000)]);
        let at = |n: usize| Some(Some(moments[n]));
        assert_eq!(moved("ArrowLeft", None, &moments), at(2));
        assert_eq!(moved("ArrowLeft", Some(moments[2]), &moments), at(1));
        assert_eq!(moved("ArrowLeft", Some(moments[0]), &moments), at(0));
        assert_eq!(moved("ArrowRight", Some(Timestamp(4_000)), &moments), at(1));
        assert_eq!(moved("Home", Some(moments[2]), &moments), at(0));
        assert_eq!(moved("Escape", Some(moments[2]), &moments), Some(None));
        assert_eq!(moved("x", Some(moments[2]), &moments), None);
        assert_eq!(moved("Home", None, &[]), None);
    }

    #[test]
    fn given_a_gap_when_pointed_at_then_there_is_no_value_and_without_a_pointer_the_last_known() {
        let chart = chart(vec![line(&[Some(1.0), None])]);
        let at = |moment| values(&chart, moment).first().copied().flatten().and_then(|s| s.value);
        assert_eq!(at(Some(Timestamp(15_000))), None);
        assert_eq!(at(Some(Timestamp(5_000))), Some(1.0));
        assert_eq!(at(None), Some(1.0));
    }
}
