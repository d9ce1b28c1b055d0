//! Queues that nobody else touches: what went in and out of them is counted here, and Weir has to say the same.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, ensure};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
};
use redis::AsyncCommands as _;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use weir::history::{
    History as _, SeriesKey,
    sqlite::{Database, SqliteHistory},
};
use weir_model::{Metric, QueueId, Timestamp};
use weir_tests::{
    clients::{
        amqp::{Amqp, Taking},
        kafka::KafkaClient,
        redis as cache,
    },
    weir::queue_path,
};

use crate::{
    report::Facts,
    stage::{Kind, Stage},
};

const NAME: &str = "counted";
const GROUP: &str = "counters";
const PARTITIONS: i32 = 2;
/// RabbitMQ's own counters are late by 5 s, and the look by its interval.
const TOLD_WITHIN: Duration = Duration::from_secs(45);

/// One of the queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    Queue,
    List,
    Stream,
    Topic,
}

impl Which {
    const ALL: [Self; 4] = [Self::Queue, Self::List, Self::Stream, Self::Topic];

    fn broker(self) -> &'static str {
        match self {
            Self::Queue => Kind::RabbitMq.broker(),
            Self::List | Self::Stream => Kind::Redis.broker(),
            Self::Topic => Kind::Kafka.broker(),
        }
    }

    fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Queue => &["/", NAME],
            Self::List => &["0", "list", "counted-list"],
            Self::Stream => &["0", "stream", NAME],
            Self::Topic => &[NAME],
        }
    }

    /// Counters outlive a restart of the broker, so that no increase may be missing.
    fn counts_for_ever(self) -> bool {
        matches!(self, Self::Stream | Self::Topic)
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Ledger {
    published: usize,
    taken: usize,
}

pub(crate) struct Counted {
    ledgers: BTreeMap<Which, Ledger>,
    /// Kept: RabbitMQ forgets what a channel did when it closes soon after.
    amqp: Amqp,
}

impl Counted {
    /// Makes the queues, and waits until Weir has looked at them twice: then every increase has a beginning.
    pub(crate) async fn start(stage: &Stage) -> Result<Self> {
        let amqp = Amqp::connect(&stage.rabbitmq.amqp_url()).await?;
        amqp.declare(NAME, &json!({})).await?;
        cache::create_group(&mut redis(stage).await?, NAME, GROUP).await?;
        let client = KafkaClient::new(&stage.kafka.bootstrap())?;
        client.create_topic(NAME, PARTITIONS, &[]).await?;
        let mut counted = Self { ledgers: BTreeMap::new(), amqp };
        // A list without elements does not exist.
        counted.move_on(stage, Which::List, 1, 0).await?;
        for which in Which::ALL {
            let path = queue_path(which.broker(), which.parts());
            let first = stage.weir.until("it is seen", TOLD_WITHIN, &path, |row| {
                row["depth"].is_i64().then(|| row["observed_at"].clone())
            });
            let first = first.await?;
            let again = |row: &Value| (row["observed_at"] != first).then_some(());
            stage.weir.until("it is seen again", TOLD_WITHIN, &path, again).await?;
        }
        // A partition without a commit has no lag.
        counted.move_on(stage, Which::Topic, PARTITIONS as usize, PARTITIONS as usize).await?;
        Ok(counted)
    }

    /// Publishes and takes, and waits until Weir says how many are left; what it says wrongly.
    pub(crate) async fn check(&mut self, stage: &Stage) -> Result<Vec<String>> {
        for which in Which::ALL {
            let held = self.ledger(which);
            let publish = rand::random_range(5..30);
            let take = rand::random_range(0..held.published - held.taken + publish);
            self.move_on(stage, which, publish, take).await?;
        }
        let mut wrong = Vec::new();
        for which in Which::ALL {
            wrong.extend(self.compare(stage, which).await.err().map(|error| format!("{error:#}")));
        }
        Ok(wrong)
    }

    async fn move_on(&mut self, stage: &Stage, which: Which, publish: usize, take: usize) -> Result<()> {
        self.put(stage, which, publish, take).await?;
        let ledger = self.ledgers.entry(which).or_default();
        ledger.published += publish;
        ledger.taken += take;
        Ok(())
    }

    async fn put(&mut self, stage: &Stage, which: Which, publish: usize, take: usize) -> Result<()> {
        match which {
            Which::Queue => {
                self.amqp = Amqp::connect(&stage.rabbitmq.amqp_url()).await?;
                self.amqp.publish(NAME, publish).await?;
                self.amqp.take(NAME, take, Taking::Get).await?;
            }
            Which::List => {
                let mut server = redis(stage).await?;
                let key = which.parts()[2];
                cache::push(&mut server, key, publish).await?;
                for _ in 0..take {
                    let taken: Option<String> = server.lpop(key, None).await?;
                    ensure!(taken.is_some(), "the list is shorter than was counted");
                }
            }
            Which::Stream => {
                let mut server = redis(stage).await?;
                cache::add(&mut server, NAME, publish).await?;
                if take > 0 {
                    let read = cache::read_group(&mut server, NAME, GROUP, take, take).await?;
                    ensure!(read == take, "{read} of {take} entries were there");
                }
            }
            Which::Topic => {
                let client = KafkaClient::new(&stage.kafka.bootstrap())?;
                client.produce(NAME, PARTITIONS, publish).await?;
                tokio::task::block_in_place(|| commit_farther(&stage.kafka.bootstrap(), take))?;
            }
        }
        Ok(())
    }

    /// The depth of what holds, and the lag of what is read.
    async fn compare(&self, stage: &Stage, which: Which) -> Result<()> {
        let Ledger { published, taken } = self.ledger(which);
        let left = (published - taken) as i64;
        let (depth, lag) = match which {
            Which::Queue | Which::List => (left, None),
            Which::Stream | Which::Topic => (published as i64, Some(left)),
        };
        let path = queue_path(which.broker(), which.parts());
        let until = Instant::now() + TOLD_WITHIN;
        loop {
            let row = stage.weir.get(&path).await?;
            let lags = lag.is_none_or(|lag| row["lag"] == lag);
            if row["depth"] == depth && lags && row["stale"] == false {
                return Ok(());
            }
            ensure!(
                Instant::now() < until,
                "{which:?} holds {depth} with lag {lag:?}; Weir says {} and {}, stale {}, observed at {}",
                row["depth"],
                row["lag"],
                row["stale"],
                row["observed_at"]
            );
            sleep(Duration::from_millis(500)).await;
        }
    }

    fn ledger(&self, which: Which) -> Ledger {
        self.ledgers.get(&which).copied().unwrap_or_default()
    }

    /// Stops Weir, and holds the increases of its history against what was counted.
    pub(crate) async fn into_sums(self, stage: &mut Stage, facts: &mut Facts) -> Result<()> {
        let code = stage.weir.stop().await?;
        facts.log = stage.weir.log()?;
        if code != 0 {
            facts.findings.push(format!("it ended with code {code}"));
        }
        let database = Database::open(&stage.disk.data().join("weir.db")).await?;
        let history = SqliteHistory::start(database).await?;
        for which in [Which::Queue, Which::Stream, Which::Topic] {
            let minutes = history.minutes(which.broker(), &[Metric::In], Timestamp(0)).await?;
            let queue = QueueId::from_parts(which.parts());
            let mine = |key: &SeriesKey| key.queue == queue && key.group.is_none();
            let points: Vec<_> =
                minutes.iter().filter(|(key, _)| mine(key)).flat_map(|(_, points)| points).collect();
            // What came while nobody looked, or nothing could be written, is in no minute: when it came is not known.
            let told: i64 = points.iter().map(|point| point.increase).sum();
            let counted = points.last().map_or(0, |point| point.last);
            let published = self.ledger(which).published as i64;
            crate::say(&format!("{which:?}: {published} came in, history says {counted}, in minutes {told}"));
            if told > published || (which.counts_for_ever() && counted != published) {
                facts.findings.push(format!(
                    "{which:?}: {published} came in, history says {counted}, in minutes {told}"
                ));
            }
            facts.increases.push((format!("{which:?}"), published, told));
        }
        Ok(())
    }
}

/// Commits `count` records farther, without reading them and without being a member: no rebalance is waited for.
fn commit_farther(bootstrap: &str, count: usize) -> Result<()> {
    const WITHIN: Duration = Duration::from_secs(30);
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("group.id", GROUP);
    let client: BaseConsumer = config.create()?;
    let mut asked = TopicPartitionList::new();
    asked.add_partition_range(NAME, 0, PARTITIONS - 1);
    let committed = client.committed_offsets(asked, WITHIN)?;
    let mut left = i64::try_from(count)?;
    for partition in 0..PARTITIONS {
        let (low, high) = client.fetch_watermarks(NAME, partition, WITHIN)?;
        let mut place = committed.find_partition(NAME, partition).context("no such partition")?;
        let at = place.offset().to_raw().filter(|offset| *offset >= 0).unwrap_or(low);
        // Half of it at least from each, so that each partition has a commit.
        let last = partition == PARTITIONS - 1;
        let wanted = if last { left } else { (left + 1) / 2 };
        let part = wanted.min(high - at);
        place.set_offset(Offset::Offset(at + part))?;
        left -= part;
    }
    // What the last partition lacked, the first has.
    let mut first = committed.find_partition(NAME, 0).context("no such partition")?;
    let at = first.offset().to_raw().context("no offset")?;
    first.set_offset(Offset::Offset(at + left))?;
    client.commit(&committed, CommitMode::Sync)?;
    Ok(())
}

async fn redis(stage: &Stage) -> Result<redis::aio::MultiplexedConnection> {
    use weir_tests::brokers::BrokerServer as _;
    cache::connect(&stage.redis.url()).await
}
