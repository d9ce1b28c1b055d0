//! Messages of transactions that are still open.

use anyhow::{Context as _, Result, ensure};
use weir_model::{
    Metric,
    message::{BrowseFrom, BrowseRequest, PurgeRequest},
};
use weir_tests::unique;

use crate::support::{Bench, Transaction, from, texts};

#[tokio::test]
async fn given_an_open_transaction_when_observed_then_its_messages_count_and_are_said_to_be_held()
-> Result<()> {
    let bench = Bench::open().await?;
    let topic = unique("held");
    bench.topic(&topic, 1, &[]).await?;
    bench.client.produce(&topic, 1, 2).await?;
    let transaction = Transaction::write(&bench.kafka.bootstrap(), &topic, 10).await?;
    let seen = bench.look_until(&topic, "it holds twelve", |q| q.value(Metric::Depth) == Some(12)).await?;
    ensure!((seen.partitions[0].end, seen.partitions[0].stable_end) == (Some(12), Some(2)), "{seen:?}");
    ensure!(seen.notes.iter().any(|note| note.starts_with("10 messages are held")), "{:?}", seen.notes);

    let committed = BrowseRequest { read_committed: true, ..from(BrowseFrom::Oldest) };
    let page = bench.browse(&seen, &committed).await?;
    ensure!(texts(&page.items) == ["message 0", "message 1"] && !page.notes.is_empty(), "{page:?}");
    ensure!(
        bench.browse(&seen, &from(BrowseFrom::Oldest)).await?.items.len() == 12,
        "all are there to be looked at"
    );

    transaction.commit().await?;
    // The marker of the commit takes an offset of its own: the depth is an upper bound.
    let after = bench
        .look_until(&topic, "nothing is held", |q| q.partitions[0].stable_end == q.partitions[0].end)
        .await?;
    ensure!(after.value(Metric::Depth) == Some(13), "{after:?}");
    ensure!(bench.browse(&after, &committed).await?.items.len() == 12, "markers are no messages");
    Ok(())
}

#[tokio::test]
async fn given_an_open_transaction_when_purged_then_the_dialog_and_the_receipt_say_what_it_loses()
-> Result<()> {
    let bench = Bench::open().await?;
    let topic = unique("lost");
    bench.topic(&topic, 1, &[]).await?;
    let transaction = Transaction::write(&bench.kafka.bootstrap(), &topic, 5).await?;
    let seen = bench.look_until(&topic, "it holds five", |q| q.value(Metric::Depth) == Some(5)).await?;
    let ability = bench.weir.abilities(&seen).purge;
    ensure!(ability.allowed && ability.reason.is_some_and(|r| r.contains("open transaction")), "no warning");
    let request = PurgeRequest { confirm: topic.clone(), seen_depth: Some(5), ..PurgeRequest::default() };
    let receipt = bench.weir.purge().context("topics are purged")?.purge(&seen, &request).await?;
    ensure!((receipt.removed, receipt.left) == (Some(5), Some(0)), "{receipt:?}");
    ensure!(receipt.notes.iter().any(|note| note.contains("open transaction")), "{receipt:?}");
    transaction.commit().await
}
