//! Queues and vhosts named `.` and `..`, which no address of the management API can hold.

use anyhow::{Context as _, Result, anyhow};
use lapin::{
    Channel, Connection, ConnectionProperties,
    options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions},
    types::FieldTable,
    uri::AMQPUri,
};
use weir_model::{
    QueueId, QueueKind, QueueObservation,
    message::{BodyEncoding, BodyInput, PeekRequest, PricedEffect, PublishRequest, PurgeRequest},
    queue::QueueDescription,
};
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq},
    wait,
    weir::WeirProcess,
};

use crate::support::{Client, SETTLED, Weir, adapter, observe};

/// A new vhost, which the default user may use, and a channel in it.
async fn in_vhost(node: &RabbitMq, name: &str) -> Result<(Connection, Channel)> {
    node.ctl(&["add_vhost", name])?;
    node.ctl(&["set_permissions", "-p", name, "guest", ".*", ".*", ".*"])?;
    into_vhost(node, name).await
}

pub(crate) async fn into_vhost(node: &RabbitMq, name: &str) -> Result<(Connection, Channel)> {
    let mut uri: AMQPUri = node.amqp_url().parse().map_err(|error| anyhow!("{error}"))?;
    uri.vhost = name.to_owned();
    let connection = Connection::connect_uri(uri, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    Ok((connection, channel))
}

pub(crate) async fn declare(channel: &Channel, name: &str) -> Result<()> {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(name.into(), durable, FieldTable::default()).await?;
    Ok(())
}

/// Publishes, looks and purges as an operator would.
async fn act_on(weir: &Weir, queue: &QueueObservation) -> Result<QueueDescription> {
    let publish = PublishRequest {
        body: BodyInput { encoding: BodyEncoding::Utf8, data: "x".to_owned() }.into(),
        ..PublishRequest::default()
    };
    let receipt = weir.publish().context("publish")?.publish(queue, &publish).await?;
    assert_eq!(receipt.routed, Some(true), "{receipt:?}");
    let peek = weir.peek().context("peek")?;
    let price = peek.price(queue).await?;
    assert_eq!(price.effects, [PricedEffect::Redelivered], "{:?}", queue.id);
    let request = PeekRequest { limit: 10, accept: price.effects };
    let page = peek.peek(queue, &request).await?.page;
    assert_eq!(page.items.len(), 1, "{:?}", queue.id);
    let purge = PurgeRequest { seen_depth: Some(1), ..PurgeRequest::default() };
    assert_eq!(weir.purge().context("purge")?.purge(queue, &purge).await?.removed, Some(1));
    Ok(weir.describe(queue).await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_names_of_dots_when_listed_described_and_acted_on_then_it_is_that_very_queue() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    let (_open, there) = in_vhost(node, "..").await?;
    declare(&there, "orders").await?;
    client.declare("orders", &[]).await?;
    for name in [".", ".."] {
        client.declare(name, &[]).await?;
        let bind = QueueBindOptions::default();
        client
            .channel
            .queue_bind(
                name.into(),
                "amq.direct".into(),
                format!("to {name}").into(),
                bind,
                FieldTable::default(),
            )
            .await?;
    }
    let seen = observe(&weir).await?;
    for (vhost, name) in [("/", "."), ("/", ".."), ("..", "orders")] {
        let id = QueueId::from_parts(&[vhost, name]);
        let listed = seen.queues.iter().find(|queue| queue.id == id).with_context(|| format!("{id}"))?;
        let told = act_on(&weir, listed).await?;
        assert!(
            told.configuration.iter().any(|fact| fact.name == "durable" && fact.value == "yes"),
            "{told:?}"
        );
        if vhost == "/" {
            let keys: Vec<_> = told
                .bindings
                .iter()
                .map(|b| b.routing_key.clone())
                .filter(|key| key.starts_with("to"))
                .collect();
            assert_eq!(keys, [format!("to {name}")]);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_consumer_of_a_queue_named_by_dots_when_described_then_it_and_no_other_is_listed()
-> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, (_open, channel)) = (adapter(node)?, in_vhost(node, ".").await?);
    // A consumer that is dropped is cancelled.
    let mut open = Vec::new();
    for name in ["..", "others"] {
        declare(&channel, name).await?;
        let tag = format!("reader of {name}");
        let options = BasicConsumeOptions::default();
        open.push(
            channel.basic_consume(name.into(), tag.as_str().into(), options, FieldTable::default()).await?,
        );
    }
    let id = QueueId::from_parts(&[".", ".."]);
    let queue = QueueObservation::new(id, QueueKind::RabbitmqClassic, "..", ".");
    let consumers = wait::until("the consumer is listed", SETTLED, || async {
        let told = weir.describe(&queue).await.ok()?;
        (!told.consumers.is_empty()).then_some(told.consumers)
    })
    .await?;
    assert_eq!(consumers.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["reader of .."]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_weirs_own_addresses_when_a_queue_is_named_by_dots_then_clients_leave_them_whole() -> Result<()>
{
    let node = RabbitMq::shared().await?;
    Client::connect(node).await?.declare("..", &[]).await?;
    let weir = WeirProcess::start(&node.config("mq")).await?;
    let queue = "/brokers/mq/queues/~2f:..";
    weir.until("the queue is listed", SETTLED, "/api/v1/queues", |page| {
        page["items"].as_array()?.iter().find(|row| row["name"] == "..").map(drop)
    })
    .await?;
    let detail = weir.get(&format!("/api/v1{queue}")).await?;
    assert_eq!((&detail["name"], &detail["id"]), (&"..".into(), &"~2f:..".into()));
    for tab in ["", "/messages", "/consumers", "/configuration", "/activity", "/publish", "/purge"] {
        let page = weir.call(reqwest::Method::GET, &format!("{queue}{tab}"), None).await?;
        assert_eq!(page.status(), 200, "{tab}");
    }
    Ok(())
}
