//! What a chart shows, in words: the text of the image for who can't see it.

use super::{
    chart::{Chart, Line, Sample, Span, Unit},
    time_axis::moment_label,
};

/// "Depth, 02:14:07 to 03:14:07 UTC: at first 140 messages, at last 48,213 messages; greatest 48,213 messages at
/// 03:14:07." A line without samples says so.
#[must_use]
pub fn sentence(chart: &Chart, span: Span) -> String {
    let lines: Vec<String> = chart.lines.iter().map(|line| of_line(line, chart, span)).collect();
    let what = if lines.is_empty() { "nothing to draw".to_owned() } else { lines.join("; ") };
    format!(
        "{}, {} to {} UTC: {what}.",
        chart.title,
        moment_label(span.from, span),
        moment_label(span.to, span)
    )
}

fn of_line(line: &Line, chart: &Chart, span: Span) -> String {
    let known = || line.samples.iter().filter_map(|s| s.value.map(|v| (s, v)));
    let (Some((_, first)), Some((_, last))) = (known().next(), known().next_back()) else {
        return format!("{}: nothing known", line.name);
    };
    let most = known().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((&line.samples[0], last));
    let least = known().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((&line.samples[0], last));
    if most.1 == least.1 {
        return format!("{} stays at {}", line.name, chart.unit.spoken(first));
    }
    let gap = if line.runs().len() > 1 { ", with gaps" } else { "" };
    format!(
        "{} at first {}, at last {}, greatest {}, smallest {}{gap}",
        line.name,
        chart.unit.spoken(first),
        chart.unit.spoken(last),
        moment(most, chart.unit, span),
        moment(least, chart.unit, span),
    )
}

fn moment((sample, value): (&Sample, f64), unit: Unit, span: Span) -> String {
    format!("{} at {}", unit.exact(value), moment_label(sample.to.min(span.to), span))
}

#[cfg(test)]
mod tests {
    use weir_model::Timestamp;

    use super::{
        super::chart::tests::{chart, line},
        *,
    };

    const SPAN: Span = Span { from: Timestamp(0), to: Timestamp(40_000) };

    #[test]
    fn given_a_line_when_told_then_first_last_and_extremes_are_named() {
        let depth = line(&[Some(140.0), Some(48_213.0), None, Some(20.0)]);
        assert_eq!(
            sentence(&chart(vec![depth]), SPAN),
            "Depth, 00:00:00 to 00:00:40 UTC: depth at first 140 messages, at last 20 messages, \
             greatest 48,213 at 00:00:20, smallest 20 at 00:00:40, with gaps."
        );
    }

    #[test]
    fn given_nothing_known_when_told_then_it_is_not_called_zero() {
        assert_eq!(
            sentence(&chart(vec![line(&[None, None])]), SPAN),
            "Depth, 00:00:00 to 00:00:40 UTC: depth: nothing known."
        );
        assert!(sentence(&chart(vec![line(&[Some(0.0), Some(0.0)])]), SPAN).contains("stays at 0 messages"));
    }
}
