//! The card of a broker.

use std::time::Duration;

use anyhow::{Result, ensure};
use weir_tests::weir::WeirProcess;

/// A sum over no queues was 0, also where nobody had seen the queues.
#[tokio::test]
async fn given_a_broker_that_was_never_reached_when_listed_then_its_totals_are_unknown_and_not_zero()
-> Result<()> {
    let weir = WeirProcess::start("[[brokers]]\nname = \"a\"\nurl = \"redis://127.0.0.1:1\"\n").await?;
    let card = weir
        .until("it is down", Duration::from_secs(20), "/api/v1/brokers", |page| {
            let card = &page["items"][0];
            (card["status"] == "down").then(|| card.clone())
        })
        .await?;
    for sum in ["backlog", "depth", "in_rate", "out_rate"] {
        let (value, unknown) = (&card["totals"][sum], &card["totals"]["unknown"][sum]);
        ensure!(value.is_null() && unknown["code"] == "broker_down", "{sum}: {card:#}");
    }
    Ok(())
}
