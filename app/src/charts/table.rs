//! A chart as a table: exactly the values that are drawn, a row for each bucket.

use std::collections::BTreeMap;

use weir_model::Timestamp;

use super::{
    chart::{Chart, Line, Sample},
    texts,
    view::Hatch,
};
use crate::csv::{Cell, Csv};

/// A chart in CSV: `time` is the start of the bucket in UTC; of each line the value that is drawn, and the smallest and
/// the greatest of the bucket. What is not known is empty, and `reason` says why. An earlier stretch stands beside the
/// time that it is held against.
#[must_use]
pub fn chart_csv(chart: &Chart, hatches: &[Hatch]) -> String {
    let mut csv = Csv::default();
    let heads: Vec<String> = chart.lines.iter().flat_map(|line| heads(line, chart)).collect();
    let texts = ["time"].into_iter().chain(heads.iter().map(String::as_str)).chain(["reason"]);
    csv.row(texts.map(Cell::Text));
    for (at, samples) in rows(chart) {
        let time = at.to_string();
        let numbers = samples.iter().flat_map(|sample| {
            let of = |value: fn(&Sample) -> Option<f64>| sample.as_ref().and_then(value);
            [of(|s| s.value), of(|s| s.min), of(|s| s.max)]
        });
        let reason = reason(chart, &samples, hatches);
        let cells = [Cell::Text(&time)].into_iter().chain(numbers.map(Cell::Number));
        csv.row(cells.chain([Cell::Text(&reason)]));
    }
    csv.into_text()
}

/// "depth (messages)", "depth min", "depth max".
fn heads(line: &Line, chart: &Chart) -> [String; 3] {
    let name = &line.name;
    [format!("{name} ({})", chart.unit.name()), format!("{name} min"), format!("{name} max")]
}

/// The lines' buckets by their start.
fn rows(chart: &Chart) -> BTreeMap<Timestamp, Vec<Option<Sample>>> {
    let mut rows: BTreeMap<Timestamp, Vec<Option<Sample>>> = BTreeMap::new();
    for (n, line) in chart.lines.iter().enumerate() {
        for sample in &line.samples {
            let row = rows.entry(sample.from).or_insert_with(|| vec![None; chart.lines.len()]);
            row[n] = Some(*sample);
        }
    }
    rows
}

/// Why something in a row is not known; nothing where all is.
fn reason(chart: &Chart, samples: &[Option<Sample>], hatches: &[Hatch]) -> String {
    let unknown = |(line, sample): &(&Line, &Option<Sample>)| {
        let is_known = sample.is_some_and(|s| s.value.is_some());
        (!is_known).then(|| (line.behind_ms > 0, line.name.clone()))
    };
    let missing: Vec<(bool, String)> =
        chart.lines.iter().zip(samples).filter_map(|pair| unknown(&pair)).collect();
    let bucket = samples.iter().flatten().next();
    let hatched = bucket.and_then(|s| hatches.iter().find(|h| h.from < s.to && h.to > s.from));
    let why = hatched.map_or(texts::NO_FIGURE, |hatch| hatch.reason.as_str());
    let now = missing.iter().any(|(earlier, _)| !earlier).then(|| why.to_owned());
    let then = missing.iter().filter(|(earlier, _)| *earlier).map(|(_, name)| texts::not_known_then(name));
    now.into_iter().chain(then).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::{
        super::chart::{
            Hue,
            tests::{chart, line},
        },
        *,
    };

    #[test]
    fn given_a_gap_when_written_then_the_cell_is_empty_and_the_reason_beside_it() {
        let hatch =
            Hatch { from: Timestamp(10_000), to: Timestamp(20_000), reason: "the broker, down".to_owned() };
        let csv = chart_csv(&chart(vec![line(&[Some(0.5), None, None])]), &[hatch]);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(
            lines,
            [
                "time,depth (messages),depth min,depth max,reason",
                "1970-01-01T00:00:00.000Z,0.5,0.5,0.5,",
                "1970-01-01T00:00:10.000Z,,,,\"the broker, down\"",
                "1970-01-01T00:00:20.000Z,,,,no figure was observed",
            ]
        );
    }

    #[test]
    fn given_an_earlier_line_when_written_then_it_stands_beside_the_time_it_is_held_against() {
        let then = line(&[Some(7.0), None]).moved(86_400_000, "yesterday".to_owned(), Hue::Past);
        let mut now = line(&[Some(1.0), Some(2.0)]);
        for sample in &mut now.samples {
            sample.from = sample.from.plus_ms(86_400_000);
        }
        let csv = chart_csv(&chart(vec![now, then]), &[]);
        assert!(csv.contains("1970-01-02T00:00:00.000Z,1,1,1,7,7,7,\r\n"), "{csv}");
        assert!(csv.contains("1970-01-02T00:00:10.000Z,2,2,2,,,,yesterday: not known then\r\n"), "{csv}");
    }
}
