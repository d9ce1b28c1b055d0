//! What a line of the table is.

use anyhow::Result;
use async_trait::async_trait;
use serde_json::Value;

use crate::house::House;

/// One line of the table.
#[async_trait(?Send)]
pub(crate) trait Measure: Sync {
    /// As in `make bench ONE=name`.
    fn name(&self) -> &'static str;

    /// As in the table.
    fn title(&self) -> &'static str;

    /// Of the value and of the aim; begins with a space where one stands between.
    fn unit(&self) -> &'static str;

    /// At most this; `None` where the figure is only reported.
    fn aim(&self) -> Option<f64>;

    /// Takes the measure.
    async fn take(&self, house: &mut House) -> Result<Outcome>;
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
