//! What is wrong, in words, where it is really wrong.

use anyhow::{Context as _, Result};
use lapin::options::{BasicGetOptions, BasicNackOptions};
use serde_json::json;
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq},
    clients::amqp::Amqp,
    unique,
};

use crate::support::Watched;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_message_that_comes_back_again_and_again_when_seen_then_a_poison_message_is_named()
-> Result<()> {
    let node = RabbitMq::shared().await?;
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    let queue = unique("poisoned");
    amqp.declare(&queue, &json!({})).await?;
    let watched = Watched::start(&node.config("it"), &["/", &queue]).await?;
    amqp.publish(&queue, 1).await?;
    let channel = amqp.channel().await?;
    for _ in 0..40 {
        let got = channel.basic_get(queue.as_str().into(), BasicGetOptions::default()).await?;
        let tag = got.context("it came back")?.delivery.delivery_tag;
        channel.basic_nack(tag, BasicNackOptions { requeue: true, multiple: false }).await?;
    }
    let named = |row: &serde_json::Value| {
        row["status"] == "warning"
            && row["status_reason"].as_str().is_some_and(|why| why.contains("a poison message"))
    };
    watched.row_when("the poison message is named", named).await.map(drop)
}
