//! Sums over the queues of a broker. A sum with an unknown part is "at least".

use std::{collections::VecDeque, sync::Arc};

use weir_model::{BrokerTotals, QueueRow, Timestamp, Unknown, UnknownCode};

/// Minutes kept for the card's small curve.
const MINUTES: usize = 60;

/// The names of the sums.
const SUMS: [&str; 5] = ["backlog", "depth", "in_rate", "out_rate", "growth_rate"];

/// Total backlog per minute of the last hour.
#[derive(Clone, Debug, Default)]
pub(super) struct MinuteTotals {
    values: VecDeque<(i64, Option<f64>)>,
}

impl MinuteTotals {
    pub(super) fn note(&mut self, t: Timestamp, value: Option<f64>) {
        let minute = t.0.div_euclid(60_000);
        // Minutes that are yet to come are of a clock that was set back.
        self.values.retain(|(noted, _)| *noted <= minute);
        match self.values.back_mut() {
            Some(last) if last.0 == minute => last.1 = value.or(last.1),
            _ => self.values.push_back((minute, value)),
        }
        while self.values.len() > MINUTES {
            self.values.pop_front();
        }
    }

    /// The last hour up to `now`, minutes without an observation as `None`.
    pub(super) fn sparkline(&self, now: Timestamp) -> Vec<Option<f64>> {
        let last = now.0.div_euclid(60_000);
        let Some(first) = self.values.front().map(|v| v.0.max(last - MINUTES as i64 + 1)) else {
            return Vec::new();
        };
        (first..=last).map(|minute| self.values.iter().find(|v| v.0 == minute).and_then(|v| v.1)).collect()
    }
}

/// The sums, with what they leave out: parts that are unknown, and queues that the account may not see.
pub(super) fn totals(rows: &[Arc<QueueRow>], hidden_queues: Option<u64>) -> BrokerTotals {
    let hidden = hidden_queues.filter(|n| *n > 0).map(not_visible);
    if let Some(reason) = hidden.as_ref().filter(|_| rows.is_empty()) {
        return unseen(reason);
    }
    let mut totals =
        BrokerTotals { queues: u32::try_from(rows.len()).unwrap_or(u32::MAX), ..BrokerTotals::default() };
    let backlog = sum(rows, "backlog", &mut totals, |r| r.backlog.map(|v| v as f64));
    let depth = sum(rows, "depth", &mut totals, |r| r.depth.map(|v| v as f64));
    totals.backlog = backlog.map(|v| v as i64);
    totals.depth = depth.map(|v| v as i64);
    totals.in_rate = sum(rows, "in_rate", &mut totals, |r| r.in_rate);
    totals.out_rate = sum(rows, "out_rate", &mut totals, |r| r.out_rate);
    totals.growth_rate = sum(rows, "growth_rate", &mut totals, |r| r.growth_rate);
    for name in SUMS.iter().filter(|name| !totals.unknown.contains_key(**name)) {
        if let Some(reason) = &hidden {
            totals.partial.entry((*name).to_owned()).or_insert_with(|| reason.clone());
        }
    }
    totals
}

fn not_visible(queues: u64) -> Unknown {
    let queues = if queues == 1 { "1 queue is".to_owned() } else { format!("{queues} queues are") };
    Unknown::new(UnknownCode::NoPermission, format!("{queues} not visible to this account"))
}

/// The sums of a broker whose queues nobody has seen yet: none of them is 0.
pub(super) fn unseen(reason: &Unknown) -> BrokerTotals {
    let unknown = SUMS.map(|name| (name.to_owned(), reason.clone())).into();
    BrokerTotals { unknown, ..BrokerTotals::default() }
}

/// A sum over the rows that have the figure, or a part of it; those that have no such figure at all are left out
/// silently.
fn sum(
    rows: &[Arc<QueueRow>],
    name: &str,
    totals: &mut BrokerTotals,
    figure: impl Fn(&QueueRow) -> Option<f64>,
) -> Option<f64> {
    let (mut known, mut total) = (0u32, 0.0);
    let mut missing: Vec<&Unknown> = Vec::new();
    for row in rows {
        match figure(row) {
            Some(value) => {
                known += 1;
                total += value;
            }
            None => {
                let why = row.unknown.get(name).filter(|u| u.code != UnknownCode::NotApplicable);
                if let Some(part) = why.and_then(|why| why.at_least) {
                    known += 1;
                    total += part as f64;
                }
                missing.extend(why);
            }
        }
    }
    let reason = missing.first().map(|first| {
        let n = missing.len();
        let queues = if n == 1 { "1 queue is".to_owned() } else { format!("{n} queues are") };
        Unknown::new(first.code, format!("{queues} not wholly in it: {}", first.detail))
    });
    match (known, reason) {
        (0, Some(reason)) => {
            totals.unknown.insert(name.to_owned(), reason);
            None
        }
        (0, None) if !rows.is_empty() => {
            let none = Unknown::new(UnknownCode::NotApplicable, "no queue here has this figure");
            totals.unknown.insert(name.to_owned(), none);
            None
        }
        (_, reason) => {
            totals.partial.extend(reason.map(|r| (name.to_owned(), r)));
            Some(total)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::sort::tests::row;

    #[test]
    fn given_a_queue_whose_out_is_unknown_when_summed_then_growth_is_of_known_backlogs_and_not_in_less_out() {
        let mut rows = [row("a", "counted"), row("a", "half")];
        (rows[0].in_rate, rows[0].out_rate, rows[0].growth_rate) = (Some(5.0), Some(4.0), Some(1.0));
        rows[1].in_rate = Some(7.0);
        let why = || Unknown::new(UnknownCode::NoGroup, "nobody reads it");
        rows[1].unknown = [("out_rate".to_owned(), why()), ("growth_rate".to_owned(), why())].into();
        rows[1].unknown.insert(
            "backlog".to_owned(),
            Unknown::new(UnknownCode::PartitionOffline, "partition 1 has no leader").with_at_least(Some(40)),
        );
        (rows[0].backlog, rows[1].backlog) = (Some(2), None);
        let totals = totals(&rows.map(Arc::new), None);
        assert_eq!((totals.backlog, totals.partial.contains_key("backlog")), (Some(42), true));
        assert_eq!((totals.in_rate, totals.out_rate, totals.growth_rate), (Some(12.0), Some(4.0), Some(1.0)));
        assert!(totals.partial.contains_key("out_rate") && totals.partial.contains_key("growth_rate"));
    }

    #[test]
    fn given_queues_that_the_account_may_not_see_when_summed_then_no_sum_passes_for_the_whole() {
        let mut seen = row("a", "seen");
        seen.backlog = Some(3);
        let partly = totals(&[Arc::new(seen)], Some(2));
        assert_eq!(partly.backlog, Some(3));
        assert_eq!(partly.partial["backlog"].detail, "2 queues are not visible to this account");
        let nothing = totals(&[], Some(1));
        assert_eq!((nothing.backlog, nothing.unknown["backlog"].code), (None, UnknownCode::NoPermission));
        assert_eq!(totals(&[], Some(0)).backlog, Some(0), "an empty broker holds nothing");
    }
}
