//! A partition whose only broker is away.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use weir_model::{Metric, QueueObservation, Reading, UnknownCode};
use weir_tests::{
    brokers::{BrokerServer as _, Kafka},
    clients::kafka::KafkaClient,
    wait,
};

use crate::support::{SETTLED, adapter, look_at, observe};

/// Twice the time in which a broker that went away is missed.
const MISSED_WITHIN: Duration = Duration::from_secs(40);

fn at_least(reading: Option<&Reading>) -> Result<(UnknownCode, Option<i64>)> {
    let why = reading.context("no such figure")?.clone().err().context("a part of it can't be known")?;
    Ok((why.code, why.at_least))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_partition_without_a_leader_when_observed_then_the_others_are_known_and_sums_are_at_least()
-> Result<()> {
    let kafka = Kafka::start().await?;
    let client = KafkaClient::new(&kafka.bootstrap())?;
    // The first commit of all makes the topic of commits: on the broker that stays.
    client.create_topic("first", 1, &[]).await?;
    client.produce("first", 1, 1).await?;
    client.join("billing", "first")?.take(1).await?;

    let mut second = kafka.start_beside().await?;
    let made = || async { client.create_topic_on("orders", &[&[1], &[2]]).await.ok() };
    wait::until("both brokers take partitions", SETTLED, made).await?;
    let filled = || async { client.produce("orders", 2, 20).await.ok() };
    wait::until("both partitions are written to", SETTLED, filled).await?;
    let weir = adapter(&kafka)?;
    let group = client.join("billing", "orders")?;
    group.take(8).await?;
    let whole = |queue: &QueueObservation| queue.value(Metric::Depth) == Some(20) && !queue.groups.is_empty();
    let before =
        wait::until("all is known", SETTLED, || async { look_at(&weir, "orders").await.ok().filter(whole) })
            .await?;

    second.stop().await?;
    let headless = |queue: &QueueObservation| queue.partitions.iter().any(|p| p.leader.is_none());
    let seen = wait::until("the leader is missed", MISSED_WITHIN, || async {
        look_at(&weir, "orders").await.ok().filter(headless)
    })
    .await?;
    let began = Instant::now();
    let observation = observe(&weir).await?;
    ensure!(began.elapsed() < Duration::from_secs(6), "one broker blinds the rest: {:?}", began.elapsed());
    let fact = observation.health.first().context("nothing is said")?;
    ensure!(fact.code == "offline_partitions" && fact.text.contains("orders-1"), "{fact:?}");

    let first = seen.value(Metric::Depth).is_none() && seen.partitions[0].end == Some(10);
    ensure!(first && seen.partitions[1].end.is_none(), "{seen:?}");
    ensure!(
        at_least(seen.figures.get(&Metric::Depth))? == (UnknownCode::PartitionOffline, Some(10)),
        "{seen:?}"
    );
    ensure!(at_least(seen.figures.get(&Metric::In))? == (UnknownCode::PartitionOffline, None), "{seen:?}");
    let (group, whole) = (seen.groups.first().context("its group")?, &before.groups[0].partitions);
    ensure!(group.partitions[0].lag == whole[0].lag && group.partitions[1].lag.is_none(), "{group:?}");
    // What the first partition alone says, where the group had committed in the second at all.
    if whole[1].committed.is_some() {
        let lag = at_least(group.figures.get(&Metric::Lag))?;
        ensure!(lag == (UnknownCode::PartitionOffline, whole[0].lag), "{group:?}");
        ensure!(at_least(seen.figures.get(&Metric::Backlog))? == lag, "{seen:?}");
    }

    second.start_again().await?;
    let healed = |queue: &QueueObservation| queue.value(Metric::Depth) == Some(20);
    let after = wait::until("all is known again", MISSED_WITHIN, || async {
        look_at(&weir, "orders").await.ok().filter(healed)
    })
    .await?;
    ensure!(after.value(Metric::In) == Some(20) && after.epoch == before.epoch, "{after:?}");
    Ok(())
}
