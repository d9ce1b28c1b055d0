//! The English words of publishing.

use crate::ui::format;

pub(super) const SEND: &str = "Publish";
pub(super) const SENDING: &str = "Publishing…";
pub(super) const CLOSE: &str = "Close";
pub(super) const AUDITED: &str = "Written to the activity of the queue";
pub(super) const NOT_DONE: &str = "Nothing was done.";
pub(super) const OUTCOME_UNKNOWN: &str = "Whether it was done is unknown: look before you try again.";

pub(super) const EXCHANGE: &str = "Exchange";
pub(super) const EXCHANGE_HINT: &str = "the default exchange";
pub(super) const ROUTING_KEY: &str = "Routing key";
pub(super) const PROPERTIES: &str = "Properties";
pub(super) const PERSISTENT: &str = "Persistent";
pub(super) const SIDE: &str = "Push to the";
pub(super) const LEFT: &str = "left end";
pub(super) const RIGHT: &str = "right end";
pub(super) const KEY: &str = "Key";
pub(super) const NO_KEY: &str = "none";
pub(super) const PARTITION: &str = "Partition";
pub(super) const PARTITION_HINT: &str = "by key";
pub(super) const TIMESTAMP: &str = "Timestamp";
pub(super) const TIMESTAMP_HINT: &str = "now";
pub(super) const TOMBSTONE: &str = "Tombstone: no body, deletes the key";
pub(super) const BODY: &str = "Body";
pub(super) const BASE64: &str = "is base64";
pub(super) const HEADERS: &str = "Headers";
pub(super) const FIELDS: &str = "Fields";
pub(super) const NAME: &str = "name";
pub(super) const VALUE: &str = "value";
pub(super) const ADD: &str = "Add a row";
pub(super) const REPEAT: &str = "Repeat";

/// Name of the field, what is typed into it, and its hint, of the properties in their fold.
pub(super) const PROPERTY_FIELDS: [(&str, &str, &str); 7] = [
    ("content_type", "Content type", "application/json"),
    ("priority", "Priority", "0 to 255"),
    ("correlation_id", "Correlation id", ""),
    ("reply_to", "Reply to", ""),
    ("expiration", "Expires after, ms", "never"),
    ("message_id", "Message id", ""),
    ("type", "Type", ""),
];

pub(super) fn title(name: &str) -> String {
    format!("Publish to {name}")
}

/// What a body is, while it is typed.
pub(super) fn body_check(body: &str, is_base64: bool) -> String {
    let size = format::bytes(body.len() as u64);
    if is_base64 {
        return format!("base64, {size} of text");
    }
    if !body.trim_start().starts_with(['{', '[']) {
        return format!("text, {size}");
    }
    match super::super::json::check(body) {
        Ok(()) => format!("valid JSON, {size}"),
        Err(reason) => format!("looks like JSON and is none: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_body_when_checked_then_it_says_what_it_is() {
        assert_eq!(body_check("{\"a\":1}", false), "valid JSON, 7 B");
        assert_eq!(body_check("hello", false), "text, 5 B");
        assert!(body_check("{\"a\":}", false).contains("line 1 column 6"));
        assert_eq!(body_check("AAA=", true), "base64, 4 B of text");
    }
}
