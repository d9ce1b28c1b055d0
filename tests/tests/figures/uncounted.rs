//! Messages that pass every counter of RabbitMQ: dead-lettered, expired, dropped.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq},
    clients::amqp::{Amqp, persistent},
    unique,
    weir::queue_path,
};

use crate::support::{Watched, at_pace};

const PER_SECOND: u32 = 4;
/// As long as it takes to fill the balance's window and the minute of the rates.
const COUNT: usize = 260;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_flow_that_no_counter_sees_when_balanced_then_it_is_told_on_both_sides() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    let [dead, expiring, dropping, refusing] = ["dead", "expiring", "dropping", "refusing"].map(unique);
    amqp.declare(&dead, &json!({})).await?;
    let to_dead =
        json!({"x-message-ttl": 1000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead});
    amqp.declare(&expiring, &to_dead).await?;
    amqp.declare(&dropping, &json!({"x-max-length": 5})).await?;
    amqp.declare(&refusing, &json!({"x-max-length": 5, "x-overflow": "reject-publish"})).await?;
    let watched = Watched::start(&node.config("it"), &["/", &dead]).await?;
    at_pace(PER_SECOND, COUNT, || async {
        amqp.publish_one("", &expiring, b"x", persistent()).await?;
        amqp.publish_one("", &dropping, b"x", persistent()).await?;
        // Most of these are refused.
        drop(amqp.publish_one("", &refusing, b"x", persistent()).await);
        Ok(())
    })
    .await?;

    let row = |queue: &str| {
        let (path, weir) = (queue_path("it", &["/", queue]), &watched.weir);
        async move { weir.get(&path).await }
    };
    let truth = f64::from(PER_SECOND);
    let (dead, expiring) = (row(&dead).await?, row(&expiring).await?);
    near(&dead, "uncounted_in_rate", truth)?;
    ensure!(dead["in_rate"] == 0.0 && dead["uncounted_out_rate"] == 0.0, "{dead:#}");
    ensure!(dead["status"] != "ok", "a dead-letter queue that receives: {dead:#}");
    near(&expiring, "in_rate", truth)?;
    near(&expiring, "uncounted_out_rate", truth)?;
    let dropping = row(&dropping).await?;
    ensure!(dropping["depth"] == 5 && dropping["trend"] == "steady", "{dropping:#}");
    near(&dropping, "uncounted_out_rate", truth)?;
    // Whether the broker counts what it refuses or not, nothing of it stays and nothing of it is a consumer's.
    let refusing = row(&refusing).await?;
    let kept = figure(&refusing, "in_rate") - figure(&refusing, "uncounted_out_rate");
    ensure!(
        kept.abs() < 0.25 * truth && refusing["depth"] == 5 && refusing["out_rate"] == 0.0,
        "{refusing:#}"
    );
    Ok(())
}

fn figure(row: &Value, name: &str) -> f64 {
    row[name].as_f64().unwrap_or(f64::NAN)
}

/// Within a quarter: depth and counters are up to five seconds apart, and the window is a minute.
fn near(row: &Value, name: &str, truth: f64) -> Result<()> {
    let told = figure(row, name);
    ensure!((told - truth).abs() <= 0.25 * truth, "{name} is {told}, the truth {truth}: {row:#}");
    Ok(())
}
