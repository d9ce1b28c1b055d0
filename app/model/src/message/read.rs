//! Messages as they are shown.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::publish::BodyEncoding;
use crate::Timestamp;

/// A message body. Shown inert, never interpreted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Body {
    /// `utf-8` where all bytes are text, else `base64`.
    pub encoding: BodyEncoding,
    pub data: String,
    /// The body is longer than `data`.
    pub truncated: bool,
}

/// A header or property value of any wire type, with the type's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Header {
    pub name: String,
    /// The wire type: `string`, `long`, `bool`, `table`, `bytes` …
    #[serde(rename = "type")]
    pub kind: String,
    pub value: serde_json::Value,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Where it stands: `partition:offset`, an entry id, an offset, `index~hash` of a list, the number of a peek.
    pub position: String,
    pub timestamp: Option<Timestamp>,
    /// Kafka's key; `null` without one.
    pub key: Option<String>,
    pub routing_key: Option<String>,
    pub exchange: Option<String>,
    pub redelivered: Option<bool>,
    pub headers: Vec<Header>,
    /// Properties beside the headers: content type, priority, message id; all fields of a Redis stream entry.
    pub properties: Vec<Header>,
    /// Bytes of the body on the broker.
    pub size: u64,
    /// `null` is a Kafka tombstone.
    pub body: Option<Body>,
}

/// Where reading begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrowseFrom {
    Oldest,
    Newest,
    /// The left end of a list, index 0.
    Left,
    /// The right end of a list, index -1.
    Right,
    Offset(i64),
    /// A Redis stream id.
    Id(String),
    Time(Timestamp),
}

impl fmt::Display for BrowseFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oldest => f.write_str("oldest"),
            Self::Newest => f.write_str("newest"),
            Self::Left => f.write_str("left"),
            Self::Right => f.write_str("right"),
            Self::Offset(offset) => write!(f, "offset:{offset}"),
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Time(time) => write!(f, "time:{time}"),
        }
    }
}

/// A text that says of no place to begin reading at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is none of oldest, newest, left, right, offset:N, id:ID, time:RFC3339")]
pub struct UnknownStart(pub String);

impl FromStr for BrowseFrom {
    type Err = UnknownStart;

    fn from_str(text: &str) -> Result<Self, UnknownStart> {
        let unknown = || UnknownStart(text.to_owned());
        match text.split_once(':') {
            Some(("offset", offset)) => {
                offset.parse().ok().filter(|n| *n >= 0).map(Self::Offset).ok_or_else(unknown)
            }
            Some(("id", id)) if !id.is_empty() => Ok(Self::Id(id.to_owned())),
            Some(("time", time)) => Timestamp::parse(time).map(Self::Time).map_err(|_| unknown()),
            _ => match text {
                "oldest" => Ok(Self::Oldest),
                "newest" => Ok(Self::Newest),
                "left" => Ok(Self::Left),
                "right" => Ok(Self::Right),
                _ => Err(unknown()),
            },
        }
    }
}

/// Free reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowseRequest {
    /// `None`: the kind's usual end (newest for logs, left for lists).
    pub from: Option<BrowseFrom>,
    /// 1 to 1,000.
    pub limit: u32,
    pub partition: Option<i32>,
    /// Kafka: leave out what no committed transaction wrote.
    pub read_committed: bool,
}

/// Why a page of messages ends where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StopReason {
    /// As many as were asked for.
    Limit,
    /// There are no more.
    End,
    /// The byte budget (16 MiB) is used up.
    ByteBudget,
    /// The time budget is used up.
    TimeBudget,
    /// A quorum queue's message is within one of its delivery limit.
    DeliveryLimit,
}

/// Messages read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePage {
    pub items: Vec<Message>,
    pub stopped: StopReason,
    /// What `stopped` means here, as a sentence.
    pub stopped_detail: Option<String>,
    /// `from` of the next page; `null` where there is none.
    pub next: Option<String>,
    /// Set by a peek: under this id the same page can be looked at again for free, for a while.
    pub peek_id: Option<String>,
    /// What to know about the page ("20 messages are held by an open transaction").
    pub notes: Vec<String>,
}

/// What a priced read does to the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PricedEffect {
    /// The next consumer sees the redelivered flag.
    Redelivered,
    /// The delivery count grows by one.
    DeliveryCount,
}

/// The price of reading a classic or quorum queue, told before it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Price {
    /// All must be accepted.
    pub effects: Vec<PricedEffect>,
    /// A quorum queue's effective delivery limit; `null` without one.
    pub delivery_limit: Option<i64>,
    /// Sentences for the operator.
    pub text: Vec<String>,
    /// Why reading is refused altogether.
    pub refused: Option<String>,
}

/// Priced reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeekRequest {
    /// 1 to 1,000.
    pub limit: u32,
    #[serde(default)]
    pub accept: Vec<PricedEffect>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_any_start_when_written_then_it_reads_back() {
        for start in
            ["oldest", "newest", "left", "right", "offset:7", "id:1-0", "time:2026-01-01T00:00:00.000Z"]
        {
            assert_eq!(start.parse::<BrowseFrom>().map(|s| s.to_string()), Ok(start.to_owned()));
        }
        for bad in ["", "offset:-1", "offset:x", "id:", "time:noon", "first"] {
            assert_eq!(bad.parse::<BrowseFrom>(), Err(UnknownStart(bad.to_owned())));
        }
    }
}
