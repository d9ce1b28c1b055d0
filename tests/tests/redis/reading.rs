//! Reading messages and describing queues.

use anyhow::{Context as _, Result};
use weir::brokers::BrokerError;
use weir_model::{
    QueueObservation, Timestamp,
    message::{BrowseFrom, BrowseRequest, MessagePage, StopReason},
};
use weir_tests::clients;

use crate::House;

impl House {
    async fn browse(
        &self,
        queue: &QueueObservation,
        from: Option<BrowseFrom>,
        limit: u32,
    ) -> Result<MessagePage, BrokerError> {
        let request = BrowseRequest { from, limit, partition: None, read_committed: false };
        self.broker.browse().expect("Redis is read for free").browse(queue, &request).await
    }

    async fn body(&self, queue: &QueueObservation, position: &str) -> Result<Vec<u8>, BrokerError> {
        self.broker.browse().expect("Redis is read for free").body(queue, position).await
    }
}

fn bodies(page: &MessagePage) -> Vec<&str> {
    page.items.iter().map(|message| message.body.as_ref().map_or("", |body| body.data.as_str())).collect()
}

/// The `from` of a page's next, as the address would carry it.
fn from(next: &str) -> Result<BrowseFrom> {
    let (word, value) = next.split_once(':').context("word:value")?;
    Ok(match word {
        "offset" => BrowseFrom::Offset(value.parse()?),
        "id" => BrowseFrom::Id(value.to_owned()),
        other => anyhow::bail!("{other} is no beginning"),
    })
}

#[tokio::test]
async fn given_a_list_when_read_from_either_end_then_pages_follow_each_other() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::push(&mut house.client, "q", 7).await?;
    let queue = house.queue("0:list:q").await?;
    for (start, expected) in [(BrowseFrom::Left, 0..7), (BrowseFrom::Right, 0..7)] {
        let mut seen = Vec::new();
        let mut next = Some(start.clone());
        while let Some(from_here) = next {
            let page = house.browse(&queue, Some(from_here), 3).await?;
            assert!(!page.items.is_empty(), "a page led to an empty one");
            seen.extend(bodies(&page).into_iter().map(str::to_owned));
            next = page.next.as_deref().map(from).transpose()?;
        }
        let mut expected: Vec<String> = expected.map(|n| format!("message {n}")).collect();
        if start == BrowseFrom::Right {
            expected.reverse();
        }
        assert_eq!(seen, expected);
        let whole = house.browse(&queue, Some(start), 7).await?;
        assert_eq!((whole.stopped, whole.next), (StopReason::End, None));
    }
    Ok(())
}

#[tokio::test]
async fn given_a_position_of_a_list_when_the_list_moves_on_then_its_body_is_a_conflict() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::push(&mut house.client, "q", 3).await?;
    let queue = house.queue("0:list:q").await?;
    let page = house.browse(&queue, None, 10).await?;
    let position = page.items[1].position.clone();
    assert!(position.starts_with("1~"), "{position}");
    assert_eq!(house.body(&queue, &position).await?, b"message 1");
    house.run("LPOP q").await?;
    let error = house.body(&queue, &position).await.expect_err("another stands there");
    assert!(matches!(error, BrokerError::Conflict(_)), "{error:?}");
    house.run("DEL q").await?;
    assert!(matches!(house.body(&queue, &position).await, Err(BrokerError::Conflict(_))));
    assert!(matches!(house.body(&queue, "nonsense").await, Err(BrokerError::Invalid(_))));
    Ok(())
}

#[tokio::test]
async fn given_elements_of_20_mb_when_read_then_a_page_stays_within_its_budget() -> Result<()> {
    let mut house = House::start().await?;
    let huge = vec![b'x'; 20 * 1024 * 1024];
    for n in 0..30 {
        house.run(&format!("RPUSH q small{n}")).await?;
    }
    for _ in 0..4 {
        let _: i64 = redis::cmd("RPUSH").arg("q").arg(&huge).query_async(&mut house.client).await?;
    }
    let queue = house.queue("0:list:q").await?;
    let page = house.browse(&queue, None, 1000).await?;
    assert_eq!((page.items.len(), page.stopped), (30, StopReason::ByteBudget));
    let page = house.browse(&queue, Some(from(page.next.as_deref().context("next")?)?), 1000).await?;
    assert_eq!((page.items.len(), page.stopped), (1, StopReason::ByteBudget));
    let message = &page.items[0];
    assert_eq!(message.size, huge.len() as u64);
    assert!(message.body.as_ref().is_some_and(|body| body.truncated && body.data.len() <= 256 * 1024));
    assert_eq!(house.body(&queue, &message.position).await?, huge);
    assert_eq!(page.next.as_deref(), Some("offset:31"));
    Ok(())
}

#[tokio::test]
async fn given_a_stream_when_read_then_both_directions_ids_and_times_work() -> Result<()> {
    let mut house = House::start().await?;
    for n in 1..=5 {
        house.run(&format!("XADD s {}-0 n {n} body b{n}", 1_700_000_000_000_u64 + n * 1000)).await?;
    }
    let queue = house.queue("0:stream:s").await?;
    let newest = house.browse(&queue, None, 2).await?;
    assert_eq!(bodies(&newest), ["b5", "b4"]);
    let older = house.browse(&queue, Some(from(newest.next.as_deref().context("next")?)?), 10).await?;
    assert_eq!((bodies(&older), older.stopped), (vec!["b3", "b2", "b1"], StopReason::End));
    assert_eq!(older.next, None);
    let oldest = house.browse(&queue, Some(BrowseFrom::Oldest), 2).await?;
    assert_eq!(bodies(&oldest), ["b1", "b2"]);
    let newer = house.browse(&queue, Some(from(oldest.next.as_deref().context("next")?)?), 2).await?;
    assert_eq!(bodies(&newer), ["b3", "b4"]);
    let since = Some(BrowseFrom::Time(Timestamp(1_700_000_003_500)));
    assert_eq!(bodies(&house.browse(&queue, since, 10).await?), ["b4", "b5"]);
    let message = &oldest.items[0];
    assert_eq!(message.timestamp, Some(Timestamp(1_700_000_001_000)));
    assert_eq!(message.properties.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["n", "body"]);
    assert_eq!(house.body(&queue, &message.position).await?, b"b1");
    house.run("XDEL s 1700000001000-0").await?;
    assert!(matches!(house.body(&queue, &message.position).await, Err(BrokerError::NotFound(_))));
    Ok(())
}

#[tokio::test]
async fn given_a_stream_with_groups_when_read_then_nothing_changes_for_them() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::add(&mut house.client, "s", 5).await?;
    clients::redis::create_group(&mut house.client, "s", "g").await?;
    clients::redis::read_group(&mut house.client, "s", "g", 2, 0).await?;
    let before = house.run("XINFO GROUPS s").await?;
    let queue = house.queue("0:stream:s").await?;
    house.browse(&queue, Some(BrowseFrom::Oldest), 100).await?;
    assert_eq!(house.run("XINFO GROUPS s").await?, before);
    Ok(())
}

#[tokio::test]
async fn given_a_beginning_the_kind_has_not_when_read_then_it_is_named() -> Result<()> {
    let mut house =
        House::with(&[], |config| config.include = vec!["*".to_owned(), "channel:c".to_owned()]).await?;
    house.run("RPUSH q 1").await?;
    let (list, channel) = (house.queue("0:list:q").await?, house.queue("0:channel:c").await?);
    let error = house.browse(&list, Some(BrowseFrom::Oldest), 1).await.expect_err("no oldest");
    assert!(matches!(&error, BrokerError::Invalid(errors) if errors[0].field == "from"), "{error:?}");
    assert!(matches!(house.browse(&channel, None, 1).await, Err(BrokerError::Refused(_))));
    house.run("DEL q").await?;
    let empty = house.browse(&list, None, 1).await?;
    assert_eq!((empty.items.len(), empty.stopped), (0, StopReason::End));
    house.run("SADD q 1").await?;
    assert!(matches!(house.browse(&list, None, 1).await, Err(BrokerError::Conflict(_))));
    Ok(())
}

#[tokio::test]
async fn given_each_kind_when_described_then_its_own_facts_are_told() -> Result<()> {
    let mut house =
        House::with(&[], |config| config.include = vec!["*".to_owned(), "channel:c".to_owned()]).await?;
    house.run("RPUSH q 1").await?;
    house.run("EXPIRE q 1000").await?;
    clients::redis::add(&mut house.client, "s", 3).await?;
    clients::redis::create_group(&mut house.client, "s", "g").await?;
    clients::redis::read_group(&mut house.client, "s", "g", 2, 0).await?;
    let list = house.queue("0:list:q").await?;
    let description = house.broker.describe(&list).await?;
    let value =
        |name: &str| description.configuration.iter().find(|f| f.name == name).map(|f| f.value.clone());
    assert!(value("encoding").is_some_and(|v| v.contains("list")), "{description:?}");
    assert!(value("expires in").is_some_and(|v| v.ends_with(" s")), "{description:?}");
    assert!(value("memory (estimated)").is_some(), "{description:?}");
    let stream = house.broker.describe(&house.queue("0:stream:s").await?).await?;
    assert_eq!(stream.consumers.len(), 1);
    let consumer = &stream.consumers[0];
    assert_eq!((consumer.name.as_str(), consumer.group.as_deref()), ("weir-tests", Some("g")));
    assert_eq!(consumer.pending, Some(2));
    assert!(consumer.idle_seconds.is_some_and(|idle| (0.0..60.0).contains(&idle)), "{consumer:?}");
    let channel = house.broker.describe(&house.queue("0:channel:c").await?).await?;
    assert!(channel.configuration.iter().any(|f| f.name == "subscribers" && f.value == "0"), "{channel:?}");
    house.run("DEL q").await?;
    assert!(matches!(house.broker.describe(&list).await, Err(BrokerError::NotFound(_))));
    Ok(())
}
