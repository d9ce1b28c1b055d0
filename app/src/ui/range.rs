//! The time range of charts. It stands in the address as `?range=6h`.

use std::{fmt, str::FromStr};

use weir_model::Problem;

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
