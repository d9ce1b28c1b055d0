//! What the brokers' own tools say.

use anyhow::{Context as _, Result};
use weir_tests::brokers::{Kafka, RabbitMq, Redis};

/// Messages and consumers of `hello`, by `rabbitmqctl`.
pub(crate) fn hello(rabbitmq: &RabbitMq) -> Result<(i64, i64)> {
    let told = rabbitmq.ctl(&["--silent", "list_queues", "name", "messages", "consumers"])?;
    let row = told.lines().find_map(|line| line.strip_prefix("hello\t")).with_context(|| told.clone())?;
    let (messages, consumers) = row.split_once('\t').with_context(|| told.clone())?;
    Ok((messages.trim().parse()?, consumers.trim().parse()?))
}

/// The messages of `my_queue` from left to right, by `redis-cli`.
pub(crate) fn my_queue(redis: &Redis) -> Result<Vec<String>> {
    let length: usize = redis.cli(&["LLEN", "my_queue"])?.parse()?;
    let messages = redis.cli(&["LRANGE", "my_queue", "0", "-1"])?;
    Ok(messages.lines().take(length).map(str::to_owned).collect())
}

/// Subscribers of `my_channel`, by `redis-cli`.
pub(crate) fn my_channel(redis: &Redis) -> Result<i64> {
    let told = redis.cli(&["PUBSUB", "NUMSUB", "my_channel"])?;
    Ok(told.lines().last().with_context(|| told.clone())?.trim().parse()?)
}

/// First and end offset of the one partition of `my_topic`, by Kafka's `GetOffsetShell`.
pub(crate) fn my_topic(kafka: &Kafka) -> Result<(i64, i64)> {
    let at = |time: &str| -> Result<i64> {
        let bootstrap = kafka.bootstrap();
        let args = ["--bootstrap-server", &bootstrap, "--topic", "my_topic", "--time", time];
        let told = kafka.tool("org.apache.kafka.tools.GetOffsetShell", &args)?;
        Ok(told.trim().strip_prefix("my_topic:0:").with_context(|| told.clone())?.parse()?)
    };
    Ok((at("earliest")?, at("latest")?))
}

/// Each group's lag on `my_topic`, by Kafka's `kafka-consumer-groups`.
pub(crate) fn groups(kafka: &Kafka) -> Result<Vec<(String, i64)>> {
    let told = kafka.tool(
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
        &["--bootstrap-server", &kafka.bootstrap(), "--describe", "--all-groups"],
    )?;
    // GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG …
    let rows = told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.get(1) == Some(&"my_topic"))
        .map(|row| Ok(((*row[0]).to_owned(), row.get(5).context("no lag")?.parse()?)))
        .collect()
}
