//! Listening to a channel, against what a publisher knows.

use std::time::Duration;

use anyhow::{Context as _, Result};
use redis::Value;
use weir::brokers::{BrokerError, Listening, Passed};
use weir_model::{Metric, QueueKind, QueueObservation};
use weir_tests::wait;

use crate::{House, find};

/// A server with a channel that is named in `include`, so that it is there without subscribers.
async fn channel() -> Result<(House, QueueObservation)> {
    let house = House::with(&[], |config| config.include = vec!["channel:news".to_owned()]).await?;
    let news = house.queue("0:channel:news").await?;
    Ok((house, news))
}

impl House {
    async fn listen(&self, queue: &QueueObservation) -> Result<Box<dyn Listening>> {
        Ok(self.broker.tap().context("a tap")?.tap(queue).await?)
    }

    /// Publishes, and gives how many received it.
    async fn spread(&mut self, body: &[u8]) -> Result<i64> {
        Ok(redis::cmd("PUBLISH").arg("news").arg(body).query_async(&mut self.client).await?)
    }

    async fn subscribers(&mut self) -> Result<i64> {
        let answer: (String, i64) = redis::from_redis_value(self.run("PUBSUB NUMSUB news").await?)?;
        Ok(answer.1)
    }
}

async fn heard(tap: &mut Box<dyn Listening>) -> Result<Passed> {
    tap.catch_up().await?;
    Ok(tap.passed())
}

#[tokio::test]
async fn given_messages_when_listened_to_then_every_one_is_counted_and_the_first_are_kept_as_they_were()
-> Result<()> {
    let (mut house, news) = channel().await?;
    house.spread(b"before").await?;
    let mut tap = house.listen(&news).await?;
    assert_eq!(heard(&mut tap).await?, Passed::default(), "what passed before is gone");
    for body in [b"one".as_slice(), b"\xff\x00", b""] {
        assert_eq!(house.spread(body).await?, 1);
    }
    let passed = heard(&mut tap).await?;
    assert_eq!((passed.messages, passed.bytes, passed.dropped), (3, 5, 0));
    let bodies: Vec<String> = passed.kept.iter().filter_map(|m| Some(m.body.clone()?.data)).collect();
    assert_eq!(bodies, ["one", "/wA=", ""]);
    let storm = "for i = 1, 20000 do redis.call('PUBLISH', 'news', 'abcde') end";
    let _: () = redis::cmd("EVAL").arg(storm).arg(0).query_async(&mut house.client).await?;
    let passed = heard(&mut tap).await?;
    assert_eq!((passed.messages, passed.bytes), (20_000, 100_000), "exact, however many");
    assert_eq!(passed.dropped + passed.kept.len() as u64, 20_000);
    assert!(passed.kept.len() <= 50 && passed.kept[0].position == "4", "{}", passed.kept.len());
    Ok(())
}

#[tokio::test]
async fn given_a_tap_when_the_channel_is_observed_then_weir_itself_is_no_consumer_and_stopping_unsubscribes()
-> Result<()> {
    let (mut house, news) = channel().await?;
    let mut tap = house.listen(&news).await?;
    assert_eq!(house.subscribers().await?, 1);
    let seen = house.queue("0:channel:news").await?;
    assert_eq!((seen.value(Metric::Consumers), seen.vanished), (Some(0), true));
    let mut other =
        redis::Client::open(format!("redis://127.0.0.1:{}", house.server.port()))?.get_async_pubsub().await?;
    other.subscribe("news").await?;
    assert_eq!(house.subscribers().await?, 2);
    let observation = house.observe().await?;
    assert_eq!(find(&observation, "0:channel:news")?.value(Metric::Consumers), Some(1));
    let told = house.broker.describe(&news).await?.configuration;
    assert!(told.iter().any(|fact| fact.name == "subscribers" && fact.value == "1"), "{told:?}");
    tap.stop().await;
    assert_eq!(house.subscribers().await?, 1);
    drop(tap);
    assert_eq!(house.queue("0:channel:news").await?.value(Metric::Consumers), Some(1));
    Ok(())
}

#[tokio::test]
async fn given_a_tap_that_is_dropped_when_nobody_stopped_it_then_redis_has_no_subscriber_either() -> Result<()>
{
    let (house, news) = channel().await?;
    drop(house.listen(&news).await?);
    wait::until("Redis sees the end", Duration::from_secs(5), || async {
        let mut client = house.client.clone();
        let answer: (String, i64) =
            redis::cmd("PUBSUB").arg("NUMSUB").arg("news").query_async(&mut client).await.ok()?;
        (answer.1 == 0).then_some(())
    })
    .await
}

#[tokio::test]
async fn given_a_connection_that_breaks_when_listened_on_then_what_came_before_is_told_and_then_the_end()
-> Result<()> {
    let (mut house, news) = channel().await?;
    let mut tap = house.listen(&news).await?;
    house.spread(b"last").await?;
    heard_once(&mut tap).await?;
    house.run("CLIENT KILL TYPE pubsub").await?;
    assert!(tap.catch_up().await.is_err());
    assert_eq!(tap.passed().messages, 0);
    tap.stop().await;
    // More than may come at once: neither Weir's memory nor the server's is filled.
    let mut tap = house.listen(&news).await?;
    let body = vec![b'x'; 24 * 1024 * 1024];
    for _ in 0..3 {
        house.spread(&body).await?;
    }
    assert!(tap.catch_up().await.is_err());
    Ok(())
}

async fn heard_once(tap: &mut Box<dyn Listening>) -> Result<()> {
    anyhow::ensure!(heard(tap).await?.messages == 1);
    Ok(())
}

#[tokio::test]
async fn given_a_kind_that_keeps_its_messages_or_an_account_that_may_not_when_listened_to_then_it_says_why()
-> Result<()> {
    let (mut house, news) = channel().await?;
    let list = QueueObservation { kind: QueueKind::RedisList, id: "0:list:q".parse()?, ..news.clone() };
    let refused = house.broker.tap().context("a tap")?.tap(&list).await.err();
    assert!(matches!(&refused, Some(BrokerError::Refused(why)) if why.contains("are kept")), "{refused:?}");
    house.run("ACL SETUSER default resetchannels &other").await?;
    let refused = house.broker.tap().context("a tap")?.tap(&news).await.err();
    assert!(matches!(&refused, Some(BrokerError::Refused(why)) if why.contains("SUBSCRIBE")), "{refused:?}");
    let _: Value = house.run("PING").await?;
    Ok(())
}
