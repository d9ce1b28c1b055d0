//! Doing what a row of the table names, by Weir's adapter, and all that is said where something is not allowed.

use anyhow::Result;
use async_trait::async_trait;
use weir::{
    brokers::{self, Broker, BrokerError, CopySink, ObserveContext},
    config::BrokerConfig,
};
use weir_model::{
    Metric, Observation, QueueKind, QueueObservation, UnknownCode,
    message::{
        BodyEncoding, BodyInput, BrowseRequest, Message, PeekRequest, PricedEffect, PublishRequest,
        PurgeRequest, Side,
    },
};

use super::Goods;

/// Words by which a text is known to be about the account's rights.
const ABOUT_RIGHTS: [&str; 3] = ["may not", "lacks", "hidden"];

/// `Err`: what Weir says.
pub(crate) async fn attempt(config: &BrokerConfig, feature: &str, goods: &Goods) -> Result<(), String> {
    let broker = brokers::connect(config).map_err(|error| error.to_string())?;
    if feature == "observe" {
        return observe(broker.as_ref(), &goods.queues).await;
    }
    if feature == "count the commands on lists" {
        return count(broker.as_ref(), &goods.queue).await;
    }
    let mut refused = Vec::new();
    for queue in &goods.queues {
        let done = act(broker.as_ref(), feature, queue, goods.exchange.as_deref()).await;
        refused.extend(done.err().map(|error| error.to_string()));
    }
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n")) }
}

/// All is known, and all queues are there.
async fn observe(broker: &dyn Broker, queues: &[QueueObservation]) -> Result<(), String> {
    let seen = broker.observe(&ObserveContext::default()).await.map_err(|error| error.to_string())?;
    let mut said = denied(&seen);
    let steps = broker.check().await;
    let about_rights = |text: &&String| ABOUT_RIGHTS.iter().any(|words| text.contains(words));
    said.extend(steps.iter().map(|step| &step.detail).filter(about_rights).cloned());
    let failed = steps.iter().filter(|step| step.passed != Some(true));
    said.extend(failed.map(|step| format!("{}: {}", step.step, step.detail)));
    let missing = queues.iter().filter(|queue| !seen.queues.iter().any(|other| other.id == queue.id));
    said.extend(missing.map(|queue| format!("{} is not listed", queue.name)));
    if said.is_empty() { Ok(()) } else { Err(said.join("\n")) }
}

/// The first look begins to listen to the list, the second has counts.
async fn count(broker: &dyn Broker, list: &str) -> Result<(), String> {
    let mut told = Err("the list is not listed".to_owned());
    for _ in 0..2 {
        let seen = broker.observe(&ObserveContext::default()).await.map_err(|error| error.to_string())?;
        if let Some(list) = seen.queues.iter().find(|queue| queue.name == list) {
            let figures = [Metric::Pushes, Metric::Takes].map(|metric| list.figures.get(&metric).cloned());
            let known: Option<Result<Vec<i64>, _>> = figures.into_iter().collect();
            told = known.ok_or("there are no such figures")?.map(drop).map_err(|why| why.detail);
        }
    }
    told
}

/// What an observation leaves unknown because of the account.
fn denied(seen: &Observation) -> Vec<String> {
    let facts = seen.health.iter().map(|fact| &fact.text);
    let about_rights = |text: &&String| ABOUT_RIGHTS.iter().any(|words| text.contains(words));
    let facts = facts.filter(about_rights).cloned();
    // The counts of commands need more than looking does, and are told apart.
    let counted = |metric: &Metric| matches!(metric, Metric::Pushes | Metric::Takes);
    let figures = seen.queues.iter().flat_map(|queue| &queue.figures);
    let of_queues = figures.filter(|(metric, _)| !counted(metric)).map(|(_, figure)| figure);
    let of_groups =
        seen.queues.iter().flat_map(|queue| &queue.groups).flat_map(|group| group.figures.values());
    let unknown = of_queues.chain(of_groups).filter_map(|figure| figure.as_ref().err());
    let denied = unknown.filter(|why| why.code == UnknownCode::NoPermission).map(|why| why.detail.clone());
    facts.chain(denied).collect()
}

async fn act(
    broker: &dyn Broker,
    feature: &str,
    queue: &QueueObservation,
    exchange: Option<&str>,
) -> Result<(), BrokerError> {
    let nothing = || BrokerError::Refused(format!("{} has no such feature", queue.kind));
    match feature {
        "describe" => describe(broker, queue).await,
        "browse" => browse(broker, queue).await,
        "peek" => {
            let accept = vec![PricedEffect::Redelivered, PricedEffect::DeliveryCount];
            let request = PeekRequest { limit: 1, accept };
            broker.peek().ok_or_else(nothing)?.peek(queue, &request).await.map(drop)
        }
        "publish" | "publish to an exchange" => {
            for request in messages(queue.kind, exchange) {
                broker.publish().ok_or_else(nothing)?.publish(queue, &request).await?;
            }
            Ok(())
        }
        "purge" => broker.purge().ok_or_else(nothing)?.purge(queue, &PurgeRequest::default()).await.map(drop),
        "purge with a copy" => {
            let drain = broker.drain().ok_or_else(nothing)?;
            drain.drain(queue, &PurgeRequest::default(), &mut Nowhere).await.map(drop)
        }
        "listen to a channel" => {
            let mut listening = broker.tap().ok_or_else(nothing)?.tap(queue).await?;
            listening.catch_up().await?;
            listening.stop().await;
            Ok(())
        }
        other => Err(BrokerError::Refused(format!("the test does not know the feature {other}"))),
    }
}

async fn describe(broker: &dyn Broker, queue: &QueueObservation) -> Result<(), BrokerError> {
    let description = broker.describe(queue).await?;
    let facts = description.configuration.into_iter().map(|fact| fact.value);
    let texts = facts.chain(description.consumers_note);
    match texts.into_iter().find(|text| ABOUT_RIGHTS.iter().any(|words| text.contains(words))) {
        Some(text) => Err(BrokerError::Refused(text)),
        None => Ok(()),
    }
}

/// A page, and the body of its first message.
async fn browse(broker: &dyn Broker, queue: &QueueObservation) -> Result<(), BrokerError> {
    let nothing = || BrokerError::NotFound("no message came".to_owned());
    let browse = broker.browse().ok_or_else(nothing)?;
    let request = BrowseRequest { from: None, limit: 10, partition: None, read_committed: false };
    let page = browse.browse(queue, &request).await?;
    let first = page.items.first().ok_or_else(nothing)?;
    browse.body(queue, &first.position).await.map(drop)
}

/// One for each way there is.
fn messages(kind: QueueKind, exchange: Option<&str>) -> Vec<PublishRequest> {
    let input = || BodyInput { encoding: BodyEncoding::Utf8, data: "x".to_owned() };
    let plain = PublishRequest {
        body: input().into(),
        exchange: exchange.map(str::to_owned),
        ..PublishRequest::default()
    };
    match kind {
        QueueKind::RedisList => [Side::Left, Side::Right]
            .map(|side| PublishRequest { side: Some(side), ..plain.clone() })
            .to_vec(),
        _ => vec![plain],
    }
}

/// A copy that nobody wants.
struct Nowhere;

#[async_trait]
impl CopySink for Nowhere {
    async fn write(&mut self, _: &Message) -> Result<(), BrokerError> {
        Ok(())
    }

    async fn sync(&mut self) -> Result<(), BrokerError> {
        Ok(())
    }
}
