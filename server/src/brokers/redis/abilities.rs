//! What can be done with lists, streams and channels, and why not.

use weir_model::{
    QueueKind, QueueObservation,
    message::{BrowseStart, MessageShape},
    queue::{Abilities, Ability},
};

use super::super::NOTHING_PASSES;

pub(super) fn abilities(queue: &QueueObservation) -> Abilities {
    let peek = Ability::no("reading is free here: browse");
    let tap = Ability::no(NOTHING_PASSES);
    match queue.kind {
        QueueKind::RedisChannel => Abilities {
            browse: Ability::no(
                "Redis stores nothing of a channel: what is published goes to those who listen just then",
            ),
            peek: Ability::no("Redis stores nothing of a channel, so there is nothing to read"),
            publish: Ability::yes_but("only those who subscribe just then receive it"),
            purge: Ability::no("Redis stores nothing of a channel, so there is nothing to purge"),
            tap: Ability::yes_but("while it runs Weir is one more subscriber, whom PUBLISH counts"),
        },
        QueueKind::RedisStream => Abilities {
            browse: Ability::yes(),
            peek,
            publish: publish(queue, "adding an entry creates the stream again"),
            purge: Ability::yes_but(
                "groups stay; entries that are pending in a group are removed too, but stay listed there as pending",
            ),
            tap,
        },
        _ => Abilities {
            browse: Ability::yes(),
            peek,
            publish: publish(queue, "a push creates the list again"),
            purge: Ability::yes_but(
                "what consumers have popped already is not here any more and is not affected",
            ),
            tap,
        },
    }
}

/// Where reading can begin. Which end of a list is the older one is the application's secret.
pub(super) fn starts(kind: QueueKind) -> &'static [BrowseStart] {
    match kind {
        QueueKind::RedisList => &[BrowseStart::Left, BrowseStart::Right],
        QueueKind::RedisStream => {
            &[BrowseStart::Newest, BrowseStart::Oldest, BrowseStart::Id, BrowseStart::Time]
        }
        _ => &[],
    }
}

/// What is pushed, added or published.
pub(super) fn shape(kind: QueueKind) -> MessageShape {
    match kind {
        QueueKind::RedisList => MessageShape::List,
        QueueKind::RedisStream => MessageShape::Entry,
        _ => MessageShape::Plain,
    }
}

fn publish(queue: &QueueObservation, when_gone: &str) -> Ability {
    if queue.vanished { Ability::yes_but(when_gone) } else { Ability::yes() }
}
