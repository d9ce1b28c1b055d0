//! Commands on lists by keyspace events: a lower bound where the server is set to tell, and never more than that.

use std::time::Duration;

use anyhow::{Context as _, Result};
use redis::Value;
use weir::brokers::{self, ObserveContext};
use weir_model::{Metric, QueueObservation, UnknownCode};
use weir_tests::wait;

use crate::{House, config, find, ids, why};

const ON: [&str; 2] = ["--notify-keyspace-events", "Kl"];

/// Commands that pushed and that took, as they were counted.
fn counted(list: &QueueObservation) -> (Option<i64>, Option<i64>) {
    (list.value(Metric::Pushes), list.value(Metric::Takes))
}

impl House {
    /// To which keys Weir listens.
    async fn heard(&mut self) -> Result<Vec<String>> {
        let mut names: Vec<String> = redis::from_redis_value(self.run("PUBSUB CHANNELS __keyspace*").await?)?;
        names.sort_unstable();
        Ok(names)
    }

    async fn all(&mut self, lines: &[&str]) -> Result<()> {
        for line in lines {
            self.run(line).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn given_events_that_are_off_when_the_command_that_is_told_is_run_then_they_are_counted() -> Result<()>
{
    let mut house = House::with(&["--notify-keyspace-events", "Ex"], |_| {}).await?;
    house.run("RPUSH q 1").await?;
    let off = house.queue("0:list:q").await?.figures[&Metric::Pushes].clone().expect_err("they are off");
    assert_eq!(off.code, UnknownCode::StatisticsOff);
    let command = "CONFIG SET notify-keyspace-events xEKl";
    assert!(off.detail.contains(command) && off.detail.contains("microsecond"), "{}", off.detail);
    house.run(command).await?;
    assert_eq!(why(&house.queue("0:list:q").await?, Metric::Pushes), Some(UnknownCode::NotYet));
    house.all(&["RPUSH q 2", "LPOP q"]).await?;
    assert_eq!(counted(&house.queue("0:list:q").await?), (Some(1), Some(1)));
    house.run("CONFIG SET notify-keyspace-events Ex").await?;
    assert_eq!(why(&house.queue("0:list:q").await?, Metric::Takes), Some(UnknownCode::StatisticsOff));
    // The connection is closed without waiting for the server to notice.
    for _ in 0..50 {
        if house.heard().await?.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("Weir still listens to {:?}", house.heard().await?)
}

#[tokio::test]
async fn given_commands_on_a_list_when_observed_then_each_counts_once_and_never_more_than_it_moved()
-> Result<()> {
    let mut house = House::with(&ON, |_| {}).await?;
    house.run("RPUSH q a b").await?;
    let known = house.queue("0:list:q").await?;
    house
        .all(&[
            "LPUSH q c d e f g",
            "RPUSH q x x",
            "LINSERT q BEFORE x y",
            "LSET q 0 z",
            "LREM q 0 x",
            "LTRIM q 0 -1",
            "LPOP q 3",
            "RPOP q",
            "LMOVE q elsewhere LEFT RIGHT",
            "MULTI",
            "RPUSH q 1",
            "RPUSH q 2",
            "EXEC",
        ])
        .await?;
    let pushed_twice = "redis.call('LPUSH', KEYS[1], 1) redis.call('LPUSH', KEYS[1], 2)";
    let _: Value =
        redis::cmd("EVAL").arg(pushed_twice).arg(1).arg("q").query_async(&mut house.client).await?;
    let queue = house.queue("0:list:q").await?;
    assert_eq!(counted(&queue), (Some(7), Some(4)));
    for metric in [Metric::In, Metric::Out] {
        assert_eq!(why(&queue, metric), Some(UnknownCode::NoCounter), "an exact counter is never made of it");
    }
    // An empty list is not on the server; what passes through it is told all the same.
    house.all(&["DEL q", "RPUSH q 1", "LPOP q"]).await?;
    let observation = house.observe_knowing(&[&known]).await?;
    let gone = find(&observation, "0:list:q")?;
    assert_eq!((gone.vanished, counted(gone)), (true, (Some(8), Some(5))));
    Ok(())
}

#[tokio::test]
async fn given_a_consumer_that_waits_when_pushed_to_then_both_commands_are_counted() -> Result<()> {
    let mut house = House::with(&ON, |config| config.include = vec!["list:q".to_owned()]).await?;
    let mut other = weir_tests::clients::redis::connect(&house.url()).await?;
    house.observe().await?;
    let waiting =
        tokio::spawn(
            async move { redis::cmd("BLPOP").arg("q").arg(10).query_async::<Value>(&mut other).await },
        );
    wait::until("somebody waits", Duration::from_secs(5), || async {
        let mut client = house.client.clone();
        let info: String = redis::cmd("INFO").arg("clients").query_async(&mut client).await.ok()?;
        info.contains("blocked_clients:1").then_some(())
    })
    .await?;
    house.run("RPUSH q 1").await?;
    waiting.await??;
    assert_eq!(counted(&house.queue("0:list:q").await?), (Some(1), Some(1)));
    Ok(())
}

#[tokio::test]
async fn given_many_keys_when_observed_then_only_the_listed_lists_are_listened_to() -> Result<()> {
    let mut house = House::with(&ON, |config| {
        config.databases = vec![0, 3];
        config.include = vec!["queue:*".to_owned()];
    })
    .await?;
    house
        .all(&["RPUSH queue:a 1", "RPUSH other 1", "XADD queue:s * a 1", "SELECT 3", "RPUSH queue:b 1"])
        .await?;
    house.observe().await?;
    assert_eq!(house.heard().await?, ["__keyspace@0__:queue:a", "__keyspace@3__:queue:b"]);
    house.all(&["RPUSH queue:b 2", "RPUSH queue:a 2", "SELECT 0", "RPUSH queue:b 1"]).await?;
    let observation = house.observe().await?;
    // The push to database 3 under the same name is another list's.
    assert_eq!(counted(find(&observation, "0:list:queue~3aa")?), (Some(0), Some(0)));
    assert_eq!(counted(find(&observation, "3:list:queue~3ab")?), (Some(1), Some(0)));
    assert!(!ids(&observation).contains(&"0:channel:__keyspace~400__~3aqueue~3aa"));
    house.run("DEL queue:a").await?;
    house.observe().await?;
    house.observe().await?;
    assert!(!house.heard().await?.contains(&"__keyspace@0__:queue:a".to_owned()), "it is gone and unknown");
    Ok(())
}

#[tokio::test]
async fn given_a_break_of_the_connection_when_observed_then_the_gap_is_unknown_and_not_zero() -> Result<()> {
    let mut house = House::with(&ON, |_| {}).await?;
    house.run("RPUSH q 1").await?;
    house.observe().await?;
    house.all(&["RPUSH q 2", "RPUSH q 3"]).await?;
    assert_eq!(counted(&house.queue("0:list:q").await?), (Some(2), Some(0)));
    house.all(&["RPUSH q 4", "CLIENT KILL TYPE pubsub", "RPUSH q 5"]).await?;
    let broken = house.queue("0:list:q").await?;
    assert_eq!(why(&broken, Metric::Pushes), Some(UnknownCode::NotYet), "one push was told and one was not");
    assert_eq!(broken.value(Metric::Depth), Some(5), "the rest of the poll goes on");
    house.run("RPUSH q 6").await?;
    assert_eq!(counted(&house.queue("0:list:q").await?), (Some(1), Some(0)), "it begins anew");
    // The same where the server itself begins anew.
    house.server_again().await?;
    assert_eq!(why(&house.queue("0:list:q").await?, Metric::Pushes), Some(UnknownCode::NotYet));
    house.run("RPUSH q 7").await?;
    assert_eq!(counted(&house.queue("0:list:q").await?), (Some(1), Some(0)));
    Ok(())
}

#[tokio::test]
async fn given_a_server_that_is_too_busy_when_observed_then_weir_leaves_it_alone_and_says_so() -> Result<()> {
    let mut house = House::with(&ON, |_| {}).await?;
    house.run("RPUSH q 1").await?;
    house.observe().await?;
    let storm = "for i = 1, 30000 do redis.call('RPUSH', 'q', i) end";
    let _: () = redis::cmd("EVAL").arg(storm).arg(0).query_async(&mut house.client).await?;
    let patient = ObserveContext { known: Vec::new(), budget: Duration::from_secs(60) };
    let list = find(&house.broker.observe(&patient).await?, "0:list:q")?.clone();
    let reason = list.figures[&Metric::Pushes].clone().expect_err("too many to be counted");
    assert!(reason.detail.contains("too busy"), "{}", reason.detail);
    assert_eq!(list.value(Metric::Depth), Some(30_001));
    wait::until("nobody listens", Duration::from_secs(5), || async {
        let mut client = house.client.clone();
        let heard: Vec<String> = redis::cmd("PUBSUB").arg("CHANNELS").query_async(&mut client).await.ok()?;
        heard.is_empty().then_some(())
    })
    .await
}

#[tokio::test]
async fn given_an_account_that_may_not_listen_when_observed_then_the_reason_is_told_and_the_rest_goes_on()
-> Result<()> {
    let mut house = House::with(&ON, |_| {}).await?;
    house.run("RPUSH q 1").await?;
    for (rights, named) in [("", "CONFIG GET"), (" +config|get", "SUBSCRIBE")] {
        house.run(&format!("ACL SETUSER watcher reset on >pw ~* &* +llen +scan +type +info{rights}")).await?;
        let mut config = config(house.server.port());
        (config.user, config.password) = (Some("watcher".to_owned()), weir::config::Secret::new("pw"));
        let observation = brokers::connect(&config)?.observe(&ObserveContext::default()).await?;
        let list = find(&observation, "0:list:q")?;
        let reason = list.figures[&Metric::Pushes].clone().expect_err("it may not");
        assert_eq!(reason.code, UnknownCode::NoPermission, "{reason:?}");
        assert!(reason.detail.contains(named), "{reason:?}");
        assert_eq!(list.value(Metric::Depth), Some(1));
    }
    Ok(())
}

impl House {
    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.server.port())
    }

    /// Restarts the server, and connects to it again.
    async fn server_again(&mut self) -> Result<()> {
        use weir_tests::brokers::BrokerServer as _;

        self.server.stop().await?;
        self.server.start_again().await?;
        self.client = weir_tests::clients::redis::connect(&self.url()).await.context("again")?;
        Ok(())
    }
}
