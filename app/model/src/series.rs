//! History, bucketed for a chart.

use serde::{Deserialize, Serialize};

use crate::{SeriesMetric, Timestamp};

/// One bucket. A gap is a point whose values are all `null`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Point {
    /// Start of the bucket.
    pub t: Timestamp,
    pub min: Option<f64>,
    pub avg: Option<f64>,
    pub max: Option<f64>,
    pub last: Option<f64>,
}

impl Point {
    /// A bucket in which nothing was observed.
    #[must_use]
    pub fn gap(t: Timestamp) -> Self {
        Self { t, min: None, avg: None, max: None, last: None }
    }
}

/// A figure over time, in buckets of equal width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Series {
    pub metric: SeriesMetric,
    /// `messages`, `messages/s`, `commands/s`, `consumers` or `seconds`.
    pub unit: String,
    pub step_seconds: f64,
    /// Set for the series of one consumer group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<i32>,
    pub points: Vec<Point>,
}
