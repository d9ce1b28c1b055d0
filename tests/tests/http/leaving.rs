//! Callers that go away in the middle of an act.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients,
    proxy::{Fault, FaultProxy},
    unique,
    weir::{WeirProcess, queue_path},
};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn given_a_caller_that_goes_away_when_a_broker_is_slow_then_the_act_ends_and_its_outcome_is_written()
-> Result<()> {
    let redis = Redis::shared().await?;
    let mut client = clients::redis::connect(&redis.url()).await?;
    let list = unique("left-alone");
    clients::redis::push(&mut client, &list, 1).await?;
    let proxy = FaultProxy::start()?;
    proxy.lead_to(redis.port());
    let config = format!(
        "[[brokers]]\nname = \"cache\"\nurl = \"redis://127.0.0.1:{}\"\ninclude = [\"list:{list}\"]\n",
        proxy.port()
    );
    let weir = WeirProcess::start(&config).await?;
    let queue = queue_path("cache", &["0", "list", &list]);
    weir.until("the list is listed", SOON, &queue, |_| Some(())).await?;

    proxy.set(Fault::Freeze);
    let request = weir.client().post(format!("{}{queue}/messages", weir.url()));
    let left = request.json(&json!({ "body": { "data": "a" } })).timeout(Duration::from_millis(500)).send();
    ensure!(left.await.is_err_and(|error| error.is_timeout()), "an answer came through a frozen network");
    let running = weir.get("/api/v1/actions?broker=cache").await?;
    ensure!(running["items"][0]["outcome"] == "running", "{running}");
    proxy.set(Fault::None);
    let ended = |page: &serde_json::Value| {
        page["items"][0]["finished_at"].is_string().then(|| page["items"][0]["outcome"].clone())
    };
    let outcome = weir.until("the act has ended", SOON, "/api/v1/actions?broker=cache", ended).await?;
    ensure!(outcome == "done", "{outcome}");
    ensure!(redis.cli(&["LLEN", &list])? == "2", "it was not pushed");
    Ok(())
}
