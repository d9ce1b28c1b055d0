//! Taps over HTTP: what is heard, who may listen, and that nobody listens any more once the caller is gone.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use redis::aio::PubSub;
use reqwest::{Method, Response};
use serde_json::Value;
use weir_tests::{brokers::BrokerServer as _, unique, wait, weir::queue_path};

use crate::{house::House, schema::matches};

/// A channel with one subscriber, known to Weir.
struct Channel {
    name: String,
    path: String,
    _subscriber: PubSub,
}

impl House {
    async fn channel(&self) -> Result<Channel> {
        let name = unique("news");
        let mut subscriber = redis::Client::open(self.redis_url())?.get_async_pubsub().await?;
        subscriber.subscribe(&name).await?;
        let path = queue_path("cache", &["0", "channel", &name]);
        self.weir
            .until("the channel is listed", Duration::from_secs(30), "/api/v1/queues?limit=1000", |page| {
                page["items"].as_array()?.iter().find(|row| row["name"] == name.as_str()).map(drop)
            })
            .await?;
        Ok(Channel { name, path, _subscriber: subscriber })
    }

    async fn publish(&self, channel: &str, body: &str) -> Result<i64> {
        let mut client = self.redis().await?;
        Ok(redis::cmd("PUBLISH").arg(channel).arg(body).query_async(&mut client).await?)
    }

    /// Waits until so many subscribe.
    async fn subscribed(&self, channel: &str, wanted: i64) -> Result<()> {
        wait::until("so many subscribe", Duration::from_secs(10), || async {
            let mut client = self.redis().await.ok()?;
            let answer: (String, i64) =
                redis::cmd("PUBSUB").arg("NUMSUB").arg(channel).query_async(&mut client).await.ok()?;
            (answer.1 == wanted).then_some(())
        })
        .await
    }
}

/// A tap that is read.
struct Tap {
    answer: Response,
    text: String,
}

impl Tap {
    /// Begins once there is room for another.
    async fn on(house: &House, path: &str) -> Result<Self> {
        let answer = wait::until("there is room for a tap", Duration::from_secs(20), || async {
            let answer = house.weir.call(Method::GET, &format!("{path}/tap"), None).await.ok()?;
            (answer.status() != 409).then_some(answer)
        })
        .await?;
        ensure!(answer.status() == 200, "{}", answer.text().await?);
        ensure!(answer.headers()["content-type"] == "text/event-stream");
        Ok(Self { answer, text: String::new() })
    }

    /// Events up to the first that is as wanted.
    async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let told = async {
            loop {
                while let Some((event, rest)) = self.text.split_once("\n\n") {
                    let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                    let event: Value = serde_json::from_str(data.context("no data")?)?;
                    self.text = rest.to_owned();
                    if wanted(&event) {
                        return Ok(event);
                    }
                }
                let chunk = self.answer.chunk().await?.context("it ended")?;
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        tokio::time::timeout(Duration::from_secs(20), told).await.context("not told in time")?
    }
}

#[tokio::test]
async fn given_a_tap_when_messages_pass_then_they_are_told_and_when_the_caller_leaves_nobody_subscribes()
-> Result<()> {
    let house = House::shared().await?;
    let channel = house.channel().await?;
    let mut tap = Tap::on(house, &channel.path).await?;
    house.subscribed(&channel.name, 2).await?;
    for n in 0..3 {
        ensure!(house.publish(&channel.name, &format!("message {n}")).await? == 2);
    }
    let first = tap.until(|event| !event["items"].as_array().is_none_or(Vec::is_empty)).await?;
    ensure!(first["event"] == "passed" && first["items"][0]["body"]["data"] == "message 0", "{first:#}");
    let document = house.weir.get("/api/v1/openapi.json").await?;
    matches(&document, "TapEvent", &first)?;
    let all = tap.until(|event| event["messages"] == 3).await?;
    ensure!(all["bytes"] == 27 && all["dropped"] == 0, "{all:#}");
    ensure!(all["rate"].as_f64().is_some_and(|rate| rate > 0.0), "{all:#}");
    drop(tap);
    house.subscribed(&channel.name, 1).await?;
    let actions =
        format!("/api/v1/actions?broker=cache&queue={}", channel.path.rsplit('/').next().unwrap_or(""));
    house
        .weir
        .until("it stands in the activity", Duration::from_secs(10), &actions, |page| {
            let action = page["items"].as_array()?.first()?;
            let told = action["detail"].as_str()?.starts_with("heard 3 messages of 27 bytes");
            (action["verb"] == "tap" && action["outcome"] == "done" && told).then_some(())
        })
        .await
}

#[tokio::test]
async fn given_taps_that_may_not_be_when_asked_for_then_each_is_refused_with_its_reason() -> Result<()> {
    let house = House::shared().await?;
    let list = queue_path("cache", &["0", "list", "hello"]);
    let refused = house.refused(Method::GET, &format!("{list}/tap"), None, 422, None).await?;
    ensure!(refused["detail"].as_str().is_some_and(|why| why.contains("are kept")), "{refused:#}");
    let channel = house.channel().await?;
    house.refused(Method::GET, &format!("{}/tap?limit=1", channel.path), None, 400, Some("limit")).await?;
    house.refused(Method::POST, &format!("{}/tap", channel.path), None, 405, None).await?;
    let missing = queue_path("cache", &["0", "channel", "nobody-knows-it"]);
    house.refused(Method::GET, &format!("{missing}/tap"), None, 404, None).await?;
    // Eight at a time, and another once one has ended. Others of this file may hold some of them.
    let mut taps = Vec::new();
    let full = loop {
        ensure!(taps.len() <= 8, "a ninth tap runs");
        let answer = house.weir.call(Method::GET, &format!("{}/tap", channel.path), None).await?;
        match answer.status().as_u16() {
            200 => taps.push(answer),
            409 => break answer.text().await?,
            other => anyhow::bail!("{other}"),
        }
    };
    ensure!(full.contains("8 taps run already"), "{full}");
    taps.clear();
    house.subscribed(&channel.name, 1).await?;
    let mut again = Tap::on(house, &channel.path).await?;
    again.until(|event| event["event"] == "passed").await.map(drop)
}

#[tokio::test]
async fn given_a_broker_that_is_read_only_when_listened_to_then_it_is_forbidden() -> Result<()> {
    let redis = weir_tests::brokers::Redis::shared().await?;
    let config = format!("{}read_only = true\ninclude = [\"channel:news\"]\n", redis.config("cache"));
    let weir = weir_tests::weir::WeirProcess::start(&config).await?;
    let path = queue_path("cache", &["0", "channel", "news"]);
    let found = weir
        .until("it is listed", Duration::from_secs(30), &path, |detail| {
            Some(detail["abilities"]["tap"].clone())
        })
        .await;
    let ability = found?;
    ensure!(ability["allowed"] == false, "{ability:#}");
    let (status, problem) = weir.answer(Method::GET, &format!("{path}/tap"), None).await?;
    ensure!(status == 403, "{problem:#}");
    Ok(())
}
