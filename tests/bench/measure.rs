//! What a line of the table is.

use anyhow::Result;
use async_trait::async_trait;
use serde_json::Value;

use crate::house::House;

/// One line of the table.
#[async_trait(?Send)]
pub(crate) trait Measure: Sync {
    /// What it is called, and what it should come to.
    fn line(&self) -> Line;

    /// Takes the measure.
    async fn take(&self, house: &mut House) -> Result<Outcome>;
}

/// What a measure is called, and what it should come to.
pub(crate) struct Line {
    /// As in `make bench ONE=name`.
    pub name: &'static str,
    /// As in the table.
    pub title: &'static str,
    /// Of the value and of the aim; begins with a space where one stands between.
    pub unit: &'static str,
    /// At most this; `None` where the figure is only reported.
    pub aim: Option<f64>,
}

/// What came out.
pub(crate) struct Outcome {
    /// In the measure's unit.
    pub value: f64,
    /// The peer, the spread, what stands beside the figure, in words.
    pub beside: String,
    /// The single readings, for whoever wants to reckon for himself.
    pub readings: Value,
}
