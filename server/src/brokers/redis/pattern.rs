//! What the operator wants listed: `queue:*`, `my_queue`, `list:x`, `stream:x`, `channel:x`.

use weir_model::QueueKind;

/// One entry of `include`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// `None`: whatever stands under the name.
    pub(super) kind: Option<QueueKind>,
    pub(super) name: Name,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// One key, asked for directly.
    Exact(Vec<u8>),
    /// A pattern as `SCAN MATCH` takes it.
    Glob(Vec<u8>),
}

impl Pattern {
    /// Everything there is.
    pub(super) fn everything() -> Self {
        Self { kind: None, name: Name::Glob(b"*".to_vec()) }
    }

    /// Reads an entry of `include`. `\` takes the meaning from the character after it, as in Redis.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (kind, name) = match text.split_once(':') {
            Some(("list", name)) => (Some(QueueKind::RedisList), name),
            Some(("stream", name)) => (Some(QueueKind::RedisStream), name),
            Some(("channel", name)) => (Some(QueueKind::RedisChannel), name),
            _ => (None, text),
        };
        if name.is_empty() {
            return Err(format!(
                "\"{text}\" names nothing: write a key or a pattern, as in queue:* or list:jobs"
            ));
        }
        Ok(Self { kind, name: Name::parse(name) })
    }

    /// True where something of `kind` is meant too.
    pub(super) fn covers(&self, kind: QueueKind) -> bool {
        self.kind.is_none_or(|own| own == kind)
    }
}

impl Name {
    fn parse(text: &str) -> Self {
        let mut plain = Vec::with_capacity(text.len());
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'*' | b'?' | b'[' => return Self::Glob(text.as_bytes().to_vec()),
                b'\\' => plain.push(bytes.next().unwrap_or(b'\\')),
                _ => plain.push(byte),
            }
        }
        Self::Exact(plain)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn exact(text: &str) -> Name {
        Name::Exact(text.as_bytes().to_vec())
    }

    fn glob(text: &str) -> Name {
        Name::Glob(text.as_bytes().to_vec())
    }

    #[test]
    fn given_entries_of_include_when_read_then_kind_and_name_come_apart() {
        let cases = [
            ("my_queue", None, exact("my_queue")),
            ("queue:*", None, glob("queue:*")),
            ("list:x", Some(QueueKind::RedisList), exact("x")),
            ("stream:a:b", Some(QueueKind::RedisStream), exact("a:b")),
            ("channel:news?", Some(QueueKind::RedisChannel), glob("news?")),
            ("list:list:x", Some(QueueKind::RedisList), exact("list:x")),
            (r"odd\*name", None, exact("odd*name")),
        ];
        for (text, kind, name) in cases {
            assert_eq!(Pattern::parse(text).unwrap(), Pattern { kind, name }, "{text}");
        }
    }

    #[test]
    fn given_an_entry_without_a_name_when_read_then_it_is_refused() {
        for bad in ["", "list:", "channel:"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }
}
