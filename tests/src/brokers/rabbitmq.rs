//! A private RabbitMQ node with the management, Prometheus, stream and shovel plugins.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use tokio::net::TcpStream;

use super::{BrokerServer, READY_WITHIN, Server, shared};
use crate::{
    ports,
    process::{Launch, Supervised},
    scratch::Scratch,
    wait,
};

/// The scripts themselves: the wrappers in `/usr/sbin` switch to a user of the system's own node.
const SCRIPTS: &str = "/usr/lib/rabbitmq/bin";

const PLUGINS: &str = "[rabbitmq_management,rabbitmq_prometheus,rabbitmq_stream,rabbitmq_stream_management,\
                       rabbitmq_shovel,rabbitmq_shovel_management].";

/// One node with its own port mapper, cookie and data.
#[derive(Debug)]
pub struct RabbitMq {
    server: Server,
    /// In the foreground and under a supervisor, so that no port mapper of ours stays behind.
    _port_mapper: Supervised,
    ports: Ports,
    env: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    amqp: u16,
    management: u16,
    prometheus: u16,
    stream: u16,
    distribution: u16,
    port_mapper: u16,
}

impl Ports {
    fn free() -> Result<Self> {
        let [amqp, management, prometheus, stream, distribution, port_mapper] = ports::free()?;
        Ok(Self { amqp, management, prometheus, stream, distribution, port_mapper })
    }
}

impl RabbitMq {
    /// The instance that the tests of this binary share.
    ///
    /// # Errors
    /// It could not be started; the tail of its log is in the text.
    pub async fn shared() -> Result<&'static Self> {
        shared!(RabbitMq)
    }

    /// Starts a node and waits until its management API answers.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start() -> Result<Self> {
        Self::start_with("").await
    }

    /// Starts a node with more lines of `rabbitmq.conf`, such as `management.rates_mode = none`.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_with(settings: &str) -> Result<Self> {
        Self::launch(Ports::free()?, settings).await
    }

    /// Starts a node where auto-detection looks. Those ports are only free in a network of the test's own.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_on_standard_ports() -> Result<Self> {
        Self::launch(Ports { amqp: 5672, management: 15672, ..Ports::free()? }, "").await
    }

    async fn launch(ports: Ports, settings: &str) -> Result<Self> {
        let folder = Scratch::new("rabbitmq")?;
        let env = environment(folder.path(), ports);
        write_configuration(folder.path(), ports, settings)?;
        let launch = Launch {
            program: format!("{SCRIPTS}/rabbitmq-server").into(),
            args: Vec::new(),
            env: env.clone(),
            folder: folder.path().to_owned(),
            name: "rabbitmq",
        };
        let port_mapper = Supervised::spawn(&Launch {
            program: "epmd".into(),
            args: ["-port", &ports.port_mapper.to_string(), "-address", "127.0.0.1"].map(Into::into).to_vec(),
            name: "epmd",
            ..launch.clone()
        })?;
        let server = Server::new(folder, launch);
        let mut node = Self { server, _port_mapper: port_mapper, ports, env };
        node.start_again().await?;
        Ok(node)
    }

    /// The address of an AMQP client, for the vhost `/`.
    #[must_use]
    pub fn amqp_url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.ports.amqp)
    }

    /// The port of AMQP.
    #[must_use]
    pub fn amqp_port(&self) -> u16 {
        self.ports.amqp
    }

    /// The management API, without credentials.
    #[must_use]
    pub fn management_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.management)
    }

    /// The port of the management API.
    #[must_use]
    pub fn management_port(&self) -> u16 {
        self.ports.management
    }

    /// The port of the stream protocol.
    #[must_use]
    pub fn stream_port(&self) -> u16 {
        self.ports.stream
    }

    /// The figures of the Prometheus plugin.
    #[must_use]
    pub fn prometheus_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.ports.prometheus)
    }

    /// Runs `rabbitmqctl` on this node and gives what it printed. Takes two to three seconds.
    ///
    /// # Errors
    /// It failed; its own words are in the text.
    pub fn ctl(&self, args: &[&str]) -> Result<String> {
        let output = Command::new(format!("{SCRIPTS}/rabbitmqctl"))
            .args(args)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .context("rabbitmqctl")?;
        if !output.status.success() {
            bail!("rabbitmqctl {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

#[async_trait]
impl BrokerServer for RabbitMq {
    fn server(&self) -> &Server {
        &self.server
    }

    fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}", self.ports.amqp)
    }

    fn config(&self, name: &str) -> String {
        format!(
            "[[brokers]]\nname = \"{name}\"\nurl = \"{}\"\nmanagement_url = \"{}\"\n",
            self.url(),
            self.management_url()
        )
    }

    async fn ready(&self) -> Result<()> {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        let overview = format!("{}/api/overview", self.management_url());
        wait::until("RabbitMQ's management API answers", READY_WITHIN, || async {
            let answer = client.get(&overview).basic_auth("guest", Some("guest")).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await?;
        // On a busy machine its own clients are let in later.
        wait::until("RabbitMQ takes AMQP connections", READY_WITHIN, || async {
            TcpStream::connect(("127.0.0.1", self.ports.amqp)).await.ok().map(drop)
        })
        .await
    }
}

fn environment(folder: &Path, ports: Ports) -> Vec<(String, String)> {
    let path = |name: &str| folder.join(name).display().to_string();
    [
        // The Erlang cookie lies there.
        ("HOME", folder.display().to_string()),
        ("RABBITMQ_NODENAME", "weir@localhost".to_owned()),
        ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".to_owned()),
        ("RABBITMQ_NODE_PORT", ports.amqp.to_string()),
        ("RABBITMQ_DIST_PORT", ports.distribution.to_string()),
        ("RABBITMQ_MNESIA_BASE", path("mnesia")),
        ("RABBITMQ_LOG_BASE", path("log")),
        ("RABBITMQ_LOGS", "-".to_owned()),
        ("RABBITMQ_PID_FILE", path("pid")),
        ("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf")),
        ("RABBITMQ_CONF_ENV_FILE", path("rabbitmq-env.conf")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins")),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}".to_owned()),
        ("ERL_EPMD_PORT", ports.port_mapper.to_string()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
        // The start script then becomes the node instead of standing before it, so that signals reach the node.
        ("RUNNING_UNDER_SYSTEMD", "true".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn write_configuration(folder: &Path, ports: Ports, settings: &str) -> Result<()> {
    let Ports { management, prometheus, stream, .. } = ports;
    let configuration = format!(
        "management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n\
         prometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = {prometheus}\n\
         stream.listeners.tcp.1 = 127.0.0.1:{stream}\n{settings}\n"
    );
    fs::write(folder.join("rabbitmq.conf"), configuration)?;
    fs::write(folder.join("rabbitmq-env.conf"), "")?;
    fs::write(folder.join("enabled_plugins"), PLUGINS)?;
    Ok(())
}
