//! Purging: what is ready goes, what is held stays.

use anyhow::Result;
use lapin::{
    message::Delivery,
    options::{BasicAckOptions, BasicGetOptions, BasicNackOptions},
};
use weir::brokers::BrokerError;
use weir_model::{Metric, QueueKind, message::PurgeRequest};
use weir_tests::{brokers::RabbitMq, unique};

use crate::support::{Client, adapter, look_until, look_until_depth, queue_of, quorum};

fn request(seen_depth: i64) -> PurgeRequest {
    PurgeRequest { seen_depth: Some(seen_depth), ..PurgeRequest::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_held_messages_when_purged_then_they_stay_and_the_numbers_are_exact() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    for arguments in [vec![], vec![quorum()]] {
        let name = unique("purge");
        client.declare(&name, &arguments).await?;
        client.publish(&name, 20).await?;
        let mut held: Vec<Delivery> = Vec::new();
        for _ in 0..3 {
            held.push(
                client
                    .channel
                    .basic_get(name.as_str().into(), BasicGetOptions::default())
                    .await?
                    .unwrap()
                    .delivery,
            );
        }
        let three = |q: &weir_model::QueueObservation| {
            q.value(Metric::Unacknowledged) == Some(3) && q.value(Metric::Depth) == Some(20)
        };
        let seen = look_until(&weir, &name, "three are held", three).await?;
        let receipt = weir.purge().unwrap().purge(&seen, &request(20)).await?;
        assert_eq!((receipt.removed, receipt.left), (Some(17), Some(3)), "{:?}", receipt.notes);
        assert!(receipt.notes[0].contains("3 unacknowledged messages stay"));
        for delivery in held {
            delivery.ack(BasicAckOptions::default()).await?;
        }
        look_until_depth(&weir, &name, 0).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_queue_that_grew_or_is_gone_when_purged_then_nothing_is_removed() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("grown"));
    client.declare(&name, &[]).await?;
    client.publish(&name, 12).await?;
    let queue = queue_of(&name, QueueKind::RabbitmqClassic);
    let grown = weir.purge().unwrap().purge(&queue, &request(10)).await;
    assert!(matches!(grown, Err(BrokerError::Conflict(_))), "{grown:?}");
    assert_eq!(client.ready(&name).await?, 12);
    assert_eq!(weir.purge().unwrap().purge(&queue, &request(11)).await?.removed, Some(12));
    let gone =
        weir.purge().unwrap().purge(&queue_of("no-such", QueueKind::RabbitmqClassic), &request(0)).await;
    assert!(matches!(gone, Err(BrokerError::NotFound(_))), "{gone:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_message_that_was_given_back_since_the_last_look_when_purged_then_it_is_not_counted_twice()
-> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("given-back"));
    client.declare(&name, &[]).await?;
    client.publish(&name, 1).await?;
    let held = client.channel.basic_get(name.as_str().into(), BasicGetOptions::default()).await?.unwrap();
    let taken = |q: &weir_model::QueueObservation| q.value(Metric::Unacknowledged) == Some(1);
    let seen = look_until(&weir, &name, "it is held", taken).await?;
    held.delivery.nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() }).await?;
    let receipt = weir.purge().unwrap().purge(&seen, &request(1)).await?;
    assert_eq!((receipt.removed, receipt.left), (Some(1), Some(0)), "{:?}", receipt.notes);
    Ok(())
}
