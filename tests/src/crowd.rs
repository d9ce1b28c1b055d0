//! Very many queues and vhosts on a RabbitMQ node.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use lapin::{
    Connection, ConnectionProperties,
    options::{QueueDeclareOptions, QueueDeleteOptions},
    types::FieldTable,
};
use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::{brokers::RabbitMq, clients::management::Management};

/// Queues that are there at the same time.
const AT_ONCE: usize = 200;
/// Requests that are under way at the same time.
const HANDS: usize = 8;

/// Declares and deletes that many queues.
///
/// # Errors
/// The broker refuses.
pub async fn come_and_go(rabbitmq: &RabbitMq, queues: usize) -> Result<()> {
    let connection = Connection::connect(&rabbitmq.amqp_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    for round in 0..queues / AT_ONCE {
        let names: Vec<String> = (0..AT_ONCE).map(|n| format!("come-and-go-{round}-{n}")).collect();
        for name in &names {
            let options = QueueDeclareOptions::durable();
            channel.queue_declare(name.as_str().into(), options, FieldTable::default()).await?;
        }
        // Long enough that a look falls between.
        sleep(Duration::from_secs(3)).await;
        for name in &names {
            channel.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await?;
        }
    }
    Ok(())
}

/// Makes that many vhosts, with a queue in each tenth.
///
/// # Errors
/// The broker refuses.
pub async fn make_vhosts(rabbitmq: &RabbitMq, vhosts: usize) -> Result<()> {
    let management = Management::new(&rabbitmq.management_url())?;
    let management = &management;
    let made = stream::iter(0..vhosts).map(|n| async move {
        management.send(Method::PUT, &format!("/api/vhosts/v-{n}"), None).await?;
        if n % 10 == 0 {
            let body = json!({"durable": true});
            management.send(Method::PUT, &format!("/api/queues/v-{n}/orders"), Some(&body)).await?;
        }
        anyhow::Ok(())
    });
    made.buffer_unordered(HANDS).try_collect::<Vec<()>>().await.context("making vhosts")?;
    Ok(())
}

/// Deletes what [`make_vhosts`] has made.
///
/// # Errors
/// The broker refuses.
pub async fn delete_vhosts(rabbitmq: &RabbitMq, vhosts: usize) -> Result<()> {
    let management = Management::new(&rabbitmq.management_url())?;
    let management = &management;
    let deleted = stream::iter(0..vhosts)
        .map(|n| async move { management.send(Method::DELETE, &format!("/api/vhosts/v-{n}"), None).await });
    deleted.buffer_unordered(HANDS).try_collect::<Vec<_>>().await.context("deleting vhosts")?;
    Ok(())
}
