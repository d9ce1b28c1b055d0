//! What a chart is called as a file, and where the server has it.

use weir_model::Timestamp;

use super::chart::Span;

/// Letters of a queue's name in a file's name at most.
const LONGEST: usize = 80;

/// A chart that can be downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// "Depth".
    pub title: String,
    /// `/api/v1/brokers/orders/queues/~2f:invoices/panels/depth`: without ending.
    pub path: String,
    /// The name without ending.
    pub name: String,
}

/// The name of a chart as a file, without ending, of letters that any file system takes:
/// `invoices-depth-20261123T021405Z-20261123T031405Z`.
#[must_use]
pub fn file_name(of: &str, panel: &str, span: Span) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') { letter } else { '_' }
    };
    let of: String = of.chars().map(plain).take(LONGEST).collect();
    let of = of.trim_matches(['.', '-', '_']);
    let of = if of.is_empty() { "weir" } else { of };
    format!("{of}-{panel}-{}-{}", compact(span.from), compact(span.to))
}

/// A moment in the name of a file: `20261123T021405Z`.
#[must_use]
pub fn compact(at: Timestamp) -> String {
    at.to_datetime().map_or_else(|| at.0.to_string(), |t| t.format("%Y%m%dT%H%M%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_odd_names_when_made_a_file_then_its_name_is_plain() {
        let span = Span { from: Timestamp(0), to: Timestamp(60_000) };
        assert_eq!(file_name("../a b\"", "depth", span), "a_b-depth-19700101T000000Z-19700101T000100Z");
        assert!(file_name("\u{202e}", "flow", span).starts_with("weir-flow-"));
        assert!(file_name(&"x".repeat(300), "flow", span).len() < 130);
    }
}
