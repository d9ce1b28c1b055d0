//! The shop on Redis.

use anyhow::Result;
use futures::StreamExt as _;
use redis::{
    AsyncCommands as _,
    aio::MultiplexedConnection,
    streams::{StreamMaxlen, StreamReadOptions, StreamReadReply},
};
use tokio::{task::JoinSet, time::sleep};

use super::{at, keep_running, pause, shop};
use crate::clients::redis::connect;

const JOBS: &str = "jobs:email";
const EVENTS: &str = "shop:events";

pub(super) fn start(actors: &mut JoinSet<()>, url: &str) {
    let lists = [
        List { key: "my_queue", head_start: 0, in_per_second: 3.0, out_per_second: 3.3, body: article },
        List { key: JOBS, head_start: 80, in_per_second: 6.0, out_per_second: 5.8, body: shop::mail },
    ];
    for list in lists {
        actors.spawn(keep_running("a list's producer", at(url, move |url| push(url, list))));
        actors.spawn(keep_running("a list's worker", at(url, move |url| pop(url, list))));
    }
    for _ in 0..2 {
        actors.spawn(keep_running("a subscriber", at(url, subscribe)));
    }
    actors.spawn(keep_running("the channel's publisher", at(url, publish)));
    actors.spawn(keep_running("the stream's writer", at(url, add)));
    for (group, per_second, acknowledged) in [("search", 30.0, 1.0), ("analytics", 5.0, 0.98)] {
        let reader = move |url| read(url, group, per_second, acknowledged);
        actors.spawn(keep_running("a stream's reader", at(url, reader)));
    }
}

/// One list's traffic: written on the right, taken from the left.
#[derive(Clone, Copy)]
struct List {
    key: &'static str,
    head_start: u64,
    in_per_second: f64,
    out_per_second: f64,
    body: fn() -> String,
}

fn article() -> String {
    "Hello, Redis!".to_owned()
}

async fn push(url: String, list: List) -> Result<()> {
    let mut server = connect(&url).await?;
    loop {
        let length: u64 = server.rpush(list.key, (list.body)()).await?;
        if length >= list.head_start {
            sleep(pause(list.in_per_second)).await;
        }
    }
}

async fn pop(url: String, list: List) -> Result<()> {
    let mut server = connect(&url).await?;
    loop {
        sleep(pause(list.out_per_second)).await;
        let _: Option<String> = server.lpop(list.key, None).await?;
    }
}

async fn publish(url: String) -> Result<()> {
    let mut server = connect(&url).await?;
    loop {
        let _: u64 = server.publish("my_channel", "Hello, Redis!").await?;
        sleep(pause(2.0)).await;
    }
}

async fn subscribe(url: String) -> Result<()> {
    let mut subscriber = redis::Client::open(url)?.get_async_pubsub().await?;
    subscriber.subscribe("my_channel").await?;
    let mut messages = subscriber.on_message();
    while messages.next().await.is_some() {}
    Ok(())
}

async fn add(url: String) -> Result<()> {
    let mut server = connect(&url).await?;
    loop {
        let (name, details) = shop::event();
        let fields = [("event", name), ("details", details.as_str())];
        let _: Option<String> =
            server.xadd_maxlen(EVENTS, StreamMaxlen::Approx(200_000), "*", &fields).await?;
        sleep(pause(8.0)).await;
    }
}

/// A member of a group that leaves a share of what it reads unacknowledged.
async fn read(url: String, group: &'static str, per_second: f64, acknowledged: f64) -> Result<()> {
    let mut server = connect(&url).await?;
    create_group(&mut server, group).await?;
    let options = StreamReadOptions::default().group(group, format!("{group}-1")).count(1);
    loop {
        let reply: StreamReadReply = server.xread_options(&[EVENTS], &[">"], &options).await?;
        for entry in reply.keys.iter().flat_map(|key| &key.ids) {
            if rand::random_bool(acknowledged) {
                let _: u64 = server.xack(EVENTS, group, &[&entry.id]).await?;
            }
        }
        sleep(pause(per_second)).await;
    }
}

async fn create_group(server: &mut MultiplexedConnection, group: &str) -> Result<()> {
    match server.xgroup_create_mkstream::<_, _, _, ()>(EVENTS, group, "0").await {
        Err(error) if error.code() != Some("BUSYGROUP") => Err(error.into()),
        _ => Ok(()),
    }
}
