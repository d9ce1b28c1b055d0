//! Redis' ACL rules.

use std::{collections::BTreeSet, sync::Mutex};

use anyhow::{Result, bail};
use async_trait::async_trait;
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use weir::config::BrokerConfig;
use weir_model::{QueueId, QueueKind, QueueObservation};
use weir_tests::{brokers::BrokerServer as _, clients, unique};

use super::{Goods, Guarded, SECRET};
use crate::house::{Cache, by, cache, plain};

const MESSAGES: usize = 4;

pub(crate) struct Accounts {
    cache: &'static Cache,
    client: MultiplexedConnection,
    /// Somebody has to listen to a channel for it to be seen.
    _listener: Mutex<redis::aio::PubSub>,
}

impl Accounts {
    pub(crate) async fn open() -> Result<Self> {
        let cache = cache().await?;
        let mut listener = redis::Client::open(cache.redis.url())?.get_async_pubsub().await?;
        listener.subscribe("listened-to").await?;
        let client = clients::redis::connect(&cache.redis.url()).await?;
        Ok(Self { cache, client, _listener: Mutex::new(listener) })
    }

    fn config(&self, user: &str) -> BrokerConfig {
        by(&plain("redis", self.cache.redis.port()), user, SECRET)
    }

    /// A stream with a group whose lag the server does not know, so that Weir counts entries itself.
    async fn stream(&self, name: &str) -> Result<()> {
        let mut client = self.client.clone();
        clients::redis::add(&mut client, name, MESSAGES + 1).await?;
        clients::redis::create_group(&mut client, name, "shop").await?;
        clients::redis::read_group(&mut client, name, "shop", 1, 0).await?;
        let newest: redis::streams::StreamRangeReply = client.xrange_count(name, "-", "+", 3).await?;
        let _: u64 = client.xdel(name, &[&newest.ids[2].id]).await?;
        Ok(())
    }
}

fn queue(kind: QueueKind, word: &str, name: &str) -> QueueObservation {
    QueueObservation::new(QueueId::from_parts(&["0", word, name]), kind, name, "0")
}

#[async_trait]
impl Guarded for Accounts {
    const SECTION: &'static str = "Redis";
    const FEATURES: &'static [&'static str] = &[
        "observe",
        "describe",
        "browse",
        "publish",
        "purge",
        "purge with a copy",
        "listen to a channel",
        "count the commands on lists",
    ];
    const NOT_GIVEN: &'static [&'static str] = &["count the commands on lists"];

    async fn account(&self, rights: &BTreeSet<String>) -> Result<BrokerConfig> {
        let user = unique("user");
        let mut command = redis::cmd("ACL");
        command.arg("SETUSER").arg(&user).arg("reset").arg("on").arg(format!(">{SECRET}"));
        for right in rights {
            command.arg(right);
        }
        command.exec_async(&mut self.client.clone()).await?;
        Ok(self.config(&user))
    }

    async fn goods(&self, feature: &str) -> Result<Goods> {
        let (list, stream, channel) = (unique("list"), unique("stream"), unique("channel"));
        clients::redis::push(&mut self.client.clone(), &list, MESSAGES).await?;
        self.stream(&stream).await?;
        let heard = queue(QueueKind::RedisChannel, "channel", &channel);
        if feature == "listen to a channel" {
            return Ok(Goods { queues: vec![heard], queue: channel, exchange: None });
        }
        let mut queues = vec![
            queue(QueueKind::RedisList, "list", &list),
            queue(QueueKind::RedisStream, "stream", &stream),
        ];
        // Nobody subscribes to it, so that observing does not list it.
        if matches!(feature, "publish" | "describe") {
            queues.push(heard);
        }
        Ok(Goods { queues, queue: list, exchange: None })
    }

    /// A list that was set aside is not lost. The stream is purged by rights of its own.
    async fn untouched(&self, goods: &Goods) -> Result<bool> {
        let mut client = self.client.clone();
        let there: usize = client.llen(&goods.queue).await?;
        let aside: usize = client.llen(format!("weir:aside:{}", goods.queue)).await?;
        Ok(there + aside == MESSAGES || there + aside == 0)
    }

    fn name_of(&self, right: &str) -> String {
        match right.chars().next() {
            Some('+') => right.trim_start_matches('+').replace('|', " "),
            Some('&') => "this channel".to_owned(),
            _ => "this key".to_owned(),
        }
    }

    async fn run(&self, command: &[String]) -> Result<()> {
        let Some(("redis-cli", args)) = command.split_first().map(|(c, args)| (c.as_str(), args)) else {
            bail!("it is no redis-cli");
        };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.cache.redis.cli(&args).map(drop)
    }

    fn documented(&self, user: &str) -> BrokerConfig {
        self.config(user)
    }
}
