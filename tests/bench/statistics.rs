//! Of a handful of readings.

/// The value below which `share` of the readings lie (nearest rank); 0 of none.
pub(crate) fn quantile(readings: &[f64], share: f64) -> f64 {
    let mut sorted = readings.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// The reading in the middle.
pub(crate) fn median(readings: &[f64]) -> f64 {
    quantile(readings, 0.5)
}

/// The least and the greatest reading.
pub(crate) fn extremes(readings: &[f64]) -> (f64, f64) {
    (quantile(readings, 0.0), quantile(readings, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_readings_when_asked_for_quantiles_then_they_are_readings() {
        let readings: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!((median(&readings), quantile(&readings, 0.99)), (100.0, 198.0));
        assert_eq!(extremes(&readings), (1.0, 200.0));
    }
}
