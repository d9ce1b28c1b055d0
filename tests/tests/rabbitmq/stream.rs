//! Reading streams.

use std::time::{Duration, Instant};

use anyhow::Result;
use lapin::{
    BasicProperties,
    options::{BasicPublishOptions, QueueDeclareOptions},
    types::FieldTable,
};
use weir::brokers::BrokerError;
use weir_model::{
    QueueKind, Timestamp,
    message::{BrowseFrom, BrowseRequest, MessagePage, PurgeRequest, StopReason},
};
use weir_tests::{brokers::RabbitMq, unique, wait::until_eq};

use crate::support::{Client, Weir, adapter, queue_of, stream};

async fn browse(weir: &Weir, name: &str, from: BrowseFrom, limit: u32) -> Result<MessagePage, BrokerError> {
    let request = BrowseRequest { from: Some(from), limit, partition: None, read_committed: false };
    weir.browse().unwrap().browse(&queue_of(name, QueueKind::RabbitmqStream), &request).await
}

fn bodies(page: &MessagePage) -> Vec<String> {
    page.items.iter().map(|message| message.body.clone().unwrap().data).collect()
}

fn numbered(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    numbers.map(|n| format!("m{n}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_stream_when_read_from_everywhere_then_the_right_messages_come() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("stream"));
    client.declare(&name, &[stream()]).await?;
    let empty = browse(&weir, &name, BrowseFrom::Newest, 5).await?;
    assert_eq!((empty.items.len(), empty.stopped), (0, StopReason::End));
    client.publish(&name, 1000).await?;

    let oldest = browse(&weir, &name, BrowseFrom::Oldest, 5).await?;
    assert_eq!((bodies(&oldest), oldest.next.as_deref()), (numbered(0..5), Some("offset:5")));
    assert_eq!(oldest.items[3].position, "3");
    let newest = browse(&weir, &name, BrowseFrom::Newest, 300).await?;
    assert_eq!((bodies(&newest), newest.next), (numbered((700..1000).rev()), None));
    let middle = browse(&weir, &name, BrowseFrom::Offset(500), 3).await?;
    assert_eq!(bodies(&middle), numbered(500..503));
    let end = browse(&weir, &name, BrowseFrom::Offset(998), 10).await?;
    assert_eq!((bodies(&end), end.stopped, end.next), (numbered(998..1000), StopReason::End, None));
    let beyond = browse(&weir, &name, BrowseFrom::Offset(5000), 10).await?;
    assert_eq!((beyond.items.len(), beyond.stopped), (0, StopReason::End));
    let body = weir.browse().unwrap().body(&queue_of(&name, QueueKind::RabbitmqStream), "777").await?;
    assert_eq!(body, b"m777");
    let missing = weir.browse().unwrap().body(&queue_of(&name, QueueKind::RabbitmqStream), "7777").await;
    assert!(matches!(missing, Err(BrokerError::NotFound(_))), "{missing:?}");

    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    client.channel.queue_declare(name.as_str().into(), passive, FieldTable::default()).await?;
    assert_eq!(
        bodies(&browse(&weir, &name, BrowseFrom::Oldest, 1).await?),
        ["m0"],
        "reading takes nothing away"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_single_message_chunks_when_the_newest_are_read_then_earlier_chunks_are_read_too() -> Result<()>
{
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("chunks"));
    client.declare(&name, &[stream()]).await?;
    for _ in 0..30 {
        client.publish(&name, 1).await?;
    }
    client.publish(&name, 5).await?;
    let newest = browse(&weir, &name, BrowseFrom::Newest, 20).await?;
    let positions: Vec<i64> = newest.items.iter().map(|m| m.position.parse().unwrap()).collect();
    assert_eq!(positions, (15..35).rev().collect::<Vec<_>>());
    let all = browse(&weir, &name, BrowseFrom::Newest, 100).await?;
    assert_eq!((all.items.len(), all.stopped), (35, StopReason::End));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_timestamps_when_read_by_time_then_earlier_messages_are_left_out() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("times"));
    client.declare(&name, &[stream()]).await?;
    let now = Timestamp::now();
    for n in 0..10_i64 {
        let properties = BasicProperties::default().with_timestamp(u64::try_from(now.0 / 1000 + n)?);
        let body = format!("m{n}").into_bytes();
        let options = BasicPublishOptions::default();
        client
            .channel
            .basic_publish("".into(), name.as_str().into(), options, &body, properties)
            .await?
            .await?;
    }
    let page = browse(&weir, &name, BrowseFrom::Time(Timestamp(now.0 / 1000 * 1000)), 100).await?;
    assert_eq!(bodies(&page), numbered(0..10));
    let later = browse(&weir, &name, BrowseFrom::Time(now.plus_ms(3_600_000)), 100).await?;
    assert_eq!(later.items.len(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_stream_when_purged_or_peeked_then_it_says_why_not() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("kept"));
    client.declare(&name, &[stream()]).await?;
    client.publish(&name, 3).await?;
    let queue = queue_of(&name, QueueKind::RabbitmqStream);
    let abilities = weir.abilities(&queue);
    assert!(abilities.browse.allowed && !abilities.peek.allowed && !abilities.purge.allowed);
    let purged = weir.purge().unwrap().purge(&queue, &PurgeRequest::default()).await;
    assert!(matches!(&purged, Err(BrokerError::Refused(text)) if text.contains("retention")), "{purged:?}");
    Ok(())
}

/// It read until its ten seconds were over, and brought what came in the meantime instead of what was there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_stream_that_is_written_to_when_the_newest_are_read_then_it_ends_at_once_and_is_whole()
-> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("busy"));
    client.declare(&name, &[stream()]).await?;
    client.publish(&name, 2000).await?;
    let (writer, target) = (Client::connect(node).await?, name.clone());
    let writing = tokio::spawn(async move {
        loop {
            writer.publish(&target, 1).await?;
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        #[expect(unreachable_code, reason = "it tells the type of what `?` returns")]
        Ok::<(), anyhow::Error>(())
    });
    for limit in [1_u32, 100] {
        let began = Instant::now();
        let page = browse(&weir, &name, BrowseFrom::Newest, limit).await?;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(4), "{limit} took {took:?}");
        let positions: Vec<i64> = page.items.iter().map(|m| m.position.parse().unwrap()).collect();
        assert!(positions[0] >= 1999, "{positions:?}");
        assert_eq!(positions, (positions[0] + 1 - i64::from(limit)..=positions[0]).rev().collect::<Vec<_>>());
        assert_eq!(page.stopped, StopReason::Limit);
    }
    writing.abort();
    let readers = || async {
        let listed = node.ctl(&["-q", "list_consumers", "queue_name"])?;
        Ok(listed.lines().filter(|line| line.trim() == name).count())
    };
    until_eq("the readers that are left", Duration::from_secs(10), 0, readers).await
}
