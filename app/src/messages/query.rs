//! What the messages tab shows, as it stands in its address.

use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};
use weir_model::{
    Problem, Timestamp,
    message::{BrowseFrom, BrowseRequest},
};

use crate::ui::address::with_query;

/// Messages of a page that names no limit.
pub const LIMIT: u32 = 50;
/// Messages of a page at most.
pub const MOST: u32 = 1000;

/// How a body is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyView {
    #[default]
    Tree,
    Text,
    Hex,
}

impl BodyView {
    pub const ALL: [Self; 3] = [Self::Tree, Self::Text, Self::Hex];

    /// The word in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Text => "text",
            Self::Hex => "hex",
        }
    }
}

/// The parameters of the address, as they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagesQuery {
    /// `oldest`, `newest`, `left`, `right`, `offset`, `id`, `time`; or `offset:5`.
    pub from: Option<String>,
    /// The offset, id or time, where the form gave it apart.
    pub at: Option<String>,
    pub partition: Option<String>,
    pub limit: Option<String>,
    pub committed: Option<String>,
    /// A page that was paid for.
    pub peek: Option<String>,
    /// Position of the message that is open.
    pub open: Option<String>,
    pub view: Option<String>,
}

impl MessagesQuery {
    #[must_use]
    pub fn read(map: &ParamsMap) -> Self {
        let text = |name: &str| map.get_str(name).map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned);
        Self {
            from: text("from"),
            at: text("at"),
            partition: text("partition"),
            limit: text("limit"),
            committed: text("committed"),
            peek: text("peek"),
            open: text("open"),
            view: text("view"),
        }
    }

    /// What is read from the server: the same query whichever message is open.
    #[must_use]
    pub fn without_drawer(&self) -> Self {
        Self { open: None, view: None, ..self.clone() }
    }

    /// The address of this query on a page.
    #[must_use]
    pub fn href(&self, path: &str) -> String {
        let fields: [(&str, &Option<String>); 8] = [
            ("from", &self.from),
            ("at", &self.at),
            ("partition", &self.partition),
            ("limit", &self.limit),
            ("committed", &self.committed),
            ("peek", &self.peek),
            ("open", &self.open),
            ("view", &self.view),
        ];
        with_query(path, &fields.map(|(name, value)| (name, value.as_deref())))
    }

    /// The same page with a message open.
    #[must_use]
    pub fn opening(&self, position: &str) -> Self {
        Self { open: Some(position.to_owned()), ..self.clone() }
    }

    /// How the open body is shown.
    ///
    /// # Errors
    /// The word is none of [`BodyView::ALL`].
    pub fn body_view(&self) -> Result<BodyView, Problem> {
        let Some(word) = self.view.as_deref() else { return Ok(BodyView::default()) };
        let known = BodyView::ALL.map(BodyView::as_str);
        let wrong = || Problem::field("view", format!("\"{word}\" is none of {}", known.join(", ")));
        BodyView::ALL.into_iter().find(|view| view.as_str() == word).ok_or_else(wrong)
    }

    /// The request that the parameters ask for.
    ///
    /// # Errors
    /// One of them is wrong: it is named.
    pub fn request(&self) -> Result<BrowseRequest, Problem> {
        Ok(BrowseRequest {
            from: self.start()?,
            limit: number(self.limit.as_deref(), "limit")?.unwrap_or(LIMIT),
            partition: number(self.partition.as_deref(), "partition")?,
            read_committed: self.committed.is_some(),
        })
    }

    fn start(&self) -> Result<Option<BrowseFrom>, Problem> {
        let Some(from) = &self.from else { return Ok(None) };
        let (word, at) = match from.split_once(':') {
            Some((word, at)) => (word, Some(at)),
            None => (from.as_str(), self.at.as_deref()),
        };
        read_from(word, at).map(Some)
    }
}

/// Reads where reading begins.
fn read_from(word: &str, at: Option<&str>) -> Result<BrowseFrom, Problem> {
    let needed = |example: &str| Problem::field("at", format!("it is missing: write for instance {example}"));
    match word {
        "oldest" => Ok(BrowseFrom::Oldest),
        "newest" => Ok(BrowseFrom::Newest),
        "left" => Ok(BrowseFrom::Left),
        "right" => Ok(BrowseFrom::Right),
        "offset" => {
            let text = at.ok_or_else(|| needed("1200"))?;
            let offset = text.parse().ok().filter(|n: &i64| *n >= 0);
            let wrong = || Problem::field("at", format!("\"{text}\" is no offset: a whole number from 0 on"));
            offset.map(BrowseFrom::Offset).ok_or_else(wrong)
        }
        "id" => at.map(|id| BrowseFrom::Id(id.to_owned())).ok_or_else(|| needed("1700000000000-0")),
        "time" => read_time(at.ok_or_else(|| needed("2030-01-31T12:00:00Z"))?).map(BrowseFrom::Time),
        _ => Err(Problem::field(
            "from",
            format!("\"{word}\" is none of oldest, newest, left, right, offset, id, time"),
        )),
    }
}

/// A time in RFC 3339; without an offset it is UTC, and `T` may be a space.
fn read_time(text: &str) -> Result<Timestamp, Problem> {
    let with_t = text.replacen(' ', "T", 1);
    let candidates =
        [with_t.clone(), format!("{with_t}Z"), format!("{with_t}:00Z"), format!("{with_t}T00:00:00Z")];
    candidates
        .iter()
        .find_map(|candidate| Timestamp::parse(candidate).ok())
        .ok_or_else(|| Problem::field("at", format!("\"{text}\" is no time: write 2030-01-31T12:00:00Z")))
}

fn number<T: std::str::FromStr>(text: Option<&str>, field: &str) -> Result<Option<T>, Problem> {
    let wrong = |text| Problem::field(field, format!("\"{text}\" is no whole number in its range"));
    text.map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}

/// The request that reads the message at a position first: `partition:offset`, an offset, or an entry's id. A
/// list's positions move, so they can't be read again.
#[must_use]
pub fn at_position(position: &str) -> Option<BrowseRequest> {
    let request =
        |from, partition| BrowseRequest { from: Some(from), limit: 1, partition, read_committed: false };
    if let Some((partition, offset)) = position.split_once(':') {
        return Some(request(BrowseFrom::Offset(offset.parse().ok()?), Some(partition.parse().ok()?)));
    }
    if position.contains('~') {
        return None;
    }
    let offset = position.parse().ok().map(BrowseFrom::Offset);
    Some(request(offset.unwrap_or_else(|| BrowseFrom::Id(position.to_owned())), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(from: &str, at: &str) -> MessagesQuery {
        let text = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
        MessagesQuery { from: text(from), at: text(at), ..MessagesQuery::default() }
    }

    #[test]
    fn given_a_form_or_a_link_when_read_then_both_mean_the_same() {
        let from = |from, at| query(from, at).request().map(|r| r.from);
        assert_eq!(from("offset", "5"), Ok(Some(BrowseFrom::Offset(5))));
        assert_eq!(from("offset:5", ""), Ok(Some(BrowseFrom::Offset(5))));
        assert_eq!(from("id:1-0", ""), Ok(Some(BrowseFrom::Id("1-0".to_owned()))));
        assert_eq!(from("newest", ""), Ok(Some(BrowseFrom::Newest)));
        assert_eq!(from("", ""), Ok(None));
        assert_eq!(from("time", "1970-01-01 00:01"), Ok(Some(BrowseFrom::Time(Timestamp(60_000)))));
        assert_eq!(from("time:1970-01-01T00:00:01Z", ""), Ok(Some(BrowseFrom::Time(Timestamp(1_000)))));
    }

    #[test]
    fn given_a_wrong_parameter_when_read_then_it_is_named() {
        for (wrong, field) in [
            (query("middle", ""), "from"),
            (query("offset", "-1"), "at"),
            (query("offset", ""), "at"),
            (query("time", "noon"), "at"),
            (MessagesQuery { limit: Some("many".to_owned()), ..MessagesQuery::default() }, "limit"),
            (MessagesQuery { partition: Some("x".to_owned()), ..MessagesQuery::default() }, "partition"),
        ] {
            let named = wrong.request().map_err(|p| p.errors.first().map(|e| e.field.clone()));
            assert_eq!(named.err().flatten().as_deref(), Some(field), "{wrong:?}");
        }
    }

    #[test]
    fn given_a_view_that_there_is_not_when_read_then_those_there_are_are_named() {
        let view = |word: &str| {
            MessagesQuery { view: Some(word.to_owned()), ..MessagesQuery::default() }.body_view()
        };
        assert_eq!(view("hex"), Ok(BodyView::Hex));
        assert!(view("pretty").is_err_and(|problem| problem.detail.contains("tree, text, hex")));
    }

    #[test]
    fn given_a_position_when_read_again_then_reading_begins_there() {
        let from = |position| at_position(position).map(|r| (r.from, r.partition));
        assert_eq!(from("2:339"), Some((Some(BrowseFrom::Offset(339)), Some(2))));
        assert_eq!(from("17"), Some((Some(BrowseFrom::Offset(17)), None)));
        assert_eq!(from("1700-0"), Some((Some(BrowseFrom::Id("1700-0".to_owned())), None)));
        assert_eq!(from("17~9f3a"), None);
    }

    #[test]
    fn given_an_open_message_when_linked_then_the_page_stays_the_same() {
        let open = query("oldest", "").opening("0:17");
        assert_eq!(open.href("/m"), "/m?from=oldest&open=0:17");
        assert_eq!(open.without_drawer().href("/m"), "/m?from=oldest");
    }
}
