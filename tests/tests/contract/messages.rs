//! Publishing and reading.

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use weir::brokers::{Broker, BrokerError, Browse};
use weir_model::{
    QueueKind, QueueObservation, Timestamp,
    message::{
        BodyEncoding, BodyInput, BrowseFrom, BrowseRequest, BrowseStart, Field, Message, MessageShape,
        PeekRequest, PublishRequest,
    },
};
use weir_tests::{unique, wait};

use crate::subject::{SEEN_WITHIN, Subject, adapter, bodies, observe, seen_with_depth};

/// What a request for one message looks like: fields or a body, as the shape says.
fn request(shape: MessageShape, bytes: &[u8]) -> PublishRequest {
    if shape == MessageShape::Entry {
        let value = String::from_utf8_lossy(bytes).into_owned();
        return PublishRequest {
            fields: Some(vec![Field { name: "body".to_owned(), value }]),
            ..PublishRequest::default()
        };
    }
    let body = BodyInput { encoding: BodyEncoding::Base64, data: STANDARD.encode(bytes) };
    PublishRequest { body: body.into(), ..PublishRequest::default() }
}

/// Where reading begins to reach every message: at the oldest, or at one end where no end is the oldest.
fn from_the_start(browse: &dyn Browse, queue: &QueueObservation) -> BrowseFrom {
    let has_ends = browse.starts(queue).contains(&BrowseStart::Left);
    if has_ends { BrowseFrom::Left } else { BrowseFrom::Oldest }
}

/// A place that a start can mean.
fn a_place(start: BrowseStart) -> BrowseFrom {
    match start {
        BrowseStart::Newest => BrowseFrom::Newest,
        BrowseStart::Oldest => BrowseFrom::Oldest,
        BrowseStart::Left => BrowseFrom::Left,
        BrowseStart::Right => BrowseFrom::Right,
        BrowseStart::Offset => BrowseFrom::Offset(0),
        BrowseStart::Id => BrowseFrom::Id("0-1".to_owned()),
        BrowseStart::Time => BrowseFrom::Time(Timestamp(1)),
    }
}

/// All messages with their whole bodies, for free or at the price that is asked.
async fn read_all(broker: &dyn Broker, queue: &QueueObservation) -> Result<Vec<(Message, Vec<u8>)>> {
    if broker.abilities(queue).browse.allowed {
        let browse = broker.browse().context("an ability without its capability")?;
        let from = Some(from_the_start(browse, queue));
        let page = browse
            .browse(queue, &BrowseRequest { from, limit: 1000, partition: None, read_committed: false })
            .await?;
        let mut read = Vec::new();
        for message in page.items {
            match browse.body(queue, &message.position).await {
                Ok(bytes) => read.push((message, bytes)),
                // A queue that is in use may have let go of its oldest between the page and the body.
                Err(BrokerError::NotFound(_) | BrokerError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        return Ok(read);
    }
    let peek = broker.peek().context("neither browse nor peek")?;
    let price = peek.price(queue).await?;
    ensure!(price.refused.is_none() && !price.text.is_empty(), "{price:?}");
    let refused = peek.peek(queue, &PeekRequest { limit: 10, accept: vec![] }).await;
    ensure!(refused.is_err() || price.effects.is_empty(), "a price that was not accepted was taken");
    let peeked = peek.peek(queue, &PeekRequest { limit: 1000, accept: price.effects }).await?;
    Ok(peeked.page.items.into_iter().zip(peeked.bodies).collect())
}

async fn listed<S: Subject>(
    s: &S,
    broker: &dyn Broker,
    kind: QueueKind,
    messages: usize,
) -> Result<(String, QueueObservation)> {
    let name = unique("messages");
    let id = s.make(kind, &name, &bodies(messages)).await?;
    let seen = wait::until("the queue is listed", SEEN_WITHIN, || async {
        observe(broker, &[(id.clone(), kind)]).await.ok()?.queues.into_iter().find(|q| q.id == id)
    });
    Ok((name, seen.await?))
}

pub async fn given_any_bytes_when_published_then_they_are_read_back_exactly<S: Subject>(s: &S) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let (_, queue) = listed(s, &*broker, kind, 0).await?;
        let binary: Vec<u8> = (0..=255).collect();
        let text = "größe 日本 </script> \u{1F600}".as_bytes().to_vec();
        let mut sent = vec![text, b"{\"not\": json".to_vec(), Vec::new()];
        if kind != QueueKind::RedisStream {
            sent.push(binary);
        }
        let publish = broker.publish().context("every kind publishes")?;
        for bytes in &sent {
            let receipt = publish.publish(&queue, &request(publish.shape(&queue), bytes)).await?;
            ensure!(receipt.published == 1 && !receipt.text.is_empty(), "{receipt:?}");
        }
        let read = read_all(&*broker, &queue).await?;
        for sent in sent {
            let found = read.iter().find(|(_, bytes)| *bytes == sent);
            let (message, _) = found.with_context(|| format!("{kind} lost {sent:?}: {read:?}"))?;
            ensure!(message.body.is_some(), "{kind} takes an empty body for none");
        }
    }
    Ok(())
}

pub async fn given_a_repeat_when_published_then_all_are_held<S: Subject>(s: &S) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let (name, queue) = listed(s, &*broker, kind, 1).await?;
        let publish = broker.publish().context("every kind publishes")?;
        let many = PublishRequest { repeat: Some(500), ..request(publish.shape(&queue), b"again") };
        let receipt = publish.publish(&queue, &many).await?;
        ensure!(receipt.published == 500, "{receipt:?}");
        wait::until_eq("the broker's own count", SEEN_WITHIN, 501, || s.held(kind, &name)).await?;
    }
    Ok(())
}

pub async fn given_a_field_of_another_kind_when_published_then_it_is_named_and_nothing_is_sent<S: Subject>(
    s: &S,
) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let (_, queue) = listed(s, &*broker, kind, 0).await?;
        let (mut foreign, field) = s.foreign_field(kind);
        let publish = broker.publish().context("every kind publishes")?;
        let good = request(publish.shape(&queue), b"never sent");
        (foreign.body, foreign.fields) = (good.body, foreign.fields.or(good.fields));
        let answer = publish.publish(&queue, &foreign).await;
        match answer {
            Err(BrokerError::Invalid(errors)) => {
                ensure!(
                    errors.iter().any(|e| e.field == field && !e.message.is_empty()),
                    "{kind}: {errors:?}"
                );
            }
            other => anyhow::bail!("{kind} took {field}: {other:?}"),
        }
        let read = read_all(&*broker, &queue).await?;
        ensure!(read.iter().all(|(_, bytes)| bytes != b"never sent"), "{kind} sent it all the same");
    }
    Ok(())
}

pub async fn given_a_start_that_is_offered_when_read_from_then_messages_come<S: Subject>(
    s: &S,
) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let (name, queue) = listed(s, &*broker, kind, 3).await?;
        let Some(browse) = broker.browse().filter(|_| broker.abilities(&queue).browse.allowed) else {
            continue;
        };
        wait::until_eq("the broker's own count", SEEN_WITHIN, 3, || s.held(kind, &name)).await?;
        ensure!(!browse.starts(&queue).is_empty(), "{kind} is read for free, but from nowhere");
        for &start in browse.starts(&queue) {
            let from = Some(a_place(start));
            let request = BrowseRequest { from, limit: 10, partition: None, read_committed: false };
            let page = browse.browse(&queue, &request).await?;
            ensure!(page.items.len() == 3, "{kind} from {start:?}: {:?}", page.items);
        }
    }
    Ok(())
}

pub async fn given_more_than_a_page_when_browsed_then_pages_hold_each_message_once<S: Subject>(
    s: &S,
) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let name = unique("paged");
        let id = s.make(kind, &name, &bodies(25)).await?;
        let queue = seen_with_depth(&*broker, &id, kind, 25).await?;
        if !broker.abilities(&queue).browse.allowed {
            continue;
        }
        let browse = broker.browse().context("an ability without its capability")?;
        let mut from = Some(from_the_start(browse, &queue));
        let mut positions = Vec::new();
        while let Some(start) = from.take() {
            let request =
                BrowseRequest { from: Some(start), limit: 10, partition: None, read_committed: false };
            let page = browse.browse(&queue, &request).await?;
            ensure!(page.items.len() <= 10, "a page of {}", page.items.len());
            positions.extend(page.items.into_iter().map(|m| m.position));
            ensure!(positions.len() <= 40, "pages never end: {positions:?}");
            from = page.next.map(|next| next.parse()).transpose()?;
        }
        let mut distinct = positions.clone();
        distinct.sort();
        distinct.dedup();
        ensure!(distinct.len() == 25 && positions.len() == 25, "{kind}: {positions:?}");
    }
    Ok(())
}
