//! RabbitMQ's tags and permissions.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use lapin::{ExchangeKind, options::QueueDeclareOptions, types::FieldTable};
use reqwest::Method;
use serde_json::json;
use weir::config::BrokerConfig;
use weir_model::{QueueId, QueueKind, QueueObservation};
use weir_tests::{
    clients::{amqp::Amqp, management::Management},
    unique,
};

use super::{Goods, Guarded, SECRET};
use crate::house::{Rabbit, by, plain, rabbit};

const MESSAGES: usize = 2;

pub(crate) struct Accounts {
    rabbit: &'static Rabbit,
    management: Management,
    amqp: Amqp,
}

impl Accounts {
    pub(crate) async fn open() -> Result<Self> {
        let rabbit = rabbit().await?;
        let amqp = Amqp::connect(&rabbit.node.amqp_url()).await?;
        Ok(Self { rabbit, management: Management::new(&rabbit.node.management_url())?, amqp })
    }

    fn config(&self, user: &str) -> BrokerConfig {
        let config = plain("amqp", self.rabbit.node.amqp_port());
        let config = BrokerConfig { management_url: Some(self.rabbit.node.management_url()), ..config };
        by(&config, user, SECRET)
    }
}

#[async_trait]
impl Guarded for Accounts {
    const SECTION: &'static str = "RabbitMQ";
    const FEATURES: &'static [&'static str] = &[
        "observe",
        "describe",
        "browse",
        "peek",
        "publish",
        "publish to an exchange",
        "purge",
        "purge with a copy",
    ];

    async fn account(&self, rights: &BTreeSet<String>) -> Result<BrokerConfig> {
        let user = unique("user");
        let of = |word: &str| {
            rights.iter().find_map(|right| right.strip_prefix(word)?.strip_prefix(' ')).map(str::to_owned)
        };
        let tags = of("tag").unwrap_or_default();
        let body = json!({ "password": SECRET, "tags": tags });
        self.management.send(Method::PUT, &format!("/api/users/{user}"), Some(&body)).await?;
        let pattern = |word: &str| of(word).unwrap_or_else(|| "^$".to_owned());
        if of("vhost").is_some() {
            let body = json!({ "configure": "^$", "write": pattern("write"), "read": pattern("read") });
            let path = format!("/api/permissions/%2f/{user}");
            self.management.send(Method::PUT, &path, Some(&body)).await?;
        }
        Ok(self.config(&user))
    }

    async fn goods(&self, feature: &str) -> Result<Goods> {
        let name = unique("goods");
        let stream = feature == "browse";
        let kind = if stream { QueueKind::RabbitmqStream } else { QueueKind::RabbitmqClassic };
        let arguments = if stream { json!({ "x-queue-type": "stream" }) } else { json!({}) };
        self.amqp.declare(&name, &arguments).await?;
        self.amqp.publish(&name, MESSAGES).await?;
        let exchange = (feature == "publish to an exchange").then(|| unique("exchange"));
        if let Some(exchange) = &exchange {
            self.amqp.bind(exchange, ExchangeKind::Fanout, &name, "").await?;
        }
        let queue = QueueObservation::new(QueueId::from_parts(&["/", &name]), kind, name.as_str(), "/");
        Ok(Goods { queues: vec![queue], queue: name, exchange })
    }

    async fn untouched(&self, goods: &Goods) -> Result<bool> {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let channel = self.amqp.channel().await?;
        let queue =
            channel.queue_declare(goods.queue.as_str().into(), options, FieldTable::default()).await?;
        Ok(queue.message_count() as usize == MESSAGES)
    }

    fn name_of(&self, right: &str) -> String {
        match right.split_whitespace().next().unwrap_or_default() {
            "tag" => "set_user_tags".to_owned(),
            "vhost" => "no permission on their vhosts".to_owned(),
            pattern => format!("{pattern} permission"),
        }
    }

    async fn run(&self, command: &[String]) -> Result<()> {
        let Some(("rabbitmqctl", args)) = command.split_first().map(|(c, args)| (c.as_str(), args)) else {
            bail!("it is no rabbitmqctl");
        };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.rabbit.node.ctl(&args).map(drop).context("rabbitmqctl")
    }

    fn documented(&self, user: &str) -> BrokerConfig {
        self.config(user)
    }
}
