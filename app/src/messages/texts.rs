//! The English words of reading, publishing and purging messages.

use weir_model::message::{BrowseStart, MessagePage, StopReason};

use super::query::BodyView;
use crate::ui::format;

pub(super) const MESSAGES: &str = "Messages";
pub(super) const POSITION: &str = "Position";
pub(super) const TIME: &str = "Time";
pub(super) const NO_TIME: &str = "the message carries no time";
pub(super) const SIZE: &str = "Size";
pub(super) const KEY: &str = "Key";
pub(super) const HEADERS: &str = "Headers";
pub(super) const PROPERTIES: &str = "Properties";
pub(super) const BODY: &str = "Body";
pub(super) const TOMBSTONE: &str = "tombstone";
pub(super) const TOMBSTONE_TEXT: &str = "A tombstone: it has no body and deletes its key.";
pub(super) const NEXT: &str = "Next page";
pub(super) const STOP_LIMIT: &str = "as many as were asked for";
pub(super) const STOP_END: &str = "there are no more";
pub(super) const STOP_BYTES: &str = "the page holds 16 MiB at most";
pub(super) const STOP_TIME: &str = "the broker took too long for more";
pub(super) const STOP_DELIVERY: &str = "the next message is within one of its delivery limit";
pub(super) const NONE_TITLE: &str = "No messages";
pub(super) const CLOSED_TITLE: &str = "Messages can't be read here";
/// Behind why nothing can be read: why nobody can listen either.
pub(super) fn no_tap(reason: &str) -> String {
    format!(". Listening to what passes: {reason}.")
}

pub(super) const GONE: &str =
    "The message of this link is not on this page: it was consumed, or others came before it.";

pub(super) const FROM: &str = "Start from";

/// The text of a place where reading can begin.
pub(super) fn start(start: BrowseStart) -> &'static str {
    match start {
        BrowseStart::Newest => "Newest",
        BrowseStart::Oldest => "Oldest",
        BrowseStart::Left => "Left end",
        BrowseStart::Right => "Right end",
        BrowseStart::Offset => "At an offset",
        BrowseStart::Id => "At an id",
        BrowseStart::Time => "At a time",
    }
}

/// What may be typed beside the start: the words of the places that take a value.
pub(super) fn at_hint(starts: &[BrowseStart]) -> Option<String> {
    let words: Vec<&str> =
        starts.iter().filter(|start| start.takes_value()).map(|start| start.as_str()).collect();
    (!words.is_empty()).then(|| words.join(" or "))
}

pub(super) const PARTITION: &str = "Partition";
pub(super) const LIMIT: &str = "At most";
pub(super) const COMMITTED: &str = "committed only";
pub(super) const READ: &str = "Read";

pub(super) const PRICE_TITLE: &str = "Reading this queue changes its messages";
pub(super) const ACCEPT_REDELIVERED: &str =
    "I accept that the next consumer sees each message flagged as redelivered.";
pub(super) const ACCEPT_DELIVERY_COUNT: &str =
    "I accept that the delivery count of each message grows by one.";
pub(super) const PEEK: &str = "Read";
pub(super) const PAID: &str = "Taken and given back once: looking again changes nothing, for a while. ";
pub(super) const PAY_AGAIN: &str = "Read anew";

pub(super) const PREVIOUS: &str = "Previous message";
pub(super) const FOLLOWING: &str = "Next message";
pub(super) const DOWNLOAD: &str = "Download the exact bytes of the body";
pub(super) const CLOSE: &str = "Close";
pub(super) const CONTENT: &str = "Content of the message";
pub(super) const EXCHANGE: &str = "Exchange";
pub(super) const ROUTING_KEY: &str = "Routing key";
pub(super) const MESSAGE_KEY: &str = "Key";
pub(super) const REDELIVERED: &str = "Redelivered";
pub(super) const YES: &str = "yes";
pub(super) const NO: &str = "no";
pub(super) const DEFAULT_EXCHANGE: &str = "(default exchange)";
pub(super) const HOW_IT_GOT_HERE: &str = "How it got here";
pub(super) const HERE: &str = "here";
pub(super) const SHOW_AS: &str = "Show the body as";
pub(super) const TRUNCATED: &str = "The body is longer than what is shown; the download has all of it.";
pub(super) const MORE_BYTES: &str = "The first bytes only; the download has all of them.";

pub(super) fn messages(n: usize) -> String {
    format::counted(i64::try_from(n).unwrap_or(i64::MAX), "message", "messages")
}

pub(super) fn none_text(page: &MessagePage) -> String {
    let why = page.stopped_detail.clone();
    why.unwrap_or_else(|| match page.stopped {
        StopReason::TimeBudget => "The broker did not answer in time.".to_owned(),
        _ => "Nothing stands here. It may be empty, or the start lies behind the last message.".to_owned(),
    })
}

pub(super) fn partition_hint(partitions: usize) -> String {
    format!("all {partitions}")
}

/// A position as it is told: the part behind a tilde finds an element of a list again and says nothing to a reader.
pub(super) fn place(position: &str) -> &str {
    position.split('~').next().unwrap_or(position)
}

pub(super) fn message(position: &str) -> String {
    format!("Message {}", place(position))
}

pub(super) fn of_page(at: usize, all: usize) -> String {
    format!("{} of {all} on this page", at + 1)
}

pub(super) fn deaths(count: i64) -> String {
    format::counted(count, "death", "deaths")
}

pub(super) fn death_reason(reason: &str) -> String {
    reason.replace('_', " ")
}

/// Before the age of a page of messages.
pub(super) const READ_AT: &str = "read ";

pub(super) fn body_view(view: BodyView) -> &'static str {
    match view {
        BodyView::Tree => "Tree",
        BodyView::Text => "Text",
        BodyView::Hex => "Hex",
    }
}

/// What stands behind the sign of a folded value: " 3 … ]".
pub(super) fn values(n: usize, open: &str, close: &str) -> String {
    let noun = if open == "[" { ("item", "items") } else { ("key", "keys") };
    format!(" {} {close}", format::counted(i64::try_from(n).unwrap_or(i64::MAX), noun.0, noun.1))
}
