//! Queues whose vhost and name read alike once they are written one after the other.

use std::collections::HashSet;

use anyhow::{Context as _, Result, ensure};
use lapin::{
    BasicProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use reqwest::Method;
use serde_json::{Value, json};
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq},
    clients::management::Management,
    unique,
    weir::{WeirProcess, queue_path},
};

use crate::{
    dots::{declare, into_vhost},
    support::SETTLED,
};

/// A queue that holds `depth` messages.
struct Twin {
    vhost: String,
    name: &'static str,
    depth: usize,
}

impl Twin {
    fn path(&self) -> String {
        queue_path("mq", &[&self.vhost, self.name])
    }
}

/// Vhost and name run together are the same text for several of them, whatever stands between.
async fn twins(node: &RabbitMq) -> Result<Vec<Twin>> {
    let a = unique("alike");
    let vhosts: [(String, &[&str]); 4] = [
        (a.clone(), &["b/c", "/b/c", ":b:c", "~2fb~2fc"]),
        (format!("{a}/b"), &["c", "/c"]),
        (format!("{a}:b"), &["c", ":c"]),
        (format!("{a}b"), &["/c"]),
    ];
    let mut twins = Vec::new();
    let management = Management::new(&node.management_url())?;
    for (vhost, names) in vhosts {
        let encoded = vhost.replace('/', "%2F");
        management.send(Method::PUT, &format!("/api/vhosts/{encoded}"), None).await?;
        let all = json!({"configure": ".*", "write": ".*", "read": ".*"});
        management.send(Method::PUT, &format!("/api/permissions/{encoded}/guest"), Some(&all)).await?;
        let (_open, channel) = into_vhost(node, &vhost).await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        for name in names {
            declare(&channel, name).await?;
            let depth = twins.len() + 1;
            for _ in 0..depth {
                let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
                channel.basic_publish("".into(), (*name).into(), options, b"m", properties).await?;
            }
            twins.push(Twin { vhost: vhost.clone(), name, depth });
        }
        channel.wait_for_confirms().await?;
    }
    Ok(twins)
}

async fn shows(weir: &WeirProcess, twin: &Twin, depth: usize) -> Result<()> {
    let what = format!("{} in {} holds {depth}", twin.name, twin.vhost);
    let wanted = |row: &Value| {
        let own = row["name"] == twin.name && row["scope"] == twin.vhost.as_str();
        (own && row["depth"] == depth).then_some(())
    };
    weir.until(&what, SETTLED, &twin.path(), wanted).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_vhosts_and_names_that_concatenate_alike_when_acted_on_then_it_is_that_very_queue() -> Result<()>
{
    let node = RabbitMq::shared().await?;
    let twins = twins(node).await?;
    let weir = WeirProcess::start(&format!("{}poll_interval = \"2s\"\n", node.config("mq"))).await?;
    for twin in &twins {
        shows(&weir, twin, twin.depth).await?;
        // Stored a moment after it is shown.
        let path = format!("{}/series?metric=depth", twin.path());
        let is_told = |series: &Value| {
            let last = series["points"].as_array()?.iter().rev().find_map(|point| point["last"].as_f64())?;
            (last == twin.depth as f64).then_some(())
        };
        weir.until("its history has its depth", SETTLED, &path, is_told).await?;
    }
    let metrics = weir.call(Method::GET, "/metrics", None).await?.text().await?;
    let mut labels = HashSet::new();
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (label, _) = line.rsplit_once(' ').context("a value")?;
        ensure!(labels.insert(label), "twice: {label}");
    }

    let [purged, published, ..] = &twins[..] else { anyhow::bail!("there are two") };
    let body = json!({"confirm": purged.name, "seen_depth": purged.depth});
    let receipt = weir.post(&format!("{}/purge", purged.path()), &body).await?;
    ensure!(receipt["removed"] == purged.depth, "{receipt}");
    weir.post(&format!("{}/messages", published.path()), &json!({"body": {"data": "x"}})).await?;
    shows(&weir, purged, 0).await?;
    shows(&weir, published, published.depth + 1).await?;
    for twin in &twins[2..] {
        shows(&weir, twin, twin.depth).await?;
    }
    Ok(())
}
