//! The axis of time: ticks at round times in UTC, the last moment at the right end.

use weir_model::Timestamp;

use super::chart::Span;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Distances between ticks.
const STEPS: [i64; 18] = [
    10 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    7 * DAY,
    30 * DAY,
];
/// Ticks in a span at most, the one at the end not counted.
const MOST_TICKS: i64 = 7;
/// No tick stands nearer to the end, in per cent, so that the last label has room.
const END_ROOM: f64 = 8.0;

/// A tick and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeTick {
    /// In per cent of the width.
    pub percent: f64,
    pub label: String,
}

/// The round times of a span.
#[must_use]
pub fn time_ticks(span: Span) -> Vec<TimeTick> {
    let step = step_of(span);
    let first = span.from.0.div_euclid(step) + i64::from(span.from.0.rem_euclid(step) > 0);
    (first..)
        .map(|n| Timestamp(n * step))
        .take_while(|at| *at <= span.to)
        .map(|at| TimeTick { percent: span.percent(at), label: label(at, step) })
        .filter(|tick| tick.percent <= 100.0 - END_ROOM)
        .collect()
}

/// The label at the right end: the last moment of the span.
#[must_use]
pub fn end_label(span: Span) -> String {
    label(span.to, if span.length_ms() > 2 * DAY { HOUR } else { MINUTE })
}

/// A moment under the crosshair, as exact as the span's buckets: `02:49:30`, `23 Nov 02:50`.
#[must_use]
pub fn moment_label(at: Timestamp, span: Span) -> String {
    let format = if span.length_ms() > 2 * DAY { "%-d %b %H:%M" } else { "%H:%M:%S" };
    formatted(at, format)
}

/// The day of a moment: `22 Nov`.
#[must_use]
pub fn day_label(at: Timestamp) -> String {
    formatted(at, "%-d %b")
}

fn step_of(span: Span) -> i64 {
    let length = span.length_ms();
    let fits = |step: &i64| length / step <= MOST_TICKS;
    STEPS.into_iter().find(fits).unwrap_or(length / MOST_TICKS)
}

fn label(at: Timestamp, step: i64) -> String {
    match step {
        DAY.. => formatted(at, "%-d %b"),
        MINUTE..DAY => formatted(at, "%H:%M"),
        _ => formatted(at, "%H:%M:%S"),
    }
}

fn formatted(at: Timestamp, format: &str) -> String {
    at.to_datetime().map_or_else(|| at.to_string(), |t| t.format(format).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(to: &str, length_ms: i64) -> Span {
        let to = Timestamp::parse(to).unwrap_or_default();
        Span { from: to.plus_ms(-length_ms), to }
    }

    fn labels(span: Span) -> Vec<String> {
        time_ticks(span).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn given_an_hour_when_ticked_then_ticks_are_round_and_leave_room_at_the_end() {
        let hour = span("2026-11-23T03:14:07Z", HOUR);
        assert_eq!(labels(hour), ["02:20", "02:30", "02:40", "02:50", "03:00"]);
        assert_eq!(end_label(hour), "03:14");
        assert_eq!(moment_label(hour.from, hour), "02:14:07");
    }

    #[test]
    fn given_every_range_of_the_page_when_ticked_then_there_are_three_to_seven_ticks() {
        for length in [15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, 7 * DAY, 30 * DAY] {
            let ticks = time_ticks(span("2026-11-23T03:14:07Z", length)).len();
            assert!((3..=7).contains(&ticks), "{length}: {ticks}");
        }
    }

    #[test]
    fn given_a_month_when_ticked_then_ticks_are_days() {
        let month = span("2026-11-23T03:14:07Z", 30 * DAY);
        assert!(labels(month).contains(&"13 Nov".to_owned()), "{:?}", labels(month));
        assert_eq!(moment_label(month.to, month), "23 Nov 03:14");
    }
}
