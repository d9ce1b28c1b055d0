//! Kafka's ACLs.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use tokio::sync::OnceCell;
use weir::config::BrokerConfig;
use weir_model::{QueueId, QueueKind, QueueObservation};
use weir_tests::{
    clients::{
        kafka::KafkaClient,
        kafka_acls::{Acl, allow},
    },
    unique,
};

use super::{Goods, Guarded, SECRET};
use crate::house::{Log, by, log, plain};

const MESSAGES: usize = 2;

pub(crate) struct Accounts {
    log: &'static Log,
    client: KafkaClient,
}

impl Accounts {
    pub(crate) async fn open() -> Result<Self> {
        let log = log().await?;
        let client = KafkaClient::new(&log.kafka.bootstrap())?;
        GROUP.get_or_try_init(|| a_group(&client)).await?;
        Ok(Self { log, client })
    }

    fn config(&self, user: &str, password: &str, mechanism: &str) -> BrokerConfig {
        let mut config = by(&plain("kafka", self.log.sasl), user, password);
        config.options.insert("sasl.mechanism".to_owned(), mechanism.to_owned());
        config
    }
}

/// There has to be a group to be seen.
static GROUP: OnceCell<()> = OnceCell::const_new();

async fn a_group(client: &KafkaClient) -> Result<()> {
    client.create_topic("seen", 1, &[]).await?;
    client.produce("seen", 1, 1).await?;
    client.join("seen-by", "seen")?.take(1).await.map(drop)
}

/// `Read Topic orders`
fn acl(right: &str) -> Result<Acl<'_>> {
    let words: Vec<&str> = right.split_whitespace().collect();
    let [operation, resource, name] = words[..] else { bail!("{right} is not OPERATION RESOURCE NAME") };
    Ok(Acl { operation, resource, name })
}

#[async_trait]
impl Guarded for Accounts {
    const SECTION: &'static str = "Kafka";
    const FEATURES: &'static [&'static str] =
        &["observe", "describe", "browse", "publish", "purge", "purge with a copy"];

    async fn account(&self, rights: &BTreeSet<String>) -> Result<BrokerConfig> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let user = format!("user-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let acls: Vec<Acl<'_>> = rights.iter().map(|right| acl(right)).collect::<Result<_>>()?;
        allow(&self.log.kafka.bootstrap(), &user, &acls).await?;
        Ok(self.config(&user, "secret", "SCRAM-SHA-256"))
    }

    async fn goods(&self, _: &str) -> Result<Goods> {
        let topic = unique("goods");
        self.client.create_topic(&topic, 1, &[]).await?;
        self.client.produce(&topic, 1, MESSAGES).await?;
        let id = QueueId::from_parts(&[&topic]);
        let queue = QueueObservation::new(id, QueueKind::KafkaTopic, topic.as_str(), "");
        Ok(Goods { queues: vec![queue], queue: topic, exchange: None })
    }

    async fn untouched(&self, goods: &Goods) -> Result<bool> {
        Ok(self.client.held(&goods.queue).await? == MESSAGES as i64)
    }

    fn name_of(&self, right: &str) -> String {
        right.split_whitespace().next().unwrap_or_default().to_owned()
    }

    async fn run(&self, command: &[String]) -> Result<()> {
        let (script, args) = command.split_first().context("an empty line")?;
        let class = match script.as_str() {
            "kafka-acls.sh" => "org.apache.kafka.tools.AclCommand",
            "kafka-configs.sh" => "kafka.admin.ConfigCommand",
            other => bail!("{other} is none of Kafka's tools"),
        };
        let bootstrap = self.log.kafka.bootstrap();
        let args: Vec<&str> =
            args.iter().map(|arg| if arg == "BROKER" { bootstrap.as_str() } else { arg }).collect();
        self.log.kafka.tool(class, &args).map(drop)
    }

    fn documented(&self, user: &str) -> BrokerConfig {
        self.config(user, SECRET, "SCRAM-SHA-512")
    }
}
