//! Durations as the config writes them: `10s`, `5m`, `12h`, `7d`.

use std::time::Duration;

use super::error::Fault;

/// A whole number and its unit.
pub(super) fn parse(text: &str) -> Result<Duration, Fault> {
    let wrong = |problem: String| Fault::new(problem, "write a number and its unit: 10s, 5m, 12h or 7d");
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| wrong(format!("\"{text}\" is no duration")))?;
    let seconds = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "" => return Err(wrong(format!("\"{text}\" has no unit"))),
        unit => return Err(wrong(format!("\"{unit}\" is no unit of time"))),
    };
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(|| wrong(format!("\"{text}\" is too long")))
}

/// The way [`parse`] reads it back, in the largest unit that fits.
pub(crate) fn format(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (size, unit) = [(86_400, "d"), (3600, "h"), (60, "m")]
        .into_iter()
        .find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size))
        .unwrap_or((1, "s"));
    format!("{}{unit}", seconds / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_durations_when_read_and_written_then_they_are_the_same() {
        for text in ["10s", "5m", "12h", "7d", "90s", "0s"] {
            assert_eq!(parse(text).map(format).as_deref(), Ok(text));
        }
    }

    #[test]
    fn given_no_duration_when_read_then_the_way_out_is_told() {
        for text in ["10", "s", "", "1.5s", "10 s", "10w", "99999999999999999999d", "99999999999999999d"] {
            let fault = parse(text).map(|_| ()).map_err(|f| f.way_out);
            assert!(fault.is_err_and(|way_out| way_out.contains("10s")), "{text}");
        }
    }
}
