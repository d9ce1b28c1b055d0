//! The one file to copy.

use anyhow::Result;
use async_trait::async_trait;
use serde_json::json;
use weir_tests::weir;

use crate::{
    house::House,
    measure::{Line, Measure, Outcome},
};

pub(crate) struct BinarySize;

#[async_trait(?Send)]
impl Measure for BinarySize {
    fn line(&self) -> Line {
        Line { name: "binary", title: "release binary with assets", unit: " MB", aim: Some(40.0) }
    }

    async fn take(&self, _: &mut House) -> Result<Outcome> {
        let bytes = std::fs::metadata(weir::binary()?)?.len();
        Ok(Outcome {
            value: bytes as f64 / 1e6,
            beside: format!("{bytes} bytes, librdkafka, OpenSSL and SQLite inside"),
            readings: json!({"bytes": bytes}),
        })
    }
}
