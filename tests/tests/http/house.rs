//! One Weir over one Redis for all tests of this binary, with a queue of each kind in it.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use reqwest::Method;
use serde_json::Value;
use tokio::sync::OnceCell;
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients, unique,
    weir::{WeirProcess, queue_path},
};

/// A running Weir and the Redis that it watches.
pub(crate) struct House {
    pub weir: WeirProcess,
    redis: &'static Redis,
}

impl House {
    /// The one that all tests share.
    pub(crate) async fn shared() -> Result<&'static Self> {
        static HOUSE: OnceCell<House> = OnceCell::const_new();
        HOUSE.get_or_try_init(Self::start).await
    }

    async fn start() -> Result<Self> {
        let redis = Redis::shared().await?;
        let mut connection = clients::redis::connect(&redis.url()).await?;
        clients::redis::push(&mut connection, "hello", 3).await?;
        clients::redis::add(&mut connection, "events", 3).await?;
        clients::redis::create_group(&mut connection, "events", "shop").await?;
        let config = format!("{}poll_interval = \"2s\"\n", redis.config("cache"));
        let house = Self { weir: WeirProcess::start(&config).await?, redis };
        house.listed("hello").await?;
        Ok(house)
    }

    pub(crate) async fn redis(&self) -> Result<MultiplexedConnection> {
        clients::redis::connect(&self.redis.url()).await
    }

    /// A new list with `count` messages, known to Weir; its name and its path in the interface.
    pub(crate) async fn list(&self, prefix: &str, count: usize) -> Result<(String, String)> {
        let name = unique(prefix);
        clients::redis::push(&mut self.redis().await?, &name, count).await?;
        let path = self.listed(&name).await?;
        Ok((name, path))
    }

    /// Waits until Weir lists a list; gives its path.
    pub(crate) async fn listed(&self, name: &str) -> Result<String> {
        let path = queue_path("cache", &["0", "list", name]);
        self.weir
            .until("the list is listed", Duration::from_secs(30), "/api/v1/queues?limit=1000", |page| {
                page["items"].as_array()?.iter().find(|row| row["name"] == name).map(drop)
            })
            .await?;
        Ok(path)
    }

    pub(crate) fn redis_url(&self) -> String {
        self.redis.url()
    }

    pub(crate) async fn length(&self, list: &str) -> Result<usize> {
        Ok(self.redis().await?.llen(list).await?)
    }

    /// A call that has to be refused with `status`, naming `field` if there is one.
    pub(crate) async fn refused(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        status: u16,
        field: Option<&str>,
    ) -> Result<Value> {
        let answer = self.weir.call(method.clone(), path, body).await?;
        let kind = answer.headers().get("content-type").map(|v| v.to_str().unwrap_or_default().to_owned());
        let got = answer.status().as_u16();
        let text = answer.text().await?;
        let problem: Value =
            serde_json::from_str(&text).with_context(|| format!("{method} {path}: {text}"))?;
        ensure!(got == status, "{method} {path}: {got} instead of {status}: {text}");
        ensure!(kind.as_deref() == Some("application/problem+json"), "{method} {path}: {kind:?}");
        ensure!(problem["status"] == status, "{method} {path}: {text}");
        ensure!(problem["detail"].as_str().is_some_and(|d| !d.is_empty()), "{method} {path}: {text}");
        if let Some(field) = field {
            ensure!(problem["errors"][0]["field"] == field, "{method} {path} does not name {field}: {text}");
        }
        Ok(problem)
    }
}
