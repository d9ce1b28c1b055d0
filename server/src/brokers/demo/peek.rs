//! Reading a classic or quorum queue, at a made-up price that reads like the real one.

use weir_model::{
    QueueKind,
    message::{MessagePage, PeekRequest, Price, PricedEffect, StopReason},
};

use super::{
    super::{BrokerError, Peeked},
    read,
    sequence::Entry,
    state::Queue,
};

/// RabbitMQ's own default.
const DELIVERY_LIMIT: i64 = 20;

pub(super) fn price(kind: QueueKind) -> Result<Price, BrokerError> {
    let redelivered = "Messages are taken and given back: their next consumer sees the redelivered flag.";
    match kind {
        QueueKind::RabbitmqClassic => Ok(Price {
            effects: vec![PricedEffect::Redelivered],
            delivery_limit: None,
            text: vec![redelivered.to_owned()],
            refused: None,
        }),
        QueueKind::RabbitmqQuorum => Ok(Price {
            effects: vec![PricedEffect::Redelivered, PricedEffect::DeliveryCount],
            delivery_limit: Some(DELIVERY_LIMIT),
            text: vec![
                redelivered.to_owned(),
                format!("Their delivery count grows by one, of {DELIVERY_LIMIT} that are allowed."),
            ],
            refused: None,
        }),
        _ => Err(BrokerError::Refused("reading is free here: browse".to_owned())),
    }
}

pub(super) fn peek(queue: &mut Queue, request: &PeekRequest, t: i64) -> Result<Peeked, BrokerError> {
    let price = price(queue.model.kind)?;
    if price.effects.iter().any(|effect| !request.accept.contains(effect)) {
        return Err(BrokerError::Conflict(price.text.join(" ")));
    }
    let mut held = queue.unacknowledged(t);
    let is_ready = |offset: &u64| {
        let is_held = held > 0 && matches!(queue.sequences[0].entry(*offset), Entry::MadeUp(_));
        held -= u64::from(is_held);
        !is_held
    };
    let limit = request.limit as usize;
    let offsets: Vec<u64> = queue.readable(0, t).into_iter().flatten().filter(is_ready).take(limit).collect();
    let (mut items, mut bodies) = (Vec::new(), Vec::new());
    for (n, &offset) in offsets.iter().enumerate() {
        let (mut message, body) = read::message(queue, 0, offset);
        message.position = n.to_string();
        message.redelivered = Some(offset < queue.peeked_to);
        items.push(message);
        bodies.push(body.unwrap_or_default());
    }
    queue.redelivered += offsets.len() as u64;
    queue.peeked_to = queue.peeked_to.max(offsets.last().map_or(0, |last| last + 1));
    let stopped = if offsets.len() == limit { StopReason::Limit } else { StopReason::End };
    let page = MessagePage {
        items,
        stopped,
        stopped_detail: None,
        next: None,
        peek_id: None,
        notes: vec!["Messages that consumers hold are not shown".to_owned()],
    };
    Ok(Peeked { page, bodies })
}
