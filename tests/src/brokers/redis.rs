//! A private Redis server.

use std::{process::Command, time::Duration};

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;

use super::{BrokerServer, READY_WITHIN, Server, shared};
use crate::{ports, process::Launch, scratch::Scratch, wait};

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
        Self::launch(port, settings).await
    }

    /// Starts one where auto-detection looks. That port is only free in a network of the test's own.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_on_standard_port() -> Result<Self> {
        Self::launch(6379, &[]).await
    }

    async fn launch(port: u16, settings: &[&str]) -> Result<Self> {
        let folder = Scratch::new("redis")?;
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

    /// Runs `redis-cli` on this server and gives what it printed.
    ///
    /// # Errors
    /// It failed, or the server refused; their words are in the text.
    pub fn cli(&self, args: &[&str]) -> Result<String> {
        let port = self.port.to_string();
        let output = Command::new("redis-cli").args(["-e", "-p", &port]).args(args).output();
        let output = output.context("redis-cli: apt-get install redis-tools")?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() {
            bail!("redis-cli {}: {text}{}", args.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(text)
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
