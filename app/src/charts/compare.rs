//! An earlier stretch that a chart is held against.

use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use weir_model::Problem;

/// How far back the earlier stretch lies. It stands in the address as `compare=yesterday`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    Yesterday,
    LastWeek,
}

impl Compare {
    pub const ALL: [Self; 2] = [Self::Yesterday, Self::LastWeek];

    /// The word in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yesterday => "yesterday",
            Self::LastWeek => "last-week",
        }
    }

    /// The words in a legend.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Yesterday => "yesterday",
            Self::LastWeek => "last week",
        }
    }

    /// By how much it is earlier: whole days of UTC.
    #[must_use]
    pub fn behind_ms(self) -> i64 {
        const DAY_MS: i64 = 86_400_000;
        match self {
            Self::Yesterday => DAY_MS,
            Self::LastWeek => 7 * DAY_MS,
        }
    }

    /// What an address asks for.
    ///
    /// # Errors
    /// There is no such comparison: the problem names those there are.
    #[cfg(feature = "ssr")]
    pub fn of_address(text: Option<&str>) -> Result<Option<Self>, Problem> {
        let known = |text: &str| Self::ALL.into_iter().find(|compare| compare.as_str() == text);
        let unknown = |text: &str| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Problem::field("compare", format!("\"{text}\" is nothing to compare with; known are {names}"))
        };
        text.map(|text| known(text).ok_or_else(|| unknown(text))).transpose()
    }
}
