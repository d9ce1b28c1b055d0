//! Three real brokers, a Weir over them, and each of them a second time behind a proxy that breaks things.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use weir_tests::{
    brokers::{BrokerServer, Kafka, RabbitMq, Redis},
    clients::{amqp::Amqp, kafka::KafkaClient, redis as cache},
    proxy::FaultProxy,
    weir::{WeirProcess, queue_path},
};

/// Messages that wait in the one queue of each broker, from before Weir began to the end.
pub(crate) const HELD: i64 = 50;
/// The time one look may take at least, however short the interval is.
const BUDGET: Duration = Duration::from_secs(5);
/// What a test client may be late on a busy machine.
const LATE: Duration = Duration::from_secs(4);

/// In which a fault shows: once the look ends that it spoils, which may have to use up its budget.
pub(crate) fn shows_within(interval: Duration) -> Duration {
    interval + interval.max(BUDGET) + LATE
}

/// Two intervals, where none counts as shorter than the time one look may take: the look that was under way when the
/// fault ended may have to use it up.
pub(crate) fn heals_within(interval: Duration) -> Duration {
    2 * interval.max(BUDGET)
}

/// The interval of a broker now: it is longer than configured where observing is dear.
pub(crate) async fn interval(weir: &WeirProcess, broker: &str) -> Result<Duration> {
    let seconds = card(weir, broker).await?["poll_interval_seconds"].as_f64().context("no interval")?;
    Ok(Duration::from_secs_f64(seconds))
}

/// One kind of broker with its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    RabbitMq,
    Redis,
    Kafka,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::RabbitMq, Self::Redis, Self::Kafka];

    /// The broker that Weir reaches directly.
    pub(crate) fn direct(self) -> &'static str {
        match self {
            Self::RabbitMq => "rabbitmq",
            Self::Redis => "redis",
            Self::Kafka => "kafka",
        }
    }

    /// The same broker by its proxy.
    pub(crate) fn behind(self) -> &'static str {
        match self {
            Self::RabbitMq => "rabbitmq-behind",
            Self::Redis => "redis-behind",
            Self::Kafka => "kafka-behind",
        }
    }

    pub(crate) fn id(self) -> String {
        weir_model::QueueId::from_parts(self.parts()).to_string()
    }

    fn parts(self) -> &'static [&'static str] {
        match self {
            Self::RabbitMq => &["/", "held"],
            Self::Redis => &["0", "stream", "held"],
            Self::Kafka => &["held"],
        }
    }

    /// The path of its queue in the interface.
    pub(crate) fn queue(self, broker: &str) -> String {
        queue_path(broker, self.parts())
    }
}

/// All that runs.
pub(crate) struct House {
    pub weir: WeirProcess,
    pub rabbitmq: RabbitMq,
    pub redis: Redis,
    pub kafka: Kafka,
    proxies: [FaultProxy; 3],
}

impl House {
    /// The one house of this binary, for one test at a time.
    pub(crate) async fn alone() -> Result<MutexGuard<'static, Self>> {
        static HOUSE: OnceCell<Result<Mutex<House>, String>> = OnceCell::const_new();
        let house = HOUSE.get_or_init(|| async {
            House::start().await.map(Mutex::new).map_err(|error| format!("{error:#}"))
        });
        let house = house.await.as_ref().map_err(|text| anyhow::anyhow!("{text}"))?.lock().await;
        house.all_well().await?;
        Ok(house)
    }

    async fn start() -> Result<Self> {
        let proxies = [FaultProxy::start()?, FaultProxy::start()?, FaultProxy::start()?];
        let [before_rabbitmq, before_redis, before_kafka] = &proxies;
        let (rabbitmq, redis, kafka) =
            tokio::try_join!(RabbitMq::start(), Redis::start(), Kafka::start_behind(before_kafka.port()))?;
        before_rabbitmq.lead_to(rabbitmq.management_port());
        before_redis.lead_to(redis.port());
        before_kafka.lead_to(kafka.behind_port().context("no second listener")?);
        fill(&rabbitmq, &redis, &kafka).await?;
        let mut config = String::new();
        for (kind, entry) in [
            (Kind::RabbitMq, rabbitmq.config(Kind::RabbitMq.direct())),
            (Kind::Redis, redis.config(Kind::Redis.direct())),
            (Kind::Kafka, kafka.config(Kind::Kafka.direct())),
        ] {
            let proxy = proxies[kind as usize].port();
            let behind = match kind {
                Kind::RabbitMq => {
                    format!("url = \"{}\"\nmanagement_url = \"http://127.0.0.1:{proxy}\"\n", rabbitmq.url())
                }
                Kind::Redis => format!("url = \"redis://127.0.0.1:{proxy}\"\n"),
                Kind::Kafka => format!("url = \"kafka://127.0.0.1:{proxy}\"\n"),
            };
            // A look at Kafka takes a debug build longer than a tenth of the shortest interval, which would grow.
            let pace =
                if kind == Kind::Kafka { "poll_interval = \"5s\"\n" } else { "poll_interval = \"2s\"\n" };
            config += &format!("{entry}{pace}[[brokers]]\nname = \"{}\"\n{behind}{pace}", kind.behind());
        }
        let weir = WeirProcess::start(&config).await?;
        Ok(Self { weir, rabbitmq, redis, kafka, proxies })
    }

    /// The proxy before the second entry of a kind.
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

    /// Waits until each of the six shows its queue.
    async fn all_well(&self) -> Result<()> {
        for kind in Kind::ALL {
            for broker in [kind.direct(), kind.behind()] {
                let well = |row: &Value| (row["depth"] == HELD && row["stale"] == false).then_some(());
                let within = Duration::from_secs(60);
                self.weir.until("all is well", within, &kind.queue(broker), well).await?;
            }
        }
        Ok(())
    }
}

async fn fill(rabbitmq: &RabbitMq, redis: &Redis, kafka: &Kafka) -> Result<()> {
    let amqp = Amqp::connect(&rabbitmq.amqp_url()).await?;
    amqp.declare("held", &json!({})).await?;
    amqp.publish("held", HELD as usize).await?;
    cache::add(&mut cache::connect(&redis.url()).await?, "held", HELD as usize).await?;
    let client = KafkaClient::new(&kafka.bootstrap())?;
    client.create_topic("held", 2, &[]).await?;
    client.produce("held", 2, HELD as usize).await
}

/// A broker's card.
pub(crate) async fn card(weir: &WeirProcess, broker: &str) -> Result<Value> {
    let page = weir.get("/api/v1/brokers").await?;
    let card = of(&page, broker).cloned();
    card.with_context(|| format!("no card of {broker}: {page:#}"))
}

/// Waits for a card, and gives it.
pub(crate) async fn card_when(
    weir: &WeirProcess,
    broker: &str,
    what: &str,
    within: Duration,
    is: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let found = |page: &Value| of(page, broker).filter(|card| is(card)).cloned();
    weir.until(&format!("{broker} {what}"), within, "/api/v1/brokers", found).await
}

fn of<'a>(page: &'a Value, broker: &str) -> Option<&'a Value> {
    page["items"].as_array()?.iter().find(|card| card["name"] == broker)
}

/// A card of a broker that is down says which step failed, why, since when, and when it is tried next.
pub(crate) fn ensure_explained(card: &Value, steps: &[&str]) -> Result<()> {
    let error = &card["error"];
    let step = error["step"].as_str().unwrap_or_default();
    ensure!(steps.contains(&step), "the step is {step}, not one of {steps:?}: {error}");
    ensure!(error["detail"].as_str().is_some_and(|detail| detail.len() > 10), "no reason: {error}");
    let (since, next) = (error["since"].as_str(), error["next_try_at"].as_str());
    ensure!(since.is_some() && since < next, "since when, and when next: {error}");
    Ok(())
}
