//! A group's lag against what it really still gets, whatever was done to the stream, the group and its consumers.
//! The truth is what `XRANGE` holds behind the last entry that was delivered.

use anyhow::{Context as _, Result, ensure};
use redis::Value;
use weir_model::{GroupObservation, Metric, QueueObservation, UnknownCode};
use weir_tests::clients;

use crate::House;

/// A stream `s` of ten entries, `1-0` to `10-0`, with a group `g` that reads from its beginning.
async fn ten_entries() -> Result<House> {
    let mut house = House::start().await?;
    for n in 1..=10 {
        house.run(&format!("XADD s {n}-0 n {n}")).await?;
    }
    clients::redis::create_group(&mut house.client, "s", "g").await?;
    Ok(house)
}

impl House {
    /// Reads `count` entries as `g`, without acknowledging them.
    async fn read_as_g(&mut self, count: usize) -> Result<()> {
        ensure!(clients::redis::read_group(&mut self.client, "s", "g", count, 0).await? == count);
        Ok(())
    }

    async fn group(&self, name: &str) -> Result<GroupObservation> {
        group_of(self.queue("0:stream:s").await?, name)
    }

    /// The lag that Weir tells of `g`, and the true one.
    async fn lag(&mut self) -> Result<(Option<i64>, Option<i64>)> {
        Ok((figure(&self.group("g").await?, Metric::Lag), Some(self.unread().await?)))
    }

    /// Entries that the group would still get.
    async fn unread(&mut self) -> Result<i64> {
        let groups = self.run("XINFO GROUPS s").await?;
        let Value::Array(groups) = groups else { anyhow::bail!("{groups:?}") };
        let Some(Value::Array(fields)) = groups.first() else { anyhow::bail!("{groups:?}") };
        let place =
            fields.iter().position(|field| *field == Value::BulkString(b"last-delivered-id".to_vec()));
        let id = fields.get(place.context("no place")? + 1).context("no id")?;
        let id: String = redis::from_redis_value(id.clone())?;
        let behind: Vec<Value> = redis::from_redis_value(self.run(&format!("XRANGE s ({id} +")).await?)?;
        Ok(i64::try_from(behind.len())?)
    }
}

fn group_of(queue: QueueObservation, name: &str) -> Result<GroupObservation> {
    queue.groups.into_iter().find(|group| group.name == name).context("no such group")
}

fn figure(group: &GroupObservation, metric: Metric) -> Option<i64> {
    group.figures.get(&metric)?.as_ref().ok().copied()
}

#[tokio::test]
async fn given_anything_done_to_a_stream_when_observed_then_the_lag_is_what_the_group_still_gets()
-> Result<()> {
    for deed in [
        "XTRIM s MAXLEN 8",
        "XTRIM s MAXLEN 7",
        "XTRIM s MAXLEN 5",
        "XTRIM s MAXLEN 0",
        "XTRIM s MINID 9",
        "XDEL s 2-0",
        "XDEL s 4-0",
        "XDEL s 6-0 7-0",
        "XDEL s 10-0",
        "XDEL s 1-0 2-0 3-0 4-0 5-0",
        "XSETID s 10-0 ENTRIESADDED 13",
        "XSETID s 10-0 ENTRIESADDED 500 MAXDELETEDID 3-0",
        "XSETID s 99-0",
        "XGROUP SETID s g 0",
        "XGROUP SETID s g 2-0",
        "XGROUP SETID s g 8-0",
        "XGROUP SETID s g $",
        "XGROUP SETID s g 2-0 ENTRIESREAD 9",
        "XGROUP SETID s g 8-0 ENTRIESREAD 1",
        "XGROUP SETID s g 9999-0",
        "XGROUP DELCONSUMER s g weir-tests",
        "XAUTOCLAIM s g other 0 0",
        "XACK s g 1-0 2-0",
    ] {
        let mut house = ten_entries().await?;
        house.read_as_g(4).await?;
        let before = house.lag().await?;
        assert_eq!(before, (Some(6), Some(6)), "{deed}");
        house.run(deed).await?;
        // Looked at twice, since what the first look finds must not mislead the second.
        for look in ["first", "second"] {
            let (told, truth) = house.lag().await?;
            assert_eq!(told, truth, "{deed}, {look} look");
        }
        for id in ["2000-0", "2001-0", "2002-0"] {
            house.run(&format!("XADD s {id} n 1")).await?;
        }
        let (told, truth) = house.lag().await?;
        assert_eq!(told, truth, "{deed}, then three more");
        let left = usize::try_from(truth.context("a truth")?)?;
        for n in 1..=left {
            house.read_as_g(1).await?;
            let (told, truth) = house.lag().await?;
            assert_eq!(told, truth, "{deed}, then three more, {n} of {left} read");
        }
    }
    Ok(())
}

#[tokio::test]
async fn given_groups_made_at_the_start_in_the_middle_and_at_the_end_when_observed_then_each_lag_is_exact()
-> Result<()> {
    let mut house = ten_entries().await?;
    for (name, at) in [("middle", "4-0"), ("end", "$"), ("told", "4-0 ENTRIESREAD 9")] {
        house.run(&format!("XGROUP CREATE s {name} {at}")).await?;
    }
    let lag = |queue: &QueueObservation, name: &str| {
        group_of(queue.clone(), name).map(|group| figure(&group, Metric::Lag))
    };
    for more in [0, 2, 2] {
        for n in 0..more {
            house.run(&format!("XADD s * n {n}")).await?;
        }
        let queue = house.queue("0:stream:s").await?;
        let length = queue.value(Metric::Depth).context("a length")?;
        assert_eq!(lag(&queue, "g")?, Some(length));
        assert_eq!(lag(&queue, "middle")?, Some(length - 4));
        assert_eq!(lag(&queue, "told")?, Some(length - 4), "its place counts, not the number it was given");
        assert_eq!(lag(&queue, "end")?, Some(length - 10));
        assert_eq!(queue.value(Metric::Backlog), Some(length), "the slowest group's");
    }
    Ok(())
}

#[tokio::test]
async fn given_a_group_in_the_middle_of_more_than_can_be_counted_when_observed_then_the_lag_is_unknown()
-> Result<()> {
    let mut house = House::start().await?;
    let fill = "for i = 1, 3000 do redis.call('XADD', 's', i .. '-0', 'n', i) end";
    let _: () = redis::cmd("EVAL").arg(fill).arg(0).query_async(&mut house.client).await?;
    house.run("XGROUP CREATE s g 1500-0").await?;
    let unknown = house.group("g").await?.figures[&Metric::Lag].clone().expect_err("the server has no count");
    assert_eq!(unknown.code, UnknownCode::Unsupported);
    assert!(unknown.detail.contains("at least 1000 entries are unread"), "{}", unknown.detail);
    for (name, at, lag) in [("early", "500-0", 2500), ("late", "2500-0", 500)] {
        house.run(&format!("XGROUP CREATE s {name} {at}")).await?;
        assert_eq!(figure(&house.group(name).await?, Metric::Lag), Some(lag), "by the shorter side");
    }
    // The server's own lag of a group that read from the start is believed, until unread entries may have gone.
    house.run("XGROUP CREATE s whole 0").await?;
    house.run("XREADGROUP GROUP whole c COUNT 1500 STREAMS s >").await?;
    assert_eq!(figure(&house.group("whole").await?, Metric::Lag), Some(1500));
    house.run("XDEL s 50-0").await?;
    assert_eq!(figure(&house.group("whole").await?, Metric::Lag), None, "nobody can tell in time");
    Ok(())
}

#[tokio::test]
async fn given_entries_trimmed_before_a_group_read_them_when_observed_then_the_group_says_how_many()
-> Result<()> {
    let mut house = ten_entries().await?;
    house.run("XGROUP CREATE s idle 0").await?;
    house.read_as_g(2).await?;
    house.observe().await?;
    house.run("XTRIM s MAXLEN 3").await?;
    for look in ["first", "second"] {
        let queue = house.queue("0:stream:s").await?;
        for (name, lost) in [("g", 5), ("idle", 7)] {
            let notes = group_of(queue.clone(), name)?.notes;
            let told = format!("{lost} entries were trimmed or deleted before this group read them");
            assert_eq!(notes.first(), Some(&told), "{name}, {look} look");
        }
    }
    house.read_as_g(1).await?;
    let notes = house.group("g").await?.notes;
    assert!(notes.iter().any(|note| note.starts_with("At least 5 entries were trimmed")), "{notes:?}");
    Ok(())
}

#[tokio::test]
async fn given_consumers_that_take_claim_and_go_when_observed_then_pending_and_idle_are_exact() -> Result<()>
{
    let mut house = ten_entries().await?;
    for (consumer, count) in [("ann", 3), ("bob", 4)] {
        house.run(&format!("XREADGROUP GROUP g {consumer} COUNT {count} STREAMS s >")).await?;
    }
    house.run("XREADGROUP GROUP g eve COUNT 2 NOACK STREAMS s >").await?;
    let pending = |group: &GroupObservation| figure(group, Metric::Unacknowledged);
    assert_eq!(
        pending(&house.group("g").await?),
        Some(7),
        "what was read without acknowledgement never waits"
    );
    assert_eq!(house.held().await?, [("bob", 4), ("ann", 3), ("eve", 0)].map(own));
    house.run("XAUTOCLAIM s g ann 0 0 COUNT 5").await?;
    assert_eq!(house.held().await?, [("ann", 5), ("bob", 2), ("eve", 0)].map(own));
    house.run("XGROUP DELCONSUMER s g ann").await?;
    assert_eq!(house.held().await?, [("bob", 2), ("eve", 0)].map(own));
    let group = house.group("g").await?;
    assert_eq!((pending(&group), figure(&group, Metric::Lag)), (Some(2), Some(1)));
    // Whoever deletes a consumer drops what it held: the group has still read nine.
    assert_eq!(figure(&group, Metric::Out), Some(9));
    Ok(())
}

fn own((name, pending): (&str, i64)) -> (String, i64) {
    (name.to_owned(), pending)
}

impl House {
    /// Each consumer with what it holds, as the page of the queue lists them.
    async fn held(&self) -> Result<Vec<(String, i64)>> {
        let described = self.broker.describe(&self.queue("0:stream:s").await?).await?;
        for consumer in &described.consumers {
            ensure!(consumer.idle_seconds.is_some_and(|idle| (0.0..60.0).contains(&idle)), "{consumer:?}");
        }
        Ok(described.consumers.into_iter().filter_map(|c| Some((c.name, c.pending?))).collect())
    }
}
