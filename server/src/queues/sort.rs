//! The order of the table: by rank, or by any column; unknown figures last either way.

use std::cmp::Ordering;

use weir_model::{Problem, QueueRow, Trend, UnknownCode};

/// What can be sorted by; `rank` is the default.
pub const COLUMNS: [&str; 17] = [
    "rank",
    "status",
    "name",
    "broker",
    "kind",
    "depth",
    "backlog",
    "unacknowledged",
    "lag",
    "age",
    "in",
    "out",
    "push_commands",
    "take_commands",
    "growth",
    "drain",
    "consumers",
];

/// An order that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    column: &'static str,
    descending: bool,
}

impl Order {
    /// Reads `sort` and `order`. Without `order`, figures and the rank come worst first, names from A.
    ///
    /// # Errors
    /// Names the parameter and what it may be.
    pub fn parse(sort: Option<&str>, order: Option<&str>) -> Result<Self, Problem> {
        let wanted = sort.unwrap_or("rank");
        let column = COLUMNS.iter().find(|c| **c == wanted).copied().ok_or_else(|| {
            Problem::field("sort", format!("\"{wanted}\" is no column; there are {}", COLUMNS.join(", ")))
        })?;
        let descending = match order {
            None => !matches!(column, "name" | "broker" | "kind" | "rank"),
            Some("asc") => false,
            Some("desc") => true,
            Some(other) => {
                return Err(Problem::field("order", format!("\"{other}\" is neither asc nor desc")));
            }
        };
        Ok(Self { column, descending })
    }

    /// Compares two rows; rows that are equal in the column stand by broker and id, so that pages never shuffle.
    #[must_use]
    pub fn compare(self, a: &QueueRow, b: &QueueRow) -> Ordering {
        let whole = |v: Option<i64>| v.map(|v| v as f64);
        let by_figure = |figure: fn(&QueueRow) -> Option<f64>| self.figures(figure(a), figure(b));
        let primary = match self.column {
            "rank" => self.directed(rank(a, b)),
            "status" => self.directed(a.status.cmp(&b.status)),
            "name" => self.directed(a.name.to_lowercase().cmp(&b.name.to_lowercase())),
            "broker" => self.directed(a.broker.cmp(&b.broker)),
            "kind" => self.directed(a.kind.cmp(&b.kind)),
            "depth" => self.figures(whole(a.depth), whole(b.depth)),
            "backlog" => self.figures(whole(a.backlog), whole(b.backlog)),
            "unacknowledged" => self.figures(whole(a.unacknowledged), whole(b.unacknowledged)),
            "lag" => self.figures(whole(a.lag), whole(b.lag)),
            "consumers" => self.figures(whole(a.consumers), whole(b.consumers)),
            "age" => by_figure(|r| r.oldest_age_seconds),
            "in" => by_figure(|r| r.in_rate),
            "out" => by_figure(|r| r.out_rate),
            "push_commands" => by_figure(|r| r.push_commands_rate),
            "take_commands" => by_figure(|r| r.take_commands_rate),
            "growth" => by_figure(|r| r.growth_rate),
            _ => self.drain(a, b),
        };
        primary.then_with(|| a.broker.cmp(&b.broker)).then_with(|| a.id.cmp(&b.id))
    }

    /// The rank, in which what grows takes the longest of all; what can't be ranked stays last either way.
    fn drain(self, a: &QueueRow, b: &QueueRow) -> Ordering {
        let ranks = ranked(a) && ranked(b);
        if ranks && !self.descending { rank(a, b).reverse() } else { rank(a, b) }
    }

    fn directed(self, order: Ordering) -> Ordering {
        if self.descending { order.reverse() } else { order }
    }

    fn figures(self, a: Option<f64>, b: Option<f64>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => self.directed(a.total_cmp(&b)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

/// Worst first: growing by rate, then what waits by time to drain (a backlog that only stands comes before one that
/// drains), then empty ones; unknown last.
#[must_use]
pub fn rank(a: &QueueRow, b: &QueueRow) -> Ordering {
    class(a).cmp(&class(b)).then_with(|| match class(a) {
        Class::Growing => b.growth_rate.unwrap_or(0.0).total_cmp(&a.growth_rate.unwrap_or(0.0)),
        Class::Draining => b.drain_seconds.unwrap_or(0.0).total_cmp(&a.drain_seconds.unwrap_or(0.0)),
        _ => b.backlog.cmp(&a.backlog),
    })
}

/// Whether a row can be ranked: its backlog is known and it has one.
#[must_use]
pub fn ranked(row: &QueueRow) -> bool {
    class(row) < Class::Unknown
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Growing,
    Standing,
    Draining,
    Empty,
    Unknown,
    /// The kind has no backlog.
    None,
}

fn class(row: &QueueRow) -> Class {
    match row.backlog {
        None if row.unknown.get("backlog").is_some_and(|u| u.code == UnknownCode::NotApplicable) => {
            Class::None
        }
        _ if row.stale => Class::Unknown,
        None => Class::Unknown,
        Some(0) => Class::Empty,
        Some(_) => match row.trend {
            Trend::Growing => Class::Growing,
            Trend::Draining if row.drain_seconds.is_some() => Class::Draining,
            _ => Class::Standing,
        },
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use weir_model::{QueueId, QueueKind, Status};

    use super::*;

    pub(crate) fn row(broker: &str, name: &str) -> QueueRow {
        QueueRow {
            broker: broker.to_owned(),
            id: QueueId::from_parts(&["/", name]),
            name: name.to_owned(),
            kind: QueueKind::RabbitmqClassic,
            scope: "/".to_owned(),
            status: Status::Ok,
            status_reason: String::new(),
            depth: None,
            backlog: None,
            unacknowledged: None,
            lag: None,
            in_rate: None,
            delivered_rate: None,
            out_rate: None,
            ack_rate: None,
            redelivered_rate: None,
            uncounted_in_rate: None,
            push_commands_rate: None,
            take_commands_rate: None,
            uncounted_out_rate: None,
            growth_rate: None,
            growth_error: None,
            trend: Trend::Unknown,
            drain_seconds: None,
            backlog_since: None,
            backlog_since_at_least: false,
            consumers: None,
            oldest_age_seconds: None,
            oldest_age_estimate: None,
            oldest_age_at_least: false,
            observed_at: None,
            stale: false,
            vanished: false,
            unknown: BTreeMap::new(),
            sparkline: Vec::new(),
        }
    }

    #[test]
    fn given_the_rank_when_sorted_then_growing_comes_first_and_unknown_last() {
        let mut rows =
            [row("a", "unknown"), row("a", "empty"), row("a", "slow"), row("a", "quick"), row("a", "grows")];
        let drains = |row: &mut QueueRow, seconds| {
            (row.backlog, row.trend, row.drain_seconds) = (Some(9), Trend::Draining, Some(seconds));
        };
        rows[1].backlog = Some(0);
        drains(&mut rows[2], 900.0);
        drains(&mut rows[3], 9.0);
        (rows[4].backlog, rows[4].trend, rows[4].growth_rate) = (Some(1), Trend::Growing, Some(2.0));
        let order = Order::parse(None, None).expect("the default");
        rows.sort_by(|a, b| order.compare(a, b));
        let names: Vec<&str> = rows.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["grows", "slow", "quick", "empty", "unknown"]);
    }

    #[test]
    fn given_the_time_to_drain_when_sorted_then_what_grows_takes_longest_and_what_has_none_stands_last() {
        let mut rows = ["channel", "unknown", "steady", "slow", "grows"].map(|name| row("a", name));
        let none = weir_model::Unknown::new(UnknownCode::NotApplicable, "a channel stores nothing");
        rows[0].unknown.insert("backlog".to_owned(), none);
        (rows[2].backlog, rows[2].trend) = (Some(9), Trend::Steady);
        (rows[3].backlog, rows[3].trend, rows[3].drain_seconds) = (Some(9), Trend::Draining, Some(60.0));
        (rows[4].backlog, rows[4].trend) = (Some(9), Trend::Growing);
        let mut sorted = |direction| {
            let order = Order::parse(Some("drain"), direction).expect("an order");
            rows.sort_by(|a, b| order.compare(a, b));
            rows.clone().map(|row| row.name)
        };
        assert_eq!(sorted(None), ["grows", "steady", "slow", "unknown", "channel"]);
        assert_eq!(sorted(Some("asc")), ["slow", "steady", "grows", "unknown", "channel"]);
    }

    #[test]
    fn given_unknown_figures_when_sorted_either_way_then_they_stay_last() {
        let mut known = row("a", "known");
        known.depth = Some(1);
        (known.push_commands_rate, known.take_commands_rate) = (Some(0.0), Some(0.0));
        for column in ["depth", "push_commands", "take_commands"] {
            for direction in ["asc", "desc"] {
                let order = Order::parse(Some(column), Some(direction)).expect("an order");
                assert_eq!(order.compare(&known, &row("a", "not")), Ordering::Less, "{column}");
            }
        }
    }
}
