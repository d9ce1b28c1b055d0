//! How figures read on the screen: pure text, the same on the server and in the browser.

use weir_model::Timestamp;

/// A whole number in full, with separators: `48,213`.
#[must_use]
pub fn exact(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        text.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count, exact below 10,000 and shortened above: `6,904`, `48.2k`, `9.8M`.
#[must_use]
pub fn count(n: i64) -> String {
    if n.unsigned_abs() < 10_000 {
        return exact(n);
    }
    const UNITS: [&str; 4] = ["k", "M", "G", "T"];
    let sign = if n < 0 { "−" } else { "" };
    let mut value = n.unsigned_abs() as f64;
    for (at, unit) in UNITS.iter().enumerate() {
        value /= 1000.0;
        let last = at + 1 == UNITS.len();
        if value < 99.95 {
            return format!("{sign}{value:.1}{unit}");
        }
        if value < 999.5 || last {
            return format!("{sign}{value:.0}{unit}");
        }
    }
    exact(n)
}

/// A rate without its unit: one decimal below 100, `<0.1` for what would read as nothing: `92.4`, `148`, `3,412`.
#[must_use]
pub fn rate(per_second: f64) -> String {
    let size = per_second.abs();
    let sign = if per_second < 0.0 { "−" } else { "" };
    if size == 0.0 {
        "0".to_owned()
    } else if size < 0.05 {
        format!("{}0.1", if per_second < 0.0 { ">−" } else { "<" })
    } else if size < 99.95 {
        format!("{sign}{size:.1}")
    } else {
        format!("{sign}{}", count(size.round() as i64))
    }
}

/// A span of time in at most two units: `25s`, `8m 42s`, `48m`, `2h 09m`, `3d 16h`. Minutes stand alone from 10 to 59.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 1.0 {
        return "<1s".to_owned();
    }
    let s = seconds.max(0.0).round() as u64;
    match s {
        0..60 => format!("{s}s"),
        60..600 => format!("{}m {:02}s", s / 60, s % 60),
        600..3_600 => format!("{}m", s / 60),
        3_600..86_400 => format!("{}h {:02}m", s / 3_600, s % 3_600 / 60),
        86_400..8_640_000 => format!("{}d {}h", s / 86_400, s % 86_400 / 3_600),
        _ => format!("{}d", exact((s / 86_400) as i64)),
    }
}

/// How long something took or how often it is done: `0.4 ms`, `48 ms`, `1.4 s`, `20 s`.
#[must_use]
pub fn span(seconds: f64) -> String {
    let ms = seconds * 1000.0;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if seconds < 9.95 && (seconds - seconds.round()).abs() > 0.049 {
        format!("{seconds:.1} s")
    } else if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

/// The age of a moment in one unit: `3 s`, `16 min`, `2 h`, `5 d`. The future reads as `0 s`.
#[must_use]
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let s = now.since_ms(at).max(0) / 1000;
    match s {
        0..60 => format!("{s} s"),
        60..7_200 => format!("{} min", s / 60),
        7_200..172_800 => format!("{} h", s / 3_600),
        _ => format!("{} d", s / 86_400),
    }
}

/// `03:14`, in UTC.
#[must_use]
pub fn clock_minutes(at: Timestamp) -> String {
    at.to_datetime().map_or_else(|| at.to_string(), |t| t.format("%H:%M").to_string())
}

/// `03:14:05`, in UTC.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    at.to_datetime().map_or_else(|| at.to_string(), |t| t.format("%H:%M:%S").to_string())
}

/// `2026-11-23 03:14:05 UTC`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.to_datetime().map_or_else(|| at.to_string(), |t| t.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// A size in bytes, in powers of 1,000: `66 B`, `96 kB`, `1.2 MB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    let mut value = n as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.5 {
            return if value < 9.95 && unit != "B" {
                format!("{value:.1} {unit}")
            } else {
                format!("{value:.0} {unit}")
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// A number with its noun in the right form: `1 queue`, `214 queues`.
#[must_use]
pub fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", exact(n), if n == 1 { one } else { many })
}

/// The share of the gauge that a count fills, in per cent: a log scale of seven decades, so that each segment is
/// ten times the one before.
#[must_use]
pub fn gauge_percent(n: i64) -> f64 {
    if n <= 0 { 0.0 } else { ((n as f64 + 1.0).log10() / 7.0 * 100.0).clamp(0.0, 100.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_counts_when_shortened_then_they_read_as_the_design_says() {
        for (n, text) in [
            (0, "0"),
            (6_904, "6,904"),
            (9_999, "9,999"),
            (10_000, "10.0k"),
            (48_213, "48.2k"),
            (99_949, "99.9k"),
            (99_950, "100k"),
            (181_000, "181k"),
            (999_499, "999k"),
            (999_500, "1.0M"),
            (9_820_000, "9.8M"),
            (48_200_000, "48.2M"),
            (-12_431, "−12.4k"),
            (i64::MAX, "9223372T"),
        ] {
            assert_eq!(count(n), text, "{n}");
        }
        assert_eq!(exact(-1_234_567), "−1,234,567");
        assert_eq!(exact(i64::MIN), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn given_rates_when_shown_then_a_small_one_is_not_nothing() {
        for (r, text) in [
            (0.0, "0"),
            (0.01, "<0.1"),
            (-0.01, ">−0.1"),
            (0.05, "0.1"),
            (92.4, "92.4"),
            (99.96, "100"),
            (148.2, "148"),
            (3_412.0, "3,412"),
            (12_400.0, "12.4k"),
            (-19.6, "−19.6"),
        ] {
            assert_eq!(rate(r), text, "{r}");
        }
    }

    #[test]
    fn given_durations_when_shown_then_they_have_two_units_at_most() {
        for (s, text) in [
            (0.0, "0s"),
            (0.4, "<1s"),
            (25.0, "25s"),
            (59.6, "1m 00s"),
            (522.0, "8m 42s"),
            (2_850.0, "47m"),
            (7_766.0, "2h 09m"),
            (316_800.0, "3d 16h"),
            (1e9, "11,574d"),
        ] {
            assert_eq!(duration(s), text, "{s}");
        }
    }

    #[test]
    fn given_moments_when_their_age_is_told_then_it_never_lies_in_the_future() {
        let now = Timestamp(1_000_000_000);
        assert_eq!(age(now.plus_ms(-3_400), now), "3 s");
        assert_eq!(age(now.plus_ms(-16 * 60_000), now), "16 min");
        assert_eq!(age(now.plus_ms(-7_200_000), now), "2 h");
        assert_eq!(age(now.plus_ms(5_000), now), "0 s");
    }

    #[test]
    fn given_costs_and_sizes_when_shown_then_the_unit_fits() {
        assert_eq!(span(0.0004), "0.4 ms");
        assert_eq!(span(0.048), "48 ms");
        assert_eq!(span(1.4), "1.4 s");
        assert_eq!(span(5.0), "5 s");
        assert_eq!(span(20.0), "20 s");
        assert_eq!(span(300.0), "5 min");
        assert_eq!(bytes(66), "66 B");
        assert_eq!(bytes(96_300), "96 kB");
        assert_eq!(bytes(1_240_000), "1.2 MB");
    }

    #[test]
    fn given_ten_times_as_much_when_drawn_then_the_gauge_is_one_segment_longer() {
        let segment = gauge_percent(99_999) - gauge_percent(9_999);
        assert!((segment - 100.0 / 7.0).abs() < 1e-9);
        assert_eq!(gauge_percent(0), 0.0);
        assert_eq!(gauge_percent(i64::MAX), 100.0);
    }
}
