//! The queues of the demonstration: those of a shop, one of each kind and one in each of the common troubles.

use weir_model::{QueueId, QueueKind};

use super::{
    curve::{Curve, Pace},
    goods::Goods,
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// One queue as it behaves by itself.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub id: QueueId,
    pub kind: QueueKind,
    pub scope: &'static str,
    pub name: &'static str,
    pub goods: Goods,
    /// One for each partition; one where the kind has none.
    pub flows: Vec<Curve>,
    /// Consumers of a queue or list, subscribers of a channel.
    pub consumers: i64,
    /// How they follow; of no meaning for logs and channels.
    pub pace: Pace,
    /// How long a log keeps messages.
    pub keep_ms: i64,
    pub groups: Vec<Group>,
    /// What comes was dead-lettered: in no counter of the broker.
    pub dead_letters: bool,
}

/// A consumer group of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub name: &'static str,
    pub members: i64,
    pub pace: Pace,
}

/// The queues, in the order of the list. `seed` moves their waves.
pub(super) fn models(seed: u64) -> Vec<Model> {
    let mut all = [rabbitmq(), redis(), kafka()].concat();
    for (n, model) in all.iter_mut().enumerate() {
        for (m, flow) in model.flows.iter_mut().enumerate() {
            if let Curve::Waves { phase, .. } = flow {
                *phase = (seed % 1000) as f64 + n as f64 * 1.7 + m as f64 * 0.6;
            }
        }
    }
    all
}

fn rabbitmq() -> Vec<Model> {
    use QueueKind::{RabbitmqClassic, RabbitmqQuorum, RabbitmqStream};
    let (cycle_ms, messages) = (2 * HOUR, 20_000);
    let vhost = |kind, name, goods, flow| Model::new(kind, &["shop", name], "shop", name, goods, flow);
    let settlement = Group { name: "settlement", members: 1, pace: Pace::Behind { ms: 4_000 } };
    vec![
        vhost(RabbitmqClassic, "orders", Goods::Order, waves(6.0)).taken(4, Pace::Behind { ms: 12_000 }),
        vhost(RabbitmqClassic, "invoices", Goods::Invoice, Curve::Bursts { cycle_ms, messages })
            .taken(2, Pace::Evenly { cycle_ms, messages }),
        vhost(RabbitmqClassic, "exports", Goods::Export, waves(0.4))
            .taken(0, Pace::Never { cycle_ms: 48 * HOUR }),
        vhost(RabbitmqClassic, "orders.failed", Goods::Order, waves(0.02))
            .taken(0, Pace::Never { cycle_ms: 24 * HOUR })
            .dead_letters(),
        vhost(RabbitmqQuorum, "payments", Goods::Payment, waves(3.0)).taken(3, Pace::Behind { ms: 6_000 }),
        vhost(RabbitmqStream, "ledger", Goods::Payment, waves(0.4)).kept(30 * MINUTE, vec![settlement]),
    ]
}

fn redis() -> Vec<Model> {
    use QueueKind::{RedisChannel, RedisList, RedisStream};
    let key = |kind, part, name, goods, flow| Model::new(kind, &["0", part, name], "db 0", name, goods, flow);
    let workers = Group { name: "workers", members: 3, pace: Pace::Behind { ms: 5_000 } };
    let archive =
        Group { name: "archive", members: 1, pace: Pace::Slowly { cycle_ms: 15 * MINUTE, share: 0.4 } };
    vec![
        key(RedisList, "list", "queue:email", Goods::Email, waves(2.0)).taken(2, Pace::Behind { ms: 40_000 }),
        key(RedisStream, "stream", "thumbnails", Goods::Thumbnail, waves(0.5))
            .kept(20 * MINUTE, vec![workers, archive]),
        key(RedisChannel, "channel", "stock-changes", Goods::View, waves(1.0))
            .taken(3, Pace::Behind { ms: 0 }),
    ]
}

fn kafka() -> Vec<Model> {
    use QueueKind::KafkaTopic;
    let topic = |name, goods, flow| Model::new(KafkaTopic, &[name], "", name, goods, flow).partitioned(3);
    let billing = Group { name: "billing", members: 2, pace: Pace::Behind { ms: 3_000 } };
    let warehouse =
        Group { name: "warehouse", members: 1, pace: Pace::Slowly { cycle_ms: 25 * MINUTE, share: 0.6 } };
    let analytics = Group { name: "analytics", members: 3, pace: Pace::Behind { ms: 2_000 } };
    let recommender = Group { name: "recommender", members: 0, pace: Pace::Never { cycle_ms: 5 * HOUR } };
    vec![
        topic("order-events", Goods::Order, waves(0.1)).kept(30 * MINUTE, vec![billing, warehouse]),
        topic("page-views", Goods::View, waves(8.0)).kept(6 * HOUR, vec![analytics, recommender]),
    ]
}

fn waves(per_second: f64) -> Curve {
    Curve::Waves { per_second, phase: 0.0 }
}

impl Model {
    fn new(
        kind: QueueKind,
        parts: &[&str],
        scope: &'static str,
        name: &'static str,
        goods: Goods,
        flow: Curve,
    ) -> Self {
        Self {
            id: QueueId::from_parts(parts),
            kind,
            scope,
            name,
            goods,
            flows: vec![flow],
            consumers: 0,
            pace: Pace::Behind { ms: 0 },
            keep_ms: 0,
            groups: Vec::new(),
            dead_letters: false,
        }
    }

    fn taken(self, consumers: i64, pace: Pace) -> Self {
        Self { consumers, pace, ..self }
    }

    fn kept(self, keep_ms: i64, groups: Vec<Group>) -> Self {
        Self { keep_ms, groups, ..self }
    }

    fn dead_letters(self) -> Self {
        Self { dead_letters: true, ..self }
    }

    fn partitioned(self, partitions: usize) -> Self {
        Self { flows: vec![self.flows[0]; partitions], ..self }
    }
}
