//! The age of the oldest waiting message: as the broker measures it, else by the curves of arrivals and backlog.

use weir_model::{Reading, Timestamp, Unknown, UnknownCode, unknown::unknown};

use super::{row::BrokerView, tracker::BacklogTracker};

/// An age, and how sure it is.
#[derive(Clone, Debug, PartialEq)]
pub struct OldestAge {
    pub seconds: Reading<f64>,
    /// How it was come by where it is an estimate; `None` = measured.
    pub estimate: Option<String>,
    /// It is at least this: the message came before history begins.
    pub at_least: bool,
}

impl OldestAge {
    /// A plain reading.
    #[must_use]
    pub fn of(seconds: Reading<f64>) -> Self {
        Self { seconds, estimate: None, at_least: false }
    }

    /// The age by a measured reading in milliseconds, else by what `memory` knows of a backlog.
    #[must_use]
    pub fn reckon(
        reading: Option<&Reading>,
        backlog: Option<i64>,
        memory: Option<&BacklogTracker>,
        broker: &BrokerView,
        now: Timestamp,
    ) -> Self {
        if let Some(Ok(ms)) = reading {
            return Self::of(Ok(*ms as f64 / 1000.0));
        }
        if backlog == Some(0) {
            return Self::of(unknown(UnknownCode::NotApplicable, "nothing waits"));
        }
        let Some(age) = memory.and_then(|memory| memory.age(now)) else {
            let none_given = || Unknown::new(UnknownCode::NotApplicable, "this kind has no such figure");
            return Self::of(Err(reading.and_then(|r| r.clone().err()).unwrap_or_else(none_given)));
        };
        let floor = 2.0 * broker.refresh_ms as f64 / 1000.0;
        if age.seconds < floor {
            let lag = broker.refresh_ms / 1000;
            let words = format!("younger than {floor} s: the broker's figures lag by up to {lag} s");
            return Self { seconds: Ok(floor), estimate: Some(words), at_least: false };
        }
        let words =
            "by the curves of arrivals and backlog; requeues, purges and expiry break the order it assumes";
        Self { seconds: Ok(age.seconds), estimate: Some(words.to_owned()), at_least: age.at_least }
    }
}
