//! A private Kafka broker: one node, KRaft.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
};

use super::{BrokerServer, READY_WITHIN, Server, shared};
use crate::{ports, process::Launch, scratch::Scratch, wait};

const CLUSTER: &str = "d2VpcnRlc3RjbHVzdGVyMQ";

/// One broker that is its own controller, or a further one beside it.
#[derive(Debug)]
pub struct Kafka {
    server: Server,
    port: u16,
    node: Node,
    behind: Option<u16>,
    class_path: String,
}

/// A broker's place in its cluster: the first is the controller too.
#[derive(Clone, Copy, Debug)]
struct Node {
    id: i32,
    /// The controller's port.
    controller: u16,
}

/// What a broker is started with beside its plain listener.
#[derive(Clone, Debug, Default)]
pub struct KafkaSetup {
    pub listeners: Vec<Listener>,
    /// More lines of `server.properties`.
    pub settings: String,
    /// Users with their SCRAM passwords, as `SCRAM-SHA-256=[name=ana,password=secret]`.
    pub scram: Vec<String>,
}

/// One more address of a broker.
#[derive(Clone, Debug)]
pub struct Listener {
    pub name: &'static str,
    /// `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
    pub protocol: &'static str,
    pub port: u16,
    /// Where clients are told to come: another port where a proxy stands in front.
    pub advertised: u16,
}

impl Kafka {
    /// The instance that the tests of this binary share.
    ///
    /// # Errors
    /// It could not be started; the tail of its log is in the text.
    pub async fn shared() -> Result<&'static Self> {
        shared!(Kafka)
    }

    /// Formats a data folder, starts the broker and waits until it knows itself.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start() -> Result<Self> {
        Self::start_with("").await
    }

    /// Starts one with more lines of `server.properties`, such as `auto.create.topics.enable=false`.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_with(settings: &str) -> Result<Self> {
        Self::start_as(&KafkaSetup { settings: settings.to_owned(), ..KafkaSetup::default() }).await
    }

    /// Starts one with listeners and users of the caller's.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_as(setup: &KafkaSetup) -> Result<Self> {
        let [port] = ports::free()?;
        Self::launch(port, None, setup).await
    }

    /// Starts one with a second listener, [`behind_port`](Self::behind_port), whose clients are told to come by another
    /// port: that of a proxy in front of it.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_behind(proxy: u16) -> Result<Self> {
        let [port] = ports::free()?;
        let behind = Listener { name: "BEHIND", protocol: "PLAINTEXT", port, advertised: proxy };
        let kafka = Self::start_as(&KafkaSetup { listeners: vec![behind], ..KafkaSetup::default() }).await?;
        Ok(Self { behind: Some(port), ..kafka })
    }

    /// Starts one where auto-detection looks. That port is only free in a network of the test's own.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_on_standard_port() -> Result<Self> {
        Self::launch(9092, None, &KafkaSetup::default()).await
    }

    /// Starts a second broker, with the id 2, in the cluster of this one, whose id is 1.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start_beside(&self) -> Result<Self> {
        let [port] = ports::free()?;
        Self::launch(port, Some(Node { id: 2, ..self.node }), &KafkaSetup::default()).await
    }

    async fn launch(port: u16, node: Option<Node>, setup: &KafkaSetup) -> Result<Self> {
        let [controller] = ports::free()?;
        let node = node.unwrap_or(Node { id: 1, controller });
        let folder = Scratch::new("kafka")?;
        let class_path = format!("{}/*", jars()?.display());
        let properties = folder.path().join("server.properties");
        fs::write(&properties, server_properties(folder.path(), port, node, setup))?;
        let launch = Launch {
            program: "java".into(),
            args: vec![
                "-Xmx512m".into(),
                "-XX:TieredStopAtLevel=1".into(),
                "-cp".into(),
                class_path.clone().into(),
                format!("-Dlog4j2.configurationFile={}", resources().join("log4j2.properties").display())
                    .into(),
                "kafka.Kafka".into(),
                properties.clone().into(),
            ],
            env: Vec::new(),
            folder: folder.path().to_owned(),
            name: "kafka",
        };
        let mut kafka = Self { server: Server::new(folder, launch), port, node, behind: None, class_path };
        let properties = properties.display().to_string();
        let mut format = vec!["format", "-t", CLUSTER, "-c", &properties];
        format.extend(setup.scram.iter().flat_map(|user| ["--add-scram", user]));
        kafka.tool("kafka.tools.StorageTool", &format)?;
        kafka.start_again().await?;
        Ok(kafka)
    }

    /// For a client's `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where a proxy has to lead, after [`start_behind`](Self::start_behind).
    #[must_use]
    pub fn behind_port(&self) -> Option<u16> {
        self.behind
    }

    /// Runs one of Kafka's own tools, such as `org.apache.kafka.tools.TopicCommand`, and gives what it printed.
    /// Takes one to three seconds.
    ///
    /// # Errors
    /// It failed; its own words are in the text.
    pub fn tool(&self, class: &str, args: &[&str]) -> Result<String> {
        let output = Command::new("java")
            .args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", &self.class_path, class])
            .args(args)
            .stdin(Stdio::null())
            .output()
            .context("java: apt-get install openjdk-17-jre-headless")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("{class} {}: {text}{}", args.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(text)
    }
}

#[async_trait]
impl BrokerServer for Kafka {
    fn server(&self) -> &Server {
        &self.server
    }

    fn url(&self) -> String {
        format!("kafka://127.0.0.1:{}", self.port)
    }

    async fn ready(&self) -> Result<()> {
        wait::until("Kafka answers a metadata request", READY_WITHIN, || async {
            let bootstrap = self.bootstrap();
            tokio::task::spawn_blocking(move || knows_itself(&bootstrap)).await.ok()?.then_some(())
        })
        .await
    }
}

fn knows_itself(bootstrap: &str) -> bool {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("log_level", "0");
    let Ok(client) = config.create::<BaseConsumer>() else { return false };
    client.fetch_metadata(None, Duration::from_secs(3)).is_ok_and(|metadata| !metadata.brokers().is_empty())
}

/// The broker's jars, fetched on first use.
fn jars() -> Result<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/kafka-jars.sh");
    let output = Command::new("/bin/sh").arg(&script).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        bail!("{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().into())
}

fn resources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("brokers/kafka")
}

fn server_properties(folder: &Path, port: u16, Node { id, controller }: Node, setup: &KafkaSetup) -> String {
    let (roles, control) = match id {
        1 => ("broker,controller", format!(",CONTROLLER://127.0.0.1:{controller}")),
        _ => ("broker", String::new()),
    };
    let data = folder.join("data");
    let KafkaSetup { listeners, settings, .. } = setup;
    let all = |one: fn(&Listener) -> String| listeners.iter().map(one).collect::<String>();
    let listener = all(|l| format!(",{}://127.0.0.1:{}", l.name, l.port));
    let advertised = all(|l| format!(",{}://127.0.0.1:{}", l.name, l.advertised));
    let protocols = all(|l| format!(",{}:{}", l.name, l.protocol));
    format!(
        "process.roles={roles}\n\
         node.id={id}\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners=PLAINTEXT://127.0.0.1:{port}{listener}{control}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}{advertised}\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT{protocols}\n\
         controller.listener.names=CONTROLLER\n\
         inter.broker.listener.name=PLAINTEXT\n\
         log.dirs={}\n\
         offsets.topic.replication.factor=1\n\
         offsets.topic.num.partitions=4\n\
         transaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         share.coordinator.state.topic.replication.factor=1\n\
         share.coordinator.state.topic.min.isr=1\n\
         group.initial.rebalance.delay.ms=0\n\
         {settings}\n",
        data.display()
    )
}
