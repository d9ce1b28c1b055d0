//! One crosshair over all charts of a stack.

use leptos::prelude::*;
use weir_model::Timestamp;

use super::chart::{Chart, Sample, Span};

/// The moment that the operator looks at, and the one that a selection reaches from; without the first, legends show
/// the last values.
#[derive(Clone, Copy)]
pub struct Crosshair {
    at: RwSignal<Option<Timestamp>>,
    held: RwSignal<Option<Timestamp>>,
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// It means nothing here.
    Nothing,
    Moved,
    /// The stretch is to be zoomed into.
    Zoom(Span),
}

impl Crosshair {
    /// A crosshair that points nowhere. Keep it outside of what is drawn anew, so that it outlives a refresh.
    #[must_use]
    pub fn new() -> Self {
        Self { at: RwSignal::new(None), held: RwSignal::new(None) }
    }

    /// The moment, tracked; `None` once it has left the span.
    #[must_use]
    pub fn at(self, span: Span) -> Option<Timestamp> {
        self.at.get().filter(|at| *at >= span.from && *at <= span.to)
    }

    /// The stretch that is selected, tracked.
    #[must_use]
    pub fn selection(self, span: Span) -> Option<Span> {
        let (at, held) = (self.at(span)?, self.held.get()?.max(span.from).min(span.to));
        (at != held).then(|| Span { from: at.min(held), to: at.max(held) })
    }

    /// The pointer moves over the charts, or has left them. A selection goes on outside.
    pub fn point(self, at: Option<Timestamp>) {
        if at.is_some() || self.held.get_untracked().is_none() {
            self.at.set(at);
        }
    }

    /// A selection begins.
    pub fn hold(self, at: Option<Timestamp>) {
        self.held.set(at);
        self.at.set(at);
    }

    /// A selection ends: what was selected.
    pub fn release(self, span: Span) -> Option<Span> {
        let selected = untrack(|| self.selection(span));
        self.held.set(None);
        selected
    }

    /// Answers a key: arrows go from sample to sample, Home and End jump; with Shift they select, and Enter takes the
    /// selection. Escape lets go, of the selection first.
    pub fn press(self, key: &str, shift: bool, moments: &[Timestamp], span: Span) -> Pressed {
        let at = self.at.get_untracked();
        match (key, self.held.get_untracked()) {
            ("Enter", Some(_)) => return self.release(span).map_or(Pressed::Moved, Pressed::Zoom),
            ("Escape", Some(_)) => self.held.set(None),
            (_, held) => {
                let Some(to) = moved(key, at, moments) else { return Pressed::Nothing };
                self.held.set(if shift { held.or(at).or(moments.last().copied()) } else { None });
                self.at.set(to);
            }
        }
        Pressed::Moved
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
    let lines = charts.iter().flat_map(|chart| &chart.lines).filter(|line| line.behind_ms == 0);
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
    fn given_shift_when_moved_then_a_stretch_is_selected_and_enter_takes_it() {
        let owner = Owner::new();
        owner.set();
        let moments = [Timestamp(10_000), Timestamp(20_000), Timestamp(25_000)];
        let crosshair = Crosshair::new();
        let press = |key, shift| crosshair.press(key, shift, &moments, SPAN);
        assert_eq!(press("Enter", false), Pressed::Nothing);
        assert_eq!(press("ArrowLeft", true), Pressed::Moved);
        assert_eq!(press("ArrowLeft", true), Pressed::Moved);
        assert_eq!(crosshair.selection(SPAN), Some(Span { from: Timestamp(20_000), to: Timestamp(25_000) }));
        assert_eq!(press("Home", true), Pressed::Moved);
        let selected = Span { from: Timestamp(10_000), to: Timestamp(25_000) };
        assert_eq!(press("Enter", false), Pressed::Zoom(selected));
        assert_eq!(crosshair.selection(SPAN), None);
        assert_eq!(press("ArrowRight", true), Pressed::Moved);
        assert_eq!(press("Escape", false), Pressed::Moved);
        assert_eq!((crosshair.selection(SPAN), crosshair.at(SPAN)), (None, Some(Timestamp(20_000))));
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
