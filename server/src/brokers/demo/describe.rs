//! What the demonstration tells of its queues beside figures, and what can be done with them.

use weir_model::{
    QueueKind,
    message::{BrowseStart, MessageShape},
    queue::{Abilities, Ability, Binding, ConsumerRow, Fact, QueueDescription},
};

use super::{super::NOTHING_PASSES, state::Queue};

pub(super) fn abilities(kind: QueueKind) -> Abilities {
    let priced = "reading has a price here: messages are taken and given back";
    let free = || Ability::no("reading is free here: browse");
    let (publish, yes) = (Ability::yes(), Ability::yes());
    let tap = Ability::no(NOTHING_PASSES);
    match kind {
        QueueKind::RabbitmqClassic | QueueKind::RabbitmqQuorum => Abilities {
            browse: Ability::no(priced),
            peek: yes,
            tap,
            publish,
            purge: Ability::yes_but("messages that consumers hold stay"),
        },
        QueueKind::RabbitmqStream => Abilities {
            browse: yes,
            peek: free(),
            tap,
            publish,
            purge: Ability::no("a stream can't be purged: it forgets by age and size alone"),
        },
        QueueKind::RedisChannel => Abilities {
            browse: Ability::no("nothing of a channel is stored: what is published goes to those who listen"),
            peek: Ability::no("nothing of a channel is stored, so there is nothing to read"),
            tap: Ability::no("nothing passes here but in the demonstration's figures"),
            publish: Ability::yes_but("only those who subscribe just then receive it"),
            purge: Ability::no("nothing of a channel is stored, so there is nothing to purge"),
        },
        QueueKind::RedisList => Abilities { browse: yes, peek: free(), tap, publish, purge: Ability::yes() },
        QueueKind::RedisStream | QueueKind::KafkaTopic => Abilities {
            browse: yes,
            peek: free(),
            tap,
            publish,
            purge: Ability::yes_but("groups stay where they are"),
        },
    }
}

/// Where reading can begin, as on a broker of that kind.
pub(super) fn starts(kind: QueueKind) -> &'static [BrowseStart] {
    match kind {
        QueueKind::RedisList => &[BrowseStart::Left, BrowseStart::Right],
        QueueKind::RedisStream => {
            &[BrowseStart::Newest, BrowseStart::Oldest, BrowseStart::Id, BrowseStart::Time]
        }
        QueueKind::RabbitmqStream | QueueKind::KafkaTopic => {
            &[BrowseStart::Newest, BrowseStart::Oldest, BrowseStart::Offset, BrowseStart::Time]
        }
        QueueKind::RabbitmqClassic | QueueKind::RabbitmqQuorum | QueueKind::RedisChannel => &[],
    }
}

/// What a message consists of, as on a broker of that kind.
pub(super) fn shape(kind: QueueKind) -> MessageShape {
    match kind {
        QueueKind::RabbitmqClassic | QueueKind::RabbitmqQuorum | QueueKind::RabbitmqStream => {
            MessageShape::Routed
        }
        QueueKind::RedisList => MessageShape::List,
        QueueKind::RedisStream => MessageShape::Entry,
        QueueKind::RedisChannel => MessageShape::Plain,
        QueueKind::KafkaTopic => MessageShape::Record,
    }
}

pub(super) fn describe(queue: &Queue) -> QueueDescription {
    let model = &queue.model;
    let mut configuration = vec![Fact::new("simulated", "true", Some("the demonstration"))];
    if queue.is_log() {
        configuration.push(Fact::new("kept for", format!("{} minutes", model.keep_ms / 60_000), None));
    }
    if model.kind == QueueKind::KafkaTopic {
        configuration.push(Fact::new("partitions", model.flows.len().to_string(), None));
    }
    let is_amqp_queue = matches!(model.kind, QueueKind::RabbitmqClassic | QueueKind::RabbitmqQuorum);
    if is_amqp_queue {
        configuration.push(Fact::new("durable", "true", None));
    }
    if model.name == "orders" {
        configuration.push(Fact::new("x-dead-letter-routing-key", "orders.failed", Some("argument")));
    }
    let binding =
        || Binding { exchange: "shop".to_owned(), routing_key: model.name.to_owned(), arguments: vec![] };
    QueueDescription {
        configuration,
        bindings: is_amqp_queue.then(binding).into_iter().collect(),
        consumers: consumers(queue),
        consumers_note: (model.kind == QueueKind::RedisList)
            .then(|| "Redis does not tell who pops from a list".to_owned()),
    }
}

fn consumers(queue: &Queue) -> Vec<ConsumerRow> {
    let row = |name: String, group: Option<&str>| ConsumerRow {
        name,
        group: group.map(str::to_owned),
        host: Some("10.0.0.17".to_owned()),
        ..ConsumerRow::default()
    };
    if queue.model.kind == QueueKind::RedisList {
        return Vec::new();
    }
    let own = (1..=queue.model.consumers).map(|n| row(format!("{}-{n}", queue.model.name), None));
    let of_groups = queue.model.groups.iter().flat_map(|group| {
        (1..=group.members).map(move |n| row(format!("{}-{n}", group.name), Some(group.name)))
    });
    own.chain(of_groups).collect()
}
