//! A broker that goes down and comes back.

use std::time::Duration;

use anyhow::Result;
use weir_model::{Metric, QueueObservation};
use weir_tests::brokers::{BrokerServer as _, RabbitMq};

use crate::support::{Client, adapter, look_at, look_until, observe, quorum};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_restart_when_observed_throughout_then_no_counter_falls_within_an_epoch_and_no_depth_is_made_up()
-> Result<()> {
    let mut node = RabbitMq::start().await?;
    let broker = adapter(&node)?;
    let client = Client::connect(&node).await?;
    for (name, arguments) in [("before-classic", vec![]), ("before-quorum", vec![quorum()])] {
        client.declare(name, &arguments).await?;
        client.publish(name, 50).await?;
        let counted =
            |q: &QueueObservation| q.value(Metric::In) == Some(50) && q.value(Metric::Depth) == Some(50);
        look_until(&broker, name, "fifty published", counted).await?;
    }
    let before = look_at(&broker, "before-classic").await?;
    drop(client);
    node.kill9().await?;
    assert!(observe(&broker).await.is_err());
    node.start_again().await?;
    let mut last: Option<QueueObservation> = Some(before.clone());
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let Ok(seen) = look_at(&broker, "before-classic").await else { continue };
        let quorum = look_at(&broker, "before-quorum").await?;
        for queue in [&seen, &quorum] {
            assert!(matches!(queue.value(Metric::Depth), None | Some(50)), "{:?}", queue.figures);
        }
        if let Some(last) = last.as_ref().filter(|last| last.epoch == seen.epoch)
            && let (Some(earlier), Some(now)) = (last.value(Metric::In), seen.value(Metric::In))
        {
            assert!(now >= earlier, "{earlier} then {now} in one epoch");
        }
        last = Some(seen);
    }
    let after = last.unwrap();
    assert_ne!(after.epoch, before.epoch);
    assert_eq!((after.value(Metric::Depth), after.value(Metric::In)), (Some(50), Some(0)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_queue_declared_again_when_observed_then_a_new_epoch_begins() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (broker, client, name) = (adapter(node)?, Client::connect(node).await?, weir_tests::unique("again"));
    client.declare(&name, &[]).await?;
    client.publish(&name, 5).await?;
    let five = |q: &QueueObservation| q.value(Metric::In) == Some(5);
    let first = look_until(&broker, &name, "five published", five).await?;
    client.channel.queue_delete(name.as_str().into(), Default::default()).await?;
    assert!(!observe(&broker).await?.queues.iter().any(|queue| queue.name == name));
    client.declare(&name, &[]).await?;
    client.publish(&name, 8).await?;
    let eight = |q: &QueueObservation| q.value(Metric::In) == Some(8);
    let second = look_until(&broker, &name, "eight published", eight).await?;
    assert_ne!(second.epoch, first.epoch);
    let gone = broker.vanished(&second);
    assert!(gone.vanished && gone.value(Metric::Depth).is_none());
    assert!(!broker.abilities(&gone).publish.allowed);
    Ok(())
}
