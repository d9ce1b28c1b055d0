//! Numbers and durations as the filter language writes them: `10k`, `2M`, `5m`, `1h30m`.

/// A count: digits with an optional fraction and `k`, `M` or `G`.
pub(super) fn number(text: &str) -> Option<f64> {
    let (digits, scale) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 1e3),
        (at, 'M' | 'm') => (&text[..at], 1e6),
        (at, 'G' | 'g') => (&text[..at], 1e9),
        _ => (text, 1.0),
    };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    plain.then(|| digits.parse::<f64>().ok())?.map(|n| n * scale)
}

/// Seconds: parts of digits with `s`, `m`, `h` or `d`, largest first or not; plain digits are seconds.
pub(super) fn duration(text: &str) -> Option<f64> {
    let (mut seconds, mut digits) = (0.0, String::new());
    for c in text.chars() {
        let unit = match c {
            '0'..='9' | '.' => {
                digits.push(c);
                continue;
            }
            's' => 1.0,
            'm' => 60.0,
            'h' => 3600.0,
            'd' => 86_400.0,
            _ => return None,
        };
        seconds += std::mem::take(&mut digits).parse::<f64>().ok()? * unit;
    }
    if digits.is_empty() && !text.is_empty() {
        return Some(seconds);
    }
    Some(seconds + digits.parse::<f64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_short_numbers_when_read_then_they_are_exact() {
        assert_eq!(
            [number("10k"), number("1.5M"), number("7")],
            [Some(10_000.0), Some(1_500_000.0), Some(7.0)]
        );
        assert_eq!([number("k"), number("ten"), number("")], [None, None, None]);
    }

    #[test]
    fn given_durations_when_read_then_they_are_seconds() {
        assert_eq!(
            [duration("5m"), duration("1h30m"), duration("90")],
            [Some(300.0), Some(5400.0), Some(90.0)]
        );
        assert_eq!([duration("m"), duration("5x"), duration("")], [None, None, None]);
    }
}
