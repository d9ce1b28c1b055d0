//! JSON as a tree that keeps what was written: the order of keys, keys that come twice, every digit of a number.

use serde::de::IgnoredAny;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// `null`, `true`, `false` or a number, as it was written.
    Plain(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Values in it, itself among them.
    #[must_use]
    pub fn size(&self) -> usize {
        1 + match self {
            Self::Plain(_) | Self::Text(_) => 0,
            Self::List(items) => items.iter().map(Self::size).sum(),
            Self::Object(entries) => entries.iter().map(|(_, node)| node.size()).sum(),
        }
    }
}

/// The tree of a text that is JSON, `None` for any other. Nesting beyond 128 levels is no JSON here.
#[must_use]
pub fn tree(text: &str) -> Option<Node> {
    check(text).ok()?;
    let mut reader = Reader { text, at: 0 };
    reader.value()
}

/// Checks a text, with what is wrong and where.
///
/// # Errors
/// It is no JSON: the reason, with line and column.
pub fn check(text: &str) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|error| error.to_string())
}

/// Walks over a text that is known to be JSON.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self) -> Option<Node> {
        match self.peek()? {
            b'{' => self.entries().map(Node::Object),
            b'[' => self.items().map(Node::List),
            b'"' => self.string().map(Node::Text),
            _ => {
                let start = self.at;
                let rest = self.text.as_bytes().get(start..)?;
                self.at += rest
                    .iter()
                    .take_while(|b| !matches!(b, b',' | b']' | b'}') && !b.is_ascii_whitespace())
                    .count();
                Some(Node::Plain(self.text.get(start..self.at)?.to_owned()))
            }
        }
    }

    /// Steps over the sign that opens, parts or closes; `true` while there is more.
    fn more(&mut self, end: u8) -> Option<bool> {
        let sign = self.peek()?;
        self.at += 1;
        if sign == end {
            return Some(false);
        }
        let is_empty = matches!(sign, b'[' | b'{') && self.peek()? == end;
        self.at += usize::from(is_empty);
        Some(!is_empty)
    }

    fn items(&mut self) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        while self.more(b']')? {
            items.push(self.value()?);
        }
        Some(items)
    }

    fn entries(&mut self) -> Option<Vec<(String, Node)>> {
        let mut entries = Vec::new();
        while self.more(b'}')? {
            self.peek()?;
            let name = self.string()?;
            self.peek()?;
            self.at += 1;
            entries.push((name, self.value()?));
        }
        Some(entries)
    }

    fn string(&mut self) -> Option<String> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let mut end = 1;
        while *rest.get(end)? != b'"' {
            end += if rest[end] == b'\\' { 2 } else { 1 };
        }
        let quoted: &'a str = self.text.get(self.at..=self.at + end)?;
        self.at += end + 1;
        serde_json::from_str(quoted).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn given_json_when_read_then_order_twins_and_digits_are_kept() {
        let node =
            tree(r#" {"z": 1.10, "a": [ ], "a": {"q\"": "x\u00e4", "n": 123456789012345678901234567890}} "#);
        let Some(Node::Object(entries)) = node else { panic!("{node:?}") };
        let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["z", "a", "a"]);
        assert_eq!(entries[0].1, Node::Plain("1.10".to_owned()));
        assert_eq!(entries[1].1, Node::List(Vec::new()));
        let long = Node::Plain("123456789012345678901234567890".to_owned());
        assert_eq!(
            entries[2].1,
            Node::Object(vec![("q\"".to_owned(), Node::Text("xä".to_owned())), ("n".to_owned(), long)])
        );
    }

    #[test]
    fn given_no_json_when_read_then_there_is_no_tree_and_the_reason_has_its_place() {
        assert_eq!(tree("{\"a\": }"), None);
        assert_eq!(tree("hello"), None);
        assert!(check("{\"a\": }").is_err_and(|reason| reason.contains("line 1 column 7")));
        assert_eq!(tree(&"[".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn given_any_json_when_read_then_it_means_the_same(text in "[\\[\\]{}\",: a1\\\\]{0,24}") {
            prop_assert_eq!(tree(&text).is_some(), check(&text).is_ok(), "{}", text);
        }

        #[test]
        fn given_nested_values_when_read_then_their_number_is_kept(items in prop::collection::vec(".{0,6}", 0..6)) {
            let text = serde_json::to_string(&items).unwrap_or_default();
            prop_assert_eq!(tree(&text).map(|node| node.size()), Some(items.len() + 1));
        }
    }
}
