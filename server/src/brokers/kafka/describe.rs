//! What is to know about a topic beyond its figures, and what can be done with it.

use std::time::Duration;

use rdkafka::admin::{ConfigEntry, ConfigSource};
use weir_kafka_admin::GroupDescription;
use weir_model::{
    Metric, QueueObservation,
    queue::{Abilities, Ability, ConsumerRow, Fact, QueueDescription},
};

use super::{
    super::NOTHING_PASSES,
    Kafka,
    connection::Connection,
    group_figures::listed,
    publish::internal,
    purge::COMPACTED,
    refused::missing_right,
    topic_config::{self, SETTINGS},
    topology::{Topic, is_internal},
};
use crate::brokers::BrokerError;

/// Together below the three seconds after which a page is shown without this.
const ASK_TIME: Duration = Duration::from_millis(2500);

impl Kafka {
    pub(super) async fn tell(&self, queue: &QueueObservation) -> Result<QueueDescription, BrokerError> {
        let connection = self.dialer.connection().await?;
        let topic = self.topic_now(&connection, &queue.name).await?;
        let name = [topic.name.clone()];
        let (settings, consumers) =
            tokio::join!(topic_config::describe(&self.dialer, &name, ASK_TIME), members(&connection, queue));
        let mut configuration = shape(&topic);
        let mut note = "Readers without a consumer group can't be seen.".to_owned();
        match settings?.into_iter().next() {
            Some((_, Ok(entries))) => configuration.extend(facts(entries)),
            Some((_, Err(code))) => {
                let why = missing_right(code, SETTINGS).unwrap_or_else(|| code.to_string());
                configuration.push(Fact::new("settings", format!("not told: {why}"), Some("broker")));
            }
            None => {}
        }
        let (rows, missing) = consumers?;
        if !missing.is_empty() {
            note = format!("{note} Not told by Kafka: {}.", missing.join("; "));
        }
        Ok(QueueDescription {
            configuration,
            bindings: Vec::new(),
            consumers: rows,
            consumers_note: Some(note),
        })
    }

    pub(super) fn acts(&self, queue: &QueueObservation) -> Abilities {
        let peek = Ability::no("reading a topic is free: it takes no peek");
        let tap = Ability::no(NOTHING_PASSES);
        if is_internal(&queue.name) {
            let no = Ability::no(internal(&queue.name));
            return Abilities { browse: Ability::yes(), peek, tap, publish: no.clone(), purge: no };
        }
        Abilities { browse: Ability::yes(), peek, tap, publish: Ability::yes(), purge: self.may_purge(queue) }
    }

    fn may_purge(&self, queue: &QueueObservation) -> Ability {
        if let Some(Ok(policy)) = self.memory.policies.known().get(&queue.name)
            && policy.compact
            && !policy.delete
        {
            return Ability::no(COMPACTED);
        }
        let held: i64 = queue.partitions.iter().filter_map(|p| Some((p.end? - p.stable_end?).max(0))).sum();
        if held > 0 {
            return Ability::yes_but(format!(
                "{held} messages from an open transaction on are deleted too: what its producer commits is then \
                 missing in part"
            ));
        }
        let behind = queue.value(Metric::Lag).filter(|lag| *lag > 0);
        match behind {
            Some(lag) => {
                Ability::yes_but(format!("up to {lag} messages were not read yet by the slowest group"))
            }
            None => Ability::yes_but("groups keep their offsets; messages that come from now on stay"),
        }
    }
}

/// The members that read the topic, and what could not be told of which group.
async fn members(
    connection: &Connection,
    queue: &QueueObservation,
) -> Result<(Vec<ConsumerRow>, Vec<String>), BrokerError> {
    let groups: Vec<String> = queue.groups.iter().map(|group| group.name.clone()).collect();
    let described = connection.admin()?.describe_consumer_groups(&groups, ASK_TIME).await;
    let described = match described {
        Ok(described) => described,
        Err(error) => return Ok((Vec::new(), vec![error.to_string()])),
    };
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for (group, description) in described {
        match description {
            Ok(description) => rows.extend(readers(&description, &queue.name)),
            Err(failure) => missing.push(format!("group {group}, {failure}")),
        }
    }
    Ok((rows, missing))
}

fn readers(group: &GroupDescription, topic: &str) -> Vec<ConsumerRow> {
    let mut rows = Vec::new();
    for member in &group.members {
        let mut own: Vec<i32> = member
            .assigned
            .iter()
            .filter(|place| place.topic == topic)
            .map(|place| place.partition)
            .collect();
        own.sort_unstable();
        let reads = if own.is_empty() { "none of this topic".to_owned() } else { listed(&own) };
        let mut facts =
            vec![Fact::new("reads", reads, None), Fact::new("member id", member.id.clone(), None)];
        if let Some(instance) = &member.instance_id {
            facts.push(Fact::new("group.instance.id", instance.clone(), None));
        }
        if !group.assignor.is_empty() {
            facts.push(Fact::new("assignor", group.assignor.clone(), None));
        }
        rows.push(ConsumerRow {
            name: member.client_id.clone(),
            group: Some(group.id.clone()),
            host: Some(member.host.trim_start_matches('/').to_owned()),
            facts,
            ..ConsumerRow::default()
        });
    }
    rows
}

fn shape(topic: &Topic) -> Vec<Fact> {
    let replicas = topic.partitions.iter().map(|p| p.replicas.len()).max().unwrap_or(0);
    vec![
        Fact::new("partitions", topic.partitions.len().to_string(), Some("metadata")),
        Fact::new("replication factor", replicas.to_string(), Some("metadata")),
    ]
}

/// What was set comes before what is as shipped; each in the order of names.
fn facts(mut entries: Vec<ConfigEntry>) -> Vec<Fact> {
    entries.sort_by(|a, b| (rank(&a.source), &a.name).cmp(&(rank(&b.source), &b.name)));
    let fact = |entry: ConfigEntry| {
        let value = match entry.value {
            _ if entry.is_sensitive => "•••".to_owned(),
            Some(value) => value,
            None => "not told".to_owned(),
        };
        Fact::new(entry.name, value, Some(source(&entry.source)))
    };
    entries.into_iter().map(fact).collect()
}

fn rank(source: &ConfigSource) -> u8 {
    match source {
        ConfigSource::DynamicTopic => 0,
        ConfigSource::DynamicBroker | ConfigSource::DynamicDefaultBroker | ConfigSource::StaticBroker => 1,
        ConfigSource::Default | ConfigSource::Unknown => 2,
    }
}

fn source(source: &ConfigSource) -> &'static str {
    match source {
        ConfigSource::DynamicTopic => "topic",
        ConfigSource::DynamicBroker | ConfigSource::DynamicDefaultBroker | ConfigSource::StaticBroker => {
            "broker"
        }
        ConfigSource::Default => "default",
        ConfigSource::Unknown => "not told",
    }
}
