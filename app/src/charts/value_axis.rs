//! The axis of values: three to five ticks at round values.

use super::chart::Unit;

/// Steps of a decade.
const DECIMAL: [f64; 4] = [1.0, 2.0, 5.0, 10.0];
/// Steps of minutes and seconds, then decimal again.
const SEXAGESIMAL: [f64; 7] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0];
/// Steps that a plot is divided into at most; one more tick than that.
const MOST_STEPS: f64 = 4.0;
/// A rate whose smallest value is above this part of its greatest does not start at zero.
const CUT_ABOVE: f64 = 0.5;

/// A tick and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub value: f64,
    pub label: String,
}

/// Where values stand in a plot.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueAxis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<Tick>,
    /// It does not start at zero: the base line is dotted.
    pub cut: bool,
    /// The unit of the labels: `messages`, `messages/s`, `minutes`.
    pub unit: &'static str,
}

impl ValueAxis {
    /// An axis on which everything from `low` to `high` has room. Only rates may start above zero.
    #[must_use]
    pub fn new(unit: Unit, low: f64, high: f64) -> Self {
        let (scale, name) = scale_of(unit, high);
        let (low, high) = (low.max(0.0) / scale, high.max(0.0) / scale);
        let cut = unit == Unit::Rate && high > 0.0 && low > CUT_ABOVE * high;
        let base = if cut { low } else { 0.0 };
        let step = step_of(unit, scale, high - base, high);
        let bottom = (base / step).floor() * step;
        let steps = ((high - bottom) / step - 1e-9).ceil().max(2.0);
        let tick = |n: u32| {
            let value = bottom + f64::from(n) * step;
            Tick { value: value * scale, label: label(value) }
        };
        Self {
            low: bottom * scale,
            high: (bottom + steps * step) * scale,
            ticks: (0..=steps as u32).map(tick).collect(),
            cut: cut && bottom > 0.0,
            unit: name,
        }
    }

    /// Where a value stands, in per cent from the top.
    #[must_use]
    pub fn percent(&self, value: f64) -> f64 {
        ((self.high - value) / (self.high - self.low) * 100.0).clamp(0.0, 100.0)
    }
}

/// Seconds are shown in the unit that keeps labels short.
fn scale_of(unit: Unit, high: f64) -> (f64, &'static str) {
    match unit {
        Unit::Count(noun) => (1.0, noun),
        Unit::Rate => (1.0, "messages/s"),
        Unit::Commands => (1.0, "commands/s"),
        Unit::Seconds if high <= 120.0 => (1.0, "seconds"),
        Unit::Seconds if high <= 7_200.0 => (60.0, "minutes"),
        Unit::Seconds if high <= 172_800.0 => (3_600.0, "hours"),
        Unit::Seconds => (86_400.0, "days"),
    }
}

/// The smallest round step that divides the range into at most [`MOST_STEPS`].
fn step_of(unit: Unit, scale: f64, range: f64, high: f64) -> f64 {
    let least = match unit {
        Unit::Count(_) => 1.0,
        Unit::Rate | Unit::Commands => 0.1,
        Unit::Seconds => 1.0,
    };
    // A flat line far above zero still gets ticks that differ.
    let wanted = (range.max(high * 0.02) / MOST_STEPS).max(least);
    if unit == Unit::Seconds && scale < 3_600.0 && wanted <= 60.0 {
        return SEXAGESIMAL.into_iter().find(|s| *s >= wanted).unwrap_or(60.0);
    }
    let decade = 10_f64.powf(wanted.log10().floor());
    let found = DECIMAL.into_iter().map(|s| s * decade).find(|s| *s >= wanted * (1.0 - 1e-9));
    found.unwrap_or(10.0 * decade)
}

/// A round value, short: `0`, `0.5`, `400`, `20k`, `1.5M`.
fn label(value: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (scaled, unit) = UNITS
        .into_iter()
        .find(|(size, _)| value >= *size * (1.0 - 1e-9))
        .map_or((value, ""), |(size, unit)| (value / size, unit));
    let text = format!("{scaled:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{}{unit}", if text.is_empty() { "0" } else { text })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(unit: Unit, low: f64, high: f64) -> Vec<String> {
        ValueAxis::new(unit, low, high).ticks.into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn given_counts_when_ticked_then_ticks_are_round_and_start_at_zero() {
        assert_eq!(labels(Unit::Count("messages"), 140.0, 48_213.0), ["0", "20k", "40k", "60k"]);
        assert_eq!(labels(Unit::Count("messages"), 0.0, 0.0), ["0", "1", "2"]);
        assert_eq!(labels(Unit::Count("consumers"), 2.0, 6.0), ["0", "2", "4", "6"]);
        assert_eq!(labels(Unit::Count("messages"), 0.0, 1_400_000.0), ["0", "500k", "1M", "1.5M"]);
    }

    #[test]
    fn given_steady_rates_when_ticked_then_the_axis_is_cut_and_says_so() {
        let axis = ValueAxis::new(Unit::Rate, 72.0, 96.0);
        assert!(axis.cut);
        assert_eq!(labels(Unit::Rate, 72.0, 96.0), ["70", "80", "90", "100"]);
        assert!(!ValueAxis::new(Unit::Rate, 0.0, 96.0).cut);
        assert_eq!(labels(Unit::Rate, 0.0, 0.3), ["0", "0.1", "0.2", "0.3"]);
    }

    #[test]
    fn given_durations_when_ticked_then_the_unit_keeps_labels_short() {
        let axis = ValueAxis::new(Unit::Seconds, 0.0, 522.0);
        assert_eq!(axis.unit, "minutes");
        assert_eq!(labels(Unit::Seconds, 0.0, 522.0), ["0", "5", "10"]);
        assert_eq!(axis.high, 600.0);
        assert_eq!(labels(Unit::Seconds, 0.0, 55.0), ["0", "15", "30", "45", "60"]);
        assert_eq!(ValueAxis::new(Unit::Seconds, 0.0, 400_000.0).unit, "days");
    }

    proptest! {
        #[test]
        fn given_any_range_when_ticked_then_three_to_six_ticks_hold_it(low in 0.0..1e12_f64, more in 0.0..1e12_f64, unit in 0..3) {
            let unit = [Unit::Count("messages"), Unit::Rate, Unit::Seconds][unit as usize];
            let axis = ValueAxis::new(unit, low, low + more);
            prop_assert!((3..=6).contains(&axis.ticks.len()), "{:?}", axis);
            prop_assert!(axis.low <= low + 1e-6 && axis.high >= (low + more) * (1.0 - 1e-6), "{:?}", axis);
            prop_assert!((0.0..=100.0).contains(&axis.percent(low)));
        }
    }
}
