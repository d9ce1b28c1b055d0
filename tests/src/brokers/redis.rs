//! A private Redis server.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;

use super::{BrokerServer, READY_WITHIN, Server, folder, shared};
use crate::{ports, process::Launch, wait};

/// One `redis-server` that writes every command to disk before it answers, so that `kill9` loses nothing.
#[derive(Debug)]
pub struct Redis {
    server: Server,
    port: u16,
}

impl Redis {
    /// The instance that the tests of this binary share.
    ///
    /// # Errors
    /// It could not be started; the tail of its log is in the text.
    pub async fn shared() -> Result<&'static Self> {
        shared!(Redis)
    }

    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts one with more settings, such as `["--maxmemory", "2mb"]` or `["--requirepass", "secret"]`.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_with(settings: &[&str]) -> Result<Self> {
        let [port] = ports::free()?;
        let folder = folder("redis")?;
        let port_text = port.to_string();
        let mut args = vec!["--port", &port_text, "--bind", "127.0.0.1", "--daemonize", "no", "--save", ""];
        args.extend(["--appendonly", "yes", "--appendfsync", "always"]);
        args.extend(settings);
        let launch = Launch {
            program: "redis-server".into(),
            args: args.into_iter().map(Into::into).collect(),
            env: Vec::new(),
            folder: folder.path().to_owned(),
            name: "redis",
        };
        let mut redis = Self { server: Server::new(folder, launch), port };
        redis.start_again().await?;
        Ok(redis)
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

#[async_trait]
impl BrokerServer for Redis {
    fn server(&self) -> &Server {
        &self.server
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ready when it answers a PING: PONG, or that it wants a password. While it loads its data it says LOADING.
    async fn ready(&self) -> Result<()> {
        wait::until("Redis answers PING", READY_WITHIN, || async {
            let answer = tokio::time::timeout(Duration::from_secs(2), ping(self.port)).await;
            let answer = answer.ok()?.ok()?;
            (answer.starts_with("+PONG") || answer.starts_with("-NOAUTH")).then_some(())
        })
        .await
    }
}

/// Asks without a client, since a client would not get past a password.
async fn ping(port: u16) -> Result<String> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"PING\r\n").await?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}
