//! Brokers that are stopped in their tracks, and killed.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::{Instant, sleep};
use weir_model::Timestamp;

use crate::{
    house::{House, Kind, card_when, ensure_explained, heals_within, interval, shows_within},
    onlooker::Onlooker,
    truth::{history_truthful, marked_old, truthful},
};

/// RabbitMQ reports its queues up to 15 s after its API answers; they are not there before.
const REPORTED_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_each_broker_when_stopped_or_killed_then_it_is_said_and_heals_and_nobody_else_waits()
-> Result<()> {
    let mut house = House::alone().await?;
    let since = Timestamp::now();
    for kind in [Kind::Redis, Kind::Kafka, Kind::RabbitMq] {
        let others: Vec<&str> = Kind::ALL.into_iter().filter(|k| *k != kind).map(Kind::direct).collect();
        let pages = vec![
            "/".to_owned(),
            "/queues".to_owned(),
            format!("/brokers/{}/queues/{}", kind.direct(), kind.id()),
        ];
        let onlooker = Onlooker::start(house.weir.url(), &others, pages);
        let steps: &[&str] = &["connect", "read", "authenticate"];

        house.server(kind).pause()?;
        let stopped = is_down(&house, kind, "stopped", steps).await;
        house.server(kind).resume()?;
        stopped?;
        is_back(&house, kind, "let go on", Duration::ZERO).await?;

        house.server(kind).kill9().await?;
        is_down(&house, kind, "killed", &["connect", "read"]).await?;
        house.server(kind).start_again().await?;
        let slack = if kind == Kind::RabbitMq { REPORTED_WITHIN } else { Duration::ZERO };
        is_back(&house, kind, "started again", slack).await?;
        let during = format!("{} stopped and killed", kind.direct());
        onlooker.ensure_undisturbed(&during).await?;
        history_truthful(&house.weir, &kind.queue(kind.direct()), since).await?;
    }
    Ok(())
}

async fn is_down(house: &House, kind: Kind, what: &str, steps: &[&str]) -> Result<()> {
    let within = shows_within(interval(&house.weir, kind.direct()).await?);
    let began = Instant::now();
    let card = card_when(&house.weir, kind.direct(), what, within, |card| card["status"] == "down").await?;
    eprintln!("broken: {} {what}: shown after {:?}: {}", kind.direct(), began.elapsed(), card["error"]);
    ensure_explained(&card, steps)?;
    sleep(Duration::from_secs(2)).await;
    marked_old(&house.weir.get(&kind.queue(kind.direct())).await?)
}

async fn is_back(house: &House, kind: Kind, what: &str, slack: Duration) -> Result<()> {
    let within = heals_within(interval(&house.weir, kind.direct()).await?) + slack;
    let began = Instant::now();
    let queue = kind.queue(kind.direct());
    let row = house.weir.until("the queue is back", within, &queue, |row| {
        (row["stale"] == false && row["depth"].is_i64() && row["vanished"] == false).then(|| row.clone())
    });
    let row = row.await?;
    eprintln!("broken: {} {what}: healed after {:?}", kind.direct(), began.elapsed());
    ensure!(row["status"] != "unknown", "{row:#}");
    truthful(&row)
}
