//! A broker's end shows, and so does its return, each within two intervals.

use std::{future::Future, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;
use weir_tests::{brokers::BrokerServer, clients::management::Management, wait, weir::WeirProcess};

use crate::{
    house::{HELLO, House, MY_QUEUE, MY_TOPIC, Queue, measured},
    tools,
};

/// In which a broker must report its queue after it answers: RabbitMQ takes up to 20 s.
const REPORTED_WITHIN: Duration = Duration::from_secs(60);

/// Stops and starts RabbitMQ, and beside it Redis and then Kafka.
pub(crate) async fn shown_and_healed(house: &mut House) -> Result<()> {
    let House { weir, programs, rabbitmq, redis, kafka } = house;
    programs.run("redis_push", &["2"]).await?;
    let (weir, programs) = (&*weir, &*programs);
    let on_rabbitmq = async {
        let management = Management::new(&rabbitmq.management_url())?;
        let reported = || async { management.queue("hello").await.is_ok_and(|hello| hello["messages"] == 2) };
        goes(weir, HELLO, rabbitmq).await?;
        rabbitmq.start_again().await?;
        // The article's queue is not durable: it is back when its sender declares it anew.
        programs.run("rabbitmq_send", &["2"]).await?;
        returns(weir, HELLO, reported, &json!({"depth": 2, "vanished": false})).await
    };
    let on_the_others = async {
        goes(weir, MY_QUEUE, redis).await?;
        redis.start_again().await?;
        let reported = || async { tools::my_queue(redis).is_ok_and(|held| held.len() == 2) };
        returns(weir, MY_QUEUE, reported, &json!({"depth": 2, "vanished": false})).await?;

        goes(weir, MY_TOPIC, kafka).await?;
        // It has answered a request for metadata then.
        kafka.start_again().await?;
        returns(weir, MY_TOPIC, || async { true }, &json!({"depth": 1, "vanished": false})).await
    };
    tokio::try_join!(on_rabbitmq, on_the_others).map(drop)
}

/// Stops a broker; its card and its queue's row must say so.
async fn goes(weir: &WeirProcess, queue: Queue, server: &mut impl BrokerServer) -> Result<()> {
    let within = two_intervals(weir, queue).await?;
    server.stop().await?;
    let gone = Instant::now();
    card_and_row(weir, queue, gone + within, "down", &json!({"status": "unknown"})).await?;
    measured(&format!("{} is shown down (two intervals: {} s)", queue.broker, within.as_secs()), gone);
    Ok(())
}

/// Waits until the broker reports its queue; then the card must be up and the row right.
async fn returns<F: Future<Output = bool>>(
    weir: &WeirProcess,
    queue: Queue,
    reported: impl Fn() -> F,
    figures: &Value,
) -> Result<()> {
    let within = two_intervals(weir, queue).await?;
    let text = format!("{} reports {}", queue.broker, queue.name);
    wait::until(&text, REPORTED_WITHIN, || async { reported().await.then_some(()) }).await?;
    let back = Instant::now();
    card_and_row(weir, queue, back + within, "up", figures).await?;
    measured(&format!("{} is healed (two intervals: {} s)", queue.broker, within.as_secs()), back);
    Ok(())
}

async fn card_and_row(
    weir: &WeirProcess,
    queue: Queue,
    deadline: Instant,
    status: &str,
    figures: &Value,
) -> Result<()> {
    let left = || deadline.saturating_duration_since(Instant::now());
    let figures = figures.as_object().context("figures by their names")?;
    weir.until(&format!("the card of {} is {status}", queue.broker), left(), "/api/v1/brokers", |page| {
        page["items"]
            .as_array()?
            .iter()
            .find(|b| b["name"] == queue.broker && b["status"] == status)
            .map(drop)
    })
    .await?;
    weir.until(&format!("the row of {} is right", queue.name), left(), &queue.path(), |row| {
        figures.iter().all(|(name, value)| row[name] == *value).then_some(())
    })
    .await?;
    ensure!(Instant::now() <= deadline, "{} is {status}, but too late", queue.broker);
    Ok(())
}

/// Twice the interval at which Weir now observes a broker, as its card says.
async fn two_intervals(weir: &WeirProcess, queue: Queue) -> Result<Duration> {
    let page = weir.get("/api/v1/brokers").await?;
    let card = page["items"].as_array().and_then(|cards| cards.iter().find(|c| c["name"] == queue.broker));
    let seconds = card.and_then(|card| card["poll_interval_seconds"].as_f64()).context("no interval")?;
    Ok(Duration::from_secs_f64(2.0 * seconds))
}
