//! How a queue is named in an address: one path segment that no proxy rewrites.
//!
//! The parts (vhost and name; db, type and key; topic) are joined by `:`, and in a part each byte outside
//! `A-Za-z0-9._-` is written `~hh` with two lower-case hex digits: a bijection between lists of byte strings
//! and canonical ids.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// The id of a queue within its broker, always in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "~2f:hello"))]
pub struct QueueId(String);

/// A text that is no queue id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("byte {at} must be a letter, a digit, one of . _ - : or ~hh with two lower-case hex digits")]
    BadByte { at: usize },
    #[error("~{hex} at byte {at} stands for a byte that is written as itself")]
    NotCanonical { at: usize, hex: String },
    #[error("it is empty")]
    Empty,
}

impl QueueId {
    /// Writes the parts as an id.
    #[must_use]
    pub fn from_parts<P: AsRef<[u8]>>(parts: &[P]) -> Self {
        let mut id = String::new();
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                id.push(':');
            }
            for &byte in part.as_ref() {
                push_byte(&mut id, byte);
            }
        }
        Self(id)
    }

    /// Reads the parts back: the inverse of [`QueueId::from_parts`].
    #[must_use]
    pub fn parts(&self) -> Vec<Vec<u8>> {
        self.0.split(':').map(decode_part).collect()
    }

    /// The part at `n` as text, lossy where it is not UTF-8.
    #[must_use]
    pub fn part_text(&self, n: usize) -> Option<String> {
        self.0.split(':').nth(n).map(|p| String::from_utf8_lossy(&decode_part(p)).into_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn push_byte(id: &mut String, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    if is_plain(byte) {
        id.push(char::from(byte));
    } else {
        id.push('~');
        id.push(char::from(HEX[usize::from(byte >> 4)]));
        id.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

/// Decodes a part that is known to be canonical.
fn decode_part(part: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        match tail {
            [high, low, after @ ..] if *first == b'~' => {
                bytes.push(hex_value(*high).unwrap_or(0) << 4 | hex_value(*low).unwrap_or(0));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl FromStr for QueueId {
    type Err = IdError;

    fn from_str(s: &str) -> Result<Self, IdError> {
        if s.is_empty() {
            return Err(IdError::Empty);
        }
        let bytes = s.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b':' => at += 1,
                b if is_plain(b) => at += 1,
                b'~' => {
                    let digit = |n: usize| bytes.get(n).copied().and_then(hex_value);
                    let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
                        return Err(IdError::BadByte { at });
                    };
                    if is_plain(high << 4 | low) {
                        return Err(IdError::NotCanonical { at, hex: s[at + 1..at + 3].to_owned() });
                    }
                    at += 3;
                }
                _ => return Err(IdError::BadByte { at }),
            }
        }
        Ok(Self(s.to_owned()))
    }
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for QueueId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn given_the_examples_of_the_interface_when_encoded_then_they_read_as_documented() {
        assert_eq!(QueueId::from_parts(&["/", "hello"]).as_str(), "~2f:hello");
        assert_eq!(QueueId::from_parts(&["0", "list", "queue:email"]).as_str(), "0:list:queue~3aemail");
        assert_eq!(QueueId::from_parts(&["my_topic"]).as_str(), "my_topic");
    }

    #[test]
    fn given_a_second_spelling_of_an_id_when_read_then_it_is_refused() {
        for bad in ["~2F", "~61", "~2", "a b", "é", "a/b", "~zz", ""] {
            assert!(bad.parse::<QueueId>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn given_any_bytes_when_encoded_then_they_come_back(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 1..4)) {
            let id = QueueId::from_parts(&parts);
            prop_assert_eq!(id.parts(), parts);
            prop_assert_eq!(id.as_str().parse::<QueueId>(), Ok(id.clone()));
        }

        #[test]
        fn given_any_text_when_it_reads_as_an_id_then_it_is_canonical(text in "[a-c~0-9:./]{1,12}") {
            if let Ok(id) = text.parse::<QueueId>() {
                prop_assert_eq!(QueueId::from_parts(&id.parts()), id);
            }
        }
    }
}
