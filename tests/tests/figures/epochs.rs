//! Counters that begin anew or go away without a restart of the broker: no rate below 0, no spike, no made-up
//! zero, on any row on the way and in the series at the end.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use weir_model::Metric;
use weir_tests::{
    brokers::{BrokerServer as _, Kafka, RabbitMq},
    clients::{
        amqp::{Amqp, Taking},
        kafka::KafkaClient,
        management::Management,
    },
    unique, wait,
};

use crate::support::Watched;

/// What the traffic could make of any window, with room: all in one second.
const ANY_RATE: f64 = 300.0;
const SETTLES_WITHIN: Duration = Duration::from_secs(60);

/// Looks at row after row while `act` goes on and until the row is as wanted: each depth is unknown or one of `depths`.
async fn through(
    watched: &Watched,
    what: &str,
    depths: std::ops::RangeInclusive<i64>,
    act: impl Future<Output = Result<()>>,
    wanted: impl Fn(&Value) -> bool,
) -> Result<()> {
    tokio::pin!(act);
    let (mut acts, deadline) = (true, Instant::now() + SETTLES_WITHIN);
    loop {
        let row = watched.row().await?;
        let depth = row["depth"].as_i64();
        ensure!(depth.is_none_or(|depth| depths.contains(&depth)), "{what}: a depth that never was: {row:#}");
        for rate in ["in_rate", "delivered_rate", "out_rate", "ack_rate", "redelivered_rate"] {
            let told = row[rate].as_f64();
            ensure!(told.is_none_or(|rate| (0.0..=ANY_RATE).contains(&rate)), "{what}: {rate}: {row:#}");
        }
        if !acts && wanted(&row) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("{what}: not within {SETTLES_WITHIN:?}: {row:#}\n{}", watched.weir.log()?);
        }
        tokio::select! {
            done = &mut act, if acts => {
                done?;
                acts = false;
            }
            () = sleep(Duration::from_millis(250)) => {}
        }
    }
}

/// `rabbitmqctl` beside the looks.
async fn ctl(node: &Arc<RabbitMq>, commands: &[&[&str]]) -> Result<()> {
    for command in commands {
        let (node, command) = (Arc::clone(node), command.iter().map(ToString::to_string).collect::<Vec<_>>());
        let run = move || node.ctl(&command.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(run).await??;
    }
    Ok(())
}

/// The series tell no more than was published and taken, and no rate that could not have been.
async fn series_are_true(watched: Watched, published: i64, taken: i64) -> Result<()> {
    for metric in ["in_rate", "out_rate"] {
        for point in watched.points(metric).await? {
            let rates = ["min", "avg", "max", "last"].map(|which| point[which].as_f64());
            let lies = |rate: &f64| *rate < 0.0 || *rate > ANY_RATE;
            ensure!(!rates.iter().flatten().any(lies), "{metric} {point}");
        }
    }
    let found = watched.increases(&[Metric::In, Metric::Out]).await?;
    ensure!(found[0] <= published && found[1] <= taken, "{found:?} of {published} and {taken}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_statistics_switched_the_application_stopped_and_an_alarm_when_seen_then_the_figures_tell_no_lie()
-> Result<()> {
    let node = Arc::new(RabbitMq::start().await?);
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    amqp.declare("held", &json!({})).await?;
    let watched = Watched::start(&node.config("it"), &["/", "held"]).await?;
    amqp.publish("held", 140).await?;
    amqp.take("held", 20, Taking::Acknowledged).await?;
    let counted = |row: &Value| row["depth"] == 120 && row["in_rate"].as_f64().is_some_and(|rate| rate > 0.0);
    through(&watched, "published", 0..=140, async { Ok(()) }, counted).await?;

    let rates_mode = |mode| format!("application:set_env(rabbitmq_management, rates_mode, {mode}).");
    let off = |row: &Value| {
        let why = ["in_rate", "out_rate", "delivered_rate"].map(|rate| row["unknown"][rate]["code"].clone());
        row["depth"] == 120 && why.iter().all(|code| code == "statistics_off")
    };
    through(&watched, "off", 120..=120, ctl(&node, &[&["eval", &rates_mode("none")]]), off).await?;
    let on = |row: &Value| row["depth"] == 120 && row["in_rate"].is_f64();
    through(&watched, "on", 120..=120, ctl(&node, &[&["eval", &rates_mode("basic")]]), on).await?;

    let stopped = ctl(&node, &[&["stop_app"], &["start_app"]]);
    through(&watched, "stop_app", 120..=120, stopped, on).await?;

    let alarm = |row: &Value| {
        let reason = row["status_reason"].as_str().unwrap_or_default();
        row["status"] == "critical" && reason.starts_with("The broker blocks publishers: memory alarm on")
    };
    let limit: &[&str] = &["set_vm_memory_high_watermark", "0.00001"];
    through(&watched, "the alarm", 120..=120, ctl(&node, &[limit]), alarm).await?;
    series_are_true(watched, 140, 20).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_queue_and_a_vhost_made_anew_between_two_looks_when_seen_again_then_the_figures_tell_no_lie()
-> Result<()> {
    let node = RabbitMq::shared().await?;
    let management = Management::new(&node.management_url())?;
    let vhost = unique("shop");
    let make = || async {
        management.send(Method::PUT, &format!("/api/vhosts/{vhost}"), None).await?;
        let all = json!({"configure": ".*", "write": ".*", "read": ".*"});
        management.send(Method::PUT, &format!("/api/permissions/{vhost}/guest"), Some(&all)).await?;
        let amqp = Amqp::connect(&node.amqp_url().replace("%2f", &vhost)).await?;
        amqp.declare("held", &json!({})).await?;
        anyhow::Ok(amqp)
    };
    let amqp = make().await?;
    let watched = Watched::start(&node.config("it"), &[&vhost, "held"]).await?;
    let fill = |amqp: Amqp, count: usize| async move {
        amqp.publish("held", count).await?;
        // Channels that close at once lose their counts: it stays open until the end.
        anyhow::Ok(amqp)
    };
    let amqp = fill(amqp, 120).await?;
    let holds = |depth: i64| move |row: &Value| row["depth"] == depth && row["in_rate"].is_f64();
    through(&watched, "published", 0..=120, async { Ok(()) }, holds(120)).await?;

    // More than before, so that no counter falls.
    let channel = amqp.channel().await?;
    let again = async {
        channel.queue_delete("held".into(), Default::default()).await?;
        amqp.declare("held", &json!({})).await?;
        amqp.publish("held", 200).await
    };
    through(&watched, "the queue", 0..=200, again, holds(200)).await?;

    let mut last = None;
    let again = async {
        management.send(Method::DELETE, &format!("/api/vhosts/{vhost}"), None).await?;
        last = Some(fill(make().await?, 280).await?);
        Ok(())
    };
    through(&watched, "the vhost", 0..=280, again, holds(280)).await?;
    series_are_true(watched, 120 + 200 + 280, 0).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_topic_made_anew_between_two_looks_when_seen_again_then_the_figures_tell_no_lie() -> Result<()>
{
    let broker = Kafka::shared().await?;
    let (client, topic) = (KafkaClient::new(&broker.bootstrap())?, unique("anew"));
    client.create_topic(&topic, 2, &[]).await?;
    let watched = Watched::start(&broker.config("it"), &[&topic]).await?;
    client.produce(&topic, 2, 120).await?;
    let holds = |depth: i64| move |row: &Value| row["depth"] == depth && row["in_rate"].is_f64();
    through(&watched, "published", 0..=120, async { Ok(()) }, holds(120)).await?;
    for (count, most) in [(40, 120), (200, 200)] {
        let again = async {
            client.delete_topic(&topic).await?;
            // The old one is there for a moment.
            let made = || async { client.create_topic(&topic, 2, &[]).await.ok() };
            wait::until("it is made anew", SETTLES_WITHIN, made).await?;
            client.produce(&topic, 2, count).await
        };
        through(&watched, "made anew", 0..=most, again, holds(count as i64)).await?;
    }
    series_are_true(watched, 120 + 40 + 200, 0).await
}
