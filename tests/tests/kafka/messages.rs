//! Reading messages.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rdkafka::{
    message::{Header, OwnedHeaders},
    producer::FutureRecord,
};
use weir::brokers::BrokerError;
use weir_model::{
    QueueObservation, Timestamp,
    message::{BrowseFrom, BrowseRequest, StopReason},
};
use weir_tests::unique;

use crate::support::{Bench, from, texts};

/// Six messages over two partitions whose times interleave, a second apart from 1,700,000,000,000 on.
async fn interleaved(bench: &Bench, topic: &str) -> Result<QueueObservation> {
    let queue = bench.topic(topic, 2, &[]).await?;
    for n in 0..6 {
        let text = format!("m{n}");
        let record = FutureRecord::<str, [u8]>::to(topic)
            .partition(i32::from(n % 3 == 0))
            .timestamp(1_700_000_000_000 + i64::from(n) * 1000)
            .payload(text.as_bytes());
        bench.client.produce_one(record).await?;
    }
    Ok(queue)
}

#[tokio::test]
async fn given_two_partitions_when_browsed_then_they_are_merged_by_time_from_either_end() -> Result<()> {
    let bench = Bench::open().await?;
    let queue = interleaved(&bench, &unique("merged")).await?;
    let oldest = bench.browse(&queue, &from(BrowseFrom::Oldest)).await?;
    ensure!(texts(&oldest.items) == ["m0", "m1", "m2", "m3", "m4", "m5"], "{oldest:?}");
    ensure!(oldest.stopped == StopReason::End && oldest.next.is_none(), "{oldest:?}");
    ensure!(oldest.items[1].position == "0:0" && oldest.items[0].position == "1:0", "{oldest:?}");
    let newest = bench.browse(&queue, &BrowseRequest { limit: 4, ..from(BrowseFrom::Newest) }).await?;
    ensure!(
        texts(&newest.items) == ["m5", "m4", "m3", "m2"] && newest.stopped == StopReason::Limit,
        "{newest:?}"
    );
    let next = newest.next.context("two are left")?.parse()?;
    let rest = bench.browse(&queue, &from(next)).await?;
    ensure!(texts(&rest.items) == ["m1", "m0"] && rest.next.is_none(), "{rest:?}");
    Ok(())
}

#[tokio::test]
async fn given_a_time_or_an_offset_when_browsed_then_reading_begins_there() -> Result<()> {
    let bench = Bench::open().await?;
    let queue = interleaved(&bench, &unique("starts")).await?;
    let later = bench.browse(&queue, &from(BrowseFrom::Time(Timestamp(1_700_000_002_500)))).await?;
    ensure!(texts(&later.items) == ["m3", "m4", "m5"], "{later:?}");
    let tomorrow = bench.browse(&queue, &from(BrowseFrom::Time(Timestamp(1_800_000_000_000)))).await?;
    ensure!(tomorrow.items.is_empty() && tomorrow.stopped == StopReason::End, "{tomorrow:?}");
    let one = BrowseRequest { partition: Some(0), ..from(BrowseFrom::Offset(2)) };
    ensure!(
        texts(&bench.browse(&queue, &one).await?.items) == ["m4", "m5"],
        "partition 0 from its third message"
    );
    let browse = bench.weir.browse().context("topics are browsed")?;
    for (wrong, field) in [
        (BrowseRequest { partition: Some(2), ..from(BrowseFrom::Oldest) }, "partition"),
        (from(BrowseFrom::Offset(99)), "from"),
        (from(BrowseFrom::Left), "from"),
        (from(BrowseFrom::Id("x".to_owned())), "from"),
    ] {
        let answer = browse.browse(&queue, &wrong).await;
        let named = matches!(&answer, Err(BrokerError::Invalid(errors)) if errors[0].field == field);
        ensure!(named, "{field}: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn given_a_key_headers_and_a_tombstone_when_browsed_then_they_are_shown_as_they_are() -> Result<()> {
    let bench = Bench::open().await?;
    let topic = unique("shown");
    let queue = bench.topic(&topic, 1, &[]).await?;
    let headers = OwnedHeaders::new()
        .insert(Header { key: "trace", value: Some("ä") })
        .insert(Header { key: "raw", value: Some(&[0xff_u8, 0][..]) })
        .insert(Header::<&str> { key: "none", value: None });
    let record = FutureRecord { key: Some("k"), ..FutureRecord::to(&topic).headers(headers) };
    bench.client.produce_one(record).await?;
    let page = bench.browse(&queue, &from(BrowseFrom::Oldest)).await?;
    let message = page.items.first().context("one message")?;
    ensure!(
        message.body.is_none() && message.key.as_deref() == Some("k") && message.size == 0,
        "{message:?}"
    );
    let kinds: Vec<&str> = message.headers.iter().map(|h| h.kind.as_str()).collect();
    ensure!(kinds == ["string", "bytes", "null"] && message.headers[1].value == "/wA=", "{message:?}");
    Ok(())
}

#[tokio::test]
async fn given_large_messages_when_browsed_then_the_page_stops_at_the_budget_and_goes_on() -> Result<()> {
    let bench = Bench::open().await?;
    let topic = unique("large");
    let queue = bench.topic(&topic, 1, &[("max.message.bytes", "20000000")]).await?;
    let config_limit = vec![b'x'; 900_000];
    for _ in 0..30 {
        bench.client.produce_one(FutureRecord::<str, [u8]>::to(&topic).payload(&config_limit)).await?;
    }
    for (start, first) in [(BrowseFrom::Oldest, "0:0"), (BrowseFrom::Newest, "0:29")] {
        let page = bench.browse(&queue, &from(start)).await?;
        ensure!(
            page.stopped == StopReason::ByteBudget && page.stopped_detail.is_some(),
            "{:?}",
            page.stopped
        );
        ensure!(
            page.items[0].position == first && (10..=20).contains(&page.items.len()),
            "{}",
            page.items.len()
        );
        let body = page.items[0].body.as_ref().context("a body")?;
        ensure!(body.truncated && page.items[0].size == 900_000, "the page holds a part of each body");
        let rest = bench.browse(&queue, &from(page.next.context("more are left")?.parse()?)).await?;
        ensure!(page.items.len() + rest.items.len() >= 28, "{} and {}", page.items.len(), rest.items.len());
    }
    let whole = bench.weir.browse().context("topics are browsed")?.body(&queue, "0:7").await?;
    ensure!(whole == config_limit, "{} bytes", whole.len());
    Ok(())
}

#[tokio::test]
async fn given_many_windows_when_browsed_then_each_message_comes_once_in_its_order() -> Result<()> {
    let bench = Bench::open().await?;
    let topic = unique("many");
    let queue = bench.topic(&topic, 3, &[]).await?;
    bench.client.produce(&topic, 3, 1500).await?;
    for start in [BrowseFrom::Oldest, BrowseFrom::Newest] {
        let forward = start == BrowseFrom::Oldest;
        let page = bench.browse(&queue, &BrowseRequest { limit: 1000, ..from(start) }).await?;
        let next = page.next.context("500 are left")?.parse()?;
        let rest = bench.browse(&queue, &BrowseRequest { limit: 1000, ..from(next) }).await?;
        let items: Vec<_> = page.items.into_iter().chain(rest.items).collect();
        let times: Vec<_> = items.iter().filter_map(|m| m.timestamp).collect();
        ensure!(items.len() == 1500 && times.len() == 1500, "{}", items.len());
        ensure!(if forward { times.is_sorted() } else { times.iter().rev().is_sorted() }, "out of order");
        let distinct: std::collections::HashSet<_> = items.iter().map(|m| &m.position).collect();
        ensure!(distinct.len() == 1500, "{}", distinct.len());
    }
    Ok(())
}

#[tokio::test]
async fn given_messages_that_are_gone_when_asked_for_then_it_says_so_at_once() -> Result<()> {
    let bench = Bench::open().await?;
    let queue = interleaved(&bench, &unique("gone")).await?;
    let browse = bench.weir.browse().context("topics are browsed")?;
    let began = std::time::Instant::now();
    let beyond = browse.body(&queue, "0:4").await;
    ensure!(matches!(beyond, Err(BrokerError::NotFound(_))), "{beyond:?}");
    let nonsense = browse.body(&queue, "seven").await;
    ensure!(matches!(nonsense, Err(BrokerError::Invalid(_))), "{nonsense:?}");
    ensure!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test]
async fn given_pages_that_were_read_when_groups_are_listed_then_none_was_left_behind() -> Result<()> {
    let bench = Bench::open().await?;
    let queue = interleaved(&bench, &unique("traceless")).await?;
    bench.browse(&queue, &from(BrowseFrom::Newest)).await?;
    let bootstrap = bench.kafka.bootstrap();
    let tool = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
    let groups = bench.kafka.tool(tool, &["--bootstrap-server", &bootstrap, "--list"])?;
    ensure!(!groups.lines().any(|group| group.trim() == "weir"), "{groups}");
    Ok(())
}
