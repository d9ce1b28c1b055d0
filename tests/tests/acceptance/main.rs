//! What a newcomer is promised, from end to end: with RabbitMQ, Redis and Kafka running, the article's programs feed
//! their four queues; Weir, unconfigured, lists them by itself within ten seconds and is right within twenty; what is
//! published, peeked and purged is confirmed by the brokers' own tools; a broker's end shows within two intervals, and
//! heals within two once the broker reports its queue again. What was measured is printed.

mod acts;
mod arming;
mod feeding;
mod house;
mod outages;
mod programs;
mod tools;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use weir_tests::{
    namespace::{self, Own},
    weir::WeirProcess,
};

use crate::house::House;

#[test]
fn given_the_articles_programs_when_weir_starts_unconfigured_then_it_keeps_its_promises() -> Result<()> {
    let test = "given_the_articles_programs_when_weir_starts_unconfigured_then_it_keeps_its_promises";
    namespace::with(Own::Network, test, async {
        let mut house = House::start().await?;
        let receivers = feeding::listed_and_right(&house).await?;
        arming::refused_until_armed(&mut house).await?;
        acts::confirmed(&house, &receivers).await?;
        arming::armed_for_one_run(&house).await?;
        outages::shown_and_healed(&mut house).await
    })
}

#[test]
fn given_no_broker_when_weir_starts_unconfigured_then_the_demonstration_serves() -> Result<()> {
    let test = "given_no_broker_when_weir_starts_unconfigured_then_the_demonstration_serves";
    namespace::with(Own::Network, test, async {
        let weir = WeirProcess::start_unconfigured(&[]).await?;
        weir.until("the demo broker is up", Duration::from_secs(20), "/api/v1/brokers", |page| {
            let broker = page["items"].as_array()?.first()?;
            (broker["simulated"] == true && broker["status"] == "up").then_some(())
        })
        .await?;
        let page = weir.call(reqwest::Method::GET, "/", None).await?;
        ensure!(page.status().is_success(), "{}", page.status());
        let html = page.text().await.context("the overview")?;
        // What was tried, and how to add a real broker.
        for part in ["127.0.0.1:5672", "127.0.0.1:6379", "127.0.0.1:9092", "weir.toml"] {
            ensure!(html.contains(part), "the overview does not name {part}: {html}");
        }
        Ok(())
    })
}
