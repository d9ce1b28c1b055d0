//! A small busy shop on three brokers, beside the queues of the article: something true for every page to show.
//!
//! | queue | what it shows |
//! |---|---|
//! | RabbitMQ `hello`, Redis `my_queue`, `my_channel`, Kafka `my_topic` | the article's four, in step |
//! | RabbitMQ `orders` (quorum) | consumers slightly too slow: a growing backlog |
//! | RabbitMQ `orders.dead-letter` | fills with what the consumers of `orders` reject, with `x-death` |
//! | RabbitMQ `payments`, `mails`, `invoices` | kept empty; a consumer that is stuck; no consumer at all |
//! | RabbitMQ `shop.events` (stream) | one reader |
//! | Redis `jobs:email`, `shop:events` | jobs as a list; a stream with a group in step and one that lags |
//! | Kafka `orders` | groups `billing` (in step), `analytics` (slow), `fraud` (nobody left) |
//! | Kafka `page-views` | read without a group |

mod kafka;
mod rabbitmq;
mod redis;
mod shop;

use std::{fmt::Display, future::Future, time::Duration};

use tokio::{task::JoinSet, time::sleep};

/// Where the three brokers are.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// `amqp://…` with credentials.
    pub amqp: String,
    /// RabbitMQ's management API.
    pub management: String,
    /// `redis://…`.
    pub redis: String,
    /// Kafka's `bootstrap.servers`.
    pub kafka: String,
}

impl Addresses {
    /// A `weir.toml` that names the three orders, cache and log.
    #[must_use]
    pub fn config(&self) -> String {
        let Self { amqp, management, redis, kafka } = self;
        format!(
            "[[brokers]]\nname = \"orders\"\nurl = \"{amqp}\"\nmanagement_url = \"{management}\"\n\n\
             [[brokers]]\nname = \"cache\"\nurl = \"{redis}\"\ninclude = [\"channel:my_channel\", \"*\"]\n\n\
             [[brokers]]\nname = \"log\"\nurl = \"kafka://{kafka}\"\n"
        )
    }
}

/// Starts the traffic. It goes on until the set is dropped, and mends itself when a broker was away.
#[must_use]
pub fn start(addresses: &Addresses) -> JoinSet<()> {
    let mut actors = JoinSet::new();
    rabbitmq::start(&mut actors, &addresses.amqp);
    redis::start(&mut actors, &addresses.redis);
    kafka::start(&mut actors, &addresses.kafka);
    actors
}

/// Runs an actor over and over; after a failure it says so and rests a second.
async fn keep_running<F, Fut, E>(name: &'static str, actor: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    loop {
        if let Err(error) = actor().await {
            tracing::warn!("{name} starts anew: {error:#}");
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// An actor that gets the broker's address anew each time it starts.
fn at<A, Fut>(address: &str, actor: A) -> impl Fn() -> Fut + use<A, Fut>
where
    A: Fn(String) -> Fut,
{
    let address = address.to_owned();
    move || actor(address.clone())
}

/// The pause between two messages at `per_second`, a little uneven as real traffic is.
fn pause(per_second: f64) -> Duration {
    Duration::from_secs_f64(rand::random_range(0.5..1.5) / per_second)
}
