//! Publishing and purging, confirmed by the server's own tools.

use anyhow::Result;
use futures::StreamExt as _;
use redis::AsyncCommands as _;
use weir::brokers::BrokerError;
use weir_model::{
    Metric, QueueObservation,
    message::{BodyInput, Field, PublishReceipt, PublishRequest, PurgeReceipt, PurgeRequest, Side},
};
use weir_tests::clients;

use crate::House;

fn body(text: &str) -> PublishRequest {
    let body = BodyInput {
        data: text.to_owned(),
        ..serde_json::from_str("{\"data\": \"\"}").expect("an empty body")
    };
    PublishRequest { body: body.into(), ..PublishRequest::default() }
}

impl House {
    async fn publish(
        &self,
        queue: &QueueObservation,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, BrokerError> {
        self.broker.publish().expect("Redis publishes").publish(queue, request).await
    }

    async fn purge(&self, queue: &QueueObservation, seen: Option<i64>) -> Result<PurgeReceipt, BrokerError> {
        let request = PurgeRequest { seen_depth: seen, ..PurgeRequest::default() };
        self.broker.purge().expect("Redis purges").purge(queue, &request).await
    }
}

#[tokio::test]
async fn given_a_list_when_pushed_to_from_either_side_then_the_elements_stand_there() -> Result<()> {
    let mut house = House::start().await?;
    house.run("RPUSH q m").await?;
    let queue = house.queue("0:list:q").await?;
    let right = PublishRequest { side: Some(Side::Right), ..body("r") };
    assert_eq!(house.publish(&queue, &right).await?.length, Some(2));
    let receipt = house.publish(&queue, &body("l")).await?;
    assert_eq!((receipt.length, receipt.published), (Some(3), 1));
    assert!(receipt.text.contains("left"), "{}", receipt.text);
    let elements: Vec<String> = house.client.lrange("q", 0, -1).await?;
    assert_eq!(elements, ["l", "m", "r"]);
    Ok(())
}

#[tokio::test]
async fn given_a_vanished_list_when_pushed_to_then_it_is_there_again_ten_thousand_deep() -> Result<()> {
    let mut house = House::start().await?;
    house.run("RPUSH q x").await?;
    let queue = house.queue("0:list:q").await?;
    house.run("DEL q").await?;
    let vanished = house.broker.vanished(&queue);
    let request = PublishRequest { repeat: Some(10_000), ..body("again") };
    let receipt = house.publish(&vanished, &request).await?;
    assert_eq!((receipt.published, receipt.length), (10_000, Some(10_000)));
    Ok(())
}

#[tokio::test]
async fn given_a_key_of_another_type_when_pushed_to_then_it_is_refused_with_its_type() -> Result<()> {
    let mut house = House::start().await?;
    house.run("RPUSH q x").await?;
    let queue = house.queue("0:list:q").await?;
    house.run("DEL q").await?;
    house.run("SADD q x").await?;
    let error = house.publish(&queue, &body("y")).await.expect_err("a set takes no push");
    assert!(matches!(&error, BrokerError::Refused(text) if text.contains("holds a set")), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn given_fields_when_added_to_a_stream_then_order_and_duplicates_are_kept() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::add(&mut house.client, "s", 1).await?;
    let queue = house.queue("0:stream:s").await?;
    let field = |name: &str, value: &str| Field { name: name.to_owned(), value: value.to_owned() };
    let fields = Some(vec![field("b", "1"), field("a", "2"), field("b", "3")]);
    let receipt = house.publish(&queue, &PublishRequest { fields, ..PublishRequest::default() }).await?;
    let id = receipt.entry_id.expect("an id");
    let entry: Vec<(String, Vec<String>)> =
        redis::cmd("XRANGE").arg("s").arg(&id).arg(&id).query_async(&mut house.client).await?;
    assert_eq!(entry, [(id, ["b", "1", "a", "2", "b", "3"].map(str::to_owned).to_vec())]);
    house.publish(&queue, &body("plain")).await?;
    let newest: Vec<(String, Vec<String>)> = redis::cmd("XREVRANGE")
        .arg("s")
        .arg("+")
        .arg("-")
        .arg("COUNT")
        .arg(1)
        .query_async(&mut house.client)
        .await?;
    assert_eq!(newest[0].1, ["body", "plain"]);
    Ok(())
}

#[tokio::test]
async fn given_a_channel_when_published_to_then_receivers_are_told_and_the_message_arrives() -> Result<()> {
    let house = House::with(&[], |config| config.include = vec!["channel:news".to_owned()]).await?;
    let queue = house.queue("0:channel:news").await?;
    let unheard = house.publish(&queue, &body("into the void")).await?;
    assert_eq!(unheard.receivers, Some(0));
    let mut listener =
        redis::Client::open(format!("redis://127.0.0.1:{}", house.server.port()))?.get_async_pubsub().await?;
    listener.subscribe("news").await?;
    assert_eq!(house.publish(&queue, &body("hello")).await?.receivers, Some(1));
    let message = listener.on_message().next().await.expect("a message");
    assert_eq!(message.get_payload::<String>()?, "hello");
    Ok(())
}

#[tokio::test]
async fn given_a_list_when_purged_then_removed_is_exact_and_growth_is_a_conflict() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::push(&mut house.client, "q", 100).await?;
    let queue = house.queue("0:list:q").await?;
    let error = house.purge(&queue, Some(90)).await.expect_err("it has grown");
    assert!(matches!(error, BrokerError::Conflict(_)), "{error:?}");
    assert_eq!(house.queue("0:list:q").await?.value(Metric::Depth), Some(100));
    let receipt = house.purge(&queue, Some(100)).await?;
    assert_eq!((receipt.removed, receipt.left), (Some(100), Some(0)));
    assert_eq!(house.run("EXISTS q").await?, redis::Value::Int(0));
    assert_eq!(house.purge(&queue, Some(100)).await?.removed, Some(0));
    house.run("SADD q x").await?;
    let error = house.purge(&queue, Some(100)).await.expect_err("a set is no list");
    assert!(matches!(error, BrokerError::Conflict(_)), "{error:?}");
    assert_eq!(house.run("SCARD q").await?, redis::Value::Int(1));
    Ok(())
}

#[tokio::test]
async fn given_a_list_under_traffic_when_purged_then_what_was_pushed_is_either_removed_or_still_there()
-> Result<()> {
    let mut house = House::start().await?;
    clients::redis::push(&mut house.client, "q", 1000).await?;
    let queue = house.queue("0:list:q").await?;
    let mut producer = house.client.clone();
    let pushing = tokio::spawn(async move { clients::redis::push(&mut producer, "q", 300).await });
    let mut removed = 0;
    for _ in 0..20 {
        match house.purge(&queue, None).await {
            Ok(receipt) => removed += receipt.removed.unwrap_or_default(),
            Err(BrokerError::Conflict(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    pushing.await??;
    let left: i64 = house.client.llen("q").await?;
    assert_eq!(removed + left, 1300);
    Ok(())
}

#[tokio::test]
async fn given_a_stream_when_purged_then_groups_stay_and_pending_ghosts_are_told() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::add(&mut house.client, "s", 10).await?;
    clients::redis::create_group(&mut house.client, "s", "g").await?;
    clients::redis::read_group(&mut house.client, "s", "g", 4, 1).await?;
    let queue = house.queue("0:stream:s").await?;
    let receipt = house.purge(&queue, Some(10)).await?;
    assert_eq!((receipt.removed, receipt.left), (Some(10), Some(0)));
    let notes = receipt.notes.join("; ");
    assert!(notes.contains("Its group stays") && notes.contains("3 pending"), "{notes}");
    let after = house.queue("0:stream:s").await?;
    assert_eq!((after.vanished, after.value(Metric::Depth), after.groups.len()), (false, Some(0), 1));
    assert_eq!(after.value(Metric::Unacknowledged), Some(3));
    Ok(())
}

#[tokio::test]
async fn given_a_channel_when_purged_then_it_says_why_not() -> Result<()> {
    let house = House::with(&[], |config| config.include = vec!["channel:news".to_owned()]).await?;
    let queue = house.queue("0:channel:news").await?;
    assert!(!house.broker.abilities(&queue).purge.allowed);
    let error = house.purge(&queue, None).await.expect_err("nothing is stored");
    assert!(matches!(&error, BrokerError::Refused(text) if text.contains("stores nothing")), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn given_full_memory_when_published_then_the_refusal_names_it_and_health_too() -> Result<()> {
    let mut house = House::with(&["--maxmemory", "3mb"], |_| {}).await?;
    house.run("RPUSH q x").await?;
    let queue = house.queue("0:list:q").await?;
    let request = PublishRequest { repeat: Some(400), ..body(&"y".repeat(10_000)) };
    let error = house.publish(&queue, &request).await.expect_err("it does not fit");
    let BrokerError::Refused(text) = &error else { panic!("{error:?}") };
    assert!(text.contains("of 400 were published") && text.contains("memory is full"), "{text}");
    let large = "z".repeat(200_000);
    while house.run(&format!("RPUSH q {large}")).await.is_ok() {}
    assert!(house.observe().await?.publishers_blocked.is_some());
    Ok(())
}
