//! Reading what Redis answers: values of either protocol version, and what its errors mean.

use redis::{ServerError, Value};
use weir_model::{Reading, Unknown, UnknownCode};

use super::super::BrokerError;

/// The answer to one command of a pipeline: errors of the server stay with their command.
pub(super) type Reply = Result<Value, ServerError>;

pub(super) fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) => Some(*n),
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        Value::SimpleString(text) => text.parse().ok(),
        _ => None,
    }
}

pub(super) fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text.into_bytes()),
        Value::Int(n) => Some(n.to_string().into_bytes()),
        Value::Okay => Some(b"OK".to_vec()),
        _ => None,
    }
}

/// A text, lossy where it is not UTF-8.
pub(super) fn text(value: Value) -> Option<String> {
    bytes(value).map(|b| String::from_utf8_lossy(&b).into_owned())
}

/// The items of an array; none of anything else.
pub(super) fn items(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) | Value::Set(items) => items,
        _ => Vec::new(),
    }
}

/// Names and values, be they a flat array (RESP2) or a map.
pub(super) fn pairs(value: Value) -> Vec<(String, Value)> {
    let named = |(name, value)| text(name).map(|name| (name, value));
    match value {
        Value::Map(pairs) => pairs.into_iter().filter_map(named).collect(),
        other => {
            let mut items = items(other).into_iter();
            let mut pairs = Vec::new();
            while let (Some(name), Some(value)) = (items.next(), items.next()) {
                pairs.extend(named((name, value)));
            }
            pairs
        }
    }
}

/// A whole number, or why there is none.
pub(super) fn number(reply: Reply, command: &str) -> Reading {
    let value = reply.map_err(|error| unknown(&error, command))?;
    int(&value).ok_or_else(|| {
        Unknown::new(UnknownCode::Unsupported, format!("{command} answered something unforeseen"))
    })
}

/// Why a figure is missing when `command` was answered with an error.
pub(super) fn unknown(error: &ServerError, command: &str) -> Unknown {
    let said = said(error);
    match error.code() {
        "NOPERM" => Unknown::new(UnknownCode::NoPermission, not_allowed(error.details(), command)),
        "LOADING" => Unknown::new(UnknownCode::NotYet, "the server is loading its data"),
        "MASTERDOWN" => {
            Unknown::new(UnknownCode::BrokerDown, "the replica has lost its master and answers no reads")
        }
        "MOVED" | "ASK" => {
            Unknown::new(UnknownCode::Unsupported, "the key stands on another node of the cluster")
        }
        _ => Unknown::new(UnknownCode::Unsupported, format!("{command} was refused: {said}")),
    }
}

/// Which right is missing, by the words behind `NOPERM`: that to the command, to the key, or to the channel.
pub(super) fn not_allowed(words: Option<&str>, command: &str) -> String {
    let words = words.unwrap_or_default();
    // Of several commands the server names the one: "… no permissions to run the 'xinfo|stream' command".
    match words.split('\'').nth(1) {
        Some(rule) => {
            let command = rule.replace('|', " ").to_ascii_uppercase();
            format!("the account may not use {command}: it lacks the ACL rule +{rule}")
        }
        None if words.contains(" key") => {
            format!(
                "the account may use {command}, but not on this key: it lacks an ACL rule ~pattern for it"
            )
        }
        None if words.contains(" channel") => {
            format!(
                "the account may use {command}, but not on this channel: it lacks an ACL rule &pattern for it"
            )
        }
        None => format!("the account may not use {command}: {words}"),
    }
}

pub(super) fn is_denied(error: &ServerError) -> bool {
    error.code() == "NOPERM"
}

pub(super) fn is_wrong_type(error: &ServerError) -> bool {
    error.code() == "WRONGTYPE"
}

/// The server's own words, without its error code where that is the plain `ERR`.
pub(super) fn said(error: &ServerError) -> String {
    match (error.code(), error.details()) {
        ("ERR", Some(details)) => details.to_owned(),
        (code, Some(details)) => format!("{code} {details}"),
        (code, None) => code.to_owned(),
    }
}

/// The server's no to an act of an operator.
pub(super) fn refusal(error: &ServerError, command: &str) -> BrokerError {
    BrokerError::Refused(match error.code() {
        "NOPERM" => format!("nothing was done: {}", not_allowed(error.details(), command)),
        "READONLY" => {
            "the server is a read-only replica: connect Weir to its master to change anything".to_owned()
        }
        "OOM" => {
            "the server's memory is full and it evicts nothing (maxmemory, noeviction): it takes no writes"
                .to_owned()
        }
        _ => format!("Redis refused {command}: {}", said(error)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_either_protocol_when_pairs_are_read_then_they_are_the_same() {
        let name = || Value::BulkString(b"length".to_vec());
        let flat = Value::Array(vec![name(), Value::Int(3)]);
        let map = Value::Map(vec![(name(), Value::Int(3))]);
        assert_eq!(pairs(flat), pairs(map));
    }

    #[test]
    fn given_each_right_that_can_be_missing_when_refused_then_its_acl_rule_is_named() {
        let refused = |words: &str| {
            let line = format!("-NOPERM {words}\r\n");
            let error = match redis::parse_redis_value(line.as_bytes()) {
                Ok(Value::ServerError(error)) => error,
                other => panic!("{other:?}"),
            };
            not_allowed(error.details(), "the read")
        };
        for (words, rule) in [
            (
                "this user has no permissions to run the 'xinfo|stream' command",
                "XINFO STREAM: it lacks the ACL rule +xinfo|stream",
            ),
            ("User ana has no permissions to run the 'lrange' command", "+lrange"),
            ("this user has no permissions to access one of the keys used as arguments", "~pattern"),
            ("No permissions to access a channel", "&pattern"),
        ] {
            assert!(refused(words).contains(rule), "{}", refused(words));
        }
    }

    #[test]
    fn given_a_nil_when_read_as_a_number_then_it_is_unknown_and_not_zero() {
        assert_eq!(int(&Value::Nil), None);
        assert!(number(Ok(Value::Nil), "LLEN").is_err());
    }
}
