//! What can't be purged, and why.

use anyhow::{Context as _, Result, ensure};
use weir::brokers::BrokerError;
use weir_model::{Metric, QueueId, QueueKind, QueueObservation, message::PurgeRequest};
use weir_tests::unique;

use crate::support::Bench;

#[tokio::test]
async fn given_a_compacted_topic_when_purged_then_it_says_why_not_before_and_after() -> Result<()> {
    let bench = Bench::open().await?;
    let topic = unique("compacted");
    bench.topic(&topic, 1, &[("cleanup.policy", "compact")]).await?;
    let seen = bench
        .look_until(&topic, "its policy is known", |queue| {
            queue.notes.iter().any(|n| n.contains("compacted"))
        })
        .await?;
    let ability = bench.weir.abilities(&seen).purge;
    ensure!(!ability.allowed && ability.reason.is_some_and(|r| r.contains("compact")), "it looks allowed");
    let request = PurgeRequest { confirm: topic.clone(), ..PurgeRequest::default() };
    let answer = bench.weir.purge().context("topics are purged")?.purge(&seen, &request).await;
    ensure!(matches!(&answer, Err(BrokerError::Refused(words)) if words.contains("compact")), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn given_kafkas_own_topics_when_acted_on_then_they_are_left_alone() -> Result<()> {
    let bench = Bench::open().await?;
    let name = "__consumer_offsets";
    let own = QueueObservation::new(QueueId::from_parts(&[name]), QueueKind::KafkaTopic, name, "");
    let abilities = bench.weir.abilities(&own);
    ensure!(
        !abilities.purge.allowed && !abilities.publish.allowed && abilities.browse.allowed,
        "{abilities:?}"
    );
    let request = PurgeRequest { confirm: name.to_owned(), ..PurgeRequest::default() };
    let answer = bench.weir.purge().context("topics are purged")?.purge(&own, &request).await;
    ensure!(matches!(answer, Err(BrokerError::Refused(_))), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn given_a_purged_topic_when_observed_then_groups_and_counters_go_on() -> Result<()> {
    let bench = Bench::open().await?;
    let (topic, group) = (unique("emptied"), unique("reader"));
    bench.topic(&topic, 2, &[]).await?;
    bench.client.produce(&topic, 2, 20).await?;
    let member = bench.client.join(&group, &topic)?;
    member.take(20).await?;
    let seen = bench.look_until(&topic, "all is read", |queue| queue.value(Metric::Lag) == Some(0)).await?;
    let request = PurgeRequest { confirm: topic.clone(), seen_depth: Some(20), ..PurgeRequest::default() };
    let receipt = bench.weir.purge().context("topics are purged")?.purge(&seen, &request).await?;
    ensure!((receipt.removed, receipt.left) == (Some(20), Some(0)), "{receipt:?}");
    let after = bench.look_at(&topic).await?;
    ensure!(after.value(Metric::Depth) == Some(0) && after.value(Metric::In) == Some(20), "{after:?}");
    ensure!(after.value(Metric::Lag) == Some(0) && after.value(Metric::Out) == Some(20), "{after:?}");
    Ok(())
}
