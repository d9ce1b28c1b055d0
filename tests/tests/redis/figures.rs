//! What is measured, against what a client did.

use std::time::Duration;

use anyhow::{Context as _, Result};
use weir_model::{GroupObservation, Metric, QueueKind, QueueObservation, UnknownCode};
use weir_tests::{clients, wait};

use crate::{House, find, ids, why};

fn group<'a>(queue: &'a QueueObservation, name: &str) -> Result<&'a GroupObservation> {
    queue
        .groups
        .iter()
        .find(|g| g.name == name)
        .with_context(|| format!("no group {name}: {:?}", queue.groups))
}

fn figure(group: &GroupObservation, metric: Metric) -> Option<i64> {
    group.figures.get(&metric).and_then(|reading| reading.as_ref().ok()).copied()
}

#[tokio::test]
async fn given_a_list_when_observed_then_depth_is_exact_and_rates_are_unknown() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::push(&mut house.client, "my_queue", 17).await?;
    let queue = house.queue("0:list:my_queue").await?;
    assert_eq!((queue.value(Metric::Depth), queue.value(Metric::Backlog)), (Some(17), Some(17)));
    assert_eq!((queue.name.as_str(), queue.scope.as_str()), ("my_queue", "db 0"));
    for metric in [Metric::In, Metric::Out, Metric::Delivered, Metric::Ack] {
        assert_eq!(why(&queue, metric), Some(UnknownCode::NoCounter), "{metric:?}");
    }
    for metric in [Metric::Unacknowledged, Metric::Redelivered] {
        assert!(!queue.figures.contains_key(&metric), "{metric:?}");
    }
    Ok(())
}

#[tokio::test]
async fn given_a_binary_key_when_observed_then_its_id_leads_back_to_it() -> Result<()> {
    let mut house = House::start().await?;
    let key = [0_u8, 255, b'\n', b' ', b':', b'~', b'<'];
    let _: i64 = redis::cmd("RPUSH").arg(&key).arg("x").arg("y").query_async(&mut house.client).await?;
    let queue = house.queue("0:list:~00~ff~0a~20~3a~7e~3c").await?;
    assert_eq!(queue.value(Metric::Depth), Some(2));
    let _: i64 = redis::cmd("DEL").arg(&key).query_async(&mut house.client).await?;
    let gone = house.observe_knowing(&[&queue]).await?;
    let gone = find(&gone, queue.id.as_str())?;
    assert_eq!((gone.vanished, gone.value(Metric::Depth)), (true, Some(0)));
    Ok(())
}

#[tokio::test]
async fn given_a_known_list_when_emptied_then_it_is_listed_with_depth_zero_and_unknown_ones_are_not()
-> Result<()> {
    let mut house = House::start().await?;
    house.run("RPUSH a 1").await?;
    let known = house.queue("0:list:a").await?;
    house.run("LPOP a").await?;
    assert_eq!(ids(&house.observe().await?), Vec::<&str>::new());
    let observation = house.observe_knowing(&[&known]).await?;
    let gone = find(&observation, "0:list:a")?;
    assert_eq!((gone.vanished, gone.value(Metric::Depth)), (true, Some(0)));
    assert_eq!(gone.notes, ["It is empty: Redis keeps no empty lists"]);
    let mut gone = gone.clone();
    gone.figures.retain(|metric, _| !matches!(metric, Metric::Pushes | Metric::Takes));
    assert_eq!(gone, house.broker.vanished(&known));
    Ok(())
}

#[tokio::test]
async fn given_a_key_that_changes_its_type_when_observed_then_it_says_so_and_the_new_kind_is_found()
-> Result<()> {
    let mut house = House::start().await?;
    house.run("RPUSH jobs 1").await?;
    let list = house.queue("0:list:jobs").await?;
    house.run("DEL jobs").await?;
    house.run("XADD jobs * a 1").await?;
    let observation = house.observe_knowing(&[&list]).await?;
    assert_eq!(find(&observation, "0:list:jobs")?.notes, ["The key holds a stream now, no list"]);
    assert_eq!(find(&observation, "0:stream:jobs")?.value(Metric::Depth), Some(1));
    let stream = find(&observation, "0:stream:jobs")?.clone();
    house.run("DEL jobs").await?;
    house.run("HSET jobs a 1").await?;
    let observation = house.observe_knowing(&[&list, &stream]).await?;
    assert_eq!(find(&observation, "0:list:jobs")?.notes, ["The key holds a hash now, no list"]);
    assert_eq!(find(&observation, "0:stream:jobs")?.notes, ["The key holds a hash now, no stream"]);
    Ok(())
}

#[tokio::test]
async fn given_a_stream_when_groups_read_it_then_in_out_lag_and_pending_are_exact() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::add(&mut house.client, "orders", 10).await?;
    let unread = house.queue("0:stream:orders").await?;
    assert_eq!((unread.value(Metric::Depth), unread.value(Metric::In)), (Some(10), Some(10)));
    assert_eq!(why(&unread, Metric::Backlog), Some(UnknownCode::NoGroup));
    clients::redis::create_group(&mut house.client, "orders", "billing").await?;
    clients::redis::create_group(&mut house.client, "orders", "mail").await?;
    clients::redis::read_group(&mut house.client, "orders", "billing", 4, 1).await?;
    clients::redis::add(&mut house.client, "orders", 2).await?;
    // The second look believes the server where the first had counted.
    for look in ["first", "second"] {
        let queue = house.queue("0:stream:orders").await?;
        assert_eq!(queue.value(Metric::In), Some(12), "{look}");
        assert_eq!((queue.value(Metric::Lag), queue.value(Metric::Backlog)), (Some(12), Some(12)), "{look}");
        assert_eq!((queue.value(Metric::Unacknowledged), queue.value(Metric::Consumers)), (Some(3), Some(1)));
        let (billing, mail) = (group(&queue, "billing")?, group(&queue, "mail")?);
        assert_eq!(
            (figure(billing, Metric::Lag), figure(billing, Metric::Out)),
            (Some(8), Some(4)),
            "{look}"
        );
        assert_eq!((figure(mail, Metric::Lag), figure(mail, Metric::Out)), (Some(12), Some(0)), "{look}");
        assert!((0..60_000).contains(&figure(billing, Metric::OldestAge).context("age")?));
    }
    Ok(())
}

#[tokio::test]
async fn given_unread_entries_that_were_trimmed_when_observed_then_the_lag_is_what_is_left() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::add(&mut house.client, "s", 10).await?;
    clients::redis::create_group(&mut house.client, "s", "g").await?;
    clients::redis::read_group(&mut house.client, "s", "g", 2, 0).await?;
    house.observe().await?;
    house.run("XTRIM s MAXLEN 3").await?;
    let queue = house.queue("0:stream:s").await?;
    assert_eq!(figure(group(&queue, "g")?, Metric::Lag), Some(3));
    let notes = group(&queue, "g")?.notes.join("; ");
    assert!(notes.contains("5 entries were trimmed or deleted before this group read them"), "{notes}");
    assert!(notes.contains("still pending"), "{notes}");
    assert_eq!(figure(group(&queue, "g")?, Metric::Out), None, "the server's count is off now");
    for (read, left) in [(1, 2), (2, 0)] {
        clients::redis::read_group(&mut house.client, "s", "g", read, 0).await?;
        let queue = house.queue("0:stream:s").await?;
        assert_eq!(figure(group(&queue, "g")?, Metric::Lag), Some(left), "after {read} more");
    }
    clients::redis::add(&mut house.client, "s", 5).await?;
    assert_eq!(figure(group(&house.queue("0:stream:s").await?, "g")?, Metric::Lag), Some(5));
    house.run("XTRIM s MAXLEN 0").await?;
    let empty = house.queue("0:stream:s").await?;
    assert_eq!(
        (empty.vanished, empty.value(Metric::Depth), empty.value(Metric::In)),
        (false, Some(0), Some(15))
    );
    Ok(())
}

#[tokio::test]
async fn given_a_stream_that_begins_anew_when_observed_then_its_epoch_changes() -> Result<()> {
    let mut house = House::start().await?;
    clients::redis::add(&mut house.client, "s", 3).await?;
    let before = house.queue("0:stream:s").await?;
    assert_eq!(before.epoch, house.queue("0:stream:s").await?.epoch);
    house.run("DEL s").await?;
    house.observe_knowing(&[&before]).await?;
    clients::redis::add(&mut house.client, "s", 9).await?;
    let after = house.queue("0:stream:s").await?;
    assert_eq!(after.value(Metric::In), Some(9));
    assert_ne!(before.epoch, after.epoch);
    Ok(())
}

#[tokio::test]
async fn given_huge_entries_when_observed_again_then_they_are_not_fetched_again() -> Result<()> {
    let mut house = House::start().await?;
    let body = vec![b'x'; 8 * 1024 * 1024];
    for _ in 0..3 {
        let _: String = redis::cmd("XADD")
            .arg("big")
            .arg("*")
            .arg("body")
            .arg(&body)
            .query_async(&mut house.client)
            .await?;
    }
    clients::redis::create_group(&mut house.client, "big", "g").await?;
    let first = house.observe().await?;
    assert!(first.cost.bytes > 16 * 1024 * 1024, "{:?}", first.cost);
    let second = house.observe().await?;
    assert!(second.cost.bytes < 64 * 1024, "{:?}", second.cost);
    let queue = find(&second, "0:stream:big")?;
    assert_eq!((queue.value(Metric::Depth), queue.value(Metric::Lag)), (Some(3), Some(3)));
    assert_eq!(why(queue, Metric::In), Some(UnknownCode::NotYet));
    Ok(())
}

#[tokio::test]
async fn given_channels_when_observed_then_subscribers_are_counted_and_redis_own_left_out() -> Result<()> {
    let house = House::start().await?;
    let mut listener =
        redis::Client::open(format!("redis://127.0.0.1:{}", house.server.port()))?.get_async_pubsub().await?;
    listener.subscribe("news").await?;
    listener.subscribe("__keyspace@0__:a").await?;
    listener.psubscribe("n*").await?;
    let observation = house.observe().await?;
    assert_eq!(ids(&observation), ["0:channel:news"]);
    let news = find(&observation, "0:channel:news")?.clone();
    assert_eq!((news.kind, news.value(Metric::Consumers)), (QueueKind::RedisChannel, Some(1)));
    assert!(!news.figures.contains_key(&Metric::Depth));
    assert_eq!(why(&news, Metric::In), Some(UnknownCode::NoCounter));
    assert!(news.notes.join("").contains("1 subscription by pattern"), "{:?}", news.notes);
    drop(listener);
    wait::until("the channel is empty", Duration::from_secs(5), || async {
        let seen = house.observe_knowing(&[&news]).await.ok()?;
        find(&seen, "0:channel:news").ok()?.vanished.then_some(())
    })
    .await
}

#[tokio::test]
async fn given_include_and_databases_when_observed_then_only_what_they_name_is_listed() -> Result<()> {
    let mut house = House::with(&[], |config| {
        config.databases = vec![0, 3];
        config.include = ["queue:*", "exact", "list:later", "channel:quiet"].map(str::to_owned).to_vec();
    })
    .await?;
    house.run("RPUSH queue:a 1").await?;
    house.run("RPUSH other 1").await?;
    house.run("XADD exact * a 1").await?;
    house.run("SELECT 3").await?;
    house.run("RPUSH queue:b 1 2").await?;
    let observation = house.observe().await?;
    assert_eq!(
        ids(&observation),
        [
            "0:channel:quiet",
            "0:list:later",
            "0:list:queue~3aa",
            "0:stream:exact",
            "3:list:later",
            "3:list:queue~3ab"
        ]
    );
    assert_eq!(find(&observation, "3:list:queue~3ab")?.value(Metric::Depth), Some(2));
    assert!(find(&observation, "0:list:later")?.vanished);
    Ok(())
}

#[tokio::test]
async fn given_a_large_keyspace_when_observed_then_the_search_spans_polls_and_finds_everything() -> Result<()>
{
    let mut house = House::start().await?;
    let fill = "for i = 1, 120000 do redis.call('SET', 'k' .. i, 1) end \
                for i = 1, 20 do redis.call('RPUSH', 'list' .. i, 1) end";
    let _: () = redis::cmd("EVAL").arg(fill).arg(0).query_async(&mut house.client).await?;
    let first = house.observe().await?;
    assert!(first.cost.requests < 100, "{:?}", first.cost);
    assert!(first.health.iter().any(|fact| fact.code == "discovery_running"), "{:?}", first.health);
    wait::until("all lists are found", Duration::from_secs(20), || async {
        let seen = house.observe().await.ok()?;
        (seen.queues.len() == 20 && seen.health.is_empty()).then_some(())
    })
    .await
}

#[tokio::test]
async fn given_settings_that_endanger_queues_when_observed_then_health_says_so() -> Result<()> {
    let house = House::with(
        &["--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru", "--replicaof", "127.0.0.1 1"],
        |_| {},
    )
    .await?;
    let codes: Vec<String> = house.observe().await?.health.into_iter().map(|fact| fact.code).collect();
    for code in ["eviction_policy", "replica", "master_link_down"] {
        assert!(codes.iter().any(|c| c == code), "{code} is not in {codes:?}");
    }
    Ok(())
}

#[tokio::test]
async fn given_a_poll_when_counted_then_round_trips_bytes_and_the_moment_are_told() -> Result<()> {
    let mut house = House::start().await?;
    for n in 0..100 {
        house.run(&format!("RPUSH list{n} 1")).await?;
    }
    house.observe().await?;
    let before = weir_model::Timestamp::now();
    let observation = house.observe().await?;
    let after = weir_model::Timestamp::now();
    assert!((before..=after).contains(&observation.at));
    assert!((100..150).contains(&observation.cost.requests), "{:?}", observation.cost);
    assert!((1000..50_000).contains(&observation.cost.bytes), "{:?}", observation.cost);
    assert!(observation.version.contains(|c: char| c.is_ascii_digit()), "{}", observation.version);
    Ok(())
}
