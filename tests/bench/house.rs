//! What the measures stand on: a RabbitMQ node of its own with a thousand queues, started once for all of them.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio::{task::JoinSet, time::sleep};
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq},
    clients::{amqp::Amqp, management::Management},
    wait,
    weir::WeirProcess,
};

/// The name of the broker in Weir's config.
pub(crate) const BROKER: &str = "orders";
/// Queues on it.
pub(crate) const QUEUES: usize = 1000;
/// Queues that get a message every second while [`Node::traffic`] lasts.
const BUSY: usize = 50;

/// Starts what is needed when it is needed.
#[derive(Default)]
pub(crate) struct House {
    node: Option<Arc<Node>>,
}

impl House {
    /// The broker, started for whoever asks first.
    pub(crate) async fn node(&mut self) -> Result<Arc<Node>> {
        if let Some(node) = &self.node {
            return Ok(Arc::clone(node));
        }
        let node = Arc::new(Node::start().await?);
        self.node = Some(Arc::clone(&node));
        Ok(node)
    }
}

/// RabbitMQ with its queues; each holds a message, so that the broker has counters for all of them.
pub(crate) struct Node {
    pub server: RabbitMq,
    amqp: Arc<Amqp>,
}

impl Node {
    async fn start() -> Result<Self> {
        eprintln!("    starting RabbitMQ with {QUEUES} queues …");
        let server = RabbitMq::start().await?;
        let amqp = Arc::new(Amqp::connect(&server.amqp_url()).await?);
        for n in 0..QUEUES {
            amqp.declare(&queue(n), &json!({})).await?;
            amqp.publish(&queue(n), 1).await?;
        }
        let management = Management::new(&server.management_url())?;
        let path = "/api/queues?columns=name,message_stats.publish";
        wait::until("the broker counts in every queue", Duration::from_secs(120), || async {
            let queues = management.get(path).await.ok()?;
            let counted = queues.as_array()?.iter().filter(|queue| queue["message_stats"]["publish"] == 1);
            (counted.count() == QUEUES).then_some(())
        })
        .await?;
        Ok(Self { server, amqp })
    }

    /// The broker's process.
    pub(crate) fn pid(&self) -> Result<u32> {
        weir_tests::brokers::BrokerServer::server(&self.server).pid().context("RabbitMQ does not run")
    }

    /// The `[[brokers]]` entry, polled at an interval such as `10s`.
    pub(crate) fn config(&self, poll_interval: &str) -> String {
        format!("{}poll_interval = \"{poll_interval}\"\n", self.server.config(BROKER))
    }

    /// Weir on this broker, once it has seen every queue.
    pub(crate) async fn weir(&self, poll_interval: &str) -> Result<WeirProcess> {
        let weir = WeirProcess::start(&self.config(poll_interval)).await?;
        weir.until("Weir sees every queue", Duration::from_secs(60), "/api/v1/queues?limit=1", |answer| {
            (answer["total"].as_u64()? == QUEUES as u64).then_some(())
        })
        .await?;
        Ok(weir)
    }

    /// A message a second for each of some queues, until this is dropped.
    pub(crate) fn traffic(&self) -> JoinSet<()> {
        let mut traffic = JoinSet::new();
        let amqp = Arc::clone(&self.amqp);
        traffic.spawn(async move {
            loop {
                for n in 0..BUSY {
                    if let Err(error) = amqp.publish(&queue(n * QUEUES / BUSY), 1).await {
                        eprintln!("    the traffic ends: {error:#}");
                        return;
                    }
                }
                sleep(Duration::from_secs(1)).await;
            }
        });
        traffic
    }
}

/// Whether Weir looks at the broker less often than it was told, since looking is dear on this machine.
pub(crate) async fn slowed(weir: &WeirProcess) -> Result<bool> {
    let brokers = weir.get("/api/v1/brokers").await?;
    let broker = &brokers["items"][0];
    ensure!(broker["status"] == "up", "the broker is not up: {broker}");
    Ok(broker["slowed"] == true)
}

fn queue(n: usize) -> String {
    format!("orders.{n:04}")
}
