//! What a chart shows.

use weir_model::{Point, Series, Timestamp};

use super::value_axis::ValueAxis;
use crate::ui::{format, visible};

/// The stretch of time under all charts of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Span {
    /// Its length, at least a millisecond.
    #[must_use]
    pub fn length_ms(self) -> i64 {
        self.to.since_ms(self.from).max(1)
    }

    /// Where a moment stands, in per cent of the width; moments outside stand at the edge.
    #[must_use]
    pub fn percent(self, at: Timestamp) -> f64 {
        (at.since_ms(self.from) as f64 / self.length_ms() as f64 * 100.0).clamp(0.0, 100.0)
    }

    /// The moment at a part of the width, 0 to 1.
    #[must_use]
    pub fn at(self, part: f64) -> Timestamp {
        self.from.plus_ms((part.clamp(0.0, 1.0) * self.length_ms() as f64).round() as i64)
    }

    /// The same stretch, so much later.
    #[must_use]
    pub fn moved(self, by_ms: i64) -> Self {
        Self { from: self.from.plus_ms(by_ms), to: self.to.plus_ms(by_ms) }
    }

    /// How many buckets of a width cover it, wherever they begin.
    #[must_use]
    pub fn buckets_of(self, seconds: f64) -> u32 {
        (self.length_ms() as f64 / 1000.0 / seconds).ceil() as u32 + 1
    }
}

/// What the values of a chart are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whole things: messages, consumers.
    Count(&'static str),
    /// Messages per second.
    Rate,
    /// Commands per second.
    Commands,
    Seconds,
}

impl Unit {
    /// The unit that a series names; a count of things where it names none that is known here.
    #[must_use]
    pub fn of(series: &Series) -> Self {
        match series.unit.as_str() {
            "messages/s" => Self::Rate,
            "commands/s" => Self::Commands,
            "seconds" => Self::Seconds,
            "consumers" => Self::Count("consumers"),
            _ => Self::Count("messages"),
        }
    }

    /// Its name at a value in full: `messages`, `messages/s`, `seconds`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Count(noun) => noun,
            Self::Rate => "messages/s",
            Self::Commands => "commands/s",
            Self::Seconds => "seconds",
        }
    }

    /// A value in full, for legends: `22,216`, `91.8`, `3m 55s`.
    #[must_use]
    pub fn exact(self, value: f64) -> String {
        match self {
            Self::Count(_) => format::exact(value.round() as i64),
            Self::Rate | Self::Commands => format::rate(value),
            Self::Seconds => format::duration(value),
        }
    }

    /// A value with its unit, for sentences: `22,216 messages`, `91.8 a second`, `3m 55s`.
    #[must_use]
    pub fn spoken(self, value: f64) -> String {
        match self {
            Self::Count(noun) => format!("{} {noun}", self.exact(value)),
            Self::Rate | Self::Commands => format!("{} a second", self.exact(value)),
            Self::Seconds => self.exact(value),
        }
    }
}

/// The colour of a line, by its place in the order of series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hue {
    S1,
    S2,
    S3,
    S4,
    S5,
    /// Context: what is merely kept, another day.
    Past,
}

impl Hue {
    /// The colours in the order they are given out.
    pub const ORDER: [Self; 5] = [Self::S1, Self::S2, Self::S3, Self::S4, Self::S5];

    /// The colour of the `n`th line; from the sixth on lines are context.
    #[must_use]
    pub fn nth(n: usize) -> Self {
        Self::ORDER.get(n).copied().unwrap_or(Self::Past)
    }

    /// The class in the style sheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::S1 => "s1",
            Self::S2 => "s2",
            Self::S3 => "s3",
            Self::S4 => "s4",
            Self::S5 => "s5",
            Self::Past => "past",
        }
    }

    /// The token in the style sheet.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::S1 => "var(--series-1)",
            Self::S2 => "var(--series-2)",
            Self::S3 => "var(--series-3)",
            Self::S4 => "var(--series-4)",
            Self::S5 => "var(--series-5)",
            Self::Past => "var(--series-past)",
        }
    }
}

/// How strongly a line stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The line that the page is about.
    Heavy,
    Normal,
    /// Context.
    Thin,
    /// What was then: dashed.
    Earlier,
}

/// How a line goes from sample to sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Straight,
    /// It jumps: for what is only ever a whole number of few.
    Step,
}

/// One bucket of a line. A gap has no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub from: Timestamp,
    pub to: Timestamp,
    pub value: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
}

/// One figure over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub name: String,
    pub hue: Hue,
    pub weight: Weight,
    pub shape: Shape,
    /// Filled down to the base.
    pub area: bool,
    /// How long before the time of the axis the samples were taken, in milliseconds; 0 for what is shown by itself.
    pub behind_ms: i64,
    pub samples: Vec<Sample>,
}

impl Line {
    /// The line of a series: rates show the average of a bucket, all else what was true at its end.
    #[must_use]
    pub fn of(series: &Series, name: impl Into<String>, hue: Hue) -> Self {
        let name: String = name.into();
        let step_ms = (series.step_seconds * 1000.0).max(1.0) as i64;
        let is_rate = matches!(Unit::of(series), Unit::Rate | Unit::Commands);
        let sample = |point: &Point| Sample {
            from: point.t,
            to: point.t.plus_ms(step_ms),
            value: if is_rate { point.avg } else { point.last },
            min: point.min,
            max: point.max,
        };
        Self {
            // Groups and brokers name their lines.
            name: visible(&name),
            hue,
            weight: Weight::Normal,
            shape: Shape::Straight,
            area: false,
            behind_ms: 0,
            samples: series.points.iter().map(sample).collect(),
        }
    }

    #[must_use]
    pub fn weighing(mut self, weight: Weight) -> Self {
        self.weight = weight;
        self
    }

    #[must_use]
    pub fn shaped(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    #[must_use]
    pub fn filled(mut self) -> Self {
        self.area = true;
        self
    }

    /// The same line moved along the axis to a later stretch that it is held against, under another name.
    #[must_use]
    pub fn moved(mut self, behind_ms: i64, name: String, hue: Hue) -> Self {
        for sample in &mut self.samples {
            sample.from = sample.from.plus_ms(behind_ms);
            sample.to = sample.to.plus_ms(behind_ms);
        }
        Self { behind_ms, name, hue, weight: Weight::Earlier, area: false, ..self }
    }

    /// The day a moment of the axis was for this line, where that is another one: `22 Nov`.
    #[must_use]
    pub fn day_at(&self, moment: Timestamp) -> Option<String> {
        (self.behind_ms > 0).then(|| super::time_axis::day_label(moment.plus_ms(-self.behind_ms)))
    }

    /// The bucket that holds a moment.
    #[must_use]
    pub fn at(&self, moment: Timestamp) -> Option<&Sample> {
        let next = self.samples.partition_point(|s| s.from <= moment);
        let sample = self.samples.get(next.checked_sub(1)?)?;
        (moment <= sample.to).then_some(sample)
    }

    /// The last bucket with a value.
    #[must_use]
    pub fn last(&self) -> Option<&Sample> {
        self.samples.iter().rev().find(|s| s.value.is_some())
    }

    /// The unbroken stretches, each with at least one sample.
    #[must_use]
    pub fn runs(&self) -> Vec<&[Sample]> {
        self.samples.split(|s| s.value.is_none()).filter(|run| !run.is_empty()).collect()
    }
}

/// One plot of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Its `data-testid`.
    pub id: &'static str,
    pub title: String,
    /// Said behind the unit: "estimate".
    pub note: Option<String>,
    pub unit: Unit,
    /// Of the plot, in pixels.
    pub height: u32,
    pub lines: Vec<Line>,
    /// Fill between these two lines where the first is above the second: what comes in and what goes out.
    pub grows: Option<(usize, usize)>,
}

impl Chart {
    /// Its name in addresses and files: `depth`.
    #[must_use]
    pub fn panel(&self) -> &'static str {
        self.id.trim_start_matches("chart-")
    }

    /// Its axis, from the greatest and the smallest value that is drawn.
    #[must_use]
    pub fn axis(&self) -> ValueAxis {
        let values = || self.lines.iter().flat_map(|line| &line.samples).filter_map(|s| s.value);
        let bands = self.lines.iter().filter(|line| self.has_band(line));
        let tops = bands.flat_map(|line| &line.samples).filter_map(|s| s.max);
        let high = values().chain(tops).fold(0.0_f64, f64::max);
        let low = values().fold(f64::INFINITY, f64::min);
        ValueAxis::new(self.unit, low.min(high), high)
    }

    /// True where the range between smallest and greatest of each bucket is drawn: a single line, filled to the
    /// base, where the range says more than clutter.
    #[must_use]
    pub fn has_band(&self, line: &Line) -> bool {
        line.area && self.lines.iter().filter(|l| l.area).count() == 1 && self.unit != Unit::Rate
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A line with a bucket every ten seconds.
    pub(crate) fn line(values: &[Option<f64>]) -> Line {
        let sample = |(n, value): (usize, &Option<f64>)| Sample {
            from: Timestamp(n as i64 * 10_000),
            to: Timestamp((n as i64 + 1) * 10_000),
            value: *value,
            min: *value,
            max: *value,
        };
        Line {
            name: "depth".to_owned(),
            hue: Hue::S1,
            weight: Weight::Normal,
            shape: Shape::Straight,
            area: false,
            behind_ms: 0,
            samples: values.iter().enumerate().map(sample).collect(),
        }
    }

    /// A chart of counts, 100 px high.
    pub(crate) fn chart(lines: Vec<Line>) -> Chart {
        Chart {
            id: "chart-depth",
            title: "Depth".to_owned(),
            note: None,
            unit: Unit::Count("messages"),
            height: 100,
            lines,
            grows: None,
        }
    }

    #[test]
    fn given_a_moment_when_looked_up_then_its_bucket_is_found_and_none_outside() {
        let line = line(&[Some(1.0), None, Some(3.0)]);
        assert_eq!(line.at(Timestamp(5_000)).and_then(|s| s.value), Some(1.0));
        assert_eq!(line.at(Timestamp(15_000)).map(|s| s.value), Some(None));
        assert_eq!(line.at(Timestamp(30_000)).and_then(|s| s.value), Some(3.0));
        assert!(line.at(Timestamp(31_000)).is_none());
        assert!(line.at(Timestamp(-1)).is_none());
    }

    #[test]
    fn given_gaps_when_split_then_each_run_is_unbroken() {
        let line = line(&[None, Some(1.0), Some(2.0), None, None, Some(3.0)]);
        assert_eq!(line.runs().iter().map(|run| run.len()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn given_a_name_that_turns_its_letters_round_when_drawn_then_the_override_is_written_out() {
        let series = Series {
            metric: weir_model::SeriesMetric::Lag,
            unit: "messages".to_owned(),
            step_seconds: 1.0,
            group: None,
            partition: None,
            points: Vec::new(),
        };
        assert_eq!(Line::of(&series, "a\u{202e}b", Hue::S1).name, "a\\u{202e}b");
    }

    #[test]
    fn given_a_span_when_placing_moments_then_those_outside_stand_at_the_edge() {
        let span = Span { from: Timestamp(0), to: Timestamp(1_000) };
        assert_eq!(span.percent(Timestamp(250)), 25.0);
        assert_eq!(span.percent(Timestamp(-5)), 0.0);
        assert_eq!(span.percent(Timestamp(2_000)), 100.0);
        assert_eq!(span.at(0.5), Timestamp(500));
    }
}
