//! Messages as AMQP delivers them, for the screen.

use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, ShortString},
};
use weir_model::message::{Header, Message};

use super::values::{header, moment, whole};
use crate::brokers::{SHOWN_BODY_LIMIT, bare_message, shown_body};

/// A delivery as a message at a position, for the screen.
pub(super) fn message(position: impl Into<String>, delivery: &Delivery) -> Message {
    Message { body: Some(shown_body(&delivery.data, SHOWN_BODY_LIMIT)), ..without_body(position, delivery) }
}

/// The same with all of its body, for a copy.
pub(super) fn whole_message(position: impl Into<String>, delivery: &Delivery) -> Message {
    Message { body: Some(shown_body(&delivery.data, usize::MAX)), ..without_body(position, delivery) }
}

fn without_body(position: impl Into<String>, delivery: &Delivery) -> Message {
    Message {
        timestamp: delivery.properties.timestamp().map(moment),
        routing_key: Some(delivery.routing_key.to_string()),
        exchange: Some(delivery.exchange.to_string()),
        redelivered: Some(delivery.redelivered),
        headers: headers(&delivery.properties),
        properties: properties(&delivery.properties),
        size: delivery.data.len() as u64,
        ..bare_message(position)
    }
}

/// The whole number under a header's name, where there is one.
pub(super) fn header_number(properties: &BasicProperties, name: &str) -> Option<i64> {
    properties.headers().as_ref().and_then(|headers| whole(headers.inner().get(name)?))
}

fn headers(properties: &BasicProperties) -> Vec<Header> {
    let headers = properties.headers().iter().flat_map(|headers| headers.inner());
    headers.map(|(name, value)| header(name.as_str(), value)).collect()
}

fn properties(properties: &BasicProperties) -> Vec<Header> {
    let text = |value: &Option<ShortString>| value.clone().map(AMQPValue::ShortString);
    let small = |value: &Option<u8>| value.map(AMQPValue::ShortShortUInt);
    [
        ("content_type", text(properties.content_type())),
        ("content_encoding", text(properties.content_encoding())),
        ("delivery_mode", small(properties.delivery_mode())),
        ("priority", small(properties.priority())),
        ("correlation_id", text(properties.correlation_id())),
        ("reply_to", text(properties.reply_to())),
        ("expiration", text(properties.expiration())),
        ("message_id", text(properties.message_id())),
        ("timestamp", properties.timestamp().map(AMQPValue::Timestamp)),
        ("type", text(properties.kind())),
        ("user_id", text(properties.user_id())),
        ("app_id", text(properties.app_id())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(header(name, &value?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use lapin::types::FieldTable;
    use serde_json::json;
    use weir_model::Timestamp;

    use super::*;

    #[test]
    fn given_a_delivery_with_everything_when_shown_then_all_of_it_is_there() {
        let mut table = FieldTable::default();
        table.insert("x-delivery-count".into(), AMQPValue::LongLongInt(3));
        let properties = BasicProperties::default()
            .with_content_type("application/json".into())
            .with_priority(7)
            .with_timestamp(1_700_000_000)
            .with_headers(table);
        assert_eq!(header_number(&properties, "x-delivery-count"), Some(3));
        assert_eq!(header_number(&properties, "x-other"), None);
        let mut delivery = Delivery::mock(1, "ex".into(), "rk".into(), true, b"{}".to_vec());
        delivery.properties = properties;
        let message = message("0", &delivery);
        assert_eq!(message.timestamp, Some(Timestamp(1_700_000_000_000)));
        assert_eq!((message.size, message.redelivered), (2, Some(true)));
        let named = |name: &str| message.properties.iter().find(|p| p.name == name).map(|p| p.value.clone());
        assert_eq!(named("content_type"), Some(json!("application/json")));
        assert_eq!(named("priority"), Some(json!(7)));
        assert_eq!(message.headers[0].kind, "long");
    }
}
