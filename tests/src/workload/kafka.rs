//! The shop on Kafka.

use anyhow::Result;
use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::FutureRecord,
};
use tokio::{task::JoinSet, time::sleep};

use super::{
    at, keep_running, pause,
    shop::{self, Order},
};
use crate::clients::kafka::KafkaClient;

const PARTITIONS: i32 = 6;

pub(super) fn start(actors: &mut JoinSet<()>, bootstrap: &str) {
    actors.spawn(keep_running("the producer of my_topic", at(bootstrap, article)));
    actors.spawn(keep_running("the producer of orders", at(bootstrap, orders)));
    actors.spawn(keep_running("the producer of page-views", at(bootstrap, page_views)));
    for (group, topic, per_second) in
        [("my_group", "my_topic", 20.0), ("billing", "orders", 60.0), ("analytics", "orders", 14.0)]
    {
        let member = move |bootstrap| consume(bootstrap, group, topic, per_second);
        actors.spawn(keep_running(group, at(bootstrap, member)));
    }
    let bootstrap = bootstrap.to_owned();
    actors.spawn(async move {
        // A group that came, committed and never came back. A topic made just now may not be known everywhere yet.
        while let Err(error) = read_and_leave(&bootstrap).await {
            tracing::warn!("the group fraud is made once more: {error:#}");
            sleep(pause(1.0)).await;
        }
    });
}

async fn article(bootstrap: String) -> Result<()> {
    let client = topic(&bootstrap, "my_topic", 1).await?;
    loop {
        client.produce_one(FutureRecord::to("my_topic").payload(b"Hello, Kafka!".as_slice())).await?;
        sleep(pause(2.0)).await;
    }
}

async fn orders(bootstrap: String) -> Result<()> {
    let client = topic(&bootstrap, "orders", PARTITIONS).await?;
    for n in 0_u64.. {
        let order = Order::next();
        let body = order.body();
        let headers = OwnedHeaders::new()
            .insert(Header { key: "content-type", value: Some("application/json") })
            .insert(Header { key: "source", value: Some("shop") });
        let record = FutureRecord::to("orders").key(order.customer.as_str()).headers(headers);
        client.produce_one(record.payload(body.as_bytes())).await?;
        if n >= 300 {
            sleep(pause(20.0)).await;
        }
    }
    Ok(())
}

async fn page_views(bootstrap: String) -> Result<()> {
    let client = topic(&bootstrap, "page-views", 3).await?;
    loop {
        let body = shop::page_view();
        client.produce_one(FutureRecord::to("page-views").payload(body.as_bytes())).await?;
        sleep(pause(10.0)).await;
    }
}

async fn consume(bootstrap: String, group: &str, topic: &str, per_second: f64) -> Result<()> {
    let member = KafkaClient::new(&bootstrap)?.join(group, topic)?;
    loop {
        member.take(1).await?;
        sleep(pause(per_second)).await;
    }
}

async fn read_and_leave(bootstrap: &str) -> Result<()> {
    let client = KafkaClient::new(bootstrap)?;
    client.ensure_topic("orders", PARTITIONS).await?;
    client.join("fraud", "orders")?.take(100).await?;
    Ok(())
}

async fn topic(bootstrap: &str, name: &str, partitions: i32) -> Result<KafkaClient> {
    let client = KafkaClient::new(bootstrap)?;
    client.ensure_topic(name, partitions).await?;
    Ok(client)
}
