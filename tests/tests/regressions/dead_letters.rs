//! A queue that fills by dead-lettering, and what is left of it when it is deleted.

use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq},
    clients::{amqp::Amqp, management::Management},
    unique,
    weir::{WeirProcess, queue_path},
};

/// Its arrivals are in no counter, so it read "In 0/s" while it grew. Deleted, it stayed "ok" and could be published to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_dead_letter_queue_when_it_fills_and_is_deleted_then_both_are_said() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    let (work, dead) = (unique("work"), unique("dead"));
    amqp.declare(&dead, &json!({})).await?;
    let to_dead =
        json!({"x-message-ttl": 1, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead});
    amqp.declare(&work, &to_dead).await?;
    let weir = WeirProcess::start(&format!("{}poll_interval = \"2s\"\n", node.config("it"))).await?;
    let path = queue_path("it", &["/", &dead]);
    let within = Duration::from_secs(60);
    weir.until("it is seen empty", within, &path, |row| (row["depth"] == 0).then_some(())).await?;
    let publishing = async {
        loop {
            amqp.publish(&work, 1).await?;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        #[expect(unreachable_code, reason = "it tells the type of what `?` returns")]
        Ok::<(), anyhow::Error>(())
    };
    let row = tokio::select! {
        row = weir.until("its arrivals are seen", within, &path, |row| {
            (row["uncounted_in_rate"].as_f64()? > 0.5).then(|| row.clone())
        }) => row?,
        failed = publishing => return failed,
    };
    ensure!(row["in_rate"] == 0.0 && row["uncounted_in_rate"].as_f64().is_some_and(|r| r < 4.0), "{row:#}");

    Management::new(&node.management_url())?
        .send(Method::DELETE, &format!("/api/queues/%2f/{dead}"), None)
        .await?;
    let gone =
        weir.until("it is gone", within, &path, |row| (row["vanished"] == true).then(|| row.clone())).await?;
    ensure!(
        gone["status"] == "unknown" && gone["status_reason"].as_str().is_some_and(|r| r.contains("deleted"))
    );
    for act in ["browse", "peek", "publish", "purge"] {
        ensure!(gone["abilities"][act]["allowed"] == false, "{act}: {gone:#}");
    }
    let series = weir.get(&format!("{path}/series?metric=depth")).await?;
    let known = series["points"].as_array().into_iter().flatten().any(|p| p["last"].is_number());
    ensure!(known, "its history is still there");
    Ok(())
}
