//! What a browser loads before the page is alive, as it comes over the wire.

use anyhow::{Result, ensure};
use async_trait::async_trait;
use serde_json::json;
use weir_tests::weir::WeirProcess;

use crate::{
    house::House,
    measure::{Line, Measure, Outcome},
    wire::Connection,
};

pub(crate) struct AssetSize;

#[async_trait(?Send)]
impl Measure for AssetSize {
    fn line(&self) -> Line {
        Line { name: "assets", title: "wasm + js, brotli", unit: " kB", aim: Some(450.0) }
    }

    async fn take(&self, _: &mut House) -> Result<Outcome> {
        let weir = WeirProcess::start("[[brokers]]\nname = \"demo\"\nurl = \"demo://\"\n").await?;
        let mut connection = Connection::open(weir.url())?;
        let page = String::from_utf8(connection.get("/", "identity")?.body)?;
        let (wasm, js) = (paths(&page, ".wasm"), paths(&page, ".js"));
        ensure!(wasm.len() == 1 && !js.is_empty(), "the page names {wasm:?} and {js:?}");
        let (mut sent, mut plain) = (0, 0);
        for path in wasm.iter().chain(&js) {
            sent += connection.get(path, "br")?.body.len();
            plain += connection.get(path, "identity")?.body.len();
        }
        Ok(Outcome {
            value: sent as f64 / 1000.0,
            beside: format!("{} kB before compression", plain / 1000),
            readings: json!({"brotli": sent, "plain": plain, "files": [wasm, js]}),
        })
    }
}

/// The different addresses within quotes that end so.
fn paths(page: &str, end: &str) -> Vec<String> {
    let mut found: Vec<String> = page
        .split(['"', '\'', '(', ')', '<', '>', ' '])
        .filter(|word| word.starts_with('/') && word.ends_with(end))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}
