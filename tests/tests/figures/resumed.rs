//! A restart of Weir ends no growth, no age and no cause: they go on from history.
//!
//! The past is written into the data folder, minute by minute as Weir itself would have, so that an hour of it costs a
//! second. The present is real.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lapin::{
    Channel, Consumer,
    options::{BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use serde_json::{Value, json};
use weir::{
    brokers::{self, ObserveContext},
    config::BrokerConfig,
    history::{
        History as _,
        sqlite::{Database, SqliteHistory},
    },
};
use weir_model::{Metric, Observation, QueueObservation, Timestamp};
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq},
    clients::amqp::{Amqp, Taking},
    scratch::Scratch,
    unique,
    weir::{WeirProcess, queue_path},
};

/// How often the past was observed.
const STEP_SECONDS: i64 = 10;

/// What a queue had at so many seconds ago.
struct Then {
    depth: i64,
    arrived: i64,
    consumers: i64,
}

/// Writes the past of a queue into a data folder: that of the queue as it is now, with the figures of `then`.
async fn remember(
    data: &Scratch,
    node: &RabbitMq,
    queue: &str,
    for_seconds: i64,
    then: impl Fn(i64) -> Then,
) -> Result<()> {
    let now = as_it_is(node, queue, then(0).depth).await?;
    let history = SqliteHistory::start(Database::open(&data.path().join("weir.db")).await?).await?;
    let (until, of) = (Timestamp::now(), &now);
    for ago in (1..=for_seconds / STEP_SECONDS).rev().map(|n| n * STEP_SECONDS) {
        let Then { depth, arrived, consumers } = then(ago);
        let figures = [
            (Metric::Depth, depth),
            (Metric::Backlog, depth),
            (Metric::Ready, depth),
            (Metric::In, arrived),
            (Metric::Out, arrived - depth),
            (Metric::Consumers, consumers),
        ];
        let mut queue = of.clone();
        queue.figures = figures.map(|(metric, value)| (metric, Ok(value))).into();
        let at = until.plus_ms(-ago * 1000);
        history.append("it", &Observation { at, queues: vec![queue], ..Observation::default() }).await?;
    }
    Ok(history.flush().await?)
}

/// The queue as the adapter sees it, so that its epoch is the real one, once the broker has counted all that is in it.
async fn as_it_is(node: &RabbitMq, queue: &str, depth: i64) -> Result<QueueObservation> {
    let config = BrokerConfig {
        management_url: Some(node.management_url()),
        ..BrokerConfig::new("it", "amqp", vec![("127.0.0.1".to_owned(), node.amqp_port())])
    };
    let adapter = brokers::connect(&config)?;
    weir_tests::wait::until("the queue is counted", Duration::from_secs(30), || async {
        let seen = adapter.observe(&ObserveContext::default()).await.ok()?;
        let counted = |q: &QueueObservation| q.name == queue && q.value(Metric::Depth) == Some(depth);
        seen.queues.into_iter().find(counted)
    })
    .await
}

/// A consumer that takes a message and never acknowledges it, for as long as it is kept.
async fn idle_consumer(amqp: &Amqp, queue: &str) -> Result<(Channel, Consumer)> {
    let channel = amqp.channel().await?;
    channel.basic_qos(1, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let consumer = channel.basic_consume(queue.into(), "idle".into(), options, FieldTable::default()).await?;
    Ok((channel, consumer))
}

/// The row once the broker was looked at in this run.
async fn first_row(weir: &WeirProcess, queue: &str, depth: i64) -> Result<Value> {
    let path = queue_path("it", &["/", queue]);
    let seen = |row: &Value| (row["depth"] == depth).then(|| row.clone());
    weir.until("it is looked at", Duration::from_secs(30), &path, seen).await
}

fn seconds(row: &Value, figure: &str) -> Result<f64> {
    row[figure].as_f64().with_context(|| format!("{figure} is unknown: {row:#}"))
}

fn time(row: &Value, figure: &str) -> Result<Timestamp> {
    serde_json::from_value(row[figure].clone()).with_context(|| format!("{figure}: {row:#}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_backlog_that_grew_when_weir_is_restarted_then_growth_cause_and_age_go_on() -> Result<()> {
    let (node, data, queue) = (RabbitMq::shared().await?, Scratch::new("past")?, unique("grown"));
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    amqp.declare(&queue, &json!({})).await?;
    amqp.publish(&queue, 900).await?;
    // Calm for half an hour, then a message every two seconds for half an hour.
    let began = Timestamp::now().plus_ms(-1_800_000);
    remember(&data, node, &queue, 3600, |ago| {
        let depth = (1800 - ago).max(0) / 2;
        Then { depth, arrived: depth, consumers: 0 }
    })
    .await?;

    let mut weir = WeirProcess::start_in(data.path(), &node.config("it")).await?;
    let first = first_row(&weir, &queue, 900).await?;
    ensure!(weir.stop().await? == 0, "it did not stop cleanly");
    weir.start_again().await?;
    let second = first_row(&weir, &queue, 900).await?;
    for row in [&first, &second] {
        ensure!(row["trend"] == "growing" && row["status"] == "critical", "{row:#}");
        ensure!(row["status_reason"] == "Backlog grows and nothing consumes it", "{row:#}");
        let off = time(row, "backlog_since")?.since_ms(began).abs();
        // The start is where the backlog was last within a twentieth of its rise when growth was noticed.
        ensure!(off < 150_000 && row["backlog_since_at_least"] == false, "off by {off} ms: {row:#}");
        let (age, truth) = (seconds(row, "oldest_age_seconds")?, Timestamp::now().since_seconds(began));
        ensure!((age - truth).abs() < 75.0 && row["oldest_age_at_least"] == false, "{truth} s: {row:#}");
        ensure!((seconds(row, "growth_rate")? - 0.5).abs() < 0.1, "{row:#}");
    }
    ensure!(first["backlog_since"] == second["backlog_since"], "{first:#} {second:#}");
    ensure!(
        seconds(&second, "oldest_age_seconds")? >= seconds(&first, "oldest_age_seconds")?,
        "the oldest message became younger"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_consumers_that_took_nothing_when_weir_is_restarted_then_it_says_so_at_once() -> Result<()> {
    let (node, data, queue) = (RabbitMq::shared().await?, Scratch::new("past")?, unique("stuck"));
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    amqp.declare(&queue, &json!({})).await?;
    amqp.publish(&queue, 40).await?;
    let idle = idle_consumer(&amqp, &queue).await?;
    remember(&data, node, &queue, 700, |_| Then { depth: 40, arrived: 40, consumers: 1 }).await?;

    let weir = WeirProcess::start_in(data.path(), &node.config("it")).await?;
    let path = queue_path("it", &["/", &queue]);
    let stuck = |row: &Value| (row["consumers"] == 1 && row["depth"] == 40).then(|| row.clone());
    let row = weir.until("its consumer is seen", Duration::from_secs(30), &path, stuck).await?;
    ensure!(row["status_reason"] == "Consumers are there, but nothing went out for 5 min", "{row:#}");
    drop(idle);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_producers_that_send_more_than_usual_when_the_backlog_grows_then_that_is_the_cause()
-> Result<()> {
    let (node, data, queue) = (RabbitMq::shared().await?, Scratch::new("past")?, unique("burst"));
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    amqp.declare(&queue, &json!({})).await?;
    amqp.publish(&queue, 900).await?;
    amqp.take(&queue, 300, Taking::Acknowledged).await?;
    let idle = idle_consumer(&amqp, &queue).await?;
    // For fifty minutes a message every ten seconds, each taken at once; then two a second.
    remember(&data, node, &queue, 3300, |ago| {
        let depth = 2 * (300 - ago).max(0);
        Then { depth, arrived: (3300 - ago).min(3000) / 10 + depth, consumers: 1 }
    })
    .await?;

    let weir = WeirProcess::start_in(data.path(), &node.config("it")).await?;
    let path = queue_path("it", &["/", &queue]);
    // They go on sending: however long a start takes, the backlog grows.
    let sending = async {
        loop {
            amqp.publish(&queue, 1).await?;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let seen = |row: &Value| {
        let reason = row["status_reason"].as_str()?;
        (row["consumers"] == 1 && reason.contains("producers send")).then(|| reason.to_owned())
    };
    let reason = tokio::select! {
        reason = weir.until("the cause is told", Duration::from_secs(60), &path, seen) => reason?,
        failed = sending => { let failed: Result<()> = failed; failed?; return Ok(()) }
    };
    ensure!(reason.ends_with("/s is usual"), "{reason}");
    drop(idle);
    Ok(())
}
