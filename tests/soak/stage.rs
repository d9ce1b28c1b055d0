//! All that runs: three brokers with the demo's workload, and Weir, which reaches each of them by a name and a proxy.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::task::JoinSet;
use weir_model::Timestamp;
use weir_tests::{
    brokers::{BrokerServer, Kafka, RabbitMq, Redis},
    machine::Machine,
    proxy::FaultProxy,
    scratch::Scratch,
    weir::{WeirProcess, queue_path},
    workload::{self, Addresses},
};

use crate::{disk::Disk, names::Names};

/// A broker, named as in the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    RabbitMq,
    Redis,
    Kafka,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::RabbitMq, Self::Redis, Self::Kafka];

    /// Its name in Weir's config.
    pub(crate) fn broker(self) -> &'static str {
        match self {
            Self::RabbitMq => "orders",
            Self::Redis => "cache",
            Self::Kafka => "log",
        }
    }
}

pub(crate) struct Stage {
    pub weir: WeirProcess,
    pub machine: Machine,
    pub disk: Disk,
    pub names: Names,
    pub rabbitmq: RabbitMq,
    pub redis: Redis,
    pub kafka: Kafka,
    proxies: [FaultProxy; 3],
    workload: Option<JoinSet<()>>,
    _folder: Scratch,
}

impl Stage {
    pub(crate) async fn start() -> Result<Self> {
        let folder = Scratch::new("soak")?;
        let (names, disk, machine) = (Names::start(folder.path())?, Disk::mount()?, Machine::new()?);
        let proxies = [FaultProxy::start()?, FaultProxy::start()?, FaultProxy::start()?];
        crate::say("starting RabbitMQ, Redis and Kafka");
        let (rabbitmq, redis, kafka) = tokio::try_join!(
            RabbitMq::start(),
            Redis::start(),
            Kafka::start_behind(proxies[Kind::Kafka as usize].port())
        )?;
        proxies[Kind::RabbitMq as usize].lead_to(rabbitmq.management_port());
        proxies[Kind::Redis as usize].lead_to(redis.port());
        proxies[Kind::Kafka as usize].lead_to(kafka.behind_port().context("no second listener")?);
        let config = config(&rabbitmq, &proxies);
        let weir = WeirProcess::start_on(&machine, &disk.data(), &config).await?;
        let mut stage = Self {
            weir,
            machine,
            disk,
            names,
            rabbitmq,
            redis,
            kafka,
            proxies,
            workload: None,
            _folder: folder,
        };
        stage.work();
        Ok(stage)
    }

    /// The proxy that stands before a broker.
    pub(crate) fn proxy(&self, kind: Kind) -> &FaultProxy {
        &self.proxies[kind as usize]
    }

    pub(crate) fn server(&mut self, kind: Kind) -> &mut dyn BrokerServer {
        match kind {
            Kind::RabbitMq => &mut self.rabbitmq,
            Kind::Redis => &mut self.redis,
            Kind::Kafka => &mut self.kafka,
        }
    }

    /// Lets the shop work.
    pub(crate) fn work(&mut self) {
        let addresses = Addresses {
            amqp: self.rabbitmq.url(),
            management: self.rabbitmq.management_url(),
            redis: self.redis.url(),
            kafka: self.kafka.bootstrap(),
        };
        self.workload = Some(workload::start(&addresses));
    }

    /// Ends the shop's work, so that figures come to rest.
    pub(crate) async fn rest(&mut self) {
        if let Some(mut workload) = self.workload.take() {
            workload.shutdown().await;
        }
    }

    /// Whether the last seconds of a queue that always moves are in its history.
    pub(crate) async fn is_written(&self) -> Result<bool> {
        let queue = queue_path(Kind::RabbitMq.broker(), &["/", "orders"]);
        let from = Timestamp::now().plus_ms(-20_000);
        let series = self.weir.get(&format!("{queue}/series?metric=depth&from={from}&points=10")).await?;
        let points = series["points"].as_array().context("no points")?;
        Ok(points.iter().any(|point| point["last"].is_number()))
    }

    /// A broker's card.
    pub(crate) async fn card(&self, broker: &str) -> Result<Value> {
        let page = self.weir.get("/api/v1/brokers").await?;
        let cards = page["items"].as_array().context("no cards")?;
        cards.iter().find(|card| card["name"] == broker).cloned().context("no such card")
    }

    /// Waits for a card.
    pub(crate) async fn card_when(
        &self,
        broker: &str,
        what: &str,
        within: Duration,
        is: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let found = |page: &Value| {
            page["items"].as_array()?.iter().find(|card| card["name"] == broker && is(card)).cloned()
        };
        self.weir.until(&format!("{broker} {what}"), within, "/api/v1/brokers", found).await
    }
}

fn config(rabbitmq: &RabbitMq, proxies: &[FaultProxy; 3]) -> String {
    let [orders, cache, log] = proxies.each_ref().map(FaultProxy::port);
    format!(
        "[[brokers]]\nname = \"orders\"\nurl = \"{}\"\nmanagement_url = \"http://orders.test:{orders}\"\n\
         poll_interval = \"2s\"\nforget_after = \"30s\"\n\
         [[brokers]]\nname = \"cache\"\nurl = \"redis://cache.test:{cache}\"\n\
         include = [\"channel:my_channel\", \"*\"]\npoll_interval = \"2s\"\n\
         [[brokers]]\nname = \"log\"\nurl = \"kafka://log.test:{log}\"\npoll_interval = \"5s\"\n",
        rabbitmq.url()
    )
}
