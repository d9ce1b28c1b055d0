//! Brokers that become others under Weir's eyes: of another version, or with other data.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use weir_model::Timestamp;
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients::redis as cache,
    proxy::Fault,
};

use crate::{
    house::{HELD, House, Kind, card, card_when, heals_within, interval},
    truth::points,
};

/// Kafka's version stands in binary numbers: a proxy can't put another there without knowing the protocol.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_broker_when_its_version_changes_under_weir_then_the_card_follows() -> Result<()> {
    let house = House::alone().await?;
    for kind in [Kind::RabbitMq, Kind::Redis] {
        let (weir, broker) = (&house.weir, kind.behind());
        let within = heals_within(interval(weir, broker).await?);
        let version = card(weir, broker).await?["version"].as_str().context("no version")?.to_owned();
        let number = version.split_whitespace().last().context("an empty version")?;
        let next = format!("9{}", &number[1..]);
        house.proxy(kind).set(Fault::Say(number.to_owned().leak(), next.clone().leak()));
        house.proxy(kind).cut().await;
        let says = |card: &Value, number: &str| {
            card["status"] == "up"
                && card["version"].as_str().is_some_and(|version| version.ends_with(number))
        };
        let changed = card_when(weir, broker, "is upgraded", within, |card| says(card, &next)).await;
        house.proxy(kind).set(Fault::None);
        house.proxy(kind).cut().await;
        changed?;
        card_when(weir, broker, "is as before", within, |card| says(card, number)).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_address_when_another_server_answers_there_then_no_rate_tells_of_the_difference()
-> Result<()> {
    const OTHER: i64 = 900;
    let house = House::alone().await?;
    let since = Timestamp::now();
    let other = Redis::start().await?;
    cache::add(&mut cache::connect(&other.url()).await?, "held", OTHER as usize).await?;
    let (weir, proxy) = (&house.weir, house.proxy(Kind::Redis));
    let queue = Kind::Redis.queue(Kind::Redis.behind());
    let within = heals_within(interval(weir, Kind::Redis.behind()).await?);
    for (port, depth) in [(other.port(), OTHER), (house.redis.port(), HELD)] {
        proxy.lead_to(port);
        proxy.cut().await;
        let rows = weir.until("the other one is seen", within, &queue, |row| {
            (row["depth"] == depth && row["stale"] == false).then(|| row.clone())
        });
        let row = rows.await;
        proxy.lead_to(house.redis.port());
        ensure!(row?["in_rate"].as_f64().is_none_or(|rate| (0.0..=HELD as f64).contains(&rate)));
    }
    for point in points(weir, &queue, "in_rate", since).await? {
        let most = point["max"].as_f64().unwrap_or(0.0);
        let least = point["min"].as_f64().unwrap_or(0.0);
        ensure!(least >= 0.0 && most <= HELD as f64, "{point}");
    }
    Ok(())
}
