//! The three brokers at their standard ports, and a Weir that nobody configured.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::time::Instant;
use weir_tests::{
    brokers::{Kafka, RabbitMq, Redis},
    weir::{WeirProcess, queue_path},
};

use crate::programs::Programs;

/// One of the article's four.
#[derive(Clone, Copy)]
pub(crate) struct Queue {
    pub broker: &'static str,
    pub name: &'static str,
    parts: &'static [&'static str],
}

pub(crate) const HELLO: Queue = Queue { broker: "rabbitmq", name: "hello", parts: &["/", "hello"] };
pub(crate) const MY_QUEUE: Queue =
    Queue { broker: "redis", name: "my_queue", parts: &["0", "list", "my_queue"] };
pub(crate) const MY_CHANNEL: Queue =
    Queue { broker: "redis", name: "my_channel", parts: &["0", "channel", "my_channel"] };
pub(crate) const MY_TOPIC: Queue = Queue { broker: "kafka", name: "my_topic", parts: &["my_topic"] };

impl Queue {
    pub(crate) fn path(&self) -> String {
        queue_path(self.broker, self.parts)
    }
}

/// All that runs.
pub(crate) struct House {
    pub weir: WeirProcess,
    pub programs: Programs,
    pub rabbitmq: RabbitMq,
    pub redis: Redis,
    pub kafka: Kafka,
}

impl House {
    pub(crate) async fn start() -> Result<Self> {
        let programs = Programs::new()?;
        let (rabbitmq, redis, kafka) = tokio::try_join!(
            RabbitMq::start_on_standard_ports(),
            Redis::start_on_standard_port(),
            Kafka::start_on_standard_port()
        )?;
        let weir = WeirProcess::start_unconfigured(&[]).await?;
        let house = Self { weir, programs, rabbitmq, redis, kafka };
        house.all_up().await?;
        Ok(house)
    }

    /// Waits until Weir has found the three, and has looked at them.
    pub(crate) async fn all_up(&self) -> Result<()> {
        let within = Duration::from_secs(20);
        let up = |page: &Value| {
            let brokers = page["items"].as_array()?;
            let found: Vec<_> = brokers.iter().filter_map(|broker| broker["name"].as_str()).collect();
            let up = brokers.iter().all(|b| b["status"] == "up" && b["auto_detected"] == true);
            (up && found == ["rabbitmq", "redis", "kafka"]).then_some(())
        };
        self.weir.until("the three are found and up", within, "/api/v1/brokers", up).await
    }

    /// Waits until the list shows a queue with these figures, and says how long that took.
    pub(crate) async fn shows(
        &self,
        queue: &Queue,
        what: &str,
        since: Instant,
        within: Duration,
        figures: &Value,
    ) -> Result<()> {
        let left = within.saturating_sub(since.elapsed());
        let figures = figures.as_object().context("figures by their names")?;
        let text = format!("{} is {what}", queue.name);
        self.weir
            .until(&text, left, "/api/v1/queues?limit=1000", |page| {
                let row = page["items"].as_array()?.iter().find(|row| is(queue, row))?;
                figures.iter().all(|(name, value)| row[name] == *value).then_some(())
            })
            .await?;
        measured(&text, since);
        ensure!(since.elapsed() <= within, "{text}: not within {within:?}");
        Ok(())
    }
}

fn is(queue: &Queue, row: &Value) -> bool {
    row["broker"] == queue.broker && row["name"] == queue.name
}

/// Prints a measurement.
pub(crate) fn measured(what: &str, since: Instant) {
    eprintln!("acceptance: {what} after {:.1} s", since.elapsed().as_secs_f64());
}
