//! A broker that dies, hangs and comes back.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use weir::brokers::{Broker, BrokerError};
use weir_model::{Metric, Step};
use weir_tests::{
    brokers::{BrokerServer as _, Kafka},
    clients::kafka::KafkaClient,
    wait,
};

use crate::support::{SETTLED, adapter, look_at, observe};

#[tokio::test]
async fn given_a_broker_that_dies_when_it_is_back_then_the_figures_are_as_before() -> Result<()> {
    let mut kafka = Kafka::start().await?;
    let client = KafkaClient::new(&kafka.bootstrap())?;
    client.create_topic("orders", 2, &[]).await?;
    client.produce("orders", 2, 10).await?;
    let weir = adapter(&kafka)?;
    wait::until("ten are seen", Duration::from_secs(20), || async {
        look_at(&weir, "orders").await.ok().filter(|queue| queue.value(Metric::Depth) == Some(10))
    })
    .await?;

    kafka.kill9().await?;
    let began = Instant::now();
    let failed = observe(&weir).await.err().and_then(|error| error.downcast::<BrokerError>().ok());
    let failed = failed.ok_or_else(|| anyhow::anyhow!("a dead broker was observed"))?;
    ensure!(failed.step() == Step::Connect, "{failed:?}");
    ensure!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());

    kafka.start_again().await?;
    let healed = wait::until("it is seen again", Duration::from_secs(20), || async {
        look_at(&weir, "orders").await.ok()
    });
    let queue = healed.await?;
    ensure!((queue.value(Metric::Depth), queue.value(Metric::In)) == (Some(10), Some(10)), "{queue:?}");
    Ok(())
}

#[tokio::test]
async fn given_a_broker_that_hangs_when_observed_then_the_look_ends_within_its_budget() -> Result<()> {
    let mut kafka = Kafka::start().await?;
    let weir = adapter(&kafka)?;
    seen_again(&weir).await.context("before")?;
    kafka.pause()?;
    let began = Instant::now();
    let answer = observe(&weir).await;
    let took = began.elapsed();
    kafka.resume()?;
    ensure!(answer.is_err() && took < Duration::from_secs(6), "{answer:?} after {took:?}");
    seen_again(&weir).await.context("after")
}

/// A broker that has just begun, or begun again, on a busy machine may take longer than one look waits.
async fn seen_again(weir: &Arc<dyn Broker>) -> Result<()> {
    let healed = wait::until("it is seen", SETTLED, || async { observe(weir).await.ok() });
    healed.await.map(drop)
}
