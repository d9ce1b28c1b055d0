//! Groups, members and lag, against what Kafka's own tool says.

use anyhow::{Context as _, Result, ensure};
use weir_model::{GroupObservation, Metric, QueueObservation, UnknownCode};
use weir_tests::unique;

use crate::support::{Bench, observe};

fn group<'a>(queue: &'a QueueObservation, name: &str) -> Result<&'a GroupObservation> {
    queue
        .groups
        .iter()
        .find(|group| group.name == name)
        .with_context(|| format!("{name} is not among {:?}", queue.groups))
}

fn lags(group: &GroupObservation) -> Vec<(i32, Option<i64>)> {
    group.partitions.iter().map(|p| (p.partition, p.lag)).collect()
}

#[tokio::test]
async fn given_groups_of_both_protocols_when_observed_then_lag_is_what_kafkas_own_tool_says() -> Result<()> {
    let bench = Bench::open().await?;
    let (topic, classic, modern) = (unique("orders"), unique("classic"), unique("modern"));
    bench.topic(&topic, 3, &[]).await?;
    bench.client.produce(&topic, 3, 30).await?;
    let slow = bench.client.join(&classic, &topic)?;
    slow.take(12).await?;
    let quick = bench.client.join_with(&modern, &topic, &[("group.protocol", "consumer")])?;
    quick.take(30).await?;
    let seen = bench
        .look_until(&topic, "both groups have committed", |queue| {
            queue.groups.len() == 2
                && queue.groups.iter().all(|g| g.figures.get(&Metric::Lag).is_some_and(Result::is_ok))
        })
        .await?;

    let slow_seen = group(&seen, &classic)?;
    ensure!(slow_seen.state.as_deref() == Some("Stable") && slow_seen.members == Ok(1), "{slow_seen:?}");
    let member = &slow_seen.partitions[0];
    ensure!(
        member.member.as_deref() == Some("rdkafka") && member.host.as_deref() == Some("127.0.0.1"),
        "{member:?}"
    );
    for name in [&classic, &modern] {
        // Where a group never committed, Kafka's tool prints "-".
        ensure!(lags(group(&seen, name)?) == bench.told_by_kafka(name)?, "{name}: {:?}", group(&seen, name)?);
    }
    let quick_seen = group(&seen, &modern)?;
    ensure!(quick_seen.figures[&Metric::Lag] == Ok(0), "{quick_seen:?}");
    ensure!(quick_seen.notes.iter().any(|note| note.contains("KIP-848")), "{:?}", quick_seen.notes);
    ensure!(seen.value(Metric::Depth) == Some(30) && seen.value(Metric::Consumers) == Some(2), "{seen:?}");
    ensure!(seen.value(Metric::Backlog) == slow_seen.figures[&Metric::Lag].clone().ok(), "{seen:?}");
    Ok(())
}

#[tokio::test]
async fn given_members_that_left_when_observed_then_the_group_is_empty_and_its_lag_stays() -> Result<()> {
    let bench = Bench::open().await?;
    let (topic, name) = (unique("left"), unique("gone"));
    bench.topic(&topic, 1, &[]).await?;
    bench.client.produce(&topic, 1, 10).await?;
    let member = bench.client.join(&name, &topic)?;
    member.take(4).await?;
    tokio::task::spawn_blocking(move || drop(member)).await?;
    let seen = bench
        .look_until(&topic, "its group is empty", |queue| {
            queue.groups.iter().any(|group| group.state.as_deref() == Some("Empty"))
        })
        .await?;
    let group = group(&seen, &name)?;
    ensure!(group.members == Ok(0) && group.figures[&Metric::Lag] == Ok(6), "{group:?}");
    ensure!(group.partitions[0].committed == Some(4) && group.partitions[0].member.is_none(), "{group:?}");
    Ok(())
}

#[tokio::test]
async fn given_a_compacted_topic_when_observed_then_depth_and_lag_are_said_to_be_upper_bounds() -> Result<()>
{
    let bench = Bench::open().await?;
    let topic = unique("compacted");
    bench.topic(&topic, 1, &[("cleanup.policy", "compact,delete")]).await?;
    let said = |queue: &QueueObservation| queue.notes.iter().any(|note| note.contains("are upper bounds"));
    bench.look_until(&topic, "it is said", said).await.map(drop)
}

#[tokio::test]
async fn given_a_group_that_never_committed_when_observed_then_its_lag_is_unknown() -> Result<()> {
    let bench = Bench::open().await?;
    let (topic, name) = (unique("silent"), unique("listener"));
    bench.topic(&topic, 1, &[]).await?;
    // Not at once: while a broker makes its topic of commits (with the first group ever), it lists no groups at all.
    bench
        .look_until(&topic, "nobody reads it", |queue| {
            let told = queue.figures[&Metric::Backlog].as_ref();
            told.is_err_and(|reason| {
                reason.code == UnknownCode::NoGroup && reason.detail.contains("readers without a group")
            })
        })
        .await?;
    bench.client.produce(&topic, 1, 5).await?;
    let member = bench.client.join(&name, &topic)?;
    member.consumer().recv().await?;
    let seen = bench.look_until(&topic, "its group is there", |queue| !queue.groups.is_empty()).await?;
    let group = group(&seen, &name)?;
    let reason = group.figures[&Metric::Lag].clone().err().context("five messages are not a lag")?;
    ensure!(reason.code == UnknownCode::NotYet && group.partitions[0].lag.is_none(), "{group:?}");
    Ok(())
}

#[tokio::test]
async fn given_many_partitions_and_groups_when_observed_then_few_requests_are_enough() -> Result<()> {
    const GROUPS: usize = 20;
    let bench = Bench::open().await?;
    let topic = unique("wide");
    bench.topic(&topic, 200, &[]).await?;
    bench.client.produce(&topic, 200, 200).await?;
    for _ in 0..GROUPS {
        let member = bench.client.join(&unique("one-of-many"), &topic)?;
        member.take(1).await?;
        tokio::task::spawn_blocking(move || drop(member)).await?;
    }
    bench.look_until(&topic, "all groups are there", |queue| queue.groups.len() == GROUPS).await?;
    let seen = observe(&bench.weir).await?;
    let queue = seen.queues.iter().find(|queue| queue.name == topic).context("it is listed")?;
    ensure!(queue.value(Metric::Depth) == Some(200), "{:?}", queue.figures);
    // One per group, up to two more for its members, and a handful for all partitions together.
    let groups = seen.queues.iter().map(|queue| queue.groups.len()).sum::<usize>() as u32;
    ensure!(seen.cost.requests <= 3 * groups + 20, "{} requests for {groups} groups", seen.cost.requests);
    Ok(())
}
