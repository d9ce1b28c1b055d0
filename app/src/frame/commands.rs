//! What the command palette offers beside queues: what can be done with the queue of the page, and places to go.

use weir_model::{BrokerCard, QueueId};

use crate::{
    queues::texts::PRESETS,
    texts as words,
    ui::{Icon, address::with_query, visible},
};

/// A thing to do. It is a link: everything in Weir has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub sign: Icon,
    pub text: String,
    /// Said in grey behind it.
    pub note: String,
    pub href: String,
}

impl Command {
    /// True where each word of `typed` occurs in it.
    pub(super) fn matches(&self, typed: &str) -> bool {
        let text = self.text.to_lowercase();
        typed.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    /// True where it is what is being typed.
    pub(super) fn begins_with(&self, typed: &str) -> bool {
        self.text.to_lowercase().starts_with(&typed.trim().to_lowercase())
    }
}

/// The commands of a page, those for its queue first.
pub(super) fn commands(path: &str, brokers: &[BrokerCard]) -> Vec<Command> {
    let mut commands = of_queue(path);
    commands.extend(words::PLACES.map(|(text, href)| Command {
        sign: match href {
            "/queues" => Icon::Queues,
            "/settings" => Icon::Settings,
            _ => Icon::Overview,
        },
        text: text.to_owned(),
        note: words::PLACE.to_owned(),
        href: href.to_owned(),
    }));
    commands.extend(brokers.iter().map(|card| Command {
        sign: Icon::Link,
        text: words::queues_of(&card.name),
        note: card.kind.title().to_owned(),
        href: with_query("/queues", &[("broker", Some(&card.name))]),
    }));
    commands.extend(PRESETS.iter().filter(|(_, filter)| !filter.is_empty()).map(|(name, filter)| Command {
        sign: Icon::Filter,
        text: words::queues_that(name),
        note: (*filter).to_owned(),
        href: with_query("/queues", &[("q", Some(filter))]),
    }));
    commands
}

/// What can be done with the queue of the page at `path`.
fn of_queue(path: &str) -> Vec<Command> {
    let Some((base, name)) = queue_of(path) else { return Vec::new() };
    let command = |(text, tab): (&str, &str)| Command {
        sign: match tab {
            "publish" => Icon::Send,
            "purge" => Icon::Trash,
            "messages" => Icon::Eye,
            _ => Icon::Right,
        },
        text: text.to_owned(),
        note: name.clone(),
        href: if tab.is_empty() { base.clone() } else { format!("{base}/{tab}") },
    };
    words::QUEUE_COMMANDS.map(command).to_vec()
}

/// Address and name of the queue that a page is about.
fn queue_of(path: &str) -> Option<(String, String)> {
    let (broker, rest) = path.strip_prefix("/brokers/")?.split_once("/queues/")?;
    let id = rest.split('/').next().filter(|id| !id.is_empty())?;
    let parts = id.parse::<QueueId>().ok()?.parts();
    let name = String::from_utf8_lossy(parts.last()?).into_owned();
    Some((format!("/brokers/{broker}/queues/{id}"), visible(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_the_page_of_a_queue_when_asked_what_can_be_done_then_its_acts_come_first() {
        let commands = commands("/brokers/orders/queues/~2f:hello/messages", &[]);
        let publish = commands.iter().find(|command| command.href.ends_with("/publish"));
        assert_eq!(
            publish.map(|c| (c.href.as_str(), c.note.as_str())),
            Some(("/brokers/orders/queues/~2f:hello/publish", "hello"))
        );
        assert!(commands[0].href.starts_with("/brokers/"));
        assert!(commands.iter().any(|command| command.href == "/settings"));
    }

    #[test]
    fn given_words_when_matched_then_each_has_to_occur() {
        let commands = commands("/", &[]);
        let found = |typed: &str| commands.iter().filter(|c| c.matches(typed)).count();
        assert_eq!(found("overview"), 1);
        assert_eq!(found("overview queues"), 0);
        assert!(found("queues growing") == 1 && commands.iter().any(|c| c.begins_with("over")));
    }
}
