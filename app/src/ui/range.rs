//! The time range of charts. It stands in the address as `?range=6h`.

use std::{fmt, str::FromStr};

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use weir_model::Problem;

use super::segmented::Choice;

/// A span up to now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    Minutes15,
    #[default]
    Hour,
    Hours6,
    Day,
    Week,
    Month,
}

impl Range {
    pub const ALL: [Self; 6] =
        [Self::Minutes15, Self::Hour, Self::Hours6, Self::Day, Self::Week, Self::Month];

    /// Its length in seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Minutes15 => 900,
            Self::Hour => 3_600,
            Self::Hours6 => 21_600,
            Self::Day => 86_400,
            Self::Week => 604_800,
            Self::Month => 2_592_000,
        }
    }

    /// The range that an address asks for, an hour where it asks for none.
    ///
    /// # Errors
    /// There is no such range: the problem names those there are.
    pub fn of_address(range: Option<&str>) -> Result<Self, Problem> {
        range.map_or(Ok(Self::default()), |r| {
            r.parse().map_err(|e: UnknownRange| Problem::field("range", e.to_string()))
        })
    }

    /// The word in the address and on the screen.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minutes15 => "15m",
            Self::Hour => "1h",
            Self::Hours6 => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No range has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no range; known are {known}", known = Range::ALL.map(Range::as_str).join(", "))]
pub struct UnknownRange(pub String);

impl FromStr for Range {
    type Err = UnknownRange;

    fn from_str(s: &str) -> Result<Self, UnknownRange> {
        Self::ALL.into_iter().find(|r| r.as_str() == s).ok_or_else(|| UnknownRange(s.to_owned()))
    }
}

/// The range of the address, to mark it among the choices. One that does not exist is for the page's data to refuse.
#[must_use]
pub fn use_range() -> Memo<Range> {
    let query = use_query_map();
    Memo::new(move |_| query.read().get_str("range").and_then(|r| r.parse().ok()).unwrap_or_default())
}

/// The links that choose a range and keep the rest of the address.
#[must_use]
pub fn use_range_choices() -> Memo<Vec<Choice>> {
    let query = use_query_map();
    let range = use_range();
    Memo::new(move |_| {
        let choice = |one: Range| {
            let mut query = query.get();
            query.replace("range", one.to_string());
            Choice { text: one.to_string(), href: query.to_query_string(), chosen: one == range.get() }
        };
        Range::ALL.map(choice).to_vec()
    })
}
